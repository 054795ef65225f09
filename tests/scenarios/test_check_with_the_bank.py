"""A settled batch and the bank's statement: whoever of terminal, host and bank is the odd one, each difference has a name and a case."""

from typing import Any

import pytest
from pysqlite3 import dbapi2
from tests.worlds.foreign_settling import Settling, totals
from tests.worlds.foreign_terminal import Fields, ForeignTerminal, Line
from tests.worlds.house import House

from zhanggui.cup.messages.bank_statement import PAGE_MAX
from zhanggui.programs.data_folder import Places


def change(house: House, book: str, statement: str, *values: object) -> None:
    """Somebody changes the book of host or bank by hand."""
    path = house.folder / "bank.db" if book == "bank" else Places(house.folder).host_database
    connection = dbapi2.connect(str(path))
    try:
        assert connection.execute(statement, values).rowcount == 1
        connection.commit()
    finally:
        connection.close()


def check(house: House) -> list[tuple[Any, ...]]:
    """The hour of the job has come: what it found against the bank, and that it is done."""
    change(house, "host", "UPDATE jobs SET due_ms = 0 WHERE kind = 'bank_check' AND state <> 'done'")
    house.look_at_jobs()
    return differences(house, "bank")


def differences(house: House, against: str) -> list[tuple[Any, ...]]:
    rows = [row for row in house.host_rows("batch_differences") if row["against"] == against]
    return [(row["trace_no"], row["what"], row["host_amount_fen"], row["told_amount_fen"]) for row in rows]


def cases(house: House) -> list[str]:
    return sorted(row["what"] for row in house.host_rows("support_cases"))


def jobs(house: House) -> set[str]:
    return {row["state"] for row in house.host_rows("jobs") if row["kind"] == "bank_check"}


def agreed(settling: Settling, sales: list[Fields]) -> None:
    fens = [int(sale["4"]) for sale in sales]
    assert settling.settle(fens, [])["48"] == totals(fens, [], "11")
    assert settling.end("207", 0)["39"] == "00"


