"""Slips: merchant copy, tear off and sign, cardholder copy; on e-signature models the signature, then both pictures.

An approved sale stays approved whatever the printer does: the journal holds "print pending" until both copies are out.
"""

from typing import Literal

from msgspec.structs import replace

from ....basics.money import format_yuan
from ....basics.words import Lang
from ..core.effects import CollectSignature, Print, PrintSlip, RememberPrinted
from ..core.events import ApprovedPayment, KeyPressed, Printed, PrintFailed, Signed
from ..core.policy import TRAY_SLIPS_MAX
from ..core.state import State
from ..core.step import Step, check_of, go, host_now, leave, right_due, stay, today_of
from ..core.ways import (
    LockNow,
    PrintDetails,
    PrintMissing,
    PrintRefusal,
    PrintSettlement,
    PrintShift,
    SignOutNow,
    ToStandby,
    Way,
)
from ..words.catalogue import render
from ..words.text import Text, words
from .other_slips import refusal_slip, shift_slip
from .settlement_slip import details_slip, missing_slip, settlement_slip
from .slip_layout import Shop, payment_slip, slip_id
from .stages import Printing, PrintTrouble, Signing, TearingOff

Copy = Literal["merchant", "cardholder"]


def shop_of(state: State, lang: Lang | None = None) -> Shop:
    """What this terminal prints about itself, in its own language or another one."""
    machine = state.machine
    return Shop(
        merchant_name=state.merchant_name,
        terminal_no=machine.terminal_no,
        support_phone=machine.support_phone,
        software=machine.software,
        simulated=machine.simulated,
        lang=lang or state.lang,
    )


def print_copy(state: State, payment: ApprovedPayment, copy: Copy, *, again: bool, then: Way) -> Step:
    """Print one copy and wait for it."""
    slip = payment_slip(payment, shop_of(state), state.machine.profile, copy=copy, again=again)
    effect = Print(payment=payment, copy=copy, again=again, slip=slip)
    return go(state, Printing(payment=payment, copy=copy, again=again, then=then), effect)


def print_settlement(state: State, way: PrintSettlement) -> Step:
    """Print the slip of a settlement; whoever asked for it hears whether it came out."""
    slip = settlement_slip(
        way.settlement,
        way.counted,
        shop_of(state),
        state.machine.profile,
        state.machine.merchant_no,
        today_of(state, state.now),
        host_now(state),
    )
    return stay(state, PrintSlip(slip=slip))


def print_details(state: State, way: PrintDetails) -> Step:
    """Print the list of an open batch's payments."""
    operator_no = state.session.operator_no if state.session is not None else ""
    slip = details_slip(
        way.counted,
        shop_of(state),
        state.machine.profile,
        state.machine.merchant_no,
        operator_no,
        today_of(state, state.now),
        host_now(state),
    )
    return stay(state, PrintSlip(slip=slip))


def print_missing(state: State, way: PrintMissing) -> Step:
    """Print the list of merchant copies of today that nobody has ticked off."""
    operator_no = state.session.operator_no if state.session is not None else ""
    slip = missing_slip(
        way,
        shop_of(state),
        state.machine.profile,
        state.machine.merchant_no,
        operator_no,
        state.batch_no,
        today_of(state, state.now),
        host_now(state),
    )
    return stay(state, PrintSlip(slip=slip))


def print_shift(state: State, way: PrintShift) -> Step:
    """Print the figures of a shift that ended, for the drawer and for who comes next."""
    slip = shift_slip(way, shop_of(state), state.machine.profile, state.machine.merchant_no, host_now(state))
    return stay(state, PrintSlip(slip=slip))


def print_refusal(state: State, way: PrintRefusal) -> Step:
    """Print why a payment did not come about, for a customer who wants to show it at the bank."""
    reason = render(way.problem.what, state.lang)
    slip = refusal_slip(way, reason, shop_of(state), state.machine.profile, state.machine.merchant_no, host_now(state))
    return stay(state, PrintSlip(slip=slip))


def slips_wait(state: State) -> bool:
    """Tell whether the operator signed in without a printer, and there is still none: the sale goes on, its slips wait."""
    printer = check_of(state, "printer")
    missing = printer is not None and printer.state != "ok"
    return missing and state.session is not None and "slip" in state.session.degraded


def slips_of_new(state: State, payment: ApprovedPayment) -> Step:
    """The first slips of an approved payment, after the effects that make it durable."""
    state = replace(state, merchant_copy_out=False)
    if slips_wait(state):
        state = left_for_now(state)
        return after_payment(state, words("standby.slips_wait", **payment_values(payment)))
    if payment.needs_signature and not state.machine.profile.printer:
        return go(
            state, Signing(payment=payment), CollectSignature(batch_no=payment.batch_no, trace_no=payment.trace_no)
        )
    return print_copy(state, payment, "merchant", again=False, then=ToStandby())


