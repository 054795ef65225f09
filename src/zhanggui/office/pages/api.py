"""The page that draws `openapi.json` for people: what a program sends and gets, address by address. It works without script."""

from typing import Any

import msgspec
from litestar import Response

from ..api.openapi import api_document
from ..api.problems import API_WORDS, KINDS, STATUS
from ..api.rates import PER_MINUTE
from ..api.routes import BASE
from ..routes import Everybody, Route
from ..visit import Visit


async def show(visit: Visit) -> Response[Any]:
    """The whole interface."""
    told = api_document()
    words = {key: word.fill(visit.lang, **LIMITS) if key.startswith("page.") else "" for key, word in API_WORDS.items()}
    return visit.page(
        "api.html",
        api=words,
        base=BASE,
        version=told["info"]["version"],
        groups=_groups(told, visit.lang == "zh"),
        problems=[
            (kind, STATUS[kind].value, API_WORDS[f"problem.{kind}"].of(visit.lang), _to_do(kind, visit))
            for kind in sorted(KINDS, key=lambda one: (STATUS[one], one))
        ],
    )


LIMITS = {"gets": PER_MINUTE["GET"], "posts": PER_MINUTE["POST"]}


def _to_do(kind: str, visit: Visit) -> str:
    return API_WORDS[f"problem.{kind}.do"].of(visit.lang)


def _groups(told: dict[str, Any], is_chinese: bool) -> list[tuple[str, list[dict[str, Any]]]]:
    """The operations, those of one area together."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in told["paths"].items():
        for method, one in methods.items():
            groups.setdefault(one["tags"][0], []).append(_operation(path, method, one, is_chinese))
    return list(groups.items())


def _operation(path: str, method: str, one: dict[str, Any], is_chinese: bool) -> dict[str, Any]:
    body = one.get("requestBody", {}).get("content", {}).get("application/json", {})
    good = next(iter(one["responses"].values())).get("content", {}).get("application/json", {})
    return {
        "name": one["operationId"],
        "method": method.upper(),
        "path": path,
        "said": _half(one["summary"], is_chinese),
        "about": one["description"],
        "parameters": [
            {
                "name": parameter["name"],
                "place": parameter["in"],
                "said": _half(parameter.get("description", ""), is_chinese),
                "may_be": ", ".join(_choices(parameter["schema"])),
                "must": parameter.get("required", False),
            }
            for parameter in one.get("parameters", ())
        ],
        "body": _shown(body.get("example")),
        "answer": _shown(good.get("example")),
    }


def _choices(schema: dict[str, Any]) -> list[str]:
    return list(schema.get("enum") or schema.get("items", {}).get("enum") or ())


def _half(both: str, is_chinese: bool) -> str:
    """One language of a text that has both, Chinese first, a line between."""
    zh, _, en = both.partition("\n")
    return zh if is_chinese else en


def _shown(example: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(example)).decode() if example is not None else ""


ROUTES = (Route("GET", f"{BASE}/docs", Everybody("it tells what anybody may read in the source"), show),)
