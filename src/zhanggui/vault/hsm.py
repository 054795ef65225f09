"""The port of the vault: all that terminal, host and bank may do with keys and PINs. None of it gives out a clear key,
but for that of a card that is being made (`issue_card_key`).

`software.SoftwareHsm` implements it in process; an adapter to a device implements the same. Blocks made by one vault
open only in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol, TypeVar

from zhanggui.basics.secret import Pan, Secret

from .keys import (
    ChipMasterKeyBlock,
    ChipScriptKeyBlock,
    CodeKeyBlock,
    FingerprintKeyBlock,
    KeyAlgorithm,
    KeyBlock,
    MacKeyBlock,
    PinKeyBlock,
    SigningKeyBlock,
    TerminalMasterKeyBlock,
    TrackKeyBlock,
    VerifierKeyBlock,
    WalletKeyBlock,
    ZoneMacKeyBlock,
    ZonePinKeyBlock,
)
from .mac import MacAlgorithm
from .one_time_code import CodeVerdict
from .password_rules import NewPasswordFault
from .pinblock import PasswordAccount, PinFormat

K = TypeVar("K", bound=KeyBlock)

FINGERPRINT_BYTES = 16
VERIFIER_BYTES = 32
SALT_BYTES = 16


class KeySet(Enum):
    """Which working keys a sign-in brings, by its network code in field 60.3 (domain reference, §3 and §4.3)."""

    SINGLE = "001"
    """PIK 8 and MAK 8: 24 bytes of field 62."""
    DOUBLE = "003"
    """PIK 16 and MAK 16, of which eight bytes are zero for a single-length MAK: 40 bytes."""
    DOUBLE_TRACK = "004"
    """As DOUBLE with TDK 16: 60 bytes."""


@dataclass(frozen=True, slots=True)
class WorkingKeys:
    """The keys of one sign-in, sealed, and field 62 that brings them to the terminal under its master key."""

    pin_key: PinKeyBlock
    mac_key: MacKeyBlock
    track_key: TrackKeyBlock | None
    field_62: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, repr=False)
class PinReference:
    """What the bank keeps in place of a PIN: a salt and a keyed verifier bound to the card number."""

    salt: bytes
    verifier: bytes

    def __repr__(self) -> str:
        return "PinReference(••••)"


@dataclass(frozen=True, slots=True)
class NewPasswordRules:
    """What a new operator password must be."""

    digits_min: int
    digits_max: int
    banned_patterns: bool


class Hsm(Protocol):
    """Keys and PINs behind one face. Every operation raises KeyMisuse when a block serves another purpose,
    and KeyBlockRejected when a block was altered or belongs to another vault."""

    def new_terminal_master_key(self, algorithm: KeyAlgorithm = KeyAlgorithm.TDES) -> TerminalMasterKeyBlock:
        """Make a master key for one terminal; its working keys will be of the same kind (DES family or SM4)."""
        ...

    def import_terminal_master_key(
        self, clear: bytes, *, allow_test_keys: bool, algorithm: KeyAlgorithm = KeyAlgorithm.TDES
    ) -> TerminalMasterKeyBlock:
        """Take over a master key that is known in the clear: 8 (single DES), 16 or 24 bytes.

        Raises WeakKeyRefused for test and weak keys unless `allow_test_keys`, which only demo data sets.
        """
        ...

    def new_zone_pin_key(self, algorithm: KeyAlgorithm = KeyAlgorithm.TDES) -> ZonePinKeyBlock: ...
    def new_zone_mac_key(self, algorithm: KeyAlgorithm = KeyAlgorithm.TDES) -> ZoneMacKeyBlock: ...
    def new_verifier_key(self) -> VerifierKeyBlock: ...
    def new_fingerprint_key(self) -> FingerprintKeyBlock: ...
    def new_chip_master_key(self) -> ChipMasterKeyBlock: ...
    def new_wallet_key(self) -> WalletKeyBlock: ...
    def new_chip_script_key(self) -> ChipScriptKeyBlock: ...
    def new_signing_key(self) -> SigningKeyBlock: ...

    def check_value(self, block: KeyBlock) -> bytes:
        """The key's check value, 4 bytes."""
        ...

    def export_block(self, block: KeyBlock, under: bytes) -> str:
        """Write an exportable key (TMK, zone keys, the key to wallets) as a TR-31 block under a transport key of 32 bytes.

        It goes to a PIN pad or to the bank; the receiver is told not to pass it on. Raises KeyMisuse for a key that
        may not leave.
        """
        ...

    def import_block(self, text: str, transport_key: bytes, purpose: type[K]) -> K:
        """Take over a key from `export_block` or from another maker, and seal it for this vault.

        Raises KeyBlockRejected when the text is damaged, under another key, or of another purpose.
        """
        ...

    def new_working_keys(
        self, tmk: TerminalMasterKeyBlock, key_set: KeySet, *, mak_double: bool = False
    ) -> WorkingKeys:
        """Host: make the fresh keys of a sign-in. `mak_double` makes a real 16-byte MAK, for 003 and 004 only."""
        ...

    def working_keys_again(
        self,
        tmk: TerminalMasterKeyBlock,
        key_set: KeySet,
        pin_key: PinKeyBlock,
        mac_key: MacKeyBlock,
        track_key: TrackKeyBlock | None,
        *,
        mak_double: bool = False,
    ) -> bytes | None:
        """Host: field 62 once more for keys of `new_working_keys`; None when that would not make such keys for this set."""
        ...

    def load_working_keys(self, tmk: TerminalMasterKeyBlock, field_62: bytes, key_set: KeySet) -> WorkingKeys:
        """Terminal: take over the keys of a sign-in answer after checking every check value.

        Raises WorkingKeysRejected for a wrong length and KeyCheckFailed for a check value; nothing is kept then.
        """
        ...

    def mac(self, key: MacKeyBlock | ZoneMacKeyBlock, algorithm: MacAlgorithm, data: bytes) -> bytes:
        """The eight bytes of field 64 over the covered bytes."""
        ...

    def verify_mac(self, key: MacKeyBlock | ZoneMacKeyBlock, algorithm: MacAlgorithm, data: bytes, mac: bytes) -> bool:
        """Tell, in constant time, whether field 64 fits the covered bytes."""
        ...

    def encrypt_pin(self, key: PinKeyBlock, pin: Secret, pan: Pan | None) -> bytes:
        """PIN pad: build field 52, with the account part when `pan` is given. PinRejected unless 4 to 12 digits."""
        ...

    def translate_pin(
        self,
        block: bytes,
        source: PinKeyBlock,
        target: ZonePinKeyBlock,
        *,
        source_format: PinFormat = PinFormat.WITH_PAN,
        target_format: PinFormat = PinFormat.WITH_PAN,
        pan: Pan | None = None,
    ) -> bytes:
        """Host: re-encipher a terminal's PIN block under the bank's key.

        Same format and width on both sides: the block is only re-enciphered and not looked at. Otherwise it is built
        anew, which needs `pan` and raises PinBlockError when the block holds no PIN.
        """
        ...

    def make_pin_reference(self, key: VerifierKeyBlock, pan: Pan, pin: Secret) -> PinReference:
        """Bank: make what is kept in place of a PIN, with a fresh salt."""
        ...

    def verify_pin(
        self,
        block: bytes,
        key: ZonePinKeyBlock,
        pan: Pan,
        reference: PinReference,
        *,
        verifier_key: VerifierKeyBlock,
        pin_format: PinFormat = PinFormat.WITH_PAN,
    ) -> bool:
        """Bank: tell whether the block holds the card's PIN. PinBlockError when it holds no PIN at all (answer 99)."""
        ...

    def encrypt_password(self, key: PinKeyBlock, password: Secret, account: PasswordAccount) -> bytes:
        """PIN pad: build the operator's password block for field 52. Raises PinRejected unless 4 to 12 digits."""
        ...

    def new_salt(self) -> bytes:
        """A fresh salt for a verifier, 16 bytes."""
        ...

    def make_verifier(self, key: VerifierKeyBlock, salt: bytes, account: PasswordAccount, password: Secret) -> bytes:
        """Host: the 32 bytes kept in place of an operator's password. `salt` is the operator's own, 16 bytes."""
        ...

    def verify_password(
        self,
        block: bytes,
        pin_key: PinKeyBlock,
        verifier_key: VerifierKeyBlock,
        salt: bytes,
        verifier: bytes,
        account: PasswordAccount,
    ) -> bool:
        """Host: tell whether the block holds the operator's password.

        Does the same work for a right, a wrong and a malformed block; a malformed one is simply False.
        """
        ...

    def accept_new_password(
        self,
        block: bytes,
        pin_key: PinKeyBlock,
        verifier_key: VerifierKeyBlock,
        account: PasswordAccount,
        rules: NewPasswordRules,
        salt: bytes,
        earlier: Sequence[tuple[bytes, bytes]],
    ) -> bytes | NewPasswordFault:
        """Host: the verifier of a new password (under a fresh `salt`), or why it is refused.

        `earlier` are salts and verifiers of passwords that may not come back, the present one first.
        """
        ...

    def fingerprint_password(
        self, block: bytes, pin_key: PinKeyBlock, key: FingerprintKeyBlock, account: PasswordAccount, context: bytes
    ) -> bytes:
        """Host: a keyed hash, 16 bytes, of the password in a block: the same under other PIN keys. For telling repeats apart.

        `context` makes it another one elsewhere, so that equal passwords can't be seen. The same work for every block.
        """
        ...

    def new_code_key(self) -> CodeKeyBlock:
        """Host: make the secret of an operator's sign-in codes."""
        ...

    def code_secret(self, key: CodeKeyBlock) -> Secret:
        """The secret in base32, to be shown once at enrolment, for the operator's authenticator app."""
        ...

    def check_code(self, key: CodeKeyBlock, code: str, now_s: int, *, digits: int, steps_back: int) -> CodeVerdict:
        """Host: judge a sign-in code at an instant (seconds since the epoch)."""
        ...

    def encrypt_badge(self, key: PinKeyBlock, badge: Secret, context: bytes) -> bytes:
        """PIN pad: the 16 bytes by which a badge proves itself in one message, which `context` names."""
        ...

    def make_badge_mark(self, key: FingerprintKeyBlock, badge: Secret, owner: bytes) -> bytes:
        """Host: the keyed hash kept in place of a badge's secret, 16 bytes. `owner` makes it another one in another shop."""
        ...

    def badge_mark(
        self, block: bytes, pin_key: PinKeyBlock, key: FingerprintKeyBlock, owner: bytes, context: bytes
    ) -> bytes:
        """Host: the same hash of the secret in a block. The same work for every block; one of another length fits nothing."""
        ...

    def encrypt_track(self, key: TrackKeyBlock, track: str) -> str:
        """Terminal: encipher the window of track 2 or 3. Nibbles in and out as text; `=` is read and written as D."""
        ...

    def decrypt_track(self, key: TrackKeyBlock, track: str) -> str:
        """Host: the clear track, separator D. Raises TrackError when what comes out is no track."""
        ...

    def issue_card_key(self, key: ChipMasterKeyBlock, pan: Pan, sequence: str) -> bytes:
        """Bank: the key that goes onto a card when it is made, 16 bytes in the clear.

        The one clear key that ever leaves: a virtual card is a file, and its key stands in it as a real one's stands in
        the chip. Only makers of test cards call this.
        """
        ...

    def verify_arqc(
        self, key: ChipMasterKeyBlock, pan: Pan, sequence: str, counter: int, data: bytes, arqc: bytes
    ) -> bool:
        """Bank: tell whether this card made the cryptogram over `data` (`cryptogram.arqc_data`) at this counter."""
        ...

    def make_arpc(
        self, key: ChipMasterKeyBlock, pan: Pan, sequence: str, counter: int, arqc: bytes, response_code: str
    ) -> bytes:
        """Bank: the eight bytes that prove the answer to the card, ARPC method 1 over field 39."""
        ...

    def issue_script_key(self, key: ChipScriptKeyBlock, pan: Pan, sequence: str) -> bytes:
        """Bank: the other key that goes onto a card when it is made, by which it knows its issuer's commands."""
        ...

    def make_script_mac(
        self, key: ChipScriptKeyBlock, pan: Pan, sequence: str, counter: int, arqc: bytes, command: bytes
    ) -> bytes:
        """Bank: the four bytes that seal a command to this card in answer to this cryptogram (`issuer_script.py`)."""
        ...

    def fingerprint(self, key: FingerprintKeyBlock, data: bytes) -> bytes:
        """A keyed hash of 16 bytes, for look-up and for recognising repeats."""
        ...

    def prove(self, key: WalletKeyBlock, data: bytes) -> bytes:
        """Host and wallet: the 32 bytes that prove a request or an answer, HMAC-SHA-256 over the covered bytes."""
        ...

    def is_proven(self, key: WalletKeyBlock, data: bytes, proof: bytes) -> bool:
        """Tell, in constant time, whether a proof fits the covered bytes."""
        ...

    def seal_document(self, key: FingerprintKeyBlock, content: bytes, context: bytes) -> bytes:
        """The content sealed for keeping; `context` says what it is and whose, and is needed to open it."""
        ...

    def open_document(self, key: FingerprintKeyBlock, sealed: bytes, context: bytes) -> bytes:
        """What was sealed. DocumentDamaged when it was altered, or laid in another's place."""
        ...

    def seal_for_door(self, key: TerminalMasterKeyBlock, content: bytes, context: bytes) -> bytes:
        """Terminal and host: a body for the other end, under a key that descends from the terminal's (`door.py`)."""
        ...

    def open_at_door(self, key: TerminalMasterKeyBlock, sealed: bytes, context: bytes) -> bytes:
        """What the other end sealed in this context. DocumentDamaged for anything else."""
        ...

    def sign(self, key: SigningKeyBlock, data: bytes) -> bytes:
        """The 64 bytes of an Ed25519 signature; `signature.signature_fits` checks it with the public key alone."""
        ...

    def public_key(self, key: SigningKeyBlock) -> bytes:
        """The public half of a signing key, 32 bytes; no secret."""
        ...
