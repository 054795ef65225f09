"""Merchant copies ticked off at their terminal, at the host: one row a copy, one note, whoever finds it first."""

from typing import Literal

import pytest
from msgspec.structs import replace
from tests.worlds.memory_host import MERCHANT, NOON, TERMINAL, Line, MemoryHost

from zhanggui.acquirer.policy.actors import CONSOLE
from zhanggui.acquirer.rows.records import AuditNote, Operator, Session, SlipTick
from zhanggui.acquirer.rows.state import Insert
from zhanggui.acquirer.slips.ticking import decide_tick, ticking_needs
from zhanggui.basics.numbers import BatchNo, OperatorNo, TraceNo
from zhanggui.cup.errors import MessageError
from zhanggui.cup.messages.slip_ticks import COPIES_MAX, SlipTicks, read_slip_ticks

BATCH = BatchNo("000001")


@pytest.fixture
async def till(house: MemoryHost) -> MemoryHost:
    """A host with an operator who is signed in, and two approved payments."""
    cashier = Operator(
        merchant_no=MERCHANT,
        operator_no=OperatorNo("01"),
        name="王芳",
        role="cashier",
        salt=b"",
        verifier=b"",
        password_set_ms=NOON,
    )
    house.store.put(cashier)
    for trace in ("000001", "000002"):
        house.sale(trace, Line())
        await house.settled()
        house.bank_says("00", house.wire.sent[-1])
        await house.settled()
    return house


def asked(verb: Literal["look", "tick", "untick"], *traces: str, operator: str = "01") -> SlipTicks:
    return SlipTicks(
        merchant_no=MERCHANT,
        terminal_no=TERMINAL,
        trace_no=TraceNo("000090"),
        batch_no=BATCH,
        operator_no=OperatorNo(operator),
        verb=verb,
        slips=tuple((BATCH, TraceNo(trace)) for trace in traces),
    )


VERBS: tuple[Literal["tick", "untick"], ...] = ("tick", "untick", "tick")


async def say(house: MemoryHost, ticks: SlipTicks) -> tuple[str, str]:
    """The answer's code and its marks."""
    line = Line()
    house.receive(house.sealed(ticks.message()), line)
    await house.settled()
    (answer,) = line.sent
    marks = answer.fields.get(62, b"")
    assert isinstance(marks, bytes)
    return str(answer.fields[39]), marks.decode()


def rows(house: MemoryHost) -> list[tuple[str, str]]:
    return [(row.trace_no, row.ticked_by) for row in house.store.rows.values() if isinstance(row, SlipTick)]


async def test_a_look_changes_nothing_and_a_tick_is_a_row_with_a_note(till: MemoryHost) -> None:
    assert await say(till, asked("look", "000001", "000002")) == ("00", "00")
    assert rows(till) == []
    assert await say(till, asked("tick", "000002")) == ("00", "1")
    assert rows(till) == [("000002", "01")]
    assert await say(till, asked("look", "000001", "000002")) == ("00", "01")
    (note,) = [row for row in till.store.rows.values() if isinstance(row, AuditNote)]
    assert (note.actor, note.action, note.detail) == ("01", "tick_slips", "slips=1")


async def test_ticked_again_it_stays_with_whoever_found_it_first(till: MemoryHost) -> None:
    await say(till, asked("tick", "000001"))
    assert await say(till, asked("tick", "000001")) == ("00", "1")
    assert rows(till) == [("000001", "01")]
    assert len([row for row in till.store.rows.values() if isinstance(row, AuditNote)]) == 1


async def test_a_tick_is_taken_back_and_a_copy_that_nobody_ticked_stays_missing(till: MemoryHost) -> None:
    await say(till, asked("tick", "000001"))
    assert await say(till, asked("untick", "000001", "000002", "000077")) == ("00", "00-")
    assert rows(till) == []
    assert await say(till, asked("untick", "000001")) == ("00", "0")
    notes = [row.detail for row in till.store.rows.values() if isinstance(row, AuditNote)]
    assert notes == ["slips=1", "taken_back=1 ticked_by=01"]


async def test_what_was_caught_and_comes_again_behind_a_newer_number_changes_nothing(till: MemoryHost) -> None:
    numbered = [
        replace(asked(verb, "000001"), trace_no=TraceNo(f"{90 + place:06d}")) for place, verb in enumerate(VERBS)
    ]
    assert [await say(till, ticks) for ticks in numbered] == [("00", "1"), ("00", "0"), ("00", "1")]
    assert (await say(till, numbered[1]))[0] == "94"
    assert rows(till) == [("000001", "01")]
    notes = [(row.subject, row.detail) for row in till.store.rows.values() if isinstance(row, AuditNote)]
    assert notes[1] == (f"{TERMINAL}/{BATCH}/000001", "taken_back=1 ticked_by=01")


async def test_what_the_command_ticked_off_is_in_hand_at_the_terminal(till: MemoryHost) -> None:
    key = (MERCHANT, TERMINAL, BATCH, TraceNo("000001"))
    async with till.store.unit() as unit:
        state = await unit.load(ticking_needs(MERCHANT, (key,)))
    decision = decide_tick(state, MERCHANT, (key,), CONSOLE, NOON)
    till.store.put(*(change.record for change in decision.changes if isinstance(change, Insert)))
    assert await say(till, asked("look", "000001", "000002")) == ("00", "10")


async def test_a_copy_of_no_payment_that_stands_is_marked_so_and_the_others_are_ticked(till: MemoryHost) -> None:
    assert await say(till, asked("tick", "000077", "000001")) == ("00", "-1")
    assert rows(till) == [("000001", "01")]


async def test_who_is_not_signed_in_here_ticks_nothing(till: MemoryHost) -> None:
    assert (await say(till, asked("tick", "000001", operator="02")))[0] == "PA"
    (session,) = [row for row in till.store.rows.values() if isinstance(row, Session)]
    till.store.put(replace(session, ended_ms=NOON))
    assert (await say(till, asked("look", "000001")))[0] == "PA"
    assert rows(till) == []


async def test_who_has_no_right_to_it_ticks_nothing(till: MemoryHost) -> None:
    operator = till.store.rows[(Operator, MERCHANT, "01")]
    assert isinstance(operator, Operator)
    till.store.put(replace(operator, role="administrator"))
    assert (await say(till, asked("tick", "000001")))[0] == "P7"
    assert rows(till) == []


@pytest.mark.parametrize(
    "content", [b"", b"look:", b"take:000001000001", b"look:1", b"look:000001000001,", b"look:" + b"0" * 13]
)
def test_what_names_no_copies_is_refused(content: bytes) -> None:
    message = asked("look", "000001").message()
    message.fields[62] = content
    with pytest.raises(MessageError):
        read_slip_ticks(message)


def test_as_many_as_one_message_takes_are_read_as_they_were_written() -> None:
    ticks = asked("tick", *(f"{number:06d}" for number in range(COPIES_MAX)))
    content = ticks.message().fields[62]
    assert isinstance(content, bytes)
    assert len(content) <= 480
    assert read_slip_ticks(ticks.message()) == ticks
