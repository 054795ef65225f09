"""Orders at the host, over TCP: found by any word and by a ring, ended by the first answer of their own terminal, also after a restart."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.worlds.floor import PASSWORDS, Floor, Shop, TestClock, make_data
from tests.worlds.our_terminal import STATUS, Counter

from zhanggui.acquirer.orders.giving import new_order
from zhanggui.acquirer.orders.telling import LOOKED_AT_MAX
from zhanggui.acquirer.rows.records import TerminalOrder
from zhanggui.acquirer.rows.state import Insert, Needs, State
from zhanggui.basics.numbers import UnixMs
from zhanggui.basics.spans import HOUR_MS
from zhanggui.cup.dialect import UNIONPAY
from zhanggui.cup.envelope import REQUIREMENT_NONE, REQUIREMENT_STATUS, unwrap
from zhanggui.cup.messages.ring import is_ring
from zhanggui.cup.messages.sealing import covered_bytes
from zhanggui.cup.operator_tags import Tag, Tags

WANG = PASSWORDS["01"]
FOUND_WITHIN_S = 10.0


def give(shop: Shop, at: Counter, kind: str = "remote_lock", text: str = "盘点") -> TerminalOrder:
    """An order, as an act writes it; each terminal of a test gets one."""
    now = shop.clock.now()
    span = now, UnixMs(now + HOUR_MS)
    order, changes = new_order(State(), shop.merchant_no, at.terminal_no, kind, text, span, "console", now)
    shop.floor.save(changes)
    return order


def now_is(floor: Floor, order: TerminalOrder) -> TerminalOrder:
    key = (order.merchant_no, order.terminal_no, order.order_no)
    row = floor.state(Needs({TerminalOrder: [key]})).get(TerminalOrder, *key)
    assert isinstance(row, TerminalOrder)
    return row


def until(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + FOUND_WITHIN_S
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.02)


def known(floor: Floor, order: TerminalOrder) -> Callable[[], bool]:
    """Whether the host has seen it."""
    where = order.merchant_no, order.terminal_no
    return lambda: order.order_no in floor.program.host._desk.orders.known(where)


def beat(at: Counter, tags: Tags | None = None) -> bytes:
    """A heartbeat, sealed and not sent."""
    return at.operator(STATUS, None, {Tag.HEALTH: "printer:ok", **(tags or {})})


def requirement(payload: bytes) -> int:
    return unwrap(UNIONPAY, payload).requirement


def test_any_word_hears_that_an_order_waits_until_it_was_told(shop: Shop) -> None:
    at = shop.terminals[0]
    assert requirement(at.sign_in("01", WANG).payload) == REQUIREMENT_NONE
    order = give(shop, at)
    until(known(shop.floor, order))
    assert requirement(at.sell("01").payload) == REQUIREMENT_STATUS
    told = at.ask(beat(at))
    assert told[Tag.ORDER].split(",")[:2] == [str(order.order_no), "remote_lock"]
    assert told.sealed
    assert requirement(told.payload) == REQUIREMENT_NONE, "it is here already"
    assert now_is(shop.floor, order).state == "told"
    assert requirement(at.sell("01").payload) == REQUIREMENT_NONE


def test_an_order_ends_by_the_first_answer_and_a_heartbeat_that_was_caught_ends_nothing(shop: Shop) -> None:
    at = shop.terminals[0]
    assert at.sign_in("01", WANG).code == "00"
    order = give(shop, at)
    until(known(shop.floor, order))
    caught = beat(at, {Tag.ORDER_ANSWERS: f"{order.order_no}:refused:"})
    at.ask(beat(at))
    assert at.ask(caught).code == "94", "it was held back"
    assert now_is(shop.floor, order).state == "told"
    done = at.ask(beat(at, {Tag.ORDER_ANSWERS: f"{order.order_no}:done:"}))
    assert done[Tag.ORDERS_TAKEN] == str(order.order_no)
    first = now_is(shop.floor, order)
    assert first.state == "done"
    assert shop.live == [], "a terminal that is locked from afar has no session"
    again = at.ask(beat(at, {Tag.ORDER_ANSWERS: f"{order.order_no}:refused:late"}))
    assert again[Tag.ORDERS_TAKEN] == str(order.order_no)
    assert now_is(shop.floor, order) == first


def test_many_orders_for_later_hide_none_that_is_due(shop: Shop) -> None:
    at = shop.terminals[0]
    at.get_keys()
    now = shop.clock.now()
    span = UnixMs(now + 24 * HOUR_MS), UnixMs(now + 48 * HOUR_MS)
    state = State()
    for number in range(LOOKED_AT_MAX + 1):
        later, _ = new_order(state, shop.merchant_no, at.terminal_no, "announcement", "早", span, "console", now)
        shop.floor.save([Insert(replace(later, order_no=later.order_no + number))])
    order = replace(later, order_no=later.order_no + 99, kind="remote_lock", from_ms=now)
    shop.floor.save([Insert(order)])
    until(known(shop.floor, order))
    assert at.ask(beat(at))[Tag.ORDER].split(",")[:2] == [str(order.order_no), "remote_lock"]


def test_a_heartbeat_that_was_caught_tells_a_stranger_no_order_and_takes_no_ring(shop: Shop) -> None:
    at = shop.terminals[0]
    at.get_keys()
    caught = beat(at)
    assert at.ask(caught).code == "00"
    order = give(shop, at)
    until(known(shop.floor, order))
    rung(at)
    at.hang_up()
    again = at.ask(caught)
    assert (again.code, again[Tag.ORDER]) == ("94", "")
    assert now_is(shop.floor, order).state == "queued"
    where = order.merchant_no, order.terminal_no
    line = shop.floor.program.host._desk.orders._lines.get(where)
    assert line is None or not line.connection.open, "the stranger's line is none of the terminal's"
    assert at.ask(beat(at))[Tag.ORDER].split(",")[0] == str(order.order_no)


def test_a_terminal_that_never_takes_its_rules_hears_its_orders_all_the_same(shop: Shop) -> None:
    at = shop.terminals[0]
    assert at.sign_in("01", WANG).code == "00"
    owed = {Tag.RULES: "none of ours"}
    assert at.ask(beat(at, owed))[Tag.RULES]
    order = give(shop, at)
    until(known(shop.floor, order))
    rung(at)
    told = at.ask(beat(at, owed))
    assert (told[Tag.ORDER].split(",")[0], told[Tag.RULES]) == (str(order.order_no), "")
    said = [at.ask(beat(at, owed)) for _ in range(4)]
    assert {bool(one[Tag.ORDER]) for one in said} == {True, False}, "what was told takes turns with the rules"
    assert all(bool(one[Tag.ORDER]) != bool(one[Tag.RULES]) for one in said)


def test_a_terminal_answers_for_itself_alone(shop: Shop) -> None:
    at, other = shop.terminals
    order = give(shop, at)
    other.get_keys()
    said = other.ask(beat(other, {Tag.ORDER_ANSWERS: f"{order.order_no}:done:"}))
    assert (said.code, said[Tag.ORDER]) == ("00", "")
    assert now_is(shop.floor, order).state == "queued"


def test_a_heartbeat_without_a_right_mac_gets_no_order(shop: Shop) -> None:
    at = shop.terminals[0]
    at.get_keys()
    order = give(shop, at)
    until(known(shop.floor, order))
    payload = beat(at)
    answer = at.ask(payload[:-1] + bytes((payload[-1] ^ 1,)))
    assert (answer.code, answer[Tag.ORDER]) == ("A0", "")
    assert now_is(shop.floor, order).state == "queued"


def rung(at: Counter) -> None:
    """Wait for a ring on the terminal's line, and look at it."""
    assert at.line is not None
    body = unwrap(UNIONPAY, at.line.receive()).body
    message = UNIONPAY.codec.decode(body)
    assert is_ring(message, at.merchant_no, at.terminal_no)
    assert at.keys is not None
    assert at.hsm.verify_mac(at.keys.mac_key, UNIONPAY.mac_algorithm, *covered_bytes(body, message))


