"""What the host refuses by itself stands in the list of payments with its reason; it moves no money, and what proves nothing is not there."""

import subprocess
import sys

from tests.conftest import Ports
from tests.worlds.foreign_terminal import TEST_CARD, ForeignTerminal, Line
from tests.worlds.house import House
from tests.worlds.true_terminal import at_the_counter, words_of

from zhanggui.programs.data_folder import Places
from zhanggui.store.open import open_queries
from zhanggui.store.queries import PaymentFilter
from zhanggui.views.payments import PAYMENTS, PaymentRow, read_payments

OPENING_FEN = 100_000_00


def listed(house: House) -> list[PaymentRow]:
    """As `zhanggui payments` reads them, oldest first."""
    with open_queries(str(Places(house.folder).host_database)) as queries:
        return read_payments(queries, PaymentFilter())[::-1]


async def test_each_refusal_before_the_bank_has_its_row(house: House, stranger: ForeignTerminal) -> None:
    with Line("127.0.0.1", house.host_port) as line:
        stranger.go_sign_in(line)
        assert stranger.ask(line, stranger.sale(0))["39"] == "13"
        sale = stranger.sale(128_50)
        sold = stranger.ask(line, sale)
        void = stranger.void(sale, sold)
        assert stranger.ask(line, {**void, "4": f"{99:012d}"})["39"] == "64"
        stranger.ask(line, stranger.sign_off())
        late = stranger.sale(7_00)
        assert stranger.ask(line, late)["39"] == "77"
        assert stranger.ask(line, late)["39"] == "77", "the same, as often as it is asked"
        forged = stranger.signed(stranger.sale(8_00))
        assert stranger.read(line.ask(forged[:-8] + b"00000000"))["39"] == "A0"
    rows = [(row.kind, row.state, row.response_code, row.reason) for row in listed(house)]
    assert rows == [
        ("sale", "declined", "13", "amount_out_of_range"),
        ("sale", "approved", "00", ""),
        ("void", "declined", "64", "other_amount_than_undone"),
        ("sale", "declined", "77", "no_session"),
    ]
    assert house.balance_fen(TEST_CARD.number) == OPENING_FEN - 128_50
    assert {row["trace_no"] for row in house.host_rows("postings")} == {sale["11"]}
    assert house.bank_differences() == []


def sign_out_elsewhere(house: House) -> None:
    """A manager ends the session of 01 at the console, while its terminal stands at the PIN."""
    words = ("operators", "sign-out", "01", "--merchant", "102100058120001", "--data", str(house.folder), "--json")
    done = subprocess.run([sys.executable, "-m", "zhanggui", *words], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


async def test_what_a_cashier_reads_out_is_found(house: House, ports: Ports) -> None:
    """The walk's sale of ¥7.00: its session had ended at the host, the terminal listed it, and support could not find it."""
    async with at_the_counter(house, ports.take()) as at:
        at.keys("sale")
        await at.screen("amount")
        at.keys(*"700", "enter")
        await at.screen("card")
        at.terminal.show_card("main", "insert")
        await at.screen("pin")
        at.keys("1")
        sign_out_elsewhere(house)
        at.keys(*"23456", "enter")
        told = words_of(await at.until(lambda view: view.code in ("R77", "A202", "A203")))
        assert "¥7.00" in told
    (row,) = listed(house)
    assert (row.amount_fen, row.response_code, row.reason) == (7_00, "77", "no_session")
    shown = {column.name: column.cell(row, "zh") for column in PAYMENTS.columns}
    assert shown["state"] == "主机拒绝"
    assert shown["answer"] == "终端上没有此操作员的会话"
