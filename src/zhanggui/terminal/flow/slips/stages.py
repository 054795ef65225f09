"""The stages of an approved payment's slips."""

from typing import ClassVar, Literal

from ..core.events import ApprovedPayment
from ..core.stage import Stage, WithSlip
from ..core.ways import Way
from ..words.text import Text


class Signing(Stage, frozen=True, kw_only=True):
    """The cardholder signs on the screen (电签)."""

    payment: ApprovedPayment


class FindingSlip(Stage, frozen=True, kw_only=True):
    """The journal is asked for the payment whose slips are wanted again."""

    for_link: bool = False
    """True: for the customer's phone."""


class Printing(Stage, frozen=True, kw_only=True):
    """A copy is being printed."""

    payment: ApprovedPayment
    copy: Literal["merchant", "cardholder"]
    again: bool
    then: Way


class TearingOff(Stage, frozen=True, kw_only=True):
    """The merchant copy is out; it is torn off and signed before the cardholder copy comes."""

    lockable: ClassVar[bool] = True
    hands_out_slips: ClassVar[bool] = True

    payment: ApprovedPayment
    again: bool
    then: Way
    notice: Text | None = None
    """Why there is no code for the customer's phone."""


class FetchingLink(Stage, frozen=True, kw_only=True):
    """The cardholder's copy goes up to the host, to be found by a link."""

    payment: ApprovedPayment
    tearing: TearingOff | None = None
    """In whose place it comes; None: from standby, or from a line of today."""


class LinkShown(Stage, frozen=True, kw_only=True):
    """The link as a code, for the customer's phone."""

    lockable: ClassVar[bool] = True
    hands_out_slips: ClassVar[bool] = True

    payment: ApprovedPayment
    address: str
    tearing: TearingOff | None = None


class TickingOff(WithSlip, frozen=True, kw_only=True):
    """Merchant copies of today are ticked off."""

    lockable: ClassVar[bool] = True
    may_lose_trace: ClassVar[bool] = True

    then: Way
    digits: str = ""
    asked: tuple[str, ...] = ()
    """What is being asked or told now, each by batch and voucher number."""
    waiting: tuple[str, ...] = ()
    """What is told next."""
    notice: Text | None = None
    last: str = ""
    """The copy that was ticked last, or named again: its tick can be taken back."""
    typing: bool = False
    """Whether number keys stand on a touch screen: they take the room of the list."""


class PrintTrouble(Stage, frozen=True, kw_only=True):
    """A copy could not be printed. The sale stays approved."""

    lockable: ClassVar[bool] = True
    hands_out_slips: ClassVar[bool] = True

    payment: ApprovedPayment
    copy: Literal["merchant", "cardholder"]
    reason: str
    again: bool
    then: Way


class SlipsOffered(Stage, frozen=True, kw_only=True):
    """Slips of a payment that stands never came out: something broke into them."""

    quiet: ClassVar[bool] = True
    lockable: ClassVar[bool] = True

    payment: ApprovedPayment
