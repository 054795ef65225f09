"""Questions to the bank's file for commands and tests. They read beside a running bank and never disturb it."""

from collections.abc import Sequence
from pathlib import Path

from ..basics.errors import Misuse
from ..basics.secret import Pan
from ..cup.messages.bank_statement import PAGE_MAX, StatedPayment, StatementAsked
from ..edges.sqlite import Connection
from ..vault.hsm import Hsm
from .accounts import Payment
from .checks import card_id_of
from .kinds import HOLDING, MOVING, STATED
from .schema import open_bank_file
from .setup import load_card_keys
from .store import PAYMENT_COLUMNS, payment_of

PAYMENTS_MAX = 1_000
"""Payments in one list."""
_LATEST = f"SELECT {PAYMENT_COLUMNS} FROM payments ORDER BY received_at DESC, identity DESC LIMIT ?"
_BALANCE = "SELECT balance_fen - held_fen FROM accounts JOIN cards USING (account_no) WHERE card_id = ?"
_MOVED = """
SELECT account_no, opening_fen + coalesce(sum(moved), 0) - balance_fen FROM accounts LEFT JOIN (
    SELECT credit_account AS account_no, amount_fen AS moved FROM postings
    UNION ALL SELECT debit_account, -amount_fen FROM postings
) USING (account_no) GROUP BY account_no
"""
"""For each account, by how much its balance differs from opening and postings."""


def _listed(names: Sequence[str]) -> str:
    """Names of kinds as a list of the database; a list of nothing is no list there."""
    return ", ".join(f"'{name}'" for name in names) or "''"


_MOVES = f"payments.kind IN ({_listed(MOVING)})"
_UNBACKED = f"""
SELECT identity FROM payments LEFT JOIN (
    SELECT identity, sum(iif(kind <> 'reversal', amount_fen, 0)) AS moved,
           sum(iif(kind = 'reversal', amount_fen, 0)) AS undone, count(*) AS moves FROM postings GROUP BY identity
) USING (identity)
WHERE coalesce(moved, 0) <> iif({_MOVES} AND state IN ('approved', 'reversed'), amount_fen, 0)
   OR coalesce(undone, 0) <> iif({_MOVES} AND state = 'reversed', amount_fen, 0)
   OR coalesce(moves, 0) <> CASE WHEN amount_fen = 0 OR NOT {_MOVES} THEN 0
                                 WHEN state = 'approved' THEN 1 WHEN state = 'reversed' THEN 2 ELSE 0 END
"""
"""Payments whose postings are not exactly what their state says."""
_HELD = f"""
SELECT account_no, held_fen - coalesce(sum(standing), 0) FROM accounts LEFT JOIN (
    SELECT account_no, amount_fen + adjusted_fen AS standing FROM payments
    WHERE state = 'approved' AND undone_by = '' AND kind IN ({_listed(HOLDING)})
) USING (account_no) GROUP BY account_no
"""
"""For each account, by how much what is held on it differs from the payments that hold it."""


_STANDING = f"""
SELECT rrn, trace_no, amount_fen FROM payments
WHERE merchant_no = ? AND terminal_no = ? AND rrn > ? AND rrn <= ? AND acquirer_code = ? AND state = 'approved'
  AND kind IN ({_listed(STATED)})
ORDER BY rrn LIMIT ?
"""


def standing_payments(connection: Connection, asked: StatementAsked) -> tuple[StatedPayment, ...]:
    """One page of a statement: payments of a terminal that stand, by reference number."""
    range_of = (asked.merchant_no, asked.terminal_no, asked.after, asked.upto, asked.acquirer_code, PAGE_MAX)
    return tuple(StatedPayment(*row) for row in connection.execute(_STANDING, range_of))


def balance(data_dir: Path, hsm: Hsm, pan: str) -> int:
    """What may be spent of a card's account, in fen. Misuse when there is no such bank or card."""
    connection = open_bank_file(data_dir)
    try:
        return balance_of(connection, card_id_of(hsm, load_card_keys(connection, hsm), Pan(pan)))
    finally:
        connection.close()


def payments(data_dir: Path, limit: int = 100) -> list[Payment]:
    """The latest payments, newest first."""
    connection = open_bank_file(data_dir)
    try:
        return latest_payments(connection, limit)
    finally:
        connection.close()


def differences(data_dir: Path) -> list[str]:
    """What is wrong with the books; empty when they agree.

    They agree when each balance is opening plus postings, the balances sum to the opening total, and each payment has
    just the postings that its state asks for.
    """
    connection = open_bank_file(data_dir)
    try:
        wrong = [f"account {account_no} is off by {off} fen" for account_no, off in connection.execute(_MOVED) if off]
        opened, held = connection.execute("SELECT sum(opening_fen), sum(balance_fen) FROM accounts").fetchone()
        if opened != held:
            wrong.append(f"all accounts hold {held} fen, {opened} fen were paid in")
        wrong += [
            f"account {account_no} holds {off} fen too much" for account_no, off in connection.execute(_HELD) if off
        ]
        wrong += [
            f"payment {identity} has other postings than its state asks for"
            for (identity,) in connection.execute(_UNBACKED)
        ]
        return wrong
    finally:
        connection.close()


def balance_of(connection: Connection, card_id: str) -> int:
    """The balance behind a card, in fen."""
    row = connection.execute(_BALANCE, (card_id,)).fetchone()
    if row is None:
        raise Misuse("the bank has no card of this number; docs/reference/test-cards.md lists its cards")
    return int(row[0])


def latest_payments(connection: Connection, limit: int) -> list[Payment]:
    """The latest payments, newest first, at most PAYMENTS_MAX."""
    rows = connection.execute(_LATEST, (min(limit, PAYMENTS_MAX),))
    return [payment_of(row) for row in rows]
