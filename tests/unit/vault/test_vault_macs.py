"""MACs against their definition, written out slowly here, and against psec."""

from collections.abc import Callable

import psec
import pytest
from tests.unit.vault.conftest import Ring

from zhanggui.basics.chance import SeededChance
from zhanggui.vault.ciphers import ecb_encryptor
from zhanggui.vault.errors import KeyMisuse
from zhanggui.vault.hsm import Hsm, KeySet
from zhanggui.vault.keys import KeyAlgorithm
from zhanggui.vault.mac import MAC_BYTES, MacAlgorithm, fold, mac_function

SINGLE = bytes.fromhex("0377C37198E3093C")
DOUBLE = bytes.fromhex("46B0AA84C9AB2CC87FBD7C736E515C06")
DES_ALGORITHMS = [algorithm for algorithm in MacAlgorithm if not algorithm.name.startswith("SM4")]
LENGTHS = [0, 1, 7, 8, 9, 16, 31, 64, 127, 128, 129, 1000]


def data_of(length: int) -> bytes:
    return SeededChance(length).take(length)


def blocks_of(data: bytes, width: int) -> list[bytes]:
    filled = data + bytes(-len(data) % width) or bytes(width)
    return [filled[at : at + width] for at in range(0, len(filled), width)]


def xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def slow_unionpay(encipher: Callable[[bytes], bytes], data: bytes, width: int) -> bytes:
    """Domain reference §5.2, steps 1 to 4."""
    folded = bytes(width)
    for block in blocks_of(data, width):
        folded = xor(folded, block)
    text = folded.hex().upper().encode()
    return encipher(xor(encipher(text[:width]), text[width:]))


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize(("algorithm", "key"), [(KeyAlgorithm.DES, SINGLE), (KeyAlgorithm.TDES, DOUBLE)])
def test_unionpay_ecb_is_what_the_steps_say(algorithm: KeyAlgorithm, key: bytes, length: int) -> None:
    data = data_of(length)
    wanted = slow_unionpay(ecb_encryptor(algorithm, key).update, data, 8).hex().upper().encode()[:8]
    assert mac_function(MacAlgorithm.UNIONPAY_ECB, algorithm, key)(data) == wanted


@pytest.mark.parametrize("length", LENGTHS)
def test_sm4_macs_differ_in_how_the_result_is_written(length: int) -> None:
    data = data_of(length)
    wanted = slow_unionpay(ecb_encryptor(KeyAlgorithm.SM4, DOUBLE).update, data, 16)
    assert mac_function(MacAlgorithm.SM4_HEX, KeyAlgorithm.SM4, DOUBLE)(data) == wanted.hex().upper().encode()[:8]
    assert mac_function(MacAlgorithm.SM4_RAW, KeyAlgorithm.SM4, DOUBLE)(data) == wanted[:8]


@pytest.mark.parametrize("length", LENGTHS)
def test_chanpay_enciphers_the_fold_once(length: int) -> None:
    data = data_of(length)
    wanted = ecb_encryptor(KeyAlgorithm.TDES, DOUBLE).update(fold(data, 8).to_bytes(8, "big"))
    assert mac_function(MacAlgorithm.CHANPAY, KeyAlgorithm.TDES, DOUBLE)(data) == wanted


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("width", [8, 16])
def test_the_fold_is_the_xor_of_all_blocks(length: int, width: int) -> None:
    wanted = bytes(width)
    for block in blocks_of(data_of(length), width):
        wanted = xor(wanted, block)
    assert fold(data_of(length), width).to_bytes(width, "big") == wanted


