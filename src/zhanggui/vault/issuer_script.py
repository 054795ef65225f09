"""The MAC by which a chip knows a command of its own issuer: the secure messaging of issuer scripts.

    issuer script key ─(card number, sequence)→ card script key ─(cryptogram)→ session key ─(header, counter, cryptogram, data)→ MAC

The key is another one than that of the cryptograms: whoever could make one could not make the other.
Source: EMV Book 2 version 4.3: A1.4.1 card key, option A; A1.3.1 common session key, whose diversifier is the cryptogram here;
9.2.3 with A1.2.1 MAC (ISO/IEC 9797-1 algorithm 3, padding method 2), its first four bytes; PBOC 3.0 (JR/T 0025) for what it covers.

>>> key, arqc = bytes.fromhex("154F349D8585CB7F6B0798E9839B10C1"), bytes(8)
>>> mac = script_mac(key, 1, arqc, bytes.fromhex("841E000004"))
>>> len(mac), verify_script_mac(key, 1, arqc, bytes.fromhex("841E000004"), mac)
(4, True)
>>> verify_script_mac(key, 2, arqc, bytes.fromhex("841E000004"), mac)
False
"""

import hmac

from .cryptogram import application_cryptogram, derive_session_key

SCRIPT_MAC_BYTES = 4
"""The shortest that the books allow, and the usual one."""
HEADER_BYTES = 5
"""CLA, INS, P1, P2 and Lc, which counts the MAC too."""


def script_mac(card_key: bytes, counter: int, arqc: bytes, command: bytes) -> bytes:
    """Issuer: seal a command (header and data, without its MAC) for the payment with this counter and cryptogram."""
    header, data = command[:HEADER_BYTES], command[HEADER_BYTES:]
    covered = header + counter.to_bytes(2, "big") + arqc + data
    return application_cryptogram(derive_session_key(card_key, arqc), covered)[:SCRIPT_MAC_BYTES]


def verify_script_mac(card_key: bytes, counter: int, arqc: bytes, command: bytes, mac: bytes) -> bool:
    """Card: tell, in constant time, whether its own issuer sent this command in answer to this payment."""
    return hmac.compare_digest(script_mac(card_key, counter, arqc, command), mac)
