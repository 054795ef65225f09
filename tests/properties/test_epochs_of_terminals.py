"""Copies of a terminal's folder that are put back, run side by side or begin anew, over the true engine of the host.

A model of the terminal's shell holds what a journal holds; how it goes on after a sign-on is the flow's own `adopt`. Whatever happens:
a sale whose slip was printed stands, and no two slips come from one payment.
"""

import asyncio
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Literal

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.worlds.flow_story import machine
from tests.worlds.memory_host import MERCHANT, TERMINAL, Line, MemoryHost

from zhanggui.acquirer.rows.records import Clash, Payment, Posting, SupportCase
from zhanggui.basics.chance import SeededChance
from zhanggui.basics.numbers import BatchNo, OperatorNo, Rrn, TraceNo
from zhanggui.basics.secret import Pan, Secret
from zhanggui.cup.dialect import UNIONPAY
from zhanggui.cup.envelope import unwrap, wrap
from zhanggui.cup.messages.management import SIGN_ON_DOUBLE, SignOnRequest
from zhanggui.cup.messages.payment import PaymentRequest, ReversalRequest
from zhanggui.cup.messages.sealing import covered_bytes, seal
from zhanggui.cup.transactions import bytes_of, text_of
from zhanggui.cup.values.epoch import read_beginning
from zhanggui.host.jobs.repeat_salts import renew_repeat_salt
from zhanggui.iso8583.message import Message
from zhanggui.terminal.flow.core.effects import RememberDoubt, RememberTrace
from zhanggui.terminal.flow.core.events import PendingReversal, SignedOn
from zhanggui.terminal.flow.core.routes import adopt
from zhanggui.terminal.flow.core.state import State, Undo, new_terminal
from zhanggui.terminal.flow.core.step import take_trace
from zhanggui.vault.hsm import KeySet, WorkingKeys

BATCH = BatchNo("000001")
CARD = "6217000000000000012"
NO_TRACE = TraceNo("000000")
COPIES_MAX, MACHINES_MAX = 3, 3
Fate = Literal["answered", "request lost", "answer lost", "copied on the way"]


@dataclass
class Folder:
    """What survives a power cut; what a backup holds."""

    trace_no: TraceNo = NO_TRACE
    reversal: PendingReversal | None = None


@dataclass
class Till:
    """One machine that runs from a folder. It has keys and a sign-on of its own once it is switched on."""

    folder: Folder
    state: State = field(default_factory=lambda: new_terminal(machine()))
    keys: WorkingKeys | None = None


