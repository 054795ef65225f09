"""Checks chains of provable records: from a database or from an export, by the same code. Needs no key but the public one.

Feed, for each merchant: anchors and checkpoints first, then the links in order, then the records in order; `finish` says what
is wrong. It keeps the last link of each record in memory (about 300 bytes a record), and nothing else that grows.

What is found, and against what:
a changed link, a link that is missing, added or moved      its own hash, the hash that the next link holds, its number
a changed, missing, added or moved record                   the commitment of the record's last link
a chain that was cut short or calculated anew               the signed checkpoints, in the database and kept elsewhere
"""

import struct
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

from ...basics.numbers import MerchantNo
from ...basics.spans import HOUR_MS
from ..rows.records import Checkpoint, Link
from .chain import ERASED, NO_HASH, NOTHING, PROVABLE_KINDS, PRUNED, Contents, checkpoint_bytes, commit, hash_of

CHECKPOINT_EVERY_MS = 30 * 60 * 1000
"""A chain that grew is signed at least so often; the promise is an hour."""
CHECKPOINT_LINKS = 1_000
"""And at the latest after so many links."""
UNSIGNED_MS_MAX = 2 * HOUR_MS
"""Links that cover more time than this without a checkpoint were not left by a power cut: somebody took checkpoints away."""
UNSIGNED_LINKS_MAX = 20 * CHECKPOINT_LINKS
"""As many links as the busiest host makes while one checkpoint is being signed, many times over."""
PROBLEMS_MAX = 1_000
"""Problems that are kept in words; beyond it they are counted only."""

What = Literal[
    "link_altered",
    "link_missing",
    "link_out_of_place",
    "link_not_joined",
    "record_altered",
    "record_missing",
    "record_not_in_chain",
    "record_out_of_place",
    "record_back_again",
    "salt_missing",
    "signature_wrong",
    "chain_differs_from_checkpoint",
    "chain_ends_early",
    "checkpoints_missing",
    "checkpoint_not_in_file",
    "head_differs",
    "export_cut_short",
]


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is wrong, and where. Numbers that do not apply are None."""

    what: What
    merchant_no: str = ""
    record_kind: str = ""
    record_no: int | None = None
    link_no: int | None = None


class ProvenRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A provable record as it stands in a database or export: its contents and salt (empty when there is none)."""

    merchant_no: MerchantNo
    record_kind: str
    record_no: int
    contents: Contents
    salt: bytes


class ChainSummary(msgspec.Struct, frozen=True, kw_only=True):
    """How far one merchant's chain goes and how far it is signed."""

    merchant_no: str
    links: int
    signed_links: int
    signed_ms: int | None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What an audit found. `problem_count` counts those too that `problems` has no room for."""

    ok: bool
    records: int
    erased: int
    pruned: int
    links: int
    checkpoints: int
    anchors: int
    chains: tuple[ChainSummary, ...]
    problem_count: int
    problems: tuple[Problem, ...]


class _Chain:
    """What is known of one merchant's chain so far."""

    __slots__ = (
        "began_unsigned_ms",
        "erased",
        "expected",
        "last",
        "last_ms",
        "link_no",
        "pruned",
        "signed",
        "signed_no",
    )

    def __init__(self) -> None:
        self.link_no = 0
        self.expected: bytes | None = NO_HASH
        self.last: dict[tuple[str, int], Link] = {}
        self.erased: set[tuple[str, int]] = set()
        self.signed: dict[int, list[bytes]] = {}
        """Link number → hashes that checkpoints and anchors give it."""
        self.signed_no = 0
        self.began_unsigned_ms: int | None = None
        self.last_ms = 0


