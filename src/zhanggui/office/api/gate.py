"""What each request of a program passes: its token, its rate, its right. A route behind it knows that whoever comes may.

Cookies count for nothing here, and no other origin is let in: a page can't send the token that it does not have (OWASP ASVS 5.0, 3.5).
"""

import hashlib
import math
from collections.abc import Collection
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from ...acquirer.people.rights import why_not
from ...basics.errors import Fault
from ...basics.recent import Recent
from ...basics.secret import Secret
from ...basics.words import Lang
from ...host.tokens import Holder
from ...host.window.asking import HostAway, OutcomeUnknown
from ...web.languages import lang_of_header
from ..desk import OfficeDesk
from ..routes import Everybody, Method
from .at_work import AtWork
from .call import Call
from .problems import API_WORDS, Kind, problem, problem_of_status
from .rates import AT_ONCE, PER_MINUTE, STRANGERS_PER_MINUTE, AtOnce, Bucket
from .routes import BASE, ApiRoute

TOKEN_CHARACTERS_MAX = 128
AGAIN_S = 1.0
"""After which a token may ask again that has as much under way as it may."""
BEARER = "bearer "
MARKS_KEPT = 4_096
CHALLENGE = 'Bearer realm="zhanggui"'


class ApiGate:
    """Makes the handlers of these routes."""

    def __init__(self, desk: OfficeDesk, routes: Collection[ApiRoute]) -> None:
        self._desk = desk
        self._routes = tuple(routes)
        self._buckets: dict[Method, Bucket] = {
            method: Bucket(desk.clock, per_minute) for method, per_minute in PER_MINUTE.items()
        }
        self._strangers = Bucket(desk.clock, STRANGERS_PER_MINUTE)
        self._good: Recent[bytes, bool] = Recent(MARKS_KEPT)
        """Hashes of tokens that were worth something, by whether they were when they came last."""
        self._at_once = AtOnce(AT_ONCE)
        self._at_work = AtWork()

    def handlers(self) -> list[HTTPRouteHandler]:
        """One handler a route."""
        return [self._handler(route) for route in self._routes]

    def _handler(self, route: ApiRoute) -> HTTPRouteHandler:
        async def answer(request: Request[Any, Any, Any]) -> Response[Any]:
            return await self._answer(route, request)

        made = get(BASE + route.path) if route.method == "GET" else post(BASE + route.path)
        return made(answer)

    async def _answer(self, route: ApiRoute, request: Request[Any, Any, Any]) -> Response[Any]:
        lang = lang_of_header(request)
        try:
            if isinstance(route.right, Everybody) and not route.right.signed_in:
                return await route.answer(self._call(request, lang, None))
            text = _token_of(request)
            holder = await self._holder(request, text, lang)
            if isinstance(holder, Response):
                return holder
            late_s = self._buckets[route.method].take(holder.token.token_id)
            if late_s > 0:
                return _too_many(lang, late_s)
            refused = _no_right(route, holder, lang)
            if refused is not None:
                return refused
            with self._at_once.begin(holder.token.token_id) as has_room:
                if not has_room:
                    return _too_many(lang, AGAIN_S)
                return await route.answer(self._call(request, lang, holder, text))
        except HostAway:
            return problem("host_away", lang)
        except OutcomeUnknown:
            return problem("outcome_unknown", lang)
        except Fault:
            # Whatever it was, nothing was done: an act is written whole or not at all.
            return problem("not_answered", lang)

    def _call(self, request: Request[Any, Any, Any], lang: Lang, known: Holder | None, text: str = "") -> Call:
        return Call(request=request, lang=lang, desk=self._desk, known=known, token=Secret(text), at_work=self._at_work)

    async def _holder(self, request: Request[Any, Any, Any], text: str, lang: Lang) -> Holder | Response[Any]:
        """Whose token came with it, or why nobody's."""
        if not text:
            return _no_token("no_token", lang, CHALLENGE)
        address = request.client.host if request.client is not None else ""
        # Counted before it is looked up, or many at once would all be; a token that was good here lately goes past strangers
        # behind the same address, who would shut out the programs of a whole shop.
        mark = hashlib.sha256(text.encode()).digest()
        if (is_new := not self._good.get(mark)) and (late_s := self._strangers.take(address)) > 0:
            return _too_many(lang, late_s)
        holder = await self._desk.tokens.holder(Secret(text)) if len(text) <= TOKEN_CHARACTERS_MAX else None
        if is_new and holder is not None:
            self._strangers.give_back(address)
        if not is_new or holder is not None:
            self._good.put(mark, holder is not None)
        return holder or _no_token("token_worthless", lang, f'{CHALLENGE}, error="invalid_token"')


def _token_of(request: Request[Any, Any, Any]) -> str:
    said = request.headers.get("authorization", "")
    return said[len(BEARER) :].strip() if said[: len(BEARER)].lower() == BEARER else ""


def api_error(request: Request[Any, Any, Any], status: int, allow: str) -> Response[Any] | None:
    """The answer where no route of the interface came to answer; None for what is none of its addresses."""
    if not request.url.path.startswith("/api/"):
        return None
    return problem_of_status(status, lang_of_header(request), {"Allow": allow} if allow else {})


def _no_token(kind: Kind, lang: Lang, asked: str) -> Response[Any]:
    return problem(kind, lang, headers={"WWW-Authenticate": asked})


def _too_many(lang: Lang, late_s: float) -> Response[Any]:
    seconds = math.ceil(late_s)
    detail = API_WORDS["problem.too_many.detail"].fill(lang, seconds=seconds)
    return problem("too_many", lang, detail=detail, headers={"Retry-After": str(seconds)})


def _no_right(route: ApiRoute, holder: Holder, lang: Lang) -> Response[Any] | None:
    right = route.right
    if isinstance(right, Everybody) or holder.may(right.area, right.what):
        return None
    scope = f"{right.area}:{right.what}"
    if scope not in holder.token.scopes.split():
        return problem("no_right", lang, detail=API_WORDS["problem.no_scope"].fill(lang, scope=scope))
    return problem("no_right", lang, detail=why_not(holder.person, right.area, right.what, lang))
