"""A card's number that is typed (手输卡号), where the card is not there or nothing of it can be read: number, expiry, then a supervisor.

    card ── keyed ─▶ number ─ check digit ─▶ expiry ─▶ the next step of its kind ─▶ a supervisor's approval

The number goes where a PIN goes: digit by digit into the PIN pad, past flow, screen, log and transcript, which see how many there are.
Out of it comes its mask, when it is whole; the shell holds the number as it holds that of a card that was read. Whoever types sees dots,
so the check digit finds the slip of a finger, and the mask the wrong card.

It is policy's to switch on, it is not for a session that stands on a badge alone, and the catalogue says which kinds take it.
"""

from typing import ClassVar

from msgspec.structs import replace

from .....basics.clock import china_time
from .....cup.transactions import PAYMENTS
from .....cup.values.card_number import CARD_DIGITS_MAX, CARD_DIGITS_MIN
from ...core.effects import StartPinEntry, TakeExpiry, TakeNumber
from ...core.events import KeyPressed, NumberKeyed, PinDone, PinDots, Ticked
from ...core.payments import Card, Doing
from ...core.policy import EXPIRY_DIGITS, KEYED_TIMEOUT_S
from ...core.stage import Stage
from ...core.state import State
from ...core.step import Step, change, close_reader, go, host_now, stay
from ...core.ways import PayOn, ToStandby
from ...screens.area import row, shows
from ...screens.frame import CANCEL, CLEAR, ENTER, amount_line, pair, plain, screen, strong
from ...screens.screens import Choice, Entry, Screen
from ...words.text import Text, words
from ..allowed import give_up, left_alone
from ..reading import other_card
from .approval import approval_for
from .asking import AskStep

KEY = "keyed"
KEY_CHOICE = Choice(KEY, words("key.keyed"), "plain", "1")
GROUP = 4
"""Dots stand in groups, as the figures on a card."""
APPROVAL = approval_for("key_card")


class KeyingNumber(Stage, frozen=True, kw_only=True):
    """The number is typed into the PIN pad."""

    doing: Doing
    dots: int = 0
    notice: Text | None = None

    def in_hand(self) -> bool:
        return True

    def awaits_word(self) -> bool:
        return self.dots == 0

    def begun(self) -> Doing:
        return self.doing


class KeyingExpiry(Stage, frozen=True, kw_only=True):
    """The number is in the hand; its expiry is typed."""

    lockable: ClassVar[bool] = True

    doing: Doing
    masked_pan: str
    digits: str = ""
    notice: Text | None = None

    def in_hand(self) -> bool:
        return True

    def begun(self) -> Doing:
        return self.doing


def may_key(state: State, doing: Doing) -> bool:
    """Whether the number of a card may be typed for this payment, by whoever is signed in."""
    session = state.session
    return (
        state.rules.keyed
        and PAYMENTS[doing.kind].keyed
        and session is not None
        and not (session.by_badge or session.offline)
    )


def ask_number(state: State, doing: Doing, notice: Text | None = None) -> Step:
    """Let it be typed; no reader waits meanwhile."""
    state, forget = close_reader(state)
    entry = StartPinEntry(
        purpose="card_number",
        min_digits=CARD_DIGITS_MIN,
        max_digits=CARD_DIGITS_MAX,
        timeout_s=KEYED_TIMEOUT_S,
    )
    return go(state, KeyingNumber(doing=doing, notice=notice), *forget, entry)


def dots(state: State, stage: KeyingNumber, event: PinDots) -> Step:
    """One more dot, or one less."""
    return change(state, replace(stage, dots=event.count, notice=None))


def number_key(state: State, stage: KeyingNumber, event: KeyPressed) -> Step:
    """The PIN pad has the keys; `cancel` comes here only from a front that has its own."""
    return give_up(state, "cancelled") if event.key == "cancel" else stay(state)


def number_done(state: State, stage: KeyingNumber, event: PinDone) -> Step:
    """It is taken out of the PIN pad, or given up."""
    match event.outcome:
        case "entered":
            return stay(state, TakeNumber())
        case "timed_out":
            return give_up(state, "idle")
    return give_up(state, "cancelled")


def number_taken(state: State, stage: KeyingNumber, event: NumberKeyed) -> Step:
    """Its mask is shown, or it is typed once more."""
    if not event.masked_pan:
        return ask_number(state, stage.doing, words("keyed.mistyped"))
    if (other := other_card(stage.doing, event.masked_pan)) is not None:
        return ask_number(state, stage.doing, other)
    return go(state, KeyingExpiry(doing=stage.doing, masked_pan=event.masked_pan))


