"""The chain over provable records: each change of one appends a link to its merchant's chain.

    record ──contents, salt──▶ commitment ─┐
                   previous link's hash ───┴─▶ link 1 ─▶ link 2 ─▶ … ─▶ head ──signed──▶ checkpoint

A commitment is blinded by the record's salt, which is kept beside the record and not in the chain. When a person's data are
erased, contents and salt are replaced: the earlier commitments then say nothing any more, and the chain still holds.

Encodings, all fixed for good (a new one gets a new version byte or tag):

contents    byte 0x01, then the record's fields as one JSON object in canonical form (RFC 8785: members sorted by name, no
            white space, UTF-8). Text and whole numbers as they are, bytes in lower-case hexadecimal. A field that is empty is
            left out (None; "" or no bytes; 0 in a field that can't be None), so that fields which later versions add change
            nothing in old records. Numbers stay below 2^53, as RFC 8785 asks.
commitment  HMAC-SHA-256, key: the record's salt (16 bytes), over the contents. 32 zero bytes when there are no contents.
link hash   SHA-256 over "zhanggui link 1" and a zero byte, then link number (8 bytes, big end first), record number (8),
            instant in ms (8), previous hash (32), commitment (32), then merchant, kind and event, each as a length byte and
            UTF-8.
checkpoint  Ed25519 over "zhanggui checkpoint 1" and a zero byte, then link number (8), instant in ms (8), head hash (32),
            then the merchant as a length byte and UTF-8.
"""

import hmac
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from operator import attrgetter
from types import UnionType
from typing import Any, Union, get_args, get_origin

import msgspec

from ...basics.chance import Chance
from ...basics.errors import Defect
from ...basics.numbers import MerchantNo, UnixMs
from ..rows.records import Approval, AuditNote, ChainHead, Checkpoint, Link, Record, Salt, SaltKey, SignIn
from ..rows.state import Change, Delete, Insert, Needs, State, Update

SALT_BYTES = 16
CONTENTS_VERSION = b"\x01"
NO_HASH = bytes(32)
"""Stands before the first link."""
NOTHING = bytes(32)
"""Commitment of a link whose record's contents were dropped."""
ERASED, PRUNED = "erased", "pruned"
"""Events of links: personal data were taken out; the contents were dropped because their time was over."""

Contents = Mapping[str, str | int]
"""A record's fields as they are committed to, without the empty ones."""

_LINK_TAG = b"zhanggui link 1\0"
_CHECKPOINT_TAG = b"zhanggui checkpoint 1\0"
_LINK_HEAD = struct.Struct(">qqq32s32s")
_CHECKPOINT_HEAD = struct.Struct(">qq32s")
_encode_json = msgspec.json.Encoder(order="deterministic").encode


class ProvableKind:
    """How one type of record stands in the chain: its word, its number, the event that a change of it is."""

    __slots__ = ("_has_bytes", "_names", "_nullable", "_values", "event", "number", "number_field", "record", "word")

    def __init__(self, record: type[Any], word: str, number: str, event: Callable[[Any], str]) -> None:
        self.record = record
        self.word = word
        self.number_field = number
        self.number: Callable[[Any], int] = attrgetter(number)
        self.event = event
        kinds = {field.name: field.type for field in msgspec.structs.fields(record)}
        empty = {name: _empty_value(kinds[name]) for name in sorted(kinds)}
        self._names = tuple(empty)
        self._nullable = frozenset(name for name in empty if empty[name] is None)
        self._has_bytes = b"" in empty.values()
        self._values = attrgetter(*self._names)

    def contents(self, record: Any) -> Contents:
        """The fields that are not empty, by name, in order."""
        nullable = self._nullable
        found = {
            name: value
            for name, value in zip(self._names, self._values(record), strict=True)
            if value or (value == 0 and name in nullable)
        }
        if self._has_bytes:
            return {name: value.hex() if type(value) is bytes else value for name, value in found.items()}
        return found


