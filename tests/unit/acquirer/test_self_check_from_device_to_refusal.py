"""From a simulated part to the host's verdict: each rule of the self-check can be made to count by a part that fails."""

from typing import Any

import pytest
from msgspec.structs import replace
from tests.worlds.acquirer_world import World, code_of, tags_of

from zhanggui.acquirer.operators.self_check import judge_self_check
from zhanggui.acquirer.policy.rules import Policy, policy_of
from zhanggui.acquirer.rows.records import Merchant
from zhanggui.basics.clock import SystemClock
from zhanggui.basics.numbers import UnixMs
from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.values.clock import write_clock
from zhanggui.cup.values.self_check import CHECK_ITEMS, MODEL_LACKS, SelfCheck, read_self_check
from zhanggui.terminal.devices.switches import STATES, VirtualClock, VirtualSwitch
from zhanggui.terminal.link.operator_link import told_checks
from zhanggui.terminal.models.profiles import load_profile

BASIC = policy_of("basic")
OUT_OF_USE = {
    ("power", "fail"),
    ("network", "down"),
    ("keypad", "stuck"),
    ("display", "fail"),
    ("card_reader", "fail"),
    ("scanner", "fail"),
    ("printer", "no_paper"),
    ("printer", "fail"),
    ("clock", "drift"),
    ("tamper", "opened"),
}
"""What can't do its work; everything else is at most worth a word."""


def told(item: Any, state: str) -> SelfCheck:
    """What the host reads when all is well but one part, as our terminal tells it."""
    parts = [VirtualSwitch(known) for known in CHECK_ITEMS]
    next(part for part in parts if part.item == item).set_state(state)
    return read_self_check(told_checks(tuple(part.check() for part in parts)).told)


def blocking(item: str) -> Policy:
    return BASIC if item == "tamper" else replace(BASIC, **{f"check_{item}": "blocked"})


@pytest.mark.parametrize(("item", "state"), [(item, state) for item, states in STATES.items() for state in states])
def test_a_part_that_cannot_do_its_work_counts_whatever_it_is_called(item: str, state: str) -> None:
    blocked_by = judge_self_check(blocking(item), told(item, state)).blocked_by
    assert blocked_by == (item if (item, state) in OUT_OF_USE else "")


@pytest.mark.parametrize("item", [item for item in CHECK_ITEMS if item != "tamper"])
def test_each_rule_of_the_self_check_changes_something_for_some_state_of_its_part(item: str) -> None:
    verdicts = {
        gate: [judge_self_check(replace(BASIC, **{f"check_{item}": gate}), told(item, state)) for state in STATES[item]]  # type: ignore[index]  # an item
        for gate in ("pass", "degraded", "blocked")
    }
    assert verdicts["pass"] != verdicts["degraded"] != verdicts["blocked"] != verdicts["pass"]


@pytest.mark.parametrize(("off_s", "code"), [(0, "00"), (30, "00"), (-30, "00"), (31, "P9"), (3600, "P9"), (-31, "P9")])
def test_a_clock_is_off_by_what_the_host_measures_and_policy_says(off_s: int, code: str) -> None:
    world = World()
    overrides = '{"check_clock": "blocked", "drift_warn_s": 30}'
    world.change(world.rows(Merchant)[0], policy_overrides=overrides)
    world.sign_on()
    answer = world.verify(tags={Tag.TERMINAL_CLOCK: write_clock(UnixMs(world.now + off_s * 1000))})
    assert code_of(answer) == code
    if code == "P9":
        assert tags_of(answer)[Tag.REASON] == "self_check:clock"


def test_the_terminal_s_own_clock_warns_from_where_policy_says() -> None:
    clock = VirtualClock(SystemClock())
    clock.measured(31, 30)
    assert clock.check().reason == "check.clock.drift"
    clock.measured(31, 60)
    assert clock.check().state == "ok"


def test_strict_s_clock_lets_on_and_says_so() -> None:
    gate = judge_self_check(policy_of("strict"), told("clock", "ok"), drift_s=3600)
    assert (gate.blocked_by, gate.degraded) == ("", ("clock",))


# ── models ───────────────────────────────────────────────────────────────────


def test_what_a_model_lacks_is_what_its_profile_says() -> None:
    for model in ("smart", "esign", "keypad"):
        profile = load_profile(model)
        lacks = {item for item, has in (("printer", profile.printer), ("scanner", profile.scanner)) if not has}
        assert MODEL_LACKS.get(model, frozenset()) == lacks


@pytest.mark.parametrize(("model", "item"), [("keypad", "scanner"), ("esign", "printer")])
def test_a_model_is_not_shut_out_for_a_part_that_it_lacks(model: str, item: str) -> None:
    policy = replace(policy_of("strict"), **{f"check_{item}": "blocked"})
    evidence = read_self_check(",".join(f"{known}:ok" for known in CHECK_ITEMS if known != item))
    assert judge_self_check(policy, evidence, model=model).blocked_by == ""
    for other in ("smart", "foreign"):
        assert judge_self_check(policy, evidence, model=other).blocked_by == item


def test_the_model_is_the_one_that_the_host_knows() -> None:
    world = World()
    overrides = '{"evidence_required": true, "check_scanner": "blocked"}'
    world.change(world.rows(Merchant)[0], policy_overrides=overrides)
    world.sign_on()
    said = {Tag.SELF_CHECK: ",".join(f"{known}:ok" for known in CHECK_ITEMS if known != "scanner")}
    assert tags_of(world.verify(tags=said))[Tag.REASON] == "self_check:scanner"
    world.change(world.terminal(), model="keypad")
    assert code_of(world.verify(tags=said)) == "00"
