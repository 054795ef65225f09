"""A file of a list on its way to whoever asked for it: for a page and for a program."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from litestar.response import Stream

from ..acquirer.rows.records import ExportFile
from ..basics.clock import china_time
from ..basics.numbers import UnixMs
from ..host.window.window import Proof
from ..views.exports.files import FORMATS
from .desk import OfficeDesk


def file_name(list_name: str, kind: str, now: UnixMs) -> str:
    """What a file is called where it is kept."""
    return f"{list_name}-{china_time(now):%Y%m%d-%H%M%S}.{kind}"


def file_answer(desk: OfficeDesk, proof: Proof, file: ExportFile) -> Stream:
    """The file itself, as the answer to a request; it goes once it was taken whole."""
    return Stream(
        _sent(desk, proof, file),
        media_type=FORMATS[file.format].media_type,
        headers={
            "content-disposition": f'attachment; filename="{file_name(file.list_name, file.format, file.made_ms)}"',
            "content-length": str(file.size_bytes),
        },
    )


async def _sent(desk: OfficeDesk, proof: Proof, file: ExportFile) -> AsyncGenerator[bytes, None]:
    """The contents; once all of them are on their way, the file is no more. Whoever hangs up before ends this, and the file stays."""
    async with aclosing(desk.files.contents(file.file_id)) as pieces:
        async for piece in pieces:
            yield piece
    # Goes when what was sent before it has left this program; a line that was gone by then cuts this off at the next wait.
    yield b""
    if await desk.files.has(file.file_id):
        await desk.acting.drop_taken(proof, file)
