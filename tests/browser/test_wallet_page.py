"""The wallet page: a person pays as with a phone. A shop asks over the wallets' interface, as a host would."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.looking import AXE_RULES
from tests.worlds.browser_shop import Shop

from zhanggui.basics.chance import SystemChance
from zhanggui.basics.clock import SystemClock
from zhanggui.cup.qr.merchant_code import MerchantCode
from zhanggui.cup.wallets.messages import Operation, WalletAnswer, WalletRequest, says_of
from zhanggui.host.networks.wallet_port import WalletClient
from zhanggui.programs.data_folder import Places, open_host_vault
from zhanggui.programs.settings import Settings
from zhanggui.vault.keys import WalletKeyBlock

MERCHANT = "102100058120001"
PASSWORD = "123456"
COUNTER_CODE = MerchantCode(
    network="4802000048020000",
    merchant_no=MERCHANT,
    category="5411",
    name="掌柜示范店",
    city="上海",
    terminal_no="10000001",
).write()
LOCALES = {"zh": "zh-CN", "en": "en-US"}
OpenPhone = Callable[..., Page]


@pytest.fixture(scope="module")
def wallets(make_shop: Callable[[], Shop]) -> Shop:
    """A shop with its wallets."""
    return make_shop().open()


@pytest.fixture
def open_phone(browser: Browser, wallets: Shop) -> Iterator[OpenPhone]:
    contexts: list[BrowserContext] = []

    def open_(path: str, lang: str = "zh", scheme: Any = "light", **shape: Any) -> Page:
        context = browser.new_context(locale=LOCALES[lang], color_scheme=scheme, **(shape or PHONE))
        contexts.append(context)
        page = context.new_page()
        page.goto(wallets.wallets + path)
        return page

    yield open_
    for context in contexts:
        context.close()


def ask(shop: Shop, brand: Any, operation: Operation, request: WalletRequest) -> WalletAnswer:
    """What a host asks; on a thread of its own, because the browser's driver has the loop of this one."""
    settings = Settings(data=str(shop.folder))
    key = WalletKeyBlock(msgspec.json.decode((shop.folder / "host" / "keys.json").read_bytes())["wallet_key"])
    answers: list[WalletAnswer] = []

    async def once() -> None:
        hsm = open_host_vault(settings, Places(shop.folder), SystemChance())
        client = WalletClient(shop.wallets, hsm, key, SystemClock(), SystemChance())
        answers.append(await client.ask(brand, operation, request, timeout_s=5))
        await client.close()

    thread = threading.Thread(target=lambda: asyncio.run(once()))
    thread.start()
    thread.join()
    return answers[0]


def order(order_no: str, amount_fen: int = 0, code: str = "") -> WalletRequest:
    return WalletRequest(merchant_no=MERCHANT, order_no=order_no, amount_fen=amount_fen, code=code, shop="掌柜示范店")


def code_on(page: Page) -> str:
    expect(page.locator("#digits")).not_to_be_empty()
    return page.locator("#digits").get_attribute("data-digits") or ""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_person_opens_a_phone_shows_the_code_and_types_the_password(
    wallets: Shop, open_phone: OpenPhone, lang: str
) -> None:
    page = open_phone("/", lang)
    expect(page.locator(".simulated")).to_contain_text({"zh": "模拟", "en": "simulated"}[lang])
    page.locator("a[href^='/w/wechat/chen']").click()
    answer = ask(wallets, "wechat", "pay", order(f"P{lang}", 120_000, code_on(page)))
    assert says_of("wechat", "pay", answer) == "waiting"
    asked = page.locator("#asked")
    expect(asked).to_contain_text("1,200.00")
    expect(asked).to_contain_text("掌柜示范店")
    # By keyboard alone: the field has the focus.
    page.keyboard.type("000000")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text({"zh": "支付密码不正确", "en": "not correct"}[lang])
    page.locator("#answer-password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text({"zh": "付款成功", "en": "Paid"}[lang])
    expect(asked).to_be_hidden()
    assert says_of("wechat", "query", ask(wallets, "wechat", "query", order(f"P{lang}"))) == "paid"


def test_a_customer_may_say_no(wallets: Shop, open_phone: OpenPhone) -> None:
    page = open_phone("/w/alipay/zhou")
    ask(wallets, "alipay", "pay", order("N1", 500, code_on(page)))
    page.locator("#refuse").click()
    expect(page.locator("#said")).to_contain_text("已拒绝")
    assert says_of("alipay", "query", ask(wallets, "alipay", "query", order("N1"))) == "refused"


def test_a_shops_code_is_paid_by_its_link(wallets: Shop, open_phone: OpenPhone) -> None:
    link = ask(wallets, "unionpay", "offer", order("D1", 880)).link
    assert link.startswith(f"{wallets.wallets}/q/")
    page = open_phone(link.removeprefix(wallets.wallets))
    page.locator("a[href^='/w/unionpay/chen']").click()
    expect(page.locator("#said")).to_contain_text("8.80")
    page.locator("#scan button").click()
    expect(page.locator("#said")).to_contain_text("付款成功")
    assert says_of("unionpay", "query", ask(wallets, "unionpay", "query", order("D1"))) == "paid"


def test_a_static_code_asks_for_the_amount_and_has_its_limit(open_phone: OpenPhone) -> None:
    page = open_phone("/w/wechat/zhou", "en")
    page.locator("#behaviour").select_option("normal")
    page.locator("#scan-text").fill(COUNTER_CODE)
    page.keyboard.press("Enter")
    expect(page.locator("#scan-amount")).to_be_focused()
    page.keyboard.type("500.01")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("500 yuan a day")
    page.locator("#scan-amount").fill("500")
    page.locator("#scan button").click()
    expect(page.locator("#said")).to_contain_text("Paid")


def test_a_new_code_takes_the_old_ones_place(open_phone: OpenPhone) -> None:
    page = open_phone("/w/wechat/chen")
    first = code_on(page)
    page.locator("#refresh").click()
    expect(page.locator("#digits")).not_to_have_attribute("data-digits", first)
    assert page.locator("#picture path").count() == 1


def test_another_origin_can_press_nothing(wallets: Shop, open_phone: OpenPhone) -> None:
    page = open_phone("/w/wechat/chen")
    status = page.context.request.post(
        f"{wallets.wallets}/w/wechat/chen/code", data="{}", headers={"origin": "http://evil.example"}
    ).status
    assert status == 403


@pytest.mark.parametrize("path", ["/", "/w/wechat/chen", "/w/unionpay/zhou", "/nowhere"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("shape", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_page_has_no_fault_that_axe_finds_and_fits_its_screen(
    open_phone: OpenPhone, path: str, scheme: str, shape: dict[str, Any]
) -> None:
    page = open_phone(path, "en", scheme, **shape)
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    if path.startswith("/w/"):
        code_on(page)
    page.evaluate(Path(AXE_FILE_PATH).read_text())
    found = page.evaluate("rules => axe.run({ runOnly: rules, resultTypes: ['violations'] })", AXE_RULES)
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert faults == []
