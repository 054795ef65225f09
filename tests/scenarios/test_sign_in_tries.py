"""Wrong tries over TCP: what a person and a device may do, and what each refusal says (docs/concepts/sign-in.md, P1 to P3)."""

from collections.abc import Callable

import pytest
from tests.worlds.floor import PASSWORDS, Shop
from tests.worlds.our_terminal import Answer, Counter

from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.values.clock import write_clock

WANG = PASSWORDS["01"]
WRONG = "0001"
UNKNOWN = "55"
OpenShop = Callable[..., Shop]


def fail(shop: Shop, times: int, number: str = "01", terminal: Counter | None = None) -> Answer:
    """So many wrong passwords, each as soon as the host takes one."""
    at = terminal or shop.terminals[0]
    for _ in range(times):
        answer = at.verify(number, WRONG)
        assert answer.code == "P1", answer
        shop.clock.advance(s=int(answer[Tag.WAIT_S] or 0))
    return answer


def test_a_wrong_password_says_how_many_tries_are_left_and_the_third_how_long_to_wait(shop: Shop) -> None:
    said = [shop.terminals[0].verify("01", WRONG) for _ in range(3)]
    assert [(one.code, one[Tag.TRIES_LEFT], one[Tag.WAIT_S]) for one in said] == [
        ("P1", "2", ""),
        ("P1", "1", ""),
        ("P1", "0", "5"),
    ]
    assert [(record.state, record.reason) for record in shop.records] == [("refused", "wrong_password")] * 3


def test_before_the_wait_is_over_even_the_right_password_is_not_looked_at(shop: Shop) -> None:
    for _ in range(3):
        shop.terminals[0].verify("01", WRONG)
    shop.clock.advance(s=4)
    early = shop.terminals[0].verify("01", WANG)
    assert (early.code, early[Tag.WAIT_S]) == ("P1", "1")
    assert shop.records[-1].reason == "too_soon"
    shop.clock.advance(s=1)
    assert shop.terminals[0].verify("01", WANG).code == "00"


def test_waits_grow_up_to_their_bound_and_a_good_sign_in_forgets_them(shop: Shop) -> None:
    waits = [int(fail(shop, 1)[Tag.WAIT_S] or 0) for _ in range(9)]
    assert waits == [0, 0, 5, 10, 20, 40, 60, 60, 60]
    assert shop.terminals[0].verify("01", WANG).code == "00"
    assert shop.operator("01").failed_count == 0
    assert shop.terminals[0].verify("01", WRONG)[Tag.TRIES_LEFT] == "2"


def test_ten_wrong_passwords_in_a_row_lock_the_person_and_nobody_else(shop: Shop) -> None:
    fail(shop, 10)
    locked_at = shop.operator("01").locked_until_ms
    assert locked_at is not None
    answer = shop.terminals[1].verify("01", WANG)
    assert (answer.code, answer[Tag.LOCKED_UNTIL]) == ("P2", write_clock(locked_at))
    assert shop.records[-1].reason == "operator_locked"
    assert shop.terminals[0].sign_in("02", PASSWORDS["02"]).code == "00", "a colleague signs in on the same terminal"
    shop.clock.advance(minutes=31)
    assert shop.terminals[1].sign_in("01", WANG).code == "00"


def test_a_hundred_failures_in_a_row_end_the_account_until_it_is_reset(shop: Shop) -> None:
    shop.change_operator("01", failed_count=99)
    fail(shop, 1)
    assert shop.operator("01").state == "disabled"
    shop.clock.advance(hours=2)
    assert shop.terminals[0].verify("01", WANG).code == "P2"
    assert shop.records[-1].reason == "tries_used_up"


def test_four_different_numbers_within_ten_minutes_lock_the_device(shop: Shop) -> None:
    at, elsewhere = shop.terminals
    for number in ("01", "02", "55", "66"):
        assert at.verify(number, WRONG).code == "P1"
    answer = at.verify("01", WANG)
    assert (answer.code, answer[Tag.LOCKED_UNTIL]) == ("P3", write_clock(shop.clock.now() + 600_000))  # type: ignore[arg-type]
    assert shop.records[-1].reason == "terminal_locked"
    assert elsewhere.sign_in("01", WANG).code == "00", "the person is not locked, only the device"
    shop.clock.advance(minutes=10)
    assert at.verify("02", PASSWORDS["02"]).code == "00"


def test_three_numbers_do_not_lock_the_device_and_old_failures_leave_the_window(shop: Shop) -> None:
    at = shop.terminals[0]
    for number in ("01", "02", "55"):
        at.verify(number, WRONG)
    shop.clock.advance(minutes=11)
    at.verify("66", WRONG)
    shop.clock.advance(minutes=1)
    assert at.verify("01", WANG).code == "00"


