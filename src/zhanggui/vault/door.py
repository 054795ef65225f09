"""What a terminal and its host seal for each other over HTTP: AES-256-GCM under a key that descends from the terminal's master key.

The master key itself enciphers working keys and nothing else; a key of its own is derived from it (HKDF-SHA-256, RFC 5869) and never
leaves the vault. So both ends can speak before the first sign-in and after a failed one, and a machine whose keys were erased is silent
here too. The context says who speaks to whom, about what and in which turn; it is authenticated, so what was caught fits no other place,
and an answer fits its request alone. Each body has a key of its own again (`documents.py`).
"""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .ciphers import KeyedHash, keyed_hash
from .keys import KeyAlgorithm

_SALT, _USE = b"zhanggui", b"the terminals' door: sealed bodies 1"
_KEY_BYTES = 32


def door_hash(_: KeyAlgorithm, master: bytes) -> KeyedHash:
    """The keyed hash from which each body's own key is made, for one terminal master key."""
    derived = HKDF(SHA256(), _KEY_BYTES, salt=_SALT, info=_USE).derive(master)
    return keyed_hash(KeyAlgorithm.HMAC, derived)
