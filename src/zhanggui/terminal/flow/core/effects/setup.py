"""What is set at this machine."""

from typing import ClassVar

from .....basics.numbers import OperatorNo
from ..noted.memory import Record
from ..noted.settings import SettingName
from .base import Effect, Remember


class ReadSetup(Effect, frozen=True, tag=True, kw_only=True):
    """Say what is set at this machine. → SetupSeen."""

    calls: bool = False
    """True: call the host as well and hang up, and say whether it took the call."""


class RememberSetting(Remember, frozen=True, tag=True, kw_only=True):
    """Who changes what at this machine, before it is changed. → Journalled("setting")."""

    record: ClassVar[Record] = "setting"
    operator_no: OperatorNo
    approval_no: int
    name: SettingName
    before: str
    value: str


class ChangeSetting(Effect, frozen=True, tag=True, kw_only=True):
    """Put a setting down and act by it. Always after RememberSetting. → SetupSeen, with the old value where the disk refused."""

    name: SettingName
    value: str
