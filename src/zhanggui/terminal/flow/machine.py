"""The terminal's flow as one table.

THEORY. A terminal is in one *stage* at a time (`stages.py` of each area). An *event* (`core/events`) meets the stage in the
table; the handler named there gives the next state and the *effects* (`core/effects`) that the shell performs in order. What
stands in no row does nothing: a late answer, a stale key, a card nobody waits for. Nothing here reads a clock, a device or chance.

Each area (`area.py`) brings its stages, rows, drawings and entrances; here they are joined. An area never calls another one: its
handler leaves by a *way* (`core/ways.py`), and `follow` puts what the entrance does in the way's place.

    OFF ─▶ self-check ─▶ (held-back slips) ─▶ (eyes) ─▶ number ─▶ password ─▶ verify ─▶ (new password) ─▶ confirm
        confirm ─▶ (code) ─▶ signed in ─▶ STANDBY        verify ─▶ elsewhere ─▶ (approval) ─▶ signed in
        number of a manager ─▶ MENU ─▶ (about whom) ─▶ password ─▶ (first password) ─▶ asked ─▶ MENU
        no line: password ─▶ the PIN pad's own check ─▶ signed in without the host ─▶ STANDBY
    STANDBY ─▶ amount ⇄ card ─▶ PIN ─▶ paying ──▶ approved: signature, slips ─▶ STANDBY
                                          ├─▶ refused, or nothing left: words ─▶ STANDBY
                                          └─▶ doubt: undoing ─▶ words ─▶ STANDBY
    STANDBY ─▶ a line ─▶ right amount ─▶ card, approval ─▶ paying ─▶ slips ─▶ RIGHT DUE ─▶ card ─▶ PIN ─▶ paying ─▶ slips ─▶ STANDBY
    STANDBY ─▶ settle? ─▶ totals ─▶ (each payment) ─▶ settled, slip ─▶ sign-off ─▶ number
    number 99 ─▶ password ─▶ settings ⇄ typed ─▶ number
    STANDBY ─▶ sign out? ─▶ (notes) ─▶ figures ─▶ number
    any quiet stage of a session ─▶ LOCKED ─▶ STANDBY, or number

Five things go on beside the stage, in `State`:

    keys    none → under way → ready | failed. The terminal's sign-on (0800) runs while the operator types.
    undo    the payment in doubt, as the journal holds it, from before the payment leaves until its outcome is durable.
    lock    while it is there, no way leads to standby (`lock.py`).
    box     the host's orders and what became of them; carried out by `orders.obey` where nothing is interrupted.
    forced  what the host, the date or a time asks for; done by `forced.obey` after the step in which nothing else goes on.

LAWS (tests/unit/terminal_flow holds them against any sequence of events)
    1  SendPayment never leaves without RememberPayment before it in the same step; where no money moves, without RememberTrace.
    2  SendPayment never leaves while `undo` holds another payment.
    3  One trace number, at most one SendPayment.
    4  The first slip comes after RememberApproval in the same step.
    5  No event, known or not, at any time, raises.
    6  No digit of a password, PIN or code is ever in the state: digits go to the PIN pad and dots come back.
    8  No payment leaves while a settlement is under way, and none of its messages without RememberSettlement before it.
    9  Behind one payment that took a wrong amount back, the right amount is charged at most once.
    7  No payment leaves while the terminal is locked, nor from a session that the host does not know.

"""

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from ...basics.errors import Defect
from .approval.area import AREA as APPROVAL
from .core import events as e
from .core.effects import Effect
from .core.policy import DAY_LINES_MAX
from .core.stage import Stage, Trouble
from .core.state import State
from .core.step import Part, stay, timed, today_of
from .core.ways import RecordFailed, Way
from .duty import forced, orders
from .duty.area import AREA as DUTY
from .duty.area import FORCED_TO as FORCED_WAYS
from .duty.area import ORDERED_TO as ORDERED_WAYS
from .duty.line import look_at_line
from .management.area import AREA as MANAGEMENT
from .payment import undo
from .payment.area import AREA as PAYMENT
from .screens.area import Draw, Entrance, Row, Target, row
from .screens.screens import Countdown, Screen
from .settlement.area import AREA as SETTLEMENT
from .setup.area import AREA as SETUP
from .sign_in.area import AREA as SIGN_IN
from .sign_in.sign_on import trace_lost
from .slips.area import AREA as SLIPS
from .words.text import words

__all__ = [
    "DRAWINGS",
    "ENTRANCES",
    "EVERYWHERE",
    "FORCED_TO",
    "ORDERED_TO",
    "ROWS",
    "STAGES",
    "TABLE",
    "Row",
    "flow",
    "screen_of",
]

AREAS = (SIGN_IN, MANAGEMENT, APPROVAL, DUTY, PAYMENT, SLIPS, SETTLEMENT, SETUP)
WAYS_MAX = 8
"""Ways that one step may take; today it is three at most, and a circle of ways would never end."""

DRAWINGS: Mapping[type[Stage], Draw] = {stage: draw for area in AREAS for stage, draw in area.drawings.items()}
STAGES: tuple[type[Stage], ...] = tuple(DRAWINGS)
"""Every stage that there is: a stage without a drawing cannot be entered."""
ENTRANCES: Mapping[type[Way], Entrance] = {known.way: known for area in AREAS for known in area.entrances}


def stages_behind(targets: tuple[Target, ...], seen: frozenset[type[Way]] = frozenset()) -> Iterator[type[Stage]]:
    """The stages that these targets stand for; a way stands for what its entrance leads to, and a base way for all of its kind."""
    for target in targets:
        if issubclass(target, Stage):
            yield target
        elif target not in seen:
            known = [found for way, found in ENTRANCES.items() if issubclass(way, target)]
            for found in known:
                yield from stages_behind(found.leads_to, seen | {target})


