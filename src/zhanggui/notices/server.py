"""`POST /notices/BRAND`: a wallet tells of a payment, signed as the host's own requests to it are; durable before it is answered.

    no proof, or a wrong one, or of another time ─▶ 401, and nothing about any payment
    no notice                                    ─▶ 400
    heard                                        ─▶ 200: taken · refused · contradicted
    the host could not write it                  ─▶ 503; the wallet tells it again

A notice that was caught and is sent again says what is known already, so no nonce is kept here.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any, Protocol

import msgspec
import structlog
from litestar import Request, Response, post
from litestar.app import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from ..acquirer.payments.roads.received import Received
from ..basics.clock import Clock
from ..basics.errors import Fault, RemoteProtocolError
from ..basics.numbers import MerchantNo, TerminalNo, UnixMs
from ..cup.brands import BRANDS, BrandName
from ..cup.wallets.messages import NoticeAnswer, NoticeHeard, WalletNotice, read_notice
from ..cup.wallets.signing import NONCE_HEADER, answer_headers, is_nonce, why_unproven
from ..vault.hsm import Hsm
from ..vault.keys import WalletKeyBlock
from ..web.pages import build_app
from ..web.serving import names_of, serve

BODY_BYTES_MAX = 4_096
_log = structlog.get_logger("zhanggui.notices")


class NoticeDesk(Protocol):
    """The host, as wallets see it."""

    async def hear(self, said: Received) -> NoticeHeard:
        """What the host makes of it; durable. Raises Fault when it could not be written."""
        ...


class NoticeDoor:
    """The route over one host. `key` is the one that host and wallets share."""

    def __init__(self, desk: NoticeDesk, hsm: Hsm, key: WalletKeyBlock, clock: Clock) -> None:
        self._desk, self._hsm, self._key, self._clock = desk, hsm, key, clock

    def route(self) -> HTTPRouteHandler:
        """The one route."""

        @post("/notices/{brand:str}", status_code=HTTPStatus.OK)
        async def notice(request: Request[Any, Any, Any], brand: FromPath[str]) -> Response[bytes]:
            return await self._hear(request, brand)

        return notice

    async def _hear(self, request: Request[Any, Any, Any], brand_name: str) -> Response[bytes]:
        brand = next((one for one in BRANDS if one == brand_name), None)
        if brand is None:
            return Response(b"", status_code=HTTPStatus.NOT_FOUND)
        body, nonce = await request.body(), request.headers.get(NONCE_HEADER, "")
        is_proven = partial(self._hsm.is_proven, self._key)
        why = why_unproven(request.url.path, request.headers, body, self._clock.now(), is_proven)
        if why:
            _log.warning("notice_refused", brand=brand, reason=why)
            return self._signed(HTTPStatus.UNAUTHORIZED, nonce if is_nonce(nonce) else "", b"")
        try:
            heard = await self._desk.hear(received_of(brand, read_notice(body)))
        except RemoteProtocolError as error:
            _log.warning("notice_refused", brand=brand, reason=str(error))
            return self._signed(HTTPStatus.BAD_REQUEST, nonce, b"")
        except Fault as error:
            _log.error("notice_not_written", brand=brand, reason=str(error))
            return self._signed(HTTPStatus.SERVICE_UNAVAILABLE, nonce, b"")
        return self._signed(HTTPStatus.OK, nonce, msgspec.json.encode(NoticeAnswer(heard=heard)))

    def _signed(self, status: int, nonce: str, body: bytes) -> Response[bytes]:
        headers = answer_headers(status, self._clock.now(), nonce, body, partial(self._hsm.prove, self._key))
        return Response(body, status_code=status, headers=headers, media_type="application/json")


def received_of(brand: BrandName, notice: WalletNotice) -> Received:
    """What a notice says, as the rules hear it."""
    return Received(
        merchant_no=MerchantNo(notice.merchant_no),
        terminal_no=TerminalNo(notice.counter),
        brand=brand,
        voucher=notice.wallet_no,
        amount_fen=notice.amount_fen,
        paid_ms=UnixMs(notice.paid_ms),
    )


def build_notices(door: NoticeDoor, host: str) -> Litestar:
    """The application."""
    return build_app(
        __package__,
        [door.route()],
        error_page=lambda status: "",
        hosts=names_of(host),
        body_bytes_max=BODY_BYTES_MAX,
    )


async def serve_notices(
    door: NoticeDoor, host: str, *, ready: Callable[[str], None] | None = None, stop: asyncio.Event | None = None
) -> None:
    """Serve on any free port until cancelled or until `stop` is set; `ready` hears the address."""
    await serve(build_notices(door, host), host, 0, message_bytes_max=BODY_BYTES_MAX, ready=ready, stop=stop)
