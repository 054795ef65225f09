"""The vault in process: `SoftwareHsm` holds the local key, opens blocks on first use and keeps cipher contexts.

Serves one thread: kept contexts have state within a call. Each event loop makes its own.
"""

import base64
import hmac
from collections.abc import Sequence
from typing import TypeVar

from zhanggui.basics.chance import Chance
from zhanggui.basics.recent import Recent
from zhanggui.basics.secret import Pan, Secret

from . import cryptogram, field62
from .badge import BADGE_BYTES, badge_secret, masked
from .check_value import check_value
from .ciphers import Ecb, KeyedHash, Sealed, ecb_decryptor, ecb_encryptor, keyed_hash
from .contexts import CONTEXTS_MAX, ContextCache
from .documents import open_document, seal_document
from .door import door_hash
from .errors import KeyCheckFailed, KeyMisuse, PinBlockError, WeakKeyRefused
from .hsm import FINGERPRINT_BYTES, SALT_BYTES, KeySet, NewPasswordRules, PinReference, WorkingKeys
from .issuer_script import script_mac
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
from .local import LocalKeys
from .mac import MacAlgorithm, MacFunction, mac_function
from .one_time_code import CodeVerdict, check_code
from .password_rules import NewPasswordFault, is_simple
from .pinblock import BLOCK_BYTES, PasswordAccount, PinFormat, clear_block, digits_of, pan_part, with_part
from .signature import public_half, signer
from .track import clear_nibbles, opened_track, sealed_nibbles, through_window
from .weak_keys import weakness_of

K = TypeVar("K", bound=KeyBlock)

_NO_PART = bytes(BLOCK_BYTES)
"""XOR with it changes nothing."""
WRITTEN_MAX = 2_048
"""Values of field 62 that are kept: a terminal that asks again does so within seconds. What stands in them is enciphered."""
_WORKING_KINDS = (PinKeyBlock, MacKeyBlock, TrackKeyBlock)
"""In the order of field 62."""
_PASSWORD_TAG = (b"no password:", b"password:")
_BADGE_TAG = (b"no badge:", b"badge:")
_FILL = b"\xff" * BLOCK_BYTES
"""Right half of every clear SM4 password block once the account part is out of it."""


