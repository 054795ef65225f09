"""Acts of management: a work without a line and with a future. Console, office and REST come in here, and nowhere else.

    who, what ─▶ Act ─┬─▶ submit to the engine of the running host ─▶ await its decision      (office, REST)
                      └─▶ perform at the door of a store of one's own ─▶ its decision           (console)

An act is one row of the table in `act_table.py` with the values that it asks for. It resolves who acts by the rows as they are
in its own transaction, and whatever it changes it leaves an audit note about: an act without its note is a Defect, whichever
rule forgot it. A refusal is a decision with a reason and without changes.

An act that needs two becomes a proposal here, whoever asked for it but the console itself; `deciding.py` does it once another one
has confirmed it.
"""

import asyncio
from collections.abc import Callable
from functools import cached_property
from typing import Generic, Protocol, TypeVar

import msgspec
from msgspec.structs import replace

from ..acquirer.operators.badges.issuing import NewBadge
from ..acquirer.operators.management import InitialSecret, OnOperator
from ..acquirer.people.programs.tokens import Drawn, actor_by_token, counts
from ..acquirer.people.proposals import Proposer, decide_propose, is_reason, proposal_needs, proposals_of
from ..acquirer.people.rights import actor_of, is_let_in
from ..acquirer.people.sessions import standing
from ..acquirer.policy.actors import CONSOLE, Actor, console_as
from ..acquirer.policy.rules import Policy, policy_of
from ..acquirer.rows.decision import Decision
from ..acquirer.rows.records import (
    WHOLE_HOST,
    ApiToken,
    AuditNote,
    Merchant,
    OfficeSession,
    Operator,
    Person,
    Proposal,
    SignIn,
)
from ..acquirer.rows.state import Needs, State
from ..basics.chance import Chance
from ..basics.errors import Defect, Fault, Misuse
from ..basics.numbers import MerchantNo, OperatorNo, UnixMs
from ..basics.secret import Secret
from ..vault.api_token import draw_api_token
from ..vault.badge import badge_number, draw_badge
from ..vault.initial_password import draw_password
from ..vault.keys import CodeKeyBlock
from ..vault.office_secret import draw_office_secret
from ..vault.pinblock import PasswordAccount
from ..vault.webhook_secret import draw_webhook_secret
from .commit import Door, Sheet
from .keys import HostKeys
from .queue import WorkQueue
from .work import Desk

A = TypeVar("A")
TRIES_MAX = 5
"""Where several hosts write, another may be first; each try loads and decides anew."""
UNKNOWN_ACTOR = "unknown_actor"


class SecretMaker:
    """Makes what an act needs from vault and chance. `keys` is called when the first secret is made: it may be slow."""

    def __init__(self, keys: Callable[[], HostKeys], chance: Chance) -> None:
        self._ask_for_keys = keys
        self._chance = chance

    @cached_property
    def keys(self) -> HostKeys:
        """The host's own keys."""
        return self._ask_for_keys()

    def first_password(
        self, merchant_no: MerchantNo, operator_no: OperatorNo, policy: Policy
    ) -> tuple[Secret, InitialSecret]:
        """A first password by chance, as long as the policy asks at least, and what is kept of it."""
        password = draw_password(self._chance, policy.password_digits_min, operator_no)
        hsm, salt = self.keys.hsm, self.keys.hsm.new_salt()
        account = PasswordAccount(merchant_no, operator_no)
        return password, InitialSecret(salt, hsm.make_verifier(self.keys.verifier_key, salt, account, password))

    def shift_code(self, policy: Policy) -> Secret:
        """A code of the shift by chance."""
        return draw_password(self._chance, policy.code_digits, "")

    def badge(self, merchant_no: MerchantNo) -> tuple[Secret, NewBadge]:
        """A new badge by chance, and what is kept of it."""
        badge = draw_badge(self._chance)
        return badge, NewBadge(badge_number(badge), self.keys.badge_mark(merchant_no, badge))

    def invitation(self) -> tuple[Secret, str]:
        """What stands in a one-time link, and the mark that is kept of it."""
        secret = draw_office_secret(self._chance)
        return secret, self.keys.office_mark("invitation", secret)

    def api_token(self, token_id: str = "") -> tuple[Secret, Drawn]:
        """A new token, or another secret for one, as its program needs it; and what is kept of it."""
        name, secret = draw_api_token(self._chance, token_id)
        return secret, Drawn(name, self.keys.office_mark("token", secret))

    def webhook_secret(self, merchant_no: MerchantNo) -> tuple[Secret, bytes]:
        """A new secret for what a webhook is told: as its receiver needs it, and sealed as it is kept."""
        secret = draw_webhook_secret(self._chance)
        return secret, self.keys.seal_webhook_secret(merchant_no, secret)

    def code_key(self) -> tuple[Secret, CodeKeyBlock]:
        """A new secret for sign-in codes: as it goes into an authenticator, and sealed as it is kept."""
        key = self.keys.hsm.new_code_key()
        return self.keys.hsm.code_secret(key), key


