"""Proof of which machine asks (终端硬件序列号密文): its serial number and a factor of this payment, under the machine's own SM4 key.

Eight characters, made as a MAC under SM4 is: fold by XOR, write in hexadecimal, chain (domain reference, QR, §5.3; `mac.py`, SM4_HEX).
"""

from .keys import KeyAlgorithm
from .mac import MacAlgorithm, mac_function


def identity_cipher(key: bytes, serial: str, factor: str) -> str:
    """The proof, in hexadecimal.

    >>> identity_cipher(bytes(range(16)), "0000020254004318", "000052")
    'F5861856'
    """
    return mac_function(MacAlgorithm.SM4_HEX, KeyAlgorithm.SM4, key)((serial + factor).encode("ascii")).decode("ascii")
