"""What terminals, host and bank have written, laid side by side. Read from the files, with every program ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from pysqlite3 import dbapi2

from zhanggui.acquirer.rows.records import Payment
from zhanggui.bank import queries as bank_queries
from zhanggui.bank.cards import TEST_CARDS, TestCard
from zhanggui.bank.setup import open_vault
from zhanggui.basics.chance import SystemChance
from zhanggui.basics.errors import Misuse
from zhanggui.programs.data_folder import Places, passphrase_of, store_target
from zhanggui.programs.settings import Settings
from zhanggui.store.open import open_queries
from zhanggui.store.queries import ROWS_MAX, PaymentFilter
from zhanggui.terminal.flow.core.events import DayLine
from zhanggui.vault.hsm import Hsm

Key = tuple[str, str, str]
"""Terminal, batch and trace number: what a payment is called in all three books."""

_UNSETTLED = """
SELECT terminal_no, trace_no, state, bank_state FROM payments WHERE state = 'pending' OR bank_state = 'reversal_due'
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One payment in one book."""

    state: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Books:
    """The three books. `terminals` holds only payments of terminals that have a journal of ours."""

    terminals: dict[Key, Entry]
    host: dict[Key, Payment]
    bank: dict[str, Entry]
    """By reference number."""
    owed: list[str]
    """Reversals and slips that a terminal still owes."""
    ledger: dict[str, int]
    bank_differences: list[str]
    moved_fen: int
    """How much less the bank's cards hold than at their issue."""

    def states(self, key: Key) -> tuple[str, str, str]:
        """The states of a payment at terminal, host and bank; `-` where nothing is known of it."""
        terminal, host = self.terminals.get(key), self.host.get(key)
        bank = self.bank.get(host.rrn) if host else None
        return (terminal.state if terminal else "-", host.state if host else "-", bank.state if bank else "-")


def read_books(data: Path) -> Books:
    """Read all three."""
    settings = Settings(data=str(data))
    places = Places(data)
    terminals: dict[Key, Entry] = {}
    owed: list[str] = []
    for journal in sorted(data.glob("terminals/*/journal.db")):
        lines, rest = _read_journal(journal)
        terminals |= lines
        owed += rest
    with open_queries(store_target(settings, places)) as queries:
        payments = queries.list_payments(PaymentFilter(limit=ROWS_MAX))
        ledger = queries.ledger_totals()
    vault = open_vault(data, passphrase_of(settings, places), SystemChance())
    return Books(
        terminals=terminals,
        host={(row.terminal_no, row.batch_no, row.trace_no): row for row in payments},
        bank=_read_bank(data),
        owed=owed,
        ledger=ledger,
        bank_differences=bank_queries.differences(data),
        moved_fen=sum(_moved_fen(data, vault, card) for card in TEST_CARDS),
    )


def _moved_fen(data: Path, vault: Hsm, card: TestCard) -> int:
    """How much less the card holds than at its issue; nothing of one that a bank of an earlier version never issued."""
    try:
        return card.balance_fen - bank_queries.balance(data, vault, card.pan)
    except Misuse:
        return 0


def unsettled(data: Path) -> list[str]:
    """What the host has still to bring to an end; read while it runs."""
    connection = dbapi2.connect(str(Places(data).host_database))
    try:
        rows = connection.execute(_UNSETTLED).fetchall()
    finally:
        connection.close()
    return [" ".join(row) for row in rows]


def disagreements(books: Books) -> list[str]:
    """Everything on which the three do not agree, as sentences; empty when all is well.

    Approved at the terminal ⇔ approved at the host ⇔ posted at the bank; nothing is pending or owed; each ledger sums to
    zero, and what the merchant is owed is what the approved sales come to and what left the cards.
    """
    wrong = [*books.bank_differences, *books.owed]
    approved = {key: row for key, row in books.host.items() if row.state == "approved"}
    for key, entry in books.terminals.items():
        row = books.host.get(key)
        if (entry.state == "approved") != (key in approved):
            wrong.append(f"{key}: {entry.state} at the terminal, {row.state if row else 'unknown'} at the host")
        if entry.state == "reversing":
            wrong.append(f"{key}: its reversal is pending at the terminal")
        if row is not None and row.amount_fen != entry.amount_fen:
            wrong.append(f"{key}: {entry.amount_fen} fen at the terminal, {row.amount_fen} at the host")
    for key, row in books.host.items():
        wrong += _host_and_bank(key, row, books.bank.get(row.rrn))
    known = {row.rrn for row in books.host.values()}
    wrong += [
        f"{rrn}: {entry.state} at the bank, unknown at the host"
        for rrn, entry in books.bank.items()
        if rrn not in known
    ]
    total = sum(row.amount_fen for row in approved.values())
    if sum(books.ledger.values()) != 0:
        wrong.append(f"the host's ledger sums to {sum(books.ledger.values())} fen")
    if books.ledger.get("merchant_payable", 0) != -total:
        wrong.append(f"the merchant is owed {-books.ledger.get('merchant_payable', 0)} fen for sales of {total}")
    if books.moved_fen != total:
        wrong.append(f"{books.moved_fen} fen left the cards for sales of {total}")
    return wrong


def _host_and_bank(key: Key, row: Payment, at_bank: Entry | None) -> Sequence[str]:
    wrong = []
    posted = at_bank is not None and at_bank.state == "approved"
    if (row.state == "approved") != posted:
        wrong.append(f"{key}: {row.state} at the host, {at_bank.state if at_bank else 'unknown'} at the bank")
    if row.state == "pending" or row.bank_state == "reversal_due":
        wrong.append(f"{key}: still {row.state} {row.bank_state} at the host")
    if at_bank is not None and at_bank.amount_fen != row.amount_fen:
        wrong.append(f"{key}: {row.amount_fen} fen at the host, {at_bank.amount_fen} at the bank")
    return wrong


def _read_journal(journal: Path) -> tuple[dict[Key, Entry], list[str]]:
    terminal_no = journal.parent.name
    connection = dbapi2.connect(str(journal))
    try:
        lines: dict[Key, Entry] = {}
        owed = []
        for batch_no, trace_no, content, print_pending in connection.execute(
            "SELECT batch_no, trace_no, line, print_pending FROM payment"
        ):
            line = msgspec.json.decode(content, type=DayLine)
            lines[terminal_no, batch_no, trace_no] = Entry(line.state, line.amount_fen)
            if print_pending:
                owed.append(f"terminal {terminal_no} owes the slips of {trace_no}")
        if connection.execute("SELECT count(*) FROM reversal").fetchone()[0]:
            owed.append(f"terminal {terminal_no} owes a reversal")
    finally:
        connection.close()
    return lines, owed


def _read_bank(data: Path) -> dict[str, Entry]:
    connection = dbapi2.connect(str(data / "bank.db"))
    try:
        rows = connection.execute("SELECT rrn, state, amount_fen FROM payments").fetchall()
    finally:
        connection.close()
    assert len({rrn for rrn, _, _ in rows}) == len(rows), "one reference number, two payments at the bank"
    return {rrn: Entry(state, amount_fen) for rrn, state, amount_fen in rows}
