"""Who of the office may do what, and where: one table, asked by pages, interface, commands and acts.

    area × (view, do, export)   rights.toml     what a role may see, do and take away with it
    role                        roles.toml      whose people have it, who gives it
    own shop                    `may`           people of a shop have their rights there and nowhere else

Nothing is allowed that stands in no row. An act asks by its word of `policy/capabilities.toml`, which stands in one area.
"""

from collections.abc import Mapping
from functools import cache
from typing import Literal

from ...basics.words import Lang, Word, load_rows, load_words
from ..policy.actors import Actor
from ..rows.records import WHOLE_HOST, OfficeRole, Person

What = Literal["view", "do", "export"]
Side = Literal["acquirer", "shop"]
PERSON = "person:"
"""Before a login name, in the name of an actor."""
GIVES = "gives_role:"
"""Before a role, among the actions of somebody who may give it."""
EXPORTS = "export:"
"""Before an area, among the actions of somebody who may take its lists away."""
BETWEEN = {"zh": "、", "en": ", "}


class Area(Word, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One area, with the roles that may see it, act in it, take its contents away, and confirm there."""

    view: tuple[OfficeRole, ...]
    do: tuple[OfficeRole, ...] = ()
    export: tuple[OfficeRole, ...] = ()
    confirm: tuple[OfficeRole, ...] = ()
    """Besides those who may do it."""
    acts: tuple[str, ...] = ()
    by_program: Literal["one", "two", "never"] = "one"
    """Whether a token may act there: one person makes such a token, it takes two, or none ever may."""


class RoleRow(Word, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One role."""

    side: Side
    given_by: tuple[OfficeRole, ...]
    second_factor: bool = False
    """Whether it is asked for at each sign-in."""
    two_by: tuple[OfficeRole, ...] = ()
    """Of those who give it, who needs a second person for that: whoever could make one alone who confirms would be two."""


AREAS: Mapping[str, Area] = load_rows(__package__, "rights.toml", Area)
ROLES: Mapping[str, RoleRow] = load_rows(__package__, "roles.toml", RoleRow)
_WORDS = load_words(__package__, "words.toml")
_AREA_OF = {act: name for name, area in AREAS.items() for act in area.acts}


def area_of(capability: str) -> str:
    """The area in which an act stands, by its word of the capability table."""
    return _AREA_OF[capability]


def is_let_in(person: Person) -> bool:
    """Whether this person belongs inside: has a password, and nobody disabled him or her.

    Wrong tries of somebody else lock the door for a while (`tries.py` says how long), not the person who is inside: a session goes on.
    """
    return person.state in ("active", "locked")


def reaches(person: Person, merchant_no: str | None) -> bool:
    """Whether it is this person's own shop. None: all shops together, which is the acquirer's own people's alone."""
    return not person.shop_no or person.shop_no == merchant_no


def may(person: Person, area: str, what: What, merchant_no: str | None) -> bool:
    """Whether this person may do that in an area, at this shop (None: in all together). Whoever is not let in may nothing."""
    roles: tuple[OfficeRole, ...] = getattr(AREAS[area], what)
    return is_let_in(person) and person.role in roles and reaches(person, merchant_no)


def may_confirm(person: Person, capability: str, merchant_no: str) -> bool:
    """Whether this person may say yes to what somebody else proposed."""
    area = area_of(capability)
    is_confirmer = person.role in AREAS[area].confirm and is_let_in(person)
    return may(person, area, "do", merchant_no) or (is_confirmer and reaches(person, merchant_no))


@cache
def _acts_of(role: OfficeRole) -> frozenset[str]:
    acts = {act for area in AREAS.values() if role in area.do for act in area.acts}
    acts |= {f"{EXPORTS}{name}" for name, area in AREAS.items() if role in area.export}
    return frozenset(acts | {f"{GIVES}{name}" for name, row in ROLES.items() if role in row.given_by})


def actor_of(person: Person, merchant_no: str, reason: str = "") -> Actor:
    """This person as one who acts at a shop (`*`: on the acquirer's own people), with the rights there."""
    is_in = is_let_in(person) and reaches(person, merchant_no)
    acts = _acts_of(person.role) if is_in else frozenset()
    number = person.operator_no if person.shop_no == merchant_no else ""
    return Actor(f"{PERSON}{person.login}", actions=acts, reason=reason, operator_no=number)


def side_of(merchant_no: str) -> Side:
    """Whose people are meant: of a shop, or (`*`) the acquirer's own."""
    return "acquirer" if merchant_no == WHOLE_HOST else "shop"


def why_not(person: Person, area: str, what: What, lang: Lang) -> str:
    """The line that answers "why can't I see this": which right it takes, who has it, who gives it.

    It names no shop but one's own: what belongs to another shop is not there at all.
    """
    row = AREAS[area]
    side: Side = "shop" if person.shop_no else "acquirer"
    having: tuple[OfficeRole, ...] = getattr(row, what)
    roles = [name for name in having if ROLES[name].side == side]
    told = {"area": row.of(lang), "what": _WORDS[what].of(lang)}
    if not having:
        return _WORDS["no_such_right"].fill(lang, **told)
    if not roles:
        return _WORDS["nobody_here"].fill(lang, **told)
    givers = dict.fromkeys(giver for name in roles for giver in ROLES[name].given_by)
    return _WORDS["no_right"].fill(lang, **told, roles=_named(roles, lang), givers=_named(givers, lang))


def _named(roles: "list[OfficeRole] | dict[OfficeRole, None]", lang: Lang) -> str:
    return BETWEEN[lang].join(ROLES[name].of(lang) for name in roles)
