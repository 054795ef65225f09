"""A terminal with its keys that says anything in field 22: nothing is got round by a word, and what is taken can be undone."""

import subprocess
import sys

import pytest
from tests.worlds.foreign_terminal import TEST_CARD, Card, ForeignTerminal, Line
from tests.worlds.house import House, until

CARD = ("14", "26", "35", "52", "53")


def number_alone(fields: dict[str, str], entry_mode: str) -> dict[str, str]:
    """The same with nothing but the number and the expiry, and this said of it."""
    kept = {name: value for name, value in fields.items() if name not in CARD}
    return {**kept, "22": entry_mode, "2": TEST_CARD.number, "14": TEST_CARD.expiry}


@pytest.mark.parametrize("said", ["801", "802", "901", "021"])
@pytest.mark.parametrize("undone", ["the same word", "02"])
def test_a_stripe_is_undone_by_the_word_it_came_with_and_by_ours(
    house: House, line: Line, terminal: ForeignTerminal, said: str, undone: str
) -> None:
    sale = {**terminal.sale(43_21), "22": said}
    assert terminal.ask(line, sale)["39"] == "00"
    word = said if undone == "the same word" else "02" + said[2:]
    assert terminal.ask(line, {**terminal.reversal(sale), "22": word})["39"] == "00"
    (row,) = house.host_rows("payments")
    assert row["state"] == "reversed"
    until(lambda: [row["state"] for row in house.bank_rows("payments")] == ["reversed"], "the bank to undo it too")
    assert house.bank_differences() == []


def test_a_number_alone_pays_nothing_by_any_word(house: House, line: Line, terminal: ForeignTerminal) -> None:
    for said in ("012", "022", "032", "042", "052", "072", "102", "222", "802", "902", "912", "952", "982"):
        for fields in (terminal.sale(9_99), terminal.preauth(9_99), terminal.balance()):
            answer = terminal.ask(line, number_alone(fields, said))
            assert answer["39"] == ("58" if said == "012" else "30"), said
    assert house.bank_rows("payments") == []


def test_no_refund_goes_by_a_number_alone(house: House, line: Line, terminal: ForeignTerminal) -> None:
    sale = terminal.sale(9_00)
    sold = terminal.ask(line, sale)
    for said, code in (("011", "57"), ("021", "30"), ("102", "30"), ("072", "30")):
        assert terminal.ask(line, number_alone(terminal.refund(sale, sold, 10), said))["39"] == code
    assert terminal.ask(line, terminal.refund(sale, sold, 10))["39"] == "00"
    assert house.bank_differences() == []


def test_a_stripe_that_is_called_a_tap_needs_the_pin(house: House, line: Line, terminal: ForeignTerminal) -> None:
    for said in ("072", "912", "982"):
        sale = {name: value for name, value in terminal.sale(1_00).items() if name not in ("26", "52", "53")}
        assert terminal.ask(line, {**sale, "22": said})["39"] == "55"


def test_neither_bank_nor_shop_takes_a_chip_cards_stripe_under_another_name(
    house: House, line: Line, terminal: ForeignTerminal, cards: dict[str, Card]
) -> None:
    words = ("021", "801", "901", "911", "071")
    asked = [{**terminal.sale(1_00, cards["chip-only"]), "22": said} for said in words]
    assert {terminal.ask(line, one)["39"] for one in asked} == {"57"}
    rule = ("policy", "set", "fallback_tries", "0", "--merchant", "102100058120001", "--data", str(house.folder))
    done = subprocess.run([sys.executable, "-m", "zhanggui", *rule], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    for said in words:
        assert terminal.ask(line, {**terminal.sale(1_00), "22": said})["39"] == "58"
