"""Screens from standby to sign-out."""

from msgspec.structs import replace

from ....basics.clock import format_time
from ..core.events import CheckResult
from ..core.payments import (
    Attempt,
)
from ..core.policy import REVERSAL_TRIES_SHOWN, TODAY_LINES_SHOWN
from ..core.state import State
from ..core.step import here_for_s, today_of
from ..core.trouble import device_words
from ..screens.frame import (
    CANCEL,
    ENTER,
    RETRY,
    amount_line,
    busy,
    call_line,
    degraded_lines,
    menu,
    paid_with,
    pair,
    plain,
    problem_lines,
    screen,
    slip_choice,
    still_degraded,
    strong,
    yuan,
)
from ..screens.screens import Choice, Countdown, Line, Screen
from ..words.text import Text, literal, words
from .allowed import card_pair
from .kinds import entries as kinds_of_menu
from .kinds import grouped, may_settle, offered
from .paying import ASK_AGAIN_KEY, may_ask_again, usual_kind
from .stages import AnswerShown, ChoosingKind, Paying, PaymentRefused, Standby, Undoing
from .standby import may_offer_link
from .today.draw_listed import day_row
from .today.listed import as_it_stands

OTHER_CARD = Choice("other_card", words("key.other_card"), "plain", "clear")
ASK_AGAIN = Choice(ASK_AGAIN_KEY, words("key.ask_again"), "plain", "enter")
OTHER_CODE = Choice("other_card", words("key.other_code"), "plain", "clear")


def standby(state: State, stage: Standby) -> Screen:
    """Today's list and totals, the keys, and what needs attention."""
    touch = state.machine.profile.touch
    kinds = offered(state)
    may_sell = usual_kind(state) in kinds
    # The usual kind stands first; the others come after what has been in the menu all along, so that its numbers stay.
    first, *others = kinds_of_menu(kinds) if kinds else ("",)
    entries = [(first, f"menu.{first}")] if first else []
    again = "menu.reprint" if state.machine.profile.printer else "menu.reprint_filed"
    # Behind a payment the customer who stands there may want it on a phone; its slips come again from its line.
    last = ("slip_link", "menu.slip_link") if is_paid(stage.notice) and may_offer_link(state) else ("reprint", again)
    entries += [last if touch else ("reprint", "menu.reprint_which"), ("sign_out", "menu.sign_out")]
    if not touch:
        entries.append(("lang", "menu.lang"))
    entries += [("lock", "menu.lock"), ("password", "menu.password")]
    entries += [(name, f"menu.{name}") for name in others]
    if may_settle(state):
        entries.append(("settle", "menu.settle"))
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
        choices=menu(*entries, numbered=not touch, primary=entries[0][0] if kinds else ""),
        digits=touch and may_sell,
    )
    return replace(
        shown,
        rows=tuple(day_row(as_it_stands(state, line)) for line in state.today[:TODAY_LINES_SHOWN]),
        rows_title=words("today.title" if state.today else "today.empty"),
        totals=totals_of_today(state),
        code=attention_code(state) if needs_attention(state) else "",
    )


def totals_of_today(state: State) -> tuple[Line, ...]:
    """How many, and how much; on one line where there are four."""
    count, amount = str(state.sales_count), yuan(state.sales_fen)
    if state.machine.profile.touch:
        return pair("today.count", count), pair("today.amount", amount)
    return (Line(words("today.both", n=count), "pair", literal(amount)),)


def is_paid(notice: Text | None) -> bool:
    """Whether it says that a payment just came about."""
    return notice is not None and notice.key in ("standby.done", "standby.refiled")


def choosing_kind(state: State, stage: ChoosingKind) -> Screen:
    """The kinds behind one entry of the menu."""
    kinds = grouped(state, stage.group)
    choices = menu(*((kind.name, f"menu.{kind.name}") for kind in kinds), numbered=not state.machine.profile.touch)
    return screen(state, "kinds", words(f"menu.{stage.group}"), choices=(*choices, CANCEL))


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
    return (*lines, *degraded_lines(still_degraded(state, session.degraded)))


def needs_attention(state: State) -> bool:
    """Tell whether a reversal was tried so often that a person should know."""
    return state.undo is not None and state.undo.reversal.attempts >= REVERSAL_TRIES_SHOWN


def attention_code(state: State) -> str:
    """What needs attention: a reversal, or a payment that is asked for again because no reversal undoes it."""
    return "T107" if state.undo is not None and state.undo.reversal.again is not None else "T104"


