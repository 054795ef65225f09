"""Sale (消费) up to the moment it leaves: amount and card in either order, then the cardholder's PIN."""

from msgspec.structs import replace

from ....basics.money import format_yuan
from ..core.effects import CloseReader, RememberSale, SendSale, StartPinEntry, StopPinEntry
from ..core.events import (
    CardSeen,
    CardUnreadable,
    DayLine,
    EntryWay,
    JournalFailed,
    KeyPressed,
    PendingReversal,
    PinDone,
    PinDots,
    Ticked,
)
from ..core.policy import (
    AMOUNT_DIGITS_MAX,
    CARDHOLDER_PIN_DIGITS_MAX,
    CARDHOLDER_PIN_DIGITS_MIN,
    NO_PIN_LIMIT_FEN,
    PIN_PAD_TIMEOUT_S,
    SALE_IDLE_S,
)
from ..core.stage import Card, Trouble
from ..core.state import State, Undo
from ..core.step import (
    Step,
    change,
    check_of,
    clock_time,
    go,
    idle_for_s,
    leave,
    open_reader,
    stay,
    take_trace,
    with_line,
)
from ..core.trouble import device_words, problem_of, show
from ..core.ways import ToNumber, ToPassword, ToStandby
from ..words.text import Problem, Text, words
from .stages import AwaitingCard, EnteringAmount, EnteringPin, Selling
from .undo import undo_first


def needs_no_pin(way: EntryWay, amount_fen: int) -> bool:
    """免密免签: a small tap needs neither PIN nor signature."""
    return way == "tap" and amount_fen <= NO_PIN_LIMIT_FEN


def card_of(event: CardSeen) -> Card | None:
    """The card to pay with; None for a chip card that was swiped, which has to be inserted."""
    if event.way == "swipe" and event.chip:
        return None
    return Card(way=event.way, masked_pan=event.masked_pan, expiry_yymm=event.expiry_yymm, label=event.label)


# ── the start ────────────────────────────────────────────────────────────────


def begin_sale(state: State, digits: str = "") -> Step:
    """Amount first. Nothing begins for a role that may not sell, with a payment in doubt, or without a reader."""
    barred = why_barred(state)
    if barred is not None:
        return barred
    state = replace(state, tray=())
    if state.reader:
        return go(state, EnteringAmount(digits=digits))
    state, wait = open_reader(state)
    return go(state, EnteringAmount(digits=digits), *wait)


def begin_with_card(state: State, event: CardSeen) -> Step:
    """Card first."""
    barred = why_barred(replace(state, reader=()))
    if barred is not None:
        return barred
    state = replace(state, tray=(), reader=())
    card = card_of(event)
    if card is not None:
        return go(state, EnteringAmount(card=card))
    state, wait = open_reader(state)
    return go(state, EnteringAmount(notice=words("card.insert")), CloseReader(), *wait)


def why_barred(state: State) -> Step | None:
    """The step that says why no sale begins now; None when it may."""
    if state.session is None:
        return leave(state, ToNumber())
    if state.session.role != "cashier":
        return show(state, problem_of("A107", "sale.no_right"), ToStandby())
    if state.undo is not None:
        return undo_first(state)
    barred = why_no_sale(state)
    if barred is not None:
        return barred
    if "card" in state.session.degraded:
        return show(state, problem_of("D105", "degraded.no_card"), ToStandby())
    reader = check_of(state, "card_reader")
    if reader is not None and reader.state == "fail":
        what, todo = device_words(reader)
        return show(state, Problem(code="D105", what=what, todo=todo), ToStandby())
    return None


def give_up(state: State, notice: str) -> Step:
    """Back to standby before anything left the terminal."""
    state, effects = leave(state, ToStandby(words(notice)))
    return state, (StopPinEntry(), *effects)


# ── amount ───────────────────────────────────────────────────────────────────


