"""Guessing: many failures (burst), many numbers (spraying), and the success that comes after failures."""

from collections.abc import Iterable, Sequence

from ...basics.numbers import UnixMs
from ...basics.spans import MINUTE_MS
from .finding import Finding, Severity, evidence, operator_subject, terminal_subject
from .history import Event, History
from .names import are_mostly_names
from .odds import log_odds_step
from .thresholds import FindingThresholds

USUAL_RATE_FLOOR = 0.02
USUAL_RATE_CEILING = 0.2
"""Bounds of the failure rate that CUSUM takes for usual: a new fleet has too few failures, a broken one too many."""
ALERT_FACTOR = 2
"""Twice the failures that make a burst make it an alert."""
OWN_SHARE = 0.8
"""A terminal's burst that is this much one operator's is told once, as the operator's."""


def detect_failure_burst(history: History, thresholds: FindingThresholds, now: UnixMs) -> list[Finding]:
    """Failures of one number within minutes, or of one terminal within minutes or without a rest (CUSUM)."""
    told: set[tuple[str, int]] = set()
    findings = []
    for events in history.by_operator.values():
        fails = [event for event in events if event.outcome == "failure"]
        for run in dense_runs(fails, thresholds.operator_failures, thresholds.operator_failures_ms, thresholds):
            told.update((event.merchant_no, event.record_no) for event in run)
            forgotten = _looks_forgotten(run, events, ALERT_FACTOR * thresholds.operator_failures, thresholds)
            findings.append(_operator_burst(run, thresholds, forgotten=forgotten))
    usual = usual_failure_rate(history)
    for events in history.by_terminal.values():
        fails = [event for event in events if event.outcome == "failure"]
        if len(fails) < thresholds.operator_failures:
            continue
        runs = list(dense_runs(fails, thresholds.device_failures, thresholds.device_failures_ms, thresholds))
        runs += _cusum_runs(events, usual, thresholds)
        findings += [
            _terminal_burst(run, thresholds)
            for run in join_runs(runs, thresholds.burst_merge_ms)
            if sum((event.merchant_no, event.record_no) in told for event in run) < OWN_SHARE * len(run)
        ]
    return findings


def detect_spraying(history: History, thresholds: FindingThresholds, now: UnixMs) -> list[Finding]:
    """Different numbers failing on one terminal. Who then signs in there mistyped: that number is left out.

    User names of nobody are told by `guessed_names`, unless numbers are as many.
    """
    runs = _spray_runs(history, thresholds)
    return [_spray(run, thresholds) for run in runs if not are_mostly_names(run, thresholds)]


def guessed(history: History, thresholds: FindingThresholds) -> set[tuple[str, int]]:
    """Merchant and record number of what looks like guessing. Such failures say nothing about a terminal's health."""
    runs = list(_spray_runs(history, thresholds))
    for events in history.by_operator.values():
        fails = [event for event in events if event.outcome == "failure"]
        runs += dense_runs(fails, thresholds.operator_failures, thresholds.operator_failures_ms, thresholds)
    return {(event.merchant_no, event.record_no) for run in runs for event in run}


def _spray_runs(history: History, thresholds: FindingThresholds) -> Iterable[list[Event]]:
    for events in history.by_terminal.values():
        fails = [event for event in events if event.outcome == "failure"]
        if len(fails) < thresholds.spray_numbers:
            continue
        proven = [event for event in events if event.outcome == "success"]
        strange = [event for event in fails if not _soon_proven(event, proven, thresholds.spray_ms)]
        runs = []
        first = 0
        for last, event in enumerate(strange):
            while event.at_ms - strange[first].at_ms > thresholds.spray_ms:
                first += 1
            window = strange[first : last + 1]
            if len({one.operator_no for one in window}) >= thresholds.spray_numbers:
                runs.append(window)
        yield from join_runs(runs, thresholds.burst_merge_ms)


def detect_success_after_failures(history: History, thresholds: FindingThresholds, now: UnixMs) -> list[Finding]:
    """A number that failed several times in a row, and then was right."""
    findings = []
    for events in history.by_operator.values():
        row: list[Event] = []
        for event in events:
            if row and event.at_ms - row[-1].at_ms > thresholds.failures_forgotten_ms:
                row = []
            if event.outcome == "failure":
                row.append(event)
            elif event.outcome == "success":
                if len(row) >= thresholds.failures_before_success:
                    count_max = ALERT_FACTOR * thresholds.failures_before_success
                    forgotten = _looks_forgotten(row, events, count_max, thresholds)
                    findings.append(_late_success(row, event, thresholds, forgotten=forgotten))
                row = []
    return findings


def usual_failure_rate(history: History) -> float:
    """Share of episodes whose first try fails, within sane bounds: a burst is one episode, so it does not raise this."""
    episodes = history.episodes
    failed = sum(episode[0].outcome == "failure" for episode in episodes)
    rate = failed / len(episodes) if episodes else USUAL_RATE_FLOOR
    return min(USUAL_RATE_CEILING, max(USUAL_RATE_FLOOR, rate))


def dense_runs(
    fails: Sequence[Event], count: int, within_ms: int, thresholds: FindingThresholds
) -> Iterable[list[Event]]:
    """Runs of at least `count` events within `within_ms` (both ends included), joined when they lie close together."""
    windows = [
        list(fails[last - count + 1 : last + 1])
        for last in range(count - 1, len(fails))
        if fails[last].at_ms - fails[last - count + 1].at_ms <= within_ms
    ]
    return join_runs(windows, thresholds.burst_merge_ms)


