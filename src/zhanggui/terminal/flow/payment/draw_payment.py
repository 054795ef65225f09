"""Screens from standby to sign-out."""

from msgspec.structs import replace

from ....basics.clock import format_time
from ..core.events import CheckResult, DayLine
from ..core.policy import AMOUNT_DIGITS_MAX, CARDHOLDER_PIN_DIGITS_MAX, REVERSAL_TRIES_SHOWN
from ..core.stage import Card
from ..core.state import State
from ..core.step import check_of
from ..core.trouble import device_words
from ..screens.frame import (
    CANCEL,
    CLEAR,
    ENTER,
    RETRY,
    amount_line,
    busy,
    call_line,
    degraded_lines,
    dim,
    menu,
    pair,
    plain,
    problem_lines,
    screen,
    strong,
    yuan,
)
from ..screens.screens import Choice, Entry, Line, ListRow, Screen, Tone
from ..words.text import Text, literal, words
from .stages import AwaitingCard, EnteringAmount, EnteringPin, SaleRefused, Selling, Standby, Undoing

LINE_TONES: dict[str, Tone] = {"approved": "good", "declined": "calm", "reversed": "warn", "reversing": "bad"}


def standby(state: State, stage: Standby) -> Screen:
    """Today's list and totals, the keys, and what needs attention."""
    touch = state.machine.profile.touch
    may_sell = state.session is not None and state.session.role == "cashier"
    entries = [("sale", "menu.sale")] if may_sell else []
    entries += [("reprint", "menu.reprint"), ("sign_out", "menu.sign_out")]
    if not touch:
        entries.append(("lang", "menu.lang"))
    entries += [("lock", "menu.lock"), ("password", "menu.password")]
    attention = attention_lines(state)
    shown = screen(
        state,
        "standby",
        words("standby.title"),
        strong(stage.notice) if stage.notice else None,
        *session_lines(state),
        *attention,
        plain(words("standby.hint")) if may_sell and not attention else None,
        tone="warn" if attention else "calm",
        choices=menu(*entries, numbered=not touch, primary="sale"),
        digits=touch and may_sell,
    )
    return replace(
        shown,
        rows=tuple(day_row(line) for line in state.today),
        rows_title=words("today.title" if state.today else "today.empty"),
        totals=(pair("today.count", str(state.sales_count)), pair("today.amount", yuan(state.sales_fen))),
        code="T104" if needs_attention(state) else "",
    )


def session_lines(state: State) -> tuple[Line, ...]:
    """What this session may not do: it began without network, or something is missing since the self-check."""
    session = state.session
    if session is None:
        return ()
    lines: list[Line] = []
    limits = session.limits
    if limits is not None and session.offline:
        lines.append(plain(words("offline.standby", time=format_time(limits.until))))
    elif limits is not None:
        lines.append(plain(words("offline.limited", limit=yuan(limits.sale_limit_fen))))
    return (*lines, *degraded_lines(session.degraded))


def needs_attention(state: State) -> bool:
    """Tell whether a reversal was tried so often that a person should know."""
    return state.undo is not None and state.undo.reversal.attempts >= REVERSAL_TRIES_SHOWN


def attention_lines(state: State) -> tuple[Line, ...]:
    """A payment in doubt, and devices that are not well."""
    lines: list[Line] = []
    undo = state.undo
    if undo is not None and not undo.settling:
        amount = yuan(undo.reversal.amount_fen)
        lines.append(strong(words("standby.in_doubt", trace=undo.reversal.trace_no, amount=amount)))
        if needs_attention(state):
            lines.append(call_line(state, "T104"))
    if not state.machine.profile.printer:
        return tuple(lines + device_lines(state, ("network", "card_reader", "power")))
    return tuple(lines + device_lines(state, ("network", "card_reader", "printer", "power")))


def device_lines(state: State, items: tuple[str, ...]) -> list[Line]:
    """One line for each device that is not well."""
    results: list[CheckResult] = [result for result in state.checks if result.item in items and result.state != "ok"]
    return [plain(device_words(result)[0]) for result in results]


