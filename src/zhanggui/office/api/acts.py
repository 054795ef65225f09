"""The office's acts by POST: the same rows of the table, by the right of whose token it is, each done once under the key that it came with.

An act that needs two becomes a proposal, as everywhere; another person confirms it in the office. A program confirms nothing: what
two persons decide is decided by persons.
"""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Response

from ...acquirer.people.proposals import is_reason
from ...basics.bad_json import BAD_JSON
from ...basics.errors import Misuse, certain
from ...basics.numbers import MerchantNo
from ...basics.secret import Secret
from ...basics.words import Lang, Word
from ...host.acts import ActRow
from ...host.window.window import MAY_BE_PLAIN, Request
from ..acts import OFFICE_ACTS, OfficeAct
from ..gate import is_typed
from ..routes import Right
from .call import Call
from .outcomes import Done
from .problems import API_WORDS, JSON, PROBLEM_JSON, FieldError
from .routes import ApiRoute, Noted, Operation

KEY_HEADER = "idempotency-key"
_KEY = re.compile(r"[!-~]{1,255}")
_PLACE = re.compile(r"`\$(?P<path>[^`]*)`")
_NAMED = re.compile(r"field `(?P<name>[^`]*)`")
WHOLE_NUMBER_MAX = 2**53 - 1
"""What every reader of JSON takes exactly (RFC 8259, 6)."""
OF_PEOPLE_ALONE = frozenset({"add_token", "rotate_token", "revoke_token"})
"""Acts on tokens: no token makes another, nor ends one."""


def body_of(one: OfficeAct) -> type[msgspec.Struct]:
    """What its body is: the act's own values, the shop, and why."""
    own = msgspec.structs.fields(one.row.asked)
    fields: list[Any] = [
        (field.name, field.type)
        if field.required
        else (field.name, field.type, field.default if field.default is not msgspec.NODEFAULT else None)
        for field in own
        if field.name != MAY_BE_PLAIN
    ]
    fields += [("merchant_no", str, ""), ("reason", str, "")]
    return msgspec.defstruct(
        "".join(part.capitalize() for part in one.name.split("_")), fields, kw_only=True, forbid_unknown_fields=True
    )


def route_of(one: OfficeAct) -> ApiRoute:
    """The route of one act."""
    shape: Any = body_of(one)

    async def do(call: Call) -> Response[Any]:
        given = await given_in(call, shape)
        if isinstance(given, Response):
            return given
        merchant_no = MerchantNo(given.merchant_no or call.shop or "")
        wrong = (*wrong_values(call.lang, given, asks_reason=one.asks_reason), *_wrong_shop(call.lang, merchant_no))
        if wrong:
            return call.problem("wrong_field", detail=wrong[0].detail, errors=wrong)
        if not call.holder.may(one.area, "do", merchant_no):
            return call.problem("not_found")
        values = {name: getattr(given, name) for name in one.row.asked.__struct_fields__ if name != MAY_BE_PLAIN}
        return await done_once(call, one.row, one.row.asked(**values), merchant_no, given.reason)

    called = one.called
    return ApiRoute(
        method="POST",
        path=f"/acts/{one.name}",
        right=Right(one.area, "do"),
        note=Noted(one.row.capability),
        operation=Operation(
            name=one.name,
            said=Word(zh=called.zh, en=called.en),
            group=one.area,
            body=shape,
            answers=((HTTPStatus.OK, Done), (HTTPStatus.ACCEPTED, Done)),
        ),
        answer=do,
    )


async def given_in(call: Call, shape: Any) -> Any:
    """The body of a request that comes with its key, or why it can't be read."""
    if _KEY.fullmatch(call.request.headers.get(KEY_HEADER, "")) is None:
        return call.problem("key_missing")
    if call.request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        return call.problem("media_type")
    return _read(call, await call.request.body(), shape)


async def done_once(
    call: Call, row: ActRow[Any], asked: msgspec.Struct, merchant_no: MerchantNo, reason: str
) -> Response[Any]:
    """Do an act, unless it is being done or was."""
    key, raw = call.request.headers[KEY_HEADER], await call.request.body()
    request = Request(Secret(key), call.lang, "POST", call.request.url.path, raw)
    with call.at_work.begin(call.holder.token.token_id, key) as is_free:
        if not is_free:
            return call.problem("key_in_use")
        try:
            done = await call.desk.acting.once(call.proof, row, asked, merchant_no, reason, request)
        except Misuse as error:
            return call.problem("wrong_field", detail=str(error))
    if done.is_nobody:
        return call.problem("token_worthless")
    if done.is_of_another:
        return call.problem("key_of_another_request")
    said = certain(done.said, "an act that was done has an answer")
    answer = Response(said.body, status_code=said.status, media_type=JSON if said.status < 300 else PROBLEM_JSON)
    if done.is_again:
        answer.headers["Idempotency-Replayed"] = "true"
    return answer


def _read(call: Call, raw: bytes, shape: Any) -> Any:
    """The body, or why it can't be read."""
    try:
        return msgspec.json.decode(raw, type=shape)
    except msgspec.ValidationError as error:
        field = FieldError(pointer=pointer_of(str(error)), detail=_what(str(error), call.lang))
        return call.problem("wrong_field", detail=field.detail, errors=(field,))
    except BAD_JSON:
        return call.problem("bad_json")


def pointer_of(error: str) -> str:
    """Where a body is wrong, as a JSON Pointer, of what the library says.

    >>> pointer_of("Expected `str`, got `int` - at `$.slips[0].batch_no`")
    '/slips/0/batch_no'
    >>> pointer_of("Object missing required field `operator_no`")
    '/operator_no'
    """
    place, named = _PLACE.search(error), _NAMED.search(error)
    path = place["path"].replace("[", ".").replace("]", "") if place is not None else ""
    name = f".{named['name']}" if named is not None else ""
    return (path + name).replace("~", "~0").replace("/", "~1").replace(".", "/")


def _what(error: str, lang: Lang) -> str:
    what = "missing" if "missing required" in error else "unknown" if "unknown field" in error else "wrong"
    return API_WORDS[f"field.{what}"].of(lang)


def wrong_values(lang: Lang, given: msgspec.Struct, *, asks_reason: bool) -> Iterator[FieldError]:
    """What no rule should be asked about."""
    values = msgspec.to_builtins(given)
    for name, value in values.items():
        if isinstance(value, str) and not is_typed(value):
            yield FieldError(pointer=f"/{name}", detail=API_WORDS["field.unprintable"].of(lang))
        elif isinstance(value, int) and abs(value) > WHOLE_NUMBER_MAX:
            yield FieldError(pointer=f"/{name}", detail=API_WORDS["field.wrong"].of(lang))
    reason = values["reason"]
    if (asks_reason and not reason) or (reason and not is_reason(reason)):
        yield FieldError(pointer="/reason", detail=API_WORDS["field.reason_missing"].of(lang))


def _wrong_shop(lang: Lang, merchant_no: str) -> Iterator[FieldError]:
    if not merchant_no or len(merchant_no) > len("102100058120001"):
        yield FieldError(pointer="/merchant_no", detail=API_WORDS["field.merchant_missing"].of(lang))


ROUTES = tuple(route_of(one) for one in OFFICE_ACTS.values() if one.name not in OF_PEOPLE_ALONE)
