"""The job `forget_strangers`: each night the tries at the office go that were made in names that are nobody's and count no more.

Its rule is `acquirer/people/tries.py`. Whoever makes up names fills the data with them for a day and no longer.
"""

from collections.abc import Sequence

import msgspec

from ...acquirer.people.tries import COUNTS_MS, forget_stranger
from ...acquirer.rows.records import Job, Stranger
from ...basics.numbers import UnixMs
from ...store.port import Store
from .nightly import nightly_rows

KIND = "forget_strangers"
HOUR = 4
"""Of China's night, after the answers."""
STRANGERS_AT_ONCE = 500


async def _page(store: Store, job: Job) -> Sequence[Stranger]:
    _, after = msgspec.json.decode(job.cursor, type=tuple[str, str]) if job.cursor else ("", "")
    return await store.strangers_over(UnixMs(job.due_ms - COUNTS_MS), after, STRANGERS_AT_ONCE)


FORGET_STRANGERS = nightly_rows(KIND, HOUR, Stranger, _page, forget_stranger)
