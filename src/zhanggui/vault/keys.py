"""Sealed keys, one Python type for each purpose.

A `KeyBlock` holds the text of a TR-31 block (see `blocks.py`), never a clear key, so it may stand in a database row.
Its type says what the key is for; the type checker refuses a PIN key where a MAC key is wanted, and the vault refuses
it again at run time, because the purpose also stands, authenticated, in the header of the block.

>>> PinKeyBlock("D0128P0TB00N0200…", check_value=bytes.fromhex("68D0648C"))
PinKeyBlock(check_value=68D0648C)
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, NoReturn


class KeyAlgorithm(StrEnum):
    """What a key is used with, by the letter of ANSI X9.143 table 3; digits are free for private use there."""

    DES = "D"
    """Single DES, 8 bytes."""
    TDES = "T"
    """Triple DES, 16 or 24 bytes."""
    SM4 = "4"
    """SM4 (GB/T 32907), 16 bytes. X9.143 has no letter for it."""
    HMAC = "H"
    """HMAC-SHA-256, 32 bytes."""
    ED25519 = "E"
    """Ed25519 (RFC 8032), the private key of 32 bytes; E is the letter of elliptic curves."""


CIPHERS = frozenset({KeyAlgorithm.DES, KeyAlgorithm.TDES, KeyAlgorithm.SM4})
"""Algorithms of keys that encipher blocks."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What the header of a key block says about its key (X9.143 tables 2 to 5).

    `label` tells apart purposes that share a usage code; it stands in the optional block LB.
    `exportable` keys may be written out under a transport key.
    """

    usage: str
    mode: str
    label: str
    algorithms: frozenset[KeyAlgorithm]
    exportable: bool


@dataclass(frozen=True, slots=True, repr=False)
class KeyBlock:
    """A key at rest: TR-31 text under the local key of the vault that made it.

    `check_value` is the key's check value (4 bytes) where the maker knew it; it takes no part in comparison.
    """

    text: str
    check_value: bytes | None = field(default=None, compare=False)

    PURPOSE: ClassVar[Purpose]

    def __repr__(self) -> str:
        shown = "unknown" if self.check_value is None else self.check_value.hex().upper()
        return f"{type(self).__name__}(check_value={shown})"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a key block is not pickled or copied; store its text")


class TerminalMasterKeyBlock(KeyBlock):
    """终端主密钥 (TMK): enciphers the working keys of one terminal; never used on data."""

    __slots__ = ()
    PURPOSE = Purpose("K0", "B", "TMK", CIPHERS, exportable=True)


class PinKeyBlock(KeyBlock):
    """PIN 密钥 (PIK): PIN blocks and operator password blocks between terminal and host."""

    __slots__ = ()
    PURPOSE = Purpose("P0", "B", "PIK", CIPHERS, exportable=False)


class MacKeyBlock(KeyBlock):
    """MAC 密钥 (MAK): message authentication between terminal and host."""

    __slots__ = ()
    PURPOSE = Purpose("M3", "C", "MAK", CIPHERS, exportable=False)


class TrackKeyBlock(KeyBlock):
    """磁道密钥 (TDK): track data between terminal and host."""

    __slots__ = ()
    PURPOSE = Purpose("D0", "B", "TDK", CIPHERS, exportable=False)


class ZonePinKeyBlock(KeyBlock):
    """PIN blocks between host and bank."""

    __slots__ = ()
    PURPOSE = Purpose("P0", "B", "ZPK", CIPHERS, exportable=True)


class ZoneMacKeyBlock(KeyBlock):
    """Message authentication between host and bank."""

    __slots__ = ()
    PURPOSE = Purpose("M3", "C", "ZAK", CIPHERS, exportable=True)


class VerifierKeyBlock(KeyBlock):
    """Keyed verifiers of operator passwords and, at the bank, of PINs."""

    __slots__ = ()
    PURPOSE = Purpose("V0", "C", "VFY", frozenset({KeyAlgorithm.HMAC}), exportable=False)


class FingerprintKeyBlock(KeyBlock):
    """Keyed hashes of card numbers and of a message's business fields."""

    __slots__ = ()
    PURPOSE = Purpose("M7", "C", "FGP", frozenset({KeyAlgorithm.HMAC}), exportable=False)


class ChipMasterKeyBlock(KeyBlock):
    """发卡行应用密文主密钥: the issuer's key from which the keys of its chip cards descend."""

    __slots__ = ()
    PURPOSE = Purpose("E0", "X", "IMK", frozenset({KeyAlgorithm.TDES}), exportable=False)


class ChipScriptKeyBlock(KeyBlock):
    """发卡行脚本主密钥: the issuer's key from which the keys descend by which its chips know its commands."""

    __slots__ = ()
    PURPOSE = Purpose("E2", "X", "SMI", frozenset({KeyAlgorithm.TDES}), exportable=False)


class CodeKeyBlock(KeyBlock):
    """签到代码密钥: the secret of an operator's time-based sign-in codes."""

    __slots__ = ()
    PURPOSE = Purpose("M7", "C", "OTP", frozenset({KeyAlgorithm.HMAC}), exportable=False)


class WalletKeyBlock(KeyBlock):
    """钱包接口密钥: proofs of requests and answers between host and wallets."""

    __slots__ = ()
    PURPOSE = Purpose("M7", "C", "WAL", frozenset({KeyAlgorithm.HMAC}), exportable=True)


class SigningKeyBlock(KeyBlock):
    """Signatures over the checkpoints of provable records. The public half is told to whoever checks them."""

    __slots__ = ()
    PURPOSE = Purpose("S0", "S", "CPS", frozenset({KeyAlgorithm.ED25519}), exportable=False)


PURPOSES: tuple[type[KeyBlock], ...] = (
    TerminalMasterKeyBlock,
    PinKeyBlock,
    MacKeyBlock,
    TrackKeyBlock,
    ZonePinKeyBlock,
    ZoneMacKeyBlock,
    VerifierKeyBlock,
    FingerprintKeyBlock,
    ChipMasterKeyBlock,
    ChipScriptKeyBlock,
    CodeKeyBlock,
    WalletKeyBlock,
    SigningKeyBlock,
)
"""Every purpose there is."""


def type_of(usage: str, label: str) -> type[KeyBlock] | None:
    """Find the type for a usage code and label; None when no purpose of ours has both."""
    for kind in PURPOSES:
        if (kind.PURPOSE.usage, kind.PURPOSE.label) == (usage, label):
            return kind
    return None
