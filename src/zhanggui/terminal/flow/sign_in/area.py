"""The sign-in as one area of the flow: its rows, its drawings, and where others come in."""

from ..core import effects as fx
from ..core import events as e
from ..core import ways as w
from ..core.stage import Off, Stage, Trouble
from ..screens.area import Area, entrance, row, shows
from . import (
    confirm,
    draw_proof,
    draw_sign_in,
    elsewhere,
    entrances,
    eyes,
    new_password,
    offline,
    power,
    sign_in,
    sign_on,
)
from . import stages as s
from .phone import draw_phone, showing
from .phone import told as pe

CHECKED = (w.ToReprint, w.ResumeSettlement, s.LookingAround, s.SignInNumber)
NEW = (s.EnteringNew, Trouble)
PHONE_ASKS = (fx.SendPhoneCode, fx.SendPhoneAsk, fx.SendPhoneLeft)

ROWS = (
    # power-on
    row(s.SelfChecking, e.SelfChecked, power.checked, s.SelfCheckShown, *CHECKED),
    row(s.SelfChecking, e.Ticked, power.shown_tick, *CHECKED),
    row(s.SelfChecking, e.KeyPressed, power.shown_key, *CHECKED),
    row(s.SelfCheckShown, e.KeyPressed, power.check_key, s.SelfChecking, *CHECKED),
    row(s.LookingAround, e.KeyPressed, eyes.look_key, s.SignInNumber),
    # number and password
    row(
        s.SignInNumber,
        e.KeyPressed,
        sign_in.number_key,
        s.SignInPassword,
        s.SelfChecking,
        s.FetchingPhoneCode,
        w.ToMenu,
        w.ToApproval,
    ),
    row(s.SignInNumber, e.BadgeShown, sign_in.badge_shown, s.SignInPassword, s.Verifying),
    row(s.SignInNumber, e.Ticked, offline.line_tick),
    row(s.SignInPassword, e.KeyPressed, sign_in.password_key, s.SignInNumber),
    row(s.SignInPassword, e.PinDots, sign_in.password_dots),
    row(s.SignInPassword, e.PinDone, sign_in.password_done, s.Verifying, s.CheckingOffline, s.SignInNumber),
    row(s.Verifying, e.SignedOn, sign_in.keys_came),
    row(s.Verifying, e.OperatorVerified, sign_in.verified, s.Confirming, s.Submitting, *NEW),
    row(
        s.Verifying,
        e.Refused,
        sign_in.verify_refused,
        *(s.SignInPassword, s.WaitingTurn, s.SignedInElsewhere, Trouble),
        request=fx.SendVerify,
    ),
    row(s.Verifying, e.HostFailed, sign_in.verify_failed, Trouble, s.CheckingOffline, request=fx.SendVerify),
    row(s.WaitingTurn, e.Ticked, sign_in.waited, s.SignInPassword),
    row(s.WaitingTurn, e.KeyPressed, sign_in.wait_key, s.SignInNumber),
    # a phone
    row(s.FetchingPhoneCode, e.SignedOn, showing.keys_came),
    row(s.FetchingPhoneCode, e.HostFailed, showing.no_keys, Trouble, request=fx.SendSignOn),
    row(s.FetchingPhoneCode, e.Refused, showing.not_let_on, Trouble, request=fx.SendSignOn),
    row(s.FetchingPhoneCode, pe.PhoneCodeGiven, showing.given, s.ShowingPhoneCode),
    row(s.FetchingPhoneCode, e.Refused, showing.refused, s.SignInNumber, Trouble, request=fx.SendPhoneCode),
    row(s.FetchingPhoneCode, e.HostFailed, showing.failed, Trouble, request=fx.SendPhoneCode),
    row(s.ShowingPhoneCode, e.KeyPressed, showing.key, s.SignInNumber),
    row(s.ShowingPhoneCode, e.Ticked, showing.tick),
    row(s.ShowingPhoneCode, pe.PhoneStands, showing.stands, s.Verifying, s.SignInNumber),
    row(s.ShowingPhoneCode, e.Refused, showing.refused, s.SignInNumber, Trouble, request=fx.SendPhoneAsk),
    row(s.ShowingPhoneCode, e.HostFailed, showing.failed, Trouble, request=fx.SendPhoneAsk),
    # keys for who waits for them
    row(s.SignInNumber, e.SignedOn, sign_on.number_keys_came),
    row(s.SignInNumber, e.HostFailed, sign_on.number_failed, Trouble, request=fx.SendSignOn),
    row(s.SignInNumber, e.Refused, sign_on.number_refused, Trouble, request=fx.SendSignOn),
    row(s.SignInPassword, e.HostFailed, sign_on.password_failed, Trouble, request=fx.SendSignOn),
    row(s.SignInPassword, e.Refused, sign_on.password_refused, Trouble, request=fx.SendSignOn),
    row(s.Verifying, e.HostFailed, sign_on.verifying_failed, Trouble, s.CheckingOffline, request=fx.SendSignOn),
    row(s.Verifying, e.Refused, sign_on.password_refused, Trouble, request=fx.SendSignOn),
    # signed in elsewhere
    row(
        s.SignedInElsewhere,
        e.KeyPressed,
        elsewhere.elsewhere_key,
        *(w.ToApproval, s.Submitting, s.EnteringCode, s.SignInNumber),
    ),
    row(s.SignedInElsewhere, e.Ticked, elsewhere.idle_tick, s.SignInNumber),
    # a new password
    row(s.EnteringOld, e.KeyPressed, new_password.key, w.ToStandby),
    row(s.EnteringOld, e.PinDots, new_password.dots),
    row(s.EnteringOld, e.PinDone, new_password.old_done, s.EnteringNew, w.ToStandby),
    row(s.EnteringNew, e.KeyPressed, new_password.key, s.Confirming, s.SignInNumber, w.ToStandby),
    row(s.EnteringNew, e.PinDots, new_password.dots),
    row(
        s.EnteringNew,
        e.PinDone,
        new_password.new_done,
        *(s.ChangingPassword, s.Confirming, s.SignInNumber, w.ToStandby),
    ),
    row(s.ChangingPassword, e.PasswordChanged, new_password.changed, s.Confirming, w.ToStandby),
    row(
        s.ChangingPassword,
        e.Refused,
        new_password.refused,
        *(s.EnteringOld, s.SignInNumber, *NEW),
        request=fx.SendNewPassword,
    ),
    row(s.ChangingPassword, e.HostFailed, new_password.failed, Trouble, request=fx.SendNewPassword),
    # facts, code, success
    row(
        s.Confirming,
        e.KeyPressed,
        confirm.confirm_key,
        *(s.Submitting, s.EnteringCode, s.EnteringNew, s.ChoosingWrong, s.SignInNumber),
    ),
    row(s.Confirming, e.Ticked, confirm.confirm_tick, s.SignInNumber),
    row(s.ChoosingWrong, e.KeyPressed, confirm.wrong_key, s.Submitting, s.Confirming),
    row(s.EnteringCode, e.KeyPressed, confirm.code_key, s.SignInNumber),
    row(s.EnteringCode, e.PinDots, confirm.code_dots),
    row(s.EnteringCode, e.PinDone, confirm.code_done, s.Submitting, s.SignInNumber),
    row(s.Submitting, e.SignInConfirmed, confirm.confirmed, s.SignedInShown, w.BeginShift, Trouble),
    row(
        s.Submitting,
        e.Refused,
        confirm.confirm_refused,
        *(s.EnteringCode, s.SignedInElsewhere, *NEW),
        request=fx.SendConfirm,
    ),
    row(s.Submitting, e.HostFailed, confirm.confirm_failed, s.Confirming, Trouble, request=fx.SendConfirm),
    row(s.SignedInShown, e.KeyPressed, confirm.signed_in_key, w.BeginShift),
    row(s.SignedInShown, e.Ticked, confirm.signed_in_tick, w.BeginShift),
    # without a line
    row(
        s.CheckingOffline,
        e.OfflineChecked,
        offline.checked_offline,
        *(s.OfflineShown, s.SignInPassword, Trouble),
    ),
    row(s.OfflineShown, e.KeyPressed, offline.offline_key, w.ToStandby),
    row(s.OfflineShown, e.Ticked, offline.line_tick),
)

