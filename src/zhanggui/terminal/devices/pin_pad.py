"""The virtual PIN pad: the secure part in software. Keys and digits live here and nowhere else in the terminal.

It owns a device key, made once when the machine is made (32 bytes, a file only its owner may read). Under it stand, as TR-31
blocks in `pin_pad.json`: the terminal master key, the working keys of the last sign-in, and a data key for card data at rest.
The file is replaced as a whole, so after a power cut the last working keys are there and a reversal can be MACed with them.

A real PIN pad is a sealed device with its own processor. This one has the same face and erases the same things, but it is a
program: whoever reads the process's memory reads its keys.
"""

import contextlib
from pathlib import Path
from typing import Literal, NoReturn, TypeVar

import msgspec

from ...basics.chance import Chance
from ...basics.clock import Clock
from ...basics.errors import Defect, Fault, Misuse
from ...basics.numbers import MerchantNo, OperatorNo
from ...basics.secret import Pan, Secret
from ...vault.blocks import BlockHeader, KeyWrapper
from ...vault.errors import KeyBlockRejected
from ...vault.hsm import KeySet
from ...vault.keys import KeyBlock, MacKeyBlock, PinKeyBlock, TerminalMasterKeyBlock, TrackKeyBlock
from ...vault.mac import MacAlgorithm
from ...vault.pinblock import PasswordAccount
from ...vault.software import SoftwareHsm
from ..flow.events import CheckResult
from .owner_file import read_owner_only, write_owner_only
from .ports import PROTECTED_BYTES_MAX, EntryPurpose, EntryStep, PinKey
from .switches import VirtualSwitch

DEVICE_KEY_BYTES = 32
FILE_VERSION = 1
HOLD_S = 180
"""How long finished digits wait to be enciphered: a sign-on (60 s at most) may have to bring the PIN key first, twice."""
_PROTECTED = BlockHeader("10", "A", "B", "N", (("LB", "CARD"),))
"""Card data at rest. X9.143 leaves numeric usage codes to each maker."""
_DATA_KEY = BlockHeader("11", "A", "B", "N", (("LB", "DATA"),))

