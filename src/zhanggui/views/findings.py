"""Findings, newest first, in both languages; and whom to look at first."""

from collections.abc import Sequence

import msgspec

from ..acquirer.findings.finding import Fact, Finding, Subject
from ..acquirer.findings.metrics import Metric
from ..acquirer.findings.speed import ALL_MERCHANTS
from ..acquirer.findings.words import ToldFinding, tell
from ..basics.numbers import UnixMs
from ..basics.words import Lang
from .listing import Column, View, iso, word_of


class FindingRow(msgspec.Struct, frozen=True, kw_only=True):
    """One finding with its figures and its words. It asks for a look and judges nobody."""

    detector: str
    severity: str
    subject: Subject
    since: str | None
    until: str | None
    facts: dict[str, Fact]
    usual: dict[str, Fact]
    p: float | None
    record_nos: list[int]
    zh: ToldFinding
    en: ToldFinding


class ScoreRow(msgspec.Struct, frozen=True, kw_only=True):
    """How much there is to look at in one subject."""

    score: float
    subject: Subject


def finding_row(finding: Finding) -> FindingRow:
    """A finding as everybody shows it."""
    return FindingRow(
        detector=finding.detector,
        severity=finding.severity,
        subject=finding.subject,
        since=iso(UnixMs(finding.since_ms)),
        until=iso(UnixMs(finding.until_ms)),
        facts=finding.facts,
        usual=finding.usual,
        p=finding.p,
        record_nos=list(finding.record_nos),
        zh=tell(finding, "zh"),
        en=tell(finding, "en"),
    )


def score_rows(scored: Sequence[tuple[Subject, float]]) -> list[ScoreRow]:
    """Subjects by score."""
    return [ScoreRow(score=score, subject=subject) for subject, score in scored]


def subject_words(subject: Subject, lang: Lang) -> str:
    """Who or what a finding is about; a shop is named by its number alone, and a release is nobody's.

    >>> subject_words(Subject("release", "*", "smart 1.4.0"), "en")
    'release smart 1.4.0'
    """
    kind = word_of(f"scores.kind.{subject.kind}", lang)
    if subject.merchant_no == ALL_MERCHANTS:
        return f"{kind} {subject.name}"
    return f"{kind} {subject.name} @ {subject.merchant_no}" if subject.name else f"{kind} {subject.merchant_no}"


SCORES = View(
    "scores",
    ScoreRow,
    (
        Column("score", lambda row, lang: f"{row.score:.1f}"),
        Column("kind", lambda row, lang: word_of(f"scores.kind.{row.subject.kind}", lang)),
        Column("look", lambda row, lang: f"{row.subject.merchant_no} {row.subject.name}"),
    ),
)
METRICS = View(
    "metrics",
    Metric,
    (
        Column("metric", lambda row, lang: row.definition),
        Column("value", lambda row, lang: "–" if row.value is None else f"{row.value}"),
        Column("unit", lambda row, lang: row.unit),
        Column("target", lambda row, lang: row.target),
    ),
)
