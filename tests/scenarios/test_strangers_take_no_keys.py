"""A stranger's 0800 takes nothing from anybody, whatever kinds it asks for and whomever it names.

It comes at the worst moment each time: when a terminal has its keys, before its first MAC under them.
"""

import iso8583
import pytest
from tests.worlds.floor import PASSWORDS, Shop
from tests.worlds.foreign_terminal import HEAD_BYTES, SPEC, ForeignTerminal, Line
from tests.worlds.house import House

from zhanggui.acquirer.rows.records import Session, Terminal, WaitingKeys
from zhanggui.acquirer.terminals.waiting_keys import WAITING_MAX

KINDS = ("001", "003", "004")
TIMES = 5


class Stranger:
    """Whoever can reach the port and knows a terminal's number; it has no key."""

    def __init__(self, port: int, terminal_no: str, merchant_no: str) -> None:
        self.port = port
        self.client = ForeignTerminal(terminal_no, merchant_no, bytes(16))

    def sign_on(self, operators: tuple[str, ...], kinds: tuple[str, ...] = KINDS) -> None:
        """A 0800 for each of these operators and kinds."""
        with Line("127.0.0.1", self.port) as line:
            for self.client.operator_no in operators:
                for kind in kinds:
                    payload = line.ask(self.client.plain(self.client.sign_in(kind)))
                    # What a terminal of ours is told has a MAC, which nobody without its keys can check.
                    answer, _ = iso8583.decode(payload[HEAD_BYTES:], SPEC)
                    assert answer["39"] == "00"


def test_our_terminals_sign_in_each_time(shop: Shop) -> None:
    terminal = shop.terminals[0]
    stranger = Stranger(shop.floor.port, terminal.terminal_no, shop.merchant_no)
    for turn in range(TIMES):
        stranger.sign_on(("01", "77"), KINDS[turn % 3 :])
        terminal.get_keys()
        stranger.sign_on(("01", "02", "77"))
        assert terminal.sign_in("01", PASSWORDS["01"]).code == "00"
        stranger.sign_on(("01",))
        assert terminal.sell("01").code == "00"
    assert [session.operator_no for session in shop.live] == ["01"]
    assert len(shop.rows(WaitingKeys)) <= len(KINDS), "the host checks its operators: names make no difference"


def test_a_terminal_that_checks_its_operators_sells_each_time_and_nobody_else_is_signed_in(shop: Shop) -> None:
    terminal = shop.terminals[0]
    shop.change_terminal(terminal.terminal_no, operator_check="terminal")
    stranger = Stranger(shop.floor.port, terminal.terminal_no, shop.merchant_no)
    others = tuple(f"{number:02d}" for number in range(100))
    for turn in range(TIMES):
        stranger.sign_on(others[turn * 5 : turn * 5 + 3])
        take_keys(shop, "01", KINDS[1])
        stranger.sign_on(others[turn * 20 : turn * 20 + 7] if turn == 0 else others, KINDS if turn == 0 else ("003",))
        assert terminal.sell("01").code == "00"
        assert {session.operator_no for session in shop.live} == {"01"}
    assert {session.operator_no for session in shop.rows(Session)} == {"01"}
    (row,) = (row for row in shop.rows(Terminal) if row.terminal_no == terminal.terminal_no)
    assert row.waiting_slots == WAITING_MAX - 1 == len(shop.rows(WaitingKeys)), (
        "the youngest wait in the terminal's row"
    )


def take_keys(shop: Shop, operator_no: str, kind: str) -> None:
    """The terminal's own 0800, as one that checks its operators sends it."""
    terminal = shop.terminals[0]
    client = ForeignTerminal(terminal.terminal_no, shop.merchant_no, bytes(16), operator_no)
    if terminal.line is None:
        terminal.line = Line("127.0.0.1", shop.floor.port)
    terminal.take_keys(terminal.line.ask(client.plain(client.sign_in(kind))))


@pytest.mark.parametrize("kind", KINDS)
def test_anybodys_client_sells_each_time(house: House, line: Line, stranger: ForeignTerminal, kind: str) -> None:
    other = Stranger(house.host_port, stranger.terminal_no, stranger.merchant_no)
    for turn in range(TIMES):
        assert stranger.go_sign_in(line, kind)["39"] == "00"
        other.sign_on(("01", "02", f"{turn + 10}"))
        sale = stranger.sale(100 + turn)
        assert stranger.ask(line, sale)["39"] == "00"
        other.sign_on(("01",))
        assert stranger.ask(line, stranger.reversal(sale))["39"] == "00"
