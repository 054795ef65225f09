"""A page server with fake terminals behind it, and a person at a page in Chromium."""

from collections.abc import AsyncIterator

import pytest

from ...worlds.fake_terminal import FakeTerminal
from .page_desk import browser as browser
from .page_desk import desk as desk
from .served import Served as Served
from .served import serve as serve


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    """A page with a smart and a keypad terminal."""
    async with serve(FakeTerminal("10000001"), FakeTerminal("10000003", "keypad")) as page:
        yield page
