"""Make the pictures of `docs/images` anew, from a real run: `.venv/bin/python -m tools.screenshots` in the project's root; the
names of stories behind it make those alone.

It starts `zhanggui up` over demo data in a temporary folder, works at the terminals' pages as the browser tests do
(their hands are borrowed from `tests/browser`), and writes PNG files with few colours. Pictures of the phone show Chinese and
English side by side. Needs Chromium and a Chinese face: apt-get install chromium fonts-noto-cjk.
"""

import io
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec
from PIL import Image, ImageFilter
from playwright.sync_api import Browser, sync_playwright
from tests.browser.conftest import CHROMIUM_ARGS
from tests.browser.desk import Desk, Keyboard, Pointer, ask_amount, give_pin, sign_in, sign_out
from tests.browser.test_pages_and_keys import scan
from tests.browser.test_sign_in_badge import command
from tests.browser.wire import wire_to
from tests.worlds.browser_shop import Shop

from zhanggui.programs.free_port import free_port

from .phone_stories import PhoneStory, ProofStory
from .picture_album import (
    DESKTOP,
    IMAGES,
    PAPER,
    SETTLED_MS,
    Album,
    part,
    shot,
    side_by_side,
)


def leave(desk: Desk, hand: Pointer | Keyboard) -> None:
    """Sign out, for the operator to sign in on the next terminal, and close the page."""
    sign_out(desk, hand)
    desk.context.close()


def desktop(browser: Browser, shop: Shop, number: str, lang: str) -> Desk:
    """A page on a desktop."""
    with wire_to(shop.page, number) as wire:
        wire.speak(lang)
        wire.go_home()
    return Desk(browser.new_context(**DESKTOP, reduced_motion="reduce"), shop.page, number).open()


