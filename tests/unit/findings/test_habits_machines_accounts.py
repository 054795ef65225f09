"""Hours, terminals, sick parts, clocks, slow releases and accounts: each fires and is silent at its boundary."""

import msgspec
import pytest
from tests.worlds.sign_in_history import DAY, HOUR, LATER, MINUTE, MONDAY, Story

from zhanggui.acquirer.findings.accounts import detect_default_secret, detect_sleeper, detect_stale_account
from zhanggui.acquirer.findings.habits import detect_unusual_device, detect_unusual_hour
from zhanggui.acquirer.findings.machines import detect_clock_drift, detect_sick_device
from zhanggui.acquirer.findings.speed import detect_slow_sign_in
from zhanggui.acquirer.findings.thresholds import DEFAULTS
from zhanggui.basics.numbers import UnixMs


def habit(story: Story, days: int, operator: str = "01", terminal: str = "T0000001") -> None:
    for day in range(days):
        story.add(day * DAY + 8 * HOUR + (day % 5) * 5 * MINUTE, operator, terminal)


def test_three_in_the_morning_is_unusual_and_nine_is_not() -> None:
    story = Story()
    habit(story, 25)
    story.add(25 * DAY + 9 * HOUR)
    assert detect_unusual_hour(story.history, DEFAULTS, LATER) == []
    story.add(26 * DAY + 3 * HOUR)
    [finding] = detect_unusual_hour(story.history, DEFAULTS, LATER)
    assert finding.facts["time"] == "2026-01-31 03:00:00"


def test_with_nineteen_sign_ins_nothing_is_unusual_yet() -> None:
    story = Story()
    habit(story, 19)
    story.add(19 * DAY + 3 * HOUR)
    assert detect_unusual_hour(story.history, DEFAULTS, LATER) == []


def test_a_new_person_is_judged_by_the_shop() -> None:
    story = Story()
    habit(story, 25)
    story.add(26 * DAY + 3 * HOUR, "02")
    [finding] = detect_unusual_hour(story.history, DEFAULTS, LATER)
    assert finding.subject.name == "02"


def test_a_changed_shift_in_open_hours_is_none() -> None:
    story = Story()
    habit(story, 25)
    for day in range(25):
        story.add(day * DAY + 16 * HOUR, "02")
    story.add(26 * DAY + 16 * HOUR, "01")
    assert detect_unusual_hour(story.history, DEFAULTS, LATER) == []


def test_a_night_of_stocktaking_soon_after_the_shop_closes_waits_for_the_review_and_raises_nothing() -> None:
    story = Story()
    for day in range(25):
        story.add(day * DAY + 8 * HOUR, "01", ended_ms=MONDAY + day * DAY + 20 * HOUR)
    story.add(25 * DAY + 21 * HOUR, "01")
    story.add(26 * DAY + 3 * HOUR, "01")
    soon, night = detect_unusual_hour(story.history, DEFAULTS, LATER)
    assert (soon.severity, soon.facts["away_min"]) == ("note", 60)
    assert (night.severity, night.facts["away_min"]) == ("warn", 300)


def test_an_hour_at_which_the_shop_is_at_work_is_none_though_nobody_ever_signed_in_at_it() -> None:
    story = Story()
    for day in range(25):
        story.add(day * DAY + 8 * HOUR, "01", ended_ms=MONDAY + day * DAY + 20 * HOUR)
    story.add(25 * DAY + 14 * HOUR, "01")
    assert detect_unusual_hour(story.history, DEFAULTS, LATER) == []


def test_a_first_terminal_is_a_note_once_first_pairs_are_rare_and_another_shop_an_alert() -> None:
    story = Story()
    habit(story, 250)
    story.add(251 * DAY, terminal="T0000002")
    [note] = detect_unusual_device(story.history, DEFAULTS, LATER)
    assert note.severity == "note"
    story.add(252 * DAY, terminal="T0000003", shop="B")
    assert [one.severity for one in detect_unusual_device(story.history, DEFAULTS, LATER)] == ["note", "alert"]


def test_a_first_terminal_of_someone_hardly_known_is_none() -> None:
    story = Story()
    habit(story, 19)
    story.add(20 * DAY, terminal="T0000002", shop="B")
    assert detect_unusual_device(story.history, DEFAULTS, LATER) == []


def parts(story: Story, with_failed: int, bad: int) -> None:
    for place in range(60):
        story.add(place * HOUR, terminal="T0000002")
    for place in range(with_failed):
        add = story.fail if place < bad else story.add
        add(place * HOUR, terminal="T0000001", failed_checks=("keypad",))


