"""A shop in memory: two tills of ours, their host and a bank, people who work there, and everything that goes wrong.

All that decides is the product's own: the flow and the shell of the terminals with their journals, the messages under their keys, the
host's engine and rules, the bank's rules. Simulated are time (it leaps), the store, the lines, the printer, and people. Nothing of the
machine is touched but a temporary folder; `mock.patch("os.fsync")` around it spares the waiting for a disk that is not the subject.
"""

import asyncio
import contextlib
import shutil
import weakref
from collections.abc import Sequence, Set
from pathlib import Path
from tempfile import mkdtemp

from tests.worlds.leaping_loop import LoopClock
from tests.worlds.one_room import MERCHANT
from tests.worlds.shop_bank import issued
from tests.worlds.shop_errands import Errand, Hands
from tests.worlds.shop_host import ShopHost
from tests.worlds.shop_laws import BY_COUNTER, TAKEN, Laws
from tests.worlds.shop_till import PAYMENT_MTIS, Till, Watcher, give_keys
from tests.worlds.true_terminal import words_of

from zhanggui.basics.errors import Fault
from zhanggui.basics.numbers import BatchNo, TerminalNo, TraceNo, UnixMs
from zhanggui.cup.messages.offered import STILL_OPEN
from zhanggui.cup.transactions import PAYMENTS, identify
from zhanggui.cup.values.slip import Slip
from zhanggui.iso8583.message import Message
from zhanggui.terminal.models.profiles import ModelName

MORNING = UnixMs(1_795_395_303_000)
"""2026-11-23 08:55:03 in China."""
TILLS: tuple[tuple[str, ModelName], ...] = (("10000001", "smart"), ("10000002", "esign"))
HOST_AGAIN_S = 2.0
NOT_CHARGED = "未扣款"
QUIET_ROUNDS, ROUND_S = 12, 70.0
"""A reversal that nobody waits for goes once a minute."""


