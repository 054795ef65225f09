"""An instant as tags carry it: YYYYMMDDhhmmss in China time (TERMINAL_CLOCK, HOST_CLOCK, EARLIER_SINCE, LOCKED_UNTIL)."""

from datetime import datetime

from ...basics.clock import CHINA, EPOCH, china_time, instant_of
from ...basics.numbers import UnixMs, is_digits

CLOCK_FORMAT = "%Y%m%d%H%M%S"
CLOCK_DIGITS = 14


def write_clock(instant: UnixMs) -> str:
    """An instant as YYYYMMDDhhmmss in China time; what is below a second is cut.

    >>> write_clock(UnixMs(1_795_406_400_000))
    '20261123120000'
    """
    return china_time(instant).strftime(CLOCK_FORMAT)


def read_clock(text: str) -> UnixMs | None:
    """Read YYYYMMDDhhmmss in China time; None when it is empty, no time, or before instants are counted.

    >>> read_clock("20261123120000")
    1795406400000
    """
    if not is_digits(text, CLOCK_DIGITS):
        return None
    # Cut by hand: strptime takes ten times as long, and each sign-in says its time.
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:8])
    try:
        moment = datetime(year, month, day, int(text[8:10]), int(text[10:12]), int(text[12:]), tzinfo=CHINA)
    except ValueError:
        return None
    return instant_of(moment) if moment.year >= EPOCH.year else None


def write_clock_or_nothing(instant: UnixMs | None) -> str:
    """The same for an instant that may be unknown: then the tag is left out."""
    return write_clock(instant) if instant is not None else ""
