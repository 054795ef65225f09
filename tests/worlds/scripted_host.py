"""A small host on a real socket whose answers a test can bend: the terminal's host link against everything that can go wrong."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from tests.worlds.shell_makes import MORNING, KeyRoom

from zhanggui.basics.clock import CHINA, instant_of
from zhanggui.basics.numbers import BatchNo, RecordNo, SessionNo, UnixMs
from zhanggui.cup.dialect import UNIONPAY
from zhanggui.cup.envelope import unwrap
from zhanggui.cup.messages.head import host_time
from zhanggui.cup.messages.management import ManagementAnswer
from zhanggui.cup.messages.operator import operator_answer
from zhanggui.cup.messages.operator_outcomes import OpenedSession, VerifiedOperator
from zhanggui.cup.messages.payment import PaymentAnswer, read_payment, reversal_answer
from zhanggui.cup.messages.sealing import covered_bytes, seal
from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.response_codes import means
from zhanggui.cup.transactions import Transaction, identify
from zhanggui.iso8583.framing import FrameSplitter, frame
from zhanggui.iso8583.message import Message
from zhanggui.vault.hsm import KeySet

RRN = "000000000012"
ACQUIRER = "48021000"
SHOP = "掌柜便利店"
HOSTS_BATCH = BatchNo("000007")


@dataclass
class Heard:
    """One request as the host understood it."""

    transaction: Transaction
    message: Message
    mac_is_right: bool


Bend = Callable[[bytes], bytes | None]
"""Changes an answer's payload; None sends nothing at all."""


@dataclass
class ScriptedHost:
    """Answers every request well, unless a test says otherwise."""

    room: KeyRoom = field(default_factory=KeyRoom)
    now: UnixMs = MORNING
    heard: list[Heard] = field(default_factory=list)
    codes: dict[str, str] = field(default_factory=dict)
    """Field 39 by the name of the request; 00 otherwise."""
    tags: dict[str, dict[Tag, str]] = field(default_factory=dict)
    """Tags of field 62 by the name of the request."""
    change: dict[str, Callable[[Message], None]] = field(default_factory=dict)
    """Changes an answer before its MAC is made."""
    bend: dict[str, Bend] = field(default_factory=dict)
    """Changes an answer's bytes after its MAC was made."""
    hang_up: set[str] = field(default_factory=set)
    """Names of requests after which the connection is closed without an answer."""
    silent: set[str] = field(default_factory=set)
    """Names of requests that never get an answer; the connection stays open."""
    slow_s: dict[str, float] = field(default_factory=dict)
    """Seconds after which the answer to a request of this name goes out."""
    macs_refusals: bool = True
    """Refusals of payments and reversals carry a MAC too, as those of our host do."""
    batch_no: BatchNo = HOSTS_BATCH
    port: int = 0
    came: asyncio.Event = field(default_factory=asyncio.Event)
    """Set whenever a request came in."""
    _server: asyncio.Server | None = None
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            for writer in self._writers:
                writer.transport.abort()
            await self._server.wait_closed()

    def names(self) -> list[str]:
        """Names of the requests so far, in order."""
        return [heard.transaction.name for heard in self.heard]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        splitter = FrameSplitter()
        try:
            while chunk := await reader.read(4096):
                for payload in splitter.feed(chunk):
                    name, answer = self.answer(payload)
                    self.came.set()
                    if name in self.silent:
                        continue
                    if name in self.hang_up or answer is None:
                        return
                    if name in self.slow_s:
                        await asyncio.sleep(self.slow_s[name])
                    writer.write(frame(answer))
        except ConnectionError:
            return
        finally:
            writer.close()

    def answer(self, payload: bytes) -> tuple[str, bytes | None]:
        """The payload of the answer, bent as the test wants it."""
        envelope = unwrap(UNIONPAY, payload)
        request = UNIONPAY.codec.decode(envelope.body)
        transaction = identify(request)
        assert transaction is not None
        self.heard.append(Heard(transaction, request, self._mac_is_right(transaction, envelope.body, request)))
        name = transaction.name
        answer = self._answer_to(transaction, request)
        if name in self.change:
            self.change[name](answer)
        stands = means(str(answer.fields.get(39))) == "stands"
        due = transaction.mac == "approved" and (stands or self.macs_refusals)
        if transaction.mac == "always" or due:
            body = seal(UNIONPAY.codec, answer, self._mac)
        else:
            body = UNIONPAY.codec.encode(answer)
        whole = envelope.answer(UNIONPAY, body)
        return name, self.bend[name](whole) if name in self.bend else whole

    def _answer_to(self, transaction: Transaction, request: Message) -> Message:
        time = host_time(self.now)
        code = self.codes.get(transaction.name, "00")
        tags = self.tags.get(transaction.name, {})
        match transaction.name:
            case "sign_on_track":
                keys = self.room.working_keys(KeySet.DOUBLE_TRACK).field_62 if code == "00" else None
                return ManagementAnswer(
                    time=time, rrn=RRN, response_code=code, acquirer_code=ACQUIRER, batch_no=self.batch_no, keys=keys
                ).message(request)
            case "sale":
                return PaymentAnswer(
                    time=time,
                    rrn=RRN,
                    response_code=code,
                    settlement_date=time.field_13,
                    acquirer_code=ACQUIRER,
                    auth_code="654321" if code == "00" else "",
                    issuer="招商银行",
                    acquirer="掌柜",
                ).message(transaction.name, request, read_payment(request, transaction).pan)
            case "reversal":
                return reversal_answer(request, time, RRN, code, ACQUIRER)
            case "operator_verify" if code == "00":
                tags = (
                    VerifiedOperator(
                        record_no=RecordNo(41),
                        operator_name="王芳",
                        role="cashier",
                        merchant_name=SHOP,
                        place="一号台",
                        host_clock=self.now,
                    ).tags()
                    | tags
                )
            case "operator_confirm" if code == "00":
                opened = OpenedSession(session_no=SessionNo(9), record_no=RecordNo(41), host_clock=self.now)
                tags = opened.tags() | tags
            case "operator_sign_out" if code == "00":
                tags = {Tag.FIGURES: "3,12345"} | tags
            case _:
                pass
        return operator_answer(transaction, request, time, RRN, code, ACQUIRER, tags)

    def _mac(self, covered: bytes) -> bytes:
        assert self.room.keys is not None
        return self.room.hsm.mac(self.room.keys.mac_key, UNIONPAY.mac_algorithm, covered)

    def _mac_is_right(self, transaction: Transaction, body: bytes, request: Message) -> bool:
        if transaction.mac == "none" or self.room.keys is None:
            return transaction.mac == "none"
        covered, mac = covered_bytes(body, request)
        return self.room.hsm.verify_mac(self.room.keys.mac_key, UNIONPAY.mac_algorithm, covered, mac)


def forged(code: str, *, mac: bytes | None = None) -> Bend:
    """What somebody on the line makes of an answer: another code, and no MAC or one that was made up."""

    def bend(whole: bytes) -> bytes:
        envelope = unwrap(UNIONPAY, whole)
        message = UNIONPAY.codec.decode(envelope.body)
        message.fields[39] = code
        message.fields.pop(64, None)
        if mac is not None:
            message.fields[64] = mac
        return whole[: -len(envelope.body)] + UNIONPAY.codec.encode(message)

    return bend


def year_end(hour: int) -> UnixMs:
    """An instant on the last day of 2026."""
    return instant_of(datetime(2026, 12, 31, hour, 59, 59, tzinfo=CHINA))
