"""Sign-in by phone: the terminal's page shows a code, a second page is the phone. Three models, both languages, by pointer and by keyboard."""

import io
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect
from tests.browser.conftest import OpenDesk
from tests.browser.desk import Desk, Hand, Keyboard, Pointer
from tests.browser.looking import AXE_RULES, Looker
from tests.browser.test_sign_in_badge import command
from tests.browser.wire import wire_to
from tests.conftest import Ports
from tests.worlds.browser_shop import Shop

from zhanggui.terminal.page.qr import modules_of

PHONE_SIZE = ViewportSize(width=390, height=844)
PASSWORD, WRONG = "0000", "5555"
DARK = 255
NUMBERS = ["10000001", "10000002", "10000003"]
WORDS = {
    "zh": {
        "where": "核对是否为面前的终端",
        "known": "已确认",
        "wrong": "操作员号或密码不正确",
        "go": "签到",
        "over": "此码已用过",
    },
    "en": {
        "where": "Is this the terminal before you?",
        "known": "Confirmed",
        "wrong": "Number or password is not correct",
        "go": "Sign in",
        "over": "This code was used",
    },
}
LOCALES = {"zh": "zh-CN", "en": "en-US"}


@pytest.fixture(scope="module")
def shop(make_shop: Callable[[], Shop], ports: Ports) -> Shop:
    """A shop that lets phones in; its terminals hear of it with their first sign-in."""
    made = make_shop()
    command(made.folder, "policy", "set", "phone", "true")
    made.open(phone_port=ports.take())
    for number in NUMBERS:
        with wire_to(made.page, number) as wire:
            wire.speak("zh")
            wire.go_to_standby("01")
            wire.go_home()
    return made


@pytest.fixture(autouse=True)
def nobody_elsewhere(shop: Shop) -> None:
    """Each test begins with 01 signed in nowhere."""
    command(shop.folder, "operators", "sign-out", "01", check=False)


def begin(desk: Desk, hand: Hand, number: str) -> None:
    """From the start screen to the code."""
    desk.shows("sign_in_number")
    if number == "10000003":
        hand.digits("*")
    else:
        hand.press("phone")
    desk.shows("sign_in_phone")


def address_of(desk: Desk) -> str:
    """What the code says."""
    address = desk.screens_received[-1]["scan"]
    assert isinstance(address, str)
    return address


def phone_page(browser: Browser, address: str, lang: str) -> Page:
    """A phone that has scanned the code."""
    context = browser.new_context(
        viewport=PHONE_SIZE,
        has_touch=True,
        is_mobile=True,
        locale=LOCALES[lang],
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(address)
    return page


def answer(page: Page, password: str, lang: str, login: str = "01") -> None:
    """Type who one is, and send it."""
    page.locator("#login").fill(login)
    page.locator("#password").fill(password)
    page.get_by_role("button", name=WORDS[lang]["go"]).click()


def axe(page: Page) -> list[str]:
    """What axe finds, in light and in dark."""
    faults = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = page.evaluate("(rules) => axe.run({ runOnly: rules, resultTypes: ['violations'] })", AXE_RULES)
        assert found["passes"]
        faults += [f"{scheme} {each['id']}: {each['nodes'][0]['html'][:120]}" for each in found["violations"]]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is wider than the phone"
    return faults


def picture_of(desk: Desk) -> tuple[str, ...]:
    """The code as a camera sees it: the middle of each module of what stands on the screen, dark or light."""
    expected = modules_of(address_of(desk))
    box = desk.page.locator("svg.qr:visible").bounding_box()
    assert box is not None
    view_box = desk.page.locator("svg.qr:visible").get_attribute("viewBox")
    assert view_box is not None
    side = float(view_box.split()[2])
    quiet, module = (side - len(expected)) / 2, min(box["width"], box["height"]) / side
    left, top = box["x"] + (box["width"] - side * module) / 2, box["y"] + (box["height"] - side * module) / 2
    image = Image.open(io.BytesIO(desk.page.screenshot())).convert("L")
    dark = image.point(lambda value: DARK if value < 128 else 0)

    def is_dark(x: int, y: int) -> bool:
        at = round(left + (quiet + x + 0.5) * module), round(top + (quiet + y + 0.5) * module)
        return dark.getpixel(at) == DARK

    return tuple("".join("1" if is_dark(x, y) else "0" for x in range(len(expected))) for y in range(len(expected)))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("hand_of", [Pointer, Keyboard])
@pytest.mark.parametrize("number", NUMBERS)
def test_a_phone_answers_the_code_and_the_terminal_goes_on_to_its_facts(
    open_desk: OpenDesk, browser: Browser, number: str, hand_of: type[Pointer] | type[Keyboard], lang: str
) -> None:
    desk = open_desk(number, lang=lang)
    hand = hand_of(desk)
    begin(desk, hand, number)
    address = address_of(desk)
    assert picture_of(desk) == modules_of(address)
    phone = phone_page(browser, address, lang)
    expect(phone.get_by_role("heading", level=2)).to_have_text(WORDS[lang]["where"])
    expect(phone.locator(".where")).to_contain_text(number)
    answer(phone, WRONG, lang)
    expect(phone.get_by_role("alert")).to_contain_text(WORDS[lang]["wrong"])
    assert phone.locator("#password").input_value() == ""
    answer(phone, PASSWORD, lang)
    expect(phone.get_by_role("alert")).to_contain_text(WORDS[lang]["known"])
    assert phone.locator("form, .where").count() == 0
    desk.shows("confirm")
    desk.says("王芳")
    hand.press("enter")
    desk.shows("signed_in", "standby")
    other = phone_page(browser, address, lang)
    expect(other.get_by_role("status")).to_contain_text(WORDS[lang]["over"])
    assert number not in other.locator("main").inner_text()
    other.context.close()
    phone.context.close()


@pytest.mark.parametrize("number", NUMBERS)
def test_the_code_on_the_terminal_and_the_page_on_the_phone_are_fit_to_be_seen(
    open_desk: OpenDesk, browser: Browser, number: str
) -> None:
    desk = open_desk(number)
    begin(desk, Pointer(desk), number)
    phone = phone_page(browser, address_of(desk), "zh")
    looker = Looker(desk)
    phone.evaluate(looker.axe_source)
    looker.look()
    assert looker.faults == []
    answer(phone, WRONG, "zh")
    expect(phone.get_by_role("alert")).to_contain_text("代码 P1")
    assert axe(phone) == []
    phone.context.close()
    desk.choose_lang("zh")


def test_cancel_takes_the_code_away_and_nobody_answers_it_any_more(open_desk: OpenDesk, browser: Browser) -> None:
    desk = open_desk("10000001")
    hand = Pointer(desk)
    begin(desk, hand, "10000001")
    phone = phone_page(browser, address_of(desk), "zh")
    hand.press("cancel")
    desk.shows("sign_in_number")
    desk.page.wait_for_timeout(500)
    answer(phone, PASSWORD, "zh")
    expect(phone.get_by_role("alert")).to_contain_text("此码已用过")
    assert desk.screen == "sign_in_number"
    phone.context.close()
