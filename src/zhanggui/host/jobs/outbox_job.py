"""The job `forget_outbox`: each night the messages of the outbox go that ended some weeks ago. Nobody asks for them again."""

from collections.abc import Sequence

import msgspec

from ...acquirer.rows.records import Job, OutboxMessage, OutboxPlace
from ...acquirer.rows.state import Change, Delete
from ...acquirer.webhooks.sending import KEPT_DAYS
from ...basics.numbers import UnixMs
from ...basics.spans import DAY_MS
from ...store.port import Store
from .nightly import nightly_rows

KIND = "forget_outbox"
HOUR = 4
"""Of China's night: the tills are shut."""
MESSAGES_AT_ONCE = 500
FIRST: OutboxPlace = ("", "")


async def _page(store: Store, job: Job) -> Sequence[OutboxMessage]:
    after = msgspec.json.decode(job.cursor, type=OutboxPlace) if job.cursor else FIRST
    return await store.outbox_ended(UnixMs(job.due_ms - KEPT_DAYS * DAY_MS), after, MESSAGES_AT_ONCE)


def _dropped(message: OutboxMessage | None, now: UnixMs) -> Change | None:
    return Delete(message) if message is not None else None


FORGET_OUTBOX = nightly_rows(KIND, HOUR, OutboxMessage, _page, _dropped)
