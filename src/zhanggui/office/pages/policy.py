"""A shop's policy: each rule with its value, what it may be, its clause, and who changed it; setting one is an act."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from litestar import Response

from ...acquirer.policy.report import RuleRow, report
from ...acquirer.rows.records import Merchant
from ...basics.numbers import MerchantNo
from ...store.queries import ROWS_MAX, PlaceFilter, Queries
from ...views.policy import PolicyShown, bounds_shown, policy_title, value_shown
from ..acts import OFFICE_ACTS
from ..routes import Right, Route
from ..visit import Visit
from .acts import acts_on

SET_POLICY = "set_policy"
"""The word of its notes."""


async def shops(visit: Visit) -> Response[Any]:
    """The shops whose policy may be seen; whoever has one sees that."""
    if visit.shop is not None:
        return visit.go_to(f"/policy/{visit.shop}")
    found = await visit.desk.read(lambda queries: queries.list_merchants(PlaceFilter(limit=ROWS_MAX)))
    return visit.page(
        "shops.html",
        title=visit.word("menu.policy"),
        shops=[(f"/policy/{shop.merchant_no}", shop.merchant_no, shop.name, shop.policy) for shop in found],
    )


async def show(visit: Visit) -> Response[Any]:
    """One shop's policy."""
    merchant_no = MerchantNo(visit.part("merchant"))
    if not visit.may("policy", "view", merchant_no):
        return visit.refuse(HTTPStatus.NOT_FOUND)

    def ask(queries: Queries) -> list[Merchant]:
        return queries.list_merchants(PlaceFilter(merchant_no=merchant_no))

    found = await visit.desk.read(ask)
    if not found:
        return visit.refuse(HTTPStatus.NOT_FOUND)
    (shop,) = found
    rules = report(shop.policy, shop.policy_overrides)
    shown = PolicyShown(profile=shop.policy, merchant_no=shop.merchant_no, rules=rules)
    may_set = visit.may("policy", "do", merchant_no)
    return visit.page(
        "policy.html",
        title=policy_title(shown, visit.lang),
        shop=shop.name,
        rules=[_rule(visit, merchant_no, row, may_set=may_set) for row in rules],
        acts=acts_on(visit, "shop", merchant_no, "", areas=("policy",)),
        notes=f"/audit?{urlencode({'shop': merchant_no, 'action': SET_POLICY})}"
        if visit.may("audit", "view", merchant_no)
        else "",
    )


def _rule(visit: Visit, merchant_no: str, row: RuleRow, *, may_set: bool) -> dict[str, Any]:
    is_set_here = may_set and not row.fixed
    query = {"merchant": merchant_no, "rule": row.rule, "value": str(row.value)}
    return {
        "rule": row.rule,
        "said": row.zh if visit.lang == "zh" else row.en,
        "value": value_shown(row, visit.lang),
        "bounds": bounds_shown(row, visit.lang),
        "clause": row.clause,
        "overridden": row.overridden,
        "change": f"{OFFICE_ACTS['set_rule'].path}?{urlencode(query)}" if is_set_here else "",
    }


ROUTES = (
    Route("GET", "/policy", Right("policy"), shops),
    Route("GET", "/policy/{merchant:str}", Right("policy"), show),
)