def test_a_host_that_starts_again_tells_what_was_told_and_takes_the_answer_once(tmp_path: Path) -> None:
    make_data(tmp_path)
    floor = Floor(tmp_path, TestClock(), with_bank=False).start()
    shop = floor.shop()
    at = shop.terminals[0]
    at.get_keys()
    order = give(shop, at)
    until(known(floor, order))
    assert at.ask(beat(at))[Tag.ORDER]
    shop.hang_up()
    floor = floor.again()
    try:
        at.port = floor.port
        at.hang_up()
        assert at.ask(beat(at))[Tag.ORDER].startswith(f"{order.order_no},")
        at.ask(beat(at, {Tag.ORDER_ANSWERS: f"{order.order_no}:done:"}))
        assert now_is(floor, order).state == "done"
        assert at.ask(beat(at))[Tag.ORDER] == ""
    finally:
        at.hang_up()
        floor.stop()


@pytest.mark.postgres
def test_the_host_that_has_the_line_rings_whoever_gave_the_order(tmp_path: Path, postgres_database: str) -> None:
    make_data(tmp_path / "one")
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    one = Floor(tmp_path / "one", TestClock(), store=postgres_database, with_bank=False).start()
    two = Floor(tmp_path / "two", one.clock, store=postgres_database, with_bank=False).start()
    shop = one.shop()
    at = shop.terminals[0]
    try:
        at.port = two.port
        at.get_keys()
        assert at.ask(beat(at)).code == "00"
        order = give(shop, at)
        rung(at)
        assert at.ask(beat(at))[Tag.ORDER].startswith(f"{order.order_no},")
        at.ask(beat(at, {Tag.ORDER_ANSWERS: f"{order.order_no}:done:"}))
        assert now_is(one, order).state == "done"
    finally:
        at.hang_up()
        one.stop()
        two.stop()
