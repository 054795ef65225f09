"""Ed25519 against RFC 8032, and what a signing key of the vault gives out."""

import pytest
from tests.unit.vault.conftest import Ring

from zhanggui.vault.hsm import Hsm
from zhanggui.vault.keys import KeyAlgorithm
from zhanggui.vault.local import LocalKeys
from zhanggui.vault.signature import public_half, signature_fits, signer

# RFC 8032, section 7.1, tests 1 to 3: private key, public key, message, signature.
RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.mark.parametrize(("private", "public", "message", "signature"), RFC_8032)
def test_keys_and_signatures_are_those_of_rfc_8032(private: str, public: str, message: str, signature: str) -> None:
    key, data = bytes.fromhex(private), bytes.fromhex(message)
    assert public_half(key).hex() == public
    assert signer(key)(data).hex() == signature
    assert signature_fits(bytes.fromhex(public), data, bytes.fromhex(signature))


def test_a_signature_fits_its_own_bytes_and_key_only(hsm: Hsm, ring: Ring) -> None:
    public, signature = hsm.public_key(ring.signing), hsm.sign(ring.signing, b"head")
    assert signature_fits(public, b"head", signature)
    assert not signature_fits(public, b"tail", signature)
    assert not signature_fits(hsm.public_key(hsm.new_signing_key()), b"head", signature)
    for place in range(len(signature)):
        flipped = bytes(byte ^ (place == at) for at, byte in enumerate(signature))
        assert not signature_fits(public, b"head", flipped)


@pytest.mark.parametrize(("public", "signature"), [(b"", b""), (bytes(31), bytes(64)), (bytes(32), bytes(63))])
def test_what_is_malformed_does_not_fit(public: bytes, signature: bytes) -> None:
    assert not signature_fits(public, b"", signature)


def test_the_private_half_stands_in_no_block_and_no_text(hsm: Hsm, ring: Ring) -> None:
    algorithm, private = LocalKeys(bytes(range(32)), _NoChance()).open(ring.signing)
    assert algorithm is KeyAlgorithm.ED25519
    assert private.hex().upper() not in ring.signing.text
    assert private.hex() not in repr(ring.signing) + repr(hsm)


class _NoChance:
    def take(self, length: int) -> bytes:
        raise AssertionError("opening a block takes no chance")

    take_secret = take
