"""Many terminals of other makes at one host: each signs on, sells without end, and settles what a crash left in doubt.

A client never sells while its last payment is in doubt. Half of them ask again with the same message until they are
answered; the other half reverse. Whatever a client was told, it notes.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from zhanggui.acquirer.rows.records import Terminal
from zhanggui.acquirer.rows.state import Insert, Needs
from zhanggui.bank.cards import card_named
from zhanggui.basics.chance import SystemChance
from zhanggui.basics.clock import SystemClock
from zhanggui.basics.numbers import BatchNo, OperatorNo, TerminalNo, TraceNo, UnixMs
from zhanggui.basics.secret import Pan, Secret
from zhanggui.cup.dialect import UNIONPAY
from zhanggui.cup.envelope import unwrap, wrap
from zhanggui.cup.messages.management import SIGN_ON_DOUBLE, SignOnRequest
from zhanggui.cup.messages.payment import SECURITY_PIN_WITH_PAN, PaymentRequest, ReversalRequest
from zhanggui.cup.messages.sealing import covered_bytes, seal
from zhanggui.iso8583.framing import frame
from zhanggui.iso8583.message import Message
from zhanggui.programs.data_folder import Places, open_host_vault, store_target
from zhanggui.programs.demo import MERCHANT_NO
from zhanggui.programs.settings import Settings
from zhanggui.store.open import open_store
from zhanggui.vault.hsm import KeySet, WorkingKeys
from zhanggui.vault.software import SoftwareHsm

MASTER_KEY_BYTES = 16
SALES_BETWEEN_SIGN_ONS = 15
"""Fresh keys come often, so that some kill hits their change."""
OPERATOR, PIN, CARD = OperatorNo("01"), Secret("123456"), card_named("main")
KNOCK_AGAIN_S = 0.02
REVERSED = ("00", "12", "25")


@dataclass
class Tally:
    """How many answers all clients have, for whoever waits for a number of them."""

    count: int = 0
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def add(self) -> None:
        async with self._changed:
            self.count += 1
            self._changed.notify_all()

    async def reaches(self, count: int) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self.count >= count)


async def make_clients(data: Path, count: int) -> list[tuple[TerminalNo, bytes]]:
    """Enter `count` terminals of other makes at the host, which must not be running; the answer is numbers and master keys."""
    settings, chance, clock = Settings(data=str(data)), SystemChance(), SystemClock()
    places = Places(data)
    hsm = open_host_vault(settings, places, chance)
    made = [(TerminalNo(f"2100{number:04d}"), chance.take(MASTER_KEY_BYTES)) for number in range(1, count + 1)]
    store = open_store(store_target(settings, places))
    try:
        async with store.unit() as unit:
            await unit.load(Needs())
            await unit.save([Insert(_row(hsm, number, key, clock.now())) for number, key in made])
    finally:
        await store.close()
    return made


def _row(hsm: SoftwareHsm, number: TerminalNo, key: bytes, now: UnixMs) -> Terminal:
    return Terminal(
        merchant_no=MERCHANT_NO,
        terminal_no=number,
        model="foreign",
        place="",
        dialect="unionpay",
        operator_check="terminal",
        master_key=hsm.import_terminal_master_key(key, allow_test_keys=False).text,
        created_ms=now,
    )


class ForeignClient:
    """One such terminal. `told` holds what it was told of each payment: response code and reference number."""

    def __init__(self, number: TerminalNo, key: bytes, *, reverses: bool, tally: Tally, stop: asyncio.Event) -> None:
        chance = SystemChance()
        self.number = number
        self.told: dict[str, tuple[str, str]] = {}
        self.amounts: dict[str, int] = {}
        self.reversed: set[str] = set()
        self.asked_again = 0
        self._reverses = reverses
        self._tally = tally
        self._stop = stop
        self._hsm = SoftwareHsm(chance.take(32), chance)
        self._master = self._hsm.import_terminal_master_key(key, allow_test_keys=False)
        self._keys: WorkingKeys | None = None
        self._trace = 0
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def work(self, port: int, host_up: asyncio.Event) -> None:
        """Sign on and sell until told to stop; what was in doubt is settled before the end."""
        try:
            while not self._stop.is_set():
                if len(self.told) % SALES_BETWEEN_SIGN_ONS == 0:
                    await self._sign_on(port, host_up)
                await self._sell(port, host_up)
        finally:
            self._hang_up()

    async def _sign_on(self, port: int, host_up: asyncio.Event) -> None:
        request = SignOnRequest(
            merchant_no=MERCHANT_NO,
            terminal_no=self.number,
            batch_no=BatchNo("000001"),
            trace_no=self._next_trace(),
            network_code=SIGN_ON_DOUBLE,
            operator_no=OPERATOR,
        )
        body = UNIONPAY.codec.encode(request.message())
        answer = await self._until_answered(body, port, host_up)
        assert answer.fields[39] == "00", f"the sign-on was refused with {answer.fields[39]!s}"
        field_62 = answer.fields[62]
        assert isinstance(field_62, bytes)
        self._keys = self._hsm.load_working_keys(self._master, field_62, KeySet.DOUBLE)

    async def _sell(self, port: int, host_up: asyncio.Event) -> None:
        assert self._keys is not None
        trace_no = self._next_trace()
        amount_fen = self.amounts[trace_no] = 1 + self._trace % 7
        request = PaymentRequest(
            kind="sale",
            merchant_no=MERCHANT_NO,
            terminal_no=self.number,
            batch_no=BatchNo("000001"),
            trace_no=trace_no,
            amount_fen=amount_fen,
            entry_mode="021",
            operator_no=OPERATOR,
            pan=Pan(CARD.pan),
            track2=Secret(CARD.track2),
            pin_block=self._hsm.encrypt_pin(self._keys.pin_key, PIN, Pan(CARD.pan)),
            security_control=SECURITY_PIN_WITH_PAN,
        )
        body = self._sealed(request.message())
        answer = await self._asked(body, port, host_up)
        if answer is None and self._reverses:
            await self._reverse(request, port, host_up)
            return
        if answer is None:
            self.asked_again += 1
            answer = await self._until_answered(body, port, host_up)
        code, rrn = str(answer.fields[39]), str(answer.fields[37])
        if code == "00":
            covered, mac = covered_bytes(UNIONPAY.codec.encode(answer), answer)
            assert self._hsm.verify_mac(self._keys.mac_key, UNIONPAY.mac_algorithm, covered, mac)
        self.told[trace_no] = code, rrn
        await self._tally.add()

    async def _reverse(self, sale: PaymentRequest, port: int, host_up: asyncio.Event) -> None:
        reversal = ReversalRequest(
            kind="sale",
            merchant_no=sale.merchant_no,
            terminal_no=sale.terminal_no,
            batch_no=sale.batch_no,
            trace_no=sale.trace_no,
            amount_fen=sale.amount_fen,
            entry_mode=sale.entry_mode,
            reason="98",
            pan=sale.pan,
        )
        answer = await self._until_answered(self._sealed(reversal.message()), port, host_up)
        assert answer.fields[39] in REVERSED, f"the reversal was refused with {answer.fields[39]!s}"
        self.reversed.add(sale.trace_no)
        self.told[sale.trace_no] = "", ""
        await self._tally.add()

    # ── the line ─────────────────────────────────────────────────────────────

    async def _until_answered(self, body: bytes, port: int, host_up: asyncio.Event) -> Message:
        while True:
            answer = await self._asked(body, port, host_up)
            if answer is not None:
                return answer

    async def _asked(self, body: bytes, port: int, host_up: asyncio.Event) -> Message | None:
        """Send once; None when the line broke before the answer."""
        try:
            if self._writer is None:
                await host_up.wait()
                self._reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
            assert self._reader is not None
            self._writer.write(frame(wrap(UNIONPAY, body)))
            length = int.from_bytes(await self._reader.readexactly(2), "big")
            payload = await self._reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError):
            self._hang_up()
            await asyncio.sleep(KNOCK_AGAIN_S)
            return None
        return UNIONPAY.codec.decode(unwrap(UNIONPAY, payload).body)

    def _hang_up(self) -> None:
        if self._writer is not None:
            self._writer.transport.abort()
        self._reader = self._writer = None

    def _sealed(self, message: Message) -> bytes:
        keys = self._keys
        assert keys is not None
        return seal(UNIONPAY.codec, message, lambda data: self._hsm.mac(keys.mac_key, UNIONPAY.mac_algorithm, data))

    def _next_trace(self) -> TraceNo:
        self._trace += 1
        return TraceNo(f"{self._trace:06d}")


def clients_of(made: Sequence[tuple[TerminalNo, bytes]], tally: Tally, stop: asyncio.Event) -> list[ForeignClient]:
    """The clients of these terminals; every other one reverses what is in doubt, the rest ask again."""
    return [
        ForeignClient(number, key, reverses=place % 2 == 0, tally=tally, stop=stop)
        for place, (number, key) in enumerate(made)
    ]
