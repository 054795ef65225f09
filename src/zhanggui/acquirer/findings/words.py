"""The words of `findings.toml`, checked when loaded: both languages, the same placeholders, nothing that no detector tells."""

from collections.abc import Mapping
from functools import cache
from typing import get_args

import msgspec

from ...basics.errors import Defect
from ...basics.words import PLACEHOLDER, Lang, check_pair, read_rows
from ...cup.values.eyes import item_called
from .finding import SETTLED, DetectorName, Fact, Finding


class Wording(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One detector in one language: its name, the method, what happened, the normal range, what to do.

    `settled` is said in place of `facts` where the trouble ended by itself; `limits` is what the detector can't tell.
    """

    name: str
    method: str
    facts: str
    usual: str
    do: str
    settled: str = ""
    limits: str = ""


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One detector. `facts` and `usual` name what its findings carry."""

    subject: str
    facts: tuple[str, ...]
    usual: tuple[str, ...]
    zh: Wording
    en: Wording


SOMETIMES = frozenset({"settled", "limits"})
"""Parts that a detector may leave out, in both languages alike."""


@cache
def finding_words() -> Mapping[DetectorName, Row]:
    """All rows, in the order of the table. Defect says which is wrong and how."""
    rows = read_rows(__package__, "findings.toml", Row)
    if tuple(rows) != get_args(DetectorName):
        raise Defect("findings.toml: there must be one table for each detector, in the order of DetectorName")
    for name, row in rows.items():
        check_row(name, row)
    return {detector: rows[detector] for detector in get_args(DetectorName)}


def check_row(name: str, row: Row) -> None:
    """Both languages say something, and use the same placeholders, of those that the findings carry."""
    for part in Wording.__struct_fields__:
        zh, en = getattr(row.zh, part), getattr(row.en, part)
        if part in SOMETIMES and not zh and not en:
            continue
        check_pair("findings.toml", f"{name}.{part}", zh, en)
        known = {"facts": row.facts, "settled": row.facts, "usual": row.usual}.get(part, ())
        if not set(PLACEHOLDER.findall(zh)) <= set(known):
            raise Defect(f"findings.toml, '{name}.{part}': a placeholder is none of {', '.join(known) or 'nothing'}")


class ToldFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A finding in words."""

    name: str
    facts: str
    usual: str
    do: str
    limits: str


def tell(finding: Finding, lang: Lang) -> ToldFinding:
    """Say a finding in one language."""
    row = finding_words()[finding.detector]
    wording = row.zh if lang == "zh" else row.en
    happened = wording.settled if SETTLED in finding.facts else wording.facts
    return ToldFinding(
        name=wording.name,
        facts=happened.format_map(_shown(finding.facts, lang)),
        usual=wording.usual.format_map(_shown(finding.usual, lang)),
        do=wording.do,
        limits=wording.limits,
    )


def _shown(facts: Mapping[str, Fact], lang: Lang) -> dict[str, str]:
    shown = {name: f"{value:g}" if isinstance(value, float) else str(value) for name, value in facts.items()}
    return {name: item_called(text, lang) if name == "item" else text for name, text in shown.items()}
