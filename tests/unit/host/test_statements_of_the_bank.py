"""What a host asks of the bank's books: a silent bank costs one time-out, and a refusal is no silence."""

import asyncio

import pytest
from tests.worlds.memory_host import MERCHANT, TERMINAL, MemoryHost

from zhanggui.cup.dialect import INTERBANK
from zhanggui.cup.messages.bank_statement import FIRST, LAST, StatedPayment, statement_answer
from zhanggui.cup.messages.sealing import seal
from zhanggui.edges.watched import short_task
from zhanggui.host.networks import bank_line
from zhanggui.host.networks.bank_line import BankSilent, StatementRefused


@pytest.fixture
async def house() -> MemoryHost:
    return MemoryHost()


async def told(house: MemoryHost, code: str) -> tuple[StatedPayment, ...]:
    """Ask for a statement that the bank answers with this code."""
    asking = short_task(house.bank.statement(MERCHANT, TERMINAL, FIRST, LAST))
    await asyncio.sleep(0)
    answer = statement_answer(house.wire.sent[0], code, ())
    house.bank.on_frame(seal(INTERBANK.codec, answer, house.keys.zone_mac))
    return await asking


async def test_a_silent_bank_is_asked_once_and_costs_one_time_out(
    house: MemoryHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bank_line, "STATEMENT_TIMEOUT_S", 0.01)
    with pytest.raises(BankSilent):
        await house.bank.statement(MERCHANT, TERMINAL, FIRST, LAST)
    assert [message.mti for message in house.wire.sent] == ["0520"]


async def test_a_bank_that_cannot_be_reached_costs_no_time(house: MemoryHost) -> None:
    house.wire.up.clear()
    with pytest.raises(BankSilent):
        await asyncio.wait_for(house.bank.statement(MERCHANT, TERMINAL, FIRST, LAST), 1.0)


async def test_a_refused_statement_is_an_answer(house: MemoryHost) -> None:
    with pytest.raises(StatementRefused):
        await told(house, "97")
    house.wire.sent.clear()
    assert await told(house, "00") == ()