def hero(browser: Browser, shop: Shop, album: Album) -> None:
    """The machine with a sign-in to confirm, beside the two slips of its last sale."""
    with wire_to(shop.page, "10000001") as wire:
        wire.speak("zh")
        wire.go_home()
    context = browser.new_context(**DESKTOP, device_scale_factor=2, reduced_motion="reduce")
    desk = Desk(context, shop.page, "10000001").open()
    pointer = Pointer(desk)
    pointer.digits("01")
    desk.shows("sign_in_password")
    pointer.digits("0000")
    pointer.press("enter")
    desk.shows("confirm")
    desk.page.wait_for_timeout(SETTLED_MS)
    pictures = [part(desk, ".body"), part(desk, ".slip:nth-child(2) .paper"), part(desk, ".slip:nth-child(1) .paper")]
    margin = 56
    width = sum(picture.width for picture in pictures) + margin * 4
    height = max(picture.height for picture in pictures) + margin * 2
    sheet = Image.new("RGB", (width, height), PAPER)
    shade = Image.new("L", sheet.size, 0)
    x = margin
    places = []
    for picture in pictures:
        places.append((x, (height - picture.height) // 2))
        shade.paste(46, (x, places[-1][1] + 10, x + picture.width, places[-1][1] + picture.height + 10))
        x += picture.width + margin
    sheet.paste("#1c1f23", mask=shade.filter(ImageFilter.GaussianBlur(18)))
    for picture, place in zip(pictures, places, strict=True):
        sheet.paste(picture, place)
    album.keep("hero", sheet.resize((width // 2, height // 2), Image.Resampling.LANCZOS))
    pointer.press("cancel")
    context.close()


def smart_on_a_desktop(browser: Browser, shop: Shop, album: Album) -> None:
    """Both slips on the counter; the last sale is in Chinese, for the hero."""
    for lang in ("en", "zh"):
        desk = desktop(browser, shop, "10000001", lang)
        pointer = Pointer(desk)
        sign_in(desk, pointer)
        ask_amount(desk, pointer, "12850")
        pointer.show_card("main", "insert")
        give_pin(desk, pointer)
        desk.shows("tear_off")
        album.keep(f"desktop-smart-{lang}", shot(desk))
        pointer.press("enter")
        leave(desk, pointer)


def esign_on_a_desktop(browser: Browser, shop: Shop, album: Album) -> None:
    """The signature, and the electronic slip that bears it."""
    desk = desktop(browser, shop, "10000002", "zh")
    pointer = Pointer(desk)
    sign_in(desk, pointer)
    ask_amount(desk, pointer, "36000")
    pointer.show_card("main", "insert")
    give_pin(desk, pointer)
    desk.shows("sign_here")
    write_a_name(desk)
    album.keep("desktop-esign-signature-zh", shot(desk))
    desk.page.locator(".sign .primary").click()
    desk.shows("standby")
    desk.slips(2)
    desk.choose_lang("en")
    album.keep("desktop-esign-slips-en", shot(desk))
    leave(desk, pointer)


def write_a_name(desk: Desk) -> None:
    """Something that nobody takes for a person's hand."""
    box = desk.page.locator(".sign canvas").bounding_box()
    assert box is not None
    mouse = desk.page.mouse
    for stroke in (
        [(0.2, 0.3), (0.3, 0.7), (0.42, 0.3), (0.5, 0.7)],
        [(0.55, 0.6), (0.65, 0.35), (0.75, 0.65), (0.85, 0.5)],
    ):
        for at, (x, y) in enumerate(stroke):
            mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=8)
            if at == 0:
                mouse.down()
        mouse.up()


def keypad_on_a_desktop(browser: Browser, shop: Shop, album: Album) -> None:
    """Four lines and rubber keys."""
    desk = desktop(browser, shop, "10000003", "zh")
    keyboard = Keyboard(desk)
    keyboard.digits("01")
    desk.shows("sign_in_password")
    keyboard.digits("0000")
    keyboard.press("enter")
    desk.shows("confirm")
    album.keep("desktop-keypad-confirm-zh", shot(desk))
    keyboard.press("enter")
    desk.shows("signed_in")
    keyboard.press("enter")
    desk.shows("standby")
    keyboard.digits("1")
    desk.shows("amount")
    keyboard.digits("7300")
    keyboard.press("enter")
    desk.shows("card")
    Pointer(desk).show_card("main", "insert")
    give_pin(desk, keyboard)
    desk.shows("tear_off")
    keyboard.press("enter")
    desk.shows("standby")
    desk.slips(2)
    desk.choose_lang("en")
    album.keep("desktop-keypad-slips-en", shot(desk))
    desk.context.close()


def badges(browser: Browser, shop: Shop, album: Album) -> None:
    """A badge as it is printed, and what a terminal shows once it has read it."""
    files = {kind: shop.folder / f"badge.{kind}" for kind in ("png", "card")}
    words = [part for kind, path in files.items() for part in (f"--{kind}", str(path))]
    issue = ["operators", "badge", "01", "--data", str(shop.folder), *words]
    subprocess.run([sys.executable, "-m", "zhanggui", *issue], check=True)
    with Image.open(files["png"]) as printed:
        album.keep("badge", side_by_side(printed))
    text = msgspec.json.decode(files["card"].read_bytes())["badge"]
    with wire_to(shop.page, "10000001") as wire:
        wire.go_home()
    phone = PhoneStory(browser, shop, album)
    phone.desk.shows("sign_in_number")
    scan(phone.desk, text)
    phone.desk.shows("sign_in_password")
    phone.take("31-badge")
    phone.desk.context.close()
    desk = desktop(browser, shop, "10000003", "zh")
    desk.shows("sign_in_number")
    scan(desk, text)
    desk.shows("sign_in_password")
    album.keep("desktop-keypad-badge-zh", shot(desk))
    desk.context.close()


def phones(browser: Browser, shop: Shop, album: Album) -> None:
    """The code on a terminal, and the page that a phone opens by it: where it is, a refusal, and the end."""
    command(shop.folder, "policy", "set", "phone", "true")
    for number in ("10000001", "10000003"):
        with wire_to(shop.page, number) as wire:
            wire.go_to_standby("01")
            wire.go_home()
    keypad = desktop(browser, shop, "10000003", "zh")
    keypad.shows("sign_in_number")
    Keyboard(keypad).digits("*")
    keypad.shows("sign_in_phone")
    album.keep("desktop-keypad-phone-zh", shot(keypad))
    keypad.context.close()
    story = PhoneStory(browser, shop, album)
    story.finger.press("phone")
    story.desk.shows("sign_in_phone")
    story.take("32-phone-code")
    pages = page_of_a_code(browser, story.desk.screens_received[-1]["scan"], "zh")[:2]
    story.desk.shows("confirm")
    story.finger.press("cancel")
    story.desk.shows("sign_in_number")
    story.finger.press("phone")
    story.desk.shows("sign_in_phone")
    in_english = page_of_a_code(browser, story.desk.screens_received[-1]["scan"], "en")
    album.keep("phone-page", side_by_side(*pages, in_english[0], in_english[2]))
    story.desk.shows("confirm")
    story.finger.press("cancel")
    story.desk.context.close()


def page_of_a_code(browser: Browser, address: str, lang: str) -> list[Image.Image]:
    """What a phone shows: opened, refused, confirmed."""
    locale = {"zh": "zh-CN", "en": "en-US"}[lang]
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, is_mobile=True, locale=locale, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(address)
    pictures: list[Image.Image] = []
    for typed, tone in (("", ""), ("1111", "bad"), ("0000", "good")):
        if tone:
            page.locator("#login").fill("01")
            page.locator("#password").fill(typed)
            page.locator("button").click()
            page.wait_for_selector(f".said.{tone}")
        page.wait_for_timeout(SETTLED_MS)
        pictures.append(Image.open(io.BytesIO(page.screenshot())))
    context.close()
    return pictures


def phone_stories(browser: Browser, shop: Shop, album: Album) -> None:
    """The smart model on a phone, from power-on to sign-out, and the rest of its sign-in."""
    PhoneStory(browser, shop, album).tell()
    with wire_to(shop.page, "10000001") as wire:
        wire.go_home()
    ProofStory(browser, shop, album).tell()


STORIES = {
    story.__name__: story
    for story in (
        phone_stories,
        smart_on_a_desktop,
        hero,
        esign_on_a_desktop,
        keypad_on_a_desktop,
        badges,
        phones,
    )
}
"""In their order: each leaves the terminals for the next."""


def main() -> None:
    """Make all pictures, or those of the stories that are named."""
    wanted = sys.argv[1:] or list(STORIES)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("the pictures need Chromium: apt-get install chromium fonts-noto-cjk")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder), *(free_port() for _ in range(5))).open(phone_port=free_port())
        album = Album(IMAGES)
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGS)
                for name in wanted:
                    STORIES[name](browser, shop, album)
                browser.close()
        finally:
            shop.close()


if __name__ == "__main__":
    main()
