"""Stored instants that bound the present, brought within what policy allows.

A wait, a lock and the beginning of a session are kept as instants of the wall clock. When that clock was wrong and was put right,
what was written meanwhile lies far ahead: a wait of seconds would last for months, and a session would never get too long. Policy
says how far ahead each may lie at most; what lies further is taken as if it began now, and is written so, or it would begin anew
at each look. It is looked at in one place, which every operator message passes (`entry.enter`).
"""

from msgspec.structs import replace

from ...basics.numbers import OperatorNo, UnixMs
from ...basics.spans import MINUTE_MS
from ..policy.rules import Policy
from ..rows.draft import Draft
from ..rows.records import Operator, Stranger, Terminal

CLOCKS_AGREE_MS = MINUTE_MS
"""What the clocks of hosts on one database may differ by; nothing that lies ahead by less is put right."""


def within(stored: UnixMs | None, now: UnixMs, span_max_ms: int) -> UnixMs | None:
    """The instant, at most the longest span from now.

    >>> within(UnixMs(9_000), UnixMs(1_000), 5_000), within(UnixMs(4_000), UnixMs(1_000), 5_000), within(None, UnixMs(0), 1)
    (6000, 4000, None)
    """
    return stored if stored is None else UnixMs(min(stored, now + span_max_ms))


def bring_within(draft: Draft, policy: Policy, terminal: Terminal, number: OperatorNo, now: UnixMs) -> None:
    """Put right what this terminal, this number and the sessions here have stored too far ahead; mostly nothing."""
    merchant_no = terminal.merchant_no
    if terminal.locked_until_ms is not None:
        at_device = within(terminal.locked_until_ms, now, policy.device_lock_minutes * MINUTE_MS)
        if at_device != terminal.locked_until_ms:
            draft.update(replace(terminal, locked_until_ms=at_device))
    for person in (draft.get(Operator, merchant_no, number), draft.get(Stranger, merchant_no, number)):
        if person is None or (person.locked_until_ms is None and person.next_try_ms is None):
            continue
        locked = within(person.locked_until_ms, now, policy.person_lock_minutes * MINUTE_MS)
        next_try = within(person.next_try_ms, now, policy.delay_max_s * 1000)
        if (locked, next_try) != (person.locked_until_ms, person.next_try_ms):
            draft.update(replace(person, locked_until_ms=locked, next_try_ms=next_try))
    for session in draft.live_sessions_on(merchant_no, terminal.terminal_no):
        if session.opened_ms > now + CLOCKS_AGREE_MS:
            draft.update(replace(session, opened_ms=now))
