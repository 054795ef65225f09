"""How terminals stand now, whoever signs in there: opened ones, and parts that are not ok for days."""

from ...basics.numbers import UnixMs
from ...basics.spans import DAY_MS
from .finding import Finding, Subject, evidence, terminal_subject
from .history import Event, History
from .thresholds import FindingThresholds


def detect_opened_terminal(history: History, thresholds: FindingThresholds, now: UnixMs) -> list[Finding]:
    """Terminals that said that their case was opened, until they have a new master key."""
    return [
        Finding(
            detector="opened_terminal",
            subject=Subject("terminal", *where),
            since_ms=standing.opened_ms,
            until_ms=now,
            severity="alert",
            facts={"place": standing.place},
            usual={},
        )
        for where, standing in history.standings.items()
        if standing.opened_ms is not None
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
            findings.append(
                Finding(
                    detector="sick_for_days",
                    subject=Subject("terminal", *where),
                    since_ms=since_ms,
                    until_ms=now,
                    severity="alert" if days >= thresholds.sick_alert_days else "warn",
                    facts={"item": item, "days": int(days)},
                    usual={"warn_days": thresholds.sick_warn_days, "alert_days": thresholds.sick_alert_days},
                )
            )
    return findings
