"""Today (今日): what a shop, or all of them, did this shop day, and who is on duty now."""

from typing import TypeVar

import msgspec

from ..acquirer.policy.rules import policy_of
from ..acquirer.rows.records import Merchant, Operator, Session, Terminal
from ..basics.numbers import MerchantNo, UnixMs
from ..basics.shop_day import day_began, day_with_zone, shop_day
from ..cup.transactions import PAYMENTS
from ..store.lists.asked import Is
from ..store.queries import ROWS_MAX, CountOfKind, PlaceFilter, Queries
from .listing import iso
from .payments import PAYMENTS_ASKED, PaymentRow
from .questions.asked_list import AskedList
from .questions.reading import Reading, shops_of
from .sign_ins import SIGN_INS_ASKED, SignInRow

R = TypeVar("R", bound=msgspec.Struct)
LATEST = 8
"""Rows of each list on the page: a screen of them."""
OPEN_CASE = "open"
TAKEN = tuple(name for name, row in PAYMENTS.items() if row.total == "debit")
GIVEN_BACK = tuple(name for name, row in PAYMENTS.items() if row.total == "credit")
"""Kinds of payment by the side of a settlement on which they count."""
APPROVED, REFUSED, UNDONE, OPEN = ("approved",), ("declined",), ("reversed", "barred"), ("pending", "timed_out")
"""States of a payment by what a figure says of it; whoever shows a figure leads by these to its rows."""
WENT_WELL = ("verified", "active", "ended")
"""States of a sign-in whose operator was let in, or is about to confirm."""


class OnDutyRow(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is signed in now."""

    merchant_no: str
    terminal_no: str
    place: str
    operator_no: str
    operator_name: str
    session_no: int
    since: str | None
    is_locked: bool


class TodayRow(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one shop day so far. Sums are fen; `net_fen` is what was taken less what was given back."""

    merchant_no: str
    """The shop; empty for all of them."""
    shop_day: str
    at: str | None
    """When the figures were read."""
    change_no: int
    """How many changes the host had written then, since its start: a later page has a larger one."""
    taken_count: int
    taken_fen: int
    given_back_count: int
    given_back_fen: int
    net_fen: int
    refused_count: int
    undone_count: int
    """Reversed, by whomever."""
    open_count: int
    """Payments whose outcome nobody knows yet."""
    sign_ins_count: int
    sign_ins_refused: int
    cases_open: int
    on_duty: tuple[OnDutyRow, ...]
    payments: tuple[PaymentRow, ...]
    """The newest, whatever their day."""
    sign_ins: tuple[SignInRow, ...]


def read_today(queries: Queries, merchant_no: MerchantNo | None, now: UnixMs, change_no: int) -> TodayRow:
    """Read the figures of a shop, or of all. All shops together have the calendar's day; one has its own, cut by its policy."""
    own = queries.list_merchants(PlaceFilter(merchant_no=merchant_no, limit=1)) if merchant_no is not None else []
    hour = starts_hour(own[0] if own else None)
    day = shop_day(now, hour)
    since = day_began(day, hour)
    counts = queries.count_by_kind(merchant_no, since, day)
    taken, given_back = _of_kinds(counts, TAKEN), _of_kinds(counts, GIVEN_BACK)
    outcomes = queries.count_sign_ins(merchant_no, since)
    everywhere = PlaceFilter(merchant_no=merchant_no, limit=ROWS_MAX)
    reading = Reading(queries, now)
    return TodayRow(
        merchant_no=merchant_no or "",
        shop_day=day_with_zone(day),
        at=iso(now),
        change_no=change_no,
        taken_count=taken[0],
        taken_fen=taken[1],
        given_back_count=given_back[0],
        given_back_fen=given_back[1],
        net_fen=taken[1] - given_back[1],
        refused_count=in_states(counts, REFUSED),
        undone_count=in_states(counts, UNDONE),
        open_count=in_states(counts, OPEN),
        sign_ins_count=sum(outcomes.get(state, 0) for state in WENT_WELL),
        sign_ins_refused=outcomes.get("refused", 0),
        cases_open=sum(1 for case in queries.list_cases(everywhere) if case.state == OPEN_CASE),
        on_duty=tuple(_on_duty(reading, everywhere)),
        payments=_newest(PAYMENTS_ASKED, reading, merchant_no),
        sign_ins=_newest(SIGN_INS_ASKED, reading, merchant_no),
    )


def _newest(asked: AskedList[R], reading: Reading, merchant_no: MerchantNo | None) -> tuple[R, ...]:
    """The newest rows of a list."""
    question = asked.ask({"shop": merchant_no} if merchant_no is not None else {}, reading)
    return tuple(row for line in asked.source.page(reading, question, None, LATEST) for row in line.rows)


def _on_duty(reading: Reading, everywhere: PlaceFilter) -> list[OnDutyRow]:
    wanted = PlaceFilter(merchant_no=everywhere.merchant_no, live_only=True, limit=everywhere.limit)
    sessions = reading.queries.list_sessions(wanted)
    if not sessions:
        return []
    # Of those on duty alone: all shops together have tens of thousands.
    terminals = reading.found(Terminal, shops_of(sessions), _those("terminal_no", sessions))
    operators = reading.found(Operator, shops_of(sessions), _those("operator_no", sessions))
    places: dict[tuple[str, str], str] = {(one.merchant_no, one.terminal_no): one.place for one in terminals}
    people = {(one.merchant_no, one.operator_no): one for one in operators}
    return [_row(session, people.get((session.merchant_no, session.operator_no)), places) for session in sessions]


def _those(column: str, sessions: list[Session]) -> Is:
    return Is(column, tuple(sorted({getattr(session, column) for session in sessions})))


def _row(session: Session, operator: Operator | None, places: dict[tuple[str, str], str]) -> OnDutyRow:
    return OnDutyRow(
        merchant_no=session.merchant_no,
        terminal_no=session.terminal_no,
        place=places.get((session.merchant_no, session.terminal_no), ""),
        operator_no=session.operator_no,
        operator_name=operator.name if operator is not None else "",
        session_no=session.session_no,
        since=iso(session.opened_ms),
        is_locked=session.locked_ms is not None,
    )


def _of_kinds(counts: list[CountOfKind], kinds: tuple[str, ...]) -> tuple[int, int]:
    """Count and fen of what was approved of these kinds."""
    found = [one for one in counts if one.state in APPROVED and one.kind in kinds]
    return sum(one.count for one in found), sum(one.fen for one in found)


def in_states(counts: list[CountOfKind], states: tuple[str, ...]) -> int:
    """How many payments stand so."""
    return sum(one.count for one in counts if one.state in states)


def starts_hour(shop: Merchant | None) -> int:
    """When a shop's days begin, by its policy; midnight where there is none."""
    return policy_of(shop.policy, shop.policy_overrides).shop_day_starts_hour if shop is not None else 0
