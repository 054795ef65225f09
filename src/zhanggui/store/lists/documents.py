"""Sealed documents and what they belong to; never their contents in clear."""

from collections.abc import Sequence

from sqlalchemy import select

from ...acquirer.rows.records import Document, PaymentSignature, SlipLink
from ..tables import TABLE_OF
from .filters import ANYWHERE, PlaceFilter
from .reader import ROWS_MAX, Reader, chosen_where, equal

documents = TABLE_OF[Document]
signatures = TABLE_OF[PaymentSignature]
slip_links = TABLE_OF[SlipLink]


class DocumentQueries(Reader):
    """Sealed documents and what they belong to; never their contents in clear."""

    def list_documents(self, wanted: PlaceFilter = ANYWHERE) -> list[Document]:
        """Documents, newest first; their contents are sealed."""
        chosen = chosen_where(select(documents), equal(documents.c.merchant_no, wanted.merchant_no))
        return self.records(Document, chosen.order_by(documents.c.kept_ms.desc(), *documents.primary_key), wanted.limit)

    def document(self, document_id: str) -> Document | None:
        """The document of this number."""
        found = self.records(Document, select(documents).where(documents.c.document_id == document_id), 1)
        return found[0] if found else None

    def signatures_of(self, documents_wanted: Sequence[str]) -> dict[str, PaymentSignature]:
        """Which payment each of these documents was signed for."""
        chosen = select(signatures).where(signatures.c.document_id.in_(documents_wanted))
        return {row.document_id: row for row in self.records(PaymentSignature, chosen, ROWS_MAX)}

    def slip_links_of(self, documents_wanted: Sequence[str]) -> dict[str, SlipLink]:
        """Which payment each of these documents is the slip of."""
        chosen = select(slip_links).where(slip_links.c.document_id.in_(documents_wanted))
        return {row.document_id: row for row in self.records(SlipLink, chosen, ROWS_MAX)}
