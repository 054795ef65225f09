"""Following what the host writes, without asking the database while nothing changes."""

import asyncio
from collections.abc import AsyncIterator

from .desk import OfficeDesk

LOOKED_EVERY_S = 0.25
"""How soon a change is seen: with reading and drawing well within a second."""
SILENT_MAX_S = 15.0
"""The longest pause: whoever is between keeps a stream that says nothing for no more than a minute."""


async def changes_of(desk: OfficeDesk) -> AsyncIterator[int]:
    """The host's number of changes: at once, after each change (several close ones are one), and now and then without any."""
    known, since = -1, desk.clock.elapsed_s()
    while True:
        now = desk.clock.elapsed_s()
        if desk.changes() != known or now - since >= SILENT_MAX_S:
            known, since = desk.changes(), now
            yield known
        await asyncio.sleep(LOOKED_EVERY_S)