def signed(state: State, stage: Signing, event: Signed) -> Step:
    """The signature stands in the journal, for the host, and on both slips, which follow."""
    if event.kept:
        state = replace(state, unsent=(*state.unsent, (stage.payment.batch_no, stage.payment.trace_no)))
    return print_copy(state, stage.payment, "merchant", again=False, then=ToStandby())


def signing_key(state: State, stage: Signing, event: KeyPressed) -> Step:
    """A cardholder who cannot sign on the screen does not hold up the slips."""
    if event.key == "skip":
        return print_copy(state, stage.payment, "merchant", again=False, then=ToStandby())
    return stay(state)


def printed(state: State, stage: Printing, event: Printed) -> Step:
    """A copy is out: ask for the tear-off, go on to the next copy, or finish."""
    if event.copy != stage.copy:
        return stay(state)
    tray = (*state.tray, slip_id(stage.payment, stage.copy, stage.again))[-TRAY_SLIPS_MAX:]
    state = replace(state, tray=tray, merchant_copy_out=True)
    if stage.copy == "cardholder":
        return finished(state, stage)
    if state.machine.profile.printer:
        return go(state, TearingOff(payment=stage.payment, again=stage.again, then=stage.then))
    return print_copy(state, stage.payment, "cardholder", again=stage.again, then=stage.then)


def finished(state: State, stage: Printing) -> Step:
    """Both copies are out; nothing is pending for this payment."""
    done = RememberPrinted(batch_no=stage.payment.batch_no, trace_no=stage.payment.trace_no)
    # Another payment's slips may be owed while this one's come again.
    owed = state.print_pending
    mine = owed is not None and (owed.batch_no, owed.trace_no) == (stage.payment.batch_no, stage.payment.trace_no)
    state = replace(state, print_pending=None) if mine else state
    state, effects = after_slips(state, stage, paid_notice(state, stage.payment, stage.again))
    return state, (*effects, done)


def paid_notice(state: State, payment: ApprovedPayment, again: bool) -> Text:
    """What standby says after the slips; where there is no printer, nothing was printed again."""
    repeated = "standby.reprinted" if state.machine.profile.printer else "standby.refiled"
    return words(repeated if again else "standby.done", **payment_values(payment))


def payment_values(payment: ApprovedPayment) -> dict[str, str]:
    """What words about a payment name."""
    amount = f"¥{format_yuan(payment.amount_fen)}"
    return {"amount": amount, "trace": payment.trace_no, "done": f"@done.{payment.kind}"}


def after_payment(state: State, notice: Text) -> Step:
    """A sale is over: keep the session, lock it, or sign out, as the policy says."""
    match state.rules.after_sale:
        case _ if right_due(state) is not None:
            # Half of it is done: whoever began it goes on, and the policy counts after the other half.
            return leave(state, ToStandby(notice))
        case "keep":
            return leave(state, ToStandby(notice))
        case "lock":
            return leave(state, LockNow("after_sale"))
        case "sign_out":
            return leave(state, SignOutNow("after_sale"))


def after_slips(state: State, stage: Printing | PrintTrouble, notice: Text) -> Step:
    """Back to where the slips were asked for."""
    if not isinstance(stage.then, ToStandby):
        return leave(state, stage.then)
    return leave(state, ToStandby(notice)) if stage.again else after_payment(state, notice)


def print_failed(state: State, stage: Printing, event: PrintFailed) -> Step:
    """Say what to do; the sale stays approved."""
    trouble = PrintTrouble(
        payment=stage.payment, copy=stage.copy, reason=event.reason, again=stage.again, then=stage.then
    )
    return go(state, trouble) if event.copy == stage.copy else stay(state)


def print_trouble_key(state: State, stage: PrintTrouble, event: KeyPressed) -> Step:
    """Print this copy again, or leave it: then it stays pending and comes at the next power-on or as a reprint."""
    match event.key:
        case "retry":
            return print_copy(state, stage.payment, stage.copy, again=stage.again, then=stage.then)
        case "skip":
            return after_slips(left_for_now(state), stage, words("standby.unprinted", trace=stage.payment.trace_no))
    return stay(state)


def left_for_now(state: State) -> State:
    """The operator goes on without the slips; they are not offered again in this session."""
    session = state.session
    return replace(state, session=replace(session, slips_left=True)) if session is not None else state
