"""The machine and its parts: self-check, line, PIN pad, card reader, restart."""

from typing import Literal

from .....basics.numbers import Login
from .....basics.words import Lang
from .base import Effect


class RunSelfCheck(Effect, frozen=True, tag=True, kw_only=True):
    """→ SelfChecked."""


class LookAtLine(Effect, frozen=True, tag=True, kw_only=True):
    """Call the host and hang up; nothing is sent. → LineSeen."""


class StartPinEntry(Effect, frozen=True, tag=True, kw_only=True):
    """Let the PIN pad collect digits. → PinDots…, PinDone."""

    purpose: Literal["password", "cardholder", "code", "old_password", "new_password", "repeat_password", "card_number"]
    login: Login | None = None
    """Whose password it is (it takes part in the block)."""
    amount_fen: int = 0
    min_digits: int = 4
    max_digits: int = 12
    may_skip: bool = False
    timeout_s: int = 60


class TakeNumber(Effect, frozen=True, tag=True, kw_only=True):
    """Take the card number that was typed into the hand, in the place of a card. → NumberKeyed."""


class TakeExpiry(Effect, frozen=True, tag=True, kw_only=True):
    """Its expiry was typed too."""

    expiry_yymm: str


class StopPinEntry(Effect, frozen=True, tag=True, kw_only=True):
    """Forget the digits and stop collecting."""


class OpenReader(Effect, frozen=True, tag=True, kw_only=True):
    """Wait for a card by these ways. → CardSeen, CardUnreadable."""

    ways: tuple[Literal["swipe", "insert", "tap"], ...]


class CloseReader(Effect, frozen=True, tag=True, kw_only=True):
    """Stop waiting and forget the card in hand."""


class Restart(Effect, frozen=True, tag=True, kw_only=True):
    """Start the terminal's program again (a restart at the operator's wish). → PoweredOn."""

    lang: Lang
