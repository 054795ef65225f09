"""The card: swiped, inserted or held to the reader."""

from typing import ClassVar

from msgspec.structs import replace

from ...core.events import CardSeen, CardUnreadable, KeyPressed, Ticked
from ...core.payments import Doing
from ...core.stage import Stage
from ...core.state import State
from ...core.step import Step, change, check_of, close_reader, go, leave, open_reader, stay
from ...core.ways import PayOn, ToStandby
from ...screens.area import row, shows
from ...screens.frame import CANCEL, amount_line, plain, screen, strong, yuan
from ...screens.screens import Choice, Line, Screen
from ...words.text import Text, words
from ..allowed import give_up, left_alone
from ..reading import card_of, not_read, other_card, read_again, tail_of, taken
from . import keyed
from .amount import EnteringAmount
from .amount import ask as ask_amount
from .asking import AskStep


class AwaitingCard(Stage, frozen=True, kw_only=True):
    """A card is awaited."""

    lockable: ClassVar[bool] = True

    doing: Doing
    or_code: bool = False
    """Whether a customer's payment code is taken in its place, where the machine has a scanner."""
    only_code: bool = False
    """Whether nothing but a code is taken: the reader is closed."""
    notice: Text | None = None

    def in_hand(self) -> bool:
        return True

    def begun(self) -> Doing:
        return self.doing


def answered(doing: Doing) -> bool:
    """A card was read."""
    return doing.card is not None


def ask(state: State, doing: Doing, *, or_code: bool = False) -> Step:
    """Wait for it; the reader may be open since the payment began."""
    stage = AwaitingCard(doing=doing, or_code=or_code and can_scan(state))
    if state.reader:
        return go(state, stage)
    state, wait = open_reader(state)
    return go(state, stage, *wait)


SWIPE = ("swipe",)
ONE_WAY: dict[str, tuple[str, ...]] = {"card.swipe_chip": SWIPE, "card.insert": ("insert", "tap")}
"""What was just said, where it asks for some ways of showing the card and not for all."""


def ask_card_or_code(state: State, doing: Doing) -> Step:
    """The same for what may be paid by a code as well. A code lives for a minute, so it is asked for here, behind the amount."""
    return ask(state, doing, or_code=True)


def ask_code(state: State, doing: Doing) -> Step:
    """A code alone, for whoever chose that entry of the menu; without a scanner a card is asked for."""
    if not can_scan(state):
        return ask(state, doing)
    state, forget = close_reader(state)
    return go(state, AwaitingCard(doing=doing, or_code=True, only_code=True), *forget)


def can_scan(state: State) -> bool:
    """Whether there is a scanner, and nothing says that it does not work."""
    scanner = check_of(state, "scanner")
    return state.machine.profile.scanner and (scanner is None or scanner.state != "fail")


def key(state: State, stage: AwaitingCard, event: KeyPressed) -> Step:
    """While a card is awaited: cancel, back to the amount, where there is one, or type the number, where that may be."""
    match event.key:
        case "cancel":
            return give_up(state, "cancelled")
        case keyed.KEY if keyed.may_key(state, stage.doing):
            return keyed.ask_number(state, stage.doing)
        case "clear" if has_own_amount(stage.doing):
            return ask_amount(state, stage.doing, digits=str(stage.doing.amount_fen))
    return stay(state)


def has_own_amount(doing: Doing) -> bool:
    """Whether somebody typed the amount: one that comes with an earlier payment can't be changed."""
    return doing.amount_fen is not None and not doing.is_fixed


def seen(state: State, stage: AwaitingCard, event: CardSeen) -> Step:
    """The card is here."""
    card = card_of(state, event)
    if card is None:
        return again(state, stage, words("card.insert"))
    if (other := other_card(stage.doing, card.masked_pan)) is not None:
        return again(state, stage, other)
    return leave(taken(state), PayOn(doing=replace(stage.doing, card=card)))


def unreadable(state: State, stage: AwaitingCard, event: CardUnreadable) -> Step:
    """Ask for the card again."""
    state, notice = not_read(state, event)
    return again(state, stage, notice)


def again(state: State, stage: AwaitingCard, notice: Text) -> Step:
    """Keep waiting, with a reason."""
    if stage.only_code:
        return change(state, replace(stage, notice=notice))
    state, effects = read_again(state)
    return change(state, replace(stage, notice=notice), *effects)


def idle(state: State, stage: AwaitingCard, event: Ticked) -> Step:
    """Nobody goes on with it."""
    return left_alone(state)


def which_card(doing: Doing, *, how: str) -> Line:
    """How a card is shown; of what is about an earlier payment, which one."""
    original = doing.original
    if original is None or not original.masked_pan:
        return plain(words(f"card.hint{how}"))
    return plain(words("card.same", tail=tail_of(original.masked_pan)))


def awaiting_card(state: State, stage: AwaitingCard) -> Screen:
    """A card is awaited."""
    amount_fen = stage.doing.amount_fen
    notice = strong(stage.notice) if stage.notice else None
    change_amount = (
        (Choice("clear", words("key.change_amount"), "plain", "clear"),) if has_own_amount(stage.doing) else ()
    )
    asked = ONE_WAY.get(stage.notice.key, ()) if stage.notice else ()
    how = "_swipe" if asked == SWIPE else "_scan" if stage.only_code else "_code" if stage.or_code else ""
    shown = screen(
        state,
        "card",
        words(f"card.title{how}", kind=f"@kind.{stage.doing.kind}"),
        amount_line(amount_fen) if amount_fen is not None else None,
        notice,
        plain(words("right.then", amount=yuan(stage.doing.right_fen))) if stage.doing.right_fen else None,
        None if asked else which_card(stage.doing, how=how),
        choices=(CANCEL, *change_amount, *((keyed.KEY_CHOICE,) if keyed.may_key(state, stage.doing) else ())),
    )
    # What is asked for after a chip that was not read is the one way that helps: no other looks as inviting.
    return replace(
        shown, pay_code=stage.or_code, reader=tuple(way for way in shown.reader if not asked or way in asked)
    )


CARD = AskStep(
    answered,
    ask,
    (
        row(AwaitingCard, KeyPressed, key, EnteringAmount, keyed.KeyingNumber, ToStandby),
        row(AwaitingCard, CardSeen, seen, PayOn),
        row(AwaitingCard, CardUnreadable, unreadable),
        row(AwaitingCard, Ticked, idle, ToStandby),
        *keyed.ROWS,
    ),
    dict((shows(AwaitingCard, awaiting_card),)) | keyed.DRAWINGS,
)
CARD_OR_CODE = CARD._replace(ask=ask_card_or_code)
CODE = CARD._replace(ask=ask_code)
