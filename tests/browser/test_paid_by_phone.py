"""Payments by phone, two pages: the counter, and a customer's phone (port 8595) that shows a code, types a password, or reads ours.

One story for each model and language, as far as the model has the device: the customer's code is scanned and paid, with a password, too late,
and in the moment of its cancel; our code is paid by a second page; a part goes back, and another payment is voided by its slip; what is paid
by the card on the counter arrives by itself. Then host and terminals are killed while our code stands on all three. Asserted on what is
seen, and on the books at the end.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from time import monotonic
from typing import Any, ClassVar

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.conftest import DESKTOP, PHONE, OpenDesk
from tests.browser.desk import WAIT_MS, Desk, Keyboard, Pointer, ask_amount, sign_in, sign_out
from tests.browser.looking import Looker
from tests.browser.test_pages_and_keys import scan
from tests.browser.test_sign_in_phone import address_of, picture_of
from tests.browser.wire import wire_to
from tests.worlds.browser_shop import Shop

from zhanggui.terminal.page.qr import modules_of

SCANNING, KEYPAD = ("10000001", "10000002"), "10000003"
MODELS = (*SCANNING, KEYPAD)
LANGS = ("zh", "en")
PASSWORD = "123456"
LOCALES = {"zh": "zh-CN", "en": "en-US"}
PAID = {"zh": "付款成功", "en": "Paid"}
"""As the phone says it."""
TAKEN = {"zh": "扫码消费成功 ¥{}", "en": "Paid by code ¥{}"}
"""As the counter does, like all that follow."""
EXPIRED = {"zh": "付款码已过期", "en": "The payment code has expired"}
NOT_PAID = {"zh": "未扣款", "en": "Not charged"}
GIVEN_BACK = {"zh": "退货成功 ¥13.00", "en": "Refunded ¥13.00"}
VOIDED = {"zh": "撤销成功 ¥{}", "en": "Voided ¥{}"}
UNHEARD = {"zh": "连不上主机", "en": "No line to the host"}
UNHEARD_SHORT = {"zh": "主机未通", "en": "No line"}
WAVES = (
    (("10000001", "zh"), ("10000002", "zh")),
    (("10000003", "zh"), ("10000001", "en")),
    (("10000002", "en"), ("10000003", "en")),
)
"""Two terminals at a time lose their host, then their power: there are two cashiers."""
OpenPhone = Callable[..., Page]


@pytest.fixture(scope="module")
def shop(make_shop: Callable[[], Shop]) -> Shop:
    """A shop of programs that can be killed one by one, whose clocks can be put forward together."""
    return make_shop().open_apart(with_wallets=True, clock_moves=True)


@pytest.fixture(scope="module")
def cards(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What the card on the counter of each terminal says."""
    folder, texts = tmp_path_factory.mktemp("cards"), {}
    for number in MODELS:
        console(shop, "code", number)
        texts[number] = str(console(shop, "code-card", number, str(folder / f"{number}.png"))["text"])
    return texts


@pytest.fixture
def open_phone(browser: Browser, shop: Shop) -> Iterator[OpenPhone]:
    pages: list[Page] = []

    def open_(address: str, lang: str = "zh", behaviour: str = "normal") -> Page:
        page = browser.new_context(locale=LOCALES[lang], **PHONE).new_page()
        pages.append(page)
        page.goto(address if address.startswith("http") else shop.wallets + address)
        if page.locator("#behaviour").count():
            page.locator("#behaviour").select_option(behaviour)
        return page

    yield open_
    for page in pages:
        page.context.close()


class Hand(Pointer):
    """A hand that says which wallet pays by its name."""

    def press(self, key: str) -> None:
        super().press("alipay" if key == "brand" else key)


class RubberKeys(Pointer):
    """The keys of the keypad model: choices are numbers of a menu."""

    MENU: ClassVar = {"sale": "1", "sign_out": "3", "void": "8", "refund": "9", "qr_own": "*", "brand": "2"}

    def press(self, key: str) -> None:
        super().press(self.MENU.get(key, key))


class Keys(Keyboard):
    """A keyboard alone."""

    def press(self, key: str) -> None:
        super().press("alipay" if key == "brand" else key)


