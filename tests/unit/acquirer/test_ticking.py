"""Ticking merchant copies off: who may, of what, and once."""

import pytest
from msgspec.structs import replace
from tests.worlds.acquirer_world import MERCHANT, World, signed_in

from zhanggui.acquirer.policy.actors import CONSOLE, Actor
from zhanggui.acquirer.rows.decision import Decision
from zhanggui.acquirer.rows.records import AuditNote, Payment, SlipTick
from zhanggui.acquirer.slips.ticking import decide_tick, decide_untick, named_by
from zhanggui.basics.clock import china_time
from zhanggui.basics.numbers import BatchNo, UnixMs
from zhanggui.basics.spans import DAY_MS
from zhanggui.cup.values.bar_code import write_bar_code

TRACE = "000007"


def sold(code: str = "00") -> World:
    world = signed_in()
    world.sale()
    world.bank(code)
    return world


def tick(world: World, trace: str = TRACE, by: Actor = CONSOLE) -> Decision:
    return world.took(decide_tick(world.state, MERCHANT, [world.key(trace)] * 2, by, world.now))


def test_a_copy_is_ticked_once_and_leaves_a_note() -> None:
    world = sold()
    tick(world)
    (row,) = world.rows(SlipTick)
    assert (row.trace_no, row.ticked_by) == (TRACE, CONSOLE.name)
    before = row.ticked_ms
    world.now = UnixMs(world.now + 1000)
    assert tick(world).reason == ""
    assert [one.ticked_ms for one in world.rows(SlipTick)] == [before]
    assert [note.detail for note in world.rows(AuditNote)] == ["slips=1", "slips=0"]


def test_a_tick_that_was_a_mistake_is_taken_back_once_and_leaves_a_note() -> None:
    world = sold()
    tick(world)
    for _ in range(2):
        assert world.took(decide_untick(world.state, MERCHANT, [world.key(TRACE)], CONSOLE, world.now)).reason == ""
    assert not world.rows(SlipTick)
    assert [note.detail for note in world.rows(AuditNote)] == [
        "slips=1",
        f"taken_back=1 ticked_by={CONSOLE.name}",
        "taken_back=0",
    ]
    tick(world)
    assert len(world.rows(SlipTick)) == 1


def test_whoever_only_sets_a_till_up_takes_no_tick_back() -> None:
    world = sold()
    tick(world)
    refused = decide_untick(world.state, MERCHANT, [world.key(TRACE)], Actor("99", "administrator"), world.now)
    assert (refused.reason, refused.changes) == ("not_permitted", ())


@pytest.mark.parametrize("code", ["51", None])
def test_what_does_not_stand_has_no_copy(code: str | None) -> None:
    world = signed_in()
    world.sale()
    if code is not None:
        world.bank(code)
    assert tick(world).reason == "no_such_slip"
    assert tick(world, "000099").reason == "no_such_slip"
    assert not world.rows(SlipTick)


def test_a_pile_with_one_strange_slip_is_not_ticked_by_half() -> None:
    world = sold()
    keys = [world.key(TRACE), world.key("000099")]
    assert decide_tick(world.state, MERCHANT, keys, CONSOLE, world.now).changes == ()


@pytest.mark.parametrize(("role", "reason"), [("cashier", ""), ("supervisor", ""), ("administrator", "not_permitted")])
def test_who_works_at_a_till_ticks_and_who_only_sets_it_up_does_not(role: str, reason: str) -> None:
    world = sold()
    assert tick(world, by=Actor("01", role)).reason == reason  # type: ignore[arg-type]  # a known role


def test_a_balance_inquiry_has_no_copy() -> None:
    world = sold()
    payment = world.payment(TRACE)
    assert isinstance(payment, Payment)
    world.change(payment, kind="balance")
    assert tick(world).reason == "no_such_slip"


def test_a_bar_code_names_its_payment_by_reference_day_and_authorisation() -> None:
    (payment,) = sold().rows(Payment)
    day = china_time(payment.created_ms).strftime("%m%d")
    right = write_bar_code(payment.rrn, day, payment.auth_code)
    assert named_by(f" {right}\n", [payment]) == payment
    assert len(payment.auth_code) == 6
    for strange in (
        write_bar_code(payment.rrn, "0101", payment.auth_code),
        write_bar_code(payment.rrn, day, "000001"),
        write_bar_code(payment.rrn, day, ""),
        write_bar_code("0" * 12, day, payment.auth_code),
    ):
        assert len(strange) == len(right)
        assert named_by(strange, [payment]) is None
    assert named_by(payment.rrn, [payment]) == payment


def test_a_payment_that_was_answered_after_midnight_is_found_by_the_day_on_its_slip() -> None:
    (payment,) = sold().rows(Payment)
    late = replace(payment, decided_ms=UnixMs(payment.created_ms + DAY_MS))
    day = china_time(UnixMs(payment.created_ms + DAY_MS)).strftime("%m%d")
    assert named_by(write_bar_code(payment.rrn, day, payment.auth_code), [late]) == late


def test_terminal_and_voucher_number_name_a_copy_where_they_name_one_alone() -> None:
    (payment,) = sold().rows(Payment)
    by_hand = f"{payment.terminal_no}/{int(payment.trace_no)}"
    assert named_by(by_hand, [payment]) == payment
    assert named_by(by_hand, [payment, replace(payment, batch_no=BatchNo("000009"))]) is None
