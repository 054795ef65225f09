"""The end of a batch, step by step. Each step is in the journal before its message leaves, so a power cut at any of them resumes.

    count ─▶ asked? ─▶ 0500 ─┬─ the host agrees ────────────────────▶ 0320/207 ─▶ settled ─▶ slip ─▶ 0820/002 ─▶ sign-in
                              └─ it differs ─▶ 0320 a page at a time ─▶ 0320/202 ─┘

A message without an answer is sent again with a number of its own: the host answers a settlement that it knows as it did the first
time, and keeps a detail once. A refusal of the totals means that the host knows of no settlement: then nothing has happened, and
the batch stays open. While a settlement is under way no payment begins.
"""

from msgspec.structs import replace

from ....basics.numbers import BatchNo, next_in_six_digits
from ..core.effects import (
    CountBatch,
    RememberSettled,
    RememberSettlement,
    SendDetails,
    SendSettlement,
    SendSignOff,
    SendUploadEnd,
)
from ..core.events import (
    BatchCounted,
    CheckResult,
    DetailsTold,
    HostFailed,
    JournalFailed,
    KeyPressed,
    Refused,
    SettlementAnswered,
    SignedOff,
    SignedOn,
    SlipNotPrinted,
    SlipPrinted,
    Ticked,
    UploadEnded,
)
from ..core.policy import DETAIL_TRACES, SALE_IDLE_S, SETTLED_SHOWN_S, SETTLEMENT_TRIES
from ..core.routes import adopt, force_sign_in, nobody_here, notice_first, start_sign_on, without_keys
from ..core.settlement import Settlement
from ..core.state import State
from ..core.step import (
    Part,
    Step,
    close_reader,
    go,
    here_for_s,
    idle_for_s,
    leave,
    remember_trace,
    stay,
    take_trace,
    take_traces,
)
from ..core.trouble import device_words, line_problem, problem_of, refusal_problem, show
from ..core.ways import (
    LookAtTicks,
    PrintDetails,
    PrintSettlement,
    ResumeSettlement,
    ToFreshSignIn,
    ToNumber,
    ToSettlement,
    ToStandby,
    ToTicking,
    UndoFirst,
)
from ..screens import slip_said
from ..words.text import Problem, words
from .stages import AskingSettle, Counting, SettledShown, Settling, SigningOff

KEYS_AGAIN = frozenset({"A0", "99"})
"""Refusals after which new keys are fetched and the same step is sent again."""
NO_SETTLEMENT = "22"
"""The host knows of no totals for what is uploaded: they come first."""


def begin(state: State, way: ToSettlement) -> Step:
    """Count the batch. A payment in doubt is undone before: while it is, nobody knows what the batch comes to."""
    if state.settlement is not None:
        return resume(state)
    if state.session is None:
        return leave(state, ToNumber())
    if state.session.offline:
        return show(state, line_problem("unreachable"), ToStandby())
    if state.undo is not None or state.late:
        return leave(state, UndoFirst())
    state, forget = close_reader(state)
    return go(state, Counting(by_order=way.by_order), *forget, CountBatch(batch_no=state.batch_no))


def counted(state: State, stage: Counting, event: BatchCounted) -> Step:
    """Show what the batch comes to; where the host asked for it, settle."""
    if not event.count:
        return leave(state, ToStandby(words("settle.nothing")))
    if stage.by_order:
        return send_totals(state, event)
    state, shown_now = go(replace(state, ticks=()), AskingSettle(counted=event))
    return (state, (*shown_now, LookAtTicks())) if state.machine.profile.printer else (state, shown_now)


def not_counted(state: State, stage: Counting, event: JournalFailed) -> Step:
    """The journal can't be read."""
    return show(state, problem_of("J101", "settle.not_kept"), ToStandby())


def asking_key(state: State, stage: AskingSettle, event: KeyPressed) -> Step:
    """Settle, or go on trading; or first the payments on paper, to tick the slips off."""
    match event.key:
        case slip_said.SLIP_KEY:
            return slip_said.ask(state, stage, PrintDetails(stage.counted))
        case "tick" if state.machine.profile.printer:
            return leave(state, ToTicking(ToSettlement()))
        case "enter":
            return send_totals(state, stage.counted)
        case "cancel":
            return leave(state, ToStandby())
    return stay(state)


