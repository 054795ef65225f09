"""A 0400 undoes the payment that its terminal doubts, and no other one that stands under the same number."""

import pytest
from tests.worlds.acquirer_world import NOON, OURS, World, code_of, signed_in

from zhanggui.acquirer.findings.detectors import find
from zhanggui.acquirer.findings.history import read_history
from zhanggui.acquirer.findings.words import tell
from zhanggui.acquirer.payments.books import book_differences
from zhanggui.acquirer.payments.repeats import REPEAT_WITHIN_MS
from zhanggui.acquirer.rows.decision import Decision, ReverseAtBank
from zhanggui.acquirer.rows.records import Clash, Operator, Payment, Posting, SignIn, SupportCase, Terminal, key_of
from zhanggui.basics.numbers import BatchNo, UnixMs
from zhanggui.basics.spans import DAY_MS

EPOCH, OTHER_EPOCH = "00000001", "00000002"


def sold(world: World, trace: str, epoch: str = "", amount_fen: int = 12850) -> None:
    world.sale(trace, epoch=epoch, amount_fen=amount_fen)
    assert code_of(world.bank("00", trace)) == "00"


def one_sale(epoch: str = "") -> World:
    world = signed_in()
    sold(world, "000007", epoch)
    return world


def state_of(world: World, trace: str = "000007") -> str:
    payment = world.payment(trace)
    assert payment is not None
    return payment.state


def said(decision: Decision) -> tuple[str, str]:
    return code_of(decision), decision.reason


@pytest.mark.parametrize(
    ("otherwise", "answer"),
    [
        ({"card_hash": b"another card"}, ("14", "other_card_than_original")),
        ({"entry_mode": "021"}, ("94", "other_entry_mode_than_original")),
        ({"amount_fen": 12851}, ("64", "other_amount_than_original")),
    ],
)
def test_a_reversal_of_another_card_entry_mode_or_amount_undoes_nothing(
    otherwise: dict[str, object], answer: tuple[str, str]
) -> None:
    world = one_sale()
    refused = world.reverse(**otherwise)  # type: ignore[arg-type]  # values of many types
    assert (said(refused), refused.changes, state_of(world)) == (answer, (), "approved")


def test_a_reversal_that_names_no_card_is_taken_by_what_else_it_names() -> None:
    world = one_sale()
    assert said(world.reverse(card_hash=b"")) == ("00", "reversed")


@pytest.mark.parametrize(("first", "second"), [("000007", "000008"), ("000007", "400000"), ("999999", "000001")])
def test_a_payment_is_finished_once_its_terminal_has_gone_on_and_nothing_reverses_it(first: str, second: str) -> None:
    world = signed_in()
    sold(world, first)
    sold(world, second)
    for times in (1, 2):
        late = world.reverse(first)
        assert (said(late), late.effects, state_of(world, first)) == (("12", "reversal_of_finished"), (), "approved")
        (clash,) = world.rows(Clash)
        assert (clash.what, clash.trace_no, clash.times) == ("reversal_of_finished", first, times)
    (case,) = world.rows(SupportCase)
    assert (case.case_no, case.what, case.state) == (clash.case_no, "reversal_of_finished", "open")
    assert said(world.reverse(second)) == ("00", "reversed"), "the last one may be in doubt"


def test_two_machines_under_one_number_are_found_in_both_languages() -> None:
    world = signed_in()
    sold(world, "000007")
    sold(world, "000008")
    world.reverse("000007")
    assert code_of(world.sale("000008", amount_fen=500)) == "94"
    history = read_history(world.rows(SignIn), world.rows(Terminal), world.rows(Operator), clashes=world.rows(Clash))
    (found,) = (one for one in find(history, world.now) if one.detector == "cloned_terminal")
    assert (found.severity, found.subject.name) == ("alert", str(OURS))
    assert found.facts == {"payments": 1, "reversals": 1, "times": 2, "traces": "000007, 000008"}
    assert "000007, 000008" in tell(found, "zh").facts
    assert "000007, 000008" in tell(found, "en").facts
    later = UnixMs(world.now + 31 * DAY_MS)
    assert "cloned_terminal" not in {one.detector for one in find(history, later)}


def test_a_payment_that_went_before_is_no_sign_that_the_terminal_has_gone_on() -> None:
    world = signed_in()
    for trace in ("000006", "000007"):
        sold(world, trace)
    assert said(world.reverse("000007")) == ("00", "reversed")
    assert state_of(world, "000006") == "approved"


