"""A 0400 about a payment on which later ones stand: nothing is paid back twice, host and bank agree, and the terminal comes to an end."""

import pytest
from msgspec.structs import replace
from tests.worlds.two_books import FIRST_BATCH, NOON, A, B, Paid, TwoBooks

from zhanggui.acquirer.findings.history import read_history
from zhanggui.acquirer.findings.standing import detect_cloned_terminal
from zhanggui.acquirer.findings.thresholds import FindingThresholds
from zhanggui.acquirer.rows.records import Clash, Payment, Posting
from zhanggui.bank.ledger import PaymentOrder

USED, CLOSED = ("12", "reversal_of_used"), ("12", "reversal_of_closed")
UNDECIDED, GIVEN_BACK = ("22", "later_payment_at_the_bank"), ("00", "nothing_stands")
REVERSED, FINISHED = ("00", "reversed"), ("12", "reversal_of_finished")


@pytest.fixture
def world() -> TwoBooks:
    return TwoBooks()


def row_of(world: TwoBooks, paid: Paid) -> Payment:
    row = world.row(paid)
    assert row is not None
    return row


def undone_by(world: TwoBooks, paid: Paid) -> str:
    return row_of(world, paid).undone_by_trace_no


def agree(world: TwoBooks) -> bool:
    """Whether host and bank say the same, and every reversal at the bank came to an end."""
    assert world.settle_with_bank() == []
    assert world.differences() == []
    return True


def corrections(world: TwoBooks) -> list[Posting]:
    return [row for row in world.rows(Posting) if row.kind == "correction"]


# ── in a closed batch ────────────────────────────────────────────────────────


def test_in_a_closed_batch_a_sale_that_was_refunded_in_part_is_not_corrected(world: TwoBooks) -> None:
    sale = world.pay(A, "sale")
    assert world.close_batch(A)
    world.pay(B, "refund", 30_00, sale)
    assert (world.reverse(sale), world.cases()) == (USED, ["reversal_of_used"])
    assert (corrections(world), world.due(), world.owed_fen()) == ([], [], 70_00)
    assert agree(world)


def test_in_a_closed_batch_a_preauth_that_was_completed_is_not_corrected(world: TwoBooks) -> None:
    preauth = world.pay(A, "preauth")
    assert world.close_batch(A)
    world.pay(B, "completion", 100_00, preauth)
    assert (world.reverse(preauth), world.due()) == (USED, [])
    assert agree(world)


@pytest.mark.parametrize(
    ("kind", "later"), [("sale", "refund"), ("preauth", "completion"), ("preauth", "preauth_cancel")]
)
@pytest.mark.parametrize("bank_knows", [False, True])
def test_what_was_corrected_is_no_original_any_more(world: TwoBooks, kind: str, later: str, bank_knows: bool) -> None:
    paid = world.pay(A, kind)
    assert world.close_batch(A)
    assert world.reverse(paid) == CLOSED
    if bank_knows:
        assert agree(world)
    assert world.arrive(world.begin(B, later, 100_00, paid)) == "25"
    assert agree(world)
    assert world.owed_fen() == 0


def test_a_void_that_is_corrected_lets_its_sale_stand_again(world: TwoBooks) -> None:
    sale = world.pay(A, "sale")
    void = world.pay(A, "void", 100_00, sale)
    assert world.close_batch(A)
    assert (world.reverse(void), undone_by(world, sale), world.owed_fen()) == (CLOSED, "", 100_00)
    assert agree(world)
    world.pay(B, "refund", 100_00, sale)
    assert agree(world)
    assert (world.reverse(void), world.owed_fen()) == (CLOSED, 0)


def test_a_completion_void_that_is_corrected_lets_the_completion_stand_and_its_preauth_not(world: TwoBooks) -> None:
    preauth = world.pay(B, "preauth")
    completion = world.pay(A, "completion", 100_00, preauth)
    void = world.pay(A, "completion_void", 100_00, completion)
    assert undone_by(world, preauth) == ""
    assert world.close_batch(A)
    assert world.reverse(void) == CLOSED
    assert (undone_by(world, completion), undone_by(world, preauth)) == ("", completion.request.trace_no)
    assert agree(world)


def test_a_completion_void_is_not_corrected_once_its_preauth_was_completed_again(world: TwoBooks) -> None:
    preauth = world.pay(B, "preauth")
    completion = world.pay(A, "completion", 100_00, preauth)
    void = world.pay(A, "completion_void", 100_00, completion)
    assert world.close_batch(A)
    world.pay(B, "completion", 115_00, preauth)
    assert (world.reverse(void), world.owed_fen()) == (USED, 115_00)
    assert agree(world)


