"""Virtual printers: slips come out as a text file and a record of their data, in a folder of the terminal.

slips/20261123-085503-000012-merchant.txt     as the paper shows it
slips/20261123-085503-000012-merchant.json    the slip and the signature, for the tray, the page and a reprint
"""

import re
from collections.abc import Callable
from pathlib import Path

import msgspec

from ...basics.bad_json import BAD_JSON
from ...basics.clock import china_time
from ...basics.errors import Fault, Misuse
from ...basics.numbers import UnixMs
from ...cup.values.slip import Slip
from .owner_file import write_owner_only
from .ports import OutOfPaper, Strokes
from .switches import VirtualSwitch

SLIPS = "slips"
"""The folder of a terminal's archive."""
SLIPS_KEPT_MAX = 20_000
"""Slips in the archive, two for a payment: a busy shop's month. The journal can lay out older ones again."""
_SLIP_ID = re.compile(r"[0-9]{6}(-[a-z]{1,16}){1,2}")
_FILE_NAME = "%Y%m%d-%H%M%S"
_TIME_CHARACTERS = 15

ToText = Callable[[Slip], str]
"""Sets a slip in the columns of this model's paper."""


class Archived(msgspec.Struct, frozen=True):
    """A slip that came out, and what was signed on it."""

    slip: Slip
    signature: Strokes = ()


class SlipArchive:
    """The folder of slips."""

    def __init__(self, folder: Path, to_text: ToText = lambda slip: "") -> None:
        """`to_text` sets what is kept from now on; whoever only reads needs none."""
        self._folder = folder
        self._to_text = to_text
        self._count: int | None = None

    def keep(self, slip: Slip, at: UnixMs, signature: Strokes) -> None:
        """Write one slip. Misuse for an id that could not name a file, Fault when the disk refuses."""
        _check_id(slip.id)
        path = self._folder / f"{china_time(at).strftime(_FILE_NAME)}-{slip.id}.txt"
        write_owner_only(path, self._to_text(slip).encode())
        write_owner_only(path.with_suffix(".json"), msgspec.json.encode(Archived(slip, signature)))
        self._bound()

    def names(self, limit: int) -> list[tuple[str, str]]:
        """When each slip was printed and its id, newest first."""
        newest = sorted((path.stem for path in self._folder.glob("*.json")), reverse=True)[:limit]
        return [(name[:_TIME_CHARACTERS], name[_TIME_CHARACTERS + 1 :]) for name in newest]

    def find(self, slip_id: str) -> Archived:
        """The newest slip of this id. Misuse when there is none, Fault when its file is damaged."""
        _check_id(slip_id)
        newest = max(self._folder.glob(f"*-{slip_id}.json"), default=None)
        if newest is None:
            raise Misuse(f"there is no slip {slip_id} in this terminal's archive")
        try:
            return msgspec.json.decode(newest.read_bytes(), type=Archived)
        except (OSError, *BAD_JSON) as error:
            raise Fault(
                f"the archived slip {newest} can't be read; print it again from the list of payments"
            ) from error

    def _bound(self) -> None:
        """Drop the oldest slips beyond the bound; names begin with the time, so their order is the order of printing."""
        if self._count is not None and self._count < SLIPS_KEPT_MAX:
            self._count += 1
            return
        slips = sorted(self._folder.glob("*.json"))
        for old in slips[:-SLIPS_KEPT_MAX]:
            old.with_suffix(".txt").unlink(missing_ok=True)
            old.unlink(missing_ok=True)
        self._count = min(len(slips), SLIPS_KEPT_MAX)


class VirtualPrinter(VirtualSwitch):
    """A printer whose paper is a folder. Its states: `ok`, `low_paper`, `no_paper`, `fail`."""

    def __init__(self, archive: SlipArchive) -> None:
        super().__init__("printer")
        self._archive = archive

    async def print(self, slip: Slip, at: UnixMs, signature: Strokes = ()) -> None:
        if self.state == "no_paper":
            raise OutOfPaper
        if self.state == "fail":
            raise Fault("the printer does not answer; switch it off and on, or call support")
        self._archive.keep(slip, at, signature)

    def find(self, slip_id: str) -> Slip:
        return self._archive.find(slip_id).slip

    def signature(self, slip_id: str) -> Strokes:
        return self._archive.find(slip_id).signature


class ElectronicSlips(VirtualPrinter):
    """On a model without a printer: slips go into the archive alone, and there is no paper that could run out."""

    def set_state(self, state: str) -> None:
        """Misuse always: this model has no printer."""
        raise Misuse("this model has no printer; its slips are electronic")


def _check_id(slip_id: str) -> None:
    if not _SLIP_ID.fullmatch(slip_id):
        raise Misuse("a slip is named by its trace number and copy, like 000012-merchant")
