"""`openapi.json`: each route once, each shape with an example that is of this shape, and a page that draws all of it."""

from typing import Any

import msgspec
import pytest

from zhanggui.office.api.openapi import api_document
from zhanggui.office.api.problems import STATUS
from zhanggui.office.api.routes import ApiRoute
from zhanggui.office.api.table import ROUTES
from zhanggui.office.routes import Everybody

TOLD = api_document()
OPERATIONS = {one["operationId"]: one for methods in TOLD["paths"].values() for one in methods.values()}


def examples_of(route: ApiRoute) -> list[tuple[type, Any]]:
    """The shapes of a route, each with its example."""
    told = OPERATIONS[route.operation.name]
    found = [
        (shape, told["responses"][str(int(status))]["content"]["application/json"]["example"])
        for status, shape in route.operation.answers
        if shape is not None
    ]
    if route.operation.body is not None:
        found.append((route.operation.body, told["requestBody"]["content"]["application/json"]["example"]))
    return found


def names_of(value: Any) -> set[str]:
    """Names of fields whose example is an empty text."""
    if isinstance(value, dict):
        return {key for key, one in value.items() if one == ""}.union(*map(names_of, value.values()))
    return set().union(*map(names_of, value)) if isinstance(value, list) else set()


def test_each_route_stands_there_once() -> None:
    assert sorted(OPERATIONS) == sorted(route.operation.name for route in ROUTES)
    assert TOLD["openapi"].startswith("3.1")
    assert len({(route.method, route.path) for route in ROUTES}) == len(ROUTES)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation.name)
def test_an_example_is_of_its_shape_and_says_something(route: ApiRoute) -> None:
    for shape, example in examples_of(route):
        msgspec.convert(example, shape)
        assert names_of(example) == set(), "give these names an example in examples.toml"


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation.name)
def test_a_route_says_its_right_its_note_and_what_can_go_wrong(route: ApiRoute) -> None:
    told = OPERATIONS[route.operation.name]
    statuses = {int(status) for status in told["responses"]}
    if isinstance(route.right, Everybody):
        assert route.right.why in told["description"]
    else:
        assert f"`{route.right.area}:{route.right.what}`" in told["description"]
        assert {401, 403, 429, 503} <= statuses
    assert "note" in told["description"]
    if route.method == "POST":
        with_body = {409, 413, 415} if route.operation.body is not None else set()
        assert {400, 404, 422} | with_body <= statuses
        has_key = any(one["name"] == "Idempotency-Key" and one["required"] for one in told["parameters"])
        assert has_key is (route.operation.body is not None)
    assert statuses <= {200, 202, *(status.value for status in STATUS.values())}


def test_whatever_is_referred_to_is_there() -> None:
    text = msgspec.json.encode(TOLD).decode()
    wanted = {part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert wanted <= set(TOLD["components"]["schemas"])
