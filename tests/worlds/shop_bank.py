"""The test bank in memory: its own rules, keys, cards and messages; no file, no line.

Its vault, its keys and its cards are made once in a process; each world gets accounts as they are at the issue.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.worlds.one_room import room_keys

from zhanggui.bank import setup
from zhanggui.bank.accounts import Books, Card, CardScript
from zhanggui.bank.checks import VaultChecks
from zhanggui.bank.keys import BankKeys
from zhanggui.bank.ledger import apply, decide
from zhanggui.bank.schema import open_bank_file
from zhanggui.bank.store import CARD_COLUMNS, card_of
from zhanggui.bank.wire import Wire, answer_to
from zhanggui.basics.chance import SeededChance
from zhanggui.basics.clock import Clock
from zhanggui.cup.messages.bank_statement import StatementAsked
from zhanggui.cup.messages.interbank import BankAnswer
from zhanggui.vault.software import SoftwareHsm


@dataclass(frozen=True)
class Issued:
    """What a bank begins with, and its cards as virtual readers hold them: by file name."""

    hsm: SoftwareHsm
    keys: BankKeys
    cards: dict[str, Card]
    balances: dict[str, int]
    phones: dict[str, str]
    card_files: dict[str, bytes]


@cache
def issued() -> Issued:
    """A bank that shares the zone keys with the host of `room_keys`."""
    chance = SeededChance(3)
    hsm = SoftwareHsm(chance.take(32), chance)
    host, *_ = room_keys()
    with TemporaryDirectory() as folder:
        data = Path(folder)
        setup.create_bank(data, hsm)
        transport = chance.take(32)
        pin_key, mac_key = (host.hsm.export_block(key, transport) for key in (host.zone_pin_key, host.zone_mac_key))
        setup.accept_zone_keys(data, hsm, pin_key, mac_key, transport)
        files = setup.export_cards(data, hsm, data / "cards")
        connection = open_bank_file(data)
        try:
            keys = setup.load_bank_keys(connection, hsm)
            cards = {row[0]: card_of(row) for row in connection.execute(f"SELECT {CARD_COLUMNS} FROM cards")}
            balances = dict(connection.execute("SELECT account_no, balance_fen FROM accounts").fetchall())
            phones = dict(connection.execute("SELECT phone, card_id FROM phones").fetchall())
        finally:
            connection.close()
        return Issued(hsm, keys, cards, balances, phones, {path.name: path.read_bytes() for path in files})


class ShopBank:
    """One bank. `books` is all that it has."""

    def __init__(self, clock: Clock) -> None:
        made = issued()
        self._clock = clock
        self._checks = VaultChecks(made.hsm, made.keys)
        self._wire = Wire(made.hsm, made.keys, self._checks)
        self.books = Books(dict(made.cards), dict(made.balances), {}, 1)
        self.books.phones = dict(made.phones)

    @property
    def moved_fen(self) -> int:
        """How much less the cards hold than at their issue."""
        opening = issued().balances
        return sum(opening[account] - self.books.balances[account] for account in opening)

    def order_script(self, account_no: str, limit: int) -> None:
        """Have the chip of this account's card take another offline limit."""
        (card_id,) = (card.card_id for card in self.books.cards.values() if card.account_no == account_no)
        number = len(self.books.scripts) + 1
        order = CardScript(script_no=number, card_id=card_id, order="offline_limit", value=limit)
        self.books.scripts[number] = order

    @property
    def scripts_open(self) -> int:
        """Commands of which the bank has not heard that they were done."""
        return sum(script.state != "done" for script in self.books.scripts.values())

    def answer(self, body: bytes) -> bytes:
        """Decide a frame of the host, and seal the answer."""
        message, request = self._wire.read(body)
        assert not isinstance(request, StatementAsked), "nobody asks this bank for a statement"
        if request is None:
            return self._wire.echo(message)
        if isinstance(request, BankAnswer):
            return self._wire.seal(request.message(message))
        decision = decide(self.books, request, self._clock.now(), self._checks)
        apply(self.books, decision)
        answer = answer_to(request, decision.code, decision.payment, decision.balance_fen)
        return self._wire.seal(answer.message(message))
