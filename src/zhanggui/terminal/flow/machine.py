"""The terminal's flow as one table.

THEORY. A terminal is in one *stage* at a time (`stages.py`). An *event* (`events.py`) meets the stage in the table below;
the handler named there gives the next state and the *effects* (`effects.py`) that the shell performs in order. What stands
in no row does nothing: a late answer, a stale key, a card nobody waits for. Nothing here reads a clock, a device or chance.

    OFF ─▶ self-check ─▶ (held-back slips) ─▶ (eyes) ─▶ number ─▶ password ─▶ verify ─▶ (new password) ─▶ confirm
        confirm ─▶ (code) ─▶ signed in ─▶ STANDBY        verify ─▶ elsewhere ─▶ (approval) ─▶ signed in
        no line: password ─▶ the PIN pad's own check ─▶ signed in without the host ─▶ STANDBY
    STANDBY ─▶ amount ⇄ card ─▶ PIN ─▶ selling ─▶ approved: signature, slips ─▶ STANDBY
                                          ├─▶ refused, or nothing left: words ─▶ STANDBY
                                          └─▶ doubt: undoing ─▶ words ─▶ STANDBY
    STANDBY ─▶ sign out? ─▶ (notes) ─▶ figures ─▶ number
    any quiet stage of a session ─▶ LOCKED ─▶ STANDBY, or number

Four things go on beside the stage, in `State`:

    keys    none → under way → ready | failed. The terminal's sign-on (0800) runs while the operator types.
    undo    the payment in doubt, as the journal holds it, from before the payment leaves until its outcome is durable.
    lock    while it is there, no way leads to standby (`lock.py`).
    forced  what the host, the date or a time asks for; done by `forced.obey` after the step in which nothing else goes on.

LAWS (tests/unit/terminal_flow holds them against any sequence of events)
    1  SendSale never leaves without RememberSale before it in the same step.
    2  SendSale never leaves while `undo` holds another payment.
    3  One trace number, at most one SendSale.
    4  The first slip comes after RememberApproval in the same step.
    5  No event, known or not, at any time, raises.
    6  No digit of a password, PIN or code is ever in the state: digits go to the PIN pad and dots come back.
    7  No payment leaves while the terminal is locked, nor from a session that the host does not know.

`row(stage, event, handler, *leads_to, request=…)`: for answers, `request` names the effect that they answer.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from msgspec.structs import replace

from ...basics.clock import china_time
from .approval import (
    approval,
)
from .core import events as e
from .core import proof_stages as p
from .core import stages as s
from .core.stage import Stage
from .core.state import State
from .core.step import Step, stay
from .drawing import screen_of
from .duty import (
    forced,
    lock,
    sign_out,
)
from .payment import (
    outcome,
    sale,
    standby,
    undo,
)
from .sign_in import (
    confirm,
    elsewhere,
    eyes,
    new_password,
    offline,
    power,
    sign_in,
    sign_on,
)
from .slips import (
    printing,
)

__all__ = ["EVERYWHERE", "FORCED_TO", "TABLE", "Row", "flow", "screen_of"]

S = TypeVar("S", bound=Stage)
E = TypeVar("E", bound=e.Event)


class Row(NamedTuple):
    """One row of the table; `leads_to` names every stage that the handler may enter."""

    stage: type[Stage]
    event: type[e.Event]
    request: str
    handler: Callable[[State, Any, Any], Step]
    leads_to: tuple[type[Stage], ...]


def row(
    stage: type[S],
    event: type[E],
    handler: Callable[[State, S, E], Step],
    *leads_to: type[Stage],
    request: str = "",
) -> Row:
    """Make a row; the type checker sees that the handler takes this stage and this event."""
    return Row(stage, event, request, handler, leads_to)


TO_SIGN_IN = (p.LookingAround, s.SignInNumber)
AFTER_CHECK = (s.Printing, *TO_SIGN_IN)
AWAY = (s.Standby, p.Locked, s.SignInNumber)
SIGNED_OUT = (s.SigningOut, s.SignedOutShown)
AFTER_SALE = (*AWAY, *SIGNED_OUT)
SOLD = (s.Selling, s.Undoing, s.Trouble, *AWAY)
BEGUN = (s.EnteringAmount, s.Trouble, s.Undoing, *AWAY)
NEW = (p.EnteringNew, s.Trouble)
APPROVED = (s.Submitting, p.EnteringCode, s.SignInNumber)
ASKED_BY = (p.SignedInElsewhere, p.Locked, s.SignInNumber, s.Trouble)
LOCK_ENDS = (s.Standby, s.SignInNumber, s.Trouble)

ROWS: tuple[Row, ...] = (
    # power-on
    row(s.SelfChecking, e.SelfChecked, power.checked, s.SelfCheckShown, *AFTER_CHECK),
    row(s.SelfCheckShown, e.KeyPressed, power.check_key, s.SelfChecking, *AFTER_CHECK),
    row(p.LookingAround, e.KeyPressed, eyes.look_key, s.SignInNumber),
    # sign-in: number and password
    row(s.SignInNumber, e.KeyPressed, sign_in.number_key, s.SignInPassword),
    row(s.SignInNumber, e.Ticked, offline.line_tick),
    row(s.SignInPassword, e.KeyPressed, sign_in.password_key, s.SignInNumber),
    row(s.SignInPassword, e.PinDots, sign_in.password_dots),
    row(s.SignInPassword, e.PinDone, sign_in.password_done, s.Verifying, p.CheckingOffline, s.SignInNumber),
    row(s.Verifying, e.SignedOn, sign_in.keys_came),
    row(s.Verifying, e.OperatorVerified, sign_in.verified, s.Confirming, *NEW),
    row(
        s.Verifying,
        e.Refused,
        sign_in.verify_refused,
        *(s.SignInPassword, p.WaitingTurn, p.SignedInElsewhere, s.Trouble),
        request="SendVerify",
    ),
    row(s.Verifying, e.HostFailed, sign_in.verify_failed, s.Trouble, request="SendVerify"),
    row(p.WaitingTurn, e.Ticked, sign_in.waited, s.SignInPassword),
    row(p.WaitingTurn, e.KeyPressed, sign_in.wait_key, s.SignInNumber),
    # signed in elsewhere
    row(p.SignedInElsewhere, e.KeyPressed, elsewhere.elsewhere_key, p.ApprovalNumber, *APPROVED),
    row(p.SignedInElsewhere, e.Ticked, elsewhere.idle_tick, s.SignInNumber),
    # a supervisor's approval
    row(p.ApprovalNumber, e.KeyPressed, approval.number_key, p.ApprovalPassword, *ASKED_BY),
    row(p.ApprovalNumber, e.Ticked, approval.idle_tick, *ASKED_BY),
    row(p.ApprovalPassword, e.KeyPressed, approval.password_key, *ASKED_BY),
    row(p.ApprovalPassword, e.PinDots, approval.password_dots),
    row(p.ApprovalPassword, e.PinDone, approval.password_done, p.Approving, p.Unlocking, s.Standby, *ASKED_BY),
    row(p.ApprovalPassword, e.Ticked, approval.idle_tick, *ASKED_BY),
    row(p.Approving, e.Approved, approval.given, *APPROVED, *ASKED_BY),
    row(p.Approving, e.Refused, approval.refused, p.ApprovalPassword, *ASKED_BY, request="SendApproval"),
    row(p.Approving, e.HostFailed, approval.failed, *ASKED_BY, request="SendApproval"),
    # a new password
    row(p.EnteringOld, e.KeyPressed, new_password.key, *AWAY),
    row(p.EnteringOld, e.PinDots, new_password.dots),
    row(p.EnteringOld, e.PinDone, new_password.old_done, p.EnteringNew, *AWAY),
    row(p.EnteringNew, e.KeyPressed, new_password.key, s.Confirming, *AWAY),
    row(p.EnteringNew, e.PinDots, new_password.dots),
    row(p.EnteringNew, e.PinDone, new_password.new_done, p.ChangingPassword, s.Confirming, *AWAY),
    row(p.ChangingPassword, e.PasswordChanged, new_password.changed, s.Confirming, *AWAY),
    row(
        p.ChangingPassword,
        e.Refused,
        new_password.refused,
        *(p.EnteringOld, s.SignInNumber, *NEW),
        request="SendNewPassword",
    ),
    row(p.ChangingPassword, e.HostFailed, new_password.failed, s.Trouble, request="SendNewPassword"),
    # facts, code, success
    row(
        s.Confirming,
        e.KeyPressed,
        confirm.confirm_key,
        *(s.Submitting, p.EnteringCode, p.EnteringNew, s.ChoosingWrong, s.SignInNumber),
    ),
    row(s.ChoosingWrong, e.KeyPressed, confirm.wrong_key, s.Submitting, s.Confirming),
    row(p.EnteringCode, e.KeyPressed, confirm.code_key, s.SignInNumber),
    row(p.EnteringCode, e.PinDots, confirm.code_dots),
    row(p.EnteringCode, e.PinDone, confirm.code_done, s.Submitting, s.SignInNumber),
    row(s.Submitting, e.SignInConfirmed, confirm.confirmed, s.SignedInShown, s.Trouble),
    row(
        s.Submitting,
        e.Refused,
        confirm.confirm_refused,
        *(p.EnteringCode, p.SignedInElsewhere, *NEW),
        request="SendConfirm",
    ),
    row(s.Submitting, e.HostFailed, confirm.confirm_failed, s.Confirming, s.Trouble, request="SendConfirm"),
    row(s.SignedInShown, e.KeyPressed, confirm.signed_in_key, *AWAY),
    row(s.SignedInShown, e.Ticked, confirm.signed_in_tick, *AWAY),
    # without a line
    row(
        p.CheckingOffline,
        e.OfflineChecked,
        offline.checked_offline,
        *(p.OfflineShown, s.SignInPassword, s.Trouble),
    ),
    row(p.OfflineShown, e.KeyPressed, offline.offline_key, *AWAY),
    row(p.OfflineShown, e.Ticked, offline.line_tick),
    # locked
    row(p.Locked, e.KeyPressed, lock.locked_key, p.LockedMenu),
    row(p.Locked, e.PinDots, lock.locked_dots),
    row(p.Locked, e.PinDone, lock.locked_done, p.LockedMenu, p.Unlocking, *LOCK_ENDS),
    row(p.LockedMenu, e.KeyPressed, lock.menu_key, p.Locked, p.ApprovalNumber, *TO_SIGN_IN),
    *(
        known
        for stage in (p.Locked, p.LockedMenu)
        for known in (
            row(stage, e.Ticked, lock.locked_tick),
            row(stage, e.LockAnswered, lock.lock_answered),
            row(stage, e.Refused, lock.lock_refused, s.Trouble, request="SendLock"),
            row(stage, e.HostFailed, lock.lock_failed, s.Trouble, request="SendLock"),
            row(stage, e.JournalFailed, lock.lock_not_kept, s.Undoing),
        )
    ),
    row(p.Unlocking, e.SignedOn, lock.unlock_keys_came),
    row(p.Unlocking, e.LockAnswered, lock.unlock_answered, *LOCK_ENDS),
    row(p.Unlocking, e.Refused, lock.unlock_refused, p.Locked, s.Trouble, request="SendLock"),
    row(p.Unlocking, e.HostFailed, lock.unlock_failed, p.Locked, s.Trouble, request="SendLock"),
    row(p.Unlocking, e.OfflineChecked, lock.unlock_checked, p.Locked, *LOCK_ENDS),
    row(p.Unlocking, e.JournalFailed, lock.lock_not_kept, p.Locked, s.Undoing),
    # counters that could not be kept: the message behind them never left
    *(
        row(stage, e.JournalFailed, sign_on.trace_or_undo, s.Trouble, s.Undoing)
        for stage in (
            *(p.LookingAround, s.SignInNumber, s.SignInPassword, s.Verifying, p.WaitingTurn, p.OfflineShown),
            *(p.Approving, p.ChangingPassword, s.Submitting, s.Standby, s.SigningOut, s.Trouble),
        )
    ),
    row(s.Trouble, e.KeyPressed, standby.trouble_key, s.SignInPassword, s.SelfChecking, *TO_SIGN_IN, *AWAY),
    row(s.Trouble, e.Ticked, standby.trouble_tick, *AWAY),
    # standby
    row(
        s.Standby,
        e.KeyPressed,
        standby.standby_key,
        *(s.Printing, s.AskingSignOut, p.EnteringOld, *BEGUN),
    ),
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
    row(s.Selling, e.SaleApproved, outcome.approved, s.Printing, s.Signing, s.Undoing, *AFTER_SALE),
    row(s.Selling, e.Refused, outcome.refused, s.SaleRefused, s.Trouble, request="SendSale"),
    row(s.Selling, e.HostFailed, outcome.failed, s.SaleRefused, s.Undoing, s.Trouble, request="SendSale"),
    row(s.SaleRefused, e.KeyPressed, outcome.refused_key, s.EnteringPin, s.Undoing, *AWAY),
    row(s.SaleRefused, e.Ticked, outcome.refused_tick, *AWAY),
    row(s.Undoing, e.KeyPressed, undo.undoing_key, *AWAY),
    row(s.Undoing, e.Ticked, undo.undoing_tick),
    # slips
    row(s.Signing, e.Signed, printing.signed, s.Printing),
    row(s.Signing, e.KeyPressed, printing.signing_key, s.Printing),
    row(s.Printing, e.Printed, printing.printed, s.TearingOff, p.LookingAround, *AFTER_SALE),
    row(s.Printing, e.PrintFailed, printing.print_failed, s.PrintTrouble),
    row(s.TearingOff, e.KeyPressed, printing.torn_off, s.Printing),
    row(s.PrintTrouble, e.KeyPressed, printing.print_trouble_key, s.Printing, p.LookingAround, *AFTER_SALE),
    # sign-out
    row(s.AskingSignOut, e.KeyPressed, sign_out.sign_out_key, p.Noting, *SIGNED_OUT, *AWAY),
    row(s.AskingSignOut, e.Ticked, sign_out.sign_out_tick, *AWAY),
    row(p.Noting, e.KeyPressed, sign_out.note_key, *SIGNED_OUT, *AWAY),
    row(p.Noting, e.Ticked, sign_out.note_tick, *SIGNED_OUT, *AWAY),
    row(s.SigningOut, e.SignedOut, sign_out.signed_out, s.SignedOutShown),
    row(s.SigningOut, e.Refused, sign_out.sign_out_refused, s.Trouble, request="SendSignOut"),
    row(s.SigningOut, e.HostFailed, sign_out.sign_out_failed, s.Trouble, request="SendSignOut"),
    row(s.SignedOutShown, e.KeyPressed, sign_out.signed_out_key, *TO_SIGN_IN),
    row(s.SignedOutShown, e.Ticked, sign_out.signed_out_tick, *TO_SIGN_IN),
)
"""What each stage does by itself."""

EVERYWHERE: tuple[Row, ...] = (
    row(Stage, e.PoweredOn, power.power_on, s.SelfChecking),
    row(Stage, e.LangChosen, standby.lang_chosen),
    row(Stage, e.DeviceChanged, standby.device_changed),
    row(Stage, e.Ticked, undo.ticked),
    row(Stage, e.SignedOn, sign_on.signed_on),
    row(Stage, e.Refused, sign_on.sign_on_refused, s.Trouble, p.Locked, request="SendSignOn"),
    row(Stage, e.HostFailed, sign_on.sign_on_failed, s.Trouble, p.CheckingOffline, p.Locked, request="SendSignOn"),
    row(Stage, e.OfflineAccepted, offline.offline_accepted),
    row(Stage, e.Refused, offline.offline_refused, s.Trouble, request="SendOffline"),
    row(Stage, e.HostFailed, offline.offline_failed, s.Trouble, request="SendOffline"),
    row(Stage, e.Ordered, forced.ordered),
    row(Stage, e.Refused, forced.status_refused, request="SendStatus"),
    row(Stage, e.HostFailed, forced.status_failed, request="SendStatus"),
    row(Stage, e.ReversalAccepted, undo.accepted, s.Trouble, *AWAY),
    row(Stage, e.Refused, undo.refused, s.Trouble, request="SendReversal"),
    row(Stage, e.HostFailed, undo.failed, s.Trouble, request="SendReversal"),
    row(Stage, e.Journalled, undo.journalled),
    row(Stage, e.JournalFailed, undo.journal_failed, s.Undoing),
)
"""What every stage does that has no row of its own for the event."""

FORCED_TO: tuple[type[Stage], ...] = (s.Trouble, p.Locked, *SIGNED_OUT)
"""Where `forced.obey` may lead after any step of a session: a new sign-in with words, the lock, the sign-out."""

Place = tuple[type[Stage], type[e.Event], str]
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
    found = TABLE.get((type(state.stage), kind, request)) or TABLE.get((Stage, kind, request))
    state, effects = found.handler(state, state.stage, event) if found else stay(state)
    return forced.obey(state, event, effects)


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
