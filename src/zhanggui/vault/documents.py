"""Documents at rest: each sealed by AES-256-GCM under a key of its own, which descends from one of the host's.

The key of a document is HMAC-SHA-256 over a tag and a random salt, so that hosts on one database, and data from before there were
documents, need no further key to be carried about. What a document is and whose stands in `context` and is authenticated: one that was
laid in another's place does not open.

    version (1) | salt (16) | nonce (12) | sealed content with its tag (16)
"""

from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from zhanggui.basics.chance import Chance

from .errors import DocumentDamaged

VERSION = b"\x01"
SALT_BYTES, NONCE_BYTES, TAG_BYTES = 16, 12, 16
OVERHEAD_BYTES = len(VERSION) + SALT_BYTES + NONCE_BYTES + TAG_BYTES
_TAG = b"zhanggui document key 1:"

Derive = Callable[[bytes], bytes]
"""32 bytes from a label, under a key that stays in the vault."""


def seal_document(derive: Derive, content: bytes, context: bytes, chance: Chance) -> bytes:
    """The content, sealed."""
    salt, nonce = chance.take_secret(SALT_BYTES), chance.take_secret(NONCE_BYTES)
    return VERSION + salt + nonce + AESGCM(derive(_TAG + salt)).encrypt(nonce, content, context)


def open_document(derive: Derive, sealed: bytes, context: bytes) -> bytes:
    """The content. DocumentDamaged when it was altered, laid in another's place, or sealed elsewhere."""
    if len(sealed) < OVERHEAD_BYTES or sealed[:1] != VERSION:
        raise DocumentDamaged("a sealed document is shorter than any, or of a version that this program does not know")
    salt, nonce, body = sealed[1:17], sealed[17:29], sealed[29:]
    try:
        return AESGCM(derive(_TAG + salt)).decrypt(nonce, body, context)
    except InvalidTag:
        raise DocumentDamaged("a sealed document was altered, or is not the one that its row names") from None
