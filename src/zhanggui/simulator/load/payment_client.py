"""The load of `bench host`: many terminals, one sale at a time each. Ends by itself when each has sold its share."""

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from ...basics.errors import Fault
from ...basics.numbers import BatchNo, MerchantNo, OperatorNo, TerminalNo, TraceNo
from ...basics.secret import Pan, Secret
from ...cup.dialect import UNIONPAY
from ...cup.envelope import unwrap, wrap
from ...cup.messages.management import SIGN_ON_DOUBLE, SignOnRequest
from ...cup.messages.payment import SECURITY_PIN_WITH_PAN, PaymentRequest
from ...cup.messages.sealing import covered_bytes, seal
from ...iso8583.framing import FrameSplitter, frame
from ...vault.hsm import KeySet, WorkingKeys
from ...vault.keys import TerminalMasterKeyBlock
from ...vault.software import SoftwareHsm

KIND = "sale"
BATCH = BatchNo("000001")
SIGN_ON_TRACE = 1
PIN = Secret("123456")
GIVE_UP_S = 120.0


class PaymentClient:
    """One terminal: it knows its keys and makes its requests."""

    def __init__(
        self,
        hsm: SoftwareHsm,
        master: TerminalMasterKeyBlock,
        merchant_no: MerchantNo,
        terminal_no: TerminalNo,
        card: str,
        amount_fen: int,
    ) -> None:
        self._hsm = hsm
        self._master = master
        self.merchant_no = merchant_no
        self.terminal_no = terminal_no
        self.card = Pan(card)
        self.amount_fen = amount_fen
        self._keys: WorkingKeys | None = None

    def sign_on(self) -> bytes:
        """The framed 0800."""
        request = SignOnRequest(
            merchant_no=self.merchant_no,
            terminal_no=self.terminal_no,
            batch_no=BATCH,
            trace_no=TraceNo(f"{SIGN_ON_TRACE:06d}"),
            network_code=SIGN_ON_DOUBLE,
            operator_no=OperatorNo("01"),
        )
        return frame(wrap(UNIONPAY, UNIONPAY.codec.encode(request.message())))

    def take_keys(self, payload: bytes) -> None:
        """Load the working keys of a 0810. Fault when it is a refusal."""
        message = UNIONPAY.codec.decode(unwrap(UNIONPAY, payload).body)
        field_62 = message.fields.get(62)
        if message.fields.get(39) != "00" or not isinstance(field_62, bytes):
            raise Fault(f"sign-in of {self.terminal_no} was refused with {message.fields.get(39)!r}")
        self._keys = self._hsm.load_working_keys(self._master, field_62, KeySet.DOUBLE)

    def payment(self, trace: int) -> bytes:
        """A framed 0200 with PIN and MAC."""
        request = PaymentRequest(
            kind=KIND,
            merchant_no=self.merchant_no,
            terminal_no=self.terminal_no,
            batch_no=BATCH,
            trace_no=TraceNo(f"{trace:06d}"),
            amount_fen=self.amount_fen,
            entry_mode="021",
            operator_no=OperatorNo("01"),
            pan=self.card,
            track2=Secret(f"{self.card.reveal()}=4912"),
            pin_block=self.pin_block(PIN),
            security_control=SECURITY_PIN_WITH_PAN,
        )
        return frame(wrap(UNIONPAY, seal(UNIONPAY.codec, request.message(), self.mac)))

    def pin_block(self, pin: Secret) -> bytes:
        """Field 52 for this card."""
        assert self._keys is not None
        return self._hsm.encrypt_pin(self._keys.pin_key, pin, self.card)

    def mac(self, covered: bytes) -> bytes:
        """Field 64."""
        assert self._keys is not None
        return self._hsm.mac(self._keys.mac_key, UNIONPAY.mac_algorithm, covered)

    def check(self, payload: bytes) -> None:
        """Fault unless the answer is an approval with a right MAC."""
        body = unwrap(UNIONPAY, payload).body
        message = UNIONPAY.codec.decode(body)
        if message.fields.get(39) != "00":
            raise Fault(f"a sale of {self.terminal_no} was answered with {message.fields.get(39)!r}")
        covered, mac = covered_bytes(body, message)
        assert self._keys is not None
        if not self._hsm.verify_mac(self._keys.mac_key, UNIONPAY.mac_algorithm, covered, mac):
            raise Fault("an answer's MAC is wrong")

    def request_bytes(self) -> bytes:
        """A payload as long as a sale, for the echo."""
        return bytes(200)


