"""Who may open a document, and when its contents go: on demand, or when its time is over. Both acts leave a note of who; its row stays."""

from msgspec.structs import replace

from ...basics.errors import certain
from ...basics.numbers import MerchantNo, UnixMs
from ..policy.actors import NOT_PERMITTED, Actor, may_manage, noted
from ..rows.decision import Decision
from ..rows.reasons import Reason
from ..rows.records import Counter, Document, ErasedWhy
from ..rows.state import Change, Needs, State, Update

ERASE_DOCUMENT, OPEN_DOCUMENT = "erase_document", "open_document"
UNKNOWN_DOCUMENT, DOCUMENT_GONE = "unknown_document", "document_gone"


def document_needs(merchant_no: MerchantNo, document_id: str) -> Needs:
    """The rows that an erasure needs."""
    return Needs({Document: [(merchant_no, document_id)], Counter: [(merchant_no, "note")]})


def emptied(document: Document, why: ErasedWhy, now: UnixMs) -> Document:
    """The document without its contents."""
    return replace(document, sealed=b"", erased_ms=now, erased_why=why)


def decide_erase_document(state: State, merchant_no: MerchantNo, document_id: str, by: Actor, now: UnixMs) -> Decision:
    """Take the contents away. The note names the document, which says nothing of what it held."""
    why_not = _against(state, merchant_no, document_id, by, ERASE_DOCUMENT)
    if why_not:
        return Decision(reason=why_not)
    document = certain(state.get(Document, merchant_no, document_id), "nothing is against it")
    note = noted(state, merchant_no, by, ERASE_DOCUMENT, document_id, document.kind, now)
    return Decision(changes=(Update(emptied(document, "asked", now)), *note))


def decide_open_document(state: State, merchant_no: MerchantNo, document_id: str, by: Actor, now: UnixMs) -> Decision:
    """Let somebody see the contents: it stands in the chain before they do."""
    why_not = _against(state, merchant_no, document_id, by, OPEN_DOCUMENT)
    if why_not:
        return Decision(reason=why_not)
    document = certain(state.get(Document, merchant_no, document_id), "nothing is against it")
    return Decision(changes=noted(state, merchant_no, by, OPEN_DOCUMENT, document_id, document.kind, now))


def _against(state: State, merchant_no: MerchantNo, document_id: str, by: Actor, right: str) -> Reason:
    """Why this one may not, or there are no contents; empty when nothing is against it."""
    if not may_manage(by, right):
        return NOT_PERMITTED
    document = state.get(Document, merchant_no, document_id)
    if document is None:
        return UNKNOWN_DOCUMENT
    return DOCUMENT_GONE if document.erased_ms is not None else ""


def expire(document: Document | None, now: UnixMs) -> Change | None:
    """What becomes of a document whose time may be over; None while it is not, or where it is gone already."""
    if document is None or document.erased_ms is not None or now < document.until_ms:
        return None
    return Update(emptied(document, "expired", now))
