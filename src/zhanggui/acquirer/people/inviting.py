"""Who becomes a person of the office, by a link that works once, and what becomes of him or her: role, disabled, reset.

    invite ─▶ invited ─ link, password ─▶ active ─ reset, enable ─▶ invited again, by a new link

A password is only ever chosen by whoever holds it; who resets one gives a link and never learns it. A change of role or of password
ends every session of that person.
"""

import re
from typing import Literal

import msgspec
from msgspec.structs import replace

from ...basics.numbers import MerchantNo, UnixMs
from ...basics.spans import HOUR_MS
from ...basics.visible import is_visible
from ..policy.actors import NOT_PERMITTED, Actor, may_manage, noted
from ..rows.decision import Decision
from ..rows.reasons import Reason
from ..rows.records import WHOLE_HOST, Counter, Invitation, Merchant, OfficeRole, Operator, Person
from ..rows.state import Change, Delete, Insert, Needs, State, Update
from .notes import home_of, note_counter_needs, noted_event
from .programs.tokens import all_revoked, tokens_of
from .programs.webhooks import all_paused, webhooks_of
from .proposals import BETWEEN, all_withdrawn, proposals_of
from .rights import GIVES, PERSON, ROLES, side_of
from .sessions import begun, ended, session_needs
from .tries import forgiven

INVITE_PERSON, RESET_PERSON, SET_PERSON_ROLE = "invite_person", "reset_person", "set_person_role"
DISABLE_PERSON, ENABLE_PERSON = "disable_person", "enable_person"
LINK_HOURS = 72
"""How long a link works: over a weekend."""
LOGIN = re.compile(r"[a-z][a-z0-9._-]{2,31}")
"""A login name begins with a letter, so that it is never taken for an operator's number."""
NAME_MAX = 40


class NewPerson(msgspec.Struct, frozen=True, kw_only=True):
    """Who is invited."""

    login: str
    name: str
    role: OfficeRole
    operator_no: str = ""
    """The same human being as an operator of the shop."""


def people_needs(merchant_no: str, login: str) -> Needs:
    """The first rows of an act on a person; `more_of_people` names the rest."""
    needs = Needs({Person: [(WHOLE_HOST, login)], Counter: [(merchant_no, "note")]})
    if merchant_no != WHOLE_HOST:
        needs.add(Merchant, (merchant_no,))
    return needs


def more_of_people(state: State, login: str, more: Needs) -> None:
    """The person's sessions and the invitation that counts."""
    person = state.get(Person, WHOLE_HOST, login)
    session_needs(person, more)
    tokens_of(person, more)
    proposals_of(person, more)
    webhooks_of(person, more)
    if person is not None and person.invitation:
        more.add(Invitation, (WHOLE_HOST, person.invitation))


def decide_invite(
    state: State, merchant_no: MerchantNo, asked: NewPerson, mark: str, by: Actor, now: UnixMs
) -> Decision:
    """A new person at a shop (or, at `*`, of the acquirer), who sets a password by the link whose mark this is."""
    if not may_manage(by, INVITE_PERSON) or not _gives(by, asked.role):
        return Decision(reason=NOT_PERMITTED)
    fault = _fault(state, merchant_no, asked)
    if fault:
        return Decision(reason=fault)
    person = Person(
        merchant_no=WHOLE_HOST,
        login=asked.login,
        name=asked.name,
        shop_no="" if merchant_no == WHOLE_HOST else merchant_no,
        role=asked.role,
        state="invited",
        operator_no=asked.operator_no,
        invitation=mark,
        made_ms=now,
        made_by=by.name,
    )
    note = noted(state, merchant_no, by, INVITE_PERSON, asked.login, asked.role, now)
    return Decision(changes=(Insert(person), _link(person, now), *note))


