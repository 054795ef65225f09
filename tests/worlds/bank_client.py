"""A host in small: sets a bank up and speaks to it over TCP, for the bank's scenarios."""

import asyncio
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zhanggui.bank.cards import card_named
from zhanggui.bank.setup import accept_zone_keys, create_bank
from zhanggui.basics.chance import SeededChance
from zhanggui.basics.numbers import MerchantNo, Rrn, TerminalNo, TraceNo, UnixMs
from zhanggui.basics.secret import Pan, Secret
from zhanggui.cup.dialect import INTERBANK
from zhanggui.cup.messages.head import host_time
from zhanggui.cup.messages.interbank import BankAnswer, BankPayment, BankReversal, read_bank_answer
from zhanggui.cup.messages.sealing import covered_bytes, seal
from zhanggui.iso8583.framing import frame
from zhanggui.iso8583.message import Message
from zhanggui.iso8583.tlv import encode_tlv
from zhanggui.vault.cryptogram import arqc_data, make_arqc
from zhanggui.vault.hsm import KeySet
from zhanggui.vault.keys import PinKeyBlock, ZoneMacKeyBlock, ZonePinKeyBlock
from zhanggui.vault.software import SoftwareHsm

ACQUIRER = "48021000"
MERCHANT = MerchantNo("102100058120001")
TERMINAL = TerminalNo("10000001")
NOON = UnixMs(1_795_406_400_000)
"""2026-11-23 12:00 in China."""
TRANSPORT_KEY = bytes(range(32))


class FixedClock:
    """A clock that a test sets."""

    def __init__(self, now: UnixMs = NOON) -> None:
        self.time = now

    def now(self) -> UnixMs:
        return self.time

    def elapsed_s(self) -> float:
        return self.time / 1000


def bank_vault() -> SoftwareHsm:
    """The vault of the test bank, the same one each time."""
    return SoftwareHsm(bytes(range(32, 64)), SeededChance(11))


@dataclass
class HostKeys:
    """The host's side of the zone keys, and a terminal's PIN key to make blocks with."""

    hsm: SoftwareHsm
    pin_key: PinKeyBlock
    zone_pin: ZonePinKeyBlock
    zone_mac: ZoneMacKeyBlock

    def pin_block(self, pan: str, pin: str) -> bytes:
        block = self.hsm.encrypt_pin(self.pin_key, Secret(pin), Pan(pan))
        return self.hsm.translate_pin(block, self.pin_key, self.zone_pin)

    def seal(self, message: Message) -> bytes:
        return seal(INTERBANK.codec, message, lambda data: self.hsm.mac(self.zone_mac, INTERBANK.mac_algorithm, data))

    def open(self, body: bytes) -> Message:
        message = INTERBANK.codec.decode(body)
        covered, mac = covered_bytes(body, message)
        assert self.hsm.verify_mac(self.zone_mac, INTERBANK.mac_algorithm, covered, mac), "the bank's MAC is wrong"
        return message


def set_up(data_dir: Path, seed: int = 5) -> HostKeys:
    """A bank with all test cards in `data_dir`, and the keys that its host holds."""
    host = SoftwareHsm(bytes(range(64, 96)), SeededChance(seed))
    zone_pin, zone_mac = host.new_zone_pin_key(), host.new_zone_mac_key()
    bank = bank_vault()
    create_bank(data_dir, bank)
    accept_zone_keys(
        data_dir,
        bank,
        host.export_block(zone_pin, TRANSPORT_KEY),
        host.export_block(zone_mac, TRANSPORT_KEY),
        TRANSPORT_KEY,
    )
    tmk = host.new_terminal_master_key()
    return HostKeys(host, host.new_working_keys(tmk, KeySet.DOUBLE).pin_key, zone_pin, zone_mac)


