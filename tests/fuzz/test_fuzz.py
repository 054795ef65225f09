"""What once broke a parser breaks it no more, and a seeded while of fuzzing each finds nothing new; `make fuzz` looks for longer."""

import random
from pathlib import Path

import pytest
from tests.fuzz.parsers import PARSERS, Parser, survives
from tools.fuzz import CRASHERS, fuzz, mutated, shortened, where

from zhanggui.iso8583.framing import FrameSplitter

MUTATIONS, RUNS = 1_500, 3_000
KEPT = [(path.parent.name, path) for path in sorted(CRASHERS.glob("*/*"))]


@pytest.mark.parametrize(("name", "path"), KEPT, ids=lambda part: getattr(part, "name", part))
def test_what_once_broke_a_parser_breaks_it_no_more(name: str, path: Path) -> None:
    survives(PARSERS[name], path.read_bytes())


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
