"""Standby (待机), what the keys of a trouble screen do, and what may happen at any time: a device, the language."""

from msgspec.structs import replace

from ..core.events import CardSeen, CardUnreadable, KeyPressed, Ticked
from ..core.noted.pace import said
from ..core.policy import SALE_IDLE_S
from ..core.stage import Trouble
from ..core.state import State
from ..core.step import Step, change, close_reader, go, idle_for_s, leave, may_link, open_reader, stay
from ..core.trouble import line_problem, problem_of, show
from ..core.ways import (
    HandOver,
    LockNow,
    LookForLine,
    OfferSlips,
    ProveFirst,
    ReprintLast,
    ShowSlipLink,
    ToLocked,
    ToNumber,
    ToOldPassword,
    ToSettlement,
    ToSignOut,
    ToStandby,
    UndoQuietly,
)
from ..words.text import Text
from .kinds import KINDS, SETTLES_BY_BADGE, grouped, may_settle
from .paying import begin, begin_with_card, usual_kind
from .reading import not_read
from .stages import ChoosingKind, ChoosingLine, Standby
from .today.listed import ROW_KEY, show_line
from .today.put_right import open_right, say_due


def to_standby(state: State, notice: Text | None = None) -> Step:
    """Ready for the next payment; without a session there is only sign-in."""
    if state.session is None:
        return leave(state, ToNumber(notice))
    if state.lock is not None:
        return leave(state, ToLocked())
    if state.print_pending is not None and not state.session.slips_left:
        return leave(state, OfferSlips(state.print_pending, notice))
    due = open_right(state)
    if due is not None and state.settlement is None:
        return say_due(state, due, notice)
    if state.pace.is_to_be_said:
        return say_slow(state, notice)
    state, forget = close_reader(replace(state, chip_tries=0))
    state, wait = open_reader(state)
    return go(state, Standby(notice=notice), *forget, *wait)


def say_slow(state: State, notice: Text | None) -> Step:
    """Payments are slow one after the other: what can be done, and that a restart loses nothing, for the journal holds all that is owed."""
    seconds = str(state.pace.average_s)
    problem = problem_of("N107", "slow.host", n=str(len(state.pace.waits_s)), s=seconds)
    trouble = Trouble(problem=problem, then=ToStandby(notice), settled=True, may_restart=True)
    state, forget = close_reader(replace(state, pace=said(state.pace)))
    return go(state, trouble, *forget)


def standby_key(state: State, stage: Standby, event: KeyPressed) -> Step:
    """The menu; on touch models a digit begins the amount."""
    match event.key:
        case "reprint" if state.machine.profile.touch:
            return leave(state, ReprintLast())
        case "reprint":
            return go(state, ChoosingLine())
        case "slip_link" if may_offer_link(state) and state.last_sale is not None:
            return leave(state, ShowSlipLink(batch_no=state.last_sale.batch_no, trace_no=state.last_sale.trace_no))
        case "hand_over":
            return leave(state, HandOver())
        case "sign_out":
            return leave(state, ToSignOut())
        case "settle" if may_settle(state):
            wants_password = state.session is not None and state.session.by_badge and not SETTLES_BY_BADGE
            return leave(state, ProveFirst(ToSettlement()) if wants_password else ToSettlement())
        case "lock":
            return leave(state, LockNow("key"))
        case "password":
            return without_session_at_host(state) or leave(state, ToOldPassword())
        case "clear" | "cancel":
            return change(state, Standby())
        case "lang":
            return stay(replace(state, lang="en" if state.lang == "zh" else "zh"))
        case key if key.startswith(ROW_KEY):
            return show_line(state, key)
        case key if key.isascii() and key.isdigit() and len(key) <= 2:
            return begin(state, usual_kind(state), digits=key.lstrip("0"))
        case key if key in KINDS:
            return begin(state, KINDS[key])
        case key if key and grouped(state, key):
            return go(state, ChoosingKind(group=key))
    return stay(state)


def may_offer_link(state: State) -> bool:
    """Whether standby itself offers the last slip for a phone: where there is paper, it is offered in the place of the second copy."""
    return may_link(state) and not state.machine.profile.printer and state.last_sale is not None


def kind_key(state: State, stage: ChoosingKind, event: KeyPressed) -> Step:
    """One of the kinds, or back."""
    match event.key:
        case "cancel" | "clear":
            return leave(state, ToStandby())
        case key if key in KINDS:
            return begin(state, KINDS[key])
    return stay(state)


def kind_tick(state: State, stage: ChoosingKind, event: Ticked) -> Step:
    """A menu that nobody chooses from is left."""
    return leave(state, ToStandby()) if idle_for_s(state) >= SALE_IDLE_S else leave(state, UndoQuietly())


def standby_card(state: State, stage: Standby, event: CardSeen) -> Step:
    """Card first, amount next."""
    return begin_with_card(state, event)


def standby_unreadable(state: State, stage: Standby, event: CardUnreadable) -> Step:
    """Ask for the card again."""
    state, notice = not_read(state, event)
    state, wait = open_reader(state)
    return change(state, Standby(notice=notice), *wait)


def without_session_at_host(state: State) -> Step | None:
    """A step that says why a password cannot be changed now: the host has to hear of it. None when it can."""
    if state.session is not None and state.session.offline:
        return show(state, line_problem("unreachable"), ToStandby())
    return None


def standby_tick(state: State, stage: Standby, event: Ticked) -> Step:
    """Without a line the host is tried in the background; a pending reversal goes out, and what it leaves open comes up."""
    if open_right(state) is not None:
        return leave(state, ToStandby())
    return leave(state, LookForLine())
