"""Payments as one area of the flow, from standby until the outcome is durable."""

from ..core import effects as fx
from ..core import events as e
from ..core import ways as w
from ..core.stage import Stage, Trouble
from ..screens import slip_said
from ..screens.area import Area, entrance, row, shows
from . import allowed, draw_payment, outcome, paying, scripts, signatures, standby, undo
from . import stages as s
from .asking import again, late
from .kinds import KINDS, steps
from .own import draw_own, receiving, showing
from .steps import amount
from .today import draw_listed, listed, put_right

ASKS = steps()
BEGUN = (w.PayOn, w.ProveFirst, Trouble, s.Undoing, w.ToStandby, w.ResumeSettlement)

ROWS = (
    # standby
    row(
        s.Standby,
        e.KeyPressed,
        standby.standby_key,
        *(
            s.LineShown,
            s.ChoosingLine,
            s.ChoosingKind,
            w.ReprintLast,
            w.ShowSlipLink,
            w.HandOver,
            w.ToSignOut,
            w.LockNow,
            w.ToOldPassword,
            w.ToSettlement,
            *BEGUN,
        ),
    ),
    row(s.LineShown, e.KeyPressed, listed.line_key, w.ReprintOf, w.ShowSlipLink, w.PutRight, *BEGUN),
    row(s.LineShown, e.Ticked, listed.left_alone, w.ToStandby),
    row(s.ChoosingLine, e.KeyPressed, listed.choosing_key, s.LineShown, w.ReprintLast, w.ToStandby),
    row(s.ChoosingLine, e.Ticked, listed.left_alone, w.ToStandby),
    row(s.ChoosingKind, e.KeyPressed, standby.kind_key, *BEGUN),
    row(s.ChoosingKind, e.Ticked, standby.kind_tick, w.ToStandby),
    row(s.Standby, e.CardSeen, standby.standby_card, *BEGUN),
    row(s.Standby, e.CardUnreadable, standby.standby_unreadable),
    row(s.Standby, e.Ticked, standby.standby_tick, w.ToStandby),
    row(s.RightDue, e.KeyPressed, put_right.due_key, *BEGUN),
    row(s.RightDue, e.Ticked, put_right.due_tick),
    # until it leaves: whatever the kinds ask for
    *(known for asks in ASKS for known in asks.rows),
    # its outcome (domain reference §4.4)
    row(s.Paying, e.KeyPressed, paying.ask_again, s.Paying),
    row(s.Paying, e.JournalFailed, paying.not_kept, Trouble),
    row(s.Paying, e.PaymentApproved, outcome.approved, w.ToSlips, s.AnswerShown, s.PaymentRefused, s.Undoing),
    row(s.Paying, e.Refused, outcome.refused, s.PaymentRefused, Trouble, request=fx.SendPayment),
    row(s.Paying, e.HostFailed, outcome.failed, s.PaymentRefused, s.Undoing, Trouble, request=fx.SendPayment),
    row(s.Paying, e.CodeOffered, showing.offered, s.ShowingCode, s.PaymentRefused, s.Undoing),
    row(s.Paying, e.StillLate, late.first_late, Trouble, s.PaymentRefused, s.Undoing),
    row(s.ShowingCode, e.KeyPressed, showing.key, s.Undoing),
    row(s.ShowingCode, e.Ticked, showing.ticked),
    row(s.Arrived, e.KeyPressed, showing.arrived_key, w.ToSlips),
    row(s.Arrived, e.Ticked, showing.arrived_tick, w.ToSlips),
    row(s.PaymentRefused, e.KeyPressed, outcome.refused_key, w.PayOn, w.PrintRefusal, s.Undoing, w.ToStandby),
    row(s.PaymentRefused, e.SlipPrinted, slip_said.printed),
    row(s.PaymentRefused, e.SlipNotPrinted, slip_said.not_printed),
    row(s.PaymentRefused, e.Ticked, outcome.refused_tick, w.ToStandby),
    row(s.AnswerShown, e.KeyPressed, outcome.answer_key, w.ToStandby),
    row(s.AnswerShown, e.Ticked, outcome.answer_tick, w.ToStandby),
    row(s.Undoing, e.KeyPressed, undo.undoing_key, w.ToStandby),
    row(s.Undoing, e.Ticked, undo.undoing_tick),
    row(s.Undoing, e.SignedOn, undo.keys_came),
    row(s.Undoing, e.HostFailed, undo.keys_failed, request=fx.SendSignOn),
    row(s.Undoing, e.Refused, undo.keys_refused, request=fx.SendSignOn),
)

