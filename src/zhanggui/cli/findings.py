"""`zhanggui findings`: what the sign-in records say is wrong, the metrics, and how good the detectors are on a labelled fleet."""

import sys
import time
from pathlib import Path
from typing import Any

from ..acquirer.findings.finding import Finding, scores
from ..acquirer.findings.history import History, read_history
from ..acquirer.findings.metrics import metrics as measure
from ..acquirer.findings.reference import reference_page
from ..acquirer.rows.records import Badge, Operator, SignIn, Terminal
from ..basics.clock import Clock, format_time
from ..basics.errors import Misuse
from ..basics.numbers import UnixMs
from ..basics.spans import DAY_MS
from ..basics.words import load_words
from ..programs.data_folder import Places
from ..programs.settings import Settings
from ..simulator.fleets.evaluation import Score, evaluate
from ..simulator.fleets.fleet_files import has_lines, read_lines, read_note
from ..store.open import open_queries
from ..views.findings import METRICS, SCORES, find_since, finding_row, load_history, score_rows, subject_words
from ..views.listing import word_of
from .lists import lists_of, print_list, print_table
from .output import print_json, print_text
from .words import say

DAYS_MAX = 365
EVALUATION = load_words(__package__, "evaluation.toml")
HEADS = ("detector", "labels", "found", "recall", "precision", "true", "false", "explained")
"""Of the evaluation: keys of its JSON, and words of its table."""


def findings(settings: Settings, clock: Clock, *, days: int, as_json: bool) -> None:
    """List the findings of the last days, newest first."""
    now, found = _find(settings, clock, days)
    rows = [finding_row(finding) for finding in found]
    if as_json:
        print_json(rows)
        return
    if not rows:
        say(settings.lang, "nothing")
    usual, do, limits = (word_of(f"findings.{key}", settings.lang) for key in ("usual", "do", "limits"))
    for finding, row in zip(found, rows, strict=True):
        told = row.zh if settings.lang == "zh" else row.en
        about = subject_words(finding.subject, settings.lang)
        severity = word_of(f"findings.severity.{finding.severity}", settings.lang)
        print_text(f"{format_time(UnixMs(finding.until_ms))} [{severity}] {told.name} · {about}")
        print_text(f"    {told.facts}\n    {usual}: {told.usual}\n    {do}: {told.do}")
        if told.limits:
            print_text(f"    {limits}: {told.limits}")
    _print_scores(settings, found, now)


def _print_scores(settings: Settings, found: list[Finding], now: UnixMs) -> None:
    top = scores(found, now)[:10]
    if top:
        print_text()
        print_list(settings, SCORES, score_rows(top))


def metrics(settings: Settings, clock: Clock, *, days: int, as_json: bool) -> None:
    """Print the metrics of the last days."""
    now = clock.now()
    with lists_of(settings) as queries:
        history = load_history(queries, UnixMs(now - _bounded(days) * DAY_MS))
    measured = measure(history, now, settings.lang)
    print_list(settings, METRICS, measured, as_json=as_json)


def evaluate_fleet(settings: Settings, folder: Path, *, as_json: bool) -> None:
    """Run all detectors over a labelled fleet and print precision and recall."""
    note = read_note(folder)
    began_s = time.monotonic()
    history = _fleet_history(folder)
    results = evaluate(history, note.labels, note.until_ms)
    seconds = time.monotonic() - began_s
    if as_json:
        figures = {
            "seed": note.seed,
            "terminals": note.terminals,
            "days": note.days,
            "sign_ins": len(history.events),
            "seconds": round(seconds, 2),
        }
        print_json({**figures, "detectors": [_score_row(score) for score in results]})
        return
    print_text(f"seed {note.seed} · {note.terminals} × {note.days} d · {len(history.events)} · {seconds:.1f} s")
    rows = [tuple(f"{value}" for value in _score_row(score).values()) for score in results]
    print_table(settings.lang, [EVALUATION[head].of(settings.lang) for head in HEADS], rows)


def _score_row(score: Score) -> dict[str, Any]:
    values = (
        score.detector,
        score.labels,
        score.found,
        None if score.recall is None else round(score.recall, 2),
        None if score.precision is None else round(score.precision, 2),
        score.true,
        score.false,
        score.explained,
    )
    return dict(zip(HEADS, values, strict=True))


def print_reference() -> None:
    """Print `docs/reference/findings.md`."""
    sys.stdout.write(reference_page())


def _find(settings: Settings, clock: Clock, days: int) -> tuple[UnixMs, list[Finding]]:
    now = clock.now()
    since_ms = now - _bounded(days) * DAY_MS
    with lists_of(settings) as queries:
        return now, find_since(queries, UnixMs(since_ms), now)


def _bounded(days: int) -> int:
    if not 1 <= days <= DAYS_MAX:
        raise Misuse(f"--days is 1 to {DAYS_MAX}")
    return days


def _fleet_history(folder: Path) -> History:
    if has_lines(folder):
        rows = (read_lines(folder, SignIn), read_lines(folder, Terminal), read_lines(folder, Operator))
        return read_history(*rows, badges=read_lines(folder, Badge))
    with open_queries(str(Places(folder).host_database)) as queries:
        return load_history(queries, None)
