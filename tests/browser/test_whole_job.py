"""The whole job, from the operator's number to two slips and out again, on each model."""

from tests.browser.conftest import PHONE, OpenDesk
from tests.browser.desk import Finger, Keyboard, ask_amount, give_pin, sign_in, sign_out


def test_the_whole_job_by_touch(open_desk: OpenDesk) -> None:
    desk = open_desk("10000001", lang="zh", **PHONE)
    finger = Finger(desk)
    finger.digits("01")
    desk.shows("sign_in_password")
    desk.says("操作员号")
    finger.digits("0000")
    finger.press("enter")
    desk.shows("confirm")
    for fact in ("01 · 王芳", "掌柜示范店", "前台", "10000001", "批次号"):
        desk.says(fact)
    finger.press("enter")
    desk.shows("signed_in")
    desk.says("签到成功")
    desk.says("记录号")
    finger.press("enter")
    ask_amount(desk, finger, "12850")
    desk.says("¥128.50")
    finger.show_card("main", "insert")
    desk.says("621700*********0012 插卡")
    give_pin(desk, finger)
    desk.shows("tear_off")
    desk.says("请撕下商户存根，请持卡人签名。")
    finger.press("enter")
    desk.shows("standby")
    desk.says("已收款 ¥128.50")
    desk.page.locator("[data-opens=tray]").tap()
    cardholder, merchant = (slip.inner_text() for slip in desk.slips(2))
    for slip in (cardholder, merchant):
        for text in ("POS签购单", "掌柜示范店", "102100058120001", "621700*********0012 I", "消费(SALE)", "RMB 128.50"):
            assert text in slip
    assert "商户存根" in merchant
    assert "持卡人签名" in merchant
    assert "持卡人存根" in cardholder
    assert "持卡人签名" not in cardholder
    desk.page.locator("[data-opens=tray]").tap()
    sign_out(desk, finger)


def test_the_whole_job_by_keyboard_alone(open_desk: OpenDesk) -> None:
    desk = open_desk("10000001", lang="zh")
    keyboard = Keyboard(desk)
    keyboard.tab_to('[data-lang="en"]')
    desk.page.keyboard.press("Enter")
    desk.says("Operator sign-in")
    sign_in(desk, keyboard)
    keyboard.digits("9900")
    desk.shows("amount")
    desk.says("¥99.00")
    keyboard.press("enter")
    desk.shows("card")
    keyboard.show_card("second", "insert")
    give_pin(desk, keyboard)
    desk.shows("tear_off")
    desk.says("Tear off the merchant copy and have it signed.")
    keyboard.press("enter")
    desk.shows("standby")
    desk.says("Paid ¥99.00")
    assert "RMB 99.00" in desk.slips(2)[0].inner_text()
    sign_out(desk, keyboard)