class PayloadLine(Line):
    """Keeps the bytes beside what they say."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[bytes] = []

    def send(self, payload: bytes) -> None:
        super().send(payload)
        self.bodies.append(unwrap(UNIONPAY, payload).body)


class Tills(RuleBasedStateMachine):
    """Machines under one terminal number."""

    @initialize(first=st.sampled_from(["000000", "000100", "999995"]))
    def open(self, first: str) -> None:
        self.runner = asyncio.Runner()
        self.tills = [Till(Folder(TraceNo(first)))]
        self.copies: list[Folder] = []
        self.slips: list[tuple[TraceNo, Rrn]] = []
        self.runner.run(self.start())

    async def start(self) -> None:
        self.house = MemoryHost()
        await renew_repeat_salt(self.house.door, self.house.desk, SeededChance(5))
        self.house.engine.start()

    def teardown(self) -> None:
        if hasattr(self, "runner"):
            self.runner.run(self.house.engine.stop())
            self.runner.close()

    # ── the wire ─────────────────────────────────────────────────────────────

    async def ask(self, payload: bytes) -> tuple[Message, bytes]:
        """The answer to a request; the bank approves and undoes whatever it is asked."""
        line, known = PayloadLine(), len(self.house.wire.sent)
        self.house.receive(payload, line)
        await self.house.settled()
        for asked in self.house.wire.sent[known:]:
            self.house.bank_says("00", asked)
        await self.house.settled()
        return line.sent[-1], line.bodies[-1]

    def sealed(self, till: Till, message: Message) -> bytes:
        keys = till.keys
        assert keys is not None
        return wrap(
            UNIONPAY,
            seal(UNIONPAY.codec, message, lambda data: self.house.hsm.mac(keys.mac_key, UNIONPAY.mac_algorithm, data)),
        )

    def proven(self, till: Till, answer: tuple[Message, bytes]) -> str:
        """The code of an answer with a right MAC; empty for any other, which ends nothing."""
        message, body = answer
        if 64 not in message.fields or till.keys is None:
            return ""
        covered, mac = covered_bytes(body, message)
        good = self.house.hsm.verify_mac(till.keys.mac_key, UNIONPAY.mac_algorithm, covered, mac)
        return text_of(message, 39) if good else ""

    # ── what a terminal does ─────────────────────────────────────────────────

    def sign_on(self, till: Till) -> None:
        """0800: keys, and where to go on; as the flow does it, and kept in the order of its effects."""
        till.state, trace_no = take_trace(msgspec.structs.replace(till.state, keys="under_way"))
        till.folder.trace_no = trace_no
        request = SignOnRequest(
            merchant_no=MERCHANT, terminal_no=TERMINAL, batch_no=BATCH, trace_no=trace_no, network_code=SIGN_ON_DOUBLE
        )
        payload = wrap(UNIONPAY, UNIONPAY.codec.encode(request.message()))
        message, body = self.runner.run(self.ask(payload))
        till.keys = self.house.hsm.load_working_keys(self.house.master, bytes_of(message, 62), KeySet.DOUBLE)
        assert self.proven(till, (message, body)) == "00"
        told = read_beginning(text_of(message, 63)[3:])
        assert told is not None
        event = SignedOn(
            now=self.house.clock.now(),
            batch_no=BATCH,
            host_now=self.house.clock.now(),
            drift_s=0,
            trace_no=trace_no,
            epoch=told.epoch,
            known_trace=told.known_trace,
        )
        till.state, kept = adopt(till.state, event)
        for effect in kept:
            match effect:
                case RememberDoubt(reversal=reversal):
                    till.folder.reversal = reversal
                case RememberTrace(trace_no=number):
                    till.folder.trace_no = number

    def undo(self, till: Till) -> bool:
        """Whether nothing is in doubt any more."""
        reversal = till.folder.reversal
        if reversal is None:
            return True
        request = ReversalRequest(
            kind="sale",
            merchant_no=MERCHANT,
            terminal_no=TERMINAL,
            batch_no=reversal.batch_no,
            trace_no=reversal.trace_no,
            amount_fen=reversal.amount_fen,
            entry_mode="021",
            reason=reversal.reason,
            pan=Pan(CARD),
            epoch=reversal.epoch,
        )
        code = self.proven(till, self.runner.run(self.ask(self.sealed(till, request.message()))))
        if code not in ("00", "12", "25"):
            return False
        till.folder.reversal = None
        till.state = msgspec.structs.replace(till.state, undo=None)
        return True

    def sell(self, till: Till, amount_fen: int, fate: Fate) -> bool:
        """One sale with a swiped card and no PIN: nothing but the terminal's own sign-on tells two of them apart."""
        till.state, trace_no = take_trace(till.state)
        epoch = till.state.epoch
        doubt = PendingReversal(
            trace_no=trace_no, batch_no=BATCH, amount_fen=amount_fen, masked_pan="", reason="98", epoch=epoch
        )
        till.folder.trace_no, till.folder.reversal = trace_no, doubt
        till.state = msgspec.structs.replace(till.state, undo=Undo(reversal=doubt))
        if fate == "request lost":
            return False
        request = PaymentRequest(
            kind="sale",
            merchant_no=MERCHANT,
            terminal_no=TERMINAL,
            batch_no=BATCH,
            trace_no=trace_no,
            amount_fen=amount_fen,
            entry_mode="021",
            operator_no=OperatorNo("01"),
            pan=Pan(CARD),
            track2=Secret(f"{CARD}=4912"),
            epoch=epoch,
        )
        payload = self.sealed(till, request.message())
        answer = self.runner.run(self.ask(payload))
        if fate == "copied on the way" and len(self.copies) < COPIES_MAX:
            self.copies.append(deepcopy(till.folder))
        code = "" if fate == "answer lost" else self.proven(till, answer)
        if not code:
            return False
        till.folder.reversal = None
        till.state = msgspec.structs.replace(till.state, undo=None)
        if code == "00":
            assert answer[0].fields[11] == trace_no
            self.slips.append((trace_no, Rrn(text_of(answer[0], 37))))
        return code == "00"

    # ── what happens ─────────────────────────────────────────────────────────

    @rule(number=st.integers(0, MACHINES_MAX - 1))
    def power(self, number: int) -> None:
        """Off and on again: what is not in the folder is gone, keys come with the sign-on, and what is in doubt is undone."""
        till = self.tills[number % len(self.tills)]
        reversal = till.folder.reversal
        till.state = msgspec.structs.replace(
            new_terminal(machine()),
            trace_no=till.folder.trace_no,
            batch_no=BATCH,
            undo=Undo(reversal=reversal) if reversal is not None else None,
        )
        self.sign_on(till)
        self.undo(till)

    @rule(
        number=st.integers(0, MACHINES_MAX - 1),
        amount_fen=st.sampled_from([1500, 1500, 2000]),
        fate=st.sampled_from(["answered", "answered", "request lost", "answer lost"]),
    )
    def sale(self, number: int, amount_fen: int, fate: Fate) -> None:
        till = self.tills[number % len(self.tills)]
        if till.keys is None or not self.undo(till):
            self.power(number)
        if till.folder.reversal is None:
            self.sell(till, amount_fen, fate)

    @precondition(lambda self: len(self.copies) < COPIES_MAX)
    @rule(number=st.integers(0, MACHINES_MAX - 1), fen=st.sampled_from([1500, 2000]))
    def a_backup_runs_while_a_sale_is_on_its_way(self, number: int, fen: int) -> None:
        """The next sale comes before anybody puts the copy back: until then a copy and a power cut are the same thing."""
        till = self.tills[number % len(self.tills)]
        if till.keys is None or not self.undo(till):
            self.power(number)
        if till.folder.reversal is None:
            copies = len(self.copies)
            if not (self.sell(till, fen, "copied on the way") and self.sell(till, fen, "answered")):
                del self.copies[copies:]

    @precondition(lambda self: len(self.copies) < COPIES_MAX)
    @rule(number=st.integers(0, MACHINES_MAX - 1))
    def a_backup_runs(self, number: int) -> None:
        self.copies.append(deepcopy(self.tills[number % len(self.tills)].folder))

    @precondition(lambda self: self.copies)
    @rule(number=st.integers(0, MACHINES_MAX - 1), copy=st.integers(0, COPIES_MAX - 1))
    def a_backup_is_put_back(self, number: int, copy: int) -> None:
        till = self.tills[number % len(self.tills)]
        till.folder = deepcopy(self.copies[copy % len(self.copies)])
        self.power(number)

    @precondition(lambda self: self.copies and len(self.tills) < MACHINES_MAX)
    @rule(copy=st.integers(0, COPIES_MAX - 1))
    def another_machine_runs_from_a_copy(self, copy: int) -> None:
        self.tills.append(Till(deepcopy(self.copies[copy % len(self.copies)])))
        self.power(len(self.tills) - 1)

    @rule(number=st.integers(0, MACHINES_MAX - 1))
    def a_journal_begins_anew(self, number: int) -> None:
        self.tills[number % len(self.tills)].folder = Folder()
        self.power(number)

    @rule(minutes=st.sampled_from([1, 11]))
    def time_passes(self, minutes: int) -> None:
        self.house.clock.at_ms += minutes * 60_000
        self.runner.run(renew_repeat_salt(self.house.door, self.house.desk, SeededChance(minutes)))

    # ── always ───────────────────────────────────────────────────────────────

    @invariant()
    def a_sale_whose_slip_was_printed_stands(self) -> None:
        if not hasattr(self, "house"):
            return
        stands = {row.rrn for row in self.house.store.payments() if row.state == "approved" and row.reversed_ms is None}
        assert {rrn for _, rrn in self.slips} <= stands

    @invariant()
    def no_two_slips_come_from_one_payment(self) -> None:
        if hasattr(self, "house"):
            numbers = [rrn for _, rrn in self.slips]
            assert len(set(numbers)) == len(numbers)
            asked = [sale.rrn for sale in self.house.wire.sales]
            assert len(set(asked)) == len(asked)

    @invariant()
    def the_books_hold_what_stands(self) -> None:
        if not hasattr(self, "house"):
            return
        rows = list(self.house.store.rows.values())
        owed = sum(row.amount_fen for row in rows if isinstance(row, Posting) and row.account == "issuer_clearing")
        assert owed == sum(row.amount_fen for row in rows if isinstance(row, Payment) and row.state == "approved")

    @invariant()
    def what_was_not_undone_has_a_case(self) -> None:
        if not hasattr(self, "house"):
            return
        rows = list(self.house.store.rows.values())
        cases = sorted(row.case_no for row in rows if isinstance(row, SupportCase))
        assert cases == sorted(row.case_no for row in rows if isinstance(row, Clash) and row.case_no is not None)


TestTills = Tills.TestCase
TestTills.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
