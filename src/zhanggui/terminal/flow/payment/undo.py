"""Reversal (冲正): a payment in doubt is undone before any other payment, and never given up.

The journal holds the reversal from before the payment left until the host took the reversal, or until the payment's own
outcome was kept. `State.undo` mirrors it: it goes away only when the journal says that the record which replaces it is
durable. Answers 00, 12 and 25 mean done (domain reference §4.4); the shell turns them into ReversalAccepted. 12 says that the host
undid nothing: the payment was finished, is another's, or stands in a closed batch, and people look into it.
"""

from msgspec.structs import replace

from ....basics.money import format_yuan
from ..core import aside
from ..core.effects import Effect, RememberDoubt, RememberReversed, SendReversal
from ..core.events import (
    DayLine,
    HostFailed,
    JournalFailed,
    Journalled,
    KeyPressed,
    PendingReversal,
    Refused,
    ReversalAccepted,
    SignedOn,
    Ticked,
)
from ..core.policy import NOT_UNDONE, OWN_CODE_ASKED_S, REVERSAL_AGAIN_S, REVERSAL_TRIES_SHOWN, TRUSTLESS_CODES
from ..core.routes import adopt, force_sign_in, need_keys, notice_first, without_keys
from ..core.stage import Stage, Trouble
from ..core.state import State, Undo
from ..core.step import Step, change, go, leave, line_about, line_of, stay, with_line
from ..core.trouble import how_it_stands, line_problem, problem_of, refusal_problem
from ..core.ways import AskLate, RecordFailed, ToStandby
from ..words.text import Problem, words
from .kinds import KINDS
from .scripts import dropped, tell_when_quiet
from .signatures import upload_when_quiet
from .stages import Undoing


def marked(state: State, undo: Undo, mark: str, code: str = "") -> State:
    """The payment's line in today's list says how its undoing stands, and by which answer."""
    line = line_of(state, undo.reversal.batch_no, undo.reversal.trace_no)
    if line is None:
        return state
    new: DayLine = replace(line, state=mark, response_code=code or line.response_code)
    return with_line(state, new)


def send(state: State, *before: Effect) -> Step:
    """Send the reversal now. It needs keys; without them they are fetched first and the reversal follows."""
    undo = state.undo
    if undo is None or undo.under_way or undo.settling:
        return stay(state)
    if state.keys != "ready":
        state, ask = need_keys(state)
        return state, (*before, *ask)
    state, notice = notice_first(replace(state, undo=replace(undo, under_way=True, tried_at=state.tick)))
    return state, (*notice, *before, SendReversal(reversal=undo.reversal))


def after_keys(state: State) -> Step:
    """New keys are there: the reversal goes before anything else.

    Not at once for ever: whoever sits on the line and answers each with "MAC wrong" would have keys and reversals turn in a
    circle. After the tries that count as many it goes as slowly as any other.
    """
    undo = state.undo
    if undo is not None and undo.reversal.attempts >= REVERSAL_TRIES_SHOWN and not is_due(state):
        return stay(state)
    return send_if_quiet(state)


def send_if_quiet(state: State) -> Step:
    """Send it when nothing else is on the line."""
    return send(state) if state.stage.quiet or isinstance(state.stage, Undoing) else stay(state)


def is_due(state: State) -> bool:
    """Tell whether the next unasked try is due."""
    undo = state.undo
    if undo is None or undo.under_way or undo.settling or state.keys != "ready":
        return False
    return has_waited(state, undo, pause_s(undo))


def has_waited(state: State, undo: Undo, seconds: int) -> bool:
    """Whether the last try is so long ago, or there was none since power-on."""
    return undo.tried_at is None or state.tick - undo.tried_at >= seconds


def pause_s(undo: Undo) -> int:
    """Seconds between two tries that nobody asked for. Our code may be waiting for its customer: while the host answers, it is asked soon."""
    again = undo.reversal.again
    waits = again is not None and again.brand and not undo.reversal.attempts
    return OWN_CODE_ASKED_S if waits else REVERSAL_AGAIN_S


def ticked(state: State, stage: Stage, event: Ticked) -> Step:
    """A second passed."""
    return behind(state)


def behind(state: State) -> Step:
    """A pending reversal goes out by itself, slowly, as long as nothing else is going on."""
    if is_due(state):
        return send_if_quiet(state)
    if aside.is_due(state):
        return leave(state, AskLate(pending=state.late[0]))
    state, notice = tell_when_quiet(state)
    return (state, notice) if notice else upload_when_quiet(state)


