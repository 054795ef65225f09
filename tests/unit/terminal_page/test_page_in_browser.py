"""The page in Chromium, with a terminal that shows what it is told to show."""

import asyncio
import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from axe_playwright_python.base import AXE_FILE_PATH as AXE_FILE
from msgspec.structs import replace
from playwright.async_api import Browser, Page, async_playwright

from zhanggui.basics.words import Lang
from zhanggui.terminal.flow.screens.views import EntryView, LineView
from zhanggui.terminal.page.server import serve_page

from ...worlds.fake_terminal import FakeTerminal
from .conftest import Served, serve
from .relay import relay_to

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 860}
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

BURST = """([keys, gap]) => {
    let at = performance.now() - keys.length * gap;
    for (const key of keys) {
        const code = /^[0-9]$/.test(key) ? `Digit${key}` : key;
        const event = new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true });
        Object.defineProperty(event, "timeStamp", { value: (at += gap) });
        document.activeElement.dispatchEvent(event);
    }
}"""
EAN_13 = (*"6901234567892", "Enter")

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.fail("these tests need Chromium: apt-get install chromium fonts-noto-cjk")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        yield chromium
        await chromium.close()


class Desk:
    """A person at the page of one terminal."""

    def __init__(self, page: Page, terminal: FakeTerminal, served: Served) -> None:
        self.page = page
        self.terminal = terminal
        self.served = served
        self.troubles: list[str] = []
        page.on("console", lambda message: self.troubles.append(message.text))
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("request", lambda request: self._ours(request.url))

    def _ours(self, url: str) -> None:
        if not url.startswith((self.served.address, f"ws://{self.served.host}/", "blob:", "data:")):
            self.troubles.append(f"asked {url}")

    async def open(self) -> None:
        await self.page.goto(f"{self.served.address}t/{self.terminal.number}")
        await self.shows(self.terminal.view().id)

    async def shows(self, screen: str) -> None:
        await self.page.wait_for_selector(f'.glass[data-screen="{screen}"]')

    async def go(self, screen: str) -> None:
        self.terminal.go(screen)
        await self.shows(screen)

    async def sent(self, *calls: tuple[object, ...]) -> None:
        """The terminal was called with these and nothing else since the last time."""
        await self.terminal.until(lambda: len(self.terminal.calls) >= len(calls))
        # Whatever was sent too much comes before this answer.
        await self.page.evaluate("new Promise((done) => setTimeout(done, 60))")
        assert self.terminal.calls == list(calls)
        self.terminal.calls.clear()

    async def type(self, *keys: str, gap_ms: float = 40) -> None:
        """Keys as a quick hand presses them."""
        for key in keys:
            await self.page.wait_for_timeout(gap_ms)
            await self.page.keyboard.press(key)

    async def burst(self, *keys: str, gap_ms: float = 5) -> None:
        """Keys as a scanner types them, by their own time, however busy this machine is."""
        await self.page.wait_for_timeout(200)
        await self.page.evaluate(BURST, [list(keys), gap_ms])

    async def text(self, selector: str) -> str:
        return str(await self.page.locator(selector).inner_text())


