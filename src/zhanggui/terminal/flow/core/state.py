"""What a terminal knows: one frozen `State`, whose `stage` is one of the structs in `stages.py`.

Seconds are counted in ticks, never read off the clock: the clock may be set while somebody waits.
"""

from typing import Literal

import msgspec

from ....basics.numbers import BatchNo, MerchantNo, OperatorNo, RecordNo, TerminalNo, TraceNo, UnixMs
from ....basics.roles import Role
from ....basics.words import Lang
from ....cup.messages.slip_ticks import Mark
from ....cup.values.rules import TerminalRules
from ....cup.values.steps import Steps
from ...models.profiles import Profile
from ..words.text import Problem
from .events import ApprovedPayment, CheckResult, DayLine, PendingReversal, ReaderWay, ScriptNotice
from .noted.counter import Counter
from .noted.orders import OrderBox
from .noted.pace import Pace
from .payments import Doing
from .policy import HEARTBEAT_S
from .settlement import Settlement
from .stage import Off, Stage


class Lock(msgspec.Struct, frozen=True, kw_only=True):
    """A locked terminal, beside the stage: standby is out of reach while it stands in the state."""

    why: Literal["idle", "key", "order", "after_sale"]
    since: UnixMs
    told: Literal["no", "under_way", "yes"] = "no"
    """Whether the host knows."""
    tried_at: int = 0
    dropped: bool = False
    """True when an amount or a card was in hand; it is gone."""


class Forced(msgspec.Struct, frozen=True, kw_only=True):
    """What has to be done as soon as nothing else is going on."""

    order: Literal["sign_in", "lock", "sign_out", "settle"]
    problem: Problem | None = None
    """Why, beside `sign_in`."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a session without the host's full check may do."""

    until: UnixMs
    """By the terminal's clock."""
    sale_limit_fen: int
    reported: bool = False
    """True once the host opened its limited session; until then no payment can be made."""


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """What is fixed for one terminal from installation on."""

    profile: Profile
    terminal_no: TerminalNo
    merchant_no: MerchantNo
    support_phone: str = "400-000-0000 (demo)"
    """Whom the operator calls; a setting."""
    software: str = "zhanggui"
    """Name and version, as the slip's foot shows them."""
    answer_within_s: int = 60
    """How long an answer of the host is waited for; then it is none."""
    simulated: bool = True
    """True when the devices are virtual; every screen says so."""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """The operator who is signed in."""

    operator_no: OperatorNo
    operator_name: str
    role: Role
    session_no: int = 0
    """Number of the shift; 0 where the host did not tell one."""
    record_no: RecordNo
    """0 until the host knows of a sign-in without network."""
    day: str = ""
    """Host date of the sign-in, `2026-11-23`."""
    degraded: tuple[str, ...] = ()
    """What the self-check took away."""
    by_badge: bool = False
    """True while it stands on a badge alone: what takes money back or closes a batch asks for the password first."""
    slips_left: bool = False
    """True once this operator went on without the slips that wait: who signs in next is asked anew."""
    limits: Limits | None = None
    """Set for a session that began without network."""

    @property
    def offline(self) -> bool:
        """True while the host knows nothing of this session."""
        return self.limits is not None and not self.limits.reported


