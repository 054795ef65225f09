"""Sealed documents: they open with what they were sealed with, and with nothing else."""

import pytest
from tests.unit.vault.conftest import Ring

from zhanggui.vault.documents import OVERHEAD_BYTES
from zhanggui.vault.errors import DocumentDamaged
from zhanggui.vault.hsm import Hsm

CONTENT, CONTEXT = b"what a cardholder signed", b"document:102100058120001:ab"


def test_a_document_opens_as_it_was_and_tells_nothing_before(hsm: Hsm, ring: Ring) -> None:
    sealed = hsm.seal_document(ring.fingerprint, CONTENT, CONTEXT)
    assert CONTENT not in sealed
    assert len(sealed) == len(CONTENT) + OVERHEAD_BYTES
    assert hsm.open_document(ring.fingerprint, sealed, CONTEXT) == CONTENT
    assert hsm.seal_document(ring.fingerprint, CONTENT, CONTEXT) != sealed, "the same twice does not look the same"


def test_a_document_in_anothers_place_does_not_open(hsm: Hsm, ring: Ring) -> None:
    sealed = hsm.seal_document(ring.fingerprint, CONTENT, CONTEXT)
    with pytest.raises(DocumentDamaged, match="not the one"):
        hsm.open_document(ring.fingerprint, sealed, CONTEXT + b"x")
    with pytest.raises(DocumentDamaged):
        hsm.open_document(hsm.new_fingerprint_key(), sealed, CONTEXT)


@pytest.mark.parametrize("place", [0, 1, 17, 29, -1])
def test_a_document_that_was_altered_does_not_open(hsm: Hsm, ring: Ring, place: int) -> None:
    sealed = bytearray(hsm.seal_document(ring.fingerprint, CONTENT, CONTEXT))
    sealed[place] ^= 1
    with pytest.raises(DocumentDamaged) as caught:
        hsm.open_document(ring.fingerprint, bytes(sealed), CONTEXT)
    assert "signed" not in str(caught.value)


@pytest.mark.parametrize("cut", [b"", b"\x01", bytes(OVERHEAD_BYTES - 1), b"\x02" + bytes(60)])
def test_what_is_no_document_is_said_to_be_none(hsm: Hsm, ring: Ring, cut: bytes) -> None:
    with pytest.raises(DocumentDamaged):
        hsm.open_document(ring.fingerprint, cut, CONTEXT)
