"""Orders of the host, each carried out once (`docs/concepts/orders.md`): what each kind does here, when, and what the host is told.

    rung, or hinted at ─▶ heartbeat ─▶ order ─▶ kept ─▶ (standby) ─▶ ended in the journal, with its effect ─▶ heartbeat with the answer

Nothing breaks into a payment: an order waits as long as its stage may not be interrupted (`forced.may_interrupt`). `payment_result`
alone is taken wherever nothing is being asked: it only makes the terminal ask. `obey` runs after every step. An order that a power cut
interrupts is still held, or has ended with its effect: its note comes first in its step.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from msgspec.structs import replace

from ....basics.roles import Role
from ....cup.qr.received import read_received
from ..core.effects import Effect, RememberNote, StopPinEntry
from ..core.events import Event, JournalFailed, KeyPressed, Ordered, PendingReversal, Rung, Ticked
from ..core.noted.orders import HeldOrder, OrderBox, ended, with_sheet, without, write_box
from ..core.policy import HEARTBEAT_S, ORDERS_WAIT_S
from ..core.routes import force_sign_in, need_keys, nobody_here
from ..core.stage import Stage
from ..core.state import State
from ..core.step import Part, Step, close_reader, go, host_now, idle_for_s, leave, stay
from ..core.trouble import problem_of
from ..core.ways import AskLate, TakeReceived, ToFreshSignIn, ToStandby, UndoIfQuiet, UndoQuietly
from .forced import beat_of, may_beat, may_interrupt
from .stages import Announced, Shut

SIGN_IN_STEPS = frozenset({"eyes", "number", "password"})
"""Steps of a sign-in (`cup/values/steps.py`) at which a terminal that is shut stands no longer."""


class Doing(NamedTuple):
    """What a terminal does with one kind of order."""

    may: Callable[[State], bool]
    """Whether it may be carried out as things stand."""
    do: Callable[[State, HeldOrder], tuple[str | None, State, tuple[Part, ...]]]
    """The answer's word (None: it has not ended yet), and the step."""
    alone: bool = False
    """Whether nothing else may be done in its step: where a record fails, what stands behind it is dropped, and of that nobody hears."""


# ── the kinds ────────────────────────────────────────────────────────────────


def is_free(state: State) -> bool:
    """Whether nobody is in the middle of anything: standby and its like, or a sign-in that waits for a person.

    A payment that has begun is let go on, other than by a session that ended at the host; its own time ends it.
    """
    if state.stage.in_hand() or state.stage.begun() is not None:
        return False
    if state.session is not None:
        return may_interrupt(state)
    handing_out = state.stage.hands_out_slips and idle_for_s(state) < ORDERS_WAIT_S
    return state.stage.quiet and not handing_out and state.settlement is None


def is_home(state: State) -> bool:
    """Whether an operator stands before standby, where something may be said."""
    return state.session is not None and state.lock is None and state.stage.home and is_free(state)


def sign_out(state: State, order: HeldOrder) -> tuple[str | None, State, tuple[Part, ...]]:
    """Nobody is signed in any more; the host ends the session when it is told so."""
    if state.session is None:
        return "nobody", state, ()
    state, parts = force_sign_in(state, problem_of("A206", "order.signed_out"))
    return "", state, parts


def lock(state: State, order: HeldOrder) -> tuple[str | None, State, tuple[Part, ...]]:
    """Nobody signs in here until the office says so."""
    word = "already" if state.box.shut is not None else ""
    state = replace(state, box=replace(state.box, shut=order.contents))
    if isinstance(state.stage, Shut):
        return word, state, ()
    state, parts = to_shut(state)
    return word, state, parts


def unlock(state: State, order: HeldOrder) -> tuple[str | None, State, tuple[Part, ...]]:
    """People may sign in again."""
    if state.box.shut is None:
        return "already", state, ()
    state = replace(state, box=replace(state.box, shut=None))
    if not isinstance(state.stage, Shut):
        return "", state, ()
    state, parts = leave(state, ToFreshSignIn())
    return "", state, parts


def announce(state: State, order: HeldOrder) -> tuple[str | None, State, tuple[Part, ...]]:
    """Show it until somebody has read it."""
    state, parts = go(state, Announced(number=order.number, text=order.contents))
    return None, state, parts


