"""A repeat is judged before everything else: whatever became of batch, session and terminal since, nobody asks for ever."""

import msgspec
import pytest
from tests.worlds.acquirer_world import BATCH, LI, MERCHANT, OURS, WANG, World, code_of, moved_by, signed_in

from zhanggui.acquirer.payments.answers import refusal_answer, write_answer
from zhanggui.acquirer.payments.payment import PaymentAsked, decide_payment
from zhanggui.acquirer.rows.decision import Decision, MacVerdict, PaymentReply
from zhanggui.acquirer.rows.records import Payment
from zhanggui.basics.numbers import BatchNo, OperatorNo, TraceNo
from zhanggui.cup.messages.payment import Original, PaymentRequest

EPOCH = "00c0ffee"
NEXT_BATCH = BatchNo("000002")


def ask_again(world: World, mac: MacVerdict = "current", *, trace: str = "000009", epoch: str = EPOCH) -> Decision:
    """The refund once more, built anew, as our terminal does until it knows."""
    request = PaymentRequest(
        kind="refund",
        merchant_no=MERCHANT,
        terminal_no=OURS,
        batch_no=BATCH,
        trace_no=TraceNo(trace),
        amount_fen=5000,
        entry_mode="051",
        operator_no=WANG,
        pan=None,
        original=Original(batch_no=BATCH, trace_no=TraceNo("000007")),
        epoch=epoch,
    )
    asked = PaymentAsked(
        request=request,
        mac=mac,
        fingerprint=b"under other keys",
        card_hash=b"card",
        rrn=world.rrn(),
        acquirer_code="08888888",
    )
    return decide_payment(world.state, asked, world.now)


def with_a_refund(state: str = "approved") -> World:
    """A terminal whose refund was made, and which never heard of it."""
    world = signed_in()
    answer = msgspec.structs.replace(refusal_answer("00", "000000000077", "08888888", world.now), auth_code="123456")
    made = Payment(
        merchant_no=MERCHANT,
        terminal_no=OURS,
        batch_no=BATCH,
        trace_no=TraceNo("000009"),
        kind="refund",
        state="pending",
        fingerprint=b"under the first keys",
        amount_fen=5000,
        card_hash=b"card",
        entry_mode="051",
        operator_no=WANG,
        rrn=world.rrn(),
        answer=write_answer(answer),
        created_ms=world.now,
        epoch=EPOCH,
    )
    world.put(made)
    world.change(made, state=state)
    return world


def close_batch(world: World) -> None:
    world.change(world.terminal(), batch_no=NEXT_BATCH)


def lock(world: World) -> None:
    world.change(world.terminal(), state="locked")


def sign_out(world: World) -> None:
    world.sign_out()


def sign_in_another(world: World) -> None:
    world.sign_out()
    assert code_of(world.sign_in(LI)) == "00"


@pytest.mark.parametrize("happened", [close_batch, lock, sign_out, sign_in_another])
def test_a_payment_that_was_made_is_answered_as_the_first_time_whatever_happened_since(happened: object) -> None:
    world = with_a_refund()
    assert callable(happened)
    happened(world)
    told = ask_again(world)
    assert isinstance(told.reply, PaymentReply)
    assert (told.reply.answer.response_code, told.reply.answer.auth_code, told.reason) == ("00", "123456", "repeat")
    assert code_of(ask_again(world, "bad")) == "A0", "nothing is told to a stranger"


@pytest.mark.parametrize(
    ("happened", "reason"), [(close_batch, "batch_is_over"), (sign_in_another, "operator_has_gone")]
)
def test_a_payment_that_was_never_made_and_cannot_be_any_more_is_refused_for_good(
    happened: object, reason: str
) -> None:
    world = signed_in()
    assert callable(happened)
    happened(world)
    told = ask_again(world)
    assert (code_of(told), told.reason, moved_by(told), told.effects) == ("12", reason, (), ())
    assert code_of(ask_again(world, "bad")) == "A0"


def test_while_its_operator_may_still_come_back_it_is_asked_for_under_a_session() -> None:
    world = signed_in()
    world.sign_out()
    assert (code_of(ask_again(world)), ask_again(world).reason) == ("77", "no_session")


def test_who_names_no_sign_on_is_told_to_sign_in_as_ever() -> None:
    world = signed_in()
    close_batch(world)
    assert (code_of(ask_again(world, epoch="")), ask_again(world, epoch="").reason) == ("77", "wrong_batch")


def test_a_sale_repeated_after_its_batch_was_closed_gets_its_first_answer() -> None:
    world = signed_in()
    world.sale()
    world.bank("00")
    close_batch(world)
    assert (code_of(world.sale()), world.sale().reason) == ("00", "repeat")
    assert (code_of(world.sale("000008")), world.sale("000008").reason) == ("77", "wrong_batch")
    assert code_of(world.sale(operator_no=OperatorNo("02"))) == "77"


def test_what_was_refused_once_is_refused_for_good_also_when_its_first_copy_comes_late() -> None:
    """It is asked for until it is known: when the refusal was heard and kept, an earlier copy may still be on its way."""
    world = signed_in()
    refused = ask_again(world)
    assert (code_of(refused), refused.effects) == ("25", ())
    world.state.apply(refused.changes)
    world.sale()
    world.bank("00")
    late = ask_again(world)
    assert (code_of(late), late.reason, late.changes, late.effects) == ("25", "repeat", (), ())
    kept = world.state.get(Payment, MERCHANT, OURS, BATCH, TraceNo("000009"))
    assert kept is not None
    assert (kept.state, kept.response_code, kept.operator_no) == ("declined", "25", WANG)


def test_a_refusal_of_what_a_reversal_undoes_leaves_its_row_and_nothing_else() -> None:
    world = signed_in()
    refused = world.sale(amount_fen=0)
    assert (code_of(refused), moved_by(refused), len(refused.changes)) == ("13", (), 1)
    row = world.payment("000007")
    assert row is not None
    assert (row.state, row.response_code, row.reason) == ("declined", "13", "amount_out_of_range")
    assert (code_of(world.sale(amount_fen=0)), world.sale(amount_fen=0).changes) == ("13", ())
    assert code_of(world.reverse(amount_fen=0)) == "00", "its terminal undoes it where the answer was lost"
    assert world.payment("000007") == row


def test_a_session_that_is_not_there_leaves_no_row_of_what_is_asked_for_until_it_is_known() -> None:
    world = signed_in()
    world.sign_out()
    told = ask_again(world)
    assert (code_of(told), told.changes) == ("77", ())
    sale = world.sale()
    assert (code_of(sale), moved_by(sale), len(sale.changes)) == ("77", (), 1)