def hand_at(desk: Desk) -> Pointer:
    return RubberKeys(desk) if desk.number == KEYPAD else Hand(desk)


# ── what people do ───────────────────────────────────────────────────────────


def code_on(page: Page) -> str:
    expect(page.locator("#digits")).not_to_be_empty()
    return page.locator("#digits").get_attribute("data-digits") or ""


def another_code(phone: Page, behaviour: str) -> str:
    """A fresh code of a wallet that behaves so from now on."""
    before = code_on(phone)
    phone.locator("#behaviour").select_option(behaviour)
    phone.locator("#refresh").click()
    expect(phone.locator("#digits")).not_to_have_attribute("data-digits", before)
    return code_on(phone)


def to_code(desk: Desk, hand: Any, amount: str = "4200") -> str:
    """From standby to our code; the answer is what it says."""
    desk.shows("standby")
    hand.press("qr_own")
    desk.shows("amount")
    hand.digits(amount)
    hand.press("enter")
    desk.shows("brand")
    hand.press("brand")
    desk.shows("own_code")
    desk.says("42.00")
    return address_of(desk)


def pays(open_phone: OpenPhone, address: str, lang: str) -> None:
    """A customer's phone reads our code, and pays."""
    phone = open_phone(address, lang)
    phone.locator("a[href^='/w/alipay/chen']").click()
    expect(phone.locator("#said")).to_contain_text("42.00")
    phone.locator("#scan button").click()
    expect(phone.locator("#said")).to_contain_text(PAID[lang])


def slips_out(desk: Desk, hand: Any) -> None:
    """From the outcome to standby, on any model."""
    while (shown := desk.shows("tear_off", "sign_here", "own_paid", "standby")) != "standby":
        hand.press("skip" if shown == "sign_here" else "enter")
        desk.page.wait_for_selector(f'.glass:not([data-screen="{shown}"])')


def slip_line(desk: Desk, kind: str) -> str:
    """What this line of the newest slip says, such as its bar code."""
    slips = [slip for view in desk.screens_received for slip in view["slips"]]
    lines = desk.page.evaluate(
        "async (id) => (await (await fetch(`${location.pathname}/slips/${id}`)).json()).slip.lines", slips[-1]
    )
    return str(next(line["left"] for line in lines if line["kind"] == kind))


def console(shop: Shop, *words: str) -> dict[str, Any]:
    """A command about terminals beside the running host; a process of its own, as at the office."""
    done = subprocess.run(
        [sys.executable, "-m", "zhanggui", "terminals", *words, "--data", str(shop.folder), "--json"],
        capture_output=True,
        check=True,
    )
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def later(desk: Desk, hand: Any, kind: str, bars: str) -> None:
    """Something about the payment of this slip: its bar code is scanned, or typed where there is no scanner."""
    if desk.number == KEYPAD:
        hand.press(kind)
    else:
        hand.press("codes")
        desk.shows("kinds")
        hand.press(f"qr_{kind}")
    desk.shows("original")
    if desk.number == KEYPAD:
        hand.digits(bars)
        hand.press("enter")
    else:
        scan(desk, bars)
    desk.says("¥")
    hand.press("enter")


def supervisor(desk: Desk, hand: Any) -> None:
    desk.shows("approval_number")
    hand.digits("00")
    desk.shows("approval_password")
    hand.digits("123456")
    hand.press("enter")


def told(desk: Desk, screen: str, text: str) -> None:
    """Wait until this screen has said this, on whichever page of a small display."""
    end_s = monotonic() + WAIT_MS / 1000
    while not any(
        view["id"] == screen and text in json.dumps(view, ensure_ascii=False) for view in desk.screens_received
    ):
        assert monotonic() < end_s, f"{screen} never said {text}; last: {desk.screens_received[-1]}"
        desk.page.wait_for_timeout(50)


def fen(text: str | None) -> int:
    return int((text or "").replace(",", "").replace(".", ""))


def owed_fen(shop: Shop) -> int:
    """What the wallets owe for all that was paid and given back."""
    return sum(row["amount_fen"] for row in shop.rows("postings") if row["account"] == "wallet_clearing")


