"""What every request of the office passes: its language, where it comes from, whose session it is, and whether this person may.

A page behind this gate knows that its visitor has the right of its route. Forms are taken from pages of this very host alone, with
the token of their session (OWASP ASVS 5.0, 3.5.1): either would do, and neither is sent by every browser.
"""

import hmac
import re
from collections.abc import Collection, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler

from ..acquirer.people.rights import ROLES, may, why_not
from ..basics.errors import Fault
from ..basics.secret import Secret
from ..basics.words import Lang
from ..host.people import Who
from ..web.guards import same_origin
from ..web.languages import LANG_COOKIE, OTHER, SECURE_LANG_COOKIE, lang_of, wordings
from ..web.pages import Templates
from .desk import OfficeDesk
from .menu import menu_of, place_of
from .routes import Everybody, Route
from .visit import TOKEN, Visit, see_other
from .words import OFFICE_WORDS

SESSION_COOKIE = "zhanggui_office"
SECURE_SESSION_COOKIE = "__Host-zhanggui_office"
"""Where pages are served encrypted: the browser keeps such a name to this host and to the encrypted way (RFC 6265bis, 4.1.3.2)."""
COOKIE_CHARACTERS_MAX = 128
FORM_FIELDS_MAX = 200
FORM_BYTES_MAX = 65_536
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""All but what a text of several lines has."""
LANG_S = 365 * 24 * 3600
SIGN_IN_PATH, SECOND_FACTOR_PATH = "/sign-in", "/second-factor"


def is_typed(text: str) -> bool:
    """Whether a keyboard can have typed it."""
    return _CONTROL.search(text) is None


class Gate:
    """Makes the handlers of these routes."""

    def __init__(
        self, desk: OfficeDesk, templates: Templates, routes: Collection[Route], *, secure: bool = False
    ) -> None:
        self._desk = desk
        self._routes = tuple(routes)
        self._served = frozenset(route.path for route in routes)
        self._templates = templates
        self._secure = secure
        self._cookie = SECURE_SESSION_COOKIE if secure else SESSION_COOKIE

    def handlers(self) -> list[HTTPRouteHandler]:
        """One handler a route."""
        return [self._handler(route) for route in self._routes]

    def error_page(self, status: int, lang: Lang = "zh") -> str:
        """The page of a status, for whoever it is: it knows nobody."""
        known = f"error.{status}"
        key = known if known in OFFICE_WORDS else "error.other"
        return self._templates.text(
            "error.html",
            lang=lang,
            words=wordings(OFFICE_WORDS, lang),
            **self._frame(None, "", lang, []),
            title=OFFICE_WORDS[key].of(lang),
            what_to_do=OFFICE_WORDS[f"{key}.do"].of(lang),
            code=str(status),
        )

    def _handler(self, route: Route) -> HTTPRouteHandler:
        async def answer(request: Request[Any, Any, Any]) -> Response[Any]:
            return await self._answer(route, request)

        if route.method == "GET":
            return get(route.path)(answer)
        return post(route.path, status_code=HTTPStatus.OK)(answer)

    async def _answer(self, route: Route, request: Request[Any, Any, Any]) -> Response[Any]:
        lang = lang_of(request)
        form = await _form(request) if route.method == "POST" else {}
        cookie = Secret(request.cookies.get(self._cookie, "")[:COOKIE_CHARACTERS_MAX])
        try:
            who = await self._desk.people.who(cookie) if cookie.reveal() else None
        except Fault as error:
            return self._visit(request, lang, None, cookie, form).broke(error)
        visit = self._visit(request, lang, who, cookie, form)
        answer = self._refusal(route, visit) or await _served(route, visit)
        if request.query_params.get("lang") in OTHER:
            name = SECURE_LANG_COOKIE if self._secure else LANG_COOKIE
            answer.set_cookie(
                Cookie(name, value=lang, max_age=LANG_S, samesite="lax", secure=self._secure, httponly=True)
            )
        return answer

    def _visit(
        self, request: Request[Any, Any, Any], lang: Lang, who: Who | None, cookie: Secret, form: Mapping[str, str]
    ) -> Visit:
        query = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
        frame = self._frame(who, request.url.path, lang, query)
        if who is not None:
            frame["form_token"] = self._desk.mark(cookie)
        return Visit(
            request=request,
            lang=lang,
            desk=self._desk,
            templates=self._templates,
            who=who,
            session_id=cookie,
            frame=frame,
            form=form,
            session_cookie=self._cookie,
            is_secure=self._secure,
        )

    def _frame(self, who: Who | None, path: str, lang: Lang, query: list[tuple[str, Any]]) -> dict[str, Any]:
        is_in = who is not None and who.session.step == "full"
        return {
            "person": who.person if who is not None else None,
            "role": ROLES[who.person.role].of(lang) if who is not None else "",
            "menu": menu_of(who.person, lang, self._served) if who is not None and is_in else (),
            "place": place_of(path),
            "form_token": "",
            "reads_only": self._desk.reads_only(),
            "other_language": "?" + urlencode([*query, ("lang", OTHER[lang])]),
        }

    def _refusal(self, route: Route, visit: Visit) -> Response[Any] | None:
        """Why this request is not served; None where it is."""
        right, who = route.right, visit.who
        if isinstance(right, Everybody) and not right.signed_in:
            return None
        if who is None:
            if route.method == "POST":
                return visit.refuse(HTTPStatus.UNAUTHORIZED)
            return see_other(f"{SIGN_IN_PATH}?{urlencode({'to': _place_asked(visit)})}")
        if route.method == "POST" and not hmac.compare_digest(visit.form.get(TOKEN, ""), visit.frame["form_token"]):
            return visit.refuse(HTTPStatus.FORBIDDEN)
        if isinstance(right, Everybody):
            return None
        if who.session.step != "full":
            return see_other(SECOND_FACTOR_PATH)
        if not may(who.person, right.area, right.what, who.person.shop_no or None):
            return visit.no_right(why_not(who.person, right.area, right.what, visit.lang))
        return None


def _place_asked(visit: Visit) -> str:
    """The path with its question, so that a link leads to the same rows after the sign-in."""
    question = urlencode(visit.query)
    return f"{visit.request.url.path}?{question}" if question else visit.request.url.path


async def _served(route: Route, visit: Visit) -> Response[Any]:
    try:
        return await route.answer(visit)
    except Fault as error:
        return visit.broke(error)


async def _form(request: Request[Any, Any, Any]) -> dict[str, str]:
    """What a form of this very host sent; of a name that stands there twice, the last."""
    if not same_origin(request.headers):
        raise HTTPException(status_code=HTTPStatus.FORBIDDEN, detail="sent by a page of another origin")
    body = await request.body()
    try:
        form = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=FORM_FIELDS_MAX, errors="strict"))
    except ValueError:
        raise HTTPException(status_code=HTTPStatus.BAD_REQUEST, detail="no form") from None
    if not all(is_typed(text) for pair in form.items() for text in pair):
        # A database may take no NUL in text, and would refuse with it all that is decided in the same batch.
        raise HTTPException(status_code=HTTPStatus.BAD_REQUEST, detail="control characters in a form")
    return form
