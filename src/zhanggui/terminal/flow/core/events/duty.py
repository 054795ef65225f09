"""What an operator and a supervisor do beside payments."""

from typing import Literal

from .base import Event


class SignedOut(Event, frozen=True, tag=True, kw_only=True):
    """0830/402: the operator's session is closed; its figures."""

    sales_count: int
    sales_fen: int


class LockAnswered(Event, frozen=True, tag=True, kw_only=True):
    """0830/404 with 00: the host knows that this terminal is locked, or unlocked."""

    verdict: Literal["lock", "unlock"]
    released: bool = False
    """True when a supervisor unlocked: the session is ended and the terminal free."""


class PasswordChanged(Event, frozen=True, tag=True, kw_only=True):
    """0830/405 with 00: the new password counts from now on."""


class Approved(Event, frozen=True, tag=True, kw_only=True):
    """0830/406 with 00: a supervisor approved, for one use within a minute."""

    approval_no: int
    supervisor: str


class Managed(Event, frozen=True, tag=True, kw_only=True):
    """0830/408 with 00: the act of management is done."""
