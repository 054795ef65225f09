"""Time as an argument. Rules take `now`; only shells hold a Clock."""

import time
from datetime import UTC, datetime, timedelta, timezone
from typing import Protocol

from .numbers import UnixMs

CHINA = timezone(timedelta(hours=8), "CST")
"""All of China keeps one time, eight hours ahead of UTC, without summer time since 1991."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""Where instants are counted from."""


class Clock(Protocol):
    """Where a shell gets the time from."""

    def now(self) -> UnixMs:
        """The wall clock, in milliseconds since the epoch; it may jump."""
        ...

    def elapsed_s(self) -> float:
        """Seconds on a clock that never goes back; only differences mean anything."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> UnixMs:
        return UnixMs(time.time_ns() // 1_000_000)

    elapsed_s = staticmethod(time.monotonic)


def china_time(instant: UnixMs) -> datetime:
    """The instant as a date and time in China."""
    return datetime.fromtimestamp(instant / 1000, CHINA)


def next_at_hour(now: UnixMs, hour: int) -> UnixMs:
    """The next instant at which it is this hour in China: later today, or tomorrow.

    >>> [format_time(next_at_hour(UnixMs(0), hour)) for hour in (8, 9)]
    ['1970-01-02 08:00:00', '1970-01-01 09:00:00']
    """
    due = china_time(now).replace(hour=hour, minute=0, second=0, microsecond=0)
    instant = instant_of(due)
    return instant if instant > now else instant_of(due + timedelta(days=1))


def format_time(instant: UnixMs) -> str:
    """Write an instant the way pages and slips show it.

    >>> format_time(UnixMs(0))
    '1970-01-01 08:00:00'
    """
    return china_time(instant).strftime("%Y-%m-%d %H:%M:%S")


def format_iso(instant: UnixMs) -> str:
    """Write an instant for machines, with its offset (RFC 3339).

    >>> format_iso(UnixMs(0))
    '1970-01-01T08:00:00.000+08:00'
    """
    return china_time(instant).isoformat(timespec="milliseconds")


def instant_of(moment: datetime) -> UnixMs:
    """The instant of an aware datetime."""
    if moment.tzinfo is None:
        raise ValueError("an instant needs a datetime with a time zone")
    return UnixMs((moment - EPOCH) // timedelta(milliseconds=1))
