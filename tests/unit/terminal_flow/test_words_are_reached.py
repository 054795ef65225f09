"""No word lies in the catalogue that no device, no rule and no answer can cause."""

import re
from pathlib import Path

from msgspec.structs import replace

import zhanggui
from zhanggui.acquirer.operators.self_check import RIGHTS_LOST, judge_self_check
from zhanggui.acquirer.policy.report import bounds_of
from zhanggui.acquirer.policy.rules import policy_of
from zhanggui.cup.values.self_check import read_self_check
from zhanggui.terminal.devices.switches import STATES, VirtualSwitch
from zhanggui.terminal.flow.duty.line import SILENT
from zhanggui.terminal.flow.words.catalogue import all_words, has_words
from zhanggui.terminal.link.operator_link import told_checks

TERMINAL = Path(zhanggui.__file__).parent / "terminal"
LINE = TERMINAL / "flow" / "duty" / "line.py"
"""What is told of the network from what came over it."""
DEVICES = "\n".join(
    path.read_text(encoding="utf-8")
    for path in (
        *sorted((TERMINAL / "devices").glob("*.py")),
        TERMINAL / "self_check.py",
        TERMINAL / "performer.py",
        LINE,
    )
)
"""Everything that gives a reason of the self-check."""


def words_of(pattern: str) -> list[str]:
    return [key for key in all_words() if re.fullmatch(pattern, key) and not key.endswith(".do")]


def test_each_reason_of_the_self_check_is_given_by_some_device() -> None:
    reasons = [key for key in words_of(r"check\.[a-z_]+\.[a-z_]+") if not key.startswith("check.state.")]
    assert len(reasons) > 12
    assert [key for key in reasons if f'"{key}"' not in DEVICES] == []


def test_each_state_of_a_part_has_words_for_it_and_for_what_to_do() -> None:
    for states in STATES.values():
        for _, reason in states.values():
            assert not reason or (has_words(reason) and has_words(f"{reason}.do")), reason


def test_the_status_line_has_words_for_the_states_that_its_parts_can_have_and_no_others() -> None:
    told = {tuple(key.split(".")[1:]) for key in words_of(r"status\.[a-z]+\.[a-z]+")}
    parts = {item for item, _ in told}
    given = {(item, state) for item in parts for state, _ in STATES[item].values()}  # type: ignore[index]  # items
    assert told == given | {(SILENT.item, SILENT.state)}


def lost(item: str) -> set[str]:
    """What any state of this part takes away, under a policy that a shop may have."""
    if "degraded" not in bounds_of(f"check_{item}")["words"]:
        return set()
    policy = replace(policy_of("basic"), **{f"check_{item}": "degraded"})
    rights: set[str] = set()
    for state in STATES[item]:  # type: ignore[index]  # an item
        part = VirtualSwitch(item)  # type: ignore[arg-type]  # an item
        part.set_state(state)
        rights.update(judge_self_check(policy, read_self_check(told_checks((part.check(),)).told)).degraded)
    return rights


def test_each_right_that_can_be_lost_has_words_and_each_word_a_right() -> None:
    words = {key.partition(".")[2] for key in words_of(r"degraded\.[a-z_]+")} - {"other", "no_card"}
    reached = {right for item in RIGHTS_LOST for right in lost(item)}
    assert words == reached == set(RIGHTS_LOST.values())