# ── the customer's code ──────────────────────────────────────────────────────


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("number", SCANNING)
def test_a_customers_code_is_paid_with_and_without_a_password_too_old_and_cancelled_late_and_voided_by_its_slip(
    open_desk: OpenDesk, open_phone: OpenPhone, shop: Shop, number: str, lang: str
) -> None:
    owed_before = owed_fen(shop)
    desk = open_desk(number, lang=lang, at="standby")
    hand = hand_at(desk)
    phone = open_phone("/w/wechat/zhou", lang)
    before = phone.locator("#balance").text_content()
    ask_amount(desk, hand, "1200")
    scan(desk, code_on(phone))
    slips_out(desk, hand)
    told(desk, "standby", TAKEN[lang].format("12.00"))
    paid = slip_line(desk, "bar_code")

    code = another_code(phone, "password")
    ask_amount(desk, hand, "3300")
    scan(desk, code)
    expect(phone.locator("#asked")).to_contain_text("33.00")
    desk.shows("selling")
    phone.locator("#answer-password").fill(PASSWORD)
    phone.keyboard.press("Enter")
    expect(phone.locator("#said")).to_contain_text(PAID[lang])
    shop.let_pass(seconds=5)  # the wallet is asked again
    slips_out(desk, hand)
    told(desk, "standby", TAKEN[lang].format("33.00"))

    code = another_code(phone, "normal")
    ask_amount(desk, hand, "900")
    shop.let_pass(seconds=61)
    scan(desk, code)
    desk.shows("sale_refused")
    desk.says(EXPIRED[lang])
    hand.press("enter")
    desk.shows("standby")

    code = another_code(phone, "race")
    ask_amount(desk, hand, "900")
    scan(desk, code)
    expect(phone.locator("#asked")).to_contain_text("9.00")
    shop.let_pass(seconds=46)
    desk.shows("sale_refused")
    desk.says(NOT_PAID[lang])
    desk.says("9.00")
    hand.press("enter")
    phone.locator("#behaviour").select_option("normal")

    later(desk, hand, "void", paid)
    supervisor(desk, hand)
    slips_out(desk, hand)
    told(desk, "standby", VOIDED[lang].format("12.00"))
    phone.reload()
    assert fen(before) - fen(phone.locator("#balance").text_content()) == 3300, "12.00 came back, and 9.00 never went"
    assert owed_fen(shop) - owed_before == 3300
    sign_out(desk, hand)


# ── ours ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("number", MODELS)
def test_our_code_is_paid_by_a_second_page_a_part_goes_back_and_another_is_voided(
    open_desk: OpenDesk, open_phone: OpenPhone, shop: Shop, number: str, lang: str
) -> None:
    owed_before = owed_fen(shop)
    desk = open_desk(number, lang=lang, at="standby")
    hand = hand_at(desk)
    bars = []
    for begin in (Keys(desk) if number == "10000001" else hand, hand):
        address = to_code(desk, begin)
        assert picture_of(desk) == modules_of(address), "a camera reads what it says"
        pays(open_phone, address, lang)
        desk.shows("own_paid")
        desk.says("42.00")
        assert desk.page.evaluate("document.body.dataset.sounded") == "good"
        slips_out(desk, hand)
        bars.append(slip_line(desk, "bar_code"))
    later(desk, hand, "refund", bars[0])
    desk.shows("amount")
    hand.digits("1300")
    hand.press("enter")
    supervisor(desk, hand)
    slips_out(desk, hand)
    told(desk, "standby", GIVEN_BACK[lang])
    later(desk, hand, "void", bars[1])
    supervisor(desk, hand)
    slips_out(desk, hand)
    told(desk, "standby", VOIDED[lang].format("42.00"))
    assert owed_fen(shop) - owed_before == 2900, "42.00 less 13.00, and 42.00 that went back whole"
    sign_out(desk, hand)


def test_the_screens_of_our_code_are_looked_at_and_it_is_given_up(open_desk: OpenDesk) -> None:
    desk = open_desk("10000001", at="standby")
    looker, hand = Looker(desk), Hand(desk)
    hand.press("qr_own")
    desk.shows("amount")
    hand.digits("100")
    hand.press("enter")
    desk.shows("brand")
    hand.press("brand")
    desk.shows("own_code")
    looker.look()
    hand.press("cancel")
    desk.shows("standby")
    desk.says("The code is void")
    assert looker.faults == []


