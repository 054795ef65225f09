"""The profiles are whole and sane: every rule has words, a clause in each profile, bounds that fit it, and a use in the source."""

import re
from pathlib import Path

import pytest

from zhanggui.acquirer.policy.report import bounds_of, contradictions, read_value, report
from zhanggui.acquirer.policy.rules import (
    PROFILES,
    Policy,
    check_override,
    load_bounds,
    load_profile,
    policy_of,
    rule_words,
)
from zhanggui.basics.errors import Misuse

RULES = Policy.__struct_fields__
HOUSE = Path(__file__).parents[3] / "src" / "zhanggui"
BY_PATTERN = {name: "check_" for name in RULES if name.startswith("check_")}
"""Rules that the source finds by the item's name: `check_` and what was checked."""


def source_outside_the_policy() -> str:
    files = [*HOUSE.rglob("*.py"), *HOUSE.rglob("*.js")]
    return "\n".join(file.read_text(encoding="utf-8") for file in files if file.parent.name != "policy")


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_says_every_rule_once_with_its_clause(profile: str) -> None:
    rules = load_profile(profile)
    assert list(rules) == [name for name in rules if name in RULES]
    assert set(rules) == set(RULES)
    assert all(len(rule.clause) >= 3 for rule in rules.values())


def test_every_rule_has_words_in_both_languages_and_no_word_is_left_over() -> None:
    words = rule_words()
    assert set(words) == set(RULES)
    assert all(word.zh and word.en for word in words.values())
    for lang in ("zh", "en"):
        said = [getattr(word, lang) for word in words.values()]
        assert len(set(said)) == len(said), "two rules with the same words"


def test_bounds_are_of_rules_and_make_sense() -> None:
    assert set(load_bounds()) <= set(RULES)
    for name in RULES:
        bound = bounds_of(name)
        if bound["kind"] == "number":
            assert bound["least"] is not None, f"{name} has no least value"
            assert bound["most"] is not None, f"{name} has no greatest value"
            assert 0 <= bound["least"] < bound["most"]
        if bound["kind"] == "word":
            assert bound["words"], name


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_keeps_its_own_bounds_and_does_not_contradict_itself(profile: str) -> None:
    for row in report(profile):
        check_override(row.rule, row.value)
        assert not row.overridden
        assert row.value == row.of_profile
    assert contradictions(policy_of(profile)) == []


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_used_somewhere(rule: str) -> None:
    """A rule that changes nothing is a promise that nobody keeps."""
    wanted = BY_PATTERN.get(rule, rule)
    assert re.search(rf"\b{wanted}" if wanted.endswith("_") else rf"\b{wanted}\b", source_outside_the_policy())


def test_a_report_says_what_the_merchant_overrides() -> None:
    rows = {row.rule: row for row in report("strict", '{"idle_lock_s":120,"check_eyes":false}')}
    assert [name for name, row in rows.items() if row.overridden] == ["idle_lock_s", "check_eyes"]
    assert (rows["idle_lock_s"].value, rows["idle_lock_s"].of_profile) == (120, 300)
    assert (rows["idle_lock_s"].least, rows["idle_lock_s"].most) == (30, 900)
    assert rows["check_power"].words == ("blocked",)
    assert rows["after_sale"].words == ("keep", "lock", "sign_out")
    with pytest.raises(Misuse, match="no policy profile"):
        report("lax")


@pytest.mark.parametrize(
    ("rule", "text", "value"),
    [
        ("idle_lock_s", "120", 120),
        ("check_eyes", "yes", True),
        ("check_eyes", "否", False),
        ("duplicate", "refuse", "refuse"),
        ("eyes_items", "cables", "cables"),
        ("eyes_items", "线缆，屏幕显示, Display 2、干燥", "cables+display+Display 2+dryness"),
    ],
)
def test_a_value_is_read_as_its_rule_takes_it(rule: str, text: str, value: object) -> None:
    assert read_value(rule, text) == value


@pytest.mark.parametrize(
    ("rule", "text", "said"),
    [
        ("idle_lock_s", "soon", "whole number"),
        ("idle_lock_s", "-1", "whole number"),
        ("idle_lock_s", "9" * 10, "whole number"),
        ("check_eyes", "maybe", "yes or no"),
        ("duplicate", "allow", "refuse or take_over"),
        ("check_power", "pass", "blocked"),
        ("eyes_items", "", "of your own"),
        ("eyes_items", "cables,线缆", "each once"),
        ("eyes_items", "stands+cables+counter+light+display+temperature+dryness+one", "1 to 7 items"),
        ("eyes_items", "one,two,three", "at most 2 words of your own"),
        ("eyes_items", "一二三四五六七八九", "8 Chinese characters"),
        ("eyes_items", "a=b", "of your own"),
        ("eyes_items", "a\x1bb", "of your own"),
        ("eyes_items", "\u3164", "of your own"),
        ("eyes_items", "\u2800\u2800", "of your own"),
        ("eyes_items", "cab\u200dles", "of your own"),
        ("eyes_items", "cables,CABLES", "each once"),
        ("eyes_items", "线缆,ｃables", "each once"),
        ("eyes_items", "Socket,socket", "each once"),
        ("colour", "red", "no policy rule 'colour'"),
    ],
)
def test_a_text_that_is_no_value_of_the_rule_is_refused_with_what_it_takes(rule: str, text: str, said: str) -> None:
    with pytest.raises(Misuse, match=said):
        read_value(rule, text)


@pytest.mark.parametrize(
    "overrides",
    [
        '{"password_digits_min":10,"password_digits_max":8}',
        '{"idle_lock_s":30,"idle_warning_s":31}',
        '{"password_age_days":7,"password_notice_days":14}',
        '{"stale_warn_days":90,"stale_disable_days":80}',
        '{"drift_warn_s":60,"drift_refuse_s":30}',
    ],
)
def test_rules_that_contradict_each_other_are_named(overrides: str) -> None:
    ((less, more),) = contradictions(policy_of("basic", overrides))
    assert less in overrides
    assert more in overrides
