"""A silent number whose habits turn up under a colleague's: found when the evidence fits, and not for leave or luck."""

from collections.abc import Container

import msgspec
import pytest
from tests.worlds.sign_in_history import DAY, HOUR, LATER, MERCHANT, MINUTE, MONDAY, SECOND, Story

from zhanggui.acquirer.findings.borrowing import Borrowing, find_borrowings
from zhanggui.acquirer.findings.duties import duties_of, tempo_of
from zhanggui.acquirer.findings.finding import Finding
from zhanggui.acquirer.findings.history import ELSEWHERE, read_history
from zhanggui.acquirer.findings.sharing import detect_shared_account
from zhanggui.acquirer.findings.thresholds import DEFAULTS
from zhanggui.acquirer.findings.words import tell
from zhanggui.basics.numbers import UnixMs
from zhanggui.simulator.fleets.fleet import make_fleet
from zhanggui.simulator.fleets.plan import FleetPlan, read_incidents

OWNER, GUEST, THIRD = "01", "02", "03"
HANDS = {OWNER: 4_000, GUEST: 9_000, THIRD: 6_000}
"""Milliseconds from the first key; one person's entries differ by a quarter."""
DAYS = 56
LATE_H = 15
SPELL = range(28, 38)
NEVER = range(0)


def work(story: Story, day: int, number: str, hands: str, hour: int, terminal: str = "T0000001") -> None:
    """A duty of seven hours under one number by somebody's hands."""
    at = day * DAY + hour * HOUR + (day * 7 % 11) * MINUTE
    swing = (0.8, 1.0, 1.25)[day % 3]
    story.add(at, number, terminal, ended_ms=MONDAY + at + 7 * HOUR, elapsed_ms=round(HANDS[hands] * swing))


def shop(borrowed: Container[int] = NEVER, away: Container[int] = NEVER, stand_in: str = "") -> Story:
    """Owner and third come early, the guest late; owner and guest have Sundays off, the third Mondays."""
    story = Story()
    for day in range(DAYS):
        if day % 7 != 6:
            work(story, day, OWNER, OWNER, 8)
            if day in borrowed:
                work(story, day, OWNER, GUEST, LATE_H)
            elif day not in away:
                work(story, day, GUEST, GUEST, LATE_H)
            elif stand_in:
                work(story, day, stand_in, stand_in, LATE_H)
        if day % 7 != 0:
            work(story, day, THIRD, THIRD, 8, "T0000002")
    return story


def borrowings(story: Story) -> list[Borrowing]:
    history = story.history
    return find_borrowings(duties_of(history, tempo_of(history)), 0.0625, DEFAULTS)


def shared(story: Story) -> list[Finding]:
    return detect_shared_account(story.history, DEFAULTS, LATER)


def test_a_guest_who_works_on_under_a_colleagues_number_is_found_and_both_numbers_are_named() -> None:
    [borrowing] = borrowings(shop(borrowed=SPELL))
    assert (borrowing.owner, borrowing.guest) == ((MERCHANT, OWNER), (MERCHANT, GUEST))
    assert borrowing.odds > DEFAULTS.shared_odds
    [finding] = shared(shop(borrowed=SPELL))
    assert finding.subject.name == OWNER
    assert finding.facts["colleague"] == GUEST
    assert finding.since_ms >= MONDAY + SPELL.start * DAY - DAY
    assert finding.until_ms <= MONDAY + SPELL.stop * DAY + DAY
    for lang in ("zh", "en"):
        assert GUEST in tell(finding, lang).facts


def test_a_colleague_on_leave_is_no_finding_whether_the_counter_stays_dark_or_another_stands_in() -> None:
    assert borrowings(shop()) == []
    assert borrowings(shop(away=SPELL)) == []
    assert shared(shop(away=SPELL)) == []
    story = shop(away=SPELL)
    for day in SPELL:
        if day % 7 == 0:  # the third comes on the own day off, with the own hands
            work(story, day, THIRD, THIRD, LATE_H)
    assert borrowings(story) == []


def test_the_same_late_duties_are_a_borrowing_by_the_guests_hands_and_diligence_by_the_owners_own() -> None:
    by_guest, by_owner = shop(borrowed=SPELL), shop(away=SPELL, stand_in=OWNER)
    assert [one.odds > DEFAULTS.shared_odds for one in borrowings(by_guest)] == [True]
    assert borrowings(by_owner) == []


@pytest.mark.parametrize(("days", "found"), [(3, 0), (10, 1)])
def test_a_silence_shorter_than_a_cold_is_not_held_against_anybody(days: int, found: int) -> None:
    assert len(borrowings(shop(borrowed=range(28, 28 + days)))) == found


