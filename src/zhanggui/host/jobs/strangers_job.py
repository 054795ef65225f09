"""The job `forget_strangers`: each night the tries at the office go that were made in names that are nobody's and count no more.

Its rule is `acquirer/people/tries.py`. Whoever makes up names fills the data with them for a day and no longer.
"""

from collections.abc import Sequence

import msgspec

from ...acquirer.people.tries import COUNTS_MS, forget_stranger
from ...acquirer.rows.records import Job, Stranger, key_of
from ...acquirer.rows.state import Change, Needs, State
from ...basics.numbers import UnixMs
from ...store.port import Store
from .nightly import nightly_walk

KIND = "forget_strangers"
HOUR = 4
"""Of China's night, after the answers."""
STRANGERS_AT_ONCE = 500


async def _page(store: Store, job: Job) -> Sequence[Stranger]:
    _, after = msgspec.json.decode(job.cursor, type=tuple[str, str]) if job.cursor else ("", "")
    return await store.strangers_over(UnixMs(job.due_ms - COUNTS_MS), after, STRANGERS_AT_ONCE)


def _needs(page: Sequence[Stranger]) -> Needs:
    return Needs({Stranger: map(key_of, page)})


def _rule(state: State, listed: Stranger, now: UnixMs) -> Change | None:
    return forget_stranger(state.get(Stranger, *key_of(listed)), now)


FORGET_STRANGERS = nightly_walk(KIND, HOUR, _page, _needs, _rule)