def expiry_key(state: State, stage: KeyingExpiry, event: KeyPressed) -> Step:
    """Year and month, as the host wants them."""
    match event.key:
        case "cancel":
            return give_up(state, "cancelled")
        case "clear" if not stage.digits:
            return ask_number(state, stage.doing)
        case "clear":
            return change(state, replace(stage, digits=stage.digits[:-1], notice=None))
        case "enter":
            return expiry_done(state, stage)
    digits = stage.digits + event.key
    if not (event.key.isascii() and event.key.isdigit()) or len(digits) > EXPIRY_DIGITS:
        return stay(state)
    return change(state, replace(stage, digits=digits, notice=None))


def expiry_done(state: State, stage: KeyingExpiry) -> Step:
    """A month that there is, and that is not over: more is for the card's bank to know."""
    digits = stage.digits
    if len(digits) != EXPIRY_DIGITS or not "01" <= digits[2:] <= "12":
        return change(state, replace(stage, digits="", notice=words("keyed.expiry.digits")))
    if digits < china_month(state):
        return change(state, replace(stage, digits="", notice=words("keyed.expiry.over")))
    card = Card(way="keyed", masked_pan=stage.masked_pan, expiry_yymm=digits, label="")
    return state, (TakeExpiry(expiry_yymm=digits), PayOn(doing=replace(stage.doing, card=card)))


def china_month(state: State) -> str:
    """This month by the host's clock, `2611`."""
    return china_time(host_now(state)).strftime("%y%m")


def idle(state: State, stage: KeyingExpiry, event: Ticked) -> Step:
    """Nobody goes on with it."""
    return left_alone(state)


def keying_number(state: State, stage: KeyingNumber) -> Screen:
    """Dots in groups, and how many there are."""
    amount_fen, touch = stage.doing.amount_fen, state.machine.profile.touch
    shown = screen(
        state,
        "keyed_number",
        words("keyed.title", kind=f"@kind.{stage.doing.kind}"),
        amount_line(amount_fen) if amount_fen is not None and touch else None,
        strong(stage.notice) if stage.notice else plain(words("keyed.count", n=str(stage.dots))),
        choices=(CANCEL, CLEAR, ENTER),
        digits=True,
    )
    entry = Entry(
        words("keyed.number"), dotted(stage.dots) if touch else "•" * min(stage.dots, GROUP), "secret", CARD_DIGITS_MAX
    )
    return replace(shown, entry=entry)


def dotted(count: int) -> str:
    """Dots in groups of four.

    >>> dotted(6)
    '•••• ••'
    """
    return " ".join("•" * min(GROUP, count - at) for at in range(0, count, GROUP))


def keying_expiry(state: State, stage: KeyingExpiry) -> Screen:
    """The mask of the number, and its expiry."""
    shown = screen(
        state,
        "keyed_expiry",
        words("keyed.expiry.title", kind=f"@kind.{stage.doing.kind}"),
        strong(stage.notice) if stage.notice else None,
        pair("card.number", stage.masked_pan),
        choices=(CANCEL, CLEAR, ENTER),
        digits=True,
    )
    return replace(shown, entry=Entry(words("keyed.expiry"), stage.digits, "digits", EXPIRY_DIGITS))


ROWS = (
    row(KeyingNumber, KeyPressed, number_key, ToStandby),
    row(KeyingNumber, PinDots, dots),
    row(KeyingNumber, PinDone, number_done, ToStandby),
    row(KeyingNumber, NumberKeyed, number_taken, KeyingExpiry),
    row(KeyingExpiry, KeyPressed, expiry_key, KeyingNumber, PayOn, ToStandby),
    row(KeyingExpiry, Ticked, idle, ToStandby),
)
DRAWINGS = dict((shows(KeyingNumber, keying_number), shows(KeyingExpiry, keying_expiry)))


def is_approved(doing: Doing) -> bool:
    """Whether nobody has to approve it: the number was not typed, or somebody has."""
    return doing.card is None or doing.card.way != "keyed" or APPROVAL.answered(doing)


KEYED = AskStep(is_approved, APPROVAL.ask, (), {})
"""A supervisor's approval of the typing, in a kind that needs none for itself; it stands behind the card and before the PIN."""
