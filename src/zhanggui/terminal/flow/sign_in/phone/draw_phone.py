"""The screens of a phone's sign-in."""

from msgspec.structs import replace

from ...core.state import State
from ...core.step import here_for_s
from ...screens.frame import CANCEL, busy, plain, screen
from ...screens.screens import Countdown, Screen
from ...words.text import words
from ..stages import FetchingPhoneCode, ShowingPhoneCode


def fetching(state: State, stage: FetchingPhoneCode) -> Screen:
    """The code is asked for."""
    title = words("sign_in.fetching_keys" if stage.waits_for_keys else "phone.fetching")
    return busy(state, "phone_code", title)


def showing(state: State, stage: ShowingPhoneCode) -> Screen:
    """The code, what to do with it, and how long it is good."""
    left_s = max(0, stage.life_s - here_for_s(state))
    shown = screen(state, "sign_in_phone", words("phone.title"), plain(words("phone.how")), choices=(CANCEL,))
    countdown = Countdown(words("phone.left", s=str(left_s)), left_s)
    return replace(shown, scan=stage.address, countdown=countdown)
