"""The office's door: sign-in, second factor, sessions and invitations, as commands of the one door to the store.

    password ─▶ look up what is kept ─▶ hash beside the loop ─▶ the rule of `acquirer/people/sign_in.py`, in one transaction ─▶ answer

Ids and links go out in the clear once and are kept as keyed hashes. Pages, interface and commands ask here; `do` is `submit` to the
running host's queue, or `perform` at a door of one's own.
"""

from collections.abc import Awaitable, Callable

import msgspec

from ..acquirer.people.inviting import LOGIN, decide_accept, invited_by, link_needs, more_of_link
from ..acquirer.people.passwords import CHARACTERS_MAX, password_bytes, why_no_password
from ..acquirer.people.sessions import is_due, standing
from ..acquirer.people.sign_in import (
    CodeAsked,
    SignInAsked,
    asks_second_factor,
    decide_change_password,
    decide_code,
    decide_enrolment,
    decide_proof_by_code,
    decide_seen,
    decide_sign_in,
    decide_sign_out,
    is_enrolled,
    kept_of,
    more_of_person,
    person_needs,
)
from ..acquirer.rows.decision import Decision
from ..acquirer.rows.records import WHOLE_HOST, OfficeSession, Person
from ..acquirer.rows.state import Needs, State
from ..basics.chance import Chance
from ..basics.errors import Fault
from ..basics.numbers import UnixMs
from ..basics.secret import Secret
from ..vault.keys import CodeKeyBlock
from ..vault.office_secret import draw_office_secret
from .acts import Command, RuleCommand
from .keys import HostKeys
from .password_pool import PasswordHasher
from .work import log

CODE_DIGITS = 6
CODE_STEPS_BACK = 1
Do = Callable[[Command], Awaitable[Decision]]


class Refused(msgspec.Struct, frozen=True):
    """Why not, as a word of `reasons.toml`."""

    reason: str


class SignedIn(msgspec.Struct, frozen=True):
    """A session that began. Its id goes into the browser and nowhere else."""

    session_id: Secret
    person: Person
    step: str
    """half: the second factor is asked for next; full: all is well."""

    @property
    def must_enrol(self) -> bool:
        """Whether the second factor has to be enrolled first."""
        return self.step == "half" and not is_enrolled(self.person)


class Who(msgspec.Struct, frozen=True):
    """Whose session it is. `session.step` says whether it is full: a half one is let in nowhere but to the second factor."""

    person: Person
    session: OfficeSession


