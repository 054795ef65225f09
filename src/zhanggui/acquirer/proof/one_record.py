"""Whether one record is as it was when it last changed: its commitment, its link, and the signed checkpoint that holds that link.

A whole audit (`audit.py`) looks at all chains; this looks at the stretch between the record's last link and the checkpoint after
it, which is what somebody who looks at one record wants to know.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from ..rows.records import Checkpoint, Link
from .audit import ProvenRecord, bytes_that_are_signed, commitment_of, hash_of_link
from .chain import ERASED, PRUNED

Standing = Literal["proven", "not_signed_yet", "erased", "altered", "not_in_chain", "chain_broken", "signature_wrong"]
"""proven: link and signature fit; not_signed_yet: the link fits, and the next checkpoint will hold it; erased: personal data were taken
out, which the chain says; the others are what an audit calls a problem."""


class RecordProof(msgspec.Struct, frozen=True, kw_only=True):
    """How one record stands in its chain."""

    standing: Standing
    link_no: int | None = None
    signed_link_no: int | None = None
    signed_ms: int | None = None

    @property
    def is_good(self) -> bool:
        """Whether nobody has altered it."""
        return self.standing in ("proven", "not_signed_yet", "erased")


def prove(
    record: ProvenRecord,
    links: Sequence[Link],
    checkpoint: Checkpoint | None,
    fits: Callable[[bytes, bytes], bool],
) -> RecordProof:
    """Check one record. `links`: from its last link up to the one that the checkpoint signs (or to the end of the chain), in order."""
    if not links:
        return RecordProof(standing="not_in_chain")
    own = links[0]
    if own.event == PRUNED or commitment_of(record) != own.commitment:
        return RecordProof(standing="altered", link_no=own.link_no)
    expected: bytes | None = None
    for link in links:
        if hash_of_link(link) != link.hash or (expected is not None and link.previous != expected):
            return RecordProof(standing="chain_broken", link_no=link.link_no)
        expected = link.hash
    if checkpoint is None:
        return RecordProof(standing="erased" if own.event == ERASED else "not_signed_yet", link_no=own.link_no)
    signed = bytes_that_are_signed(checkpoint)
    if checkpoint.head_hash != expected or signed is None or not fits(signed, checkpoint.signature):
        return RecordProof(standing="signature_wrong", link_no=own.link_no, signed_link_no=checkpoint.link_no)
    return RecordProof(
        standing="erased" if own.event == ERASED else "proven",
        link_no=own.link_no,
        signed_link_no=checkpoint.link_no,
        signed_ms=checkpoint.made_ms,
    )
