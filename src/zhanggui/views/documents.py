"""Sealed documents (密封文件): of which payment, how large, until when; never their contents."""

from collections.abc import Sequence
from typing import get_args

import msgspec

from ..acquirer.rows.records import Document, DocumentKind, ErasedWhy, PaymentSignature, SlipLink
from ..basics.words import Lang
from ..store.lists.asked import Is
from ..store.queries import PlaceFilter, Queries
from .listing import NOTHING, Column, View, iso, short_time, word_of
from .questions.asked_list import AskedList
from .questions.filters import choice, shop, word
from .questions.periods import periods
from .questions.reading import Reading, shops_of
from .questions.sources import Stored


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
    signed = queries.signatures_of(ids)
    return [document_row(one, signed.get(one.document_id), links.get(one.document_id)) for one in documents]


def document_row(one: Document, signature: PaymentSignature | None, link: SlipLink | None) -> DocumentRow:
    """A document as everybody shows it, with the payment that it belongs to."""
    of = link if link is not None else signature
    return DocumentRow(
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


def _asked_rows(reading: Reading, documents: Sequence[Document]) -> list[tuple[DocumentRow, ...]]:
    named = shops_of(documents), Is("document_id", tuple(one.document_id for one in documents))
    links = {one.document_id: one for one in reading.found(SlipLink, *named)}
    signed = {one.document_id: one for one in reading.found(PaymentSignature, *named)}
    return [(document_row(one, signed.get(one.document_id), links.get(one.document_id)),) for one in documents]


DOCUMENTS_ASKED = AskedList(
    view=DOCUMENTS,
    area="documents",
    filters=(
        shop(),
        word("document", "document_id", pattern=r"[0-9a-f]{32,64}", is_guessed=True),
        choice("kind", "kind", get_args(DocumentKind), lambda kind, lang: word_of(f"documents.kind.{kind}", lang)),
        choice(
            "state",
            "erased_why",
            ("kept", *filter(None, get_args(ErasedWhy))),
            lambda state, lang: word_of(f"documents.state.{state}", lang),
            kept={"kept": ""},
        ),
        *periods("kept_ms"),
    ),
    source=Stored(kind=Document, by="kept_ms", rows=_asked_rows),
)
