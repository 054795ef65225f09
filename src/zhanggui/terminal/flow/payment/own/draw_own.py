"""Screens of our code: shown until it is paid, and the amount that arrived."""

from msgspec.structs import replace

from .....cup.brands import BRANDS
from ...core.state import State
from ...screens.frame import CANCEL, ENTER, amount_line, plain, screen, strong
from ...screens.screens import Countdown, Screen
from ...words.catalogue import brand_key
from ...words.text import words
from ..draw_payment import ASK_AGAIN
from ..stages import Arrived, ShowingCode
from .showing import is_unheard, left_s


def showing_code(state: State, stage: ShowingCode) -> Screen:
    """The code, large, the amount, and how long it is good; and while the host can't be asked, what that means for the customer."""
    attempt, seconds = stage.attempt, left_s(state, stage)
    unheard = is_unheard(state)
    shown = screen(
        state,
        "own_code",
        words("own.title"),
        # Four lines beside the code have no room for both.
        None if unheard and not state.machine.profile.touch else amount_line(attempt.amount_fen),
        strong(words("own.unheard"))
        if unheard
        else plain(words("own.how", brand=f"@{brand_key(attempt.doing.brand)}")),
        tone="warn" if unheard else "calm",
        choices=(ASK_AGAIN, CANCEL),
    )
    said = words("own.left", s=str(seconds)) if seconds else words("own.over")
    return replace(shown, scan=stage.text, countdown=Countdown(said, seconds))


def arrived(state: State, stage: Arrived) -> Screen:
    """The amount, large."""
    payment = stage.payment
    return screen(
        state,
        "own_paid",
        words("own.paid"),
        amount_line(payment.amount_fen),
        plain(words("own.paid_by", brand=_called(payment.issuer))) if payment.issuer else None,
        tone="good",
        choices=(ENTER,),
    )


def _called(issuer: str) -> str:
    """A wallet in the language of the screen; the host names it in Chinese."""
    return next((f"@{brand_key(name)}" for name, brand in BRANDS.items() if brand.zh == issuer), issuer)
