"""Many requests over one line: the first alone, then a bounded number in flight; answers in any order find their requests."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest
from tests.worlds.shell_makes import MERCHANT, TERMINAL, StillClock, new_pin_pad

from zhanggui.basics.numbers import BatchNo, TraceNo, UnixMs
from zhanggui.cup.dialect import dialect_named
from zhanggui.cup.envelope import unwrap
from zhanggui.cup.messages.head import host_time
from zhanggui.cup.messages.settlement import Detail, UploadBlock, upload_answer
from zhanggui.cup.transactions import CATALOGUE, Transaction
from zhanggui.iso8583.framing import FrameSplitter, frame
from zhanggui.iso8583.message import Message
from zhanggui.terminal.devices.switches import VirtualLine
from zhanggui.terminal.link.host_exchange import HostExchange
from zhanggui.terminal.link.host_line import LineFailed, TcpHostLine

Answers = Callable[[list[bytes]], list[bytes]]
"""What a host says to the requests that wait, once nobody sends any more; it may keep some for later."""
MANY, WINDOW = 40, 8
SHORT_S = 0.3
"""An answer that never comes is waited for this long."""
UPLOAD = CATALOGUE["upload_stripe"]
PLAIN = dialect_named("unionpay-bare-refusals")
"""A dialect whose messages about batches carry no MAC."""


class Peer:
    """Takes what comes until nothing more does, notes how much that was, and answers as the test says."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.together: list[int] = []
        self.calls = 0
        self.gone = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.calls += 1
        splitter = FrameSplitter()
        try:
            while chunk := await reader.read(65_536):
                waiting = splitter.feed(chunk)
                self.together.append(len(waiting))
                said = self.answers(waiting)
                if not said:
                    break
                writer.write(b"".join(map(frame, said)))
        except ConnectionError:
            return
        finally:
            writer.close()
            self.gone.set()


@asynccontextmanager
async def line_to(answers: Answers, answer_timeout_s: float = 20.0) -> AsyncIterator[tuple[TcpHostLine, Peer]]:
    peer = Peer(answers)
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield TcpHostLine("127.0.0.1", port, VirtualLine(), answer_timeout_s=answer_timeout_s), peer
        if peer.calls:
            await peer.gone.wait()


async def all_of(line: TcpHostLine, payloads: list[bytes], in_flight: int) -> list[bytes]:
    async with aclosing(line.exchange_all(payloads, in_flight=in_flight)) as answers:
        return [answer async for answer in answers]


PAYLOADS = [b"\x60" + bytes((number,)) * 20 for number in range(MANY)]


@pytest.mark.parametrize(("in_flight", "together"), [(1, [1] * MANY), (WINDOW, [1, *[WINDOW] * 4, 7])])
async def test_the_first_goes_alone_and_then_as_many_as_may_be_in_flight(in_flight: int, together: list[int]) -> None:
    async with line_to(lambda waiting: waiting) as (line, peer):
        assert await all_of(line, PAYLOADS, in_flight) == PAYLOADS
    assert peer.together == together
    assert peer.calls == 1


async def test_a_host_that_hangs_up_in_the_middle_is_no_answer() -> None:
    async with line_to(lambda waiting: waiting if len(waiting) == 1 else []) as (line, _):
        with pytest.raises(LineFailed) as failed:
            await all_of(line, PAYLOADS, WINDOW)
    assert failed.value.failure == "no_answer"


async def test_a_host_that_answers_only_some_is_no_answer_after_the_time_out() -> None:
    async with line_to(lambda waiting: waiting[:1], SHORT_S) as (line, _):
        with pytest.raises(LineFailed) as failed:
            await all_of(line, PAYLOADS, WINDOW)
    assert failed.value.failure == "no_answer"


async def test_nothing_to_send_calls_nobody() -> None:
    async with line_to(lambda waiting: waiting) as (line, peer):
        assert await all_of(line, [], WINDOW) == []
    assert peer.calls == 0


def asked(number: int) -> tuple[Transaction, Message]:
    trace_no = TraceNo(f"{number + 1:06d}")
    detail = Detail(trace_no=trace_no, masked_pan="621700*********0012", amount_fen=number + 1)
    return UPLOAD, UploadBlock(MERCHANT, TERMINAL, BatchNo("000001"), trace_no, details=(detail,)).message()


def answered(payload: bytes) -> bytes:
    envelope = unwrap(PLAIN, payload)
    answer = upload_answer(
        PLAIN.codec.decode(envelope.body), host_time(UnixMs(1_796_000_000_000)), "1" * 12, "00", "08888888"
    )
    return envelope.answer(PLAIN, PLAIN.codec.encode(answer))


async def test_answers_in_any_order_belong_to_the_requests_of_their_numbers(tmp_path: Path) -> None:
    async with line_to(lambda waiting: [answered(one) for one in reversed(waiting)]) as (line, _):
        exchange = HostExchange(line, new_pin_pad(tmp_path, StillClock()), PLAIN)
        answers = await exchange.ask_all(map(asked, range(MANY)), in_flight=WINDOW)
    assert sorted(str(answer.fields[11]) for answer in answers) == [f"{number + 1:06d}" for number in range(MANY)]
    assert answers[1].fields[11] == f"{WINDOW + 1:06d}", "the last of the first that went together"


async def test_an_answer_to_nothing_that_was_asked_ends_it(tmp_path: Path) -> None:
    async with line_to(lambda waiting: [answered(waiting[0])] * 2) as (line, _):
        exchange = HostExchange(line, new_pin_pad(tmp_path, StillClock()), PLAIN)
        with pytest.raises(LineFailed) as failed:
            await exchange.ask_all(map(asked, range(MANY)), in_flight=WINDOW)
    assert failed.value.failure == "bad_answer"