def undo_first(state: State) -> Step:
    """A new payment is wanted while an old one is in doubt: undo that one now, before anything else."""
    undo = state.undo
    if undo is None and state.late:
        state, kept = aside.in_doubt_again(state, state.late[0])
        state, _ = go(state, Undoing(before_payment=True))
        return send(state, kept)
    if undo is None or undo.settling:
        return leave(state, ToStandby(words("standby.moment")))
    state, _ = go(state, Undoing(before_payment=True))
    return send(state)


def start(state: State, *before: Effect, card_gone: bool = False, given_up: bool = False) -> Step:
    """The payment just made is in doubt, or nobody waits for it any longer: undo it at once, and say so."""
    state, _ = go(state, Undoing(before_payment=False, card_gone=card_gone, given_up=given_up))
    return send(state, *before)


def keys_came(state: State, stage: Undoing, event: SignedOn) -> Step:
    """Keys are there: the reversal that the operator waits for goes before anything else."""
    if state.keys != "under_way":
        return stay(state)
    state, kept = adopt(state, event)
    state, effects = send(state)
    return state, (*kept, *effects)


def keys_failed(state: State, stage: Undoing, event: HostFailed) -> Step:
    """Without keys nothing can be undone now; it needs attention."""
    if state.keys != "under_way":
        return stay(state)
    state, _ = without_keys(state, event)
    return change(state, replace(stage, stuck=True))


def keys_refused(state: State, stage: Undoing, event: Refused) -> Step:
    """The host does not let this terminal on."""
    if state.keys != "under_way":
        return stay(state)
    return change(replace(state, keys="failed"), replace(stage, stuck=True))


def record_failed(state: State, way: RecordFailed) -> Step:
    """The same from a stage that has a word of its own to say about other records."""
    return journal_failed(state, state.stage, JournalFailed(now=state.now, what=way.what))


def undoing_key(state: State, stage: Undoing, event: KeyPressed) -> Step:
    """When it needs attention, the operator may try again or go back to standby, where no payment is taken meanwhile."""
    if not stage.stuck:
        return stay(state)
    match event.key:
        case "retry":
            state, _ = go(state, replace(stage, stuck=False))
            return send(state)
        case "cancel":
            return leave(state, ToStandby())
    return stay(state)


def undoing_tick(state: State, stage: Undoing, event: Ticked) -> Step:
    """What needs attention is still tried, slowly."""
    undo = state.undo
    due = undo is not None and stage.stuck and has_waited(state, undo, REVERSAL_AGAIN_S)
    return send(state) if due else stay(state)


def accepted(state: State, stage: Stage, event: ReversalAccepted) -> Step:
    """The payment is undone for good."""
    undo = state.undo
    if undo is None or not undo.under_way:
        return stay(state)
    done = replace(undo, under_way=False, settling="reversed")
    state = marked(replace(state, undo=done), undo, "reversed", event.response_code)
    batch_no, trace_no = undo.reversal.batch_no, undo.reversal.trace_no
    kept = RememberReversed(batch_no=batch_no, trace_no=trace_no, response_code=event.response_code)
    match stage:
        case Undoing() if event.response_code == NOT_UNDONE:
            # The host takes no doubt of it any more, and nobody here knows why: no word may say that nobody was charged.
            looked_into = problem_of("T106", "sale.looked_into", trace=trace_no)
            return go(state, Trouble(problem=looked_into, then=ToStandby(), settled=True), kept)
        case Undoing(before_payment=True):
            state, effects = leave(state, ToStandby(words("standby.undone", trace=undo.reversal.trace_no)))
            return state, (*effects, kept)
        case Undoing(given_up=True):
            state, effects = leave(state, ToStandby(words("own.given_up")))
            return state, (*effects, kept)
        case Undoing():
            # Undoing what would have undone another leaves the cardholder charged: the words must not say otherwise.
            if stage.card_gone and undo.reversal.original is None:
                pulled = Trouble(problem=line_problem("card_gone"), then=ToStandby(), settled=True)
                return go(state, pulled, kept)
            what = "original.stands" if undo.reversal.original is not None else "sale.undone"
            money = {"amount": f"¥{format_yuan(undo.reversal.amount_fen)}", "kind": f"@kind.{undo.reversal.kind}"}
            told = Trouble(problem=problem_of("T103", what, **money), then=ToStandby(), settled=True)
            return go(state, told, kept)
        case _:
            return stay(state, kept)


def refused(state: State, stage: Stage, event: Refused) -> Step:
    """The host did not take it."""
    return not_yet(state, stage, event.response_code in TRUSTLESS_CODES, refusal_problem(event))


def failed(state: State, stage: Stage, event: HostFailed) -> Step:
    """No answer to the reversal."""
    return not_yet(state, stage, event.failure in ("bad_mac", "bad_keys"), line_problem(event.failure))


