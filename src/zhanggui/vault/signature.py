"""Signatures that anybody can check: Ed25519 (RFC 8032). The private half stays in the vault, the public half is told.

>>> key = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
>>> public_half(key).hex()[:16]
'd75a980182b10ab7'
>>> signature_fits(public_half(key), b"", signer(key)(b""))
True
"""

from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PUBLIC_KEY_BYTES = 32
SIGNATURE_BYTES = 64


def public_half(private_key: bytes) -> bytes:
    """The public key of a private key; both have 32 bytes."""
    return Ed25519PrivateKey.from_private_bytes(private_key).public_key().public_bytes_raw()


def signer(private_key: bytes) -> Callable[[bytes], bytes]:
    """What signs with this key: any bytes in, 64 bytes out. The same bytes always get the same signature."""
    return Ed25519PrivateKey.from_private_bytes(private_key).sign


def signature_fits(public_key: bytes, data: bytes, signature: bytes) -> bool:
    """Whether the holder of the private half signed these bytes. False for anything malformed too."""
    if len(public_key) != PUBLIC_KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True