def test_a_failed_check_that_goes_with_failures_is_a_sick_device() -> None:
    story = Story()
    parts(story, 10, 5)
    [finding] = detect_sick_device(story.history, DEFAULTS, LATER)
    assert (finding.subject.name, finding.facts["item"]) == ("T0000001", "keypad")
    assert finding.facts["failed_percent"] == 50.0


@pytest.mark.parametrize(("with_failed", "bad"), [(10, 0), (7, 5)])
def test_a_failed_check_that_harms_nobody_or_is_hardly_seen_is_none(with_failed: int, bad: int) -> None:
    story = Story()
    parts(story, with_failed, bad)
    assert detect_sick_device(story.history, DEFAULTS, LATER) == []


def test_two_checks_that_fail_together_are_told_once() -> None:
    story = Story()
    for place in range(60):
        story.add(place * HOUR, terminal="T0000002")
    for place in range(10):
        add = story.fail if place < 6 else story.add
        failed = ("keypad", "printer") if place < 9 else ("keypad",)
        add(place * HOUR, failed_checks=failed)
    assert len(detect_sick_device(story.history, DEFAULTS, LATER)) == 1


@pytest.mark.parametrize(
    ("drifts", "severities"),
    [([29, -29], []), ([30, 0, 30], []), ([30, 31], ["warn"]), ([-30, -31], ["warn"]), ([300], ["alert"]), ([299], [])],
)
def test_a_clock_is_off_twice_beyond_the_warning_or_once_beyond_the_limit(
    drifts: list[int], severities: list[str]
) -> None:
    story = Story()
    for place, drift in enumerate(drifts):
        story.add(place * HOUR, drift_s=drift)
    assert [one.severity for one in detect_clock_drift(story.history, DEFAULTS, LATER)] == severities


@pytest.mark.parametrize(("slower", "found"), [(1.35, 1), (1.2, 0)])
def test_a_release_that_is_slower_by_a_third_is_found(slower: float, found: int) -> None:
    story = Story()
    for day in range(30):
        new = day >= 20
        for place in range(30):
            elapsed = int((5_000 + 50 * place) * (slower if new else 1))
            version = "zhanggui/1.5.0" if new else "zhanggui/1.4.0"
            story.add(day * DAY + 8 * HOUR + place * MINUTE, version=version, elapsed_ms=elapsed)
    findings = detect_slow_sign_in(story.history, DEFAULTS, LATER)
    assert len(findings) == found
    if found:
        assert findings[0].subject.name == "smart zhanggui/1.5.0"
        assert findings[0].facts["begins"] == "2026-01-25"


@pytest.mark.parametrize(("days", "found"), [(60, 0), (61, 1)])
def test_a_number_that_wakes_after_more_than_sixty_days_is_a_sleeper(days: int, found: int) -> None:
    story = Story()
    story.add(0)
    story.add(days * DAY)
    assert len(detect_sleeper(story.history, DEFAULTS, LATER)) == found


@pytest.mark.parametrize(("days", "severities"), [(60, []), (61, ["warn"]), (91, ["alert"])])
def test_an_unused_account_is_stale_after_sixty_days(days: int, severities: list[str]) -> None:
    story = Story()
    story.person("01")
    story.add(0)
    story.person("02", is_active=False)
    story.person("00", role="supervisor")
    now = UnixMs(MONDAY + days * DAY)
    assert [one.severity for one in detect_stale_account(story.history, DEFAULTS, now)] == severities


def test_what_the_account_itself_says_of_its_last_use_counts() -> None:
    story = Story()
    story.person("01", last_sign_in_ms=MONDAY + 50 * DAY)
    assert detect_stale_account(story.history, DEFAULTS, UnixMs(MONDAY + 100 * DAY)) == []


def test_factory_passwords_are_counted_and_a_supervisors_is_an_alert() -> None:
    story = Story()
    story.person("01", has_factory_password=True)
    story.person("02")
    [finding] = detect_default_secret(story.history, DEFAULTS, LATER)
    assert (finding.facts["count"], finding.severity) == (1, "warn")
    story.person("00", role="supervisor", has_factory_password=True)
    [finding] = detect_default_secret(story.history, DEFAULTS, LATER)
    assert (finding.facts["count"], finding.severity) == (2, "alert")


def test_without_factory_passwords_there_is_none() -> None:
    story = Story()
    story.person("01")
    story.people = {key: msgspec.structs.replace(one) for key, one in story.people.items()}
    assert detect_default_secret(story.history, DEFAULTS, LATER) == []
