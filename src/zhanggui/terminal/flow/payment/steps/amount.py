"""The amount: typed from right to left, in fen. A card that comes meanwhile is kept."""

from typing import ClassVar

from msgspec.structs import replace

from .....cup.transactions import PAYMENTS
from ...core.effects import CloseReader
from ...core.events import CardSeen, CardUnreadable, KeyPressed, Ticked
from ...core.payments import Doing
from ...core.policy import AMOUNT_DIGITS_MAX
from ...core.stage import Stage, Trouble
from ...core.state import State
from ...core.step import Step, change, check_of, go, leave, line_of, stay
from ...core.trouble import device_words
from ...core.ways import PayOn, ToStandby
from ...screens.area import row, shows
from ...screens.frame import CANCEL, CLEAR, ENTER, plain, screen, strong, yuan
from ...screens.screens import Entry, Line, Screen
from ...words.text import Text, words
from ..allowed import card_pair, give_up, left_alone, original_lines, why_barred_for
from ..reading import card_of, not_read, read_again, taken
from .asking import AskStep


class EnteringAmount(Stage, frozen=True, kw_only=True):
    """The amount is typed, in fen, from right to left."""

    lockable: ClassVar[bool] = True

    doing: Doing
    digits: str = ""
    notice: Text | None = None

    def in_hand(self) -> bool:
        return bool(self.digits) or self.doing.card is not None

    def begun(self) -> Doing:
        return replace(self.doing, amount_fen=int(self.digits or "0"))


def answered(doing: Doing) -> bool:
    """Zero is no amount."""
    return bool(doing.amount_fen)


def ask(state: State, doing: Doing, digits: str = "", notice: Text | None = None) -> Step:
    """Let it be typed, or typed again."""
    return go(state, EnteringAmount(doing=replace(doing, amount_fen=None), digits=digits, notice=notice))


def key(state: State, stage: EnteringAmount, event: KeyPressed) -> Step:
    """Digits come in from the right, in fen."""
    match event.key:
        case "clear":
            return change(state, replace(stage, digits=stage.digits[:-1], notice=None))
        case "cancel":
            return give_up(state, "cancelled")
        case "enter":
            return entered(state, stage)
    digits = (stage.digits + event.key).lstrip("0")
    if not (event.key.isascii() and event.key.isdigit()) or len(digits) > AMOUNT_DIGITS_MAX:
        return stay(state)
    return change(state, replace(stage, digits=digits, notice=None))


def entered(state: State, stage: EnteringAmount) -> Step:
    """Zero is refused, and what a limited session may not do."""
    amount_fen = int(stage.digits or "0")
    if amount_fen == 0:
        return change(state, replace(stage, notice=words("amount.zero")))
    wrong = stage.doing.replaces
    if wrong is not None and wrong.amount_fen == amount_fen:
        return change(state, replace(stage, notice=words("amount.same")))
    left = left_to_give_back(state, stage.doing)
    if left is not None and amount_fen > left:
        # The host would say no, after the supervisor has come.
        return change(state, replace(stage, notice=words("amount.over_left", amount=yuan(left))))
    over = why_barred_for(state, amount_fen)
    if over is not None:
        state, effects = over
        return replace(state, reader=()), (CloseReader(), *effects)
    return leave(state, PayOn(doing=replace(stage.doing, amount_fen=amount_fen)))


def card_came(state: State, stage: EnteringAmount, event: CardSeen) -> Step:
    """The card comes while the amount is typed: keep both."""
    card = card_of(state, event)
    if card is not None:
        doing = replace(stage.doing, card=card)
        return change(taken(state), replace(stage, doing=doing, notice=None))
    state, effects = read_again(state)
    return change(state, replace(stage, notice=words("card.insert")), *effects)


def card_unreadable(state: State, stage: EnteringAmount, event: CardUnreadable) -> Step:
    """Ask for the card again, keep the amount."""
    state, notice = not_read(state, event)
    state, effects = read_again(state)
    return change(state, replace(stage, notice=notice), *effects)


def idle(state: State, stage: EnteringAmount, event: Ticked) -> Step:
    """Nobody goes on with it."""
    return left_alone(state)


def entering_amount(state: State, stage: EnteringAmount) -> Screen:
    """The amount, from right to left."""
    shown = screen(
        state,
        "amount",
        words("amount.right" if stage.doing.replaces else "amount.title", kind=f"@kind.{stage.doing.kind}"),
        strong(stage.notice) if stage.notice else None,
        card_pair(stage.doing.card) if stage.doing.card else None,
        *original_pairs(state, stage.doing),
        *[plain(line) for line in paper_words(state)],
        choices=(CANCEL, CLEAR, ENTER),
        digits=True,
    )
    entry = Entry(words("amount.label"), yuan(int(stage.digits or "0")), "amount", AMOUNT_DIGITS_MAX)
    return replace(shown, entry=entry)


def left_to_give_back(state: State, doing: Doing) -> int | None:
    """What can still go back of the payment that this one takes its money from; None where it takes from none that is known here."""
    row = PAYMENTS.get(doing.kind)
    if doing.original is None or row is None or row.total != "credit":
        return None
    line = line_of(state, doing.original.batch_no, doing.original.trace_no)
    return None if line is None else line.standing_fen


def original_pairs(state: State, doing: Doing) -> tuple[Line, ...]:
    """The amount of the payment that this one is about, and what stands of it, where that is known."""
    original = doing.original or doing.replaces
    line = line_of(state, original.batch_no, original.trace_no) if original is not None else None
    return original_lines(line) if line is not None else ()


def paper_words(state: State) -> list[Text]:
    """Before a payment, the printer's trouble is said again: paper is loaded more easily now than later."""
    result = check_of(state, "printer") if state.machine.profile.printer else None
    return list(device_words(result)) if result is not None and result.state != "ok" else []


AMOUNT = AskStep(
    answered,
    ask,
    (
        row(EnteringAmount, KeyPressed, key, PayOn, Trouble, ToStandby),
        row(EnteringAmount, CardSeen, card_came),
        row(EnteringAmount, CardUnreadable, card_unreadable),
        row(EnteringAmount, Ticked, idle, ToStandby),
    ),
    dict((shows(EnteringAmount, entering_amount),)),
)
