"""People of the office in demo data. Their password is for everybody: it is printed, and it opens nothing on other data."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ..acquirer.people.passwords import password_bytes
from ..acquirer.people.rights import ROLES
from ..acquirer.rows.records import WHOLE_HOST, OfficeRole, Person
from ..acquirer.rows.state import Change, Insert
from ..basics.chance import Chance
from ..basics.numbers import MerchantNo, UnixMs
from ..basics.secret import Secret
from ..basics.words import Lang
from ..store.open import open_queries
from ..store.queries import ROWS_MAX, PlaceFilter
from ..vault.office_password import derive
from .data_folder import Places, store_target
from .settings import Settings

DEMO_PASSWORD = "only-for-the-demo"  # noqa: S105  # it is printed at each start
MADE_BY = "demo"
OWNER: OfficeRole = "owner"
PEOPLE: tuple[tuple[str, str, OfficeRole, str], ...] = (
    ("demo.admin", "方主任", "admin", ""),
    ("demo.reviewer", "沈复核", "reviewer", ""),
    ("demo.support", "林客服", "support", ""),
    ("demo.auditor", "严审计", "auditor", ""),
    ("demo.owner", "赵老板", "owner", ""),
    ("demo.manager", "陈店长", "manager", "00"),
)
"""Login name, name, role, and the operator who is the same human being. The names say what they are, and leave the plain ones free."""


class ShownPerson(NamedTuple):
    """One of them, as it is shown."""

    login: str
    name: str
    role: str
    password: str


def has_demo_people(settings: Settings) -> bool:
    """Whether these are demo data that have them: folders of earlier versions have none."""
    places = Places(settings.data_path)
    if not places.is_demo:
        return False
    with open_queries(store_target(settings, places)) as queries:
        return any(row.is_demo for row in queries.list_people(PlaceFilter(limit=ROWS_MAX)))


def demo_people(lang: Lang) -> tuple[ShownPerson, ...]:
    """Who may sign in to the office on demo data, with the password."""
    return tuple(ShownPerson(login, name, ROLES[role].of(lang), DEMO_PASSWORD) for login, name, role, _ in PEOPLE)


def demo_person_rows(merchant_no: MerchantNo, chance: Chance, now: UnixMs) -> list[Change]:
    """Their rows."""
    shown = (
        (login, name, role, merchant_no if ROLES[role].side == "shop" else "", operator_no)
        for login, name, role, operator_no in PEOPLE
    )
    return _rows(shown, chance, now)


def demo_owner_rows(shops: Mapping[str, MerchantNo], chance: Chance, now: UnixMs) -> list[Change]:
    """Owners of further shops, by login: for those who measure."""
    return _rows(((login, login, OWNER, shop_no, "") for login, shop_no in shops.items()), chance, now)


def _rows(people: Iterable[tuple[str, str, OfficeRole, str, str]], chance: Chance, now: UnixMs) -> list[Change]:
    # One hash for all: the password is one, and no secret.
    kept = derive(password_bytes(Secret(DEMO_PASSWORD)), chance)
    return [
        Insert(
            Person(
                merchant_no=WHOLE_HOST,
                login=login,
                name=name,
                shop_no=shop_no,
                role=role,
                state="active",
                operator_no=operator_no,
                password=kept,
                password_set_ms=now,
                is_demo=1,
                made_ms=now,
                made_by=MADE_BY,
            )
        )
        for login, name, role, shop_no, operator_no in people
    ]
