"""Digits that are being typed: the part of the PIN pad that collects, compares and erases them.

A new password is typed twice. The first typing waits in a place of its own while the second one is collected; both are compared
here and nowhere else, in constant time. An old password that was typed before them waits likewise until both are used.
"""

import hmac
from typing import Literal

from ...basics.clock import Clock
from ...basics.errors import Defect, Fault, Misuse
from ...basics.secret import Secret
from .ports import EntryPurpose, EntryStep, PinKey

HOLD_S = 180
"""How long finished digits wait to be enciphered: a sign-on (60 s at most) may have to bring the PIN key first, twice."""
_CHANGE: frozenset[EntryPurpose] = frozenset({"old_password", "new_password", "repeat_password"})


class PinEntry:
    """One entry at a time. `repr` shows nothing of it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._digits = bytearray()
        self._old = bytearray()
        self._new = bytearray()
        self._purpose: EntryPurpose | None = None
        self._collecting = False
        self._bounds = (0, 0)
        self._may_skip = False
        self._until_s = 0.0

    @property
    def collecting(self) -> bool:
        """True while digits are being taken."""
        return self._collecting

    def begin(self, purpose: EntryPurpose, *, min_digits: int, max_digits: int, may_skip: bool, timeout_s: int) -> None:
        """Start to collect. Earlier digits are forgotten, but for those of a change of password under way."""
        held = self._purpose if not self._collecting else None
        if purpose not in _CHANGE or self._purpose not in _CHANGE or purpose == "old_password":
            self.forget()
        elif purpose == "new_password":
            if held == "old_password":
                _move(self._digits, self._old)
            _erase(self._digits)
            _erase(self._new)
        elif held == "new_password":
            _move(self._digits, self._new)
        self._purpose = purpose
        self._bounds = (min_digits, max_digits)
        self._may_skip = may_skip
        self._collecting = True
        self._until_s = self._clock.elapsed_s() + timeout_s

    def press(self, key: PinKey) -> EntryStep:
        """Take one key. Misuse when nothing is being collected."""
        if not self._collecting:
            raise Misuse("the PIN pad is not collecting digits now")
        least, most = self._bounds
        match key:
            case "cancel":
                return self._end("cancelled")
            case "clear":
                if self._digits:
                    self._digits[-1] = 0
                    del self._digits[-1]
            case "enter":
                if not self._digits and self._may_skip:
                    return self._end("skipped")
                if len(self._digits) >= least:
                    return self._entered()
            case _:
                if len(self._digits) < most:
                    self._digits.append(ord(key))
        return EntryStep(len(self._digits))

    def tick(self) -> EntryStep | None:
        """Look at the clock: a step when the entry timed out; finished digits that nobody took in time are forgotten."""
        if self._purpose is None or self._clock.elapsed_s() < self._until_s:
            return None
        if self._collecting:
            return self._end("timed_out")
        self.forget()
        return None

    def forget(self) -> None:
        """Erase all digits and stop collecting."""
        for place in (self._digits, self._old, self._new):
            _erase(place)
        self._collecting = False
        self._purpose = None

    def holds(self, purpose: EntryPurpose) -> bool:
        """Whether finished digits of this purpose are inside."""
        return not self._collecting and self._purpose == purpose and bool(self._digits)

    def take(self, purpose: EntryPurpose) -> Secret:
        """The finished digits of this purpose, once. Fault when there are none, Defect when they are another purpose's."""
        if self._collecting or not self._digits:
            raise _no_digits()
        if self._purpose != purpose:
            raise Defect(f"the PIN pad holds digits of another purpose than {purpose}")
        digits = Secret(self._digits.decode("ascii"))
        self.forget()
        return digits

    def take_change(self) -> tuple[Secret | None, Secret]:
        """The old password, if it was typed for this change, and the new one that was typed twice alike. Fault without one."""
        if self._collecting or self._purpose != "repeat_password" or not self._new:
            raise _no_digits()
        old = Secret(self._old.decode("ascii")) if self._old else None
        new = Secret(self._new.decode("ascii"))
        self.forget()
        return old, new

    def _entered(self) -> EntryStep:
        if self._purpose != "repeat_password":
            return self._end("entered")
        alike = hmac.compare_digest(bytes(self._digits), bytes(self._new))
        _erase(self._digits)
        if alike:
            return self._end("entered", len(self._new))
        _erase(self._new)
        self._collecting = False
        self._until_s = self._clock.elapsed_s() + HOLD_S
        return EntryStep(0, "differs")

    def _end(
        self, outcome: Literal["entered", "skipped", "cancelled", "timed_out"], count: int | None = None
    ) -> EntryStep:
        if outcome != "entered":
            self.forget()
            return EntryStep(0, outcome)
        self._collecting = False
        self._until_s = self._clock.elapsed_s() + HOLD_S
        return EntryStep(len(self._digits) if count is None else count, outcome)

    def __repr__(self) -> str:
        return "PinEntry(••••)"


def _move(source: bytearray, target: bytearray) -> None:
    _erase(target)
    target.extend(source)
    _erase(source)


def _erase(place: bytearray) -> None:
    place[:] = bytes(len(place))
    place.clear()


def _no_digits() -> Fault:
    return Fault("the PIN pad holds no digits: they were never typed, or nobody used them in time; type them again")
