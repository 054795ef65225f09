"""Which hosts of a shared database live: each says so every few seconds, and what it has at the bank is its own for so long.

A host that says nothing for the length of a lease is taken for gone, and another closes what it left pending. If it only hung, it
finds its payments closed and answers by their rows (`payments/outcome.py`): nobody is told two things, and no money stands twice.
"""

from ...acquirer.rows.records import WHOLE_HOST, HostLease
from ...acquirer.rows.state import Delete, Insert, Needs, State, Update
from ...basics.numbers import UnixMs
from ..commit import Door, Sheet

SAID_EVERY_S = 5.0
LEASE_MS = 30_000
"""Six times as long as a host needs to say it, and shorter than a terminal's patience with a repeat (60 s)."""
TRIES_MAX = 5


def lease_key(host_id: str) -> tuple[str, str]:
    """The key of a host's lease."""
    return WHOLE_HOST, host_id


async def say_that_we_live(door: Door, host_id: str, *, ends: bool = False) -> None:
    """Renew the own lease; `ends`: give it up, so that nobody waits for this host."""

    def decide(sheet: Sheet) -> None:
        known = sheet.state.get(HostLease, *lease_key(host_id))
        if ends:
            sheet.take((Delete(known),) if known is not None else ())
            return
        lease = HostLease(merchant_no=WHOLE_HOST, host_id=host_id, seen_ms=sheet.now)
        sheet.take((Insert(lease) if known is None else Update(lease),))

    await door.commit(Needs({HostLease: [lease_key(host_id)]}), decide, tries_max=TRIES_MAX)


def is_gone(state: State, host_id: str | None, now: UnixMs) -> bool:
    """Whether a host's lease is over. One from far ahead was written by a wrong clock, and holds nothing."""
    lease = state.get(HostLease, *lease_key(host_id)) if host_id else None
    return lease is None or abs(now - lease.seen_ms) > LEASE_MS
