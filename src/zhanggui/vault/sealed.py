"""The local key at rest: sealed by a passphrase, as JSON text. Pure; `keyfile.py` reads and writes the file.

The passphrase becomes a key by scrypt (RFC 7914), the local key is sealed by AES-256-GCM, and what the file says about
itself is authenticated with it. A checksum tells a damaged file from a wrong passphrase, which the cipher alone can't.

>>> from zhanggui.basics.chance import SeededChance
>>> text = seal(bytes(32), Secret("correct horse"), SeededChance(1))
>>> unseal(text, Secret("correct horse")) == bytes(32)
True
"""

import hashlib
import hmac
import unicodedata

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from zhanggui.basics.chance import Chance
from zhanggui.basics.secret import Secret

from ..basics.bad_json import BAD_JSON
from .errors import PassphraseTooShort, SealedFileDamaged, WrongPassphrase
from .local import LOCAL_KEY_BYTES

PASSPHRASE_CHARACTERS_MIN = 8
TEXT_BYTES_MAX = 4096
"""Bound on a sealed text that is read; ours have under 500 bytes."""
SCRYPT_N = 1 << 15
SCRYPT_R = 8
SCRYPT_P = 1
"""32 MiB and about 0.1 s for each guess ; the passphrase is read once, at start."""
SCRYPT_N_MAX = 1 << 18
SCRYPT_R_MAX = 8
SCRYPT_P_MAX = 4
"""Bounds on what a file may ask for: at most 256 MiB, so a forged file can't exhaust the machine."""
SALT_BYTES = 16
NONCE_BYTES = 12

_FORMAT = "zhanggui-sealed-key-1"


class _Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file holds besides its checksum. Byte strings are base64 in JSON."""

    format: str
    kdf: str
    n: int
    r: int
    p: int
    salt: bytes
    cipher: str
    nonce: bytes
    sealed: bytes

    def described(self) -> bytes:
        """Everything but the sealed key, for authentication."""
        return msgspec.json.encode((self.format, self.kdf, self.n, self.r, self.p, self.salt, self.cipher, self.nonce))

    def checksum(self) -> str:
        return hashlib.sha256(self.described() + self.sealed).hexdigest()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    key: _Body
    checksum: str


def seal(local_key: bytes, passphrase: Secret, chance: Chance) -> str:
    """Seal a local key of 32 bytes. Raises PassphraseTooShort under eight characters."""
    if len(local_key) != LOCAL_KEY_BYTES:
        raise ValueError(f"a local key has {LOCAL_KEY_BYTES} bytes")
    if len(passphrase.reveal()) < PASSPHRASE_CHARACTERS_MIN:
        raise PassphraseTooShort(
            f"a passphrase has {PASSPHRASE_CHARACTERS_MIN} characters or more; choose a longer one"
        )
    body = _Body(
        format=_FORMAT,
        kdf="scrypt",
        n=SCRYPT_N,
        r=SCRYPT_R,
        p=SCRYPT_P,
        salt=chance.take_secret(SALT_BYTES),
        cipher="aes-256-gcm",
        nonce=chance.take_secret(NONCE_BYTES),
        sealed=b"",
    )
    sealed = AESGCM(_stretch(passphrase, body)).encrypt(body.nonce, local_key, body.described())
    body = msgspec.structs.replace(body, sealed=sealed)
    return msgspec.json.format(msgspec.json.encode(_File(body, body.checksum())), indent=2).decode() + "\n"


def unseal(text: str, passphrase: Secret) -> bytes:
    """Open a sealed local key.

    Raises SealedFileDamaged when the text is not what was written, WrongPassphrase when only the passphrase is wrong.
    """
    if len(text.encode()) > TEXT_BYTES_MAX:
        raise _seal_damaged(f"it is longer than {TEXT_BYTES_MAX} bytes")
    try:
        file = msgspec.json.decode(text, type=_File)
    except BAD_JSON:
        # The decoder's own words may quote the file; they are left out.
        raise _seal_damaged("it is not the JSON that was written") from None
    body = file.key
    if (body.format, body.kdf, body.cipher) != (_FORMAT, "scrypt", "aes-256-gcm"):
        raise _seal_damaged("its format is not one this version reads")
    if not hmac.compare_digest(body.checksum().encode(), file.checksum.encode()):
        raise _seal_damaged("its checksum does not fit")
    _check_bounds(body)
    try:
        return AESGCM(_stretch(passphrase, body)).decrypt(body.nonce, body.sealed, body.described())
    except InvalidTag:
        raise WrongPassphrase("the passphrase does not open the local key; check it and start again") from None


def _check_bounds(body: _Body) -> None:
    power_of_two = body.n > 1 and body.n & (body.n - 1) == 0
    if not (power_of_two and body.n <= SCRYPT_N_MAX and 1 <= body.r <= SCRYPT_R_MAX and 1 <= body.p <= SCRYPT_P_MAX):
        raise _seal_damaged("its scrypt parameters are out of bounds")
    if (len(body.salt), len(body.nonce), len(body.sealed)) != (SALT_BYTES, NONCE_BYTES, LOCAL_KEY_BYTES + 16):
        raise _seal_damaged("salt, nonce or sealed key has a wrong length")


def _stretch(passphrase: Secret, body: _Body) -> bytes:
    """Derive the sealing key. The passphrase is normalised (NFKC), so that it does not depend on the input method."""
    typed = unicodedata.normalize("NFKC", passphrase.reveal()).encode()
    return Scrypt(salt=body.salt, length=32, n=body.n, r=body.r, p=body.p).derive(typed)


def _seal_damaged(why: str) -> SealedFileDamaged:
    return SealedFileDamaged(f"the sealed local key is damaged: {why}. Restore the file from its backup")
