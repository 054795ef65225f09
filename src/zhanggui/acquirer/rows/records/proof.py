"""What proves the other records: salts, links of the chain, its heads, signatures, notes of management."""

from ....basics.numbers import MerchantNo, UnixMs
from .record import Record

__all__ = ["AuditNote", "ChainHead", "Checkpoint", "Link", "Salt", "SaltKey"]

SaltKey = tuple[MerchantNo, str, int]


class Salt(Record, frozen=True, kw_only=True):
    """What blinds the commitments to one provable record; erased when the record's personal data are (see `chain.py`)."""

    KEY = ("merchant_no", "record_kind", "record_no")

    merchant_no: MerchantNo
    record_kind: str
    record_no: int
    salt: bytes


class Link(Record, frozen=True, kw_only=True):
    """One change of a provable record, in its merchant's chain. Links are never changed and never dropped."""

    KEY = ("merchant_no", "link_no")

    merchant_no: MerchantNo
    link_no: int
    """From 1, without a gap."""
    record_kind: str
    record_no: int
    event: str
    """What happened to the record: the state that it took, or `erased`, `pruned`."""
    commitment: bytes
    """Salted hash of the record's contents as they were then, 32 bytes; zeros when the contents were dropped."""
    previous: bytes
    """Hash of the link before, 32 bytes; zeros in the first."""
    hash: bytes
    made_ms: UnixMs


class ChainHead(Record, frozen=True, kw_only=True):
    """Where a merchant's chain ends, and how far a checkpoint has signed it."""

    KEY = ("merchant_no",)

    merchant_no: MerchantNo
    link_no: int
    hash: bytes
    signed_no: int = 0
    """Link of the last checkpoint; 0 when there is none."""
    signed_ms: UnixMs
    """When that was made; when the chain began, while there is none."""


class Checkpoint(Record, frozen=True, kw_only=True):
    """The host's signature over how long a merchant's chain was at an instant, and what it ended in."""

    KEY = ("merchant_no", "link_no")

    merchant_no: MerchantNo
    link_no: int
    head_hash: bytes
    made_ms: UnixMs
    signature: bytes
    """Ed25519, 64 bytes."""


class AuditNote(Record, frozen=True, kw_only=True):
    """One act of management: who changed what. It is provable, and holds neither a secret nor a person's name."""

    KEY = ("merchant_no", "note_no")

    merchant_no: MerchantNo
    note_no: int
    actor: str
    """An operator's number, `person:LOGIN` for somebody of the office (two with `+` between, where one proposed and the other
    confirmed), or `console` for whoever holds the data folder and its passphrase."""
    action: str
    """A word of the capability table: add_operator, reset_password, set_policy, …"""
    subject: str
    """What was acted on: an operator's number, a terminal's, a policy rule."""
    detail: str = ""
    """What is worth knowing besides, as words and numbers."""
    made_ms: UnixMs
    reason: str | None = None
    """Why, in the words of whoever acted, where the act asks for it."""


RECORDS: tuple[type[Record], ...] = (
    Salt,
    Link,
    ChainHead,
    Checkpoint,
    AuditNote,
)
"""In the order of writing."""