def amount_key(state: State, stage: EnteringAmount, event: KeyPressed) -> Step:
    """Digits come in from the right, in fen."""
    match event.key:
        case "clear":
            return change(state, replace(stage, digits=stage.digits[:-1], notice=None))
        case "cancel":
            return give_up(state, "standby.cancelled")
        case "enter":
            return amount_entered(state, stage)
    digits = (stage.digits + event.key).lstrip("0")
    if not (event.key.isascii() and event.key.isdigit()) or len(digits) > AMOUNT_DIGITS_MAX:
        return stay(state)
    return change(state, replace(stage, digits=digits, notice=None))


def amount_entered(state: State, stage: EnteringAmount) -> Step:
    """Zero is refused; then the card, unless it came first."""
    amount_fen = int(stage.digits or "0")
    if amount_fen == 0:
        return change(state, replace(stage, notice=words("amount.zero")))
    over = why_no_sale(state, amount_fen)
    if over is not None:
        state, effects = over
        return replace(state, reader=()), (CloseReader(), *effects)
    if stage.card is not None:
        return with_card(state, amount_fen, stage.card)
    if state.reader:
        return go(state, AwaitingCard(amount_fen=amount_fen))
    state, wait = open_reader(state)
    return go(state, AwaitingCard(amount_fen=amount_fen), *wait)


def amount_card(state: State, stage: EnteringAmount, event: CardSeen) -> Step:
    """The card comes while the amount is typed: keep both."""
    card = card_of(event)
    if card is not None:
        return change(replace(state, reader=()), replace(stage, card=card, notice=None))
    state, effects = ask_again(state)
    return change(state, replace(stage, notice=words("card.insert")), *effects)


def amount_unreadable(state: State, stage: EnteringAmount, event: CardUnreadable) -> Step:
    """Ask for the card again, keep the amount."""
    state, effects = ask_again(state)
    return change(state, replace(stage, notice=words("card.unreadable")), *effects)


def ask_again(state: State) -> Step:
    """Forget what the reader holds and wait again."""
    state, wait = open_reader(state)
    return state, (CloseReader(), *wait)


# ── card ─────────────────────────────────────────────────────────────────────


def card_key(state: State, stage: AwaitingCard, event: KeyPressed) -> Step:
    """Only cancel means something while a card is awaited; clear goes back to the amount."""
    match event.key:
        case "cancel":
            return give_up(state, "standby.cancelled")
        case "clear":
            return go(state, EnteringAmount(digits=str(stage.amount_fen)))
    return stay(state)


def card_seen(state: State, stage: AwaitingCard, event: CardSeen) -> Step:
    """The card is here."""
    card = card_of(event)
    if card is not None:
        return with_card(replace(state, reader=()), stage.amount_fen, card)
    return card_again(state, stage, words("card.insert"))


def card_unreadable(state: State, stage: AwaitingCard, event: CardUnreadable) -> Step:
    """Ask for the card again."""
    return card_again(state, stage, words("card.unreadable"))


def card_again(state: State, stage: AwaitingCard, notice: Text) -> Step:
    """Keep waiting, with a reason."""
    state, effects = ask_again(state)
    return change(state, replace(stage, notice=notice), *effects)


def sale_idle(state: State, stage: EnteringAmount | AwaitingCard, event: Ticked) -> Step:
    """A sale that nobody goes on with is left, so that the next one does not inherit it."""
    return give_up(state, "standby.idle") if idle_for_s(state) >= SALE_IDLE_S else stay(state)


def with_card(state: State, amount_fen: int, card: Card) -> Step:
    """Amount and card are there: ask for the PIN, unless the tap is small."""
    if needs_no_pin(card.way, amount_fen):
        return send_sale(state, amount_fen, card, with_pin=False)
    return ask_pin(state, amount_fen, card)


# ── PIN ──────────────────────────────────────────────────────────────────────


