"""Make `docs/images/office` and the pages that show it anew: `.venv/bin/python -m tools.office_pictures` in the project's root.

One sheet for each page of the office's table of routes, with eight pictures on it: both languages, light and dark, a desktop and a
phone. The data are those of `tests/worlds/past_office.py`, the same at each start. Names of routes behind it (`/payments`) make those
alone; `--whole FOLDER` writes each picture by itself as long as its page is, to look at. Needs Chromium and a Chinese face:
apt-get install chromium fonts-noto-cjk.
"""

import io
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from tests.browser.conftest import CHROMIUM_ARGS
from tests.worlds.browser_shop import Program
from tests.worlds.past_office import DOORS, HALF_WAY

from zhanggui.acquirer.people.rights import may
from zhanggui.acquirer.rows.records import WHOLE_HOST, Person
from zhanggui.basics.words import Lang
from zhanggui.office.acts import OFFICE_ACTS
from zhanggui.office.api.problems import API_WORDS
from zhanggui.office.gate import SESSION_COOKIE
from zhanggui.office.lists import OFFICE_LISTS
from zhanggui.office.routes import Everybody, Route
from zhanggui.office.table import ROUTES
from zhanggui.office.words import OFFICE_WORDS
from zhanggui.programs.demo import MERCHANT_NO
from zhanggui.programs.demo_people import PEOPLE
from zhanggui.programs.free_port import free_port

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images" / "office"
ENDS: dict[Lang, str] = {"en": "", "zh": ".zh"}
SHOWN: dict[Lang, Path] = {lang: ROOT / "docs" / "reference" / f"office-pages{end}.md" for lang, end in ENDS.items()}
"""The pages that show the pictures."""
BYTES_MAX = 6_000_000
"""Of all pictures together."""
DAYS, MADE_WITHIN_S = 60, 600
FIRST_TO_LOOK = ("demo.owner", "demo.admin")
"""Whose pages are shown: the first of them who may see a page."""
SHOWN_TO = {"/second-factor": HALF_WAY, "/policy": "demo.admin"}
"""Pages that those see of whom it is not asked whether they may: who is half-way in, and who has more than one shop."""
NO_PAGES = ("/today/live", "/exports/{merchant:str}/{number:str}/progress")
"""What scripts of pages ask for."""
LANGS: dict[Lang, str] = {"zh": "zh-CN", "en": "en-GB"}
SCHEMES = ("light", "dark")
SIZES: dict[str, tuple[dict[str, Any], tuple[int, int]]] = {
    "desktop": ({"viewport": {"width": 1280, "height": 1040}}, (640, 520)),
    "phone": ({"viewport": {"width": 390, "height": 845}, "has_touch": True, "is_mobile": True}, (240, 520)),
}
"""A window, and how large its picture stands on the sheet."""
QUALITY = 40
"""Of WebP: letters can be read, and a sheet has some 60 kB."""
GAP, BETWEEN = 8, "#8a8a86"
ROWS = {
    "/payments/{merchant}/{terminal}/{batch}/{trace}": "/payments?state=reversed",
    "/sign-ins/{merchant}/{record}": "/sign-ins?outcome=refused",
    "/operators/{merchant}/{key}": "/operators?operator=01",
    "/terminals/{merchant}/{key}": "/terminals",
    "/shifts/{merchant}/{number}": "/shifts?day_to=2026-11-26",
    "/batches/{merchant}/{terminal}/{batch}": "/batches?day_to=2026-11-26",
    "/findings/{merchant}/{key}": "/findings",
    "/webhooks/{merchant}/{key}": "/webhooks",
    "/messages/{merchant}/{message}": "/messages",
    "/people/{person}": "/people",
    "/tokens/{token}": "/tokens",
    "/proposals/{merchant}/{number}": "/proposals",
    "/exports/{merchant}/{number}": "/exports",
}
"""Pages of one thing: the list whose first row leads to it."""


