"""Many tills of `bench host --mix day` at once, each over a line of its own; ends by itself when each has done its tasks."""

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from ...basics.errors import Fault
from ...iso8583.framing import FrameSplitter
from .day_client import DayClient, Task

GIVE_UP_S = 600.0


@dataclass(slots=True)
class Spent:
    """What a run of tasks took: seconds, and CPU seconds of each program that was watched and of the clients."""

    tasks: int
    seconds: float
    cpu_s: tuple[float, ...]
    client_cpu_s: float


class _Line(asyncio.BufferedProtocol):
    """One line: sends what its client makes of each answer."""

    def __init__(self, told: Callable[[Exception | None], None]) -> None:
        self._told = told
        self._client: DayClient | None = None
        self._buffer = memoryview(bytearray(4_096))
        self._splitter = FrameSplitter()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def begin(self, client: DayClient, tasks: Sequence[Task]) -> None:
        """Let the client do these tasks."""
        self._client = client
        self._send(client.begin(tasks))

    def _send(self, request: bytes) -> None:
        assert self._transport is not None
        self._transport.write(request)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        for payload in self._splitter.feed(self._buffer[:nbytes]):
            assert self._client is not None
            try:
                request = self._client.next(payload)
            except Fault as error:
                self._end(error)
                return
            if request is None:
                self._end(None)
            else:
                self._send(request)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(Fault("the server closed a connection"))

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    def _end(self, error: Exception | None) -> None:
        if self._client is not None:
            self._client = None
            self._told(error)


class Tills:
    """All lines with their clients. Opened once; each run lets every till do the same tasks."""

    def __init__(self, clients: Sequence[DayClient], cpu_clocks: Sequence[Callable[[], float]]) -> None:
        self._clients = clients
        self._cpu_clocks = cpu_clocks
        self._lines: list[_Line] = []
        self._left = 0
        self._finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def open(self, host: str, port: int) -> None:
        """Connect everybody."""
        loop = asyncio.get_running_loop()
        self._lines = [(await loop.create_connection(lambda: _Line(self._told), host, port))[1] for _ in self._clients]

    async def run(self, tasks: Sequence[Task]) -> Spent:
        """Let each till do these. Fault when an answer is not what was asked for."""
        self._left = len(self._lines)
        self._finished = asyncio.get_running_loop().create_future()
        cpu_before, own_before, begin_s = [clock() for clock in self._cpu_clocks], _own_cpu_s(), time.perf_counter()
        for line, client in zip(self._lines, self._clients, strict=True):
            line.begin(client, tasks)
        async with asyncio.timeout(GIVE_UP_S):
            await self._finished
        seconds = time.perf_counter() - begin_s
        used = tuple(clock() - before for clock, before in zip(self._cpu_clocks, cpu_before, strict=True))
        return Spent(len(tasks) * len(self._lines), seconds, used, _own_cpu_s() - own_before)

    def close(self) -> None:
        """Hang up everywhere."""
        for line in self._lines:
            line.close()

    def _told(self, error: Exception | None) -> None:
        self._left -= 1
        if self._finished.done():
            return
        if error is not None:
            self._finished.set_exception(error)
        elif self._left == 0:
            self._finished.set_result(None)


def _own_cpu_s() -> float:
    times = os.times()
    return times.user + times.system
