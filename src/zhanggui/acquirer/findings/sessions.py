"""One number, two people: duplicate sign-ins, and two shops at once. Sharing over weeks is in `sharing.py`."""

from collections.abc import Iterable, Sequence

from ...basics.numbers import UnixMs
from ...basics.spans import MINUTE_MS
from .finding import SETTLED, Finding, Severity, evidence, operator_subject
from .history import ELSEWHERE, SIGNED_OUT, TAKEN_OVER, Event, History
from .thresholds import FindingThresholds

STILL_OPEN_MS = 1 << 62
"""End of a session that lives."""


def detect_duplicate_session(history: History, thresholds: FindingThresholds, now: UnixMs) -> list[Finding]:
    """A number that is wanted in two places at once, beyond the forgotten sign-out.

    Three ways: refused because it is signed in elsewhere while that session goes on; taken over to and fro; two live
    sessions side by side (only terminals that check operators themselves allow this). A refusal after which that session
    soon ended, by signing out or by take-over, stays in the list as settled: a note.
    """
    findings = []
    for events in history.by_operator.values():
        refused = [event for event in events if event.reason == ELSEWHERE]
        successes = [event for event in events if event.outcome == "success"]
        for group in in_groups(refused, thresholds.duplicate_group_ms):
            held = _held(group, successes)
            if held is not None:
                findings.append(_refused_twin(group, held, thresholds, now))
        taken = [event for event in successes if event.reason.startswith(TAKEN_OVER) and event.ended_ms is not None]
        findings += _taken_to_and_fro(taken, thresholds)
        findings += _side_by_side(successes, thresholds, now)
    return findings


def lives_on(group: Sequence[Event], successes: Iterable[Event], left_ms: int) -> Event | None:
    """The session elsewhere that went on for more than `left_ms` after the last refusal; None when it ended soon."""
    held = _held(group, successes)
    return held if held is not None and _end_ms(held) - group[-1].at_ms > left_ms else None


def _held(group: Sequence[Event], successes: Iterable[Event]) -> Event | None:
    """The session elsewhere, begun before the first refusal, that ended last."""
    elsewhere = (
        session
        for session in successes
        if session.terminal_no != group[-1].terminal_no
        and session.confirmed_ms is not None
        and session.confirmed_ms <= group[0].at_ms <= _end_ms(session)
    )
    return max(elsewhere, key=_end_ms, default=None)


def _end_ms(session: Event) -> int:
    return STILL_OPEN_MS if session.ended_ms is None else session.ended_ms


def in_groups(events: Sequence[Event], gap_ms: int) -> Iterable[list[Event]]:
    """Events that follow each other within `gap_ms`."""
    group: list[Event] = []
    for event in events:
        if group and event.at_ms - group[-1].at_ms > gap_ms:
            yield group
            group = []
        group.append(event)
    if group:
        yield group


def _refused_twin(group: list[Event], held: Event, thresholds: FindingThresholds, now: UnixMs) -> Finding:
    end_ms = min(now, held.ended_ms) if held.ended_ms is not None else now
    went_on_ms = max(0, end_ms - group[-1].at_ms)
    went_on_min = round(went_on_ms / MINUTE_MS)
    settled = held.ended_ms is not None and _end_ms(held) - group[-1].at_ms <= thresholds.duplicate_left_ms
    severity: Severity = "note" if settled else "alert" if len(group) > 1 else "warn"
    return Finding(
        detector="duplicate_session",
        subject=operator_subject(held),
        since_ms=group[0].at_ms,
        until_ms=group[-1].at_ms,
        severity=severity,
        facts={
            "times": len(group),
            "here": str(group[-1].terminal_no),
            "there": str(held.terminal_no),
            "minutes": went_on_min,
            **({SETTLED: went_on_min} if settled else {}),
        },
        usual={"left_min": thresholds.duplicate_left_ms // MINUTE_MS},
        record_nos=evidence([*group, held]),
    )


def _taken_to_and_fro(taken: Sequence[Event], thresholds: FindingThresholds) -> Iterable[Finding]:
    ordered = sorted(taken, key=lambda event: event.ended_ms or 0)
    run: list[Event] = []
    for event in [*ordered, None]:
        ended_ms = event.ended_ms if event is not None else None
        if run and (ended_ms is None or ended_ms - (run[-1].ended_ms or 0) > thresholds.takeovers_ms):
            if len(run) >= thresholds.takeovers:
                yield _pair(run, run[0], run[-1], thresholds)
            run = []
        if event is not None:
            run.append(event)


def _side_by_side(successes: Sequence[Event], thresholds: FindingThresholds, now: UnixMs) -> Iterable[Finding]:
    before: Event | None = None
    for event in successes:
        if before is not None and before.terminal_no != event.terminal_no:
            end_ms = now if before.ended_ms is None else before.ended_ms
            own_end_ms = now if event.ended_ms is None else event.ended_ms
            if min(end_ms, own_end_ms) - (event.confirmed_ms or event.at_ms) > thresholds.overlap_ms:
                yield _pair([before, event], before, event, thresholds)
        if before is None or (before.ended_ms or STILL_OPEN_MS) <= (event.ended_ms or STILL_OPEN_MS):
            before = event


def _pair(run: list[Event], first: Event, last: Event, thresholds: FindingThresholds) -> Finding:
    return Finding(
        detector="duplicate_session",
        subject=operator_subject(first),
        since_ms=first.at_ms,
        until_ms=max(last.at_ms, first.at_ms),
        severity="alert",
        facts={
            "times": len(run),
            "here": str(last.terminal_no),
            "there": str(first.terminal_no),
            "minutes": round(((last.ended_ms or last.at_ms) - first.at_ms) / MINUTE_MS),
        },
        usual={"left_min": thresholds.duplicate_left_ms // MINUTE_MS},
        record_nos=evidence(run),
    )


def detect_impossible_travel(history: History, thresholds: FindingThresholds, now: UnixMs) -> list[Finding]:
    """The same number, with the right password, in two shops within a time that nobody travels in."""
    findings = []
    for events in history.by_operator.values():
        before: tuple[Event, int] | None = None
        for event in events:
            if event.outcome != "success" and event.reason != ELSEWHERE:
                continue
            if before is not None and before[0].shop != event.shop:
                finding = _travel(before[0], before[1], event, thresholds)
                if finding is not None:
                    findings.append(finding)
            before = event, event.at_ms
            if event.ended_ms is not None and event.reason.startswith(SIGNED_OUT):
                before = event, event.ended_ms
    return findings


def _travel(start: Event, left_ms: int, arrival: Event, thresholds: FindingThresholds) -> Finding | None:
    # Whoever signs out himself was still there then; a session that is ended for him proves no presence.
    took_ms = max(0, arrival.at_ms - (left_ms if left_ms <= arrival.at_ms else start.at_ms))
    if took_ms >= thresholds.travel_shops_ms:
        return None
    return Finding(
        detector="impossible_travel",
        subject=operator_subject(arrival),
        since_ms=start.at_ms,
        until_ms=arrival.at_ms,
        severity="alert",
        facts={
            "minutes": round(took_ms / MINUTE_MS, 1),
            "there": str(start.terminal_no),
            "here": str(arrival.terminal_no),
        },
        usual={"limit_min": thresholds.travel_shops_ms // MINUTE_MS},
        record_nos=evidence([start, arrival]),
    )