TITLES = {
    "/": "today.title",
    "/sign-in": "sign_in.title",
    "/second-factor": "code.title",
    "/password": "password.title",
    "/invitation": "invitation.title",
    "/trends": "menu.trends",
    "/findings": "menu.findings",
    "/policy": "menu.policy",
    "/api": "page.title",
}
"""Words of pages that are neither lists nor acts."""
HEADS: dict[Lang, tuple[str, str, str]] = {
    "en": (
        "Pages of the office",
        "Every page of [the office](../concepts/office.md), in Chinese and English, light and dark, on a desktop and on a phone, over "
        "the demo's past. A picture has eight; open it to read it.",
        "[中文](office-pages.zh.md)",
    ),
    "zh": (
        "后台的页面",
        "[后台](../concepts/office.md)的每一页：中文与英文、浅色与深色、电脑与手机，数据是演示店铺的过往。每张图里有八个画面，点开可看清。",
        "[English](office-pages.md)",
    ),
}


class View(NamedTuple):
    """One of the eight ways in which a page is looked at."""

    lang: Lang
    scheme: str
    size: str


VIEWS = tuple(View(lang, scheme, size) for size in SIZES for lang in LANGS for scheme in SCHEMES)


def pages() -> list[Route]:
    """The routes that are pages."""
    return [route for route in ROUTES if route.method == "GET" and route.path not in NO_PAGES]


def name_of(route: Route) -> str:
    """What the picture of a page is called."""
    return re.sub(r"[/_{}]+", "-", plain(route.path)).strip("-") or "today"


def plain(path: str) -> str:
    """A path without the types of its parts."""
    return path.replace(":str}", "}")


def who_looks(route: Route) -> str:
    """The person whose page is shown; nobody where nobody has signed in yet."""
    right = route.right
    if route.path in SHOWN_TO:
        return SHOWN_TO[route.path]
    if isinstance(right, Everybody):
        return FIRST_TO_LOOK[0] if right.signed_in else ""
    people = {
        login: Person(
            merchant_no=WHOLE_HOST,
            login=login,
            name=name,
            shop_no=MERCHANT_NO if role in ("owner", "manager") else "",
            role=role,
            state="active",
            made_ms=0,  # type: ignore[arg-type]  # nobody looks at the time
            made_by="",
        )
        for login, name, role, _ in PEOPLE
    }
    for login in FIRST_TO_LOOK:
        if may(people[login], right.area, right.what, people[login].shop_no or None):
            return login
    raise LookupError(f"nobody of {FIRST_TO_LOOK} may open {route.path}")


class Album:
    """Opens pages in all views."""

    def __init__(self, browser: Browser, address: str, doors: dict[str, Any]) -> None:
        self._browser, self._address, self._doors = browser, address, doors
        self._opened: dict[View, Page] = {}

    def take(self, route: Route, address: str, *, whole: bool = False) -> Iterator[tuple[View, Image.Image]]:
        """The pictures of a page."""
        for view in VIEWS:
            page = self._page(view, who_looks(route))
            self._go(page, address)
            assert page.locator("main, body").count(), address
            yield view, Image.open(io.BytesIO(page.screenshot(full_page=whole)))

    def _page(self, view: View, login: str) -> Page:
        if view not in self._opened:
            window, _ = SIZES[view.size]
            context = self._browser.new_context(
                **window,
                locale=LANGS[view.lang],
                color_scheme="dark" if view.scheme == "dark" else "light",
                reduced_motion="reduce",
            )
            self._opened[view] = context.new_page()
        page = self._opened[view]
        page.context.clear_cookies()
        if login:
            cookie = {"name": SESSION_COOKIE, "value": self._doors["sessions"][login], "url": self._address}
            page.context.add_cookies([cookie])  # type: ignore[list-item]  # a cookie of these three
        return page

    def _go(self, page: Page, address: str) -> None:
        answer = page.goto(f"{self._address}{address}")
        if answer is None or answer.status >= 400:
            raise LookupError(f"{address}: {answer.status if answer else 'nothing'}")

    def address_of(self, route: Route) -> str:
        """Where a page is; of those of one thing, the page of the first row of a list."""
        path = plain(route.path)
        if path == "/invitation/{link}":
            return str(self._doors["invitation"])
        if path == "/policy/{merchant}":
            return f"/policy/{MERCHANT_NO}"
        if path in ROWS:
            return self._first_of(ROWS[path], who_looks(route))
        if path.startswith("/acts/"):
            return f"{path}?{self._about(path.removeprefix('/acts/'))}"
        if "{" in path:
            raise LookupError(f"ROWS says no row of {path}")
        return path

    def _about(self, name: str) -> str:
        """What an act is done to, as its links say."""
        about = OFFICE_ACTS[name].about
        rows = {
            "operator": "operator_no=01",
            "terminal": "terminal_no=10000001",
            "person": "login=demo.manager",
            "shop": "rule=idle_lock_s&value=600" if name == "set_rule" else "",
            "webhook": "webhook_no=1",
            "export": "export_no=1",
        }
        if about in rows:
            return f"merchant={MERCHANT_NO}&{rows[about]}"
        one = self._first_of(f"/{about}s", FIRST_TO_LOOK[0]).rpartition("/")[2]
        return f"merchant={MERCHANT_NO}&{about}_id={one}"

    def _first_of(self, path: str, login: str) -> str:
        page = self._page(VIEWS[0], login)
        page.goto(f"{self._address}{path}")
        first = page.locator("main [data-row] a").first
        if not first.count():
            raise LookupError(f"{path} has no row")
        return str(first.get_attribute("href"))


