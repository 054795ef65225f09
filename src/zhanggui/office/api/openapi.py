"""`openapi.json` (OpenAPI 3.1), made from the table of routes: what stands in it is served, and what is served stands in it."""

import re
from collections.abc import Collection, Mapping
from functools import cache
from http import HTTPStatus
from importlib import resources
from typing import Any

import msgspec
from litestar import Response

from ... import __version__
from ...basics.words import Word
from ..routes import Everybody
from .call import Call
from .problems import API_WORDS, JSON, PROBLEM_JSON, STATUS, Kind, Problem
from .routes import BASE, ApiRoute, Noted, NotNoted, Operation, Parameter

PATH = "/openapi.json"
_PART = re.compile(r"\{(\w+):str\}")
_REF = "#/components/schemas/{name}"
_ALWAYS: tuple[Kind, ...] = ("failed", "not_answered", "not_understood", "wrong_host")
_BY_TOKEN: tuple[Kind, ...] = ("no_token", "token_worthless", "too_many")
_OF_RIGHT: tuple[Kind, ...] = ("no_right",)
_OF_ACTS: tuple[Kind, ...] = (
    *("bad_json", "key_missing", "not_found", "key_in_use", "too_large", "media_type", "wrong_field"),
    *("refused", "key_of_another_request"),
)


def document(routes: Collection[ApiRoute]) -> dict[str, Any]:
    """The whole document."""
    shapes = {shape: None for route in routes for shape in _shapes(route.operation)}
    _, components = msgspec.json.schema_components([*shapes, Problem], ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(_plain(route.path), {})[route.method.lower()] = _operation(route, components)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": API_WORDS["page.title"].en,
            "version": __version__,
            "description": _both(API_WORDS["page.about"]),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": BASE}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": _both(API_WORDS["page.tokens"])}
            },
        },
    }


def _shapes(operation: Operation) -> list[type]:
    found = [shape for _, shape in operation.answers if shape is not None]
    return [*found, operation.body] if operation.body is not None else found


def _operation(route: ApiRoute, components: Mapping[str, Any]) -> dict[str, Any]:
    told = route.operation
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}, "example": example_of_name(name)}
        for name in _PART.findall(route.path)
    ]
    parameters += [_parameter(one) for one in told.parameters]
    made: dict[str, Any] = {
        "operationId": told.name,
        "summary": _both(told.said),
        "description": _rights(route),
        "tags": [told.group or "interface"],
    }
    if told.body is not None:
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": True,
                "description": _both(API_WORDS["problem.key_missing.do"]),
                "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
                "example": "5b1f0c7e-7f0a-4a0c-9c57-1d1b2f5f0a11",
            }
        )
        made["requestBody"] = {"required": True, "content": {"application/json": _content(told.body, components)}}
    if parameters:
        made["parameters"] = parameters
    if isinstance(route.right, Everybody) and not route.right.signed_in:
        made["security"] = []
    made["responses"] = _responses(route, components)
    return made


def _responses(route: ApiRoute, components: Mapping[str, Any]) -> dict[str, Any]:
    answers: dict[str, Any] = {
        str(status): {
            "description": HTTPStatus(status).phrase,
            "content": _contents(route.operation, shape, components),
        }
        for status, shape in route.operation.answers
    }
    kinds = [*_ALWAYS]
    if not (isinstance(route.right, Everybody) and not route.right.signed_in):
        kinds += _BY_TOKEN
    if not isinstance(route.right, Everybody):
        kinds += [*_OF_RIGHT, *(("wrong_question",) if route.operation.parameters else ())]
    if _PART.search(route.path):
        kinds.append("not_found")
    if route.operation.body is not None:
        kinds += _OF_ACTS
    if route.operation.refuses:
        kinds.append("refused")
    by_status: dict[HTTPStatus, list[str]] = {}
    for kind in sorted({*kinds}, key=lambda one: (STATUS[one], one)):
        by_status.setdefault(STATUS[kind], []).append(f"{kind}: {_both(API_WORDS[f'problem.{kind}'])}")
    for status, said in by_status.items():
        answers[str(status.value)] = {
            "description": "\n\n".join(said),
            "content": {PROBLEM_JSON: {"schema": {"$ref": _REF.format(name="Problem")}}},
        }
    return answers


