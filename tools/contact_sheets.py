"""Every screen of every kind of payment on sheets to look at: `.venv/bin/python -m tools.contact_sheets FOLDER` in the project's root.

Three models, both languages, a phone and a desktop; the screens are those of `tests/worlds/kind_views.py`, drawn by the page itself. Needs
Chromium and a Chinese face: apt-get install chromium fonts-noto-cjk.
"""

import asyncio
import io
import shutil
import sys
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.async_api import Page, ViewportSize, async_playwright
from tests.unit.terminal_page.conftest import serve
from tests.worlds.fake_terminal import FakeTerminal
from tests.worlds.kind_views import kind_views

from zhanggui.basics.words import Lang
from zhanggui.terminal.models.profiles import ModelName

MODELS: tuple[ModelName, ...] = ("smart", "esign", "keypad")
LANGS: tuple[Lang, ...] = ("zh", "en")
SIZES = {"phone": ViewportSize(width=360, height=740), "desktop": ViewportSize(width=1280, height=860)}
COLUMNS = {"phone": 12, "desktop": 6}
WIDTH = {"phone": 216, "desktop": 420}
LABEL, GAP, ROWS = 14, 6, 4


async def shots(
    page: Page, terminal: FakeTerminal, model: ModelName, lang: Lang, width: int
) -> list[tuple[str, Image.Image]]:
    """Each screen as the page draws it."""
    taken = []
    for name, view in kind_views(model, lang).items():
        terminal.put(view)
        await page.wait_for_selector(f'.glass[data-screen="{view.id}"]', state="attached")
        await page.wait_for_timeout(40)
        picture = Image.open(io.BytesIO(await page.screenshot()))
        taken.append((name, picture.resize((width, picture.height * width // picture.width), Image.Resampling.LANCZOS)))
    return taken


def sheet(taken: list[tuple[str, Image.Image]], columns: int) -> Image.Image:
    """Screens in rows, each under its name."""
    wide, high = taken[0][1].size
    rows = -(-len(taken) // columns)
    whole = Image.new("RGB", (columns * (wide + GAP), rows * (high + LABEL + GAP)), "#888888")
    brush = ImageDraw.Draw(whole)
    for at, (name, picture) in enumerate(taken):
        left, top = at % columns * (wide + GAP), at // columns * (high + LABEL + GAP)
        brush.text((left + 2, top + 1), name, fill="white")
        whole.paste(picture, (left, top + LABEL))
    return whole


async def main(folder: Path, models: tuple[ModelName, ...], sizes: tuple[str, ...]) -> None:
    """Write all sheets."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for model in models:
            for lang in LANGS:
                terminal = FakeTerminal(model=model, lang=lang)
                async with serve(terminal) as served:
                    for size in sizes:
                        page = await browser.new_page(viewport=SIZES[size], reduced_motion="reduce")
                        await page.goto(f"{served.address}t/{terminal.number}")
                        taken = await shots(page, terminal, model, lang, WIDTH[size])
                        step = COLUMNS[size] * ROWS
                        for part in range(0, len(taken), step):
                            name = f"{model}-{lang}-{size}-{part // step + 1}.png"
                            sheet(taken[part : part + step], COLUMNS[size]).save(folder / name)
                        await page.close()
        await browser.close()


if __name__ == "__main__":
    Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
    asyncio.run(main(Path(sys.argv[1]), MODELS, tuple(sys.argv[2:]) or tuple(SIZES)))
