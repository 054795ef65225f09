"""What may happen at any time: a device, the language; and what the keys of a trouble screen do."""

from msgspec.structs import replace

from ..core.effects import Restart, SendStatus
from ..core.events import CheckResult, DeviceChanged, KeyPressed, LangChosen, Ticked
from ..core.policy import LINE_AGAIN_S, SALE_IDLE_S
from ..core.stage import Stage, Trouble
from ..core.state import State
from ..core.step import Step, idle_for_s, leave, stay
from ..core.ways import ToFreshSignIn, ToSelfCheck, ToStandby, UndoQuietly


def device_changed(state: State, stage: Stage, event: DeviceChanged) -> Step:
    """The newest state of a device, for the status line and the next sign-in record."""
    if event.result.item == "network" and event.result.state == "ok" and state.without_line:
        # The line is said to be back: the next second tries it.
        state = replace(state, line_tried_at=state.tick - LINE_AGAIN_S)
    state = replace(state, checks=with_result(state, event.result))
    if event.result.item == "tamper" and event.result.state == "fail":
        if stage.quiet:
            # The keys are gone: whatever is begun from here would fail with words about the line. The check says what it is,
            # and tells the host.
            return leave(state, ToSelfCheck())
        return stay(state, SendStatus(checks=state.checks))
    return stay(state)


def with_result(state: State, result: CheckResult) -> tuple[CheckResult, ...]:
    """The checks with one that is newer, in their order."""
    if result.item not in {known.item for known in state.checks}:
        return (*state.checks, result)
    return tuple(result if known.item == result.item else known for known in state.checks)


def lang_chosen(state: State, stage: Stage, event: LangChosen) -> Step:
    """Everything is drawn again in this language."""
    return stay(replace(state, lang=event.lang))


# ── trouble ──────────────────────────────────────────────────────────────────


def trouble_key(state: State, stage: Trouble, event: KeyPressed) -> Step:
    """Go on, try again, leave, or start the program anew."""
    match event.key:
        case "enter" | "retry":
            return leave(state, stage.then)
        case "cancel" if stage.retries or stage.may_decline:
            return leave(state, ToStandby())
        case "leave" if stage.may_leave:
            return leave(state, ToFreshSignIn())
        case "restart" if stage.may_restart:
            return stay(state, Restart(lang=state.lang))
    return stay(state)


def trouble_tick(state: State, stage: Trouble, event: Ticked) -> Step:
    """In a session, what was read leaves the screen to the next customer."""
    if isinstance(stage.then, ToStandby) and state.session is not None and idle_for_s(state) >= SALE_IDLE_S:
        return leave(state, ToStandby())
    return leave(state, UndoQuietly())
