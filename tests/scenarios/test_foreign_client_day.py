"""A whole day of a terminal made by others, from its sign-in to its second settlement, each answer with the fields of the domain's tables."""

from tests.worlds.foreign_settling import Settling, totals
from tests.worlds.foreign_terminal import TEST_CARD, Fields, ForeignTerminal, Line
from tests.worlds.house import House, until

OPENING_FEN = 100_000_00

ALWAYS = {"12", "13", "32", "37", "39", "41", "42", "44", "60", "63"}
"""What each answer to a payment has (domain reference §4.2)."""
MOVES_MONEY = {"22", "23", "25", "20", "21", "24"}
"""60.1 of the kinds whose answers name the day of settlement in 15."""
HAS_AMOUNT = {*MOVES_MONEY, "10", "11"}
REPEATED = ("3", "4", "11", "25", "41", "42", "49", "60")
NEVER_BACK = {"26", "35", "36", "52"}
"""No track and no PIN block comes back."""
DETAILS_A_BLOCK = 8


class Counter:
    """The terminal, with a line and what the day comes to by hand: what the account should hold, and both sides of the totals."""

    def __init__(self, house: House, line: Line, terminal: ForeignTerminal) -> None:
        self.house, self.line, self.terminal = house, line, terminal
        self.held_fen = OPENING_FEN
        self.owed_fen = 0
        self.debit: dict[str, int] = {}
        self.credit: dict[str, int] = {}
        """Trace number and fen of what a settlement counts."""
        self.one_by_one: set[str] = set()
        """Refunds and notices: an upload tells them one by one."""

    def approved(self, request: Fields, *, spare_fen: int, owed_fen: int) -> Fields:
        """Ask and be approved: by MAC (which `ask` checks), with every field; and host and bank have moved exactly this."""
        answer = self.terminal.ask(self.line, request)
        type_code = request["60"][:2]
        assert (answer["t"], answer["39"]) == (f"{int(request['t']) + 10:04d}", "00")
        assert "64" in answer
        self._has_its_fields(request, answer)
        assert ("15" in answer) == (type_code in MOVES_MONEY)
        if type_code in HAS_AMOUNT:
            assert len(answer["38"]) == 6
            assert answer["2"] == TEST_CARD.number
        self.held_fen += spare_fen
        self.owed_fen += owed_fen
        self.agrees()
        return answer

    def refused(self, request: Fields) -> str:
        """Ask and be refused for a reason that is not a fault of the host, without a MAC; nothing moves."""
        answer = self.terminal.ask(self.line, request)
        assert answer["39"] not in ("00", "96")
        assert "64" not in answer
        self._has_its_fields(request, answer)
        self.agrees()
        return answer["39"]

    def _has_its_fields(self, request: Fields, answer: Fields) -> None:
        assert answer.keys() >= ALWAYS
        assert not NEVER_BACK & answer.keys()
        assert {name: answer.get(name) for name in REPEATED} == {name: request.get(name) for name in REPEATED}
        assert (len(answer["37"]), len(answer["44"].encode("gb18030")), answer["63"][:3]) == (12, 22, "CUP")

    def agrees(self) -> None:
        """Bank and host have what was reckoned here."""
        until(lambda: self.house.balance_fen(TEST_CARD.number) == self.held_fen, f"the bank to hold {self.held_fen}")
        postings = self.house.host_rows("postings")
        assert -sum(row["amount_fen"] for row in postings if row["account"] == "merchant_payable") == self.owed_fen
        assert sum(row["amount_fen"] for row in postings) == 0
        assert self.house.bank_differences() == []

    def told_balance_fen(self) -> int:
        """余额查询, to the fen."""
        answer = self.approved(self.terminal.balance(), spare_fen=0, owed_fen=0)
        assert "4" not in answer
        assert (answer["54"][:2], answer["54"][2:8]) == ("00", "02156C")
        return int(answer["54"][8:])


def test_a_whole_day_of_a_foreign_terminal_agrees_to_the_fen(
    house: House, line: Line, stranger: ForeignTerminal
) -> None:
    terminal = stranger
    signed_in = terminal.go_sign_in(line)
    assert (signed_in["t"], signed_in["39"], len(signed_in["62"])) == ("0810", "00", 80)
    assert signed_in.keys() >= {"11", "12", "13", "32", "37", "39", "41", "42", "60", "62"}
    assert "64" not in signed_in
    day = Counter(house, line, terminal)
    assert day.told_balance_fen() == OPENING_FEN

    _sells_and_voids(day, terminal)
    _refunds_all_of_500(day, terminal)
    _holds_and_completes(day, terminal)
    assert day.told_balance_fen() == day.held_fen

    _settles_with_wrong_totals(day, Settling(line, terminal))
    assert terminal.go_sign_in(line)["60"][2:8] == terminal.batch_no == "000002"
    day.approved(terminal.sale(7_77), spare_fen=-7_77, owed_fen=7_77)
    settling = Settling(line, terminal)
    assert settling.settle([7_77], [])["48"] == totals([7_77], [], "11")
    assert settling.end("207", 0)["39"] == "00"
    ends = {row["batch_no"]: (row["state"], row["outcome"]) for row in house.host_rows("batches")}
    assert ends == {"000001": ("closed", "agreed"), "000002": ("closed", "agreed")}
    assert house.host_rows("batch_differences") == []
    assert house.host_rows("support_cases") == []
    still_held_fen = 200_00
    assert (day.held_fen, day.owed_fen) == (OPENING_FEN - still_held_fen - 333_77, 333_77)


