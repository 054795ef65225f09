"""What holds for every key, PIN, password, track and message."""

import psec
from hypothesis import given
from hypothesis import strategies as st

from zhanggui.basics.chance import SeededChance
from zhanggui.basics.numbers import MerchantNo, OperatorNo
from zhanggui.basics.secret import Pan, Secret
from zhanggui.vault.blocks import BlockHeader, KeyWrapper
from zhanggui.vault.errors import KeyBlockRejected, PinBlockError
from zhanggui.vault.hsm import KeySet
from zhanggui.vault.keys import KeyAlgorithm
from zhanggui.vault.mac import MacAlgorithm, mac_function
from zhanggui.vault.pinblock import PasswordAccount, clear_block, digits_of, pan_part
from zhanggui.vault.software import SoftwareHsm
from zhanggui.vault.track import clear_nibbles, opened_track, window_of

DIGITS = "0123456789"
pins = st.text(DIGITS, min_size=4, max_size=12).map(Secret)
pans = st.text(DIGITS, min_size=12, max_size=19).map(Pan)
keys_16 = st.binary(min_size=16, max_size=16)
blocks = st.binary(min_size=8, max_size=8)

HSM = SoftwareHsm(bytes(range(32)), SeededChance(1))
TMK = HSM.new_terminal_master_key()
WORKING = HSM.new_working_keys(TMK, KeySet.DOUBLE_TRACK)
ZONE = HSM.new_zone_pin_key()
VERIFIER = HSM.new_verifier_key()
SALT = bytes(16)
ACCOUNT = PasswordAccount(MerchantNo("102100058120001"), OperatorNo("01"))


@given(pin=pins, pan=pans | st.none(), width=st.sampled_from([8, 16]))
def test_a_pin_block_reads_back(pin: Secret, pan: Pan | None, width: int) -> None:
    part = None if pan is None else pan_part(pan)
    block = clear_block(pin, part, width)
    assert len(block) == width
    assert digits_of(block, part) == pin


@given(pin=pins, pan=st.text(DIGITS, min_size=13, max_size=19))
def test_psec_builds_the_same_pin_block(pin: Secret, pan: str) -> None:
    assert clear_block(pin, pan_part(Pan(pan))) == psec.pinblock.encode_pinblock_iso_0(pin.reveal(), pan)


@given(block=blocks | st.text(DIGITS + "F", min_size=16, max_size=16).map(bytes.fromhex))
def test_a_block_that_reads_is_the_one_that_would_be_built(block: bytes) -> None:
    try:
        pin = digits_of(block, None)
    except PinBlockError:
        return
    assert clear_block(pin, None) == block


@given(pin=pins, typed=pins, pan=pans)
def test_the_bank_accepts_the_pin_and_no_other(pin: Secret, typed: Secret, pan: Pan) -> None:
    reference = HSM.make_pin_reference(VERIFIER, pan, pin)
    block = HSM.translate_pin(HSM.encrypt_pin(WORKING.pin_key, typed, pan), WORKING.pin_key, ZONE)
    assert HSM.verify_pin(block, ZONE, pan, reference, verifier_key=VERIFIER) is (pin == typed)


@given(password=pins, typed=pins)
def test_the_host_accepts_the_password_and_no_other(password: Secret, typed: Secret) -> None:
    verifier = HSM.make_verifier(VERIFIER, SALT, ACCOUNT, password)
    block = HSM.encrypt_password(WORKING.pin_key, typed, ACCOUNT)
    accepted = HSM.verify_password(block, WORKING.pin_key, VERIFIER, SALT, verifier, ACCOUNT)
    assert accepted is (password == typed)


@given(block=st.binary(max_size=24), password=pins)
def test_no_bytes_make_the_password_check_raise_or_accept(block: bytes, password: Secret) -> None:
    verifier = HSM.make_verifier(VERIFIER, SALT, ACCOUNT, password)
    right = block == HSM.encrypt_password(WORKING.pin_key, password, ACCOUNT)
    assert HSM.verify_password(block, WORKING.pin_key, VERIFIER, SALT, verifier, ACCOUNT) is right


@given(track=st.text(DIGITS + "D", min_size=1, max_size=104))
def test_a_track_comes_back(track: str) -> None:
    assert WORKING.track_key is not None
    sealed = HSM.encrypt_track(WORKING.track_key, track)
    window = window_of(sealed)
    filled = clear_nibbles(track)
    assert (sealed[: window.start], sealed[window.stop :]) == (filled[: window.start], filled[window.stop :])
    assert HSM.decrypt_track(WORKING.track_key, sealed) == track == opened_track(filled)


@given(
    protection=st.sampled_from([16, 24, 32]),
    key=st.sampled_from([8, 16, 24]).flatmap(lambda length: st.binary(min_size=length, max_size=length)),
    label=st.none() | st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=40),
    seed=st.integers(0, 1000),
)
def test_a_key_block_opens_here_and_at_psec(protection: int, key: bytes, label: str | None, seed: int) -> None:
    kbpk = SeededChance(seed).take(protection)
    header = BlockHeader("M3", "T", "C", "E", () if label is None else (("LB", label),))
    text = KeyWrapper(kbpk).wrap(header, key, SeededChance(seed))
    assert KeyWrapper(kbpk).unwrap(text) == (header, key)
    theirs, opened = psec.tr31.unwrap(kbpk, text)
    assert opened == key
    assert theirs.blocks["LB"] == label if label else "LB" not in theirs.blocks


@given(text=st.text(max_size=200) | st.text("0123456789ABCDEFDPT", min_size=100, max_size=200).map(lambda t: "D" + t))
def test_no_text_makes_a_key_block_raise_anything_but_a_rejection(text: str) -> None:
    try:
        KeyWrapper(bytes(32)).unwrap(text)
    except KeyBlockRejected:
        return
    raise AssertionError("a random text opened")


@given(key=keys_16, data=st.binary(max_size=300))
def test_psec_computes_the_same_retail_mac(key: bytes, data: bytes) -> None:
    ours = mac_function(MacAlgorithm.X9_19, KeyAlgorithm.TDES, key)(data)
    assert ours == psec.mac.generate_retail_mac(key[:8], key[8:], data, 1)


@given(messages=st.lists(st.binary(max_size=200), min_size=1, max_size=8), algorithm=st.sampled_from(MacAlgorithm))
def test_the_order_of_messages_never_changes_a_mac(messages: list[bytes], algorithm: MacAlgorithm) -> None:
    kind = KeyAlgorithm.SM4 if algorithm.name.startswith("SM4") else KeyAlgorithm.TDES
    kept = mac_function(algorithm, kind, bytes(range(16)))
    forward = [kept(message) for message in messages]
    backward = [kept(message) for message in reversed(messages)]
    assert forward == backward[::-1]
