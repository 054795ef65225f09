"""Passwords over TCP: factory and initial ones, age, and the change to a new one (P4, docs/concepts/sign-in.md)."""

from collections.abc import Callable

import pytest
from tests.worlds.floor import PASSWORDS, Shop

from zhanggui.cup.operator_tags import Tag

WANG = PASSWORDS["01"]
OpenShop = Callable[..., Shop]


@pytest.mark.parametrize(
    ("rule", "code", "needs", "confirmed"),
    [("allow", "00", "", "00"), ("change", "00", "new_password", "P4"), ("refuse", "P4", "", "")],
)
def test_the_password_of_the_factory_does_what_policy_says(
    open_shop: OpenShop, rule: str, code: str, needs: str, confirmed: str
) -> None:
    shop = open_shop(factory_password=rule)
    shop.change_operator("01", factory_password=1)
    at = shop.terminals[0]
    verified = at.verify("01", WANG)
    assert (verified.code, verified[Tag.NEEDS]) == (code, needs)
    if code == "P4":
        assert verified[Tag.REASON] == "factory_password"
        changed = at.change_password("01", WANG, "9461")
        assert (changed.code, changed[Tag.REASON]) == ("P4", "factory_password"), "it opens nothing at all"
        return
    answer = at.confirm("01", verified[Tag.RECORD_NO])
    assert answer.code == confirmed
    if confirmed == "P4":
        assert answer[Tag.REASON] == "change_first"
        assert at.change_password("01", WANG, "9461").code == "00"
        assert at.confirm("01", verified[Tag.RECORD_NO]).code == "00", "the same attempt goes on after the change"
        assert at.sign_out("01").code == "00"
        assert at.verify("01", WANG).code == "P1"
        assert at.sign_in("01", "9461").code == "00"


def test_an_initial_secret_must_be_changed_and_opens_nothing_once_its_time_is_over(shop: Shop) -> None:
    shop.change_operator("01", initial_until_ms=shop.clock.now() + 3_600_000)
    at = shop.terminals[0]
    verified = at.verify("01", WANG)
    assert (verified.code, verified[Tag.NEEDS]) == ("00", "new_password")
    assert at.confirm("01", verified[Tag.RECORD_NO]).code == "P4"
    shop.clock.advance(hours=1)
    late = at.verify("01", WANG)
    assert (late.code, late[Tag.REASON]) == ("P4", "initial_secret_expired")
    assert at.change_password("01", WANG, "9461")[Tag.REASON] == "initial_secret_expired"
    assert shop.operator("01").initial_until_ms is not None


def test_a_change_ends_the_initial_time(shop: Shop) -> None:
    shop.change_operator("01", initial_until_ms=shop.clock.now() + 3_600_000)
    assert shop.terminals[0].change_password("01", WANG, "9461").code == "00"
    assert shop.operator("01").initial_until_ms is None
    assert shop.terminals[0].sign_in("01", "9461").code == "00"


@pytest.mark.parametrize(
    ("new", "reason"),
    [("83", "unreadable"), ("1234", "too_short"), ("111111", "banned"), ("830259", "same"), ("274913", "reused")],
)
def test_a_new_password_that_breaks_a_rule_is_refused_with_its_word(open_shop: OpenShop, new: str, reason: str) -> None:
    shop = open_shop(policy="strict", sign_in_code="none")
    shop.add_operator("03", "赵敏", "cashier", "274913")
    at = shop.terminals[0]
    shop.clock.advance(days=1)
    assert at.change_password("03", "274913", "830259").code == "00"
    if reason == "unreadable":
        # Two digits make no block: the PIN pad of an attacker would send something else.
        answer = at.exchange("405", "03", {Tag.NEW_BLOCK: "00" * 8}, "830259")
    else:
        answer = at.change_password("03", "830259", new)
    assert (answer.code, answer[Tag.REASON]) == ("P4", reason)
    assert at.verify("03", "830259").code == "00", "the old one is still the password"


def test_the_fifth_password_back_may_come_again(open_shop: OpenShop) -> None:
    shop = open_shop(policy="strict", sign_in_code="none")
    shop.add_operator("03", "赵敏", "cashier", "274913")
    at, now = shop.terminals[0], "274913"
    for new in ("830259", "961372", "507284", "194836"):
        assert at.change_password("03", now, "274913").code == "P4"
        assert at.change_password("03", now, new).code == "00"
        now = new
    assert at.change_password("03", now, "274913").code == "00"


def test_an_old_password_is_announced_and_then_must_be_changed(open_shop: OpenShop) -> None:
    shop = open_shop(password_age_days=90, password_notice_days=14)
    at = shop.terminals[0]
    assert at.verify("01", WANG)[Tag.NOTICE] == ""
    shop.clock.advance(days=80)
    assert at.verify("01", WANG)[Tag.NOTICE] == "10"
    shop.clock.advance(days=10)
    verified = at.verify("01", WANG)
    assert (verified.code, verified[Tag.NEEDS]) == ("00", "new_password")
    assert at.confirm("01", verified[Tag.RECORD_NO])[Tag.REASON] == "change_first"


def test_an_account_that_nobody_used_for_long_is_closed(open_shop: OpenShop) -> None:
    shop = open_shop(stale_disable_days=90)
    shop.clock.advance(days=89)
    assert shop.terminals[0].sign_in("01", WANG).code == "00"
    shop.clock.advance(days=91)
    assert shop.terminals[1].verify("01", WANG).code == "P2"
    assert shop.records[-1].reason == "account_unused"


def test_a_disabled_operator_is_told_so_only_with_the_right_password(shop: Shop) -> None:
    shop.change_operator("01", state="disabled")
    assert shop.terminals[0].verify("01", "0001").code == "P1"
    assert shop.terminals[0].verify("01", WANG).code == "P2"
