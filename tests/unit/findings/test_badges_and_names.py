"""Badges in wrong hands and user names that are guessed: each fires, and is silent one below or where the owner is at hand."""

import msgspec
import pytest
from tests.worlds.sign_in_history import DAY, HOUR, LATER, MERCHANT, MINUTE, MONDAY, SECOND, Story

from zhanggui.acquirer.findings.badges import detect_copied_badge, detect_revoked_badge
from zhanggui.acquirer.findings.failures import detect_failure_burst, detect_spraying
from zhanggui.acquirer.findings.finding import Finding, Subject
from zhanggui.acquirer.findings.history import ELSEWHERE, History
from zhanggui.acquirer.findings.names import detect_guessed_names
from zhanggui.acquirer.findings.thresholds import DEFAULTS
from zhanggui.acquirer.findings.words import tell
from zhanggui.basics.numbers import MerchantNo, OperatorNo

BADGE = "ABCDEFG2"
OTHER = MerchantNo("102100054110002")
HERE, THERE = "T0000001", "T0000002"


def known(story: Story) -> History:
    """The story's history, with the badge as 01's."""
    return History(story.events, story.people, badges={BADGE: (MERCHANT, OperatorNo("01"))})


def show_revoked(story: Story, at: int, terminal: str = HERE) -> None:
    story.refuse(at, BADGE, terminal, "badge_revoked", outcome="failure", way="badge", badge_no=BADGE)


def revoked(story: Story) -> list[Finding]:
    return detect_revoked_badge(known(story), DEFAULTS, LATER)


def test_a_revoked_badge_that_is_shown_is_told_of_its_owner_with_where_and_how_often() -> None:
    story = Story()
    for place in range(3):
        show_revoked(story, place * MINUTE, HERE if place < 2 else THERE)
    show_revoked(story, DAY)
    found = revoked(story)
    assert [(one.severity, one.facts["times"], one.facts["places"]) for one in found] == [
        ("alert", 3, f"{HERE}, {THERE}"),
        ("alert", 1, HERE),
    ]
    assert {one.subject for one in found} == {Subject("operator", MERCHANT, "01")}
    assert f"revoked badge {BADGE} was shown 3 times" in tell(found[0], "en").facts
    assert f"已吊销的工牌 {BADGE} 被出示 3 次" in tell(found[0], "zh").facts


@pytest.mark.parametrize(
    ("terminal", "minutes", "severity"), [(HERE, 10, "note"), (HERE, 11, "alert"), (THERE, 1, "alert")]
)
def test_an_owner_who_took_the_old_badge_by_mistake_signs_in_there_at_once(
    terminal: str, minutes: int, severity: str
) -> None:
    story = Story()
    show_revoked(story, 0)
    story.add(minutes * MINUTE, "01", terminal)
    [finding] = revoked(story)
    assert finding.severity == severity


def test_a_badge_that_was_taken_away_after_it_was_shown_is_no_finding() -> None:
    story = Story()
    story.refuse(0, "01", HERE, "badge_revoked", way="badge", badge_no=BADGE, verified_ms=MONDAY)
    assert revoked(story) == []


def test_many_tries_with_a_found_badge_are_a_burst_too() -> None:
    story = Story()
    for place in range(5):
        show_revoked(story, place * SECOND)
    assert len(detect_failure_burst(story.history, DEFAULTS, LATER)) == 1


def copied(story: Story) -> list[Finding]:
    return detect_copied_badge(known(story), DEFAULTS, LATER)


@pytest.mark.parametrize("reason", ["forged_badge", "unknown_badge"])
def test_a_number_without_its_secret_is_a_copy(reason: str) -> None:
    story = Story()
    story.refuse(0, "01", THERE, reason, outcome="failure", way="badge", badge_no=BADGE)
    [finding] = copied(story)
    assert (finding.severity, finding.facts["forged"], finding.facts["abroad"]) == ("alert", 1, 0)


def test_a_badge_at_another_merchants_is_told_of_its_owner_and_names_no_record_of_the_other() -> None:
    story = Story()
    story.refuse(0, BADGE, THERE, "unknown_badge", outcome="failure", way="badge", badge_no=BADGE, merchant_no=OTHER)
    [finding] = copied(story)
    assert (finding.subject, finding.severity) == (Subject("operator", MERCHANT, "01"), "alert")
    assert (finding.facts["abroad"], finding.facts["forged"]) == (1, 0)
    assert (finding.facts["places"], finding.record_nos) == (f"{THERE} @ {OTHER}", ())


