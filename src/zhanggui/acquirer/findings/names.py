"""User names that are guessed: several of nobody on one terminal, quick or slow."""

from collections.abc import Iterable, Sequence

from ...basics.numbers import UnixMs
from ...basics.spans import MINUTE_MS
from .finding import Finding, Severity, evidence, terminal_subject
from .history import Event, History
from .thresholds import FindingThresholds

UNKNOWN = "unknown_operator"
FORGOTTEN_FACTOR = 2
"""From this many times the limit on nobody is looking for the own name."""


def detect_guessed_names(history: History, thresholds: FindingThresholds, now: UnixMs) -> list[Finding]:
    """Different user names of nobody on one terminal within an hour.

    A short row after which somebody signs in there and stays for a shift is a person who looked for the own name: a note.
    """
    findings = []
    for events in history.by_terminal.values():
        unknown = [event for event in events if is_name_of_nobody(event)]
        if len(unknown) >= thresholds.guessed_names:
            findings += [_guessed(run, events, thresholds) for run in _runs(unknown, thresholds)]
    return findings


def is_name_of_nobody(event: Event) -> bool:
    """Whether a user name was typed that nobody has here."""
    return event.way == "user_name" and event.reason == UNKNOWN


def are_mostly_names(run: Sequence[Event], thresholds: FindingThresholds) -> bool:
    """Whether a row of failures is told as guessed user names."""
    names = {event.operator_no for event in run if is_name_of_nobody(event)}
    return len(names) >= thresholds.guessed_names and 2 * len(names) > len({event.operator_no for event in run})


def _runs(unknown: Sequence[Event], thresholds: FindingThresholds) -> Iterable[list[Event]]:
    run: list[Event] = []
    first = 0
    for last, event in enumerate(unknown):
        while event.at_ms - unknown[first].at_ms > thresholds.guessed_names_ms:
            first += 1
        window = unknown[first : last + 1]
        if len({one.operator_no for one in window}) < thresholds.guessed_names:
            continue
        if run and window[0].at_ms > run[-1].at_ms:
            yield run
            run = []
        run += [one for one in window if not run or one.at_ms > run[-1].at_ms]
    if run:
        yield run


def _guessed(run: list[Event], events: Sequence[Event], thresholds: FindingThresholds) -> Finding:
    first_ms, last_ms = run[0].at_ms, run[-1].at_ms
    beside = [event for event in events if first_ms <= event.at_ms <= last_ms and event.way == "user_name"]
    hit = {event.operator_no for event in beside if event.outcome == "failure" and event.reason != UNKNOWN}
    names = {event.operator_no for event in run}
    severity: Severity = "note" if _looks_forgotten(names, events, last_ms, thresholds) else "alert"
    return Finding(
        detector="guessed_names",
        subject=terminal_subject(run[0]),
        since_ms=first_ms,
        until_ms=last_ms,
        severity=severity,
        facts={
            "names": len(names),
            "failures": len(run),
            "minutes": round((last_ms - first_ms) / MINUTE_MS, 1),
            "known": len(hit - names),
        },
        usual={"limit": thresholds.guessed_names - 1, "limit_min": thresholds.guessed_names_ms // MINUTE_MS},
        record_nos=evidence(run),
    )


def _looks_forgotten(names: set[str], events: Sequence[Event], last_ms: int, thresholds: FindingThresholds) -> bool:
    if len(names) >= FORGOTTEN_FACTOR * thresholds.guessed_names:
        return False
    return any(
        event.outcome == "success"
        and 0 <= event.at_ms - last_ms <= thresholds.spray_ms
        and (event.ended_ms is None or event.ended_ms - event.at_ms >= thresholds.forgotten_session_ms)
        for event in events
    )
