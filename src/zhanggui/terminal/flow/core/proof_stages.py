"""The stages in which an operator proves something, or is kept out: eyes' list, code, new password, take-over, approval, lock,
sign-in without network, and the notes at the end of a shift."""

from typing import Literal, TypeAlias

import msgspec

from ....basics.numbers import OperatorNo, UnixMs
from .events import Elsewhere, OperatorVerified
from .stage import Problem, Stage


class LookingAround(Stage, frozen=True, kw_only=True):
    """What only eyes can see: one key confirms all, or the operator says which is not well."""

    choosing: bool = False
    wrong: tuple[str, ...] = ()


class WaitingTurn(Stage, frozen=True, kw_only=True):
    """After wrong tries the next one has to wait; nothing can be typed until then."""

    operator_no: OperatorNo
    problem: Problem
    wait_s: int


class EnteringCode(Stage, frozen=True, kw_only=True):
    """The PIN pad collects the sign-in code; the flow sees dots."""

    facts: OperatorVerified
    take_over: str = ""
    dots: int = 0
    problem: Problem | None = None


class EnteringOld(Stage, frozen=True, kw_only=True):
    """A password is to be changed from standby: the old one first."""

    operator_no: OperatorNo
    dots: int = 0
    problem: Problem | None = None


class EnteringNew(Stage, frozen=True, kw_only=True):
    """The new password, and the new password once more."""

    operator_no: OperatorNo
    facts: OperatorVerified | None = None
    """The sign-in that goes on afterwards; None when it was asked for in standby."""
    again: bool = False
    dots: int = 0
    problem: Problem | None = None


class ChangingPassword(Stage, frozen=True, kw_only=True):
    """The new password is on its way."""

    operator_no: OperatorNo
    facts: OperatorVerified | None = None


class SignedInElsewhere(Stage, frozen=True, kw_only=True):
    """The operator has a live session on another terminal; what can be done about it."""

    operator_no: OperatorNo
    found: Elsewhere
    choosing_reason: bool = False
    problem: Problem | None = None


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What a supervisor is asked for, and where it goes on when it is given."""

    action: Literal["take_over", "release"]
    operator_no: OperatorNo
    """For whom."""
    found: Elsewhere | None = None
    """The session that is taken over."""


class ApprovalNumber(Stage, frozen=True, kw_only=True):
    """The supervisor types a number."""

    ask: Ask
    digits: str = ""


class ApprovalPassword(Stage, frozen=True, kw_only=True):
    """The PIN pad collects the supervisor's password."""

    ask: Ask
    supervisor_no: OperatorNo
    dots: int = 0
    problem: Problem | None = None


class Approving(Stage, frozen=True, kw_only=True):
    """The approval is being asked for."""

    ask: Ask
    supervisor_no: OperatorNo


class CheckingOffline(Stage, frozen=True, kw_only=True):
    """There is no line: the PIN pad looks into its own envelope."""

    operator_no: OperatorNo


class OfflineShown(Stage, frozen=True, kw_only=True):
    """Signed in without network: until when, and what is off."""

    uses_left: int


class Locked(Stage, frozen=True, kw_only=True):
    """The PIN pad collects the password of the operator who is signed in; nothing of the session is seen."""

    dots: int = 0
    problem: Problem | None = None
    wait_until: int = 0
    """Tick before which nothing can be typed."""


class LockedMenu(Stage, frozen=True, kw_only=True):
    """Who else may go on here."""


class Unlocking(Stage, frozen=True, kw_only=True):
    """A password is being checked to unlock, by the operator or by a supervisor; or it waits for the lock notice or for keys."""

    by: OperatorNo
    waits: bool = False


class Noting(Stage, frozen=True, kw_only=True):
    """Before sign-out: what went well, what did not."""

    well: str | None = None
    """The first answer, once it was given; empty when it was skipped."""


class Lock(msgspec.Struct, frozen=True, kw_only=True):
    """A locked terminal, beside the stage: standby is out of reach while it stands in the state."""

    why: Literal["idle", "key", "order", "after_sale"]
    since: UnixMs
    told: Literal["no", "under_way", "yes"] = "no"
    """Whether the host knows."""
    tried_at: int = 0
    dropped: bool = False
    """True when an amount or a card was in hand; it is gone."""


class Forced(msgspec.Struct, frozen=True, kw_only=True):
    """What has to be done as soon as nothing else is going on."""

    order: Literal["sign_in", "lock", "sign_out"]
    problem: Problem | None = None
    """Why, beside `sign_in`."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a session without the host's full check may do."""

    until: UnixMs
    """By the terminal's clock."""
    sale_limit_fen: int
    reported: bool = False
    """True once the host opened its limited session; until then no payment can be made."""


ProofStage: TypeAlias = (
    LookingAround
    | WaitingTurn
    | EnteringCode
    | EnteringOld
    | EnteringNew
    | ChangingPassword
    | SignedInElsewhere
    | ApprovalNumber
    | ApprovalPassword
    | Approving
    | CheckingOffline
    | OfflineShown
    | Locked
    | LockedMenu
    | Unlocking
    | Noting
)
"""All of them; `draw_proof` and `draw_lock` draw them."""
