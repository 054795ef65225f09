"""What a host keeps, compares and shows is looked at before anything is done with it: the same on every store."""

import pytest
from tests.unit.host.test_host_reception import Desk, payload_of, whole_fields
from tests.worlds.memory_host import Line, MemoryHost

from zhanggui.acquirer.payments.answers import read_answer
from zhanggui.acquirer.rows.records import Payment
from zhanggui.cup.operator_tags import Tag, pack_tags
from zhanggui.cup.transactions import CATALOGUE, PAYMENTS

ODD = ["\x00", "\x1b", "\x07", "\x7f", "\r"]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("number", [37, 38, 39, 41, 42, 49])
@pytest.mark.parametrize("name", [*PAYMENTS, "reversal", "echo", "operator_verify"])
def test_control_characters_in_a_text_field_are_answered_30(name: str, number: int, odd: str) -> None:
    fields = whole_fields(name)
    width = {37: 12, 38: 6, 39: 2, 41: 8, 42: 15, 49: 3}[number]
    fields[number] = "1" * (width - 1) + odd
    desk = Desk()
    desk.receive(payload_of(CATALOGUE[name].mti, fields))
    assert (desk.line.codes, desk.works) == (["30"], [])


@pytest.mark.parametrize("tag", list(Tag))
@pytest.mark.parametrize("odd", [*ODD, "\u202e", "\u200b", "\u2028"])
def test_control_characters_in_any_operator_tag_are_answered_30(tag: Tag, odd: str) -> None:
    for name in ("operator_verify", "operator_confirm", "operator_sign_out", "status"):
        desk = Desk()
        desk.receive(payload_of("0820", whole_fields(name) | {62: pack_tags({tag: f"王{odd}芳"})}))
        assert (desk.line.codes, desk.works) == (["30"], []), name


def test_the_trace_number_that_is_never_used_is_answered_30() -> None:
    for name in (name for name, row in CATALOGUE.items() if not row.from_host):
        desk = Desk()
        desk.receive(payload_of(CATALOGUE[name].mti, whole_fields(name) | {11: "000000"}))
        assert (desk.line.codes, desk.works) == (["30"], []), name


@pytest.mark.parametrize("read_as", ["001", "002", "005", "007"])
@pytest.mark.parametrize("name", [*PAYMENTS, "reversal"])
def test_a_field_22_that_was_filled_on_the_left_is_answered_30(name: str, read_as: str) -> None:
    """`00 21` for `02 10` reads as 002: nobody would say how the card was read, beside a card that was read."""
    desk = Desk()
    desk.receive(payload_of(CATALOGUE[name].mti, whole_fields(name) | {2: "6217000000000000012", 22: read_as}))
    assert (desk.line.codes, desk.works) == (["30"], [])


async def test_a_bank_that_sends_control_characters_is_not_believed() -> None:
    """What it says is kept like a terminal's words: one such answer would fail the batch of everybody else."""
    house = MemoryHost()
    house.engine.start()
    try:
        line = Line()
        house.sale("000001", line)
        await house.settled()
        (asked,) = house.wire.sent
        house.bank_says("0\x00", asked)
        await house.settled()
        assert line.sent == []
        house.bank_says("00", asked)
        await house.settled()
        assert line.codes == ["00"]
    finally:
        await house.engine.stop()


@pytest.mark.parametrize("harm", ["\x00", "\x1b[31m", "\u202e", "\u200b", "\r\n"])
async def test_what_a_bank_says_for_people_reaches_terminals_and_rows_harmless(harm: str) -> None:
    house = MemoryHost()
    house.engine.start()
    try:
        line = Line()
        house.sale("000001", line)
        await house.settled()
        (asked,) = house.wire.sent
        house.bank_says("00", asked, {44: f"ab{harm}".ljust(22), 63: f"CUP bank{harm}says"})
        await house.settled()
        assert line.codes == ["00"], "the money stands whatever its words are"
        (answer,) = line.sent
        assert str(answer.fields[44]).isprintable()
        assert str(answer.fields[63]).isprintable()
        assert "says" in str(answer.fields[63])
        (payment,) = (row for row in house.store.rows.values() if isinstance(row, Payment))
        kept = read_answer(payment.answer)
        assert (kept.issuer + kept.remark).isprintable(), "and so are repeats"
    finally:
        await house.engine.stop()