@pytest_asyncio.fixture(loop_scope="module")
async def desk(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    """A desk; `pytest.mark.parametrize("desk", [{…}], indirect=True)` chooses model, screen, lang and browser context."""
    wanted = dict(getattr(request, "param", {}))
    terminal = FakeTerminal(
        model=wanted.pop("model", "smart"), screen=wanted.pop("screen", "sign_in_number"), lang=wanted.pop("lang", "zh")
    )
    wanted.setdefault("viewport", DESKTOP)
    async with serve(terminal) as served:
        context = await browser.new_context(**wanted)
        here = Desk(await context.new_page(), terminal, served)
        await here.open()
        yield here
        await context.close()
        assert here.troubles == []


async def test_the_keyboard_is_the_terminals_keyboard(desk: Desk) -> None:
    await desk.type("0", "1", "Numpad7", "Backspace", "Escape", "Enter", "NumpadEnter")
    screen = "sign_in_number"
    keys = ("0", "1", "7", "clear", "cancel", "enter", "enter")
    await desk.sent(*[("press", key, screen) for key in keys])


async def test_a_key_that_is_held_is_one_press(desk: Desk) -> None:
    for _ in range(4):
        await desk.page.keyboard.down("Enter")
    await desk.page.keyboard.up("Enter")
    for _ in range(3):
        await desk.page.keyboard.down("5")
    await desk.page.keyboard.up("5")
    await desk.sent(("press", "enter", "sign_in_number"), ("press", "5", "sign_in_number"))


async def test_shortcuts_of_the_browser_are_not_keys(desk: Desk) -> None:
    await desk.type("Control+1", "Alt+5", "9")
    await desk.sent(("press", "9", "sign_in_number"))


async def test_number_keys_are_pressed_by_a_tap(desk: Desk) -> None:
    for name in ("1", "0", "清除", "取消", "确认"):
        await desk.page.get_by_role("button", name=name, exact=True).click()
    screen = "sign_in_number"
    await desk.sent(*[("press", key, screen) for key in ("1", "0", "clear", "cancel", "enter")])


async def test_a_tap_on_a_number_key_leaves_enter_to_the_terminal(desk: Desk) -> None:
    await desk.page.get_by_role("button", name="5", exact=True).click()
    await desk.page.keyboard.press("Enter")
    await desk.sent(("press", "5", "sign_in_number"), ("press", "enter", "sign_in_number"))


@pytest.mark.parametrize(
    "desk",
    [
        {"screen": "sign_in_number"},
        {"screen": "sign_in_password", "model": "keypad"},
        {"screen": "amount"},
        {"screen": "pin", "lang": "en"},
    ],
    indirect=True,
)
@pytest.mark.parametrize("gap_ms", [2, 20, 29])
async def test_nothing_of_a_scanned_code_is_typed_and_what_stands_in_the_field_goes(desk: Desk, gap_ms: float) -> None:
    screen = desk.terminal.view().id
    await desk.type("7")
    await desk.burst(*EAN_13, gap_ms=gap_ms)
    await desk.sent(("press", "7", screen), ("press", "clear_all", screen))
    said = "type again" if desk.terminal.view().lang == "en" else "请重新输入"
    assert said in await desk.text(".notice")
    assert said in (await desk.page.locator("#alarm").text_content() or "")
    await desk.page.wait_for_timeout(200)
    await desk.type("3")
    await desk.sent(("press", "3", screen))
    assert not await desk.page.locator(".notice").is_visible()


@pytest.mark.parametrize(
    "code", ["ABC-123", "0000", "12 34", "(01)0690", "\t0000"], ids=["letters", "pin", "space", "gs1", "tab"]
)
async def test_any_code_is_a_burst_whatever_stands_in_it(desk: Desk, code: str) -> None:
    await desk.burst(*code, "Enter")
    await desk.sent(("press", "clear_all", "sign_in_number"))


@pytest.mark.parametrize("desk", [{"screen": "sign_in_password"}], indirect=True)
async def test_a_slow_scanner_is_found_by_its_length(desk: Desk) -> None:
    """Its first digits have been pressed by then; they go with the field, and its Enter sends nothing."""
    await desk.burst(*EAN_13, gap_ms=45)
    await desk.terminal.until(lambda: ("press", "clear_all", "sign_in_password") in desk.terminal.calls)
    await desk.page.wait_for_timeout(250)
    assert desk.terminal.calls[-1] == ("press", "clear_all", "sign_in_password")
    assert "enter" not in [call[1] for call in desk.terminal.calls]


@pytest.mark.parametrize(
    "desk", [{"screen": screen} for screen in ("standby", "confirm", "card", "signed_in")], indirect=True
)
async def test_a_scan_where_nothing_is_typed_presses_nothing(desk: Desk) -> None:
    await desk.burst(*EAN_13)
    await desk.sent()
    assert await desk.page.locator(".notice").is_visible()


@pytest.mark.parametrize("desk", [{"screen": "confirm"}], indirect=True)
async def test_the_enter_of_a_scan_presses_no_button_that_has_the_focus(desk: Desk) -> None:
    await desk.page.get_by_role("button", name="有误").focus()
    await desk.page.wait_for_timeout(200)
    # True keys, because only they press a button; so near to each other that no machine makes hands of them.
    session = await desk.page.context.new_cdp_session(desk.page)
    keys = [{"key": digit, "code": f"Digit{digit}", "text": digit} for digit in "6901"]
    keys.append({"key": "Enter", "code": "Enter", "text": "\r"})
    await asyncio.gather(*(session.send("Input.dispatchKeyEvent", {"type": "keyDown", **key}) for key in keys))
    await desk.sent()


@pytest.mark.parametrize("desk", [{"screen": "standby", "model": "keypad"}], indirect=True)
async def test_a_scan_chooses_nothing_from_a_menu(desk: Desk) -> None:
    await desk.burst(*EAN_13)
    await desk.sent()


@pytest.mark.parametrize("gap_ms", [35, 40, 50, 60])
@pytest.mark.parametrize("desk", [{"screen": "sign_in_password"}], indirect=True)
async def test_quick_hands_lose_no_key(desk: Desk, gap_ms: float) -> None:
    await desk.burst(*"12345678", gap_ms=gap_ms)
    await desk.sent(*[("press", digit, "sign_in_password") for digit in "12345678"])
    assert not await desk.page.locator(".notice").is_visible()


@pytest.mark.parametrize("desk", [{"screen": "standby"}], indirect=True)
async def test_digits_run_on_into_the_field_that_the_first_has_brought(desk: Desk) -> None:
    """The second goes down before the new screen has come: it is one more digit of the amount, and not lost with the old screen."""
    desk.terminal.put(replace(desk.terminal.view(), digits=True))
    await desk.page.get_by_text("待机").first.wait_for()
    desk.terminal.answers = {"9": "amount"}
    await desk.page.evaluate(
        """() => {
            const press = () => document.activeElement.dispatchEvent(
                new KeyboardEvent("keydown", { key: "9", code: "Digit9", bubbles: true, cancelable: true }));
            press();
            return new Promise((done) => setTimeout(() => { press(); done(); }, 31));
        }"""
    )
    await desk.sent(("press", "9", "standby"), ("press", "9", "amount"))


@pytest.mark.parametrize("desk", [{"screen": "sign_in_password"}], indirect=True)
async def test_two_rolled_keys_are_a_hand(desk: Desk) -> None:
    await desk.burst("1", "2", gap_ms=8)
    await desk.sent(("press", "1", "sign_in_password"), ("press", "2", "sign_in_password"))


async def test_a_code_is_taken_whole_where_one_is_awaited(desk: Desk) -> None:
    view = desk.terminal.view()
    entry = EntryView("签到代码", "", "secret", 8)
    desk.terminal.put(replace(view, id="sign_in_code", entry=entry))
    await desk.shows("sign_in_code")
    await desk.burst(*"123456", "Enter")
    await desk.sent(*[("press", key, "sign_in_code") for key in ("clear_all", *"123456", "enter")])
    assert not await desk.page.locator(".notice").is_visible()
    for code in ("6901234567892", "12A456"):
        await desk.burst(*code, "Enter")
        await desk.sent(("press", "clear_all", "sign_in_code"))
        assert await desk.page.locator(".notice").is_visible()


@pytest.mark.parametrize(
    ("key", "code", "pressed"),
    [
        ("０", "Digit0", "0"),
        ("７", "Numpad7", "7"),
        ("Process", "Digit2", "2"),
        ("Unidentified", "Digit9", "9"),
        ("Process", "Numpad4", "4"),
        ("Process", "Enter", "enter"),
        ("Process", "NumpadEnter", "enter"),
        ("Process", "Backspace", "clear"),
        ("９", "", "9"),
    ],
)
async def test_a_key_counts_once_with_an_input_method_on(desk: Desk, key: str, code: str, pressed: str) -> None:
    await desk.page.evaluate(
        """([key, code]) => ["keydown", "keyup"].forEach((type) => document.activeElement.dispatchEvent(
            new KeyboardEvent(type, { key, code, bubbles: true, cancelable: true })))""",
        [key, code],
    )
    await desk.sent(("press", pressed, "sign_in_number"))


async def test_a_key_that_an_input_method_gives_twice_counts_once(desk: Desk) -> None:
    await desk.page.evaluate(
        """() => ["Process", "5"].forEach((key) => document.activeElement.dispatchEvent(
            new KeyboardEvent("keydown", { key, code: "Digit5", bubbles: true, cancelable: true })))"""
    )
    await desk.sent(("press", "5", "sign_in_number"))


@pytest.mark.parametrize("desk", [{"screen": "sign_in_password"}], indirect=True)
@pytest.mark.parametrize(("shown", "said"), [("", "请输入密码"), ("••", "位数不够")])
async def test_enter_on_a_password_that_is_not_there_is_answered(desk: Desk, shown: str, said: str) -> None:
    view = desk.terminal.view()
    assert view.entry is not None
    desk.terminal.put(replace(view, entry=replace(view.entry, shown=shown)))
    desk.terminal.answers = {"enter": "sign_in_password"}
    await desk.page.get_by_role("button", name="确认", exact=True).click()
    await desk.page.locator(".notice", has_text=said).wait_for()
    await desk.type("5")
    await desk.page.locator(".notice").wait_for(state="hidden")


async def test_what_was_urgent_is_told_once_and_goes_when_it_is_over(desk: Desk) -> None:
    view = replace(
        desk.terminal.view(), tone="bad", code="R51", lines=(LineView("客服 95516，告知代码 R51", "plain", ""),)
    )
    desk.terminal.put(view)
    await desk.page.locator("#alarm", has_text="R51").wait_for(state="attached")
    assert (await desk.page.locator("#alarm").text_content() or "").count("R51") == 1
    await desk.go("standby")
    await desk.page.locator("#say", has_text="待机").wait_for(state="attached")
    assert await desk.page.locator("#alarm").text_content() == ""


@pytest.mark.parametrize("desk", [{"screen": "confirm"}], indirect=True)
async def test_enter_on_a_focused_choice_presses_that_choice_only(desk: Desk) -> None:
    await desk.page.get_by_role("button", name="有误").focus()
    await desk.page.keyboard.press("Enter")
    await desk.sent(("press", "wrong", "confirm"))


@pytest.mark.parametrize("desk", [{"screen": "confirm"}], indirect=True)
async def test_a_choice_has_its_key(desk: Desk) -> None:
    await desk.type("1", "Enter", "Escape")
    await desk.sent(("press", "wrong", "confirm"), ("press", "enter", "confirm"), ("press", "cancel", "confirm"))


@pytest.mark.parametrize("desk", [{"screen": "confirm"}], indirect=True)
async def test_focus_is_not_lost_when_a_new_screen_comes(desk: Desk) -> None:
    await desk.page.get_by_role("button", name="有误").focus()
    await desk.go("signed_in")
    assert await desk.page.evaluate("document.activeElement.className") == "glass"
    await desk.page.keyboard.press("Enter")
    await desk.sent(("press", "enter", "signed_in"))


@pytest.mark.parametrize("desk", [{"screen": "confirm"}], indirect=True)
async def test_focus_stays_on_a_choice_while_only_the_clock_moves(desk: Desk) -> None:
    await desk.page.get_by_role("button", name="有误").focus()
    view = desk.terminal.view()
    desk.terminal.put(replace(view, status=replace(view.status, time="08:56")))
    await desk.page.get_by_text("08:56").wait_for()
    assert await desk.page.evaluate("document.activeElement.dataset.key") == "wrong"


@pytest.mark.parametrize("desk", [{"screen": "confirm"}], indirect=True)
async def test_the_second_half_of_a_double_tap_does_not_hit_the_next_screen(desk: Desk) -> None:
    desk.terminal.answers = {"enter": "signed_in"}
    box = await desk.page.locator(".choices .primary").bounding_box()
    assert box is not None
    at = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await desk.page.evaluate(
        """([x, y]) => new Promise((done) => {
            const tap = () => document.elementFromPoint(x, y)
                .dispatchEvent(new MouseEvent("click", { bubbles: true, detail: 1 }));
            const glass = document.querySelector(".glass");
            new MutationObserver(() => setTimeout(() => { tap(); done(); }, 30)).observe(glass, { attributes: true });
            tap();
        })""",
        list(at),
    )
    await desk.sent(("press", "enter", "confirm"))
    await desk.shows("signed_in")
    desk.terminal.answers = {}
    await desk.page.locator(".choices .primary").click()
    await desk.sent(("press", "enter", "signed_in"))


@pytest.mark.parametrize("desk", [{"viewport": PHONE, "has_touch": True}, {"viewport": DESKTOP}], indirect=True)
async def test_number_keys_are_large_enough(desk: Desk) -> None:
    for digit in "1234567890":
        box = await desk.page.get_by_role("button", name=digit, exact=True).bounding_box()
        assert box is not None
        assert box["width"] >= 72
        assert box["height"] >= 64


@pytest.mark.parametrize("desk", [{"model": "keypad", "viewport": PHONE}], indirect=True)
async def test_a_keypad_model_has_four_lines_and_rubber_keys(desk: Desk) -> None:
    assert await desk.page.locator(".lcd-line").count() == 4
    for key in ("1", "*", "0", "#", "上翻", "确认"):
        button = desk.page.get_by_role("button", name=key, exact=True)
        box = await button.bounding_box()
        assert box is not None
        assert box["width"] >= 64
        await button.click()
    await desk.page.keyboard.press("ArrowDown")
    screen = "sign_in_number"
    await desk.sent(*[("press", key, screen) for key in ("1", "*", "0", "#", "up", "enter", "down")])


@pytest.mark.parametrize("desk", [{"viewport": {"width": 320, "height": 640}, "screen": "standby"}], indirect=True)
async def test_nothing_is_wider_than_a_narrow_window(desk: Desk) -> None:
    for screen in ("standby", "amount", "confirm", "sale_refused"):
        await desk.go(screen)
        assert await desk.page.evaluate("document.documentElement.scrollWidth") <= 320


async def test_the_language_is_chosen_on_the_page(desk: Desk) -> None:
    await desk.page.get_by_role("button", name="English").click()
    await desk.page.wait_for_selector('html[lang="en"]')
    assert "Operator sign-in" in await desk.text(".glass")
    assert await desk.text(".parts h2") == "Simulated parts"
    await desk.sent(("lang", "en"))


@pytest.mark.parametrize("desk", [{"screen": "card"}], indirect=True)
async def test_a_virtual_card_is_presented_by_keyboard_alone(desk: Desk) -> None:
    page = desk.page
    await page.locator("input[name=card]").first.focus()
    await desk.type("ArrowDown", "Tab", "Tab")
    assert await page.evaluate("document.activeElement.dataset.way") == "insert"
    await page.keyboard.press("Enter")
    await desk.sent(("card", "poor", "insert"))
    assert await page.evaluate("document.activeElement.className") == "glass"


@pytest.mark.parametrize("desk", [{"screen": "card"}], indirect=True)
async def test_a_stripe_card_can_only_be_swiped(desk: Desk) -> None:
    await desk.page.get_by_text("磁条卡").click()
    assert await desk.page.get_by_role("button", name="插卡").is_disabled()
    await desk.page.get_by_role("button", name="刷卡").click()
    await desk.sent(("card", "stripe", "swipe"))


async def test_paper_and_network_are_switches(desk: Desk) -> None:
    await desk.page.get_by_role("switch", name="打印纸").click()
    await desk.page.get_by_role("switch", name="网络").click()
    await desk.sent(("device", "printer", "no_paper"), ("device", "network", "down"))


async def test_the_power_key_switches_off_only_when_it_is_held(desk: Desk) -> None:
    key = desk.page.locator("[data-item=power-key]")
    await key.dispatch_event("pointerdown")
    await key.dispatch_event("pointerup")
    await desk.page.wait_for_timeout(1100)
    await desk.sent()
    await key.dispatch_event("pointerdown")
    await desk.page.wait_for_timeout(1100)
    await key.dispatch_event("pointerup")
    await desk.sent(("power",))


@pytest.mark.parametrize("desk", [{"screen": "standby"}], indirect=True)
async def test_a_tap_on_a_row_and_on_the_name_are_keys(desk: Desk) -> None:
    await desk.page.get_by_role("button", name="000121").click()
    await desk.page.get_by_role("button", name="01 王芳, 换人").click()
    await desk.sent(("press", "row.000001.000121", "standby"), ("press", "hand_over", "standby"))


@pytest.mark.parametrize("desk", [{"screen": "standby"}], indirect=True)
async def test_what_was_refused_is_struck_and_has_its_mark(desk: Desk) -> None:
    refused = desk.page.locator(".row.struck")
    assert await refused.count() == 1
    style = "element => getComputedStyle(element).textDecorationLine"
    assert await refused.locator(".right").evaluate(style) == "line-through"
    assert await refused.locator("svg").count() == 1
    taken = desk.page.locator(".row:not(.struck) .right").first
    assert await taken.evaluate(style) == "none"


@pytest.mark.parametrize("desk", [{"screen": "selling"}], indirect=True)
async def test_a_payment_that_came_about_sounds_unless_the_sound_is_off(desk: Desk) -> None:
    page = desk.page
    sounded = "document.body.dataset.sounded ?? ''"
    button = page.get_by_role("button", name="声音")
    await desk.go("printing")
    await page.wait_for_function(f"({sounded}) === 'good'")
    await desk.go("selling")
    await desk.go("sale_refused")
    await page.wait_for_function(f"({sounded}) === 'bad'")
    await button.click()
    assert await button.get_attribute("aria-pressed") == "false"
    await desk.go("selling")
    await desk.go("printing")
    assert await page.evaluate(sounded) == "bad", "it is off"
    await page.reload()
    assert await page.get_by_role("button", name="声音").get_attribute("aria-pressed") == "false", "and stays off"


@pytest.mark.parametrize("desk", [{"screen": "printing"}], indirect=True)
async def test_success_is_seen_from_across_the_counter(desk: Desk) -> None:
    box = await desk.page.locator(".title .mark").bounding_box()
    assert box is not None
    assert box["width"] >= 80


async def test_by_keyboard_the_power_key_is_held_too(desk: Desk) -> None:
    await desk.page.locator("[data-item=power-key]").focus()
    await desk.page.keyboard.down("Enter")
    await desk.page.wait_for_timeout(1100)
    await desk.page.keyboard.up("Enter")
    await desk.sent(("power",))


@pytest.mark.parametrize("desk", [{"screen": "card", "viewport": PHONE, "has_touch": True}], indirect=True)
async def test_on_a_phone_the_simulated_parts_are_a_drawer(desk: Desk) -> None:
    page = desk.page
    assert not await page.locator("#parts").is_visible()
    await page.get_by_role("button", name="模拟部件").tap()
    assert await page.locator("#parts").is_visible()
    await page.keyboard.press("Escape")
    assert not await page.locator("#parts").is_visible()
    await page.get_by_role("button", name="模拟部件").tap()
    await page.get_by_role("button", name="挥卡").tap()
    assert not await page.locator("#parts").is_visible()
    await desk.sent(("card", "ok", "tap"))


async def test_screen_readers_are_told_what_changes(desk: Desk) -> None:
    page = desk.page
    await page.locator("#say", has_text="操作员签到").wait_for(state="attached")
    await desk.go("sign_in_password")
    await page.locator("#alarm", has_text="还可再试 3 次").wait_for(state="attached")
    assert "A101" in (await page.locator("#alarm").text_content() or "")
    view = desk.terminal.view()
    assert view.entry is not None
    desk.terminal.put(replace(view, entry=replace(view.entry, shown="•••••")))
    await page.locator("#say", has_text="已输入 5 位").wait_for(state="attached")
    await desk.go("signed_in")
    await page.locator("#say", has_text="签到成功").wait_for(state="attached")


async def test_a_slow_answer_is_told(desk: Desk) -> None:
    await desk.page.keyboard.press("Enter")
    await desk.page.get_by_text("正在处理…").wait_for()
    await desk.go("confirm")
    assert not await desk.page.get_by_text("正在处理…").is_visible()


@pytest.mark.parametrize("desk", [{"screen": "printing", "accept_downloads": True}], indirect=True)
async def test_slips_are_enlarged_saved_and_printed(desk: Desk) -> None:
    page = desk.page
    await page.locator(".pile .paper").nth(1).wait_for()
    assert await page.locator(".pile .paper").count() == 2
    assert "RMB 1,234.56" in await page.locator(".pile .paper").first.inner_text()
    await page.get_by_role("button", name="放大: 商户存根").click()
    assert await page.locator(".viewer .paper").is_visible()
    await page.keyboard.press("7")
    await page.keyboard.press("Escape")
    assert not await page.locator(".viewer").is_visible()
    await desk.sent()
    async with page.expect_download() as saving:
        await page.get_by_role("button", name="存为图片: 商户存根").click()
    saved = await saving.value
    assert saved.suggested_filename == "000012-merchant.png"
    assert (await saved.path()).read_bytes().startswith(b"\x89PNG")
    await page.evaluate("void (window.print = () => { window.printed = (window.printed ?? 0) + 1; })")
    await page.get_by_role("button", name="打印: 持卡人存根").click()
    await page.emulate_media(media="print")
    assert await page.evaluate("window.printed") == 1
    assert await page.locator(".sheet .paper").is_visible()
    assert not await page.locator(".machine").is_visible()


@pytest.mark.parametrize("desk", [{"model": "esign", "screen": "printing"}], indirect=True)
async def test_an_electronic_slip_shows_the_signature(desk: Desk) -> None:
    await desk.page.locator(".pile .hand polyline").wait_for(state="attached")
    assert await desk.page.locator(".pile .hand").count() == 1


@pytest.mark.parametrize("desk", [{"model": "esign", "screen": "signature"}], indirect=True)
async def test_the_cardholder_signs_with_a_pen(desk: Desk) -> None:
    box = await desk.page.locator("canvas").bounding_box()
    assert box is not None
    await desk.page.keyboard.press("Enter")
    await desk.sent(("press", "enter", "signature"))
    mouse = desk.page.mouse
    await mouse.move(box["x"] + 20, box["y"] + 20)
    await mouse.down()
    await mouse.move(box["x"] + 200, box["y"] + 60, steps=6)
    await mouse.up()
    await desk.page.get_by_role("button", name="完成签名").click()
    await desk.terminal.until(lambda: bool(desk.terminal.calls))
    [(kind, strokes)] = desk.terminal.calls
    assert kind == "sign"
    assert len(strokes) == 1  # type: ignore[arg-type]
    assert len(strokes[0]) >= 6  # type: ignore[index]


@pytest.mark.parametrize("desk", [{"model": "esign", "screen": "signature"}], indirect=True)
async def test_by_keyboard_a_simulated_signature_stands_in(desk: Desk) -> None:
    await desk.page.locator("canvas").focus()
    await desk.page.keyboard.press("Enter")
    await desk.page.get_by_text("已放入模拟签名").wait_for()
    await desk.go("signature")
    await desk.page.get_by_role("button", name="完成签名").focus()
    await desk.page.keyboard.press("Enter")
    await desk.terminal.until(lambda: bool(desk.terminal.calls))
    assert [call[0] for call in desk.terminal.calls] == ["sign"]


async def test_a_broken_line_is_told_and_comes_back_with_the_screen_of_now(browser: Browser) -> None:
    terminal = FakeTerminal()
    page = await browser.new_page()
    async with serve(terminal) as served:
        await page.goto(f"{served.address}t/{terminal.number}")
        await page.wait_for_selector('.glass[data-screen="standby"]')
        assert not await page.locator(".banner").is_visible()
    await page.get_by_text("与终端的连接断开").first.wait_for()
    await page.keyboard.press("5")
    terminal.go("amount")
    port = int(served.host.rpartition(":")[2])
    running = asyncio.create_task(serve_page({terminal.number: terminal}, "127.0.0.1", port))
    await page.wait_for_selector('.glass[data-screen="amount"]')
    assert not await page.locator(".banner").is_visible()
    assert terminal.calls == []
    await page.close()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_dead_line_that_looks_open_is_seen_within_ten_seconds_and_comes_back(browser: Browser) -> None:
    """No key is lost without a word, none is sent late, and a screen reader hears that it broke and that it is well again."""
    terminal = FakeTerminal()
    page = await browser.new_page()
    async with serve(terminal) as served, relay_to(int(served.host.rpartition(":")[2])) as relay:
        await page.goto(f"http://{relay.host}/t/{terminal.number}")
        await page.wait_for_selector('.glass[data-screen="standby"]')
        await page.wait_for_timeout(3500)
        assert not await page.locator(".banner").is_visible(), "a quiet line is not a dead one"
        relay.stop()
        await page.locator(".banner", has_text="连接断开").wait_for(timeout=10_000)
        assert "连接断开" in (await page.locator("#alarm").text_content() or "")
        await page.keyboard.press("5")
        await page.locator(".banner", has_text="按键没有送出").wait_for()
        assert "按键没有送出" in (await page.locator("#alarm").text_content() or "")
        relay.go_on()
        await page.locator(".banner").wait_for(state="hidden", timeout=15_000)
        await page.locator("#say", has_text="已重新连接").wait_for(state="attached")
        assert await page.locator("#alarm").text_content() == ""
        await page.wait_for_timeout(300)
        assert terminal.calls == []
        await page.keyboard.press("6")
        await terminal.until(lambda: terminal.calls == [("press", "6", "standby")])
        await page.close()


@pytest.mark.parametrize(
    ("desk", "lang"),
    [
        ({"viewport": PHONE, "color_scheme": "light", "reduced_motion": "reduce"}, "en"),
        ({"viewport": PHONE, "color_scheme": "dark", "reduced_motion": "reduce"}, "zh"),
        ({"viewport": DESKTOP, "color_scheme": "light", "reduced_motion": "reduce"}, "zh"),
        ({"viewport": DESKTOP, "color_scheme": "dark", "reduced_motion": "reduce"}, "en"),
        ({"model": "keypad", "viewport": DESKTOP, "color_scheme": "light", "reduced_motion": "reduce"}, "zh"),
        ({"model": "esign", "viewport": PHONE, "color_scheme": "dark", "reduced_motion": "reduce"}, "en"),
    ],
    indirect=["desk"],
)
async def test_axe_finds_nothing(desk: Desk, lang: Lang) -> None:
    desk.terminal.choose_lang(lang)
    await desk.page.evaluate(AXE_FILE.read_text())
    for screen in desk.terminal.screens:
        await desk.go(screen)
        await check_with_axe(desk, screen)
    if desk.page.viewport_size == PHONE:
        for drawer in ("parts", "tray"):
            await desk.page.locator(f"[data-opens={drawer}]").click()
            await check_with_axe(desk, drawer)
            await desk.page.keyboard.press("Escape")


async def check_with_axe(desk: Desk, where: str) -> None:
    found = await desk.page.evaluate("(rules) => axe.run({ runOnly: rules })", AXE_RULES)
    assert len(found["passes"]) > 10
    told = [f"{where}: {each['id']}: {each['nodes'][0]['html'][:160]}" for each in found["violations"]]
    assert told == []
