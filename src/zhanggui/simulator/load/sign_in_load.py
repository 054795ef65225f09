"""How the terminals of `bench sign-in` come: a steady load over open lines, and a morning rush with a line for each."""

import asyncio
import os
import random
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from ...basics.errors import Fault
from ...edges.watched import short_task
from ...iso8583.framing import FrameSplitter
from .sign_in_client import SignInClient

GIVE_UP_S = 180.0
IN_FLIGHT_MAX = 8_000
"""Lines open at once in the rush: below the host's bound and this process's open files."""
SOURCES = 16
"""Loopback addresses that terminals come from, so that closed lines in TIME_WAIT never use up the ports."""
BEGIN_WITHIN_S = 0.4
"""Within this time the lines begin, at drawn instants. All at once, they step through the three messages side by side, so that
each batch of the host is of one kind: terminals don't."""
LOST = "lost"
"""Stands for a response code where the line broke."""


@dataclass(slots=True)
class SignInOutcome:
    """What a load gave."""

    clients: Sequence[SignInClient]
    seconds: float
    host_cpu_s: float
    client_cpu_s: float

    @property
    def signed_in(self) -> int:
        """Sign-ins that ended in a session."""
        return sum(client.signed_in for client in self.clients)

    @property
    def refused(self) -> dict[str, int]:
        """Sign-ins that did not, by their last code."""
        found: dict[str, int] = {}
        for client in self.clients:
            if not client.signed_in:
                code = client.codes[-1] if client.codes else LOST
                found[code] = found.get(code, 0) + 1
        return found

    def quantile_s(self, share: float) -> float:
        """The time from arrival to the last answer that this share of the sign-ins did not exceed."""
        ordered = sorted(client.ended_s - client.began_s for client in self.clients)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class _Line(asyncio.BufferedProtocol):
    """One line: signs a terminal in, then tells."""

    def __init__(self, told: Callable[["_Line"], None]) -> None:
        self.client: SignInClient | None = None
        self._told = told
        self._buffer = memoryview(bytearray(2_048))
        self._splitter = FrameSplitter()
        self._transport: asyncio.Transport | None = None

    def begin(self, client: SignInClient) -> None:
        """Send the first message of this terminal."""
        self.client = client
        assert self._transport is not None
        self._transport.write(client.first())

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        for payload in self._splitter.feed(self._buffer[:nbytes]):
            assert self.client is not None
            assert self._transport is not None
            request = self.client.next(payload)
            if request is None:
                self._end()
            else:
                self._transport.write(request)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.client is not None:
            self.client.codes.append(LOST)
            self._end()

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    def _end(self) -> None:
        assert self.client is not None
        self.client.ended_s = time.perf_counter()
        self._told(self)


async def run_steadily(
    host: str, port: int, clients: Sequence[SignInClient], connections: int, host_cpu_s: Callable[[], float]
) -> SignInOutcome:
    """Sign all terminals in over so many open lines, each taking the next terminal as soon as one is done."""
    loop = asyncio.get_running_loop()
    waiting = iter(clients)
    finished: asyncio.Future[None] = loop.create_future()
    left = len(clients)

    def take_next(line: _Line) -> None:
        client = next(waiting, None)
        line.client = None
        if client is not None:
            client.began_s = time.perf_counter()
            line.begin(client)

    def told(line: _Line) -> None:
        nonlocal left
        left -= 1
        if left == 0 and not finished.done():
            finished.set_result(None)
        take_next(line)

    lines = [(await loop.create_connection(lambda: _Line(told), host, port))[1] for _ in range(connections)]
    measured = _Stopwatch(host_cpu_s)
    chance = random.Random(2)
    for line in lines:
        loop.call_later(chance.uniform(0, BEGIN_WITHIN_S), take_next, line)
    async with asyncio.timeout(GIVE_UP_S):
        await finished
    outcome = measured.outcome(clients)
    for line in lines:
        line.close()
    return outcome


async def run_rush(
    host: str, port: int, clients: Sequence[SignInClient], within_s: float, host_cpu_s: Callable[[], float]
) -> SignInOutcome:
    """All terminals arrive within this time, each on a line of its own that it closes; waits count from the arrival."""
    room = asyncio.Semaphore(IN_FLIGHT_MAX)
    chance = random.Random(1)
    arrivals = sorted(chance.uniform(0, within_s) for _ in clients)
    measured = _Stopwatch(host_cpu_s)
    begin_s = time.perf_counter()
    tasks: list[asyncio.Task[None]] = []
    async with asyncio.timeout(GIVE_UP_S):
        for place, (arrival_s, client) in enumerate(zip(arrivals, clients, strict=True)):
            client.began_s = begin_s + arrival_s
            early_s = client.began_s - time.perf_counter()
            if early_s > 0:
                await asyncio.sleep(early_s)
            source = f"127.0.0.{2 + place % SOURCES}"
            tasks.append(short_task(_arrive(room, source, (host, port), client)))
        await asyncio.gather(*tasks)
    return measured.outcome(clients)


async def _arrive(room: asyncio.Semaphore, source: str, address: tuple[str, int], client: SignInClient) -> None:
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()

    def told(line: _Line) -> None:
        line.client = None
        if not ended.done():
            ended.set_result(None)

    async with room:
        connected = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        connected.bind((source, 0))
        try:
            await loop.sock_connect(connected, address)
            _, line = await loop.create_connection(lambda: _Line(told), sock=connected)
        except OSError as error:
            connected.close()
            raise Fault(f"a terminal of the rush could not connect: {error.strerror or error}") from None
        line.begin(client)
        await ended
        line.close()


class _Stopwatch:
    """Time and CPU of one load."""

    def __init__(self, host_cpu_s: Callable[[], float]) -> None:
        self._host_cpu_s = host_cpu_s
        self._begin_s, self._host_s, self._own_s = time.perf_counter(), host_cpu_s(), _own_cpu_s()

    def outcome(self, clients: Sequence[SignInClient]) -> SignInOutcome:
        seconds = time.perf_counter() - self._begin_s
        return SignInOutcome(clients, seconds, self._host_cpu_s() - self._host_s, _own_cpu_s() - self._own_s)


def _own_cpu_s() -> float:
    times = os.times()
    return times.user + times.system


def every(clients: Sequence[SignInClient], parts: Sequence[int]) -> Iterator[Sequence[SignInClient]]:
    """Cut a fleet into parts of these sizes."""
    at = 0
    for size in parts:
        yield clients[at : at + size]
        at += size
