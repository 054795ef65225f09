"""The screen of a state: matches over the sum type of stages, and what stands on any screen of a session."""

from typing import assert_never

from msgspec.structs import replace

from .core import proof_stages as p
from .core import stages as s
from .core.state import State
from .core.step import words
from .duty import draw_lock as lock
from .duty import draw_sign_out as sign_out
from .duty.forced import idle_left_s
from .payment import draw_payment as duty
from .screens.frame import screen
from .screens.screens import Countdown, Screen
from .sign_in import draw_proof as proof
from .sign_in import draw_sign_in as sign_in


def screen_of(state: State) -> Screen:
    """What a person sees now. A pure function of the state; the model's profile stands in it."""
    shown = screen_of_stage(state)
    left_s = idle_left_s(state)
    if left_s is None or left_s > state.rules.idle_warning_s or shown.countdown is not None:
        return shown
    return replace(shown, countdown=Countdown(words("lock.warning", s=str(max(left_s, 0))), max(left_s, 0)))


def screen_of_stage(state: State) -> Screen:
    """From power-on to "signed in"."""
    match state.stage:
        case s.Off():
            return screen(state, "off", words("off.title"))
        case s.SelfChecking() as stage:
            return sign_in.self_check(state, stage)
        case s.SelfCheckShown() as stage:
            return sign_in.self_check_shown(state, stage)
        case s.Trouble() as stage:
            return sign_in.trouble(state, stage)
        case s.SignInNumber() as stage:
            return sign_in.sign_in_number(state, stage)
        case s.SignInPassword() as stage:
            return sign_in.sign_in_password(state, stage)
        case s.Verifying() as stage:
            return sign_in.verifying(state, stage)
        case s.Confirming() as stage:
            return sign_in.confirming(state, stage)
        case s.ChoosingWrong() as stage:
            return sign_in.choosing_wrong(state, stage)
        case s.Submitting() as stage:
            return sign_in.submitting(state, stage)
        case s.SignedInShown() as stage:
            return sign_in.signed_in_shown(state, stage)
        case (
            s.Standby()
            | s.EnteringAmount()
            | s.AwaitingCard()
            | s.EnteringPin()
            | s.Selling()
            | s.SaleRefused()
            | s.Undoing()
            | s.Signing()
            | s.Printing()
            | s.TearingOff()
            | s.PrintTrouble()
            | s.AskingSignOut()
            | s.SigningOut()
            | s.SignedOutShown()
        ) as stage:
            return screen_on_duty(state, stage)
        case _:
            return screen_of_proof(state, state.stage)


def screen_of_proof(state: State, stage: p.ProofStage) -> Screen:
    """The screens on which an operator proves something, or is kept out."""
    match stage:
        case p.LookingAround():
            return proof.looking_around(state, stage)
        case p.WaitingTurn():
            return proof.waiting_turn(state, stage)
        case p.EnteringCode():
            return proof.entering_code(state, stage)
        case p.EnteringOld():
            return proof.entering_old(state, stage)
        case p.EnteringNew():
            return proof.entering_new(state, stage)
        case p.ChangingPassword():
            return proof.changing_password(state, stage)
        case p.SignedInElsewhere():
            return proof.signed_in_elsewhere(state, stage)
        case p.ApprovalNumber():
            return proof.approval_number(state, stage)
        case p.ApprovalPassword():
            return proof.approval_password(state, stage)
        case p.Approving():
            return proof.approving(state, stage)
        case p.CheckingOffline():
            return proof.checking_offline(state, stage)
        case p.OfflineShown():
            return proof.offline_shown(state, stage)
        case p.Locked():
            return lock.locked(state, stage)
        case p.LockedMenu():
            return lock.locked_menu(state, stage)
        case p.Unlocking():
            return lock.unlocking(state, stage)
        case p.Noting():
            return sign_out.noting(state, stage)
    assert_never(stage)


def screen_on_duty(state: State, stage: s.DutyStage) -> Screen:
    """The screens of an open session, and its end."""
    match stage:
        case s.Standby():
            return duty.standby(state, stage)
        case s.EnteringAmount():
            return duty.entering_amount(state, stage)
        case s.AwaitingCard():
            return duty.awaiting_card(state, stage)
        case s.EnteringPin():
            return duty.entering_pin(state, stage)
        case s.Selling():
            return duty.selling(state, stage)
        case s.SaleRefused():
            return duty.sale_refused(state, stage)
        case s.Undoing():
            return duty.undoing(state, stage)
        case s.Signing():
            return duty.signing(state, stage)
        case s.Printing():
            return duty.printing(state, stage)
        case s.TearingOff():
            return duty.tearing_off(state, stage)
        case s.PrintTrouble():
            return duty.print_trouble(state, stage)
        case s.AskingSignOut():
            return sign_out.asking_sign_out(state, stage)
        case s.SigningOut():
            return sign_out.signing_out(state, stage)
        case s.SignedOutShown():
            return sign_out.signed_out_shown(state, stage)
    assert_never(stage)
