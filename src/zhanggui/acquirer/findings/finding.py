"""What a detector says, and how findings add up to a score."""

from collections.abc import Iterable, Mapping, Sequence
from math import log10
from typing import Literal

import msgspec

from ...basics.numbers import MerchantNo, UnixMs
from ...basics.spans import DAY_MS
from .history import Event
from .thresholds import DEFAULTS, FindingThresholds

SubjectKind = Literal["operator", "terminal", "shop", "release"]
Severity = Literal["note", "warn", "alert"]
Fact = int | float | str
DetectorName = Literal[
    "failure_burst",
    "spraying",
    "guessed_names",
    "success_after_failures",
    "duplicate_session",
    "shared_account",
    "unusual_hour",
    "unusual_device",
    "impossible_travel",
    "revoked_badge",
    "copied_badge",
    "photographed_code",
    "slow_sign_in",
    "sick_device",
    "clock_drift",
    "opened_terminal",
    "cloned_terminal",
    "sick_for_days",
    "eyes_wrong",
    "sleeper",
    "default_secret",
    "stale_account",
]

SETTLED = "settled_min"
"""The fact that a finding carries when what it tells of ended by itself: after how many minutes."""
RECORDS_SHOWN_MAX = 10
"""Record numbers that a finding names; enough to look at, whatever the size of the burst."""
SEVERITY_WEIGHT: Mapping[Severity, float] = {"note": 1.0, "warn": 2.0, "alert": 4.0}
"""Weight of a rule that has no p: as if it were 0.1, 0.01 or 0.0001."""


class Subject(msgspec.Struct, frozen=True):
    """Whom or what a finding is about. A release is `model version` of all merchants; its merchant is `*`."""

    kind: SubjectKind
    merchant_no: str
    name: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One finding. `facts` and `usual` fill the words of `findings.toml`; `p` is the chance of it where that is known."""

    detector: DetectorName
    subject: Subject
    since_ms: int
    until_ms: int
    severity: Severity
    facts: dict[str, Fact]
    usual: dict[str, Fact]
    changed_ms: int | None = None
    """Of what stands so until now: when something was added to it last. Who looked into it then need not look again."""
    p: float | None = None
    record_nos: tuple[int, ...] = ()


def operator_subject(event: Event) -> Subject:
    """The operator of an event."""
    return Subject("operator", event.merchant_no, event.operator_no)


def terminal_subject(event: Event) -> Subject:
    """The terminal of an event."""
    return Subject("terminal", event.merchant_no, event.terminal_no)


def shop_subject(merchant_no: MerchantNo, shop: str) -> Subject:
    """A shop of a merchant; the name is empty where the merchant has one."""
    return Subject("shop", merchant_no, shop)


def evidence(events: Iterable[Event]) -> tuple[int, ...]:
    """The first record numbers of some events."""
    numbers = sorted({event.record_no for event in events})
    return tuple(numbers[:RECORDS_SHOWN_MAX])


def newest_first(findings: Iterable[Finding]) -> list[Finding]:
    """Findings in the order of a list: newest first, then by name, so that equal input gives equal output."""
    return sorted(findings, key=lambda one: (-one.until_ms, one.detector, one.subject.merchant_no, one.subject.name))


def weight(finding: Finding, now: UnixMs, thresholds: FindingThresholds = DEFAULTS) -> float:
    """−log10 p (or the severity's weight), capped, halved every week since the finding's end (operators reference D.2)."""
    raw = SEVERITY_WEIGHT[finding.severity] if finding.p is None else -log10(max(finding.p, 1e-300))
    age_days = max(0.0, (now - finding.until_ms) / DAY_MS)
    return float(min(thresholds.score_cap, max(0.0, raw)) * 0.5 ** (age_days / thresholds.score_half_life_days))


def scores(
    findings: Sequence[Finding], now: UnixMs, thresholds: FindingThresholds = DEFAULTS
) -> list[tuple[Subject, float]]:
    """Score of each subject, highest first. It orders what to look at; it is no ground for measures against a person."""
    total: dict[Subject, float] = {}
    for finding in findings:
        total[finding.subject] = total.get(finding.subject, 0.0) + weight(finding, now, thresholds)
    return sorted(total.items(), key=lambda item: (-item[1], item[0].kind, item[0].merchant_no, item[0].name))
