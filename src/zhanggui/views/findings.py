"""Findings, newest first, in both languages; whom to look at first; and who looked into one, and what it was."""

import hashlib
from collections.abc import Sequence

import msgspec

from ..acquirer.findings.detectors import find
from ..acquirer.findings.finding import Fact, Finding, Subject
from ..acquirer.findings.history import History, read_history
from ..acquirer.findings.metrics import Metric
from ..acquirer.findings.settling import SETTLE_FINDING, Settled, SettledKey, settled_by
from ..acquirer.findings.speed import ALL_MERCHANTS
from ..acquirer.findings.words import ToldFinding, tell
from ..acquirer.rows.records import AuditNote, Badge, Clash, Health, Operator, Terminal
from ..basics.numbers import MerchantNo, UnixMs
from ..basics.spans import DAY_MS
from ..basics.words import Lang
from ..store.lists.asked import Is, Within
from ..store.queries import ROWS_MAX, PlaceFilter, Queries, SignInFilter
from .listing import Column, View, iso, word_of
from .questions.reading import Reading

HISTORY_DAYS = 120
"""Days behind the ones asked for that detectors learn from; a sleeper is silent for 60 days and more."""
KEY_CHARACTERS = 16


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


def find_since(queries: Queries, since_ms: UnixMs, now: UnixMs, merchant_no: MerchantNo | None = None) -> list[Finding]:
    """The findings of all shops (or of one, by its own rows alone) that reach beyond an instant, newest first."""
    history = load_history(queries, UnixMs(since_ms - HISTORY_DAYS * DAY_MS), merchant_no)
    return [finding for finding in find(history, now) if finding.until_ms >= since_ms]


def finding_key(finding: Finding) -> str:
    """What names a finding in an address: the same as long as the same is found."""
    subject = finding.subject
    parts = (finding.detector, subject.kind, subject.merchant_no, subject.name, str(finding.since_ms))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:KEY_CHARACTERS]


def read_settled(reading: Reading, merchant_no: MerchantNo | None, since_ms: UnixMs) -> dict[SettledKey, Settled]:
    """What people found out since an instant, by shop and what it is about."""
    of_shop = (Is("merchant_no", (merchant_no,)),) if merchant_no is not None else ()
    return settled_by(
        reading.each(AuditNote, Is("action", (SETTLE_FINDING,)), Within("made_ms", since_ms, None), *of_shop)
    )


def load_history(queries: Queries, since_ms: UnixMs | None, merchant_no: MerchantNo | None = None) -> History:
    """The history of a database (or of one shop): its sign-ins since an instant, with all its terminals and operators."""
    sign_ins = list(queries.each_sign_in(SignInFilter(merchant_no=merchant_no, since_ms=since_ms)))
    terminals: list[Terminal] = []
    healths: list[Health] = []
    clashes: list[Clash] = []
    operators: list[Operator] = []
    badges: list[Badge] = []
    for one in queries.list_merchants(PlaceFilter(merchant_no=merchant_no, limit=ROWS_MAX)):
        at_merchant = PlaceFilter(merchant_no=one.merchant_no, limit=ROWS_MAX)
        terminals += queries.list_terminals(at_merchant)
        healths += queries.list_healths(at_merchant)
        clashes += queries.list_clashes(at_merchant)
        operators += queries.list_operators(at_merchant)
        badges += queries.list_badges(at_merchant)
    return read_history(sign_ins, terminals, operators, healths=healths, clashes=clashes, badges=badges)
