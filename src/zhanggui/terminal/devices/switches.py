"""Virtual parts that have nothing but a state: power, line, keypad, display, scanner, tamper switch, clock.

Each is a row of STATES: what the state is called, what the self-check says about it, and why (a word key).
"""

from ...basics.clock import Clock
from ...basics.errors import Misuse
from ...basics.numbers import UnixMs
from ..flow.core.events import CheckItem, CheckResult, CheckState
from .ports import OnChange

STATES: dict[CheckItem, dict[str, tuple[CheckState, str]]] = {
    "power": {
        "ok": ("ok", ""),
        "battery": ("ok", ""),
        "low": ("warn", "check.power.low"),
        "fail": ("fail", "check.power.fail"),
    },
    "network": {
        "ok": ("ok", ""),
        "down": ("fail", "check.network.down"),
    },
    "keypad": {"ok": ("ok", ""), "stuck": ("fail", "check.keypad.stuck")},
    "display": {
        "ok": ("ok", ""),
        "dim": ("warn", "check.display.dim"),
        "fail": ("fail", "check.display.fail"),
    },
    "card_reader": {
        "ok": ("ok", ""),
        "hasty": ("ok", "check.card_reader.hasty"),
        "blind": ("ok", "check.card_reader.blind"),
        "fail": ("fail", "check.card_reader.fail"),
    },
    "scanner": {"ok": ("ok", ""), "fail": ("fail", "check.scanner.fail")},
    "printer": {
        "ok": ("ok", ""),
        "low_paper": ("warn", "check.printer.low_paper"),
        "no_paper": ("warn", "check.printer.no_paper"),
        "fail": ("fail", "check.printer.fail"),
    },
    "clock": {"ok": ("ok", ""), "drift": ("warn", "check.clock.drift")},
    "tamper": {"ok": ("ok", ""), "opened": ("fail", "check.tamper.opened")},
}
"""States of the virtual parts: name → (self-check state, reason's word key)."""


class VirtualSwitch:
    """A part that is exactly its state. It starts `ok`."""

    def __init__(self, item: CheckItem) -> None:
        self._item = item
        self._state = "ok"
        self._tell: list[OnChange] = []

    @property
    def item(self) -> CheckItem:
        return self._item

    @property
    def simulated(self) -> bool:
        return True

    @property
    def state(self) -> str:
        """The name of its state now."""
        return self._state

    def check(self) -> CheckResult:
        state, reason = STATES[self._item][self._state]
        return CheckResult(item=self._item, state=state, reason=reason)

    def on_change(self, tell: OnChange) -> None:
        self._tell.append(tell)

    def set_state(self, state: str) -> None:
        """Take on a state of STATES and tell whoever listens. Misuse names the states that there are."""
        if state not in STATES[self._item]:
            choices = ", ".join(STATES[self._item])
            raise Misuse(f"the virtual {self._item} has no state '{state[:20]}'; choose one of: {choices}")
        if state == self._state:
            return
        self._state = state
        for tell in self._tell:
            tell(self.check())


class VirtualLine(VirtualSwitch):
    """The line; `down` keeps everything inside the machine."""

    def __init__(self) -> None:
        super().__init__("network")

    @property
    def up(self) -> bool:
        """False while the state is `down`."""
        return self.state != "down"


class VirtualClock(VirtualSwitch):
    """The machine's clock: a Clock with an offset, so that a wrong clock can be played."""

    def __init__(self, source: Clock, offset_s: int = 0) -> None:
        super().__init__("clock")
        self._source = source
        self.offset_s = offset_s

    def now(self) -> UnixMs:
        return UnixMs(self._source.now() + self.offset_s * 1000)

    def elapsed_s(self) -> float:
        return self._source.elapsed_s()

    def measured(self, drift_s: int, warn_s: int) -> None:
        """The host's time showed this drift; beyond what policy says the clock is worth a warning."""
        self.set_state("drift" if abs(drift_s) > warn_s else "ok")
