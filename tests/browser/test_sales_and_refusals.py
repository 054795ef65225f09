"""Ways to begin and to pay, and what is said when it does not work."""

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import OpenDesk
from tests.browser.desk import Cashier, Desk, ask_amount, give_pin


@pytest.fixture
def standby(open_desk: OpenDesk) -> tuple[Desk, Cashier]:
    """The smart model, signed in, in Chinese."""
    desk = open_desk("10000001", at="standby")
    return desk, Cashier(desk)


def test_a_small_tap_needs_neither_pin_nor_signature(standby: tuple[Desk, Cashier]) -> None:
    desk, cashier = standby
    ask_amount(desk, cashier, "100000")
    cashier.show_card("small-payment", "tap")
    desk.shows("tear_off")
    desk.says("请撕下商户存根。")
    assert "请持卡人签名" not in desk.glass.inner_text()
    assert "pin" not in [screen["id"] for screen in desk.screens_received]
    cashier.press("enter")
    desk.shows("standby")
    for slip in desk.slips(2):
        assert "免密免签" in slip.inner_text()


def test_a_tap_above_the_limit_asks_for_the_pin(standby: tuple[Desk, Cashier]) -> None:
    desk, cashier = standby
    ask_amount(desk, cashier, "100001")
    cashier.show_card("main", "tap")
    give_pin(desk, cashier)
    desk.shows("tear_off")
    desk.says("¥1,000.01")


def test_a_stripe_card_is_swiped_and_only_swiped(standby: tuple[Desk, Cashier]) -> None:
    desk, cashier = standby
    ask_amount(desk, cashier, "2500")
    desk.page.locator('.card:has(input[value="stripe"])').click()
    assert desk.page.locator('.way[data-way="insert"]').is_disabled()
    assert desk.page.locator('.way[data-way="tap"]').is_disabled()
    cashier.show_card("stripe", "swipe")
    give_pin(desk, cashier)
    desk.shows("tear_off")
    assert "621700*********0202 S" in desk.page.locator(".pile .paper").first.inner_text()


def test_a_chip_card_that_is_swiped_is_sent_to_the_chip(standby: tuple[Desk, Cashier]) -> None:
    desk, cashier = standby
    ask_amount(desk, cashier, "2500")
    cashier.show_card("main", "swipe")
    desk.says("这是芯片卡，请插卡或挥卡。")
    cashier.show_card("main", "insert")
    desk.shows("pin")


def test_the_card_may_come_before_the_amount(standby: tuple[Desk, Cashier]) -> None:
    desk, cashier = standby
    cashier.show_card("second", "insert")
    desk.shows("amount")
    desk.says("621700*********0103")
    cashier.digits("4200")
    cashier.press("enter")
    desk.shows("pin")
    desk.says("¥42.00")
    give_pin(desk, cashier)
    desk.shows("tear_off")


def test_the_amount_is_changed_while_the_card_is_awaited(standby: tuple[Desk, Cashier]) -> None:
    desk, cashier = standby
    ask_amount(desk, cashier, "4200")
    cashier.press("clear")
    desk.shows("amount")
    desk.says("¥42.00")
    cashier.press("clear")
    desk.says("¥4.20")


def test_a_wrong_pin_may_be_typed_again(standby: tuple[Desk, Cashier]) -> None:
    desk, cashier = standby
    ask_amount(desk, cashier, "4200")
    cashier.show_card("second", "insert")
    give_pin(desk, cashier, "654321")
    desk.shows("sale_refused")
    for text in ("密码错", "未扣款", "¥42.00", "R55"):
        desk.says(text)
    cashier.press("retry")
    give_pin(desk, cashier)
    desk.shows("tear_off")


def test_no_funds_is_said_with_what_to_do(standby: tuple[Desk, Cashier]) -> None:
    desk, cashier = standby
    ask_amount(desk, cashier, "5000")
    cashier.show_card("no-funds", "insert")
    give_pin(desk, cashier)
    desk.shows("sale_refused")
    for text in ("余额不足", "未扣款", "请换一张卡", "400-000-0000", "R51"):
        desk.says(text)
    cashier.press("enter")
    desk.shows("standby")
    row = desk.page.locator(".row.struck").first
    expect(row.locator(".right")).to_have_text("¥50.00")
    expect(row.locator(".icon")).to_be_visible()
    expect(row.locator(".middle")).to_contain_text("未成功：余额不足")