def _contents(told: Operation, shape: type | None, components: Mapping[str, Any]) -> dict[str, Any]:
    if told.media_types:
        return {kind: {"schema": {"type": "string", "format": "binary"}} for kind in told.media_types}
    return {JSON: _content(shape, components) if shape is not None else {"schema": {"type": "object"}}}


def _parameter(one: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    told: dict[str, Any] = {"name": one.name, "in": "query", "description": _both(one.said)}
    if one.is_one or one.choices in (("yes", "no"), ("no", "yes")):
        schema["enum"] = list(one.choices)
    elif one.choices:
        schema = {"type": "array", "items": {"type": "string", "enum": list(one.choices)}}
        told |= {"style": "form", "explode": False}
    if one.example:
        told["example"] = one.example
    return told | {"schema": schema} | ({"required": True} if one.is_required else {})


def _content(shape: type, components: Mapping[str, Any]) -> dict[str, Any]:
    (schema,), _ = msgspec.json.schema_components([shape], ref_template=_REF)
    return {"schema": schema, "example": example_of(schema, components)}


def _rights(route: ApiRoute) -> str:
    right = route.right
    asked = right.why if isinstance(right, Everybody) else f"Needs `{right.area}:{right.what}`."
    match route.note:
        case Noted(action):
            return f"{asked} Leaves the audit note `{action}`."
        case NotNoted(why):
            return f"{asked} Leaves no audit note: {why}."


def _both(word: Word) -> str:
    return f"{word.zh}\n{word.en}"


def _plain(path: str) -> str:
    return _PART.sub(lambda found: "{" + found[1] + "}", path)


# ── examples ─────────────────────────────────────────────────────────────────


@cache
def _examples() -> Mapping[str, Any]:
    return msgspec.toml.decode(resources.files(__package__).joinpath("examples.toml").read_bytes(), type=dict[str, Any])


def example_of_name(name: str) -> Any:
    """What stands in examples for a field of this name."""
    return _examples().get(name, "")


def example_of(schema: Mapping[str, Any], components: Mapping[str, Any], name: str = "") -> Any:
    """An example of a schema: by the names of its fields, else the smallest that fits."""
    if "$ref" in schema:
        return example_of(components[schema["$ref"].rpartition("/")[2]], components, name)
    if "enum" in schema:
        known = example_of_name(name)
        return known if known and known in schema["enum"] else next(filter(None, schema["enum"]), "")
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], components, name)
    if schema.get("type") == "object" and "properties" in schema:
        return {key: example_of(one, components, key) for key, one in schema["properties"].items()}
    if schema.get("type") == "array":
        items = schema.get("items")
        return [example_of(items, components, name)] if items else []
    known = example_of_name(name)
    kinds = {"string": (str, ""), "integer": (int, 1), "number": (float, 0.5), "boolean": (bool, False)}
    wanted, least = kinds.get(str(schema.get("type")), (dict, {}))
    return known if type(known) is wanted and known != "" else least


async def show(call: Call) -> Response[Any]:
    """The document."""
    return call.json(api_document())


@cache
def api_document() -> dict[str, Any]:
    """The document of this program."""
    from .table import ROUTES

    return document(ROUTES)


ROUTES = (
    ApiRoute(
        method="GET",
        path=PATH,
        right=Everybody("it tells what anybody may read in the source"),
        note=NotNoted("it looks at no data"),
        operation=Operation(name="openapi", said=API_WORDS["page.openapi"], group="", answers=((HTTPStatus.OK, None),)),
        answer=show,
    ),
)