def _empty_value(kind: Any) -> object:
    """What counts as empty in a field of this type; NewTypes and literals stand for what is below them."""
    while hasattr(kind, "__supertype__"):
        kind = kind.__supertype__
    if get_origin(kind) in (UnionType, Union):
        return None
    if get_origin(kind) is not None:
        kind = type(get_args(kind)[0])
    return kind()


SIGN_IN = ProvableKind(SignIn, "sign_in", "record_no", attrgetter("state"))
APPROVAL = ProvableKind(Approval, "approval", "approval_no", lambda row: "given" if row.used_ms is None else "used")
AUDIT_NOTE = ProvableKind(AuditNote, "audit_note", "note_no", attrgetter("action"))
PROVABLE: Mapping[type[Any], ProvableKind] = {kind.record: kind for kind in (SIGN_IN, APPROVAL, AUDIT_NOTE)}
"""The records that are chained, by their type."""
PROVABLE_KINDS: Mapping[str, ProvableKind] = {kind.word: kind for kind in PROVABLE.values()}


def encode_contents(contents: Contents) -> bytes:
    """The bytes that a commitment covers."""
    return CONTENTS_VERSION + _encode_json(contents)


def commit(salt: bytes, contents: Contents) -> bytes:
    """The commitment to these contents."""
    return hmac.digest(salt, encode_contents(contents), "sha256")


def link_hash(
    merchant_no: str,
    link_no: int,
    record_kind: str,
    record_no: int,
    event: str,
    commitment: bytes,
    previous: bytes,
    made_ms: int,
) -> bytes:
    """The hash by which the next link holds this one."""
    head = _LINK_HEAD.pack(link_no, record_no, made_ms, previous, commitment)
    return sha256(_LINK_TAG + head + _texts(merchant_no, record_kind, event)).digest()


def hash_of(link: Link) -> bytes:
    """The hash that a link must bear."""
    return link_hash(
        link.merchant_no,
        link.link_no,
        link.record_kind,
        link.record_no,
        link.event,
        link.commitment,
        link.previous,
        link.made_ms,
    )


def checkpoint_bytes(merchant_no: str, link_no: int, head_hash: bytes, made_ms: int) -> bytes:
    """What a checkpoint's signature covers."""
    return _CHECKPOINT_TAG + _CHECKPOINT_HEAD.pack(link_no, made_ms, head_hash) + _texts(merchant_no)


def sign_checkpoint(head: ChainHead, sign: Callable[[bytes], bytes], now: UnixMs) -> tuple[Checkpoint, ChainHead]:
    """A checkpoint of where a chain ends now, and the head that remembers it."""
    signed = checkpoint_bytes(head.merchant_no, head.link_no, head.hash, now)
    checkpoint = Checkpoint(
        merchant_no=head.merchant_no, link_no=head.link_no, head_hash=head.hash, made_ms=now, signature=sign(signed)
    )
    return checkpoint, msgspec.structs.replace(head, signed_no=head.link_no, signed_ms=now)


def is_joined(head: ChainHead, signed_hash: bytes, links: Sequence[Link]) -> bool:
    """Whether these links lead, without a gap, from the last checkpoint (its hash; zeros for none) to the head."""
    expected, number = signed_hash, head.signed_no
    for link in links:
        number += 1
        if link.link_no != number or link.previous != expected or hash_of(link) != link.hash:
            return False
        expected = link.hash
    return (number, expected) == (head.link_no, head.hash)


def chain_needs(changes: Iterable[Change]) -> Needs | None:
    """The rows that the links of these changes need; None when no provable record changes."""
    needs: Needs | None = None
    for change in changes:
        kind = PROVABLE.get(type(change.record))
        if kind is not None:
            if needs is None:
                needs = Needs()
            key = salt_key(kind, change.record)
            needs.add(ChainHead, key[:1])
            if type(change) is not Insert:
                needs.add(Salt, key)
    return needs


