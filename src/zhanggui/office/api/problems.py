"""Every answer that is none: a problem (RFC 9457) with what was wrong, where, and what to do next, in the language that was asked for."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, get_args

import msgspec

from ...basics.words import Lang, Word, load_words

if TYPE_CHECKING:
    from litestar import Response

JSON, PROBLEM_JSON = "application/json", "application/problem+json"
Kind = Literal[
    "bad_json",
    "failed",
    "host_away",
    "key_in_use",
    "key_of_another_request",
    "key_missing",
    "media_type",
    "method",
    "no_right",
    "no_token",
    "not_answered",
    "not_found",
    "not_understood",
    "outcome_unknown",
    "refused",
    "token_worthless",
    "too_large",
    "too_many",
    "wrong_field",
    "wrong_host",
    "wrong_question",
]
STATUS: Mapping[Kind, HTTPStatus] = MappingProxyType(
    {
        "bad_json": HTTPStatus.BAD_REQUEST,
        "failed": HTTPStatus.INTERNAL_SERVER_ERROR,
        "host_away": HTTPStatus.SERVICE_UNAVAILABLE,
        "key_in_use": HTTPStatus.CONFLICT,
        "key_of_another_request": HTTPStatus.UNPROCESSABLE_ENTITY,
        "key_missing": HTTPStatus.BAD_REQUEST,
        "media_type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "method": HTTPStatus.METHOD_NOT_ALLOWED,
        "no_right": HTTPStatus.FORBIDDEN,
        "no_token": HTTPStatus.UNAUTHORIZED,
        "not_answered": HTTPStatus.SERVICE_UNAVAILABLE,
        "not_found": HTTPStatus.NOT_FOUND,
        "not_understood": HTTPStatus.BAD_REQUEST,
        "outcome_unknown": HTTPStatus.GATEWAY_TIMEOUT,
        "refused": HTTPStatus.UNPROCESSABLE_ENTITY,
        "token_worthless": HTTPStatus.UNAUTHORIZED,
        "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "too_many": HTTPStatus.TOO_MANY_REQUESTS,
        "wrong_field": HTTPStatus.UNPROCESSABLE_ENTITY,
        "wrong_host": HTTPStatus.MISDIRECTED_REQUEST,
        "wrong_question": HTTPStatus.BAD_REQUEST,
    }
)
KINDS: tuple[Kind, ...] = get_args(Kind)
OF_STATUS: Mapping[int, Kind] = MappingProxyType(
    {
        HTTPStatus.NOT_FOUND: "not_found",
        HTTPStatus.METHOD_NOT_ALLOWED: "method",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
        HTTPStatus.MISDIRECTED_REQUEST: "wrong_host",
    }
)
"""What the framework refuses by itself."""
API_WORDS: Mapping[str, Word] = load_words(__package__, "words.toml")
PAGE = "/api/v1/docs"
"""Where kinds of problems are explained."""


class FieldError(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is wrong with one field: in the body by its JSON Pointer (RFC 6901), in the address by its name."""

    detail: str
    pointer: str = ""
    parameter: str = ""


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A problem as it is sent. `next` says what to do; `reason` is the word of a rule that refused."""

    type: str
    title: str
    status: int
    detail: str = ""
    next: str = ""
    reason: str = ""
    errors: tuple[FieldError, ...] = ()


def problem(
    kind: Kind,
    lang: Lang,
    *,
    detail: str = "",
    errors: tuple[FieldError, ...] = (),
    reason: str = "",
    next: str = "",
    headers: Mapping[str, str] = MappingProxyType({}),
) -> "Response[bytes]":
    """The answer for this kind of problem."""
    from litestar import Response

    spoken = {"Content-Language": lang, "Vary": "Accept-Language", **headers}
    body = problem_body(kind, lang, detail=detail, errors=errors, reason=reason, next=next)
    return Response(body, status_code=STATUS[kind], media_type=PROBLEM_JSON, headers=spoken)


def problem_body(
    kind: Kind, lang: Lang, *, detail: str = "", errors: tuple[FieldError, ...] = (), reason: str = "", next: str = ""
) -> bytes:
    """What is said of it, for whoever has no page to answer with as well."""
    title = API_WORDS[f"problem.{kind}"].of(lang)
    said = Problem(
        type=f"{PAGE}#problem-{kind}",
        title=title,
        status=STATUS[kind],
        detail=detail or title,
        next=next or API_WORDS[f"problem.{kind}.do"].of(lang),
        reason=reason,
        errors=errors,
    )
    return msgspec.json.encode(said)


def problem_of_status(status: int, lang: Lang, headers: Mapping[str, str]) -> "Response[bytes]":
    """The answer where the framework refused, or something broke."""
    kind: Kind = "failed" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else OF_STATUS.get(status, "not_understood")
    return problem(kind, lang, headers=headers)
