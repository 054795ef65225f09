"""The page of a slip (电子签购单): `GET /S/…` shows the cardholder's copy to whoever has its link. It has no form and no script."""

from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from ..basics.money import format_yuan
from ..cup.values.code128 import bar_widths
from ..cup.values.slip import SlipLine
from ..cup.values.slip_link import SLIP_PATH, read_link
from ..web.languages import lang_of, wordings
from ..web.pages import Templates
from .desk import SlipDesk
from .said import WORDS

PLACES = "/{merchant:str}/{link:str}"
BAR_HEIGHT = 36
"""Of a bar code's picture, in its modules."""


class ShownLine(msgspec.Struct, frozen=True):
    """A line as the page draws it."""

    kind: str
    left: str
    right: str
    bars: str = ""
    """The path of a bar code's picture."""
    wide: int = 0
    """How many modules it is wide."""


def slip_route(desk: SlipDesk, templates: Templates) -> HTTPRouteHandler:
    """What ended, was erased and never was is answered alike: 404, the same words."""

    @get(SLIP_PATH + PLACES)
    async def show(request: Request[Any, Any, Any], merchant: FromPath[str], link: FromPath[str]) -> Response[str]:
        lang = lang_of(request)
        known = read_link(merchant, link)
        seen = await desk.slip(known) if known is not None else None
        lines: tuple[SlipLine, ...] = ()
        became = ""
        if seen is not None:
            lines = seen.copies.en if lang == "en" else seen.copies.zh
            if seen.became:
                became = WORDS[f"slip.{seen.became}"].fill(lang, amount=format_yuan(seen.standing_fen))
        page = templates.answer(
            "slip.html",
            lang=lang,
            words=wordings(WORDS, lang),
            lines=tuple(map(_shown, lines)),
            became=became,
        )
        page.status_code = HTTPStatus.OK if seen is not None else HTTPStatus.NOT_FOUND
        page.headers["X-Robots-Tag"] = "noindex, nofollow"
        return page

    return show


def _shown(line: SlipLine) -> ShownLine:
    if line.kind != "bar_code":
        return ShownLine(line.kind, line.left, line.right)
    try:
        widths = bar_widths(line.left)
    except ValueError:
        return ShownLine("center", line.left, "")
    at, parts = 0, []
    for place, modules in enumerate(widths):
        if place % 2 == 0:
            parts.append(f"M{at} 0h{modules}v{BAR_HEIGHT}h-{modules}z")
        at += modules
    return ShownLine(line.kind, line.left, "", "".join(parts), at)
