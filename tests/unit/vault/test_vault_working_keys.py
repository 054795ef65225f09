"""Field 62 of a sign-in, from the host's vault to the terminal's; master keys made, taken over and passed on."""

import psec
import pytest
from tests.unit.vault.conftest import Ring

from zhanggui.basics.chance import SeededChance
from zhanggui.basics.secret import Pan, Secret
from zhanggui.vault.ciphers import ecb_decryptor
from zhanggui.vault.errors import KeyBlockRejected, KeyCheckFailed, KeyMisuse, WeakKeyRefused, WorkingKeysRejected
from zhanggui.vault.hsm import Hsm, KeySet
from zhanggui.vault.keys import (
    KeyAlgorithm,
    KeyBlock,
    MacKeyBlock,
    PinKeyBlock,
    TerminalMasterKeyBlock,
    ZoneMacKeyBlock,
    ZonePinKeyBlock,
)
from zhanggui.vault.mac import MacAlgorithm
from zhanggui.vault.software import SoftwareHsm
from zhanggui.vault.weak_keys import weakness_of, with_odd_parity

TMK = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
TRANSPORT = bytes(range(32))
SET_LENGTHS = [(KeySet.SINGLE, 24), (KeySet.DOUBLE, 40), (KeySet.DOUBLE_TRACK, 60)]


@pytest.fixture
def tmk(hsm: Hsm) -> TerminalMasterKeyBlock:
    return hsm.import_terminal_master_key(TMK, allow_test_keys=True)


@pytest.fixture
def terminal() -> Hsm:
    return SoftwareHsm(bytes(range(1, 33)), SeededChance(2))


def moved(hsm: Hsm, terminal: Hsm, tmk: TerminalMasterKeyBlock) -> TerminalMasterKeyBlock:
    return terminal.import_block(hsm.export_block(tmk, TRANSPORT), TRANSPORT, TerminalMasterKeyBlock)


@pytest.mark.parametrize(("key_set", "length"), SET_LENGTHS)
def test_the_terminal_loads_what_the_host_made(
    key_set: KeySet, length: int, hsm: Hsm, terminal: Hsm, tmk: TerminalMasterKeyBlock
) -> None:
    made = hsm.new_working_keys(tmk, key_set)
    assert len(made.field_62) == length
    loaded = terminal.load_working_keys(moved(hsm, terminal, tmk), made.field_62, key_set)
    assert (loaded.track_key is None) == (key_set is not KeySet.DOUBLE_TRACK)
    for ours, theirs in ((made.pin_key, loaded.pin_key), (made.mac_key, loaded.mac_key)):
        assert ours.check_value == theirs.check_value == hsm.check_value(ours) == terminal.check_value(theirs)
    mac = terminal.mac(loaded.mac_key, MacAlgorithm.UNIONPAY_ECB, b"0200")
    assert hsm.verify_mac(made.mac_key, MacAlgorithm.UNIONPAY_ECB, b"0200", mac)
    assert made.field_62.hex() not in repr(made)


KINDS = [
    (KeySet.SINGLE, False, KeyAlgorithm.TDES),
    *[
        (key_set, mak_double, algorithm)
        for key_set in (KeySet.DOUBLE, KeySet.DOUBLE_TRACK)
        for mak_double in (False, True)
        for algorithm in (KeyAlgorithm.TDES, KeyAlgorithm.SM4)
    ],
]


@pytest.mark.parametrize(("key_set", "mak_double", "algorithm"), KINDS)
def test_kept_keys_are_written_into_field_62_once_more_for_their_own_set_alone(
    key_set: KeySet, mak_double: bool, algorithm: KeyAlgorithm, hsm: Hsm
) -> None:
    tmk = hsm.new_terminal_master_key(algorithm)
    made = hsm.new_working_keys(tmk, key_set, mak_double=mak_double)
    kept = made.pin_key, made.mac_key, made.track_key
    after_a_restart = SoftwareHsm(bytes(range(32)), SeededChance(3))
    for vault in (hsm, hsm, after_a_restart):
        assert vault.working_keys_again(tmk, key_set, *kept, mak_double=mak_double) == made.field_62
    for other in set(KeySet) - {key_set}:
        assert hsm.working_keys_again(tmk, other, *kept, mak_double=mak_double) is None


