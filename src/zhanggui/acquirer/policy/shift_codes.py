"""The sign-in codes of a shop's shifts: each has a number and a time in which it counts, so that a record tells which shift it was.

    set from T to U ─▶ waits ─▶ in force from T ─▶ over at U; the next one may be set ahead, and cuts an earlier one short at its T

What is kept of a code is sealed by the vault. A code of another shift is told apart from a wrong one, which needs the codes of a
few shifts; the oldest that are over go.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from ...basics.numbers import UnixMs
from ...basics.spans import DAY_MS, HOUR_MS
from ..rows.reasons import Reason

CODES_KEPT_MAX = 8
"""Codes of a shop that are kept: those that are over, the present one, and those ahead."""
HOURS_MAX = 168
"""A code counts for a week at most; who left last year knows none that counts."""
AHEAD_MS_MAX = 31 * DAY_MS
"""How far ahead a code may be set."""
BEFORE_NUMBERS = 0
"""Number of a code that an earlier version kept; it has no end until another is set."""


class ShiftSpan(msgspec.Struct, frozen=True, kw_only=True):
    """From when until when a code counts; the end is not in it."""

    from_ms: UnixMs
    until_ms: UnixMs


class ShiftCode(msgspec.Struct, frozen=True, kw_only=True):
    """One code of a shift. `sealed` is what the vault made of it."""

    number: int
    from_ms: UnixMs
    until_ms: UnixMs | None
    """None only for a code of an earlier version."""
    sealed: str

    def is_in_force(self, now: UnixMs) -> bool:
        """Whether it counts now."""
        return self.from_ms <= now and not self.is_over(now)

    def is_over(self, now: UnixMs) -> bool:
        """Whether its time has passed."""
        return self.until_ms is not None and self.until_ms <= now


class CodeSaid(NamedTuple):
    """What a code that somebody said is: `number` of the shift's code that it is (None: of none), and whether that counts now."""

    is_set: bool
    """Whether any code counts now, or the one that was said ever did."""
    right: bool
    number: int | None


def read_shift_codes(text: str) -> tuple[ShiftCode, ...]:
    """The codes of a shop's row, oldest first; a text without commas is the one code that an earlier version kept.

    >>> [code.number for code in read_shift_codes("3,1000,2000,sealed:ab 4,2000,3000,sealed:cd")]
    [3, 4]
    """
    if "," not in text:
        old = ShiftCode(number=BEFORE_NUMBERS, from_ms=UnixMs(0), until_ms=None, sealed=text)
        return (old,) if text else ()
    return tuple(_read(entry) for entry in text.split(" "))


def write_shift_codes(codes: Sequence[ShiftCode]) -> str:
    """The text that a shop's row keeps.

    >>> write_shift_codes(read_shift_codes("3,1000,2000,sealed:ab"))
    '3,1000,2000,sealed:ab'
    """
    return " ".join(f"{one.number},{one.from_ms},{one.until_ms or ''},{one.sealed}" for one in codes)


def judge_said(codes: Sequence[ShiftCode], same: Sequence[bool], now: UnixMs) -> CodeSaid:
    """Which code was said; `same` tells for each of `codes` whether it is the one. The present one goes before all others."""
    present = [one.is_in_force(now) for one in codes]
    matches = [
        (is_present, one.number) for one, is_same, is_present in zip(codes, same, present, strict=True) if is_same
    ]
    right, number = max(matches, default=(False, None))
    return CodeSaid(is_set=any(present) or bool(matches), right=right, number=number)


def why_no_span(span: ShiftSpan, now: UnixMs) -> Reason:
    """Why a code may not count for this time; empty when it may."""
    lasts_ms = span.until_ms - span.from_ms
    if not 0 < lasts_ms <= HOURS_MAX * HOUR_MS or span.until_ms <= now or span.from_ms > now + AHEAD_MS_MAX:
        return "bad_shift_time"
    return ""


def with_shift_code(
    codes: Sequence[ShiftCode], span: ShiftSpan, sealed: str, now: UnixMs
) -> tuple[ShiftCode, ...] | None:
    """The codes with one more: it takes the place of those that begin within its time and ends the one before. None: too many.

    One that an earlier version kept in clear goes.
    """
    added = ShiftCode(
        number=max((one.number for one in codes), default=BEFORE_NUMBERS) + 1,
        from_ms=span.from_ms,
        until_ms=span.until_ms,
        sealed=sealed,
    )
    others = [
        msgspec.structs.replace(one, until_ms=min(one.until_ms or span.from_ms, span.from_ms))
        if one.from_ms < span.from_ms
        else one
        for one in codes
        if not one.sealed.isdigit() and not span.from_ms <= one.from_ms < span.until_ms
    ]
    kept = sorted((*others, added), key=lambda one: one.from_ms)
    over = [one for one in kept if one.is_over(now)]
    ahead = kept[len(over) :]
    if len(ahead) > CODES_KEPT_MAX:
        return None
    room = CODES_KEPT_MAX - len(ahead)
    return (*(over[-room:] if room else ()), *ahead)


def _read(entry: str) -> ShiftCode:
    number, from_ms, until_ms, sealed = entry.split(",")
    return ShiftCode(
        number=int(number),
        from_ms=UnixMs(int(from_ms)),
        until_ms=UnixMs(int(until_ms)) if until_ms else None,
        sealed=sealed,
    )