class Audit:
    """One check of any number of chains. `fits(data, signature)` tells whether the host signed these bytes."""

    def __init__(self, fits: Callable[[bytes, bytes], bool]) -> None:
        self._fits = fits
        self._chains: defaultdict[str, _Chain] = defaultdict(_Chain)
        self._signed_ms: dict[str, int] = {}
        self._problems: list[Problem] = []
        self._problem_count = 0
        self._records = self._links = self._checkpoints = self._anchors = self._pruned = 0
        self._group: tuple[str, str] | None = None
        self._group_no = -1
        self._groups: set[tuple[str, str]] = set()

    def note(self, problem: Problem) -> None:
        """Count a problem that the reader of the material found."""
        self._problem_count += 1
        if len(self._problems) < PROBLEMS_MAX:
            self._problems.append(problem)

    def checkpoint(self, checkpoint: Checkpoint, *, is_anchor: bool = False) -> None:
        """A signed checkpoint; an anchor is one that was kept elsewhere. Before the chain's links."""
        if is_anchor:
            self._anchors += 1
        else:
            self._checkpoints += 1
        merchant_no, link_no = checkpoint.merchant_no, checkpoint.link_no
        signed = bytes_that_are_signed(checkpoint)
        if signed is None or not self._fits(signed, checkpoint.signature):
            self.note(Problem(what="signature_wrong", merchant_no=merchant_no, link_no=link_no))
            return
        chain = self._chains[merchant_no]
        hashes = chain.signed.setdefault(link_no, [])
        if checkpoint.head_hash not in hashes:
            hashes.append(checkpoint.head_hash)
        if link_no > chain.signed_no:
            chain.signed_no = link_no
            self._signed_ms[merchant_no] = checkpoint.made_ms

    def link(self, link: Link) -> None:
        """The next link of its merchant's chain."""
        self._links += 1
        chain = self._chains[link.merchant_no]
        number = chain.link_no + 1
        if link.link_no > number:
            self._note_link("link_missing", link, number)
        elif link.link_no < number:
            self._note_link("link_out_of_place", link, link.link_no)
        if hash_of_link(link) != link.hash:
            self._note_link("link_altered", link, link.link_no)
        if link.link_no == number and chain.expected is not None and link.previous != chain.expected:
            self._note_link("link_not_joined", link, link.link_no)
        chain.link_no = max(chain.link_no, link.link_no)
        chain.expected = link.hash
        for signed in chain.signed.get(link.link_no, ()):
            if signed != link.hash:
                self._note_link("chain_differs_from_checkpoint", link, link.link_no)
        if link.link_no > chain.signed_no and chain.began_unsigned_ms is None:
            chain.began_unsigned_ms = link.made_ms
        chain.last_ms = link.made_ms
        key = (link.record_kind, link.record_no)
        chain.last[key] = link
        if link.event == ERASED:
            chain.erased.add(key)

    def head(self, merchant_no: str, link_no: int, head_hash: bytes) -> None:
        """Where the database believes that a chain ends. After its links."""
        chain = self._chains[merchant_no]
        if (chain.link_no, chain.expected) != (link_no, head_hash):
            self.note(Problem(what="head_differs", merchant_no=merchant_no, link_no=link_no))

    def record(self, record: ProvenRecord) -> None:
        """The next record, kind by kind and merchant by merchant, in the order of their numbers. After the links."""
        self._records += 1
        merchant_no, kind, number = place = record.merchant_no, record.record_kind, record.record_no
        group = (kind, merchant_no)
        if group != self._group:
            self._group, self._group_no = group, -1
            if group in self._groups:
                self._note_record("record_out_of_place", place)
            self._groups.add(group)
        if number <= self._group_no:
            self._note_record("record_out_of_place", place)
        self._group_no = number
        chain = self._chains[merchant_no]
        link = chain.last.pop((kind, number), None)
        named = record.contents.get("merchant_no"), record.contents.get(_NUMBER_FIELD.get(kind, ""))
        if link is None:
            self._note_record("record_not_in_chain", place)
        elif link.event == PRUNED:
            self._note_record("record_back_again", place, link.link_no)
        elif not record.salt:
            self._note_record("salt_missing", place, link.link_no)
        elif named != (merchant_no, number) or commitment_of(record) != link.commitment:
            self._note_record("record_altered", place, link.link_no)

    def finish(self) -> Outcome:
        """Everything was fed: look for what is missing, and sum up."""
        for merchant_no, chain in sorted(self._chains.items()):
            self._finish_chain(merchant_no, chain)
        chains = self._chains.items()
        return Outcome(
            ok=self._problem_count == 0,
            records=self._records,
            erased=sum(len(chain.erased) for chain in self._chains.values()),
            pruned=self._pruned,
            links=self._links,
            checkpoints=self._checkpoints,
            anchors=self._anchors,
            chains=tuple(
                ChainSummary(
                    merchant_no=merchant_no,
                    links=chain.link_no,
                    signed_links=min(chain.signed_no, chain.link_no),
                    signed_ms=self._signed_ms.get(merchant_no),
                )
                for merchant_no, chain in sorted(chains)
            ),
            problem_count=self._problem_count,
            problems=tuple(self._problems),
        )

    def _finish_chain(self, merchant_no: str, chain: _Chain) -> None:
        if chain.signed_no > chain.link_no:
            self.note(Problem(what="chain_ends_early", merchant_no=merchant_no, link_no=chain.link_no + 1))
        unsigned = chain.link_no - chain.signed_no
        if chain.began_unsigned_ms is not None and (
            unsigned > UNSIGNED_LINKS_MAX or chain.last_ms - chain.began_unsigned_ms > UNSIGNED_MS_MAX
        ):
            self.note(Problem(what="checkpoints_missing", merchant_no=merchant_no, link_no=chain.signed_no + 1))
        for (kind, number), link in chain.last.items():
            if link.event == PRUNED and link.commitment == NOTHING:
                self._pruned += 1
                chain.erased.discard((kind, number))
            else:
                self._note_record("record_missing", (merchant_no, kind, number), link.link_no)

    def _note_link(self, what: What, link: Link, link_no: int) -> None:
        self.note(
            Problem(
                what=what,
                merchant_no=link.merchant_no,
                record_kind=link.record_kind,
                record_no=link.record_no,
                link_no=link_no,
            )
        )

    def _note_record(self, what: What, place: tuple[str, str, int], link_no: int | None = None) -> None:
        merchant_no, kind, number = place
        self.note(Problem(what=what, merchant_no=merchant_no, record_kind=kind, record_no=number, link_no=link_no))


_NUMBER_FIELD: Mapping[str, str] = {word: kind.number_field for word, kind in PROVABLE_KINDS.items()}


def hash_of_link(link: Link) -> bytes | None:
    """The hash that the link must bear; None when what somebody wrote into it can't even be encoded."""
    if len(link.previous) != len(NO_HASH) or len(link.commitment) != len(NOTHING):
        return None
    try:
        return hash_of(link)
    except (ValueError, OverflowError, UnicodeError, struct.error):
        return None


def bytes_that_are_signed(checkpoint: Checkpoint) -> bytes | None:
    """What the checkpoint's signature covers; None when what stands in it can't be encoded."""
    if len(checkpoint.head_hash) != len(NO_HASH):
        return None
    try:
        return checkpoint_bytes(checkpoint.merchant_no, checkpoint.link_no, checkpoint.head_hash, checkpoint.made_ms)
    except (ValueError, OverflowError, UnicodeError, struct.error):
        return None


def commitment_of(record: ProvenRecord) -> bytes | None:
    """The commitment to a record as it stands; None when what stands in it can't be encoded."""
    try:
        return commit(record.salt, record.contents)
    except (ValueError, OverflowError, UnicodeError):
        return None
