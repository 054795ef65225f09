"""The stages of the terminal's settings."""

from typing import ClassVar, Literal

from ..core.noted.settings import SettingName, SetupFacts
from ..core.stage import Stage
from ..words.text import Text

SetupPage = Literal["menu", "numbers", "host", "network", "keys", "printer"]


class SettingUp(Stage, frozen=True, kw_only=True):
    """99 is here: the menu, or one of its pages with what is set now."""

    quiet: ClassVar[bool] = True
    may_lose_trace: ClassVar[bool] = True

    approval_no: int
    """By which the host knows of it."""
    facts: SetupFacts | None = None
    """What is set; None until it was read."""
    page: SetupPage = "menu"
    notice: Text | None = None


class TypingSetting(Stage, frozen=True, kw_only=True):
    """A new value is typed, in digits alone: every model has them."""

    quiet: ClassVar[bool] = True
    may_lose_trace: ClassVar[bool] = True

    approval_no: int
    facts: SetupFacts
    name: SettingName
    page: SetupPage
    digits: str = ""
    notice: Text | None = None


class KeepingSetting(Stage, frozen=True, kw_only=True):
    """A value was typed; it is in the journal and is being put down."""

    approval_no: int
    facts: SetupFacts
    name: SettingName
    page: SetupPage
    value: str
