"""A session of the office: begun by a password, full after the second factor, over when nobody is there, ended by what changes.

    password ─▶ half ─ code right ─▶ full ─ idle, absolute end, sign-out, other role or password, disabled ─▶ gone
             └─ no second factor is asked for ─▶ full

Each step has a fresh id, so that an id which was known before is worth nothing after. The row holds a keyed hash of the id alone.
Whoever holds a session is looked up by it at each request: what was taken away a moment ago is gone.
Sources: OWASP ASVS 5.0, 7.2 to 7.4; PCI DSS 4.0.1, 8.2.8 (fifteen minutes).
"""

from typing import Literal

from msgspec.structs import replace

from ...basics.numbers import UnixMs
from ...basics.spans import HOUR_MS, MINUTE_MS
from ..rows.records import WHOLE_HOST, OfficeSession, Person
from ..rows.state import Change, Delete, Insert, Needs, State, Update
from .rights import is_let_in

IDLE_MS = 15 * MINUTE_MS
HALF_MS = 10 * MINUTE_MS
"""From the password to the code."""
ABSOLUTE_MS = 12 * HOUR_MS
SEEN_EVERY_MS = MINUTE_MS
"""So often is written that somebody is there: not with each page."""
SESSIONS_MAX = 8
"""Of one person at once; a further one ends the oldest."""
FROM_WHERE_MAX = 120
"""Characters of the address and browser that are kept."""


def standing(session: OfficeSession | None, person: Person | None, now: UnixMs) -> bool:
    """Whether this session lives: its person is let in, and neither end has come."""
    if session is None or person is None or not is_let_in(person):
        return False
    if session.mark not in person.session_marks.split():
        return False
    return session.began_ms - MINUTE_MS <= now < min(session.ends_ms, session.seen_ms + IDLE_MS)


def is_due(session: OfficeSession, now: UnixMs) -> bool:
    """Whether it is time to write that somebody is there."""
    return now - session.seen_ms >= SEEN_EVERY_MS


def session_needs(person: Person | None, more: Needs) -> None:
    """The rows of the sessions that a change of this person may end."""
    for mark in person.session_marks.split() if person is not None else ():
        more.add(OfficeSession, (WHOLE_HOST, mark))


def begun(
    state: State,
    person: Person,
    mark: str,
    step: Literal["half", "full"],
    from_where: str,
    now: UnixMs,
    *,
    has_second_factor: bool = False,
    instead_of: str = "",
) -> tuple[Person, tuple[Change, ...]]:
    """A new session of this person; the person as he or she is then. `instead_of` is the mark of the one that it follows."""
    kept = [mark]
    gone: list[str] = []
    for other in person.session_marks.split():
        row = state.get(OfficeSession, WHOLE_HOST, other)
        is_over = row is None or other == instead_of or not standing(row, person, now)
        (gone if is_over or len(kept) >= SESSIONS_MAX else kept).append(other)
    session = OfficeSession(
        merchant_no=WHOLE_HOST,
        mark=mark,
        login=person.login,
        step=step,
        has_second_factor=int(has_second_factor),
        began_ms=now,
        seen_ms=now,
        ends_ms=UnixMs(now + (HALF_MS if step == "half" else ABSOLUTE_MS)),
        from_where=from_where[:FROM_WHERE_MAX],
    )
    return replace(person, session_marks=" ".join(kept)), (Insert(session), *_deleted(state, gone))


def ended(state: State, person: Person, *, but: str = "") -> tuple[Person, tuple[Change, ...]]:
    """The person without sessions, or with the one that has this mark alone."""
    marks = person.session_marks.split()
    gone = [mark for mark in marks if mark != but]
    return replace(person, session_marks=but if but in marks else ""), _deleted(state, gone)


def seen(session: OfficeSession, now: UnixMs) -> Change:
    """Somebody is there."""
    return Update(replace(session, seen_ms=now))


def without(state: State, person: Person, mark: str) -> tuple[Person, tuple[Change, ...]]:
    """The person without this one session."""
    kept = [one for one in person.session_marks.split() if one != mark]
    return replace(person, session_marks=" ".join(kept)), _deleted(state, [mark])


def _deleted(state: State, marks: list[str]) -> tuple[Change, ...]:
    rows = (state.get(OfficeSession, WHOLE_HOST, mark) for mark in marks)
    return tuple(Delete(row) for row in rows if row is not None)
