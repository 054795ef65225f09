"""A tag that nobody writes or reads, a setting that nothing looks at and a fact that no screen uses are promises; each is found here."""

import re
from pathlib import Path

import msgspec
import pytest

import zhanggui
from zhanggui.cup.operator_tags import Tag
from zhanggui.programs.settings import Settings
from zhanggui.terminal.flow.core import events as ev

HOUSE = Path(zhanggui.__file__).parent
TEXT = {path: path.read_text(encoding="utf-8") for path in sorted(HOUSE.rglob("*.py"))}


def uses(pattern: str, *, without: str = "", within: str = "") -> int:
    """How often it stands in the source, one file aside or in one room alone."""
    return sum(
        len(re.findall(pattern, text))
        for path, text in TEXT.items()
        if (not without or not path.as_posix().endswith(without)) and within in path.as_posix()
    )


@pytest.mark.parametrize("tag", Tag.__members__)
def test_a_tag_is_written_and_read(tag: str) -> None:
    assert uses(rf"\bTag\.{tag}\b", without="cup/operator_tags.py") >= 2, "one place writes it and another reads it"


def settings_of(section: type[msgspec.Struct]) -> list[str]:
    """The names of all settings, those of each section among them."""
    names: list[str] = []
    for field in msgspec.structs.fields(section):
        is_section = isinstance(field.type, type) and issubclass(field.type, msgspec.Struct)
        names += [field.name, *(settings_of(field.type) if is_section else ())]
    return names


@pytest.mark.parametrize("name", dict.fromkeys(settings_of(Settings)))
def test_a_setting_is_looked_at(name: str) -> None:
    assert uses(rf"\.{name}\b")


@pytest.mark.parametrize("kind", [ev.OperatorVerified, ev.SignInConfirmed, ev.Refused, ev.SignedOut, ev.SignedOn])
def test_what_the_host_said_is_used_by_the_flow(kind: type[ev.Event]) -> None:
    own = set(kind.__struct_fields__) - set(ev.Event.__struct_fields__)
    assert [name for name in sorted(own) if not uses(rf"\.{name}\b", within="terminal/flow")] == []


def test_a_word_that_stands_nowhere_is_found() -> None:
    assert uses(r"\bTag\.PLANTED\b") == 0
    assert uses(r"\bTag\.RECORD_NO\b") > 2
