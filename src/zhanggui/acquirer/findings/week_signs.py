"""The five signs of a shared account in one week of a number (operators reference D.2), whoever the second person is.

D.2 counts activity on days off too. No roster is kept here, so its place is taken by a week without one day off.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import sqrt

import msgspec

from ...basics.numbers import UnixMs
from ...basics.spans import DAY_MS, HOUR_MS
from .duties import DAY_BEGINS_MS, Tempo, business_day
from .history import ELSEWHERE, Event, History, SeenOperator, ShopKey
from .quantiles import mean_and_variance, quantile
from .sessions import in_groups, lives_on
from .thresholds import FindingThresholds

SCORE_MAX = 5.0
SURE = 2.0
"""A sign that one person hardly gives alone counts double: two shifts day after day, two shops at once, duplicates on two days."""
PEOPLE_FOR_SPREAD = 5
"""People with enough entries before one person's usual spread is known."""
SPREAD_UNKNOWN = 0.08
"""Variance of the logarithm of one person's entry times until then: a standard deviation of 28 % [P]."""
TEMPO_HALF_MIN = 4
"""Entries of the earlier and of the later half that a comparison needs."""


class Week(msgspec.Struct, frozen=True, kw_only=True):
    """Signs of one operator in one window; each is 0 or its weight."""

    first_day: int
    long_days: int
    longest_h: float
    double_days: int
    devices: int
    devices_usual: float
    two_shops: bool
    twins: int
    without_rest: bool
    tempo_ratio: float
    tempo_t: float
    score: float


class Usual(msgspec.Struct, frozen=True):
    """What one person's week is held against: terminals per shop, the spread of a person's tempo, and how to read a tempo."""

    devices: Mapping[ShopKey, float]
    spread: float
    tempo: Tempo


class Day(msgspec.Struct, frozen=True):
    """One business day of one operator."""

    number: int
    events: tuple[Event, ...]
    span_h: float
    terminals: frozenset[str]
    twins: int
    two_shops: bool


def days_of_number(events: Sequence[Event], thresholds: FindingThresholds, now: UnixMs) -> list[Day]:
    """Business days of one number."""
    grouped: dict[int, list[Event]] = {}
    for event in events:
        if event.outcome == "success" or event.reason == ELSEWHERE:
            grouped.setdefault(business_day(event.at_ms), []).append(event)
    return [_day(number, grouped[number], thresholds, now) for number in sorted(grouped)]


def _day(number: int, events: list[Event], thresholds: FindingThresholds, now: UnixMs) -> Day:
    successes = [event for event in events if event.outcome == "success"]
    refused = [event for event in events if event.reason == ELSEWHERE]
    ends = [min(now, event.ended_ms or event.at_ms) for event in successes]
    span_ms = max(ends) - successes[0].at_ms if successes else 0
    twins = sum(
        lives_on(group, successes, thresholds.duplicate_left_ms) is not None
        for group in in_groups(refused, thresholds.duplicate_group_ms)
    )
    return Day(
        number,
        tuple(events),
        span_ms / HOUR_MS,
        frozenset(str(event.terminal_no) for event in successes),
        twins,
        _in_two_shops(successes, thresholds.shared_shops_ms),
    )


def _in_two_shops(successes: Sequence[Event], within_ms: int) -> bool:
    return any(
        later.shop != earlier.shop and later.at_ms - (earlier.ended_ms or earlier.at_ms) < within_ms
        for earlier, later in pairwise(successes)
    )


def weeks_of(days: Sequence[Day], usual: Usual, thresholds: FindingThresholds) -> Iterable[tuple[Week, list[Event]]]:
    """Every week with a sign that counts, and its events."""
    first = 0
    for last, day in enumerate(days):
        while day.number - days[first].number >= thresholds.shared_window_days:
            first += 1
        window = days[first : last + 1]
        spans = [one.span_h for one in window]
        # A week that scores needs at least one of these; the rest is then worth its price.
        if not (
            max(spans) > thresholds.shared_double_day_h
            or any(one.twins or one.two_shops for one in window)
            or len(window) >= thresholds.shared_window_days
        ):
            continue
        yield judge_week(window, usual, thresholds)


