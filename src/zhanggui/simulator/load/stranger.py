"""What strangers do to a host, as a process of its own: `python -m zhanggui.simulator.load.stranger WHAT PORT SECONDS`.

Loopback only. It holds no key of anybody, tells when it has begun, and ends by itself.
"""

import asyncio
import contextlib
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from types import MappingProxyType

from ...basics.numbers import BatchNo, MerchantNo, OperatorNo, TerminalNo, TraceNo
from ...cup.dialect import UNIONPAY
from ...cup.envelope import wrap
from ...cup.messages.management import SIGN_ON_DOUBLE, SignOnRequest
from ...edges.open_files import open_files_up
from ...edges.watched import short_task
from ...iso8583.framing import frame
from ...iso8583.message import Message

SOURCES = 4
"""Loopback addresses that silent lines come from."""
SILENT_FEW, SILENT_MANY = 1_300, 10_000
JUNK_FRAMES = 20_000
JUNK_A_LINE = 1_000
BROKEN_OFF = frame(bytes.fromhex("6000030000603100000000") + b"\x08\x00")
"""A frame of fifteen bytes whose message breaks off after its type: nobody could be answered, and its line ends."""
SIGN_ONS = 500
MERCHANT_NO, TERMINAL_NO = MerchantNo("102100058120001"), TerminalNo("B0000000")
"""A terminal that the host knows; its key is not needed."""
CHUNK = 64 * 1024


async def _silent(port: int, seconds: float, count: int) -> None:
    loop = asyncio.get_running_loop()
    lines: list[socket.socket] = []
    for number in range(count):
        line = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        line.bind((f"127.0.1.{1 + number % SOURCES}", 0))
        with contextlib.suppress(OSError):
            await loop.sock_connect(line, ("127.0.0.1", port))
            if number % 200 == 0:
                # Half a length, and never the rest.
                await loop.sock_sendall(line, b"\0")
        lines.append(line)
    _tell_begun()
    await asyncio.sleep(seconds)
    for line in lines:
        line.close()


async def _throw_away(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(OSError):
        while await reader.read(CHUNK):
            pass


async def _pour(port: int, seconds: float, data: bytes) -> None:
    """Send the same again and again, as fast as the other end reads, and throw the answers away."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    _tell_begun()
    reading = short_task(_throw_away(reader))
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                writer.write(data)
                await writer.drain()
    reading.cancel()
    writer.transport.abort()
    await asyncio.gather(reading, return_exceptions=True)


async def _junk(port: int, seconds: float) -> None:
    """Junk on one line after another: what is refused with an answer, then what ends the line; then come again."""
    data = frame(wrap(UNIONPAY, UNIONPAY.codec.encode(unknown_message()))) * (JUNK_A_LINE - 1) + BROKEN_OFF
    _tell_begun()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            for _ in range(JUNK_FRAMES // JUNK_A_LINE):
                with contextlib.suppress(OSError):
                    reader, writer = await asyncio.open_connection("127.0.0.1", port)
                    # A sink never ends a line: there the end is this one's own, behind the last byte.
                    writer.write(data)
                    writer.write_eof()
                    await _throw_away(reader)
                    writer.transport.abort()
            # The last lines' answers and log entries are still to come.
            await asyncio.sleep(seconds)


def unknown_message() -> Message:
    """A request from a known terminal that is no row of the catalogue: it is refused in words."""
    known = next(_sign_ons()).message()
    return Message(known.mti, {**known.fields, 60: "00000001999"})


def sign_ons() -> bytes:
    """Requests for keys, each with a trace number of its own."""
    return b"".join(frame(wrap(UNIONPAY, UNIONPAY.codec.encode(request.message()))) for request in _sign_ons())


def _sign_ons() -> Iterator[SignOnRequest]:
    return (
        SignOnRequest(
            merchant_no=MERCHANT_NO,
            terminal_no=TERMINAL_NO,
            batch_no=BatchNo("000001"),
            trace_no=TraceNo(f"{number + 1:06d}"),
            network_code=SIGN_ON_DOUBLE,
            operator_no=OperatorNo("01"),
        )
        for number in range(SIGN_ONS)
    )


Deed = Callable[[int, float], Awaitable[None]]
DEEDS: Mapping[str, Deed] = MappingProxyType(
    {
        "silent_few": lambda port, seconds: _silent(port, seconds, SILENT_FEW),
        "silent_many": lambda port, seconds: _silent(port, seconds, SILENT_MANY),
        "sign_ons": lambda port, seconds: _pour(port, seconds, sign_ons()),
        "junk": _junk,
    }
)


def _tell_begun() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


if __name__ == "__main__":
    open_files_up()
    asyncio.run(DEEDS[sys.argv[1]](int(sys.argv[2]), float(sys.argv[3])))  # type: ignore[arg-type]  # coroutines all
