"""Who may open the page beyond this machine: a device that once typed the code on the console.

The code is good for one device and then another one is drawn. A few wrong tries from one address close the door to that address for a
minute, and to nobody else: whoever has the console gets in, whatever others try. Many wrong tries from all together draw another
code; the one before stays good for a while, so that what somebody is just typing is not taken from under their hands.
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
from ...basics.recent import Recent
from ...edges.networks import network_of
from ..devices.owner_file import read_owner_only, write_owner_only

CODE_DIGITS = 8
WRONG_MAX = 5
"""Wrong tries from one address."""
CLOSED_S = 60.0
"""How long nobody is let in from there after them."""
ADDRESSES_MAX = 1_024
"""Addresses whose wrong tries are counted, the last ones."""
WRONG_OF_ALL_MAX = 500
"""Wrong tries for one code from all addresses together: of a hundred million."""
GRACE_S = 120.0
"""How long a code that others' wrong tries have worn out is still good."""
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
        self._tries: Recent[str, tuple[int, float]] = Recent(2 * ADDRESSES_MAX)
        """Wrong tries of each address, and until when it is closed."""
        self._earlier = ("", 0.0)
        """The code before, and until when it is good."""
        self._devices = self._read()
        self._code = ""
        self._draw()

    def knows(self, token: str) -> bool:
        """Whether this is the secret of a device that was paired."""
        found = hashed(token)
        return any(hmac.compare_digest(found, known) for known in self._devices)

    def pair(self, typed: str, address: str = "") -> str | Outcome:
        """The secret of a new device for the right code; else why not. Fault when the disk refuses."""
        now_s, source = self._clock.elapsed_s(), network_of(address)
        wrong, closed_until_s = self._tries.get(source) or (0, 0.0)
        if now_s < closed_until_s:
            return "wait"
        if not self._is_code(typed, now_s):
            self._note_wrong(source, wrong + 1, now_s)
            return "wrong"
        self._tries.pop(source)
        token = self._chance.take_secret(TOKEN_BYTES).hex()
        devices = (*self._devices, hashed(token))[-DEVICES_MAX:]
        write_owner_only(self._path, msgspec.json.encode(devices))
        self._devices = devices
        _log.info("page paired", devices=len(devices))
        self._earlier = ("", 0.0)
        self._draw()
        return token

    def _is_code(self, typed: str, now_s: float) -> bool:
        earlier, good_until_s = self._earlier
        is_now = hmac.compare_digest(typed.encode(), self._code.encode())
        return is_now or (now_s < good_until_s and hmac.compare_digest(typed.encode(), earlier.encode()))

    def _note_wrong(self, source: str, wrong: int, now_s: float) -> None:
        if wrong >= WRONG_MAX:
            _log.warning("pairing closed", address=source, wrong=wrong, for_s=CLOSED_S)
            self._tries.put(source, (0, now_s + CLOSED_S))
        else:
            self._tries.put(source, (wrong, 0.0))
        self._wrong += 1
        if self._wrong >= WRONG_OF_ALL_MAX:
            _log.warning("pairing code worn out", wrong=self._wrong)
            self._earlier = (self._code, now_s + GRACE_S)
            self._draw()

    def _draw(self) -> None:
        self._wrong = 0
        self._code = f"{int.from_bytes(self._chance.take_secret(8)) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"
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
