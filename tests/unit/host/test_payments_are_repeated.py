"""Which second message is the first one once more: the whole of it, under the same keys, as long as its salt is kept."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.worlds.memory_host import MERCHANT, TERMINAL, Line, MemoryHost

from zhanggui.acquirer.payments.repeats import REPEAT_WITHIN_MS, SALT_KIND, salt_key, salt_no_of
from zhanggui.acquirer.rows.records import Clash, Salt
from zhanggui.basics.chance import SeededChance
from zhanggui.basics.numbers import BatchNo, OperatorNo, TraceNo
from zhanggui.basics.secret import Pan, Secret
from zhanggui.cup.messages.payment import PaymentRequest
from zhanggui.host.jobs.repeat_salts import renew_repeat_salt
from zhanggui.iso8583.message import Message
from zhanggui.vault.hsm import KeySet


@pytest.fixture
async def house() -> AsyncIterator[MemoryHost]:
    house = MemoryHost()
    await renew_repeat_salt(house.door, house.desk, SeededChance(3))
    house.engine.start()
    yield house
    await house.engine.stop()


async def answered(house: MemoryHost, payload: bytes) -> Message:
    line = Line()
    house.receive(payload, line)
    await house.queue.until_idle()
    await asyncio.sleep(0)
    return line.sent[-1]


async def approved(house: MemoryHost, payload: bytes) -> Message:
    line = Line()
    house.receive(payload, line)
    await house.queue.until_idle()
    house.bank_says("00", house.wire.sent[0])
    await house.queue.until_idle()
    assert line.codes == ["00"]
    return line.sent[-1]


def a_sale() -> dict[int, str | bytes]:
    request = PaymentRequest(
        kind="sale",
        merchant_no=MERCHANT,
        terminal_no=TERMINAL,
        batch_no=BatchNo("000001"),
        trace_no=TraceNo("000007"),
        amount_fen=100,
        entry_mode="021",
        operator_no=OperatorNo("01"),
        pan=Pan("6217000000000000012"),
        track2=Secret("6217000000000000012=4912"),
        pin_block=None,
    )
    return dict(request.message().fields)


CHIP = bytes.fromhex("9f26081111111111111111")


@pytest.mark.parametrize(
    "changed",
    [
        {52: b"\x01" * 8},
        {52: None},
        {22: "051", 55: CHIP},
        {35: "6217000000000000012=49122200000000099"},
        {63: "02 "},
        {22: "022"},
    ],
    ids=["another PIN", "no PIN", "a cryptogram", "another end of track 2", "another operator", "another entry mode"],
)
async def test_whatever_differs_in_a_message_makes_it_another_payment(
    house: MemoryHost, changed: dict[int, str | bytes | None]
) -> None:
    working = house.hsm.new_working_keys(house.master, KeySet.DOUBLE)
    house.change_terminal(pin_key=working.pin_key.text)
    pin = house.hsm.encrypt_pin(working.pin_key, Secret("123456"), Pan("6217000000000000012"))
    fields = a_sale() | {52: pin, 26: "06", 53: "2600000000000000"}
    first = await approved(house, house.sealed(Message("0200", dict(fields))))
    same = await answered(house, house.sealed(Message("0200", dict(fields))))
    assert (same.fields[39], same.fields[37]) == ("00", first.fields[37])
    other = {number: value for number, value in (fields | changed).items() if value is not None}
    refused = await answered(house, house.sealed(Message("0200", other)))
    expected = "77" if 63 in changed else "94"
    assert refused.fields[39] == expected
    clashes = [row for row in house.store.rows.values() if isinstance(row, Clash)]
    assert [row.what for row in clashes] == (["other_payment"] if expected == "94" else [])


async def test_under_new_keys_nothing_is_a_repeat(house: MemoryHost) -> None:
    fields = a_sale()
    await approved(house, house.sealed(Message("0200", dict(fields))))
    working = house.hsm.new_working_keys(house.master, KeySet.DOUBLE)
    house.change_terminal(mac_key=working.mac_key.text)
    house.mac_key = working.mac_key
    assert (await answered(house, house.sealed(Message("0200", dict(fields))))).fields[39] == "94"


async def test_the_salt_of_a_payment_is_forgotten_when_no_repeat_can_come_any_more(house: MemoryHost) -> None:
    payload = house.sealed(Message("0200", a_sale()))
    await approved(house, payload)
    (payment,) = house.store.payments()
    key = (Salt, *salt_key(salt_no_of(payment)))
    for _ in range(4):
        assert key in house.store.rows or house.clock.at_ms - payment.created_ms > REPEAT_WITHIN_MS
        house.clock.at_ms += REPEAT_WITHIN_MS
        await renew_repeat_salt(house.door, house.desk, SeededChance(4))
    assert key not in house.store.rows
    kept = [row for row in house.store.rows.values() if isinstance(row, Salt) and row.record_kind == SALT_KIND]
    assert len(kept) == 3
    assert (await answered(house, payload)).fields[39] == "94"


async def test_hosts_of_one_database_mark_by_the_same_salt(house: MemoryHost) -> None:
    first = house.desk.repeat_salt
    await renew_repeat_salt(house.door, house.desk, SeededChance(9))
    assert house.desk.repeat_salt == first
    house.clock.at_ms -= 5 * REPEAT_WITHIN_MS
    await renew_repeat_salt(house.door, house.desk, SeededChance(9))
    assert house.desk.repeat_salt == first, "also when the clock was put back"
