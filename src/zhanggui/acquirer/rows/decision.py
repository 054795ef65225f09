"""What a rule answers: the rows that change, the reply, and what else is to be done. All of it is data.

A refusal is a reply with another code than 00 and a reason word for the log and the record; it is never an exception.
"""

from typing import Literal, TypeVar

import msgspec

from ...basics.errors import Defect
from ...basics.numbers import TerminalNo, UnixMs
from ...basics.secret import PayCode
from ...cup.messages.operator_outcomes import NOTHING_SAID, OperatorOutcome, RefusedOperator
from ...cup.messages.payment import PaymentAnswer
from ...cup.messages.settlement import Flag, Sums
from ...cup.messages.slip_ticks import Mark
from ...cup.values.slip_link import SlipCopies
from .records import Payment, PaymentKey, PaymentScript, WalletOrder
from .state import Change

MacVerdict = Literal["current", "next", "bad", "none"]
"""Which of the terminal's MAC keys fits the message: the valid one, one that a 0800 brought, neither; none: no key yet."""


class PaymentReply(msgspec.Struct, frozen=True):
    """The answer to a payment, with these fields."""

    answer: PaymentAnswer


class PlainReply(msgspec.Struct, frozen=True):
    """An answer that is a response code and nothing else (0410, 0810 refused, 0830)."""

    response_code: str


class UploadReply(msgspec.Struct, frozen=True):
    """0830 of an upload: its code, and to a part how many there are now (field 62)."""

    response_code: str
    have: int | None = None
    is_found: bool = False
    """Whether a slip is found by its link from now on: the answer says where."""


class OperatorReply(msgspec.Struct, frozen=True):
    """0830 of an operator message: its code, and what it says besides (field 62)."""

    response_code: str
    said: OperatorOutcome = NOTHING_SAID


class SettlementReply(msgspec.Struct, frozen=True):
    """0510: its code, the host's totals with the flag, and the shop day; no totals where it is refused."""

    response_code: str
    sums: Sums | None = None
    flag: Flag = "0"
    shop_day: str = ""


class PhonePlace(msgspec.Struct, frozen=True, kw_only=True):
    """Where somebody is about to sign in by phone."""

    shop: str
    place: str
    terminal_no: TerminalNo
    host_clock: UnixMs
    left_s: int
    known: bool
    """Whether this phone has proven it already."""


class PhoneReply(msgspec.Struct, frozen=True):
    """The answer to a phone: its code, what a refusal says besides, and the place, to whoever only looks."""

    response_code: str
    said: RefusedOperator
    place: PhonePlace | None = None


class TicksReply(msgspec.Struct, frozen=True):
    """0830/411: its code, and a mark for each copy that was asked about."""

    response_code: str
    marks: tuple[Mark, ...] = ()


Became = Literal["", "reversed", "undone", "refunded", "refunded_in_part", "completed"]
"""What became of a payment since its slip was laid out; empty while it stands as it was."""


class SlipShown(msgspec.Struct, frozen=True):
    """The answer to whoever opens the link of a slip: it is shown, or there is none: ended, erased and made up look the same."""

    sealed: bytes = b""
    """Empty where there is none."""
    became: Became = ""
    standing_fen: int = 0
    """What of the payment stands."""


class SlipSeen(msgspec.Struct, frozen=True):
    """The same, opened: what the page shows."""

    copies: SlipCopies
    became: Became = ""
    standing_fen: int = 0


class DoorReply(msgspec.Struct, frozen=True):
    """The answer to a terminal at the HTTP door: that of the operation (`cup/door/asks.py`), or why nothing was done."""

    said: msgspec.Struct | None = None
    refused: str = ""


Reply = (
    PaymentReply
    | PlainReply
    | UploadReply
    | OperatorReply
    | SettlementReply
    | PhoneReply
    | SlipShown
    | TicksReply
    | DoorReply
)


class AskBank(msgspec.Struct, frozen=True):
    """Send this payment to the bank, now that it is durable as pending. `pin_key` is the key its PIN block is under."""

    payment: Payment
    pin_key: str
    original_rrn: str = ""
    """Reference number of the payment that it is about."""
    original_pay_voucher: str = ""
    """付款凭证号 of it, where it was paid by code."""


class ReverseAtBank(msgspec.Struct, frozen=True):
    """Tell the bank that this payment is undone, and keep telling until it answers."""

    payment: Payment


class JoinPending(msgspec.Struct, frozen=True):
    """The first request with this key is still at the bank, or at a wallet: answer this repeat with the same outcome."""

    payment_key: PaymentKey
    at_wallet: bool = False


class ReleaseWaiting(msgspec.Struct, frozen=True):
    """Requests that wait for this payment's outcome get this answer instead."""

    payment_key: PaymentKey
    answer: PaymentAnswer


class TellIssuer(msgspec.Struct, frozen=True):
    """Tell the bank what became of its scripts, and keep telling until it answers."""

    script: PaymentScript


class AskWallet(msgspec.Struct, frozen=True):
    """Send this order to its wallet, now that it is durable. With a code it is paid by that; without, the wallet makes a shop's code."""

    order: WalletOrder
    code: PayCode | None = None
    shop: str = ""
    """What the customer reads on the phone."""


class WatchOrder(msgspec.Struct, frozen=True):
    """An order was changed by somebody else than the wallet's answer (given up, undone): what is due of it may be due earlier."""

    order: WalletOrder


Effect = AskBank | ReverseAtBank | JoinPending | ReleaseWaiting | TellIssuer | AskWallet | WatchOrder


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of one request. `reason` is a word for the log; empty when all is well."""

    changes: tuple[Change, ...] = ()
    reply: Reply | None = None
    effects: tuple[Effect, ...] = ()
    reason: str = ""


R = TypeVar("R", PlainReply, UploadReply, OperatorReply, SettlementReply, PhoneReply, SlipShown, TicksReply, DoorReply)


def reply_of(decision: Decision, kind: type[R]) -> R:
    """The reply of a decision that answers in this form only. Defect for any other: it must not be sent as if it were one."""
    if not isinstance(decision.reply, kind):
        raise Defect(f"a {type(decision.reply).__name__} was decided where a {kind.__name__} is due")
    return decision.reply