def test_another_card_pays_the_same_amount_after_a_refusal(standby: tuple[Desk, Cashier]) -> None:
    desk, cashier = standby
    ask_amount(desk, cashier, "5000")
    cashier.show_card("no-funds", "insert")
    give_pin(desk, cashier)
    desk.shows("sale_refused")
    desk.says("换一张卡")
    cashier.press("other_card")
    desk.shows("card")
    desk.says("¥50.00")
    cashier.show_card("main", "insert")
    give_pin(desk, cashier)
    desk.shows("tear_off")


def test_a_wrong_password_tells_the_tries_that_are_left(open_desk: OpenDesk) -> None:
    desk = open_desk("10000001", lang="zh")
    cashier = Cashier(desk)
    cashier.digits("02")
    desk.shows("sign_in_password")
    cashier.digits("1111")
    cashier.press("enter")
    desk.says("A101")
    desk.says("还可再试 2 次")
    assert desk.page.locator(".entry.secret").is_visible()
    cashier.digits("1111")
    assert "A101" not in desk.glass.inner_text()
    cashier.press("enter")
    desk.says("还可再试 1 次")
    cashier.digits("0000")
    cashier.press("enter")
    desk.shows("confirm")


def test_an_unknown_operator_gets_the_words_of_a_wrong_password(open_desk: OpenDesk) -> None:
    desk = open_desk("10000001", lang="en")
    cashier = Cashier(desk)
    cashier.digits("77")
    desk.shows("sign_in_password")
    cashier.digits("0000")
    cashier.press("enter")
    desk.says("A101")
    desk.says("Number or password is not correct")


def test_without_paper_the_sale_stands_and_the_slip_comes_later(standby: tuple[Desk, Cashier]) -> None:
    desk, cashier = standby
    desk.switch("printer")
    desk.says("打印机需处理")
    ask_amount(desk, cashier, "880")
    cashier.show_card("small-payment", "tap")
    desk.shows("print_trouble")
    for text in ("商户存根未打印", "交易已成功：¥8.80，请勿重复收款。", "打印机缺纸", "D102"):
        desk.says(text)
    before = desk.page.locator(".pile .paper").count()
    cashier.press("retry")
    desk.shows("print_trouble")
    desk.switch("printer")
    cashier.press("retry")
    desk.shows("tear_off")
    cashier.press("enter")
    desk.shows("standby")
    desk.says("已收款 ¥8.80")
    assert len(desk.slips(min(before + 2, 4))) >= 2


def test_the_language_changes_in_the_middle_of_a_sale(standby: tuple[Desk, Cashier]) -> None:
    desk, cashier = standby
    ask_amount(desk, cashier, "4200")
    cashier.show_card("second", "insert")
    desk.shows("pin")
    desk.says("请持卡人核对金额并输入密码")
    cashier.digits("123")
    desk.choose_lang("en")
    desk.says("Sale. Cardholder: check the amount, type the PIN")
    assert desk.page.locator(".entry .dots i").count() == 3
    cashier.digits("456")
    cashier.press("enter")
    desk.shows("tear_off")
    desk.says("Tear off the merchant copy")


def test_a_fact_that_is_wrong_is_reported_and_nobody_is_signed_in(open_desk: OpenDesk) -> None:
    desk = open_desk("10000001", lang="zh")
    cashier = Cashier(desk)
    cashier.digits("01")
    desk.shows("sign_in_password")
    cashier.digits("0000")
    cashier.press("enter")
    desk.shows("confirm")
    cashier.press("wrong")
    desk.shows("wrong_item")
    cashier.press("terminal")
    desk.shows("trouble")
    desk.says("已记录为第 1 号问题，未签到")
    cashier.press("enter")
    desk.shows("sign_in_number")
