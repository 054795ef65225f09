"""The shop day (营业日): the day that a payment belongs to, cut at the hour that the shop's policy says, not at midnight alone.

A shop that sells until two in the morning counts those sales to the evening before. All of China keeps one time, so a shop day is
a date of it (`2026-11-29`) and its zone is always the same; both are told together wherever a machine reads them.
"""

from datetime import date
from functools import lru_cache

from .numbers import UnixMs
from .spans import DAY_MS, HOUR_MS

ZONE = "+08:00"
"""The zone in which shop days are cut (RFC 3339)."""
_AHEAD_MS = 8 * HOUR_MS
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_DAYS_KEPT = 64
"""Names of days that are at hand: each payment asks for one of them."""


def shop_day(instant: UnixMs, starts_hour: int = 0) -> str:
    """The shop day of an instant, where days begin at this hour (0 to 23).

    >>> from zhanggui.basics.clock import instant_of
    >>> from datetime import datetime
    >>> at = instant_of(datetime.fromisoformat("2026-11-29T01:30:00+08:00"))
    >>> shop_day(at), shop_day(at, 5)
    ('2026-11-29', '2026-11-28')
    """
    return _named((instant + _AHEAD_MS - starts_hour * HOUR_MS) // DAY_MS)


def day_began(day: str, starts_hour: int = 0) -> UnixMs:
    """The instant at which a shop day (`2026-11-29`) begins, where days begin at this hour. ValueError when it is no day.

    >>> shop_day(day_began("2026-11-29", 4), 4), shop_day(UnixMs(day_began("2026-11-29", 4) - 1), 4)
    ('2026-11-29', '2026-11-28')
    """
    number = date.fromisoformat(day).toordinal() - _EPOCH_ORDINAL
    return UnixMs(number * DAY_MS - _AHEAD_MS + starts_hour * HOUR_MS)


def next_day(day: str, days: int = 1) -> str:
    """The shop day after this one, or so many later. ValueError when it is no day.

    >>> next_day("2026-11-30"), next_day("2026-12-01", -1)
    ('2026-12-01', '2026-11-30')
    """
    return date.fromordinal(date.fromisoformat(day).toordinal() + days).isoformat()


def day_with_zone(day: str) -> str:
    """A shop day as machines read it, its zone beside it.

    >>> day_with_zone("2026-11-29")
    '2026-11-29+08:00'
    """
    return day + ZONE


@lru_cache(maxsize=_DAYS_KEPT)
def _named(number: int) -> str:
    return date.fromordinal(_EPOCH_ORDINAL + number).isoformat()
