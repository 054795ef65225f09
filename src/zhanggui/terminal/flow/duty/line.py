"""The line as it is now: what each exchange and each look shows, for the status line, the notices and the next sign-in record.

The self-check only begins it. Where nothing is said for a while and somebody is there, the line is looked at.
"""

from msgspec.structs import replace

from ..core.effects import Effect, LookAtLine
from ..core.events import CheckResult, DeviceChanged, Event, LineSeen, LineSign, Ticked
from ..core.policy import ATTENDED_S, LINE_AGAIN_S, LINE_LOOK_S
from ..core.stage import Stage
from ..core.state import State
from ..core.step import Step, check_of, stay
from .anytime import device_changed

UNREACHABLE = CheckResult(item="network", state="fail", reason="check.network.unreachable")
SILENT = CheckResult(item="network", state="warn", reason="check.network.silent")
WELL = CheckResult(item="network", state="ok")


def network_by(sign: LineSign, known: CheckResult) -> CheckResult:
    """What the network item says after this sign. A fault that the machine knows of itself is more exact than that nobody was reached."""
    match sign:
        case "unreachable":
            return known if known.state == "fail" else UNREACHABLE
        case "silent":
            return SILENT
        case "taken":
            # A host that takes calls and answers nothing is not well.
            return known if known.state == "warn" else WELL
        case "answered":
            return known if known.state == "warn" and known != SILENT else WELL


def line_seen(state: State, stage: Stage, event: LineSeen) -> Step:
    """Nothing is said of a line that was not checked yet."""
    state = replace(state, line_seen_at=state.tick)
    if event.drift_s is not None:
        state = replace(state, drift_s=event.drift_s)
    if event.sign == "answered":
        state = replace(state, heard_at=state.tick)
    known = check_of(state, "network")
    if known is None or (found := network_by(event.sign, known)) == known:
        return stay(state)
    return device_changed(state, stage, DeviceChanged(now=event.now, result=found))


def look_at_line(state: State, event: Event, effects: tuple[Effect, ...]) -> tuple[State, tuple[Effect, ...]]:
    """After a second in which nothing else went out: look, where it was not seen for a while."""
    known = check_of(state, "network")
    free = state.stage.quiet or state.stage.may_be_locked() or state.stage.takes_orders
    if not isinstance(event, Ticked) or known is None or effects or not free:
        return state, effects
    if state.tick - state.touched_at < ATTENDED_S:
        every_s = LINE_LOOK_S
    elif known.state != "ok":
        every_s = LINE_AGAIN_S
    else:
        return state, effects
    if state.tick - state.line_seen_at < every_s:
        return state, effects
    return replace(state, line_seen_at=state.tick), (LookAtLine(),)