def test_a_tombstone_is_no_sign_either() -> None:
    world = one_sale()
    assert said(world.reverse("000008")) == ("25", "original_unknown")
    assert said(world.reverse("000007")) == ("00", "reversed")


@pytest.mark.parametrize("is_pending", [True, False])
@pytest.mark.parametrize("epoch", ["", OTHER_EPOCH])
def test_a_reversal_of_another_sign_on_means_another_payment(is_pending: bool, epoch: str) -> None:
    world = signed_in()
    world.sale(epoch=EPOCH)
    if not is_pending:
        world.bank("00")
    other = world.reverse(epoch=epoch)
    assert (said(other), other.effects) == (("12", "reversal_of_another"), ())
    assert state_of(world) == ("pending" if is_pending else "approved")
    assert [row.what for row in world.rows(SupportCase)] == ["reversal_of_another"]
    assert said(world.reverse(epoch=EPOCH)) == ("00", "reversed")


def test_where_no_sign_on_is_named_nothing_undoes_a_payment_whose_number_another_one_claimed() -> None:
    world = one_sale()
    assert code_of(world.sale(amount_fen=500)) == "94"
    assert said(world.reverse()) == ("12", "reversal_of_another")
    assert state_of(world) == "approved"


def test_with_a_sign_on_the_terminal_that_doubts_it_still_undoes_it() -> None:
    world = one_sale(EPOCH)
    assert code_of(world.sale(epoch=OTHER_EPOCH)) == "94"
    assert said(world.reverse(epoch=OTHER_EPOCH)) == ("12", "reversal_of_another")
    assert said(world.reverse(epoch=EPOCH)) == ("00", "reversed")


@pytest.mark.parametrize(("later_ms", "answer"), [(REPEAT_WITHIN_MS, "00"), (REPEAT_WITHIN_MS + 1, "94")])
def test_a_payment_is_repeated_within_its_time_only(later_ms: int, answer: str) -> None:
    world = one_sale()
    world.now = UnixMs(NOON + later_ms)
    again = world.sale()
    assert (code_of(again), again.effects) == (answer, ())


def test_a_closed_batch_stays_and_its_money_goes_back_beside_it_once() -> None:
    world = one_sale()
    world.change(world.terminal(), batch_no=BatchNo("000002"))
    in_batch = [(row.state, row.response_code, row.amount_fen) for row in world.rows(Payment)]
    corrected = world.reverse()
    payment = world.payment("000007")
    assert payment is not None
    assert (said(corrected), corrected.effects) == (("12", "reversal_of_closed"), (ReverseAtBank(payment),))
    assert in_batch == [(row.state, row.response_code, row.amount_fen) for row in world.rows(Payment)]
    assert (payment.bank_state, payment.reversal_reason) == ("reversal_due", "98")
    assert {row.account: row.amount_fen for row in world.postings("000007", "correction")} == {
        "issuer_clearing": -12850,
        "merchant_payable": 12850,
    }
    again = world.reverse()
    assert (said(again), again.effects, len(world.rows(Posting))) == (("12", "reversal_of_closed"), (), 4)
    assert [row.what for row in world.rows(SupportCase)] == ["reversal_of_closed"]
    assert list(book_differences([payment], sorted(world.rows(Posting), key=key_of))) == []


def test_an_old_copy_corrects_nothing_in_a_closed_batch_whose_terminal_had_gone_on() -> None:
    world = one_sale()
    sold(world, "000008")
    world.change(world.terminal(), batch_no=BatchNo("000002"))
    assert said(world.reverse("000007")) == ("12", "reversal_of_finished")
    assert world.postings("000007", "correction") == []


@pytest.mark.parametrize("kept", ["021", "801", "901"])
def test_a_stripe_is_undone_by_whatever_word_it_was_kept(kept: str) -> None:
    """801 and 901: of payments that were kept as they came, before such words were read as one."""
    world = signed_in()
    world.sale(entry_mode="021")
    world.bank("00")
    world.change(world.rows(Payment)[0], entry_mode=kept)
    assert said(world.reverse(entry_mode="051")) == ("94", "other_entry_mode_than_original")
    assert said(world.reverse(entry_mode="021")) == ("00", "reversed")
