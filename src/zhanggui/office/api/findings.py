"""Findings by REST: the list, one of them, and saying what it was."""

from http import HTTPStatus
from typing import Any, Literal

import msgspec
from litestar import Response

from ...acquirer.findings.finding import Finding
from ...acquirer.findings.settling import SETTLE_FINDING, Settled
from ...basics.numbers import MerchantNo
from ...host.act_table import SETTLE_FINDING_ACT
from ...views.findings import FindingRow, finding_key, finding_row
from ...views.listing import iso
from ...views.questions.wrong import AskedWrong
from ..found import STANDINGS, Found, looked_into, read_found
from ..routes import Right
from .acts import done_once, given_in, wrong_values
from .call import Call
from .lists import LOOKED
from .outcomes import Done
from .problems import API_WORDS
from .routes import ApiRoute, Noted, Operation, Parameter

SHOW, SHOP = "show", "shop"
ROWS_MAX = 200
"""Findings of one answer, the newest: more than anybody looks into in a day."""
ONE = "/findings/{merchant_no:str}/{finding_key:str}"


class LookedInto(msgspec.Struct, frozen=True, kw_only=True):
    """Who looked into it, and what it was."""

    outcome: str
    by: str
    reason: str
    at: str | None


class FoundRow(msgspec.Struct, frozen=True, kw_only=True):
    """One finding, what names it in an address, and who looked into it; None: nobody yet."""

    merchant_no: str
    finding_key: str
    finding: FindingRow
    settled: LookedInto | None


class FoundPage(msgspec.Struct, frozen=True, kw_only=True):
    """The newest findings, when they were reckoned, and whether there are more."""

    rows: list[FoundRow]
    found: str | None
    has_more: bool


class WhatItWas(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody found out about a finding, and why he or she says so."""

    outcome: Literal["harmless", "acted", "mistaken"]
    reason: str = ""


def row_of(finding: Finding, by: Settled | None) -> FoundRow:
    """A finding as programs have it."""
    settled = None if by is None else LookedInto(outcome=by.outcome, by=by.by, reason=by.reason, at=iso(by.made_ms))
    return FoundRow(
        merchant_no=finding.subject.merchant_no,
        finding_key=finding_key(finding),
        finding=finding_row(finding),
        settled=settled,
    )


async def show(call: Call) -> Response[Any]:
    """The list."""
    try:
        standing, shop = _asked(call)
    except AskedWrong as wrong:
        return call.wrong(wrong)
    found = await _read(call)
    rows = [row_of(*one) for one in found.standing(standing) if not shop or one[0].subject.merchant_no == shop]
    page = FoundPage(rows=rows[:ROWS_MAX], found=iso(found.findings.at), has_more=len(rows) > ROWS_MAX)
    return call.json(page)


def _asked(call: Call) -> tuple[str, str]:
    query = call.query
    for name in query.keys() - {SHOW, SHOP}:
        raise AskedWrong(name, "unknown", choices=f"{SHOP}, {SHOW}")
    standing = query.get(SHOW, STANDINGS[0])
    if standing not in STANDINGS:
        raise AskedWrong(SHOW, "choice", choices=", ".join(STANDINGS))
    return standing, query.get(SHOP, "")


async def one(call: Call) -> Response[Any]:
    """One finding."""
    found = await _one(call)
    return call.json(row_of(*found)) if found is not None else call.problem("not_found")


async def settle(call: Call) -> Response[Any]:
    """Say what it was: once, under the key that it came with."""
    given = await given_in(call, WhatItWas)
    if isinstance(given, Response):
        return given
    wrong = tuple(wrong_values(call.lang, given, asks_reason=True))
    if wrong:
        return call.problem("wrong_field", detail=wrong[0].detail, errors=wrong)
    found = await _one(call)
    if found is None or not call.holder.may("findings", "do", found[0].subject.merchant_no):
        return call.problem("not_found")
    merchant_no = MerchantNo(found[0].subject.merchant_no)
    return await done_once(call, SETTLE_FINDING_ACT, looked_into(found[0], given.outcome), merchant_no, given.reason)


async def _read(call: Call) -> Found:
    return await read_found(call.desk, call.shop)


async def _one(call: Call) -> tuple[Finding, Settled | None] | None:
    merchant_no, key = call.part("merchant_no"), call.part("finding_key")
    return (await _read(call)).one(merchant_no, key) if merchant_no and key else None


ROUTES = (
    ApiRoute(
        method="GET",
        path="/findings",
        right=Right("findings"),
        note=LOOKED,
        operation=Operation(
            name="findings",
            said=API_WORDS["findings.list"],
            group="findings",
            parameters=(
                Parameter(name=SHOW, said=API_WORDS["parameter.show"], choices=STANDINGS, example="open", is_one=True),
                Parameter(name=SHOP, said=API_WORDS["parameter.shop"]),
            ),
            answers=((HTTPStatus.OK, FoundPage),),
        ),
        answer=show,
    ),
    ApiRoute(
        method="GET",
        path=ONE,
        right=Right("findings"),
        note=LOOKED,
        operation=Operation(
            name="finding", said=API_WORDS["findings.one"], group="findings", answers=((HTTPStatus.OK, FoundRow),)
        ),
        answer=one,
    ),
    ApiRoute(
        method="POST",
        path=f"{ONE}/settle",
        right=Right("findings", "do"),
        note=Noted(SETTLE_FINDING),
        operation=Operation(
            name="settle_finding",
            said=API_WORDS["findings.settle"],
            group="findings",
            body=WhatItWas,
            answers=((HTTPStatus.OK, Done),),
        ),
        answer=settle,
    ),
)
