"""A payment from its beginning until it leaves: what its kind still misses is asked for, then it is remembered and sent.

Nothing here knows a kind by name; the row in `kinds.py` says what is asked for and what has to be remembered.
"""

from msgspec.structs import replace

from ....basics.money import format_yuan
from ....cup.transactions import PAYMENTS
from ..core.effects import CloseReader, RememberPayment, SendPayment, StopPinEntry
from ..core.events import CardSeen, JournalFailed, KeyPressed
from ..core.payments import Attempt, Doing
from ..core.policy import ASK_AGAIN_FROM_S, ASKED_LATELY_S, HEARTBEAT_S, KEPT_AMOUNT_S
from ..core.routes import force_sign_in, notice_first
from ..core.stage import Trouble
from ..core.state import State, Undo
from ..core.step import (
    Step,
    clock_time,
    close_reader,
    go,
    here_for_s,
    leave,
    line_of,
    open_reader,
    remember_trace,
    right_due,
    stay,
    take_trace,
    with_line,
)
from ..core.trouble import problem_of, show
from ..core.ways import BeginPayment, PayOn, ProveFirst, ToNumber, ToStandby
from ..words.text import Text, words
from .allowed import why_barred
from .kinds import ALL, KINDS, NEIGHBOURS, Kind, is_used, offered, takes_card
from .reading import card_of, taken
from .stages import Paying
from .steps.amount import AMOUNT, ask
from .undo import undo_first

ASK_AGAIN_KEY = "again"

# ── the start ────────────────────────────────────────────────────────────────


def usual_kind(state: State) -> Kind | None:
    """What an amount or a card on standby begins; None for a role that takes no payments."""
    usual = ALL[0]
    return usual if state.session is not None and state.session.role in usual.roles else None


def begin_shift(state: State, notice: Text | None = None) -> Step:
    """What was typed when the session ended is there again, for whoever may go on with it; it is looked at before a card is asked for."""
    kept, state = state.kept, replace(state, kept=None)
    if kept is None or state.tick - kept.at > KEPT_AMOUNT_S or right_due(state) is not None:
        return leave(state, ToStandby(notice))
    kind = KINDS[kept.doing.kind]
    free = not (state.undo or state.print_pending or state.settlement or state.lock)
    session = state.session
    if session is not None and session.by_badge and not kind.by_badge:
        return leave(state, ToStandby(notice))
    if not free or session is None or session.offline or kind not in offered(state) or AMOUNT not in kind.steps:
        return leave(state, ToStandby())
    state, wait = reader_for(replace(state, tray=()), kind)
    state, effects = ask(state, Doing(kind=kind.name), str(kept.doing.amount_fen), words("amount.kept"))
    return state, (*wait, *effects)


def begin(state: State, kind: Kind | None, digits: str = "") -> Step:
    """Nothing begins for a role that may not, with a payment in doubt, or without a reader."""
    barred = bar(state, kind)
    if barred is not None or kind is None:
        return barred or stay(state)
    state = replace(ask_after_session(state), tray=())
    doing = Doing(kind=kind.name)
    state, wait = reader_for(state, kind)
    # The digit that was pressed on standby is the first one of the amount.
    state, effects = ask(state, doing, digits) if digits and AMOUNT in kind.steps else leave(state, PayOn(doing=doing))
    return state, (*wait, *effects)


def reader_for(state: State, kind: Kind) -> Step:
    """The reader as this kind wants it: open for a card that comes early, closed where a card is no answer."""
    if not takes_card(kind):
        return close_reader(state)
    return (state, ()) if state.reader else open_reader(state)


def begin_with_card(state: State, event: CardSeen) -> Step:
    """Card first."""
    kind = usual_kind(state)
    barred = bar(replace(state, reader=()), kind)
    if barred is not None or kind is None:
        return barred or stay(state)
    state = replace(ask_after_session(state), tray=(), reader=())
    card = card_of(state, event)
    if card is not None:
        return leave(taken(state), PayOn(doing=Doing(kind=kind.name, card=card)))
    state, wait = open_reader(state)
    state, effects = ask(state, Doing(kind=kind.name), notice=words("card.insert"))
    return state, (*effects, CloseReader(), *wait)


def ask_after_session(state: State) -> State:
    """Let the next heartbeat be due at once, unless the host was heard of lately: a session that ended elsewhere is known before a card
    is read and a PIN typed for nothing."""
    return (
        replace(state, beat_at=state.beat_at - HEARTBEAT_S) if state.tick - state.heard_at >= ASKED_LATELY_S else state
    )


def bar(state: State, kind: Kind | None) -> Step | None:
    """The step that says why this does not begin now; None when it may."""
    session = state.session
    if session is None:
        return leave(state, ToNumber())
    if kind is None or session.role not in kind.roles:
        return show(state, problem_of("A107", "sale.no_right"), ToStandby())
    if not is_used(state, kind):
        return show(state, problem_of("R58", "sale.not_used"), ToStandby())
    if state.undo is not None:
        return undo_first(state)
    if session.by_badge and not kind.by_badge:
        return leave(state, ProveFirst(BeginPayment(kind.name)))
    return why_barred(state)


