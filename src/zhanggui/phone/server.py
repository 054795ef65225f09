"""The page of a code: `GET` shows which terminal it is for, `POST` answers it. Serving it, beside the page of slips."""

import asyncio
import hashlib
from collections.abc import Callable, Collection
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.app import Litestar
from litestar.datastructures import Cookie
from litestar.exceptions import HTTPException, NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from ..basics.bad_json import BAD_JSON
from ..basics.chance import Chance
from ..basics.clock import format_time
from ..basics.secret import Secret
from ..basics.visible import is_harmless
from ..cup.values.phone import PHONE_PATH, PhoneCode, read_code
from ..cup.values.user_name import is_login
from ..web.guards import same_origin
from ..web.languages import lang_of, wordings
from ..web.pages import Templates, build_app
from ..web.serving import Tls, names_of, serve
from .desk import PhoneDesk, SlipDesk
from .said import WORDS, Said, said_of
from .slips import slip_route

COOKIE = "zhanggui_phone"
SECURE_COOKIE = "__Secure-zhanggui_phone"
"""Where the page comes encrypted: the browser takes and gives such a name in no other way (RFC 6265bis, 4.1.3.1)."""
COOKIE_S = 600
"""A code lives for a minute; whoever was slow and scans the next one may be the same phone."""
COOKIE_BYTES = 16
COOKIE_CHARACTERS_MAX = 64
BODY_BYTES_MAX = 1024
LOGIN_MAX, PASSWORD_MAX = 32, 12
PLACES = "/{merchant:str}/{terminal:str}/{code:str}"


class AnswerMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the page sends."""

    login: Annotated[str, msgspec.Meta(min_length=1, max_length=LOGIN_MAX)]
    password: Annotated[str, msgspec.Meta(max_length=PASSWORD_MAX)]

    def __repr__(self) -> str:
        return "AnswerMessage(••••)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("login", "••••"), ("password", "••••")]


def build_phone_page(
    desk: PhoneDesk, slips: SlipDesk, chance: Chance, *, hosts: Collection[str] = (), secure: bool = False
) -> Litestar:
    """The application. `hosts` are names under which it may be opened; `secure`: it is served encrypted."""
    templates = Templates(__package__)
    routes = [
        _look_route(desk, templates, chance, secure=secure),
        _answer_route(desk, secure=secure),
        slip_route(slips, templates),
    ]
    return build_app(
        __package__,
        routes,
        error_page=lambda status: templates.text("error.html", words=WORDS, status=status),
        hosts=hosts,
        body_bytes_max=BODY_BYTES_MAX,
    )


async def serve_phone_page(
    desk: PhoneDesk,
    slips: SlipDesk,
    chance: Chance,
    host: str,
    port: int,
    *,
    hosts: Collection[str] = (),
    ready: Callable[[str], None] | None = None,
    stop: asyncio.Event | None = None,
    tls: Tls | None = None,
) -> None:
    """Serve the pages until cancelled or until `stop` is set. CannotListen when the address or port can't be had."""
    app = build_phone_page(desk, slips, chance, hosts=(*names_of(host), *hosts), secure=tls is not None)
    await serve(app, host, port, message_bytes_max=BODY_BYTES_MAX, ready=ready, stop=stop, tls=tls)


def _look_route(desk: PhoneDesk, templates: Templates, chance: Chance, *, secure: bool) -> HTTPRouteHandler:
    """`GET /P/…`: where and what, and a form; or why the code is closed, and nothing of the terminal."""

    @get(PHONE_PATH + PLACES)
    async def look(
        request: Request[Any, Any, Any], merchant: FromPath[str], terminal: FromPath[str], code: FromPath[str]
    ) -> Response[str]:
        token = _token(request, secure=secure)
        cookies = []
        if not token:
            token = chance.take_secret(COOKIE_BYTES).hex()
            cookies = [
                Cookie(
                    key=SECURE_COOKIE if secure else COOKIE,
                    value=token,
                    max_age=COOKIE_S,
                    secure=secure,
                    httponly=True,
                    samesite="strict",
                    path=PHONE_PATH,
                )
            ]
        reply = await desk.look(_code(merchant, terminal, code), _mark(token))
        lang, place = lang_of(request), reply.place
        page = templates.answer(
            "code.html",
            lang=lang,
            words=wordings(WORDS, lang),
            place=place,
            time=format_time(place.host_clock) if place is not None else "",
            left=WORDS["left"].fill(lang, s=place.left_s) if place is not None else "",
            said=said_of(reply, lang),
        )
        page.cookies = cookies
        page.status_code = HTTPStatus.OK if place is not None else HTTPStatus.GONE
        return page

    return look


def _answer_route(desk: PhoneDesk, *, secure: bool) -> HTTPRouteHandler:
    """`POST /P/…`: number or user name, and password."""

    @post(PHONE_PATH + PLACES, status_code=HTTPStatus.OK)
    async def answer(
        request: Request[Any, Any, Any], merchant: FromPath[str], terminal: FromPath[str], code: FromPath[str]
    ) -> Response[bytes]:
        if not same_origin(request.headers):
            raise HTTPException(status_code=HTTPStatus.FORBIDDEN, detail="asked by a page of another origin")
        token = _token(request, secure=secure)
        if not token:
            raise HTTPException(status_code=HTTPStatus.FORBIDDEN, detail="the page was not opened here")
        try:
            typed = msgspec.json.decode(await request.body(), type=AnswerMessage)
        except BAD_JSON:
            raise HTTPException(status_code=HTTPStatus.BAD_REQUEST, detail="no answer") from None
        login = typed.login.strip()
        if not login or not is_harmless(login):
            raise HTTPException(status_code=HTTPStatus.BAD_REQUEST, detail="no name that a record could hold")
        if not is_login(login):
            # A password or a card number in the wrong field must not stand in a record: nothing is asked, and nothing kept.
            lang = lang_of(request)
            no_login = Said("again", WORDS["no_login"].of(lang), WORDS["no_login.do"].of(lang))
            return Response(msgspec.json.encode(no_login), media_type="application/json")
        reply = await desk.answer(_code(merchant, terminal, code), _mark(token), login, Secret(typed.password))
        said = msgspec.json.encode(said_of(reply, lang_of(request)))
        return Response(said, media_type="application/json")

    return answer


def _code(merchant: str, terminal: str, text: str) -> PhoneCode:
    code = read_code(merchant, terminal, text)
    if code is None:
        raise NotFoundException(detail="no code")
    return code


def _token(request: Request[Any, Any, Any], *, secure: bool) -> str:
    """What tells this phone from another one; empty where it has nothing yet."""
    return request.cookies.get(SECURE_COOKIE if secure else COOKIE, "")[:COOKIE_CHARACTERS_MAX]


def _mark(token: str) -> str:
    """What is kept of it; it is long and random, so one hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
