"""The port to QR wallets: what may be asked of one, and the client that asks over HTTP with proofs both ways.

An answer counts when its proof fits and it names the request that was sent; anything else is silence, which decides nothing. A wallet
that refuses the proof itself is silent too, and logged: its key is not ours, or a clock is wrong.
"""

from functools import partial
from http import HTTPStatus
from typing import Protocol

import msgspec
from msgspec.structs import replace

from ...basics.chance import Chance
from ...basics.clock import Clock
from ...basics.errors import Fault, RemoteProtocolError
from ...cup.brands import BRANDS, BrandName
from ...cup.wallets.messages import Operation, WalletAnswer, WalletRequest, read_answer
from ...cup.wallets.signing import NONCE_BYTES, request_headers, why_unproven_answer
from ...edges.http_calls import HttpCalls, Reply
from ...vault.hsm import Hsm
from ...vault.keys import WalletKeyBlock
from ..work import log


class WalletSilent(Fault):
    """No answer of the wallet that proves itself. It may have done what was asked."""


class WalletPort(Protocol):
    """What the host asks of wallets."""

    async def ask(
        self, brand: BrandName, operation: Operation, request: WalletRequest, *, timeout_s: float
    ) -> WalletAnswer:
        """The wallet's answer. WalletSilent when none came that proves itself."""
        ...

    async def close(self) -> None:
        """Let go of the connections."""
        ...


class NoWallets:
    """The port of a host that knows no wallets: silence."""

    async def ask(
        self, brand: BrandName, operation: Operation, request: WalletRequest, *, timeout_s: float
    ) -> WalletAnswer:
        raise WalletSilent("this host knows no wallets: its folder has no key for them, or they were never started")

    async def close(self) -> None:
        """There is nothing to let go of."""


class WalletClient:
    """The port over HTTP. `address` is that of the wallets, without a path."""

    def __init__(self, address: str, hsm: Hsm, key: WalletKeyBlock, clock: Clock, chance: Chance) -> None:
        self._address = address.rstrip("/")
        # Connections of its own for each brand: one that answers nothing holds all of them, and none of another's.
        self._calls = {brand: HttpCalls(address) for brand in BRANDS}
        self._hsm, self._key, self._clock, self._chance = hsm, key, clock, chance

    async def ask(
        self, brand: BrandName, operation: Operation, request: WalletRequest, *, timeout_s: float
    ) -> WalletAnswer:
        path, body = f"/api/{brand}/{operation}", msgspec.json.encode(request)
        nonce, now = self._chance.take_secret(NONCE_BYTES).hex(), self._clock.now()
        headers = request_headers(path, now, nonce, body, partial(self._hsm.prove, self._key))
        try:
            reply = await self._calls[brand].post(path, body, headers, timeout_s)
        except Fault as error:
            raise WalletSilent(str(error)) from None
        why = self._why_no_answer(reply, nonce)
        if why:
            log.warning(
                "wallet_answer_refused", brand=brand, operation=operation, order_no=request.order_no, reason=why
            )
            raise WalletSilent(f"the wallet's answer does not count: {why}")
        try:
            answer = read_answer(reply.body)
        except RemoteProtocolError as error:
            log.warning(
                "wallet_answer_refused", brand=brand, operation=operation, order_no=request.order_no, reason=str(error)
            )
            raise WalletSilent(str(error)) from None
        # Of a code that names a path alone the address is the one of the settings.
        return replace(answer, link=self._address + answer.link) if answer.link.startswith("/") else answer

    async def close(self) -> None:
        """Let go of the connections."""
        for calls in self._calls.values():
            await calls.close()

    def _why_no_answer(self, reply: Reply, nonce: str) -> str:
        """Why a reply is no answer; empty when it is one."""
        is_proven = partial(self._hsm.is_proven, self._key)
        why = why_unproven_answer(reply.status, reply.headers, nonce, reply.body, is_proven)
        if why:
            return f"{why}, status {reply.status}"
        return "proof_not_taken" if reply.status == HTTPStatus.UNAUTHORIZED else ""
