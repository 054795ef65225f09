"""The words of `findings.toml`, checked when loaded: both languages, the same placeholders, nothing that no detector tells."""

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import get_args

import msgspec

from ...basics.errors import Defect
from ...basics.words import Lang
from .finding import DetectorName, Fact, Finding

PLACEHOLDER = re.compile(r"\{([a-z0-9_]+)\}")


class Wording(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One detector in one language: its name, the method, what happened, the normal range, what to do."""

    name: str
    method: str
    facts: str
    usual: str
    do: str


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One detector. `facts` and `usual` name what its findings carry."""

    subject: str
    facts: tuple[str, ...]
    usual: tuple[str, ...]
    zh: Wording
    en: Wording


@cache
def finding_words() -> Mapping[DetectorName, Row]:
    """All rows, in the order of the table. Defect says which is wrong and how."""
    text = resources.files(__package__).joinpath("findings.toml").read_bytes()
    rows = msgspec.toml.decode(text, type=dict[DetectorName, Row])
    if tuple(rows) != get_args(DetectorName):
        raise Defect("findings.toml: there must be one table for each detector, in the order of DetectorName")
    for name, row in rows.items():
        check_row(name, row)
    return rows


def check_row(name: str, row: Row) -> None:
    """Both languages say something, and use the same placeholders, of those that the findings carry."""
    for part in Wording.__struct_fields__:
        zh, en = getattr(row.zh, part), getattr(row.en, part)
        if not zh or not en:
            raise Defect(f"findings.toml, '{name}.{part}': a language is empty; write both")
        used = set(PLACEHOLDER.findall(zh))
        if used != set(PLACEHOLDER.findall(en)):
            raise Defect(f"findings.toml, '{name}.{part}': zh and en use different placeholders; use the same")
        known = {"facts": row.facts, "usual": row.usual}.get(part, ())
        if not used <= set(known):
            raise Defect(f"findings.toml, '{name}.{part}': a placeholder is none of {', '.join(known) or 'nothing'}")


class ToldFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A finding in words."""

    name: str
    facts: str
    usual: str
    do: str


def tell(finding: Finding, lang: Lang) -> ToldFinding:
    """Say a finding in one language."""
    row = finding_words()[finding.detector]
    wording = row.zh if lang == "zh" else row.en
    return ToldFinding(
        name=wording.name,
        facts=wording.facts.format_map(_shown(finding.facts)),
        usual=wording.usual.format_map(_shown(finding.usual)),
        do=wording.do,
    )


def _shown(facts: Mapping[str, Fact]) -> dict[str, str]:
    return {name: f"{value:g}" if isinstance(value, float) else str(value) for name, value in facts.items()}