B = TypeVar("B", bound=KeyBlock)


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """`pin_pad.json`. Every value is sealed under the device key."""

    version: int
    data_key: str
    tampered: bool = False
    master_key: str = ""
    pin_key: str = ""
    mac_key: str = ""
    track_key: str = ""


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
        self._key_path = folder / "device.key"
        self._path = folder / "pin_pad.json"
        self._clock = clock
        self._chance = chance
        self._mac_algorithm = mac_algorithm
        self._digits = bytearray()
        self._purpose: EntryPurpose | None = None
        self._collecting = False
        self._bounds = (0, 0)
        self._may_skip = False
        self._until_s = 0.0
        self._kept, device_key = self._open()
        self._hsm, self._data = self._open_vault(device_key)

    # ── manufacture and master key ───────────────────────────────────────────

    def transport_key(self) -> bytes:
        """The device key, for the key room alone: a host exports this terminal's master key under it.

        Raises Fault once the PIN pad was tampered with.
        """
        key = read_owner_only(self._key_path)
        if key is None or len(key) != DEVICE_KEY_BYTES:
            raise Fault("the PIN pad has no device key any more; it has to be made anew")
        return key

    def inject_master_key(self, block: str) -> None:
        """Take the terminal master key (TR-31 under the device key). Working keys of an earlier one are erased.

        Raises KeyBlockRejected when the block is damaged, under another key, or no terminal master key.
        """
        master = self._vault().import_block(block, self.transport_key(), TerminalMasterKeyBlock)
        self._keep(master_key=master.text, pin_key="", mac_key="", track_key="")

    def master_key_check_value(self) -> str:
        """Check value of the master key in hexadecimal; empty when there is none."""
        master = self._block(TerminalMasterKeyBlock, self._kept.master_key)
        return "" if master is None else self._vault().check_value(master).hex().upper()

    @property
    def has_working_keys(self) -> bool:
        return bool(self._kept.pin_key and self._kept.mac_key) and self._hsm is not None

    @property
    def tampered(self) -> bool:
        return self._kept.tampered

    def load_working_keys(self, field_62: bytes, key_set: KeySet) -> None:
        keys = self._vault().load_working_keys(self._master(), field_62, key_set)
        self._keep(
            pin_key=keys.pin_key.text,
            mac_key=keys.mac_key.text,
            track_key=keys.track_key.text if keys.track_key else "",
        )

    def tamper(self) -> None:
        self.forget()
        self._hsm = None
        self._data = None
        self._kept = _Kept(version=FILE_VERSION, data_key="", tampered=True)
        # Even when the disk refuses to forget, this running machine must have forgotten already.
        with contextlib.suppress(FileNotFoundError):
            write_owner_only(self._key_path, bytes(DEVICE_KEY_BYTES))
            self._key_path.unlink()
        self._write()

    # ── entry ────────────────────────────────────────────────────────────────

    @property
    def collecting(self) -> bool:
        return self._collecting

    def begin(self, purpose: EntryPurpose, *, min_digits: int, max_digits: int, may_skip: bool, timeout_s: int) -> None:
        self.forget()
        self._purpose = purpose
        self._bounds = (min_digits, max_digits)
        self._may_skip = may_skip
        self._collecting = True
        self._until_s = self._clock.elapsed_s() + timeout_s

    def press(self, key: PinKey) -> EntryStep:
        if not self._collecting:
            raise Misuse("the PIN pad is not collecting digits now")
        least, most = self._bounds
        match key:
            case "cancel":
                return self._end("cancelled")
            case "clear":
                if self._digits:
                    self._digits[-1] = 0
                    del self._digits[-1]
            case "enter":
                if not self._digits and self._may_skip:
                    return self._end("skipped")
                if len(self._digits) >= least:
                    return self._end("entered")
            case _:
                if len(self._digits) < most:
                    self._digits.append(ord(key))
        return EntryStep(len(self._digits))

    def tick(self) -> EntryStep | None:
        if self._purpose is None or self._clock.elapsed_s() < self._until_s:
            return None
        if self._collecting:
            return self._end("timed_out")
        self.forget()
        return None

    def forget(self) -> None:
        self._erase()
        self._collecting = False
        self._purpose = None

    # ── what comes out ───────────────────────────────────────────────────────

    def take_pin_block(self, pan: Pan) -> bytes:
        digits = self._take("cardholder")
        return self._vault().encrypt_pin(self._working(PinKeyBlock, self._kept.pin_key), digits, pan)

    def take_password_block(self, merchant_no: MerchantNo, operator_no: OperatorNo) -> bytes:
        digits = self._take("password")
        account = PasswordAccount(merchant_no, operator_no)
        return self._vault().encrypt_password(self._working(PinKeyBlock, self._kept.pin_key), digits, account)

    def mac(self, data: bytes) -> bytes:
        return self._vault().mac(self._working(MacKeyBlock, self._kept.mac_key), self._mac_algorithm, data)

    def verify_mac(self, data: bytes, mac: bytes) -> bool:
        if not self.has_working_keys:
            return False
        key = self._working(MacKeyBlock, self._kept.mac_key)
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
        if self.state == "ok" and not self._kept.master_key and not self._kept.tampered:
            return CheckResult(item="keypad", state="fail", reason="check.keypad.no_master_key")
        return super().check()

    # ── within ───────────────────────────────────────────────────────────────

    def _end(self, outcome: Literal["entered", "skipped", "cancelled", "timed_out"]) -> EntryStep:
        count = len(self._digits)
        if outcome == "entered":
            self._collecting = False
            self._until_s = self._clock.elapsed_s() + HOLD_S
        else:
            self.forget()
        return EntryStep(count if outcome == "entered" else 0, outcome)

    def _take(self, purpose: EntryPurpose) -> Secret:
        if self._collecting or not self._digits:
            raise Fault(
                "the PIN pad holds no digits: they were never typed, or nobody used them in time; type them again"
            )
        if self._purpose != purpose:
            raise Defect(f"the PIN pad holds digits of another purpose than {purpose}")
        digits = Secret(self._digits.decode("ascii"))
        self.forget()
        return digits

    def _erase(self) -> None:
        self._digits[:] = bytes(len(self._digits))
        self._digits.clear()

    def _open(self) -> tuple[_Kept, bytes]:
        """What the files hold; a machine without files is new and gets its device key and data key now."""
        content = read_owner_only(self._path)
        device_key = read_owner_only(self._key_path)
        if content is None and device_key is None:
            device_key = self._chance.take(DEVICE_KEY_BYTES)
            write_owner_only(self._key_path, device_key)
        if content is None and device_key is not None and len(device_key) == DEVICE_KEY_BYTES:
            data_key = KeyWrapper(device_key).wrap(_DATA_KEY, self._chance.take(DEVICE_KEY_BYTES), self._chance)
            kept = _Kept(version=FILE_VERSION, data_key=data_key)
            write_owner_only(self._path, msgspec.json.encode(kept))
            return kept, device_key
        try:
            kept = msgspec.json.decode(content or b"", type=_Kept)
        except msgspec.DecodeError as error:
            raise self._damaged(self._path) from error
        if kept.version != FILE_VERSION:
            raise Misuse(f"{self._path} has version {kept.version}, this program reads version {FILE_VERSION}")
        if not kept.tampered and (device_key is None or len(device_key) != DEVICE_KEY_BYTES):
            raise self._damaged(self._key_path)
        return kept, device_key or b""

    def _open_vault(self, device_key: bytes) -> tuple[SoftwareHsm | None, KeyWrapper | None]:
        """The vault for keys and the sealer for card data; neither once the machine was opened."""
        if self._kept.tampered:
            return None, None
        try:
            data_key = KeyWrapper(device_key).unwrap(self._kept.data_key)[1]
        except KeyBlockRejected as error:
            raise self._damaged(self._path) from error
        return SoftwareHsm(device_key, self._chance), KeyWrapper(data_key)

    def _damaged(self, path: Path) -> Fault:
        return Fault(
            f"the PIN pad's file {path} is damaged or missing. Make the terminal anew and load its master key again."
        )

    def _keep(self, *, pin_key: str, mac_key: str, track_key: str, master_key: str | None = None) -> None:
        """Write the new keys, then use them: if the disk refuses, the old ones stay."""
        kept = msgspec.structs.replace(
            self._kept,
            master_key=self._kept.master_key if master_key is None else master_key,
            pin_key=pin_key,
            mac_key=mac_key,
            track_key=track_key,
        )
        write_owner_only(self._path, msgspec.json.encode(kept))
        self._kept = kept

    def _write(self) -> None:
        write_owner_only(self._path, msgspec.json.encode(self._kept))

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
        master = self._block(TerminalMasterKeyBlock, self._kept.master_key)
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
        return self._block(TrackKeyBlock, self._kept.track_key)

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