class Undo(msgspec.Struct, frozen=True, kw_only=True):
    """A payment in doubt, as the journal holds it, and what is being done about it."""

    reversal: PendingReversal
    under_way: bool = False
    """True while SendReversal waits for its answer."""
    tried_at: int | None = None
    """Tick of the last try since power-on."""
    settling: Literal["", "approval", "decline", "late", "reversed"] = ""
    """The `Remember…` that drops the reversal once the journal says it is durable."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What was typed of a payment when its session ended: it waits for the next sign-in."""

    doing: Doing
    """Kind and amount only: the card has gone back to its holder."""
    at: int
    """Tick at which it was kept."""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a terminal knows. It never holds a digit of a PIN or password, a full card number or a key."""

    machine: Machine
    lang: Lang = "zh"
    now: UnixMs = UnixMs(0)
    """The terminal's own clock at the last event."""
    tick: int = 0
    """Seconds since power-on."""
    stage: Stage = Off()
    entered_at: int = 0
    """Tick at which this stage was entered."""
    touched_at: int = 0
    """Tick of the last thing a person did."""
    page: int = 0
    """Pages turned by hand on this screen, on a display of four lines."""
    checks: tuple[CheckResult, ...] = ()
    trace_no: TraceNo = TraceNo("000000")
    """The last trace number used."""
    batch_no: BatchNo = BatchNo("000001")
    keys: Literal["none", "under_way", "ready", "failed"] = "none"
    """Working keys: the terminal's sign-on."""
    epoch: str = ""
    """The name of the last sign-on, as the host gave it; it goes with each payment."""
    drift_s: int = 0
    """Terminal clock minus host clock."""
    merchant_name: str = ""
    place: str = ""
    counter: Counter = Counter()
    """What the start screen says of shop, last sign-in and batch."""
    rules: TerminalRules = TerminalRules()
    """The host's policy, as the last good sign-in told it."""
    updated_from: str = ""
    """The program that ran before an update; empty when it is the same."""
    first_key_at: UnixMs | None = None
    """When the first key of this sign-in was pressed."""
    steps: Steps = ()
    """How long each step of this sign-in took so far; the self-check's stays until somebody is signed in."""
    eyes: str | None = None
    """What the operator looked at; None until somebody was asked."""
    without_line: bool = False
    """The host could not be reached, and policy lets operators sign in without it."""
    heard_at: int = 0
    """Tick of the last answer of the host that counts."""
    line_seen_at: int = 0
    """Tick at which the line was last seen or looked at."""
    line_tried_at: int = 0
    """Tick of the last try to reach the host in the background."""
    owed: tuple[OperatorNo, ...] = ()
    """Operators whose sign-ins without network the host has to be told of."""
    telling: OperatorNo | None = None
    """The one of them that is being told now."""
    lock: Lock | None = None
    forced: Forced | None = None
    beat_at: int = -HEARTBEAT_S
    """Tick of the last heartbeat. The first one is due with the first keys: it opens the line on which the host can ring."""
    beat_due: bool = False
    """A heartbeat is due ahead of its time: an order waits at the host, or its answer here."""
    box: OrderBox = OrderBox()
    """The host's orders, as the journal keeps them."""
    box_unkept: bool = False
    """True while the journal lacks what stands in the box."""
    busy_at: int = 0
    """Last tick at which a stage stood that may not be locked: the idle lock counts from here or from the last touch."""
    session: Session | None = None
    kept: Kept | None = None
    """The amount that a session which ended leaves to the next one."""
    unsent: tuple[tuple[BatchNo, TraceNo], ...] = ()
    """Payments whose signature the host does not have yet, the oldest first."""
    signature_tried_at: int | None = None
    """Tick of the last try since power-on to upload one."""
    is_uploading: bool = False
    """True while a signature waits for its answer."""
    scripts: tuple[ScriptNotice, ...] = ()
    """What became of issuers' scripts and the host does not know yet, the oldest first."""
    script_tried_at: int | None = None
    """Tick of the last try to tell the oldest of them."""
    script_tries: int = 0
    """How often it was tried in vain since power-on."""
    pace: Pace = Pace()
    """How quickly payments are answered."""
    undo: Undo | None = None
    late: tuple[PendingReversal, ...] = ()
    """What goes back at a wallet that has not decided it yet, in the order in which it is asked for again; no payment waits for it."""
    late_at: int = 0
    """Tick at which one of them was asked for last."""
    settlement: Settlement | None = None
    """The end of the batch, while it is under way: no payment begins meanwhile."""
    batch_since: str = ""
    """The shop day of the batch's first payment; empty while it has none."""
    print_pending: ApprovedPayment | None = None
    """Approved and remembered; its slips are not out yet."""
    merchant_copy_out: bool = False
    """True when the merchant copy of it came out since power-on; then only the cardholder's is missing."""
    last_sale: ApprovedPayment | None = None
    ticks: tuple[tuple[str, Mark], ...] = ()
    """What the host last said of merchant copies of today, each by batch and voucher number; a copy that was not asked after is not here."""
    today: tuple[DayLine, ...] = ()
    """Newest first, at most DAY_LINES_MAX."""
    earlier: tuple[DayLine, ...] = ()
    """Lines of the days before, newest first, as many: a batch goes on over midnight, and a later payment may be about one of them."""
    sales_count: int = 0
    sales_fen: int = 0
    chip_tries: int = 0
    """How often, one after the other, the slot for chips got no answer since a card was last read or standby came."""
    chip_tried_at: int = 0
    """Tick of the last such try."""
    reader: tuple[ReaderWay, ...] = ()
    """The ways by which a card is awaited now."""
    tray: tuple[str, ...] = ()
    """Ids of the slips that lie in the tray, newest last."""


def new_terminal(machine: Machine) -> State:
    """A terminal that is switched off; PoweredOn is its first event."""
    return State(machine=machine)
