"""Framed TCP, where lines are taken: whole frames whatever the cuts, bounds that cost only their own connection, a share for everybody."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs
from tests.worlds.framed_peers import Echo, closed, read_frame, until

from zhanggui.basics.errors import Misuse
from zhanggui.edges import listener as listener_module
from zhanggui.edges import places as places_module
from zhanggui.edges.listener import FrameConnection, FrameListener
from zhanggui.iso8583.framing import FRAME_BYTES_MAX, frame


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    echo = Echo()
    echo.port = await echo.listener.start("127.0.0.1", 0)
    yield echo
    await echo.listener.stop()


async def test_two_frames_cut_at_every_byte_come_out_the_same(echo: Echo) -> None:
    stream = frame(b"first") + frame(b"second one")
    reader, writer = await echo.connect()
    for cut in range(1, len(stream)):
        echo.seen.clear()
        writer.write(stream[:cut])
        await writer.drain()
        # What is whole before the cut comes back at once, so the rest travels in a read of its own.
        early = [await read_frame(reader)] if cut >= len(frame(b"first")) else []
        writer.write(stream[cut:])
        late = [await read_frame(reader) for _ in range(2 - len(early))]
        assert [*early, *late] == echo.seen == [b"first", b"second one"]
    await closed(writer)


async def test_a_frame_that_comes_byte_by_byte_is_one_frame(echo: Echo) -> None:
    reader, writer = await echo.connect()
    for byte in frame(b"x" * 40):
        writer.write(bytes((byte,)))
        await writer.drain()
        await asyncio.sleep(0)
    assert await read_frame(reader) == b"x" * 40
    await closed(writer)


async def test_many_frames_in_one_write_are_answered_in_order(echo: Echo) -> None:
    payloads = [b"%d" % number for number in range(3_000)]
    reader, writer = await echo.connect()
    writer.write(b"".join(map(frame, payloads)))
    assert [await read_frame(reader) for _ in payloads] == payloads
    await closed(writer)


@pytest.mark.parametrize("length", [0, FRAME_BYTES_MAX + 1, 0xFFFF])
async def test_a_length_over_the_bound_closes_that_connection_and_no_other(echo: Echo, length: int) -> None:
    reader, writer = await echo.connect()
    good_reader, good_writer = await echo.connect()
    writer.write(length.to_bytes(2, "big") + b"x")
    assert await reader.read() == b""
    good_writer.write(frame(b"still here"))
    assert await read_frame(good_reader) == b"still here"
    await until(lambda: echo.listener.connections == 1)
    assert echo.seen == [b"still here"]
    await closed(writer)
    await closed(good_writer)


async def test_the_longest_frame_is_taken(echo: Echo) -> None:
    reader, writer = await echo.connect()
    writer.write(frame(b"x" * FRAME_BYTES_MAX))
    assert await read_frame(reader) == b"x" * FRAME_BYTES_MAX
    await closed(writer)


async def test_silent_connections_change_nothing_for_the_rest(echo: Echo) -> None:
    silent = [await echo.connect() for _ in range(300)]
    await until(lambda: echo.listener.connections == 300)
    reader, writer = await echo.connect()
    writer.write(frame(b"hello"))
    assert await read_frame(reader) == b"hello"
    for _, peer in [*silent, (reader, writer)]:
        await closed(peer)
    await until(lambda: echo.listener.connections == 0)


async def test_connections_over_the_bound_are_turned_away_at_once_where_all_are_proven(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with bounded_echo(monkeypatch, most=4) as echo:
        taken = [await echo.connect() for _ in range(2)]
        for reader, writer in taken:
            writer.write(frame(b"hello"))
            assert await read_frame(reader) == b"hello"
        for connection in echo.connections:
            connection.proved()
        reader, writer = await echo.connect()
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)
        taken[0][1].write(frame(b"hello"))
        assert await read_frame(taken[0][0]) == b"hello"
        for _, peer in (*taken, (reader, writer)):
            await closed(peer)


@asynccontextmanager
async def bounded_echo(monkeypatch: pytest.MonkeyPatch, *, most: int) -> AsyncIterator[Echo]:
    """A listener with so many places, half of them for one address."""
    monkeypatch.setattr(listener_module, "CONNECTIONS_MAX", most)
    echo = Echo()
    echo.port = await echo.listener.start("127.0.0.1", 0)
    yield echo
    await echo.listener.stop()


async def test_a_new_line_takes_the_place_of_the_one_that_said_nothing_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    async with bounded_echo(monkeypatch, most=6) as echo:
        honest = await echo.connect()
        honest[1].write(frame(b"hello"))
        assert await read_frame(honest[0]) == b"hello"
        silent = [await echo.connect() for _ in range(2)]
        newest = await echo.connect()
        assert await silent[0][0].read() == b"", "the oldest silent one is closed"
        for reader, writer in (honest, newest):
            writer.write(frame(b"still here"))
            assert await read_frame(reader) == b"still here"
        assert echo.listener.connections == 3
        for _, peer in (honest, *silent, newest):
            await closed(peer)


async def test_a_thousand_silent_lines_leave_room_for_the_next_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    async with bounded_echo(monkeypatch, most=40) as echo:
        silent = [await echo.connect() for _ in range(200)]
        reader, writer = await echo.connect()
        writer.write(frame(b"a new terminal"))
        assert await read_frame(reader) == b"a new terminal"
        assert echo.listener.connections <= 20
        for _, peer in (*silent, (reader, writer)):
            await closed(peer)


async def test_lines_are_bounded_below_the_files_that_the_process_may_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener_module, "open_files", lambda: 1_024)
    echo = Echo()
    await echo.listener.start("127.0.0.1", 0)
    assert echo.listener.connections_max == 768
    await echo.listener.stop()


async def test_silent_and_idle_lines_are_closed_after_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener_module, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(places_module, "SILENT_S", 0.05)
    monkeypatch.setattr(places_module, "IDLE_S", 0.5)
    echo = Echo()
    echo.port = await echo.listener.start("127.0.0.1", 0)
    silent, half, busy = [await echo.connect() for _ in range(3)]
    half[1].write(b"\0")
    busy[1].write(frame(b"hello"))
    assert await read_frame(busy[0]) == b"hello"
    echo.connections[0].proved()
    assert await silent[0].read() == b""
    assert await half[0].read() == b"", "half a length is not a word"
    assert echo.listener.connections == 1
    assert await busy[0].read() == b"", "nothing more came for long"
    for _, peer in (silent, half, busy):
        await closed(peer)
    await echo.listener.stop()


async def test_a_request_with_a_half_close_behind_it_is_answered_and_then_the_line_is_closed() -> None:
    asked: list[tuple[FrameConnection, bytes]] = []
    listener = FrameListener(lambda connection, payload: asked.append((connection, payload)))
    port = await listener.start("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(frame(b"sale") + frame(b"another"))
    writer.write_eof()
    await until(lambda: len(asked) == 2)
    await asyncio.sleep(0.02)
    asked[0][0].send(b"00")
    assert await read_frame(reader) == b"00"
    asked[1][0].send_soon(b"51")
    assert await read_frame(reader) == b"51"
    assert await reader.read() == b""
    await closed(writer)
    await until(lambda: listener.connections == 0)
    await listener.stop()


async def test_a_half_closed_line_without_an_answer_is_closed_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener_module, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(places_module, "ENDED_S", 0.05)
    listener = FrameListener(lambda connection, payload: None)
    port = await listener.start("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(frame(b"nobody answers this"))
    writer.write_eof()
    with contextlib.suppress(ConnectionError):
        assert await reader.read() == b""
    await closed(writer)
    await listener.stop()


async def test_a_line_with_its_share_under_way_is_read_no_further_until_half_of_it_is_done() -> None:
    lines: list[FrameConnection] = []

    def take(connection: FrameConnection, payload: bytes) -> None:
        lines.append(connection)
        connection.work_began()

    listener = FrameListener(take)
    port = await listener.start("127.0.0.1", 0)
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(frame(b"x") * 5_000)
    share = listener_module.UNDER_WAY_UNPROVEN_MAX
    await until(lambda: len(lines) == share)
    await asyncio.sleep(0.02)
    assert len(lines) == share
    done = 0
    while done < 5_000:
        assert lines[0].under_way <= share
        for _ in range(lines[0].under_way):
            lines[0].work_ended()
            done += 1
        await asyncio.sleep(0)
        await asyncio.sleep(0.0005)
    assert len(lines) == 5_000
    await closed(writer)
    await listener.stop()


async def test_a_line_that_proves_itself_while_it_waits_goes_on_with_its_larger_share() -> None:
    lines: list[FrameConnection] = []

    def take(connection: FrameConnection, payload: bytes) -> None:
        lines.append(connection)
        connection.work_began()

    listener = FrameListener(take)
    port = await listener.start("127.0.0.1", 0)
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(frame(b"x") * 1_000)
    await until(lambda: len(lines) == listener_module.UNDER_WAY_UNPROVEN_MAX)
    lines[0].proved()
    while len(lines) < 1_000:
        assert lines[0].under_way <= listener_module.UNDER_WAY_MAX
        for _ in range(lines[0].under_way):
            lines[0].work_ended()
        await asyncio.sleep(0.0005)
    await closed(writer)
    await listener.stop()


async def test_nonsense_that_is_refused_at_once_leaves_the_loop_to_others_between_its_shares(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listener_module, "UNPROVEN_PAUSE_S", 0.0)
    seen: list[int] = []
    turns = 0
    listener = FrameListener(lambda connection, payload: seen.append(turns))
    port = await listener.start("127.0.0.1", 0)
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(frame(b"x") * 3_000)
    while len(seen) < 3_000:
        turns += 1
        await asyncio.sleep(0)
    assert max(seen.count(turn) for turn in set(seen)) <= 2 * listener_module.UNDER_WAY_UNPROVEN_MAX
    await closed(writer)
    await listener.stop()


async def test_a_proven_line_that_needs_no_engine_is_looked_at_a_whole_read_at_a_time() -> None:
    turns: list[int] = []
    turn = 0

    def look(connection: FrameConnection, payload: bytes) -> None:
        connection.proved()
        turns.append(turn)

    listener = FrameListener(look)
    port = await listener.start("127.0.0.1", 0)
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(frame(b"x"))
    await until(lambda: len(turns) == 1)
    turns.clear()
    writer.write(frame(b"x") * 1_000)
    while len(turns) < 1_000:
        turn += 1
        await asyncio.sleep(0)
    assert len(set(turns)) <= 3
    await closed(writer)
    await listener.stop()


async def test_a_frame_that_its_handler_breaks_on_costs_neither_the_next_one_nor_the_line() -> None:
    def handle(connection: FrameConnection, payload: bytes) -> None:
        if payload == b"odd":
            raise ValueError("nobody thought of this")
        connection.send(payload)

    listener = FrameListener(handle)
    port = await listener.start("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with capture_logs() as logs:
        writer.write(frame(b"odd") + frame(b"good"))
        assert await read_frame(reader) == b"good"
    assert [(line["event"], line["error"]) for line in logs] == [("frame_failed", "ValueError")]
    await closed(writer)
    await listener.stop()


async def slow_reader(echo: Echo) -> socket.socket:
    """A peer that takes in next to nothing, on a connection that has said one frame."""
    peer = socket.socket()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.setblocking(False)
    await asyncio.get_running_loop().sock_connect(peer, ("127.0.0.1", echo.port))
    await asyncio.get_running_loop().sock_sendall(peer, frame(b"hello"))
    await until(lambda: echo.seen == [b"hello"])
    return peer


async def test_a_peer_that_does_not_read_its_answers_is_closed(echo: Echo) -> None:
    peer = await slow_reader(echo)
    connection = echo.connections[0]
    sent = 0
    while connection.open:
        connection.send(bytes(4000))
        sent += 4000
        assert sent < 50_000_000, "a bound holds long before this"
        await asyncio.sleep(0)
    connection.send(b"nobody is there; this does nothing")
    await until(lambda: echo.listener.connections == 0)
    peer.close()


async def test_stop_does_not_wait_for_a_peer_that_never_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener_module, "STOP_WITHIN_S", 0.05)
    echo = Echo()
    echo.port = await echo.listener.start("127.0.0.1", 0)
    peer = await slow_reader(echo)
    # Fill both sockets' buffers, so that a close alone would wait for ever.
    transport = echo.connections[0]._transport
    assert transport is not None
    while transport.get_write_buffer_size() == 0:
        echo.connections[0].send(bytes(4000))
    await echo.listener.stop()
    await until(lambda: echo.listener.connections == 0)
    peer.close()


async def test_stop_lets_the_last_answer_out_and_frees_the_port() -> None:
    echo = Echo()
    echo.port = await echo.listener.start("127.0.0.1", 0)
    reader, writer = await echo.connect()
    writer.write(frame(b"last"))
    await until(lambda: echo.seen == [b"last"])
    await echo.listener.stop()
    assert await read_frame(reader) == b"last"
    assert await reader.read() == b""
    await closed(writer)
    again = FrameListener(echo.on_frame)
    assert await again.start("127.0.0.1", echo.port) == echo.port
    await again.stop()


async def test_a_taken_port_is_told_in_one_sentence_with_what_to_do(echo: Echo) -> None:
    second = FrameListener(echo.on_frame)
    with pytest.raises(Misuse, match=rf"127\.0\.0\.1:{echo.port}.*another port"):
        await second.start("127.0.0.1", echo.port)
    await second.stop()


async def test_a_line_that_is_ended_over_one_frame_gets_the_answers_it_is_owed_first() -> None:
    """Several terminals may share a line: one's nonsense must not cost another's payment its answer."""
    owed: list[FrameConnection] = []

    def handle(connection: FrameConnection, payload: bytes) -> None:
        if payload == b"junk":
            connection.end()
        else:
            owed.append(connection)

    listener = FrameListener(handle)
    port = await listener.start("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(frame(b"before") + frame(b"junk") + frame(b"behind") + frame(b"junk"))
    await until(lambda: len(owed) == 2)
    writer.write(frame(b"never read"))
    await asyncio.sleep(0.05)
    assert listener.connections == 1, "two answers are owed"
    for at, connection in enumerate(owed):
        connection.send(b"%d" % at)
    assert [await read_frame(reader), await read_frame(reader), await reader.read()] == [b"0", b"1", b""]
    await closed(writer)
    await listener.stop()


async def test_a_line_that_is_owed_nothing_ends_at_once() -> None:
    listener = FrameListener(lambda connection, payload: connection.end())
    port = await listener.start("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(frame(b"junk"))
    assert await reader.read() == b""
    await closed(writer)
    await listener.stop()


async def test_what_came_whole_before_a_broken_length_is_answered_before_the_line_ends(echo: Echo) -> None:
    reader, writer = await echo.connect()
    writer.write(frame(b"a payment") + b"\x00\x00" + frame(b"behind"))
    assert await read_frame(reader) == b"a payment"
    assert await reader.read() == b""
    assert echo.seen == [b"a payment"], "behind it nobody knows where a frame begins"
    await closed(writer)