def field_55(card_key: bytes, counter: int, amount_fen: int, **changes: bytes) -> bytes:
    """What a chip and its terminal put into field 55 of a sale."""
    values = {
        0x9F02: bytes.fromhex(f"{amount_fen:012d}"),
        0x9F03: bytes(6),
        0x9F1A: b"\x01\x56",
        0x95: bytes(5),
        0x5F2A: b"\x01\x56",
        0x9A: bytes.fromhex("261123"),
        0x9C: b"\0",
        0x9F37: bytes.fromhex("CAFE0815"),
        0x82: bytes.fromhex("7C00"),
        0x9F36: counter.to_bytes(2, "big"),
        0x9F10: bytes.fromhex("07010103A00000"),
    }
    arqc = make_arqc(card_key, counter, arqc_data(values))
    return encode_tlv([(0x9F26, changes.get("arqc", arqc)), (0x9F27, b"\x80"), *values.items()])


class BankClient:
    """One line to a bank; answers are matched by message type and reference number."""

    def __init__(self, keys: HostKeys) -> None:
        self.keys = keys
        self._numbers = itertools.count(1)
        self._answers: dict[str, asyncio.Future[BankAnswer]] = {}
        self._reading: asyncio.Task[None] | None = None

    async def connect(self, port: int) -> None:
        self._reader, self.writer = await asyncio.open_connection("127.0.0.1", port)
        self._reading = asyncio.create_task(self._read())

    async def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self.writer.close()
            await asyncio.gather(self._reading, self.writer.wait_closed(), return_exceptions=True)

    async def _read(self) -> None:
        while True:
            length = int.from_bytes(await self._reader.readexactly(2), "big")
            message = self.keys.open(await self._reader.readexactly(length))
            answer = read_bank_answer(message)
            waiting = self._answers.pop(f"{message.mti}-{answer.rrn}", None)
            assert waiting is not None, "an answer that nobody waits for"
            waiting.set_result(answer)

    def sale(
        self, card_id: str = "main", amount_fen: int = 1_00, pin: str | None = "123456", **changes: Any
    ) -> BankPayment:
        """A swiped sale with a test card; `changes` replace fields."""
        card = card_named(card_id)
        number = next(self._numbers)
        values: dict[str, Any] = {
            "kind": "sale",
            "acquirer_code": ACQUIRER,
            "rrn": Rrn(f"{number:012d}"),
            "trace_no": TraceNo(f"{number:06d}"),
            "merchant_no": MERCHANT,
            "terminal_no": TERMINAL,
            "amount_fen": amount_fen,
            "entry_mode": "021" if pin else "022",
            "pan": Pan(card.pan),
            "expiry_yymm": card.expiry_yymm,
            "time": host_time(NOON),
            "track2": Secret(card.track2),
            "pin_block": self.keys.pin_block(card.pan, pin) if pin else None,
        }
        return BankPayment(**(values | changes))

    def reversal(self, sale: BankPayment, **changes: Any) -> BankReversal:
        values: dict[str, Any] = {
            "kind": sale.kind,
            "acquirer_code": sale.acquirer_code,
            "rrn": sale.rrn,
            "trace_no": sale.trace_no,
            "merchant_no": sale.merchant_no,
            "terminal_no": sale.terminal_no,
            "amount_fen": sale.amount_fen,
            "reason": "98",
        }
        return BankReversal(**(values | changes))

    def send(self, request: BankPayment | BankReversal) -> "asyncio.Future[BankAnswer]":
        """Send a request; the future holds its answer."""
        message = request.message()
        expected = f"{int(message.mti) + 10:04d}-{request.rrn}"
        waiting: asyncio.Future[BankAnswer] = asyncio.get_running_loop().create_future()
        self._answers[expected] = waiting
        self.writer.write(frame(self.keys.seal(message)))
        return waiting

    async def ask(self, request: BankPayment | BankReversal) -> BankAnswer:
        return await asyncio.wait_for(self.send(request), 20)

    def send_fields(
        self, mti: str, fields: Mapping[int, str | bytes], *, mac: bytes | None = None
    ) -> "asyncio.Future[BankAnswer]":
        """Send any message, with a MAC of its own choice; the future holds the answer to its reference number."""
        body = self.keys.seal(Message(mti, dict(fields)))
        waiting: asyncio.Future[BankAnswer] = asyncio.get_running_loop().create_future()
        self._answers[f"{int(mti) + 10:04d}-{fields[37]!s}"] = waiting
        self.writer.write(frame(body if mac is None else body[:-8] + mac))
        return waiting