@pytest.mark.parametrize("mak_double", [False, True])
def test_kept_keys_of_another_width_or_cipher_are_not_written_again(
    mak_double: bool, hsm: Hsm, tmk: TerminalMasterKeyBlock
) -> None:
    made = hsm.new_working_keys(tmk, KeySet.DOUBLE, mak_double=mak_double)
    kept = made.pin_key, made.mac_key, made.track_key
    assert hsm.working_keys_again(tmk, KeySet.DOUBLE, *kept, mak_double=not mak_double) is None
    sm4 = hsm.new_terminal_master_key(KeyAlgorithm.SM4)
    assert hsm.working_keys_again(sm4, KeySet.DOUBLE, *kept, mak_double=mak_double) is None


def test_under_a_new_master_key_the_kept_keys_come_under_the_new_one(hsm: Hsm, tmk: TerminalMasterKeyBlock) -> None:
    made = hsm.new_working_keys(tmk, KeySet.DOUBLE_TRACK)
    renewed = hsm.new_terminal_master_key()
    again = hsm.working_keys_again(renewed, KeySet.DOUBLE_TRACK, made.pin_key, made.mac_key, made.track_key)
    assert again is not None
    loaded = hsm.load_working_keys(renewed, again, KeySet.DOUBLE_TRACK)
    assert loaded.mac_key.check_value == made.mac_key.check_value


def test_a_foreign_client_finds_the_keys_with_psec_alone(hsm: Hsm, tmk: TerminalMasterKeyBlock) -> None:
    field_62 = hsm.new_working_keys(tmk, KeySet.DOUBLE_TRACK).field_62
    for at, single in ((0, False), (20, True), (40, False)):
        sealed, check = field_62[at : at + 16], field_62[at + 16 : at + 20]
        if single:
            assert sealed[8:] == bytes(8)
            sealed = sealed[:8]
        clear = psec.des.decrypt_tdes_ecb(TMK, sealed)
        assert psec.des.generate_kcv(clear, 4) == check
        assert all(bin(byte).count("1") % 2 for byte in clear)


@pytest.mark.parametrize("key_set", [KeySet.DOUBLE, KeySet.DOUBLE_TRACK])
def test_a_host_may_send_a_real_double_length_mac_key(
    key_set: KeySet, hsm: Hsm, terminal: Hsm, tmk: TerminalMasterKeyBlock
) -> None:
    made = hsm.new_working_keys(tmk, key_set, mak_double=True)
    assert made.field_62[28:36] != bytes(8)
    loaded = terminal.load_working_keys(moved(hsm, terminal, tmk), made.field_62, key_set)
    mac = terminal.mac(loaded.mac_key, MacAlgorithm.X9_19, b"0200")
    assert hsm.verify_mac(made.mac_key, MacAlgorithm.X9_19, b"0200", mac)


@pytest.mark.parametrize("key_set", [KeySet.DOUBLE, KeySet.DOUBLE_TRACK])
def test_an_sm4_master_key_brings_sm4_keys(key_set: KeySet, hsm: Hsm, terminal: Hsm) -> None:
    tmk = hsm.new_terminal_master_key(KeyAlgorithm.SM4)
    made = hsm.new_working_keys(tmk, key_set)
    loaded = terminal.load_working_keys(moved(hsm, terminal, tmk), made.field_62, key_set)
    mac = terminal.mac(loaded.mac_key, MacAlgorithm.SM4_HEX, b"0200")
    assert hsm.verify_mac(made.mac_key, MacAlgorithm.SM4_HEX, b"0200", mac)
    with pytest.raises(KeyMisuse, match="does not fit MAC algorithm"):
        hsm.mac(made.mac_key, MacAlgorithm.UNIONPAY_ECB, b"0200")
    with pytest.raises(KeyMisuse, match="001"):
        hsm.new_working_keys(tmk, KeySet.SINGLE)
    with pytest.raises(KeyMisuse, match="001"):
        terminal.load_working_keys(moved(hsm, terminal, tmk), bytes(24), KeySet.SINGLE)


