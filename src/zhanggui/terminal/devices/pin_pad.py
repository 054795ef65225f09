"""The virtual PIN pad: the secure part in software. Keys and digits live here and nowhere else in the terminal.

It owns a device key, made once when the machine is made (32 bytes, a file only its owner may read). Under it stand, as TR-31
blocks (`pin_pad_file.py`): the terminal master key, the working keys of the last sign-in, a data key for card data at rest, and
two keys of its own for signing in without network (`envelopes.py`). Digits are collected by `pin_entry.py`.

A real PIN pad is a sealed device with its own processor. This one has the same face and erases the same things, but it is a
program: whoever reads the process's memory reads its keys.
"""

import hmac
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn, TypeVar

import msgspec

from ...basics.chance import Chance
from ...basics.clock import Clock
from ...basics.errors import Defect, Fault
from ...basics.numbers import Login, MerchantNo, OperatorNo
from ...basics.secret import Pan, Secret
from ...cup.transactions import OPERATOR_MTI
from ...cup.values.badge import BY_BADGE, ShownBadge
from ...cup.values.card_number import has_check_digit
from ...cup.values.user_name import user_name_in
from ...vault.badge import badge_number
from ...vault.blocks import BlockHeader, KeyWrapper
from ...vault.device_identity import identity_cipher
from ...vault.errors import KeyBlockRejected
from ...vault.hsm import SALT_BYTES, KeySet
from ...vault.keys import (
    FingerprintKeyBlock,
    KeyBlock,
    MacKeyBlock,
    PinKeyBlock,
    TerminalMasterKeyBlock,
    TrackKeyBlock,
    VerifierKeyBlock,
)
from ...vault.mac import MacAlgorithm
from ...vault.pinblock import PasswordAccount
from ...vault.software import SoftwareHsm
from ..flow.core.events import CheckResult
from .envelopes import Envelopes
from .pin_entry import HOLD_S, PinEntry
from .pin_pad_file import ENVELOPES_FILE, PinPadFile
from .ports import (
    PROTECTED_BYTES_MAX,
    EntryPurpose,
    EntryStep,
    EnvelopeTerms,
    MachineProof,
    OfflineUse,
    OfflineVerdict,
    PasswordChange,
    PinKey,
)
from .switches import VirtualSwitch

SM4_KEY_BYTES, SERIAL_DIGITS = 16, 16

__all__ = ["HOLD_S", "VirtualPinPad", "VirtualTamperSwitch"]

OPERATOR_MESSAGE_BEGINS = bytes.fromhex(OPERATOR_MTI)
"""Message type of the heartbeat, as it stands on the wire: all that an opened machine still MACs."""
LAST_PASSWORD_S = 600
"""How long the block of the last password is kept for a change of password or an envelope: as long as a host waits for the confirmation."""
NOBODY = OperatorNo("00")
"""Stands for a number that is not known here: salt and seal make a verifier one operator's, and the number adds nothing to that."""
_PROTECTED = BlockHeader("10", "A", "B", "N", (("LB", "CARD"),))
"""Card data at rest. X9.143 leaves numeric usage codes to each maker."""

B = TypeVar("B", bound=KeyBlock)


@dataclass(frozen=True, slots=True)
class _LastPassword:
    """What is kept of a password after its digits are gone: never the digits."""

    login: Login
    account_no: OperatorNo
    """Whose number stands in the account of the verifier; NOBODY where a user name was typed whose number is not known here."""
    until_s: float
    salt: bytes = field(repr=False)
    verifier: bytes = field(repr=False)
    block: bytes = field(default=b"", repr=False)
    """Field 52; empty when there were no working keys to make it."""


