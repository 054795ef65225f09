"""The load of `bench host --mix day`: a till that does what tills do in a day, one message at a time, each made when the last is answered.

    round of 20   12 sales · a void · a refund · one of the pre-authorisation family · a balance · a full sign-in (3 messages) · 3 echoes

A void, a refund and whatever follows a pre-authorisation is about a payment of the same till that stands. The operator of a full
sign-in stands at a second till of his own shop, over the same line: its operators are checked by the host, and a payment there would
need a supervisor for every second kind.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from ...basics.errors import Fault
from ...basics.numbers import OperatorNo, TraceNo
from ...basics.secret import Secret
from ...cup.dialect import UNIONPAY
from ...cup.envelope import unwrap, wrap
from ...cup.messages.management import management_request
from ...cup.messages.original import Original
from ...cup.messages.payment import SECURITY_PIN_WITH_PAN, PaymentRequest
from ...cup.messages.sealing import seal
from ...cup.transactions import CATALOGUE, text_of
from ...iso8583.framing import frame
from ...iso8583.message import Message
from .payment_client import BATCH, PIN, SIGN_ON_TRACE, PaymentClient
from .sign_in_client import SignInClient

Task = Literal[
    "keys",
    "sale",
    "void",
    "refund",
    "preauth",
    "preauth_increment",
    "completion",
    "completion_void",
    "preauth_cancel",
    "completion_notice",
    "balance",
    "sign_in",
    "echo",
]
ROUND: tuple[Task | Literal["family"], ...] = (
    *("sale", "sale", "echo", "sale", "sale", "void", "sale", "sale", "balance", "sale"),
    *("echo", "sale", "sale", "refund", "sale", "family", "sale", "echo", "sign_in", "sale"),
)
"""`family` stands for the next one of the pre-authorisation family."""
FAMILY_IN_TURN: tuple[Task, ...] = (
    "preauth",
    "preauth_increment",
    "completion",
    "completion_void",
    "preauth_cancel",
    "preauth",
    "completion_notice",
)
"""Each of them finds what it is about, and at the end nothing is held."""
Pile = Literal["sold", "held", "completed"]
"""Payments that stand and that a later one may be about."""


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """What a kind is about, and what becomes of it."""

    about: Pile | None = None
    """It takes the newest payment of this pile away."""
    makes: Pile | None = None
    """It puts itself on this pile."""
    adds: bool = False
    """It has a price of its own, and what it was about goes back, with that much more."""
    revives: bool = False
    """What the payment that it takes back was about stands again, on the pile of what is held."""
    pays: Literal[-1, 0, 1] = 0
    """Whether the card pays it, or gets it back."""
    is_free: bool = False
    """It is about no sum."""


DEEDS: dict[Task, Deed] = {
    "sale": Deed(makes="sold", pays=1),
    "void": Deed(about="sold", pays=-1),
    "refund": Deed(about="sold", pays=-1),
    "preauth": Deed(makes="held"),
    "preauth_increment": Deed(about="held", adds=True),
    "completion": Deed(about="held", makes="completed", pays=1),
    "completion_notice": Deed(about="held", pays=1),
    "completion_void": Deed(about="completed", revives=True, pays=-1),
    "preauth_cancel": Deed(about="held"),
    "balance": Deed(is_free=True),
}
"""Each payment of a day."""


def day_of(tasks: int) -> list[Task]:
    """So many tasks of a day, in the order in which a till does them."""
    turn = 0
    day: list[Task] = []
    for place in range(tasks):
        task = ROUND[place % len(ROUND)]
        if task == "family":
            day.append(FAMILY_IN_TURN[turn % len(FAMILY_IN_TURN)])
            turn += 1
        else:
            day.append(task)
    return day


class Standing(msgspec.Struct, frozen=True):
    """A payment that a later one may be about. `first` is the pre-authorisation of a completion."""

    original: Original
    amount_fen: int
    first: "Standing | None" = None


class DayClient:
    """One till, and the operator at the second one. `next` takes an answer and gives the next request, framed."""

    def __init__(self, till: PaymentClient, operator: SignInClient) -> None:
        self._till = till
        self._operator = operator
        self._trace = SIGN_ON_TRACE
        self._tasks: Sequence[Task] = ()
        self._at = 0
        self._asked: Message | None = None
        self._about: Standing | None = None
        self._signing_in = False
        self._standing: dict[Pile, list[Standing]] = {"sold": [], "held": [], "completed": []}
        self.checked: list[bytes] = []
        """Answers to payments, whose MACs are looked at when the clock has stopped."""
        self.paid_fen = 0
        """What the account of the card has paid, all in all."""

    def begin(self, tasks: Sequence[Task]) -> bytes:
        """The first request of these tasks."""
        self._tasks, self._at = tasks, 0
        return self._request(tasks[0])

    def next(self, payload: bytes) -> bytes | None:
        """What follows this answer; None when the tasks are done. Fault for an answer that is no approval."""
        if self._signing_in:
            follows = self._operator.next(payload)
            if follows is not None:
                return follows
            if not self._operator.signed_in:
                raise Fault(f"a sign-in of {self._operator.terminal_no} ended with {self._operator.codes[-1]!r}")
            self._signing_in = False
        else:
            self._take(payload)
        self._at += 1
        return self._request(self._tasks[self._at]) if self._at < len(self._tasks) else None

    def check(self) -> None:
        """Fault when an answer's MAC is wrong."""
        for payload in self.checked:
            self._till.check(payload)
        self._operator.check()

    @property
    def held_fen(self) -> int:
        """What is held of the card and not taken."""
        return sum(one.amount_fen for one in self._standing["held"])

    # ── one task ─────────────────────────────────────────────────────────────

    def _request(self, task: Task) -> bytes:
        if task == "keys":
            return self._till.sign_on()
        if task == "sign_in":
            self._signing_in = True
            return self._operator.again()
        self._trace += 1
        trace_no = TraceNo(f"{self._trace:06d}")
        if task == "echo":
            till = self._till
            self._asked = management_request(CATALOGUE["echo"], till.merchant_no, till.terminal_no, BATCH, trace_no)
            return frame(wrap(UNIONPAY, UNIONPAY.codec.encode(self._asked)))
        return self._payment(task, trace_no)

    def _payment(self, task: Task, trace_no: TraceNo) -> bytes:
        till = self._till
        deed = DEEDS[task]
        self._about = None if deed.about is None else self._standing[deed.about].pop()
        request = PaymentRequest(
            kind=task,
            merchant_no=till.merchant_no,
            terminal_no=till.terminal_no,
            batch_no=BATCH,
            trace_no=trace_no,
            amount_fen=self._amount_fen(deed),
            entry_mode="021",
            operator_no=OperatorNo("01"),
            pan=till.card,
            track2=Secret(f"{till.card.reveal()}=4912"),
            pin_block=till.pin_block(PIN),
            security_control=SECURITY_PIN_WITH_PAN,
            original=None if self._about is None else self._about.original,
        )
        self._asked = request.message()
        return frame(wrap(UNIONPAY, seal(UNIONPAY.codec, self._asked, till.mac)))

    def _amount_fen(self, deed: Deed) -> int:
        """All of what it is about, or the price of everything here."""
        if self._about is not None and not deed.adds:
            return self._about.amount_fen
        return 0 if deed.is_free else self._till.amount_fen

    def _take(self, payload: bytes) -> None:
        task = self._tasks[self._at]
        if task == "keys":
            self._till.take_keys(payload)
            return
        message = UNIONPAY.codec.decode(unwrap(UNIONPAY, payload).body)
        if text_of(message, 39) != "00":
            raise Fault(f"{task} of {self._till.terminal_no} was answered with {message.fields.get(39)!r}")
        deed = DEEDS.get(task)
        if deed is None or deed.is_free:
            return
        self.checked.append(payload)
        assert self._asked is not None
        self._stand(deed, message, int(text_of(self._asked, 4)))

    def _stand(self, deed: Deed, answer: Message, amount_fen: int) -> None:
        """What now stands, and what the card has paid."""
        about, standing = self._about, self._standing
        self.paid_fen += deed.pays * amount_fen
        if about is not None and deed.adds:
            standing["held"].append(Standing(about.original, about.amount_fen + amount_fen))
        if about is not None and about.first is not None and deed.revives:
            standing["held"].append(about.first)
        if deed.makes is not None:
            original = Original(
                batch_no=BATCH,
                trace_no=TraceNo(text_of(answer, 11)),
                date=text_of(answer, 13),
                rrn=text_of(answer, 37),
                auth_code=str(answer.fields.get(38, "")),
            )
            standing[deed.makes].append(Standing(original, amount_fen, about))
