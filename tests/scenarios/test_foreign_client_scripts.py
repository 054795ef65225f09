"""A terminal made by others tells what became of an issuer's scripts: taken once for its payment, and of nothing else."""

from tests.worlds.foreign_terminal import ForeignTerminal, Line
from tests.worlds.house import House, until

DONE, FAILED = "2000000007", "1100000007"


def state_of(house: House) -> list[tuple[str, str, str]]:
    return [(row["results"], row["state"], row["bank_code"]) for row in house.host_rows("payment_scripts")]


def test_a_notice_is_taken_answered_with_a_mac_and_passed_on(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    sale = terminal.sale(128_50)
    sold = terminal.ask(line, sale)
    notice = terminal.script_notice(sale, sold, DONE)
    answer = terminal.ask(line, notice)
    assert (answer["t"], answer["39"], answer["11"], answer["61"]) == ("0630", "00", notice["11"], notice["61"])
    assert "64" in answer
    # The bank sent this card no script: it says so, is told no more, and nothing moved.
    until(lambda: state_of(house) == [(DONE, "told", "25")], "the bank to answer the notice")
    assert house.bank_differences() == []
    (payment,) = house.host_rows("payments")
    assert payment["state"] == "approved"


def test_sent_again_it_counts_once_and_another_one_never_takes_its_place(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    sale = terminal.sale(50_00)
    sold = terminal.ask(line, sale)
    notice = terminal.script_notice(sale, sold, DONE)
    assert [terminal.ask(line, notice)["39"] for _ in range(3)] == ["00", "00", "00"]
    assert terminal.ask(line, terminal.script_notice(sale, sold, FAILED))["39"] == "94"
    assert [results for results, _, _ in state_of(house)] == [DONE]


def test_a_forged_notice_and_one_of_another_payment_change_nothing(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    sale = terminal.sale(50_00)
    sold = terminal.ask(line, sale)
    forged = terminal.signed(terminal.script_notice(sale, sold, DONE))
    answer = terminal.read(line.ask(forged[:-1] + bytes((forged[-1] ^ 1,))))
    assert answer["39"] == "A0"
    assert terminal.ask(line, terminal.script_notice({**sale, "4": "000000000001"}, sold, DONE))["39"] == "64"
    assert terminal.ask(line, terminal.script_notice(sale, {**sold, "37": "999999999999"}, DONE))["39"] == "25"
    assert terminal.ask(line, terminal.script_notice({**sale, "11": "000999"}, sold, DONE))["39"] == "25"
    assert terminal.ask(line, terminal.script_notice(sale, sold, "30000000 07".replace(" ", "")))["39"] == "30"
    assert state_of(house) == []


def test_a_host_that_was_stopped_tells_the_bank_after_its_next_start(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    sale = terminal.sale(50_00)
    sold = terminal.ask(line, sale)
    house.stop_bank()
    assert terminal.ask(line, terminal.script_notice(sale, sold, DONE))["39"] == "00"
    assert state_of(house) == [(DONE, "due", "")]
    house.stop()
    again = House(house.folder).start()
    try:
        until(lambda: state_of(again) == [(DONE, "told", "25")], "the bank to hear of it")
    finally:
        again.stop()
