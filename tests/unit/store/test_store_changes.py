"""The changes of a unit are joined row by row and ordered by table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.store_rows import counter, merchant, operator, payment, session, terminal

from zhanggui.acquirer.rows.records import Counter, Merchant, Operator, Payment, Session, Terminal, key_of
from zhanggui.acquirer.rows.state import Change, Insert, Update
from zhanggui.basics.errors import Defect
from zhanggui.store.changes import join_changes


def test_tables_come_in_one_order_whatever_the_order_of_the_changes() -> None:
    changes: list[Change] = [
        Update(counter(1)),
        Insert(payment()),
        Insert(session()),
        Update(operator()),
        Insert(terminal()),
        Insert(merchant()),
    ]
    expected = [Merchant, Terminal, Operator, Session, Payment, Counter]
    assert [writes.kind for writes in join_changes(changes)] == expected
    assert [writes.kind for writes in join_changes(changes[::-1])] == expected


def test_an_insert_and_its_updates_are_one_insert_of_the_last() -> None:
    (writes,) = join_changes([Insert(counter(1)), Update(counter(2)), Update(counter(3))])
    assert writes.inserts == [counter(3)]
    assert writes.updates == []


def test_updates_of_one_row_are_one_update_of_the_last() -> None:
    (writes,) = join_changes([Update(counter(1)), Update(counter(2))])
    assert writes.updates == [counter(2)]
    assert writes.inserts == []


@pytest.mark.parametrize("first", [Insert(counter(1)), Update(counter(1))])
def test_an_insert_after_another_change_of_its_row_is_a_defect(first: Change) -> None:
    with pytest.raises(Defect, match="Counter"):
        list(join_changes([first, Insert(counter(2))]))


def test_no_changes_are_no_writes() -> None:
    assert list(join_changes([])) == []


@given(st.lists(st.tuples(st.sampled_from(["1", "2", "3"]), st.integers(0, 99))))
def test_joined_changes_leave_the_rows_that_one_by_one_would(steps: list[tuple[str, int]]) -> None:
    rows: dict[str, int] = {}
    changes: list[Change] = []
    for shop, value in steps:
        changes.append((Update if shop in rows else Insert)(counter(value, shop)))
        rows[shop] = value
    written = [record for writes in join_changes(changes) for record in writes.inserts]
    assert {key_of(record)[0]: record for record in written} == {
        shop: counter(value, shop) for shop, value in rows.items()
    }
