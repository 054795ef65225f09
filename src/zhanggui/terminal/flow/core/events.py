"""What can happen to a terminal. The shell turns the world into these; the flow knows nothing else.

No event carries a PIN digit, a password, a full card number or a key: the pad and the reader keep them, the flow sees dots and masks.
"""

from typing import Literal, TypeAlias

import msgspec

from ....basics.numbers import BatchNo, Login, OperatorNo, RecordNo, Rrn, TraceNo, UnixMs
from ....basics.roles import Role
from ....basics.words import Lang
from ....cup.messages.settlement import Sums
from ....cup.messages.slip_ticks import Mark, TickVerb
from ....cup.order_kinds import OrderSheet
from ....cup.values import self_check
from ....cup.values.offline import OfflineTerms
from ....cup.values.undoing import Undoing
from .kept import FIRST_KIND as FIRST_KIND
from .kept import Again as Again
from .kept import ApprovedPayment as ApprovedPayment
from .kept import DayLine as DayLine
from .kept import EntryWay as EntryWay
from .kept import LineState as LineState
from .kept import Original as Original
from .kept import PendingReversal as PendingReversal
from .kept import ReaderWay as ReaderWay
from .kept import ReversalReason as ReversalReason
from .kept import ScriptNotice as ScriptNotice
from .kept import ScriptsSaid as ScriptsSaid
from .kept import ShownWay as ShownWay
from .noted.elsewhere import Elsewhere as Elsewhere
from .noted.memory import Memory as Memory
from .noted.memory import Record as Record
from .noted.settings import SetupFacts
from .settlement import KindSums

CheckState: TypeAlias = self_check.CheckState
CheckItem: TypeAlias = self_check.CheckItem
Failure = Literal["unreachable", "not_sent", "no_answer", "bad_mac", "bad_answer", "bad_keys", "card_gone"]
"""unreachable and not_sent: nothing left the terminal; no_answer: the line broke or time ran out after sending;
bad_mac, bad_answer: what came back is not to be trusted; bad_keys: a working key is wrong; card_gone: approved, and the card pulled out."""