@pytest.mark.parametrize("length", LENGTHS)
def test_psec_agrees_on_x9_9_and_x9_19(length: int) -> None:
    data = data_of(length)
    cbc = psec.mac.generate_cbc_mac(DOUBLE, data, 1)
    retail = psec.mac.generate_retail_mac(DOUBLE[:8], DOUBLE[8:], data, 1)
    assert mac_function(MacAlgorithm.X9_9, KeyAlgorithm.TDES, DOUBLE)(data) == cbc
    assert mac_function(MacAlgorithm.X9_19, KeyAlgorithm.TDES, DOUBLE)(data) == retail
    assert mac_function(MacAlgorithm.X9_19_HEX, KeyAlgorithm.TDES, DOUBLE)(data) == retail.hex().upper().encode()[:8]


@pytest.mark.parametrize("length", LENGTHS)
def test_x9_19_with_a_single_length_key_is_x9_9(length: int) -> None:
    data = data_of(length)
    single = mac_function(MacAlgorithm.X9_9, KeyAlgorithm.DES, SINGLE)(data)
    assert mac_function(MacAlgorithm.X9_19, KeyAlgorithm.DES, SINGLE)(data) == single


@pytest.mark.parametrize("algorithm", DES_ALGORITHMS)
def test_a_kept_context_remembers_nothing_of_earlier_messages(algorithm: MacAlgorithm) -> None:
    kept = mac_function(algorithm, KeyAlgorithm.TDES, DOUBLE)
    for length in [*LENGTHS, *reversed(LENGTHS)]:
        fresh = mac_function(algorithm, KeyAlgorithm.TDES, DOUBLE)
        mac = kept(data_of(length))
        assert mac == fresh(data_of(length))
        assert len(mac) == MAC_BYTES


def test_one_flipped_bit_anywhere_is_noticed(hsm: Hsm, ring: Ring) -> None:
    data = data_of(40)
    for algorithm in DES_ALGORITHMS:
        mac = hsm.mac(ring.mak, algorithm, data)
        assert hsm.verify_mac(ring.mak, algorithm, data, mac)
        for bit in range(len(data) * 8):
            flipped = bytearray(data)
            flipped[bit // 8] ^= 1 << bit % 8
            assert not hsm.verify_mac(ring.mak, algorithm, bytes(flipped), mac)
        for bit in range(MAC_BYTES * 8):
            wrong = bytearray(mac)
            wrong[bit // 8] ^= 1 << bit % 8
            assert not hsm.verify_mac(ring.mak, algorithm, data, bytes(wrong))


@pytest.mark.parametrize("mac", [b"", bytes(7), bytes(9)])
def test_a_mac_of_another_length_never_fits(mac: bytes, hsm: Hsm, ring: Ring) -> None:
    assert not hsm.verify_mac(ring.mak, MacAlgorithm.UNIONPAY_ECB, b"x", mac)


def test_each_key_gives_its_own_mac(hsm: Hsm, ring: Ring) -> None:
    other = hsm.new_working_keys(ring.tmk, KeySet.DOUBLE).mac_key
    assert hsm.mac(ring.mak, MacAlgorithm.UNIONPAY_ECB, b"x") != hsm.mac(other, MacAlgorithm.UNIONPAY_ECB, b"x")


def test_the_bank_checks_a_mac_under_the_zone_key(hsm: Hsm, ring: Ring) -> None:
    mac = hsm.mac(ring.zone_mac, MacAlgorithm.X9_19, b"0200")
    assert hsm.verify_mac(ring.zone_mac, MacAlgorithm.X9_19, b"0200", mac)


def test_des_keys_and_sm4_algorithms_do_not_mix() -> None:
    with pytest.raises(KeyMisuse):
        mac_function(MacAlgorithm.SM4_HEX, KeyAlgorithm.TDES, DOUBLE)
    with pytest.raises(KeyMisuse):
        mac_function(MacAlgorithm.UNIONPAY_ECB, KeyAlgorithm.SM4, DOUBLE)
    with pytest.raises(KeyMisuse, match="8 or 16 bytes"):
        mac_function(MacAlgorithm.X9_19, KeyAlgorithm.TDES, DOUBLE + SINGLE)
