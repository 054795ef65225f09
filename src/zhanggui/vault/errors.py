"""What can go wrong in the vault. No message ever carries a key, a PIN, a password or a card number.

ZhangguiError
├── RemoteProtocolError
│   ├── PinBlockError           the block does not hold a PIN: another key, or another format (answer 99)
│   ├── TrackError              the track is not digits with a separator, or has an impossible length
│   ├── CryptogramDataMissing   field 55 lacks something that the chip's cryptogram covers
│   ├── KeyBlockRejected        a key block is damaged, altered, under another key, or not what was asked for
│   └── WorkingKeysRejected     field 62 of a sign-in answer can't be used
│       └── KeyCheckFailed      a working key does not fit its check value
├── Fault
│   ├── SealedFileDamaged       the sealed local key is not readable any more
│   └── KeyFileUnusable         the disk refused the key file
├── Defect
│   └── KeyMisuse               the program used a key for another purpose than its own
└── Misuse
    ├── PinRejected             what was typed is no PIN or password: not 4 to 12 digits
    ├── WeakKeyRefused          a known test key, or a weak one, where only real keys are allowed
    ├── WrongPassphrase         the passphrase does not open the sealed key
    ├── PassphraseTooShort      the passphrase offered for sealing is too short
    └── KeyFileRefused          the key file is missing, already there, or open to other users
"""

from zhanggui.basics.errors import Defect, Fault, Misuse, RemoteProtocolError


class PinBlockError(RemoteProtocolError):
    """A deciphered block does not hold a PIN."""


class TrackError(RemoteProtocolError):
    """Track data can't be enciphered or deciphered."""


class CryptogramDataMissing(RemoteProtocolError):
    """Field 55 lacks a data element that the cryptogram covers; `tag` says which."""

    def __init__(self, tag: int) -> None:
        super().__init__(
            f"field 55: tag {tag:X} is missing, the cryptogram covers it. Check the terminal's list of chip data"
        )
        self.tag = tag


class KeyBlockRejected(RemoteProtocolError):
    """A key block failed its authentication or says something else than was asked for."""


class WorkingKeysRejected(RemoteProtocolError):
    """The key material of a sign-in answer can't be used; none of it was kept."""


class KeyCheckFailed(WorkingKeysRejected):
    """A working key does not fit its check value. `key_name` is PIK, MAK or TDK."""

    def __init__(self, key_name: str) -> None:
        super().__init__(
            f"field 62: the check value of {key_name} does not fit the key. "
            "All new keys were discarded. Check that terminal and host hold the same master key, then sign in again"
        )
        self.key_name = key_name


class SealedFileDamaged(Fault):
    """The sealed local key is not what was written."""


class DocumentDamaged(Fault):
    """A sealed document is not what was written, or not the one that its row names."""


class KeyFileUnusable(Fault):
    """The disk refused to read or write the key file."""


class KeyMisuse(Defect):
    """A key was about to be used for another purpose than its own."""


class PinRejected(Misuse):
    """What was typed can't be a PIN or an operator's password."""


class WeakKeyRefused(Misuse):
    """A known test key or a weak key was offered where only real keys are allowed."""


class WrongPassphrase(Misuse):
    """The passphrase does not open the sealed key."""


class PassphraseTooShort(Misuse):
    """The passphrase offered for sealing is too short."""


class KeyFileRefused(Misuse):
    """The key file is missing, already there, or open to other users."""
