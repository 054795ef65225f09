"""How slips are come by: torn off, for the customer's phone, again, or because something broke into them."""

from msgspec.structs import replace

from ..core.effects import FindPayment
from ..core.events import KeyPressed, PaymentFound
from ..core.state import State
from ..core.step import Step, go, leave, may_link, stay
from ..core.ways import OfferSlips, ReprintOf, ShowSlipLink, ToStandby
from ..words.text import words
from .linking import fetch
from .printing import Copy, left_for_now, print_copy, slips_wait
from .stages import FindingSlip, SlipsOffered, TearingOff


def torn_off(state: State, stage: TearingOff, event: KeyPressed) -> Step:
    """The merchant copy was torn off; the cardholder copy follows, on paper or on the customer's phone."""
    if event.key == "enter":
        return print_copy(state, stage.payment, "cardholder", again=stage.again, then=stage.then)
    if event.key == "link" and may_link(state):
        return fetch(state, stage.payment, stage)
    return stay(state)


def offer(state: State, way: OfferSlips) -> Step:
    """Ask for the slips before the next payment: an order, a lock or a power cut came while they were handed out."""
    if slips_wait(state):
        return leave(left_for_now(state), ToStandby(way.notice))
    return go(state, SlipsOffered(payment=way.payment))


def offered_key(state: State, stage: SlipsOffered, event: KeyPressed) -> Step:
    """Print what is missing, marked, for nobody knows who has seen it before; or leave it to the reprint."""
    match event.key:
        case "enter":
            copy: Copy = "cardholder" if state.merchant_copy_out else "merchant"
            return print_copy(state, stage.payment, copy, again=True, then=ToStandby())
        case "skip":
            notice = words("standby.unprinted", trace=stage.payment.trace_no)
            return leave(left_for_now(state), ToStandby(notice))
    return stay(state)


def reprint_of(state: State, way: ReprintOf) -> Step:
    """The slips of any payment of today, not only of the newest."""
    return go(state, FindingSlip(), FindPayment(batch_no=way.batch_no, trace_no=way.trace_no))


def link_of(state: State, way: ShowSlipLink) -> Step:
    """The slip of any payment of today, for the customer's phone."""
    return go(state, FindingSlip(for_link=True), FindPayment(batch_no=way.batch_no, trace_no=way.trace_no))


def slip_found(state: State, stage: FindingSlip, event: PaymentFound) -> Step:
    """Both copies again, marked; or the cardholder's for a phone."""
    if event.payment is None:
        return leave(state, ToStandby(words("standby.nothing_to_reprint")))
    if stage.for_link:
        return fetch(state, event.payment)
    return print_copy(replace(state, tray=()), event.payment, "merchant", again=True, then=ToStandby())


def reprint_last(state: State) -> Step:
    """Print both copies of the newest approved sale again, marked."""
    if state.last_sale is None:
        return leave(state, ToStandby(words("standby.nothing_to_reprint")))
    return print_copy(replace(state, tray=()), state.last_sale, "merchant", again=True, then=ToStandby())
