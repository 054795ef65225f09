"""A terminal that is not heard of any more: its session is taken over with a reason, and it is told when its line is back."""

from collections.abc import Callable, Iterator

import pytest
from tests.browser.conftest import PHONE, OpenDesk
from tests.browser.desk import Cashier, Desk, Finger, Hand, Keyboard
from tests.browser.looking import Looker
from tests.worlds.browser_office import Office
from tests.worlds.browser_shop import Shop

LEASE_S = 60
"""The shortest lease that there is; the shop's clocks are put forward by it, so that nobody waits."""
HEARTBEAT_WITHIN_MS = 45_000
"""A terminal whose line is back says so with its next heartbeat."""


@pytest.fixture(scope="module")
def shop(make_shop: Callable[[], Shop]) -> Shop:
    """A shop whose clocks can be put forward."""
    return make_shop().open(clock_moves=True)


@pytest.fixture(scope="module", autouse=True)
def office(shop: Shop) -> Iterator[Office]:
    """The shortest lease; and a minute that passes shortly before midnight is no new day."""
    office = Office(shop)
    with office.rules(lease_s=LEASE_S, new_day_signs_in="no"):
        yield office


def sign_in_while_there(desk: Desk, hand: Hand, operator: str) -> None:
    """With a session elsewhere."""
    desk.shows("sign_in_number")
    hand.digits(operator)
    desk.shows("sign_in_password")
    hand.digits("0000")
    hand.press("enter")
    desk.shows("elsewhere")


def assert_it_was_left_behind(shop: Shop, operator: str, old: str, new: str, reason: str) -> None:
    """The records of it: one live session, why the other one ended, and where the new one came from."""
    *_, there, here = [row for row in shop.rows("sessions") if row["operator_no"] == operator]
    assert (there["terminal_no"], there["end_reason"]) == (old, f"stale:{reason}")
    assert (here["terminal_no"], here["ended_ms"]) == (new, None)
    record = shop.rows("sign_ins")[-1]
    assert (record["record_no"], record["state"]) == (here["record_no"], "active")
    assert (record["taken_from"], record["approved_by"]) == (old, "")


def test_a_silent_terminal_is_left_behind_by_touch_and_tells_once_it_is_back(open_desk: OpenDesk, shop: Shop) -> None:
    first = open_desk("10000001", lang="zh", at="standby")
    second = open_desk("10000002", lang="zh", **PHONE)
    there, here = Cashier(first), Finger(second)
    looker = Looker(second)
    first.switch("network")
    sign_in_while_there(second, here, "01")
    second.says("主管授权接管")
    here.press("cancel")
    shop.let_pass(seconds=LEASE_S + 1)
    sign_in_while_there(second, here, "01")
    second.says("您已在另一台终端签到")
    second.says("10000001")
    second.says("那台终端已失去联系")
    looker.look(langs=("en", "zh"))
    here.press("stale")
    second.shows("stale_reason")
    second.says("为什么改用本机？")
    looker.look(langs=("en", "zh"))
    here.press("no_power")
    second.shows("signed_in")
    here.press("enter")
    second.shows("standby")
    second.says("01 · 王芳")
    assert_it_was_left_behind(shop, "01", "10000001", "10000002", "no_power")
    first.switch("network")
    # The next heartbeat tells, and nobody has to type a PIN for a payment that the host would refuse.
    first.page.wait_for_selector('.glass[data-screen="trouble"]', timeout=HEARTBEAT_WITHIN_MS)
    first.says("本次签到已转到终端 10000002")
    assert "没有扣款" not in first.glass.inner_text(), "no payment was begun"
    looked = Looker(first)
    looked.look(langs=("en", "zh"))
    there.press("enter")
    first.shows("sign_in_number")
    assert [row["state"] for row in shop.rows("payments") if row["state"] == "approved"] == []
    assert looker.faults + looked.faults == []


def test_the_same_by_keyboard_alone_and_the_sign_out_there_tells(open_desk: OpenDesk, shop: Shop) -> None:
    first = open_desk("10000001", lang="en", at="standby", operator="02")
    second = open_desk("10000002", lang="en")
    there, here = Keyboard(first), Keyboard(second)
    there.switch("network")
    shop.let_pass(seconds=LEASE_S + 1)
    sign_in_while_there(second, here, "02")
    second.says("That terminal is not heard of any more")
    here.press("enter")
    second.shows("stale_reason")
    here.press("cancel")
    second.shows("elsewhere")
    here.press("enter")
    second.shows("stale_reason")
    here.digits("1")
    second.shows("signed_in")
    here.press("enter")
    second.shows("standby")
    assert_it_was_left_behind(shop, "02", "10000001", "10000002", "broken")
    there.switch("network")
    there.press("sign_out")
    first.shows("sign_out")
    there.press("enter")
    first.shows("trouble")
    first.says("This session has ended")
    first.says("A109")
    looker = Looker(first)
    looker.look()
    there.press("enter")
    first.shows("sign_in_number")
    assert looker.faults == []
