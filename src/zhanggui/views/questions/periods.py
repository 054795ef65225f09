"""Filters by time: shop days, by the one rule of `basics/shop_day.py`, and instants.

A list whose rows keep their shop day is asked for that day, whatever policy says now: what a slip said yesterday stays true. Rows that
keep none belong to the day by the hour at which their shop's days begin now.
"""

from collections.abc import Callable

from ...basics.clock import format_iso
from ...basics.numbers import UnixMs
from ...basics.shop_day import day_began, next_day
from ...basics.words import Lang
from ...store.lists.asked import Absent, AnyOf, Condition, Is, IsNot, Within
from .filters import Asking, Filter, Value
from .moments import NoMoment, day_of, moment_of
from .shops import Shops
from .wrong import AskedWrong

LAST_HOUR = 24
"""Days begin before this hour: what belongs to a day lies within two of the calendar."""


def periods(column: str, stored: str = "") -> tuple[Filter, ...]:
    """Shop days and instants of a list that is in order by `column`; `stored` is where its rows keep their shop day, if they do."""
    cut = _stored_days(column, stored) if stored else _reckoned_days(column)
    return (
        _day("day_from", lambda day, shops: cut(day, None, shops)),
        _day("day_to", lambda day, shops: cut(None, day, shops)),
        _instant("since", lambda ms: Within(column, ms, None)),
        _instant("until", lambda ms: Within(column, None, ms)),
    )


def one_day() -> Filter:
    """One shop day, for a list that is gathered by it: its rows are asked nothing more."""
    return _day("day", lambda day, shops: ())


Cut = Callable[[str | None, str | None, Shops], tuple[Condition, ...]]


def _day(name: str, conditions: Callable[[str, Shops], tuple[Condition, ...]]) -> Filter:
    def read(text: str, asking: Asking) -> Value:
        try:
            return day_of(text, asking.now, asking.starts_hour)
        except NoMoment:
            raise AskedWrong(name, "day") from None

    return Filter(name=name, read=read, conditions=lambda value, shops: conditions(str(value), shops))


def _instant(name: str, condition: Callable[[int], Condition]) -> Filter:
    def read(text: str, asking: Asking) -> Value:
        try:
            return moment_of(text, asking.now, is_end=name == "until")
        except NoMoment as error:
            raise AskedWrong(name, "moment_far" if error.is_too_far else "moment") from None

    def say(value: Value, lang: Lang) -> str:
        return _iso(value)

    return Filter(
        name=name, read=read, conditions=lambda value, shops: (condition(int(str(value))),), write=_iso, said=say
    )


def _iso(value: Value) -> str:
    return format_iso(UnixMs(int(str(value))))


def _spanned(column: str, first: str | None, last: str | None, starts_hour: int) -> Within:
    """The instants of these days, where days begin at this hour."""
    least = day_began(first, starts_hour) if first is not None else None
    below = day_began(next_day(last), starts_hour) if last is not None else None
    return Within(column, least, below)


def _around(column: str, first: str | None, last: str | None) -> Within:
    """All instants that may belong to these days, whichever hour begins them: what an index is entered by."""
    least = day_began(first) if first is not None else None
    below = day_began(next_day(last), LAST_HOUR) if last is not None else None
    return Within(column, least, below)


def _stored_days(column: str, stored: str) -> Cut:
    def cut(first: str | None, last: str | None, shops: Shops) -> tuple[Condition, ...]:
        kept = Within(stored, first, next_day(last) if last is not None else None)
        # Rows from before days were kept: their lists show the day of the calendar.
        early = (Absent(stored), _spanned(column, first, last, 0))
        return _around(column, first, last), AnyOf(((kept,), early))

    return cut


def _reckoned_days(column: str) -> Cut:
    def cut(first: str | None, last: str | None, shops: Shops) -> tuple[Condition, ...]:
        if len(shops.hours) <= 1:
            return (_spanned(column, first, last, next(iter(shops.hours), 0)),)
        most = max(shops.hours, key=lambda hour: len(shops.hours[hour]))
        others = {hour: numbers for hour, numbers in shops.hours.items() if hour != most}
        elsewhere = tuple(number for numbers in others.values() for number in numbers)
        arms: list[tuple[Condition, ...]] = [(IsNot("merchant_no", elsewhere), _spanned(column, first, last, most))]
        arms += [(Is("merchant_no", numbers), _spanned(column, first, last, hour)) for hour, numbers in others.items()]
        return _around(column, first, last), AnyOf(tuple(arms))

    return cut
