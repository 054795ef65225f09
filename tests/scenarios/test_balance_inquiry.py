"""余额查询, the balance inquiry: to the fen, before a payment and after it; it moves nothing and nothing undoes it."""

import pytest
from tests.conftest import Ports
from tests.worlds.foreign_terminal import TEST_CARD, ForeignTerminal, Line
from tests.worlds.house import House, HouseProcesses
from tests.worlds.true_terminal import AtTheCounter, at_the_counter, words_of

OPENING_FEN = 100_000_00


async def ask_balance(at: AtTheCounter) -> str:
    at.keys("balance")
    await at.card_and_pin()
    said = words_of(await at.screen("answer"))
    at.keys("enter")
    await at.screen("standby")
    return said


async def test_our_terminal_shows_what_the_account_holds_before_a_sale_and_after_it(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take()) as at:
        assert "¥100,000.00" in await ask_balance(at)
        await at.sell("12345")
        assert "¥99,876.55" in await ask_balance(at)
        standby = words_of(at.terminal.view())
    assert house.balance_fen(TEST_CARD.number) == OPENING_FEN - 12345
    assert "99,876.55" not in standby
    assert "今日笔数 1" in standby
    kinds = [(row["kind"], row["state"], row["amount_fen"]) for row in house.host_rows("payments")]
    assert sorted(kinds) == [("balance", "approved", 0), ("balance", "approved", 0), ("sale", "approved", 12345)]
    assert len(house.host_rows("postings")) == 2, "the sale's alone"
    assert house.bank_differences() == []


@pytest.mark.parametrize(("card", "code"), [("no-funds", "00"), ("lost", "41")])
def test_a_foreign_terminal_asks_and_is_told(
    house: House, line: Line, terminal: ForeignTerminal, cards: dict[str, object], card: str, code: str
) -> None:
    answer = terminal.ask(line, terminal.balance(cards[card]))  # type: ignore[arg-type]
    assert answer["39"] == code
    assert ("54" in answer) == (code == "00")
    assert "4" not in answer
    assert house.host_rows("postings") == []


def test_an_inquiry_sent_again_gets_the_same_answer_and_other_contents_are_refused(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    asked = terminal.balance()
    payload = terminal.signed(asked)
    first = line.ask(payload)
    assert terminal.read(first)["54"] == f"0002156C{OPENING_FEN:012d}"
    assert terminal.ask(line, terminal.sale(1_00))["39"] == "00"
    assert line.ask(payload) == first
    assert terminal.ask(line, {**asked, "22": "022"})["39"] == "94"


def test_without_a_pin_or_with_a_wrong_one_nothing_is_told(house: House, line: Line, terminal: ForeignTerminal) -> None:
    without = {name: value for name, value in terminal.balance().items() if name not in ("26", "52", "53")}
    for asked in (without, terminal.balance(pin="654321")):
        answer = terminal.ask(line, asked)
        assert answer["39"] == "55"
        assert "54" not in answer


def test_nothing_undoes_an_inquiry(house: House, line: Line, terminal: ForeignTerminal) -> None:
    """A 0400 of a kind that none undoes is not one of the house's messages."""
    asked = terminal.balance()
    assert terminal.ask(line, asked)["39"] == "00"
    answer = terminal.ask(line, terminal.reversal({**asked, "4": "000000000000"}))
    assert answer["39"] == "40"
    assert [row["state"] for row in house.host_rows("payments")] == ["approved"]


def test_no_log_tells_a_balance(processes: HouseProcesses, stranger: ForeignTerminal) -> None:
    with Line("127.0.0.1", processes.host_port) as line:
        stranger.go_sign_in(line)
        stranger.ask(line, stranger.sale(98_76))
        assert stranger.ask(line, stranger.balance())["39"] == "00"
    held = f"{OPENING_FEN - 98_76}"
    processes.stop()
    assert [name for name in ("host", "bank") if held in processes.log_text(name)] == []
