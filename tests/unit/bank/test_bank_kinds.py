"""The bank's kinds of payment: each row fits the messages, and what undoes a payment or tells a balance is decided by its row."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from tests.worlds.bank_books import PAN, Counter, reversal, sale
from tests.worlds.bank_client import set_up

from zhanggui.bank import ledger, originals, queries, store
from zhanggui.bank.kinds import BANK_KINDS, BankKind
from zhanggui.bank.ledger import Decision, PaymentOrder
from zhanggui.bank.schema import SCHEMA_VERSION, TABLES, database_path, open_bank_file
from zhanggui.bank.store import _LOAD_HELD, HOLDING
from zhanggui.basics.secret import Pan
from zhanggui.cup.transactions import CATALOGUE, PAYMENTS, Transaction
from zhanggui.edges.sqlite import open_durable

UNDOING = Transaction(
    name="undoing",
    zh="试",
    en="undoes one",
    mti="0200",
    processing_code="990000",
    condition_code="00",
    type_code="99",
    required=(3, 4, 11, 22, 25, 41, 42, 49, 60, 61, 64),
    mac="approved",
    reversible=True,
    card="may_be",
)
HOLDS_ANYTHING = Transaction(
    name="held",
    zh="试",
    en="holds",
    mti="0100",
    processing_code="970000",
    condition_code="00",
    type_code="97",
    required=(3, 4, 11, 22, 25, 41, 42, 49, 60, 64),
    mac="approved",
    reversible=True,
)
LOOKING = Transaction(
    name="looking",
    zh="试",
    en="looks",
    mti="0200",
    processing_code="980000",
    condition_code="00",
    type_code="98",
    required=(3, 11, 22, 25, 41, 42, 49, 60, 64),
    answer=(54,),
    mac="approved",
)


def test_every_payment_of_the_catalogue_has_its_row_at_the_bank_and_the_rows_fit() -> None:
    # A code that the shop shows is a wallet's: no bank hears of it.
    assert BANK_KINDS.keys() == {name for name, row in PAYMENTS.items() if not row.is_at_wallet}
    for name, kind in BANK_KINDS.items():
        assert kind.row is CATALOGUE[name]
        assert bool(kind.moves or kind.holds) <= kind.row.has_amount
        assert bool(kind.originals) == kind.row.carries(61)
        assert kind.tells_balance == (54 in kind.row.answer)
        assert bool(kind.undoes or kind.adjusts) <= bool(kind.originals)
        for original in kind.originals:
            assert not kind.moves or BANK_KINDS[original].moves != kind.moves, "what undoes moves the money back"


@pytest.fixture(autouse=True)
def two_kinds_more(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {
        **BANK_KINDS,
        "undoing": BankKind(row=UNDOING, moves="credit", needs_pin=False, originals=("sale",), undoes=True),
        "taking": BankKind(row=UNDOING, moves="credit", needs_pin=False, originals=("sale",), sum="part", adjusts=-1),
        "held": BankKind(row=HOLDS_ANYTHING, holds=True),
        "more": BankKind(row=UNDOING, needs_pin=False, originals=("held",), sum="any", adjusts=1, anywhere=True),
        "freed": BankKind(row=UNDOING, needs_pin=False, originals=("held",), undoes=True, anywhere=True),
        "taken": BankKind(
            row=UNDOING, moves="debit", needs_pin=False, originals=("held",), undoes=True, sum="share", anywhere=True
        ),
        "returned": BankKind(row=UNDOING, moves="credit", needs_pin=False, originals=("taken",), undoes=True),
        "looking": BankKind(row=LOOKING, tells_balance=True),
    }
    for module in (ledger, originals):
        monkeypatch.setattr(module, "BANK_KINDS", rows)


def undoing(of: PaymentOrder, rrn: int = 2, **changes: Any) -> PaymentOrder:
    """Undoes a sale without its card."""
    without_card: dict[str, object] = {
        "kind": "undoing",
        "pan": None,
        "track2": None,
        "pin_block": None,
        "expiry_yymm": "",
    }
    amount_fen = changes.pop("amount_fen", of.request.amount_fen)
    order = sale(rrn, amount_fen, card_id="", **(without_card | changes))
    return PaymentOrder(order.identity, "", order.request, of.identity)


def sold(bank: Counter) -> PaymentOrder:
    order = sale(1, 30_00)
    assert bank.ask(order).code == "00"
    return order


def test_a_payment_is_undone_once_and_its_money_comes_back_without_the_card() -> None:
    bank = Counter(balance_fen=100_00)
    order = sold(bank)
    decision = bank.ask(undoing(order))
    assert (decision.code, bank.balance) == ("00", 100_00)
    assert decision.payment is not None
    assert (decision.payment.masked_pan, decision.payment.account_no) == ("621700*********0012", "card-1")
    again = bank.ask(undoing(order, 3))
    assert (again.code, bank.balance) == ("12", 100_00)
    assert bank.ask(undoing(order)).stored
    late = bank.ask(reversal(order))
    assert (late.code, bank.balance) == ("22", 100_00)


def test_reversing_what_undid_a_payment_lets_it_stand_again_once() -> None:
    bank = Counter(balance_fen=100_00)
    order = sold(bank)
    undo = undoing(order)
    bank.ask(undo)
    assert (bank.ask(reversal(undo)).code, bank.balance) == ("00", 70_00)
    assert (bank.ask(reversal(undo)).code, bank.balance) == ("00", 70_00)
    assert (bank.ask(undo).code, bank.balance) == ("12", 70_00)
    assert (bank.ask(undoing(order, 4)).code, bank.balance) == ("00", 100_00)


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"amount_fen": 29_99}, "64"), ({"terminal_no": "10000009"}, "25"), ({"merchant_no": "102100058129999"}, "25")],
)
def test_an_original_that_does_not_fit_is_refused_and_stays(changes: dict[str, Any], code: str) -> None:
    bank = Counter(balance_fen=100_00)
    order = sold(bank)
    refused = bank.ask(undoing(order, **changes))
    assert (refused.code, bank.balance) == (code, 70_00)
    assert bank.books.payments[order.identity].undone_by == ""


def test_an_original_that_nobody_knows_or_that_was_refused_is_told_apart() -> None:
    bank = Counter(balance_fen=10_00)
    order = sale(1, 30_00)
    assert bank.ask(undoing(order)).code == "25"
    assert bank.ask(order).code == "51"
    assert bank.ask(undoing(order, 3)).code == "12"


def test_a_card_that_is_shown_must_be_the_originals() -> None:
    bank = Counter(balance_fen=100_00)
    order = sold(bank)
    other = undoing(order, pan=Pan(PAN))
    assert bank.ask(PaymentOrder(other.identity, "c9", other.request, order.identity)).code == "14"


def test_a_void_gives_the_money_back_without_a_pin() -> None:
    bank = Counter(balance_fen=100_00)
    order = sold(bank)
    assert (bank.ask(undoing(order, kind="void")).code, bank.balance) == ("00", 100_00)


# ── a part, a hold, more of it, and what is taken of it ──────────────────────


def test_parts_are_given_back_until_the_payment_is_used_up() -> None:
    bank = Counter(balance_fen=100_00)
    order = sold(bank)
    assert bank.ask(undoing(order, 2, kind="taking", amount_fen=20_00)).code == "00"
    assert bank.ask(undoing(order, 3, kind="taking", amount_fen=10_01)).code == "64"
    assert bank.ask(undoing(order, 4)).code == "64"
    assert bank.ask(reversal(order)).code == "22"
    part = undoing(order, 5, kind="taking", amount_fen=10_00)
    assert bank.ask(part).code == "00"
    assert (bank.balance, bank.ask(undoing(order, 6, kind="taking", amount_fen=1)).code) == (100_00, "64")
    assert (bank.ask(reversal(part)).code, bank.balance) == ("00", 90_00)
    assert bank.ask(undoing(order, 7, kind="taking", amount_fen=10_00)).code == "00"


def held(bank: Counter, rrn: int = 1, amount_fen: int = 60_00) -> PaymentOrder:
    order = sale(rrn, amount_fen, kind="held")
    assert bank.ask(order).code == "00"
    return order


def spare(bank: Counter) -> int:
    return bank.books.available_fen("card-1")


def test_what_is_held_stays_on_the_account_and_cannot_be_spent_until_it_is_freed() -> None:
    bank = Counter(balance_fen=100_00)
    order = held(bank)
    assert (bank.balance, spare(bank)) == (100_00, 40_00)
    assert bank.ask(sale(2, 40_01)).code == "51"
    assert look(bank, 3).balance_fen == 40_00
    assert bank.ask(undoing(order, 4, kind="freed", amount_fen=59_99)).code == "64"
    freed = undoing(order, 5, kind="freed", terminal_no="10000002")
    assert (bank.ask(freed).code, spare(bank)) == ("00", 100_00)
    assert bank.ask(undoing(order, 6, kind="taken")).code == "12"
    assert (bank.ask(reversal(freed)).code, spare(bank)) == ("00", 40_00)
    assert (bank.ask(reversal(order)).code, spare(bank)) == ("00", 100_00)


def test_more_may_be_held_and_up_to_a_share_of_all_is_taken() -> None:
    bank = Counter(balance_fen=100_00)
    order = held(bank)
    more = undoing(order, 2, kind="more", amount_fen=20_00)
    assert (bank.ask(more).code, spare(bank)) == ("00", 20_00)
    assert bank.ask(undoing(order, 3, kind="more", amount_fen=20_01)).code == "51"
    assert bank.ask(reversal(order)).code == "22"
    assert bank.ask(undoing(order, 4, kind="taken", amount_fen=92_01)).code == "61"
    taken = undoing(order, 5, kind="taken", amount_fen=92_00)
    assert (bank.ask(taken).code, bank.balance, spare(bank)) == ("00", 8_00, 8_00)
    assert (bank.ask(reversal(taken)).code, bank.balance, spare(bank)) == ("00", 100_00, 20_00)
    assert (bank.ask(reversal(more)).code, spare(bank)) == ("00", 40_00)


def test_what_was_taken_and_is_returned_is_held_again_until_it_is_taken_again() -> None:
    bank = Counter(balance_fen=100_00)
    order = held(bank)
    taken = undoing(order, 2, kind="taken")
    returned = undoing(taken, 3, kind="returned")
    assert [bank.ask(taken).code, bank.ask(returned).code] == ["00", "00"]
    assert (bank.balance, spare(bank)) == (100_00, 40_00)
    assert (bank.ask(reversal(returned)).code, bank.balance, spare(bank)) == ("00", 40_00, 40_00)
    again = undoing(taken, 4, kind="returned")
    assert bank.ask(again).code == "00"
    assert bank.ask(undoing(order, 5, kind="taken")).code == "00"
    assert bank.ask(reversal(again)).code == "22", "both would be taken"
    assert (bank.balance, spare(bank)) == (40_00, 40_00)


def test_more_that_was_taken_is_not_given_back_and_more_that_was_not_is() -> None:
    bank = Counter(balance_fen=500_00)
    order = held(bank, amount_fen=100_00)
    first = undoing(order, 2, kind="more", amount_fen=100_00)
    second = undoing(order, 3, kind="more", amount_fen=10_00)
    taken = undoing(order, 4, kind="taken", amount_fen=230_00)
    assert [bank.ask(asked).code for asked in (first, second, taken)] == ["00", "00", "00"]
    assert bank.ask(reversal(first)).code == "22", "230.00 would be taken of 110.00"
    assert bank.ask(reversal(second)).code == "00", "230.00 are the allowed share of 200.00"
    assert (bank.balance, spare(bank)) == (270_00, 270_00)


def test_what_was_taken_is_not_let_stand_again_above_what_is_left_or_of_what_is_reversed() -> None:
    for less in (True, False):
        bank = Counter(balance_fen=500_00)
        order = held(bank, amount_fen=100_00)
        more = undoing(order, 2, kind="more", amount_fen=100_00)
        taken = undoing(order, 3, kind="taken", amount_fen=230_00)
        returned = undoing(taken, 4, kind="returned")
        assert [bank.ask(asked).code for asked in (more, taken, returned, reversal(more))] == ["00"] * 4
        if not less:
            assert bank.ask(reversal(order)).code == "00"
        assert bank.ask(reversal(returned)).code == "22"
        assert (bank.balance, spare(bank)) == (500_00, 400_00 if less else 500_00)


def test_the_rows_of_a_batch_include_what_undoes_an_original(tmp_path: Path) -> None:
    set_up(tmp_path)
    bank = Counter(balance_fen=500_00)
    order = held(bank)
    more = undoing(order, 2, kind="more", amount_fen=20_00)
    taken = undoing(order, 3, kind="taken", amount_fen=92_00)
    assert [bank.ask(asked).code for asked in (more, taken)] == ["00", "00"]
    connection = open_bank_file(tmp_path)
    store.begin(connection)
    bank.books.changed_accounts.clear()
    bank.books.postings.clear()
    store.write(connection, bank.books)
    store.commit(connection)
    found = store.load(connection, [reversal(more)])
    connection.close()
    assert found.payments.keys() == {order.identity, more.identity, taken.identity}


def test_money_that_was_given_back_and_spent_is_taken_again_all_the_same() -> None:
    bank = Counter(balance_fen=30_00)
    order = sold(bank)
    undo = undoing(order)
    assert bank.ask(undo).code == "00"
    assert bank.ask(sale(3, 30_00)).code == "00"
    assert (bank.ask(reversal(undo)).code, bank.balance) == ("00", -30_00)


def look(bank: Counter, rrn: int, kind: str = "looking", **changes: object) -> Decision:
    return bank.ask(sale(rrn, 0, kind=kind, **changes))  # type: ignore[arg-type]  # values of many types


def test_an_inquiry_tells_the_balance_to_whoever_knows_the_pin() -> None:
    bank = Counter(balance_fen=0)
    told = look(bank, 1, "balance")
    assert (told.code, told.balance_fen, told.posting) == ("00", 0, None)
    refused = look(bank, 2, "balance", pin_block=None)
    assert (refused.code, refused.balance_fen) == ("55", None)


def test_a_look_into_the_account_moves_nothing_and_needs_the_pin_even_for_a_tap() -> None:
    bank = Counter(balance_fen=70_00)
    told = look(bank, 1)
    assert (told.code, told.balance_fen, told.posting, bank.balance) == ("00", 70_00, None, 70_00)
    assert look(bank, 1).balance_fen == 70_00
    refused = look(bank, 2, pin_block=None, entry_mode="072")
    assert (refused.code, refused.balance_fen) == ("55", None)


def test_a_bank_of_the_version_before_is_opened_with_its_payments_and_agrees(tmp_path: Path) -> None:
    set_up(tmp_path)
    connection = open_durable(database_path(tmp_path))
    for index in ("payments_by_terminal", "payments_held", "payments_by_code"):
        connection.execute(f"DROP INDEX {index}")
    for column in ("kind", "original_identity", "undone_by", "adjusted_fen", "code_id"):
        connection.execute(f"ALTER TABLE payments DROP COLUMN {column}")
    connection.execute("ALTER TABLE accounts DROP COLUMN held_fen")
    phones = connection.execute("SELECT count(*) FROM phones").fetchone()
    connection.execute("DROP TABLE phones")
    connection.execute("DROP TABLE scripts")
    old = ", ".join(
        f"'{value}'" for value in ("a-1", "a", "1", "refused", "", "", "", 5, "m", "t", "1", "", "51", "x", "", "")
    )
    connection.execute(f"INSERT INTO payments VALUES ({old}, NULL, 1, NULL)")
    connection.execute("PRAGMA user_version=1")
    connection.close()
    (kept,) = queries.payments(tmp_path)
    assert (kept.kind, kept.original_identity, kept.undone_by, kept.amount_fen) == ("sale", "", "", 5)
    again = open_bank_file(tmp_path)
    assert again.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
    assert again.execute("SELECT count(DISTINCT phone) FROM phones").fetchone() == phones
    again.close()
    assert queries.differences(tmp_path) == []


def test_every_kind_that_holds_money_stands_in_the_index_of_holds() -> None:
    """Or the bank would look through all payments each hour; a holding kind that is new needs the index anew, and a migration."""
    (index,) = [line for line in TABLES.split(";") if "payments_held" in line]
    assert HOLDING.strip("()") in index
    with sqlite3.connect(":memory:") as connection:
        connection.executescript(TABLES)
        ((*_, plan),) = connection.execute(f"EXPLAIN QUERY PLAN {_LOAD_HELD}", (0, 1))
    assert "payments_held" in plan