class Event(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Base of all events; `now` is the terminal's own clock when it happened."""

    now: UnixMs


class PoweredOn(Event, frozen=True, tag=True, kw_only=True):
    """The machine starts, by its power key or with the program. What the journal remembers comes with it."""

    lang: Lang
    memory: Memory
    by_key: bool = False


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """One item of the self-check: its state and the reason's word key (`check.printer.no_paper`), empty when ok; of a battery its per cent."""

    item: CheckItem
    state: CheckState
    reason: str = ""
    charge: int | None = None


class SelfChecked(Event, frozen=True, tag=True, kw_only=True):
    """The self-check ended."""

    results: tuple[CheckResult, ...]


class KeyPressed(Event, frozen=True, tag=True, kw_only=True):
    """A key of the current screen: `0`–`9`, `00`, `enter`, `clear`, `cancel`, or the id of one of the screen's choices
    (`sale`, `sign_in`, `sign_out`, `reprint`, `wrong`, …). Digits typed while the PIN pad is collecting never come here."""

    key: str


class LangChosen(Event, frozen=True, tag=True, kw_only=True):
    """The person switched the language."""

    lang: Lang


class PinDots(Event, frozen=True, tag=True, kw_only=True):
    """The PIN pad holds `count` digits now."""

    count: int


class PinDone(Event, frozen=True, tag=True, kw_only=True):
    """The PIN pad finished: digits are inside and ready to be encrypted, or were skipped or given up."""

    outcome: Literal["entered", "skipped", "cancelled", "timed_out", "differs"]


class BadgeShown(Event, frozen=True, tag=True, kw_only=True):
    """An operator's badge was read where one is awaited. What it holds is in the PIN pad."""


class CardSeen(Event, frozen=True, tag=True, kw_only=True):
    """A card was read, or a payment code scanned in its place. The data stay with the reader; the flow sees the mask."""

    way: EntryWay
    masked_pan: str
    expiry_yymm: str
    label: str
    chip: bool
    """True when the card has a chip: a swiped chip card is asked to be inserted."""


class CardUnreadable(Event, frozen=True, tag=True, kw_only=True):
    """The reader saw a card and could not read it."""

    reason: str
    chip: bool = False
    """True where the slot for chips got no answer: the chip is broken or dirty, or the card lies the wrong way round."""


class NumberKeyed(Event, frozen=True, tag=True, kw_only=True):
    """The card number that was typed: the shell has it in its hand, as a card that was read. Empty: its check digit is wrong."""

    masked_pan: str = ""


class Ticked(Event, frozen=True, tag=True, kw_only=True):
    """A second passed: for time-outs, the clock on the screen and slow notices."""


class DeviceChanged(Event, frozen=True, tag=True, kw_only=True):
    """A device's state changed while in use (paper out, line down, battery low)."""

    result: CheckResult


LineSign = Literal["answered", "taken", "unreachable", "silent"]
"""What was seen of the line: an answer came that counts; the host took a call or said something that proves nothing; it could not be
called; what was sent to it got no answer."""


class LineSeen(Event, frozen=True, tag=True, kw_only=True):
    """Each exchange with the host shows how the line is, and so does each look at it."""

    sign: LineSign
    drift_s: int | None = None
    """Terminal clock minus host clock, once the host told its whole time."""


# ── answers of the host ──────────────────────────────────────────────────────


class HostFailed(Event, frozen=True, tag=True, kw_only=True):
    """No usable answer to the effect of this name (`SendSignOn` and so on)."""

    request: str
    failure: Failure


class SignedOn(Event, frozen=True, tag=True, kw_only=True):
    """0810 came with 39 = 00; keys are loaded and the clock offset is known."""

    batch_no: BatchNo
    host_now: UnixMs
    drift_s: int
    """Terminal clock minus host clock, in seconds."""
    trace_no: TraceNo | None = None
    """The number of the 0800."""
    epoch: str = ""
    """The name of this sign-on, by which its payments are told from those of a copy of this terminal; empty where the host gives none."""
    known_trace: TraceNo | None = None
    """The last number that the host knows of this terminal, where it is not behind the 0800's; only when the host proved that it says so."""


class Refused(Event, frozen=True, tag=True, kw_only=True):
    """The host answered the effect of this name with another code than 00."""

    request: str
    response_code: str
    """Field 39."""
    host_text: str = ""
    """What the host adds in words or figures (tries left, until when locked), already for people; may be empty."""
    tries_left: int | None = None
    locked_until: UnixMs | None = None
    wait_s: int = 0
    """Seconds until the next try is taken."""
    reason: str = ""
    """A reason word (`too_short`, `self_check:printer`, `envelope_over`)."""
    notice: str = ""
    """Figures for people: a code's drift in seconds."""
    role: str = ""
    """Who has the right, beside P7."""
    rules: str = ""
    """Beside P9 with `eyes`: the policy that asks for a look around."""
    elsewhere: Elsewhere | None = None
    """Beside P6: where the operator is signed in."""
    scripts: ScriptsSaid | None = None  # what the issuer has its chip told beside the refusal of a payment


class OperatorVerified(Event, frozen=True, tag=True, kw_only=True):
    """0830/401: number and password are right."""

    record_no: RecordNo
    operator_no: OperatorNo
    login: Login
    """As it was typed."""
    operator_name: str
    role: Role
    merchant_name: str
    place: str
    host_now: UnixMs
    drift_s: int
    needs_new_password: bool = False
    needs_code: bool = False
    earlier_terminal: str = ""
    earlier_since: UnixMs | None = None
    rules: str = ""
    """Tag RULES as it came."""
    degraded: tuple[str, ...] = ()
    """What the self-check takes away (`slip`, `card`, `code`, `line`, …)."""
    days_left: int | None = None
    notice_about: str = ""
    """Why the password must change by then, where it is not its age: `factory_password`."""
    """Days until the password must be changed, once that is near."""


class SignInConfirmed(Event, frozen=True, tag=True, kw_only=True):
    """0830/403: the operator's session is open."""

    record_no: RecordNo
    host_now: UnixMs
    session_no: int = 0
    """Number of the session, which people know as the shift's."""
    case_no: int = 0
    """Number of the case, where the operator reported something as wrong and no session is open."""
    operator_name: str = ""
    """Told again after a take-over, where nothing told it before."""
    user_name: str = ""
    """Beside `offline`: the operator's."""
    offline: OfflineTerms | None = None
    """What the host allows this operator without network."""


class GivenUp(Event, frozen=True, tag=True, kw_only=True):
    """0830/402: the host ended the record of a sign-in that was given up."""


class SignedOut(Event, frozen=True, tag=True, kw_only=True):
    """0830/402: the operator's session is closed; its figures."""

    sales_count: int
    sales_fen: int


class LockAnswered(Event, frozen=True, tag=True, kw_only=True):
    """0830/404 with 00: the host knows that this terminal is locked, or unlocked."""

    verdict: Literal["lock", "unlock"]
    released: bool = False
    """True when a supervisor unlocked: the session is ended and the terminal free."""


class PasswordChanged(Event, frozen=True, tag=True, kw_only=True):
    """0830/405 with 00: the new password counts from now on."""


class Approved(Event, frozen=True, tag=True, kw_only=True):
    """0830/406 with 00: a supervisor approved, for one use within a minute."""

    approval_no: int
    supervisor: str


class Managed(Event, frozen=True, tag=True, kw_only=True):
    """0830/408 with 00: the act of management is done."""


class OfflineAccepted(Event, frozen=True, tag=True, kw_only=True):
    """0830/407 with 00: the host knows of the sign-in without network and has opened a limited session."""

    operator_no: OperatorNo
    record_no: RecordNo
    host_now: UnixMs


class OfflineChecked(Event, frozen=True, tag=True, kw_only=True):
    """What the PIN pad says to a password without network."""

    login: Login
    operator_no: OperatorNo | None = None
    """Whose envelope it was; None when there is none."""
    outcome: Literal["ok", "wrong", "none", "over", "used_up", "clock"]
    operator_name: str = ""
    until: UnixMs = UnixMs(0)
    uses_left: int = 0
    sale_limit_fen: int = 0
    tries_left: int = 0


class Ordered(Event, frozen=True, tag=True, kw_only=True):
    """The host asks something of the terminal: in a heartbeat's answer, or by the header of any answer."""

    orders: tuple[str, ...]
    """Of `sign_in`, `lock`, `sign_out`; others are passed over."""
    notice: str = ""
    """Beside `sign_in`: the terminal to which the session was moved."""
    rules: str = ""
    """The host's policy for this terminal, where it has changed; empty when it has not."""
    undoing: Undoing | None = None
    """How the payment stands at the bank that the heartbeat asked after."""
    sheet: OrderSheet | None = None
    """An order with a number, which is answered once."""
    taken: tuple[int, ...] = ()
    """Orders whose answers the host has."""


class Rung(Event, frozen=True, tag=True, kw_only=True):
    """An order waits at the host: it rang on the line that is kept open, or said so in the header of an answer."""


class PaymentApproved(Event, frozen=True, tag=True, kw_only=True):
    """The payment stands, and a right MAC says so: what the answer says, and what the chip said. The flow knows the rest itself."""

    response_code: str = "00"
    trace_no: TraceNo
    amount_fen: int | None  # field 4; None where the answer has none
    rrn: Rrn
    auth_code: str
    host_time: str  # fields 13 and 12 with the year: `2026-11-23 08:55:03`
    settle_date: str = ""  # field 15 (清算日期), MMDD; empty where the answer has none
    issuer: str
    acquirer: str
    card_org: str
    balance_fen: int | None = None  # field 54, in a kind that answers it
    chip_lines: tuple[str, ...] = ()
    """AID, ARQC, TVR and the like, ready for the slip's remarks."""
    scripts: ScriptsSaid | None = None  # what the issuer has its chip told
    pay_voucher: str = ""  # 付款凭证号 (59, A4), where it was paid by code


class ReversalAccepted(Event, frozen=True, tag=True, kw_only=True):
    """0410 with 00, 12 or 25: the payment is undone for good."""

    response_code: str


class OutcomeKnown(Event, frozen=True, tag=True, kw_only=True):
    """A payment that was asked for again: what the host says of it, one or the other, with a right MAC."""

    approved: PaymentApproved | None = None
    refused: Refused | None = None


class Printed(Event, frozen=True, tag=True, kw_only=True):
    """The printer finished a copy."""

    copy: Literal["merchant", "cardholder"]


class PrintFailed(Event, frozen=True, tag=True, kw_only=True):
    """The printer could not print a copy; reason is a word key (`check.printer.no_paper`)."""

    copy: Literal["merchant", "cardholder"]
    reason: str


class Journalled(Event, frozen=True, tag=True, kw_only=True):
    """A `Remember…` effect is durable now (power may fail from here on)."""

    what: Record


class JournalFailed(Event, frozen=True, tag=True, kw_only=True):
    """A `Remember…` effect could not be made durable: nothing may be sent."""

    what: Record


class Signed(Event, frozen=True, tag=True, kw_only=True):
    """The cardholder signed on the screen; the strokes stay in the journal. `kept` False: it could not be written, and nothing is owed."""

    kept: bool = True


class SignatureTaken(Event, frozen=True, tag=True, kw_only=True):
    """The host has the signature of this payment, or will never take it: it is not sent again."""

    batch_no: BatchNo
    trace_no: TraceNo


class SlipsTold(Event, frozen=True, tag=True, kw_only=True):
    """0830/411: a mark for each copy: in hand, missing, or none that there should be."""

    verb: TickVerb
    slips: tuple[tuple[BatchNo, TraceNo], ...]
    marks: tuple[Mark, ...]


class SlipLinked(Event, frozen=True, tag=True, kw_only=True):
    """The host has the cardholder's copy of this payment, and it is found there."""

    batch_no: BatchNo
    trace_no: TraceNo
    address: str


class ScriptsRun(Event, frozen=True, tag=True, kw_only=True):
    """The scripts that came with the answer to this payment were run on the card in hand, as far as it was there."""

    batch_no: BatchNo
    trace_no: TraceNo
    results: str  # tag DF31 of those that were to run, hexadecimal


class ScriptTaken(Event, frozen=True, tag=True, kw_only=True):
    """The host knows what became of the scripts of this payment, or will never hear it: it is not told again."""

    batch_no: BatchNo
    trace_no: TraceNo


# ── the end of a batch ───────────────────────────────────────────────────────


class BatchCounted(Event, frozen=True, tag=True, kw_only=True):
    """What the journal holds of a batch."""

    batch_no: BatchNo
    sums: Sums
    kinds: tuple[KindSums, ...] = ()
    """By kind of payment, in the order of the catalogue."""
    lines: tuple[DayLine, ...] = ()
    """Its payments, oldest first, for the list on the slip; as many as a slip has room for."""

    @property
    def count(self) -> int:
        """How many payments count in it."""
        return self.sums.debit_count + self.sums.credit_count


class SettlementAnswered(Event, frozen=True, tag=True, kw_only=True):
    """0510 with 39 = 00: the host's own totals, and whether they are ours."""

    sums: Sums
    agreed: bool


class DetailsTold(Event, frozen=True, tag=True, kw_only=True):
    """A page of details is at the host: up to which row of the journal, and whether there is more."""

    count: int
    cursor: int
    is_last: bool


class UploadEnded(Event, frozen=True, tag=True, kw_only=True):
    """The host closed the batch."""


class SignedOff(Event, frozen=True, tag=True, kw_only=True):
    """The host heard that this terminal signs off."""


class SetupSeen(Event, frozen=True, tag=True, kw_only=True):
    """What is set at this machine now, after it was read or changed."""

    facts: SetupFacts


class SlipPrinted(Event, frozen=True, tag=True, kw_only=True):
    """A slip that belongs to no payment is out."""

    slip_id: str


class SlipNotPrinted(Event, frozen=True, tag=True, kw_only=True):
    """A slip that belongs to no payment could not be printed; the reason's word key."""

    slip_id: str
    reason: str


class PaymentFound(Event, frozen=True, tag=True, kw_only=True):
    """The journal was looked into; None where it has no approved payment of this number."""

    payment: ApprovedPayment | None
