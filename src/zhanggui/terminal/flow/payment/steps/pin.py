"""The cardholder's PIN, by which the cardholder agrees to the amount; a card without one is passed with an empty entry."""

from msgspec.structs import replace

from ...core.effects import StartPinEntry
from ...core.events import EntryWay, KeyPressed, PinDone, PinDots
from ...core.payments import Doing
from ...core.policy import (
    CARDHOLDER_PIN_DIGITS_MAX,
    CARDHOLDER_PIN_DIGITS_MIN,
    NO_PIN_LIMIT_FEN,
    PIN_PAD_TIMEOUT_S,
)
from ...core.stage import Stage
from ...core.state import State
from ...core.step import Step, change, go, leave, stay
from ...core.ways import PayOn, ToStandby
from ...screens.area import row, shows
from ...screens.frame import CANCEL, CLEAR, ENTER, amount_line, dim, screen
from ...screens.screens import Entry, Screen
from ...words.text import words
from ..allowed import card_pair, give_up
from .asking import AskStep


class EnteringPin(Stage, frozen=True, kw_only=True):
    """The cardholder sees the amount and types the PIN on the PIN pad."""

    doing: Doing
    dots: int = 0

    def in_hand(self) -> bool:
        return True

    def awaits_word(self) -> bool:
        return self.dots == 0

    def begun(self) -> Doing:
        return self.doing


def needs_no_pin(way: EntryWay, amount_fen: int) -> bool:
    """免密免签: a small tap needs neither PIN nor signature."""
    return way == "tap" and amount_fen <= NO_PIN_LIMIT_FEN


def answered(doing: Doing) -> bool:
    """It was typed, passed, or waived."""
    return doing.pin in ("entered", "skipped", "waived")


def ask(state: State, doing: Doing) -> Step:
    """Ask for it on the PIN pad."""
    entry = StartPinEntry(
        purpose="cardholder",
        amount_fen=doing.amount_fen or 0,
        min_digits=CARDHOLDER_PIN_DIGITS_MIN,
        max_digits=CARDHOLDER_PIN_DIGITS_MAX,
        may_skip=True,
        timeout_s=PIN_PAD_TIMEOUT_S,
    )
    return go(state, EnteringPin(doing=doing), entry)


def ask_unless_small(state: State, doing: Doing) -> Step:
    """The same for a kind that a small tap passes without.

    Whether it is small is decided here and nowhere else: the wire, the signature and the slip all follow `waived`.
    """
    card = doing.card
    small = card is not None and doing.amount_fen is not None and needs_no_pin(card.way, doing.amount_fen)
    if small and doing.pin != "wanted":
        return leave(state, PayOn(doing=replace(doing, pin="waived")))
    return ask(state, doing)


def dots(state: State, stage: EnteringPin, event: PinDots) -> Step:
    """One more dot, or one less."""
    return change(state, replace(stage, dots=event.count))


def key(state: State, stage: EnteringPin, event: KeyPressed) -> Step:
    """The PIN pad has the keys; `cancel` comes here only from a front that has its own."""
    return give_up(state, "standby.cancelled") if event.key == "cancel" else stay(state)


def done(state: State, stage: EnteringPin, event: PinDone) -> Step:
    """The last moment at which the payment can be given up."""
    match event.outcome:
        case "cancelled" | "differs":
            return give_up(state, "standby.cancelled")
        case "timed_out":
            return give_up(state, "standby.idle")
        case "entered" | "skipped":
            return leave(state, PayOn(doing=replace(stage.doing, pin=event.outcome)))


def entering_pin(state: State, stage: EnteringPin) -> Screen:
    """The cardholder sees the amount and types the PIN."""
    doing = stage.doing
    shown = screen(
        state,
        "pin",
        words("pin.title" if doing.amount_fen is not None else "pin.title_only", kind=f"@kind.{doing.kind}"),
        amount_line(doing.amount_fen) if doing.amount_fen is not None else None,
        card_pair(doing.card) if doing.card else None,
        dim(words("pin.hint")) if doing.amount_fen is not None else None,
        choices=(CANCEL, CLEAR, ENTER),
        digits=True,
    )
    entry = Entry(words("pin.label"), "•" * stage.dots, "secret", CARDHOLDER_PIN_DIGITS_MAX)
    return replace(shown, entry=entry)


PIN = AskStep(
    answered,
    ask,
    (
        row(EnteringPin, KeyPressed, key, ToStandby),
        row(EnteringPin, PinDots, dots),
        row(EnteringPin, PinDone, done, PayOn, ToStandby),
    ),
    dict((shows(EnteringPin, entering_pin),)),
)
PIN_UNLESS_SMALL = PIN._replace(ask=ask_unless_small)
