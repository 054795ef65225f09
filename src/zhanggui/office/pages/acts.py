"""The form of an act, and doing it: what it is done to, what must be typed, why; then what came of it, and what is shown this once."""

from collections.abc import Collection, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

import msgspec
import segno
from litestar import Response

from ...acquirer.people.proposals import REASON_MAX, is_reason
from ...acquirer.people.rights import ROLES
from ...acquirer.policy.report import read_value
from ...acquirer.policy.rules import PROFILES
from ...acquirer.rows.records import WHOLE_HOST
from ...acquirer.webhooks.events import EVENTS
from ...basics.errors import Misuse
from ...basics.numbers import MerchantNo
from ...cup.transactions import PAYMENTS
from ...host.window.window import Done
from ...store.queries import ROWS_MAX, PlaceFilter, Queries
from ...vault.otpauth import ISSUER, otpauth_uri
from ..acts import OFFICE_ACTS, OfficeAct
from ..links import (
    invitation_path,
    message_path,
    operator_path,
    proposal_path,
    terminal_path,
    webhook_path,
)
from ..routes import Answer, Right, Route
from ..visit import Visit, inside
from ..words import OFFICE_WORDS

ABOUT = {"operator": "operator_no", "terminal": "terminal_no", "person": "login", "token": "token_id", "shop": ""} | {
    "webhook": "webhook_no",
    "message": "message_id",
    "export": "export_no",
}
"""The field of an act's struct that says what it is done to."""
SET_RULE = "set_rule"
SEVERAL: Mapping[str, tuple[str, ...]] = {"events": EVENTS}
"""Fields of which several words are chosen: each is a box of its own, `events.payment`."""
HIDDEN = frozenset({"webhook_no", "shop_no"})
"""Fields that a link fills: nobody types them."""


def form_of(one: OfficeAct) -> Answer:
    """The page that asks for an act."""

    async def show(visit: Visit) -> Response[Any]:
        return await _form(visit, one, visit.query)

    return show


def doing(one: OfficeAct) -> Answer:
    """Does an act."""

    async def do(visit: Visit) -> Response[Any]:
        form, merchant_no = dict(visit.form), visit.form.get("merchant", "")
        if not visit.may(one.area, "do", merchant_no):
            return visit.refuse(HTTPStatus.NOT_FOUND)
        reason = form.get("reason", "").strip()
        if one.asks_reason and not reason:
            return await _form(visit, one, form, errors={"reason": visit.word("act.reason.missing")})
        if reason and not is_reason(reason):
            return await _form(visit, one, form, errors={"reason": visit.word("act.reason.wrong", most=REASON_MAX)})
        try:
            asked = msgspec.convert(_values(one, form), one.row.asked, strict=False)
        except msgspec.ValidationError as error:
            return await _form(visit, one, form, errors=_field_errors(visit, one, str(error)))
        except Misuse as error:
            return await _form(visit, one, form, refused=str(error))
        try:
            done = await visit.act(one.row, asked, merchant_no, reason)
        except Misuse as error:
            return await _form(visit, one, form, refused=str(error))
        if done.reason:
            return await _form(visit, one, form, refused=visit.why_not(done.reason))
        return await _done(visit, one, form, merchant_no, done)

    return do


def _chosen(name: str, form: dict[str, str]) -> list[str]:
    """The words of a field whose boxes are ticked."""
    return [word for word in SEVERAL[name] if form.get(f"{name}.{word}")]


def _values(one: OfficeAct, form: dict[str, str]) -> dict[str, Any]:
    """What the act's struct takes: an empty field that may be left out is left out. Raises Misuse for a rule's value that is none."""
    names = tuple(filter(None, (ABOUT[one.about], *one.fields)))
    values: dict[str, Any] = {name: form[name].strip() for name in names if form.get(name, "").strip()}
    for name in set(one.fields) & SEVERAL.keys():
        values[name] = _chosen(name, form)
    if one.name == SET_RULE:
        values["value"] = read_value(values.get("rule", ""), values["value"]) if "value" in values else None
    return values