def test_a_preauth_whose_cancel_was_corrected_is_undone_by_its_own_reversal(world: TwoBooks) -> None:
    preauth = world.pay(A, "preauth")
    cancel = world.pay(B, "preauth_cancel", 100_00, preauth)
    assert world.close_batch(B)
    assert world.reverse(cancel) == CLOSED
    assert (world.reverse(preauth), row_of(world, preauth).state) == (REVERSED, "reversed")
    assert agree(world)


def test_a_mark_of_a_corrected_cancel_that_an_earlier_version_left_is_none(world: TwoBooks) -> None:
    preauth = world.pay(A, "preauth")
    cancel = world.pay(B, "preauth_cancel", 100_00, preauth)
    left = row_of(world, preauth)
    assert world.close_batch(B)
    assert world.reverse(cancel) == CLOSED
    world.store.put(left)
    assert (world.reverse(preauth), row_of(world, preauth).state) == (REVERSED, "reversed")
    assert agree(world)


# ── undone by one that takes, or by one that gives back ──────────────────────


@pytest.mark.parametrize("kind", ["completion", "completion_notice"])
def test_the_reversal_of_a_completed_preauth_leaves_the_completion_and_opens_a_case(world: TwoBooks, kind: str) -> None:
    preauth = world.pay(A, "preauth")
    completion = world.ask(B, kind, 100_00, preauth)
    assert (world.reverse(preauth), world.cases()) == (UNDECIDED, [])
    world.bank_takes(row_of(world, completion).rrn)
    assert world.host_hears(completion) == "00"
    assert (world.reverse(preauth), world.cases(), world.owed_fen()) == (USED, ["reversal_of_used"], 100_00)
    assert agree(world)
    if kind == "completion":
        assert (world.reverse(completion), world.owed_fen(), undone_by(world, preauth)) == (REVERSED, 0, "")
        assert (world.reverse(preauth), agree(world)) == (REVERSED, True)


def test_a_preauth_that_was_cancelled_elsewhere_is_given_up_and_its_cancel_stays(world: TwoBooks) -> None:
    preauth = world.pay(A, "preauth")
    cancel = world.pay(B, "preauth_cancel", 100_00, preauth)
    assert [world.reverse(preauth) for _ in range(2)] == [GIVEN_BACK, GIVEN_BACK]
    assert world.reverse(cancel) == ("00", "original_given_up")
    assert (undone_by(world, preauth), world.cases()) == (cancel.request.trace_no, [])
    assert agree(world)


def test_a_sale_whose_terminal_voided_it_was_finished_and_its_void_is_undone_by_its_own_reversal(
    world: TwoBooks,
) -> None:
    sale = world.pay(A, "sale")
    void = world.pay(A, "void", 100_00, sale)
    assert world.reverse(sale) == FINISHED
    assert (world.reverse(void), world.owed_fen(), undone_by(world, sale)) == (REVERSED, 100_00, "")
    assert agree(world)


def test_a_preauth_of_another_sign_on_is_not_given_up(world: TwoBooks) -> None:
    preauth = world.pay(A, "preauth")
    world.pay(B, "preauth_cancel", 100_00, preauth)
    world.store.put(replace(row_of(world, preauth), epoch="00000009"))
    assert world.reverse(preauth) == ("12", "reversal_of_another")
    assert row_of(world, preauth).reversed_ms is None


# ── an increment ─────────────────────────────────────────────────────────────


def test_an_increment_of_which_was_taken_is_not_undone(world: TwoBooks) -> None:
    preauth = world.pay(A, "preauth", 100_00)
    increment = world.pay(B, "preauth_increment", 900_00, preauth)
    completion = world.ask(A, "completion", 1150_00, preauth)
    assert world.reverse(increment) == UNDECIDED
    world.bank_takes(row_of(world, completion).rrn)
    assert world.host_hears(completion) == "00"
    assert (world.reverse(increment), row_of(world, preauth).standing_fen) == (USED, 1000_00)
    assert agree(world)
    assert world.owed_fen() == 1150_00


def test_an_increment_of_a_cancelled_preauth_is_undone(world: TwoBooks) -> None:
    preauth = world.pay(A, "preauth", 100_00)
    increment = world.pay(B, "preauth_increment", 900_00, preauth)
    world.pay(A, "preauth_cancel", 1000_00, preauth)
    assert world.reverse(increment) == REVERSED
    assert agree(world)


