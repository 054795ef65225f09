"""The wallets' interface for a host: `POST /api/BRAND/OPERATION`, signed JSON both ways; durable before it is answered.

Who proves nothing gets no answer about any order: 401, signed as well, so that a host knows a wrong key from a broken line. A proof
that came before is refused, whatever it asks: its nonce is kept as long as its time counts.
"""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec.structs import replace

from ..basics.clock import Clock
from ..basics.errors import RemoteProtocolError
from ..basics.numbers import UnixMs
from ..basics.secret import mask_pan
from ..cup.brands import BRANDS, BrandName
from ..cup.wallets.messages import WalletRequest, read_request
from ..cup.wallets.signing import CLOCK_WINDOW_S, NONCE_HEADER, answer_headers, is_nonce, why_unproven
from ..vault.hsm import Hsm
from ..vault.keys import WalletKeyBlock
from .books import Rows
from .brands import BRAND_ROWS
from .paying import Done, offer, pay_by_code, query
from .store import WalletsFile
from .undoing import cancel, give_back, query_give_back, tell_bill

SLOW_ANSWER_S = 8.0
CODE_PATH = "/q/"
"""Where a phone finds the order of a shop's code, before its token (`page.py`)."""
SILENT_S = 60.0
"""A wallet that is silent keeps the line open for so long, as one that is busy with something else does."""
Handle = Callable[[Rows, BrandName, WalletRequest, UnixMs], Done]
_log = structlog.get_logger("zhanggui.wallets")


def handles_of(new_token: Callable[[], str]) -> Mapping[str, Handle]:
    """What each operation does. `new_token` makes what tells a shop's code of an order from others."""
    return {
        "pay": pay_by_code,
        "offer": lambda rows, brand, request, now: offer(rows, brand, request, new_token(), now),
        "query": query,
        "cancel": cancel,
        "refund": give_back,
        "refund_query": query_give_back,
        "bill": tell_bill,
    }


class WalletApi:
    """The interface over one file. `new_token` makes what tells a shop's code of an order from others; the code says
    its path at the address of this page, which the host knows."""

    def __init__(
        self,
        file: WalletsFile,
        hsm: Hsm,
        key: WalletKeyBlock,
        clock: Clock,
        new_token: Callable[[], str],
        *,
        slow_answer_s: float = SLOW_ANSWER_S,
        silent_s: float = SILENT_S,
    ) -> None:
        self._file, self._hsm, self._key, self._clock = file, hsm, key, clock
        self._slow_answer_s, self._silent_s = slow_answer_s, silent_s
        self._handles = handles_of(new_token)

    def route(self) -> HTTPRouteHandler:
        """The route of all operations."""

        @post("/api/{brand:str}/{operation:str}", status_code=HTTPStatus.OK)
        async def call(
            request: Request[Any, Any, Any], brand: FromPath[str], operation: FromPath[str]
        ) -> Response[bytes]:
            return await self._call(request, brand, operation)

        return call

    async def _call(self, request: Request[Any, Any, Any], brand_name: str, operation: str) -> Response[bytes]:
        brand = next((one for one in BRANDS if one == brand_name), None)
        handle = self._handles.get(operation)
        if brand is None or handle is None:
            return Response(b"", status_code=HTTPStatus.NOT_FOUND)
        row, now, body = BRAND_ROWS[brand], self._clock.now(), await request.body()
        nonce = request.headers.get(NONCE_HEADER, "")
        is_proven = partial(self._hsm.is_proven, self._key)
        why = why_unproven(request.url.path, request.headers, body, now, is_proven)
        if why:
            _log.warning("wallet_request_refused", brand=brand, operation=operation, reason=why)
            answer = msgspec.json.encode(row.answer("unproven", brand))
            return self._signed(HTTPStatus.UNAUTHORIZED, nonce if is_nonce(nonce) else "", answer)
        try:
            asked = read_request(body)
        except RemoteProtocolError as error:
            _log.warning("wallet_request_refused", brand=brand, operation=operation, reason=str(error))
            return self._signed(HTTPStatus.BAD_REQUEST, nonce, msgspec.json.encode(row.answer("malformed", brand)))
        with self._file.writing() as rows:
            is_new = rows.take_nonce(nonce, now, CLOCK_WINDOW_S * 1000)
            if is_new and asked.notices_to and asked.notices_to != rows.notices_to():
                rows.put_notices_to(asked.notices_to)
            done = handle(rows, brand, asked, now) if is_new else Done(row.answer("unproven", brand))
        _log.info(
            "wallet_answered",
            brand=brand,
            operation=operation,
            order_no=asked.order_no,
            shown=mask_pan(asked.code),
            word=done.answer.word,
            delivery=done.delivery,
            repeated=not is_new,
        )
        if done.delivery != "normal":
            await asyncio.sleep(self._slow_answer_s if done.delivery == "slow" else self._silent_s)
        if done.delivery == "silent":
            return Response(b"", status_code=HTTPStatus.GATEWAY_TIMEOUT)
        status = HTTPStatus.OK if is_new else HTTPStatus.UNAUTHORIZED
        said = done.answer
        if said.link:
            # Without an address: whoever asks knows ours. One out of the request could be anybody's, since no proof covers it.
            said = replace(said, link=CODE_PATH + said.link)
        return self._signed(status, nonce, msgspec.json.encode(said))

    def _signed(self, status: int, nonce: str, body: bytes) -> Response[bytes]:
        headers = answer_headers(status, self._clock.now(), nonce, body, partial(self._hsm.prove, self._key))
        return Response(body, status_code=status, headers=headers, media_type="application/json")