class ByPerson(msgspec.Struct, frozen=True):
    """A person of the office acts: in this session, by a program with this token, or (with neither) at the console, where the password
    was asked a moment ago."""

    login: str
    mark: str = ""
    token_id: str = ""

    @property
    def is_at_console(self) -> bool:
        """Whether the machine itself is at hand."""
        return not (self.mark or self.token_id)


By = OperatorNo | ByPerson | None
"""On whose behalf something is done; None: the console itself."""


class ActDesk:
    """What a row of the table decides by: the rows, who acts, when. `show` is what one person is told once."""

    __slots__ = ("by", "merchant_no", "now", "secrets", "shown", "state")

    def __init__(self, state: State, merchant_no: MerchantNo, by: Actor, now: UnixMs, secrets: SecretMaker) -> None:
        self.state = state
        self.merchant_no = merchant_no
        self.by = by
        self.now = now
        self.secrets = secrets
        self.shown: Secret | None = None

    def on(self, operator_no: OperatorNo) -> OnOperator:
        """Whom an act is about, and who acts."""
        return OnOperator(merchant_no=self.merchant_no, operator_no=operator_no, by=self.by)

    @property
    def policy(self) -> Policy:
        """The merchant's policy."""
        merchant = self.state.get(Merchant, self.merchant_no)
        return policy_of(merchant.policy, merchant.policy_overrides) if merchant is not None else policy_of("basic")


def one_alone(asked: object, doing: ActDesk) -> bool:
    """Nobody else is asked."""
    return False


class ActRow(msgspec.Struct, Generic[A], frozen=True):
    """One kind of act."""

    name: str
    capability: str
    """The row of `capabilities.toml` that its rule asks for; the note that it leaves has this word."""
    asked: type[A]
    """What must be said: the values of the act."""
    needs: Callable[[MerchantNo, A], Needs]
    decide: Callable[[A, ActDesk], Decision]
    more: Callable[[State, A, Needs], None] = lambda state, asked, more: None
    """Rows that are known only from the first ones."""
    needs_two: Callable[[A, ActDesk], bool] = one_alone
    """Whether another person must confirm it before it is done, by what is asked, of whom and by whom."""
    asks_reason: bool = False
    """Whether people must say why also where one alone does it."""
    has_other_half: bool = False
    """Whether a command does more than these rows (a key goes into a machine): no page can do it."""
    amount_fen: Callable[[A], int | None] = lambda asked: None
    """What a proposal of it shows as the amount that it is about."""


