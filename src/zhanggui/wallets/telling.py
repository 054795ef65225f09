"""Telling the shops' acquirer of payments by codes that hang on the wall: each notice signed, until it is heard or given up."""

import asyncio
from functools import partial

import msgspec
import structlog

from ..basics.chance import Chance
from ..basics.clock import Clock
from ..basics.errors import Fault, RemoteProtocolError
from ..cup.wallets.messages import NoticeHeard, read_notice_answer
from ..cup.wallets.signing import NONCE_BYTES, request_headers, why_unproven_answer
from ..edges.http_calls import HttpCalls, Reply
from ..vault.hsm import Hsm
from ..vault.keys import WalletKeyBlock
from .books import Notice
from .noticing import heard, message_of
from .store import WalletsFile

LOOKED_EVERY_S = 0.25
AT_ONCE_MAX = 16
ANSWER_WITHIN_S = 5.0
_log = structlog.get_logger("zhanggui.wallets")


class NoticeTeller:
    """Tells what is due in one file, to the address that the acquirer named last."""

    def __init__(self, file: WalletsFile, hsm: Hsm, key: WalletKeyBlock, clock: Clock, chance: Chance) -> None:
        self._file, self._hsm, self._key, self._clock, self._chance = file, hsm, key, clock, chance
        self._address = ""
        self._calls: HttpCalls | None = None
        """None until the acquirer has named an address."""

    async def look(self) -> None:
        """Tell what is due."""
        due = self._file.reading.notices_due(self._clock.now(), AT_ONCE_MAX)
        address = self._file.reading.notices_to() if due else ""
        if not address:
            return
        if self._calls is None or address != self._address:
            await self.close()
            self._address, self._calls = address, HttpCalls(address)
        calls = self._calls
        await asyncio.gather(*(self._tell(calls, notice) for notice in due))

    async def close(self) -> None:
        """Let go of the connections."""
        if self._calls is not None:
            await self._calls.close()
            self._calls = None

    async def _tell(self, calls: HttpCalls, notice: Notice) -> None:
        said = await self._ask(calls, notice)
        with self._file.writing() as rows:
            kept = heard(rows, notice.wallet_no, said, self._clock.now())
        _log.info(
            "notice_told",
            brand=notice.brand,
            wallet_no=notice.wallet_no,
            heard=said or "nothing",
            over=kept is None or kept.next_ms is None,
        )

    async def _ask(self, calls: HttpCalls, notice: Notice) -> NoticeHeard | None:
        """What the acquirer said; None where it said nothing that proves itself."""
        path, body = f"/notices/{notice.brand}", msgspec.json.encode(message_of(notice))
        nonce, now = self._chance.take_secret(NONCE_BYTES).hex(), self._clock.now()
        headers = request_headers(path, now, nonce, body, partial(self._hsm.prove, self._key))
        try:
            reply = await calls.post(path, body, headers, ANSWER_WITHIN_S)
            return read_notice_answer(reply.body).heard if self._is_proven(reply, nonce) else None
        except (Fault, RemoteProtocolError) as error:
            _log.info("notice_unheard", brand=notice.brand, wallet_no=notice.wallet_no, reason=str(error))
            return None

    def _is_proven(self, reply: Reply, nonce: str) -> bool:
        is_proven = partial(self._hsm.is_proven, self._key)
        why = why_unproven_answer(reply.status, reply.headers, nonce, reply.body, is_proven)
        return reply.status == 200 and not why
