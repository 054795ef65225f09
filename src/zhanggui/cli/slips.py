"""`zhanggui slips`: what a terminal printed, from its archive; as text, as a picture, or as bytes for a slip printer."""

from functools import partial
from pathlib import Path
from typing import Literal

import msgspec

from ..basics.errors import Fault, Misuse
from ..programs.settings import Settings
from ..terminal.devices.printer import SLIPS, Archived, SlipArchive
from ..terminal.paper.escpos import DrawRow, Encoding, slip_bytes
from ..terminal.paper.rows import NARROW_COLUMNS, WIDE_COLUMNS
from ..terminal.paper.text import slip_text
from ..terminal.settings import read_settings, terminal_folder
from ..views.slips import SLIPS_PRINTED, SlipRow
from .lists import print_list
from .output import print_json, print_text
from .words import say

COLUMNS = {"58": NARROW_COLUMNS, "80": WIDE_COLUMNS}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """How a slip is written, and where to."""

    format: Literal["text", "png", "escpos"]
    paper: Literal["58", "80"]
    encoding: Encoding
    out: Path | None
    font: Path | None


def list_slips(settings: Settings, terminal: str, limit: int, *, as_json: bool) -> None:
    """List the archive of a terminal."""
    rows = [SlipRow(printed_at=_time(at), slip=name) for at, name in _archive(settings, terminal).names(limit)]
    print_list(settings, SLIPS_PRINTED, rows, as_json=as_json)


def write(settings: Settings, terminal: str, slip_id: str, wanted: Wanted, *, as_json: bool) -> None:
    """Write one slip. Misuse when there is none of that name, or pictures can't be drawn here."""
    archived = _archive(settings, terminal).find(slip_id)
    if wanted.format == "text" and wanted.out is None:
        rows = slip_text(archived.slip, COLUMNS[wanted.paper])
        if as_json:
            print_json({"slip": archived.slip.id, "rows": rows})
        else:
            print_text("\n".join(rows))
        return
    out = wanted.out
    if out is None:
        raise Misuse("name the file to write with --out")
    content = _content(archived, wanted)
    try:
        with out.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise Misuse(f"{out} is there already and is not overwritten; give another name") from None
    except OSError as error:
        raise Fault(f"can't write {out}: {error.strerror or error}") from error
    if as_json:
        print_json({"slip": archived.slip.id, "file": str(out), "bytes": len(content)})
    else:
        say(settings.lang, "slip_written", slip=archived.slip.id, file=str(out), size=str(len(content)))


def _content(archived: Archived, wanted: Wanted) -> bytes:
    columns = COLUMNS[wanted.paper]
    match wanted.format:
        case "text":
            return "".join(row + "\n" for row in slip_text(archived.slip, columns)).encode()
        case "png":
            if not _can_draw():
                raise Misuse("pictures need Pillow: pip install 'zhanggui[pictures]'")
            from ..terminal.paper.picture import slip_picture

            return slip_picture(archived.slip, columns, strokes=archived.signature, font=wanted.font)
        case "escpos":
            return slip_bytes(
                archived.slip,
                columns,
                encoding=wanted.encoding,
                strokes=archived.signature,
                draw_row=_drawer(wanted.font),
            )


def _can_draw() -> bool:
    try:
        import PIL  # noqa: F401  # only whether it is here
    except ImportError:
        return False
    return True


def _drawer(font: Path | None) -> DrawRow | None:
    """Without Pillow a rare character prints as a geta mark."""
    if not _can_draw():
        return None
    from ..terminal.paper.picture import row_bitmap

    return partial(row_bitmap, font=font)


def _archive(settings: Settings, terminal: str) -> SlipArchive:
    read_settings(settings.data_path, terminal)
    return SlipArchive(terminal_folder(settings.data_path, terminal) / SLIPS)


def _time(stamp: str) -> str:
    """`20261123-085503` as people read it.

    >>> _time("20261123-085503")
    '2026-11-23 08:55:03'
    """
    day, time = stamp[:8], stamp[9:]
    return f"{day[:4]}-{day[4:6]}-{day[6:]} {time[:2]}:{time[2:4]}:{time[4:]}"
