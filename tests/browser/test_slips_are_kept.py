"""Slips as pictures, enlarged, and as text in the terminal's folder."""

import io
import re

from PIL import Image
from tests.browser.conftest import OpenDesk
from tests.browser.desk import Cashier, ask_amount, give_pin
from tests.worlds.browser_shop import Shop

KEY_GAP_MS = 80
"""Between keys, as hands press them: faster ones are a scanner's."""


def test_both_copies_are_saved_as_pictures_with_content(open_desk: OpenDesk, shop: Shop) -> None:
    desk = open_desk("10000001", at="standby", accept_downloads=True)
    cashier = Cashier(desk)
    ask_amount(desk, cashier, "12850")
    cashier.show_card("main", "insert")
    give_pin(desk, cashier)
    desk.shows("tear_off")
    cashier.press("enter")
    desk.shows("standby")
    desk.slips(2)
    sizes = {}
    for copy in ("merchant", "cardholder"):
        button = desk.page.locator(f'.slip[data-slip$="-{copy}"] [data-tool="save"]')
        with desk.page.expect_download() as saving:
            button.click()
        assert re.fullmatch(rf"\d{{6}}-{copy}\.png", saving.value.suggested_filename)
        picture = Image.open(io.BytesIO(saving.value.path().read_bytes())).convert("L")
        dark = sum(picture.histogram()[:100]) / (picture.width * picture.height)
        assert 0.02 < dark < 0.3
        sizes[copy] = picture.size
    # The merchant copy has a box to sign in, so it is the longer one.
    assert sizes["merchant"][0] == sizes["cardholder"][0] >= 500
    assert sizes["merchant"][1] > sizes["cardholder"][1] > 800
    merchant, cardholder = texts_on_disk(shop)
    assert "商户存根" in merchant
    assert "持卡人签名" in merchant
    assert "持卡人存根" in cardholder
    for text in (merchant, cardholder):
        for line in ("商户编号(MERCHANT NO.):", "621700*********0012 I", "RMB 128.50", "演示终端，凭证无效"):
            assert line in text
        assert "6217000000000000012" not in text


def texts_on_disk(shop: Shop) -> tuple[str, str]:
    """Merchant and cardholder copy as the virtual printer wrote them."""
    folder = shop.folder / "terminals" / "10000001"
    [merchant] = folder.rglob("*-merchant.txt")
    [cardholder] = folder.rglob("*-cardholder.txt")
    return merchant.read_text(encoding="utf-8"), cardholder.read_text(encoding="utf-8")


def test_a_slip_is_enlarged_and_closed_by_keyboard(open_desk: OpenDesk) -> None:
    desk = open_desk("10000001")
    newest = desk.page.locator('.slip:first-child [data-tool="enlarge"]')
    newest.focus()
    desk.page.keyboard.press("Enter")
    assert "POS签购单" in desk.page.locator(".viewer .paper").inner_text()
    desk.page.wait_for_timeout(KEY_GAP_MS)
    desk.page.keyboard.press("5")
    desk.page.wait_for_timeout(KEY_GAP_MS)
    desk.page.keyboard.press("Escape")
    desk.page.wait_for_selector(".viewer", state="hidden")
    assert desk.screen == "sign_in_number"
    assert desk.screens_received[-1]["entry"] is None, "the key went to the viewer: nothing was typed at the terminal"
