"""Sign-in records, newest first, with the names of shops and places beside their numbers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, get_args

import msgspec

from ..acquirer.operators.attempts import ready_ms, way_of
from ..acquirer.rows.records import Merchant, SignIn, SignInState, Terminal
from ..basics.words import Lang
from ..cup.values.eyes import item_called, read_eyes
from ..cup.values.self_check import read_self_check
from ..cup.values.steps import read_steps, write_steps
from ..store.lists.asked import Is
from ..store.queries import Queries, SignInFilter
from .listing import Column, View, iso, short_time, word_of
from .questions.asked_list import AskedList
from .questions.filters import choice, count, part, shop, terminal, word
from .questions.periods import periods
from .questions.reading import Reading, shops_of
from .questions.sources import Stored
from .reasons import part_called, reason_said


class Steps(msgspec.Struct, frozen=True, kw_only=True):
    """When each step of a sign-in was done; None for those that were not."""

    began: str | None
    verified: str | None
    confirmed: str | None
    ended: str | None


class SignInRow(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to sign in, good or bad."""

    record_no: int
    operator_no: str
    operator_name: str
    terminal_no: str
    place: str
    merchant_no: str
    shop: str
    outcome: str
    reason: str
    method: str
    steps: Steps
    elapsed_ms: int | None
    terminal_clock: str | None
    drift_s: int | None
    code_drift_s: int | None
    self_check: dict[str, str]
    """State by item."""
    eyes: str
    versions: str
    session_no: int | None
    approved_by: str
    taken_from: str
    shift_code_no: int | None
    ready_ms: int | None
    """From power-on or first key to the confirmation; None where nobody signed in, or the terminal told no steps."""
    step_ms: dict[str, int]
    user_name: str
    """As it was typed; empty where a number was."""
    way: str
    """number, user_name, badge, phone, terminal."""
    badge_no: str
    """Number of the badge that was shown; empty where none was."""


def read_sign_ins(queries: Queries, wanted: Iterable[SignInFilter]) -> Iterator[SignInRow]:
    """The records of each filter, one after the other, row by row without a bound."""
    shops: dict[str, str] = {merchant.merchant_no: merchant.name for merchant in queries.list_merchants()}
    places: dict[tuple[str, str], str] = {
        (row.merchant_no, row.terminal_no): row.place for row in queries.list_terminals()
    }
    for one in wanted:
        for record in queries.each_sign_in(one):
            yield sign_in_row(record, shops, places)


def sign_in_row(record: SignIn, shops: Mapping[str, str], places: Mapping[tuple[str, str], str]) -> SignInRow:
    """A record as everybody shows it: names beside numbers, times with their offset."""
    return SignInRow(
        record_no=record.record_no,
        operator_no=record.operator_no,
        operator_name=record.operator_name,
        user_name=record.user_name or "",
        badge_no=record.badge_no or "",
        terminal_no=record.terminal_no,
        place=places.get((record.merchant_no, record.terminal_no), ""),
        merchant_no=record.merchant_no,
        shop=shops.get(record.merchant_no, ""),
        outcome=record.state,
        reason=record.reason,
        way=way_of(record),
        method=record.method,
        steps=Steps(
            began=iso(record.began_ms),
            verified=iso(record.verified_ms),
            confirmed=iso(record.confirmed_ms),
            ended=iso(record.ended_ms),
        ),
        elapsed_ms=record.elapsed_ms,
        terminal_clock=iso(record.terminal_clock_ms),
        drift_s=record.drift_s,
        code_drift_s=record.code_drift_s,
        shift_code_no=record.shift_code_no,
        ready_ms=ready_ms(record),
        step_ms=dict(read_steps(record.step_times or "")),
        self_check={one.item: one.said for one in read_self_check(record.self_check).items},
        eyes=record.eyes,
        versions=record.versions,
        session_no=record.session_no,
        approved_by=record.approved_by,
        taken_from=record.taken_from,
    )