class OfficeDoor:
    """Lets people in. `keys` is called when a key is needed first; `takes_demo` is true on demo data alone."""

    def __init__(
        self,
        do: Do,
        keys: Callable[[], HostKeys],
        hasher: PasswordHasher,
        chance: Chance,
        *,
        takes_demo: bool = False,
    ) -> None:
        self._do = do
        self._ask_for_keys = keys
        self._hasher = hasher
        self._chance = chance
        self._takes_demo = takes_demo

    async def sign_in(self, login: str, password: Secret, from_where: str) -> SignedIn | Refused:
        """Check name and password. Whatever is wrong, the answer, the work and the wait are the same."""
        session_id, mark = self._new("session")
        _, decision = await self._check(login, password, from_where, mark)
        return Refused(decision.reason) if decision.reason else _signed_in(decision, session_id)

    async def prove(self, login: str, password: Secret, code: str | None) -> Person | Refused:
        """Check at the console who somebody is, without a session. Refused with `second_factor_asked` where a code is missing."""
        name, decision = await self._check(login, password, "", "")
        if decision.reason:
            return Refused(decision.reason)
        (person,) = _people_in(decision)
        if not asks_second_factor(person):
            return person
        if not is_enrolled(person):
            return Refused("second_factor_not_enrolled")
        if code is None:
            return Refused("second_factor_asked")

        def rule(state: State, now: UnixMs) -> Decision:
            known = state.get(Person, WHOLE_HOST, name)
            return decide_proof_by_code(state, name, self._judged(known, code, "", now), now)

        decision = await self._do(RuleCommand("prove", person_needs(name), _more_of(name), rule))
        return Refused(decision.reason) if decision.reason else _people_in(decision)[0]

    async def second_factor(self, session_id: Secret, code: str) -> SignedIn | Refused:
        """Check the code of a half session; a full one follows, under another id."""
        mark, (new_id, new_mark) = self._mark("session", session_id), self._new("session")

        def rule(state: State, now: UnixMs) -> Decision:
            person = _person_of(state, mark)
            return decide_code(state, mark, self._judged(person, code, new_mark, now), now)

        decision = await self._do(_of_session("second_factor", mark, rule))
        return Refused(decision.reason) if decision.reason else _signed_in(decision, new_id)

    async def enrol(self, session_id: Secret) -> Secret | Refused:
        """A new secret for an authenticator app, in base32, to be shown this once; it counts after its first right code."""
        mark = self._mark("session", session_id)
        key = self._keys.hsm.new_code_key()

        def rule(state: State, now: UnixMs) -> Decision:
            return decide_enrolment(state, mark, key.text, now)

        decision = await self._do(_of_session("enrol", mark, rule))
        return Refused(decision.reason) if decision.reason else self._keys.hsm.code_secret(key)

    async def who(self, session_id: Secret) -> Who | None:
        """Whose session this is; None when it is over. Notes once a minute that somebody is there."""
        mark = self._mark("session", session_id)
        found: list[Who] = []

        def rule(state: State, now: UnixMs) -> Decision:
            found.clear()
            session, person = state.get(OfficeSession, WHOLE_HOST, mark), _person_of(state, mark)
            if session is not None and person is not None and standing(session, person, now):
                found.append(Who(person, session))
                return decide_seen(state, mark, now) if is_due(session, now) else Decision()
            return decide_seen(state, mark, now) if session is not None else Decision()

        try:
            await self._do(_of_session("who", mark, rule))
        except Fault as error:
            # Whoever may look goes on looking where only that he was seen could not be written.
            if not found:
                raise
            log.warning("seen_not_noted", reason=str(error))
        return found[0] if found else None

    async def sign_out(self, session_id: Secret) -> None:
        """End a session; one that is over already stays so."""
        mark = self._mark("session", session_id)
        await self._do(_of_session("sign_out", mark, lambda state, now: decide_sign_out(state, mark, now)))

    async def invited(self, link: Secret) -> Person | None:
        """Whom a link invites; None when it is worth nothing."""
        mark = self._mark("invitation", link)
        found: list[Person] = []

        def rule(state: State, now: UnixMs) -> Decision:
            found[:] = [person for person in (invited_by(state, mark, now),) if person is not None]
            return Decision()

        await self._do(_of_link("invited", mark, rule))
        return found[0] if found else None

    async def accept(self, link: Secret, password: Secret, from_where: str) -> SignedIn | Refused:
        """Set the password of whoever was invited, and let him or her in."""
        person = await self.invited(link)
        if person is None:
            return Refused("invitation_over")
        fault = why_no_password(password, person.login, person.name)
        if fault:
            return Refused(fault)
        kept = await self._hasher.derive(password_bytes(password), from_where)
        mark, (session_id, new_mark) = self._mark("invitation", link), self._new("session")

        def rule(state: State, now: UnixMs) -> Decision:
            return decide_accept(state, mark, kept, new_mark, from_where, now)

        decision = await self._do(_of_link("accept", mark, rule))
        return Refused(decision.reason) if decision.reason else _signed_in(decision, session_id)

    async def change_password(self, session_id: Secret, old: Secret, new: Secret) -> Refused | None:
        """Another password of one's own; every other session of this person ends."""
        who = await self.who(session_id)
        if who is None:
            return Refused("office_session_over")
        fault = why_no_password(new, who.person.login, who.person.name)
        if fault:
            return Refused(fault)
        checked, wait = await self._kept(who.person.login)
        if wait:
            return Refused(wait)
        mark, where = who.session.mark, who.session.from_where
        is_right = await self._hasher.fits(password_bytes(old), checked, where)
        kept = await self._hasher.derive(password_bytes(new), where) if is_right else ""

        def rule(state: State, now: UnixMs) -> Decision:
            return decide_change_password(state, mark, checked, is_right, kept, now)

        decision = await self._do(_of_session("change_password", mark, rule))
        return Refused(decision.reason) if decision.reason else None

    # ── within ───────────────────────────────────────────────────────────────

    @property
    def _keys(self) -> HostKeys:
        return self._ask_for_keys()

    async def _check(self, login: str, password: Secret, from_where: str, mark: str) -> tuple[str, Decision]:
        """One look-up, one hash, one decision: for every name and every password, unless the name must wait."""
        name = login.lower()
        if LOGIN.fullmatch(name) is None:
            # Nobody can have it, as everybody may know: nothing is written about it. The work and the answer are the same.
            await self._hasher.fits(password_bytes(password), "", from_where)
            return name, Decision(reason="wrong_name_or_password")
        checked, wait = await self._kept(name)
        if wait:
            return name, Decision(reason=wait)
        fits = await self._hasher.fits(password_bytes(password), checked, from_where)
        asked = SignInAsked(
            login=name,
            is_right=fits and len(password.reveal()) <= CHARACTERS_MAX,
            checked=checked,
            mark=mark,
            from_where=from_where,
            takes_demo=self._takes_demo,
        )
        rule = RuleCommand(
            "sign_in", person_needs(name), _more_of(name), lambda state, now: decide_sign_in(state, asked, now)
        )
        return name, await self._do(rule)

    async def _kept(self, login: str) -> tuple[str, str]:
        """What is kept of the password in this name, and why it must wait, if it must."""
        found: list[tuple[str, str]] = []

        def look(state: State, now: UnixMs) -> Decision:
            found[:] = [kept_of(state, login, now)]
            return Decision()

        await self._do(RuleCommand("look", person_needs(login), _more_of(login), look))
        return found[0]

    def _judged(self, person: Person | None, code: str, new_mark: str, now: UnixMs) -> CodeAsked:
        if person is None or not person.code_secret:
            return CodeAsked(is_right=False, time_step=0, new_mark=new_mark)
        key = CodeKeyBlock(person.code_secret)
        verdict = self._keys.hsm.check_code(key, code, now // 1000, digits=CODE_DIGITS, steps_back=CODE_STEPS_BACK)
        return CodeAsked(is_right=verdict.right, time_step=verdict.step or 0, new_mark=new_mark)

    def _new(self, kind: str) -> tuple[Secret, str]:
        """A fresh id or link by chance, and the mark that is kept of it."""
        secret = draw_office_secret(self._chance)
        return secret, self._mark(kind, secret)

    def _mark(self, kind: str, secret: Secret) -> str:
        return self._keys.office_mark(kind, secret)


def _more_of(login: str) -> Callable[[State, Needs], None]:
    return lambda state, more: more_of_person(state, login, more)


def _of_session(name: str, mark: str, rule: Callable[[State, UnixMs], Decision]) -> RuleCommand:
    def more(state: State, more: Needs) -> None:
        session = state.get(OfficeSession, WHOLE_HOST, mark)
        if session is not None:
            more.add(Person, (WHOLE_HOST, session.login))
            more.leads_on = True
            more_of_person(state, session.login, more)

    return RuleCommand(name, Needs({OfficeSession: [(WHOLE_HOST, mark)]}), more, rule)


def _of_link(name: str, mark: str, rule: Callable[[State, UnixMs], Decision]) -> RuleCommand:
    return RuleCommand(name, link_needs(mark), lambda state, more: more_of_link(state, mark, more), rule)


def _person_of(state: State, mark: str) -> Person | None:
    session = state.get(OfficeSession, WHOLE_HOST, mark)
    return state.get(Person, WHOLE_HOST, session.login) if session is not None else None


def _people_in(decision: Decision) -> list[Person]:
    return [change.record for change in decision.changes if isinstance(change.record, Person)]


def _signed_in(decision: Decision, session_id: Secret) -> SignedIn:
    (person,) = _people_in(decision)
    (session,) = (
        change.record
        for change in decision.changes
        if isinstance(change.record, OfficeSession) and change.record.mark in person.session_marks.split()[:1]
    )
    return SignedIn(session_id, person, session.step)
