"""Instants and shop days as a person writes them: `2026-11-23`, `2026-11-23 08:00`, yesterday, 2h."""

import re
from datetime import date, datetime, timedelta

from ...basics.clock import CHINA, china_time, instant_of
from ...basics.numbers import UnixMs
from ...basics.shop_day import next_day, shop_day
from ...basics.spans import DAY_MS, HOUR_MS, MINUTE_MS

YEARS = range(1970, 3000)
"""Years that a moment may lie in: from the beginning of UnixMs; none so far off that a day more overflows."""
DAYS_AGO = {"today": 0, "今天": 0, "yesterday": 1, "昨天": 1}
_UNITS_MS = {"m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS}
_AGO = re.compile(r"(\d{1,4})([mhd])", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(_DAY.pattern + r"([ T]\d{2}:\d{2}(:\d{2}(\.\d{3})?)?([+-]\d{2}:\d{2}|Z)?)?", re.ASCII)


class NoMoment(ValueError):
    """The text is no moment, or (`is_too_far`) one of a year that nothing here has."""

    def __init__(self, *, is_too_far: bool = False) -> None:
        super().__init__("no moment")
        self.is_too_far = is_too_far


def moment_of(text: str, now: UnixMs, *, is_end: bool = False) -> UnixMs:
    """An instant as a person writes it, China time unless an offset is given; as an end, a day is meant whole.

    `2h` and `3d` are so long ago; `today` and `yesterday` (今天, 昨天) are days. Raises NoMoment.
    """
    if text in DAYS_AGO:
        text = (china_time(now) - timedelta(days=DAYS_AGO[text])).date().isoformat()
    ago = _AGO.fullmatch(text)
    if ago is not None:
        return UnixMs(now - int(ago[1]) * _UNITS_MS[ago[2]])
    # Python also reads 20261123 and 2026-W48-1; whether such a day is meant whole nobody would know.
    if not _MOMENT.fullmatch(text):
        raise NoMoment
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise NoMoment from None
    if moment.year not in YEARS:
        raise NoMoment(is_too_far=True)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=CHINA)
    if is_end and _DAY.fullmatch(text):
        moment += timedelta(days=1)
    return instant_of(moment)


def day_of(text: str, now: UnixMs, starts_hour: int) -> str:
    """A shop day as a person writes it; today and yesterday as the shop cuts its days. Raises NoMoment.

    >>> from zhanggui.basics.shop_day import day_began
    >>> half_past_one = UnixMs(day_began("2026-11-29") + 90 * 60_000)
    >>> day_of("today", half_past_one, 0), day_of("今天", half_past_one, 4), day_of("2026-11-01+08:00", half_past_one, 4)
    ('2026-11-29', '2026-11-28', '2026-11-01')
    """
    if text in DAYS_AGO:
        return next_day(shop_day(now, starts_hour), -DAYS_AGO[text])
    plain = text.removesuffix("+08:00")
    if not _DAY.fullmatch(plain):
        raise NoMoment
    try:
        year = date.fromisoformat(plain).year
    except ValueError:
        raise NoMoment from None
    if year not in YEARS:
        raise NoMoment(is_too_far=True)
    return plain