def day_row(line: DayLine) -> ListRow:
    """One payment of today."""
    right = words(f"today.{line.state}", amount=yuan(line.amount_fen), code=line.response_code or "—")
    left = literal(f"{line.time} {line.trace_no}")
    return ListRow(left=left, middle=literal(line.masked_pan), right=right, tone=LINE_TONES[line.state])


# ── sale ─────────────────────────────────────────────────────────────────────


def card_pair(card: Card) -> Line:
    """The card, masked."""
    return pair("card.number", words(f"card.by.{card.way}", pan=card.masked_pan))


def entering_amount(state: State, stage: EnteringAmount) -> Screen:
    """The amount, from right to left."""
    shown = screen(
        state,
        "amount",
        words("amount.title"),
        strong(stage.notice) if stage.notice else None,
        card_pair(stage.card) if stage.card else None,
        *[plain(line) for line in paper_words(state)],
        choices=(CANCEL, CLEAR, ENTER),
        digits=True,
    )
    entry = Entry(words("amount.label"), yuan(int(stage.digits or "0")), "amount", AMOUNT_DIGITS_MAX)
    return replace(shown, entry=entry)


def paper_words(state: State) -> list[Text]:
    """Before a sale, the printer's trouble is said again: paper is loaded more easily now than later."""
    result = check_of(state, "printer") if state.machine.profile.printer else None
    return list(device_words(result)) if result is not None and result.state != "ok" else []


def awaiting_card(state: State, stage: AwaitingCard) -> Screen:
    """A card is awaited."""
    notice = strong(stage.notice) if stage.notice else None
    hint = plain(words("card.hint"))
    choices = (CANCEL, Choice("clear", words("key.change_amount"), "plain", "clear"))
    return screen(state, "card", words("card.title"), amount_line(stage.amount_fen), notice, hint, choices=choices)


def entering_pin(state: State, stage: EnteringPin) -> Screen:
    """The cardholder sees the amount and types the PIN."""
    shown = screen(
        state,
        "pin",
        words("pin.title"),
        amount_line(stage.amount_fen),
        card_pair(stage.card),
        dim(words("pin.hint")),
        choices=(CANCEL, CLEAR, ENTER),
        digits=True,
    )
    entry = Entry(words("pin.label"), "•" * stage.dots, "secret", CARDHOLDER_PIN_DIGITS_MAX)
    return replace(shown, entry=entry)


def selling(state: State, stage: Selling) -> Screen:
    """The payment is on its way."""
    return busy(
        state,
        "selling",
        words("sale.asking"),
        amount_line(stage.amount_fen),
        card_pair(stage.card),
        plain(words("sale.leave_card")),
    )


def sale_refused(state: State, stage: SaleRefused) -> Screen:
    """The payment did not come about; what to do next."""
    choices: tuple[Choice, ...] = (RETRY, CANCEL) if stage.may_retry else (ENTER,)
    shown = screen(
        state,
        "sale_refused",
        stage.problem.what,
        pair("sale.not_charged", yuan(stage.amount_fen)),
        *problem_lines(state, stage.problem),
        tone="bad",
        choices=choices,
    )
    return replace(shown, code=stage.problem.code)


def undoing(state: State, stage: Undoing) -> Screen:
    """A payment in doubt is being undone."""
    undo = state.undo
    amount = amount_line(undo.reversal.amount_fen) if undo else None
    if not stage.stuck:
        why = plain(words("undo.earlier" if stage.before_sale else "undo.no_answer"))
        return busy(state, "reversing", words("undo.title"), amount, why)
    shown = screen(
        state,
        "reversal_stuck",
        words("undo.stuck"),
        amount,
        plain(words("undo.stuck.do")),
        call_line(state, "T104"),
        tone="bad",
        choices=(RETRY, CANCEL),
    )
    return replace(shown, code="T104")
