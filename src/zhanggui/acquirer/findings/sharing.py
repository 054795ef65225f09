"""Shared accounts, by two kinds of evidence: the signs that one number gives in a week, and a colleague's silence.

The signs (`week_signs.py`) need no second number, so they also see a newcomer who has none. The silence (`borrowing.py`)
names the number whose habits turned up under this one, and sees what the signs cannot: two people in one shift's hours.
"""

from collections.abc import Iterable, Sequence

import msgspec

from ...basics.numbers import UnixMs
from .borrowing import Borrowing, find_borrowings
from .duties import duties_of, tempo_of
from .finding import Finding, evidence, operator_subject
from .history import Event, History, SeenOperator
from .thresholds import FindingThresholds
from .week_signs import Day, Usual, Week, days_of_number, judge_week, usual_devices, usual_spread, weeks_of

NOBODY = "—"
"""No colleague's number fell silent."""


class Suspicion(msgspec.Struct, frozen=True):
    """A week of signs, or a borrowing with its worst week; `end_day` is the day after the last."""

    first_day: int
    end_day: int
    week: Week
    borrowing: Borrowing | None
    events: Sequence[Event]


def detect_shared_account(history: History, thresholds: FindingThresholds, now: UnixMs) -> list[Finding]:
    """Weeks whose signs add up to three of five, and borrowed numbers; those that touch each other are one finding."""
    tempo = tempo_of(history)
    days_of = {who: days_of_number(events, thresholds, now) for who, events in history.by_operator.items()}
    usual = Usual(usual_devices(days_of, thresholds), usual_spread(history, tempo), tempo)
    suspicions: dict[SeenOperator, list[Suspicion]] = {}
    for borrowing in find_borrowings(duties_of(history, tempo), usual.spread, thresholds):
        suspicion = _borrowed(borrowing, days_of[borrowing.owner], usual, thresholds)
        suspicions.setdefault(borrowing.owner, []).append(suspicion)
    findings = []
    for who, days in days_of.items():
        found = suspicions.get(who, [])
        for week, events in weeks_of(days, usual, thresholds):
            if week.score >= thresholds.shared_score:
                end_day = week.first_day + thresholds.shared_window_days
                found.append(Suspicion(week.first_day, end_day, week, None, events))
        findings += [_shared(run, thresholds) for run in _runs(found)]
    return findings


def _borrowed(borrowing: Borrowing, days: Sequence[Day], usual: Usual, thresholds: FindingThresholds) -> Suspicion:
    within = [day for day in days if borrowing.first_day <= day.number < borrowing.end_day]
    weeks = [
        judge_week(
            [one for one in within if 0 <= last.number - one.number < thresholds.shared_window_days], usual, thresholds
        )[0]
        for last in within
    ]
    worst = max(weeks, key=lambda week: week.score)
    return Suspicion(borrowing.first_day, borrowing.end_day, worst, borrowing, borrowing.events)


def _runs(found: Iterable[Suspicion]) -> Iterable[list[Suspicion]]:
    run: list[Suspicion] = []
    end_day = 0
    for suspicion in sorted(found, key=lambda one: (one.first_day, one.end_day)):
        if run and suspicion.first_day > end_day:
            yield run
            run = []
        end_day = max(end_day, suspicion.end_day) if run else suspicion.end_day
        run.append(suspicion)
    if run:
        yield run


def _shared(run: Sequence[Suspicion], thresholds: FindingThresholds) -> Finding:
    worst = max((one.week for one in run), key=lambda week: week.score)
    borrowing = max((one.borrowing for one in run if one.borrowing is not None), key=lambda one: one.odds, default=None)
    events = [event for one in run for event in one.events]
    odds = round(borrowing.odds, 1) if borrowing is not None else 0.0
    is_clear = worst.score > thresholds.shared_score or odds > thresholds.shared_odds + 1
    return Finding(
        detector="shared_account",
        subject=operator_subject(events[0]),
        since_ms=min(event.at_ms for event in events),
        until_ms=max(event.at_ms for event in events),
        severity="alert" if is_clear else "warn",
        facts={
            "score": worst.score,
            "longest_h": worst.longest_h,
            "long_days": worst.long_days,
            "double_days": worst.double_days,
            "devices": worst.devices,
            "twins": worst.twins,
            "two_shops": int(worst.two_shops),
            "without_rest": int(worst.without_rest),
            "tempo_ratio": worst.tempo_ratio,
            "tempo_t": worst.tempo_t,
            "colleague": str(borrowing.guest[1]) if borrowing is not None else NOBODY,
            "silent_days": borrowing.end_day - borrowing.first_day if borrowing is not None else 0,
            "stepped_in": borrowing.stepped_in if borrowing is not None else 0,
            "odds": odds,
        },
        usual={
            "score_limit": thresholds.shared_score,
            "day_h": thresholds.shared_day_h,
            "long_limit": thresholds.shared_long_days - 1,
            "double_limit": thresholds.shared_double_days - 1,
            "devices_usual": worst.devices_usual,
            "tempo_limit": thresholds.shared_tempo_ratio,
            "tempo_t_limit": thresholds.shared_tempo_t,
            "odds_limit": thresholds.shared_odds,
        },
        record_nos=evidence(events),
    )
