"""What holds for a session whatever it does, as one area of the flow."""

from ..core import effects as fx
from ..core import events as e
from ..core import ways as w
from ..core.stage import Stage, Trouble
from ..screens import slip_said
from ..screens.area import Area, Target, entrance, row, shows
from . import (
    anytime,
    draw_lock,
    draw_orders,
    draw_sign_out,
    draw_trouble,
    forced,
    line,
    lock,
    orders,
    proving,
    sign_out,
)
from . import stages as s

SIGNED_OUT = (s.SigningOut, s.SignedOutShown)
LOCK_ENDS = (w.ToStandby, Trouble)
TROUBLE_ENDS = (w.ToPassword, w.ToSelfCheck, w.ToFreshSignIn, w.ToStandby, w.ResumeSettlement, w.ToMenu)

ROWS = (
    # locked
    row(s.Locked, e.KeyPressed, lock.locked_key, s.LockedMenu),
    row(s.Locked, e.PinDots, lock.locked_dots),
    row(s.Locked, e.PinDone, lock.locked_done, s.LockedMenu, s.Unlocking, *LOCK_ENDS),
    row(s.LockedMenu, e.KeyPressed, lock.menu_key, s.Locked, w.ToApproval, w.ToFreshSignIn),
    *(
        known
        for stage in (s.Locked, s.LockedMenu)
        for known in (
            row(stage, e.Ticked, lock.locked_tick),
            row(stage, e.LockAnswered, lock.lock_answered),
            row(stage, e.Refused, lock.lock_refused, Trouble, request=fx.SendLock),
            row(stage, e.HostFailed, lock.lock_failed, Trouble, request=fx.SendLock),
            row(stage, e.JournalFailed, lock.lock_not_kept, w.RecordFailed),
        )
    ),
    row(s.Unlocking, e.SignedOn, lock.unlock_keys_came),
    row(s.Unlocking, e.HostFailed, lock.unlock_sign_on_failed, s.Locked, request=fx.SendSignOn),
    row(s.Unlocking, e.Refused, lock.unlock_sign_on_refused, s.Locked, request=fx.SendSignOn),
    row(s.Unlocking, e.LockAnswered, lock.unlock_answered, *LOCK_ENDS),
    row(s.Unlocking, e.Refused, lock.unlock_refused, s.Locked, Trouble, request=fx.SendLock),
    row(s.Unlocking, e.HostFailed, lock.unlock_failed, s.Locked, Trouble, request=fx.SendLock),
    row(s.Unlocking, e.OfflineChecked, lock.unlock_checked, s.Locked, *LOCK_ENDS),
    row(s.Unlocking, e.JournalFailed, lock.lock_not_kept, s.Locked, w.RecordFailed),
    # the password of who signed in by a badge alone
    row(s.Proving, e.KeyPressed, proving.key, w.ToStandby),
    row(s.Proving, e.PinDots, proving.dots),
    row(s.Proving, e.PinDone, proving.done, s.ProvingSent, Trouble, w.ToStandby),
    row(s.ProvingSent, e.LockAnswered, proving.proven, w.BeginPayment, w.PutRight, w.ToSettlement),
    row(s.ProvingSent, e.Refused, proving.refused, s.Proving, Trouble, request=fx.SendLock),
    row(s.ProvingSent, e.HostFailed, proving.failed, Trouble, request=fx.SendLock),
    # orders
    row(s.Shut, e.KeyPressed, orders.shut_key),
    row(s.Shut, e.Ticked, orders.shut_tick),
    row(s.Shut, e.Ordered, forced.ordered, w.ToFreshSignIn),
    row(s.Announced, e.KeyPressed, orders.announced_key, w.ToStandby),
    # trouble
    row(Trouble, e.KeyPressed, anytime.trouble_key, *TROUBLE_ENDS),
    row(Trouble, e.Ticked, anytime.trouble_tick, w.ToStandby),
    # sign-out
    row(s.AskingSignOut, e.KeyPressed, sign_out.sign_out_key, s.Noting, *SIGNED_OUT, w.ToStandby),
    row(s.AskingSignOut, e.Ticked, sign_out.sign_out_tick, w.ToStandby),
    row(s.Noting, e.KeyPressed, sign_out.note_key, *SIGNED_OUT, w.ToStandby),
    row(s.Noting, e.Ticked, sign_out.note_tick, *SIGNED_OUT, w.ToStandby),
    row(s.SigningOut, e.SignedOut, sign_out.signed_out, s.SignedOutShown),
    row(s.SigningOut, e.Refused, sign_out.sign_out_refused, Trouble, request=fx.SendSignOut),
    row(s.SigningOut, e.HostFailed, sign_out.sign_out_failed, Trouble, request=fx.SendSignOut),
    row(s.SignedOutShown, e.KeyPressed, sign_out.signed_out_key, w.PrintShift, w.ToFreshSignIn),
    row(s.SignedOutShown, e.SlipPrinted, slip_said.printed),
    row(s.SignedOutShown, e.SlipNotPrinted, slip_said.not_printed),
    row(s.SignedOutShown, e.Ticked, sign_out.signed_out_tick, w.ToFreshSignIn),
)

