"""Sealed documents (密封文件): of which payment, how large, until when; never their contents."""

from collections.abc import Sequence

import msgspec

from ..acquirer.rows.records import Document, PaymentSignature, SlipLink
from ..basics.words import Lang
from ..store.queries import PlaceFilter, Queries
from .listing import NOTHING, Column, View, iso, short_time, word_of


class DocumentRow(msgspec.Struct, frozen=True, kw_only=True):
    """One document."""

    merchant_no: str
    document_id: str
    kind: str
    terminal_no: str
    batch_no: str
    trace_no: str
    """With the two before it the payment that it belongs to; empty where it belongs to none."""
    size_bytes: int
    state: str
    """`kept`, or why its contents are gone: `expired`, `asked`."""
    kept: str | None
    until: str | None
    erased: str | None
    opened: int | None
    """How often a customer opened a slip; None for what no customer opens."""


def read_documents(queries: Queries, wanted: PlaceFilter) -> list[DocumentRow]:
    """Documents, newest first."""
    return _rows(queries, queries.list_documents(wanted))


def _rows(queries: Queries, documents: Sequence[Document]) -> list[DocumentRow]:
    ids = [one.document_id for one in documents]
    links = queries.slip_links_of(ids)
    belongs: dict[str, PaymentSignature | SlipLink] = {**queries.signatures_of(ids), **links}
    rows = []
    for one in documents:
        of, link = belongs.get(one.document_id), links.get(one.document_id)
        rows.append(
            DocumentRow(
                merchant_no=one.merchant_no,
                document_id=one.document_id,
                kind=one.kind,
                terminal_no=of.terminal_no if of is not None else "",
                batch_no=of.batch_no if of is not None else "",
                trace_no=of.trace_no if of is not None else "",
                size_bytes=one.size_bytes,
                state=one.erased_why or "kept",
                kept=iso(one.kept_ms),
                until=iso(one.until_ms),
                erased=iso(one.erased_ms),
                opened=link.opened if link is not None else None,
            )
        )
    return rows


def _of(row: DocumentRow, lang: Lang) -> str:
    return f"{row.terminal_no} {row.batch_no}/{row.trace_no}" if row.trace_no else NOTHING


DOCUMENTS = View(
    "documents",
    DocumentRow,
    (
        Column("kept", lambda row, lang: short_time(row.kept)),
        Column("kind", lambda row, lang: word_of(f"documents.kind.{row.kind}", lang)),
        Column("of", _of),
        Column("size", lambda row, lang: str(row.size_bytes), is_amount=True),
        Column("state", lambda row, lang: word_of(f"documents.state.{row.state}", lang)),
        Column("opened", lambda row, lang: str(row.opened) if row.opened is not None else NOTHING, is_wide=True),
        Column("until", lambda row, lang: short_time(row.until), is_wide=True),
        Column("id", lambda row, lang: row.document_id),
    ),
)
