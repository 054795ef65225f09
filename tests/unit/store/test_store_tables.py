"""Tables and records can't drift apart; rows and records are the same values in the same order."""

import msgspec
import pytest
from sqlalchemy import BigInteger, LargeBinary, Text
from tests.contract.store_rows import ONE_OF_EACH

from zhanggui.acquirer.rows.records import ALL_RECORDS, Record, key_of
from zhanggui.store.rows import SHAPES, write_row
from zhanggui.store.tables import TABLE_OF, metadata, plain_type

COLUMN_TYPES = {str: Text, int: BigInteger, bytes: LargeBinary}


def test_every_record_has_a_table_and_every_table_a_record() -> None:
    assert set(TABLE_OF) == set(ALL_RECORDS)
    assert {table.name for table in TABLE_OF.values()} == set(metadata.tables)


@pytest.mark.parametrize("record", ALL_RECORDS)
def test_a_table_has_its_records_fields_in_order_with_their_types(record: type[Record]) -> None:
    fields = [(field.name, *plain_type(field.type)) for field in msgspec.structs.fields(record)]
    columns = TABLE_OF[record].columns
    assert [column.name for column in columns] == [name for name, _, _ in fields]
    assert [(column.name, column.nullable) for column in columns] == [(name, nullable) for name, _, nullable in fields]
    for column, (name, kind, _) in zip(columns, fields, strict=True):
        assert type(column.type) is COLUMN_TYPES[kind], name
        assert column.server_default is None, "a record is written whole; the database fills nothing in"


@pytest.mark.parametrize("record", ALL_RECORDS)
def test_a_tables_primary_key_is_its_records_key_and_the_merchant_leads(record: type[Record]) -> None:
    key = tuple(column.name for column in TABLE_OF[record].primary_key)
    assert key == record.KEY
    assert key[0] == "merchant_no"


@pytest.mark.parametrize("record", ONE_OF_EACH, ids=lambda record: type(record).__name__)
def test_a_row_becomes_the_same_record_again(record: Record) -> None:
    shape = SHAPES[type(record)]
    row = write_row(record)
    assert shape.read(row) == record
    assert shape.key_of_row(row) == key_of(record)
    assert shape.key_of(record) == key_of(record)
