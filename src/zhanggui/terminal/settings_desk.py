"""The settings of a running machine, for 99: what it acts by, and changes that reach its file and its line."""

from pathlib import Path

import msgspec

from .devices.ports import PinPad
from .flow.core.noted.settings import SettingName, SetupFacts
from .link.host_line import TcpHostLine
from .settings import TerminalSettings, read_settings, write_settings


class SettingsDesk:
    """Settings of one terminal. What it was started with may differ from its file, which only a change writes."""

    def __init__(self, data: Path, settings: TerminalSettings, line: TcpHostLine | None, pin_pad: PinPad) -> None:
        self._data = data
        self._settings = settings
        self._line = line
        self._pin_pad = pin_pad

    def facts(self, reachable: bool | None = None) -> SetupFacts:
        """What is set now."""
        now = self._settings
        return SetupFacts(
            host=now.host,
            port=now.port,
            timeout_s=round(now.timeout_s),
            merchant_no=now.merchant_no,
            master_key=self._pin_pad.master_key_check_value(),
            reachable=reachable,
        )

    def change(self, name: SettingName, value: str) -> None:
        """Put one down and act by it. Misuse or Fault when the file can't be read or written: then nothing has changed."""
        typed = float(value) if name == "timeout_s" else int(value) if name == "port" else value
        kept = read_settings(self._data, self._settings.number)
        write_settings(self._data, msgspec.structs.replace(kept, **{name: typed}))
        self._settings = msgspec.structs.replace(self._settings, **{name: typed})
        if self._line is not None:
            self._line.redirect(self._settings.host, self._settings.port, self._settings.timeout_s)
