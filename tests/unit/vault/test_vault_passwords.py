"""Operator passwords: checked like PINs, bound to merchant and operator."""

import pytest
from tests.unit.vault.conftest import Ring

from zhanggui.basics.numbers import MerchantNo, OperatorNo
from zhanggui.basics.secret import Secret
from zhanggui.vault.errors import PinRejected
from zhanggui.vault.hsm import FINGERPRINT_BYTES, VERIFIER_BYTES, Hsm, KeySet
from zhanggui.vault.keys import KeyAlgorithm
from zhanggui.vault.pinblock import PasswordAccount

SALT = bytes(range(16))


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.TDES, KeyAlgorithm.SM4])
@pytest.mark.parametrize("password", ["0000", "123456", "12345678", "123456789012"])
def test_the_right_password_is_accepted_and_others_not(
    algorithm: KeyAlgorithm, password: str, hsm: Hsm, ring: Ring, account: PasswordAccount
) -> None:
    pik = hsm.new_working_keys(hsm.new_terminal_master_key(algorithm), KeySet.DOUBLE).pin_key
    verifier = hsm.make_verifier(ring.verifier, SALT, account, Secret(password))
    assert len(verifier) == VERIFIER_BYTES
    for typed in (password, "0001", password[:-1] + "9", password[1:] + "00"):
        if len(typed) < 4 or len(typed) > 12:
            continue
        block = hsm.encrypt_password(pik, Secret(typed), account)
        accepted = hsm.verify_password(block, pik, ring.verifier, SALT, verifier, account)
        assert accepted is (typed == password)


def test_a_verifier_serves_one_operator_of_one_merchant_under_one_salt(hsm: Hsm, ring: Ring) -> None:
    accounts = [
        PasswordAccount(MerchantNo("102100058120001"), OperatorNo("01")),
        PasswordAccount(MerchantNo("102100058120001"), OperatorNo("02")),
        PasswordAccount(MerchantNo("102100058120002"), OperatorNo("01")),
    ]
    made = [hsm.make_verifier(ring.verifier, SALT, account, Secret("0000")) for account in accounts]
    made.append(hsm.make_verifier(ring.verifier, bytes(16), accounts[0], Secret("0000")))
    made.append(hsm.make_verifier(hsm.new_verifier_key(), SALT, accounts[0], Secret("0000")))
    assert len(set(made)) == len(made)


def test_a_block_caught_from_one_operator_does_not_serve_another(
    hsm: Hsm, ring: Ring, account: PasswordAccount
) -> None:
    other = PasswordAccount(account.merchant_no, OperatorNo("02"))
    block = hsm.encrypt_password(ring.pik, Secret("0000"), other)
    verifier = hsm.make_verifier(ring.verifier, SALT, account, Secret("0000"))
    assert not hsm.verify_password(block, ring.pik, ring.verifier, SALT, verifier, account)


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.TDES, KeyAlgorithm.SM4])
def test_a_malformed_block_is_simply_wrong(
    algorithm: KeyAlgorithm, hsm: Hsm, ring: Ring, account: PasswordAccount
) -> None:
    pik = hsm.new_working_keys(hsm.new_terminal_master_key(algorithm), KeySet.DOUBLE).pin_key
    verifier = hsm.make_verifier(ring.verifier, SALT, account, Secret("0000"))
    block = hsm.encrypt_password(pik, Secret("0000"), account)
    malformed = [b"", bytes(8), bytes(16), block[:-1], block + b"\0", bytes(len(block)), block[::-1]]
    for wrong in malformed:
        assert hsm.verify_password(wrong, pik, ring.verifier, SALT, verifier, account) is False


def test_the_width_of_a_block_can_not_be_traded_for_its_contents(
    hsm: Hsm, ring: Ring, account: PasswordAccount
) -> None:
    # A block of wrong length is replaced by zeros inside; a verifier of what these decipher to must not open the door.
    pik = hsm.new_working_keys(ring.tmk, KeySet.DOUBLE).pin_key
    for wrong in (b"", bytes(16)):
        for verifier in (bytes(VERIFIER_BYTES), b""):
            assert hsm.verify_password(wrong, pik, ring.verifier, SALT, verifier, account) is False


def test_letters_of_a_merchant_number_count_as_zero() -> None:
    part = PasswordAccount(MerchantNo("102100058AB0C01"), OperatorNo("99")).part
    assert part.hex() == "0000" + "0058000001" + "99"


@pytest.mark.parametrize(
    ("merchant", "operator"), [("1021", "01"), ("102100058120001", "1"), ("102100058120001", "0a")]
)
def test_an_account_that_is_none_is_refused(merchant: str, operator: str) -> None:
    with pytest.raises(ValueError, match="15 characters"):
        _ = PasswordAccount(MerchantNo(merchant), OperatorNo(operator)).part


@pytest.mark.parametrize("password", ["", "000", "abcd", "1234567890123"])
def test_a_password_is_four_to_twelve_digits(password: str, hsm: Hsm, ring: Ring, account: PasswordAccount) -> None:
    with pytest.raises(PinRejected):
        hsm.encrypt_password(ring.pik, Secret(password), account)
    with pytest.raises(PinRejected):
        hsm.make_verifier(ring.verifier, SALT, account, Secret(password))


def test_a_fingerprint_is_the_same_each_time_and_its_own_for_each_key(hsm: Hsm, ring: Ring) -> None:
    first = hsm.fingerprint(ring.fingerprint, b"6217000000000000012")
    assert len(first) == FINGERPRINT_BYTES
    assert hsm.fingerprint(ring.fingerprint, b"6217000000000000012") == first
    assert hsm.fingerprint(ring.fingerprint, b"6217000000000000020") != first
    assert hsm.fingerprint(hsm.new_fingerprint_key(), b"6217000000000000012") != first
