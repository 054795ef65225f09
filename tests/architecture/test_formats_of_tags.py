"""The formats of field 62 stand in cup alone: rules get typed contents and answer typed outcomes."""

import re
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2] / "src" / "zhanggui"

TAG = re.compile(r"\bTag\b|\boperator_tags\b")
CUT = re.compile(r"""\.(?:split|partition|rpartition)\(["'][,:=]["']""")
"""Taking a text apart at a comma, a colon or an equals sign: how a format is read by hand."""
WRITTEN_BY_HAND = {
    "operators/passwords.py": "salts and verifiers of earlier passwords, a column of the operator's row",
    "operators/tries.py": "recent failures, a column of the terminal's row",
}
"""Texts of our own rows, which no message carries."""


def modules(room: str) -> list[Path]:
    found = sorted((HOUSE / room).rglob("*.py"))
    assert found, f"src/zhanggui/{room} holds no module"
    return found


def test_no_rule_of_the_acquirer_knows_a_tag() -> None:
    named = [path.name for path in modules("acquirer") if TAG.search(path.read_text(encoding="utf-8"))]
    assert not named, (
        "a rule takes contents (cup/messages/operator_asks.py) and answers an outcome (operator_outcomes.py)"
    )


@pytest.mark.parametrize("room", ["acquirer/operators", "host/wire", "terminal/link", "terminal/flow"])
def test_no_text_of_a_tag_is_taken_apart_outside_cup(room: str) -> None:
    by_hand = [
        place
        for path in modules(room)
        if CUT.search(path.read_text(encoding="utf-8"))
        and (place := path.relative_to(HOUSE / room.split("/")[0]).as_posix()) not in WRITTEN_BY_HAND
    ]
    assert not by_hand, "write and read it in cup/values, side by side"


@pytest.mark.parametrize("planted", ["asked.tags.get(Tag.VERDICT)", "from ...cup.operator_tags import pack_tags"])
def test_a_planted_tag_is_seen(planted: str) -> None:
    assert TAG.search(planted)


@pytest.mark.parametrize("planted", ['said.split(",")', "item.partition(':')"])
def test_a_planted_reading_by_hand_is_seen(planted: str) -> None:
    assert CUT.search(planted)
