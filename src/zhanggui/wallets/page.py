"""The wallet page: a phone of a simulated customer. `GET /w/BRAND/CUSTOMER` shows it, small posts do what a thumb would."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any, TypeVar, get_args

import msgspec
import segno
import structlog
from litestar import Request, Response, get, post
from litestar.exceptions import HTTPException, NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from ..basics.bad_json import BAD_JSON
from ..basics.chance import Chance
from ..basics.clock import Clock, format_time
from ..basics.money import AMOUNT_FEN_MAX, format_yuan, parse_yuan
from ..basics.secret import Secret
from ..basics.spans import DAY_MS
from ..basics.words import Lang, load_words
from ..cup.brands import BRANDS, BrandName
from ..web.guards import same_origin
from ..web.languages import lang_of, wordings
from ..web.pages import Templates
from .books import Behaviour, Customer, Order, Rows
from .brands import new_code
from .customers import CUSTOMERS, PASSWORD
from .paying import lapsed, show_code
from .phone_acts import SCANNED_MAX, Seen, confirm, pay_shop, refuse
from .store import WalletsFile

WORDS = load_words(__package__, "words.toml")
RECORDS_SHOWN = 10
BODY_BYTES_MAX = 65_536
BEHAVIOURS: tuple[Behaviour, ...] = get_args(Behaviour)
_log = structlog.get_logger("zhanggui.wallets")


class AnswerMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The customer answers what a shop asks."""

    merchant_no: Annotated[str, msgspec.Meta(max_length=15)]
    order_no: Annotated[str, msgspec.Meta(max_length=32)]
    password: Annotated[str, msgspec.Meta(max_length=12)]
    yes: bool

    def __repr__(self) -> str:
        return "AnswerMessage(••••)"


class ScanMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The customer read a shop's code; `pays`: and pays it."""

    text: Annotated[str, msgspec.Meta(max_length=SCANNED_MAX)]
    amount: Annotated[str, msgspec.Meta(max_length=16)]
    password: Annotated[str, msgspec.Meta(max_length=12)]
    pays: bool

    def __repr__(self) -> str:
        return "ScanMessage(••••)"


class BehaviourMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the wallet is to behave."""

    behaviour: Behaviour


class ShownCode(msgspec.Struct, frozen=True):
    """A code on the phone: digits and rows of its picture."""

    digits: str
    rows: tuple[str, ...]
    left_s: int


class ShownOrder(msgspec.Struct, frozen=True):
    """An order as the phone shows it."""

    merchant_no: str
    order_no: str
    shop: str
    amount: str
    state: str
    time: str
    asks: bool


class Now(msgspec.Struct, frozen=True):
    """What the phone shows now."""

    balance: str
    orders: tuple[ShownOrder, ...]


class Told(msgspec.Struct, frozen=True):
    """What became of an act, in words."""

    outcome: str
    what: str
    shop: str
    amount: str


M = TypeVar("M")


class WalletPage:
    """The routes of the page over one file."""

    def __init__(self, file: WalletsFile, clock: Clock, chance: Chance) -> None:
        self._file, self._clock, self._chance = file, clock, chance
        self._templates = Templates(__package__)

    def error_page(self, status: int) -> str:
        """The page that a status shows."""
        return self._templates.text("error.html", words=WORDS, status=status)

    def routes(self) -> list[HTTPRouteHandler]:
        """All routes."""
        posts: dict[str, Callable[[Request[Any, Any, Any], BrandName, Customer, bytes], object]] = {
            "code": self._code,
            "answer": self._answer,
            "scan": self._scan,
            "behaviour": self._behaviour,
        }

        @get("/")
        async def phones(request: Request[Any, Any, Any]) -> Response[str]:
            lang = lang_of(request)
            return self._templates.answer("phones.html", lang=lang, words=_words(lang), brands=_brands(lang))

        @get("/w/{brand:str}/{customer:str}")
        async def phone(
            request: Request[Any, Any, Any], brand: FromPath[str], customer: FromPath[str]
        ) -> Response[str]:
            one, owner = self._customer(brand, customer)
            lang = lang_of(request)
            return self._templates.answer(
                "phone.html",
                lang=lang,
                words=_words(lang),
                brand=one,
                brand_name=BRANDS[one].of(lang),
                person=CUSTOMERS[owner.customer_no].of(lang),
                customer=owner,
                balance=format_yuan(owner.balance_fen),
                scanned=request.query_params.get("scan", "")[:SCANNED_MAX],
                behaviours=[(key, WORDS[f"behaviour.{key}"].of(lang)) for key in BEHAVIOURS],
            )

        @get("/w/{brand:str}/{customer:str}/now")
        async def now(
            request: Request[Any, Any, Any], brand: FromPath[str], customer: FromPath[str]
        ) -> Response[bytes]:
            return _json(self._now(*self._customer(brand, customer), lang_of(request)))

        @post("/w/{brand:str}/{customer:str}/{act:str}", status_code=HTTPStatus.OK)
        async def act(
            request: Request[Any, Any, Any], brand: FromPath[str], customer: FromPath[str], act: FromPath[str]
        ) -> Response[bytes]:
            if not same_origin(request.headers):
                raise HTTPException(status_code=HTTPStatus.FORBIDDEN, detail="asked by a page of another origin")
            one, owner = self._customer(brand, customer)
            do = posts.get(act)
            if do is None:
                raise NotFoundException(detail="no such act")
            return _json(do(request, one, owner, await request.body()))

        @get("/q/{token:str}")
        async def shop_code(request: Request[Any, Any, Any]) -> Response[str]:
            """A phone's camera opens the link of a shop's code: whose phone is it?"""
            lang, path = lang_of(request), request.url.path
            brands = [row for row in _brands(lang) if row[0] in self._brands_of(path)]
            if not brands:
                raise NotFoundException(detail="no shop's code")
            return self._templates.answer("phones.html", lang=lang, words=_words(lang), brands=brands, scanned=path)

        @get("/favicon.ico")
        async def icon() -> Redirect:
            return Redirect("/static/seal.svg")

        return [phones, phone, now, act, shop_code, icon]

    # ── acts ─────────────────────────────────────────────────────────────────

    def _code(self, request: Request[Any, Any, Any], brand: BrandName, owner: Customer, body: bytes) -> ShownCode:
        code, now = new_code(brand, self._chance), self._clock.now()
        with self._file.writing() as rows:
            left_s = show_code(rows, owner, code, now)
            rows.forget_codes(now - DAY_MS)  # type: ignore[arg-type]  # an instant less a length of time
        picture = segno.make_qr(code, error="m")
        lines = tuple("".join("1" if module else "0" for module in row) for row in picture.matrix)
        return ShownCode(code, lines, left_s)

    def _answer(self, request: Request[Any, Any, Any], brand: BrandName, owner: Customer, body: bytes) -> Told:
        typed = _read(body, AnswerMessage)

        def do(rows: Rows, customer: Customer) -> Seen:
            now = self._clock.now()
            if not typed.yes:
                return refuse(rows, customer, typed.merchant_no, typed.order_no, now)
            return confirm(rows, customer, typed.merchant_no, typed.order_no, Secret(typed.password), now)

        return self._told(request, owner, do)

    def _scan(self, request: Request[Any, Any, Any], brand: BrandName, owner: Customer, body: bytes) -> Told:
        typed = _read(body, ScanMessage)
        try:
            amount_fen = parse_yuan(typed.amount) if typed.amount.strip() else 0
        except ValueError:
            amount_fen = 0

        def do(rows: Rows, customer: Customer) -> Seen:
            password = Secret(typed.password) if typed.pays else None
            amount = min(max(amount_fen, 0), AMOUNT_FEN_MAX)
            return pay_shop(rows, customer, typed.text, amount, password, self._clock.now())

        return self._told(request, owner, do)

    def _behaviour(self, request: Request[Any, Any, Any], brand: BrandName, owner: Customer, body: bytes) -> Now:
        wanted = _read(body, BehaviourMessage).behaviour
        with self._file.writing() as rows:
            known = rows.customer(brand, owner.customer_no) or owner
            rows.put(msgspec.structs.replace(known, behaviour=wanted))
        _log.info("wallet_behaviour", brand=brand, customer=owner.customer_no, behaviour=wanted)
        return self._now(*self._customer(brand, owner.customer_no), lang_of(request))

    def _told(self, request: Request[Any, Any, Any], owner: Customer, do: Callable[[Rows, Customer], Seen]) -> Told:
        with self._file.writing() as rows:
            seen = do(rows, rows.customer(owner.brand, owner.customer_no) or owner)
        _log.info("wallet_page", brand=owner.brand, customer=owner.customer_no, outcome=seen.outcome)
        what = WORDS[f"outcome.{seen.outcome}"].of(lang_of(request))
        return Told(seen.outcome, what, seen.shop, format_yuan(seen.amount_fen) if seen.amount_fen else "")

    def _now(self, brand: BrandName, owner: Customer, lang: Lang) -> Now:
        with self._file.writing() as rows:
            orders = [
                lapsed(rows, one, self._clock.now()) for one in rows.orders_of(brand, owner.customer_no, RECORDS_SHOWN)
            ]
        return Now(format_yuan(owner.balance_fen), tuple(_shown(one, lang) for one in orders))

    # ── looking things up ────────────────────────────────────────────────────

    def _customer(self, brand: str, customer_no: str) -> tuple[BrandName, Customer]:
        one = next((each for each in BRANDS if each == brand), None)
        owner = None if one is None else self._file.reading.customer(one, customer_no)
        if one is None or owner is None:
            raise NotFoundException(detail="no such phone")
        return one, owner

    def _brands_of(self, path: str) -> tuple[str, ...]:
        order = self._file.reading.order_of_link(path.removeprefix("/q/"))
        return () if order is None else (order.brand,)


def _shown(order: Order, lang: Lang) -> ShownOrder:
    state = "returned" if order.returned_fen and order.state != "paid" else order.state
    return ShownOrder(
        order.merchant_no,
        order.order_no,
        order.shop or order.merchant_no,
        format_yuan(order.amount_fen),
        WORDS[f"state.{state}"].of(lang),
        format_time(order.paid_ms or order.asked_ms),
        order.state == "waiting",
    )


def _brands(lang: Lang) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Each brand with its phones."""
    people = [(number, row.of(lang)) for number, row in CUSTOMERS.items()]
    return [(brand, BRANDS[brand].of(lang), people) for brand in BRANDS]


def _words(lang: Lang) -> dict[str, str]:
    words = wordings(WORDS, lang)
    words["password_is"] = WORDS["password_is"].fill(lang, password=PASSWORD)
    return words


def _read(body: bytes, kind: type[M]) -> M:
    try:
        return msgspec.json.decode(body, type=kind)
    except BAD_JSON:
        raise HTTPException(status_code=HTTPStatus.BAD_REQUEST, detail="no such message") from None


def _json(value: object) -> Response[bytes]:
    return Response(msgspec.json.encode(value), media_type="application/json")