def join_runs(runs: Iterable[list[Event]], gap_ms: int) -> list[list[Event]]:
    """Join runs that overlap or lie less than `gap_ms` apart; no event twice."""
    joined: list[list[Event]] = []
    for run in sorted(runs, key=lambda one: one[0].at_ms):
        if joined and run[0].at_ms - joined[-1][-1].at_ms <= gap_ms:
            seen = {event.record_no for event in joined[-1]}
            joined[-1] += [event for event in run if event.record_no not in seen]
            joined[-1].sort(key=lambda event: event.at_ms)
        else:
            joined.append(list(run))
    return joined


def _cusum_runs(events: Sequence[Event], usual: float, thresholds: FindingThresholds) -> list[list[Event]]:
    # Page's test over the tries of one terminal: log-likelihood of "someone guesses" against "as usual", never below
    # zero. It sees the slow burst that no window of minutes holds.
    on_failure, on_success = log_odds_step(thresholds.cusum_failing_rate, usual)
    runs: list[list[Event]] = []
    level, climb, before_ms = 0.0, list[Event](), 0
    for event in events:
        if event.outcome not in ("failure", "success"):
            continue
        if event.at_ms - before_ms > thresholds.cusum_rest_ms:
            level, climb = 0.0, []
        before_ms = event.at_ms
        level = max(0.0, level + (on_failure if event.outcome == "failure" else on_success))
        if level == 0.0:
            climb = []
        elif event.outcome == "failure":
            climb.append(event)
            if level >= thresholds.cusum_limit:
                runs.append(list(climb))
    return runs


def _soon_proven(failure: Event, proven: Sequence[Event], within_ms: int) -> bool:
    return any(
        success.operator_no == failure.operator_no and 0 <= success.at_ms - failure.at_ms <= within_ms
        for success in proven
    )


def _minutes(run: Sequence[Event]) -> float:
    return round((run[-1].at_ms - run[0].at_ms) / MINUTE_MS, 1)


def _looks_forgotten(
    run: Sequence[Event], events: Sequence[Event], count_max: int, thresholds: FindingThresholds
) -> bool:
    """A short row of failures at the person's usual terminal that soon ends in a whole shift: a forgotten password.

    Whoever guesses right does not stay for a shift, and seldom stands at the victim's own place.
    """
    first, last = run[0], run[-1]
    if len(run) >= count_max or any(one.where != first.where for one in run):
        return False
    successes = [event for event in events if event.outcome == "success"]
    before = [event.where == first.where for event in successes if event.at_ms < first.at_ms]
    if not before or sum(before) < thresholds.forgotten_share * len(before):
        return False
    return any(
        event.where == first.where
        and 0 <= event.at_ms - last.at_ms <= thresholds.burst_merge_ms
        and (event.ended_ms is None or event.ended_ms - event.at_ms >= thresholds.forgotten_session_ms)
        for event in successes
    )


def _operator_burst(run: list[Event], thresholds: FindingThresholds, *, forgotten: bool) -> Finding:
    severity: Severity = "alert" if len(run) >= ALERT_FACTOR * thresholds.operator_failures else "warn"
    if forgotten:
        severity = "note"
    return Finding(
        detector="failure_burst",
        subject=operator_subject(run[0]),
        since_ms=run[0].at_ms,
        until_ms=run[-1].at_ms,
        severity=severity,
        facts={"failures": len(run), "minutes": _minutes(run), "places": _terminals(run)},
        usual={"limit": thresholds.operator_failures - 1, "limit_min": thresholds.operator_failures_ms // MINUTE_MS},
        record_nos=evidence(run),
    )


def _terminal_burst(run: list[Event], thresholds: FindingThresholds) -> Finding:
    return Finding(
        detector="failure_burst",
        subject=terminal_subject(run[0]),
        since_ms=run[0].at_ms,
        until_ms=run[-1].at_ms,
        severity="alert" if len(run) >= ALERT_FACTOR * thresholds.device_failures else "warn",
        facts={"failures": len(run), "minutes": _minutes(run), "places": _terminals(run)},
        usual={"limit": thresholds.device_failures - 1, "limit_min": thresholds.device_failures_ms // MINUTE_MS},
        record_nos=evidence(run),
    )


def _terminals(run: Sequence[Event]) -> str:
    return ", ".join(sorted({str(event.terminal_no) for event in run}))


def _spray(run: list[Event], thresholds: FindingThresholds) -> Finding:
    numbers = sorted({event.operator_no for event in run})
    return Finding(
        detector="spraying",
        subject=terminal_subject(run[0]),
        since_ms=run[0].at_ms,
        until_ms=run[-1].at_ms,
        severity="alert",
        facts={"numbers": len(numbers), "failures": len(run), "minutes": _minutes(run)},
        usual={"limit": thresholds.spray_numbers - 1, "limit_min": thresholds.spray_ms // MINUTE_MS},
        record_nos=evidence(run),
    )


def _late_success(row: list[Event], success: Event, thresholds: FindingThresholds, *, forgotten: bool) -> Finding:
    tried = [*row, success]
    severity: Severity = "alert" if len(row) >= ALERT_FACTOR * thresholds.failures_before_success else "warn"
    if forgotten:
        severity = "note"
    return Finding(
        detector="success_after_failures",
        subject=operator_subject(success),
        since_ms=row[0].at_ms,
        until_ms=success.at_ms,
        severity=severity,
        facts={"failures": len(row), "minutes": _minutes(tried), "places": _terminals(tried)},
        usual={"limit": thresholds.failures_before_success - 1},
        record_nos=evidence(tried),
    )
