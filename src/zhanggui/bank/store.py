"""Loading the rows that a batch needs and writing what it changed. One transaction a batch; plain driver statements.

Sets of keys go in as one JSON array, so a batch of any size takes the same four queries.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from ..basics.numbers import UnixMs
from ..edges.sqlite import Connection
from ..vault.hsm import PinReference
from ..vault.phone_code import PHONE_DIGITS
from .accounts import Books, Card, CardScript, Payment, clearing_account
from .kinds import BANK_KINDS
from .ledger import PaymentOrder, Reversal
from .scripts import ScriptTold

CARD_COLUMNS = (
    "card_id, masked_pan, account_no, status, behaviour, expiry_yymm, track_hash, has_chip, counter, pin_salt, "
    "pin_verifier, pin_tries, single_limit_fen, contactless_free_fen"
)
PAYMENT_COLUMNS = (
    "identity, acquirer_code, rrn, state, card_id, masked_pan, account_no, amount_fen, merchant_no, terminal_no, "
    "trace_no, entry_mode, response_code, reason, auth_code, settlement_date, chip_answer, received_at, reversed_at, kind, "
    "original_identity, undone_by, adjusted_fen, code_id"
)

HOLDING = f"({' OR '.join(f'kind = {name!r}' for name, kind in BANK_KINDS.items() if kind.holds)})"
"""Of the kinds whose approval holds money, in the words of the index `payments_held`, which SQLite takes for no others."""
_LOAD_PAYMENTS = f"SELECT {PAYMENT_COLUMNS} FROM payments WHERE identity IN (SELECT value FROM json_each(?))"
_LOAD_CARDS = f"SELECT {CARD_COLUMNS} FROM cards WHERE card_id IN (SELECT value FROM json_each(?))"
_LOAD_ACCOUNTS = (
    "SELECT account_no, balance_fen, held_fen FROM accounts WHERE account_no IN (SELECT value FROM json_each(?))"
)
_LOAD_HELD = (
    f"SELECT {PAYMENT_COLUMNS} FROM payments WHERE {HOLDING} AND state = 'approved' AND undone_by = '' "
    "AND received_at <= ? ORDER BY received_at LIMIT ?"
)
_LOAD_PHONES = "SELECT phone, card_id FROM phones WHERE phone IN (SELECT value FROM json_each(?))"
_LOAD_USED_CODES = "SELECT code_id FROM payments WHERE code_id <> '' AND state <> 'refused' AND code_id IN (SELECT value FROM json_each(?))"
_LOAD_LAST_POSTING = "SELECT coalesce(max(posting_no), 0) FROM postings"
_WRITE_PAYMENT = (
    f"INSERT INTO payments ({PAYMENT_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (identity) DO UPDATE SET state = excluded.state, reversed_at = excluded.reversed_at, "
    "undone_by = excluded.undone_by, adjusted_fen = excluded.adjusted_fen"
)
_WRITE_POSTING = "INSERT INTO postings VALUES (?, ?, ?, ?, ?, ?, ?)"
_WRITE_ACCOUNT = (
    "INSERT INTO accounts (account_no, balance_fen, held_fen) VALUES (?, ?, ?) "
    "ON CONFLICT (account_no) DO UPDATE SET balance_fen = excluded.balance_fen, held_fen = excluded.held_fen"
)
_SCRIPT_COLUMNS = "script_no, card_id, order_name, value, state, sent, identity, result, asked_at, told_at"
_LOAD_SCRIPTS = (
    f"SELECT {_SCRIPT_COLUMNS} FROM scripts WHERE state = 'pending' AND card_id IN (SELECT value FROM json_each(?)) "
    f"UNION SELECT {_SCRIPT_COLUMNS} FROM scripts WHERE script_no IN (SELECT value FROM json_each(?))"
)
_WRITE_SCRIPT = "UPDATE scripts SET state = ?, sent = ?, identity = ?, result = ?, told_at = ? WHERE script_no = ?"
_WRITE_CARD = "UPDATE cards SET counter = ?, pin_tries = ? WHERE card_id = ?"


ORIGINALS_DEEP = 2
"""A payment may be about one that is itself about one; no deeper."""


def begin(connection: Connection) -> None:
    """Begin a batch and take the write lock, so that what is loaded stays true until the commit."""
    connection.execute("BEGIN IMMEDIATE")


def commit(connection: Connection) -> None:
    """End a batch; when this returns it is on the disk."""
    connection.execute("COMMIT")


def rollback(connection: Connection) -> None:
    """Give a batch up; nothing of it stays."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def load(connection: Connection, requests: Sequence[PaymentOrder | Reversal | ScriptTold]) -> Books:
    """The books for these requests."""
    orders = [request for request in requests if type(request) is PaymentOrder]
    named = {request.identity for request in requests}
    named.update(order.original_identity for order in orders)
    payments = _payments(connection, named)
    # A reversal names the payment that it undoes; what that one was about is known only from its row, and so is that one's own,
    # and what undoes either.
    for _ in range(ORIGINALS_DEEP):
        known = payments.values()
        others = {payment.original_identity for payment in known} | {payment.undone_by for payment in known}
        others -= named
        if not others - {""}:
            break
        named |= others
        payments |= _payments(connection, others)
    phones, used_codes = _codes(connection, orders)
    card_ids = {order.card_id for order in orders} | set(phones.values())
    card_ids.update(
        payments[order.original_identity].card_id for order in orders if order.original_identity in payments
    )
    cards = {row[0]: card_of(row) for row in connection.execute(_LOAD_CARDS, (_array(card_ids),))}
    accounts = {card.account_no for card in cards.values()}
    accounts.update(payment.account_no for payment in payments.values())
    accounts.update(clearing_account(code) for code in {request.request.acquirer_code for request in requests})
    rows = connection.execute(_LOAD_ACCOUNTS, (_array(accounts),)).fetchall()
    balances, held = {row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows if row[2]}
    last_posting_no: int = connection.execute(_LOAD_LAST_POSTING).fetchone()[0]
    told = [one.script_id for request in requests if type(request) is ScriptTold for one in request.results]
    scripts = load_scripts(connection, cards, (int.from_bytes(script_id, "big") for script_id in told))
    books = Books(cards, balances, payments, last_posting_no + 1, held, scripts)
    books.phones, books.used_codes = phones, used_codes
    return books


