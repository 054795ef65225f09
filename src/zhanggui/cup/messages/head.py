"""What every answer begins with: time, reference number, acquirer. Source: domain reference §4.2, common response part."""

from functools import lru_cache

import msgspec

from ...basics.clock import china_time
from ...basics.numbers import UnixMs

CURRENCY_YUAN = "156"
SECONDS_KEPT = 4


class HostTime(msgspec.Struct, frozen=True):
    """An instant as answers carry it: field 12 (hhmmss), field 13 (MMDD), and whole with the year (YYYYMMDDhhmmss)."""

    field_12: str
    field_13: str
    full: str


def host_time(now: UnixMs) -> HostTime:
    """The instant in China time as fields 12 and 13 have it."""
    return _host_time_of_second(now // 1000)


@lru_cache(maxsize=SECONDS_KEPT)
def _host_time_of_second(second: int) -> HostTime:
    full = china_time(UnixMs(second * 1000)).strftime("%Y%m%d%H%M%S")
    return HostTime(full[8:], full[4:8], full)
