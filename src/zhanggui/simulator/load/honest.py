"""The honest terminals of `bench storm`: each sells at its pace over its own open line; every answer must be a proven approval."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from ...basics.errors import Fault
from ...iso8583.framing import LENGTH_BYTES
from .payment_client import SIGN_ON_TRACE, PaymentClient

PACE_S = 0.1
"""A terminal begins a sale this long after the last one, when the answer has come: a busy shop, and a host with room."""
TIME_OUT_S = 60.0
"""A terminal's own time-out."""


class HonestTerminal:
    """One terminal on a line that it keeps."""

    def __init__(self, client: PaymentClient) -> None:
        self._client = client
        self._trace = SIGN_ON_TRACE
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def sign_on(self, port: int) -> None:
        """Connect and get keys. Fault when that is refused."""
        self._line = await asyncio.open_connection("127.0.0.1", port)
        self._client.take_keys(await self._ask(self._client.sign_on()))

    async def sell(self) -> None:
        """One sale. Fault when it is refused or its answer's MAC is wrong; OSError or TimeoutError when there is none."""
        self._trace += 1
        self._client.check(await self._ask(self._client.payment(self._trace)))

    async def _ask(self, request: bytes) -> bytes:
        assert self._line is not None
        reader, writer = self._line
        writer.write(request)
        try:
            async with asyncio.timeout(TIME_OUT_S):
                length = await reader.readexactly(LENGTH_BYTES)
                return await reader.readexactly(int.from_bytes(length, "big"))
        except EOFError:
            raise ConnectionResetError("the host closed the line") from None

    def hang_up(self) -> None:
        """Close the line."""
        if self._line is not None:
            self._line[1].transport.abort()
            self._line = None


@dataclass(slots=True)
class Sold:
    """What honest terminals met with."""

    waits_s: list[float] = field(default_factory=list)
    refused: int = 0
    unanswered: int = 0

    def quantile_s(self, share: float) -> float:
        """The wait that this share of the sales did not exceed."""
        ordered = sorted(self.waits_s)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


async def sell_for(terminals: Sequence[HonestTerminal], seconds: float) -> Sold:
    """All terminals sell for so long."""
    sold = Sold()
    end_s = time.perf_counter() + seconds

    async def one(terminal: HonestTerminal, place: int) -> None:
        await asyncio.sleep(PACE_S * place / len(terminals))
        while time.perf_counter() < end_s:
            begun_s = time.perf_counter()
            try:
                await terminal.sell()
            except Fault:
                sold.refused += 1
            except (OSError, TimeoutError):
                sold.unanswered += 1
                return
            sold.waits_s.append(time.perf_counter() - begun_s)
            await asyncio.sleep(PACE_S)

    await asyncio.gather(*(one(terminal, place) for place, terminal in enumerate(terminals)))
    return sold