def _operator(row: SignInRow, lang: str) -> str:
    """Number and name; and the user name or the badge, where one said who it was."""
    said = row.user_name or row.badge_no
    typed = f" ({said})" if said and said != row.operator_no else ""
    return f"{row.operator_no} · {row.operator_name}{typed}"


def _well(row: SignInRow, lang: Lang) -> str:
    """Which parts were not ok at the self-check, by name; that all were, where all were."""
    wrong = [f"{part_called(item, lang)} {state}" for item, state in row.self_check.items() if state != "ok"]
    all_well = word_of("sign_ins.all_well", lang) if row.self_check else ""
    return word_of("sign_ins.between", lang).join(wrong) or all_well


def _checked(row: SignInRow) -> str:
    return " ".join(f"{item}:{state}" for item, state in row.self_check.items())


def _reason(row: SignInRow, lang: Lang) -> str:
    """Why it was refused, and what the operator saw to be not well."""
    wrong = read_eyes(row.eyes).wrong
    named = word_of("sign_ins.between", lang).join(item_called(item, lang) for item in wrong)
    seen = word_of("sign_ins.seen_wrong", lang, items=named) if wrong else ""
    return " · ".join(filter(None, (reason_said(row.reason, lang), seen)))


def _flat(row: SignInRow) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(row)
    return {**fields, **fields["steps"], "self_check": _checked(row), "step_ms": write_steps(row.step_ms.items())}


SIGN_INS = View(
    "sign_ins",
    SignInRow,
    (
        Column("record", lambda row, lang: str(row.record_no)),
        Column("time", lambda row, lang: short_time(row.steps.began)),
        Column("terminal", lambda row, lang: row.terminal_no),
        Column("place", lambda row, lang: row.place, is_wide=True),
        Column("shift", lambda row, lang: str(row.session_no) if row.session_no else ""),
        Column("operator", _operator),
        Column("outcome", lambda row, lang: word_of(f"sign_ins.outcome.{row.outcome}", lang)),
        Column("reason", _reason),
        Column("self_check", _well, is_wide=True),
    ),
    csv_heads=(
        "record_no",
        "began",
        "outcome",
        "reason",
        "merchant_no",
        "shop",
        "terminal_no",
        "place",
        "operator_no",
        "operator_name",
        "method",
        "verified",
        "confirmed",
        "ended",
        "elapsed_ms",
        "terminal_clock",
        "drift_s",
        "code_drift_s",
        "self_check",
        "eyes",
        "versions",
        "session_no",
        "approved_by",
        "taken_from",
        "shift_code_no",
        "ready_ms",
        "step_ms",
        "user_name",
        "way",
        "badge_no",
    ),
    flat=_flat,
)


def _rows(reading: Reading, records: Sequence[SignIn]) -> list[tuple[SignInRow, ...]]:
    here = shops_of(records)
    shops: dict[str, str] = {row.merchant_no: row.name for row in reading.found(Merchant, here)}
    at = Is("terminal_no", tuple(sorted({record.terminal_no for record in records})))
    places: dict[tuple[str, str], str] = {
        (row.merchant_no, row.terminal_no): row.place for row in reading.found(Terminal, here, at)
    }
    return [(sign_in_row(record, shops, places),) for record in records]


SIGN_INS_ASKED = AskedList(
    view=SIGN_INS,
    area="sign_ins",
    filters=(
        shop(),
        terminal(),
        word("operator", "operator_no", pattern=r"[0-9]{2}", is_guessed=True, rank=1),
        part("name", "operator_name"),
        choice(
            "outcome", "state", get_args(SignInState), lambda state, lang: word_of(f"sign_ins.outcome.{state}", lang)
        ),
        word("reason", "reason", pattern=r"[a-z]+_[a-z_]+", is_guessed=True),
        word("method", "method"),
        word("approved_by", "approved_by"),
        word("badge", "badge_no", pattern=r"[0-9]{10}", is_guessed=True, rank=2),
        count("record", "record_no", rank=3),
        count("shift", "session_no"),
        *periods("began_ms"),
    ),
    source=Stored(kind=SignIn, by="began_ms", rows=_rows),
)