def test_a_badge_that_nobody_ever_had_is_no_copy() -> None:
    story = Story()
    story.refuse(0, BADGE, HERE, "unknown_badge", outcome="failure", way="badge", badge_no=BADGE)
    assert detect_copied_badge(story.history, DEFAULTS, LATER) == []


@pytest.mark.parametrize(("left_min", "found"), [(15, 0), (16, 1)])
def test_a_badge_shown_elsewhere_while_its_session_goes_on_is_two(left_min: int, found: int) -> None:
    story = Story()
    story.add(0, ended_ms=MONDAY + 2 * HOUR + left_min * MINUTE, way="badge", badge_no=BADGE)
    story.refuse(2 * HOUR, "01", THERE, ELSEWHERE, way="badge", badge_no=BADGE)
    findings = copied(story)
    assert len(findings) == found
    assert all((one.severity, one.facts["together"]) == ("warn", 1) for one in findings)


def test_somebody_elses_number_typed_elsewhere_says_nothing_about_the_badge() -> None:
    story = Story()
    story.add(0, ended_ms=None, way="badge", badge_no=BADGE)
    story.refuse(2 * HOUR, "01", THERE, ELSEWHERE)
    assert copied(story) == []


@pytest.mark.parametrize(("minutes", "found"), [(4, 1), (5, 0)])
def test_a_badge_in_two_shops_within_five_minutes_is_two(minutes: int, found: int) -> None:
    story = Story()
    story.add(0, shop="A", ended_ms=MONDAY + MINUTE, way="badge", badge_no=BADGE)
    story.add(minutes * MINUTE, terminal=THERE, shop="B", way="badge", badge_no=BADGE)
    assert len(copied(story)) == found


def guess(story: Story, at: int, name: str, terminal: str = HERE) -> None:
    story.refuse(at, name, terminal, "unknown_operator", outcome="failure", way="user_name", user_name=name)


def guessed(story: Story) -> list[Finding]:
    return detect_guessed_names(story.history, DEFAULTS, LATER)


@pytest.mark.parametrize(("names", "gap_min", "found"), [(4, 1, 1), (4, 20, 1), (4, 21, 0), (3, 1, 0)])
def test_four_names_of_nobody_within_an_hour_are_guessed_and_three_are_not(
    names: int, gap_min: int, found: int
) -> None:
    story = Story()
    for place in range(names):
        guess(story, place * gap_min * MINUTE, f"name{place}")
    assert len(guessed(story)) == found


def test_the_same_name_again_and_again_and_names_at_different_terminals_are_no_guessing() -> None:
    story = Story()
    for place in range(6):
        guess(story, place * MINUTE, "wang.fnag")
        guess(story, place * MINUTE + SECOND, f"name{place}", f"T000000{place}")
    assert guessed(story) == []


def test_guessing_over_hours_is_one_finding_and_says_what_it_hit() -> None:
    story = Story()
    for place in range(30):
        guess(story, place * 10 * MINUTE, f"name{place}")
    story.fail(5 * MINUTE, "02", way="user_name", user_name="li.qiang")
    [finding] = guessed(story)
    assert finding.severity == "alert"
    assert (finding.facts["names"], finding.facts["failures"], finding.facts["known"]) == (30, 30, 1)
    assert "30 user names that nobody has" in tell(finding, "en").facts
    assert "30 个不存在的用户名" in tell(finding, "zh").facts


@pytest.mark.parametrize(("names", "minutes", "severity"), [(7, 10, "note"), (8, 10, "alert"), (7, 11, "alert")])
def test_whoever_looks_for_the_own_name_signs_in_there_soon(names: int, minutes: int, severity: str) -> None:
    story = Story()
    for place in range(names):
        guess(story, place * SECOND, f"name{place}")
    story.add((names - 1) * SECOND + minutes * MINUTE, "01")
    [finding] = guessed(story)
    assert finding.severity == severity


def test_guessed_names_are_told_once_and_not_as_spraying_unless_numbers_are_as_many() -> None:
    story = Story()
    for place in range(5):
        guess(story, place * SECOND, f"name{place}")
    assert detect_spraying(story.history, DEFAULTS, LATER) == []
    for place in range(5):
        story.fail((10 + place) * SECOND, f"1{place}")
    assert len(detect_spraying(story.history, DEFAULTS, LATER)) == 1


def test_the_limits_move_with_their_thresholds() -> None:
    story = Story()
    for place in range(3):
        guess(story, place * SECOND, f"name{place}")
    strict = msgspec.structs.replace(DEFAULTS, guessed_names=3)
    assert len(detect_guessed_names(story.history, strict, LATER)) == 1
