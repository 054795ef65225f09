"""消费撤销, the void, over TCP: whole, once, in its batch, with the supervisor's approval, and undone when its answer is lost."""

from collections.abc import Callable

import pytest
from tests.conftest import Ports
from tests.worlds.foreign_terminal import TEST_CARD, Card, Fields, ForeignTerminal, Line
from tests.worlds.house import House, HouseProcesses, until
from tests.worlds.true_terminal import AtTheCounter, at_the_counter, words_of

OPENING_FEN = 100_000_00


async def begin_void(at: AtTheCounter, trace_no: str, card: str = "main", *, by_supervisor: bool = True) -> None:
    """Up to the answer; without a supervisor up to the card."""
    at.keys("void")
    await at.screen("original")
    at.keys(*trace_no, "enter")
    await at.until(lambda view: trace_no in words_of(view))
    at.keys("enter")
    await at.screen("card")
    at.terminal.show_card(card, "insert")
    if by_supervisor:
        await at.supervisor()


def newest(at: AtTheCounter) -> str:
    """The voucher number on top of today's list."""
    return at.terminal.view().rows[0].left.split()[-1]


def owed_fen(house: House) -> int:
    return -sum(int(row["amount_fen"]) for row in house.host_rows("postings") if row["account"] == "merchant_payable")


def sale_of(house: House) -> dict[str, object]:
    (sale,) = [row for row in house.host_rows("payments") if row["kind"] == "sale"]
    return sale


async def test_our_terminal_takes_a_sale_back_once(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take()) as at:
        await at.sell("12345")
        trace_no = newest(at)
        await begin_void(at, trace_no)
        assert "消费撤销成功" in words_of(await at.slips_out())
        assert "今日笔数 0" in words_of(at.terminal.view())
        at.keys("void")
        await at.screen("original")
        at.keys(*trace_no, "enter")
        assert "已撤销" in words_of(await at.until(lambda view: "已撤销" in words_of(view) and view.id == "original"))
    assert house.balance_fen(TEST_CARD.number) == OPENING_FEN
    assert (owed_fen(house), sale_of(house)["undone_by_trace_no"] != "") == (0, True)
    assert house.bank_differences() == []


async def test_host_and_terminal_tell_the_same_figures_at_sign_out(house: House, ports: Ports) -> None:
    """Net: a sale that stands, one that was taken back, one whose answer was lost, and a void that was itself reversed."""
    async with at_the_counter(house, ports.take(), timeout_s=1.5) as at:
        await at.sell("12345")
        await at.sell("500")
        await begin_void(at, newest(at))
        await at.slips_out()
        at.lose_answers("0210")
        at.keys("sale")
        await at.screen("amount")
        at.keys(*"700", "enter")
        await at.card_and_pin()
        await at.until(lambda view: view.code == "T103")
        at.keys("enter")
        await at.screen("standby")
        await at.sell("1000")
        at.lose_answers("0210")
        await begin_void(at, newest(at))
        await at.until(lambda view: view.code == "T103")
        at.keys("enter")
        shown = words_of(await at.screen("standby"))
        at.keys("sign_out")
        await at.screen("sign_out")
        at.keys("enter")
        told = words_of(await at.screen("signed_out"))
    assert ("今日笔数 2" in shown, "今日金额 ¥133.45" in shown) == (True, True)
    assert ("本班笔数 2" in told, "本班金额 ¥133.45" in told) == (True, True), told


async def test_a_void_whose_answer_is_lost_is_reversed_and_the_sale_stands_at_the_bank_too(
    house: House, ports: Ports
) -> None:
    async with at_the_counter(house, ports.take(), timeout_s=1.5) as at:
        await at.sell("12345")
        at.lose_answers("0210")
        await begin_void(at, newest(at))
        view = await at.until(lambda view: view.code == "T103")
        assert "原交易仍有效" in words_of(view)
    until(
        lambda: all(row["bank_state"] != "reversal_due" for row in house.host_rows("payments")),
        "the bank to hear of the reversal",
    )
    assert house.balance_fen(TEST_CARD.number) == OPENING_FEN - 12345
    assert (owed_fen(house), sale_of(house)["undone_by_trace_no"]) == (12345, "")
    assert house.bank_differences() == []


async def test_another_card_is_refused_before_a_supervisor_is_called_and_the_right_one_goes_on(
    house: House, ports: Ports
) -> None:
    async with at_the_counter(house, ports.take()) as at:
        await at.sell("12345")
        await begin_void(at, newest(at), card="second", by_supervisor=False)
        said = words_of(await at.until(lambda view: view.id == "card" and "不是原交易的卡" in words_of(view)))
        assert f"尾号 {TEST_CARD.number[-4:]}" in said, "which one it must be"
        assert (owed_fen(house), sale_of(house)["undone_by_trace_no"]) == (12345, "")
        at.terminal.show_card("main", "insert")
        await at.supervisor()
        await at.slips_out()
    assert (owed_fen(house), sale_of(house)["undone_by_trace_no"] != "") == (0, True)


