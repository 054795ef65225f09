"""预授权 over TCP: money is held, and neither the account's owner nor the shop has it until it is completed or let go."""

from tests.conftest import Ports
from tests.worlds.foreign_terminal import TEST_CARD, Fields, ForeignTerminal, Line
from tests.worlds.house import House, until
from tests.worlds.true_terminal import AtTheCounter, at_the_counter, words_of

OPENING_FEN = 100_000_00


def owed_fen(house: House) -> int:
    return -sum(int(row["amount_fen"]) for row in house.host_rows("postings") if row["account"] == "merchant_payable")


def spare_fen(house: House) -> int:
    return house.balance_fen(TEST_CARD.number)


async def hold(at: AtTheCounter, fen: str) -> None:
    at.keys("preauths")
    await at.screen("kinds")
    at.keys("preauth")
    await at.screen("amount")
    at.keys(*fen, "enter")
    await at.card_and_pin()
    assert "预授权成功" in words_of(await at.slips_out())


async def test_our_terminal_has_money_held_and_a_lost_answer_lets_it_go(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take(), timeout_s=1.5) as at:
        await hold(at, "50000")
        assert (spare_fen(house), owed_fen(house)) == (OPENING_FEN - 50000, 0)
        at.lose_answers("0110")
        at.keys("preauth")
        await at.screen("amount")
        at.keys(*"10000", "enter")
        await at.card_and_pin()
        await at.until(lambda view: view.code == "T103")
    until(lambda: spare_fen(house) == OPENING_FEN - 50000, "the bank to let it go")
    assert house.bank_differences() == []


# ── a terminal made by others ────────────────────────────────────────────────


def held(terminal: ForeignTerminal, line: Line, amount_fen: int = 100_00) -> tuple[Fields, Fields]:
    asked = terminal.preauth(amount_fen)
    answer = terminal.ask(line, asked)
    assert (answer["t"], answer["39"], len(answer["38"])) == ("0110", "00", 6)
    return asked, answer