def _sells_and_voids(day: Counter, terminal: ForeignTerminal) -> None:
    sale = terminal.sale(128_50)
    sold = day.approved(sale, spare_fen=-128_50, owed_fen=128_50)
    void = terminal.void(sale, sold)
    day.approved(void, spare_fen=128_50, owed_fen=-128_50)
    assert day.refused(terminal.void(sale, sold)) == "12"
    day.debit[sale["11"]] = 128_50
    day.credit[void["11"]] = 128_50

    kept = terminal.sale(11_00)
    bought = day.approved(kept, spare_fen=-11_00, owed_fen=11_00)
    doubted = terminal.void(kept, bought)
    day.approved(doubted, spare_fen=11_00, owed_fen=-11_00)
    day.held_fen, day.owed_fen = day.held_fen - 11_00, day.owed_fen + 11_00
    reversal = terminal.reversal(doubted)
    undone = terminal.ask(day.line, reversal)
    assert (undone["t"], undone["39"]) == ("0410", "00")
    assert "64" in undone
    assert undone.keys() >= {"12", "13", "32", "37"}
    assert {name: undone[name] for name in REPEATED} == {name: reversal[name] for name in REPEATED}
    day.agrees()
    day.debit[kept["11"]] = 11_00


def _refunds_all_of_500(day: Counter, terminal: ForeignTerminal) -> None:
    sale = terminal.sale(500_00)
    sold = day.approved(sale, spare_fen=-500_00, owed_fen=500_00)
    day.debit[sale["11"]] = 500_00
    for fen in (200_00, 300_00):
        refund = terminal.refund(sale, sold, fen)
        day.approved(refund, spare_fen=fen, owed_fen=-fen)
        day.credit[refund["11"]] = fen
        day.one_by_one.add(refund["11"])
    assert day.refused(terminal.refund(sale, sold, 1)) == "64"


def _holds_and_completes(day: Counter, terminal: ForeignTerminal) -> None:
    asked = terminal.preauth(300_00)
    held = day.approved(asked, spare_fen=-300_00, owed_fen=0)
    day.approved(terminal.preauth_cancel(asked, held), spare_fen=300_00, owed_fen=0)
    assert day.refused(terminal.completion(held, 300_00)) == "12"

    held = day.approved(terminal.preauth(200_00), spare_fen=-200_00, owed_fen=0)
    assert day.refused(terminal.completion(held, 230_01)) == "61"
    completion = terminal.completion(held, 230_00)
    completed = day.approved(completion, spare_fen=-30_00, owed_fen=230_00)
    void = terminal.completion_void(completion, completed)
    day.approved(void, spare_fen=30_00, owed_fen=-230_00)
    day.debit[completion["11"]] = 230_00
    day.credit[void["11"]] = 230_00

    held = day.approved(terminal.preauth(315_00), spare_fen=-315_00, owed_fen=0)
    notice = terminal.completion_notice(held, 315_00)
    answer = day.approved(notice, spare_fen=0, owed_fen=315_00)
    assert terminal.ask(day.line, notice) == answer, "told again, it is answered as the first time"
    day.agrees()
    day.debit[notice["11"]] = 315_00
    day.one_by_one.add(notice["11"])


def _settles_with_wrong_totals(day: Counter, settling: Settling) -> None:
    debit, credit = list(day.debit.values()), list(day.credit.values())
    answer = settling.settle([*debit[:-1], debit[-1] + 1], credit)
    assert (answer["t"], answer["39"], answer["48"]) == ("0510", "00", totals(debit, credit, "21"))
    assert answer.keys() >= {"11", "12", "13", "15", "32", "37", "41", "42", "49", "60"}
    assert "64" not in answer
    told = {**day.debit, **day.credit}
    alone = {trace: fen for trace, fen in told.items() if trace in day.one_by_one}
    blocks = [(trace, fen) for trace, fen in told.items() if trace not in alone]
    for start in range(0, len(blocks), DETAILS_A_BLOCK):
        assert settling.details(*blocks[start : start + DETAILS_A_BLOCK])["39"] == "00"
    for trace, fen in alone.items():
        assert settling.single(trace, fen)["39"] == "00"
    ended = settling.end("202", len(told))
    assert (ended["t"], ended["39"]) == ("0330", "00")