@dataclass(slots=True)
class Outcome:
    """What a run of sales gave."""

    approved: int
    seconds: float
    waits_s: list[float]
    cpu_s: tuple[float, ...]
    client_cpu_s: float

    def quantile(self, share: float) -> float:
        """The wait that this share of the sales did not exceed, in seconds."""
        ordered = sorted(self.waits_s)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class _Line(asyncio.BufferedProtocol):
    """One connection: sends the next request when the answer to the last is in."""

    def __init__(self, requests: Sequence[bytes], done: Callable[[], None], failed: Callable[[str], None]) -> None:
        self.waits_s: list[float] = []
        self.answers: list[bytes] = []
        self._requests = requests
        self._done = done
        self._failed = failed
        self._next = 0
        self._sent_s = 0.0
        self._buffer = memoryview(bytearray(4_096))
        self._splitter = FrameSplitter()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def begin(self, requests: Sequence[bytes]) -> None:
        """Send these, one after the other."""
        self._requests, self._next = requests, 0
        self.waits_s.clear()
        self.answers.clear()
        self._send()

    def _send(self) -> None:
        assert self._transport is not None
        self._sent_s = time.perf_counter()
        self._transport.write(self._requests[self._next])
        self._next += 1

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        for payload in self._splitter.feed(self._buffer[:nbytes]):
            self.waits_s.append(time.perf_counter() - self._sent_s)
            self.answers.append(payload)
            if self._next < len(self._requests):
                self._send()
            else:
                self._done()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._next < len(self._requests):
            self._failed("the server closed a connection")

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


class _Fleet:
    """All connections, started together and waited for together."""

    def __init__(self) -> None:
        self.lines: list[_Line] = []
        self._left = 0
        self._finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def connect(self, host: str, port: int, count: int) -> None:
        """Open the connections."""
        loop = asyncio.get_running_loop()
        for _ in range(count):
            _, line = await loop.create_connection(lambda: _Line((), self._one_done, self._failed), host, port)
            self.lines.append(line)

    async def run(self, requests: Sequence[Sequence[bytes]]) -> float:
        """Send each line's requests; the answer is the time it took, in seconds."""
        self._left = len(self.lines)
        self._finished = asyncio.get_running_loop().create_future()
        begin = time.perf_counter()
        for line, of_line in zip(self.lines, requests, strict=True):
            line.begin(of_line)
        async with asyncio.timeout(GIVE_UP_S):
            await self._finished
        return time.perf_counter() - begin

    def close(self) -> None:
        """Hang up everywhere."""
        for line in self.lines:
            line.close()

    def _one_done(self) -> None:
        self._left -= 1
        if self._left == 0 and not self._finished.done():
            self._finished.set_result(None)

    def _failed(self, why: str) -> None:
        if not self._finished.done():
            self._finished.set_exception(Fault(why))


async def run_payments(
    host: str, port: int, clients: Sequence[PaymentClient], sales_each: int, cpu_clocks: Sequence[Callable[[], float]]
) -> Outcome:
    """Sign every client in, then sell; every answer is checked after the clock has stopped."""
    fleet = _Fleet()
    await fleet.connect(host, port, len(clients))
    await fleet.run([[client.sign_on()] for client in clients])
    for client, line in zip(clients, fleet.lines, strict=True):
        client.take_keys(line.answers[0])
    first = SIGN_ON_TRACE + 1
    requests = [[client.payment(trace) for trace in range(first, first + sales_each)] for client in clients]
    cpu_before = [clock() for clock in cpu_clocks]
    own_before = _own_cpu_s()
    seconds = await fleet.run(requests)
    own_after = _own_cpu_s()
    cpu_after = [clock() for clock in cpu_clocks]
    for client, line in zip(clients, fleet.lines, strict=True):
        for payload in line.answers:
            client.check(payload)
    fleet.close()
    waits_s = [wait for line in fleet.lines for wait in line.waits_s]
    used = tuple(after - before for before, after in zip(cpu_before, cpu_after, strict=True))
    return Outcome(len(waits_s), seconds, waits_s, used, own_after - own_before)


async def run_echo(host: str, port: int, connections: int, payload: bytes, each: int) -> float:
    """Echoes a second with the same client."""
    fleet = _Fleet()
    await fleet.connect(host, port, connections)
    seconds = await fleet.run([[frame(payload)] * each for _ in range(connections)])
    fleet.close()
    return connections * each / seconds


def _own_cpu_s() -> float:
    times = os.times()
    return times.user + times.system
