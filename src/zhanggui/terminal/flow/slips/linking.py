"""A slip on the customer's phone (电子签购单): the cardholder's copy goes up to the host, and its link is shown as a code.

    a line of today, or the last payment ─▶ FINDING ─▶ FETCHING ─ host has it ─▶ LINK SHOWN ─▶ standby
    TEARING OFF ───────────────────────────────────────▶ FETCHING ─▶ LINK SHOWN ─┬─▶ on, without a copy on paper
                                                             └─ no line ─▶ TEARING OFF, which says so

Nothing is shown of it where the host serves no page for phones. What the host keeps is what this terminal lays out for paper, so a link
that was shown goes on leading to it when the terminal is off. Asked again, the host answers with the same link.
"""

from ....cup.values.slip_link import SlipCopies
from ..core.effects import SendSlip
from ..core.events import ApprovedPayment, HostFailed, KeyPressed, Refused, SlipLinked, Ticked
from ..core.policy import SALE_IDLE_S
from ..core.state import State
from ..core.step import Step, go, idle_for_s, leave, stay
from ..core.ways import ToStandby
from ..words.text import Text, words
from .printing import finished, print_copy, shop_of
from .slip_layout import payment_slip
from .stages import FetchingLink, LinkShown, Printing, TearingOff

GONE = "25"
"""What the host says of a slip whose time is over."""


def fetch(state: State, payment: ApprovedPayment, tearing: TearingOff | None = None) -> Step:
    """Send the customer's copy up, in both languages: the page has a key for the other one."""
    if state.keys != "ready":
        return back(state, tearing, words("link.no_line"))
    zh, en = (
        payment_slip(payment, shop_of(state, lang), state.machine.profile, copy="cardholder").lines
        for lang in ("zh", "en")
    )
    return go(
        state,
        FetchingLink(payment=payment, tearing=tearing),
        SendSlip(payment=payment, copies=SlipCopies(zh=zh, en=en)),
    )


def linked(state: State, stage: FetchingLink, event: SlipLinked) -> Step:
    """The code is there."""
    if (event.batch_no, event.trace_no) != (stage.payment.batch_no, stage.payment.trace_no):
        return stay(state)
    return go(state, LinkShown(payment=stage.payment, address=event.address, tearing=stage.tearing))


def refused(state: State, stage: FetchingLink, event: Refused) -> Step:
    """The host keeps none, or none any more: paper is left."""
    return back(state, stage.tearing, words("link.over" if event.response_code == GONE else "link.refused"))


def failed(state: State, stage: FetchingLink, event: HostFailed) -> Step:
    """No answer; the payment stands, and paper is left."""
    return back(state, stage.tearing, words("link.no_line"))


def fetching_key(state: State, stage: FetchingLink, event: KeyPressed) -> Step:
    """Not that after all; what the host answers late changes nothing."""
    return back(state, stage.tearing) if event.key == "cancel" else stay(state)


def shown_key(state: State, stage: LinkShown, event: KeyPressed) -> Step:
    """The customer has it, or wants paper besides."""
    tearing = stage.tearing
    match event.key:
        case "paper" if tearing is not None:
            return print_copy(state, tearing.payment, "cardholder", again=tearing.again, then=tearing.then)
        case "enter" | "cancel":
            return done(state, stage)
    return stay(state)


def shown_tick(state: State, stage: LinkShown, event: Ticked) -> Step:
    """Nobody said that it was scanned: the next customer must not find it here."""
    return done(state, stage) if idle_for_s(state) >= SALE_IDLE_S else stay(state)


def done(state: State, stage: LinkShown) -> Step:
    """On, as behind a copy on paper."""
    tearing = stage.tearing
    if tearing is None:
        return leave(state, ToStandby())
    copy = Printing(payment=tearing.payment, copy="cardholder", again=tearing.again, then=tearing.then)
    return finished(state, copy)


def back(state: State, tearing: TearingOff | None, notice: Text | None = None) -> Step:
    """To where it was asked for, with words why there is none."""
    if tearing is None:
        return leave(state, ToStandby(notice))
    stage = TearingOff(payment=tearing.payment, again=tearing.again, then=tearing.then, notice=notice)
    return go(state, stage)
