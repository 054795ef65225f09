"""Answers that are kept for repeats."""

from ....basics.numbers import BatchNo, MerchantNo, TerminalNo, TraceNo, UnixMs
from .record import Record

__all__ = ["KEYS_MARK_BYTES", "AnswerKey", "StoredAnswer", "mark_of_keys"]

AnswerKey = tuple[MerchantNo, TerminalNo, BatchNo, TraceNo, str]


KEYS_MARK_BYTES = 8
"""The end of a fingerprint: the mark of the MAC key that fitted."""


def mark_of_keys(mac_key: str) -> bytes:
    """The mark of a MAC key: the end of its block; of no key nothing."""
    return bytes.fromhex(mac_key[-2 * KEYS_MARK_BYTES :])


class StoredAnswer(Record, frozen=True, kw_only=True):
    """The answer to an operator message, for repeats from the same terminal."""

    KEY = ("merchant_no", "terminal_no", "batch_no", "trace_no", "message_class")

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    batch_no: BatchNo
    trace_no: TraceNo
    message_class: str
    """60.3 of the message: 401, 402, 403."""
    fingerprint: bytes
    """What tells a repeat: hashes of the business fields and of the passwords, and a mark of the MAC key (`host/wire/repeats.py`).
    The mark alone where the answer was forgotten: under these keys the number was used."""
    response_code: str
    tags: bytes
    """Field 62 of the answer."""
    made_ms: UnixMs


RECORDS: tuple[type[Record], ...] = (StoredAnswer,)
"""In the order of writing."""
