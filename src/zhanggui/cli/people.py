"""`zhanggui people`: who may sign in to the office. A link is printed once, on standard output, and stands nowhere else."""

import sys
from typing import Literal

from ..acquirer.people.inviting import LINK_HOURS, NewPerson
from ..acquirer.people.rights import ROLES, is_let_in
from ..acquirer.rows.records import OfficeRole, Person
from ..basics.clock import SystemClock
from ..basics.errors import Misuse
from ..basics.numbers import MerchantNo
from ..host.people_acts import DISABLE, ENABLE, INVITE, RESET, SET_ROLE, OnePerson, OtherRole
from ..programs.settings import Settings
from ..store.queries import ROWS_MAX, PlaceFilter
from ..views.people import PEOPLE, read_people
from .console import Console, Done
from .lists import lists_of, print_list
from .management_words import done_text
from .output import print_json
from .who_acts import operator_number

What = Literal["reset", "disabled", "enabled"]
_ACTS = {"reset": RESET, "disabled": DISABLE, "enabled": ENABLE}
PATH = "/invitation/"
"""Where the office takes a link."""


def list_people(settings: Settings, merchant: str, *, is_wide: bool, as_json: bool) -> None:
    """Print people by login name."""
    with lists_of(settings) as queries:
        rows = read_people(queries, MerchantNo(merchant) if merchant else None, SystemClock().now())
    print_list(settings, PEOPLE, rows, as_json=as_json, is_wide=is_wide)


def first(settings: Settings, login: str, name: str, *, as_json: bool) -> None:
    """Invite the first administrator. Misuse where there are people already who could do it."""
    if any(row.role == "admin" and not row.is_demo and is_let_in(row) for row in _people(settings)):
        raise Misuse("there is an administrator already, who invites others: zhanggui people invite --by LOGIN")
    done = Console(settings, "", of_acquirer=True).do(INVITE, NewPerson(login=login, name=name, role="admin"))
    _say_invited(settings, login, done, as_json=as_json)


def invite(
    settings: Settings,
    merchant: str,
    by: str,
    login: str,
    name: str,
    role: OfficeRole,
    operator: str,
    reason: str,
    *,
    as_json: bool,
) -> None:
    """Invite somebody; the role says whether to a shop or to the acquirer."""
    console = Console(settings, merchant, by, reason, of_acquirer=ROLES[role].side == "acquirer")
    number = operator_number(operator) if operator else ""
    done = console.do(INVITE, NewPerson(login=login, name=name, role=role, operator_no=number))
    _say_invited(settings, login, done, as_json=as_json)


def act(settings: Settings, by: str, login: str, what: What, reason: str = "", *, as_json: bool) -> None:
    """Reset, disable or enable somebody."""
    done = _at(settings, by, login, reason).do(_ACTS[what], OnePerson(login))
    if done.shown is not None:
        _say_invited(settings, login, done, as_json=as_json)
    elif as_json:
        print_json({"login": login, "done": what})
    else:
        sys.stdout.write(done_text(f"person_{what}", settings.lang, login=login) + "\n")


def set_role(settings: Settings, by: str, login: str, role: OfficeRole, reason: str, *, as_json: bool) -> None:
    """Another role among one's own people."""
    _at(settings, by, login, reason).do(SET_ROLE, OtherRole(login, role))
    if as_json:
        print_json({"login": login, "role": role})
    else:
        word = ROLES[role].of(settings.lang)
        sys.stdout.write(done_text("person_role", settings.lang, login=login, role=word) + "\n")


def _at(settings: Settings, by: str, login: str, reason: str = "") -> Console:
    """The console where somebody belongs; whoever is nobody is looked for among the acquirer's own people."""
    shop_no = next((row.shop_no for row in _people(settings) if row.login == login), "")
    return Console(settings, shop_no, by, reason, of_acquirer=not shop_no)


def _people(settings: Settings) -> list[Person]:
    with lists_of(settings) as queries:
        return queries.list_people(PlaceFilter(limit=ROWS_MAX))


def _say_invited(settings: Settings, login: str, done: Done, *, as_json: bool) -> None:
    link = PATH + done.secret.reveal()
    if as_json:
        print_json({"login": login, "link": link, "hours": LINK_HOURS})
    else:
        sys.stdout.write(
            done_text("person_invited", settings.lang, login=login, link=link, hours=str(LINK_HOURS)) + "\n"
        )
