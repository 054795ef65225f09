"""P2 says why: a lock by its end, everything else by a reason, and only to whoever knows the password."""

from typing import Any

import pytest
from tests.worlds.acquirer_world import LI, World, code_of, tags_of

from zhanggui.acquirer.operators.confirm import CONFIRM_WITHIN_MS
from zhanggui.acquirer.policy.rules import policy_of
from zhanggui.acquirer.rows.records import Merchant
from zhanggui.basics.numbers import UnixMs
from zhanggui.basics.spans import DAY_MS
from zhanggui.cup.operator_tags import Tag

BASIC = policy_of("basic")


def signed_on(**changes: Any) -> World:
    world = World()
    world.sign_on()
    world.change(world.operator(LI), **changes)
    return world


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"state": "disabled"}, "operator_disabled"),
        ({"state": "disabled", "failed_count": BASIC.person_cap_failures}, "tries_used_up"),
    ],
)
def test_a_disabled_operator_hears_what_put_him_out(changes: dict[str, Any], reason: str) -> None:
    refused = signed_on(**changes).verify(LI)
    assert (code_of(refused), tags_of(refused)[Tag.REASON], refused.reason) == ("P2", reason, reason)


def test_a_long_unused_operator_hears_that_nobody_used_the_number() -> None:
    world = signed_on()
    days = policy_of("strict").stale_disable_days
    world.change(world.rows(Merchant)[0], policy="strict")
    world.now = UnixMs(world.now + (days + 1) * DAY_MS)
    refused = world.verify(LI)
    assert (code_of(refused), tags_of(refused)[Tag.REASON]) == ("P2", "account_unused")


def test_who_does_not_know_the_password_learns_nothing_of_the_account() -> None:
    refused = signed_on(state="disabled").verify(LI, right=False)
    assert code_of(refused) == "P1"
    assert Tag.REASON not in tags_of(refused)


def test_a_lock_is_told_by_its_end_and_by_no_reason() -> None:
    world = signed_on()
    world.change(world.operator(LI), locked_until_ms=UnixMs(world.now + 60_000))
    tags = tags_of(world.verify(LI))
    assert Tag.LOCKED_UNTIL in tags
    assert Tag.REASON not in tags


def test_who_is_disabled_between_password_and_confirmation_hears_it_too() -> None:
    world = signed_on()
    record_no = tags_of(world.verify(LI))[Tag.RECORD_NO]
    world.change(world.operator(LI), state="disabled")
    world.now = UnixMs(world.now + CONFIRM_WITHIN_MS // 2)
    refused = world.confirm(record_no, LI)
    assert (code_of(refused), tags_of(refused).get(Tag.REASON)) == ("P2", "operator_disabled")