def asking_tick(state: State, stage: AskingSettle, event: Ticked) -> Step:
    """Nobody answered."""
    return leave(state, ToStandby()) if idle_for_s(state) >= SALE_IDLE_S else stay(state)


def send_totals(state: State, event: BatchCounted) -> Step:
    """The first step: 0500."""
    operator_no = state.session.operator_no if state.session is not None else None
    settlement = Settlement(batch_no=event.batch_no, operator_no=operator_no, step="asked", sums=event.sums)
    return send(replace(state, settlement=settlement))


def resume(state: State) -> Step:
    """Go on where it was."""
    settlement = state.settlement
    if settlement is None:
        return leave(state, ToStandby())
    if settlement.step == "settled":
        return shown(state, settlement)
    return send(state)


def send(state: State, tries: int = 0) -> Step:
    """The message of the present step, with a number of its own; keys first, where there are none."""
    settlement = state.settlement
    if settlement is None:
        return leave(state, ToStandby())
    if state.keys != "ready":
        state, ask = start_sign_on(state)
        return go(state, Settling(tries=tries, waits=True), *ask)
    notice: tuple[Part, ...] = ()
    match settlement.step:
        case "asked":
            state, notice = notice_first(state)
            state, trace_no = take_trace(state)
            message: Part = SendSettlement(trace_no=trace_no, settlement=settlement)
        case "uploading":
            state, trace_no = take_traces(state, DETAIL_TRACES)
            message = SendDetails(trace_no=trace_no, settlement=settlement, in_turn=bool(tries))
        case _:
            state, trace_no = take_trace(state)
            message = SendUploadEnd(trace_no=trace_no, settlement=settlement)
    kept = (remember_trace(state), RememberSettlement(settlement=settlement))
    return go(state, Settling(tries=tries), *notice, *kept, message)


def answered(state: State, stage: Settling, event: SettlementAnswered) -> Step:
    """The host's totals: the end at once, or each payment first."""
    settlement = state.settlement
    if settlement is None:
        return stay(state)
    tells = not event.agreed or state.rules.upload_chip_details
    known = replace(
        settlement, host=event.sums.near(settlement.sums), agreed=event.agreed, step="uploading" if tells else "ending"
    )
    return send(replace(state, settlement=known))


def details_told(state: State, stage: Settling, event: DetailsTold) -> Step:
    """A page is at the host: the next one, or the end."""
    settlement = state.settlement
    if settlement is None:
        return stay(state)
    told = replace(settlement, told=settlement.told + event.count, cursor=event.cursor)
    return send(replace(state, settlement=replace(told, step="ending") if event.is_last else told))


def ended(state: State, stage: Settling, event: UploadEnded) -> Step:
    """The host closed the batch: the next one begins, and nobody is signed in any more."""
    settlement = state.settlement
    if settlement is None:
        return stay(state)
    done = replace(settlement, step="settled")
    following = BatchNo(next_in_six_digits(settlement.batch_no))
    state = replace(nobody_here(state), settlement=done, batch_no=following, batch_since="")
    kept = RememberSettled(settlement=done, trace_no=state.trace_no, batch_no=following)
    state, effects = shown(state, done)
    return state, (kept, *effects)


def shown(state: State, settlement: Settlement) -> Step:
    """The result, while its slip is laid out from the journal and printed."""
    return go(state, SettledShown(settlement=settlement), CountBatch(batch_no=settlement.batch_no))


def refused(state: State, stage: Settling, event: Refused) -> Step:
    """The host said no. New keys may help; otherwise the totals count as never sent, and details are tried again by hand."""
    settlement = state.settlement
    if settlement is None:
        return stay(state)
    code, problem = event.response_code, refusal_problem(event)
    if code in KEYS_AGAIN and stage.tries < SETTLEMENT_TRIES:
        return send(replace(state, keys="none"), stage.tries + 1)
    if settlement.step == "asked":
        # It was not settled before either, or the host would have said the same again.
        forget = RememberSettlement(settlement=None)
        state = replace(state, settlement=None)
        state, effects = (
            force_sign_in(state, problem) if code == "77" else show(state, problem, ToStandby(), retries=False)
        )
        return state, (forget, *effects)
    if code == NO_SETTLEMENT and stage.tries < SETTLEMENT_TRIES:
        again = replace(settlement, step="asked", told=0, cursor=0)
        return send(replace(state, settlement=again), stage.tries + 1)
    return stuck(state, problem)


