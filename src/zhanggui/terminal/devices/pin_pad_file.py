"""The PIN pad's files: its device key, and `pin_pad.json` in which every value is sealed under that key.

`pin_pad.json` is replaced as a whole, so after a power cut the last working keys are there and a reversal can be MACed with them.
"""

import contextlib
from collections.abc import Callable
from pathlib import Path

import msgspec

from ...basics.bad_json import BAD_JSON
from ...basics.chance import Chance
from ...basics.errors import Fault, Misuse
from ...vault.blocks import BlockHeader, KeyWrapper
from ...vault.errors import KeyBlockRejected
from ...vault.keys import MacKeyBlock
from ...vault.software import SoftwareHsm
from .owner_file import read_owner_only, write_owner_only

DEVICE_KEY_BYTES = 32
FILE_VERSION = 1
KEY_FILE, KEPT_FILE, ENVELOPES_FILE = "device.key", "pin_pad.json", "envelopes.json"
LAST_WORD_FILE = "last_word.key"
_DATA_KEY = BlockHeader("11", "A", "B", "N", (("LB", "DATA"),))
"""X9.143 leaves numeric usage codes to each maker."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """`pin_pad.json`. Keys are TR-31 blocks; an empty text is a key that is not there."""

    version: int = FILE_VERSION
    data_key: str = ""
    tampered: bool = False
    master_key: str = ""
    pin_key: str = ""
    mac_key: str = ""
    track_key: str = ""
    verifier_key: str = ""
    """For verifiers of operator passwords, made when the first envelope is sealed."""
    seal_key: str = ""
    """Seals the file of envelopes."""
    last_word_key: str = ""
    """Of an opened machine alone: the MAC key of the last sign-in, under a key of its own, for word of the opening and nothing else."""


def forget_opening(folder: Path) -> None:
    """The key room had an opened machine in hand and found it sound: it begins anew, as one that was never given a key."""
    for name in (KEPT_FILE, ENVELOPES_FILE, LAST_WORD_FILE, KEY_FILE):
        (folder / name).unlink(missing_ok=True)


class PinPadFile:
    """The files of one PIN pad in its folder."""

    def __init__(self, folder: Path, chance: Chance) -> None:
        """Open them, or make them for a new machine. Misuse or Fault when they can't be used."""
        self._key_path = folder / KEY_FILE
        self._path = folder / KEPT_FILE
        self._chance = chance
        self.kept, self._device_key = self._open(chance)

    def open_vault(self, chance: Chance) -> tuple[SoftwareHsm | None, KeyWrapper | None]:
        """The vault for keys and the sealer for card data; neither once the machine was opened."""
        if self.kept.tampered:
            return None, None
        try:
            data_key = KeyWrapper(self._device_key).unwrap(self.kept.data_key)[1]
        except KeyBlockRejected as error:
            raise self._damaged(self._path) from error
        return SoftwareHsm(self._device_key, chance), KeyWrapper(data_key)

    def open_last_word(self) -> tuple[SoftwareHsm, MacKeyBlock] | None:
        """A vault that knows the key of an opened machine's last word, and that key; None where there is none."""
        new_key = read_owner_only(self._key_path.with_name(LAST_WORD_FILE)) if self.kept.last_word_key else None
        if new_key is None or len(new_key) != DEVICE_KEY_BYTES:
            return None
        return SoftwareHsm(new_key, self._chance), MacKeyBlock(self.kept.last_word_key)

    def device_key(self) -> bytes:
        """The device key. Fault once the machine was opened."""
        key = read_owner_only(self._key_path)
        if key is None or len(key) != DEVICE_KEY_BYTES:
            raise Fault("the PIN pad has no device key any more; it has to be made anew")
        return key

    def keep(self, kept: Kept) -> None:
        """Write what is to be kept, then use it: if the disk refuses, the earlier contents stay."""
        write_owner_only(self._path, msgspec.json.encode(kept))
        self.kept = kept

    def tamper(self, last_word: Callable[[bytes], str]) -> None:
        """Erase the device key; nothing that was sealed under it can be opened again.

        `last_word` seals, under the new key that it gets, what is needed to tell of it; that key stays, and opens nothing else.
        """
        new_key = self._chance.take_secret(DEVICE_KEY_BYTES)
        self.kept = Kept(tampered=True, last_word_key=last_word(new_key))
        # Even when the disk refuses to forget, this running machine must have forgotten already.
        with contextlib.suppress(FileNotFoundError):
            write_owner_only(self._key_path, bytes(DEVICE_KEY_BYTES))
            self._key_path.unlink()
        if self.kept.last_word_key:
            with contextlib.suppress(Fault):
                write_owner_only(self._key_path.with_name(LAST_WORD_FILE), new_key)
        write_owner_only(self._path, msgspec.json.encode(self.kept))

    def _open(self, chance: Chance) -> tuple[Kept, bytes]:
        """What the files hold; a machine without files is new and gets its device key and data key now."""
        content = read_owner_only(self._path)
        device_key = read_owner_only(self._key_path)
        if content is None and device_key is None:
            device_key = chance.take_secret(DEVICE_KEY_BYTES)
            write_owner_only(self._key_path, device_key)
        if content is None and device_key is not None and len(device_key) == DEVICE_KEY_BYTES:
            data_key = KeyWrapper(device_key).wrap(_DATA_KEY, chance.take_secret(DEVICE_KEY_BYTES), chance)
            kept = Kept(data_key=data_key)
            write_owner_only(self._path, msgspec.json.encode(kept))
            return kept, device_key
        try:
            kept = msgspec.json.decode(content or b"", type=Kept)
        except BAD_JSON as error:
            raise self._damaged(self._path) from error
        if kept.version != FILE_VERSION:
            raise Misuse(f"{self._path} has version {kept.version}, this program reads version {FILE_VERSION}")
        if not kept.tampered and (device_key is None or len(device_key) != DEVICE_KEY_BYTES):
            raise self._damaged(self._key_path)
        return kept, device_key or b""

    def _damaged(self, path: Path) -> Fault:
        return Fault(
            f"the PIN pad's file {path} is damaged or missing. Make the terminal anew and load its master key again."
        )

    def __repr__(self) -> str:
        return "PinPadFile(••••)"
