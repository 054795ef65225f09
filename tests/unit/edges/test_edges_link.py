"""Framed TCP, where a line is begun: it carries frames both ways, comes back by itself, and never knocks or hands over without pause."""

import asyncio

import pytest
from tests.worlds.framed_peers import Echo, serving, until

from zhanggui.edges import link as link_module
from zhanggui.edges.link import FrameLink
from zhanggui.iso8583.framing import frame


async def test_a_link_carries_frames_both_ways_and_connects_again_by_itself(free_port: int) -> None:
    answers: list[bytes] = []
    link = FrameLink("127.0.0.1", free_port, answers.append)
    link.start()
    assert not link.send(b"nobody listens yet")
    echo = Echo()
    echo.port = await echo.listener.start("127.0.0.1", free_port)
    await link.up.wait()
    assert link.send(b"one")
    await until(lambda: answers == [b"one"])
    await echo.listener.stop()
    await until(lambda: not link.up.is_set())
    assert not link.send(b"lost")
    echo.port = await echo.listener.start("127.0.0.1", free_port)
    await link.up.wait()
    assert link.send(b"two")
    await until(lambda: answers == [b"one", b"two"])
    await link.stop()
    assert not link.send(b"after the end")
    await echo.listener.stop()


async def test_a_peer_that_sends_no_frames_costs_the_line_and_it_comes_back(free_port: int) -> None:
    answers: list[bytes] = []
    greetings = iter([b"\xff\xff not a frame", frame(b"welcome")])

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(next(greetings, b""))
        await reader.read()

    async with serving(free_port, greet):
        link = FrameLink("127.0.0.1", free_port, answers.append)
        link.start()
        await until(lambda: answers == [b"welcome"])
        await link.stop()


async def test_a_peer_that_drops_every_connection_is_not_knocked_at_without_pause(
    free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "RECONNECT_FIRST_S", 3600.0)
    dropped = 0

    async def drop(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal dropped
        dropped += 1

    async with serving(free_port, drop):
        link = FrameLink("127.0.0.1", free_port, lambda payload: None)
        link.start()
        await until(lambda: dropped == 1 and not link.up.is_set())
        for _ in range(200):
            await asyncio.sleep(0)
        assert dropped == 1
        await link.stop()


async def test_a_link_hands_nothing_more_to_a_peer_that_does_not_read(
    free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "WRITE_BUFFER_MAX_BYTES", 100_000)
    done = asyncio.Event()

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await done.wait()

    async with serving(free_port, deaf):
        link = FrameLink("127.0.0.1", free_port, lambda payload: None)
        link.start()
        await link.up.wait()
        handed = 0
        while link.send(bytes(4000)):
            handed += 4000
            assert handed < 50_000_000, "a bound holds long before this"
            await asyncio.sleep(0)
        done.set()
        await link.stop()