# ── the card on the counter ──────────────────────────────────────────────────


@pytest.mark.timeout(300)  # six commands, each a process of its own
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("number", MODELS)
def test_what_a_phone_pays_by_the_card_on_the_counter_arrives_by_itself_and_is_voided_by_its_slip(
    open_desk: OpenDesk,
    open_phone: OpenPhone,
    shop: Shop,
    cards: Mapping[str, str],
    number: str,
    lang: str,
) -> None:
    owed_before = owed_fen(shop)
    desk = open_desk(number, lang=lang, at="standby")
    hand = hand_at(desk)
    phone = open_phone("/w/wechat/zhou", lang)
    before = fen(phone.locator("#balance").text_content())
    phone.locator("#scan-text").fill(cards[number])
    phone.locator("#scan button").click()
    phone.locator("#scan-amount").fill("58.60")
    phone.locator("#scan-password").fill(PASSWORD)
    phone.locator("#scan button").click()
    expect(phone.locator("#said")).to_contain_text(PAID[lang])
    desk.shows("own_paid")
    desk.says("58.60")
    told(desk, "own_paid", {"zh": "微信支付", "en": "WeChat Pay"}[lang])
    assert desk.page.evaluate("document.body.dataset.sounded") == "good"
    slips_out(desk, hand)
    assert owed_fen(shop) - owed_before == 5860
    later(desk, hand, "void", slip_line(desk, "bar_code"))
    supervisor(desk, hand)
    slips_out(desk, hand)
    told(desk, "standby", VOIDED[lang].format("58.60"))
    assert owed_fen(shop) == owed_before
    phone.reload()
    assert fen(phone.locator("#balance").text_content()) == before
    sign_out(desk, hand)


# ── kills ────────────────────────────────────────────────────────────────────


def opened(browser: Browser, shop: Shop, number: str, lang: str) -> Desk:
    """The counter's page; the break of its line is part of the story."""
    context = browser.new_context(locale=LOCALES[lang], reduced_motion="reduce", **DESKTOP)
    return Desk(context, shop.page, number).open()


@pytest.mark.timeout(300)  # four programs start anew
@pytest.mark.parametrize("wave", WAVES, ids=lambda wave: "+".join(f"{number}-{lang}" for number, lang in wave))
def test_neither_a_kill_of_the_host_nor_of_the_terminals_loses_what_phones_paid(
    browser: Browser, open_phone: OpenPhone, shop: Shop, wave: tuple[tuple[str, str], ...]
) -> None:
    owed_before = owed_fen(shop)
    for number in MODELS:
        with wire_to(shop.page, number) as wire:
            wire.go_home()
    for operator, (number, lang) in enumerate(wave, 1):
        with wire_to(shop.page, number) as wire:
            wire.speak(lang)
            wire.go_to_standby(f"0{operator}")
    desks = [opened(browser, shop, number, lang) for number, lang in wave]
    addresses = [to_code(desk, hand_at(desk)) for desk in desks]
    shop.kill("host")
    for desk, address, (_, lang) in zip(desks, addresses, wave, strict=True):
        told(desk, "own_code", (UNHEARD_SHORT if desk.number == KEYPAD else UNHEARD)[lang])
        pays(open_phone, address, lang)
    shop.start_host()
    for desk in desks:
        told(desk, "own_paid", "42.00")
        slips_out(desk, hand_at(desk))
    assert owed_fen(shop) - owed_before == 2 * 4200

    addresses = [to_code(desk, hand_at(desk)) for desk in desks]
    shop.kill("terminal")
    for desk in desks:
        desk.context.close()
    shop.start_terminals()
    for operator, (address, (number, lang)) in enumerate(zip(addresses, wave, strict=True), 1):
        desk = opened(browser, shop, number, lang)
        hand = hand_at(desk)
        if desk.shows("self_check_result", "sign_in_number") == "self_check_result":
            hand.press("enter")
        sign_in(desk, hand, f"0{operator}", then="own_code")
        pays(open_phone, address, lang)
        told(desk, "own_paid", "42.00")
        slips_out(desk, hand)
        desk.context.close()
    assert owed_fen(shop) - owed_before == 4 * 4200, "each was paid once"
