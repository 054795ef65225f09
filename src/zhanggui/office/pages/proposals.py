"""What one proposed and another confirms, declines, or the first takes back: the page of a proposal, and the word about it."""

from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Response

from ...acquirer.people.rights import PERSON
from ...basics.bad_json import BAD_JSON
from ...basics.errors import Misuse
from ...basics.numbers import MerchantNo, whole_number
from ...host.deciding import What
from ...store.queries import Queries
from ...views.proposals import PROPOSALS, ProposalRow
from ...views.questions.reading import Reading
from ...views.questions.wrong import AskedWrong
from ..acts import OFFICE_ACTS
from ..links import invitation_path
from ..lists import list_of
from ..routes import Answer, Right, Route
from ..shown import facts_of
from ..visit import Visit
from ..words import OFFICE_WORDS

SHOWN_APART = ("act", "asked", "reason")
"""Columns that stand above the facts."""


async def show(visit: Visit) -> Response[Any]:
    """One proposal, with what may be said about it."""
    return await _page(visit)


def deciding(what: What) -> Answer:
    """Says one word about it. Whether this person may is the rule's to say: nobody confirms what he or she proposed."""

    async def decide(visit: Visit) -> Response[Any]:
        key = _key(visit)
        if key is None:
            return visit.refuse(HTTPStatus.NOT_FOUND)
        try:
            decided = await visit.desk.acting.decide(visit.proof, what, *key)
        except Misuse as error:
            return await _page(visit, refused=str(error))
        if decided.reason:
            return await _page(visit, refused=visit.why_not(decided.reason))
        secret = decided.shown.reveal() if decided.shown is not None else ""
        return await _page(visit, done=visit.word(f"proposal.{what}.done"), secret=secret)

    return decide


async def _page(visit: Visit, *, refused: str = "", done: str = "", secret: str = "") -> Response[Any]:
    key = _key(visit)
    if key is None:
        return visit.refuse(HTTPStatus.NOT_FOUND)
    now = visit.desk.clock.now()

    def ask(queries: Queries) -> list[ProposalRow]:
        reading = Reading(queries, now)
        asked = list_of("proposals").asked
        question = asked.ask({"shop": key[0], "proposal": str(key[1])}, reading, visit.shop)
        return asked.page(question, reading, visit.desk.seal, limit=1).rows

    try:
        rows = await visit.desk.read(ask)
    except AskedWrong:
        rows = []
    if not rows:
        return visit.refuse(HTTPStatus.NOT_FOUND)
    (row,) = rows
    is_mine = row.made_by == f"{PERSON}{visit.person.login}"
    known = OFFICE_ACTS.get(row.act)
    return visit.page(
        "proposal.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK,
        row=row,
        path=visit.request.url.path.removesuffix("/confirm").removesuffix("/decline").removesuffix("/withdraw"),
        called=known.called.of(visit.lang) if known is not None else row.act,
        asked=_values(visit, row),
        facts=[
            (head, cell)
            for head, cell in facts_of(PROPOSALS, row, visit.lang)
            if head not in {PROPOSALS.head(name, visit.lang) for name in SHOWN_APART}
        ],
        is_open=row.state == "open",
        is_mine=is_mine,
        refused=refused,
        done=done,
        shown=known.shown if known is not None and secret else "",
        secret=invitation_path(secret) if known is not None and known.shown == "link" else secret,
    )


def _values(visit: Visit, row: ProposalRow) -> list[tuple[str, str]]:
    """The act's values, one a line."""
    try:
        values = msgspec.json.decode(row.asked)
    except BAD_JSON:
        return []
    return [
        (visit.word(key) if (key := f"act.field.{name}") in OFFICE_WORDS else name, str(value))
        for name, value in values.items()
        if value not in (None, "")
    ]


def _key(visit: Visit) -> tuple[MerchantNo, int] | None:
    merchant_no, number = visit.part("merchant"), whole_number(visit.part("number"))
    if number is None or not visit.may("proposals", "view", merchant_no):
        return None
    return MerchantNo(merchant_no), number


ROUTES = (
    Route("GET", "/proposals/{merchant:str}/{number:str}", Right("proposals"), show),
    *(
        Route("POST", f"/proposals/{{merchant:str}}/{{number:str}}/{what}", Right("proposals"), deciding(what))
        for what in ("confirm", "decline", "withdraw")
    ),
)
