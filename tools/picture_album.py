"""Pictures of pages for `docs/images`: taken, set side by side, and written with few colours."""

import io
import sys
from pathlib import Path
from typing import Any

from PIL import Image
from tests.browser.desk import Desk

IMAGES = Path(__file__).parents[1] / "docs" / "images"
BYTES_MAX = 120 * 1024
"""Largest picture, so that a page with a dozen of them opens at once."""
PAPER = "#faf9f5"
LINE = "#dedbd2"
GAP = 24
PHONE_SCALE = 1.5
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
SETTLED_MS = 250
"""Until a screen that has just come is drawn whole."""


class Album:
    """Writes pictures."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.names: list[str] = []

    def keep(self, name: str, picture: Image.Image) -> None:
        """Write one picture, with as many colours as its size allows."""
        for colours in (256, 192, 128, 96, 64):
            file = io.BytesIO()
            few = picture.convert("RGB").quantize(colours, kmeans=2, dither=Image.Dither.NONE)
            few.save(file, "PNG", optimize=True)
            if file.tell() <= BYTES_MAX:
                break
        else:
            sys.exit(f"{name} has {file.tell()} bytes, more than {BYTES_MAX}")
        (self._folder / f"{name}.png").write_bytes(file.getvalue())
        self.names.append(name)


def shot(desk: Desk) -> Image.Image:
    """The window as it stands, from its top: a click below may have scrolled it."""
    desk.page.evaluate("() => scrollTo(0, 0)")
    desk.page.wait_for_timeout(SETTLED_MS)
    return Image.open(io.BytesIO(desk.page.screenshot()))


def part(desk: Desk, selector: str) -> Image.Image:
    """One element."""
    return Image.open(io.BytesIO(desk.page.locator(selector).screenshot()))


def side_by_side(*pictures: Image.Image) -> Image.Image:
    """Pictures in a row with a thin frame, on the colour of the page."""
    width = sum(picture.width for picture in pictures) + GAP * (len(pictures) + 1)
    sheet = Image.new("RGB", (width, max(picture.height for picture in pictures) + 2 * GAP), PAPER)
    x = GAP
    for picture in pictures:
        sheet.paste(Image.new("RGB", (picture.width + 2, picture.height + 2), LINE), (x - 1, GAP - 1))
        sheet.paste(picture, (x, GAP))
        x += picture.width + GAP
    return sheet
