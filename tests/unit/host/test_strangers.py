"""Whoever guesses numbers gets so many answers a minute; who has keys, or has had them from there, never waits for him."""

import pytest
from structlog.testing import capture_logs
from tests.worlds.memory_host import MERCHANT, TERMINAL, Line, MemoryHost, StoppedClock

from zhanggui.cup.dialect import UNIONPAY
from zhanggui.cup.envelope import wrap
from zhanggui.host.strangers import AT_ONCE, LATE_MAX_S, Strangers
from zhanggui.iso8583.message import Message

STREET, SHOP = "203.0.113.9", "192.0.2.7"


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def strangers(clock: StoppedClock) -> Strangers:
    return Strangers(clock, 60)


def guess(strangers: Strangers, times: int, address: str = STREET) -> list[float | None]:
    return [strangers.turn(address, number, is_miss=True).after_s for number in range(times)]


def test_so_many_are_answered_at_once_then_one_a_second_and_then_none(strangers: Strangers) -> None:
    waits = guess(strangers, 200)
    assert waits[:60] == [0.0] * 60
    assert waits[60:63] == [1.0, 2.0, 3.0]
    late = [one for one in waits if one is not None]
    assert max(late) <= LATE_MAX_S + 1
    assert waits[-1] is None
    assert len(late) < 100


def test_of_five_thousand_guesses_in_a_minute_few_are_answered(strangers: Strangers, clock: StoppedClock) -> None:
    answered = 0
    for number in range(5_000):
        clock.at_s = number * 60 / 5_000
        answered += strangers.turn(STREET, number, is_miss=True).after_s is not None
    assert answered < 150


def test_what_is_there_is_told_as_late_as_what_is_not(strangers: Strangers) -> None:
    guess(strangers, 70)
    known = strangers.turn(STREET, "there", is_miss=False).after_s
    unknown = strangers.turn(STREET, "not there", is_miss=True).after_s
    assert known is not None
    assert unknown is not None
    assert 0 < known < unknown <= known + 1


def test_a_terminal_that_proved_its_keys_from_there_goes_on_at_once(strangers: Strangers) -> None:
    strangers.proved(STREET, "the shop's")
    guess(strangers, 500)
    assert strangers.turn(STREET, "the shop's", is_miss=False) == AT_ONCE
    assert strangers.turn(STREET, "another's", is_miss=False).after_s != 0.0


def test_other_addresses_wait_for_nobody_and_honest_work_is_not_counted(strangers: Strangers) -> None:
    guess(strangers, 500)
    assert all(strangers.turn(SHOP, number, is_miss=False) == AT_ONCE for number in range(1_000))
    assert guess(strangers, 1, SHOP) == [0.0]


def test_after_a_while_of_peace_the_rate_is_whole_again(strangers: Strangers, clock: StoppedClock) -> None:
    guess(strangers, 500)
    clock.at_s = 200.0
    assert guess(strangers, 60) == [0.0] * 60


def test_without_a_rate_nothing_is_counted(clock: StoppedClock) -> None:
    assert set(guess(Strangers(clock, 0), 1_000)) == {0.0}


# ── in the host ──────────────────────────────────────────────────────────────


def echo(number: str) -> Message:
    return Message("0820", {11: "000001", 41: number, 42: MERCHANT, 60: "00000001301"})


async def told(house: MemoryHost, message: Message, line: Line) -> list[str]:
    house.receive(wrap(UNIONPAY, UNIONPAY.codec.encode(message)), line)
    await house.queue.until_idle()
    return line.codes


@pytest.mark.parametrize("mti", ["0820", "0800"])
async def test_an_echo_or_a_sign_on_to_numbers_that_are_not_there_slows_and_then_closes(mti: str) -> None:
    house = MemoryHost()
    house.engine.start()
    fields: dict[int, str | bytes] = dict(echo("0").fields)
    if mti == "0800":
        fields |= {60: "00000001003", 63: "01 "}
    lines = []
    with capture_logs() as logs:
        for number in range(120):
            lines.append(Line())
            await told(house, Message(mti, {**fields, 41: f"9{number:07d}"}), lines[-1])
    assert [line.codes for line in lines[:60]] == [["97"]] * 60
    assert sum(bool(line.late) for line in lines) == 21
    assert lines[-1].closed
    assert [entry["setting"] for entry in logs if entry["event"] == "strangers_slowed"] == ["host.unknown_per_minute"]
    there = Line()
    await told(house, echo(TERMINAL), there)
    assert there.closed, "what is there is told no sooner"
    await house.engine.stop()


async def test_the_shops_own_terminal_behind_the_same_address_sells_and_signs_on_meanwhile() -> None:
    house = MemoryHost()
    house.engine.start()
    proven = Line()
    house.sale("000007", proven)
    await house.queue.until_idle()
    for number in range(120):
        await told(house, echo(f"9{number:07d}"), Line())
    house.sale("000008", own := Line())
    await house.queue.until_idle()
    house.bank_says("00", house.wire.sent[-1])
    await house.queue.until_idle()
    assert (own.codes, own.late, own.closed) == (["00"], (), False)
    again = Line()
    assert await told(house, echo(TERMINAL), again) == ["00"]
    assert (again.late, again.closed) == ((), False)
    await house.engine.stop()
