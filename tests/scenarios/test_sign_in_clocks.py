"""What hangs on time, over TCP: the longest session, a new day, and who counts as silent when a wall clock jumps."""

from collections.abc import Callable, Iterator

import pytest
from tests.worlds.floor import PASSWORDS, Shop
from tests.worlds.our_terminal import Counter

from zhanggui.acquirer.policy.rules import policy_of
from zhanggui.acquirer.rows.records import Operator, Payment, Stranger, Terminal
from zhanggui.basics.numbers import UnixMs
from zhanggui.cup.operator_tags import Tag

WANG = PASSWORDS["01"]
OpenShop = Callable[..., Shop]
HOUR_S = 3600


@pytest.fixture
def at(shop: Shop) -> Counter:
    """The first terminal, with operator 01 on duty."""
    assert shop.terminals[0].sign_in("01", WANG).code == "00"
    return shop.terminals[0]


@pytest.fixture
def jump(shop: Shop) -> Iterator[Callable[[float], None]]:
    """Puts the host's wall clock on or back by seconds; afterwards it is as if it never had been."""
    jumped = []

    def put(seconds: float) -> None:
        jumped.append(seconds)
        shop.clock.jump(s=seconds)

    yield put
    shop.clock.jump(s=-sum(jumped))


# ----------------------------------------------------------------------------------------------------- how long it lasts


def test_no_sale_is_taken_in_a_session_that_lasted_too_long_and_a_sign_in_begins_another(
    open_shop: OpenShop,
) -> None:
    shop = open_shop(session_hours_max=8)
    at = shop.terminals[0]
    at.sign_in("01", WANG)
    shop.clock.advance(hours=8)
    assert at.sell("01").code == "00"
    shop.clock.advance(s=1)
    assert at.sell("01").code == "77"
    assert at.sign_in("01", WANG)[Tag.SESSION_NO] == "2"
    assert at.heartbeat("01")[Tag.ORDERS] == ""
    assert at.sell("01").code == "00"
    assert [session.end_reason for session in shop.sessions] == ["too_long", ""]
    assert [(record.state, record.reason) for record in shop.records] == [("ended", "too_long"), ("active", "")]
    assert [payment.session_no for payment in shop.rows(Payment) if payment.state == "approved"] == [1, 2]


@pytest.mark.parametrize(("new_day_signs_in", "session_no"), [(True, "2"), (False, "1")])
def test_a_session_of_yesterday_is_not_gone_on_with_where_a_new_day_asks_for_a_sign_in(
    open_shop: OpenShop, new_day_signs_in: bool, session_no: str
) -> None:
    shop = open_shop(new_day_signs_in=new_day_signs_in, session_hours_max=24)
    at = shop.terminals[0]
    at.sign_in("01", WANG)
    at.lock("01")
    shop.clock.advance(hours=24)
    assert at.sign_in("01", WANG)[Tag.SESSION_NO] == session_no
    assert at.sell("01").code == "00"
    assert shop.sessions[0].end_reason == ("new_day" if new_day_signs_in else "")


@pytest.mark.parametrize("then", ["locked", "signed out", "taken over"])
def test_a_repeat_of_a_sale_gets_its_first_answer_whatever_became_of_the_session(
    shop: Shop, at: Counter, then: str
) -> None:
    payload = at.sale("01")
    first = at.ask(payload)
    assert first.code == "00"
    match then:
        case "locked":
            at.lock("01")
        case "signed out":
            at.sign_out("01")
        case _:
            shop.clock.advance(s=91)
            here = shop.terminals[1]
            record_no = here.verify("01", WANG)[Tag.RECORD_NO]
            assert here.confirm("01", record_no, {Tag.TAKE_OVER: "stale:broken"}).code == "00"
    again = at.ask(payload)
    assert (again.code, again.sealed) == ("00", True)
    assert again.message.fields[37] == first.message.fields[37], "the same reference number"
    assert at.sell("01").code == "77", "and nothing new is sold"
    assert [payment.state for payment in shop.rows(Payment)] == ["approved", "declined"]


def test_what_comes_again_after_hours_is_no_repeat_and_is_not_posted(shop: Shop, at: Counter) -> None:
    payload = at.sale("01")
    assert at.ask(payload).code == "00"
    shop.clock.advance(hours=13)
    assert at.ask(payload).code == "77", "its session got too long meanwhile"
    assert at.sell("01").code == "77", "and nothing new is sold"
    assert [payment.state for payment in shop.rows(Payment)] == ["approved", "declined"]


# ----------------------------------------------------------------------------------------------------------- who is silent


