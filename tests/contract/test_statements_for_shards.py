"""Every statement and table of ours is one that a distributed PostgreSQL takes; and each fault, planted, is found."""

import pytest
from sqlalchemy import Column, Identity, Index, MetaData, Table, Text
from tests.worlds.statement_law import PARAMETERS_MAX, broken, broken_by_statement, broken_by_tables

from zhanggui.acquirer.rows.records import ALL_RECORDS, Payment
from zhanggui.store import postgres
from zhanggui.store.postgres import HOT_STATEMENTS, RARE_STATEMENTS
from zhanggui.store.postgres_writes import insert_rows_max, insert_text, update_rows_max, update_text
from zhanggui.store.rows import SHAPES
from zhanggui.store.tables import metadata

PAYMENTS = ("payments",)


def test_each_hot_statement_names_its_merchants_in_every_from_and_no_table_reaches_over_all() -> None:
    assert broken(HOT_STATEMENTS, metadata) == []


def test_statements_that_run_now_and_then_lock_nothing_across_merchants() -> None:
    assert [
        wrong for text in RARE_STATEMENTS.values() for wrong in broken_by_statement(text, metadata.tables, is_hot=False)
    ] == []


def test_the_walk_misses_no_statement_of_the_store() -> None:
    texts = {
        text
        for name, value in vars(postgres).items()
        if name.startswith("_") and name.isupper()
        for text in (value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else [value])
        if isinstance(text, str) and any(word in text for word in ("SELECT ", "UPDATE ", "INSERT ", "DELETE "))
    }
    assert texts == {*HOT_STATEMENTS.values(), *RARE_STATEMENTS.values()} - {
        HOT_STATEMENTS[f"{what} {kind.__name__}"] for kind in ALL_RECORDS for what in ("insert", "update")
    }


@pytest.mark.parametrize("kind", ALL_RECORDS)
def test_the_longest_insert_and_update_are_within_the_bound_and_take_as_many_rows_as_fit(kind: type) -> None:
    rows, width = insert_rows_max(kind), len(SHAPES[kind].columns)
    assert rows * width <= PARAMETERS_MAX < (rows + 1) * width
    assert insert_text(kind, rows).count("$") == rows * width
    rows = update_rows_max(kind)
    assert update_text(kind, rows).count("$") == rows * width + 1 <= PARAMETERS_MAX


def test_a_planted_statement_without_a_merchant_is_found() -> None:
    planted = "SELECT payments.rrn FROM payments WHERE payments.rrn = %s"
    assert broken_by_statement(planted, PAYMENTS) == ["payments: no merchant_no where the planner looks"]
    nested = (
        "SELECT payments.rrn FROM payments WHERE payments.merchant_no = ANY (%s::TEXT[]) AND (payments.rrn) IN "
        "(SELECT payments.rrn FROM payments WHERE payments.rrn = %s UNION SELECT payments.rrn FROM payments "
        "WHERE payments.merchant_no = %s)"
    )
    assert broken_by_statement(nested, PAYMENTS) == ["payments: no merchant_no where the planner looks"]
    joined = "SELECT 1 FROM sessions JOIN payments ON payments.session_no = sessions.session_no WHERE sessions.merchant_no = %s"
    assert broken_by_statement(joined, ("payments", "sessions")) == ["payments: no merchant_no where the planner looks"]


@pytest.mark.parametrize(
    ("inner", "outer", "is_found"),
    [
        ("undoing.merchant_no = payments.merchant_no", "payments.merchant_no = %s", False),
        ("undoing.trace_no = payments.undone_by_trace_no", "payments.merchant_no = %s", True),
        ("undoing.merchant_no = payments.merchant_no", "payments.rrn = %s", True),
    ],
)
def test_a_sub_select_stays_with_the_merchant_of_its_outer_row(inner: str, outer: str, is_found: bool) -> None:
    planted = (
        f"SELECT payments.rrn FROM payments WHERE {outer}"
        f" AND NOT EXISTS (SELECT 1 FROM payments AS undoing WHERE {inner} AND undoing.state = 'approved')"
    )
    assert bool(broken_by_statement(planted, PAYMENTS)) == is_found


def test_a_planted_lock_across_merchants_is_found() -> None:
    planted = (
        "SELECT payments.rrn FROM payments WHERE (payments.merchant_no, payments.rrn) IN (SELECT g.merchant_no, g.rrn FROM "
        "unnest(%s::TEXT[], %s::TEXT[]) AS g(merchant_no, rrn)) ORDER BY payments.rrn FOR UPDATE"
    )
    assert "payments: a lock across merchants" in broken_by_statement(planted, PAYMENTS, is_hot=False)


def test_a_planted_unique_key_without_the_merchant_is_found() -> None:
    planted = MetaData()
    table = Table("payments", planted, Column("merchant_no", Text, primary_key=True), Column("rrn", Text))
    Index("uq_payments_rrn", table.c.rrn, unique=True)
    assert broken_by_tables(planted) == ["payments: uq_payments_rrn is unique over all merchants"]


def test_a_planted_sequence_is_found() -> None:
    planted = MetaData()
    Table("payments", planted, Column("merchant_no", Text, primary_key=True), Column("number", Text, Identity()))
    assert broken_by_tables(planted) == ["payments.number: a sequence: one number for all shards"]
    statement = "INSERT INTO payments (merchant_no, number) VALUES (%s, nextval('numbers'))"
    assert broken_by_statement(statement, PAYMENTS) == ["a sequence: one number for all shards"]


def test_a_planted_parameter_list_without_a_bound_is_found() -> None:
    too_many = insert_text(Payment, insert_rows_max(Payment) + 1)
    assert broken_by_statement(too_many, PAYMENTS) == ["a parameter list without a bound"]
    expanding = (
        "SELECT payments.rrn FROM payments WHERE payments.merchant_no = %s AND payments.rrn IN (__[POSTCOMPILE_rrn])"
    )
    assert broken_by_statement(expanding, PAYMENTS) == ["a parameter list without a bound"]
