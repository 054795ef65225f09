"""How good are the detectors? Precision and recall against the labels of a fleet.

A finding is *true* when a label of its detector names its subject and their times overlap; *explained* when a label of
another kind says that it follows (guessing that succeeds is also a success after failures): it is right, but not what
is counted, so it counts neither way; else *false*. Precision is true / (true + false), over findings. Recall is the share
of labels that some finding hit. Notes are not counted either way: they wait for the review of the shift and raise nothing.
"""

from collections.abc import Sequence

import msgspec

from ...acquirer.findings.detectors import find
from ...acquirer.findings.finding import DetectorName, Finding
from ...acquirer.findings.history import History
from ...acquirer.findings.thresholds import DEFAULTS, FindingThresholds
from ...basics.numbers import UnixMs
from ...basics.spans import DAY_MS, HOUR_MS
from .plan import Label

SLACK_MS = HOUR_MS
"""Times that lie this close overlap: a finding may begin with the first try that counts."""
SLOW_SLACK_MS = 2 * DAY_MS
"""A slow release is dated by days."""


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """One detector's result. None where nothing could be counted."""

    detector: DetectorName
    labels: int
    found: int
    true: int
    false: int
    explained: int

    @property
    def recall(self) -> float | None:
        """Share of the labels that were found."""
        return self.found / self.labels if self.labels else None

    @property
    def precision(self) -> float | None:
        """Share of the counted findings that are true."""
        counted = self.true + self.false
        return self.true / counted if counted else None


def evaluate(
    history: History, labels: Sequence[Label], now: UnixMs, thresholds: FindingThresholds = DEFAULTS
) -> list[Score]:
    """Run all detectors and compare; one score for each detector that has labels."""
    return compare(find(history, now, thresholds), labels)


def compare(findings: Sequence[Finding], labels: Sequence[Label]) -> list[Score]:
    """Compare findings with labels."""
    by_detector: dict[DetectorName, list[Finding]] = {}
    for finding in findings:
        if finding.severity == "note":
            continue
        by_detector.setdefault(finding.detector, []).append(finding)
    detectors = dict.fromkeys(label.detector for label in labels)
    return [_score(detector, by_detector.get(detector, []), labels) for detector in detectors]


def _score(detector: DetectorName, findings: Sequence[Finding], labels: Sequence[Label]) -> Score:
    own = [label for label in labels if label.detector == detector]
    found: set[int] = set()
    true = false = explained = 0
    for finding in findings:
        hit = [place for place, label in enumerate(own) if hits(finding, label)]
        found.update(hit)
        if hit:
            true += 1
        elif any(detector in label.also and _overlaps(finding, label) for label in labels):
            explained += 1
        else:
            false += 1
    return Score(detector=detector, labels=len(own), found=len(found), true=true, false=false, explained=explained)


def hits(finding: Finding, label: Label) -> bool:
    """Whether the finding is this label's."""
    if finding.detector != label.detector or (label.detail and finding.facts.get("item") != label.detail):
        return False
    return _overlaps(finding, label)


def _overlaps(finding: Finding, label: Label) -> bool:
    slack_ms = SLOW_SLACK_MS if finding.detector == "slow_sign_in" else SLACK_MS
    return (
        finding.subject in label.subjects
        and finding.since_ms - slack_ms <= label.until_ms
        and label.since_ms - slack_ms <= finding.until_ms
    )
