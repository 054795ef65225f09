"""What a pre-authorisation holds is free again after 30 days: at the bank by itself, and nobody completes or cancels it any more."""

from pysqlite3 import dbapi2
from tests.worlds.foreign_terminal import TEST_CARD, ForeignTerminal, Line
from tests.worlds.house import House, until

from zhanggui.bank.server import HOLD_DAYS
from zhanggui.basics.spans import DAY_MS

OPENING_FEN = 100_000_00


def age(house: House, trace_no: str, days: int) -> None:
    """The bank took this payment so many days ago."""
    connection = dbapi2.connect(str(house.folder / "bank.db"))
    try:
        statement = "UPDATE payments SET received_at = received_at - ? WHERE trace_no = ?"
        assert connection.execute(statement, (days * DAY_MS, trace_no)).rowcount == 1
        connection.commit()
    finally:
        connection.close()


def spare_fen(house: House) -> int:
    return house.balance_fen(TEST_CARD.number)


def test_what_is_held_for_more_than_30_days_is_free_and_stays_free(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    old, young, completed = terminal.preauth(100_00), terminal.preauth(20_00), terminal.preauth(3_00)
    held_old, held_young, held = (terminal.ask(line, asked) for asked in (old, young, completed))
    assert terminal.ask(line, terminal.preauth_increment(held_old, 50_00))["39"] == "00"
    taken = terminal.ask(line, terminal.completion(held, 3_00))
    assert taken["39"] == "00"
    assert spare_fen(house) == OPENING_FEN - 173_00
    age(house, old["11"], HOLD_DAYS + 1)
    age(house, young["11"], HOLD_DAYS - 1)
    age(house, completed["11"], HOLD_DAYS + 1)
    house.stop()
    again = House(house.folder).start()
    try:
        until(lambda: spare_fen(again) == OPENING_FEN - 23_00, "150.00 to be free")
        assert again.bank_differences() == []
        with Line("127.0.0.1", again.host_port) as other:
            assert terminal.go_sign_in(other)["39"] == "00"
            assert terminal.ask(other, terminal.completion(held_old, 100_00))["39"] == "12"
            assert terminal.ask(other, {**terminal.preauth_cancel(old, held_old), "4": "000000015000"})["39"] == "12"
            assert terminal.ask(other, terminal.completion(held_young, 20_00))["39"] == "00"
        assert spare_fen(again) == OPENING_FEN - 23_00
        assert again.bank_differences() == []
        states = {row["trace_no"]: row["state"] for row in again.bank_rows("payments") if row["kind"] == "preauth"}
        assert states == {old["11"]: "lapsed", young["11"]: "approved", completed["11"]: "approved"}
    finally:
        again.stop()
