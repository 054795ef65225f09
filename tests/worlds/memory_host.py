"""The host's rooms over a store in memory: true reception, engine, keys and bank line; a bank of this test's own."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import msgspec
from tests.worlds.line_face import QuietLine
from tests.worlds.memory_store import MemoryStore

from zhanggui.acquirer.rows.numbering import RrnSource
from zhanggui.acquirer.rows.records import Merchant, Session, Terminal
from zhanggui.acquirer.terminals.leases import Leases
from zhanggui.basics.chance import SeededChance
from zhanggui.basics.numbers import (
    BatchNo,
    MerchantNo,
    OperatorNo,
    RecordNo,
    Rrn,
    SessionNo,
    TerminalNo,
    TraceNo,
    UnixMs,
)
from zhanggui.basics.secret import Pan
from zhanggui.cup.dialect import INTERBANK, UNIONPAY, Dialect
from zhanggui.cup.envelope import unwrap, wrap
from zhanggui.cup.messages.bank_statement import StatedPayment
from zhanggui.cup.messages.interbank import BankAnswer, BankPayment, BankReversal, read_bank_payment, read_bank_reversal
from zhanggui.cup.messages.payment import PaymentRequest, ReversalRequest
from zhanggui.cup.messages.sealing import seal
from zhanggui.edges.listener import FrameConnection
from zhanggui.host.commit import Door
from zhanggui.host.engine import Engine
from zhanggui.host.keys import create_host_keys
from zhanggui.host.networks.bank_line import BankLine
from zhanggui.host.orders import OpenOrders
from zhanggui.host.queue import WorkQueue
from zhanggui.host.slip_pages import SlipPages
from zhanggui.host.strangers import Strangers
from zhanggui.host.wire.reception import Reception
from zhanggui.host.work import Desk
from zhanggui.iso8583.message import Message
from zhanggui.vault.hsm import KeySet
from zhanggui.vault.software import SoftwareHsm

MERCHANT = MerchantNo("102100058120001")
TERMINAL = TerminalNo("10000001")
NOON = UnixMs(1_795_406_400_000)


class StoppedClock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.at_ms, self.at_s = int(NOON), 0.0

    def now(self) -> UnixMs:
        return UnixMs(self.at_ms)

    def elapsed_s(self) -> float:
        return self.at_s


class Line(QuietLine):
    """A terminal's connection: what was sent on it, and whether it was closed."""

    def __init__(self, dialect: Dialect = UNIONPAY) -> None:
        self.dialect = dialect
        self.sent: list[Message] = []
        self.closed = False

    def send(self, payload: bytes) -> None:
        self.sent.append(self.dialect.codec.decode(unwrap(self.dialect, payload).body))

    def end(self) -> None:
        """Nothing is owed here: every answer is written at once."""
        self.close()

    def close(self) -> None:
        self.closed = True

    @property
    def codes(self) -> list[str]:
        return [str(message.fields[39]) for message in self.sent]


class BankWire:
    """Stands where the link to the bank stands: keeps what was sent, and is up or down."""

    def __init__(self) -> None:
        self.up = asyncio.Event()
        self.up.set()
        self.sent: list[Message] = []

    def send(self, payload: bytes) -> bool:
        if self.up.is_set():
            self.sent.append(INTERBANK.codec.decode(payload))
        return self.up.is_set()

    @property
    def sales(self) -> list[BankPayment]:
        return [read_bank_payment(message) for message in self.sent if message.mti == "0200"]

    @property
    def reversals(self) -> list[BankReversal]:
        return [read_bank_reversal(message) for message in self.sent if message.mti == "0400"]


async def tell_nothing(
    merchant_no: MerchantNo, terminal_no: TerminalNo, after: Rrn, upto: Rrn
) -> tuple[StatedPayment, ...]:
    """A bank's statement with no payment in it."""
    return ()


