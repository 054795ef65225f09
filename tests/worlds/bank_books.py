"""Books with one card, and checks that a test answers itself."""

from dataclasses import dataclass, field
from typing import Any

import msgspec

from zhanggui.bank.accounts import Books, Card, CardScript, identity_of
from zhanggui.bank.card_checks import ChipDataError, ChipQuestion
from zhanggui.bank.ledger import Decision, PaymentOrder, Reversal, apply, decide
from zhanggui.basics.numbers import MerchantNo, Rrn, TerminalNo, TraceNo, UnixMs
from zhanggui.basics.secret import Pan, PayCode, Secret
from zhanggui.cup.messages.head import host_time
from zhanggui.cup.messages.interbank import BankPayment, BankReversal
from zhanggui.vault.errors import PinBlockError
from zhanggui.vault.hsm import PinReference

NOON = UnixMs(1_795_406_400_000)
"""2026-11-23 12:00 in China."""
PAN = "6217000000000000012"
RIGHT, WRONG, NO_PIN_INSIDE = b"rightpin", b"wrongpin", b"garbage!"
CARD = Card(
    card_id="c1",
    masked_pan="621700*********0012",
    account_no="card-1",
    status="active",
    behaviour="normal",
    expiry_yymm="4912",
    track_hash="",
    has_chip=True,
    counter=4,
    pin=PinReference(b"", b""),
    pin_tries=0,
    single_limit_fen=None,
    contactless_free_fen=1_000_00,
)


@dataclass
class Told:
    """`ledger.CardChecks` that says what it was told; `asked` lists what the ledger looked at."""

    track: bool = True
    cryptogram: bool = True
    question: ChipQuestion | None = field(default_factory=lambda: ChipQuestion(5, 1_00, b"", b""))
    asked: list[str] = field(default_factory=list)

    def code_age_s(self, card: Card, code: PayCode, now: UnixMs) -> int | None:
        """Seconds are what the code says in its last two digits; one of 99 is none."""
        age_s = int(code.reveal()[-2:])
        return None if age_s == 99 else age_s

    def track_fits(self, card: Card, sale: BankPayment) -> bool:
        self.asked.append("track")
        return self.track

    def read_chip(self, field_55: bytes) -> ChipQuestion:
        if self.question is None:
            raise ChipDataError("field 55: cut")
        return self.question

    def cryptogram_fits(self, sale: BankPayment, question: ChipQuestion) -> bool:
        self.asked.append("cryptogram")
        return self.cryptogram

    def answer_chip(self, sale: BankPayment, question: ChipQuestion, code: str) -> bytes:
        return b"answer " + code.encode()

    def write_script(self, sale: BankPayment, question: ChipQuestion, script: CardScript) -> bytes:
        return b" script " + str(script.script_no).encode()

    def pin_fits(self, card: Card, sale: BankPayment) -> bool:
        self.asked.append("pin")
        if sale.pin_block == NO_PIN_INSIDE:
            raise PinBlockError("no PIN")
        return sale.pin_block == RIGHT


class Counter:
    """A bank's counter: asks the ledger and takes over what it decides."""

    def __init__(self, *, balance_fen: int = 100_00, checks: Told | None = None, **card: Any) -> None:
        self.card = msgspec.structs.replace(CARD, **card)
        self.books = Books({self.card.card_id: self.card}, {self.card.account_no: balance_fen}, {}, 1)
        self.checks = checks or Told()
        self.now = NOON

    def ask(self, request: PaymentOrder | Reversal) -> Decision:
        decision = decide(self.books, request, self.now, self.checks)
        apply(self.books, decision)
        return decision

    @property
    def balance(self) -> int:
        return self.books.balances["card-1"]


def sale(rrn: int = 1, amount_fen: int = 1_00, *, card_id: str = "c1", **changes: Any) -> PaymentOrder:
    values: dict[str, Any] = {
        "acquirer_code": "48021000",
        "rrn": Rrn(f"{rrn:012d}"),
        "trace_no": TraceNo("000001"),
        "merchant_no": MerchantNo("102100058120001"),
        "terminal_no": TerminalNo("10000001"),
        "amount_fen": amount_fen,
        "kind": "sale",
        "entry_mode": "021",
        "pan": Pan(PAN),
        "expiry_yymm": "4912",
        "time": host_time(NOON),
        "track2": Secret(f"{PAN}=4912220"),
        "pin_block": RIGHT,
    }
    request = BankPayment(**(values | changes))
    return PaymentOrder(identity_of(request.acquirer_code, request.rrn), card_id, request)


def reversal(of: PaymentOrder, **changes: Any) -> Reversal:
    asked = of.request
    values: dict[str, Any] = {
        "acquirer_code": asked.acquirer_code,
        "rrn": asked.rrn,
        "trace_no": asked.trace_no,
        "merchant_no": asked.merchant_no,
        "terminal_no": asked.terminal_no,
        "amount_fen": asked.amount_fen,
        "kind": asked.kind,
        "reason": "98",
    }
    return Reversal(of.identity, BankReversal(**(values | changes)))
