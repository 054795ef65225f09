"""PIN blocks: strict reading, re-enciphering to the bank's key, and the bank's check."""

import psec
import pytest
from tests.unit.vault.conftest import Ring

from zhanggui.basics.secret import Pan, Secret
from zhanggui.vault.errors import PinBlockError, PinRejected
from zhanggui.vault.hsm import Hsm, KeySet
from zhanggui.vault.keys import KeyAlgorithm, ZonePinKeyBlock
from zhanggui.vault.pinblock import PinFormat, clear_block, digits_of, pan_part

PIN = Secret("123456")
TRANSPORT = bytes(range(32))


def zone_key(hsm: Hsm, key: ZonePinKeyBlock) -> bytes:
    """The clear zone key, as the bank's own machine would take it from the transport block."""
    _, clear = psec.tr31.unwrap(TRANSPORT, hsm.export_block(key, TRANSPORT))
    return bytes(clear)


def test_psec_reads_what_reaches_the_bank(hsm: Hsm, ring: Ring, pan: Pan) -> None:
    block = hsm.translate_pin(hsm.encrypt_pin(ring.pik, PIN, pan), ring.pik, ring.zone_pin)
    clear = psec.des.decrypt_tdes_ecb(zone_key(hsm, ring.zone_pin), block)
    assert psec.pinblock.decode_pinblock_iso_0(clear, pan.reveal()) == "123456"


@pytest.mark.parametrize("source", PinFormat)
@pytest.mark.parametrize("target", PinFormat)
@pytest.mark.parametrize("terminal", [KeyAlgorithm.TDES, KeyAlgorithm.SM4])
@pytest.mark.parametrize("bank", [KeyAlgorithm.TDES, KeyAlgorithm.SM4])
def test_a_pin_survives_every_change_of_format_and_cipher(
    source: PinFormat, target: PinFormat, terminal: KeyAlgorithm, bank: KeyAlgorithm, hsm: Hsm, ring: Ring, pan: Pan
) -> None:
    pik = hsm.new_working_keys(hsm.new_terminal_master_key(terminal), KeySet.DOUBLE).pin_key
    zone = hsm.new_zone_pin_key(bank)
    block = hsm.encrypt_pin(pik, PIN, pan if source is PinFormat.WITH_PAN else None)
    assert len(block) == (16 if terminal is KeyAlgorithm.SM4 else 8)
    moved = hsm.translate_pin(block, pik, zone, source_format=source, target_format=target, pan=pan)
    reference = hsm.make_pin_reference(ring.verifier, pan, PIN)
    assert hsm.verify_pin(moved, zone, pan, reference, verifier_key=ring.verifier, pin_format=target)


def test_the_same_format_needs_no_card_number(hsm: Hsm, ring: Ring, pan: Pan) -> None:
    with_pan = hsm.translate_pin(hsm.encrypt_pin(ring.pik, PIN, pan), ring.pik, ring.zone_pin)
    assert with_pan == hsm.translate_pin(hsm.encrypt_pin(ring.pik, PIN, pan), ring.pik, ring.zone_pin, pan=pan)
    with pytest.raises(ValueError, match="card number"):
        hsm.translate_pin(with_pan, ring.pik, ring.zone_pin, target_format=PinFormat.WITHOUT_PAN)


def test_the_bank_tells_right_from_wrong(hsm: Hsm, ring: Ring, pan: Pan) -> None:
    reference = hsm.make_pin_reference(ring.verifier, pan, PIN)
    for typed, right in (("123456", True), ("123457", False), ("1234567", False), ("12345", False)):
        block = hsm.translate_pin(hsm.encrypt_pin(ring.pik, Secret(typed), pan), ring.pik, ring.zone_pin)
        assert hsm.verify_pin(block, ring.zone_pin, pan, reference, verifier_key=ring.verifier) is right


def test_a_reference_serves_its_card_only(hsm: Hsm, ring: Ring, pan: Pan) -> None:
    other = Pan("6217000000000000020")
    reference = hsm.make_pin_reference(ring.verifier, other, PIN)
    block = hsm.translate_pin(hsm.encrypt_pin(ring.pik, PIN, pan), ring.pik, ring.zone_pin)
    assert not hsm.verify_pin(block, ring.zone_pin, pan, reference, verifier_key=ring.verifier)


def test_two_cards_with_the_same_pin_have_different_references(hsm: Hsm, ring: Ring, pan: Pan) -> None:
    first, second = (hsm.make_pin_reference(ring.verifier, pan, PIN) for _ in range(2))
    assert first != second
    assert "123456" not in repr(first)


def test_a_pin_block_under_another_key_is_malformed_or_wrong_but_never_right(hsm: Hsm, ring: Ring, pan: Pan) -> None:
    reference = hsm.make_pin_reference(ring.verifier, pan, PIN)
    block = hsm.encrypt_pin(ring.pik, PIN, pan)
    outcomes: list[bool | None] = []
    for _ in range(20):
        stale = hsm.new_working_keys(ring.tmk, KeySet.DOUBLE).pin_key
        moved = hsm.translate_pin(block, stale, ring.zone_pin)
        try:
            outcomes.append(hsm.verify_pin(moved, ring.zone_pin, pan, reference, verifier_key=ring.verifier))
        except PinBlockError:
            outcomes.append(None)
    assert True not in outcomes
    assert None in outcomes


@pytest.mark.parametrize("length", [0, 7, 9, 16])
def test_a_block_of_another_width_is_refused(length: int, hsm: Hsm, ring: Ring, pan: Pan) -> None:
    reference = hsm.make_pin_reference(ring.verifier, pan, PIN)
    with pytest.raises(PinBlockError, match=f"{length} bytes"):
        hsm.translate_pin(bytes(length), ring.pik, ring.zone_pin)
    with pytest.raises(PinBlockError, match=f"{length} bytes"):
        hsm.verify_pin(bytes(length), ring.zone_pin, pan, reference, verifier_key=ring.verifier)


@pytest.mark.parametrize(
    "block",
    [
        "16123456FFFFFFFF",  # another format
        "03123FFFFFFFFFFF",  # too short a PIN
        "0D1234567890123F",  # too long
        "0612345AFFFFFFFF",  # a letter among the digits
        "06123456FFFFFF0F",  # a hole in the fill
        "061234567FFFFFFF",  # a digit in the fill
        "0512345",  # filled up below
    ],
)
def test_a_malformed_block_is_refused_without_its_digits(block: str) -> None:
    with pytest.raises(PinBlockError) as caught:
        digits_of(bytes.fromhex(block.ljust(16, "0")), None)
    assert "12345" not in str(caught.value)


@pytest.mark.parametrize("pin", ["", "123", "1234567890123", "12a4", "１２３４", "12 4", "-1234"])
def test_what_is_no_pin_is_refused_without_being_quoted(pin: str, hsm: Hsm, ring: Ring, pan: Pan) -> None:
    with pytest.raises(PinRejected) as caught:
        hsm.encrypt_pin(ring.pik, Secret(pin), pan)
    assert not pin or pin not in str(caught.value)


def test_a_short_card_number_is_filled_at_the_left() -> None:
    assert pan_part(Pan("123456789012")).hex() == "0000012345678901"


def test_sm4_blocks_fill_to_sixteen_bytes() -> None:
    part = pan_part(Pan("1234567890123456"))
    block = clear_block(PIN, part, 16)
    assert block.hex().upper() == "06123456FFFFFFFF" + "FFFFBA9876FEDCBA"
    assert digits_of(block, part) == PIN
