"""Tokens of programs (接口令牌) and how they stand. Never a secret, nor what is kept of one."""

from dataclasses import replace
from typing import Literal, get_args

import msgspec

from ..acquirer.people.programs.tokens import read_scopes
from ..acquirer.people.rights import AREAS, PERSON
from ..acquirer.rows.records import ApiToken
from ..basics.numbers import UnixMs
from ..basics.words import Lang
from ..store.lists.asked import Absent, AnyOf, Condition, Is, IsNot, Within
from .listing import NOTHING, Column, View, iso, short_time, word_of
from .questions.asked_list import AskedList
from .questions.filters import Filter, Value, choice, part, shop, word
from .questions.shops import Shops
from .questions.sources import Stored

TokenState = Literal["active", "waiting", "expired", "revoked"]
"""waiting: whose name it bears has not drawn its secret yet."""


class TokenRow(msgspec.Struct, frozen=True, kw_only=True):
    """One token."""

    token_id: str
    name: str
    merchant_no: str
    """The only shop in which it counts; empty: all."""
    login: str
    scopes: list[str]
    state: TokenState
    expires: str | None
    last_used_day: str
    """Empty while it never was."""
    made: str | None
    made_by: str
    revoked: str | None
    revoked_by: str


def token_row(one: ApiToken, now: UnixMs) -> TokenRow:
    """A token as everybody shows one. Whether its person is let in stands in the list of people."""
    return TokenRow(
        token_id=one.token_id,
        name=one.name,
        merchant_no=one.shop_no,
        login=one.login,
        scopes=one.scopes.split(),
        state=_state_of(one, now),
        expires=iso(one.expires_ms),
        last_used_day=one.last_used_day,
        made=iso(one.made_ms),
        made_by=one.made_by,
        revoked=iso(one.revoked_ms),
        revoked_by=one.revoked_by,
    )


def _state_of(one: ApiToken, now: UnixMs) -> TokenState:
    if one.revoked_ms is not None:
        return "revoked"
    if now >= one.expires_ms:
        return "expired"
    return "active" if one.mark else "waiting"


def _scopes(row: TokenRow, lang: Lang) -> str:
    said = []
    for area, what in read_scopes(" ".join(row.scopes)) or ():
        may = word_of(f"tokens.may.{what}", lang)
        said.append(word_of("tokens.scope", lang, area=AREAS[area].of(lang), may=may))
    return word_of("sign_ins.between", lang).join(said)


TOKENS = View(
    "tokens",
    TokenRow,
    (
        Column("id", lambda row, lang: row.token_id),
        Column("name", lambda row, lang: row.name),
        Column("whose", lambda row, lang: row.login),
        Column("shop", lambda row, lang: row.merchant_no or NOTHING),
        Column("state", lambda row, lang: word_of(f"tokens.state.{row.state}", lang)),
        Column("expires", lambda row, lang: short_time(row.expires)),
        Column("last_used", lambda row, lang: row.last_used_day or NOTHING),
        Column("may", _scopes, is_wide=True),
        Column("made", lambda row, lang: short_time(row.made), is_wide=True),
        Column("made_by", lambda row, lang: row.made_by.replace(PERSON, ""), is_wide=True),
        Column("revoked_by", lambda row, lang: row.revoked_by.replace(PERSON, "") or NOTHING, is_wide=True),
    ),
)


def _state() -> Filter:
    """How it stands now; that a token is over is written nowhere."""

    def conditions(value: Value, shops: Shops) -> tuple[Condition, ...]:
        stands = (Absent("revoked_ms"), Within("expires_ms", shops.now + 1, None))
        arms: dict[str, tuple[Condition, ...]] = {
            "active": (*stands, IsNot("mark", ("",))),
            "waiting": (*stands, Is("mark", ("",))),
            "expired": (Absent("revoked_ms"), Within("expires_ms", None, shops.now + 1)),
            "revoked": (Absent("revoked_ms", is_absent=False),),
        }
        wanted = value if isinstance(value, tuple) else (value,)
        return (AnyOf(tuple(arms[str(one)] for one in wanted)),)

    plain = choice(
        "state", "revoked_by", get_args(TokenState), lambda state, lang: word_of(f"tokens.state.{state}", lang)
    )
    return replace(plain, conditions=conditions)


TOKENS_ASKED = AskedList(
    view=TOKENS,
    area="tokens",
    filters=(
        shop("shop_no"),
        word("token", "token_id", pattern=r"[a-z2-7]{8}", is_guessed=True, rank=1),
        word("login", "login"),
        part("name", "name"),
        _state(),
    ),
    source=Stored(
        kind=ApiToken, rows=lambda reading, records: [(token_row(record, reading.now),) for record in records]
    ),
)
