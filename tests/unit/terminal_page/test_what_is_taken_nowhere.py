"""The page says at once what is not taken on this screen, and what a tap leaves behind; the titles break between words."""

import pytest
from msgspec.structs import replace

from zhanggui.terminal.flow.screens.views import ChoiceView, RowView

from .page_desk import Desk

pytestmark = [pytest.mark.asyncio(loop_scope="module")]
CODE = (*"6220000000000000017", "Enter")
"""As long as a payment code; no wallet made it."""


@pytest.mark.parametrize(
    ("desk", "said"),
    [
        ({"screen": "standby"}, "这里不收付款码，请先输入金额"),
        ({"screen": "amount", "lang": "en"}, "No code is taken here: type the amount first"),
        ({"screen": "card"}, "这里不收付款码"),
    ],
    indirect=["desk"],
)
async def test_a_payment_code_that_is_scanned_where_none_is_awaited_is_answered(desk: Desk, said: str) -> None:
    await desk.burst(*CODE)
    await desk.page.locator(".notice", has_text=said).wait_for()
    if desk.terminal.view().entry is not None:
        await desk.sent(("press", "clear_all", "amount"))
    else:
        await desk.sent()
    # What was sent may be answered late on a busy machine, and that is said meanwhile; nothing is under way for ever.
    await desk.page.locator(".slow").wait_for(state="hidden")


@pytest.mark.parametrize("desk", [{"screen": "sign_in_number"}], indirect=True)
async def test_a_card_that_is_shown_where_none_is_awaited_is_answered(desk: Desk) -> None:
    await desk.page.locator("[data-way=insert]").click()
    await desk.page.locator(".notice", has_text="这里不读卡").wait_for()
    await desk.page.wait_for_timeout(400)
    assert not await desk.page.locator(".slow").is_visible()
    await desk.sent()


@pytest.mark.parametrize("desk", [{"screen": "card"}], indirect=True)
async def test_a_code_is_called_so_where_it_is_awaited(desk: Desk) -> None:
    desk.terminal.put(replace(desk.terminal.view(), pay_code=True))
    await desk.page.locator(".reader li", has_text="付款码").wait_for()
    assert await desk.text(".way[data-way=scan]") == "付款码"


@pytest.mark.parametrize("desk", [{"screen": "card"}], indirect=True)
async def test_a_screen_that_takes_a_code_alone_shows_no_card(desk: Desk) -> None:
    desk.terminal.put(replace(desk.terminal.view(), pay_code=True, reader=()))
    await desk.page.locator(".reader li", has_text="付款码").wait_for()
    assert await desk.page.locator(".reader li").count() == 1


@pytest.mark.parametrize("desk", [{"screen": "standby"}], indirect=True)
async def test_enter_behind_a_tap_is_the_terminals_enter(desk: Desk) -> None:
    choices = (
        ChoiceView("enter", "结算", "primary", "enter"),
        ChoiceView("slip", "出明细单", "plain", "0"),
    )
    desk.terminal.put(replace(desk.terminal.view(), id="settle", choices=choices, rows=(RowView("1", "", "", "calm"),)))
    await desk.shows("settle")
    await desk.page.get_by_role("button", name="出明细单").click()
    await desk.type("Enter")
    await desk.sent(("press", "slip", "settle"), ("press", "enter", "settle"))


@pytest.mark.parametrize("desk", [{"model": "esign", "screen": "signature"}], indirect=True)
async def test_an_empty_box_is_not_done(desk: Desk) -> None:
    done = desk.page.get_by_role("button", name="完成签名")
    assert await done.is_disabled()
    await desk.page.get_by_role("button", name="模拟签名").click()
    assert await done.is_enabled()
    await desk.page.get_by_role("button", name="重签").click()
    assert await done.is_disabled()


BROKEN = """(word) => {
    const title = document.querySelector(".title > span");
    const walker = document.createTreeWalker(title, NodeFilter.SHOW_TEXT);
    const node = walker.nextNode();
    const at = node.data.indexOf(word);
    const top = (place) => {
        const range = document.createRange();
        range.setStart(node, place);
        range.setEnd(node, place + 1);
        return Math.round(range.getBoundingClientRect().top);
    };
    return new Set([...word].map((_, step) => top(at + step))).size > 1;
}"""


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("desk", [{"screen": "card"}], indirect=True)
async def test_a_chinese_title_breaks_between_its_words(desk: Desk, width: int) -> None:
    await desk.page.set_viewport_size({"width": width, "height": 740})
    for title, words in {
        "消费：请刷卡、插卡、挥卡或扫付款码": ("刷卡", "插卡", "付款码"),
        "消费：请输入有效期，四位，年月": ("有效期", "四位", "年月"),
    }.items():
        desk.terminal.put(replace(desk.terminal.view(), title=title))
        await desk.page.get_by_role("heading", name=title).wait_for()
        for word in words:
            assert not await desk.page.evaluate(BROKEN, word), word