def _field_errors(visit: Visit, one: OfficeAct, error: str) -> dict[str, str]:
    """The sentence beside the field that the library's error names (`… - at \\`$.hours\\``, or the one that is missing)."""
    named = next((name for name in one.fields if f"`{name}`" in error or f"$.{name}" in error), "")
    return {named or (one.fields[0] if one.fields else "reason"): visit.word("act.field.wrong")}


async def _form(
    visit: Visit,
    one: OfficeAct,
    given: dict[str, str],
    *,
    errors: dict[str, str] | None = None,
    refused: str = "",
) -> Response[Any]:
    merchant_no = given.get("merchant", "") or (visit.shop or "")
    if not visit.may(one.area, "do", merchant_no or None):
        return visit.refuse(HTTPStatus.NOT_FOUND)
    about = ABOUT[one.about]
    about_said, shop = await _named(visit, one, merchant_no, given)
    is_wrong = bool(errors or refused)
    return visit.page(
        "act.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if is_wrong else HTTPStatus.OK,
        act=one,
        called=one.called.of(visit.lang),
        merchant=merchant_no,
        about_name=about,
        about=given.get(about, "") if about else "",
        about_said=about_said,
        shop=shop,
        place=_place(one),
        hidden=[(name, given.get(name, "")) for name in one.fields if name in HIDDEN],
        fields=[_field(visit, one, name, merchant_no, given) for name in one.fields if name not in HIDDEN],
        reason=given.get("reason", ""),
        errors=errors or {},
        refused=refused,
        back=_back(one, merchant_no, given),
    )


def _field(visit: Visit, one: OfficeAct, name: str, merchant_no: str, given: dict[str, str]) -> dict[str, Any]:
    """One field of a form: typed, one word of a few, or several of them."""
    several = SEVERAL.get(name, ())
    own = f"act.field.{one.name}.{name}"
    return {
        "name": name,
        "label": visit.word(own if own in OFFICE_WORDS else f"act.field.{name}"),
        "value": given.get(name, ""),
        "choices": choices_of(visit, name, merchant_no),
        "several": [
            (f"{name}.{word}", visit.word(f"act.choice.{name}.{word}"), bool(given.get(f"{name}.{word}")))
            for word in several
        ],
    }


NAMING = ("operator_no", "login", "name")
"""Fields by which something new is known to people, in the order of saying them."""


def _new_named(one: OfficeAct, form: dict[str, str]) -> str:
    """What is new, as its page says it: what it was named."""
    return " ".join(filter(None, (form.get(field, "").strip() for field in NAMING if field in one.fields)))


async def _done(visit: Visit, one: OfficeAct, form: dict[str, str], merchant_no: str, done: Done) -> Response[Any]:
    secret = done.shown.reveal() if done.shown is not None else ""
    if one.shown == "link" and secret:
        secret = invitation_path(secret)
    address = secret
    if one.shown == "code" and done.shown is not None:
        account = f"{merchant_no}-{form.get('operator_no', '')}"
        address = otpauth_uri(done.shown, issuer=ISSUER, account=account, code_digits=done.code_digits).reveal()
    picture = segno.make(address, error="m", micro=False).matrix if one.shown in ("code", "badge") and secret else ()
    about_said, _ = await _named(visit, one, form.get("merchant", ""), form)
    return visit.page(
        "act_done.html",
        called=one.called.of(visit.lang),
        about=about_said or _new_named(one, form),
        place=_place(one),
        shown=one.shown if secret else "",
        proposal=proposal_path(waits.merchant_no, waits.proposal_no) if (waits := done.proposed) is not None else "",
        secret=secret,
        picture=picture,
        back=_back(one, form.get("merchant", ""), form),
    )


async def _named(visit: Visit, one: OfficeAct, merchant_no: str, given: Mapping[str, str]) -> tuple[str, str]:
    """What the act is done to, and in which shop, each by number and name."""
    number = given.get(ABOUT[one.about], "") if ABOUT[one.about] else ""

    def ask(queries: Queries) -> tuple[str, str]:
        here = PlaceFilter(merchant_no=MerchantNo(merchant_no), limit=ROWS_MAX)
        names: dict[str, str] = {}
        match one.about:
            case "operator":
                names = {row.operator_no: row.name for row in queries.list_operators(here)}
            case "terminal":
                names = {row.terminal_no: row.place for row in queries.list_terminals(here)}
            case "person":
                names = {row.login: row.name for row in queries.list_people(PlaceFilter(limit=ROWS_MAX))}
        shops = {row.merchant_no: row.name for row in queries.list_merchants(here)}
        return numbered(number, names.get(number, "")), numbered(merchant_no, shops.get(MerchantNo(merchant_no), ""))

    about, shop = await visit.desk.read(ask)
    return about, visit.word("act.everywhere") if merchant_no == WHOLE_HOST else shop


