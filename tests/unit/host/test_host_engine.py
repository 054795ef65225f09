"""The engine: the batch is the transaction, and nobody's answer is lost or early."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import msgspec
import pytest
from structlog.testing import capture_logs
from tests.worlds.memory_host import NOON, Line, MemoryHost
from tests.worlds.memory_store import MemoryStore

from zhanggui.acquirer.payments.answers import refusal_answer, write_answer
from zhanggui.acquirer.payments.payment import PaymentAsked, decide_payment
from zhanggui.acquirer.rows.decision import Decision
from zhanggui.acquirer.rows.records import WHOLE_HOST, Counter, Payment, Posting, key_of
from zhanggui.acquirer.rows.state import Change, Insert, Needs, State, Update
from zhanggui.basics.errors import Defect, Fault
from zhanggui.basics.numbers import UnixMs
from zhanggui.host import queue as queue_module
from zhanggui.host.engine import Engine
from zhanggui.host.queue import BATCH_MAX
from zhanggui.host.work import Desk
from zhanggui.store.errors import Conflict
from zhanggui.vault.hsm import KeySet


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


@pytest.fixture
async def house() -> AsyncIterator[MemoryHost]:
    house = MemoryHost()
    house.engine.start()
    yield house
    house.store.may_save.set()
    await house.engine.stop()


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


# --------------------------------------------------------------------------------------------- a sale from end to end


async def test_a_sale_is_answered_when_its_outcome_is_durable(house: MemoryHost) -> None:
    line = Line()
    house.sale("000001", line)
    await house.settled()
    assert (line.sent, [payment.state for payment in house.store.payments()]) == ([], ["pending"])
    house.store.may_save.clear()
    house.store.saving.clear()
    house.bank_says("00", house.wire.sent[0])
    await house.store.saving.wait()
    assert line.sent == []
    house.store.may_save.set()
    await house.settled()
    assert line.codes == ["00"]
    assert 64 in line.sent[0].fields
    assert [payment.state for payment in house.store.payments()] == ["approved"]


async def test_repeats_get_the_outcome_whenever_they_come(house: MemoryHost) -> None:
    before, first, during, after = Line(), Line(), Line(), Line()
    house.sale("000001", first)
    house.sale("000001", before)
    await house.settled()
    house.store.may_save.clear()
    house.store.saving.clear()
    # The repeat and the bank's answer are in one batch: the repeat still sees a pending sale.
    house.sale("000001", during)
    house.bank_says("00", house.wire.sent[0])
    await house.store.saving.wait()
    house.store.may_save.set()
    await house.settled()
    house.sale("000001", after)
    await house.settled()
    assert [line.codes for line in (before, first, during, after)] == [["00"]] * 4
    rrns = {str(message.fields[37]) for line in (before, first, during, after) for message in line.sent}
    assert rrns == {house.wire.sales[0].rrn}
    assert len(house.wire.sales) == 1
    assert len([row for row in house.store.rows.values() if type(row) is Posting]) == 2


async def test_a_repeat_that_waits_while_the_sale_is_reversed_is_refused(house: MemoryHost) -> None:
    first, repeat, undo = Line(), Line(), Line()
    house.sale("000001", first)
    house.sale("000001", repeat)
    await house.settled()
    house.reverse("000001", undo)
    house.bank_says("00", house.wire.sent[0])
    await house.settled()
    assert (first.codes, repeat.codes, undo.codes) == (["12"], ["12"], ["00"])
    assert len(house.wire.reversals) == 1
    assert not [row for row in house.store.rows.values() if type(row) is Posting]


@pytest.mark.parametrize(("by_others", "code"), [("closed", "98"), ("reversed", "12"), ("gone", "96")])
async def test_whoever_waits_is_answered_also_when_another_host_closed_the_payment(
    house: MemoryHost, by_others: str, code: str
) -> None:
    first, repeat = Line(), Line()
    house.sale("000001", first)
    house.sale("000001", repeat)
    await house.settled()
    (pending,) = house.store.payments()
    # What another host writes that takes this one for silent, or that had the terminal's reversal.
    if by_others == "closed":
        answer = write_answer(refusal_answer("98", pending.rrn, "08888888", NOON))
        house.store.put(msgspec.structs.replace(pending, state="timed_out", response_code="98", answer=answer))
    elif by_others == "reversed":
        house.store.put(msgspec.structs.replace(pending, state="reversed", bank_state="reversal_due"))
    else:
        del house.store.rows[Payment, *key_of(pending)]
    house.bank_says("00", house.wire.sent[0])
    await house.settled()
    assert (first.codes, repeat.codes) == ([code], [code])
    assert not [row for row in house.store.rows.values() if type(row) is Posting]


async def test_a_bank_that_is_not_there_is_91_and_needs_no_reversal(house: MemoryHost) -> None:
    house.wire.up.clear()
    line = Line()
    house.sale("000001", line)
    await house.settled()
    assert line.codes == ["91"]
    assert [(payment.state, payment.bank_state) for payment in house.store.payments()] == [("declined", "")]


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


async def test_a_silent_bank_is_98_and_the_late_answer_is_ignored(house: MemoryHost) -> None:
    line = Line()
    house.sale("000001", line)
    await house.settled()
    house.clock.at_s = 44.9
    await house.bank.look()
    await house.settled()
    assert line.sent == []
    house.clock.at_s = 45.0
    await house.bank.look()
    await house.settled()
    assert line.codes == ["98"]
    house.bank_says("00", house.wire.sent[0])
    await house.settled()
    assert line.codes == ["98"]
    (payment,) = house.store.payments()
    assert (payment.state, payment.bank_state, len(house.wire.reversals)) == ("timed_out", "reversal_due", 1)
    house.bank_says("25", house.wire.sent[1])
    await house.settled()
    assert house.store.payments()[0].bank_state == "reversal_done"


async def test_a_reversal_is_told_until_the_bank_hears_it(house: MemoryHost) -> None:
    line = Line()
    house.sale("000001", line)
    await house.settled()
    house.bank_says("00", house.wire.sent[0])
    await house.settled()
    house.reverse("000001", line)
    await house.settled()
    for _ in range(8):
        house.clock.at_s += 200
        await house.bank.look()
        await house.settled()
    assert len(house.wire.reversals) > 4
    assert {(reversal.rrn, reversal.amount_fen) for reversal in house.wire.reversals} == {
        (house.wire.sales[0].rrn, 100)
    }
    assert house.store.payments()[0].bank_state == "reversal_due"
    house.bank_says("96", house.wire.sent[-1])
    await house.settled()
    assert house.store.payments()[0].bank_state == "reversal_due"
    house.bank_says("00", house.wire.sent[-1])
    await house.settled()
    assert house.store.payments()[0].bank_state == "reversal_done"
    assert house.bank.waiting.reversals() == ()


async def test_an_outcome_that_could_not_be_written_is_closed_and_reversed_later(house: MemoryHost) -> None:
    line = Line()
    house.sale("000001", line)
    await house.settled()

    def full(changes: Sequence[Change]) -> None:
        raise Fault("the disk is full")

    house.store.before_save = full
    house.bank_says("00", house.wire.sent[0])
    await house.settled()
    assert line.codes == ["96"]
    house.clock.at_s += 100
    await house.bank.look()
    await house.settled()
    assert house.store.payments()[0].state == "pending"
    house.store.before_save = lambda changes: None
    house.clock.at_s += 100
    await house.bank.look()
    await house.settled()
    (payment,) = house.store.payments()
    assert (payment.state, payment.bank_state, len(house.wire.reversals)) == ("timed_out", "reversal_due", 1)
    assert line.codes == ["96"]


@pytest.mark.parametrize("spoil", ["mac", "cut", "noise", "nobody"])
async def test_a_bank_answer_that_does_not_fit_is_left_aside(house: MemoryHost, spoil: str) -> None:
    line = Line()
    house.sale("000001", line)
    await house.settled()
    said: list[bytes] = []
    true_on_frame = house.bank._on_frame
    house.bank._on_frame = said.append  # type: ignore[method-assign,assignment]  # to get at the bank's bytes
    house.bank_says("00", house.wire.sent[0])
    (body,) = said
    match spoil:
        case "mac":
            true_on_frame(body[:-1] + bytes((body[-1] ^ 1,)))
        case "cut":
            true_on_frame(body[:-3])
        case "noise":
            true_on_frame(b"\x00" * 30)
        case "nobody":
            assert house.bank.waiting.answered(str(house.wire.sent[0].fields[37]))
            true_on_frame(body)
    await house.settled()
    assert line.sent == []
    assert isinstance(house.store.payments()[0], Payment)
    assert house.store.payments()[0].state == "pending"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (0, "0230"),
        (0, "0830"),
        (3, "200000"),
        (4, "000000000101"),
        (11, "000002"),
        (32, "08888889"),
        (41, "10000002"),
        (42, "102100058120002"),
    ],
)
async def test_an_answer_that_does_not_repeat_what_was_asked_is_left_to_the_time_out(
    house: MemoryHost, field: int, value: str
) -> None:
    line = Line()
    house.sale("000001", line)
    await house.settled()
    with capture_logs() as logs:
        house.bank_says("00", house.wire.sent[0], {field: value})
    await house.settled()
    assert [entry["reason"] for entry in logs] == [f"answer_of_another:{field or 'mti'}"]
    assert (line.sent, house.store.payments()[0].state) == ([], "pending")
    house.clock.at_s += 100
    await house.bank.look()
    await house.settled()
    assert (line.codes, house.store.payments()[0].bank_state) == (["98"], "reversal_due")


@pytest.mark.parametrize("field", [3, 4, 11, 32, 41, 42])
async def test_an_answer_that_lacks_what_it_must_repeat_is_left_aside(house: MemoryHost, field: int) -> None:
    line = Line()
    house.sale("000001", line)
    await house.settled()
    house.bank_says("00", house.wire.sent[0], {field: None})
    await house.settled()
    assert (line.sent, house.store.payments()[0].state) == ([], "pending")
    house.bank_says("00", house.wire.sent[0])
    await house.settled()
    assert line.codes == ["00"], "the true answer still counts"


@pytest.mark.parametrize("field", [3, 4, 11, 32, 41, 42])
async def test_a_reversal_ends_only_by_an_answer_that_repeats_it(house: MemoryHost, field: int) -> None:
    line = Line()
    house.sale("000001", line)
    await house.settled()
    house.clock.at_s += 100
    await house.bank.look()
    await house.settled()
    told = house.wire.sent[-1]
    assert told.mti == "0400"
    house.bank_says("00", told, {field: "9" * len(str(told.fields[field]))})
    await house.settled()
    assert house.store.payments()[0].bank_state == "reversal_due"
    house.bank_says("25", told)
    await house.settled()
    assert house.store.payments()[0].bank_state == "reversal_done"


@pytest.mark.parametrize("check", ["host", "terminal"])
async def test_refusals_carry_a_mac_to_terminals_whose_operators_the_host_checks(house: MemoryHost, check: str) -> None:
    house.change_terminal(operator_check=check)
    line = Line()
    house.sale("000001", line)
    await house.settled()
    house.bank_says("51", house.wire.sent[0])
    house.sale("000002", line, amount_fen=0)
    house.reverse("000003", line)
    house.reverse("000001", line, amount_fen=99)
    await house.settled()
    assert sorted(line.codes) == ["13", "25", "51", "64"]
    assert [64 in message.fields for message in line.sent] == [check == "host"] * 4


async def test_a_refusal_of_a_wrong_mac_is_sealed_with_the_hosts_own_key(house: MemoryHost) -> None:
    line = Line()
    true_key, house.mac_key = (
        house.mac_key,
        house.hsm.new_working_keys(house.hsm.new_terminal_master_key(), KeySet.DOUBLE).mac_key,
    )
    house.sale("000001", line)
    await house.settled()
    house.mac_key = true_key
    assert line.codes == ["A0"]
    assert 64 in line.sent[0].fields
