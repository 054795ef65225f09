"""Codes for phones in wrong hands: another phone comes with one that a phone has answered.

A code stands on a screen that anybody can take a picture of. Whoever opens it afterwards meets nothing; who also types a number and a
password there was led to it, or tries one.
"""

from ...basics.numbers import UnixMs
from .finding import Finding, Severity, Subject, evidence
from .history import History
from .sessions import in_groups
from .thresholds import FindingThresholds

PHOTOGRAPHED = frozenset({"phone_of_another", "phone_code_used"})


def detect_photographed_code(history: History, thresholds: FindingThresholds, now: UnixMs) -> list[Finding]:
    """A code comes again on another phone. Only opened, it may be its own operator's second browser: a note."""
    findings = []
    for (merchant_no, terminal_no), events in history.by_terminal.items():
        seen = [event for event in events if event.way == "phone" and event.reason in PHOTOGRAPHED]
        for group in in_groups(seen, thresholds.duplicate_group_ms):
            typed = sum(bool(event.operator_no) for event in group)
            severity: Severity = "alert" if typed else "note"
            findings.append(
                Finding(
                    detector="photographed_code",
                    subject=Subject("terminal", merchant_no, terminal_no),
                    since_ms=group[0].at_ms,
                    until_ms=group[-1].at_ms,
                    severity=severity,
                    facts={"times": len(group), "typed": typed},
                    usual={},
                    record_nos=evidence(group),
                )
            )
    return findings
