"""`docs/concepts/architecture.md` names the files of one sale; a true sale passes every one of them."""

import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest
from tests.conftest import Ports
from tests.worlds.house import House
from tests.worlds.true_terminal import at_the_counter

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "src" / "zhanggui"
PAGE = "terminal/page/live.py"
"""Keys come from the test here, not from a page; `tests/browser` comes this way."""
FILES_MAX = 20


def told() -> list[str]:
    """The files of the numbered list, and those of the sentence below it."""
    text = (ROOT / "docs" / "concepts" / "architecture.md").read_text(encoding="utf-8")
    section = text.partition("## One sale, file by file\n")[2].partition("\n## ")[0]
    return re.findall(r"`([a-z0-9_/]+\.py)`", section)


def numbered() -> list[str]:
    text = (ROOT / "docs" / "concepts" / "architecture.md").read_text(encoding="utf-8")
    return re.findall(r"^\d+\. `([a-z0-9_/]+\.py)`: .", text, re.MULTILINE)


def test_the_list_of_one_sale_is_short_and_true_to_the_tree() -> None:
    assert numbered(), "docs/concepts/architecture.md lists the files of one sale"
    assert len(numbered()) <= FILES_MAX
    assert len(set(told())) == len(told())
    assert [place for place in told() if not (HOUSE / place).is_file()] == []


@pytest.fixture
def passed() -> Iterator[set[str]]:
    """Files of the house in which something is called. Asked for before the house: its threads are watched from their beginning."""
    seen: set[str] = set()

    def look(frame: FrameType, event: str, arg: object) -> None:
        seen.add(frame.f_code.co_filename)

    threading.setprofile(look)
    sys.setprofile(look)
    yield seen
    sys.setprofile(None)
    threading.setprofile(None)


async def test_a_sale_passes_every_file_that_the_list_names(passed: set[str], house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take()) as at:
        passed.clear()
        await at.sell("12345")
        seen = set(passed)
    assert [place for place in told() if place != PAGE and str(HOUSE / place) not in seen] == []
