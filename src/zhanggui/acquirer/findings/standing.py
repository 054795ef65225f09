"""How terminals stand now, whoever signs in there: opened ones, and parts that are not ok for days."""

from ...basics.numbers import UnixMs
from ...basics.spans import DAY_MS
from ..rows.records import Clash, ClashWhat, TerminalKey
from .finding import Finding, Subject, evidence, terminal_subject
from .history import Event, History
from .thresholds import FindingThresholds

TRACES_SHOWN_MAX = 5
"""Numbers of payments that a finding names."""
SIGNS_OF_A_CLONE: frozenset[ClashWhat] = frozenset({"other_payment", "reversal_of_finished", "reversal_of_another"})
"""One machine alone makes none of them. It may well doubt a payment whose batch was closed, or on which another terminal went on."""


def detect_opened_terminal(history: History, thresholds: FindingThresholds, now: UnixMs) -> list[Finding]:
    """Terminals that said that their case was opened, until they have a new master key."""
    return [
        Finding(
            detector="opened_terminal",
            subject=Subject("terminal", *where),
            since_ms=standing.opened_ms,
            until_ms=now,
            changed_ms=standing.opened_ms,
            severity="alert",
            facts={"place": standing.place},
            usual={},
        )
        for where, standing in history.standings.items()
        if standing.opened_ms is not None
    ]


def detect_cloned_terminal(history: History, thresholds: FindingThresholds, now: UnixMs) -> list[Finding]:
    """Terminals under whose number somebody who has its keys claimed what can't be, within `clone_days`.

    Two machines have one number, or one went back to an old copy of its folder: payments under numbers that were used, or
    reversals of what was finished long since.
    """
    since_ms = now - thresholds.clone_days * DAY_MS
    by_terminal: dict[TerminalKey, list[Clash]] = {}
    for clash in history.clashes:
        if clash.what in SIGNS_OF_A_CLONE and since_ms <= clash.last_ms <= now:
            by_terminal.setdefault((clash.merchant_no, clash.terminal_no), []).append(clash)
    return [
        Finding(
            detector="cloned_terminal",
            subject=Subject("terminal", *where),
            since_ms=min(clash.first_ms for clash in clashes),
            until_ms=max(clash.last_ms for clash in clashes),
            severity="alert",
            facts={
                "payments": sum(clash.what == "other_payment" for clash in clashes),
                "reversals": sum(clash.what != "other_payment" for clash in clashes),
                "times": sum(clash.times for clash in clashes),
                "traces": ", ".join(sorted({str(clash.trace_no) for clash in clashes})[:TRACES_SHOWN_MAX]),
            },
            usual={},
        )
        for where, clashes in by_terminal.items()
    ]


def detect_eyes_wrong(history: History, thresholds: FindingThresholds, now: UnixMs) -> list[Finding]:
    """What operators saw to be not well at sign-ins in a row, up to the last one: nobody has seen to it."""
    findings = []
    for events in history.by_terminal.values():
        looked = [event for event in events if event.eyes_wrong is not None]
        for item in looked[-1].eyes_wrong or () if looked else ():
            run: list[Event] = []
            for event in reversed(looked):
                if item not in (event.eyes_wrong or ()):
                    break
                run.append(event)
            if len(run) >= thresholds.eyes_in_a_row:
                findings.append(
                    Finding(
                        detector="eyes_wrong",
                        subject=terminal_subject(run[0]),
                        since_ms=run[-1].at_ms,
                        until_ms=run[0].at_ms,
                        severity="warn",
                        facts={"item": item, "sign_ins": len(run)},
                        usual={"limit": thresholds.eyes_in_a_row},
                        record_nos=evidence(run),
                    )
                )
    return findings


def detect_sick_for_days(history: History, thresholds: FindingThresholds, now: UnixMs) -> list[Finding]:
    """Parts that were not ok in each heartbeat for days; nobody need have failed to sign in for it."""
    findings = []
    for where, standing in history.standings.items():
        for item, since_ms in standing.not_ok.items():
            days = (now - since_ms) / DAY_MS
            if item == "tamper" or days < thresholds.sick_warn_days:
                continue
            is_alert = days >= thresholds.sick_alert_days
            findings.append(
                Finding(
                    detector="sick_for_days",
                    subject=Subject("terminal", *where),
                    since_ms=since_ms,
                    until_ms=now,
                    changed_ms=since_ms
                    + DAY_MS * (thresholds.sick_alert_days if is_alert else thresholds.sick_warn_days),
                    severity="alert" if is_alert else "warn",
                    facts={"item": item, "days": int(days)},
                    usual={"warn_days": thresholds.sick_warn_days, "alert_days": thresholds.sick_alert_days},
                )
            )
    return findings
