"""Power-on: what the journal remembers, the self-check, and the slips that a power cut held back."""

from msgspec.structs import replace

from ....cup.values.rules import read_rules
from ....cup.values.slip import slip_ids
from ..core.effects import RememberNote, SendStatus
from ..core.events import CheckResult, KeyPressed, Memory, PoweredOn, SelfChecked, Ticked
from ..core.noted.counter import read_counter
from ..core.noted.orders import read_box
from ..core.policy import CRITICAL_ITEMS, SELF_CHECK_SHOWN_S
from ..core.stage import Stage
from ..core.state import State, Undo, new_terminal
from ..core.step import Step, go, here_for_s, leave, stay, totals
from ..core.ways import ResumeSettlement, ToFreshSignIn, ToReprint
from ..screens.frame import yuan
from ..words.text import Text, words
from .entrances import to_fresh_sign_in, to_self_check
from .stages import SelfChecking, SelfCheckShown


def power_on(state: State, stage: Stage, event: PoweredOn) -> Step:
    """Begin anew with what survived; check the devices first. Whoever was signed in signs in again."""
    state = remembering(replace(new_terminal(state.machine), lang=event.lang, now=event.now), event.memory)
    state, check = to_self_check(state, by_key=event.by_key)
    if event.memory.software == state.machine.software:
        return state, check
    return state, (*check, RememberNote(name="software", value=state.machine.software))


def remembering(state: State, memory: Memory) -> State:
    """Take over what the journal holds. The totals are counted from today's lines."""
    count, fen = totals(*memory.today)
    box = read_box(memory.orders)
    return replace(
        state,
        trace_no=memory.trace_no,
        batch_no=memory.batch_no,
        today=memory.today,
        earlier=memory.earlier,
        sales_count=count,
        sales_fen=fen,
        undo=Undo(reversal=memory.reversal) if memory.reversal else None,
        late=memory.late,
        print_pending=memory.print_pending,
        last_sale=memory.last_sale or memory.print_pending,
        settlement=memory.settlement,
        batch_since=memory.batch_since,
        rules=read_rules(memory.rules),
        counter=read_counter(memory.counter),
        tray=last_slips(memory),
        owed=memory.offline_owed,
        unsent=memory.unsent,
        scripts=memory.scripts,
        box=box,
        beat_due=bool(box.answers),
        updated_from=memory.software if memory.software != state.machine.software else "",
    )


def last_slips(memory: Memory) -> tuple[str, ...]:
    """The newest payment's slips lie where they lay: paper does not vanish when a terminal is switched off."""
    if memory.last_sale is None or memory.print_pending is not None:
        return ()
    return slip_ids(memory.last_sale.trace_no)


def is_critical(result: CheckResult) -> bool:
    """Tell whether this result blocks sign-in."""
    return result.state == "fail" and result.item in CRITICAL_ITEMS


def checked(state: State, stage: SelfChecking, event: SelfChecked) -> Step:
    """Go on by itself when all is well; show what is not."""
    state = replace(state, checks=event.results)
    if any(result.item == "tamper" and result.state == "fail" for result in event.results):
        # The PIN pad has one key left, for this word; nobody signs in here any more to say it otherwise.
        return go(state, SelfCheckShown(blocked=True), SendStatus(checks=event.results))
    if all(result.state == "ok" for result in event.results):
        return go(state, replace(stage, done=True)) if stage.by_key else after_check(state)
    return go(state, SelfCheckShown(blocked=any(is_critical(result) for result in event.results)))


def shown_tick(state: State, stage: SelfChecking, event: Ticked) -> Step:
    """What was checked has been read."""
    return after_check(state) if stage.done and here_for_s(state) >= SELF_CHECK_SHOWN_S else stay(state)


def shown_key(state: State, stage: SelfChecking, event: KeyPressed) -> Step:
    """Nobody has to wait for it."""
    return after_check(state) if stage.done and event.key == "enter" else stay(state)


def check_key(state: State, stage: SelfCheckShown, event: KeyPressed) -> Step:
    """One key goes on past minor findings; a critical one can only be checked again."""
    match event.key:
        case "retry":
            return to_self_check(state)
        case "enter" if not stage.blocked:
            return after_check(state)
    return stay(state)


def after_check(state: State) -> Step:
    """Slips that were approved but not printed come first, marked as reprints; then a settlement that was cut off; then sign-in."""
    if state.print_pending is not None:
        then = ToFreshSignIn() if state.settlement is None else ResumeSettlement()
        return leave(state, ToReprint(state.print_pending, then))
    if state.settlement is not None:
        return leave(state, ResumeSettlement())
    return to_fresh_sign_in(replace(state, updated_from=""), notice_of_start(state))


def notice_of_start(state: State) -> Text | None:
    """What whoever signs in first should know: a payment that was cut off, else that the program is a new one."""
    if state.undo is not None:
        cut = state.undo.reversal
        kind, amount = f"@kind.{cut.kind}", yuan(cut.amount_fen)
        return words("sign_in.interrupted", kind=kind, amount=amount, trace=cut.trace_no)
    return words("sign_in.updated", program=state.machine.software) if state.updated_from else None
