"""The menu: what a person may view, in the order of the day. What a role can't use is not there."""

from collections.abc import Collection
from dataclasses import dataclass

from ..acquirer.people.rights import may
from ..acquirer.rows.records import Person
from ..basics.words import Lang
from .words import OFFICE_WORDS

PLACES = (
    ("/", "today"),
    ("/trends", "trends"),
    ("/sign-ins", "sign_ins"),
    ("/operators", "operators"),
    ("/terminals", "terminals"),
    ("/payments", "payments"),
    ("/batches", "batches"),
    ("/shifts", "shifts"),
    ("/findings", "findings"),
    ("/cases", "cases"),
    ("/audit", "audit"),
    ("/exports", "exports"),
    ("/policy", "policy"),
    ("/people", "people"),
    ("/proposals", "proposals"),
    ("/tokens", "tokens"),
    ("/webhooks", "webhooks"),
    ("/jobs", "jobs"),
)
"""Path, and the area of the rights; a place that is none stands in `AREA_OF`."""
AREA_OF = {"trends": "today"}
BELOW = {"/messages": "/webhooks", "/orders": "/terminals", "/scripts": "/payments", "/documents": "/payments"}
"""Pages that have no line of their own, and the line from which they are reached."""


@dataclass(frozen=True, slots=True)
class MenuLine:
    """One line of the menu."""

    path: str
    called: str


def menu_of(person: Person, lang: Lang, served: Collection[str]) -> tuple[MenuLine, ...]:
    """The lines for one person; `served` are the paths that there are."""
    shop = person.shop_no or None
    return tuple(
        MenuLine(path, OFFICE_WORDS[f"menu.{name}"].of(lang))
        for path, name in PLACES
        if path in served and may(person, AREA_OF.get(name, name), "view", shop)
    )


def place_of(path: str) -> str:
    """Which line of the menu a path belongs to: `/sign-ins/4711` to `/sign-ins`."""
    first = "/" + path.lstrip("/").partition("/")[0]
    first = BELOW.get(first, first)
    return next((place for place, _ in PLACES if place == first), "")