def test_a_single_length_set_has_no_room_for_a_double_length_mac_key(hsm: Hsm, tmk: TerminalMasterKeyBlock) -> None:
    with pytest.raises(KeyMisuse, match="003 or 004"):
        hsm.new_working_keys(tmk, KeySet.SINGLE, mak_double=True)


@pytest.mark.parametrize(("key_set", "length"), SET_LENGTHS)
def test_every_flipped_bit_of_key_or_check_value_names_the_key(
    key_set: KeySet, length: int, hsm: Hsm, tmk: TerminalMasterKeyBlock
) -> None:
    field_62 = hsm.new_working_keys(tmk, key_set).field_62
    width = length // (3 if key_set is KeySet.DOUBLE_TRACK else 2)
    for at in range(length):
        changed = bytearray(field_62)
        changed[at] ^= 0x10
        with pytest.raises(KeyCheckFailed, match="master key") as caught:
            hsm.load_working_keys(tmk, bytes(changed), key_set)
        assert caught.value.key_name == ("PIK", "MAK", "TDK")[at // width]


def test_another_master_key_fails_at_the_first_check_value(hsm: Hsm, tmk: TerminalMasterKeyBlock) -> None:
    field_62 = hsm.new_working_keys(tmk, KeySet.DOUBLE).field_62
    with pytest.raises(KeyCheckFailed) as caught:
        hsm.load_working_keys(hsm.new_terminal_master_key(), field_62, KeySet.DOUBLE)
    assert caught.value.key_name == "PIK"


@pytest.mark.parametrize("length", [0, 24, 39, 41, 56, 60, 84])
def test_a_field_of_another_length_is_refused(length: int, hsm: Hsm, tmk: TerminalMasterKeyBlock) -> None:
    with pytest.raises(WorkingKeysRejected, match=f"{length} bytes, key set 003 has 40"):
        hsm.load_working_keys(tmk, bytes(length), KeySet.DOUBLE)


def test_each_sign_in_brings_fresh_keys(hsm: Hsm, tmk: TerminalMasterKeyBlock) -> None:
    fields = [hsm.new_working_keys(tmk, KeySet.DOUBLE_TRACK).field_62 for _ in range(50)]
    keys = {field_62[at : at + 8] for field_62 in fields for at in (0, 8, 20, 40, 48)}
    assert len(keys) == 250


@pytest.mark.parametrize(
    "key",
    [
        "0123456789ABCDEFFEDCBA9876543210",
        "0022446688AACCEEFEDCBA9876543210",  # the same key as the first, but for its parity bits
        "31313131313131313131313131313131",
        "31313131313131313232323232323232",
        "11111111111111112222222222222222",
        "44444444444444444444444444444444",
        "00000000000000000000000000000000",
        "1234567890ABCDEF1234567890ABCDEF",
        "46B0AA84C9AB2CC846B0AA84C9AB2CC8",
        "46B0AA84C9AB2CC801FE01FE01FE01FE",
        "0123456789ABCDEF",
        "46B0AA84C9AB2CC87FBD7C736E515C067FBD7C736E515C06",
    ],
)
def test_test_keys_and_weak_keys_are_refused_outside_demo_data(key: str, hsm: Hsm) -> None:
    clear = bytes.fromhex(key)
    with pytest.raises(WeakKeyRefused) as caught:
        hsm.import_terminal_master_key(clear, allow_test_keys=False)
    assert key[:8] not in str(caught.value).upper()
    assert hsm.import_terminal_master_key(clear, allow_test_keys=True).check_value is not None


def test_parity_does_not_hide_a_test_key() -> None:
    assert weakness_of(KeyAlgorithm.TDES, bytes(byte ^ 1 for byte in TMK)) == "a published test key"


@pytest.mark.parametrize("length", [8, 16, 24])
def test_a_good_master_key_is_taken(length: int, hsm: Hsm) -> None:
    clear = with_odd_parity(SeededChance(3).take(length))
    block = hsm.import_terminal_master_key(clear, allow_test_keys=False)
    assert block.check_value == psec.des.generate_kcv(clear, 4)
    sealed = hsm.new_working_keys(block, KeySet.SINGLE).field_62
    algorithm = KeyAlgorithm.DES if length == 8 else KeyAlgorithm.TDES
    assert psec.des.generate_kcv(ecb_decryptor(algorithm, clear).update(sealed[:8]), 4) == sealed[8:12]


@pytest.mark.parametrize("length", [0, 7, 15, 32])
def test_a_master_key_of_no_length_is_refused(length: int, hsm: Hsm) -> None:
    with pytest.raises(KeyMisuse, match="16 or 24 bytes"):
        hsm.import_terminal_master_key(SeededChance(3).take(length), allow_test_keys=True)


def test_keys_that_may_leave_leave_once(hsm: Hsm, terminal: Hsm, ring: Ring) -> None:
    for block in (ring.tmk, ring.zone_pin, ring.zone_mac):
        taken = terminal.import_block(hsm.export_block(block, TRANSPORT), TRANSPORT, type(block))
        assert taken.check_value == block.check_value
        with pytest.raises(KeyMisuse, match="may not leave"):
            terminal.export_block(taken, TRANSPORT)


def test_other_keys_never_leave(hsm: Hsm, ring: Ring) -> None:
    for block in (ring.pik, ring.mak, ring.tdk, ring.verifier, ring.fingerprint):
        with pytest.raises(KeyMisuse, match="may not leave"):
            hsm.export_block(block, TRANSPORT)


@pytest.mark.parametrize("wanted", [PinKeyBlock, MacKeyBlock, ZoneMacKeyBlock, TerminalMasterKeyBlock])
def test_a_key_is_imported_as_what_it_is(wanted: type[KeyBlock], hsm: Hsm, ring: Ring) -> None:
    with pytest.raises(KeyBlockRejected, match="not for a"):
        hsm.import_block(hsm.export_block(ring.zone_pin, TRANSPORT), TRANSPORT, wanted)


def test_a_pin_key_made_by_psec_is_taken_over(hsm: Hsm, pan: Pan) -> None:
    clear = bytes.fromhex("46B0AA84C9AB2CC87FBD7C736E515C06")
    key = hsm.import_block(psec.tr31.wrap(TRANSPORT, "D0000P0TB00E0000", clear), TRANSPORT, ZonePinKeyBlock)
    assert key.check_value == psec.des.generate_kcv(clear, 4)
    single = hsm.import_block(psec.tr31.wrap(TRANSPORT, "D0000P0TN00N0000", clear[:8]), TRANSPORT, PinKeyBlock)
    assert (
        psec.des.decrypt_tdes_ecb(clear[:8], hsm.encrypt_pin(single, Secret("1234"), None)).hex() == "041234" + "f" * 10
    )


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("D0000P0TE00E0000", "mode of use"),
        ("D0000P0AB00E0000", "algorithm A"),
        ("D0000K0TB00E0000", "usage is K0"),
    ],
)
def test_a_foreign_block_that_says_something_else_is_refused(header: str, why: str, hsm: Hsm) -> None:
    with pytest.raises(KeyBlockRejected, match=why):
        hsm.import_block(psec.tr31.wrap(TRANSPORT, header, TMK), TRANSPORT, ZonePinKeyBlock)


def test_a_transport_key_has_thirty_two_bytes(hsm: Hsm, ring: Ring) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        hsm.export_block(ring.tmk, bytes(16))
    with pytest.raises(ValueError, match="32 bytes"):
        SoftwareHsm(bytes(16), SeededChance(1))


def test_a_weak_draw_of_chance_is_drawn_again() -> None:
    class Stuck:
        """Gives a weak key first, as a broken generator would."""

        def __init__(self) -> None:
            self._first = True
            self._chance = SeededChance(1)

        def take(self, length: int) -> bytes:
            if self._first:
                self._first = False
                return b"\x01" * length
            return self._chance.take(length)

        take_secret = take

    hsm = SoftwareHsm(bytes(range(32)), Stuck())
    assert hsm.check_value(hsm.new_terminal_master_key()).hex().upper() != "8CA64DE9"
