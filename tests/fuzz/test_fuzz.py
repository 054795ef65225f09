"""What once broke a parser breaks it no more, and a seeded while of fuzzing each finds nothing new; `make fuzz` looks for longer."""

import ast
import random
import re
from pathlib import Path

import pytest
from tests.fuzz.parsers import PARSERS, Parser, survives
from tools.fuzz import CRASHERS, fuzz, mutated, shortened, where

import zhanggui
from zhanggui.iso8583.framing import FrameSplitter

MUTATIONS, RUNS = 1_500, 3_000
SOURCE = Path(zhanggui.__file__).parent
WITHIN_OTHERS = {"read_operator_no", "read_identity"}
"""Called by what is fuzzed."""


def test_what_once_broke_a_parser_breaks_it_no_more() -> None:
    """`make fuzz` keeps what breaks one under its parser's name; there is none as long as it found none."""
    for path in sorted(CRASHERS.glob("*/*")):
        survives(PARSERS[path.parent.name], path.read_bytes())


def test_every_reader_of_others_bytes_is_fuzzed() -> None:
    """A message or value that is new has a `read_…`; one that nobody fuzzes is found here."""
    fuzzed = set(re.findall(r"\bread_\w+", (Path(__file__).parent / "parsers.py").read_text(encoding="utf-8")))
    readers = {
        node.name
        for folder in ("cup/messages", "cup/values", "cup/qr", "cup/wallets", "terminal/page", "host/window")
        for path in (SOURCE / folder).glob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("read_")
    }
    assert len(readers) > 50
    assert readers - fuzzed == WITHIN_OTHERS


@pytest.mark.parametrize("name", PARSERS)
def test_seeds_and_their_mutations_are_read_or_refused(name: str) -> None:
    parser, chance = PARSERS[name], random.Random(name)
    pool = list(parser.seeds)
    for data in pool:
        survives(parser, data)
    for _ in range(MUTATIONS):
        data = mutated(chance.choice(pool), chance.choice(pool), chance)
        survives(parser, data)


def test_the_fuzzer_finds_what_stands_behind_three_conditions_and_shortens_it() -> None:
    """A parser with a fault that chance alone would not find: coverage leads to it."""

    def parse(data: bytes) -> None:
        if FrameSplitter().feed(b"\x00\x02" + data[:2]) and data[:1] == b"\x7f":
            raise ZeroDivisionError

    parser = Parser("broken", parse, (ValueError,), [b"\x00\x00aaaa"])
    _, lines, crashers = fuzz(parser, lambda runs: runs < RUNS, random.Random(1))
    assert lines > 0
    assert crashers
    assert crashers[0].startswith(b"\x7f")
    with pytest.raises(ZeroDivisionError) as caught:
        parse(b"\x7fabcdefgh")
    assert len(shortened(parser, b"\x7fabcdefgh", where(caught.value))) <= 2