def pay_on(state: State, way: PayOn) -> Step:
    """Ask for the first thing that the kind still misses; when nothing is missing the payment leaves."""
    doing = replace(way.doing, approval_no=way.approval_no) if way.approval_no else way.doing
    doing = taking_back_first(doing)
    kind = KINDS[doing.kind]
    if kind.name in NEIGHBOURS and doing.is_by_code != PAYMENTS[kind.name].is_by_code:
        # Nobody has to have chosen the right entry of a menu.
        kind = KINDS[NEIGHBOURS[kind.name]]
        doing = replace(doing, kind=kind.name)
    for step in kind.steps:
        if not step.answered(doing):
            return step.ask(state, doing)
    return send(state, kind, doing)


def taking_back_first(doing: Doing) -> Doing:
    """Where it comes in the place of a payment with a wrong amount, that one is taken back, and the right amount waits behind it."""
    wrong = doing.replaces
    if wrong is None or not doing.amount_fen:
        return doing
    return Doing(
        kind=KINDS[doing.kind].put_right_by,
        amount_fen=wrong.amount_fen,
        card=doing.card,
        original=wrong,
        is_fixed=True,
        right_fen=doing.amount_fen,
    )


# ── away ─────────────────────────────────────────────────────────────────────


def send(state: State, kind: Kind, doing: Doing) -> Step:
    """Make the reversal durable, then send the payment: in this order, in one step, or not at all.

    From the first byte on the line until an answer nobody knows whether money moved. So what undoes it is on the disk before
    that byte: a power cut at any moment finds either no payment, or a payment and its reversal. Where no money moves there is
    nothing to undo, and only the counter is kept, so that no number comes twice.
    """
    if state.session is None:
        return leave(state, ToNumber())
    if state.forced is not None and state.forced.order == "sign_in":
        # The host would refuse it: nothing leaves, and what is forced is done as soon as the card is let go.
        return force_sign_in(state, state.forced.problem or problem_of("A203", "moved.ended"))
    if not is_used(state, kind):
        # The shop gave it up while it was in hand: the customer has shown a card, and wants to hear that nothing was charged.
        said = {"amount": f"¥{format_yuan(doing.amount_fen)}"} if doing.amount_fen else {}
        return show(state, problem_of("R58", "sale.not_made" if said else "sale.not_used", **said), ToStandby())
    if state.undo is not None:
        return undo_first(state)
    operator_no = state.session.operator_no
    state, trace_no = take_trace(state)
    attempt = Attempt(
        doing=doing,
        trace_no=trace_no,
        batch_no=state.batch_no,
        operator_no=operator_no,
        time=clock_time(state),
        reversible=kind.reversible or kind.repeated,
        sign=kind.sign,
        epoch=state.epoch,
        repeated=kind.repeated,
    )
    state, notice = notice_first(state)
    if not attempt.reversible:
        return go(state, Paying(attempt=attempt), *notice, remember_trace(state), SendPayment(attempt=attempt))
    state = with_line(replace(state, undo=Undo(reversal=attempt.reversal())), attempt.line("reversing"))
    return go(state, Paying(attempt=attempt), *notice, RememberPayment(attempt=attempt), SendPayment(attempt=attempt))


def may_ask_again(state: State, stage: Paying) -> bool:
    """Whether the same may be asked once more: a customer looks at a phone, and the answer is late."""
    attempt = stage.attempt
    waits = attempt.way == "scan" and attempt.doing.card is not None
    return waits and not stage.asked_again and here_for_s(state) >= ASK_AGAIN_FROM_S


def ask_again(state: State, stage: Paying, event: KeyPressed) -> Step:
    """The same request once more, with the time that an answer has: it is one payment, and waits beside the first at the host."""
    if event.key != ASK_AGAIN_KEY or not may_ask_again(state, stage):
        return stay(state)
    return go(state, replace(stage, asked_again=True), SendPayment(attempt=stage.attempt))


def not_kept(state: State, stage: Paying, event: JournalFailed) -> Step:
    """The record could not be made durable, so the payment never left: nothing to undo, nothing charged."""
    attempt = stage.attempt
    if event.what != ("payment" if attempt.reversible else "trace"):
        return stay(state)
    if attempt.reversible:
        never_left = line_of(state, attempt.batch_no, attempt.trace_no)
        today = tuple(line for line in state.today if line is not never_left)
        state = replace(state, undo=None, today=today)
    problem = problem_of("J102", "journal.sale", amount=f"¥{format_yuan(attempt.amount_fen)}")
    trouble = Trouble(problem=problem, then=ToStandby(), may_restart=True)
    return go(state, trouble, CloseReader(), StopPinEntry())