def ask_pin(state: State, amount_fen: int, card: Card) -> Step:
    """The cardholder sees the amount and agrees to it with the PIN; a card without one is passed with an empty entry."""
    entry = StartPinEntry(
        purpose="cardholder",
        amount_fen=amount_fen,
        min_digits=CARDHOLDER_PIN_DIGITS_MIN,
        max_digits=CARDHOLDER_PIN_DIGITS_MAX,
        may_skip=True,
        timeout_s=PIN_PAD_TIMEOUT_S,
    )
    return go(state, EnteringPin(amount_fen=amount_fen, card=card), entry)


def pin_dots(state: State, stage: EnteringPin, event: PinDots) -> Step:
    """One more dot, or one less."""
    return change(state, replace(stage, dots=event.count))


def pin_key(state: State, stage: EnteringPin, event: KeyPressed) -> Step:
    """The PIN pad has the keys; `cancel` comes here only from a front that has its own."""
    return give_up(state, "standby.cancelled") if event.key == "cancel" else stay(state)


def pin_done(state: State, stage: EnteringPin, event: PinDone) -> Step:
    """The last moment at which the payment can be given up."""
    match event.outcome:
        case "cancelled" | "differs":
            return give_up(state, "standby.cancelled")
        case "timed_out":
            return give_up(state, "standby.idle")
        case "entered" | "skipped":
            return send_sale(state, stage.amount_fen, stage.card, with_pin=event.outcome == "entered")


# ── away ─────────────────────────────────────────────────────────────────────


def send_sale(state: State, amount_fen: int, card: Card, *, with_pin: bool) -> Step:
    """Make the reversal durable, then send the payment: in this order, in one step, or not at all."""
    if state.session is None:
        return leave(state, ToNumber())
    if state.undo is not None:
        return undo_first(state)
    operator_no = state.session.operator_no
    state, trace_no = take_trace(state)
    reversal = PendingReversal(
        trace_no=trace_no,
        batch_no=state.batch_no,
        amount_fen=amount_fen,
        masked_pan=card.masked_pan,
        reason="98",
    )
    line = DayLine(
        trace_no=trace_no,
        time=clock_time(state),
        masked_pan=card.masked_pan,
        amount_fen=amount_fen,
        state="reversing",
        response_code="",
    )
    state = with_line(replace(state, undo=Undo(reversal=reversal)), line)
    return go(
        state,
        Selling(amount_fen=amount_fen, card=card, with_pin=with_pin, reversal=reversal, operator_no=operator_no),
        RememberSale(reversal=reversal, operator_no=operator_no, line=line),
        SendSale(
            trace_no=trace_no,
            batch_no=state.batch_no,
            amount_fen=amount_fen,
            operator_no=operator_no,
            with_pin=with_pin,
        ),
    )


def sale_not_kept(state: State, stage: Selling, event: JournalFailed) -> Step:
    """The record could not be made durable, so the payment never left: nothing to undo, nothing charged."""
    if event.what != "sale":
        return stay(state)
    today = tuple(line for line in state.today if line.trace_no != stage.reversal.trace_no)
    problem = problem_of("J102", "journal.sale", amount=f"¥{format_yuan(stage.amount_fen)}")
    trouble = Trouble(problem=problem, then=ToStandby(), may_restart=True)
    return go(replace(state, undo=None, today=today), trouble, CloseReader(), StopPinEntry())


# ── what a session may not do ────────────────────────────────────────────────


def why_no_sale(state: State, amount_fen: int = 0) -> Step | None:
    """Without the host there is no payment; with a limited session none over its limit. None when it may go on."""
    session = state.session
    if session is None or session.limits is None:
        return None
    if session.offline:
        return show(state, problem_of("D101", "offline.sale_waits"), ToStandby())
    limit_fen = session.limits.sale_limit_fen
    if amount_fen > limit_fen:
        problem = problem_of("D107", "offline.over_limit", limit=f"¥{format_yuan(limit_fen)}")
        trouble = Trouble(problem=problem, then=ToPassword(session.operator_no), settled=True, may_decline=True)
        return go(state, trouble)
    return None
