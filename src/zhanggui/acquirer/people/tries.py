"""Wrong tries at the office's door: a wait that grows, then a lock with an end. The same for names that are nobody's.

    tries in a row    1, 2    3    4    5 …    10
    next try after    0 s    2 s  4 s  8 s …   locked for 30 minutes; each further one waits as long as the last, at most 15 minutes

A good sign-in forgets them, and a day after the last wait is over they count no more; a right password alone does not forget them, where
a second factor is still asked for.
Sources: PCI DSS 4.0.1, 8.3.4 (ten tries, thirty minutes); OWASP ASVS 5.0, 6.3.1.
"""

from msgspec.structs import replace

from ...basics.numbers import OperatorNo, UnixMs
from ...basics.spans import DAY_MS, MINUTE_MS
from ..rows.reasons import Reason
from ..rows.records import WHOLE_HOST, Person, Stranger
from ..rows.state import Change, Delete, Insert, State, Update

DELAY_FROM = 3
DELAY_FIRST_S = 2
DELAY_MAX_S = 15 * 60
LOCK_AFTER = 10
LOCK_MS = 30 * MINUTE_MS
LONGEST_MS = LOCK_MS
"""What a stored wait may lie ahead at most: what a wrong clock wrote is no lock for months."""


COUNTS_MS = DAY_MS
"""So long after the last wait is over wrong tries still count, for somebody as for nobody: then a row of nobody's goes without a trace."""


def wait_s(failures: int) -> int:
    """Seconds to wait after so many wrong tries in a row.

    >>> [wait_s(count) for count in (1, 2, 3, 4, 5, 12, 40)]
    [0, 0, 2, 4, 8, 900, 900]
    """
    if failures < DELAY_FROM:
        return 0
    return int(min(DELAY_MAX_S, DELAY_FIRST_S * 2 ** min(failures - DELAY_FROM, 20)))


def held_s(one: Person | Stranger | None, now: UnixMs) -> int:
    """Seconds until the next try in this name is looked at; 0 when it is looked at now."""
    if one is None:
        return 0
    until = max(one.next_try_ms or 0, one.locked_until_ms or 0)
    return max(0, -(-min(until - now, LONGEST_MS) // 1000))


def why_wait(one: Person | Stranger | None, now: UnixMs) -> Reason:
    """Why the next try in this name is not looked at yet; empty when it is."""
    seconds = held_s(one, now)
    return f"wait_before_next_try:{seconds}" if seconds else ""


def stranger_of(state: State, login: str) -> Stranger:
    """Whoever tries in a name that is nobody's."""
    known = state.get(Stranger, WHOLE_HOST, login)
    return known or Stranger(merchant_no=WHOLE_HOST, operator_no=OperatorNo(login))  # type: ignore[arg-type]


def counted(one: Person, now: UnixMs) -> Person:
    """The person after one more wrong try."""
    failures = (one.failed_count if _count(one, now) else 0) + 1
    lock = failures % LOCK_AFTER == 0
    state = "locked" if lock and one.state == "active" else one.state
    return replace(
        one,
        failed_count=failures,
        last_try_ms=now,
        next_try_ms=UnixMs(now + wait_s(failures) * 1000),
        locked_until_ms=UnixMs(now + LOCK_MS) if lock else one.locked_until_ms,
        state=state,
    )


def count_stranger(state: State, login: str, now: UnixMs) -> Change:
    """A name that is nobody's waits and locks as a person's does: nobody can tell which is which."""
    one = stranger_of(state, login)
    failures = (one.failed_count if _count(one, now) else 0) + 1
    lock = failures % LOCK_AFTER == 0
    after = replace(
        one,
        failed_count=failures,
        next_try_ms=UnixMs(now + wait_s(failures) * 1000),
        locked_until_ms=UnixMs(now + LOCK_MS) if lock else one.locked_until_ms,
    )
    return Insert(after) if state.get(Stranger, WHOLE_HOST, login) is None else Update(after)


def forget_stranger(one: Stranger | None, now: UnixMs) -> Change | None:
    """The row goes once its tries count no more."""
    return Delete(one) if one is not None and not _count(one, now) else None


def forgiven(person: Person) -> Person:
    """A good sign-in, or somebody's word: nothing is counted any more."""
    state = "active" if person.state == "locked" else person.state
    return replace(person, failed_count=0, next_try_ms=None, locked_until_ms=None, state=state)


def _count(one: Person | Stranger, now: UnixMs) -> bool:
    """Whether the wrong tries until now still count."""
    return now < max(one.next_try_ms or 0, one.locked_until_ms or 0) + COUNTS_MS