EVERYWHERE = (
    row(Stage, e.PoweredOn, power.power_on, s.SelfChecking),
    row(Stage, e.SignedOn, sign_on.signed_on),
    row(Stage, e.Refused, sign_on.sign_on_refused, request=fx.SendSignOn),
    row(Stage, e.HostFailed, sign_on.sign_on_failed, request=fx.SendSignOn),
    row(Stage, e.GivenUp, sign_on.given_up),
    row(Stage, e.Refused, sign_on.given_up, request=fx.SendGivenUp),
    row(Stage, e.HostFailed, sign_on.given_up, request=fx.SendGivenUp),
    row(Stage, pe.PhoneCodeGiven, showing.too_late),
    row(Stage, pe.PhoneStands, showing.too_late),
    row(Stage, pe.PhoneLeft, showing.too_late),
    *(row(Stage, e.Refused, showing.too_late, request=request) for request in PHONE_ASKS),
    *(row(Stage, e.HostFailed, showing.too_late, request=request) for request in PHONE_ASKS),
    row(Stage, e.OfflineAccepted, offline.offline_accepted),
    row(Stage, e.Refused, offline.offline_refused, Trouble, request=fx.SendOffline),
    row(Stage, e.HostFailed, offline.offline_failed, Trouble, request=fx.SendOffline),
)