def may_ask(state: State) -> bool:
    """Whether a payment whose outcome is open could be asked after: one thing at a time, and with keys."""
    return state.undo is None or not (state.undo.under_way or state.undo.settling)


def ask_after(state: State, order: HeldOrder) -> tuple[str | None, State, tuple[Part, ...]]:
    """The payment that it names is over: what came of it is asked for now, where it is not known yet. The order itself decides nothing."""
    undo = state.undo
    if undo is not None and undo.reversal.again is not None and is_named(undo.reversal, order):
        state, parts = leave(state, UndoIfQuiet())
        return "", state, parts
    late = next((one for one in state.late if is_named(one, order)), None)
    if late is None:
        return "known", state, ()
    if undo is not None or not state.stage.quiet:
        # It waits behind the one that is in doubt, as anything does.
        return None, state, ()
    state, parts = leave(state, AskLate(pending=late))
    return "", state, parts


def is_named(pending: PendingReversal, order: HeldOrder) -> bool:
    """Whether an order is about this payment."""
    return order.contents == pending.batch_no + pending.trace_no


TAKING: frozenset[Role] = frozenset({"cashier"})
"""Who takes what was paid by the code on the counter; a test compares it with the kinds of payment."""


def may_take(state: State) -> bool:
    """Whether a payment that came could be taken: somebody who trades stands before standby, and nothing else is in doubt."""
    session = state.session
    return (
        (is_home(state) and session is not None and session.role in TAKING and not session.offline)
        and (state.undo is None and state.settlement is None and state.keys == "ready" and state.forced is None)
    ) or taking(state) is not None


def taking(state: State) -> str | None:
    """The voucher of the payment that is being taken now; None while none is."""
    again = state.undo.reversal.again if state.undo is not None else None
    return again.received if again is not None and again.received else None


def take_received(state: State, order: HeldOrder) -> tuple[str | None, State, tuple[Part, ...]]:
    """Take the payment into the batch. The order ends once that is in the journal: told of twice, it is taken once."""
    sheet = read_received(order.contents)
    if sheet is None:
        return "unreadable", state, ()
    if taking(state) == sheet.voucher:
        return "", state, ()
    # Two wallets may have given the same number; that they gave it for the same sum at the same till nobody here could tell.
    if any((line.pay_voucher, line.amount_fen) == (sheet.voucher, sheet.amount_fen) for line in state.today):
        return "known", state, ()
    if taking(state) is not None:
        return None, state, ()
    state, parts = leave(state, TakeReceived(sheet))
    return None, state, parts


DOINGS: Mapping[str, Doing] = MappingProxyType(
    {
        "remote_sign_out": Doing(is_free, sign_out),
        "remote_lock": Doing(is_free, lock),
        "remote_unlock": Doing(is_free, unlock),
        "announcement": Doing(is_home, announce),
        "payment_result": Doing(may_ask, ask_after),
        "code_paid": Doing(may_take, take_received, alone=True),
    }
)
"""By the kind of order; a test compares it with `cup/order_kinds.toml`."""


# ── while the terminal is shut ───────────────────────────────────────────────


def to_shut(state: State) -> Step:
    """The terminal is locked by the office; it stays on the line, so that it hears when it is opened."""
    state, forget = close_reader(nobody_here(state))
    state, ask = need_keys(state)
    return go(state, Shut(), *forget, StopPinEntry(), *ask)


def shut_key(state: State, stage: Shut, event: KeyPressed) -> Step:
    """Whoever cannot wait asks."""
    if event.key != "retry":
        return stay(state)
    state, ask = need_keys(state)
    return stay(replace(state, beat_due=True), *ask)


def shut_tick(state: State, stage: Shut, event: Ticked) -> Step:
    """Keys that did not come are asked for again; a payment in doubt is undone behind the lock too."""
    if state.keys in ("none", "failed") and state.tick % HEARTBEAT_S == 0:
        state, ask = need_keys(state)
        return stay(state, *ask)
    return leave(state, UndoQuietly())


