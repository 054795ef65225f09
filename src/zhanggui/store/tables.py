"""The tables: one for each record of `acquirer/rows/records/`, made from its fields (`facts.py` adds indexes and checks).

Only three types, the same in SQLite and PostgreSQL: text, whole number (64 bits), bytes. SQLite tables are STRICT, so that
both databases refuse what is of another type. `merchant_no` leads each primary key, so that rows can be spread over machines by it.
A database is made by the migrations, never from here; a test compares what both make, word for word.
"""

import re
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, LargeBinary, MetaData, Table, Text, text
from sqlalchemy.types import TypeEngine

from ..acquirer.rows.records import ALL_RECORDS, Record
from .facts import IndexFact, facts_of

NAMING = {
    "pk": "pk_%(table_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
}
WHOLE_NUMBER = BigInteger().with_variant(Integer(), "sqlite")
"""64 bits in both; STRICT tables of SQLite know the word INTEGER only."""
COLUMN_TYPES: dict[type, TypeEngine[Any]] = {str: Text(), int: WHOLE_NUMBER, bytes: LargeBinary()}

metadata = MetaData(naming_convention=NAMING)


def table_name(record: type[Record]) -> str:
    """The record's name in small letters and the plural, or the one that `facts.py` gives.

    >>> from zhanggui.acquirer.rows.records import Heard, SignIn
    >>> table_name(SignIn), table_name(Heard)
    ('sign_ins', 'terminals_heard')
    """
    return facts_of(record).table or re.sub(r"(?<!^)(?=[A-Z])", "_", record.__name__).lower() + "s"


def plain_type(annotation: Any) -> tuple[type, bool]:
    """The Python type below names and words, and whether None is allowed.

    >>> plain_type(Literal["open", "closed"]), plain_type(int | None)
    ((<class 'str'>, False), (<class 'int'>, True))
    """
    while hasattr(annotation, "__supertype__"):
        annotation = annotation.__supertype__
    if get_origin(annotation) in (UnionType, Union):
        (arm,) = (arm for arm in get_args(annotation) if arm is not NoneType)
        return plain_type(arm)[0], True
    if get_origin(annotation) is Literal:
        (kind,) = {type(word) for word in get_args(annotation)}
        return kind, False
    return annotation, False


def _table(record: type[Record]) -> Table:
    hints, facts = get_type_hints(record), facts_of(record)
    # Only a table without row numbers says so: the word would stand in each statement that makes one.
    options: dict[str, Any] = {"sqlite_with_rowid": False} if facts.stands_in_key_tree else {}
    return Table(
        table_name(record),
        metadata,
        *(_column(name, hints[name], name in record.KEY) for name in record.__struct_fields__),
        *(CheckConstraint(condition, name=name) for name, condition in facts.checks),
        *map(_index, facts.indexes),
        sqlite_strict=True,
        **options,
    )


def _column(name: str, annotation: Any, is_key: bool) -> Column[Any]:
    kind, nullable = plain_type(annotation)
    return Column(name, COLUMN_TYPES[kind], primary_key=is_key, nullable=nullable, autoincrement=False)


def _index(fact: IndexFact) -> Index:
    if not fact.where:
        return Index(fact.name, *fact.columns, unique=fact.unique)
    where = text(fact.where)
    return Index(fact.name, *fact.columns, unique=fact.unique, sqlite_where=where, postgresql_where=where)


TABLE_OF: dict[type[Record], Table] = {record: _table(record) for record in ALL_RECORDS}
