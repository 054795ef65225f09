"""Kinds of payment that nobody has, and a world where they are asked for: a row is all that the acquirer knows of them."""

import pytest
from tests.worlds.acquirer_world import BATCH, MERCHANT, OURS, World, code_of, signed_in

from zhanggui.acquirer.money.entries import Line
from zhanggui.acquirer.payments import claims, outcome, payment, reversal, uses
from zhanggui.acquirer.payments.kinds import KINDS, Kind
from zhanggui.acquirer.payments.originals import in_the_shop, same_batch_by_trace
from zhanggui.acquirer.rows.decision import Decision
from zhanggui.acquirer.rows.records import Posting
from zhanggui.basics.numbers import TraceNo
from zhanggui.cup.messages.payment import Original, PaymentRequest, ReversalRequest
from zhanggui.cup.transactions import Transaction

UNDOING = Transaction(
    name="undoing",
    zh="试",
    en="undoes one",
    mti="0200",
    processing_code="990000",
    condition_code="00",
    type_code="99",
    required=(3, 4, 11, 22, 25, 41, 42, 49, 60, 61, 64),
    optional=(2, 37),
    mac="approved",
    total="credit",
    reversible=True,
    card="may_be",
)
LOOKING = Transaction(
    name="looking",
    zh="试",
    en="moves nothing",
    mti="0200",
    processing_code="980000",
    condition_code="00",
    type_code="98",
    required=(3, 11, 22, 25, 41, 42, 49, 60, 64),
    answer=(54,),
    mac="approved",
)


@pytest.fixture(autouse=True)
def two_kinds_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind that undoes a sale and one that moves nothing."""
    rows = {
        **KINDS,
        "undoing": Kind(
            row=UNDOING,
            action="sale",
            find_original=same_batch_by_trace("sale"),
            undoes_original=True,
            postings=(Line("issuer_clearing", -1), Line("merchant_payable", 1)),
        ),
        "looking": Kind(row=LOOKING, action="sale"),
        "taking": Kind(row=UNDOING, action="sale", find_original=in_the_shop("sale", sum="part"), adjusts=-1),
        "adding": Kind(row=UNDOING, action="sale", find_original=in_the_shop("sale", sum="any"), adjusts=1),
        "using": Kind(row=UNDOING, action="sale", find_original=in_the_shop("sale", sum="whole"), undoes_original=True),
        "unusing": Kind(row=UNDOING, action="sale", find_original=same_batch_by_trace("using"), undoes_original=True),
    }
    for module in (payment, outcome, reversal, claims, uses):
        monkeypatch.setattr(module, "KINDS", rows)


class Counter(World):
    """A world where other kinds than sales are asked for."""

    def ask(
        self, trace: str, kind: str = "undoing", *, of: str = "000007", amount_fen: int = 12850, **changes: object
    ) -> Decision:
        about = kind in ("undoing", "taking", "adding", "using", "unusing")
        original = Original(batch_no=BATCH, trace_no=TraceNo(of)) if about else None
        values: dict[str, object] = {
            "kind": kind,
            "merchant_no": MERCHANT,
            "terminal_no": OURS,
            "batch_no": BATCH,
            "trace_no": TraceNo(trace),
            "amount_fen": amount_fen,
            "entry_mode": "052",
            "operator_no": "01",
            "pan": None,
            "original": original,
        }
        request = PaymentRequest(**(values | changes))  # type: ignore[arg-type]  # values of many types
        asked = payment.PaymentAsked(
            request=request,
            mac="current",
            fingerprint=f"{kind} {amount_fen} {of}".encode(),
            card_hash=b"card" if request.pan is not None else b"",
            rrn=self.rrn(),
            acquirer_code="08888888",
        )
        return self.took(payment.decide_payment(self.state, asked, self.now))

    def undo(self, trace: str, kind: str = "undoing", amount_fen: int = 12850) -> Decision:
        request = ReversalRequest(
            kind=kind,
            merchant_no=MERCHANT,
            terminal_no=OURS,
            batch_no=BATCH,
            trace_no=TraceNo(trace),
            amount_fen=amount_fen,
            entry_mode="051" if kind == "sale" else "052",
            reason="98",
        )
        asked = reversal.ReversalAsked(request=request, mac="current", rrn=self.rrn(), acquirer_code="08888888")
        return self.took(reversal.decide_reversal(self.state, asked, self.now))

    def undone_by(self, trace: str = "000007") -> str:
        found = self.payment(trace)
        assert found is not None
        return found.undone_by_trace_no

    def owed(self) -> int:
        """What is owed to the merchant, in fen."""
        return -sum(int(row.amount_fen) for row in self.rows(Posting) if row.account == "merchant_payable")


def with_an_approved_sale() -> Counter:
    world = signed_in()
    world.__class__ = Counter
    assert isinstance(world, Counter)
    world.sale()
    assert code_of(world.bank("00")) == "00"
    assert world.owed() == 12850
    return world
