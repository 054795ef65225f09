"""退货, the refund, over TCP: in parts, until the sale is used up, at any terminal of the shop, and never twice."""

import pytest
from tests.conftest import Ports
from tests.worlds.foreign_terminal import TEST_CARD, Card, ForeignTerminal, Line
from tests.worlds.house import House, until
from tests.worlds.true_terminal import AtTheCounter, at_the_counter, words_of

OPENING_FEN = 100_000_00


def owed_fen(house: House) -> int:
    return -sum(int(row["amount_fen"]) for row in house.host_rows("postings") if row["account"] == "merchant_payable")


async def begin_refund(at: AtTheCounter, number: str, fen: str, day: str = "") -> None:
    """Up to the answer."""
    at.keys("refund")
    await at.screen("original")
    at.keys(*number, "enter", *(day or ""), "enter")
    await at.screen("amount")
    at.keys(*fen, "enter")
    await at.screen("card")
    at.terminal.show_card("main", "insert")
    await at.supervisor()


def sale_of(house: House) -> dict[str, object]:
    return next(row for row in house.host_rows("payments") if row["kind"] == "sale")


async def test_our_terminal_gives_a_sale_back_in_parts_until_it_is_used_up(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take()) as at:
        await at.sell("50000")
        trace_no = at.terminal.view().rows[0].left.split()[-1]
        for fen in ("20000", "30000"):
            await begin_refund(at, trace_no, fen)
            assert "退货成功" in words_of(await at.slips_out())
        at.keys("refund")
        await at.screen("original")
        at.keys(*trace_no, "enter")
        assert "不能再办理" in words_of(await at.until(lambda view: "不能再办理" in words_of(view)))
    assert house.balance_fen(TEST_CARD.number) == OPENING_FEN
    assert (owed_fen(house), sale_of(house)["adjusted_fen"]) == (0, -50000)
    assert house.bank_differences() == []


async def test_host_and_terminal_tell_the_same_figures_after_a_refund(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take()) as at:
        await at.sell("50000")
        trace_no = at.terminal.view().rows[0].left.split()[-1]
        await begin_refund(at, trace_no, "20000")
        await at.slips_out()
        shown = words_of(await at.until(lambda view: view.id == "standby"))
        at.keys("sign_out")
        await at.screen("sign_out")
        at.keys("enter")
        told = words_of(await at.screen("signed_out"))
    assert ("今日笔数 1" in shown, "今日金额 ¥300.00" in shown) == (True, True), shown
    assert ("本班笔数 1" in told, "本班金额 ¥300.00" in told) == (True, True), told


async def test_another_terminal_of_the_shop_gives_it_back_by_reference_and_day(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take()) as at:
        await at.sell("50000")
    sale = sale_of(house)
    day = next(row for row in house.host_rows("payments"))["shop_day"]
    async with at_the_counter(house, ports.take(), "10000003", operator="02") as other:
        await begin_refund(other, str(sale["rrn"]), "12345", day=str(day)[5:7] + str(day)[8:10])
        await other.slips_out()
    assert house.balance_fen(TEST_CARD.number) == OPENING_FEN - 50000 + 12345
    assert (owed_fen(house), sale_of(house)["adjusted_fen"]) == (50000 - 12345, -12345)
    assert house.bank_differences() == []


@pytest.mark.parametrize("lost", [1, 2])
async def test_a_refund_whose_answer_is_lost_is_asked_for_again_and_made_once(
    house: House, ports: Ports, lost: int
) -> None:
    async with at_the_counter(house, ports.take(), timeout_s=1.5) as at:
        await at.sell("50000")
        trace_no = at.terminal.view().rows[0].left.split()[-1]
        at.lose_answers("0230", lost)
        await begin_refund(at, trace_no, "20000")
        await at.slips_out()
    refunds = [row for row in house.host_rows("payments") if row["kind"] == "refund"]
    assert [(row["state"], row["amount_fen"]) for row in refunds] == [("approved", 20000)]
    assert house.balance_fen(TEST_CARD.number) == OPENING_FEN - 30000
    assert house.bank_differences() == []


# ── a terminal made by others ────────────────────────────────────────────────


def test_a_foreign_terminal_refunds_two_parts_and_not_a_fen_more(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    sale = terminal.sale(500_00)
    sold = terminal.ask(line, sale)
    for fen in (200_00, 300_00):
        done = terminal.ask(line, terminal.refund(sale, sold, fen))
        assert (done["t"], done["39"]) == ("0230", "00")
    assert terminal.ask(line, terminal.refund(sale, sold, 1))["39"] == "64"
    assert terminal.ask(line, terminal.void(sale, sold))["39"] == "12"
    assert terminal.ask(line, terminal.reversal(sale))["39"] == "12", "it has gone on since"
    assert house.balance_fen(TEST_CARD.number) == OPENING_FEN
    assert owed_fen(house) == 0
    assert house.bank_differences() == []


def test_a_repeat_is_answered_as_the_first_time_and_a_reversal_of_a_refund_is_no_message(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    sale = terminal.sale(500_00)
    refund = terminal.refund(sale, terminal.ask(line, sale), 200_00)
    first, again = terminal.ask(line, refund), terminal.ask(line, refund)
    assert (first["39"], again) == ("00", first)
    assert terminal.ask(line, terminal.reversal(refund))["39"] == "40"
    assert owed_fen(house) == 300_00


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"37": "999999999999"}, "25"),
        ({"61": "0000000000000101"}, "25"),
        ({"61": "000000000000"}, "30"),
        ({"22": "012", "35": "", "2": TEST_CARD.number}, "57"),
        ({"4": "000000000000"}, "13"),
        ({"25": "06"}, "40"),
        ({"25": "99"}, "40"),
        ({"60": "2600000100050"}, "40"),
    ],
    ids=["reference", "day", "no day", "keyed", "nothing", "condition of another", "no condition", "no kind"],
)
def test_a_refund_of_something_else_is_refused(
    house: House, line: Line, terminal: ForeignTerminal, changed: dict[str, str], code: str
) -> None:
    sale = terminal.sale(500_00)
    asked = {**terminal.refund(sale, terminal.ask(line, sale), 200_00), **changed}
    assert terminal.ask(line, {name: value for name, value in asked.items() if value})["39"] == code
    assert owed_fen(house) == 500_00


def test_another_card_cannot_take_the_money(
    house: House, line: Line, terminal: ForeignTerminal, cards: dict[str, Card]
) -> None:
    sale = terminal.sale(500_00)
    asked = terminal.refund(sale, terminal.ask(line, sale), 200_00, cards["stripe"])
    assert terminal.ask(line, asked)["39"] == "14"
    assert owed_fen(house) == 500_00


def test_a_refund_that_the_bank_is_silent_about_is_undone_there_and_told_as_not_done(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    sale = terminal.sale(500_00)
    sold = terminal.ask(line, sale)
    house.stop_bank()
    assert terminal.ask(line, terminal.refund(sale, sold, 200_00))["39"] == "91"
    assert [row["adjusted_fen"] for row in house.host_rows("payments") if row["kind"] == "sale"] == [None]
    until(lambda: owed_fen(house) == 500_00, "the books to be as before")