class ChainWriter:
    """Appends the links of one transaction. `state` holds the rows of `chain_needs`; `changes` are to be saved with the rest."""

    def __init__(self, state: State, chance: Chance, now: UnixMs) -> None:
        self._state = state
        self._chance = chance
        self._now = now
        self._ends: dict[MerchantNo, tuple[int, bytes]] = {}
        """Number and hash of the last link, of the chains that were written to."""
        self._salts: dict[SaltKey, bytes] = {}
        self._changes: list[Change] = []

    def append(self, record: Record) -> None:
        """A provable record as it is from now on."""
        kind = PROVABLE[type(record)]
        key = salt_key(kind, record)
        salt = self._salts.get(key)
        if salt is None:
            row = self._state.get(Salt, *key)
            if row is None:
                salt = self._take_salt(key, Insert)
            else:
                salt = self._salts[key] = row.salt
        self._append(kind, key, kind.event(record), commit(salt, kind.contents(record)))

    def erase(self, record: Record) -> None:
        """A provable record without its personal data: a fresh salt, so that the earlier commitments say nothing more."""
        kind = PROVABLE[type(record)]
        key = salt_key(kind, record)
        salt = self._take_salt(key, Insert if self._state.get(Salt, *key) is None else Update)
        self._append(kind, key, ERASED, commit(salt, kind.contents(record)))

    def prune(self, record: Record) -> None:
        """A provable record whose contents are dropped, with their salt."""
        kind = PROVABLE[type(record)]
        key = salt_key(kind, record)
        row = self._state.get(Salt, *key)
        if row is not None:
            self._changes.append(Delete(row))
        self._append(kind, key, PRUNED, NOTHING)

    def changes(self) -> tuple[Change, ...]:
        """Salts, links and heads to save, and to apply to the state."""
        heads: list[Change] = []
        for merchant_no, (link_no, this) in self._ends.items():
            known = self._state.get(ChainHead, merchant_no)
            if known is None:
                head = ChainHead(merchant_no=merchant_no, link_no=link_no, hash=this, signed_ms=self._now)
                heads.append(Insert(head))
            else:
                heads.append(Update(msgspec.structs.replace(known, link_no=link_no, hash=this)))
        return (*self._changes, *heads)

    def _take_salt(self, key: SaltKey, change: type[Insert] | type[Update]) -> bytes:
        salt = self._salts[key] = self._chance.take(SALT_BYTES)
        self._changes.append(change(Salt(merchant_no=key[0], record_kind=key[1], record_no=key[2], salt=salt)))
        return salt

    def _append(self, kind: ProvableKind, key: SaltKey, event: str, commitment: bytes) -> None:
        merchant_no, word, record_no = key
        end = self._ends.get(merchant_no)
        if end is None:
            head = self._state.get(ChainHead, merchant_no)
            end = (0, NO_HASH) if head is None else (head.link_no, head.hash)
        last_no, previous = end
        link_no, now = last_no + 1, self._now
        this = link_hash(merchant_no, link_no, word, record_no, event, commitment, previous, now)
        link = Link(
            merchant_no=merchant_no,
            link_no=link_no,
            record_kind=word,
            record_no=record_no,
            event=event,
            commitment=commitment,
            previous=previous,
            hash=this,
            made_ms=now,
        )
        self._changes.append(Insert(link))
        self._ends[merchant_no] = (link_no, this)


def append_links(state: State, changes: Iterable[Change], chance: Chance, now: UnixMs) -> tuple[Change, ...]:
    """The links of all provable changes, one each, in order. Defect for a deletion, which `ChainWriter.prune` is for."""
    writer = ChainWriter(state, chance, now)
    for change in changes:
        if type(change.record) in PROVABLE:
            if type(change) is Delete:
                raise Defect(f"a {type(change.record).__name__} is to go without a word in its chain; prune it instead")
            writer.append(change.record)
    return writer.changes()


def salt_key(kind: ProvableKind, record: Any) -> SaltKey:
    """The key of a provable record's salt: merchant, kind and number."""
    return (record.merchant_no, kind.word, kind.number(record))


@lru_cache(maxsize=4096)
def _texts(*texts: str) -> bytes:
    encoded = [text.encode() for text in texts]
    return b"".join([bytes((len(text),)) + text for text in encoded])
