"""Signatures: kept once for the payment that stands, never replaced, and of nothing else."""

import pytest
from msgspec.structs import replace
from tests.worlds.acquirer_world import BATCH, MERCHANT, OURS, World, code_of, signed_in

from zhanggui.acquirer.rows.decision import Decision, MacVerdict
from zhanggui.acquirer.rows.records import Document, Merchant, PaymentSignature
from zhanggui.acquirer.slips.signatures import SignatureAsked, decide_signature
from zhanggui.basics.numbers import Rrn, TraceNo
from zhanggui.basics.spans import DAY_MS
from zhanggui.cup.messages.signature import SignatureUpload
from zhanggui.cup.values.feature_code import feature_code

TRACE = "000007"


@pytest.fixture
def sold() -> World:
    """A world with one approved sale."""
    world = signed_in()
    world.sale()
    world.bank("00")
    return world


def signature(world: World, *, verdict: MacVerdict = "current", document: str = "d1", **changed: object) -> Decision:
    payment = world.payment(TRACE)
    assert payment is not None
    upload = SignatureUpload(
        merchant_no=MERCHANT,
        terminal_no=OURS,
        batch_no=BATCH,
        trace_no=TraceNo(TRACE),
        amount_fen=payment.amount_fen,
        rrn=payment.rrn,
        content=b"signed",
    )
    known = world.state.get(PaymentSignature, MERCHANT, OURS, BATCH, TraceNo(TRACE))
    asked = SignatureAsked(
        upload=replace(upload, **changed),
        verdict=verdict,
        fitting=None,
        document_id=document,
        sealed=b"sealed",
        size_bytes=len(upload.content),
        is_known=known is not None and known.document_id == document,
    )
    return world.took(decide_signature(world.state, asked, world.now))


def test_a_signature_is_kept_sealed_with_its_feature_code_and_its_time(sold: World) -> None:
    assert code_of(signature(sold)) == "00"
    (document,), (signed,) = sold.rows(Document), sold.rows(PaymentSignature)
    assert (document.sealed, document.kind, document.size_bytes) == (b"sealed", "signature", 6)
    assert document.until_ms - document.kept_ms == 730 * DAY_MS
    payment = sold.payment(TRACE)
    assert payment is not None
    assert (signed.document_id, signed.feature_code) == ("d1", feature_code(payment.rrn))


def test_a_shop_may_keep_signatures_longer(sold: World) -> None:
    merchant = sold.state.get(Merchant, MERCHANT)
    assert merchant is not None
    sold.change(merchant, policy_overrides='{"signature_kept_days":1825}')
    signature(sold)
    (document,) = sold.rows(Document)
    assert document.until_ms - document.kept_ms == 1825 * DAY_MS


def test_sent_again_it_is_kept_once_and_another_one_never_takes_its_place(sold: World) -> None:
    signature(sold)
    assert code_of(signature(sold)) == "00"
    assert code_of(signature(sold, document="d2")) == "94"
    assert len(sold.rows(Document)) == len(sold.rows(PaymentSignature)) == 1


@pytest.mark.parametrize(
    ("changed", "code"),
    [({"rrn": Rrn("999999999999")}, "25"), ({"trace_no": TraceNo("000099")}, "25"), ({"amount_fen": 1}, "64")],
)
def test_what_it_repeats_of_its_payment_has_to_agree(sold: World, changed: dict[str, object], code: str) -> None:
    assert code_of(signature(sold, **changed)) == code  # type: ignore[arg-type]  # fields of the upload
    assert not sold.rows(PaymentSignature)


def test_nobody_signs_for_a_payment_that_does_not_stand() -> None:
    world = signed_in()
    world.sale()
    world.bank("51")
    assert code_of(signature(world)) == "25"


@pytest.mark.parametrize("verdict", ["bad", "none"])
def test_without_its_terminals_mac_nothing_is_kept(sold: World, verdict: MacVerdict) -> None:
    assert code_of(signature(sold, verdict=verdict)) == "A0"
    assert not sold.rows(Document)