EVERYWHERE = (
    row(Stage, e.LangChosen, anytime.lang_chosen),
    row(Stage, e.DeviceChanged, anytime.device_changed, w.ToSelfCheck),
    row(Stage, e.LineSeen, line.line_seen),
    row(Stage, e.Ordered, forced.ordered),
    row(Stage, e.Rung, orders.rung),
    row(Stage, e.Refused, forced.status_refused, request=fx.SendStatus),
    row(Stage, e.HostFailed, forced.status_failed, request=fx.SendStatus),
    row(Stage, e.LockAnswered, lock.answered_elsewhere),
    row(Stage, e.Refused, lock.refused_elsewhere, request=fx.SendLock),
    row(Stage, e.HostFailed, lock.failed_elsewhere, request=fx.SendLock),
)

FORCED_TO: tuple[Target, ...] = (Trouble, s.Locked, *SIGNED_OUT, w.ToSettlement)
"""Where `forced.obey` may lead after any step of a session: a new sign-in with words, the lock, the sign-out."""

ORDERED_TO: tuple[Target, ...] = (s.Shut, s.Announced, Trouble, w.ToFreshSignIn)
"""Where `orders.obey` may lead after any step: a terminal is shut or opened, its operator signed out, something announced."""

ENTRANCES = (
    entrance(w.ToLocked, lock.come_back, s.Locked, w.ToNumber),
    entrance(w.ProveFirst, proving.prove_first, s.Proving, w.ToNumber),
    entrance(w.LockNow, lambda state, way: lock.lock_now(state, way.why), s.Locked),
    entrance(w.HandOver, lambda state, way: lock.hand_over(state), s.LockedMenu),
    entrance(w.Unlock, lambda state, way: lock.unlock(state, way.by), s.Unlocking, w.ToStandby),
    entrance(w.ToSignOut, lambda state, way: sign_out.ask_sign_out(state), s.AskingSignOut),
    entrance(
        w.SignOutNow, lambda state, way: sign_out.send_sign_out(state, reason=way.reason), *SIGNED_OUT, w.ToStandby
    ),
)

DRAWINGS = dict(
    (
        shows(Trouble, draw_trouble.trouble),
        shows(s.Locked, draw_lock.locked),
        shows(s.LockedMenu, draw_lock.locked_menu),
        shows(s.Unlocking, draw_lock.unlocking),
        shows(s.Proving, proving.proving),
        shows(s.ProvingSent, proving.proving_sent),
        shows(s.AskingSignOut, draw_sign_out.asking_sign_out),
        shows(s.Noting, draw_sign_out.noting),
        shows(s.SigningOut, draw_sign_out.signing_out),
        shows(s.Shut, draw_orders.shut),
        shows(s.Announced, draw_orders.announced),
        shows(s.SignedOutShown, draw_sign_out.signed_out_shown),
    )
)

AREA = Area(DRAWINGS, ROWS, ENTRANCES, EVERYWHERE)