def test_a_foreign_terminal_has_money_held_once_and_its_reversal_lets_it_go(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    asked, answer = held(terminal, line)
    assert terminal.ask(line, asked) == answer
    assert spare_fen(house) == OPENING_FEN - 100_00
    for _ in range(2):
        assert terminal.ask(line, terminal.reversal(asked))["39"] == "00"
    until(lambda: spare_fen(house) == OPENING_FEN, "the bank to let it go")
    assert owed_fen(house) == 0
    assert house.bank_differences() == []


# ── let go ───────────────────────────────────────────────────────────────────


def test_what_is_held_is_let_go_once_by_its_authorisation_and_day(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    asked, answer = held(terminal, line)
    cancel = terminal.preauth_cancel(asked, answer)
    for changed, code in (({"38": "999999"}, "25"), ({"4": "000000000001"}, "64"), ({"61": "0000000000000101"}, "25")):
        assert terminal.ask(line, {**cancel, **changed, "11": terminal.preauth(1)["11"]})["39"] == code
    cancel = {**cancel, "11": terminal.preauth(1)["11"]}
    done = terminal.ask(line, cancel)
    assert (done["t"], done["39"], spare_fen(house)) == ("0110", "00", OPENING_FEN)
    assert terminal.ask(line, terminal.preauth_cancel(asked, answer))["39"] == "12"
    assert terminal.ask(line, terminal.reversal(cancel))["39"] == "00"
    until(lambda: spare_fen(house) == OPENING_FEN - 100_00, "the bank to hold it again")
    assert terminal.ask(line, terminal.preauth_cancel(asked, answer))["39"] == "00"
    assert house.bank_differences() == []


async def test_our_terminal_lets_go_with_a_supervisors_approval(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take()) as at:
        await hold(at, "50000")
        code = next(row["auth_code"] for row in house.host_rows("payments"))
        at.keys("preauth_cancel")
        await at.screen("original")
        at.keys(*str(code), "enter", "enter")
        await at.screen("card")
        at.terminal.show_card("main", "insert")
        await at.supervisor()
        await at.slips_out()
    assert (spare_fen(house), owed_fen(house)) == (OPENING_FEN, 0)
    assert house.bank_differences() == []


# ── completed ────────────────────────────────────────────────────────────────


def test_what_was_held_is_taken_once_and_what_was_let_go_is_not(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    asked, answer = held(terminal, line)
    completion = terminal.completion(answer, 80_00)
    done = terminal.ask(line, completion)
    assert (done["t"], done["39"], spare_fen(house), owed_fen(house)) == ("0210", "00", OPENING_FEN - 80_00, 80_00)
    assert terminal.ask(line, terminal.completion(answer, 80_00))["39"] == "12"
    assert terminal.ask(line, terminal.preauth_cancel(asked, answer))["39"] == "12"
    assert terminal.ask(line, terminal.reversal(completion))["39"] == "00"
    until(lambda: spare_fen(house) == OPENING_FEN - 100_00, "the bank to hold it again")
    assert owed_fen(house) == 0
    assert terminal.ask(line, terminal.preauth_cancel(asked, answer))["39"] == "00"
    assert terminal.ask(line, terminal.completion(answer, 80_00))["39"] == "12"
    assert house.bank_differences() == []


def test_a_completion_that_is_told_is_taken_once_however_often_it_is_told(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    _, answer = held(terminal, line)
    notice = terminal.completion_notice(answer, 100_00)
    first = terminal.ask(line, notice)
    assert (first["t"], first["39"]) == ("0230", "00")
    assert terminal.ask(line, notice) == first
    assert terminal.ask(line, terminal.reversal(notice))["39"] == "40"
    assert (spare_fen(house), owed_fen(house)) == (OPENING_FEN - 100_00, 100_00)
    assert house.bank_differences() == []


def test_a_completion_is_taken_back_whole_and_the_money_is_held_as_before(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    _, answer = held(terminal, line)
    completion = terminal.completion(answer, 80_00)
    completed = terminal.ask(line, completion)
    back = terminal.completion_void(completion, completed)
    assert terminal.ask(line, back)["39"] == "00"
    assert (spare_fen(house), owed_fen(house)) == (OPENING_FEN - 100_00, 0)
    assert terminal.ask(line, terminal.completion_void(completion, completed))["39"] == "12"
    assert terminal.ask(line, terminal.reversal(back))["39"] == "00"
    until(lambda: spare_fen(house) == OPENING_FEN - 80_00, "the bank to take it again")
    assert owed_fen(house) == 80_00
    assert house.bank_differences() == []


def test_more_is_held_and_counts_at_cancel_and_completion(house: House, line: Line, terminal: ForeignTerminal) -> None:
    asked, answer = held(terminal, line)
    more = terminal.preauth_increment(answer, 50_00)
    assert terminal.ask(line, more)["39"] == "00"
    assert spare_fen(house) == OPENING_FEN - 150_00
    assert terminal.ask(line, terminal.preauth_cancel(asked, answer))["39"] == "64", "all of it, or nothing"
    assert terminal.ask(line, terminal.reversal(asked))["39"] == "12", "its terminal has gone on since"
    assert terminal.ask(line, terminal.completion(answer, 150_00))["39"] == "00"
    assert (spare_fen(house), owed_fen(house)) == (OPENING_FEN - 150_00, 150_00)
    assert house.bank_differences() == []


def test_up_to_115_percent_is_taken_and_what_was_taken_is_refunded_in_parts(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    _, answer = held(terminal, line)
    assert terminal.ask(line, terminal.completion(answer, 115_01))["39"] == "61"
    completion = terminal.completion(answer, 115_00)
    completed = terminal.ask(line, completion)
    assert (completed["39"], owed_fen(house)) == ("00", 115_00)
    assert terminal.ask(line, terminal.refund(completion, completed, 100_00))["39"] == "00"
    assert terminal.ask(line, terminal.completion_void(completion, completed))["39"] == "12"
    assert terminal.ask(line, terminal.refund(completion, completed, 15_01))["39"] == "64"
    assert (spare_fen(house), owed_fen(house)) == (OPENING_FEN - 15_00, 15_00)
    assert house.bank_differences() == []
