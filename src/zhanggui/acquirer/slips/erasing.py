"""When a document's contents go: on demand, with a note of who asked and why; and when its time is over. Its row stays."""

from msgspec.structs import replace

from ...basics.numbers import MerchantNo, UnixMs
from ..policy.actors import NOT_PERMITTED, Actor, may_manage, noted
from ..rows.decision import Decision
from ..rows.records import Counter, Document, ErasedWhy
from ..rows.state import Change, Needs, State, Update

ERASE_DOCUMENT = "erase_document"
UNKNOWN_DOCUMENT, DOCUMENT_GONE = "unknown_document", "document_gone"


def document_needs(merchant_no: MerchantNo, document_id: str) -> Needs:
    """The rows that an erasure needs."""
    return Needs({Document: [(merchant_no, document_id)], Counter: [(merchant_no, "note")]})


def emptied(document: Document, why: ErasedWhy, now: UnixMs) -> Document:
    """The document without its contents."""
    return replace(document, sealed=b"", erased_ms=now, erased_why=why)


def decide_erase_document(state: State, merchant_no: MerchantNo, document_id: str, by: Actor, now: UnixMs) -> Decision:
    """Take the contents away. The note names the document, which says nothing of what it held."""
    if not may_manage(by, ERASE_DOCUMENT):
        return Decision(reason=NOT_PERMITTED)
    document = state.get(Document, merchant_no, document_id)
    if document is None:
        return Decision(reason=UNKNOWN_DOCUMENT)
    if document.erased_ms is not None:
        return Decision(reason=DOCUMENT_GONE)
    note = noted(state, merchant_no, by, ERASE_DOCUMENT, document_id, document.kind, now)
    return Decision(changes=(Update(emptied(document, "asked", now)), *note))


def expire(document: Document | None, now: UnixMs) -> Change | None:
    """What becomes of a document whose time may be over; None while it is not, or where it is gone already."""
    if document is None or document.erased_ms is not None or now < document.until_ms:
        return None
    return Update(emptied(document, "expired", now))
