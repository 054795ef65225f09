"""Reversal, rule by rule: what the terminal asks to undo, and what is due at the bank."""

import pytest
from tests.unit.acquirer.approved_sale import approved
from tests.worlds.acquirer_world import (
    ACQUIRER_CODE,
    BATCH,
    NOON,
    World,
    code_of,
    signed_in,
    tags_of,
)

from zhanggui.acquirer.payments.outcome import decide_bank_reversed, decide_interrupted
from zhanggui.acquirer.rows.decision import (
    MacVerdict,
    ReleaseWaiting,
    ReverseAtBank,
)
from zhanggui.acquirer.rows.records import Payment
from zhanggui.basics.numbers import TerminalNo, TraceNo, UnixMs
from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.values.undoing import Undoing

# ---------------------------------------------------------------------------------------- reversal: its docstring's table


def test_reversal_of_an_unknown_original_is_25_and_bars_it() -> None:
    world = signed_in()
    decision = world.reverse()
    assert (code_of(decision), decision.effects) == ("25", ())
    payment = world.payment("000007")
    assert payment is not None
    assert payment.state == "barred"
    late = world.sale()
    assert (code_of(late), late.effects) == ("12", ())
    assert code_of(world.sale(amount_fen=1)) == "12"


def test_reversal_of_a_pending_original_undoes_it_and_refuses_whoever_waits() -> None:
    world = signed_in()
    world.sale()
    decision = world.reverse()
    payment = world.payment("000007")
    assert payment is not None
    assert (code_of(decision), payment.state, payment.bank_state) == ("00", "reversed", "reversal_due")
    released = decision.effects[1]
    assert decision.effects[0] == ReverseAtBank(payment)
    assert isinstance(released, ReleaseWaiting)
    assert (released.payment_key, released.answer.response_code) == (world.key("000007"), "12")
    assert world.bank("00").reason == "late_bank_answer"
    assert world.postings("000007", "sale") == world.postings("000007", "reversal") == []


def test_reversal_of_an_approved_original_posts_the_other_sign_and_tells_the_bank() -> None:
    world = approved()
    decision = world.reverse(reason="A0")
    payment = world.payment("000007")
    assert payment is not None
    assert (code_of(decision), payment.state, payment.reversal_reason) == ("00", "reversed", "A0")
    assert decision.effects == (ReverseAtBank(payment),)
    lines = world.postings("000007", "sale") + world.postings("000007", "reversal")
    assert {
        account: sum(line.amount_fen for line in lines if line.account == account)
        for account in {line.account for line in lines}
    } == {
        "issuer_clearing": 0,
        "merchant_payable": 0,
    }
    assert code_of(world.sale()) == "12"


@pytest.mark.parametrize(
    ("outcome", "state", "code"), [("51", "declined", "00"), (None, "timed_out", "00")], ids=["declined", "timed_out"]
)
def test_reversal_of_what_never_stood_is_00_and_changes_nothing(outcome: str | None, state: str, code: str) -> None:
    world = signed_in()
    world.sale()
    world.bank(outcome)
    decision = world.reverse()
    assert (code_of(decision), decision.changes, decision.effects) == (code, (), ())
    payment = world.payment("000007")
    assert payment is not None
    assert payment.state == state


@pytest.mark.parametrize("times", [1, 2, 5])
def test_reversed_many_times_is_reversed_once(times: int) -> None:
    world = approved()
    codes = [code_of(world.reverse()) for _ in range(times)]
    assert codes == ["00"] * times
    assert len(world.postings("000007", "reversal")) == 2


def test_a_barred_original_stays_25_whatever_amount_is_named() -> None:
    world = signed_in()
    assert [code_of(world.reverse(amount_fen=amount)) for amount in (12850, 12850, 1)] == ["25", "25", "25"]


@pytest.mark.parametrize("outcome", ["00", "51", None])
def test_reversal_with_another_amount_is_64_and_changes_nothing(outcome: str | None) -> None:
    world = signed_in()
    world.sale()
    world.bank(outcome)
    decision = world.reverse(amount_fen=1)
    assert (code_of(decision), decision.changes, decision.effects) == ("64", (), ())


