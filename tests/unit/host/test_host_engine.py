"""The engine: the batch is the transaction, and nobody's answer is lost or early."""

import asyncio
from collections.abc import Sequence

import msgspec
import pytest
from tests.worlds.memory_host import Line, MemoryHost
from tests.worlds.memory_store import MemoryStore

from zhanggui.acquirer.payments.payment import PaymentAsked, decide_payment
from zhanggui.acquirer.rows.decision import Decision
from zhanggui.acquirer.rows.records import WHOLE_HOST, Counter
from zhanggui.acquirer.rows.state import Change, Insert, Needs, State, Update
from zhanggui.basics.errors import Defect, Fault
from zhanggui.basics.numbers import UnixMs
from zhanggui.host import queue as queue_module
from zhanggui.host.engine import Engine
from zhanggui.host.queue import BATCH_MAX
from zhanggui.host.work import Desk
from zhanggui.store.errors import Conflict


class CountOne:
    """Adds one to a counter, and remembers what it found and how it was answered."""

    def __init__(self, name: str = "session", *, breaks_in: str = "") -> None:
        self.name = name
        self.breaks_in = breaks_in
        self.decided: list[int] = []
        self.answers: list[str] = []

    def add_needs(self, needs: Needs) -> None:
        needs.add(Counter, ("shop", self.name))

    def more_needs(self, desk: Desk, state: State, more: Needs) -> None:
        pass

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        if self.breaks_in == "decide":
            raise Defect("a rule broke")
        counter = state.get(Counter, "shop", self.name)
        value = counter.value + 1 if counter else 1
        self.decided.append(value)
        row = Counter(merchant_no="shop", name=self.name, value=value)
        return Decision(changes=(Update(row) if counter else Insert(row),))

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        if self.breaks_in in ("finish", "finish and fail"):
            raise ValueError("the answer can't be written")
        self.answers.append("00")

    def fail(self, desk: Desk, now: UnixMs) -> None:
        if self.breaks_in == "finish and fail":
            raise ValueError("not even this answer can be written")
        self.answers.append("96")


def value_of(store: MemoryStore, name: str = "session") -> int:
    row = store.rows.get((Counter, "shop", name))
    return row.value if isinstance(row, Counter) else 0


async def test_what_waits_is_one_transaction_and_a_later_request_sees_an_earlier_ones_changes(
    house: MemoryHost,
) -> None:
    works = [CountOne() for _ in range(20)]
    for work in works:
        house.queue.submit(work)
    await house.settled()
    assert [work.decided for work in works] == [[number] for number in range(1, 21)]
    assert len(house.store.batches) == 1
    assert value_of(house.store) == 20
    assert all(work.answers == ["00"] for work in works)


async def test_nothing_is_answered_before_the_save_returned(house: MemoryHost) -> None:
    house.store.may_save.clear()
    work, line = CountOne(), Line()
    house.queue.submit(work)
    house.sale("000001", line, amount_fen=0)
    house.sale("000002", line)
    await house.store.saving.wait()
    for _ in range(50):
        await asyncio.sleep(0)
    assert (work.answers, line.sent, house.wire.sent) == ([], [], [])
    house.store.may_save.set()
    await house.settled()
    assert (work.answers, line.codes, len(house.wire.sales)) == (["00"], ["13"], 1)


async def test_what_comes_while_a_batch_is_written_is_the_next_batch(house: MemoryHost) -> None:
    house.store.may_save.clear()
    first, second = CountOne(), CountOne()
    house.queue.submit(first)
    await house.store.saving.wait()
    house.queue.submit(second)
    house.store.may_save.set()
    await house.settled()
    assert (first.decided, second.decided) == ([1], [2])
    assert len(house.store.batches) == 2


async def test_a_batch_has_a_bound(house: MemoryHost) -> None:
    works = [CountOne() for _ in range(BATCH_MAX + 1)]
    for work in works:
        house.queue.submit(work)
    await house.settled()
    assert len(house.store.batches) == 2
    assert [work.decided[-1] for work in works] == list(range(1, BATCH_MAX + 2))


async def test_a_work_that_breaks_a_rule_costs_nobody_else_the_answer(house: MemoryHost) -> None:
    good, bad, last = CountOne(), CountOne(breaks_in="decide"), CountOne()
    for work in (good, bad, last):
        house.queue.submit(work)
    await house.settled()
    assert (good.answers, bad.answers, last.answers) == (["00"], ["96"], ["00"])
    assert value_of(house.store) == 2


async def test_a_conflict_is_decided_again_by_what_the_other_host_wrote(house: MemoryHost) -> None:
    other_host_writes = iter([True])

    def another_host(changes: Sequence[Change]) -> None:
        if next(other_host_writes, False):
            house.store.put(Counter(merchant_no="shop", name="session", value=40))
            raise Conflict("another host was first")

    house.store.before_save = another_host
    work = CountOne()
    house.queue.submit(work)
    await house.settled()
    assert (work.decided, work.answers) == ([1, 41], ["00"])