def test_a_completion_is_not_let_stand_again_above_what_is_left_of_its_preauth(world: TwoBooks) -> None:
    preauth = world.pay(B, "preauth", 100_00)
    increment = world.pay(B, "preauth_increment", 900_00, preauth)
    completion = world.pay(A, "completion", 1150_00, preauth)
    void = world.pay(A, "completion_void", 1150_00, completion)
    assert (world.reverse(increment), row_of(world, preauth).standing_fen) == (REVERSED, 100_00)
    assert (world.reverse(void), world.owed_fen()) == (USED, 0)
    assert agree(world)


def test_a_completion_is_not_let_stand_again_once_its_preauth_is_reversed(world: TwoBooks) -> None:
    preauth = world.pay(B, "preauth")
    completion = world.pay(A, "completion", 100_00, preauth)
    void = world.pay(A, "completion_void", 100_00, completion)
    assert world.reverse(preauth) == REVERSED
    assert (world.reverse(void), world.owed_fen()) == (USED, 0)
    assert agree(world)


def test_a_preauth_waits_for_an_increment_that_is_at_the_bank(world: TwoBooks) -> None:
    preauth = world.pay(A, "preauth")
    increment = world.ask(B, "preauth_increment", 50_00, preauth)
    assert world.reverse(preauth) == UNDECIDED
    world.bank_takes(row_of(world, increment).rrn)
    assert (world.host_hears(increment), world.reverse(preauth)) == ("00", USED)
    assert (world.reverse(increment), world.reverse(preauth)) == (REVERSED, REVERSED)
    assert agree(world)


# ── a refund at another terminal ─────────────────────────────────────────────


@pytest.mark.parametrize(("parts", "answer"), [((30_00,), USED), ((30_00, 70_00), GIVEN_BACK), ((100_00,), GIVEN_BACK)])
def test_a_sale_in_doubt_that_was_refunded_elsewhere_comes_to_an_end(
    world: TwoBooks, parts: tuple[int, ...], answer: tuple[str, str]
) -> None:
    sale = world.pay(A, "sale")
    for fen in parts:
        refund = world.ask(B, "refund", fen, sale)
        assert world.reverse(sale) == UNDECIDED, "it may still be refused"
        world.bank_takes(row_of(world, refund).rrn)
        assert world.host_hears(refund) == "00"
    assert [world.reverse(sale) for _ in range(2)] == [answer, answer]
    assert world.cases() == (["reversal_of_used"] if answer == USED else [])
    assert world.owed_fen() == 100_00 - sum(parts)
    assert agree(world)


@pytest.mark.parametrize("fate", ["refused", "silent"])
def test_a_sale_is_undone_once_the_refund_that_it_waited_for_has_failed(world: TwoBooks, fate: str) -> None:
    sale = world.pay(A, "sale")
    refund = world.ask(B, "refund", 50_00, sale)
    if fate == "refused":
        order = world.orders[row_of(world, refund).rrn]
        world.orders[row_of(world, refund).rrn] = PaymentOrder(
            order.identity, "c9", order.request, order.original_identity
        )
        world.bank_takes(row_of(world, refund).rrn)
    assert world.reverse(sale) == UNDECIDED
    assert world.host_hears(refund, silent=fate == "silent") == ("14" if fate == "refused" else "98")
    assert row_of(world, sale).pending_parts is None
    assert world.reverse(sale) == REVERSED
    assert agree(world)


def test_a_refund_counted_by_no_earlier_version_leaves_no_count_below_none(world: TwoBooks) -> None:
    sale = world.pay(A, "sale")
    refund = world.ask(B, "refund", 50_00, sale)
    world.store.put(replace(row_of(world, sale), pending_parts=None))
    assert world.host_hears(refund, silent=True) == "98"
    assert (row_of(world, sale).pending_parts, world.reverse(sale)) == (None, REVERSED)
    assert agree(world)


# ── what people see of it ────────────────────────────────────────────────────


def test_a_doubt_about_what_was_used_elsewhere_is_no_sign_of_a_clone(world: TwoBooks) -> None:
    sale = world.pay(A, "sale")
    world.pay(B, "refund", 30_00, sale)
    assert world.reverse(sale) == USED
    (clash,) = world.rows(Clash)
    for what, found in (("reversal_of_used", 0), ("reversal_of_closed", 0), ("reversal_of_finished", 1)):
        history = read_history((), (), (), clashes=(replace(clash, what=what),))
        assert len(detect_cloned_terminal(history, FindingThresholds(), NOON)) == found
    assert clash.batch_no == FIRST_BATCH
