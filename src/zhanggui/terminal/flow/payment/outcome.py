"""What becomes of a payment that left: each row of the table in the domain reference, §4.4.

nothing left the terminal       decline kept, reversal dropped
no answer                       reversal kept, reason 98, sent at once
bad MAC                         reason A0, new sign-on, then the reversal
answer malformed or not ours    reason 06, sent at once
approved, the card pulled out   reason 06, sent at once
approved, but not kept          reason 96, sent at once (`undo.journal_failed`)
refused, and proven             decline kept, reversal dropped
refused without a MAC           reason 06, sent at once; A0, 97, 77, 99: reason A0, new sign-on, then the reversal
94, and proven                  decline kept, reversal dropped, new sign-on, after which numbers go on above what the host knows
approved                        approval kept, reversal dropped, slips
"""

from msgspec.structs import replace

from ....basics.money import format_yuan
from ....cup.response_codes import may_be_held
from ..core.effects import CloseReader, RememberApproval, RememberDecline, RememberDoubt, SendStatus
from ..core.events import (
    ApprovedPayment,
    DayLine,
    HostFailed,
    KeyPressed,
    PaymentApproved,
    PendingReversal,
    Refused,
    ScriptsSaid,
    Ticked,
)
from ..core.noted.pace import measured
from ..core.payments import Attempt
from ..core.policy import NUMBER_TAKEN, PIN_AGAIN_CODES, SALE_IDLE_S, TRUSTLESS_CODES
from ..core.routes import force_sign_in
from ..core.state import State, Undo
from ..core.step import Step, clock_time, go, here_for_s, idle_for_s, leave, line_about, stay, today_of, with_line
from ..core.trouble import about_payment, line_problem, problem_of, refusal_problem
from ..core.ways import PayOn, PrintRefusal, ToSlips, ToStandby, UndoQuietly
from ..screens import slip_said
from ..words.text import Problem
from .kinds import KINDS, NEIGHBOURS, Kind, is_used
from .scripts import noted
from .stages import AnswerShown, Paying, PaymentRefused
from .undo import start, undo_first


def approved(state: State, stage: Paying, event: PaymentApproved) -> Step:
    """Keep the outcome before the first slip; an approval of another payment is not ours.

    Trace and amount are those of the answer: an answer that approves something else must not let goods go for it.
    """
    attempt, state = stage.attempt, with_pace(state)
    if is_of_another(attempt, event):
        return answer_not_ours(state, stage)
    kind = KINDS[attempt.kind]
    if not attempt.reversible:
        payment = completed(state, attempt, event)
        # No money moved: nothing is in doubt and nothing has to be kept.
        state, effects = (state, (ToSlips(payment),)) if kind.slip else go(state, AnswerShown(payment=payment))
        return state, (CloseReader(), *effects)
    state, payment, kept = keep(state, attempt, event)
    state, script, run = noted(state, attempt, event.scripts)
    # The approval goes to the disk first: a slip in a hand that no journal knows of could not be undone nor printed again.
    return state, (replace(kept, script=script), *run, ToSlips(payment))


def with_pace(state: State) -> State:
    """The host answered, or its time was up: how long that took counts, whatever it said."""
    return replace(state, pace=measured(state.pace, here_for_s(state)))


def is_of_another(attempt: Attempt, event: PaymentApproved) -> bool:
    """Whether an approval is of another payment."""
    return event.trace_no != attempt.trace_no or (event.amount_fen or 0) != attempt.amount_fen


def keep(state: State, attempt: Attempt, event: PaymentApproved) -> tuple[State, ApprovedPayment, RememberApproval]:
    """An approval as state and journal keep it: its line, what it changed of earlier ones, and its slips that wait."""
    payment = completed(state, attempt, event)
    line = attempt.line(
        "approved",
        time=event.host_time[-8:],
        code=event.response_code,
        rrn=event.rrn,
        auth_code=event.auth_code,
        date=day_of(event.host_time),
        pay_voucher=event.pay_voucher,
    )
    changed = lines_changed(state, KINDS[attempt.kind], line)
    undo = Undo(reversal=attempt.reversal(), settling="approval")
    since = state.batch_since or today_of(state, state.now)
    state = with_line(replace(state, undo=undo, print_pending=payment, last_sale=payment, batch_since=since), line)
    for other in changed:
        state = with_line(state, other)
    return state, payment, RememberApproval(payment=payment, line=line, changed=changed)


