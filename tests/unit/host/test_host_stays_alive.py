"""One row or one frame that nobody thought of costs itself alone, and what proves nothing waits behind what does."""

import asyncio

import pytest
from structlog.testing import capture_logs
from tests.contract.store_rows import payment
from tests.worlds.memory_host import MERCHANT, TERMINAL, Line, MemoryHost

from zhanggui.acquirer.rows.records import Payment
from zhanggui.basics.numbers import BatchNo, TraceNo
from zhanggui.cup.dialect import UNIONPAY
from zhanggui.cup.envelope import wrap
from zhanggui.cup.messages.management import SIGN_ON_DOUBLE, SignOnRequest
from zhanggui.host import queue as queue_module
from zhanggui.host.networks import bank_line as bank_line_module
from zhanggui.host.networks import waiting as waiting_module
from zhanggui.host.queue import WorkQueue
from zhanggui.host.work import TerminalWork, Work


def due(trace: int, reason: str) -> Payment:
    return payment(trace, state="approved", bank_state="reversal_due", reversal_reason=reason)


@pytest.mark.parametrize("reason", ["XYZ", "退", "9" * 200])
async def test_a_reversal_that_cannot_be_built_does_not_keep_the_next_one_from_the_bank(
    reason: str, house: MemoryHost
) -> None:
    with capture_logs() as logs:
        house.bank.reverse((due(1, reason), due(2, "98")))
    assert [one.rrn for one in house.wire.reversals] == ["000000000002"]
    assert [(line["event"], line["task"]) for line in logs] == [("item_failed", "reversal")]


async def test_sales_time_out_and_reversals_leave_although_one_row_can_never_be_built(
    house: MemoryHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bank_line_module, "SWEEP_EVERY_S", 0.001)
    monkeypatch.setattr(house.bank, "link", Startable(house))
    house.bank.reverse((due(1, "XYZ"),))
    house.bank.start()
    line = Line()
    house.sale("000003", line)
    await house.settled()
    assert len(house.wire.sales) == 1
    house.clock.at_s += 46
    while not house.wire.reversals:  # noqa: ASYNC110  # the wire of the test has no event
        await asyncio.sleep(0.001)
    assert line.codes == ["98"]
    house.bank.reverse((due(2, "98"),))
    assert house.wire.reversals[-1].rrn == "000000000002"
    await house.bank.stop()


class Startable:
    """The wire of the test, with the rest of a link's face."""

    def __init__(self, house: MemoryHost) -> None:
        self.up, self.send = house.wire.up, house.wire.send

    def start(self) -> None: ...

    async def stop(self) -> None: ...


# --------------------------------------------------------------------------------------------------------------- shares


def sign_on(house: MemoryHost, line: Line, trace: int) -> None:
    request = SignOnRequest(
        merchant_no=MERCHANT,
        terminal_no=TERMINAL,
        batch_no=BatchNo("000001"),
        trace_no=TraceNo(f"{trace:06d}"),
        network_code=SIGN_ON_DOUBLE,
    )
    house.receive(wrap(UNIONPAY, UNIONPAY.codec.encode(request.message())), line)


def names(batch: list[Work]) -> list[str]:
    return [work.transaction.name for work in batch if isinstance(work, TerminalWork)]


async def test_what_carries_a_proof_goes_before_what_anybody_can_send(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_module, "UNPROVEN_MAX", 3)
    house = MemoryHost()
    stranger, honest = Line(), Line()
    for trace in range(10):
        sign_on(house, stranger, trace)
    house.sale("000001", honest)
    queue: WorkQueue = house.queue
    assert names(await queue.take()) == ["sale", *["sign_on_double"] * 3]
    assert names(await queue.take()) == ["sign_on_double"] * 3


async def test_all_that_a_proven_line_sends_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_module, "UNPROVEN_MAX", 1)
    house = MemoryHost()
    stranger, honest = Line(), Line()
    honest.proved()
    for trace in range(3):
        sign_on(house, stranger, trace)
    sign_on(house, honest, 100)
    batch = await house.queue.take()
    lines = [id(work.connection) for work in batch if isinstance(work, TerminalWork)]
    assert lines == [id(honest), id(stranger)]


async def test_a_proof_that_is_only_claimed_has_a_share_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong field 64 costs nothing to send: 20,000 of them filled the lane of those who had proved themselves."""
    monkeypatch.setattr(queue_module, "CLAIMED_MAX", 2)
    monkeypatch.setattr(queue_module, "QUEUE_MAX", 4)
    house = MemoryHost()
    stranger, honest = Line(), Line()
    honest.proved()
    for trace in range(1, 7):
        house.sale(f"{trace:06d}", stranger)
    sign_on(house, stranger, 9)
    house.sale("000099", honest)
    assert (stranger.codes, honest.codes) == (["96", "96"], []), "the flood overflows its own lane"
    batch = [work for work in await house.queue.take() if isinstance(work, TerminalWork)]
    assert [id(work.connection) == id(honest) for work in batch] == [True, False, False, False]
    assert names(list(batch)) == ["sale", "sale", "sale", "sign_on_double"]


async def test_a_line_is_told_of_each_request_that_was_decided_well_or_not(house: MemoryHost) -> None:
    line = Line()
    sign_on(house, line, 1)
    house.sale("000002", line)
    house.sale("000003", line, amount_fen=0)
    assert line.under_way == 3
    await house.settled()
    assert line.under_way == 0


async def test_a_right_proof_makes_the_line_proven_and_a_wrong_one_does_not(house: MemoryHost) -> None:
    honest, stranger = Line(), Line()
    house.sale("000002", honest)
    house.receive(wrap(UNIONPAY, b"\x02\x00" + bytes(40)), stranger)
    sign_on(house, stranger, 1)
    await house.settled()
    assert (honest.standing, stranger.standing) == ("proven", "silent")


async def test_beyond_the_bound_a_request_is_answered_96_and_leaves_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_module, "QUEUE_MAX", 1)
    house = MemoryHost()
    line = Line()
    sign_on(house, line, 1)
    sign_on(house, line, 2)
    assert line.codes == ["96"]
    assert line.under_way == 1


async def test_repeats_of_a_sale_that_waits_for_the_bank_are_bounded_and_each_is_answered(
    house: MemoryHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_module, "WAITING_MAX", 3)
    lines = [Line() for _ in range(10)]
    for line in lines:
        house.sale("000005", line)
        await house.settled()
    assert [line.codes for line in lines] == [[]] * 3 + [["96"]] * 7
    house.bank_says("00", house.wire.sent[0])
    await house.settled()
    assert [line.codes for line in lines[:3]] == [["00"]] * 3