def decide_reset_person(
    state: State, merchant_no: MerchantNo, login: str, mark: str, by: Actor, now: UnixMs
) -> Decision:
    """Password and second factor are forgotten, sessions end, and a new link is made: for a lost one of any of these."""
    person = _admit(state, merchant_no, login, RESET_PERSON, by)
    if isinstance(person, Decision):
        return person
    if person.state == "disabled":
        return Decision(reason="enable_person_first")
    return _invited_again(state, merchant_no, person, mark, RESET_PERSON, by, now)


def decide_enable_person(
    state: State, merchant_no: MerchantNo, login: str, mark: str, by: Actor, now: UnixMs
) -> Decision:
    """Take a lock away before its end; or let a disabled person in again, by a new link and never by the old password."""
    person = _admit(state, merchant_no, login, ENABLE_PERSON, by)
    if isinstance(person, Decision):
        return person
    if person.state == "disabled":
        return _invited_again(state, merchant_no, person, mark, ENABLE_PERSON, by, now)
    if not (person.failed_count or person.locked_until_ms):
        return Decision(reason="person_is_active")
    note = noted(state, merchant_no, by, ENABLE_PERSON, login, f"tries={person.failed_count}", now)
    return Decision(changes=(Update(forgiven(person)), *note))


def decide_disable_person(state: State, merchant_no: MerchantNo, login: str, by: Actor, now: UnixMs) -> Decision:
    """No sign-in any more; sessions end, and a link that is under way is worth nothing. Nobody disables themselves."""
    person = _admit(state, merchant_no, login, DISABLE_PERSON, by)
    if isinstance(person, Decision):
        return person
    if by.name == f"{PERSON}{login}":
        return Decision(reason="not_oneself")
    if person.state == "disabled":
        return Decision(reason="person_is_disabled")
    after, changes = _shut_out(state, person, DISABLE_PERSON, by, now)
    gone = replace(after, state="disabled", invitation="", password="", code_secret="", code_last_step=0)
    note = noted(state, merchant_no, by, DISABLE_PERSON, login, "", now)
    return Decision(changes=(*changes, *_old_link(state, person), Update(gone), *note))


def decide_set_role(
    state: State, merchant_no: MerchantNo, login: str, role: OfficeRole, by: Actor, now: UnixMs
) -> Decision:
    """Another role among one's own people. It begins with the next sign-in: sessions end."""
    person = _admit(state, merchant_no, login, SET_PERSON_ROLE, by)
    if isinstance(person, Decision):
        return person
    if f"{PERSON}{login}" in by.name.split(BETWEEN):
        return Decision(reason="not_oneself")
    if not _gives(by, role):
        return Decision(reason=NOT_PERMITTED)
    if ROLES[role].side != side_of(merchant_no):
        return Decision(reason="role_of_others")
    if person.role == role:
        return Decision(reason="nothing_to_change")
    after, changes = ended(state, person)
    note = noted(state, merchant_no, by, SET_PERSON_ROLE, login, f"{person.role}>{role}", now)
    return Decision(changes=(*changes, Update(replace(after, role=role)), *note))


# ── the link ─────────────────────────────────────────────────────────────────


def link_needs(mark: str) -> Needs:
    """The row of a link; `more_of_link` names the rest."""
    return Needs({Invitation: [(WHOLE_HOST, mark)]})


def more_of_link(state: State, mark: str, more: Needs) -> None:
    """The person who was invited, with what a session of his or hers needs."""
    invitation = state.get(Invitation, WHOLE_HOST, mark)
    if invitation is None:
        return
    more.add(Person, (WHOLE_HOST, invitation.login))
    more.leads_on = True
    person = state.get(Person, WHOLE_HOST, invitation.login)
    note_counter_needs(state, person, more)
    session_needs(person, more)


def invited_by(state: State, mark: str, now: UnixMs) -> Person | None:
    """Whom a link invites; None when it was used, replaced, never made, or its time is over: nobody is told which."""
    invitation = state.get(Invitation, WHOLE_HOST, mark)
    person = state.get(Person, WHOLE_HOST, invitation.login) if invitation is not None else None
    if invitation is None or person is None or now >= invitation.until_ms:
        return None
    return person if person.state == "invited" and person.invitation == mark else None


