"""A payment code that was copied from a phone is pasted among the simulated parts; and a word on a key stands over no key."""

import pytest
from msgspec.structs import replace

from zhanggui.basics.secret import Secret

from .page_desk import Desk

pytestmark = pytest.mark.asyncio(loop_scope="module")
PAY_CODE = "134567890123456789"


@pytest.mark.parametrize("desk", [{"screen": "card"}, {"screen": "card", "lang": "en"}], indirect=True)
async def test_a_pasted_code_is_scanned_and_none_of_it_is_typed(desk: Desk) -> None:
    desk.terminal.put(replace(desk.terminal.view(), pay_code=True))
    awaited = "付款码" if desk.terminal.view().lang == "zh" else "Code"
    await desk.page.locator(".reader li", has_text=awaited).wait_for()
    field = desk.page.locator("#scan-text")
    if not await field.is_visible():
        await desk.page.locator("[data-opens=parts]").click()
    await field.fill(PAY_CODE)
    await field.press("Enter")
    await desk.terminal.until(lambda: bool(desk.terminal.calls))
    ((what, text),) = desk.terminal.calls
    assert isinstance(text, Secret)
    assert (what, text.reveal()) == ("scan", PAY_CODE)
    assert await field.input_value() == ""


@pytest.mark.parametrize("desk", [{"screen": "amount", "model": "keypad", "lang": "en"}], indirect=True)
@pytest.mark.parametrize("size", [(3840, 2160), (1280, 860), (360, 740)])
async def test_a_word_on_the_keypad_stands_below_its_keys(desk: Desk, size: tuple[int, int]) -> None:
    await desk.page.set_viewport_size({"width": size[0], "height": size[1]})
    await desk.burst(*PAY_CODE)
    notice = await desk.page.locator(".notice").bounding_box()
    keys = await desk.page.locator(".keys").bounding_box()
    assert notice is not None
    assert keys is not None
    assert notice["y"] >= keys["y"] + keys["height"] - 1
