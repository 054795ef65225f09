"""What reaches the browser: no password, no PIN, no card number; and the headers that keep strangers' code out."""

import urllib.error
import urllib.request
from pathlib import Path

import pytest
from tests.browser.conftest import OpenDesk
from tests.browser.desk import Cashier, ask_amount, give_pin
from tests.worlds.browser_shop import Shop

from zhanggui.bank.cards import TEST_CARDS

PASSWORD = "739518"
PIN = "918273"


def test_neither_password_nor_pin_nor_card_number_reaches_the_page(open_desk: OpenDesk, shop: Shop) -> None:
    desk = open_desk("10000001")
    answers: list[str] = []
    desk.page.on("requestfinished", lambda request: answers.append(request.url))
    cashier = Cashier(desk)
    cashier.digits("01")
    desk.shows("sign_in_password")
    cashier.digits(PASSWORD)
    cashier.press("enter")
    desk.says("A101")
    cashier.digits("0000")
    cashier.press("enter")
    desk.shows("confirm")
    cashier.press("enter")
    ask_amount(desk, cashier, "4200")
    cashier.show_card("second", "insert")
    give_pin(desk, cashier, PIN)
    desk.shows("sale_refused")
    cashier.press("retry")
    give_pin(desk, cashier)
    desk.shows("tear_off")
    cashier.press("enter")
    desk.shows("standby")
    desk.slips(2)
    slips = [desk.page.request.get(url).text() for url in answers if "/slips/" in url]
    assert slips
    everything = "\n".join([*desk.received, *slips, desk.page.content()])
    assert "621700*********0103" in everything
    for secret in (PASSWORD, PIN, "123456", *(card.pan for card in TEST_CARDS)):
        assert secret not in everything
    secrets = [
        screen["entry"]["shown"] for screen in desk.screens_received if (screen["entry"] or {}).get("kind") == "secret"
    ]
    assert {len(shown) for shown in secrets} >= {0, 4, 6}
    assert set("".join(secrets)) == {"•"}
    assert desk.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


def test_the_log_holds_no_secret_either(open_desk: OpenDesk, shop: Shop) -> None:
    open_desk("10000001", at="standby")
    log = "".join(path.read_text(encoding="utf-8") for path in Path(shop.folder).rglob("*.log"))
    for secret in (PASSWORD, PIN, "123456", *(card.pan for card in TEST_CARDS)):
        assert secret not in log


@pytest.mark.parametrize("path", ["/", "/t/10000001", "/static/main.js", "/t/99999999", "/nothing"])
def test_each_answer_forbids_code_from_elsewhere(shop: Shop, path: str) -> None:
    try:
        with urllib.request.urlopen(shop.page + path) as answer:
            headers = answer.headers
    except urllib.error.HTTPError as error:
        headers = error.headers
        error.close()
    rules = dict(rule.strip().partition(" ")[::2] for rule in headers["Content-Security-Policy"].split(";"))
    assert rules["default-src"] == "'none'"
    for kind in ("script-src", "style-src", "connect-src", "font-src"):
        assert rules[kind] == "'self'"
    for kind in ("base-uri", "form-action", "frame-ancestors"):
        assert rules[kind] == "'none'"
    assert rules["require-trusted-types-for"] == "'script'"
    assert not any("unsafe" in rule or "*" in rule or "http" in rule for rule in rules.values())
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
