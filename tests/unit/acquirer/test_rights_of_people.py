"""Who of the office may do what: the table is whole, each act stands in it once, and nobody's rights reach into another's shop."""

from typing import get_args

import pytest
from msgspec.structs import replace
from tools.office_rights import PAGE, page

from zhanggui.acquirer.people.exporting import may_export
from zhanggui.acquirer.people.rights import (
    AREAS,
    GIVES,
    ROLES,
    Side,
    What,
    actor_of,
    area_of,
    may,
    may_confirm,
    reaches,
    why_not,
)
from zhanggui.acquirer.policy.actors import CONSOLE, Actor, may_manage
from zhanggui.acquirer.policy.capabilities import CAPABILITIES
from zhanggui.acquirer.rows.records import WHOLE_HOST, OfficeRole, Person, PersonState
from zhanggui.basics.numbers import UnixMs

SHOP, OTHER = "102100058120001", "102100058120002"
OFFICE_ROLES: tuple[OfficeRole, ...] = get_args(OfficeRole)
WHATS: tuple[What, ...] = get_args(What)


def person(role: OfficeRole, state: PersonState = "active", login: str = "zhao") -> Person:
    return Person(
        merchant_no=WHOLE_HOST,
        login=login,
        name="赵",
        shop_no=SHOP if ROLES[role].side == "shop" else "",
        role=role,
        state=state,
        made_ms=UnixMs(1),
        made_by="console",
    )


def test_the_rows_are_the_roles_that_a_person_can_have() -> None:
    assert tuple(ROLES) == OFFICE_ROLES
    assert {row.side for row in ROLES.values()} == set(get_args(Side))


def test_each_right_of_management_stands_in_one_area_and_none_is_made_up() -> None:
    listed = [act for area in AREAS.values() for act in area.acts]
    words = list(CAPABILITIES)
    assert sorted(listed) == sorted(words[words.index("list_operators") :])
    assert all(area.acts for area in AREAS.values() if area.do or area.confirm)


@pytest.mark.parametrize("role", OFFICE_ROLES)
@pytest.mark.parametrize("area", AREAS)
def test_whoever_may_act_or_take_away_may_look(area: str, role: OfficeRole) -> None:
    one = person(role)
    shop = one.shop_no or OTHER
    if may(one, area, "do", shop) or may(one, area, "export", shop):
        assert may(one, area, "view", shop)


@pytest.mark.parametrize("role", OFFICE_ROLES)
@pytest.mark.parametrize("act", [act for area in AREAS.values() for act in area.acts])
def test_an_act_is_allowed_exactly_where_the_area_lets_one_act(act: str, role: OfficeRole) -> None:
    one = person(role)
    shop = one.shop_no or OTHER
    target = {"manage_supervisor": "supervisor", "manage_administrator": "administrator"}.get(act, "cashier")
    actor = actor_of(one, shop)
    assert (act in (actor.actions or ())) is may(one, area_of(act), "do", shop)
    if target == "cashier":
        assert may_manage(actor, act) is may(one, area_of(act), "do", shop)
    else:
        assert may_manage(actor, "reset_password", target) is (  # type: ignore[arg-type]  # one of the two
            {"reset_password", act} <= (actor.actions or frozenset())
        )


@pytest.mark.parametrize("what", WHATS)
@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("role", ["owner", "manager"])
def test_people_of_a_shop_may_nothing_in_another_nor_in_all_together(role: OfficeRole, area: str, what: What) -> None:
    one = person(role)
    assert not may(one, area, what, OTHER)
    assert not may(one, area, what, None)
    assert not reaches(one, WHOLE_HOST)
    assert actor_of(one, OTHER).actions == frozenset()


@pytest.mark.parametrize("state", ["invited", "disabled"])
@pytest.mark.parametrize("role", OFFICE_ROLES)
def test_whoever_is_not_let_in_may_nothing(role: OfficeRole, state: PersonState) -> None:
    one = person(role, state)
    shop = one.shop_no or OTHER
    assert not any(may(one, area, what, shop) for area in AREAS for what in WHATS)
    assert not any(may_confirm(one, act, shop) for area in AREAS.values() for act in area.acts)
    assert actor_of(one, shop).actions == frozenset()


def test_a_lock_at_the_door_does_not_put_out_whoever_is_inside() -> None:
    assert may(person("owner", "locked"), "payments", "view", SHOP)


def test_the_console_and_an_actor_without_rights_are_not_mixed_up() -> None:
    assert may_manage(CONSOLE, "erase_person")
    assert not may_manage(Actor("person:x", actions=frozenset()), "erase_person")


def test_who_gives_a_role_is_a_row_too() -> None:
    assert {f"{GIVES}owner", f"{GIVES}manager"} <= (actor_of(person("owner"), SHOP).actions or frozenset())
    assert not any(action.startswith(GIVES) for action in actor_of(person("manager"), SHOP).actions or ())
    assert {f"{GIVES}{role}" for role in ROLES} <= (actor_of(person("admin"), OTHER).actions or frozenset())


def test_why_not_names_the_right_who_has_it_and_who_gives_it() -> None:
    assert why_not(person("manager"), "audit", "view", "en") == (
        "this needs the right to see 'audit'; who has it: owner. It can be given by: administrator, owner"
    )
    assert why_not(person("manager"), "policy", "do", "zh") == (
        "需要“策略”的办理权限；有此权限的是：店主。可由管理员、店主授予"
    )
    assert "ask the acquirer" in why_not(person("owner"), "keys", "view", "en")
    assert why_not(person("admin"), "today", "export", "en") == "there is nothing to export in 'today'"


def test_a_reviewer_confirms_what_others_may_do_and_does_it_not_alone() -> None:
    assert may_confirm(person("reviewer"), "erase_document", SHOP)
    assert not may(person("reviewer"), "erasure", "do", SHOP)
    assert not may_confirm(person("support"), "erase_document", SHOP)
    assert not may_confirm(person("owner"), "erase_document", OTHER)


def test_the_page_of_rights_is_written_from_the_tables() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write the page anew: python tools/office_rights.py"


@pytest.mark.parametrize("role", OFFICE_ROLES)
@pytest.mark.parametrize("area", AREAS)
def test_an_export_is_allowed_where_the_area_says_so_and_nowhere_else(area: str, role: OfficeRole) -> None:
    one = person(role)
    shop = one.shop_no or OTHER
    assert may_export(actor_of(one, shop), area) == may(one, area, "export", shop) == (role in AREAS[area].export)
    assert not may_export(actor_of(person(role, "disabled"), shop), area)
    if one.shop_no:
        assert not may_export(actor_of(one, OTHER), area)


def test_a_cashier_exports_nothing_and_the_console_everything() -> None:
    assert may_export(CONSOLE, "payments")
    assert not may_export(Actor("console:01", "cashier"), "payments")
    assert may_export(Actor("console:99", "administrator"), "payments")


def test_who_is_known_as_an_operator_acts_as_one_human_being_at_that_shop_alone() -> None:
    known = replace(person("manager"), operator_no="05")
    assert (actor_of(known, SHOP).operator_no, actor_of(known, OTHER).operator_no) == ("05", "")