def test_twenty_failures_within_ten_minutes_lock_the_device(open_shop: OpenShop) -> None:
    shop = open_shop(delay_max_s=5)
    fail(shop, 10, "01")
    fail(shop, 9, "02")
    assert shop.terminals[0].verify("02", WRONG).code == "P1"
    assert shop.terminals[0].verify("00", PASSWORDS["00"]).code == "P3"


@pytest.mark.parametrize("way", ["unlock", "change_password", "approve"])
def test_a_locked_device_takes_no_password_by_any_other_message_either(shop: Shop, way: str) -> None:
    at = shop.terminals[0]
    assert at.sign_in("01", WANG).code == "00"
    at.lock("01")
    for number in ("55", "66", "77", "88"):
        at.verify(number, WRONG)
    answer = {
        "unlock": lambda: at.unlock("01", WANG),
        "change_password": lambda: at.change_password("01", WANG, "9461"),
        "approve": lambda: at.approve("00", PASSWORDS["00"], "take_over"),
    }[way]()
    assert answer.code == "P3"
    assert answer[Tag.LOCKED_UNTIL]


@pytest.mark.parametrize("way", ["unlock", "change_password", "approve"])
def test_wrong_tries_of_other_messages_count_wait_and_lock_like_those_of_a_sign_in(shop: Shop, way: str) -> None:
    at = shop.terminals[0]
    at.sign_in("01", WANG)
    at.lock("01")
    number = "00" if way == "approve" else "01"
    act: dict[str, Callable[[str], Answer]] = {
        "unlock": lambda password: at.unlock("01", password),
        "change_password": lambda password: at.change_password("01", password, "9461"),
        "approve": lambda password: at.approve("00", password, "take_over"),
    }
    said = [act[way](WRONG) for _ in range(3)]
    assert [(one.code, one[Tag.TRIES_LEFT], one[Tag.WAIT_S]) for one in said] == [
        ("P1", "2", ""),
        ("P1", "1", ""),
        ("P1", "0", "5"),
    ]
    assert (act[way](PASSWORDS[number]).code, act[way](PASSWORDS[number])[Tag.WAIT_S]) == ("P1", "5")
    for _ in range(7):
        shop.clock.advance(s=60)
        act[way](WRONG)
    shop.clock.advance(s=60)
    locked = act[way](PASSWORDS[number])
    assert locked.code == "P2"
    assert locked[Tag.LOCKED_UNTIL]


def test_unknown_number_and_wrong_password_are_answered_alike_to_the_byte(open_shop: OpenShop) -> None:
    """Same codes, tags, texts and lengths through tries, waits and too early ones; only the records tell them apart.

    Locks are compared in test_sign_in_walk_arounds.py.
    """
    known, unknown = open_shop(), open_shop()
    both = [(known.terminals[0], "01"), (unknown.terminals[0], UNKNOWN)]
    for step in range(8):
        said = [terminal.verify(number, WRONG) for terminal, number in both]
        assert [one.code for one in said] == ["P1", "P1"]
        assert said[0].tags == said[1].tags, f"try {step + 1}"
        assert list(said[0].tags) == list(said[1].tags)
        assert len(said[0].payload) == len(said[1].payload)
        early = [terminal.verify(number, WRONG) for terminal, number in both]
        assert early[0].tags == early[1].tags, f"a try before the wait of try {step + 1} is over"
        known.clock.advance(s=int(early[0][Tag.WAIT_S] or 0))
    reasons = [{record.reason for record in shop.records} for shop in (known, unknown)]
    assert reasons == [{"wrong_password", "too_soon"}, {"unknown_operator", "too_soon"}]


def test_a_wrong_number_in_other_messages_is_answered_like_a_wrong_password(open_shop: OpenShop) -> None:
    known, unknown = open_shop(), open_shop()
    for terminal, shop in ((known.terminals[0], known), (unknown.terminals[0], unknown)):
        terminal.sign_in("02", PASSWORDS["02"])
        shop.terminals[0].lock("02")
    acts: tuple[Callable[[Counter, str], Answer], ...] = (
        lambda at, number: at.unlock(number, WRONG),
        lambda at, number: at.change_password(number, WRONG, "9461"),
        lambda at, number: at.approve(number, WRONG, "take_over"),
    )
    for act in acts:
        one, other = act(known.terminals[0], "01"), act(unknown.terminals[0], UNKNOWN)
        assert (one.code, one.tags, len(one.payload)) == (other.code, other.tags, len(other.payload))
