"""What the flow asks the shell to do. Effects are data, performed in order; each ends in the events named beside it.

`Remember…` effects are durable (SQLite, FULL) before the next effect of the same step begins; if one fails, the rest of the
step is dropped and `JournalFailed` comes back. That order is the whole of crash safety: see `terminal/README.md`.
"""

from typing import ClassVar, Literal

import msgspec

from ....basics.numbers import BatchNo, Login, OperatorNo, RecordNo, TraceNo, UnixMs
from ....basics.words import Lang
from ....cup.messages.slip_ticks import TickVerb
from ....cup.values.offline import OfflineTerms
from ....cup.values.order import OrderAnswer
from ....cup.values.slip import Slip
from ....cup.values.slip_link import SlipCopies
from ....cup.values.steps import Steps
from ....cup.values.undoing import Undoing
from .events import ApprovedPayment, CheckResult, DayLine, PendingReversal, Record, ScriptNotice
from .noted.settings import SettingName
from .payments import Attempt
from .settlement import Settlement


class Effect(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Base of all effects."""


class Exchange(Effect, frozen=True, tag=True, kw_only=True):
    """Base of all exchanges with the host."""


class Remember(Effect, frozen=True, tag=True, kw_only=True):
    """Base of all that the journal keeps."""

    record: ClassVar[Record]


class RunSelfCheck(Effect, frozen=True, tag=True, kw_only=True):
    """→ SelfChecked."""


class LookAtLine(Effect, frozen=True, tag=True, kw_only=True):
    """Call the host and hang up; nothing is sent. → LineSeen."""


class StartPinEntry(Effect, frozen=True, tag=True, kw_only=True):
    """Let the PIN pad collect digits. → PinDots…, PinDone."""

    purpose: Literal["password", "cardholder", "code", "old_password", "new_password", "repeat_password", "card_number"]
    login: Login | None = None  # whose password it is (it takes part in the block)
    amount_fen: int = 0
    min_digits: int = 4
    max_digits: int = 12
    may_skip: bool = False
    timeout_s: int = 60


class TakeNumber(Effect, frozen=True, tag=True, kw_only=True):
    """Take the card number that was typed into the hand, in the place of a card. → NumberKeyed."""


class TakeExpiry(Effect, frozen=True, tag=True, kw_only=True):
    """Its expiry was typed too."""

    expiry_yymm: str


class StopPinEntry(Effect, frozen=True, tag=True, kw_only=True):
    """Forget the digits and stop collecting."""


class OpenReader(Effect, frozen=True, tag=True, kw_only=True):
    """Wait for a card by these ways. → CardSeen, CardUnreadable."""

    ways: tuple[Literal["swipe", "insert", "tap"], ...]


class CloseReader(Effect, frozen=True, tag=True, kw_only=True):
    """Stop waiting and forget the card in hand."""


class SendSignOn(Exchange, frozen=True, tag=True, kw_only=True):
    """0800 with blank 63.1. → SignedOn, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo


class SendVerify(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/401 with the password block from the PIN pad, or the badge, or both, or the code that a phone answered.

    → OperatorVerified, Refused, HostFailed.
    """

    trace_no: TraceNo
    batch_no: BatchNo
    login: Login
    checks: tuple[CheckResult, ...]
    eyes: str = ""
    """What the operator looked at, `item:ok` or `item:wrong` with commas; empty when nobody was asked."""
    elapsed_ms: int = 0  # milliseconds from the first key of this sign-in to this request
    steps: Steps = ()
    phone: str = ""  # name of the code that a phone answered, where one did


class SendPhoneCode(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/409 `open`. → PhoneCodeGiven, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo


class SendPhoneAsk(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/409 `ask`: how the code that is shown stands. → PhoneStands, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo
    name: str


class SendPhoneLeft(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/409 `leave`: the code is shown no more. Nothing depends on the answer. → PhoneLeft, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo
    name: str


class SendConfirm(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/403. → SignInConfirmed, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo
    operator_no: OperatorNo
    record_no: RecordNo
    verdict: Literal["ok", "wrong"] = "ok"
    wrong_item: str = ""
    with_code: bool = False  # true: the sign-in code in the PIN pad goes with it
    take_over: str = ""  # number of the approval, or `stale:reason`
    steps: Steps = ()  # how long each step of the sign-in took


class SendGivenUp(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/402 about a sign-in that nobody confirms: its record ends. Nothing depends on the answer. → GivenUp, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo
    operator_no: OperatorNo
    record_no: RecordNo
    reason: Literal["given_up", "timed_out"] = "given_up"


class SendSignOut(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/402. → SignedOut, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo
    operator_no: OperatorNo
    reason: str = "asked"
    notes: str = ""  # what the operator says of the shift: `well:word,not:word`; empty when skipped


class SendLock(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/404. → LockAnswered, Refused, HostFailed. An unlock takes the password block of who unlocks."""

    trace_no: TraceNo
    batch_no: BatchNo
    login: Login
    verdict: Literal["lock", "unlock"]


class SendNewPassword(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/405 with the old and the new password block. → PasswordChanged, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo
    operator_no: OperatorNo
    login: Login  # as it was typed beside the password that the PIN pad holds
    record_no: RecordNo | None = None  # the sign-in that asked for it, if one did


class SendApproval(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/406 with the supervisor's password block. → Approved, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo
    login: Login  # the supervisor's
    action: str
    amount_fen: int = 0
    record_no: RecordNo | None = None
    original: str = ""  # batch and trace of the payment that the action is about, 12 digits


class SendManage(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/408 with the manager's password block, and the first password's where one is given. → Managed, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo
    operator_no: OperatorNo  # the manager's
    action: str
    about_no: OperatorNo = OperatorNo("")  # the operator whom it is about; empty: this terminal
    first_password: bool = False  # true: a first password was typed, too


class SendOffline(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/407: what an operator did without network. → OfflineAccepted, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo
    operator_no: OperatorNo


class SealEnvelope(Effect, frozen=True, tag=True, kw_only=True):
    """Let the PIN pad keep what the host allows this operator without network. No event."""

    operator_no: OperatorNo
    user_name: str  # the operator's, empty when there is none: it opens the envelope too
    operator_name: str
    terms: OfflineTerms
    host_now: UnixMs


class CheckOffline(Effect, frozen=True, tag=True, kw_only=True):
    """Let the PIN pad judge the password by its own envelope. → OfflineChecked."""

    login: Login
    use: bool  # true counts a sign-in; False only looks at the password, to unlock


class RememberNote(Remember, frozen=True, tag=True, kw_only=True):
    """Keep a small fact for the next power-on. → Journalled("note")."""

    record: ClassVar[Record] = "note"
    name: Literal["rules", "software", "host_day", "counter", "orders"]
    value: str


class SendPayment(Exchange, frozen=True, tag=True, kw_only=True):
    """0200 of this kind for the card in the reader's hand. → PaymentApproved, Refused, HostFailed.

    Always after RememberPayment; where no money moves, after RememberTrace.
    """

    attempt: Attempt


class SendSignature(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/800: what the cardholder signed for this payment; the shell reads it in the journal. → SignatureTaken, Refused, HostFailed."""

    batch_no: BatchNo
    trace_no: TraceNo


class SendTicks(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/411: which merchant copies are in hand, or that these are. → SlipsTold, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo
    operator_no: OperatorNo
    verb: TickVerb
    slips: tuple[tuple[BatchNo, TraceNo], ...]


class SendSlip(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/801 and 800: the cardholder's copy, to be found by a link. → SlipLinked, Refused, HostFailed."""

    payment: ApprovedPayment
    copies: SlipCopies


class RunScripts(Effect, frozen=True, tag=True, kw_only=True):
    """Give the chip in hand what its issuer has for it. Always after the record that keeps the scripts. → ScriptsRun."""

    batch_no: BatchNo
    trace_no: TraceNo
    to_run: str  # as it stands in field 55, hexadecimal


class SendScript(Exchange, frozen=True, tag=True, kw_only=True):
    """0620/951. A payment, reversal, settlement or sign-off behind it waits until it is over. → ScriptTaken, Refused, HostFailed."""

    notice: ScriptNotice


class SendReversal(Exchange, frozen=True, tag=True, kw_only=True):
    """0400 for a remembered payment. → ReversalAccepted, Refused, HostFailed."""

    reversal: PendingReversal


class SendStatus(Exchange, frozen=True, tag=True, kw_only=True):
    """0820/362, the heartbeat; own counter. Its answer makes no event unless it carries an order. → Ordered, Refused, HostFailed."""

    checks: tuple[CheckResult, ...]
    operator_no: OperatorNo | None = None
    """Who is signed in: keeps the session's lease, and orders come back for it."""
    rules_mark: str = ""  # which policy this terminal acts by; a newer one comes back
    undoing: Undoing | None = None  # A payment that the bank left unanswered, to ask after
    order_answers: tuple[OrderAnswer, ...] = ()
    order_held: int = 0
    """What became of the host's orders, until it says that it knows; and the last one that waits here (0: none does)."""


class RememberTrace(Remember, frozen=True, tag=True, kw_only=True):
    """Keep the trace and batch counters. → Journalled("trace")."""

    record: ClassVar[Record] = "trace"
    trace_no: TraceNo
    batch_no: BatchNo


class RememberPayment(Remember, frozen=True, tag=True, kw_only=True):
    """Before a payment leaves: its record and its reversal, reason 98, with the new trace. → Journalled("payment").

    Its line in today's list is `reversing` until the outcome is known.
    """

    record: ClassVar[Record] = "payment"
    attempt: Attempt


class RememberApproval(Remember, frozen=True, tag=True, kw_only=True):
    """The outcome, with print pending, and the reversal dropped, in one step. → Journalled("approval")."""

    record: ClassVar[Record] = "approval"
    payment: ApprovedPayment
    line: DayLine
    changed: tuple[DayLine, ...] = ()
    """Lines of earlier payments that this one changed, as they stand now; kept in the same step."""
    script: ScriptNotice | None = None  # scripts of the answer, kept in the same step


class RememberDecline(Remember, frozen=True, tag=True, kw_only=True):
    """The refusal, and the reversal dropped, in one step. → Journalled("decline")."""

    record: ClassVar[Record] = "decline"
    line: DayLine
    script: ScriptNotice | None = None  # as with an approval


class RememberDoubt(Remember, frozen=True, tag=True, kw_only=True):
    """The reason of the kept reversal changes (98, A0, 06, 96), or one more attempt was made. → Journalled("doubt")."""

    record: ClassVar[Record] = "doubt"
    reversal: PendingReversal


class RememberReversed(Remember, frozen=True, tag=True, kw_only=True):
    """The reversal was accepted: the payment is undone. → Journalled("reversed")."""

    record: ClassVar[Record] = "reversed"
    batch_no: BatchNo
    trace_no: TraceNo
    response_code: str  # what the host said to it: 00, 25, or 12, which undid nothing


class RememberLine(Remember, frozen=True, tag=True, kw_only=True):
    """How the line of a payment stands whose outcome was known before: the bank gave back what it had left unanswered, or nobody charges
    the right amount after a wrong one was taken back. → Journalled("line")."""

    record: ClassVar[Record] = "line"
    line: DayLine


class RememberScript(Remember, frozen=True, tag=True, kw_only=True):
    """What became of the scripts that are kept beside a payment. → Journalled("script")."""

    record: ClassVar[Record] = "script"
    notice: ScriptNotice
    is_told: bool = False  # whether the host knows, or will never hear it


class RememberSignatureTaken(Remember, frozen=True, tag=True, kw_only=True):
    """The host has this payment's signature."""

    record: ClassVar[Record] = "signature"
    batch_no: BatchNo
    trace_no: TraceNo


class RememberPrinted(Remember, frozen=True, tag=True, kw_only=True):
    """Both slips are out; nothing is pending for this payment. → Journalled("printed")."""

    record: ClassVar[Record] = "printed"
    batch_no: BatchNo
    trace_no: TraceNo


class Print(Effect, frozen=True, tag=True, kw_only=True):
    """Print one copy (on esign models: lay it into the archive and show it). → Printed, PrintFailed."""

    payment: ApprovedPayment
    copy: Literal["merchant", "cardholder"]
    again: bool = False  # true marks the slip as a reprint (重打印)
    slip: Slip  # the finished slip, ready for any printer; `slip_text` in `slip_layout` sets it in columns


class FindPayment(Effect, frozen=True, tag=True, kw_only=True):
    """Look an approved payment up in the journal, for its slips. → PaymentFound."""

    batch_no: BatchNo
    trace_no: TraceNo


class CollectSignature(Effect, frozen=True, tag=True, kw_only=True):
    """On e-signature models: let the cardholder sign on the screen. → Signed."""

    batch_no: BatchNo
    trace_no: TraceNo


class CountBatch(Effect, frozen=True, tag=True, kw_only=True):
    """What the journal holds of a batch. → BatchCounted, JournalFailed("settlement")."""

    batch_no: BatchNo


class RememberSettlement(Remember, frozen=True, tag=True, kw_only=True):
    """How far the end of a batch is, before the message of this step leaves. → Journalled("settlement")."""

    record: ClassVar[Record] = "settlement"
    settlement: Settlement | None  # none: it is over, or the host would not have it


class RememberSettled(Remember, frozen=True, tag=True, kw_only=True):
    """The batch is settled and the next one begins, in one step. → Journalled("settled")."""

    record: ClassVar[Record] = "settled"
    settlement: Settlement
    trace_no: TraceNo
    batch_no: BatchNo  # the next batch


class SendSettlement(Exchange, frozen=True, tag=True, kw_only=True):
    """0500 with our totals. → SettlementAnswered, Refused, HostFailed. Always after RememberSettlement."""

    trace_no: TraceNo
    settlement: Settlement


class SendDetails(Exchange, frozen=True, tag=True, kw_only=True):
    """0320 for each payment of the next page; its blocks use DETAIL_TRACES numbers from `trace_no` on. → DetailsTold, Refused, HostFailed."""

    trace_no: TraceNo
    settlement: Settlement
    in_turn: bool = False
    """Each waits for the answer of the one before: for a host that does not take several at once."""


class SendUploadEnd(Exchange, frozen=True, tag=True, kw_only=True):
    """0320 with 207 or 202. → UploadEnded, Refused, HostFailed."""

    trace_no: TraceNo
    settlement: Settlement


class SendSignOff(Exchange, frozen=True, tag=True, kw_only=True):
    """0820 with 002. → SignedOff, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo


class ReadSetup(Effect, frozen=True, tag=True, kw_only=True):
    """Say what is set at this machine. → SetupSeen."""

    calls: bool = False  # true: call the host as well and hang up, and say whether it took the call


class RememberSetting(Remember, frozen=True, tag=True, kw_only=True):
    """Who changes what at this machine, before it is changed. → Journalled("setting")."""

    record: ClassVar[Record] = "setting"
    operator_no: OperatorNo
    approval_no: int
    name: SettingName
    before: str
    value: str


class ChangeSetting(Effect, frozen=True, tag=True, kw_only=True):
    """Put a setting down and act by it. Always after RememberSetting. → SetupSeen, with the old value where the disk refused."""

    name: SettingName
    value: str


class PrintSlip(Effect, frozen=True, tag=True, kw_only=True):
    """Print a slip that belongs to no payment. → SlipPrinted, SlipNotPrinted."""

    slip: Slip


class Restart(Effect, frozen=True, tag=True, kw_only=True):
    """Start the terminal's program again (a restart at the operator's wish). → PoweredOn."""

    lang: Lang