def test_a_reversal_needs_keys_and_neither_session_nor_open_terminal() -> None:
    world = approved()
    world.sign_out()
    world.change(world.terminal(), state="locked")
    assert code_of(world.reverse()) == "00"


@pytest.mark.parametrize("mac", ["bad", "none"])
def test_a_reversal_with_a_bad_mac_changes_nothing(mac: MacVerdict) -> None:
    world = approved()
    decision = world.reverse(mac=mac)
    assert (code_of(decision), decision.changes, decision.effects) == ("A0", (), ())


def test_a_reversal_of_an_unknown_terminal_is_97() -> None:
    assert code_of(signed_in().reverse(number=TerminalNo("99999999"))) == "97"


def test_a_reversal_under_the_next_keys_adopts_them() -> None:
    world = approved()
    world.sign_on()
    assert code_of(world.reverse(mac="next")) == "00"
    assert world.terminal().mac_key == "MAK2"


# ----------------------------------------------------------------------------------------------- the bank's reversals


def due(world: World) -> Payment:
    payment = world.payment("000007")
    assert payment is not None
    assert payment.bank_state == "reversal_due"
    return payment


def test_a_reversal_stays_due_until_the_bank_has_heard_it() -> None:
    world = signed_in()
    world.sale()
    world.bank(None)
    for attempts in (1, 2, 3):
        world.took(decide_bank_reversed(world.state, due(world), done=False))
        assert due(world).bank_attempts == attempts
    world.took(decide_bank_reversed(world.state, due(world), done=True))
    payment = world.payment("000007")
    assert payment is not None
    assert payment.bank_state == "reversal_done"
    assert decide_bank_reversed(world.state, payment, done=True).changes == ()


def test_a_sale_that_was_pending_at_a_crash_is_closed_and_reversed_at_the_bank() -> None:
    world = signed_in()
    world.sale()
    payment = world.payment("000007")
    assert payment is not None
    decision = world.took(decide_interrupted(world.state, payment, ACQUIRER_CODE, UnixMs(NOON + 1)))
    closed = due(world)
    assert (closed.state, closed.response_code) == ("timed_out", "98")
    assert decision.effects == (ReverseAtBank(closed),)
    assert code_of(world.sale()) == "98"


def test_a_heartbeat_is_told_when_the_bank_holds_nothing_any_more() -> None:
    world = signed_in()
    world.sale()
    asked = Undoing(batch_no=BATCH, trace_no=TraceNo("000007"))
    assert tags_of(world.status(undoing=asked))[Tag.UNDOING] == "000001,000007,due", "it is still at the bank"
    assert code_of(world.bank(None)) == "98"
    assert tags_of(world.status(undoing=asked))[Tag.UNDOING].endswith(",due")
    world.took(decide_bank_reversed(world.state, due(world), done=False))
    assert tags_of(world.status(undoing=asked))[Tag.UNDOING].endswith(",due")
    world.took(decide_bank_reversed(world.state, due(world), done=True))
    assert tags_of(world.status(undoing=asked))[Tag.UNDOING].endswith(",done")
    assert Tag.UNDOING not in tags_of(world.status()), "who asks after nothing is told of nothing"
    world.sign_out()
    gone = tags_of(world.status(undoing=asked))
    assert (gone[Tag.ORDERS], gone[Tag.UNDOING][-4:]) == ("sign_in", "done"), "an order takes the news away from nobody"


def test_a_heartbeat_about_a_payment_that_stands_or_that_nobody_knows_is_told_nothing() -> None:
    world = approved()
    stands = Undoing(batch_no=BATCH, trace_no=TraceNo("000007"))
    assert Tag.UNDOING not in tags_of(world.status(undoing=stands))
    unknown = Undoing(batch_no=stands.batch_no, trace_no=TraceNo("000999"))
    assert Tag.UNDOING not in tags_of(world.status(undoing=unknown))
