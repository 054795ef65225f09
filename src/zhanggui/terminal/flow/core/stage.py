"""What every stage is made of: the base of all stages with their facts, the card in hand, a problem in words, and the two stages
that every area may enter."""

from typing import ClassVar

import msgspec

from ..words.text import Problem, Text
from .payments import Doing
from .ways import Way


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all stages. What is true of a stage stands on the stage: nobody keeps lists of them elsewhere."""

    quiet: ClassVar[bool] = False
    """No other message waits for an answer here, so that a reversal may go out unasked."""
    lockable: ClassVar[bool] = False
    """No card and no host is being talked to: the idle lock counts here, and orders are carried out."""
    takes_orders: ClassVar[bool] = False
    """Orders are carried out here although nothing is locked for idleness: it is locked, or goes away by itself."""
    may_lose_trace: ClassVar[bool] = False
    """Counters may fail to be kept here; the message behind them never left, and the operator is told so."""
    step: ClassVar[str] = ""
    """The step of a sign-in whose time passes here (`cup/values/steps.py`); empty: it is none."""
    hands_out_slips: ClassVar[bool] = False
    """A payment stands and its slips are being handed out: orders wait a while for them."""
    shows_ticks: ClassVar[bool] = False
    """How many merchant copies are in hand is shown here, and asked after behind it."""
    awaits_host: ClassVar[bool] = False
    """Nothing is on the line, and the host is to say how it goes on: heartbeats leave here, so that it can."""
    home: ClassVar[bool] = False
    """Nothing is going on: a notice may be shown here."""

    def may_be_locked(self) -> bool:
        """Whether it may be locked as it stands now."""
        return self.lockable

    def in_hand(self) -> bool:
        """Whether an amount or a card would be lost by a lock."""
        return False

    def awaits_word(self) -> bool:
        """Whether a person has still to begin here, so that a session that ended is said now, not after a PIN was typed for nothing."""
        return False

    def begun(self) -> Doing | None:
        """The payment that was begun here and moved nothing: what was typed of it outlives a session that ends."""
        return None


POWER_KEY = "power"
"""The key that switches on; the shell knows it, for a terminal that is off decides nothing."""


class WithSlip(Stage, frozen=True, kw_only=True):
    """A stage from which a slip of no payment may be printed."""

    slip_said: Text | None = None
    """What became of it; None until it was asked for."""


class Off(Stage, frozen=True, kw_only=True):
    """Switched off: before the first PoweredOn, and after the power key was held."""


class Trouble(Stage, frozen=True, kw_only=True):
    """Something did not go on: words, code, and what the keys do."""

    quiet: ClassVar[bool] = True
    lockable: ClassVar[bool] = True
    may_lose_trace: ClassVar[bool] = True

    problem: Problem
    then: Way
    """Where `enter` (or `retry`) leads."""
    retries: bool = False
    """True: the key is called `retry`, because the same thing is tried again."""
    settled: bool = False
    """True: the matter is closed and only has to be read; the tone is a warning, not a failure."""
    may_restart: bool = False
    may_decline: bool = False
    """True: `cancel` goes back to standby, and the session stays as it is."""
    may_leave: bool = False
    """True: the operator may leave the session although the host does not know of it."""