def not_yet(state: State, stage: Stage, keys_are_bad: bool, problem: Problem) -> Step:
    """Count the try and keep the count; try again at once while the operator waits, up to the bound."""
    undo = state.undo
    if undo is None or not undo.under_way:
        return stay(state)
    tried = replace(undo.reversal, attempts=undo.reversal.attempts + 1)
    state = replace(state, undo=replace(undo, reversal=tried, under_way=False))
    kept = RememberDoubt(reversal=tried)
    if keys_are_bad:
        state, effects = force_sign_in(state, problem)
        return state, (kept, *effects)
    if not isinstance(stage, Undoing):
        return stay(state, kept)
    if tried.attempts >= REVERSAL_TRIES_SHOWN:
        return change(state, replace(stage, stuck=True), kept)
    return send(state, kept)


def journalled(state: State, stage: Stage, event: Journalled) -> Step:
    """What replaces the reversal is durable: it is not pending any more."""
    undo = state.undo
    if undo is not None and undo.settling == event.what:
        return stay(replace(state, undo=None))
    return stay(state)


def journal_failed(state: State, stage: Stage, event: JournalFailed) -> Step:
    """A record about the payment in doubt could not be kept; the reversal in the journal stands, and so does ours."""
    undo = state.undo
    if undo is None:
        return stay(state)
    match event.what:
        case "payment" if undo.reversal.again is not None and undo.reversal.again.received:
            # It never left: what the customer paid waits at the host, which tells of it again.
            never_left = line_of(state, undo.reversal.batch_no, undo.reversal.trace_no)
            today = tuple(line for line in state.today if line is not never_left)
            return stay(replace(without_dropped_sign_on(state), undo=None, today=today))
        case "doubt" if undo.under_way:
            # The reversal behind this record was dropped with it; its first record, made before the payment left, is enough.
            return stay(state, SendReversal(reversal=undo.reversal))
        case "doubt":
            return stay(without_dropped_sign_on(state))
        case "trace" if isinstance(stage, Undoing):
            # What the operator waits for, the reversal or the sign-on before it, was dropped with its number: nothing will come of it.
            return change(without_dropped_sign_on(state), replace(stage, stuck=True))
        case "decline" | "reversed" if undo.settling == event.what:
            pending = replace(without_dropped_sign_on(dropped(state, undo.reversal)), undo=replace(undo, settling=""))
            return retold(marked(pending, undo, "reversing"))
        case "late" if undo.settling == event.what:
            pending = replace(
                without_dropped_sign_on(aside.without(state, undo.reversal)), undo=replace(undo, settling="")
            )
            return retold(marked(pending, undo, "reversing"))
        case "asked_after":
            # It stands beside as before, and what was to be sent with this record was dropped.
            return stay(replace(state, undo=None, late=(*state.late, undo.reversal)))
        case "approval" if undo.settling == event.what:
            # Approved, but nothing durable says so: undo it, reason 96 (domain reference §4.4), and print nothing.
            # Whatever it was about is not undone then, and counts as before.
            reversal = replace(undo.reversal, reason="96")
            state = original_back(dropped(state, reversal), reversal)
            state = replace(state, undo=Undo(reversal=reversal), print_pending=None, last_sale=None)
            return start(marked(state, undo, "reversing"), RememberDoubt(reversal=reversal))
    return stay(state)


def retold(state: State) -> Step:
    """Whoever was thrown out in the step whose record failed was told how the payment stood; it is in doubt again, and the screen says so."""
    stage = state.stage
    if not isinstance(stage, Trouble) or stage.problem.money is None:
        return stay(state)
    return change(state, replace(stage, problem=replace(stage.problem, money=how_it_stands(state))))


def original_back(state: State, reversal: PendingReversal) -> State:
    """Earlier payments as they stood before the one in doubt changed them."""
    about = reversal.original
    original = line_of(state, about.batch_no, about.trace_no) if about is not None else None
    if original is None:
        return state
    kind = KINDS[reversal.kind]
    if kind.adjusts:
        left_fen = original.adjusted_fen - kind.adjusts * reversal.amount_fen
        return with_line(state, replace(original, adjusted_fen=left_fen))
    if original.state != kind.closes:
        return state
    first = line_about(state, original)
    if first is not None and KINDS[original.kind].closes == "completed":
        state = with_line(state, replace(first, state="completed"))
    return with_line(state, replace(original, state="approved"))


def without_dropped_reversal(state: State) -> State:
    """A reversal of the same step as a number that could not be kept was dropped with it, so it is not under way: it is due again.

    One that had left before is then sent twice, and counts once.
    """
    undo = state.undo
    return state if undo is None or not undo.under_way else replace(state, undo=replace(undo, under_way=False))


def without_dropped_sign_on(state: State) -> State:
    """A sign-on of the same step was dropped with the record: it is asked for again when it is needed."""
    return replace(state, keys="failed") if state.keys == "under_way" else state
