"""Following what the host writes, without asking the database while nothing changes."""

import asyncio
from collections.abc import AsyncIterator

from .desk import OfficeDesk

LOOKED_EVERY_S = 0.25
"""How soon a change is seen: with reading and drawing well within a second."""
SILENT_MAX_S = 15.0
"""The longest pause: whoever is between keeps a stream that says nothing for no more than a minute."""


STREAM_S = 60.0
"""How long a stream lives. The browser opens it again by itself and passes the gate anew: whoever was shut out meanwhile stays out."""


async def changes_of(desk: OfficeDesk) -> AsyncIterator[int]:
    """The host's number of changes: at once, after each change (several close ones are one), and now and then without any; for a while."""
    began = desk.clock.elapsed_s()
    known, since = -1, began
    while (now := desk.clock.elapsed_s()) - began < STREAM_S:
        if desk.changes() != known or now - since >= SILENT_MAX_S:
            known, since = desk.changes(), now
            yield known
        await asyncio.sleep(LOOKED_EVERY_S)