ENTRANCES = (
    entrance(w.ToSelfCheck, lambda state, way: entrances.to_self_check(state), s.SelfChecking),
    entrance(w.ToNumber, lambda state, way: entrances.to_number(state, way.notice), s.SignInNumber),
    entrance(
        w.ToFreshSignIn,
        lambda state, way: entrances.to_fresh_sign_in(state, way.notice),
        *(s.LookingAround, s.SignInNumber),
    ),
    entrance(
        w.ToPassword,
        lambda state, way: entrances.to_password(state, way.login, way.problem, way.wait_s),
        *(s.SignInPassword, s.WaitingTurn),
    ),
    entrance(w.ToOldPassword, lambda state, way: new_password.to_old(state, way), s.EnteringOld, s.SignInNumber),
    entrance(w.ToElsewhere, elsewhere.to_elsewhere, s.SignedInElsewhere),
    entrance(w.MoveHere, elsewhere.approved, s.Submitting, s.EnteringCode, s.SignInNumber),
    entrance(w.LookForLine, lambda state, way: offline.behind(state)),
)

DRAWINGS = dict(
    (
        shows(Off, draw_sign_in.off),
        shows(s.SelfChecking, draw_sign_in.self_check),
        shows(s.SelfCheckShown, draw_sign_in.self_check_shown),
        shows(s.LookingAround, draw_proof.looking_around),
        shows(s.SignInNumber, draw_sign_in.sign_in_number),
        shows(s.SignInPassword, draw_sign_in.sign_in_password),
        shows(s.Verifying, draw_sign_in.verifying),
        shows(s.FetchingPhoneCode, draw_phone.fetching),
        shows(s.ShowingPhoneCode, draw_phone.showing),
        shows(s.WaitingTurn, draw_proof.waiting_turn),
        shows(s.SignedInElsewhere, draw_proof.signed_in_elsewhere),
        shows(s.EnteringOld, draw_proof.entering_old),
        shows(s.EnteringNew, draw_proof.entering_new),
        shows(s.ChangingPassword, draw_proof.changing_password),
        shows(s.Confirming, draw_sign_in.confirming),
        shows(s.ChoosingWrong, draw_sign_in.choosing_wrong),
        shows(s.EnteringCode, draw_proof.entering_code),
        shows(s.Submitting, draw_sign_in.submitting),
        shows(s.SignedInShown, draw_sign_in.signed_in_shown),
        shows(s.CheckingOffline, draw_proof.checking_offline),
        shows(s.OfflineShown, draw_proof.offline_shown),
    )
)

AREA = Area(DRAWINGS, ROWS, ENTRANCES, EVERYWHERE)