class VirtualPinPad(VirtualSwitch):
    """One PIN pad, living in a folder. `repr`, pickling and copying show or give nothing."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        chance: Chance,
        mac_algorithm: MacAlgorithm = MacAlgorithm.UNIONPAY_ECB,
    ) -> None:
        """Open the PIN pad of a folder, or make it. Misuse or Fault when its files can't be used."""
        super().__init__("keypad")
        self._clock = clock
        self._chance = chance
        self._mac_algorithm = mac_algorithm
        self._entry = PinEntry(clock)
        self._last: _LastPassword | None = None
        self._changed: _LastPassword | None = None
        self._badge: tuple[Secret, float] | None = None
        """The badge that was read last, and until when it is kept."""
        self._file = PinPadFile(folder, chance)
        self._envelopes = Envelopes(folder / ENVELOPES_FILE, clock)
        self._hsm, self._data = self._file.open_vault(chance)

    # ── manufacture and master key ───────────────────────────────────────────

    def transport_key(self) -> bytes:
        """The device key, for the key room alone: a host exports this terminal's master key under it.

        Raises Fault once the PIN pad was tampered with.
        """
        return self._file.device_key()

    def seal_for_host(self, content: bytes, context: bytes) -> bytes:
        return self._vault().seal_for_door(self._master(), content, context)

    def open_from_host(self, sealed: bytes, context: bytes) -> bytes:
        return self._vault().open_at_door(self._master(), sealed, context)

    def prove_identity(self, factor: str) -> MachineProof:
        # A virtual machine has both from its device key; a real one has them from its maker, and its acquirer knows them.
        drawn = hmac.digest(self._file.device_key(), b"identity", "sha256")
        serial = drawn[SM4_KEY_BYTES:][: SERIAL_DIGITS // 2].hex().upper()
        return MachineProof(serial, identity_cipher(drawn[:SM4_KEY_BYTES], serial, factor))

    def inject_master_key(self, block: str) -> None:
        """Take the terminal master key (TR-31 under the device key). Working keys of an earlier one are erased.

        Raises KeyBlockRejected when the block is damaged, under another key, or no terminal master key.
        """
        master = self._vault().import_block(block, self.transport_key(), TerminalMasterKeyBlock)
        kept = msgspec.structs.replace(self._file.kept, master_key=master.text, pin_key="", mac_key="", track_key="")
        self._file.keep(kept)

    def master_key_check_value(self) -> str:
        if self.tampered:
            return ""
        master = self._block(TerminalMasterKeyBlock, self._file.kept.master_key)
        return "" if master is None else self._vault().check_value(master).hex().upper()

    @property
    def has_working_keys(self) -> bool:
        return bool(self._file.kept.pin_key and self._file.kept.mac_key) and self._hsm is not None

    @property
    def tampered(self) -> bool:
        return self._file.kept.tampered

    def load_working_keys(self, field_62: bytes, key_set: KeySet) -> None:
        keys = self._vault().load_working_keys(self._master(), field_62, key_set)
        kept = msgspec.structs.replace(
            self._file.kept,
            pin_key=keys.pin_key.text,
            mac_key=keys.mac_key.text,
            track_key=keys.track_key.text if keys.track_key else "",
        )
        self._file.keep(kept)
        # Blocks under the earlier PIN key are worth nothing now.
        self._last = self._changed = None

    def tamper(self) -> None:
        self._entry.forget()
        self.forget_badge()
        self._last = self._changed = None
        hsm, self._hsm = self._hsm, None
        self._data = None
        mac_key = self._file.kept.mac_key

        def last_word(new_key: bytes) -> str:
            return hsm.move_mac_key(MacKeyBlock(mac_key), new_key).text if hsm is not None and mac_key else ""

        if not self._file.kept.tampered:
            self._file.tamper(last_word)
        self._envelopes.destroy()

    # ── entry ────────────────────────────────────────────────────────────────

    @property
    def collecting(self) -> bool:
        return self._entry.collecting

    def begin(self, purpose: EntryPurpose, *, min_digits: int, max_digits: int, may_skip: bool, timeout_s: int) -> None:
        self._entry.begin(purpose, min_digits=min_digits, max_digits=max_digits, may_skip=may_skip, timeout_s=timeout_s)

    def press(self, key: PinKey) -> EntryStep:
        return self._entry.press(key)

    def tick(self) -> EntryStep | None:
        if self._last is not None and self._clock.elapsed_s() >= self._last.until_s:
            self._last = self._changed = None
        if self._badge is not None and self._clock.elapsed_s() >= self._badge[1]:
            self._badge = None
        return self._entry.tick()

    def forget(self) -> None:
        self._entry.forget()

    # ── badges ───────────────────────────────────────────────────────────────

    def keep_badge(self, badge: Secret) -> None:
        badge_number(badge)
        self._badge = badge, self._clock.elapsed_s() + LAST_PASSWORD_S

    def show_badge(self, context: bytes) -> ShownBadge:
        if self._badge is None:
            raise Fault("the PIN pad does not hold the badge any more; show it again")
        badge = self._badge[0]
        key = self._working(PinKeyBlock, self._file.kept.pin_key)
        return ShownBadge(badge_number(badge), self._vault().encrypt_badge(key, badge, context))

    def forget_badge(self) -> None:
        self._badge = None

    # ── what comes out ───────────────────────────────────────────────────────

    def take_pin_block(self, pan: Pan) -> bytes:
        digits = self._entry.take("cardholder")
        return self._vault().encrypt_pin(self._working(PinKeyBlock, self._file.kept.pin_key), digits, pan)

    def take_password_block(self, merchant_no: MerchantNo, login: Login) -> bytes:
        self._last = None
        self._last = self._with_block(merchant_no, login, self._entry.take("password"))
        return self._last.block

    def take_code(self) -> Secret:
        return self._entry.take("code")

    def take_card_number(self) -> Pan | None:
        number = self._entry.take("card_number")
        return Pan(number.reveal()) if has_check_digit(number.reveal()) else None

    def take_new_password(
        self, merchant_no: MerchantNo, login: Login, *, new_for: OperatorNo | None = None
    ) -> PasswordChange:
        old, new = self._entry.take_change()
        if old is not None:
            self._last = self._with_block(merchant_no, login, old)
        if self._last is None or self._last.login != login or not self._last.block:
            raise Fault("the PIN pad does not hold the old password any more; type it again")
        if new_for is not None:
            self._changed = None
            return PasswordChange(self._last.block, self._with_block(merchant_no, new_for, new).block)
        self._changed = self._with_block(merchant_no, login, new)
        return PasswordChange(self._last.block, self._changed.block)

    def new_password_accepted(self, operator_no: OperatorNo) -> None:
        self._last, self._changed = self._changed, None
        self.revoke_envelope(operator_no)

    # ── without network ──────────────────────────────────────────────────────

    def seal_envelope(self, terms: EnvelopeTerms) -> bool:
        last = self._last
        if last is None or last.login not in (terms.operator_no, terms.user_name, BY_BADGE):
            return False
        self._envelopes.seal(terms, last.salt, last.verifier, last.account_no, self._seal)
        return True

    def check_offline(self, merchant_no: MerchantNo, login: Login, *, use: bool) -> OfflineVerdict:
        if self._entry.holds("password"):
            self._last = self._verified(merchant_no, login, self._entry.take("password"))
        last = self._last
        if last is None or last.login != login:
            raise Fault("the PIN pad does not hold this operator's password; type it again")

        def fits(salt: bytes, verifier: bytes) -> bool:
            return hmac.compare_digest(salt, last.salt) and hmac.compare_digest(verifier, last.verifier)

        return self._envelopes.check(login, fits, use=use, seal=self._seal)

    def offline_owed(self) -> tuple[OfflineUse, ...]:
        return () if self._hsm is None else self._envelopes.owed(self._seal)

    def offline_told(self, operator_no: OperatorNo) -> None:
        self._envelopes.told(operator_no, self._seal)

    def revoke_envelope(self, operator_no: OperatorNo) -> None:
        self._envelopes.drop(operator_no, self._seal)

    # ── MACs and card data ───────────────────────────────────────────────────

    def mac(self, data: bytes) -> bytes:
        if self._file.kept.tampered:
            return self._mac_last_word(data)
        return self._vault().mac(self._working(MacKeyBlock, self._file.kept.mac_key), self._mac_algorithm, data)

    def _mac_last_word(self, data: bytes) -> bytes:
        """An opened machine may still say so, and nothing else: no payment, no reversal, no password."""
        last_word = self._file.open_last_word() if data.startswith(OPERATOR_MESSAGE_BEGINS) else None
        if last_word is None:
            raise self._opened()
        hsm, key = last_word
        return hsm.mac(key, self._mac_algorithm, data)

    def verify_mac(self, data: bytes, mac: bytes) -> bool:
        if not self.has_working_keys:
            return False
        key = self._working(MacKeyBlock, self._file.kept.mac_key)
        return self._vault().verify_mac(key, self._mac_algorithm, data, mac)

    def protect(self, content: bytes) -> bytes:
        if not 0 < len(content) <= PROTECTED_BYTES_MAX:
            raise ValueError(f"the PIN pad seals 1 to {PROTECTED_BYTES_MAX} bytes")
        return self._sealer().wrap(_PROTECTED, content, self._chance).encode("ascii")

    def unprotect(self, sealed: bytes) -> bytes:
        try:
            header, content = self._sealer().unwrap(sealed.decode("ascii", errors="replace"))
        except KeyBlockRejected as error:
            raise Fault("card data at rest were altered, or another PIN pad sealed them; they can't be used") from error
        if header.usage != _PROTECTED.usage:
            raise Defect("a key block was offered as card data at rest")
        return content

    def check(self) -> CheckResult:
        kept = self._file.kept
        if self.state == "ok" and not kept.master_key and not kept.tampered:
            return CheckResult(item="keypad", state="fail", reason="check.keypad.no_master_key")
        return super().check()

    # ── within ───────────────────────────────────────────────────────────────

    def _with_block(self, merchant_no: MerchantNo, login: Login, password: Secret) -> _LastPassword:
        user_name = user_name_in(login)
        account = PasswordAccount(merchant_no, NOBODY if user_name else OperatorNo(login), user_name)
        block = self._vault().encrypt_password(self._working(PinKeyBlock, self._file.kept.pin_key), password, account)
        return self._verified(merchant_no, login, password, block)

    def _verified(self, merchant_no: MerchantNo, login: Login, password: Secret, block: bytes = b"") -> _LastPassword:
        """The verifier stands under the salt of the operator's envelope, so that it can be compared with it later."""
        envelope = self._envelopes.find(login, self._seal)
        if envelope is not None:
            salt, account_no = envelope.salt, envelope.account_no or envelope.operator_no
        else:
            salt = self._chance.take(SALT_BYTES)
            account_no = NOBODY if user_name_in(login) else OperatorNo(login)
        account = PasswordAccount(merchant_no, account_no)
        verifier = self._vault().make_verifier(self._verifier_key(), salt, account, password)
        until_s = self._clock.elapsed_s() + LAST_PASSWORD_S
        return _LastPassword(login, account_no, until_s, salt, verifier, block)

    def _seal(self, contents: bytes) -> bytes:
        """The keyed hash that seals the file of envelopes."""
        if not self._file.kept.seal_key:
            made = self._vault().new_fingerprint_key()
            self._file.keep(msgspec.structs.replace(self._file.kept, seal_key=made.text))
        return self._vault().fingerprint(FingerprintKeyBlock(self._file.kept.seal_key), contents)

    def _verifier_key(self) -> VerifierKeyBlock:
        if not self._file.kept.verifier_key:
            made = self._vault().new_verifier_key()
            self._file.keep(msgspec.structs.replace(self._file.kept, verifier_key=made.text))
        return VerifierKeyBlock(self._file.kept.verifier_key)

    def _vault(self) -> SoftwareHsm:
        if self._hsm is None:
            raise self._opened()
        return self._hsm

    def _sealer(self) -> KeyWrapper:
        if self._data is None:
            raise self._opened()
        return self._data

    def _opened(self) -> Fault:
        return Fault(
            "the PIN pad erased its keys because the machine was opened; have it checked and its key loaded again"
        )

    def _master(self) -> TerminalMasterKeyBlock:
        master = self._block(TerminalMasterKeyBlock, self._file.kept.master_key)
        if master is None:
            raise Fault("the PIN pad has no terminal master key; load it first")
        return master

    def _working(self, kind: type[B], text: str) -> B:
        if not text:
            raise Fault("the PIN pad has no working keys; the terminal has to sign in to the host first")
        return kind(text)

    def _block(self, kind: type[B], text: str) -> B | None:
        return kind(text) if text else None

    @property
    def track_key(self) -> TrackKeyBlock | None:
        """The sealed track key of the last sign-in; None when the key set has none."""
        return self._block(TrackKeyBlock, self._file.kept.track_key)

    def __repr__(self) -> str:
        return "VirtualPinPad(••••)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a PIN pad holds keys; it is not pickled or copied")


class VirtualTamperSwitch(VirtualSwitch):
    """The switch under the lid: opening it makes the PIN pad erase everything; closing it again does not bring keys back."""

    def __init__(self, pin_pad: VirtualPinPad) -> None:
        super().__init__("tamper")
        self._pin_pad = pin_pad

    def set_state(self, state: str) -> None:
        if state == "opened":
            self._pin_pad.tamper()
        super().set_state(state)

    def check(self) -> CheckResult:
        if self._pin_pad.tampered:
            return CheckResult(item="tamper", state="fail", reason="check.tamper.opened")
        return super().check()
