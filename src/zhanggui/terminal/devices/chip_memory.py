"""What an issuer changed on a virtual chip, in a file beside the card file: it stays with the card, whichever terminal it is shown to."""

from pathlib import Path

import msgspec

from ...basics.bad_json import BAD_JSON
from ...basics.errors import Fault
from .owner_file import write_owner_only


class ChipMemory(msgspec.Struct, frozen=True, kw_only=True):
    """What commands of the issuer left on the chip."""

    offline_limit: int | None = None
    """The lower consecutive offline limit (9F58); None as long as nobody set it."""
    is_blocked: bool = False
    """Whether the application is blocked: the chip answers no terminal any more."""


class ChipMemoryFile:
    """The file of one chip."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> ChipMemory:
        """What stands there; the memory of a new card when there is no file. Fault when it can't be read."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=ChipMemory)
        except FileNotFoundError:
            return ChipMemory()
        except (OSError, *BAD_JSON) as error:
            raise Fault(f"can't read the chip's memory {self._path}") from error

    def write(self, memory: ChipMemory) -> None:
        """Put it there, whole or not at all. Fault when the disk refuses."""
        write_owner_only(self._path, msgspec.json.encode(memory))
