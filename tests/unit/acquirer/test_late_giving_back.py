"""A void or refund at a wallet that says neither yes nor no: its terminal is let go on, hears later, and after an hour people look."""

from msgspec.structs import replace
from tests.unit.acquirer.test_answers_of_wallets import SALE, VOID, asked, heard, row
from tests.worlds.acquirer_world import ACQUIRER_CODE, OURS, World, signed_in

from zhanggui.acquirer.payments.roads.left_open import ASKED_AGAIN_S
from zhanggui.acquirer.payments.roads.our_codes import tell_result
from zhanggui.acquirer.payments.roads.road import new_order_number, order_key
from zhanggui.acquirer.payments.roads.wallet_outcome import decide_order_moved
from zhanggui.acquirer.rows.decision import JoinPending, PaymentReply
from zhanggui.acquirer.rows.records import SupportCase, TerminalOrder, WalletOrder
from zhanggui.acquirer.wallets.order import (
    LATE_AFTER_MS,
    LATE_FROM_ATTEMPTS,
    SILENT_FROM_ATTEMPTS,
    Word,
    concerns_payment,
)
from zhanggui.basics.numbers import UnixMs
from zhanggui.cup.messages.offered import OfferedAnswer

SILENCE = Word(asked="give_back", says="silent")


def refunding() -> World:
    """A sale that was paid, and a void of it whose order has begun."""
    world = signed_in()
    asked(world, "qr_sale", SALE)
    heard(world, SALE, Word(asked="pay", says="paid", code="SUCCESS", wallet_no="V1"))
    asked(world, "qr_void", VOID)
    return world


def order(world: World) -> WalletOrder:
    found = world.state.get(WalletOrder, *order_key(row(world, VOID)))
    assert found is not None
    return found


def test_whoever_waits_hears_that_it_goes_on_once_the_wallet_was_asked_twice_in_vain() -> None:
    world = refunding()
    assert heard(world, VOID, SILENCE).reply is None
    assert concerns_payment(order(world), SILENCE)
    reply = heard(world, VOID, SILENCE).reply
    assert isinstance(reply, PaymentReply)
    assert isinstance(reply.answer, OfferedAnswer)
    assert (reply.answer.response_code, reply.answer.shown, reply.answer.left_s) == ("09", "", ASKED_AGAIN_S)
    assert (order(world).told, order(world).attempts) == ("open", LATE_FROM_ATTEMPTS)
    assert row(world, VOID).state == "pending"


def test_a_repeat_waits_at_first_and_later_hears_so_at_once() -> None:
    world = refunding()
    (joins,) = asked(world, "qr_void", VOID, said=b"built anew").effects
    assert isinstance(joins, JoinPending)
    world.now = UnixMs(world.now + LATE_AFTER_MS)
    reply = asked(world, "qr_void", VOID, said=b"built anew").reply
    assert isinstance(reply, PaymentReply)
    assert reply.answer.response_code == "09"
    assert order(world).told == "open"


def test_its_terminal_is_told_to_ask_once_the_wallet_has_decided() -> None:
    world = refunding()
    assert tell_result(world.state, order(world), world.now) == ()
    for _ in range(LATE_FROM_ATTEMPTS):
        heard(world, VOID, SILENCE)
    late = order(world)
    heard(world, VOID, Word(asked="give_back", says="returned", code="SUCCESS"))
    assert row(world, VOID).state == "approved"
    orders = [one.record for one in tell_result(world.state, late, world.now) if isinstance(one.record, TerminalOrder)]
    assert [(one.kind, one.terminal_no, one.contents) for one in orders] == [
        ("payment_result", OURS, f"{late.batch_no}{VOID}")
    ]


def test_a_terminal_that_does_not_ask_again_hears_nothing_but_the_outcome() -> None:
    world = refunding()
    world.change(row(world, VOID), epoch=None)
    late = replace(order(world), attempts=LATE_FROM_ATTEMPTS)
    decision = decide_order_moved(world.state, late, ACQUIRER_CODE, "掌柜收单", world.now)
    assert (decision.reply, decision.changes) == (None, ())


def test_after_an_hour_of_silence_there_is_one_case_and_the_wallet_is_asked_all_the_same() -> None:
    world = refunding()
    for _ in range(SILENT_FROM_ATTEMPTS + 5):
        heard(world, VOID, SILENCE)
    cases = world.rows(SupportCase)
    assert [(one.what, one.terminal_no) for one in cases] == [("wallet_silent", OURS)]
    assert order(world).next_ms is not None


def test_a_host_that_was_put_back_asks_for_the_same_order_when_its_terminal_asks_again() -> None:
    before = refunding()
    # The copy that was put back knows the sale, and nothing of what gave its money back.
    put_back = signed_in()
    asked(put_back, "qr_sale", SALE)
    heard(put_back, SALE, Word(asked="pay", says="paid", code="SUCCESS", wallet_no="V1"))
    put_back.now = UnixMs(put_back.now + 3_600_000)
    asked(put_back, "qr_void", VOID)
    assert order(put_back).order_no == order(before).order_no
    assert order(put_back).original_order_no == order(before).original_order_no


def test_a_terminal_that_names_no_sign_on_has_orders_by_their_instant() -> None:
    world = refunding()
    nameless = replace(row(world, VOID), epoch=None)
    later = replace(nameless, created_ms=UnixMs(nameless.created_ms + 1_000))
    assert new_order_number(nameless) != new_order_number(later)
    assert len(new_order_number(nameless)) == len(new_order_number(row(world, VOID))) + 4


def test_a_repeat_at_a_host_that_has_lost_its_line_to_wallets_is_let_go_on_too() -> None:
    world = refunding()
    world.now = UnixMs(world.now + LATE_AFTER_MS)
    reply = asked(world, "qr_void", VOID, said=b"built anew", has_wallets=False).reply
    assert isinstance(reply, PaymentReply)
    assert reply.answer.response_code == "09"