def announced_key(state: State, stage: Announced, event: KeyPressed) -> Step:
    """It has been read."""
    if event.key != "enter":
        return stay(state)
    state, note = keep(state, ended(state.box, stage.number, "done", "read"))
    state, parts = leave(state, ToStandby())
    return state, (*note, *parts)


# ── what comes and what goes ─────────────────────────────────────────────────


def rung(state: State, stage: Stage, event: Rung) -> Step:
    """The host has something: ask at the next second that lets it."""
    return stay(replace(state, beat_due=True))


def note_failed(state: State) -> State:
    """The disk did not take the box: nothing of it is told before it does."""
    return replace(state, box_unkept=True)


def keep(state: State, box: OrderBox) -> Step:
    """A box that changed, its note first; what became of orders is told at once."""
    if box == state.box:
        return stay(state)
    state = replace(state, box=box, box_unkept=False, beat_due=state.beat_due or bool(box.answers))
    return state, (RememberNote(name="orders", value=write_box(box)),)


def without_unkept(box: OrderBox) -> OrderBox:
    """Where the disk takes no payment, what came waits at the host, which tells of it again: asked at each step it would fail at each."""
    order = next((order for order in box.waiting if DOINGS[order.kind].alone), None) if box.waiting else None
    return box if order is None else ended(box, order.number, "done", "not_kept")


def received(state: State, event: Ordered) -> Step:
    """An order, and the receipt for answers."""
    box = without(state.box, event.taken)
    if event.sheet is not None:
        box = with_sheet(box, event.sheet)
        if event.sheet.more and box != state.box:
            state = replace(state, beat_due=True)
    return keep(state, box)


def expire(box: OrderBox, now: int) -> OrderBox:
    """What waited too long is not carried out any more, by the host's clock."""
    for order in box.waiting:
        if order.until_ms <= now:
            box = ended(box, order.number, "expired")
        elif order.kind not in DOINGS:
            box = ended(box, order.number, "refused", "unknown_kind")
    return box


def obey(state: State, event: Event, effects: tuple[Effect, ...]) -> Step:
    """After a step: take what came, carry out what may be, say what became of it."""
    if isinstance(event, JournalFailed) and event.what == "note":
        state = note_failed(state)
    parts: tuple[Part, ...] = effects
    if isinstance(event, JournalFailed) and event.what == "payment" and is_home(state):
        state, note = keep(state, without_unkept(state.box))
        parts = (*parts, *note)
    if isinstance(event, Ordered) and (event.sheet is not None or event.taken):
        state, note = received(state, event)
        parts = (*parts, *note)
    if state.box.shut is not None and state.session is None and state.stage.step in SIGN_IN_STEPS:
        state, closing = to_shut(state)
        parts = (*parts, *closing)
    if state.box.waiting:
        state, done = carry_out(state, is_alone=not parts)
        parts = (*parts, *done)
    if state.box_unkept and isinstance(event, Ticked) and state.tick % HEARTBEAT_S == 0:
        state = replace(state, box_unkept=False)
        parts = (*parts, RememberNote(name="orders", value=write_box(state.box)))
    return tell(state, event, parts)


def carry_out(state: State, *, is_alone: bool) -> Step:
    """The first order that may be carried out now; its end is in the journal before anything of it happens."""
    box = expire(state.box, host_now(state))
    state, note = keep(state, box)
    for order in box.waiting:
        doing = DOINGS[order.kind]
        if not doing.may(state) or (doing.alone and (note or not is_alone)):
            continue
        word, state, parts = doing.do(state, order)
        if word is None and not parts:
            # It waits for something; what comes behind it need not.
            continue
        if word is not None:
            state, note = keep(state, ended(state.box, order.number, "done", word))
        elif not parts:
            continue
        return state, (*note, *parts)
    return state, note


def tell(state: State, event: Event, parts: tuple[Part, ...]) -> Step:
    """A heartbeat ahead of its time, where something is to be said or asked."""
    if not state.beat_due or not may_beat(state):
        return state, parts
    if not state.box.answers and state.tick == state.beat_at:
        # However often it rings, a terminal asks once a second.
        return state, parts
    return replace(state, beat_due=False, beat_at=state.tick), (*parts, beat_of(state))
