"""A scanner types like a person, only quicker: what is a code is told from what hands press, and hands lose no key."""

import asyncio

import pytest
from msgspec.structs import replace

from zhanggui.terminal.flow.screens.views import EntryView

from .page_desk import EAN_13, Desk

pytestmark = pytest.mark.asyncio(loop_scope="module")


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
