"""The terminals' HTTP door: what is proven is answered, sealed, in its turn; what is not, or not any more, hears nothing and does nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest
from pysqlite3 import dbapi2
from tests.worlds.house import House

from zhanggui.basics.chance import SeededChance
from zhanggui.basics.clock import SystemClock
from zhanggui.basics.numbers import MerchantNo, TerminalNo, UnixMs
from zhanggui.cup.door.asks import STANDING, AskStanding, Standing
from zhanggui.cup.door.calls import (
    CALL_BYTES_MAX,
    TURN_HEADER,
    TURN_TAKEN,
    WRONG_TIME,
    DoorAnswer,
    DoorCall,
    answer_context,
    call_headers,
    path_of,
    read_answer,
)
from zhanggui.edges.http_calls import HttpCalls, Reply
from zhanggui.terminal.assembly import open_pin_pad
from zhanggui.terminal.devices.pin_pad import VirtualPinPad
from zhanggui.terminal.link.host_door import DoorShut, HostDoor
from zhanggui.web.lines import LINES_MAX as PAGE_LINES_MAX

MERCHANT, NUMBER, OTHER = MerchantNo("102100058120001"), TerminalNo("10000001"), TerminalNo("10000002")
FAR_MS = 301_000
A = TypeVar("A")


def pin_pad_of(folder: Path, number: TerminalNo) -> VirtualPinPad:
    return open_pin_pad(folder, number, clock=SystemClock(), chance=SeededChance(7))


class Caller:
    """Whoever is on the line: it sends what it likes, whenever it likes."""

    def __init__(self, address: str, pin_pad: VirtualPinPad) -> None:
        self._address, self._pin_pad = address.rstrip("/"), pin_pad

    def call(self, turn: int, number: TerminalNo = NUMBER, later_ms: int = 0) -> DoorCall:
        return DoorCall("standing", MERCHANT, number, turn, UnixMs(SystemClock().now() + later_ms))

    def sealed(self, call: DoorCall, asked: bytes = b"{}") -> bytes:
        return self._pin_pad.seal_for_host(asked, call.context())

    def send(self, call: DoorCall, body: bytes, headers: Mapping[str, str] | None = None, path: str = "") -> Reply:
        async def post() -> Reply:
            calls = HttpCalls(self._address)
            try:
                return await calls.post(path or path_of(call.operation), body, headers or call_headers(call), 5.0)
            finally:
                await calls.close()

        return asyncio.run(post())

    def said(self, call: DoorCall, reply: Reply) -> DoorAnswer:
        assert reply.status == 200, reply.status
        return read_answer(self._pin_pad.open_from_host(reply.body, answer_context(call)))

    def ask(self, turn: int, asked: bytes = b"{}", later_ms: int = 0) -> DoorAnswer:
        call = self.call(turn, later_ms=later_ms)
        return self.said(call, self.send(call, self.sealed(call, asked)))


@pytest.fixture
def address(house: House) -> str:
    return house.serve_terminal_door()


@pytest.fixture
def caller(house: House, address: str) -> Caller:
    return Caller(address, pin_pad_of(house.folder, NUMBER))


def through(address: str, folder: Path, do: Callable[[HostDoor], Awaitable[A]], number: TerminalNo = NUMBER) -> A:
    """What comes of it when a terminal does this at the door."""

    async def run() -> A:
        door = HostDoor(address.rstrip("/"), pin_pad_of(folder, number), SystemClock(), MERCHANT, number)
        try:
            return await do(door)
        finally:
            await door.close()

    return asyncio.run(run())


def standing(door: HostDoor) -> Awaitable[Standing]:
    return door.ask(STANDING, AskStanding())


def test_a_terminal_hears_how_it_stands_before_it_ever_signed_in(house: House, address: str) -> None:
    assert through(address, house.folder, standing) == Standing(state="active", batch_no="000001")


def test_what_was_caught_is_refused_when_it_comes_again_also_after_the_next_turn(caller: Caller) -> None:
    call = caller.call(100)
    body = caller.sealed(call)
    assert not caller.said(call, caller.send(call, body)).refused
    for _ in range(2):
        again = caller.said(call, caller.send(call, body))
        assert (again.refused, bytes(again.said)) == (TURN_TAKEN, b"null")
        caller.ask(int(again.turn) + 1)


def test_a_turn_that_was_taken_stays_taken_when_the_host_starts_again(
    demo_folder: Path, start_house: Callable[..., House]
) -> None:
    first = start_house()
    caller = Caller(first.serve_terminal_door(), pin_pad_of(demo_folder, NUMBER))
    call = caller.call(100)
    body = caller.sealed(call)
    caller.send(call, body)
    first.stop()
    caller = Caller(start_house().serve_terminal_door(), pin_pad_of(demo_folder, NUMBER))
    assert caller.said(call, caller.send(call, body)).refused == TURN_TAKEN


@pytest.mark.parametrize("later_ms", [-FAR_MS, FAR_MS])
def test_a_time_that_is_far_off_takes_no_turn_and_hears_the_hosts_time(caller: Caller, later_ms: int) -> None:
    said = caller.ask(100, later_ms=later_ms)
    assert (said.refused, said.turn) == (WRONG_TIME, 0)
    assert abs(said.host_ms - SystemClock().now()) < FAR_MS / 10
    assert not caller.ask(100).refused


@pytest.mark.parametrize(
    "change",
    ["operation", "terminal", "turn", "time", "body", "cut", "empty", "other key", "no such terminal", "as an answer"],
)
def test_what_is_not_exactly_what_was_sealed_proves_nothing(caller: Caller, house: House, change: str) -> None:
    call = caller.call(100)
    body = caller.sealed(call)
    sent, asked = call, body
    match change:
        case "operation":
            other = msgspec.structs.replace(call, operation="elsewhere")
            asked = caller.sealed(other)
        case "terminal":
            sent = caller.call(100, OTHER)
        case "turn":
            sent = caller.call(101)
        case "time":
            sent = msgspec.structs.replace(call, said_ms=UnixMs(call.said_ms + 1))
        case "body":
            asked = body[:-1] + bytes([body[-1] ^ 1])
        case "cut":
            asked = body[:20]
        case "empty":
            asked = b""
        case "other key":
            asked = pin_pad_of(house.folder, OTHER).seal_for_host(b"{}", call.context())
        case "no such terminal":
            sent = caller.call(100, TerminalNo("99999999"))
            asked = caller.sealed(sent)
        case _:
            asked = pin_pad_of(house.folder, NUMBER).seal_for_host(b"{}", answer_context(call))
    reply = caller.send(sent, asked)
    assert (reply.status, reply.body) == (401, b"")
    assert not caller.ask(1).refused  # no turn was taken


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {TURN_HEADER: "0"},
        {TURN_HEADER: "-1"},
        {TURN_HEADER: "9" * 16},
        {TURN_HEADER: "9" * 5_000},
        {"zhanggui-time": "soon"},
        {"zhanggui-terminal": "102100058120001"},
        {"zhanggui-terminal": "../../x/10000001"},
    ],
)
def test_headers_that_are_none_prove_nothing(caller: Caller, headers: dict[str, str]) -> None:
    call = caller.call(100)
    of_call = call_headers(call)
    given = {**of_call, **headers} if headers else {"content-type": of_call["content-type"]}
    assert caller.send(call, caller.sealed(call), given).status == 401


def test_what_is_no_question_is_refused_and_takes_no_turn(caller: Caller) -> None:
    for asked in (b"", b"[]", b"{", b'{"unknown":1}', b'{"a":"\\u0000"}', b'{"operator":"01"}', b"[" * 50_000):
        said = caller.ask(7, asked)
        assert (said.refused, said.turn) == ("door_bad_question", 0), asked[:20]
    assert not caller.ask(7).refused


def test_other_paths_and_what_is_too_long_are_no_calls(caller: Caller) -> None:
    call = caller.call(100)
    assert caller.send(call, b"", path="/door/unknown").status == 404
    assert caller.send(call, b"", path="/").status == 404
    assert caller.send(call, bytes(CALL_BYTES_MAX + 1)).status == 413


def test_a_terminal_whose_numbers_went_back_goes_on_behind_the_last_one(
    caller: Caller, house: House, address: str
) -> None:
    ahead = SystemClock().now() // 1000 + 1_000_000
    caller.ask(ahead)
    assert through(address, house.folder, standing).state == "active"
    assert caller.ask(ahead + 1).refused == TURN_TAKEN


def test_a_terminal_that_is_lost_hears_so(demo_folder: Path, start_house: Callable[..., House]) -> None:
    with closing(dbapi2.connect(demo_folder / "host" / "host.db", isolation_level=None)) as rows:
        rows.execute("UPDATE terminals SET state = 'lost' WHERE terminal_no = ?", (NUMBER,))
    assert through(start_house().serve_terminal_door(), demo_folder, standing).state == "lost"


def test_a_flood_of_what_proves_nothing_is_slowed_and_sales_are_not(caller: Caller) -> None:
    call = caller.call(100)
    statuses = [caller.send(call, b"x" * 60).status for _ in range(5)]
    assert statuses == [401] * 5
    assert not caller.ask(101).refused


def test_a_terminal_without_a_key_says_so_and_one_without_a_host_too(house: House, tmp_path: Path) -> None:
    bare = pin_pad_of(tmp_path, NUMBER)

    async def shut(door: HostDoor) -> str:
        with pytest.raises(DoorShut) as told:
            await standing(door)
        return told.value.word

    async def run(address: str, pin_pad: VirtualPinPad) -> str:
        return await shut(HostDoor(address, pin_pad, SystemClock(), MERCHANT, NUMBER))

    address = house.serve_terminal_door().rstrip("/")
    assert asyncio.run(run(address, bare)) == "no_keys"
    assert asyncio.run(run("http://127.0.0.1:1", pin_pad_of(house.folder, NUMBER))) == "unreachable"
    opened = pin_pad_of(house.folder, NUMBER)
    opened.tamper()
    assert asyncio.run(run(address, opened)) == "no_keys"


def test_a_fleet_that_calls_at_once_is_answered_and_strangers_keep_nobody_out(caller: Caller, address: str) -> None:
    """More lines than a page has, and others that hold theirs without proving anything."""
    fleet, strangers = 400, 100
    assert fleet > PAGE_LINES_MAX

    async def all_at_once() -> list[int]:
        calls = HttpCalls(address.rstrip("/"), connections_max=fleet + strangers)
        honest = [caller.call(100 + one) for one in range(fleet)]

        def send(call: DoorCall, body: bytes) -> Awaitable[Reply]:
            return calls.post(path_of(call.operation), body, call_headers(call), 15.0)

        crowd = [asyncio.ensure_future(send(one, b"x" * 60)) for one in honest[:strangers]]
        try:
            replies = await asyncio.gather(*(send(one, caller.sealed(one)) for one in honest))
        finally:
            for one in crowd:
                one.cancel()
            await asyncio.gather(*crowd, return_exceptions=True)
            await calls.close()
        return [reply.status for reply in replies]

    assert asyncio.run(all_at_once()) == [200] * fleet
