"""New operator passwords: what is too simple, what may not come back, and that only the vault sees the digits."""

import pytest

from zhanggui.basics.secret import Secret
from zhanggui.vault.hsm import Hsm, NewPasswordRules
from zhanggui.vault.keys import PinKeyBlock, VerifierKeyBlock
from zhanggui.vault.password_rules import is_simple
from zhanggui.vault.pinblock import PasswordAccount

RULES = NewPasswordRules(digits_min=6, digits_max=12, banned_patterns=True)


@pytest.mark.parametrize(
    "digits",
    [
        "0000",
        "777777",
        "1234",
        "654321",
        "890123",
        "123123",
        "909090",
        "1988",
        "198806",
        "0812",
        "880812",
        "19880812",
        "5201314",
        "0101",
    ],
)
def test_what_others_try_first_is_refused(digits: str) -> None:
    assert is_simple(digits, "01")


@pytest.mark.parametrize("digits", ["830274", "4719", "27183845", "913052", "135792468013"])
def test_other_passwords_are_not_called_simple(digits: str) -> None:
    assert not is_simple(digits, "01")


class Change:
    """One change of password, with the blocks that a PIN pad makes."""

    def __init__(
        self, hsm: Hsm, pin_key: PinKeyBlock, verifier_key: VerifierKeyBlock, account: PasswordAccount
    ) -> None:
        self.hsm, self.pin_key, self.verifier_key, self.account = hsm, pin_key, verifier_key, account
        self.salt = hsm.new_salt()

    def kept(self, digits: str) -> tuple[bytes, bytes]:
        return self.salt, self.hsm.make_verifier(self.verifier_key, self.salt, self.account, Secret(digits))

    def to(self, digits: str, *earlier: tuple[bytes, bytes]) -> bytes | str:
        block = self.hsm.encrypt_password(self.pin_key, Secret(digits), self.account)
        return self.hsm.accept_new_password(
            block, self.pin_key, self.verifier_key, self.account, RULES, self.hsm.new_salt(), earlier
        )


@pytest.fixture
def change(hsm: Hsm, ring: object, account: PasswordAccount) -> Change:
    return Change(hsm, ring.pik, ring.verifier, account)  # type: ignore[attr-defined]  # the ring of conftest


def test_a_good_password_gives_a_verifier_that_fits_it_and_no_other(change: Change) -> None:
    salt = bytes(16)
    block = change.hsm.encrypt_password(change.pin_key, Secret("830274"), change.account)
    verifier = change.hsm.accept_new_password(
        block, change.pin_key, change.verifier_key, change.account, RULES, salt, ()
    )
    assert isinstance(verifier, bytes)
    for digits, fits in (("830274", True), ("830275", False)):
        sent = change.hsm.encrypt_password(change.pin_key, Secret(digits), change.account)
        assert (
            change.hsm.verify_password(sent, change.pin_key, change.verifier_key, salt, verifier, change.account)
            is fits
        )


def test_each_fault_has_its_word(change: Change) -> None:
    assert change.to("4719") == "too_short"
    assert change.to("123456") == "banned"
    assert change.to("830274", change.kept("830274")) == "same"
    assert change.to("830274", change.kept("913052"), change.kept("830274")) == "reused"
    unreadable = change.hsm.accept_new_password(
        bytes(8), change.pin_key, change.verifier_key, change.account, RULES, change.salt, ()
    )
    assert unreadable == "unreadable"
