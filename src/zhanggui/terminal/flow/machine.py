"""The terminal's flow as one table.

THEORY. A terminal is in one *stage* at a time (`stages.py`). An *event* (`events.py`) meets the stage in the table below;
the handler named there gives the next state and the *effects* (`effects.py`) that the shell performs in order. What stands
in no row does nothing: a late answer, a stale key, a card nobody waits for. Nothing here reads a clock, a device or chance.

    OFF ─▶ self-check ─▶ (held-back slips) ─▶ number ─▶ password ─▶ verify ─▶ confirm ─▶ signed in ─▶ STANDBY
    STANDBY ─▶ amount ⇄ card ─▶ PIN ─▶ selling ─▶ approved: signature, slips ─▶ STANDBY
                                          ├─▶ refused, or nothing left: words ─▶ STANDBY
                                          └─▶ doubt: undoing ─▶ words ─▶ STANDBY
    STANDBY ─▶ sign out? ─▶ figures ─▶ number

Two things go on beside the stage, in `State`:

    keys    none → under way → ready | failed. The terminal's sign-on (0800) runs while the operator types.
    undo    the payment in doubt, as the journal holds it, from before the payment leaves until its outcome is durable.

LAWS (tests/unit/terminal_flow holds them against any sequence of events)
    1  SendSale never leaves without RememberSale before it in the same step.
    2  SendSale never leaves while `undo` holds another payment.
    3  One trace number, at most one SendSale.
    4  The first slip comes after RememberApproval in the same step.
    5  No event, known or not, at any time, raises.
    6  No digit of a password or PIN is ever in the state: digits go to the PIN pad and dots come back.

`row(stage, event, handler, *leads_to, request=…)`: for answers, `request` names the effect that they answer.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from msgspec.structs import replace

from ...basics.clock import china_time
from . import events as e
from . import outcome, power, printing, sale, sign_in, sign_on, standby, undo
from . import stages as s
from .drawing import screen_of
from .state import State
from .step import Step, stay

__all__ = ["EVERYWHERE", "TABLE", "Row", "flow", "screen_of"]

S = TypeVar("S", bound=s.Stage)
E = TypeVar("E", bound=e.Event)


class Row(NamedTuple):
    """One row of the table; `leads_to` names every stage that the handler may enter."""

    stage: type[s.Stage]
    event: type[e.Event]
    request: str
    handler: Callable[[State, Any, Any], Step]
    leads_to: tuple[type[s.Stage], ...]


def row(
    stage: type[S],
    event: type[E],
    handler: Callable[[State, S, E], Step],
    *leads_to: type[s.Stage],
    request: str = "",
) -> Row:
    """Make a row; the type checker sees that the handler takes this stage and this event."""
    return Row(stage, event, request, handler, leads_to)


AFTER_CHECK = (s.Printing, s.SignInNumber)
AWAY = (s.Standby, s.SignInNumber)
SOLD = (s.Selling, s.Undoing, *AWAY)
BEGUN = (s.EnteringAmount, s.Trouble, s.Undoing, *AWAY)

ROWS: tuple[Row, ...] = (
    # power-on
    row(s.SelfChecking, e.SelfChecked, power.checked, s.SelfCheckShown, *AFTER_CHECK),
    row(s.SelfCheckShown, e.KeyPressed, power.check_key, s.SelfChecking, *AFTER_CHECK),
    # sign-in
    row(s.SignInNumber, e.KeyPressed, sign_in.number_key, s.SignInPassword),
    row(s.SignInPassword, e.KeyPressed, sign_in.password_key, s.SignInNumber),
    row(s.SignInPassword, e.PinDots, sign_in.password_dots),
    row(s.SignInPassword, e.PinDone, sign_in.password_done, s.Verifying, s.SignInNumber),
    row(s.Verifying, e.SignedOn, sign_in.keys_came),
    row(s.Verifying, e.OperatorVerified, sign_in.verified, s.Confirming, s.Trouble),
    row(s.Verifying, e.Refused, sign_in.verify_refused, s.SignInPassword, s.Trouble, request="SendVerify"),
    row(s.Verifying, e.HostFailed, sign_in.verify_failed, s.Trouble, request="SendVerify"),
    row(s.Confirming, e.KeyPressed, sign_in.confirm_key, s.Submitting, s.ChoosingWrong, s.SignInNumber),
    row(s.ChoosingWrong, e.KeyPressed, sign_in.wrong_key, s.Submitting, s.Confirming),
    row(s.Submitting, e.SignInConfirmed, sign_in.confirmed, s.SignedInShown, s.Trouble),
    row(s.Submitting, e.Refused, sign_in.confirm_refused, s.Trouble, request="SendConfirm"),
    row(s.Submitting, e.HostFailed, sign_in.confirm_failed, s.Confirming, s.Trouble, request="SendConfirm"),
    row(s.SignedInShown, e.KeyPressed, sign_in.signed_in_key, *AWAY),
    row(s.SignedInShown, e.Ticked, sign_in.signed_in_tick, *AWAY),
    row(s.SignInNumber, e.JournalFailed, sign_on.trace_or_undo, s.Trouble, s.Undoing),
    row(s.SignInPassword, e.JournalFailed, sign_on.trace_or_undo, s.Trouble, s.Undoing),
    row(s.Verifying, e.JournalFailed, sign_on.trace_or_undo, s.Trouble, s.Undoing),
    row(s.Submitting, e.JournalFailed, sign_on.trace_or_undo, s.Trouble, s.Undoing),
    row(s.SigningOut, e.JournalFailed, sign_on.trace_or_undo, s.Trouble, s.Undoing),
    row(s.Trouble, e.JournalFailed, sign_on.trace_or_undo, s.Trouble, s.Undoing),
    row(s.Trouble, e.KeyPressed, standby.trouble_key, s.SignInPassword, s.SelfChecking, *AWAY),
    row(s.Trouble, e.Ticked, standby.trouble_tick, *AWAY),
    # standby
    row(s.Standby, e.KeyPressed, standby.standby_key, s.Printing, s.AskingSignOut, *BEGUN),
    row(s.Standby, e.CardSeen, standby.standby_card, *BEGUN),
    row(s.Standby, e.CardUnreadable, standby.standby_unreadable),
    row(s.Standby, e.Ticked, standby.standby_tick),
    # sale, until it leaves
    row(s.EnteringAmount, e.KeyPressed, sale.amount_key, s.AwaitingCard, s.EnteringPin, *SOLD),
    row(s.EnteringAmount, e.CardSeen, sale.amount_card),
    row(s.EnteringAmount, e.CardUnreadable, sale.amount_unreadable),
    row(s.EnteringAmount, e.Ticked, sale.sale_idle, *AWAY),
    row(s.AwaitingCard, e.KeyPressed, sale.card_key, s.EnteringAmount, *AWAY),
    row(s.AwaitingCard, e.CardSeen, sale.card_seen, s.EnteringPin, *SOLD),
    row(s.AwaitingCard, e.CardUnreadable, sale.card_unreadable),
    row(s.AwaitingCard, e.Ticked, sale.sale_idle, *AWAY),
    row(s.EnteringPin, e.KeyPressed, sale.pin_key, *AWAY),
    row(s.EnteringPin, e.PinDots, sale.pin_dots),
    row(s.EnteringPin, e.PinDone, sale.pin_done, *SOLD),
    # its outcome (domain reference §4.4)
    row(s.Selling, e.JournalFailed, sale.sale_not_kept, s.Trouble),
    row(s.Selling, e.SaleApproved, outcome.approved, s.Printing, s.Signing, s.Undoing),
    row(s.Selling, e.Refused, outcome.refused, s.SaleRefused, s.Trouble, request="SendSale"),
    row(s.Selling, e.HostFailed, outcome.failed, s.SaleRefused, s.Undoing, s.Trouble, request="SendSale"),
    row(s.SaleRefused, e.KeyPressed, outcome.refused_key, s.EnteringPin, s.Undoing, *AWAY),
    row(s.SaleRefused, e.Ticked, outcome.refused_tick, *AWAY),
    row(s.Undoing, e.KeyPressed, undo.undoing_key, *AWAY),
    row(s.Undoing, e.Ticked, undo.undoing_tick),
    # slips
    row(s.Signing, e.Signed, printing.signed, s.Printing),
    row(s.Signing, e.KeyPressed, printing.signing_key, s.Printing),
    row(s.Printing, e.Printed, printing.printed, s.TearingOff, *AWAY),
    row(s.Printing, e.PrintFailed, printing.print_failed, s.PrintTrouble),
    row(s.TearingOff, e.KeyPressed, printing.torn_off, s.Printing),
    row(s.PrintTrouble, e.KeyPressed, printing.print_trouble_key, s.Printing, *AWAY),
    # sign-out
    row(s.AskingSignOut, e.KeyPressed, standby.sign_out_key, s.SigningOut, *AWAY),
    row(s.AskingSignOut, e.Ticked, standby.sign_out_tick, *AWAY),
    row(s.SigningOut, e.SignedOut, standby.signed_out, s.SignedOutShown),
    row(s.SigningOut, e.Refused, standby.sign_out_refused, s.Trouble, request="SendSignOut"),
    row(s.SigningOut, e.HostFailed, standby.sign_out_failed, s.Trouble, request="SendSignOut"),
    row(s.SignedOutShown, e.KeyPressed, standby.signed_out_key, s.SignInNumber),
    row(s.SignedOutShown, e.Ticked, standby.signed_out_tick, s.SignInNumber),
)
"""What each stage does by itself."""

EVERYWHERE: tuple[Row, ...] = (
    row(s.Stage, e.PoweredOn, power.power_on, s.SelfChecking),
    row(s.Stage, e.LangChosen, standby.lang_chosen),
    row(s.Stage, e.DeviceChanged, standby.device_changed),
    row(s.Stage, e.Ticked, undo.ticked),
    row(s.Stage, e.SignedOn, sign_on.signed_on),
    row(s.Stage, e.Refused, sign_on.sign_on_refused, s.Trouble, request="SendSignOn"),
    row(s.Stage, e.HostFailed, sign_on.sign_on_failed, s.Trouble, request="SendSignOn"),
    row(s.Stage, e.ReversalAccepted, undo.accepted, s.Trouble, *AWAY),
    row(s.Stage, e.Refused, undo.refused, s.Trouble, request="SendReversal"),
    row(s.Stage, e.HostFailed, undo.failed, s.Trouble, request="SendReversal"),
    row(s.Stage, e.Journalled, undo.journalled),
    row(s.Stage, e.JournalFailed, undo.journal_failed, s.Undoing),
)
"""What every stage does that has no row of its own for the event."""

Place = tuple[type[s.Stage], type[e.Event], str]
TABLE: Mapping[Place, Row] = {(known.stage, known.event, known.request): known for known in (*ROWS, *EVERYWHERE)}
assert len(TABLE) == len(ROWS) + len(EVERYWHERE), "two rows for one place in the table"

BY_A_PERSON = (e.KeyPressed, e.PinDots, e.CardSeen, e.CardUnreadable, e.Signed, e.LangChosen)
"""Events that show that somebody is there."""


PAGE_KEYS = {"up": -1, "down": 1}
"""Keys of a four-line display that turn pages, on every screen."""


def flow(state: State, event: e.Event) -> Step:
    """One step: the next state, and the effects to perform in this order. Never raises, whatever comes."""
    state = passed(state, event)
    if isinstance(event, e.KeyPressed):
        if event.key in PAGE_KEYS and not state.machine.profile.touch:
            return stay(replace(state, page=state.page + PAGE_KEYS[event.key]))
        event = replace(event, key=meant(state, event.key))
    request: str = getattr(event, "request", "")
    kind = type(event)
    found = TABLE.get((type(state.stage), kind, request)) or TABLE.get((s.Stage, kind, request))
    return found.handler(state, state.stage, event) if found else stay(state)


def passed(state: State, event: e.Event) -> State:
    """Time went by: the clock as the event has it, one tick more, a new day with an empty list."""
    if isinstance(event, e.Ticked):
        new_day = state.now != 0 and china_time(state.now).date() != china_time(event.now).date()
        state = replace(state, now=event.now, tick=state.tick + 1)
        return replace(state, today=(), sales_count=0, sales_fen=0) if new_day else state
    if isinstance(event, BY_A_PERSON):
        return replace(state, now=event.now, touched_at=state.tick)
    return replace(state, now=event.now)


def meant(state: State, key: str) -> str:
    """The choice that a physical key stands for on this screen; digits mean nothing where none are wanted."""
    screen = screen_of(state)
    for choice in screen.choices:
        if choice.shortcut and choice.shortcut == key:
            return choice.key
    return "" if key.isdigit() and not screen.digits else key