class MemoryHost:
    """Everything together, with one terminal of ours on which operator 01 has a session."""

    def __init__(self) -> None:
        self.clock = StoppedClock()
        self.store = MemoryStore()
        chance = SeededChance(1)
        hsm = SoftwareHsm(chance.take(32), chance)
        with TemporaryDirectory() as folder:
            self.keys = create_host_keys(hsm, Path(folder) / "keys.json")
        self.hsm = hsm
        self.desk = Desk(
            keys=self.keys,
            rrn=RrnSource(),
            leases=Leases(self.clock.elapsed_s),
            acquirer_code="08888888",
            acquirer_name="掌柜收单",
            strangers=Strangers(self.clock, 60),
            orders=OpenOrders(self.clock),
        )
        self.door = Door(self.store, self.clock, chance)
        self.queue = WorkQueue(self.desk, self.clock)
        self.slip_pages = SlipPages(self.queue, self.keys, self.door)
        self.bank = BankLine(self.queue, self.desk, self.clock, "127.0.0.1", 1, 45.0)
        self.wire = BankWire()
        self.bank.link = self.wire  # type: ignore[assignment]  # the part of a link that the line uses
        self.engine = Engine(self.queue, self.door, self.desk, self.bank)
        self.reception = Reception(self.desk, UNIONPAY, self.queue.submit, self.clock.now)
        master = hsm.new_terminal_master_key()
        working = hsm.new_working_keys(master, KeySet.DOUBLE)
        self.master, self.mac_key = master, working.mac_key
        terminal = Terminal(
            merchant_no=MERCHANT,
            terminal_no=TERMINAL,
            model="smart",
            place="前台",
            dialect="unionpay",
            operator_check="host",
            master_key=master.text,
            pin_key=working.pin_key.text,
            mac_key=working.mac_key.text,
            created_ms=NOON,
        )
        session = Session(
            merchant_no=MERCHANT,
            session_no=SessionNo(1),
            terminal_no=TERMINAL,
            operator_no=OperatorNo("01"),
            record_no=RecordNo(1),
            kind="verified",
            opened_ms=NOON,
        )
        self.store.put(Merchant(merchant_no=MERCHANT, name="掌柜示范店", created_ms=NOON), terminal, session)

    def receive(self, payload: bytes, line: Line) -> None:
        self.reception.on_frame(cast(FrameConnection, line), payload)

    def sealed(self, message: Message) -> bytes:
        """A frame's payload of the terminal, with its MAC."""
        body = seal(
            UNIONPAY.codec, message, lambda covered: self.hsm.mac(self.mac_key, UNIONPAY.mac_algorithm, covered)
        )
        return wrap(UNIONPAY, body)

    def sale(self, trace: str, line: Line, amount_fen: int = 100) -> None:
        request = PaymentRequest(
            kind="sale",
            merchant_no=MERCHANT,
            terminal_no=TERMINAL,
            batch_no=BatchNo("000001"),
            trace_no=TraceNo(trace),
            amount_fen=amount_fen,
            entry_mode="052",
            operator_no=OperatorNo("01"),
            pan=Pan("6217000000000000012"),
            expiry_yymm="4912",
            chip_data=bytes.fromhex("95050000008000"),
        )
        self.receive(self.sealed(request.message()), line)

    def reverse(self, trace: str, line: Line, amount_fen: int = 100) -> None:
        request = ReversalRequest(
            kind="sale",
            merchant_no=MERCHANT,
            terminal_no=TERMINAL,
            batch_no=BatchNo("000001"),
            trace_no=TraceNo(trace),
            amount_fen=amount_fen,
            entry_mode="052",
            reason="98",
        )
        self.receive(self.sealed(request.message()), line)

    def bank_says(self, code: str, asked: Message, bent: dict[int, str | None] | None = None) -> None:
        """The bank's sealed answer to what was sent to it; `bent` changes fields, or takes them away (0: the message type)."""
        sale = read_bank_payment(asked) if asked.mti == "0200" else read_bank_reversal(asked)
        answer = BankAnswer(acquirer_code=sale.acquirer_code, rrn=sale.rrn, response_code=code, settlement_date="1124")
        message = answer.message(asked)
        for number, value in (bent or {}).items():
            if number == 0:
                message = Message(str(value), message.fields)
            elif value is None:
                del message.fields[number]
            else:
                message.fields[number] = value
        body = seal(INTERBANK.codec, message, self.keys.zone_mac)
        self.bank.on_frame(body)

    async def settled(self) -> None:
        """Everything that was submitted is decided, committed and answered."""
        await self.queue.until_idle()

    def change_terminal(self, **fields: str) -> None:
        row = self.store.rows[(Terminal, MERCHANT, TERMINAL)]
        self.store.put(msgspec.structs.replace(row, **fields))
