"""A terminal made by others undoes its payments: reversed k times is reversed once, and never a late original."""

from collections.abc import Callable

import pytest
from tests.worlds.foreign_terminal import (
    DEMO_MASTER_KEY,
    DEMO_MERCHANT,
    TEST_CARD,
    Card,
    ForeignTerminal,
    Line,
)
from tests.worlds.house import House, until

OPENING_FEN = 100_000_00


def state_at_host(house: House) -> list[str]:
    return [row["state"] for row in house.host_rows("payments")]


def until_the_bank_knows(house: House) -> None:
    until(
        lambda: all(row["bank_state"] != "reversal_due" for row in house.host_rows("payments")),
        "the bank to hear of the reversal",
    )


@pytest.mark.parametrize("reason", ["98", "A0", "06", "96"])
def test_the_reversal_of_an_approved_sale_gives_the_money_back(
    house: House, line: Line, terminal: ForeignTerminal, reason: str
) -> None:
    sale = terminal.sale(128_50)
    assert terminal.ask(line, sale)["39"] == "00"
    assert house.balance_fen(TEST_CARD.number) == OPENING_FEN - 128_50
    request = terminal.reversal(sale, reason)
    answer = terminal.ask(line, request)  # which checks the MAC
    assert (answer["t"], answer["39"]) == ("0410", "00")
    echoed = ("3", "4", "11", "41", "42", "49", "60")
    assert {name: answer[name] for name in echoed} == {name: request[name] for name in echoed}
    until_the_bank_knows(house)
    (payment,) = house.host_rows("payments")
    assert (payment["state"], payment["reversal_reason"]) == ("reversed", reason)
    assert sum(row["amount_fen"] for row in house.host_rows("postings") if row["account"] == "issuer_clearing") == 0
    assert house.balance_fen(TEST_CARD.number) == OPENING_FEN
    assert house.bank_differences() == []


def test_a_repeated_reversal_gets_00_again_and_gives_back_once(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    kept, undone = terminal.sale(50_00), terminal.sale(20_00)
    assert terminal.ask(line, kept)["39"] == terminal.ask(line, undone)["39"] == "00"
    for _ in range(3):
        assert terminal.ask(line, terminal.reversal(undone))["39"] == "00"
    until_the_bank_knows(house)
    assert len(house.host_rows("postings")) == 6
    assert house.balance_fen(TEST_CARD.number) == OPENING_FEN - 50_00
    assert house.bank_differences() == []


def test_a_reversed_sale_that_comes_again_is_refused(house: House, line: Line, terminal: ForeignTerminal) -> None:
    sale = terminal.sale(20_00)
    assert terminal.ask(line, sale)["39"] == "00"
    assert terminal.ask(line, terminal.reversal(sale))["39"] == "00"
    refused = terminal.ask(line, sale)
    assert refused["39"] == "12"
    assert "64" not in refused
    until_the_bank_knows(house)
    assert state_at_host(house) == ["reversed"]
    assert house.balance_fen(TEST_CARD.number) == OPENING_FEN


def test_the_reversal_of_an_unknown_sale_gets_25_and_a_late_original_is_refused(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    sale = terminal.sale(20_00)
    for _ in range(2):
        answer = terminal.ask(line, terminal.reversal(sale))
        assert answer["39"] == "25"
        assert "64" not in answer
    for _ in range(2):
        assert terminal.ask(line, sale)["39"] == "12"
    assert state_at_host(house) == ["barred"]
    assert not house.host_rows("postings")
    assert not house.bank_rows("payments"), "the bank was never asked"
    assert house.balance_fen(TEST_CARD.number) == OPENING_FEN


def test_the_reversal_of_a_refused_sale_gets_00_and_moves_nothing(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    sale = terminal.sale(20_00, pin="654321")
    assert terminal.ask(line, sale)["39"] == "55"
    assert terminal.ask(line, terminal.reversal(sale))["39"] == "00"
    assert state_at_host(house) == ["declined"]
    assert not house.host_rows("postings")


def test_a_reversal_of_another_amount_gets_64_and_the_sale_stands(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    sale = terminal.sale(20_00)
    assert terminal.ask(line, sale)["39"] == "00"
    rows = house.everything()
    assert terminal.ask(line, {**terminal.reversal(sale), "4": f"{20_01:012d}"})["39"] == "64"
    assert house.everything() == rows
    assert house.balance_fen(TEST_CARD.number) == OPENING_FEN - 20_00


def test_a_reversal_with_a_wrong_mac_gets_a0_and_changes_nothing(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    sale = terminal.sale(20_00)
    assert terminal.ask(line, sale)["39"] == "00"
    rows = house.everything()
    payload = terminal.signed(terminal.reversal(sale))
    assert terminal.read(line.ask(payload[:-8] + b"00000000"))["39"] == "A0"
    never_sold = terminal.signed(terminal.reversal(terminal.sale(1_00)))
    assert terminal.read(line.ask(never_sold[:-8] + b"00000000"))["39"] == "A0"
    assert house.everything() == rows, "not even a tombstone"
    assert house.balance_fen(TEST_CARD.number) == OPENING_FEN - 20_00


def test_an_unknown_terminals_reversal_gets_97(house: House, line: Line, terminal: ForeignTerminal) -> None:
    stranger = ForeignTerminal("29999999", DEMO_MERCHANT, DEMO_MASTER_KEY)
    stranger.keys = terminal.keys
    assert stranger.ask(line, stranger.reversal(stranger.sale(1_00)))["39"] == "97"
    assert not house.host_rows("payments")


def test_a_reversal_under_new_keys_undoes_a_sale_under_the_old_ones(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    sale = terminal.sale(20_00)
    assert terminal.ask(line, sale)["39"] == "00"
    terminal.go_sign_in(line)
    assert terminal.ask(line, terminal.reversal(sale))["39"] == "00"
    until_the_bank_knows(house)
    assert house.balance_fen(TEST_CARD.number) == OPENING_FEN
    assert terminal.ask(line, terminal.sale(1_00))["39"] == "00", "the reversal's MAC confirmed the new keys"


def test_a_sale_reversed_while_the_bank_thinks_is_refused_and_undone(
    start_house: Callable[..., House], stranger: ForeignTerminal, cards: dict[str, Card]
) -> None:
    house = start_house(slow_answer_s=0.4)
    slow = cards["slow"]
    opening_fen = house.balance_fen(slow.number)
    with Line("127.0.0.1", house.host_port) as one, Line("127.0.0.1", house.host_port) as two:
        stranger.go_sign_in(one)
        sale = stranger.sale(7_00, slow)
        one.send(stranger.signed(sale))
        until(lambda: len(house.bank_rows("payments")) == 1, "the sale at the bank")
        assert stranger.ask(two, stranger.reversal(sale))["39"] == "00"
        assert stranger.read(one.receive())["39"] == "12"
        until_the_bank_knows(house)
        # Answers of the bank come in order: when this one is there, the late approval has been ignored.
        assert stranger.ask(one, stranger.sale(1_00, slow))["39"] == "00"
    assert sorted(state_at_host(house)) == ["approved", "reversed"]
    assert len(house.host_rows("postings")) == 2
    assert house.balance_fen(slow.number) == opening_fen - 1_00
    assert house.bank_differences() == []
