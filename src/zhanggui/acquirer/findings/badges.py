"""Badges in wrong hands: one that counts no more is shown, or one is two.

A badge is a thing: it is in one place, and its secret is in it. So a second place, another merchant's terminal, or a number whose
secret does not fit (a photograph of the number, or a message that was caught and sent again) means that there are two.
"""

from collections.abc import Sequence
from itertools import pairwise

from ...basics.numbers import UnixMs
from ...basics.spans import MINUTE_MS
from ..rows.records import OperatorKey
from .finding import Finding, Severity, Subject, evidence
from .history import ELSEWHERE, Event, History
from .sessions import in_groups, lives_on
from .thresholds import FindingThresholds

REVOKED, FORGED, UNKNOWN = "badge_revoked", "forged_badge", "unknown_badge"
PLACES_SHOWN_MAX = 4
"""Terminals that a finding names."""


def detect_revoked_badge(history: History, thresholds: FindingThresholds, now: UnixMs) -> list[Finding]:
    """A badge that was taken away, or replaced, is shown.

    Its owner who shows the old one by mistake signs in there at once, with the new one or by number: a note.
    """
    findings = []
    for badge_no, events in history.by_badge.items():
        # One that was taken away between the password and the confirmation counted when it was shown.
        shown = [event for event in events if event.reason == REVOKED and event.verified_ms is None]
        for group in in_groups(shown, thresholds.duplicate_group_ms):
            holder = history.badges.get(badge_no)
            severity: Severity = "note" if _is_the_owners(group, holder, history, thresholds) else "alert"
            findings.append(
                Finding(
                    detector="revoked_badge",
                    subject=_subject(group[0], holder),
                    since_ms=group[0].at_ms,
                    until_ms=group[-1].at_ms,
                    severity=severity,
                    facts={"badge": badge_no, "times": len(group), "places": _places(group, group[0].merchant_no)},
                    usual={"own_min": thresholds.badge_own_ms // MINUTE_MS},
                    record_nos=evidence(group),
                )
            )
    return findings


def _is_the_owners(
    group: Sequence[Event], holder: OperatorKey | None, history: History, thresholds: FindingThresholds
) -> bool:
    if holder is None:
        return False
    return any(
        event.outcome == "success"
        and event.where == group[-1].where
        and 0 <= event.at_ms - group[-1].at_ms <= thresholds.badge_own_ms
        for event in history.by_operator.get((holder[0], str(holder[1])), ())
    )


def detect_copied_badge(history: History, thresholds: FindingThresholds, now: UnixMs) -> list[Finding]:
    """One badge that is two: in two places at once, at another merchant's, or its number without its secret."""
    findings = []
    for badge_no, events in history.by_badge.items():
        holder = history.badges.get(badge_no)
        if holder is None:
            continue
        strange = [event for event in events if _is_abroad(event, holder) or _is_forged(event, holder)]
        together = _together(events, thresholds)
        signs = sorted(
            {(event.merchant_no, event.record_no): event for event in (*strange, *together)}.values(), key=_moment
        )
        groups = in_groups(signs, thresholds.duplicate_group_ms)
        findings += [_copied(badge_no, group, holder, together) for group in groups]
    return findings


def _moment(event: Event) -> int:
    return event.at_ms


def _is_abroad(event: Event, holder: OperatorKey) -> bool:
    return event.merchant_no != holder[0] and event.reason == UNKNOWN


def _is_forged(event: Event, holder: OperatorKey) -> bool:
    return event.merchant_no == holder[0] and event.reason in (FORGED, UNKNOWN)


def _together(events: Sequence[Event], thresholds: FindingThresholds) -> list[Event]:
    """Where the true badge was shown while it was elsewhere: the session that it began there goes on, or no way is so short."""
    found: list[Event] = []
    successes = [event for event in events if event.outcome == "success"]
    refused = [event for event in events if event.reason == ELSEWHERE]
    for group in in_groups(refused, thresholds.duplicate_group_ms):
        if lives_on(group, successes, thresholds.duplicate_left_ms) is not None:
            found += group
    right = [event for event in events if event.outcome == "success" or event.reason == ELSEWHERE]
    for before, event in pairwise(right):
        if before.shop != event.shop and event.at_ms - before.at_ms < thresholds.travel_shops_ms:
            found.append(event)
    return found


def _copied(badge_no: str, group: list[Event], holder: OperatorKey, together: Sequence[Event]) -> Finding:
    forged = sum(_is_forged(event, holder) for event in group)
    abroad = sum(_is_abroad(event, holder) for event in group)
    doubled = [event for event in group if event in together]
    return Finding(
        detector="copied_badge",
        subject=_subject(group[0], holder),
        since_ms=group[0].at_ms,
        until_ms=group[-1].at_ms,
        severity="alert" if forged or abroad or len(doubled) > 1 else "warn",
        facts={
            "badge": badge_no,
            "together": len(doubled),
            "abroad": abroad,
            "forged": forged,
            "places": _places(group, holder[0]),
        },
        usual={},
        record_nos=evidence(event for event in group if event.merchant_no == holder[0]),
    )


def _subject(event: Event, holder: OperatorKey | None) -> Subject:
    """Whose badge it is; where that is not known, the terminal that it was shown at."""
    if holder is None:
        return Subject("terminal", event.merchant_no, event.terminal_no)
    return Subject("operator", holder[0], str(holder[1]))


def _places(group: Sequence[Event], at_home: str) -> str:
    """Terminals; of another merchant with its number."""
    shown = dict.fromkeys(
        event.terminal_no if event.merchant_no == at_home else f"{event.terminal_no} @ {event.merchant_no}"
        for event in group
    )
    return ", ".join([*shown][:PLACES_SHOWN_MAX])