def lines_changed(state: State, kind: Kind, line: DayLine) -> tuple[DayLine, ...]:
    """Earlier payments as this approval leaves them: what it undid or used, and what that one had used and no longer does."""
    original = line_about(state, line)
    if original is None:
        return ()
    if kind.adjusts:
        return (replace(original, adjusted_fen=original.adjusted_fen + kind.adjusts * line.amount_fen),)
    if not kind.closes:
        return ()
    first = line_about(state, original)
    closed = replace(original, state=kind.closes)
    return (closed,) if first is None or first.state != "completed" else (closed, replace(first, state="approved"))


def day_of(host_time: str) -> str:
    """`1123` of `2026-11-23 08:55:03`."""
    return host_time[5:7] + host_time[8:10]


def completed(state: State, attempt: Attempt, answer: PaymentApproved) -> ApprovedPayment:
    """The payment for slip and journal: what the answer says, beside what only the terminal knows."""
    card = attempt.doing.card
    return ApprovedPayment(
        kind=attempt.kind,
        trace_no=attempt.trace_no,
        batch_no=attempt.batch_no,
        amount_fen=attempt.amount_fen,
        masked_pan=attempt.masked_pan,
        way=attempt.way,
        expiry_yymm=card.expiry_yymm if card is not None else "",
        rrn=answer.rrn,
        auth_code=answer.auth_code,
        host_time=answer.host_time,
        settle_date=answer.settle_date,
        issuer=answer.issuer,
        acquirer=answer.acquirer,
        operator_no=attempt.operator_no,
        merchant_no=state.machine.merchant_no,
        card_org=answer.card_org,
        with_pin=attempt.with_pin,
        # Whoever shows a code has opened the phone for it: nothing is signed.
        needs_signature=not attempt.doing.unsigned_limit_fen and attempt.way != "scan",
        unsigned_limit_fen=attempt.doing.unsigned_limit_fen,
        chip_lines=answer.chip_lines,
        merchant_name=state.merchant_name,
        terminal_no=state.machine.terminal_no,
        balance_fen=answer.balance_fen,
        original=attempt.doing.original,
        pay_voucher=answer.pay_voucher,
    )


def refused(state: State, stage: Paying, event: Refused) -> Step:
    """The bank or the host said no: nothing is left to undo.

    Where the number was taken, only a new sign-on tells where numbers go on. A person signs in again after it, so a host that
    says it each time is asked once a payment and never by itself.
    """
    code, attempt, state = event.response_code, stage.attempt, with_pace(state)
    problem = refusal_problem(
        event, about=about_payment(attempt.kind, about_another=attempt.doing.original is not None)
    )
    if code in TRUSTLESS_CODES or code == NUMBER_TAKEN:
        ask = (SendStatus(checks=state.checks, operator_no=attempt.operator_no),) if code == "77" else ()
        state, kept = declined(state, attempt, code)
        state, effects = force_sign_in(state, problem)
        # A payment is refused without a reason; the heartbeat's answer says where the session went.
        return state, (*kept, *ask, *effects)
    return say_refused(state, attempt, code, problem, may_retry=code in PIN_AGAIN_CODES, scripts=event.scripts)


def failed(state: State, stage: Paying, event: HostFailed) -> Step:
    """No answer that can be used. Where no money moves, that is all; where it does, each failure is a doubt of its own."""
    attempt = stage.attempt
    state = with_pace(state) if event.failure == "no_answer" else state
    if not attempt.reversible:
        if event.failure in ("bad_mac", "bad_keys"):
            return force_sign_in(state, line_problem(event.failure))
        return say_refused(state, attempt, "", line_problem(event.failure), may_retry=True)
    match event.failure:
        case "unreachable" | "not_sent":
            problem = problem_of("T101", "sale.not_sent", amount=f"¥{format_yuan(attempt.amount_fen)}")
            return say_refused(state, attempt, "", problem, may_retry=True)
        case "no_answer":
            # The reversal in the journal says 98 already; it goes as it is.
            return start(in_doubt(state, attempt.reversal()), CloseReader())
        case "bad_mac" | "bad_keys":
            return answer_not_trusted(state, attempt)
        case "bad_answer":
            return answer_not_ours(state, stage)
        case "card_gone":
            return card_pulled_out(state, attempt)


def answer_not_ours(state: State, stage: Paying) -> Step:
    """Reason 06: the answer is malformed or belongs to something else."""
    attempt = stage.attempt
    if not attempt.reversible:
        return say_refused(state, attempt, "", line_problem("bad_answer"), may_retry=True)
    reversal = attempt.reversal("06")
    return start(in_doubt(state, reversal), CloseReader(), RememberDoubt(reversal=reversal))


