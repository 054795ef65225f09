"""Signing in to the office: name and password, then the code of an authenticator app where the role asks for one.

What was typed is judged outside (hashing is slow, codes need a key) and comes in as a fact; here stands what follows from it. A
wrong name and a wrong password are one wording, one amount of work and one wait; the note in the chain tells them apart. While a name
waits no password is worked at in it, whoever it is.
"""

from typing import Literal

import msgspec
from msgspec.structs import replace

from ...basics.numbers import UnixMs
from ..rows.decision import Decision
from ..rows.reasons import Reason
from ..rows.records import WHOLE_HOST, OfficeSession, Person, Stranger
from ..rows.state import Change, Needs, State, Update
from .notes import note_counter_needs, noted_event
from .rights import ROLES, is_let_in
from .sessions import begun, ended, seen, session_needs, standing, without
from .tries import count_stranger, counted, forgiven, why_wait

How = Literal["password", "second_factor", "first_second_factor"]
"""By what somebody was let in; first: it was enrolled just now."""


class SignInAsked(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in, with what the host found out about it."""

    login: str
    is_right: bool
    """Whether the password fits `checked`."""
    checked: str
    """The PHC string against which it was verified."""
    mark: str
    """Of the session that begins when all is well; empty where none is wanted: then only who it is shall be proven."""
    from_where: str
    takes_demo: bool = False
    """Whether these are demo data: people of the demo are let in there alone."""


class CodeAsked(msgspec.Struct, frozen=True, kw_only=True):
    """A code for the second factor, with what the vault says about it."""

    is_right: bool
    """Of the present time step or the one before."""
    time_step: int
    new_mark: str
    """Of the session that follows."""


def person_needs(login: str) -> Needs:
    """The first rows of everything about one person: who it is, and the tries in a name that is nobody's."""
    return Needs({Person: [(WHOLE_HOST, login)], Stranger: [(WHOLE_HOST, login)]})


def more_of_person(state: State, login: str, more: Needs) -> None:
    """The rest: sessions, and the counter of the notes."""
    person = state.get(Person, WHOLE_HOST, login)
    note_counter_needs(state, person, more)
    session_needs(person, more)


def asks_second_factor(person: Person) -> bool:
    """Whether a password alone opens nothing. People of the demo have none: their passwords are for everybody."""
    return not person.is_demo and (ROLES[person.role].second_factor or is_enrolled(person))


def is_enrolled(person: Person) -> bool:
    """Whether a code was right once: until then the secret is shown again to whoever has the password."""
    return bool(person.code_secret) and person.code_last_step > 0


def kept_of(state: State, login: str, now: UnixMs) -> tuple[str, Reason]:
    """What is kept of the password in this name, empty where it is nobody's; and why it is not looked at now, the same for both."""
    person = state.get(Person, WHOLE_HOST, login)
    one = person or state.get(Stranger, WHOLE_HOST, login)
    return person.password if person is not None else "", why_wait(one, now)


def decide_sign_in(state: State, asked: SignInAsked, now: UnixMs) -> Decision:
    """Begin a session, full or half. Refused with one reason for all that is wrong, or with the seconds to wait."""
    person = state.get(Person, WHOLE_HOST, asked.login)
    _, wait = kept_of(state, asked.login, now)
    if wait:
        return Decision(reason=wait)
    if person is None:
        return Decision(changes=(count_stranger(state, asked.login, now),), reason="wrong_name_or_password")
    is_welcome = is_let_in(person) and (asked.takes_demo or not person.is_demo)
    if not (is_welcome and asked.is_right and person.password and person.password == asked.checked):
        return _refused(state, person, "password" if is_welcome else person.state, now)
    if not asked.mark:
        return _proven(state, person, now)
    if asks_second_factor(person):
        after, changes = begun(state, person, asked.mark, "half", asked.from_where, now)
        return Decision(changes=(*changes, Update(replace(after, last_try_ms=now))))
    return _let_in(state, person, asked.mark, asked.from_where, "password", now)


def decide_code(state: State, mark: str, asked: CodeAsked, now: UnixMs) -> Decision:
    """The second factor: the half session becomes a full one under another id. A code that was used is wrong.

    A full session of somebody who enrols one becomes one with a second factor by the first code.
    """
    session, person = _session(state, mark, now)
    if session is None or person is None or (session.step == "full" and is_enrolled(person)):
        return Decision(reason="office_session_over")
    wait = why_wait(person, now)
    if wait:
        return Decision(reason=wait)
    if not (asked.is_right and asked.time_step > person.code_last_step):
        return _refused(state, person, "code", now, "wrong_second_factor")
    proven = replace(person, code_last_step=asked.time_step)
    how: How = "second_factor" if is_enrolled(person) else "first_second_factor"
    return _let_in(state, proven, asked.new_mark, session.from_where, how, now, instead_of=mark)


def decide_proof_by_code(state: State, login: str, asked: CodeAsked, now: UnixMs) -> Decision:
    """The second factor of somebody who proves at the console who he or she is: no session, one use."""
    person = state.get(Person, WHOLE_HOST, login)
    if person is None or not is_let_in(person):
        return Decision(reason="office_session_over")
    wait = why_wait(person, now)
    if wait:
        return Decision(reason=wait)
    if not (asked.is_right and asked.time_step > person.code_last_step):
        return _refused(state, person, "code", now, "wrong_second_factor")
    return Decision(changes=(Update(forgiven(replace(person, code_last_step=asked.time_step, last_try_ms=now))),))


def decide_enrolment(state: State, mark: str, code_secret: str, now: UnixMs) -> Decision:
    """A fresh secret for the codes, sealed, in a session whose person has none that was proven. Shown once by the host."""
    session, person = _session(state, mark, now)
    if session is None or person is None:
        return Decision(reason="office_session_over")
    if is_enrolled(person):
        return Decision(reason="second_factor_is_enrolled")
    return Decision(changes=(Update(replace(person, code_secret=code_secret, code_last_step=0)),))


def decide_seen(state: State, mark: str, now: UnixMs) -> Decision:
    """Somebody is there; a session that is over goes."""
    session, _ = _session(state, mark, now)
    if session is not None:
        return Decision(changes=(seen(session, now),))
    row = state.get(OfficeSession, WHOLE_HOST, mark)
    known = state.get(Person, WHOLE_HOST, row.login) if row is not None else None
    if known is None:
        return Decision(reason="office_session_over")
    after, changes = without(state, known, mark)
    return Decision(changes=(*changes, Update(after)), reason="office_session_over")


def decide_sign_out(state: State, mark: str, now: UnixMs) -> Decision:
    """End one's own session."""
    session, person = _session(state, mark, now)
    if session is None or person is None:
        return Decision(reason="office_session_over")
    after, changes = without(state, person, mark)
    return Decision(changes=(*changes, Update(after), *noted_event(state, person, "office_sign_out", "", now)))


def decide_change_password(
    state: State, mark: str, checked: str, is_right: bool, password: str, now: UnixMs
) -> Decision:
    """Another password of one's own, after the present one; all other sessions end."""
    session, person = _session(state, mark, now)
    if session is None or person is None or session.step != "full":
        return Decision(reason="office_session_over")
    wait = why_wait(person, now)
    if wait:
        return Decision(reason=wait)
    if not (is_right and person.password == checked):
        return _refused(state, person, "password", now)
    after, changes = ended(state, person, but=mark)
    changed = replace(after, password=password, password_set_ms=now)
    return Decision(changes=(*changes, Update(changed), *noted_event(state, person, "change_office_password", "", now)))


# ── within ───────────────────────────────────────────────────────────────────


def _session(state: State, mark: str, now: UnixMs) -> tuple[OfficeSession | None, Person | None]:
    """The session with its person, while it lives."""
    session = state.get(OfficeSession, WHOLE_HOST, mark)
    person = state.get(Person, WHOLE_HOST, session.login) if session is not None else None
    return (session, person) if standing(session, person, now) else (None, None)


def _let_in(
    state: State,
    person: Person,
    mark: str,
    from_where: str,
    how: How,
    now: UnixMs,
    *,
    instead_of: str = "",
) -> Decision:
    has_factor = how != "password"
    after, changes = begun(
        state, person, mark, "full", from_where, now, has_second_factor=has_factor, instead_of=instead_of
    )
    good = replace(forgiven(after), last_sign_in_ms=now, last_try_ms=now)
    return Decision(changes=(*changes, Update(good), *noted_event(state, person, "office_sign_in", how, now)))


def _proven(state: State, person: Person, now: UnixMs) -> Decision:
    """The password was right and no session is wanted. Where a code is asked for besides, the tries are not forgotten yet."""
    good = person if asks_second_factor(person) else forgiven(person)
    return Decision(changes=(Update(replace(good, last_try_ms=now)),))


def _refused(state: State, person: Person, what: str, now: UnixMs, reason: str = "wrong_name_or_password") -> Decision:
    after = counted(person, now)
    detail = f"{what},tries={after.failed_count}"
    changes: tuple[Change, ...] = (Update(after), *noted_event(state, person, "office_refused", detail, now))
    return Decision(changes=changes, reason=reason)