def judge_week(window: Sequence[Day], usual: Usual, thresholds: FindingThresholds) -> tuple[Week, list[Event]]:
    """The signs of some days that lie within a week."""
    events = [event for day in window for event in day.events]
    shop = events[-1].merchant_no, events[-1].shop
    long_days = sum(day.span_h > thresholds.shared_day_h for day in window)
    devices = len(frozenset[str]().union(*(day.terminals for day in window)))
    devices_usual = round(usual.devices.get(shop, 1.0), 1)
    two_shops = any(day.two_shops for day in window)
    twin_days = sum(day.twins > 0 for day in window)
    double_days = sum(day.span_h > thresholds.shared_double_day_h for day in window)
    without_rest = len(window) >= thresholds.shared_window_days
    ratio = _spread_of(events, usual.tempo, thresholds.shared_tempo_entries) / usual.spread
    t = _early_against_late(events, usual.tempo, thresholds.shared_tempo_entries)
    score = (
        _hours_sign(double_days, long_days, thresholds)
        + _tempo_sign(ratio, t, thresholds)
        + min(SURE, float(twin_days))
        + (SURE if two_shops else 0.0)
        + (1.0 if devices > devices_usual else 0.0)
        + (1.0 if without_rest else 0.0)
    )
    week = Week(
        first_day=window[0].number,
        long_days=long_days,
        longest_h=round(max(day.span_h for day in window), 1),
        devices=devices,
        devices_usual=devices_usual,
        two_shops=two_shops,
        twins=twin_days,
        double_days=double_days,
        without_rest=without_rest,
        tempo_ratio=round(ratio, 1),
        tempo_t=round(t, 1),
        score=min(SCORE_MAX, score),
    )
    return week, events


def _hours_sign(double_days: int, long_days: int, thresholds: FindingThresholds) -> float:
    if double_days >= thresholds.shared_double_days:
        return SURE
    return 1.0 if long_days >= thresholds.shared_long_days or double_days >= thresholds.shared_double_days - 1 else 0.0


def _tempo_sign(ratio: float, t: float, thresholds: FindingThresholds) -> float:
    if t >= 2 * thresholds.shared_tempo_t:
        return SURE
    return 1.0 if t >= thresholds.shared_tempo_t or ratio >= thresholds.shared_tempo_ratio else 0.0


def _tempos(events: Iterable[Event], tempo: Tempo) -> list[float]:
    return [value for event in events if (value := tempo(event)) is not None]


def _spread_of(events: Iterable[Event], tempo: Tempo, entries_min: int) -> float:
    logs = _tempos(events, tempo)
    return mean_and_variance(logs)[1] if len(logs) >= entries_min else 0.0


def _early_against_late(events: Sequence[Event], tempo: Tempo, entries_min: int) -> float:
    """Welch's t between the earlier and the later half of the entries by time of day; 0 with too few."""
    ordered = sorted(events, key=lambda event: (event.at_ms - DAY_BEGINS_MS) % DAY_MS)
    half = len(ordered) // 2
    early, late = _tempos(ordered[:half], tempo), _tempos(ordered[half:], tempo)
    if len(early) + len(late) < entries_min or min(len(early), len(late)) < TEMPO_HALF_MIN:
        return 0.0
    (early_mean, early_var), (late_mean, late_var) = mean_and_variance(early), mean_and_variance(late)
    spread = sqrt(early_var / len(early) + late_var / len(late))
    return abs(late_mean - early_mean) / spread if spread else 0.0


def usual_spread(history: History, tempo: Tempo) -> float:
    """Median over all people of the variance of one person's tempo."""
    spreads = [
        mean_and_variance(logs)[1]
        for events in history.by_operator.values()
        if len(logs := _tempos(events, tempo)) >= PEOPLE_FOR_SPREAD
    ]
    usual = quantile(spreads, 0.5) if len(spreads) >= PEOPLE_FOR_SPREAD else SPREAD_UNKNOWN
    return max(usual, 1e-6)


def usual_devices(days_of: Mapping[SeenOperator, Sequence[Day]], thresholds: FindingThresholds) -> dict[ShopKey, float]:
    """Terminals that nearly all of a shop's people stay within in a week."""
    counts: dict[ShopKey, list[float]] = {}
    for days in days_of.values():
        grouped: dict[int, set[str]] = {}
        for day in days:
            grouped.setdefault(day.number // thresholds.shared_window_days, set()).update(day.terminals)
        if not grouped:
            continue
        event = days[-1].events[-1]
        per_week = [float(len(terminals)) for terminals in grouped.values()]
        counts.setdefault((event.merchant_no, event.shop), []).extend(per_week)
    return {shop: quantile(values, thresholds.shared_devices_quantile) for shop, values in counts.items()}
