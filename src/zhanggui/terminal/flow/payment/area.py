"""Payments as one area of the flow, from standby until the outcome is durable."""

from ..core import effects as fx
from ..core import events as e
from ..core import ways as w
from ..core.stage import Stage, Trouble
from ..screens.area import Area, entrance, row, shows
from . import draw_payment, outcome, sale, standby, undo
from . import stages as s

BEGUN = (s.EnteringAmount, Trouble, s.Undoing, w.ToStandby)
SOLD = (s.Selling, s.Undoing, Trouble, w.ToStandby)

ROWS = (
    # standby
    row(
        s.Standby,
        e.KeyPressed,
        standby.standby_key,
        *(w.ReprintLast, w.ToSignOut, w.LockNow, w.ToOldPassword, *BEGUN),
    ),
    row(s.Standby, e.CardSeen, standby.standby_card, *BEGUN),
    row(s.Standby, e.CardUnreadable, standby.standby_unreadable),
    row(s.Standby, e.Ticked, standby.standby_tick),
    # until it leaves
    row(s.EnteringAmount, e.KeyPressed, sale.amount_key, s.AwaitingCard, s.EnteringPin, *SOLD),
    row(s.EnteringAmount, e.CardSeen, sale.amount_card),
    row(s.EnteringAmount, e.CardUnreadable, sale.amount_unreadable),
    row(s.EnteringAmount, e.Ticked, sale.sale_idle, w.ToStandby),
    row(s.AwaitingCard, e.KeyPressed, sale.card_key, s.EnteringAmount, w.ToStandby),
    row(s.AwaitingCard, e.CardSeen, sale.card_seen, s.EnteringPin, *SOLD),
    row(s.AwaitingCard, e.CardUnreadable, sale.card_unreadable),
    row(s.AwaitingCard, e.Ticked, sale.sale_idle, w.ToStandby),
    row(s.EnteringPin, e.KeyPressed, sale.pin_key, w.ToStandby),
    row(s.EnteringPin, e.PinDots, sale.pin_dots),
    row(s.EnteringPin, e.PinDone, sale.pin_done, *SOLD),
    # its outcome (domain reference §4.4)
    row(s.Selling, e.JournalFailed, sale.sale_not_kept, Trouble),
    row(s.Selling, e.SaleApproved, outcome.approved, w.ToSlips, s.Undoing),
    row(s.Selling, e.Refused, outcome.refused, s.SaleRefused, Trouble, request=fx.SendSale),
    row(s.Selling, e.HostFailed, outcome.failed, s.SaleRefused, s.Undoing, Trouble, request=fx.SendSale),
    row(s.SaleRefused, e.KeyPressed, outcome.refused_key, s.EnteringPin, s.Undoing, w.ToStandby),
    row(s.SaleRefused, e.Ticked, outcome.refused_tick, w.ToStandby),
    row(s.Undoing, e.KeyPressed, undo.undoing_key, w.ToStandby),
    row(s.Undoing, e.Ticked, undo.undoing_tick),
    row(s.Undoing, e.SignedOn, undo.keys_came),
    row(s.Undoing, e.HostFailed, undo.keys_failed, request=fx.SendSignOn),
    row(s.Undoing, e.Refused, undo.keys_refused, request=fx.SendSignOn),
)

EVERYWHERE = (
    row(Stage, e.Ticked, undo.ticked),
    row(Stage, e.ReversalAccepted, undo.accepted, Trouble, w.ToStandby),
    row(Stage, e.Refused, undo.refused, Trouble, request=fx.SendReversal),
    row(Stage, e.HostFailed, undo.failed, Trouble, request=fx.SendReversal),
    row(Stage, e.Journalled, undo.journalled),
    row(Stage, e.JournalFailed, undo.journal_failed, s.Undoing),
)

ENTRANCES = (
    entrance(
        w.ToStandby,
        lambda state, way: standby.to_standby(state, way.notice),
        *(s.Standby, w.ToNumber, w.ToLocked),
    ),
    entrance(w.UndoQuietly, lambda state, way: undo.behind(state)),
    entrance(w.UndoIfQuiet, lambda state, way: undo.send_if_quiet(state)),
    entrance(w.RecordFailed, undo.record_failed, s.Undoing),
)

DRAWINGS = dict(
    (
        shows(s.Standby, draw_payment.standby),
        shows(s.EnteringAmount, draw_payment.entering_amount),
        shows(s.AwaitingCard, draw_payment.awaiting_card),
        shows(s.EnteringPin, draw_payment.entering_pin),
        shows(s.Selling, draw_payment.selling),
        shows(s.SaleRefused, draw_payment.sale_refused),
        shows(s.Undoing, draw_payment.undoing),
    )
)

AREA = Area(DRAWINGS, ROWS, ENTRANCES, EVERYWHERE)
