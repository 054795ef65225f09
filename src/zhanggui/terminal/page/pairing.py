"""Who may open the page beyond this machine: a device that once typed the code on the console.

The code is good for one device and then another one is drawn. A few wrong tries from one address close the door to that address for a
minute, and to nobody else: whoever has the console gets in, whatever others try. Many wrong tries from all together draw another
code, a longer one; the one before stays good for a while, so that what somebody is just typing is not taken from under their hands,
and for so long none is drawn again: whoever comes from ever new networks guesses at a code that is too long for it.
What a device gets is a secret of its own, in a cookie; here only its hash is kept.
"""

import hashlib
import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec
import structlog

from ...basics.bad_json import BAD_JSON
from ...basics.chance import Chance
from ...basics.clock import Clock
from ...basics.recent import Recent
from ...edges.networks import SITE_PREFIX, network_of
from ..devices.owner_file import read_owner_only, write_owner_only

CODE_DIGITS = 8
LONG_CODE_DIGITS = 14
"""Of a code that follows a worn-out one, until a device was paired: a billion tries, more than a page answers in a week, find it
once in a hundred thousand times."""
WRONG_MAX = 5
"""Wrong tries from one address, or one network of IPv6."""
WRONG_OF_SITE_MAX = 4 * WRONG_MAX
"""From all networks of an IPv6 site together."""
CLOSED_S = 60.0
"""How long nobody is let in from there after them."""
ADDRESSES_MAX = 1_024
"""Addresses whose wrong tries are counted, the last ones."""
WRONG_OF_ALL_MAX = 500
"""Wrong tries for one code from all addresses together: of a hundred million."""
GRACE_S = 120.0
"""How long a code that others' wrong tries have worn out is still good."""
DRAWN_BYTES = 16
"""So many that every code is as likely as any other."""
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
        self._draw(CODE_DIGITS)

    def knows(self, token: str) -> bool:
        """Whether this is the secret of a device that was paired."""
        found = hashed(token)
        return any(hmac.compare_digest(found, known) for known in self._devices)

    def pair(self, typed: str, address: str = "") -> str | Outcome:
        """The secret of a new device for the right code; else why not. Fault when the disk refuses."""
        now_s = self._clock.elapsed_s()
        sources = {network_of(address, SITE_PREFIX): WRONG_OF_SITE_MAX, network_of(address): WRONG_MAX}
        if any(now_s < self._tried(source)[1] for source in sources):
            return "wait"
        if not self._is_code(typed, now_s):
            for source, most in sources.items():
                self._note_wrong(source, most, now_s)
            self._wear_out(now_s)
            return "wrong"
        for source in sources:
            self._tries.pop(source)
        token = self._chance.take_secret(TOKEN_BYTES).hex()
        devices = (*self._devices, hashed(token))[-DEVICES_MAX:]
        write_owner_only(self._path, msgspec.json.encode(devices))
        self._devices = devices
        _log.info("page paired", devices=len(devices))
        self._earlier = ("", 0.0)
        self._draw(CODE_DIGITS)
        return token

    def _is_code(self, typed: str, now_s: float) -> bool:
        earlier, good_until_s = self._earlier
        is_now = hmac.compare_digest(typed.encode(), self._code.encode())
        return is_now or (now_s < good_until_s and hmac.compare_digest(typed.encode(), earlier.encode()))

    def _tried(self, source: str) -> tuple[int, float]:
        return self._tries.get(source) or (0, 0.0)

    def _note_wrong(self, source: str, most: int, now_s: float) -> None:
        wrong = self._tried(source)[0] + 1
        if wrong >= most:
            _log.warning("pairing closed", address=source, wrong=wrong, for_s=CLOSED_S)
            self._tries.put(source, (0, now_s + CLOSED_S))
        else:
            self._tries.put(source, (wrong, 0.0))

    def _wear_out(self, now_s: float) -> None:
        self._wrong += 1
        if self._wrong >= WRONG_OF_ALL_MAX and now_s >= self._earlier[1]:
            _log.warning("pairing code worn out", wrong=self._wrong)
            self._earlier = (self._code, now_s + GRACE_S)
            self._draw(LONG_CODE_DIGITS)

    def _draw(self, digits: int) -> None:
        self._wrong = 0
        self._code = f"{int.from_bytes(self._chance.take_secret(DRAWN_BYTES)) % 10**digits:0{digits}d}"
        self._show(self._code)

    def _read(self) -> tuple[str, ...]:
        try:
            return msgspec.json.decode(read_owner_only(self._path) or b"[]", type=tuple[str, ...])
        except BAD_JSON:
            _log.warning("paired devices forgotten", reason="the file of paired devices can't be read")
            return ()


def hashed(token: str) -> str:
    """What is kept of a device's secret; it is long and random, so one hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
