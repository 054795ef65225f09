"""The screens of every kind of payment, one of each shape, on sheets to look at.

`.venv/bin/python -m tools.contact_sheets FOLDER` in the project's root.

Three models, both languages, a phone and a desktop, light and dark; the words `smart`, `en`, `phone`, `dark` … behind the folder leave
out the others. The screens are those of `tests/worlds/kind_views.py`, drawn by the page itself; of a desktop the machine alone is
shown, as large as a sheet allows. Needs Chromium and a Chinese face: apt-get install chromium fonts-noto-cjk.
"""

import asyncio
import io
import shutil
import sys
from collections.abc import Collection
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.async_api import Browser, Page, ViewportSize, async_playwright
from tests.unit.terminal_page.conftest import serve
from tests.worlds.fake_terminal import FakeTerminal
from tests.worlds.kind_views import Views, kind_views

from zhanggui.basics.words import Lang
from zhanggui.terminal.models.profiles import ModelName

MODELS: tuple[ModelName, ...] = ("smart", "esign", "keypad")
LANGS: tuple[Lang, ...] = ("zh", "en")
SIZES = {"phone": ViewportSize(width=360, height=740), "desktop": ViewportSize(width=1280, height=860)}
SCHEMES = ("light", "dark")
SHEET_WIDTH, SCREEN_WIDTH = 1560, 254
"""As wide as a picture is shown without being made smaller; and six screens side by side."""
ROWS, LABEL, GAP = 3, 14, 6


async def shots(page: Page, terminal: FakeTerminal, views: Views) -> list[tuple[str, Image.Image]]:
    """Each screen as the page draws it: all of a phone, and of a desktop the machine."""
    taken = []
    is_wide = (page.viewport_size or SIZES["phone"])["width"] > SIZES["phone"]["width"]
    for name, view in views.items():
        terminal.put(view)
        await page.wait_for_selector(f'.glass[data-screen="{view.id}"]', state="attached")
        await page.wait_for_timeout(40)
        shot = await (page.locator(".body").screenshot() if is_wide else page.screenshot())
        picture = Image.open(io.BytesIO(shot))
        size = (SCREEN_WIDTH, picture.height * SCREEN_WIDTH // picture.width)
        taken.append((name, picture.resize(size, Image.Resampling.LANCZOS)))
    return taken


def sheet(taken: Collection[tuple[str, Image.Image]]) -> Image.Image:
    """Screens in rows, each under its name."""
    columns = SHEET_WIDTH // (SCREEN_WIDTH + GAP)
    high = max(picture.height for _, picture in taken) + LABEL + GAP
    whole = Image.new("RGB", (SHEET_WIDTH, -(-len(taken) // columns) * high), "#888888")
    brush = ImageDraw.Draw(whole)
    for at, (name, picture) in enumerate(taken):
        left, top = at % columns * (SCREEN_WIDTH + GAP), at // columns * high
        brush.text((left + 2, top + 1), name, fill="white")
        whole.paste(picture, (left, top + LABEL))
    return whole


def different(model: ModelName, lang: Lang) -> Views:
    """Kinds share their screens: one that says the same in as many lines is drawn once."""
    every = kind_views(model, lang)
    shapes = {(view.id, view.title, len(view.lines), len(view.choices)): name for name, view in every.items()}
    return {name: every[name] for name in shapes.values()}


async def draw(browser: Browser, folder: Path, model: ModelName, lang: Lang, wanted: Collection[str]) -> None:
    """The sheets of one model in one language."""
    terminal, views = FakeTerminal(model=model, lang=lang), different(model, lang)
    async with serve(terminal) as served:
        for size in wanted_of(SIZES, wanted):
            for scheme in wanted_of(SCHEMES, wanted):
                is_phone = size == "phone"
                page = await browser.new_page(
                    viewport=SIZES[size],
                    is_mobile=is_phone,
                    has_touch=is_phone,
                    reduced_motion="reduce",
                    color_scheme="dark" if scheme == "dark" else "light",
                )
                await page.goto(f"{served.address}t/{terminal.number}")
                taken = await shots(page, terminal, views)
                await page.close()
                a_sheet = SHEET_WIDTH // (SCREEN_WIDTH + GAP) * ROWS
                for first in range(0, len(taken), a_sheet):
                    name = f"{model}-{lang}-{size}-{scheme}-{first // a_sheet + 1}.png"
                    sheet(taken[first : first + a_sheet]).save(folder / name)


def wanted_of(names: Collection[str], wanted: Collection[str]) -> list[str]:
    """Those that were asked for; all where none was."""
    return [name for name in names if name in wanted] or list(names)


async def main(folder: Path, wanted: Collection[str]) -> None:
    """Write all sheets."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for model in MODELS:
            for lang in LANGS:
                if model in wanted_of(MODELS, wanted) and lang in wanted_of(LANGS, wanted):
                    await draw(browser, folder, model, lang, wanted)
        await browser.close()


if __name__ == "__main__":
    Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2:]))
