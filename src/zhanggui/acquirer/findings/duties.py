"""Duties of a number: sessions of one stretch of work at one terminal, with the tempo of the hands that began them."""

from collections.abc import Callable, Mapping, Sequence
from math import log
from statistics import median

import msgspec

from ...basics.spans import DAY_MS, HOUR_MS, MINUTE_MS
from ..rows.records import TerminalKey
from .history import ELSEWHERE, Event, History, SeenOperator

DAY_BEGINS_MS = 4 * HOUR_MS - 8 * HOUR_MS
"""A business day begins at four in the morning in China: late shifts belong to the day on which they began."""
ENTRY_MS = range(500, 120_000)
"""Entry times that a hand can make; others are a machine's fault."""
BREAK_MS = range(10 * MINUTE_MS, HOUR_MS)
"""Who signs in again at the same terminal after this long had a break; sooner, and it may be the next person's shift."""
STEPPED_IN_MS = 10 * MINUTE_MS
"""A sign-in this soon after a refusal at the same terminal is by the same person or by one called to help."""
Tempo = Callable[[Event], float | None]


class Duty(msgspec.Struct, frozen=True, gc=False):
    """One stretch of work. `minute` counts from the beginning of the business day."""

    day: int
    minute: int
    at_ms: int
    tempos: tuple[float, ...]
    refused_as: str
    """Another number that this terminal refused just before, as signed in elsewhere; mostly empty."""
    events: tuple[Event, ...]


def tempo_of(history: History) -> Tempo:
    """Reader of an entry's tempo: the logarithm of its time, less what is usual for the terminal's model and version.

    A slow release makes everybody slow and nobody another person.
    """
    grouped: dict[tuple[str, str], list[float]] = {}
    for event in history.events:
        if event.outcome == "success" and event.elapsed_ms is not None and event.elapsed_ms in ENTRY_MS:
            grouped.setdefault((event.model, event.version), []).append(log(event.elapsed_ms))
    usual = {release: median(logs) for release, logs in grouped.items()}

    def tempo(event: Event) -> float | None:
        if event.outcome != "success" or event.elapsed_ms is None or event.elapsed_ms not in ENTRY_MS:
            return None
        return log(event.elapsed_ms) - usual.get((event.model, event.version), 0.0)

    return tempo


def duties_of(history: History, tempo: Tempo) -> dict[SeenOperator, list[Duty]]:
    """Duties of all numbers, in the order of time."""
    refused: dict[TerminalKey, list[Event]] = {}
    for event in history.events:
        if event.reason == ELSEWHERE:
            refused.setdefault(event.where, []).append(event)
    return {
        who: [_duty(stretch, refused, tempo) for stretch in _stretches(events)]
        for who, events in history.by_operator.items()
        if any(event.outcome == "success" for event in events)
    }


def business_day(at_ms: int) -> int:
    """The day that an instant belongs to; a number that grows by one a day."""
    return (at_ms - DAY_BEGINS_MS) // DAY_MS


def _stretches(events: Sequence[Event]) -> list[list[Event]]:
    found: list[list[Event]] = []
    for event in events:
        if event.outcome != "success":
            continue
        before = found[-1][-1] if found else None
        if (
            before is not None
            and before.terminal_no == event.terminal_no
            and event.at_ms - (before.ended_ms or before.at_ms) in BREAK_MS
        ):
            found[-1].append(event)
        else:
            found.append([event])
    return found


def _duty(events: Sequence[Event], refused: Mapping[TerminalKey, Sequence[Event]], tempo: Tempo) -> Duty:
    first = events[0]
    others = [
        event.operator_no
        for event in refused.get(first.where, ())
        if 0 <= first.at_ms - event.at_ms <= STEPPED_IN_MS and event.operator_no != first.operator_no
    ]
    return Duty(
        business_day(first.at_ms),
        (first.at_ms - DAY_BEGINS_MS) % DAY_MS // MINUTE_MS,
        first.at_ms,
        tuple(value for event in events if (value := tempo(event)) is not None),
        others[-1] if others else "",
        tuple(events),
    )