async def test_a_disk_that_fails_is_answered_96_and_writes_nothing(house: MemoryHost) -> None:
    def full(changes: Sequence[Change]) -> None:
        raise Fault("the disk is full")

    house.store.before_save = full
    works = [CountOne() for _ in range(3)]
    line = Line()
    for work in works:
        house.queue.submit(work)
    house.sale("000001", line)
    await house.settled()
    assert [work.answers for work in works] == [["96"]] * 3
    assert line.codes == ["96"]
    assert value_of(house.store) == 0
    assert house.store.payments() == []
    assert house.wire.sent == []
    house.store.before_save = lambda changes: None
    house.sale("000001", line)
    await house.settled()
    assert len(house.wire.sales) == 1
    # The reservation of reference numbers was lost with the failed write, so it was made anew.
    reserved = house.store.rows[(Counter, WHOLE_HOST, "rrn")]
    assert isinstance(reserved, Counter)
    assert int(house.store.payments()[0].rrn) <= reserved.value


async def test_an_answer_that_breaks_after_the_commit_is_not_decided_again(house: MemoryHost) -> None:
    bad, good = CountOne(breaks_in="finish"), CountOne()
    house.queue.submit(bad)
    house.queue.submit(good)
    await house.settled()
    assert (bad.decided, good.decided, good.answers) == ([1], [2], ["00"])
    assert value_of(house.store) == 2


async def test_no_work_can_stop_the_engine(house: MemoryHost) -> None:
    def full(changes: Sequence[Change]) -> None:
        raise Fault("the disk is full")

    house.store.before_save = full
    house.queue.submit(CountOne(breaks_in="finish and fail"))
    await house.settled()
    house.store.before_save = lambda changes: None
    work = CountOne()
    house.queue.submit(work)
    await house.settled()
    assert work.answers == ["00"]


async def test_overload_is_answered_96_at_once(house: MemoryHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_module, "QUEUE_MAX", 5)
    house.store.may_save.clear()
    house.queue.submit(CountOne())
    await house.store.saving.wait()
    waiting = [CountOne() for _ in range(5)]
    for work in waiting:
        house.queue.submit(work)
    line, shed = Line(), CountOne()
    house.queue.submit(shed)
    line.proved()
    house.sale("000001", line)
    # Nothing was awaited since: the answers are there although the store is stuck.
    assert (shed.answers, line.codes) == (["96"], ["96"])
    house.store.may_save.set()
    await house.settled()
    assert [work.answers for work in waiting] == [["00"]] * 5


async def test_stop_finishes_what_is_queued() -> None:
    house = MemoryHost()
    house.engine.start()
    works = [CountOne() for _ in range(BATCH_MAX * 2 + 1)]
    for work in works:
        house.queue.submit(work)
    await house.engine.stop()
    assert all(work.answers == ["00"] for work in works)


async def test_numbers_of_an_overload_are_never_numbers_of_a_payment(
    house: MemoryHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = Line()
    monkeypatch.setattr(queue_module, "QUEUE_MAX", 0)
    for number in range(1, 40):
        house.sale(f"{number:06d}", line)
    monkeypatch.undo()
    for number in range(1, 40):
        house.sale(f"{number:06d}", line)
    await house.settled()
    assert {str(message.fields[37]) for message in line.sent} == {"000000000000"}
    rrns = [payment.rrn for payment in house.store.payments()]
    assert len(set(rrns)) == len(rrns) == 39
    assert isinstance(house.engine, Engine)


async def test_a_planted_wrong_move_dies_where_changes_are_applied_and_costs_nobody_else_the_answer(
    house: MemoryHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From declined to approved: a rule that is wrong must not become money."""
    refused, again, other, count = Line(), Line(), Line(), CountOne()
    house.sale("000001", refused)
    await house.settled()
    house.bank_says("51", house.wire.sent[0])
    await house.settled()
    (declined,) = house.store.payments()
    assert declined.state == "declined"

    def planted(state: State, asked: PaymentAsked, now: UnixMs) -> Decision:
        if asked.request.trace_no == "000001":
            return Decision(changes=(Update(msgspec.structs.replace(declined, state="approved")),))
        return decide_payment(state, asked, now)

    monkeypatch.setattr("zhanggui.host.wire.payment_work.decide_payment", planted)
    house.queue.submit(count)
    house.sale("000001", again)
    house.sale("000002", other, amount_fen=0)
    await house.settled()
    assert (again.codes, count.answers, other.codes) == (["96"], ["00"], ["13"])
    assert [payment for payment in house.store.payments() if payment.trace_no == "000001"] == [declined]
