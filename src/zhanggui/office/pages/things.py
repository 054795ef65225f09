"""The page of an operator, a terminal, a webhook: how it stands, what may be done to it, and what it did last."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from litestar import Response

from ...acquirer.rows.records import WHOLE_HOST
from ...store.queries import Queries
from ...views.questions.reading import Reading
from ...views.questions.wrong import AskedWrong
from ...views.webhooks import MessageWhole, read_message
from ..acts import OFFICE_ACTS
from ..links import webhook_path
from ..lists import OfficeList, list_of
from ..routes import Answer, Right, Route
from ..shown import facts_of
from ..visit import Visit
from .acts import acts_on, done_at_once
from .lists import heads_of, lines_of

LAST = 5
"""Rows of each list on the page."""


@dataclass(frozen=True, slots=True)
class Thing:
    """What has a page of its own: the list that it stands in, by which filter, and the lists of what it did."""

    list_name: str
    filter: str
    title: str
    """Word of the page."""
    did: tuple[str, ...]
    did_of: str = "shop"
    """The filter of those lists that names the shop."""
    lead: Callable[[Any], str] = lambda row: ""
    """What stands above its facts, whole."""
    about: Callable[[Any], Mapping[str, str]] = lambda row: {}
    """What a form of an act on it begins with."""
    not_now: Callable[[Any], Collection[str]] = lambda row: ()
    """Acts that would change nothing, as it stands."""


OPERATOR = Thing("operators", "operator", "thing.operator", ("sign_ins", "shifts", "payments"))


def _not_of_webhook(row: Any) -> Collection[str]:
    match row.state:
        case "active":
            return ("resume_webhook",)
        case "removed":
            return [one.name for one in OFFICE_ACTS.values() if one.about == "webhook"]
        case _:
            return "pause_webhook", "test_webhook"


WEBHOOK = Thing(
    "webhooks",
    "webhook",
    "thing.webhook",
    ("messages",),
    did_of="hears",
    lead=lambda row: str(row.address),
    not_now=_not_of_webhook,
    about=lambda row: {"address": row.address, **{f"events.{event}": "yes" for event in row.events}},
)
TERMINAL = Thing("terminals", "terminal", "thing.terminal", ("orders", "sign_ins", "payments", "batches"))


def page_of(thing: Thing) -> Answer:
    """The page of one."""
    home = list_of(thing.list_name)

    async def show(visit: Visit) -> Response[Any]:
        merchant_no, key = visit.part("merchant"), visit.part("key")
        if not visit.may(home.area, "view", merchant_no):
            return visit.refuse(HTTPStatus.NOT_FOUND)
        given, did_given = {"shop": merchant_no, thing.filter: key}, {thing.did_of: merchant_no, thing.filter: key}
        lists = [list_of(name) for name in thing.did if visit.may(list_of(name).area, "view", merchant_no)]
        try:
            row, did = await _read(visit, home, lists, given, did_given)
        except AskedWrong:
            return visit.refuse(HTTPStatus.NOT_FOUND)
        if row is None:
            return visit.refuse(HTTPStatus.NOT_FOUND)
        return visit.page(
            "thing.html",
            title=visit.word(thing.title, key=key),
            home=home.path,
            home_called=visit.word(f"list.{home.name}"),
            lead=thing.lead(row),
            facts=facts_of(home.asked.view, row, visit.lang),
            acts=acts_on(visit, thing.filter, merchant_no, key, given=thing.about(row), without=thing.not_now(row)),
            at_once=done_at_once(visit, thing.filter, merchant_no, key),
            did=did,
        )

    return show


async def _read(
    visit: Visit, home: OfficeList, lists: list[OfficeList], given: dict[str, str], did_given: dict[str, str]
) -> tuple[Any, list[dict[str, Any]]]:
    now = visit.desk.clock.now()

    def first(queries: Queries, one: OfficeList, asked: dict[str, str], limit: int) -> list[Any]:
        reading = Reading(queries, now)
        question = one.asked.ask(asked, reading, visit.shop)
        return one.asked.page(question, reading, visit.desk.seal, limit=limit).rows

    def ask(queries: Queries) -> tuple[Any, list[tuple[OfficeList, list[Any]]]]:
        rows = first(queries, home, given, 1)
        did = [(one, first(queries, one, did_given, LAST)) for one in lists] if rows else []
        return rows[0] if rows else None, did

    row, found = await visit.desk.read(ask)
    return row, [
        {
            "name": one.name,
            "called": visit.word(f"list.{one.name}"),
            "all": f"{one.path}?{urlencode(did_given)}",
            "heads": heads_of(one.asked.view, visit.lang),
            "lines": lines_of(one, rows, visit.lang),
        }
        for one, rows in found
    ]


def alone(list_name: str, filter: str, part: str, title: Callable[[Any], str]) -> Answer:
    """The page of what did nothing that stands in lists: somebody of the office, a token."""
    home = list_of(list_name)

    async def show(visit: Visit) -> Response[Any]:
        key, now = visit.part(part), visit.desk.clock.now()

        def ask(queries: Queries) -> list[Any]:
            reading = Reading(queries, now)
            question = home.asked.ask({filter: key}, reading, visit.shop)
            return home.asked.page(question, reading, visit.desk.seal, limit=1).rows

        try:
            rows = await visit.desk.read(ask)
        except AskedWrong:
            rows = []
        if not rows:
            return visit.refuse(HTTPStatus.NOT_FOUND)
        (row,) = rows
        return visit.page(
            "thing.html",
            title=title(row),
            home=home.path,
            home_called=visit.word(f"list.{home.name}"),
            lead="",
            facts=facts_of(home.asked.view, row, visit.lang),
            acts=acts_on(visit, part, row.merchant_no or WHOLE_HOST, key),
            at_once=(),
            did=(),
        )

    return show


async def message(visit: Visit) -> Response[Any]:
    """The page of a message to a webhook: what came of it, what it said, and sending it once more."""
    home, merchant_no, message_id = list_of("messages"), visit.part("merchant"), visit.part("message")
    if not visit.may(home.area, "view", merchant_no):
        return visit.refuse(HTTPStatus.NOT_FOUND)
    now = visit.desk.clock.now()

    def ask(queries: Queries) -> MessageWhole | None:
        return read_message(Reading(queries, now), merchant_no, message_id)

    found = await visit.desk.read(ask)
    if found is None or not visit.may(home.area, "view", found.webhook_merchant_no):
        return visit.refuse(HTTPStatus.NOT_FOUND)
    row, of = found.row, found.webhook_merchant_no
    about = {"webhook_no": str(row.webhook_no), "shop_no": row.merchant_no}
    return visit.page(
        "message.html",
        title=visit.word("thing.message"),
        webhook=webhook_path(of, str(row.webhook_no)),
        webhook_called=visit.word("thing.webhook", key=row.webhook_no),
        facts=facts_of(home.asked.view, row, visit.lang),
        acts=acts_on(visit, "message", of, row.message_id, given=about) if row.state != "queued" else [],
        body=found.body,
    )


ROUTES = (
    Route(
        "GET",
        "/people/{person:str}",
        Right("people"),
        alone("people", "login", "person", lambda row: f"{row.name} · {row.login}"),
    ),
    Route(
        "GET",
        "/tokens/{token:str}",
        Right("tokens"),
        alone("tokens", "token", "token", lambda row: f"{row.name} · {row.token_id}"),
    ),
    Route("GET", "/operators/{merchant:str}/{key:str}", Right("operators"), page_of(OPERATOR)),
    Route("GET", "/webhooks/{merchant:str}/{key:str}", Right("webhooks"), page_of(WEBHOOK)),
    Route("GET", "/messages/{merchant:str}/{message:str}", Right("webhooks"), message),
    Route("GET", "/terminals/{merchant:str}/{key:str}", Right("terminals"), page_of(TERMINAL)),
)
