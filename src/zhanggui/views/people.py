"""People of the office by login name, and how they stand. Never a password, a secret of codes or a mark of a session."""

import msgspec

from ..acquirer.people.rights import ROLES
from ..acquirer.people.sign_in import is_enrolled
from ..acquirer.rows.records import OfficeRole, Person, PersonState
from ..basics.numbers import MerchantNo, UnixMs
from ..store.queries import ROWS_MAX, PlaceFilter, Queries
from .listing import NOTHING, Column, View, iso, short_time, word_of
from .questions.asked_list import AskedList
from .questions.filters import choice, part, said_in, shop, word
from .questions.sources import Stored
from .reasons import actor_said


class PersonRow(msgspec.Struct, frozen=True, kw_only=True):
    """One person of the office."""

    login: str
    name: str
    merchant_no: str
    """The shop whose person this is; empty for the acquirer's own people."""
    role: OfficeRole
    state: PersonState
    operator_no: str
    has_second_factor: bool
    failures_in_a_row: int
    locked_until: str | None
    last_try: str | None
    last_sign_in: str | None
    sessions: int
    """That may still live."""
    password_set: str | None
    is_demo: bool
    made: str | None
    made_by: str


def read_people(queries: Queries, merchant_no: MerchantNo | None, now: UnixMs) -> list[PersonRow]:
    """The people of a shop, or everybody."""
    wanted = PlaceFilter(merchant_no=merchant_no, limit=ROWS_MAX)
    return [person_row(one, now) for one in queries.list_people(wanted)]


def person_row(one: Person, now: UnixMs) -> PersonRow:
    """One person as everybody shows one."""
    return PersonRow(
        login=one.login,
        name=one.name,
        merchant_no=one.shop_no,
        role=one.role,
        state=one.state,
        operator_no=one.operator_no,
        has_second_factor=is_enrolled(one),
        failures_in_a_row=one.failed_count,
        locked_until=iso(one.locked_until_ms if now < (one.locked_until_ms or 0) else None),
        last_try=iso(one.last_try_ms),
        last_sign_in=iso(one.last_sign_in_ms),
        sessions=len(one.session_marks.split()),
        password_set=iso(one.password_set_ms),
        is_demo=bool(one.is_demo),
        made=iso(one.made_ms),
        made_by=one.made_by,
    )


PEOPLE = View(
    "people",
    PersonRow,
    (
        Column("login", lambda row, lang: row.login),
        Column("name", lambda row, lang: row.name),
        Column("shop", lambda row, lang: row.merchant_no or NOTHING),
        Column("role", lambda row, lang: ROLES[row.role].of(lang)),
        Column("state", lambda row, lang: word_of(f"people.state.{row.state}", lang)),
        Column(
            "factor", lambda row, lang: word_of("people.enrolled" if row.has_second_factor else "people.none", lang)
        ),
        Column("operator", lambda row, lang: row.operator_no or NOTHING, is_wide=True),
        Column("last_sign_in", lambda row, lang: short_time(row.last_sign_in)),
        Column("last_try", lambda row, lang: short_time(row.last_try), is_wide=True),
        Column("password_set", lambda row, lang: short_time(row.password_set), is_wide=True),
        Column("made_by", lambda row, lang: actor_said(row.made_by, lang), is_wide=True),
    ),
)

PEOPLE_ASKED = AskedList(
    view=PEOPLE,
    area="people",
    filters=(
        shop("shop_no"),
        word("login", "login", pattern=r"[A-Za-z][A-Za-z0-9._@-]*", is_guessed=True, rank=1),
        part("name", "name"),
        choice("role", "role", said_in(Person, "role"), lambda role, lang: ROLES[role].of(lang)),
        choice("state", "state", said_in(Person, "state"), lambda state, lang: word_of(f"people.state.{state}", lang)),
    ),
    source=Stored(
        kind=Person, rows=lambda reading, records: [(person_row(record, reading.now),) for record in records]
    ),
)
