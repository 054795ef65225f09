"""A payment from end to end: answered when its outcome is durable, repeated, reversed, and by the bank's own answer alone."""

from collections.abc import Sequence

import msgspec
import pytest
from structlog.testing import capture_logs
from tests.worlds.memory_host import NOON, Line, MemoryHost

from zhanggui.acquirer.payments.answers import refusal_answer, write_answer
from zhanggui.acquirer.rows.records import Payment, Posting, key_of
from zhanggui.acquirer.rows.state import Change
from zhanggui.basics.errors import Fault
from zhanggui.vault.hsm import KeySet


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
    undo.proved()
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
    assert house.bank.undoing.all() == ()


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
    true_on_frame = house.bank.on_frame
    house.bank.on_frame = said.append  # type: ignore[method-assign,assignment]  # to get at the bank's bytes
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