# ── a terminal made by others ────────────────────────────────────────────────


def sold(terminal: ForeignTerminal, line: Line, amount_fen: int = 128_50) -> tuple[Fields, Fields]:
    sale = terminal.sale(amount_fen)
    answer = terminal.ask(line, sale)
    assert answer["39"] == "00"
    return sale, answer


def test_a_foreign_terminal_voids_its_sale_and_a_second_void_is_refused(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    sale, answer = sold(terminal, line)
    done = terminal.ask(line, terminal.void(sale, answer))
    assert (done["t"], done["39"], done["4"]) == ("0210", "00", sale["4"])
    assert house.balance_fen(TEST_CARD.number) == OPENING_FEN
    assert terminal.ask(line, terminal.void(sale, answer))["39"] == "12"
    assert terminal.ask(line, terminal.reversal(sale))["39"] == "12", "it was finished, and is not paid back twice"
    assert house.balance_fen(TEST_CARD.number) == OPENING_FEN
    assert owed_fen(house) == 0
    assert house.bank_differences() == []


def test_a_void_undone_by_its_reversal_may_be_asked_for_again(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    sale, answer = sold(terminal, line)
    void = terminal.void(sale, answer)
    assert terminal.ask(line, void)["39"] == "00"
    for _ in range(2):
        assert terminal.ask(line, terminal.reversal(void))["39"] == "00"
    until(lambda: house.balance_fen(TEST_CARD.number) == OPENING_FEN - 128_50, "the bank to take it")
    assert owed_fen(house) == 128_50
    assert terminal.ask(line, terminal.void(sale, answer))["39"] == "00"
    assert (house.balance_fen(TEST_CARD.number), owed_fen(house)) == (OPENING_FEN, 0)


def change(field: str, value: str) -> Callable[[Fields], Fields]:
    return lambda void: {**void, field: value}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        (change("61", "000009000002"), "25"),
        (change("61", "000001000099"), "25"),
        (change("37", "999999999999"), "25"),
        (change("4", "000000000001"), "64"),
        (change("4", "000000000000"), "13"),
        (lambda void: {name: value for name, value in void.items() if name != "61"}, "30"),
    ],
    ids=["batch", "trace", "reference", "amount", "nothing", "no original"],
)
def test_a_void_of_something_else_is_refused(
    house: House, line: Line, terminal: ForeignTerminal, changed: Callable[[Fields], Fields], code: str
) -> None:
    sale, answer = sold(terminal, line)
    assert terminal.ask(line, changed(terminal.void(sale, answer)))["39"] == code
    assert (owed_fen(house), sale_of(house)["undone_by_trace_no"]) == (128_50, "")


async def test_the_sale_of_another_terminal_is_not_found(
    house: House, ports: Ports, line: Line, terminal: ForeignTerminal
) -> None:
    async with at_the_counter(house, ports.take()) as at:
        await at.sell("12850")
        theirs = sale_of(house)
    named = {"60": f"22{theirs['batch_no']}00050", "11": str(theirs["trace_no"]), "4": "000000012850"}
    assert terminal.ask(line, terminal.void(named, {"37": str(theirs["rrn"])}))["39"] == "25"
    assert owed_fen(house) == 128_50


def test_another_card_cannot_take_the_money(
    house: House, line: Line, terminal: ForeignTerminal, cards: dict[str, Card]
) -> None:
    sale, answer = sold(terminal, line)
    assert terminal.ask(line, terminal.void(sale, answer, cards["stripe"]))["39"] == "14"
    assert owed_fen(house) == 128_50


def test_the_list_tells_what_was_voided_by_what_and_of_what_a_refused_void_was(
    processes: HouseProcesses, stranger: ForeignTerminal
) -> None:
    with Line("127.0.0.1", processes.host_port) as line:
        stranger.go_sign_in(line)
        sale, answer = sold(stranger, line)
        void = stranger.void(sale, answer)
        assert stranger.ask(line, void)["39"] == "00"
        assert stranger.ask(line, stranger.void(sale, answer))["39"] == "12"
    refused, newest, oldest = processes.command("payments")
    assert (newest["kind"], newest["original_trace_no"]) == ("void", sale["11"])
    assert (refused["state"], refused["reason"]) == ("declined", "original_undone_already")
    assert refused["original_trace_no"] == sale["11"], "one that is refused says what it was about, too"
    assert (oldest["kind"], oldest["undone_by_trace_no"]) == ("sale", void["11"])
