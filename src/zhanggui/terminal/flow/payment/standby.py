"""Standby (待机), what the keys of a trouble screen do, and what may happen at any time: a device, the language."""

from msgspec.structs import replace

from ..core.effects import Restart
from ..core.events import CardSeen, CardUnreadable, DeviceChanged, KeyPressed, LangChosen, Ticked
from ..core.policy import LINE_AGAIN_S, SALE_IDLE_S
from ..core.routes import leave, to_fresh_sign_in, to_standby
from ..core.stage import Stage
from ..core.stages import Standby, Trouble
from ..core.state import State
from ..core.step import Step, change, idle_for_s, open_reader, stay, words
from ..core.trouble import line_problem, show
from ..duty.lock import lock_now
from ..duty.sign_out import ask_sign_out
from ..sign_in.new_password import ask_old
from ..sign_in.offline import line_tick
from ..slips.printing import reprint_last
from .sale import begin_sale, begin_with_card
from .undo import ticked as undo_ticked


def standby_key(state: State, stage: Standby, event: KeyPressed) -> Step:
    """The menu; on touch models a digit begins the amount."""
    match event.key:
        case "sale":
            return begin_sale(state)
        case "reprint":
            return reprint_last(state)
        case "sign_out":
            return ask_sign_out(state)
        case "lock":
            return lock_now(state, "key")
        case "password":
            return without_session_at_host(state) or ask_old(state)
        case "clear" | "cancel":
            return change(state, Standby())
        case "lang":
            return stay(replace(state, lang="en" if state.lang == "zh" else "zh"))
        case key if key.isascii() and key.isdigit() and len(key) <= 2:
            return begin_sale(state, digits=key.lstrip("0"))
    return stay(state)


def standby_card(state: State, stage: Standby, event: CardSeen) -> Step:
    """Card first, amount next."""
    return begin_with_card(state, event)


def standby_unreadable(state: State, stage: Standby, event: CardUnreadable) -> Step:
    """Ask for the card again."""
    state, wait = open_reader(state)
    return change(state, Standby(notice=words("card.unreadable")), *wait)


def without_session_at_host(state: State) -> Step | None:
    """A step that says why a password cannot be changed now: the host has to hear of it. None when it can."""
    if state.session is not None and state.session.offline:
        return show(state, line_problem("unreachable"), "standby")
    return None


def standby_tick(state: State, stage: Standby, event: Ticked) -> Step:
    """Without a line the host is tried in the background; a pending reversal goes out."""
    return line_tick(state, stage, event)


def device_changed(state: State, stage: Stage, event: DeviceChanged) -> Step:
    """The newest state of a device, for the status line and the next sign-in record."""
    if event.result.item == "network" and event.result.state == "ok" and state.without_line:
        # The line is said to be back: the next second tries it.
        state = replace(state, line_tried_at=state.tick - LINE_AGAIN_S)
    others = tuple(result for result in state.checks if result.item != event.result.item)
    order = [result.item for result in state.checks]
    if event.result.item not in order:
        return stay(replace(state, checks=(*others, event.result)))
    new = tuple(event.result if result.item == event.result.item else result for result in state.checks)
    return stay(replace(state, checks=new))


def lang_chosen(state: State, stage: Stage, event: LangChosen) -> Step:
    """Everything is drawn again in this language."""
    return stay(replace(state, lang=event.lang))


# ── trouble ──────────────────────────────────────────────────────────────────


def trouble_key(state: State, stage: Trouble, event: KeyPressed) -> Step:
    """Go on, try again, leave, or start the program anew."""
    match event.key:
        case "enter" | "retry":
            return leave(state, stage.then, stage.operator_no)
        case "cancel" if stage.retries or stage.may_decline:
            return leave(state, "standby")
        case "leave" if stage.may_leave:
            return to_fresh_sign_in(state)
        case "restart" if stage.may_restart:
            return stay(state, Restart(lang=state.lang))
    return stay(state)


def trouble_tick(state: State, stage: Trouble, event: Ticked) -> Step:
    """In a session, what was read leaves the screen to the next customer."""
    if stage.then == "standby" and state.session is not None and idle_for_s(state) >= SALE_IDLE_S:
        return to_standby(state)
    return undo_ticked(state, stage, event)
