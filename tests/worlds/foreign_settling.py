"""The end of a batch at a terminal made by others: its totals, its payments one by one, and the end; all without a MAC."""

from collections.abc import Sequence

from tests.worlds.foreign_terminal import TEST_CARD, Fields, ForeignTerminal, Line

CARD_DIGITS = TEST_CARD.number.zfill(20)


def half(debit: list[int], credit: list[int], flag: str) -> str:
    return f"{sum(debit):012d}{len(debit):03d}{sum(credit):012d}{len(credit):03d}{flag}"


def totals(debit: list[int], credit: list[int], flags: str = "00") -> str:
    """Field 48, usage 1: cards at home, cards from abroad."""
    return half(debit, credit, flags[0]) + half([], [], flags[1])


def _block(told: Sequence[tuple[str, int]]) -> Fields:
    return {"48": f"{len(told):02d}" + "".join(f"00{trace}{CARD_DIGITS}{fen:012d}" for trace, fen in told)}


class Settling:
    """The messages at the end of a batch, as the domain's tables have them: none of them with a MAC."""

    def __init__(self, line: Line, terminal: ForeignTerminal) -> None:
        self.line, self.terminal = line, terminal

    def settle(self, debit: list[int], credit: list[int]) -> Fields:
        """0500."""
        return self._ask("0500", "201", {"48": totals(debit, credit), "49": "156", "63": "01 "})

    def details(self, *told: tuple[str, int]) -> Fields:
        """0320 with 201: up to eight payments by trace number and amount."""
        return self._ask("0320", "201", _block(told))

    def single(self, trace: str, fen: int) -> Fields:
        """0320 with 201 about one refund or notice; 11 is that payment's own number."""
        return self._ask("0320", "201", {"2": TEST_CARD.number, "4": f"{fen:012d}", "11": trace})

    def end(self, code: str, count: int) -> Fields:
        """0320 with 207 where the totals agreed, 202 where they did not."""
        return self._ask("0320", code, {"48": f"{count:04d}"})

    def all_at_once(self, *told: tuple[str, int], code: str) -> list[Fields]:
        """A detail message for each payment and the end of them in one write, with no wait for an answer in between."""
        messages = [self._message("0320", "201", _block([one])) for one in told]
        messages.append(self._message("0320", code, {"48": f"{len(told):04d}"}))
        self.line.socket.sendall(b"".join(len(one).to_bytes(2, "big") + one for one in messages))
        return [self.terminal.read(self.line.receive()) for _ in messages]

    def _ask(self, mti: str, code: str, fields: Fields) -> Fields:
        return self.terminal.read(self.line.ask(self._message(mti, code, fields)))

    def _message(self, mti: str, code: str, fields: Fields) -> bytes:
        batch = {"60": f"00{self.terminal.batch_no}{code}"}
        return self.terminal.plain(self.terminal._identified(mti, {**fields, **batch}))

    def sell(self, *amounts_fen: int) -> list[Fields]:
        """Sales of these amounts, each approved."""
        sales = [self.terminal.sale(fen) for fen in amounts_fen]
        for sale in sales:
            assert self.terminal.ask(self.line, sale)["39"] == "00"
        return sales