def _codes(connection: Connection, orders: Sequence[PaymentOrder]) -> tuple[dict[str, str], set[str]]:
    """The phones that these orders' codes are of, with their cards, and which codes were used before. Most batches have no code."""
    codes = {order.code_id: order.phone for order in orders if order.code_id}
    if not codes:
        return {}, set()
    phones = dict(connection.execute(_LOAD_PHONES, (_array(codes.values()),)).fetchall())
    return phones, {row[0] for row in connection.execute(_LOAD_USED_CODES, (_array(codes),))}


def load_scripts(connection: Connection, card_ids: Iterable[str], numbers: Iterable[int]) -> dict[int, CardScript]:
    """What waits for these cards, and scripts of these numbers."""
    rows = connection.execute(_LOAD_SCRIPTS, (_array(card_ids), msgspec.json.encode(list(numbers)).decode()))
    return {row[0]: script_of(row) for row in rows}


def add_script(connection: Connection, card_id: str, order: str, value: int, now: UnixMs) -> int:
    """Write a script that waits for a card; the answer is its number."""
    cursor = connection.execute(
        "INSERT INTO scripts (card_id, order_name, value, state, sent, identity, result, asked_at) "
        "VALUES (?, ?, ?, 'pending', 0, '', '', ?) RETURNING script_no",
        (card_id, order, value, now),
    )
    number: int = cursor.fetchone()[0]
    return number


def all_scripts(connection: Connection) -> list[CardScript]:
    """Every script, newest first."""
    return [
        script_of(row) for row in connection.execute(f"SELECT {_SCRIPT_COLUMNS} FROM scripts ORDER BY script_no DESC")
    ]