def failed(state: State, stage: Settling, event: HostFailed) -> Step:
    """No answer that can be used: the same step again, a few times by itself."""
    if event.failure in ("bad_mac", "bad_keys"):
        state = replace(state, keys="none")
    if stage.tries + 1 < SETTLEMENT_TRIES:
        return send(state, stage.tries + 1)
    return stuck(state, line_problem(event.failure))


def stuck(state: State, problem: Problem) -> Step:
    """Somebody has to see to the line; the settlement goes on from here, and no payment begins before."""
    state, effects = show(state, problem, ResumeSettlement(), retries=True)
    return state, effects


def not_kept(state: State, stage: Settling, event: JournalFailed) -> Step:
    """How far it is could not be kept: the message of this step never left."""
    return stuck(state, problem_of("J101", "settle.not_kept"))


def keys_came(state: State, stage: Settling, event: SignedOn) -> Step:
    """Keys are there: the step goes out."""
    if not stage.waits or state.keys != "under_way":
        return stay(state)
    # The batch may be the next one already: then the answer was lost.
    state, kept = adopt(state, event)
    state, parts = send(state, stage.tries)
    return state, (*kept, *parts)


def no_keys(state: State, stage: Settling, event: HostFailed) -> Step:
    """No keys, no settlement."""
    if not stage.waits or state.keys != "under_way":
        return stay(state)
    state, problem = without_keys(state, event)
    return stuck(state, problem)


def keys_refused(state: State, stage: Settling, event: Refused) -> Step:
    """The host does not let this terminal on."""
    if not stage.waits or state.keys != "under_way":
        return stay(state)
    return stuck(replace(state, keys="failed"), refusal_problem(event))


# ── the result ───────────────────────────────────────────────────────────────


def laid_out(state: State, stage: SettledShown, event: BatchCounted) -> Step:
    """The journal told the batch again: its slip is printed."""
    if event.batch_no != stage.settlement.batch_no:
        return stay(state)
    return stay(state, PrintSettlement(stage.settlement, event))


def slip_out(state: State, stage: SettledShown, event: SlipPrinted) -> Step:
    """The slip is out."""
    tray = (*state.tray, event.slip_id)[-1:]
    return replace(state, tray=tray, stage=replace(stage, is_out=True, trouble=None)), ()


def slip_not_out(state: State, stage: SettledShown, event: SlipNotPrinted) -> Step:
    """Say why; the batch stays settled."""
    what, _ = device_words(CheckResult(item="printer", state="fail", reason=event.reason))
    return replace(state, stage=replace(stage, trouble=what)), ()


def not_laid_out(state: State, stage: SettledShown, event: JournalFailed) -> Step:
    """The journal can't be read; the batch stays settled."""
    return replace(state, stage=replace(stage, trouble=words("settle.not_kept"))), ()


def shown_key(state: State, stage: SettledShown, event: KeyPressed) -> Step:
    """Print again what did not come out, or sign off."""
    match event.key:
        case "retry" if stage.trouble is not None:
            return shown(state, stage.settlement)
        case "enter":
            return sign_off(state)
    return stay(state)


def shown_tick(state: State, stage: SettledShown, event: Ticked) -> Step:
    """The result goes away by itself once its slip is out."""
    return sign_off(state) if stage.is_out and here_for_s(state) >= SETTLED_SHOWN_S else stay(state)


def sign_off(state: State) -> Step:
    """0820/002, and the settlement is over for good."""
    state, notice = notice_first(replace(state, settlement=None))
    state, trace_no = take_trace(state)
    over = RememberSettlement(settlement=None)
    off = SendSignOff(trace_no=trace_no, batch_no=state.batch_no)
    return go(state, SigningOff(), *notice, remember_trace(state), over, off)


def signed_off(state: State, stage: SigningOff, event: SignedOff | Refused | HostFailed | JournalFailed) -> Step:
    """Whatever the host says of it, the next operator signs in with new keys."""
    return leave(replace(state, keys="none"), ToFreshSignIn())