def called(route: Route, lang: Lang) -> str:
    """What a page is called: an act, a list, or a place of the office; and of those below a place, which."""
    path = plain(route.path)
    first, *rest = path.strip("/").split("/")
    if first == "acts":
        return OFFICE_ACTS[rest[0]].called.of(lang)
    lists = {one.path: f"list.{one.name}" for one in OFFICE_LISTS}
    key = TITLES.get(path) or TITLES.get(f"/{first}") or lists[f"/{first}"]
    words = API_WORDS if key in API_WORDS else OFFICE_WORDS
    below = {"export": " · 导出" if lang == "zh" else " · export"}
    is_one = f"/{first}" in lists or first == "findings"
    of_one = " · 单条" if lang == "zh" else " · one of them"
    return words[key].of(lang) + (below.get(rest[-1], of_one if is_one else "") if rest else "")


def shown(lang: Lang) -> str:
    """The page that shows all pictures."""
    title, about, other = HEADS[lang]
    lines = [
        f"# {title}",
        "<!-- Written by tools/office_pictures.py from the office's table of routes. -->",
        about,
        other,
    ]
    for route in pages():
        name = called(route, lang)
        lines += [f"## {name}", f"`{plain(route.path)}`", f"![{name}](../images/office/{name_of(route)}.webp)"]
    return "\n\n".join(lines) + "\n"


def sheet(taken: Collection[tuple[View, Image.Image]]) -> Image.Image:
    """The eight of them: desktops two by two, phones beside them."""
    pictures = dict(taken)
    whole = Image.new("RGB", (2 * (640 + 240) + 5 * GAP, 2 * 520 + 3 * GAP), BETWEEN)
    left = GAP
    for size, (_, (width, height)) in SIZES.items():
        for scheme in SCHEMES:
            for row, lang in enumerate(LANGS):
                small = (
                    pictures[View(lang, scheme, size)].convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
                )
                whole.paste(small, (left, GAP + row * (height + GAP)))
            left += width + GAP
    return whole


def main() -> None:
    """Make all sheets, or those of the routes that are named; or each picture as long as its page."""
    words = sys.argv[1:]
    looked_at = Path(words.pop(words.index("--whole") + 1)) if "--whole" in words else None
    wanted = [word for word in words if word.startswith("/")]
    routes = [route for route in pages() if not wanted or plain(route.path) in wanted]
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("the pictures need Chromium: apt-get install chromium fonts-noto-cjk")
    (looked_at or IMAGES).mkdir(parents=True, exist_ok=True)
    for lang, page in SHOWN.items():
        page.write_text(shown(lang), encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        port = free_port()
        office = Program(folder, str(port), str(DAYS), module="tests.worlds.past_office")
        try:
            office.wait_until_ready(MADE_WITHIN_S)
            doors = json.loads((Path(folder) / DOORS).read_text(encoding="utf-8"))
            browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGS)
            album = Album(browser, f"http://127.0.0.1:{port}", doors)
            for route, address in [(route, album.address_of(route)) for route in routes]:
                taken = list(album.take(route, address, whole=looked_at is not None))
                if looked_at is None:
                    sheet(taken).save(IMAGES / f"{name_of(route)}.webp", quality=QUALITY, method=6)
                    continue
                for view, picture in taken:
                    picture.save(looked_at / f"{name_of(route)}-{'-'.join(view)}.png")
            browser.close()
        finally:
            office.kill()


if __name__ == "__main__":
    main()
