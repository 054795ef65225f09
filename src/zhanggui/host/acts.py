"""Acts of management: a work without a line and with a future. Console, office and REST come in here, and nowhere else.

    who, what ─▶ Act ─┬─▶ submit to the engine of the running host ─▶ await its decision      (office, REST)
                      └─▶ perform at the door of a store of one's own ─▶ its decision           (console)

An act is one row of the table in `act_table.py` with the values that it asks for. It resolves who acts by the rows as they are
in its own transaction, and whatever it changes it leaves an audit note about: an act without its note is a Defect, whichever
rule forgot it. A refusal is a decision with a reason and without changes.
"""

import asyncio
from collections.abc import Callable
from functools import cached_property
from typing import Generic, Protocol, TypeVar

import msgspec

from ..acquirer.operators.badges.issuing import NewBadge
from ..acquirer.operators.management import InitialSecret, OnOperator
from ..acquirer.policy.actors import CONSOLE, Actor, console_as
from ..acquirer.policy.rules import Policy, policy_of
from ..acquirer.rows.decision import Decision
from ..acquirer.rows.records import AuditNote, Merchant, Operator, SignIn
from ..acquirer.rows.state import Needs, State
from ..basics.chance import Chance
from ..basics.errors import Defect, Fault
from ..basics.numbers import MerchantNo, OperatorNo, UnixMs
from ..basics.secret import Secret
from ..vault.badge import badge_number, draw_badge
from ..vault.initial_password import draw_password
from ..vault.keys import CodeKeyBlock
from ..vault.office_secret import draw_office_secret
from ..vault.pinblock import PasswordAccount
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

    def code_key(self) -> tuple[Secret, CodeKeyBlock]:
        """A new secret for sign-in codes: as it goes into an authenticator, and sealed as it is kept."""
        key = self.keys.hsm.new_code_key()
        return self.keys.hsm.code_secret(key), key


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


class Act(Generic[A]):
    """One act: which, with what values, at which merchant, on behalf of whom (None: the console itself)."""

    def __init__(
        self,
        row: ActRow[A],
        asked: A,
        merchant_no: MerchantNo,
        secrets: SecretMaker,
        by: OperatorNo | None = None,
    ) -> None:
        self.row = row
        self.asked = asked
        self.merchant_no = merchant_no
        self.shown: Secret | None = None
        """A password or code that is shown this once, after the act was written."""
        self.policy = policy_of("basic")
        """The merchant's policy as the act found it."""
        self._secrets = secrets
        self._by = by

    @property
    def name(self) -> str:
        """The row's name."""
        return self.row.name

    def add_needs(self, needs: Needs) -> None:
        """Name the rows that the act needs, the actor's own among them."""
        for kind, keys in self.row.needs(self.merchant_no, self.asked).keys.items():
            for key in keys:
                needs.add(kind, key)
        if self._by is not None:
            needs.add(Operator, (self.merchant_no, self._by))

    def more_needs(self, state: State, more: Needs) -> None:
        """The sign-in records of the sessions that the act may end."""
        self.row.more(state, self.asked, more)
        for key in state.records_of_sessions():
            if state.get(SignIn, *key) is None:
                more.add(SignIn, key)

    def decide(self, state: State, now: UnixMs) -> Decision:
        """Decide by the rule of its row. Defect when it changes something and leaves no note."""
        self.shown = None
        by = self._actor(state)
        if by is None:
            return Decision(reason=UNKNOWN_ACTOR)
        doing = ActDesk(state, self.merchant_no, by, now, self._secrets)
        self.policy = doing.policy
        decision = self.row.decide(self.asked, doing)
        if decision.reason:
            return Decision(reason=decision.reason)
        notes = [row for change in decision.changes if isinstance(row := change.record, AuditNote)]
        if [(note.actor, note.action) for note in notes] != [(by.name, self.row.capability)]:
            raise Defect(f"the act {self.row.name} leaves no note of its own")
        self.shown = doing.shown
        return decision

    def _actor(self, state: State) -> Actor | None:
        """Who acts, by the rows of this transaction: a right that was taken away a moment ago is gone."""
        if self._by is None:
            return CONSOLE
        operator = state.get(Operator, self.merchant_no, self._by)
        return console_as(operator) if operator is not None and operator.state == "active" else None


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
    """A command in the engine's queue: decided in a batch beside sales and sign-ins, its future set after the commit."""

    __slots__ = ("act", "future")

    def __init__(self, act: Command, future: "asyncio.Future[Decision]") -> None:
        self.act = act
        self.future = future

    def add_needs(self, needs: Needs) -> None:
        self.act.add_needs(needs)

    def more_needs(self, desk: Desk, state: State, more: Needs) -> None:
        self.act.more_needs(state, more)

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        return self.act.decide(state, now)

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        if not self.future.done():
            self.future.set_result(decision)

    def fail(self, desk: Desk, now: UnixMs) -> None:
        if not self.future.done():
            self.future.set_exception(Fault(f"the act {self.act.name} could not be written; nothing was changed"))


async def submit(act: Command, queue: WorkQueue) -> Decision:
    """Do an act in the running host, after what waits there. Raises Fault when it could not be written."""
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