@pytest.mark.parametrize("by_s", [120, 20 * HOUR_S])
def test_a_wall_clock_that_is_put_on_makes_nobody_silent(
    open_shop: OpenShop, jump: Callable[[float], None], by_s: float
) -> None:
    shop = open_shop(duplicate="refuse")
    there, here = shop.terminals
    there.sign_in("01", WANG)
    jump(by_s)
    answer = here.verify("01", WANG)
    assert (answer.code, answer[Tag.TAKE_OVER]) == ("P6", "")


def test_a_wall_clock_that_is_put_back_keeps_no_dead_terminal_alive(
    open_shop: OpenShop, jump: Callable[[float], None]
) -> None:
    shop = open_shop(duplicate="refuse")
    there, here = shop.terminals
    shop.change_operator("01", password_set_ms=UnixMs(shop.clock.now() - 24 * HOUR_S * 1000))
    there.sign_in("01", WANG)
    jump(-6 * HOUR_S)
    assert here.verify("01", WANG)[Tag.TAKE_OVER] == ""
    shop.clock.advance(s=91)
    answer = here.verify("01", WANG)
    assert (answer.code, answer[Tag.TAKE_OVER]) == ("P6", "stale")
    assert here.confirm("01", answer[Tag.RECORD_NO], {Tag.TAKE_OVER: "stale:broken"}).code == "00"
    assert [session.terminal_no for session in shop.live] == [here.terminal_no]


# -------------------------------------------------------------------------------- what a wrong clock has written meanwhile


@pytest.mark.parametrize("number", ["01", "77"])
def test_a_wait_that_a_wrong_clock_wrote_ends_after_the_longest_wait_of_the_policy(
    shop: Shop, jump: Callable[[float], None], number: str
) -> None:
    policy, at = policy_of("basic"), shop.terminals[0]
    jump(180 * 24 * HOUR_S)
    for _ in range(policy.delay_from_failure):
        at.verify(number, "0000")
    jump(-180 * 24 * HOUR_S)
    told = at.verify(number, WANG)
    assert (told.code, int(told[Tag.WAIT_S]) <= policy.delay_max_s) == ("P1", True)
    shop.clock.advance(s=policy.delay_max_s - 1)
    assert 0 < int(at.verify(number, WANG)[Tag.WAIT_S]) <= 1, "it runs; it does not begin anew at each look"
    shop.clock.advance(s=1)
    tried = at.verify(number, WANG)
    assert tried.code == ("00" if number == "01" else "P1")
    kind: type[Operator] | type[Stranger] = Operator if number == "01" else Stranger
    (row,) = (row for row in shop.rows(kind) if row.operator_no == number)
    assert row.failed_count == (0 if number == "01" else policy.delay_from_failure + 1), "it was looked at"


def test_locks_that_a_wrong_clock_wrote_end_after_those_of_the_policy(
    shop: Shop, jump: Callable[[float], None]
) -> None:
    policy, at = policy_of("basic"), shop.terminals[0]
    ahead = UnixMs(shop.clock.now() + 180 * 24 * HOUR_S * 1000)
    shop.change_operator("01", locked_until_ms=ahead)
    shop.change_terminal(at.terminal_no, locked_until_ms=ahead, failures=f"{ahead}:05,{ahead}:06")
    assert at.verify("01", WANG).code == "P3"
    shop.clock.advance(minutes=policy.device_lock_minutes)
    assert at.verify("01", WANG).code == ("P2" if policy.person_lock_minutes > policy.device_lock_minutes else "00")
    shop.clock.advance(minutes=policy.person_lock_minutes)
    assert at.sign_in("01", WANG).code == "00"
    assert at.verify("02", "0000").code == "P1"
    (row,) = (row for row in shop.rows(Terminal) if row.terminal_no == at.terminal_no)
    assert str(ahead) not in row.failures


def test_a_session_that_began_while_the_clock_was_wrong_ends_with_its_longest_time(
    open_shop: OpenShop, jump: Callable[[float], None]
) -> None:
    shop = open_shop(session_hours_max=8)
    at, other = shop.terminals
    jump(180 * 24 * HOUR_S)
    for terminal, number in ((at, "01"), (other, "02")):
        assert terminal.sign_in(number, PASSWORDS[number]).code == "00"
    jump(-180 * 24 * HOUR_S)
    assert other.sell("02").code == "77", "so far ahead it is over"
    at.heartbeat("01")
    assert at.sell("01").code == "00", "its heartbeat put it right"
    shop.clock.advance(hours=8)
    assert at.sell("01").code == "00"
    shop.clock.advance(s=1)
    assert at.sell("01").code == "77"
