"""The screen of a state: one match over the sum type of stages."""

from typing import assert_never

from . import draw_duty as duty
from . import draw_sign_in as sign_in
from . import stages as s
from .frame import screen
from .screens import Screen
from .state import State
from .step import words


def screen_of(state: State) -> Screen:
    """What a person sees now. A pure function of the state; the model's profile stands in it."""
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
        case _:
            return screen_on_duty(state, state.stage)


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
            return duty.asking_sign_out(state, stage)
        case s.SigningOut():
            return duty.signing_out(state, stage)
        case s.SignedOutShown():
            return duty.signed_out_shown(state, stage)
    assert_never(stage)
