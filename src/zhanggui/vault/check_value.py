"""密钥校验值 (KCV): four bytes that show two sides hold the same key without telling it (domain reference, §4.3).

>>> check_value(KeyAlgorithm.TDES, bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")).hex().upper()
'08D7B4FB'
"""

from .ciphers import ecb_encryptor, keyed_hash
from .keys import KeyAlgorithm
from .signature import public_half

CHECK_VALUE_BYTES = 4


def check_value(algorithm: KeyAlgorithm, key: bytes) -> bytes:
    """First four bytes of one zero block enciphered under the clear key: 8 bytes for DES and triple DES, 16 for SM4.

    For an HMAC key, which enciphers nothing: the first four bytes of HMAC-SHA-256 over the empty text. For a signing
    key: the first four bytes of its public half.
    """
    if algorithm is KeyAlgorithm.HMAC:
        return keyed_hash(algorithm, key).digest(b"")[:CHECK_VALUE_BYTES]
    if algorithm is KeyAlgorithm.ED25519:
        return public_half(key)[:CHECK_VALUE_BYTES]
    cipher = ecb_encryptor(algorithm, key)
    return cipher.update(bytes(cipher.width))[:CHECK_VALUE_BYTES]
