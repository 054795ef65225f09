"""结算, the end of a batch, from our terminal over TCP: agreed, told payment by payment, cut at each message, and named when it differs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from pysqlite3 import dbapi2
from tests.conftest import Ports
from tests.scenarios.test_void import begin_void, newest
from tests.worlds.house import House
from tests.worlds.recording_wire import Seen
from tests.worlds.true_terminal import AtTheCounter, at_the_counter, words_of

from zhanggui.programs.data_folder import Places
from zhanggui.terminal.paper.text import slip_text

SETTLING = ("0500", "0510", "0320", "0330")


def change(path: Path, statement: str, *values: object) -> None:
    """Somebody changes a book by hand."""
    connection = dbapi2.connect(str(path))
    try:
        assert connection.execute(statement, values).rowcount == 1
        connection.commit()
    finally:
        connection.close()


def change_host(house: House, trace_no: str, amount_fen: int) -> None:
    change(
        Places(house.folder).host_database,
        "UPDATE payments SET amount_fen = ? WHERE trace_no = ?",
        amount_fen,
        trace_no,
    )


def change_terminal(house: House, trace_no: str, amount_fen: int) -> None:
    path = house.folder / "terminals" / "10000001" / "journal.db"
    connection = dbapi2.connect(str(path))
    (line,) = connection.execute("SELECT line FROM payment WHERE trace_no = ?", (trace_no,)).fetchone()
    connection.close()
    told = msgspec.json.encode(msgspec.json.decode(line) | {"amount_fen": amount_fen})
    change(path, "UPDATE payment SET line = ? WHERE trace_no = ?", told, trace_no)


async def settle(at: AtTheCounter) -> str:
    """Press 结算 and wait for the result."""
    at.keys("settle")
    await at.screen("settle")
    at.keys("enter")
    return words_of(await at.until(lambda view: view.id == "settled" and "结算单已出" in words_of(view)))


def batch_of(house: House, batch_no: str = "000001") -> dict[str, object]:
    (row,) = [row for row in house.host_rows("batches") if row["batch_no"] == batch_no]
    return row


def differences(house: House) -> dict[str, tuple[object, object, object]]:
    return {
        row["trace_no"]: (row["what"], row["host_amount_fen"], row["told_amount_fen"])
        for row in house.host_rows("batch_differences")
    }


async def test_a_day_ends_agreed_with_a_slip_and_a_new_batch(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take()) as at:
        await at.sell("12345")
        await at.sell("500")
        await begin_void(at, newest(at))
        await at.slips_out()
        shown = await settle(at)
        assert ("对账平" in shown, "2 / ¥128.45" in shown, "1 / ¥5.00" in shown) == (True, True, True), shown
        slip = slip_text(at.terminal.slip("000001-settlement"), 32)
        at.keys("enter")
        await at.screen("sign_in_number")
        await at.sign_in()
        assert "今日笔数 1" in words_of(at.terminal.view()), "the day goes on, the batch is another"
        await at.sell("700")
        assert "对账平" in await settle(at)
    told = "\n".join(slip)
    assert ("对账平" in told, "消费撤销/1" in told, "营业日" in told, "+08:00" in told) == (True, True, True, True), (
        told
    )
    assert "6217000000000000012" not in told
    assert (batch_of(house)["outcome"], batch_of(house)["debit_fen"], batch_of(house)["credit_fen"]) == (
        "agreed",
        12845,
        500,
    )
    assert batch_of(house, "000002")["debit_fen"] == 700
    codes = [seen.mti for seen in at.wire.frames if seen.mti in SETTLING]
    assert codes == ["0500", "0510", "0320", "0330"] * 2
    sessions = [row["end_reason"] for row in house.host_rows("sessions")]
    assert sessions.count("settled") == 2


async def test_where_the_host_is_wrong_the_payment_is_named_and_there_is_a_case(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take()) as at:
        await at.sell("12345")
        wrong = newest(at)
        await at.sell("500")
        change_host(house, wrong, 99)
        shown = await settle(at)
    assert ("对账不平" in shown, "¥5.99" in shown) == (True, True), shown
    assert differences(house) == {wrong: ("amount_differs", 99, 12345)}
    assert batch_of(house)["outcome"] == "differs"
    assert [row["what"] for row in house.host_rows("support_cases")] == ["settlement_differs"]


async def test_where_the_terminal_is_wrong_the_payment_is_named_too(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take()) as at:
        await at.sell("12345")
        wrong = newest(at)
        change_terminal(house, wrong, 12346)
        assert "对账不平" in await settle(at)
    assert differences(house) == {wrong: ("amount_differs", 12345, 12346)}


async def test_a_payment_in_doubt_is_undone_before_the_batch_is_settled(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take(), timeout_s=1.5) as at:
        await at.sell("12345")
        at.lose_answers("0210")
        at.keys("sale")
        await at.screen("amount")
        at.keys(*"700", "enter")
        await at.card_and_pin()
        await at.until(lambda view: view.code == "T103")
        at.keys("enter")
        await at.screen("standby")
        assert "1 / ¥123.45" in await settle(at)
    assert batch_of(house)["outcome"] == "agreed"
    assert [row["state"] for row in house.host_rows("payments")] == ["approved", "reversed"]


@asynccontextmanager
async def cut_at(at: AtTheCounter, place: int) -> AsyncIterator[asyncio.Event]:
    """The power goes when the frame of this number at the end of the batch passes; that frame is lost."""
    passed, cut = [0], asyncio.Event()

    async def passes(seen: Seen) -> bool:
        if seen.mti not in SETTLING or cut.is_set():
            return not cut.is_set()
        passed[0] += 1
        if passed[0] == place:
            cut.set()
            return False
        return True

    at.wire.intercept = passes
    yield cut


@pytest.mark.parametrize(
    ("differs", "place"), [*((False, place) for place in range(1, 5)), *((True, place) for place in range(1, 9))]
)
async def test_power_that_goes_at_any_message_changes_nothing_of_the_end(
    house: House, ports: Ports, place: int, differs: bool
) -> None:
    async with at_the_counter(house, ports.take()) as at:
        await at.sell("12345")
        wrong = newest(at)
        await at.sell("500")
        if differs:
            change_host(house, wrong, 99)
        async with cut_at(at, place) as cut:
            at.keys("settle")
            await at.screen("settle")
            at.keys("enter")
            await asyncio.wait_for(cut.wait(), 20)
    async with at_the_counter(house, ports.take(), signs_in=False) as at:
        view = await at.screen("self_check_result", "settling", "settled")
        if view.id == "self_check_result":
            at.keys("enter")
        shown = words_of(await at.until(lambda view: view.id == "settled" and "结算单已出" in words_of(view)))
        at.keys("enter")
        await at.screen("sign_in_number")
        await at.sign_in()
        await at.sell("700")
        assert "对账平" in await settle(at)
    assert ("不平" in shown) is differs
    batch = batch_of(house)
    assert (batch["state"], batch["outcome"]) == ("closed", "differs" if differs else "agreed")
    assert differences(house) == ({wrong: ("amount_differs", 99, 12345)} if differs else {})
    assert batch["details_count"] == (2 if differs else 0)
    assert batch_of(house, "000002")["outcome"] == "agreed"
    assert len(house.host_rows("support_cases")) == int(differs)