def card_pulled_out(state: State, attempt: Attempt) -> Step:
    """Reason 06: approved, but the chip never heard it (domain reference §4.4); what it would have refused must not stand."""
    reversal = attempt.reversal("06")
    return start(in_doubt(state, reversal), CloseReader(), RememberDoubt(reversal=reversal), card_gone=True)


def answer_not_trusted(state: State, attempt: Attempt) -> Step:
    """Reason A0: the keys are not to be trusted; new ones first, then the reversal goes out by itself.

    The journal hears of the reason before anything else: after a power cut the reversal says A0, not 98.
    """
    reversal = attempt.reversal("A0")
    amount = f"¥{format_yuan(attempt.amount_fen)}"
    code, word = ("T108", "again.bad_mac") if attempt.repeated else ("T105", "sale.bad_mac")
    state, effects = force_sign_in(in_doubt(state, reversal), problem_of(code, word, amount=amount))
    return state, (RememberDoubt(reversal=reversal), *effects)


def in_doubt(state: State, reversal: PendingReversal) -> State:
    """The payment's reversal is pending now."""
    return replace(state, undo=Undo(reversal=reversal))


def declined(state: State, attempt: Attempt, code: str, scripts: ScriptsSaid | None = None) -> Step:
    """Keep the refusal; the reversal goes away when the journal says so, not before."""
    if not attempt.reversible:
        return stay(state)
    # Where the bank was not heard it may hold the money for a while: the line says so until the host knows better.
    line = attempt.line("returning" if may_be_held(code) else "declined", time=clock_time(state), code=code)
    undo = Undo(reversal=attempt.reversal(), settling="decline")
    state, script, run = noted(with_line(replace(state, undo=undo), line), attempt, scripts)
    return state, (RememberDecline(line=line, script=script), *run)


def say_refused(
    state: State,
    attempt: Attempt,
    code: str,
    problem: Problem,
    *,
    may_retry: bool,
    scripts: ScriptsSaid | None = None,
) -> Step:
    """Show why; the card stays in the reader's hand while the PIN may be tried again."""
    state, kept = declined(state, attempt, code, scripts)
    shown = PaymentRefused(
        attempt=attempt, problem=problem, may_retry=may_retry, may_be_held=may_be_held(code), is_answer=bool(code)
    )
    return go(state, shown, *kept) if may_retry else go(state, shown, *kept, CloseReader())


def refused_key(state: State, stage: PaymentRefused, event: KeyPressed) -> Step:
    """Back to standby, or the same once more with its PIN: a new payment with a number of its own."""
    match event.key:
        case "retry" if stage.may_retry:
            if state.undo is not None:
                return undo_first(state)
            # An approval was good for one use, and the host has had it.
            return leave(state, PayOn(doing=replace(stage.attempt.doing, pin="wanted", approval_no=None)))
        case "other_card" if stage.may_change_card:
            return with_other_card(state, stage)
        case slip_said.SLIP_KEY:
            return slip_said.ask(
                state,
                stage,
                PrintRefusal(attempt=stage.attempt, problem=stage.problem, may_be_held=stage.may_be_held),
            )
        case "enter" if not stage.may_retry:
            return leave(state, ToStandby())
        case "cancel":
            return leave(state, ToStandby())
    return stay(state)


def with_other_card(state: State, stage: PaymentRefused) -> Step:
    """The same amount, a card that is still to come: a new payment with a number of its own."""
    if state.undo is not None:
        return undo_first(state)
    doing = replace(stage.attempt.doing, card=None, pin="", approval_no=None)
    by_card = KINDS.get(NEIGHBOURS.get(doing.kind, ""))
    if stage.attempt.way == "scan" and by_card is not None and is_used(state, by_card):
        # Whose code was refused may as well pay with a card: either is taken.
        doing = replace(doing, kind=by_card.name)
    return replace(state, reader=()), (CloseReader(), PayOn(doing=doing))


def refused_tick(state: State, stage: PaymentRefused, event: Ticked) -> Step:
    """What was read leaves the screen to the next customer."""
    return leave(state, ToStandby()) if idle_for_s(state) >= SALE_IDLE_S else leave(state, UndoQuietly())


def answer_key(state: State, stage: AnswerShown, event: KeyPressed) -> Step:
    """It was read."""
    return leave(state, ToStandby()) if event.key == "enter" else stay(state)


def answer_tick(state: State, stage: AnswerShown, event: Ticked) -> Step:
    """What concerns one cardholder is not left on the screen for the next."""
    return leave(state, ToStandby()) if idle_for_s(state) >= SALE_IDLE_S else leave(state, UndoQuietly())