class Act(Generic[A]):
    """One act: which, with what values, at which merchant, on behalf of whom (None: the console itself), and why."""

    def __init__(
        self,
        row: ActRow[A],
        asked: A,
        merchant_no: MerchantNo,
        secrets: SecretMaker,
        by: By = None,
        reason: str = "",
    ) -> None:
        self.row = row
        self.asked = asked
        self.merchant_no = merchant_no
        self.shown: Secret | None = None
        """A password or code that is shown this once, after the act was written."""
        self.policy = policy_of("basic")
        """The merchant's policy as the act found it."""
        self.proposed: Proposal | None = None
        """What waits for another person now, where the act needs two; nothing else was done then."""
        self._secrets = secrets
        self._by = by
        self._reason = reason

    @property
    def name(self) -> str:
        """The row's name."""
        return self.row.name

    def add_needs(self, needs: Needs) -> None:
        """Name the rows that the act needs, the actor's own among them."""
        for kind, keys in self.row.needs(self.merchant_no, self.asked).keys.items():
            for key in keys:
                needs.add(kind, key)
        actor_needs(needs, self.merchant_no, self._by)
        if self._by is not None and self.row.needs_two is not one_alone:
            for kind, keys in proposal_needs(self.merchant_no).keys.items():
                for key in keys:
                    needs.add(kind, key)

    def more_needs(self, state: State, more: Needs) -> None:
        """The sign-in records of the sessions that the act may end, and what whoever acts proposed before."""
        self.row.more(state, self.asked, more)
        if isinstance(self._by, ByPerson) and self.row.needs_two is not one_alone:
            proposals_of(state.get(Person, WHOLE_HOST, self._by.login), more)
        for key in state.records_of_sessions():
            if state.get(SignIn, *key) is None:
                more.add(SignIn, key)

    def decide(self, state: State, now: UnixMs) -> Decision:
        """Decide by the rule of its row. Defect when it changes something and leaves no note."""
        self.shown = self.proposed = None
        by = actor_in(state, self.merchant_no, self._by, self._reason, now=now)
        if by is None:
            return Decision(reason=UNKNOWN_ACTOR)
        if isinstance(self._by, ByPerson) and not self._by.is_at_console and self.row.has_other_half:
            return Decision(reason="only_at_the_console")
        doing = ActDesk(state, self.merchant_no, by, now, self._secrets)
        self.policy = doing.policy
        decision = self.row.decide(self.asked, doing)
        if decision.reason:
            return Decision(reason=decision.reason)
        checked_notes(self.row, by, decision)
        # The console alone is nobody's yes or no: it does what it does.
        is_for_two = self._by is not None and self.row.needs_two(self.asked, doing)
        # Last: whoever may not do it at all is not asked why.
        if (is_for_two or (self.row.asks_reason and self._by is not None)) and not is_reason(by.reason):
            return Decision(reason="reason_missing")
        if is_for_two:
            return self._propose(state, by, now)
        self.shown = doing.shown
        return decision

    def _propose(self, state: State, by: Actor, now: UnixMs) -> Decision:
        """Its rule would let it pass now: so it is worth asking somebody."""
        asked = msgspec.json.encode(self.asked).decode()
        whom = _proposer(state, self._by) if isinstance(self._by, ByPerson) else Proposer(operator_no=self._by or "")
        amount_fen = self.row.amount_fen(self.asked)
        decision = decide_propose(state, self.merchant_no, self.row.name, asked, amount_fen, by, whom, now)
        self.proposed = next((row for change in decision.changes if isinstance(row := change.record, Proposal)), None)
        return decision


def _proposer(state: State, by: ByPerson) -> Proposer:
    """A person, the operator who is the same human being, and the token of a program."""
    person = state.get(Person, WHOLE_HOST, by.login)
    number = person.operator_no if person is not None else ""
    token = state.get(ApiToken, WHOLE_HOST, by.token_id) if by.token_id else None
    return Proposer(by.login, number, by.token_id or None, token.expires_ms if token is not None else None)


def actor_needs(needs: Needs, merchant_no: MerchantNo, by: By) -> None:
    """Name the rows by which it is told who acts."""
    if isinstance(by, ByPerson):
        needs.add(Person, (WHOLE_HOST, by.login))
        if by.mark:
            needs.add(OfficeSession, (WHOLE_HOST, by.mark))
        if by.token_id:
            needs.add(ApiToken, (WHOLE_HOST, by.token_id))
    elif by is not None:
        needs.add(Operator, (merchant_no, by))


