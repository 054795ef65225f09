"""Chip cryptograms: what a card and its issuer say to each other through terminal and host.

The card proves itself with the ARQC, the issuer answers with the ARPC. Keys go down a ladder:

    issuer master key ─(card number, sequence)→ card master key ─(counter)→ session key ─(data)→ cryptogram

Source: EMV Book 2 version 4.3: A1.4.1 card master key, option A; A1.3.1 common session key; A1.2.1 MAC (ISO/IEC 9797-1
algorithm 3, padding method 2); 8.2.1 ARPC method 1; CCD cryptogram version 5 for the order of the data.

>>> card_key = derive_card_key(bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"), "1234567890123456", "00")
>>> card_key.hex().upper()
'154F349D8585CB7F6B0798E9839B10C1'
>>> arqc = make_arqc(card_key, 1, bytes(29))
>>> verify_arqc(card_key, 1, bytes(29), arqc), verify_arqc(card_key, 2, bytes(29), arqc)
(True, False)
"""

import hmac
from collections.abc import Callable, Mapping

from .ciphers import ecb_encryptor
from .errors import CryptogramDataMissing
from .keys import KeyAlgorithm
from .mac import MacAlgorithm, mac_function
from .weak_keys import with_odd_parity

CRYPTOGRAM_BYTES = 8
COUNTER_MAX = 0xFFFF
"""The application transaction counter (ATC, tag 9F36) has two bytes; a card that reached the end is dead."""
BLOCK_BYTES = 8

ARQC_TAGS = (0x9F02, 0x9F03, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37, 0x82, 0x9F36, 0x9F10)
"""What the cryptogram covers, in this order: amount, other amount, country, terminal's verification results, currency,
date, type, unpredictable number, interchange profile, counter, issuer application data."""


def arqc_data(values: Mapping[int, bytes]) -> bytes:
    """Join the covered values of field 55. CryptogramDataMissing names the first tag that is not there."""
    for tag in ARQC_TAGS:
        if tag not in values:
            raise CryptogramDataMissing(tag)
    return b"".join(values[tag] for tag in ARQC_TAGS)


def diversification(pan: str, sequence: str) -> bytes:
    """The sixteen bytes that tell one card from another: number and sequence, and their complement.

    `sequence` is the card sequence number; its last two digits count, an empty one is 00. Of a number longer than
    fourteen digits the rightmost sixteen of both together count (option A).
    """
    digits = (pan + sequence[-2:].rjust(2, "0"))[-16:].rjust(16, "0")
    left = bytes.fromhex(digits)
    return left + bytes(byte ^ 0xFF for byte in left)


def card_key_under(encipher: Callable[[bytes], bytes], pan: str, sequence: str) -> bytes:
    """The card master key by a kept context of the issuer master key."""
    return with_odd_parity(encipher(diversification(pan, sequence)))


def derive_card_key(issuer_key: bytes, pan: str, sequence: str) -> bytes:
    """卡片主密钥: the key of one card, 16 bytes with odd parity, from the issuer master key of 16 bytes."""
    return card_key_under(ecb_encryptor(KeyAlgorithm.TDES, issuer_key).update, pan, sequence)


def derive_session_key(card_key: bytes, diversifier: bytes) -> bytes:
    """The key of one payment. `diversifier` has eight bytes; for a cryptogram it is the counter and six zero bytes."""
    left = diversifier[:2] + b"\xf0" + diversifier[3:]
    right = diversifier[:2] + b"\x0f" + diversifier[3:]
    return with_odd_parity(ecb_encryptor(KeyAlgorithm.TDES, card_key).update(left + right))


def session_key_of(card_key: bytes, counter: int) -> bytes:
    """The session key of the payment with this counter."""
    return derive_session_key(card_key, counter.to_bytes(2, "big") + bytes(6))


def application_cryptogram(session_key: bytes, data: bytes) -> bytes:
    """The eight bytes of an ARQC, TC or AAC over `data`, under a session key."""
    padded = data + b"\x80" + bytes(-(len(data) + 1) % BLOCK_BYTES)
    return mac_function(MacAlgorithm.X9_19, KeyAlgorithm.TDES, session_key)(padded)


def response_cryptogram(session_key: bytes, arqc: bytes, response_code: bytes) -> bytes:
    """ARPC method 1 over the ARQC and the issuer's answer code of two bytes."""
    mixed = int.from_bytes(arqc, "big") ^ int.from_bytes(response_code.ljust(CRYPTOGRAM_BYTES, b"\0"), "big")
    return ecb_encryptor(KeyAlgorithm.TDES, session_key).update(mixed.to_bytes(CRYPTOGRAM_BYTES, "big"))


def make_arqc(card_key: bytes, counter: int, data: bytes) -> bytes:
    """Card: ask the issuer. `data` is `arqc_data` of what terminal and card agreed on."""
    return application_cryptogram(session_key_of(card_key, counter), data)


def verify_arqc(card_key: bytes, counter: int, data: bytes, arqc: bytes) -> bool:
    """Issuer: tell, in constant time, whether the card with this key asked."""
    return hmac.compare_digest(make_arqc(card_key, counter, data), arqc)


def make_arpc(card_key: bytes, counter: int, arqc: bytes, response_code: str) -> bytes:
    """Issuer: answer the card. `response_code` is field 39, two characters."""
    return response_cryptogram(session_key_of(card_key, counter), arqc, response_code.encode("ascii"))


def verify_arpc(card_key: bytes, counter: int, arqc: bytes, response_code: str, arpc: bytes) -> bool:
    """Card: tell, in constant time, whether its own issuer answered."""
    return hmac.compare_digest(make_arpc(card_key, counter, arqc, response_code), arpc)
