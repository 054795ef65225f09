"""Screens of an approved payment's slips."""

from msgspec.structs import replace

from ..core.events import FIRST_KIND, ApprovedPayment, CheckResult
from ..core.state import State
from ..core.step import may_link
from ..core.trouble import device_words
from ..screens.frame import CANCEL, amount_line, busy, call_line, dim, paid_with, pair, plain, screen, strong, yuan
from ..screens.screens import Choice, Screen
from ..words.text import Text, words
from .slip_layout import AGREED
from .stages import FetchingLink, FindingSlip, LinkShown, Printing, PrintTrouble, Signing, SlipsOffered, TearingOff

NO_PAPER = "check.printer.no_paper"
"""Why a slip did not come out, where the words before a sale would be too late."""


def signing(state: State, stage: Signing) -> Screen:
    """The cardholder signs on the screen."""
    shown = screen(
        state,
        "sign_here",
        words("sign_here.title")
        if stage.payment.kind == FIRST_KIND
        else words("sign_here.title_of_kind", kind=f"@kind.{stage.payment.kind}"),
        amount_line(stage.payment.amount_fen),
        paid_with(stage.payment.kind, stage.payment.masked_pan),
        dim(words(f"slip.agreement.{AGREED[stage.payment.kind]}")),
        tone="good",
        choices=(Choice("skip", words("key.no_signature"), "plain", "cancel"),),
    )
    return replace(shown, signature=True)


def approved_title(payment: ApprovedPayment) -> Text:
    """What came about; what takes another payment back says so, or it would be read as money taken."""
    if payment.kind == FIRST_KIND:
        return words("sale.approved")
    return words("sale.approved_of_kind", kind=f"@kind.{payment.kind}")


def again_title(state: State) -> Text:
    """What comes again: paper, or a picture."""
    return words("slips.again" if state.machine.profile.printer else "slips.again_filed")


def finding(state: State, stage: FindingSlip) -> Screen:
    """Over before anybody reads it."""
    return busy(state, "printing", again_title(state))


def printing(state: State, stage: Printing) -> Screen:
    """A copy is being printed, or laid into the archive."""
    way = "printing" if state.machine.profile.printer else "filing"
    title = again_title(state) if stage.again else approved_title(stage.payment)
    return screen(
        state,
        "printing",
        title,
        amount_line(stage.payment.amount_fen),
        plain(words(f"slips.{way}", copy=f"@copy.{stage.copy}")),
        tone="good",
    )


def tearing_off(state: State, stage: TearingOff) -> Screen:
    """Tear off, have it signed, then the other copy."""
    shortcut = "" if state.machine.profile.touch else "1"
    link = (Choice("link", words("link.key"), "plain", shortcut),) if may_link(state) else ()
    # A reprint was signed when it was paid.
    key = "slips.tear_off_sign" if stage.payment.needs_signature and not stage.again else "slips.tear_off"
    return screen(
        state,
        "tear_off",
        again_title(state) if stage.again else approved_title(stage.payment),
        amount_line(stage.payment.amount_fen),
        strong(words(key)),
        plain(words("slips.then_cardholder")),
        strong(stage.notice) if stage.notice is not None else None,
        tone="good",
        choices=(Choice("enter", words("key.print_cardholder"), "primary", "enter"), *link),
    )


def fetching_link(state: State, stage: FetchingLink) -> Screen:
    """The customer's copy goes up to the host."""
    return replace(busy(state, "slip_link", words("link.fetching")), choices=(CANCEL,))


def link_shown(state: State, stage: LinkShown) -> Screen:
    """The code, for the customer."""
    paper = (Choice("paper", words("key.print_cardholder"), "plain", "clear"),) if stage.tearing is not None else ()
    shown = screen(
        state,
        "slip_link",
        words("link.title"),
        amount_line(stage.payment.amount_fen),
        plain(words("link.how")),
        pair("slips.of", stage.payment.trace_no) if state.machine.profile.touch else None,
        tone="good",
        choices=(Choice("enter", words("link.done"), "primary", "enter"), *paper),
    )
    return replace(shown, scan=stage.address)


def print_trouble(state: State, stage: PrintTrouble) -> Screen:
    """The sale stands; only the slip is missing."""
    what, todo = device_words(CheckResult(item="printer", state="fail", reason=stage.reason))
    shown = screen(
        state,
        "print_trouble",
        words("slips.not_printed", copy=f"@copy.{stage.copy}"),
        strong(words("slips.still_approved", amount=yuan(stage.payment.amount_fen))),
        plain(what),
        plain(words("slips.no_paper.do") if stage.reason == NO_PAPER else todo),
        call_line(state, "D102"),
        tone="warn",
        choices=(
            Choice("retry", words("key.print_again"), "primary", "enter"),
            Choice("skip", words("key.skip_slip"), "plain", "cancel"),
        ),
    )
    return replace(shown, code="D102")


def offered(state: State, stage: SlipsOffered) -> Screen:
    """The sale stands; a copy of it never came out."""
    payment = stage.payment
    copy = "@copy.cardholder" if state.merchant_copy_out else "@copy.both"
    return screen(
        state,
        "slips_offered",
        words("slips.offered", copy=copy),
        strong(words("slips.still_approved", amount=yuan(payment.amount_fen))),
        paid_with(payment.kind, payment.masked_pan),
        pair("slips.of", payment.trace_no),
        plain(words("slips.offered.do")),
        tone="warn",
        choices=(
            Choice("enter", words("key.print_missing"), "primary", "enter"),
            Choice("skip", words("key.skip_slip"), "plain", "cancel"),
        ),
    )
