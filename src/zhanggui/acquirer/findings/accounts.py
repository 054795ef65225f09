"""Accounts that sleep, wake after long, or still have the password from the factory."""

from itertools import pairwise

from ...basics.numbers import MerchantNo, OperatorNo, UnixMs
from ...basics.spans import DAY_MS
from .finding import Finding, Severity, Subject, evidence, operator_subject, shop_subject
from .history import History
from .thresholds import FindingThresholds

SHOWN_MAX = 20
"""Operator numbers that a finding names."""


def detect_sleeper(history: History, thresholds: FindingThresholds, now: UnixMs) -> list[Finding]:
    """The first sign-in of a number after a long silence."""
    findings = []
    for events in history.by_operator.values():
        successes = [event for event in events if event.outcome == "success"]
        for before, event in pairwise(successes):
            silent_days = (event.at_ms - before.at_ms) / DAY_MS
            if silent_days > thresholds.sleeper_days:
                findings.append(
                    Finding(
                        detector="sleeper",
                        subject=operator_subject(event),
                        since_ms=event.at_ms,
                        until_ms=event.at_ms,
                        severity="warn",
                        facts={"days": int(silent_days), "terminal": str(event.terminal_no)},
                        usual={"limit_days": thresholds.sleeper_days},
                        record_nos=evidence([before, event]),
                    )
                )
    return findings


def detect_default_secret(history: History, thresholds: FindingThresholds, now: UnixMs) -> list[Finding]:
    """Merchants with active operators whose password is still the factory's."""
    numbers: dict[MerchantNo, list[OperatorNo]] = {}
    set_ms: dict[MerchantNo, list[int]] = {}
    powerful: set[MerchantNo] = set()
    total: dict[MerchantNo, int] = {}
    for (merchant_no, operator_no), person in history.people.items():
        if not person.is_active:
            continue
        total[merchant_no] = total.get(merchant_no, 0) + 1
        if person.has_factory_password:
            numbers.setdefault(merchant_no, []).append(operator_no)
            set_ms.setdefault(merchant_no, []).append(person.password_set_ms)
            if person.role != "cashier":
                powerful.add(merchant_no)
    findings = []
    for merchant_no, found in numbers.items():
        severity: Severity = "alert" if merchant_no in powerful else "warn"
        findings.append(
            Finding(
                detector="default_secret",
                subject=shop_subject(merchant_no, ""),
                since_ms=min(set_ms[merchant_no]),
                until_ms=now,
                changed_ms=max(set_ms[merchant_no]),
                severity=severity,
                facts={
                    "count": len(found),
                    "operators": total[merchant_no],
                    "numbers": ", ".join(sorted(found)[:SHOWN_MAX]),
                },
                usual={"limit": 0},
            )
        )
    return findings


def detect_stale_account(history: History, thresholds: FindingThresholds, now: UnixMs) -> list[Finding]:
    """Active operators who have not signed in for long. A password that was set counts as use.

    Only people who are meant to sign in are judged: cashiers. A supervisor approves without a sign-in of his own.
    """
    findings = []
    for (merchant_no, operator_no), person in history.people.items():
        if not person.is_active or person.role != "cashier":
            continue
        events = history.by_operator.get((merchant_no, str(operator_no)), ())
        used_ms = max((event.at_ms for event in events if event.outcome == "success"), default=person.password_set_ms)
        used_ms = max(used_ms, person.password_set_ms, person.last_sign_in_ms or 0)
        days = (now - used_ms) / DAY_MS
        is_alert = days > thresholds.stale_alert_days
        if days > thresholds.stale_warn_days:
            findings.append(
                Finding(
                    detector="stale_account",
                    subject=Subject("operator", merchant_no, str(operator_no)),
                    since_ms=used_ms,
                    until_ms=now,
                    changed_ms=used_ms
                    + (thresholds.stale_alert_days if is_alert else thresholds.stale_warn_days) * DAY_MS,
                    severity="alert" if is_alert else "warn",
                    facts={"days": int(days)},
                    usual={"warn_days": thresholds.stale_warn_days, "alert_days": thresholds.stale_alert_days},
                )
            )
    return findings
