"""What every operator message passes first, and what all of them share: facts, policy, replies."""

from typing import Generic, TypeVar

import msgspec

from ...basics.errors import certain
from ...basics.numbers import MerchantNo, OperatorNo, TerminalNo, UnixMs
from ...cup.messages.operator_outcomes import NOTHING_SAID, OperatorOutcome
from ...cup.values.user_name import fold_user_name
from ..policy.rules import Policy, policy_of
from ..rows.decision import Decision, MacVerdict, OperatorReply
from ..rows.draft import Draft
from ..rows.records import Merchant, Operator, Session, Terminal, UserName, WaitingKeys
from ..rows.state import State
from ..terminals.gate import Refusal, admit_terminal, adopt_next_keys
from ..terminals.leases import Leases, Word
from ..terminals.stored_instants import bring_within
from .tries import Person, person_of

Contents = TypeVar("Contents", covariant=True)
"""What stands in the message, typed: `cup/messages/operator_asks.py`."""


class CodeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the vault says of a sign-in code: the time step that it fits (None: none), how far the clock is off, if it shows."""

    is_set: bool = False
    """Whether there is a code to be right with: the operator's own secret, or the shift's code."""
    right: bool = False
    step: int | None = None
    drift_s: int | None = None
    shift_code_no: int | None = None
    """Number of the shift's code that was said, also where it does not count now; None: of none."""


class NewPassword(msgspec.Struct, frozen=True, kw_only=True):
    """What the vault says of a new password: salt and verifier, or the reason against it."""

    salt: bytes = b""
    verifier: bytes = b""
    fault: str = ""


class BadgeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the vault says of a badge that was shown."""

    number: str
    right: bool
    """Whether its secret is the one that was issued under this number here, counting or not."""
    holder: OperatorNo | None = None
    """Whose number it bears or bore here; with a wrong secret it is a forgery of that one."""
    with_password: bool
    """Whether a password came with it."""


class NewPhoneCode(msgspec.Struct, frozen=True, kw_only=True):
    """A code that the host has drawn for a phone, and where its page is; without an address this host serves none."""

    name: str
    address: str


class OperatorAsked(msgspec.Struct, Generic[Contents], frozen=True, kw_only=True):
    """What an operator asks from a terminal, with the facts that need keys, and when terminals were last heard of.

    It is made once, where the message comes in; no rule reads a message.
    """

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    operator_no: OperatorNo
    """63.1, or the number whose user name was typed or whose badge was shown; what is nobody's stands here as it was looked up.
    Empty when none came."""
    user_name: str = ""
    """As it was typed, where no number was."""
    contents: Contents
    mac: MacVerdict
    fitting: WaitingKeys | None = None
    """The keys that waited and that its MAC proves, where the verdict is `next`."""
    leases: Leases
    word: Word
    """Itself as a sign of life."""
    password_right: bool = False
    """False where no password was sent."""
    badge: BadgeFacts | None = None
    """None where no badge was shown."""
    phone: str = ""
    """Name of the code that a phone answered, where a sign-in shows one."""
    new_phone_code: NewPhoneCode | None = None
    """What a terminal may be given that asks for one."""
    has_phone_page: bool = False
    """Whether this host serves a page for phones."""
    code: CodeFacts = CodeFacts()
    new_password: NewPassword = NewPassword()
    orders: tuple[int, ...] = ()
    """Beside a heartbeat: numbers of the terminal's orders that the host knows to be open, in order."""


class Entered(msgspec.Struct, frozen=True, kw_only=True):
    """A message that passed the gate."""

    draft: Draft
    terminal_no: TerminalNo
    merchant: Merchant
    policy: Policy
    has_phone_page: bool = False
    """Whether this host serves a page for phones."""

    @property
    def terminal(self) -> Terminal:
        """The terminal's row as it stands now."""
        return certain(self.draft.get(Terminal, self.merchant.merchant_no, self.terminal_no), "it passed the gate")

    def operator(self, operator_no: str) -> Operator | None:
        """An operator's row as it stands now."""
        return self.draft.get(Operator, self.merchant.merchant_no, operator_no)

    def person(self, number: str) -> Person:
        """Whose tries count under a number that was typed."""
        return person_of(self.draft, self.merchant.merchant_no, number)

    def live_sessions(self) -> tuple[Session, ...]:
        """Sessions that live on this terminal."""
        return self.draft.live_sessions_on(self.merchant.merchant_no, self.terminal_no)

    def live_session_of(self, operator_no: str) -> Session | None:
        """The session of this operator on this terminal."""
        return next((s for s in self.live_sessions() if s.operator_no == operator_no), None)

    def sessions_elsewhere(self, operator_no: OperatorNo) -> tuple[Session, ...]:
        """Live sessions of an operator on other terminals whose operators the host checks."""
        live = self.draft.live_sessions_of((self.merchant.merchant_no, operator_no))
        return tuple(s for s in live if s.terminal_no != self.terminal_no and s.kind != "unverified")

    def reply(self, response_code: str, said: OperatorOutcome = NOTHING_SAID, reason: str = "") -> Decision:
        """The decision with everything changed so far."""
        return Decision(changes=tuple(self.draft.changes), reply=OperatorReply(response_code, said), reason=reason)


def whose_user_name(state: State, merchant_no: MerchantNo, typed: str) -> OperatorNo:
    """The number; a name of nobody, or of anybody where the shop takes no names, stands as it is looked up."""
    user_name = fold_user_name(typed)
    known, merchant = state.get(UserName, merchant_no, user_name), state.get(Merchant, merchant_no)
    if known is None or merchant is None or not policy_of(merchant.policy, merchant.policy_overrides).user_names:
        return OperatorNo(user_name)
    return known.operator_no


def enter(state: State, asked: OperatorAsked[object], now: UnixMs) -> Entered | Decision:
    """Known and active, right kind of terminal, right MAC; or the refusal."""
    terminal = admit_terminal(state, asked.merchant_no, asked.terminal_no)
    if isinstance(terminal, Refusal):
        return Decision(reply=OperatorReply(terminal.response_code), reason=terminal.reason)
    if terminal.operator_check != "host":
        return Decision(reply=OperatorReply("58"), reason="terminal_checks_operators_itself")
    if asked.mac == "none":
        return Decision(reply=OperatorReply("77"), reason="terminal_not_signed_in")
    if asked.mac == "bad":
        return Decision(reply=OperatorReply("A0"), reason="wrong_mac")
    # A heartbeat that names nobody comes from a terminal at which nobody is signed in, whatever session the host still knows.
    holds = bool(asked.operator_no) or not asked.word.counted_by
    asked.leases.hear((asked.merchant_no, asked.terminal_no), now, asked.word, holds=holds)
    draft = Draft(state)
    _, changes = adopt_next_keys(state, terminal, asked.fitting, now)
    draft.take(changes)
    merchant = certain(state.get(Merchant, asked.merchant_no), "admit_terminal looked at the merchant")
    entered = Entered(
        draft=draft,
        terminal_no=asked.terminal_no,
        merchant=merchant,
        policy=policy_of(merchant.policy, merchant.policy_overrides),
        has_phone_page=asked.has_phone_page,
    )
    bring_within(draft, entered.policy, entered.terminal, asked.operator_no, now)
    return entered
