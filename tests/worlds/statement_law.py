"""What a distributed PostgreSQL asks of our statements and tables, read from their texts: no such database is needed.

It spreads rows by `merchant_no`. So a hot statement names the merchants for each table that it touches, where the planner looks
(`= …` or `= ANY (…)`, not in `unnest`), else every shard is asked, and a lock is refused; and no key, number or statement
may reach over all merchants (what was tried: statements refused word for word with 0A000).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Column, MetaData, Table, UniqueConstraint

PARAMETERS_MAX = 65_535
"""Of one statement, by PostgreSQL's protocol."""
_COLUMNS = re.compile(r"(?<=\bSET\b).*?(?=\bFROM\b)|\bAS given\([^)]*\)", re.DOTALL)
"""Where columns stand one after another: a column may be called as a table is."""
_PLACE = re.compile(r"%s|\$\d+")
_TOUCHED = re.compile(r"\b(?:FROM|JOIN|UPDATE|INTO|,)\s+(?:ONLY\s+)?\"?([a-z_]+)\b(?!\.)", re.IGNORECASE)


def broken_by_statement(statement: str, tables: Iterable[str], *, is_hot: bool = True) -> list[str]:
    """What is wrong with one statement, as sentences. `is_hot`: it is run for each batch, not now and then."""
    wrong = []
    names = set(tables)
    whole = " ".join(statement.split())
    for scope in _scopes(whole):
        unnamed = [
            table
            for table in _touched(scope)
            if table in names and not (_names_merchants(scope, table) or _follows_an_outer_row(scope, table, whole))
        ]
        if unnamed and is_hot:
            wrong.append(f"{', '.join(unnamed)}: no merchant_no where the planner looks")
        if unnamed and re.search(r"\bFOR (NO KEY )?(UPDATE|SHARE)\b", scope, re.IGNORECASE):
            wrong.append(f"{', '.join(unnamed)}: a lock across merchants")
    if re.search(r"\bnextval\b|\bcurrval\b", statement, re.IGNORECASE):
        wrong.append("a sequence: one number for all shards")
    if "POSTCOMPILE" in statement or len(_PLACE.findall(statement)) > PARAMETERS_MAX:
        wrong.append("a parameter list without a bound")
    return wrong


def broken_by_tables(metadata: MetaData) -> list[str]:
    """What is wrong with the tables, as sentences."""
    return [wrong for table in metadata.tables.values() for wrong in _broken_by_table(table)]


def _broken_by_table(table: Table) -> Iterator[str]:
    keys: list[tuple[object, Iterable[Column[Any]]]] = [("primary key", table.primary_key.columns)]
    keys += [(index.name, index.columns) for index in table.indexes if index.unique]
    keys += [(one.name, one.columns) for one in table.constraints if isinstance(one, UniqueConstraint)]
    for name, columns in keys:
        if "merchant_no" not in {column.name for column in columns}:
            yield f"{table.name}: {name} is unique over all merchants"
    for column in table.columns:
        numbered = (
            column.identity is not None or column.autoincrement is True or type(column.default).__name__ == "Sequence"
        )
        if numbered or "nextval" in str(getattr(column.server_default, "arg", "")):
            yield f"{table.name}.{column.name}: a sequence: one number for all shards"


def broken(statements: Mapping[str, str], metadata: MetaData) -> list[str]:
    """Everything that is wrong with these hot statements and their tables."""
    return [
        *(
            f"{name}: {wrong}"
            for name, text in statements.items()
            for wrong in broken_by_statement(text, metadata.tables)
        ),
        *broken_by_tables(metadata),
    ]


def _scopes(statement: str) -> list[str]:
    """The statement and each of its sub-selects and union arms, each without what is nested in it."""
    found: list[str] = []
    stack = [""]
    for character in statement:
        if character == "(":
            stack.append("")
        elif character == ")" and len(stack) > 1:
            inner = stack.pop()
            if re.match(r"\s*SELECT\b", inner, re.IGNORECASE):
                found.append(inner)
                stack[-1] += "(…)"
            else:
                stack[-1] += f"({inner})"
        else:
            stack[-1] += character
    return [arm for scope in [stack[0], *found] for arm in re.split(r"\bUNION(?: ALL)?\b", scope, flags=re.IGNORECASE)]


def _touched(scope: str) -> list[str]:
    # INSERT … VALUES names its merchants in the rows themselves.
    if re.match(r"\s*INSERT\b", scope, re.IGNORECASE):
        columns = scope.partition("(")[2].partition(")")[0]
        return [] if "merchant_no" in columns else _TOUCHED.findall(scope)[:1]
    return _TOUCHED.findall(_COLUMNS.sub(" ", re.sub(r"\bFOR UPDATE\b", "", scope)))


def _follows_an_outer_row(scope: str, table: str, whole: str) -> bool:
    """A sub-select about the merchant of an outer row stays in that row's shard, where the outer table names its merchants."""
    alias = re.search(rf"\bFROM {table} AS (\w+)", scope)
    outer = re.search(rf"\b{alias[1]}\.merchant_no = (\w+)\.merchant_no\b", scope) if alias is not None else None
    return outer is not None and _names_merchants(whole, outer[1])


def _names_merchants(scope: str, table: str) -> bool:
    return re.search(rf"\b{table}\.merchant_no = (?:ANY \(|%s|\$\d)", scope) is not None
