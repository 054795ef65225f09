"""What became of an issuer's scripts: kept once for the payment that brought them, passed on once, and of nothing else."""

import pytest
from msgspec.structs import replace
from tests.worlds.acquirer_world import BATCH, MERCHANT, OURS, World, code_of, signed_in

from zhanggui.acquirer.payments.scripts import NoticeAsked, decide_issuer_told, decide_script_notice
from zhanggui.acquirer.rows.decision import Decision, MacVerdict, TellIssuer
from zhanggui.acquirer.rows.records import PaymentScript, Posting
from zhanggui.basics.numbers import BatchNo, Rrn, TraceNo
from zhanggui.cup.messages.original import Original
from zhanggui.cup.messages.script_notice import ScriptNotice

TRACE = "000007"
DONE, FAILED = (bytes.fromhex(f"9505000004801082027C00DF3105{code}00000007") for code in ("20", "11"))


@pytest.fixture
def sold() -> World:
    """A world with one approved sale."""
    world = signed_in()
    world.sale()
    world.bank("00")
    return world


def told(world: World, *, verdict: MacVerdict = "current", of: str = TRACE, **changed: object) -> Decision:
    payment = world.payment(TRACE)
    assert payment is not None
    notice = ScriptNotice(
        merchant_no=MERCHANT,
        terminal_no=OURS,
        batch_no=BATCH,
        trace_no=TraceNo("000008"),
        payment=Original(batch_no=BATCH, trace_no=TraceNo(of), date="1123", rrn=payment.rrn),
        processing_code="000000",
        condition_code="00",
        acquirer_code="08888888",
        amount_fen=payment.amount_fen,
        entry_mode="051",
        chip_data=DONE,
    )
    asked = NoticeAsked(notice=replace(notice, **changed), verdict=verdict, fitting=None)
    return world.took(decide_script_notice(world.state, asked, world.now))


def test_a_notice_is_kept_and_the_issuer_told_after_it_is_durable(sold: World) -> None:
    decision = told(sold)
    (kept,) = sold.rows(PaymentScript)
    assert code_of(decision) == "00"
    assert (kept.results, kept.state, kept.chip_data) == ("2000000007", "due", DONE)
    assert decision.effects == (TellIssuer(kept),)


def test_sent_again_it_is_kept_once_and_another_one_never_takes_its_place(sold: World) -> None:
    told(sold)
    again = told(sold)
    assert (code_of(again), again.effects) == ("00", ())
    assert code_of(told(sold, chip_data=FAILED)) == "94"
    assert code_of(told(sold, trace_no=TraceNo("000009"))) == "94"
    (kept,) = sold.rows(PaymentScript)
    assert kept.results == "2000000007"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"of": "000099"}, "25"),
        ({"amount_fen": 1}, "64"),
        ({"processing_code": "200000"}, "25"),
        ({"condition_code": "06"}, "25"),
    ],
)
def test_a_notice_of_no_payment_or_of_another_one_is_refused(
    sold: World, changed: dict[str, object], code: str
) -> None:
    assert code_of(told(sold, **changed)) == code  # type: ignore[arg-type]  # named above
    assert not sold.rows(PaymentScript)


def test_a_notice_with_another_reference_is_refused(sold: World) -> None:
    of = Original(batch_no=BATCH, trace_no=TraceNo(TRACE), rrn=Rrn("999999999999"))
    assert code_of(told(sold, payment=of)) == "25"


@pytest.mark.parametrize("verdict", ["bad", "none"])
def test_a_forged_notice_changes_nothing(sold: World, verdict: MacVerdict) -> None:
    decision = told(sold, verdict=verdict)
    assert (code_of(decision), decision.changes, decision.effects) == ("A0", (), ())


def test_a_notice_is_taken_whatever_became_of_its_payment_and_moves_nothing(sold: World) -> None:
    payment = sold.payment(TRACE)
    assert payment is not None
    postings = len(sold.rows(Posting))
    sold.change(payment, state="reversed")
    assert code_of(told(sold, batch_no=BatchNo("000002"))) == "00", "its own batch may be a later one"
    assert len(sold.rows(Posting)) == postings


def test_a_payment_that_no_issuer_answered_has_no_scripts() -> None:
    world = signed_in()
    world.sale()
    assert code_of(told(world)) == "25"


def test_once_the_issuer_answered_it_is_told_no_more_and_the_chips_data_go(sold: World) -> None:
    told(sold)
    (kept,) = sold.rows(PaymentScript)
    sold.took(decide_issuer_told(sold.state, kept, "00", sold.now))
    (known,) = sold.rows(PaymentScript)
    assert (known.state, known.bank_code, known.chip_data, known.told_ms) == ("told", "00", b"", sold.now)
    assert decide_issuer_told(sold.state, kept, "25", sold.now) == Decision(), "the answer to an earlier telling"
