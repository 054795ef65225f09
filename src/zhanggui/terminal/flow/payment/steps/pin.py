"""The cardholder's PIN, by which the cardholder agrees to the amount; a card without one is passed with an empty entry."""

from msgspec.structs import replace

from .....cup.values import entry_mode
from ...core.effects import StartPinEntry
from ...core.events import KeyPressed, PinDone, PinDots
from ...core.payments import Doing
from ...core.policy import (
    CARDHOLDER_PIN_DIGITS_MAX,
    CARDHOLDER_PIN_DIGITS_MIN,
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


def is_small_tap(doing: Doing, limit_fen: int) -> bool:
    """Whether it is a tap within a limit of the policy (免密, 免签), as the host will judge it."""
    if doing.card is None:
        return False
    # A tap is read by its chip, or not at all.
    return entry_mode.is_small_tap(doing.card.entry_mode, doing.amount_fen or 0, limit_fen, has_chip_data=True)


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
        may_skip=state.rules.pin_bypass,
        timeout_s=PIN_PAD_TIMEOUT_S,
    )
    return go(state, EnteringPin(doing=doing), entry)


def ask_unless_small(state: State, doing: Doing) -> Step:
    """The same for a kind that a small tap passes without PIN, without signature, or without both: as far as policy lets it.

    Whether it is small is decided here and nowhere else: the wire follows `waived`, signature and slip `unsigned_limit_fen`.
    Where its bank wants the PIN all the same, it is signed too.
    """
    if doing.pin == "wanted":
        return ask(state, replace(doing, unsigned_limit_fen=0))
    no_pin_fen, no_sign_fen = state.rules.no_pin_limit_fen, state.rules.no_sign_limit_fen
    if is_small_tap(doing, no_sign_fen):
        # The slip of one that is within both says what holds of both.
        both = is_small_tap(doing, no_pin_fen)
        doing = replace(doing, unsigned_limit_fen=min(no_pin_fen, no_sign_fen) if both else no_sign_fen)
    if is_small_tap(doing, no_pin_fen):
        return leave(state, PayOn(doing=replace(doing, pin="waived")))
    return ask(state, doing)


def dots(state: State, stage: EnteringPin, event: PinDots) -> Step:
    """One more dot, or one less."""
    return change(state, replace(stage, dots=event.count))


def key(state: State, stage: EnteringPin, event: KeyPressed) -> Step:
    """The PIN pad has the keys; `cancel` comes here only from a front that has its own."""
    return give_up(state, "cancelled") if event.key == "cancel" else stay(state)


def done(state: State, stage: EnteringPin, event: PinDone) -> Step:
    """The last moment at which the payment can be given up."""
    match event.outcome:
        case "cancelled" | "differs":
            return give_up(state, "cancelled")
        case "timed_out":
            return give_up(state, "idle")
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
        dim(words("pin.hint")) if doing.amount_fen is not None and state.rules.pin_bypass else None,
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