def resolved(known: Row) -> Row:
    """The row with stages in place of ways."""
    return known._replace(leads_to=tuple(dict.fromkeys(stages_behind(known.leads_to))))


FORCED_TO: tuple[type[Stage], ...] = tuple(dict.fromkeys(stages_behind(FORCED_WAYS)))
"""Where any step of a session may lead, because something is forced (`duty/forced.py`)."""
ORDERED_TO: tuple[type[Stage], ...] = tuple(dict.fromkeys(stages_behind(ORDERED_WAYS)))
"""Where any step may lead, because the host ordered something (`duty/orders.py`)."""

ROWS: tuple[Row, ...] = tuple(
    resolved(known)
    for known in (
        *(known for area in AREAS for known in area.rows),
        *(row(stage, e.Ordered, forced.ordered, *ORDERED_WAYS) for stage in STAGES if stage.home),
        *(row(stage, e.JournalFailed, trace_lost, Trouble, RecordFailed) for stage in STAGES if stage.may_lose_trace),
    )
)
"""What each stage does by itself."""

EVERYWHERE: tuple[Row, ...] = tuple(resolved(known) for area in AREAS for known in area.everywhere)
"""What every stage does that has no row of its own for the event."""

Place = tuple[type[Stage], type[e.Event], str]
TABLE: Mapping[Place, Row] = {(known.stage, known.event, known.request): known for known in (*ROWS, *EVERYWHERE)}

if len(TABLE) != len(ROWS) + len(EVERYWHERE):
    raise Defect("two rows for one place in the table of the flow")
if len(DRAWINGS) != sum(len(area.drawings) for area in AREAS):
    raise Defect("two drawings for one stage")
if len(ENTRANCES) != sum(len(area.entrances) for area in AREAS):
    raise Defect("two entrances for one way")

BY_A_PERSON = (e.KeyPressed, e.BadgeShown, e.PinDots, e.CardSeen, e.CardUnreadable, e.Signed, e.LangChosen)
"""Events that show that somebody is there."""


PAGE_KEYS = {"up": -1, "down": 1}
"""Keys of a four-line display that turn pages, on every screen."""


def flow(state: State, event: e.Event) -> tuple[State, tuple[Effect, ...]]:
    """One step: the next state, and the effects to perform in this order. Never raises, whatever comes."""
    state = passed(state, event)
    if isinstance(event, e.KeyPressed):
        if event.key in PAGE_KEYS and not state.machine.profile.touch:
            return replace(state, page=state.page + PAGE_KEYS[event.key]), ()
        event = replace(event, key=meant(state, event.key))
    request: str = getattr(event, "request", "")
    kind = type(event)
    found = TABLE.get((type(state.stage), kind, request)) or TABLE.get((Stage, kind, request))
    state, effects = follow(*(found.handler(state, state.stage, event) if found else stay(state)))
    state, effects = follow(*forced.obey(state, event, effects))
    state, effects = follow(*orders.obey(state, event, effects))
    return look_at_line(state, event, effects)


def follow(state: State, parts: tuple[Part, ...], ways_left: int = WAYS_MAX) -> tuple[State, tuple[Effect, ...]]:
    """Take the ways of a step, in order: what an entrance does comes in the place of its way."""
    effects: list[Effect] = []
    for part in parts:
        if isinstance(part, Effect):
            effects.append(part)
            continue
        if ways_left == 0:
            raise Defect(f"a step takes more than {WAYS_MAX} ways, the last one {type(part).__name__}")
        state, more = follow(*ENTRANCES[type(part)].enter(state, part), ways_left - 1)
        effects += more
    return state, tuple(effects)


def screen_of(state: State) -> Screen:
    """What a person sees now. A pure function of the state; the model's profile stands in it."""
    shown = DRAWINGS[type(state.stage)](state, state.stage)
    left_s = forced.idle_left_s(state)
    if left_s is None or left_s > state.rules.idle_warning_s or shown.countdown is not None:
        return shown
    return replace(shown, countdown=Countdown(words("lock.warning", s=str(max(left_s, 0))), max(left_s, 0)))


def passed(state: State, event: e.Event) -> State:
    """Time went by: the clock as the event has it, one tick more, a new day of the host with an empty list."""
    if state.stage.step:
        state = timed(state, event.now)
    if isinstance(event, e.Ticked):
        before = state
        state = replace(state, now=event.now, tick=state.tick + 1)
        new_day = before.now != 0 and today_of(state, before.now) != today_of(state, state.now)
        return next_day(state) if new_day else state
    if isinstance(event, BY_A_PERSON):
        return replace(state, now=event.now, touched_at=state.tick)
    if isinstance(event, e.JournalFailed) and event.what in ("trace", "note"):
        # What was to leave with that number was dropped: a reversal and a sign-on that count as under way would be waited for for ever.
        state = undo.without_dropped_sign_on(undo.without_dropped_reversal(state))
    return replace(state, now=event.now)


def next_day(state: State) -> State:
    """An empty list and totals of nothing; the lines of the day that ended can still be found, for the batch goes on."""
    earlier = (*state.today, *state.earlier)[:DAY_LINES_MAX]
    return replace(state, today=(), earlier=earlier, ticks=(), sales_count=0, sales_fen=0)


def meant(state: State, key: str) -> str:
    """The choice that a physical key stands for on this screen; digits mean themselves where they are wanted, else nothing."""
    screen = screen_of(state)
    if screen.digits and key.isdigit():
        return key
    for choice in screen.choices:
        if choice.shortcut and choice.shortcut == key:
            return choice.key
    return "" if key.isdigit() and not screen.digits else key
