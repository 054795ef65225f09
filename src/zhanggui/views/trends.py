"""Trends (走势): what a shop, or all of them, took by day, at which hours people sign in, and why something was refused."""

from collections import Counter

import msgspec

from ..acquirer.rows.records import Merchant
from ..basics.numbers import MerchantNo, UnixMs
from ..basics.shop_day import day_began, next_day, shop_day
from ..basics.spans import DAY_MS
from ..basics.words import Word
from ..cup.code_words import reason_of
from ..store.lists.trends import HOURS_A_DAY, CountOfReason
from ..store.queries import ROWS_MAX, PlaceFilter, Queries
from .listing import iso
from .reasons import reason_word
from .today import GIVEN_BACK, TAKEN, WENT_WELL, starts_hour

DAYS = 30
REASONS_SHOWN = 12
SALE = "sale"
"""By whose words a code of an answer is told, where it is of many kinds."""


class DayRow(msgspec.Struct, frozen=True, kw_only=True):
    """One shop day: how many payments took money, and what came in less what went back, in fen."""

    shop_day: str
    taken_count: int
    net_fen: int


class HourRow(msgspec.Struct, frozen=True, kw_only=True):
    """One hour of the day over all days: sign-ins that went well, and that were refused."""

    hour: int
    went_well: int
    refused: int


class ReasonRow(msgspec.Struct, frozen=True, kw_only=True):
    """One reason of refusals, in words."""

    word: str
    zh: str
    en: str
    count: int


class TrendsRow(msgspec.Struct, frozen=True, kw_only=True):
    """The trends of the last days, today included. Reasons: the most frequent."""

    merchant_no: str
    at: str | None
    days: tuple[DayRow, ...]
    hours: tuple[HourRow, ...]
    refused_sign_ins: tuple[ReasonRow, ...]
    refused_payments: tuple[ReasonRow, ...]


def read_trends(queries: Queries, merchant_no: MerchantNo | None, now: UnixMs) -> TrendsRow:
    """Read the trends of a shop, or of all: days are cut as on today's page."""
    hour = 0
    if merchant_no is not None:
        shops: list[Merchant] = queries.list_merchants(PlaceFilter(merchant_no=merchant_no, limit=ROWS_MAX))
        hour = starts_hour(shops[0] if shops else None)
    today = shop_day(now, hour)
    first = next_day(today, 1 - DAYS)
    # Of all shops, one may begin its days earlier than the calendar does.
    since = UnixMs(day_began(first, hour) - (0 if merchant_no is not None else DAY_MS))
    began = day_began(first, hour)
    return TrendsRow(
        merchant_no=merchant_no or "",
        at=iso(now),
        days=_days(queries, merchant_no, since, first),
        hours=_hours(queries, merchant_no, began),
        refused_sign_ins=_reasons(queries.refused_sign_ins(merchant_no, began)),
        refused_payments=_reasons(queries.refused_payments(merchant_no, began)),
    )


def _days(queries: Queries, merchant_no: MerchantNo | None, since: UnixMs, first: str) -> tuple[DayRow, ...]:
    counts: Counter[str] = Counter()
    net: Counter[str] = Counter()
    for one in queries.count_by_day(merchant_no, since, first):
        if one.kind in TAKEN:
            counts[one.shop_day] += one.count
            net[one.shop_day] += one.fen
        elif one.kind in GIVEN_BACK:
            net[one.shop_day] -= one.fen
    days = [next_day(first, number) for number in range(DAYS)]
    return tuple(DayRow(shop_day=day, taken_count=counts[day], net_fen=net[day]) for day in days)


def _hours(queries: Queries, merchant_no: MerchantNo | None, since: UnixMs) -> tuple[HourRow, ...]:
    good: Counter[int] = Counter()
    refused: Counter[int] = Counter()
    for one in queries.count_by_hour(merchant_no, since):
        if one.state in WENT_WELL:
            good[one.hour] += one.count
        elif one.state == "refused":
            refused[one.hour] += one.count
    return tuple(HourRow(hour=hour, went_well=good[hour], refused=refused[hour]) for hour in range(HOURS_A_DAY))


def _reasons(found: list[CountOfReason]) -> tuple[ReasonRow, ...]:
    counts: Counter[str] = Counter()
    words: dict[str, Word] = {}
    for one in found:
        word = one.reason or one.response_code
        counts[word] += one.count
        words[word] = reason_word(one.reason) if one.reason else _code_word(one.response_code)
    return tuple(
        ReasonRow(word=word, zh=words[word].zh, en=words[word].en, count=count)
        for word, count in counts.most_common(REASONS_SHOWN)
    )


def _code_word(code: str) -> Word:
    return reason_of(code, SALE) if code else Word(zh="–", en="–")
