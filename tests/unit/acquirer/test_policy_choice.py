"""A merchant's choice: profile and overrides, kept only when they load again, and noted."""

import msgspec
import pytest
from tests.worlds.acquirer_world import MERCHANT, World

from zhanggui.acquirer.policy.actors import CONSOLE, Actor
from zhanggui.acquirer.policy.choice import Value, decide_set_rule, decide_use_profile
from zhanggui.acquirer.policy.rules import policy_of
from zhanggui.acquirer.rows.decision import Decision
from zhanggui.acquirer.rows.records import AuditNote, Merchant
from zhanggui.basics.errors import Misuse
from zhanggui.basics.numbers import MerchantNo


def set_rule(world: World, rule: str, value: Value | None, by: Actor = CONSOLE) -> Decision:
    return world.took(decide_set_rule(world.state, MERCHANT, rule, value, by, world.now))


def use(world: World, profile: str, by: Actor = CONSOLE) -> Decision:
    return world.took(decide_use_profile(world.state, MERCHANT, profile, by, world.now))


def shop(world: World) -> Merchant:
    found = world.state.get(Merchant, MERCHANT)
    assert found is not None
    return found


def test_a_rule_is_set_and_given_back_and_both_are_noted() -> None:
    world = World()
    assert set_rule(world, "idle_lock_s", 120).reason == ""
    assert policy_of(shop(world).policy, shop(world).policy_overrides).idle_lock_s == 120
    assert set_rule(world, "idle_lock_s", None).reason == ""
    assert shop(world).policy_overrides == ""
    assert set_rule(world, "idle_lock_s", None).reason == "not_overridden"
    notes = [(note.action, note.subject, note.detail, note.actor) for note in world.rows(AuditNote)]
    assert notes == [
        ("set_policy", "idle_lock_s", "value=120", "console"),
        ("set_policy", "idle_lock_s", "profile", "console"),
    ]


@pytest.mark.parametrize(
    ("rule", "value"),
    [("idle_lock_s", 20), ("idle_lock_s", 901), ("check_power", "pass"), ("colour", 1), ("idle_lock_s", "soon")],
)
def test_a_value_out_of_bounds_changes_nothing(rule: str, value: Value) -> None:
    world = World()
    with pytest.raises(Misuse, match=r"policy"):
        set_rule(world, rule, value)
    assert shop(world).policy_overrides == ""


def test_an_override_that_contradicts_another_rule_is_refused_by_name() -> None:
    world = World()
    world.change(shop(world), policy="strict")
    assert set_rule(world, "password_digits_max", 5).reason == "contradiction:password_digits_min>password_digits_max"
    assert shop(world).policy_overrides == ""


def test_another_profile_keeps_overrides_that_still_fit_and_is_refused_where_one_does_not() -> None:
    world = World()
    set_rule(world, "password_digits_max", 6)
    assert use(world, "strict").reason == ""
    assert (shop(world).policy, shop(world).policy_overrides) == ("strict", '{"password_digits_max":6}')
    assert use(world, "nist").reason == "contradiction:password_digits_min>password_digits_max"
    assert shop(world).policy == "strict"
    set_rule(world, "password_digits_max", None)
    assert use(world, "nist").reason == ""
    assert use(world, "nist").reason == "is_used"
    assert use(world, "lax").reason == "unknown_profile"


def test_only_the_administrator_and_the_console_set_policy() -> None:
    for role, reason in (("cashier", "not_permitted"), ("supervisor", "not_permitted"), ("administrator", "")):
        world = World()
        by = Actor("console:x", role)  # type: ignore[arg-type]  # three known roles
        assert set_rule(world, "idle_lock_s", 60, by).reason == reason
        assert use(world, "nist", by).reason == reason
        assert bool(world.rows(AuditNote)) is not bool(reason)


def test_a_merchant_that_is_none_has_no_policy() -> None:
    world = World()
    nobody = MerchantNo("999999999999999")
    assert decide_set_rule(world.state, nobody, "idle_lock_s", 60, CONSOLE, world.now).reason == "unknown_merchant"
    assert decide_use_profile(world.state, nobody, "nist", CONSOLE, world.now).reason == "unknown_merchant"


def test_what_is_kept_is_json_with_its_rules_in_order() -> None:
    world = World()
    set_rule(world, "idle_lock_s", 60)
    set_rule(world, "after_sale", "lock")
    assert shop(world).policy_overrides == '{"after_sale":"lock","idle_lock_s":60}'
    assert msgspec.json.decode(shop(world).policy_overrides) == {"after_sale": "lock", "idle_lock_s": 60}