EVERYWHERE = (
    row(Stage, e.Ticked, undo.ticked),
    row(Stage, e.ReversalAccepted, undo.accepted, Trouble, w.ToStandby),
    row(Stage, e.OutcomeKnown, again.outcome_known, Trouble, w.ToStandby, w.ToSlips, s.Arrived),
    row(Stage, e.CodeOffered, showing.still_open, s.ShowingCode),
    row(Stage, e.StillLate, late.still_late, Trouble, w.ToStandby),
    row(Stage, e.Refused, undo.refused, Trouble, request=fx.SendReversal),
    row(Stage, e.HostFailed, undo.failed, Trouble, request=fx.SendReversal),
    row(Stage, e.ScriptsRun, scripts.ran),
    row(Stage, e.ScriptTaken, scripts.taken),
    row(Stage, e.Refused, scripts.refused, request=fx.SendScript),
    row(Stage, e.HostFailed, scripts.failed, request=fx.SendScript),
    row(Stage, e.SignatureTaken, signatures.taken),
    row(Stage, e.Refused, signatures.refused, request=fx.SendSignature),
    row(Stage, e.HostFailed, signatures.failed, request=fx.SendSignature),
    row(Stage, e.Journalled, undo.journalled),
    row(Stage, e.JournalFailed, undo.journal_failed, s.Undoing),
)

ASKED = tuple(stage for asks in ASKS for stage in asks.drawings)

ENTRANCES = (
    entrance(
        w.ToStandby,
        lambda state, way: standby.to_standby(state, way.notice),
        *(s.Standby, w.ToNumber, w.ToLocked, w.OfferSlips, s.RightDue, Trouble),
    ),
    entrance(
        w.BeginShift, lambda state, way: paying.begin_shift(state, way.notice), amount.EnteringAmount, w.ToStandby
    ),
    entrance(w.BeginPayment, lambda state, way: paying.begin(state, KINDS[way.kind]), *BEGUN, amount.EnteringAmount),
    entrance(w.PutRight, put_right.begin, amount.EnteringAmount, *BEGUN),
    entrance(w.PayOn, paying.pay_on, *ASKED, w.ToApproval, s.Paying, s.Undoing, w.ToNumber, w.ToStandby),
    entrance(w.LeavePayment, allowed.left, Trouble, w.ToStandby),
    entrance(w.AskLate, late.ask),
    entrance(w.UndoFirst, lambda state, way: undo.undo_first(state), s.Undoing, w.ToStandby),
    entrance(w.UndoQuietly, lambda state, way: undo.behind(state)),
    entrance(w.UndoIfQuiet, lambda state, way: undo.after_keys(state)),
    entrance(w.TakeReceived, receiving.begin),
    entrance(w.RecordFailed, undo.record_failed, s.Undoing),
)

DRAWINGS = {stage: draw for asks in ASKS for stage, draw in asks.drawings.items()} | dict(
    (
        shows(s.Standby, draw_payment.standby),
        shows(s.LineShown, draw_listed.line_shown),
        shows(s.ChoosingLine, draw_listed.choosing_line),
        shows(s.ChoosingKind, draw_payment.choosing_kind),
        shows(s.RightDue, put_right.right_is_due),
        shows(s.Paying, draw_payment.paying),
        shows(s.ShowingCode, draw_own.showing_code),
        shows(s.Arrived, draw_own.arrived),
        shows(s.PaymentRefused, draw_payment.payment_refused),
        shows(s.AnswerShown, draw_payment.answer_shown),
        shows(s.Undoing, draw_payment.undoing),
    )
)

AREA = Area(DRAWINGS, ROWS, ENTRANCES, EVERYWHERE)