class SoftwareHsm(Sealed):
    """The port `Hsm` in software.

    `local_key` has 32 bytes and comes from the sealed file (`sealed.py`); `chance` makes keys and salts, so only
    `SystemChance` is fit for real ones. `contexts_max` bounds each kind of kept context.
    """

    __slots__ = (
        "_chance",
        "_chip_masters",
        "_chip_scripts",
        "_code_keys",
        "_doors",
        "_hashes",
        "_local",
        "_macs",
        "_master_open",
        "_master_seal",
        "_pin_open",
        "_pin_seal",
        "_public_keys",
        "_signers",
        "_track_open",
        "_track_seal",
        "_verifiers",
        "_wallet_proofs",
        "_written",
        "_zone_pin_open",
        "_zone_pin_seal",
    )

    def __init__(self, local_key: bytes, chance: Chance, *, contexts_max: int = CONTEXTS_MAX) -> None:
        self._chance = chance
        self._local = local = LocalKeys(local_key, chance)

        def sealing(kind: type[KeyBlock]) -> ContextCache[Ecb]:
            return ContextCache((kind,), local.open, ecb_encryptor, contexts_max)

        def opening(kind: type[KeyBlock]) -> ContextCache[Ecb]:
            return ContextCache((kind,), local.open, ecb_decryptor, contexts_max)

        def hashing(kind: type[KeyBlock]) -> ContextCache[KeyedHash]:
            return ContextCache((kind,), local.open, keyed_hash, contexts_max)

        def authenticating(algorithm: MacAlgorithm) -> ContextCache[MacFunction]:
            kinds = (MacKeyBlock, ZoneMacKeyBlock)
            return ContextCache(kinds, local.open, lambda kind, key: mac_function(algorithm, kind, key), contexts_max)

        self._master_seal, self._master_open = sealing(TerminalMasterKeyBlock), opening(TerminalMasterKeyBlock)
        self._pin_seal, self._pin_open = sealing(PinKeyBlock), opening(PinKeyBlock)
        self._zone_pin_seal, self._zone_pin_open = sealing(ZonePinKeyBlock), opening(ZonePinKeyBlock)
        self._chip_masters, self._chip_scripts = sealing(ChipMasterKeyBlock), sealing(ChipScriptKeyBlock)
        self._track_seal, self._track_open = sealing(TrackKeyBlock), opening(TrackKeyBlock)
        self._verifiers, self._hashes = hashing(VerifierKeyBlock), hashing(FingerprintKeyBlock)
        self._wallet_proofs = hashing(WalletKeyBlock)
        self._doors = ContextCache((TerminalMasterKeyBlock,), local.open, door_hash, contexts_max)
        # One key signs for years: both halves are made at its first use and kept.
        self._signers = ContextCache((SigningKeyBlock,), local.open, lambda _, key: signer(key), contexts_max)
        self._code_keys = ContextCache((CodeKeyBlock,), local.open, lambda _, key: key, contexts_max)
        self._public_keys = ContextCache((SigningKeyBlock,), local.open, lambda _, key: public_half(key), contexts_max)
        self._written: Recent[tuple[object, ...], bytes] = Recent(WRITTEN_MAX)
        self._macs = {algorithm: authenticating(algorithm) for algorithm in MacAlgorithm}

    # Keys: made, taken over, passed on.

    def new_terminal_master_key(self, algorithm: KeyAlgorithm = KeyAlgorithm.TDES) -> TerminalMasterKeyBlock:
        return self._new(TerminalMasterKeyBlock, algorithm)

    def import_terminal_master_key(
        self, clear: bytes, *, allow_test_keys: bool, algorithm: KeyAlgorithm = KeyAlgorithm.TDES
    ) -> TerminalMasterKeyBlock:
        if algorithm is KeyAlgorithm.TDES and len(clear) == 8:
            algorithm = KeyAlgorithm.DES
        weakness = weakness_of(algorithm, clear)
        if weakness and not allow_test_keys:
            raise WeakKeyRefused(
                f"the terminal master key was refused: it is {weakness}. Make a random one; test keys are for demo data"
            )
        return self._local.seal(TerminalMasterKeyBlock, algorithm, clear)

    def new_zone_pin_key(self, algorithm: KeyAlgorithm = KeyAlgorithm.TDES) -> ZonePinKeyBlock:
        return self._new(ZonePinKeyBlock, algorithm)

    def new_zone_mac_key(self, algorithm: KeyAlgorithm = KeyAlgorithm.TDES) -> ZoneMacKeyBlock:
        return self._new(ZoneMacKeyBlock, algorithm)

    def new_verifier_key(self) -> VerifierKeyBlock:
        return self._new(VerifierKeyBlock, KeyAlgorithm.HMAC)

    def new_fingerprint_key(self) -> FingerprintKeyBlock:
        return self._new(FingerprintKeyBlock, KeyAlgorithm.HMAC)

    def new_wallet_key(self) -> WalletKeyBlock:
        return self._new(WalletKeyBlock, KeyAlgorithm.HMAC)

    def new_chip_master_key(self) -> ChipMasterKeyBlock:
        return self._new(ChipMasterKeyBlock, KeyAlgorithm.TDES)

    def new_chip_script_key(self) -> ChipScriptKeyBlock:
        return self._new(ChipScriptKeyBlock, KeyAlgorithm.TDES)

    def check_value(self, block: KeyBlock) -> bytes:
        return check_value(*self._local.open(block))

    def export_block(self, block: KeyBlock, under: bytes) -> str:
        return self._local.export(block, under)

    def move_mac_key(self, block: MacKeyBlock, next_local_key: bytes) -> MacKeyBlock:
        """A MAC key for the vault that this one becomes when its local key is given up: a machine's last word."""
        return self._local.move(block, LocalKeys(next_local_key, self._chance))

    def import_block(self, text: str, transport_key: bytes, purpose: type[K]) -> K:
        return self._local.take_over(text, transport_key, purpose)

    # Working keys.

    def new_working_keys(
        self, tmk: TerminalMasterKeyBlock, key_set: KeySet, *, mak_double: bool = False
    ) -> WorkingKeys:
        master = self._master_seal.get(tmk)
        sm4 = master.width != BLOCK_BYTES
        if key_set is KeySet.SINGLE and (sm4 or mak_double):
            raise KeyMisuse("key set 001 carries single-length DES keys only; choose 003 or 004")
        parts, made = [], {}
        for name, width in field62.PLACES[key_set]:
            length = field62.working_length(name, width, sm4, mak_double)
            algorithm = field62.working_algorithm(sm4, length)
            key = self._local.fresh(algorithm, length)
            check = check_value(algorithm, key)
            parts.append(field62.KeyPart(name, master.update(key), check))
            made[name] = (algorithm, key, check)
        keys = self._keep(made, field62.join(key_set, parts))
        blocks = _blocks_of(keys.pin_key, keys.mac_key, keys.track_key)
        self._written.put(_written_as(tmk, key_set, mak_double, blocks), keys.field_62)
        return keys

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
        master = self._master_seal.get(tmk)
        sm4 = master.width != BLOCK_BYTES
        blocks = _blocks_of(pin_key, mac_key, track_key)
        for kind, block in zip(_WORKING_KINDS, blocks, strict=False):
            if type(block) is not kind:
                raise KeyMisuse(f"a {type(block).__name__} was offered where a {kind.__name__} is wanted")
        places = field62.PLACES[key_set]
        if len(blocks) != len(places):
            return None
        name_of_it = _written_as(tmk, key_set, mak_double, blocks)
        written = self._written.get(name_of_it)
        if written is not None:
            return written
        parts = []
        for (name, width), block in zip(places, blocks, strict=True):
            algorithm, key = self._local.open(block)
            length = field62.working_length(name, width, sm4, mak_double)
            if (algorithm, len(key)) != (field62.working_algorithm(sm4, length), length):
                return None
            parts.append(field62.KeyPart(name, master.update(key), check_value(algorithm, key)))
        written = field62.join(key_set, parts)
        self._written.put(name_of_it, written)
        return written

    def load_working_keys(self, tmk: TerminalMasterKeyBlock, field_62: bytes, key_set: KeySet) -> WorkingKeys:
        master = self._master_open.get(tmk)
        sm4 = master.width != BLOCK_BYTES
        if key_set is KeySet.SINGLE and sm4:
            raise KeyMisuse("key set 001 carries single-length DES keys only; choose 003 or 004")
        found = {}
        for part in field62.split(key_set, field_62):
            sealed = part.sealed
            if part.name == "MAK" and not sm4 and sealed.endswith(bytes(field62.SINGLE_BYTES)):
                sealed = sealed[: field62.SINGLE_BYTES]
            algorithm = field62.working_algorithm(sm4, len(sealed))
            key = master.update(sealed)
            if not hmac.compare_digest(check_value(algorithm, key), part.check):
                raise KeyCheckFailed(part.name)
            found[part.name] = (algorithm, key, part.check)
        return self._keep(found, field_62)

    # Message authentication.

    def mac(self, key: MacKeyBlock | ZoneMacKeyBlock, algorithm: MacAlgorithm, data: bytes) -> bytes:
        return self._macs[algorithm].get(key)(data)

    def verify_mac(self, key: MacKeyBlock | ZoneMacKeyBlock, algorithm: MacAlgorithm, data: bytes, mac: bytes) -> bool:
        return hmac.compare_digest(self._macs[algorithm].get(key)(data), mac)

    # PINs.

    def encrypt_pin(self, key: PinKeyBlock, pin: Secret, pan: Pan | None) -> bytes:
        cipher = self._pin_seal.get(key)
        return cipher.update(clear_block(pin, None if pan is None else pan_part(pan), cipher.width))

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
        sealer = self._zone_pin_seal.get(target)
        clear = _opened(self._pin_open.get(source), block)
        if source_format is target_format and len(clear) == sealer.width:
            return sealer.update(clear)
        pin = digits_of(clear, _part_for(source_format, pan))
        return sealer.update(clear_block(pin, _part_for(target_format, pan), sealer.width))

    def make_pin_reference(self, key: VerifierKeyBlock, pan: Pan, pin: Secret) -> PinReference:
        salt = self._chance.take(SALT_BYTES)
        return PinReference(salt, self._pin_verifier(key, salt, pan, pin))

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
        pin = digits_of(_opened(self._zone_pin_open.get(key), block), _part_for(pin_format, pan))
        return hmac.compare_digest(self._pin_verifier(verifier_key, reference.salt, pan, pin), reference.verifier)

    # Operator passwords.

    def encrypt_password(self, key: PinKeyBlock, password: Secret, account: PasswordAccount) -> bytes:
        cipher = self._pin_seal.get(key)
        return cipher.update(clear_block(password, account.block_part, cipher.width))

    def new_salt(self) -> bytes:
        return self._chance.take(SALT_BYTES)

    def make_verifier(self, key: VerifierKeyBlock, salt: bytes, account: PasswordAccount, password: Secret) -> bytes:
        return self._verifiers.get(key).digest(salt + account.part + clear_block(password, None))

    def verify_password(
        self,
        block: bytes,
        pin_key: PinKeyBlock,
        verifier_key: VerifierKeyBlock,
        salt: bytes,
        verifier: bytes,
        account: PasswordAccount,
    ) -> bool:
        cipher = self._pin_open.get(pin_key)
        right_length = len(block) == cipher.width
        clear = cipher.update(block if right_length else bytes(cipher.width))
        # A clear block spells one password in one way, so hashing the block itself needs no look at its digits:
        # whatever is malformed ends as a hash that fits nothing, after the same work.
        account_part = account.part
        opened = with_part(clear, account.block_part)
        fits = hmac.compare_digest(
            self._verifiers.get(verifier_key).digest(salt + account_part + opened[:BLOCK_BYTES]), verifier
        )
        filled = hmac.compare_digest(opened[BLOCK_BYTES:], _FILL[: len(opened) - BLOCK_BYTES])
        return fits & filled & right_length

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
        try:
            password = digits_of(_opened(self._pin_open.get(pin_key), block), account.block_part)
        except PinBlockError:
            return "unreadable"
        digits = password.reveal()
        if len(digits) < rules.digits_min:
            return "too_short"
        if len(digits) > rules.digits_max:
            return "too_long"
        if rules.banned_patterns and is_simple(digits, account.operator_no):
            return "banned"
        for place, (old_salt, old_verifier) in enumerate(earlier):
            if hmac.compare_digest(self.make_verifier(verifier_key, old_salt, account, password), old_verifier):
                return "same" if place == 0 else "reused"
        return self.make_verifier(verifier_key, salt, account, password)

    def fingerprint_password(
        self, block: bytes, pin_key: PinKeyBlock, key: FingerprintKeyBlock, account: PasswordAccount, context: bytes
    ) -> bytes:
        cipher = self._pin_open.get(pin_key)
        right_length = len(block) == cipher.width
        opened = with_part(cipher.update(block if right_length else bytes(cipher.width)), account.block_part)
        # The fill of a longer block is left out, so that a password is itself under keys of either width.
        password = opened[:BLOCK_BYTES] + opened[BLOCK_BYTES:].strip(b"\xff")
        data = _PASSWORD_TAG[right_length] + len(context).to_bytes(2, "big") + context + password
        return self._hashes.get(key).digest(data)[:FINGERPRINT_BYTES]

    # Sign-in codes.

    def new_code_key(self) -> CodeKeyBlock:
        return self._new(CodeKeyBlock, KeyAlgorithm.HMAC)

    def code_secret(self, key: CodeKeyBlock) -> Secret:
        return Secret(base64.b32encode(self._code_keys.get(key)).decode("ascii").rstrip("="))

    def check_code(self, key: CodeKeyBlock, code: str, now_s: int, *, digits: int, steps_back: int) -> CodeVerdict:
        return check_code(self._code_keys.get(key), code, now_s, digits=digits, steps_back=steps_back)

    # Badges.

    def encrypt_badge(self, key: PinKeyBlock, badge: Secret, context: bytes) -> bytes:
        return self._pin_seal.get(key).update(masked(badge_secret(badge), context))

    def make_badge_mark(self, key: FingerprintKeyBlock, badge: Secret, owner: bytes) -> bytes:
        return self.fingerprint(key, _BADGE_TAG[True] + owner + badge_secret(badge))

    def badge_mark(
        self, block: bytes, pin_key: PinKeyBlock, key: FingerprintKeyBlock, owner: bytes, context: bytes
    ) -> bytes:
        right_length = len(block) == BADGE_BYTES
        clear = self._pin_open.get(pin_key).update(block if right_length else bytes(BADGE_BYTES))
        return self.fingerprint(key, _BADGE_TAG[right_length] + owner + masked(clear, context))

    # Chip cards, on the issuer's side.

    def issue_card_key(self, key: ChipMasterKeyBlock, pan: Pan, sequence: str) -> bytes:
        return cryptogram.card_key_under(self._chip_masters.get(key).update, pan.reveal(), sequence)

    def verify_arqc(
        self, key: ChipMasterKeyBlock, pan: Pan, sequence: str, counter: int, data: bytes, arqc: bytes
    ) -> bool:
        return cryptogram.verify_arqc(self.issue_card_key(key, pan, sequence), counter, data, arqc)

    def make_arpc(
        self, key: ChipMasterKeyBlock, pan: Pan, sequence: str, counter: int, arqc: bytes, response_code: str
    ) -> bytes:
        return cryptogram.make_arpc(self.issue_card_key(key, pan, sequence), counter, arqc, response_code)

    def issue_script_key(self, key: ChipScriptKeyBlock, pan: Pan, sequence: str) -> bytes:
        return cryptogram.card_key_under(self._chip_scripts.get(key).update, pan.reveal(), sequence)

    def make_script_mac(
        self, key: ChipScriptKeyBlock, pan: Pan, sequence: str, counter: int, arqc: bytes, command: bytes
    ) -> bytes:
        return script_mac(self.issue_script_key(key, pan, sequence), counter, arqc, command)

    # Tracks and fingerprints.

    def encrypt_track(self, key: TrackKeyBlock, track: str) -> str:
        return through_window(self._track_seal.get(key), clear_nibbles(track))

    def decrypt_track(self, key: TrackKeyBlock, track: str) -> str:
        return opened_track(through_window(self._track_open.get(key), sealed_nibbles(track)))

    def fingerprint(self, key: FingerprintKeyBlock, data: bytes) -> bytes:
        return self._hashes.get(key).digest(data)[:FINGERPRINT_BYTES]

    def prove(self, key: WalletKeyBlock, data: bytes) -> bytes:
        return self._wallet_proofs.get(key).digest(data)

    def is_proven(self, key: WalletKeyBlock, data: bytes, proof: bytes) -> bool:
        return hmac.compare_digest(self._wallet_proofs.get(key).digest(data), proof)

    def seal_document(self, key: FingerprintKeyBlock, content: bytes, context: bytes) -> bytes:
        return seal_document(self._hashes.get(key).digest, content, context, self._chance)

    def open_document(self, key: FingerprintKeyBlock, sealed: bytes, context: bytes) -> bytes:
        return open_document(self._hashes.get(key).digest, sealed, context)

    def seal_for_door(self, key: TerminalMasterKeyBlock, content: bytes, context: bytes) -> bytes:
        return seal_document(self._doors.get(key).digest, content, context, self._chance)

    def open_at_door(self, key: TerminalMasterKeyBlock, sealed: bytes, context: bytes) -> bytes:
        return open_document(self._doors.get(key).digest, sealed, context)

    # Signatures.

    def new_signing_key(self) -> SigningKeyBlock:
        return self._new(SigningKeyBlock, KeyAlgorithm.ED25519)

    def sign(self, key: SigningKeyBlock, data: bytes) -> bytes:
        return self._signers.get(key)(data)

    def public_key(self, key: SigningKeyBlock) -> bytes:
        return self._public_keys.get(key)

    # Within.

    def _new(self, kind: type[K], algorithm: KeyAlgorithm) -> K:
        return self._local.seal(kind, algorithm, self._local.fresh(algorithm))

    def _keep(self, keys: dict[str, tuple[KeyAlgorithm, bytes, bytes]], field_62: bytes) -> WorkingKeys:
        def sealed(kind: type[K], name: str) -> K:
            algorithm, key, check = keys[name]
            return self._local.seal(kind, algorithm, key, check=check)

        track_key = sealed(TrackKeyBlock, "TDK") if "TDK" in keys else None
        return WorkingKeys(sealed(PinKeyBlock, "PIK"), sealed(MacKeyBlock, "MAK"), track_key, field_62)

    def _pin_verifier(self, key: VerifierKeyBlock, salt: bytes, pan: Pan, pin: Secret) -> bytes:
        number = pan.reveal().encode("ascii")
        return self._verifiers.get(key).digest(salt + bytes((len(number),)) + number + clear_block(pin, None))


def _blocks_of(pin_key: PinKeyBlock, mac_key: MacKeyBlock, track_key: TrackKeyBlock | None) -> tuple[KeyBlock, ...]:
    return (pin_key, mac_key) if track_key is None else (pin_key, mac_key, track_key)


def _written_as(
    tmk: TerminalMasterKeyBlock, key_set: KeySet, mak_double: bool, blocks: tuple[KeyBlock, ...]
) -> tuple[object, ...]:
    return tmk.text, key_set, mak_double, *(block.text for block in blocks)


def _opened(cipher: Ecb, block: bytes) -> bytes:
    if len(block) != cipher.width:
        raise PinBlockError(f"field 52 has {len(block)} bytes, the PIN key enciphers blocks of {cipher.width}")
    return cipher.update(block)


def _part_for(pin_format: PinFormat, pan: Pan | None) -> bytes:
    if pin_format is PinFormat.WITHOUT_PAN:
        return _NO_PART
    if pan is None:
        raise ValueError("a PIN block with PAN can't be built or read without the card number")
    return pan_part(pan)
