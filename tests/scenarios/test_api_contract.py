"""Whatever a program sends, as `openapi.json` says and otherwise, is answered as it says: no failure, no status, no shape of its own."""

from collections import Counter
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import given, settings
from hypothesis.strategies import just, sampled_from, sets
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.worlds.house import House
from tests.worlds.office import SHOP
from tests.worlds.program import ALL_SHOPS, Program, token_for

from zhanggui.acquirer.people.rights import AREAS
from zhanggui.office.api import gate
from zhanggui.office.api.routes import BASE
from zhanggui.office.api.table import ROUTES

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = {GenerationMode.POSITIVE: 8, GenerationMode.NEGATIVE: 4}
"""Calls of each address, as it says and otherwise."""
CALLS_MIN = 500
AIMED = {
    "merchant_no": SHOP,
    "operator_no": "01",
    "terminal_no": "10000001",
    "login": "demo.manager",
    "rule": "idle_lock_s",
    "kind": "sale",
    "reason": "测试",
}
"""What leads a body past the first look, into the rules."""
EVERYTHING = " ".join(
    f"{area}:{what}"
    for area, row in AREAS.items()
    for what in ("view", "do")
    if "admin" in getattr(row, what) and not (what == "do" and row.by_program == "never")
)


@pytest.mark.timeout(400)
def test_every_address_keeps_its_contract_whatever_is_sent(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "PER_MINUTE", {"GET": 1_000_000, "POST": 1_000_000})
    address = house.serve_office().rstrip("/") + BASE
    token = token_for(house, "demo.admin", EVERYTHING, ALL_SHOPS)
    with Program(address.removesuffix(BASE), token) as program:
        told = program.get("/openapi.json").json()
    operations = [cast(Any, found).ok() for found in schemathesis.openapi.from_dict(told).get_all_operations()]
    assert len(operations) == len(ROUTES)
    statuses: Counter[tuple[GenerationMode, int]] = Counter()
    for operation in operations:
        for mode, examples in EXAMPLES.items():
            if mode is GenerationMode.NEGATIVE and "parameters" not in operation.definition.raw:
                # Nothing can be said to it otherwise.
                continue

            @settings(max_examples=examples, database=None)
            @given(
                case=operation.as_strategy(generation_mode=mode),
                mode=just(mode),
                aimed=sets(sampled_from(sorted(AIMED))),
            )
            def call(case: "schemathesis.Case[Any]", mode: GenerationMode, aimed: set[str]) -> None:
                if mode is GenerationMode.POSITIVE and isinstance(case.body, dict):
                    case.body |= {"merchant_no": SHOP, "reason": "测试"} | {
                        name: AIMED[name] for name in aimed if name in case.body
                    }
                answer = case.call(base_url=address, headers={"Authorization": f"Bearer {token}"})
                statuses[mode, answer.status_code] += 1
                case.validate_response(answer, checks=CHECKS)

            call()
    assert statuses.total() >= CALLS_MIN
    said = {status for mode, status in statuses if mode is GenerationMode.POSITIVE}
    assert {200, 422} <= said
    assert 401 not in said, "what is sent otherwise may lack the token; what is sent as it says has it"
    with Program(address.removesuffix(BASE), token) as program:
        assert program.get("/token").status_code == 200
