"""Names that others chose are looked up beside all else: one that never resolves holds up its owner and nobody else."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from zhanggui.edges.name_lookups import NameLookups, addresses_of

ADDRESS = "93.184.216.34"
PORT = 443
SOON_S = 5.0


class Resolver:
    """A machine's resolver: names that begin with `dead` say nothing until `free` is set."""

    def __init__(self) -> None:
        self.free = threading.Event()
        self.asked: list[str] = []

    def look(self, name: str, port: int) -> list[str]:
        self.asked.append(name)
        if name.startswith("dead"):
            assert self.free.wait(SOON_S * 4)
        if name.startswith("unknown"):
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [ADDRESS]


@pytest.fixture
def resolver() -> Iterator[Resolver]:
    resolver = Resolver()
    yield resolver
    resolver.free.set()


async def gives_up(lookups: NameLookups, whose: str, name: str) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await lookups.resolve(whose, name, PORT)


async def test_names_that_never_resolve_leave_the_threads_of_the_loop_free(resolver: Resolver) -> None:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(1))
    lookups = NameLookups(resolver.look)
    for shop in "ABC":
        await gives_up(lookups, shop, f"dead.{shop}")
    async with asyncio.timeout(SOON_S):
        assert await loop.getaddrinfo("localhost", PORT), "as bank and wallets are looked up"
    lookups.close()


async def test_an_owner_has_one_look_up_under_way_also_when_nobody_waits_for_it(resolver: Resolver) -> None:
    lookups = NameLookups(resolver.look)
    for number in range(5):
        await gives_up(lookups, "A", f"dead{number}")
    assert resolver.asked == ["dead0"]
    async with asyncio.timeout(SOON_S):
        assert await lookups.resolve("B", "alive", PORT) == [ADDRESS]
        resolver.free.set()
        assert await lookups.resolve("A", "alive", PORT) == [ADDRESS]
    lookups.close()


async def test_those_who_wait_come_one_after_the_other(resolver: Resolver) -> None:
    lookups = NameLookups(resolver.look)
    waiting = [asyncio.ensure_future(lookups.resolve("A", f"dead{number}", PORT)) for number in range(4)]
    await asyncio.sleep(0.05)
    assert resolver.asked == ["dead0"]
    resolver.free.set()
    async with asyncio.timeout(SOON_S):
        assert await asyncio.gather(*waiting) == [[ADDRESS]] * 4
    assert sorted(resolver.asked) == ["dead0", "dead1", "dead2", "dead3"]
    lookups.close()


async def test_what_was_given_up_before_it_had_a_thread_is_never_looked_up(resolver: Resolver) -> None:
    lookups = NameLookups(resolver.look, threads=1)
    await gives_up(lookups, "A", "dead")
    await gives_up(lookups, "B", "too late")
    resolver.free.set()
    async with asyncio.timeout(SOON_S):
        assert await lookups.resolve("B", "alive", PORT) == [ADDRESS]
    assert resolver.asked == ["dead", "alive"]
    lookups.close()


async def test_a_name_that_is_not_there_says_so_and_leaves_its_place(resolver: Resolver) -> None:
    lookups = NameLookups(resolver.look)
    for _ in range(2):
        with pytest.raises(OSError, match="no such name"):
            await lookups.resolve("A", "unknown", PORT)
    assert await lookups.resolve("A", "alive", PORT) == [ADDRESS]
    lookups.close()


def test_each_address_of_a_name_is_said_once() -> None:
    found = addresses_of("localhost", PORT)
    assert set(found) <= {"127.0.0.1", "::1"}
    assert len(found) == len(set(found)) > 0