def actor_in(state: State, merchant_no: MerchantNo, by: By, reason: str = "", *, now: UnixMs) -> Actor | None:
    """Who acts, by the rows of this transaction: a right that was taken away a moment ago is gone. None: nobody who may act."""
    if by is None:
        return replace(CONSOLE, reason=reason)
    if isinstance(by, ByPerson):
        person = state.get(Person, WHOLE_HOST, by.login)
        session = state.get(OfficeSession, WHOLE_HOST, by.mark) if by.mark else None
        if person is None or not is_let_in(person):
            return None
        if by.mark and not (session is not None and session.step == "full" and standing(session, person, now)):
            return None
        if by.token_id:
            token = state.get(ApiToken, WHOLE_HOST, by.token_id)
            is_good = token is not None and counts(token, person, now)
            return actor_by_token(token, person, merchant_no, reason) if is_good and token is not None else None
        return actor_of(person, merchant_no, reason)
    operator = state.get(Operator, merchant_no, by)
    return replace(console_as(operator), reason=reason) if operator is not None and operator.state == "active" else None


def checked_notes(row: ActRow[A], by: Actor, decision: Decision) -> list[AuditNote]:
    """The one note that the act leaves. Defect when it leaves another, or none."""
    notes = [note for change in decision.changes if isinstance(note := change.record, AuditNote)]
    if [(note.actor, note.action) for note in notes] != [(by.name, row.capability)]:
        raise Defect(f"the act {row.name} leaves no note of its own")
    return notes


class Command(Protocol):
    """Whatever changes the acquirer's state without coming from a line: an act, or what people do at the office's door."""

    @property
    def name(self) -> str:
        """What it is called where it could not be written."""
        ...

    def add_needs(self, needs: Needs) -> None:
        """Name the rows that the decision needs."""
        ...

    def more_needs(self, state: State, more: Needs) -> None:
        """Name the rows that are needed besides, now that the first ones are here."""
        ...

    def decide(self, state: State, now: UnixMs) -> Decision:
        """Decide, without writing anything. May be called again with other rows."""
        ...


class RuleCommand:
    """A rule with what it needs, as a command."""

    __slots__ = ("_more", "_needs", "_rule", "name")

    def __init__(
        self,
        name: str,
        needs: Needs,
        more: Callable[[State, Needs], None],
        rule: Callable[[State, UnixMs], Decision],
    ) -> None:
        self.name = name
        self._needs = needs
        self._more = more
        self._rule = rule

    def add_needs(self, needs: Needs) -> None:
        """The rows of the first load."""
        for kind, keys in self._needs.keys.items():
            for key in keys:
                needs.add(kind, key)

    def more_needs(self, state: State, more: Needs) -> None:
        """The rows of the second."""
        self._more(state, more)

    def decide(self, state: State, now: UnixMs) -> Decision:
        """By the rule."""
        return self._rule(state, now)


class CommandWork:
    """A command in the engine's queue: decided in a batch beside sales and sign-ins, its future set after the commit.

    What somebody asked wrongly is that person's alone: the batch goes on, and whoever waits hears of it.
    """

    __slots__ = ("_misuse", "act", "future")

    def __init__(self, act: Command, future: "asyncio.Future[Decision]") -> None:
        self.act = act
        self.future = future
        self._misuse: Misuse | None = None

    def add_needs(self, needs: Needs) -> None:
        self.act.add_needs(needs)

    def more_needs(self, desk: Desk, state: State, more: Needs) -> None:
        self.act.more_needs(state, more)

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        self._misuse = None
        try:
            return self.act.decide(state, now)
        except Misuse as error:
            self._misuse = error
            return Decision()

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        if self.future.done():
            return
        if self._misuse is not None:
            self.future.set_exception(self._misuse)
        else:
            self.future.set_result(decision)

    def fail(self, desk: Desk, now: UnixMs) -> None:
        if not self.future.done():
            self.future.set_exception(Fault(f"the act {self.act.name} could not be written; nothing was changed"))


async def submit(act: Command, queue: WorkQueue) -> Decision:
    """Do an act in the running host, after what waits there. Raises Fault when it could not be written, Misuse for what no rule takes."""
    future: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
    queue.submit(CommandWork(act, future))
    return await future


async def perform(act: Command, door: Door) -> Decision:
    """Do an act at a door of one's own, beside a host that may be running. Raises Conflict, Fault."""
    needs = Needs()
    act.add_needs(needs)

    def decide(sheet: Sheet) -> Decision:
        decision = act.decide(sheet.state, sheet.now)
        sheet.take(decision.changes)
        return decision

    return await door.commit(needs, decide, act.more_needs, tries_max=TRIES_MAX)