def test_books_that_agree_leave_no_question_in_batch_after_batch(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    settling = Settling(line, terminal)
    for _ in range(2):
        sales = settling.sell(*(100 + number for number in range(2 * PAGE_MAX)))
        voided = terminal.sale(5_00)
        sold = terminal.ask(line, voided)
        void = terminal.void(voided, sold)
        assert terminal.ask(line, void)["39"] == "00"
        preauth = terminal.preauth(9_00)
        held = terminal.ask(line, preauth)
        assert held["39"] == "00"
        assert terminal.ask(line, terminal.preauth_increment(held, 1_00))["39"] == "00"
        assert terminal.ask(line, {**terminal.preauth_cancel(preauth, held), "4": f"{10_00:012d}"})["39"] == "00"
        refused = terminal.ask(line, terminal.sale(1_00, pin="654321"))
        assert refused["39"] == "55"
        fens = [int(sale["4"]) for sale in sales]
        assert settling.settle([*fens, 5_00], [5_00])["48"] == totals([*fens, 5_00], [5_00], "11")
        assert settling.end("207", 0)["39"] == "00"
        assert check(house) == []
        assert jobs(house) == {"done"}
        assert terminal.go_sign_in(line)["39"] == "00"
    assert cases(house) == []


def test_a_payment_at_a_wallet_is_not_missed_at_the_bank(house: House, line: Line, terminal: ForeignTerminal) -> None:
    settling = Settling(line, terminal)
    sales = settling.sell(1_00, 2_00)
    agreed(settling, sales)
    at_wallet = sales[0]["11"]
    change(house, "host", "UPDATE payments SET wallet = 'wechat' WHERE trace_no = ?", at_wallet)
    change(house, "bank", "DELETE FROM payments WHERE trace_no = ?", at_wallet)
    assert check(house) == []
    assert cases(house) == []


def test_where_the_bank_is_the_odd_one_each_payment_is_named_in_one_case(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    settling = Settling(line, terminal)
    sales = settling.sell(1_00, 2_00, 3_00, 4_00)
    agreed(settling, sales)
    amount, gone, back, _ = (sale["11"] for sale in sales)
    change(house, "bank", "UPDATE payments SET amount_fen = 99 WHERE trace_no = ?", amount)
    change(house, "bank", "DELETE FROM payments WHERE trace_no = ?", gone)
    change(house, "bank", "UPDATE payments SET state = 'reversed' WHERE trace_no = ?", back)
    change(
        house,
        "bank",
        "INSERT INTO payments SELECT '08888888-' || (rrn - 1), acquirer_code, printf('%012d', rrn - 1), state, card_id, masked_pan, "
        "account_no, 777, merchant_no, terminal_no, '000999', entry_mode, response_code, reason, auth_code, settlement_date, "
        "chip_answer, received_at, reversed_at, kind, original_identity, undone_by, adjusted_fen, code_id FROM payments WHERE trace_no = ?",
        amount,
    )
    assert check(house) == [
        (amount, "amount_differs", 1_00, 99),
        (gone, "only_at_host", 2_00, None),
        (back, "only_at_host", 3_00, None),
        ("000999", "only_at_bank", None, 777),
    ]
    assert cases(house) == ["bank_differs"]
    (batch,) = house.host_rows("batches")
    assert batch["outcome"] == "agreed", "terminal and host said the same; a closed batch stays as it is"
    change(house, "host", "UPDATE jobs SET owner = '' WHERE kind = 'bank_check'")
    house.look_at_jobs()
    assert len(differences(house, "bank")) == 4, "once"


def test_two_payments_that_the_bank_has_under_one_number_are_one_row_and_the_job_ends(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    """As after a host that was put back: its terminal uses its numbers again, and the bank knows both."""
    settling = Settling(line, terminal)
    kept, gone = settling.sell(1_00, 2_00)
    agreed(settling, [kept, gone])
    for place, (number, fen) in enumerate(((kept["11"], 700), ("000999", 30), ("000999", 4)), start=1):
        change(
            house,
            "bank",
            f"INSERT INTO payments SELECT '08888888-' || (rrn - {place}), acquirer_code, printf('%012d', rrn - {place}), state, card_id, "
            f"masked_pan, account_no, {fen}, merchant_no, terminal_no, '{number}', entry_mode, response_code, reason, auth_code, "
            "settlement_date, chip_answer, received_at, reversed_at, kind, original_identity, undone_by, adjusted_fen, code_id FROM payments "
            "WHERE trace_no = ? AND amount_fen = 100",
            kept["11"],
        )
    change(house, "bank", "DELETE FROM payments WHERE trace_no = ? AND amount_fen = 100", kept["11"])
    assert (
        sorted(check(house)) == [("000999", "only_at_bank", None, 34), (kept["11"], "amount_differs", 1_00, 700)][::-1]
    )
    assert jobs(house) == {"done"}


def test_where_the_host_is_the_odd_one_both_others_say_so(house: House, line: Line, terminal: ForeignTerminal) -> None:
    settling = Settling(line, terminal)
    wrong, right = settling.sell(1_00, 2_00)
    change(house, "host", "UPDATE payments SET amount_fen = 99 WHERE trace_no = ?", wrong["11"])
    assert settling.settle([1_00, 2_00], [])["48"] == totals([99, 2_00], [], "21")
    assert settling.details((wrong["11"], 1_00), (right["11"], 2_00))["39"] == "00"
    assert settling.end("202", 2)["39"] == "00"
    assert check(house) == [(wrong["11"], "amount_differs", 99, 1_00)]
    assert differences(house, "terminal") == [(wrong["11"], "amount_differs", 99, 1_00)]
    assert cases(house) == ["bank_differs", "settlement_differs"]


def test_where_the_terminal_is_the_odd_one_host_and_bank_agree(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    settling = Settling(line, terminal)
    lost, kept = settling.sell(1_00, 2_00)
    assert settling.settle([2_00], [])["48"][30] == "2"
    assert settling.details((kept["11"], 2_00))["39"] == "00"
    assert settling.end("202", 1)["39"] == "00"
    assert check(house) == []
    assert differences(house, "terminal") == [(lost["11"], "only_at_host", 1_00, None)]
    assert cases(house) == ["settlement_differs"]


@pytest.mark.parametrize("host_state", ["reversed", "declined"])
def test_what_stands_at_the_bank_and_not_at_the_host_is_named(
    house: House, line: Line, terminal: ForeignTerminal, host_state: str
) -> None:
    settling = Settling(line, terminal)
    sale, kept = settling.sell(1_00, 2_00)
    change(house, "host", "UPDATE payments SET state = ? WHERE trace_no = ?", host_state, sale["11"])
    assert settling.settle([2_00], [])["48"] == totals([2_00], [], "11")
    assert settling.end("207", 0)["39"] == "00"
    assert check(house) == [(sale["11"], "stands_not_at_host", None, 1_00)]
    assert kept["11"] != sale["11"]


def test_a_reversal_on_its_way_to_the_bank_is_waited_for(house: House, line: Line, terminal: ForeignTerminal) -> None:
    settling = Settling(line, terminal)
    sale, kept = settling.sell(1_00, 2_00)
    house.stop_bank()
    assert terminal.ask(line, terminal.reversal(kept))["39"] == "00"
    agreed(settling, [sale])
    assert check(house) == []
    assert jobs(house) == {"waiting"}


def test_a_bank_that_does_not_answer_is_asked_again_later(house: House, line: Line, terminal: ForeignTerminal) -> None:
    settling = Settling(line, terminal)
    agreed(settling, settling.sell(1_00))
    house.stop_bank()
    assert check(house) == []
    assert jobs(house) == {"planned"}
