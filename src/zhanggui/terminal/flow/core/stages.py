"""The stages of a terminal, each a struct with what it holds, and their sum type. Those of `proof_stages.py` belong to it."""

from typing import Literal, TypeAlias

from ....basics.numbers import OperatorNo
from ..screens.screens import Text
from .effects import SendConfirm
from .events import ApprovedSale, OperatorVerified, PendingReversal
from .proof_stages import ProofStage
from .stage import Card, Problem, Stage, Then

# ── stages: power-on and sign-in ─────────────────────────────────────────────


class Off(Stage, frozen=True, kw_only=True):
    """Before the first PoweredOn."""


class SelfChecking(Stage, frozen=True, kw_only=True):
    """The self-check runs."""


class SelfCheckShown(Stage, frozen=True, kw_only=True):
    """The self-check found something; one key goes on, unless it is critical."""

    blocked: bool


class Trouble(Stage, frozen=True, kw_only=True):
    """Something did not go on: words, code, and what the keys do."""

    problem: Problem
    then: Then
    """Where `enter` (or `retry`) leads."""
    retries: bool = False
    """True: the key is called `retry`, because the same thing is tried again."""
    operator_no: OperatorNo | None = None
    """Whose password is asked when `then` is `password`."""
    settled: bool = False
    """True: the matter is closed and only has to be read; the tone is a warning, not a failure."""
    may_restart: bool = False
    may_decline: bool = False
    """True: `cancel` goes back to standby, and the session stays as it is."""
    may_leave: bool = False
    """True: the operator may leave the session although the host does not know of it."""


class SignInNumber(Stage, frozen=True, kw_only=True):
    """The operator types a number of two digits."""

    digits: str = ""
    notice: Text | None = None


class SignInPassword(Stage, frozen=True, kw_only=True):
    """The PIN pad collects the password; the flow sees dots."""

    operator_no: OperatorNo
    dots: int = 0
    problem: Problem | None = None
    """Why the password is asked again."""


class Verifying(Stage, frozen=True, kw_only=True):
    """The password is on its way, or waits until the terminal's sign-on is through."""

    operator_no: OperatorNo
    waits_for_keys: bool


class Confirming(Stage, frozen=True, kw_only=True):
    """The operator looks at the facts of the sign-in."""

    facts: OperatorVerified
    problem: Problem | None = None
    """Why the confirmation did not arrive; `enter` sends it again."""
    again: SendConfirm | None = None
    """The confirmation whose answer got lost: the same message gets the stored answer."""
    password_changed: bool = False
    """True: the new password counts; it is said once."""


class ChoosingWrong(Stage, frozen=True, kw_only=True):
    """The operator says which of the facts is wrong."""

    facts: OperatorVerified


class Submitting(Stage, frozen=True, kw_only=True):
    """The verdict is on its way to the host."""

    facts: OperatorVerified
    sent: SendConfirm

    @property
    def verdict(self) -> Literal["ok", "wrong"]:
        """What the operator said."""
        return self.sent.verdict


class SignedInShown(Stage, frozen=True, kw_only=True):
    """Success, for some seconds."""


# ── stages: on duty ──────────────────────────────────────────────────────────


class Standby(Stage, frozen=True, kw_only=True):
    """Ready for a payment."""

    notice: Text | None = None


class EnteringAmount(Stage, frozen=True, kw_only=True):
    """The amount is typed, in fen, from right to left."""

    digits: str = ""
    card: Card | None = None
    notice: Text | None = None


class AwaitingCard(Stage, frozen=True, kw_only=True):
    """The amount stands; a card is awaited."""

    amount_fen: int
    notice: Text | None = None


class EnteringPin(Stage, frozen=True, kw_only=True):
    """The cardholder sees the amount and types the PIN on the PIN pad."""

    amount_fen: int
    card: Card
    dots: int = 0


class Selling(Stage, frozen=True, kw_only=True):
    """The payment is on its way; nothing can be cancelled now."""

    amount_fen: int
    card: Card
    with_pin: bool
    reversal: PendingReversal
    operator_no: OperatorNo


class SaleRefused(Stage, frozen=True, kw_only=True):
    """The payment was refused or never left; where it helps, the PIN can be asked again at once."""

    amount_fen: int
    card: Card
    problem: Problem
    may_retry: bool


class Undoing(Stage, frozen=True, kw_only=True):
    """A payment in doubt is being undone, and the operator waits for it."""

    before_sale: bool
    """True: an earlier payment stands in the way of a new one."""
    stuck: bool = False
    """True after REVERSAL_TRIES_SHOWN tries: it needs attention, and is still tried."""


class Signing(Stage, frozen=True, kw_only=True):
    """The cardholder signs on the screen (电签)."""

    sale: ApprovedSale


class Printing(Stage, frozen=True, kw_only=True):
    """A copy is being printed."""

    sale: ApprovedSale
    copy: Literal["merchant", "cardholder"]
    again: bool
    then: Then


class TearingOff(Stage, frozen=True, kw_only=True):
    """The merchant copy is out; it is torn off and signed before the cardholder copy comes."""

    sale: ApprovedSale
    again: bool
    then: Then


class PrintTrouble(Stage, frozen=True, kw_only=True):
    """A copy could not be printed. The sale stays approved."""

    sale: ApprovedSale
    copy: Literal["merchant", "cardholder"]
    reason: str
    again: bool
    then: Then


class AskingSignOut(Stage, frozen=True, kw_only=True):
    """Does the operator really want to sign out?"""


class SigningOut(Stage, frozen=True, kw_only=True):
    """The sign-out is on its way."""


class SignedOutShown(Stage, frozen=True, kw_only=True):
    """The figures of the session that ended."""

    operator: str
    sales_count: int
    sales_fen: int


SignInStage: TypeAlias = (
    Off
    | SelfChecking
    | SelfCheckShown
    | Trouble
    | SignInNumber
    | SignInPassword
    | Verifying
    | Confirming
    | ChoosingWrong
    | Submitting
    | SignedInShown
)
"""From power-on to "signed in"; Trouble belongs to both halves and is drawn with these."""

DutyStage: TypeAlias = (
    Standby
    | EnteringAmount
    | AwaitingCard
    | EnteringPin
    | Selling
    | SaleRefused
    | Undoing
    | Signing
    | Printing
    | TearingOff
    | PrintTrouble
    | AskingSignOut
    | SigningOut
    | SignedOutShown
)
"""From standby to sign-out."""

AnyStage: TypeAlias = SignInStage | DutyStage | ProofStage
"""The sum type: every `match` over it ends in `assert_never`."""
