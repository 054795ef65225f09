"""What becomes of a payment that left: each row of the table in the domain reference, §4.4.

nothing left the terminal       decline kept, reversal dropped
no answer                       reversal kept, reason 98, sent at once
bad MAC                         reason A0, new sign-on, then the reversal
answer malformed or not ours    reason 06, sent at once
approved, but not kept          reason 96, sent at once (`undo.journal_failed`)
refused                         decline kept, reversal dropped
approved                        approval kept, reversal dropped, slips
"""

from msgspec.structs import replace

from ....basics.money import format_yuan
from ..core.effects import CloseReader, RememberApproval, RememberDecline, RememberDoubt, SendStatus
from ..core.events import ApprovedSale, DayLine, HostFailed, KeyPressed, PendingReversal, Refused, SaleApproved, Ticked
from ..core.policy import PIN_AGAIN_CODES, SALE_IDLE_S, TRUSTLESS_CODES
from ..core.routes import force_sign_in
from ..core.state import State, Undo
from ..core.step import Step, clock_time, go, idle_for_s, leave, stay, with_line
from ..core.trouble import problem_of, refusal_problem
from ..core.ways import ToSlips, ToStandby, UndoQuietly
from ..words.text import Problem
from .sale import ask_pin, needs_no_pin
from .stages import SaleRefused, Selling
from .undo import start, undo_first


def approved(state: State, stage: Selling, event: SaleApproved) -> Step:
    """Keep the outcome before the first slip; an approval of another payment is not ours."""
    told = event.sale
    if told.trace_no != stage.reversal.trace_no or told.amount_fen != stage.amount_fen:
        return answer_not_ours(state, stage)
    sale = completed(state, stage, told)
    line = DayLine(
        trace_no=sale.trace_no,
        time=sale.host_time[-8:],
        masked_pan=sale.masked_pan,
        amount_fen=sale.amount_fen,
        state="approved",
    )
    undo = Undo(reversal=stage.reversal, settling="approval")
    state = with_line(replace(state, undo=undo, print_pending=sale, last_sale=sale), line)
    return state, (RememberApproval(sale=sale, line=line), ToSlips(sale))


def completed(state: State, stage: Selling, sale: ApprovedSale) -> ApprovedSale:
    """The sale with what only the terminal knows: how the card was held to it, and whose shop this is."""
    return replace(
        sale,
        masked_pan=stage.card.masked_pan,
        way=stage.card.way,
        with_pin=stage.with_pin,
        needs_signature=not needs_no_pin(stage.card.way, stage.amount_fen),
        operator_no=stage.operator_no,
        merchant_name=state.merchant_name,
        terminal_no=state.machine.terminal_no,
    )


def refused(state: State, stage: Selling, event: Refused) -> Step:
    """The bank or the host said no: nothing is left to undo."""
    code = event.response_code
    problem = refusal_problem(event)
    if code in TRUSTLESS_CODES:
        ask = (SendStatus(checks=state.checks, operator_no=stage.operator_no),) if code == "77" else ()
        state, kept = declined(state, stage, code)
        state, effects = force_sign_in(state, problem)
        # A payment is refused without a reason; the heartbeat's answer says where the session went.
        return state, (kept, *ask, *effects)
    return say_refused(state, stage, code, problem, may_retry=code in PIN_AGAIN_CODES)


def failed(state: State, stage: Selling, event: HostFailed) -> Step:
    """No answer that can be used."""
    match event.failure:
        case "unreachable" | "not_sent":
            problem = problem_of("T101", "sale.not_sent", amount=f"¥{format_yuan(stage.amount_fen)}")
            return say_refused(state, stage, "", problem, may_retry=True)
        case "no_answer":
            # The reversal in the journal says 98 already; it goes as it is.
            return start(in_doubt(state, stage.reversal), CloseReader())
        case "bad_mac" | "bad_keys":
            return answer_not_trusted(state, stage)
        case "bad_answer":
            return answer_not_ours(state, stage)


def answer_not_ours(state: State, stage: Selling) -> Step:
    """Reason 06: the answer is malformed or belongs to something else."""
    reversal = replace(stage.reversal, reason="06")
    return start(in_doubt(state, reversal), CloseReader(), RememberDoubt(reversal=reversal))


def answer_not_trusted(state: State, stage: Selling) -> Step:
    """Reason A0: the keys are not to be trusted; new ones first, then the reversal goes out by itself."""
    reversal = replace(stage.reversal, reason="A0")
    amount = f"¥{format_yuan(stage.amount_fen)}"
    state, effects = force_sign_in(in_doubt(state, reversal), problem_of("T105", "sale.bad_mac", amount=amount))
    return state, (RememberDoubt(reversal=reversal), *effects)


def in_doubt(state: State, reversal: PendingReversal) -> State:
    """The payment's reversal is pending now."""
    return replace(state, undo=Undo(reversal=reversal))


def declined(state: State, stage: Selling, code: str) -> tuple[State, RememberDecline]:
    """Keep the refusal; the reversal goes away when the journal says so."""
    line = DayLine(
        trace_no=stage.reversal.trace_no,
        time=clock_time(state),
        masked_pan=stage.card.masked_pan,
        amount_fen=stage.amount_fen,
        state="declined",
        response_code=code,
    )
    undo = Undo(reversal=stage.reversal, settling="decline")
    return with_line(replace(state, undo=undo), line), RememberDecline(trace_no=line.trace_no, line=line)


def say_refused(state: State, stage: Selling, code: str, problem: Problem, *, may_retry: bool) -> Step:
    """Show why; the card stays in the reader's hand while the PIN may be tried again."""
    state, kept = declined(state, stage, code)
    shown = SaleRefused(amount_fen=stage.amount_fen, card=stage.card, problem=problem, may_retry=may_retry)
    return go(state, shown, kept) if may_retry else go(state, shown, kept, CloseReader())


def refused_key(state: State, stage: SaleRefused, event: KeyPressed) -> Step:
    """Back to standby, or the same amount and card once more: a new payment with a number of its own."""
    match event.key:
        case "retry" if stage.may_retry:
            if state.undo is not None:
                return undo_first(state)
            return ask_pin(state, stage.amount_fen, stage.card)
        case "enter" if not stage.may_retry:
            return leave(state, ToStandby())
        case "cancel":
            return leave(state, ToStandby())
    return stay(state)


def refused_tick(state: State, stage: SaleRefused, event: Ticked) -> Step:
    """What was read leaves the screen to the next customer."""
    return leave(state, ToStandby()) if idle_for_s(state) >= SALE_IDLE_S else leave(state, UndoQuietly())