def _payments(connection: Connection, identities: Iterable[str]) -> dict[str, Payment]:
    return {row[0]: payment_of(row) for row in connection.execute(_LOAD_PAYMENTS, (_array(identities),))}


def load_held(connection: Connection, until: UnixMs, count: int) -> Books:
    """The books for what is held since this instant or before, the oldest first, so many payments at most."""
    payments = {row[0]: payment_of(row) for row in connection.execute(_LOAD_HELD, (until, count))}
    accounts = {payment.account_no for payment in payments.values()}
    rows = connection.execute(_LOAD_ACCOUNTS, (_array(accounts),)).fetchall()
    return Books({}, {row[0]: row[1] for row in rows}, payments, 0, {row[0]: row[2] for row in rows})


def write(connection: Connection, books: Books) -> None:
    """Write what a batch changed, inside its transaction."""
    if books.changed_payments:
        payments = books.payments
        connection.executemany(
            _WRITE_PAYMENT, [msgspec.structs.astuple(payments[identity]) for identity in books.changed_payments]
        )
    if books.postings:
        connection.executemany(_WRITE_POSTING, [msgspec.structs.astuple(posting) for posting in books.postings])
    if books.changed_accounts:
        balances, held = books.balances, books.held
        accounts = [(account, balances[account], held.get(account, 0)) for account in books.changed_accounts]
        connection.executemany(_WRITE_ACCOUNT, accounts)
    if books.changed_scripts:
        told = [books.scripts[number] for number in books.changed_scripts]
        connection.executemany(
            _WRITE_SCRIPT, [(one.state, one.sent, one.identity, one.result, one.told_at, one.script_no) for one in told]
        )
    if books.changed_cards:
        changed = [books.cards[card_id] for card_id in books.changed_cards]
        connection.executemany(_WRITE_CARD, [(card.counter, card.pin_tries, card.card_id) for card in changed])


def add_card(connection: Connection, card: Card, opening_fen: int) -> None:
    """Write a new card with its account."""
    connection.execute(
        "INSERT INTO accounts (account_no, balance_fen, opening_fen) VALUES (?, ?, ?)",
        (card.account_no, opening_fen, opening_fen),
    )
    connection.execute(
        f"INSERT INTO cards ({CARD_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            card.card_id,
            card.masked_pan,
            card.account_no,
            card.status,
            card.behaviour,
            card.expiry_yymm,
            card.track_hash,
            card.has_chip,
            card.counter,
            card.pin.salt,
            card.pin.verifier,
            card.pin_tries,
            card.single_limit_fen,
            card.contactless_free_fen,
        ),
    )


def add_phone(connection: Connection, card_id: str) -> str:
    """Give a card's holder a phone that shows payment codes; its number."""
    (count,) = connection.execute("SELECT count(*) FROM phones").fetchone()
    phone = f"{count + 1:0{PHONE_DIGITS}d}"
    connection.execute("INSERT INTO phones VALUES (?, ?)", (phone, card_id))
    return phone


def script_of(row: Sequence[Any]) -> CardScript:
    """A script from a row of its columns."""
    return CardScript(**dict(zip(CardScript.__struct_fields__, row, strict=True)))


def card_of(row: Sequence[Any]) -> Card:
    """A card from a row of CARD_COLUMNS."""
    return Card(
        card_id=row[0],
        masked_pan=row[1],
        account_no=row[2],
        status=row[3],
        behaviour=row[4],
        expiry_yymm=row[5],
        track_hash=row[6],
        has_chip=bool(row[7]),
        counter=row[8],
        pin=PinReference(row[9], row[10]),
        pin_tries=row[11],
        single_limit_fen=row[12],
        contactless_free_fen=row[13],
    )


_PAYMENT_FIELDS = Payment.__struct_fields__


def payment_of(row: Sequence[Any]) -> Payment:
    """A payment from a row of PAYMENT_COLUMNS."""
    return Payment(**dict(zip(_PAYMENT_FIELDS, row, strict=True)))


def _array(values: Iterable[str]) -> str:
    return msgspec.json.encode(list(values)).decode()
