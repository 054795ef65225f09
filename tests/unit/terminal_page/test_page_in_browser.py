"""The page in Chromium, with a terminal that shows what it is told to show."""

import pytest
from msgspec.structs import replace

from zhanggui.terminal.flow.screens.views import LineView

from .page_desk import DESKTOP, PHONE, Desk

pytestmark = pytest.mark.asyncio(loop_scope="module")


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