class ShopDay(Watcher):
    """Everything together. Make it, `await open()`, and `await close()` at the end."""

    def __init__(self, policy: str = "") -> None:
        self._policy = policy
        self.wrong: list[str] = []
        """What somebody saw that must not be, at the moment at which it happened."""
        self.sent: dict[str, list[tuple[Till, bytes]]] = {}
        self._names: dict[tuple[str, str, str], tuple[object, ...]] = {}

    async def open(self) -> None:
        """The morning: host and bank run, the tills are on."""
        self.clock = LoopClock(MORNING)
        self.data = Path(mkdtemp(prefix="shop-"))
        # Also where a test fails in the middle of a day.
        self._remove = weakref.finalize(self, shutil.rmtree, self.data, ignore_errors=True)
        numbers = tuple((TerminalNo(number), model) for number, model in TILLS)
        self.host = ShopHost(self.clock, numbers, policy=self._policy)
        cards = self.data / "cards"
        cards.mkdir()
        for name, content in issued().card_files.items():
            (cards / name).write_bytes(content)
        self.tills: list[Till] = []
        for number, model in numbers:
            self.tills.append(Till(self.data, self.host, number, model, self.clock, self))
            give_keys(self.data, number, self.clock, self.host.keys.hsm, self.host.master)
        await self.host.start()
        self._keeper = asyncio.ensure_future(self._keep_host())
        self._teller = asyncio.ensure_future(self.host.counters.tell())
        for till in self.tills:
            await till.switch_on()
        self.laws = Laws(self.host, self.tills)
        self.payments: list[bytes] = []

    async def close(self) -> None:
        """Everything off; the folder goes."""
        self._keeper.cancel()
        self._teller.cancel()
        for till in self.tills:
            await till.switch_off()
        await self.host.bury()
        self._remove()

    async def _keep_host(self) -> None:
        """A host that died, or could not start, is started again a moment later."""
        while True:
            await self.host.died.wait()
            await asyncio.sleep(HOST_AGAIN_S)
            with contextlib.suppress(Fault):
                await self.host.restart()

    # ── what is done ─────────────────────────────────────────────────────────

    async def do(self, till: Till, errand: Errand) -> Errand:
        """Somebody does an errand. A till that is dark is switched on first, and one that goes dark stays so."""
        if not till.is_on:
            await till.switch_on()
        before = set(till.lines())
        await Hands(till).do(errand)
        if errand.dark:
            await till.switch_off()
        self._believe_screens(till, errand, before)
        return errand

    def _believe_screens(self, till: Till, errand: Errand, before: Set[tuple[str, str]]) -> None:
        """What the screens said of the newest payment: also of one that the till itself calls taken, where it is the errand's only one.

        No screen speaks of what a customer paid by the code on the counter, which nobody has begun.
        """
        lines = {key: line for key, line in till.lines().items() if line.kind != BY_COUNTER}
        if errand.saw_code:
            # A code that is shown again may be paid after it was said, and true, that nothing had been charged.
            taken = [key for key, line in lines.items() if PAYMENTS[line.kind].is_our_code and line.state in TAKEN]
            self.laws.not_charged -= {
                (MERCHANT, till.number, BatchNo(batch_no), TraceNo(trace_no)) for batch_no, trace_no in taken
            }
        said = [line for view in errand.screens for line in words_of(view).splitlines() if NOT_CHARGED in line]
        self.wrong += [
            f"{line} says {till.number} of what its customer has paid"
            for line in said
            if PAYMENTS[BY_COUNTER].zh in line
        ]
        if lines and any(view.tone == "bad" and NOT_CHARGED in words_of(view) for view in errand.screens):
            batch_no, trace_no = list(lines)[-1]
            is_the_only_one = lines.keys() - before == {(batch_no, trace_no)}
            if is_the_only_one or lines[batch_no, trace_no].state not in TAKEN:
                self.laws.not_charged.add((MERCHANT, till.number, BatchNo(batch_no), TraceNo(trace_no)))

    async def pass_s(self, seconds: float) -> None:
        """Time goes by."""
        await asyncio.sleep(seconds)

    async def late_one_arrives(self, till: Till, which: int) -> None:
        """A request that was given up arrives."""
        await till.arrives_alone(till.late.pop(which % len(till.late)))

    async def old_one_arrives(self, which: int) -> None:
        """A request that was answered comes once more, from somewhere on the line."""
        till, payload = self.answered[-1 - which % len(self.answered)]
        await till.arrives_alone(payload)

    @property
    def answered(self) -> Sequence[tuple[Till, bytes]]:
        """Payments and reversals that had an answer, as they were sent."""
        return self.sent.get("money", [])

    # ── what is seen ─────────────────────────────────────────────────────────

    def leaves(self, till: Till, request: Message) -> None:
        """A8, A9, A12: what leaves is in the journal, nothing else is in doubt, and its number is its own."""
        kind = identify(request)
        if request.mti not in PAYMENT_MTIS or kind is None:
            return
        batch_no, trace_no = str(request.fields[60])[2:8], str(request.fields[11])
        doubt, line = till.in_doubt(), till.lines().get((batch_no, trace_no))
        name = f"{kind.name} {till.number} {batch_no}/{trace_no}"
        if kind.has_amount:
            if line is None or line.state not in ("reversing", "late"):
                self.wrong.append(f"A9: {name} leaves, and the journal has {line and line.state}")
            if doubt is None or (doubt.batch_no, doubt.trace_no) != (batch_no, trace_no):
                self.wrong.append(f"A8: {name} leaves while {doubt and doubt.trace_no} is in doubt")
        elif doubt is not None:
            self.wrong.append(f"A8: {name} leaves while {doubt.trace_no} is in doubt")
        what = (kind.name, request.fields.get(4), request.fields.get(61))
        if self._names.setdefault((till.number, batch_no, trace_no), what) != what:
            self.wrong.append(f"A12: {name} has the number of another payment")

    def heard(self, till: Till, request: Message, payload: bytes, answer: Message) -> None:
        if request.mti in PAYMENT_MTIS or request.mti == "0400":
            self.sent["money"] = [*self.sent.get("money", [])[-11:], (till, payload)]

    def twice(self, till: Till, first: Message, second: Message) -> None:
        """A4: a request that comes twice has one answer; that its outcome is open is none."""
        said = [[message.fields.get(number) for number in (4, 11, 38, 39)] for message in (first, second)]
        if said[0] != said[1] and said[0][3] != STILL_OPEN:
            self.wrong.append(f"A4: {till.number} {first.mti} was answered {said[0]}, then {said[1]}")

    def printed(self, till: Till, slip: Slip) -> None:
        """A9: a slip is of a payment that the journal holds as approved."""
        if slip.copy not in ("merchant", "cardholder"):
            return
        trace_no = slip.id[:6]
        states = [line.state for (_, trace), line in till.lines().items() if trace == trace_no]
        if not TAKEN & set(states):
            self.wrong.append(f"A9: a slip of {till.number} {trace_no} is out, and the journal has {states}")

    def broken(self) -> list[str]:
        """Everything that does not hold."""
        return [*self.wrong, *self.host.counters.wrong, *self.laws.broken()]

    # ── the end ──────────────────────────────────────────────────────────────

    async def falls_quiet(self) -> list[str]:
        """Nothing goes wrong any more, and what is under way arrives; the answer is everything on which the books differ then."""
        self.host.mend()
        for till in self.tills:
            till.mishaps.forget()
            till.fates.clear()
            till.line_is_down = False
            while till.late:
                await self.late_one_arrives(till, 0)
        await self.pass_s(HOST_AGAIN_S + 1)
        for _ in range(QUIET_ROUNDS):
            for till, operator in zip(self.tills, ("01", "02"), strict=True):
                if self.laws.awaited_at(till):
                    await self.do(till, Errand("receive", operator, takes_over=True))
                    if self.laws.awaited_at(till):
                        # A settlement that was broken off comes first.
                        await self.do(till, Errand("settle", operator))
                elif till.in_doubt() is not None or not till.is_on:
                    await self.do(till, Errand("sign_in", operator, takes_over=True))
            if not self.laws.left_open():
                break
            await self.pass_s(ROUND_S)
        left = self.laws.left_open()
        return left or [*self.broken(), *self.laws.disagreements()]