def test_who_is_refused_under_a_colleagues_number_and_then_signs_in_as_oneself_had_that_colleagues_password() -> None:
    def same_hours(stepped_in: bool) -> Story:
        story = Story()
        for day in range(DAYS):
            is_spell = day in SPELL
            if day % 7 != 6:
                work(story, day, OWNER, OWNER, 8)
            if day % 7 != 0:
                at = day * DAY + 8 * HOUR
                if is_spell and day % 7 == 6:
                    work(story, day, OWNER, OWNER, 8, "T0000002")  # the day off, and hands that say nothing
                    continue
                if is_spell and stepped_in:
                    story.refuse(at - MINUTE, OWNER, "T0000002", ELSEWHERE)
                work(story, day, GUEST, GUEST, 8, "T0000002")
        return story

    assert borrowings(same_hours(stepped_in=False)) == []
    [borrowing] = borrowings(same_hours(stepped_in=True))
    assert borrowing.owner == (MERCHANT, OWNER)
    assert borrowing.stepped_in >= 5


def test_a_number_without_a_rhythm_of_its_own_is_not_compared() -> None:
    story = Story()
    for day in SPELL:
        work(story, day, OWNER, OWNER, 8)
        work(story, day, OWNER, GUEST, LATE_H)
    work(story, 0, GUEST, GUEST, LATE_H)
    assert borrowings(story) == []


@pytest.mark.parametrize(("minutes", "duties"), [(5, 2), (20, 1), (90, 2)])
def test_a_break_joins_two_sessions_to_one_duty_and_a_hand_over_does_not(minutes: int, duties: int) -> None:
    story = Story()
    story.add(8 * HOUR, ended_ms=MONDAY + 10 * HOUR)
    story.add(10 * HOUR + minutes * MINUTE, ended_ms=MONDAY + 15 * HOUR)
    [found] = duties_of(story.history, tempo_of(story.history)).values()
    assert len(found) == duties
    assert sum(len(duty.tempos) for duty in found) == 2


def test_a_slow_release_changes_nobodys_tempo() -> None:
    story = Story()
    for day in range(20):
        slow = day >= 10
        version = "zhanggui/1.5.0" if slow else "zhanggui/1.4.0"
        for place, number in enumerate((OWNER, GUEST, THIRD)):
            at = day * DAY + place * HOUR
            story.add(at, number, version=version, elapsed_ms=HANDS[number] * (2 if slow else 1))
    tempo = tempo_of(story.history)
    seen = {
        number: {round(tempo(event) or 0.0, 6) for event in story.events if event.operator_no == number}
        for number in HANDS
    }
    assert all(len(values) == 1 for values in seen.values()), "the same before and after the release"
    assert len(set.union(*seen.values())) == 3


def test_the_first_single_long_day_of_a_week_is_a_night_of_stocktaking_and_no_sign() -> None:
    def week(long_days: int) -> Story:
        story = Story()
        for day in range(7):
            at = day * DAY + 7 * HOUR
            story.add(at, ended_ms=MONDAY + at + 7 * HOUR)
            if day < long_days:
                story.add(at + 8 * HOUR, terminal="T0000002", ended_ms=MONDAY + at + 15 * HOUR)
            if day == 6:
                story.refuse(at + HOUR, OWNER, "T0000002", ELSEWHERE)
        return story

    assert shared(week(1)) == []
    [finding] = shared(week(2))
    assert finding.facts["long_days"] == 2
    assert finding.facts["colleague"] == "—"


def test_weeks_of_signs_and_a_borrowing_at_the_same_time_are_one_finding() -> None:
    story = shop(borrowed=SPELL)
    for day in SPELL:
        if day % 7 == 6:
            work(story, day, OWNER, GUEST, LATE_H)
    [finding] = shared(story)
    assert finding.severity == "alert"
    assert isinstance(finding.facts["odds"], float)
    assert finding.facts["odds"] > DEFAULTS.shared_odds
    assert isinstance(finding.facts["score"], float)
    assert finding.facts["score"] >= DEFAULTS.shared_score


def test_entries_that_no_hand_can_make_say_nothing_about_hands() -> None:
    story = Story()
    story.add(0)
    event = story.add(HOUR)
    tempo = tempo_of(story.history)
    assert tempo(event) == 0.0
    for elapsed_ms in (None, 100, 200 * SECOND):
        assert tempo(msgspec.structs.replace(event, elapsed_ms=elapsed_ms)) is None


def test_leave_in_a_whole_fleet_makes_no_borrowed_numbers() -> None:
    """The made fleets know no leave, so forty people are sent on leave here: their records of two weeks are taken out."""
    until = UnixMs(1_772_294_400_000)
    plan = FleetPlan(terminals=60, days=45, seed=31, until_ms=until, incidents=read_incidents("none", 60, 45))
    made = make_fleet(plan)
    people = sorted({(row.merchant_no, row.operator_no) for row in made.sign_ins})[::3][:40]
    leave = {who: range(until - (18 + place) * DAY, until - (4 + place) * DAY) for place, who in enumerate(people[:20])}
    leave |= {who: range(until - 30 * DAY, until - 16 * DAY) for who in people[20:]}
    left = [row for row in made.sign_ins if row.began_ms not in leave.get((row.merchant_no, row.operator_no), NEVER)]
    assert len(left) < len(made.sign_ins) - 200
    history = read_history(left, made.terminals, made.operators)
    named = {
        (finding.subject.merchant_no, finding.facts["colleague"])
        for finding in detect_shared_account(history, DEFAULTS, until)
    }
    assert not named & leave.keys()