def attention_lines(state: State) -> tuple[Line, ...]:
    """A payment in doubt, and devices that are not well."""
    lines: list[Line] = []
    undo = state.undo
    if undo is not None and not undo.settling:
        amount = yuan(undo.reversal.amount_fen)
        word = "standby.in_doubt" if undo.reversal.again is None else "standby.in_doubt_again"
        lines.append(strong(words(word, trace=undo.reversal.trace_no, amount=amount)))
        if needs_attention(state):
            lines.append(call_line(state, attention_code(state)))
    if state.pace.is_slow:
        lines.append(plain(words("standby.slow", s=str(state.pace.average_s))))
    if is_overnight(state):
        lines.append(strong(words("standby.overnight", day=state.batch_since)))
    if not state.machine.profile.printer:
        return tuple(lines + device_lines(state, ("network", "card_reader", "power")))
    return tuple(lines + device_lines(state, ("network", "card_reader", "printer", "power")))


def is_overnight(state: State) -> bool:
    """Whether the batch holds a payment of a shop day before this one."""
    return bool(state.batch_since) and state.batch_since < today_of(state, state.now)


def device_lines(state: State, items: tuple[str, ...]) -> list[Line]:
    """One line for each device that is not well."""
    results: list[CheckResult] = [result for result in state.checks if result.item in items and result.state != "ok"]
    return [plain(device_words(result)[0]) for result in results]


# ── the payment and its outcome ──────────────────────────────────────────────


def paying(state: State, stage: Paying) -> Screen:
    """The payment is on its way."""
    attempt, within_s = stage.attempt, state.machine.answer_within_s
    by_code, shows_ours = attempt.way == "scan", bool(attempt.doing.brand)
    shown = busy(
        state,
        "selling",
        words("own.making" if shows_ours else "sale.asking"),
        money_line(attempt),
        card_pair(attempt.doing.card) if attempt.doing.card else None,
        plain(words("sale.see_phone" if by_code else "sale.leave_card")) if attempt.doing.card else None,
        limit_s=0 if by_code and not shows_ours else within_s,
    )
    if not by_code or shows_ours:
        return shown
    # The customer looks at a phone, and may have to do something there: how long there is for it.
    left_s = max(within_s - here_for_s(state), 0)
    choices = (ASK_AGAIN,) if may_ask_again(state, stage) else ()
    return replace(shown, countdown=Countdown(words("sale.left", s=str(left_s)), left_s), choices=choices)


def money_line(attempt: Attempt) -> Line | None:
    """The amount, large; nothing where the kind has none."""
    return amount_line(attempt.doing.amount_fen) if attempt.doing.amount_fen is not None else None


def answer_shown(state: State, stage: AnswerShown) -> Screen:
    """What came of a payment without a slip."""
    payment = stage.payment
    return screen(
        state,
        "answer",
        words(f"kind.{payment.kind}"),
        # What was asked comes first: a small display has no second page for it.
        amount_line(payment.amount_fen) if payment.amount_fen else None,
        pair("answer.balance", yuan(payment.balance_fen), is_strong=True) if payment.balance_fen is not None else None,
        paid_with(payment.kind, payment.masked_pan),
        tone="good",
        choices=(ENTER,),
    )


def payment_refused(state: State, stage: PaymentRefused) -> Screen:
    """The payment did not come about; what to do next."""
    choices: tuple[Choice, ...] = (RETRY, CANCEL) if stage.may_retry else (ENTER,)
    if stage.may_change_card:
        choices = (choices[0], OTHER_CODE if stage.attempt.way == "scan" else OTHER_CARD, *choices[1:])
    choices = (*choices, slip_choice("slip.key.refusal"))
    charged = "sale.maybe_charged" if stage.may_be_held else "sale.not_charged"
    shown = screen(
        state,
        "sale_refused",
        stage.problem.what,
        pair(charged, yuan(stage.attempt.amount_fen)) if stage.attempt.sign > 0 else None,
        *problem_lines(state, stage.problem),
        plain(stage.slip_said) if stage.slip_said is not None else None,
        tone="bad",
        choices=choices,
    )
    return replace(shown, code=stage.problem.code)


def undoing(state: State, stage: Undoing) -> Screen:
    """A payment in doubt is being undone."""
    undo = state.undo
    amount = amount_line(undo.reversal.amount_fen) if undo else None
    how = "again" if undo is not None and undo.reversal.again is not None else "undo"
    if not stage.stuck:
        because = (
            "given_up"
            if stage.given_up
            else "earlier"
            if stage.before_payment
            else "card_gone"
            if stage.card_gone
            else "no_answer"
        )
        why = plain(words(f"{how}.{because}"))
        return busy(state, "reversing", words(f"{how}.title"), amount, why)
    shown = screen(
        state,
        "reversal_stuck",
        words(f"{how}.stuck"),
        amount,
        plain(words(f"{how}.stuck.do")),
        call_line(state, attention_code(state)),
        tone="bad",
        choices=(RETRY, CANCEL),
    )
    return replace(shown, code=attention_code(state))