def decide_accept(state: State, mark: str, password: str, new_mark: str, from_where: str, now: UnixMs) -> Decision:
    """Whoever holds the link sets the password (as it is kept) and is in: half, where the role asks for a second factor."""
    person = invited_by(state, mark, now)
    if person is None:
        return Decision(reason="invitation_over")
    active = replace(person, state="active", password=password, password_set_ms=now, invitation="", failed_count=0)
    active = replace(active, next_try_ms=None, locked_until_ms=None, last_try_ms=now)
    step: Literal["half", "full"] = "half" if ROLES[person.role].second_factor else "full"
    after, changes = begun(state, active, new_mark, step, from_where, now)
    note = noted_event(state, person, "accept_invitation", "", now)
    return Decision(changes=(*_old_link(state, person), *changes, Update(after), *note))


# ── within ───────────────────────────────────────────────────────────────────


def _gives(by: Actor, role: OfficeRole) -> bool:
    """Whether whoever acts may give this role. The console may."""
    if by.actions is not None:
        return f"{GIVES}{role}" in by.actions
    return by.role is None


def _admit(state: State, merchant_no: MerchantNo, login: str, action: str, by: Actor) -> Person | Decision:
    """The person, of this shop, if whoever acts may act on somebody of that role."""
    person = state.get(Person, WHOLE_HOST, login)
    if not may_manage(by, action):
        return Decision(reason=NOT_PERMITTED)
    if person is None or home_of(person) != merchant_no:
        return Decision(reason="unknown_person")
    return person if _gives(by, person.role) else Decision(reason=NOT_PERMITTED)


def _fault(state: State, merchant_no: MerchantNo, asked: NewPerson) -> Reason:
    if LOGIN.fullmatch(asked.login) is None:
        return "bad_login"
    if len(asked.name) > NAME_MAX or not is_visible(asked.name):
        return "bad_person_name"
    if ROLES[asked.role].side != side_of(merchant_no):
        return "role_of_others"
    if merchant_no != WHOLE_HOST and state.get(Merchant, merchant_no) is None:
        return "unknown_merchant"
    if asked.operator_no and state.get(Operator, merchant_no, asked.operator_no) is None:
        return "unknown_operator"
    return "login_taken" if state.get(Person, WHOLE_HOST, asked.login) is not None else ""


def _link(person: Person, now: UnixMs) -> Change:
    return Insert(
        Invitation(
            merchant_no=WHOLE_HOST,
            mark=person.invitation,
            login=person.login,
            until_ms=UnixMs(now + LINK_HOURS * HOUR_MS),
            made_ms=now,
        )
    )


def _old_link(state: State, person: Person) -> tuple[Change, ...]:
    row = state.get(Invitation, WHOLE_HOST, person.invitation) if person.invitation else None
    return (Delete(row),) if row is not None else ()


def _shut_out(state: State, person: Person, action: str, by: Actor, now: UnixMs) -> tuple[Person, tuple[Change, ...]]:
    """Sessions end, and whatever programs have in this name, and what waits for another one's yes."""
    outside, sessions = ended(state, person)
    after, tokens = all_revoked(state, outside, by, now)
    begun_by_them = (*all_withdrawn(state, person, by, action, now), *all_paused(state, person, now))
    return after, (*sessions, *tokens, *begun_by_them)


def _invited_again(
    state: State, merchant_no: MerchantNo, person: Person, mark: str, action: str, by: Actor, now: UnixMs
) -> Decision:
    after, changes = _shut_out(state, person, action, by, now)
    fresh = replace(forgiven(after), state="invited", invitation=mark, password="", code_secret="", code_last_step=0)
    # The link is in the hands of whoever did this, so it counts as letting in anew.
    fresh = replace(fresh, made_by=by.name)
    note = noted(state, merchant_no, by, action, person.login, "", now)
    return Decision(changes=(*changes, *_old_link(state, person), Update(fresh), _link(fresh, now), *note))