def numbered(number: str, name: str) -> str:
    """`01 · 王芳`; what has no name is its number."""
    return f"{number} · {name}" if name else number


def _place(one: OfficeAct) -> str:
    """The line of the menu to which an act belongs."""
    homes = {"message": "/webhooks", "shop": f"/{one.area}"}
    return homes.get(one.about, "/people" if one.about == "person" else f"/{one.about}s")


def choices_of(visit: Visit, name: str, merchant_no: str) -> list[tuple[str, str]]:
    """All that a field may be, where that is a few words; empty where it is typed."""
    match name:
        case "role":
            side = "acquirer" if merchant_no == WHOLE_HOST else "shop"
            return [(role, row.of(visit.lang)) for role, row in ROLES.items() if row.side == side]
        case "profile":
            return [(profile, profile) for profile in PROFILES]
        case "kind":
            return [(kind, row.of(visit.lang)) for kind, row in PAYMENTS.items()]
        case "is_used":
            return [("true", visit.word("act.yes")), ("false", visit.word("act.no"))]
        case _:
            return []


def _back(one: OfficeAct, merchant_no: str, given: dict[str, str]) -> str:
    """The page of what it is done to."""
    match one.about:
        case "operator":
            return inside(operator_path(merchant_no, given.get("operator_no", "")))
        case "terminal":
            return inside(terminal_path(merchant_no, given.get("terminal_no", "")))
        case "person":
            return "/people"
        case "token":
            return "/tokens"
        case "webhook":
            return inside(webhook_path(merchant_no, given.get("webhook_no", "")))
        case "export":
            return "/exports"
        case "message":
            return inside(message_path(given.get("shop_no", "") or merchant_no, given.get("message_id", "")))
        case _:
            return f"/{one.area}" if one.area in ("operators", "people", "tokens", "webhooks") else "/policy"


def act_link(one: OfficeAct, merchant_no: str, about: str = "", given: Mapping[str, str] = MappingProxyType({})) -> str:
    """The address of an act's form for this thing; `given`: what its fields begin with, as far as it has them."""
    name = ABOUT[one.about]
    begun = {field: text for field, text in given.items() if field.partition(".")[0] in one.fields}
    return f"{one.path}?{urlencode({'merchant': merchant_no, **({name: about} if name else {}), **begun})}"


def done_at_once(visit: Visit, about: str, merchant_no: str, key: str) -> list[tuple[str, str, dict[str, str]]]:
    """What this visitor may do to that thing by one button: what it is called, where it is sent, and what is sent."""
    return [
        (one.called.of(visit.lang), one.path, {"merchant": merchant_no, ABOUT[one.about]: key})
        for one in OFFICE_ACTS.values()
        if one.is_at_once and one.about == about and visit.may(one.area, "do", merchant_no)
    ]


def acts_on(
    visit: Visit,
    about: str,
    merchant_no: str,
    key: str,
    *,
    areas: Collection[str] = (),
    given: Mapping[str, str] = MappingProxyType({}),
    without: Collection[str] = (),
) -> list[tuple[str, str, bool]]:
    """What this visitor may do to that thing (in these areas, or any): what it is called, where its form is, whether it is dangerous."""
    return [
        (one.called.of(visit.lang), act_link(one, merchant_no, key, given), one.is_dangerous)
        for one in OFFICE_ACTS.values()
        if merchant_no
        and one.about == about
        and not one.is_at_once
        and one.name not in without
        and (not areas or one.area in areas)
        and visit.may(one.area, "do", merchant_no)
    ]


ROUTES = tuple(
    route
    for one in OFFICE_ACTS.values()
    for route in (
        Route("GET", one.path, Right(one.area, "do"), form_of(one)),
        Route("POST", one.path, Right(one.area, "do"), doing(one)),
    )
)
