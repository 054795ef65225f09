"""Who may open the page beyond this machine: a device that once typed the code on the console.

The code is good for one device and then another one is drawn; a few wrong tries draw another one too and close the door for a minute.
What a device gets is a secret of its own, in a cookie; here only its hash is kept.
"""

import hashlib
import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec
import structlog

from ...basics.chance import Chance
from ...basics.clock import Clock
from ..devices.owner_file import read_owner_only, write_owner_only

CODE_DIGITS = 8
WRONG_MAX = 5
"""Wrong tries for one code: of a hundred million, five."""
CLOSED_S = 60.0
"""How long nobody is let in after them."""
TOKEN_BYTES = 32
DEVICES_MAX = 64
"""Devices that are known at once; beyond it the oldest has to pair again."""

Outcome = Literal["wrong", "wait"]
_log = structlog.get_logger("zhanggui.terminal.page")


class Pairing:
    """The door of one page."""

    def __init__(self, path: Path, clock: Clock, chance: Chance, show: Callable[[str], None]) -> None:
        """`path` keeps the devices; `show` brings each new code before the eyes of whoever has the console."""
        self._path = path
        self._clock = clock
        self._chance = chance
        self._show = show
        self._wrong = 0
        self._closed_until_s = 0.0
        self._devices = self._read()
        self._code = ""
        self._draw()

    def knows(self, token: str) -> bool:
        """Whether this is the secret of a device that was paired."""
        found = hashed(token)
        return any(hmac.compare_digest(found, known) for known in self._devices)

    def pair(self, typed: str) -> str | Outcome:
        """The secret of a new device for the right code; else why not. Fault when the disk refuses."""
        if self._clock.elapsed_s() < self._closed_until_s:
            return "wait"
        if not hmac.compare_digest(typed.encode(), self._code.encode()):
            self._wrong += 1
            if self._wrong >= WRONG_MAX:
                _log.warning("pairing closed", wrong=self._wrong, for_s=CLOSED_S)
                self._closed_until_s = self._clock.elapsed_s() + CLOSED_S
                self._draw()
            return "wrong"
        token = self._chance.take(TOKEN_BYTES).hex()
        devices = (*self._devices, hashed(token))[-DEVICES_MAX:]
        write_owner_only(self._path, msgspec.json.encode(devices))
        self._devices = devices
        _log.info("page paired", devices=len(devices))
        self._draw()
        return token

    def _draw(self) -> None:
        self._wrong = 0
        self._code = f"{int.from_bytes(self._chance.take(8)) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"
        self._show(self._code)

    def _read(self) -> tuple[str, ...]:
        try:
            return msgspec.json.decode(read_owner_only(self._path) or b"[]", type=tuple[str, ...])
        except msgspec.DecodeError:
            _log.warning("paired devices forgotten", reason="the file of paired devices can't be read")
            return ()


def hashed(token: str) -> str:
    """What is kept of a device's secret; it is long and random, so one hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
