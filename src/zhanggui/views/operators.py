"""Operators by number, with what is to be done about them. Never a password, a verifier or the secret of a code."""

from collections.abc import Sequence
from typing import get_args

import msgspec

from ..acquirer.operators.management import stale_accounts, unused_days
from ..acquirer.operators.password_age import days_left
from ..acquirer.policy.rules import Policy, policy_of
from ..acquirer.rows.records import Merchant, Operator, Session
from ..basics.numbers import MerchantNo, UnixMs
from ..basics.roles import ROLE_WORDS, Role
from ..basics.words import Lang
from ..store.lists.asked import Absent
from ..store.queries import ROWS_MAX, PlaceFilter, Queries
from .listing import NOTHING, Column, View, iso, short_time, word_of
from .questions.asked_list import AskedList
from .questions.filters import choice, digits, part, said_in, shop, word
from .questions.reading import Reading, shops_of
from .questions.sources import Stored


class OperatorRow(msgspec.Struct, frozen=True, kw_only=True):
    """One person who may sign in, and how the account stands by the merchant's policy."""

    merchant_no: str
    operator_no: str
    name: str
    user_name: str
    role: Role
    state: str
    failures_in_a_row: int
    locked_until: str | None
    password: str
    """initial, initial_expired, factory, expired or own."""
    password_days_left: int | None
    initial_until: str | None
    code_enrolled: bool
    code_drift_s: int | None
    last_sign_in: str | None
    """When the newest session began: neither a refused try nor an approval is a sign-in."""
    unused_days: int
    stale: str
    """warn or refused, where the account was not used for too long."""
    signed_in_at: list[str]
    badge_no: str | None
    """Number of the badge that counts; it is printed in it and proves nothing."""


def read_operators(queries: Queries, merchant_no: MerchantNo | None, now: UnixMs) -> list[OperatorRow]:
    """The operators of a merchant, or all."""
    wanted = PlaceFilter(merchant_no=merchant_no, limit=ROWS_MAX)
    shops = {shop.merchant_no: shop for shop in queries.list_merchants(wanted)}
    live = queries.list_sessions(PlaceFilter(merchant_no=merchant_no, live_only=True, limit=ROWS_MAX))
    begun = queries.newest_sessions((merchant_no,) if merchant_no is not None else None)
    return [
        operator_row(one, shops[one.merchant_no], live, now, begun.get((one.merchant_no, one.operator_no)))
        for one in queries.list_operators(wanted)
    ]


def operator_row(
    operator: Operator, shop: Merchant, live: list[Session], now: UnixMs, begun_ms: UnixMs | None = None
) -> OperatorRow:
    """An operator as everybody shows one; `live` are the sessions of now, and the newest of this operator began at `begun_ms`."""
    policy = policy_of(shop.policy, shop.policy_overrides)
    stale = stale_accounts(policy, [operator], now)
    return OperatorRow(
        merchant_no=operator.merchant_no,
        operator_no=operator.operator_no,
        name=operator.name,
        user_name=operator.user_name,
        role=operator.role,
        state=operator.state,
        failures_in_a_row=operator.failed_count,
        locked_until=iso(operator.locked_until_ms if now < (operator.locked_until_ms or 0) else None),
        password=_password_word(policy, operator, now),
        password_days_left=days_left(policy, operator, now),
        initial_until=iso(operator.initial_until_ms),
        code_enrolled=bool(operator.code_secret),
        code_drift_s=operator.code_drift_s,
        badge_no=operator.badge_no,
        last_sign_in=iso(begun_ms),
        unused_days=unused_days(operator, now),
        stale=stale[0].verdict if stale else "",
        signed_in_at=[
            session.terminal_no
            for session in live
            if (session.merchant_no, session.operator_no) == (operator.merchant_no, operator.operator_no)
        ],
    )


def _password_word(policy: Policy, operator: Operator, now: UnixMs) -> str:
    if operator.initial_until_ms is not None:
        return "initial" if now < operator.initial_until_ms else "initial_expired"
    if operator.factory_password:
        return "factory"
    left = days_left(policy, operator, now)
    return "expired" if left is not None and left <= 0 else "own"


def _state(row: OperatorRow, lang: Lang) -> str:
    state = word_of(f"operators.state.{'locked' if row.locked_until else row.state}", lang)
    return state + word_of("operators.unused", lang, days=row.unused_days) if row.stale else state


def _code(row: OperatorRow, lang: Lang) -> str:
    if not row.code_enrolled:
        return NOTHING
    drift = f" {row.code_drift_s:+d} s" if row.code_drift_s is not None else ""
    return word_of("operators.enrolled", lang) + drift


OPERATORS = View(
    "operators",
    OperatorRow,
    (
        Column("no", lambda row, lang: row.operator_no),
        Column("name", lambda row, lang: row.name),
        Column("user_name", lambda row, lang: row.user_name, is_wide=True),
        Column("role", lambda row, lang: ROLE_WORDS[row.role].of(lang), is_wide=True),
        Column("state", _state),
        Column("password", lambda row, lang: word_of(f"operators.password.{row.password}", lang)),
        Column("code", _code, is_wide=True),
        Column("badge", lambda row, lang: row.badge_no or NOTHING, is_wide=True),
        Column("last_sign_in", lambda row, lang: short_time(row.last_sign_in)),
        Column("signed_in_at", lambda row, lang: " ".join(row.signed_in_at) or NOTHING),
    ),
)


def _asked_rows(reading: Reading, operators: Sequence[Operator]) -> list[tuple[OperatorRow, ...]]:
    """Each with its shop's policy, the sessions of now and when the newest one began."""
    here = shops_of(operators)
    shops = {one.merchant_no: one for one in reading.found(Merchant, here)}
    live = reading.found(Session, here, Absent("ended_ms"))
    begun = reading.queries.newest_sessions(tuple(shops))
    return [
        (operator_row(one, shops[one.merchant_no], live, reading.now, begun.get((one.merchant_no, one.operator_no))),)
        for one in operators
    ]


OPERATORS_ASKED = AskedList(
    view=OPERATORS,
    area="operators",
    filters=(
        shop(),
        digits("operator", "operator_no", 2),
        part("name", "name"),
        word("user_name", "user_name", pattern=r"[A-Za-z][\w.\-]*", is_guessed=True, rank=1),
        word("badge", "badge_no", pattern=r"[0-9]{10}", is_guessed=True, rank=1),
        choice("role", "role", get_args(Role), lambda role, lang: ROLE_WORDS[role].of(lang)),
        choice(
            "state", "state", said_in(Operator, "state"), lambda state, lang: word_of(f"operators.state.{state}", lang)
        ),
    ),
    source=Stored(kind=Operator, rows=_asked_rows),
)
