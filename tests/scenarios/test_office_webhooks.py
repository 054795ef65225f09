"""Webhooks in the office over TCP: added with a secret that is shown once, changed, paused, and a message sent once more."""

import re
from html import unescape

import httpx
from tests.conftest import Ports
from tests.worlds.house import House, Row, until
from tests.worlds.office import SHOP, Browser, come_in
from tests.worlds.true_terminal import at_the_counter

ADDRESS = "https://127.0.0.1:9/hook"
"""Inside: nobody is reached there, and the message says so."""
WHY = "密钥可能泄露"


def act(browser: Browser, link: str, **typed: str) -> httpx.Response:
    """Open an act's form by its link and send it with what it began with, and what is typed."""
    page = browser.get(link)
    begun = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    begun |= dict.fromkeys(re.findall(r'type="checkbox" name="([^"]+)" value="yes" checked', page.text), "yes")
    begun |= dict(re.findall(r'<input id="f-[^"]+" name="([^"]+)" type="text" value="([^"]*)"', page.text))
    return browser.submit(page, link.partition("?")[0], {key: unescape(text) for key, text in begun.items()} | typed)


def link_to(page: str, name: str) -> str:
    """The address of an act's form among those that a page offers."""
    return unescape(re.findall(rf'href="(/acts/{name}\?[^"]*)"', page)[0])


def webhooks(house: House) -> list[Row]:
    return house.host_rows("webhooks")


def added(browser: Browser) -> str:
    """Add a webhook; its secret."""
    link = link_to(browser.get("/webhooks").text, "add_webhook")
    done = act(browser, link, address=ADDRESS, **{"events.payment": "yes", "events.sign_in": "yes"})
    (secret,) = re.findall(r'class="secret"><code>(whsec_[^<]+)</code>', done.text)
    return str(secret)


def test_a_webhook_is_added_and_its_secret_is_shown_this_once(owner: Browser, house: House) -> None:
    assert "还没有推送地址" in owner.get("/webhooks").text
    secret = added(owner)
    (row,) = webhooks(house)
    assert (row["address"], row["events"], row["made_by"]) == (ADDRESS, "sign_in payment", "person:owner")
    page = owner.get(f"/webhooks/{SHOP}/1").text
    assert ADDRESS in page
    assert secret not in page + owner.get("/webhooks").text + owner.get("/audit").text
    assert "whsec_" not in owner.get("/webhooks").text


def test_what_is_no_address_is_refused_beside_what_was_typed(owner: Browser, house: House) -> None:
    link = link_to(owner.get("/webhooks").text, "add_webhook")
    plain = act(owner, link, address="http://shop.example/hook", **{"events.payment": "yes"})
    assert (plain.status_code, "https" in plain.text, 'value="http://shop.example/hook"' in plain.text) == (
        422,
        True,
        True,
    )
    assert 'name="events.payment" value="yes" checked' in plain.text
    assert act(owner, link, address=ADDRESS).status_code == 422, "no event"
    assert webhooks(house) == []


def test_it_is_changed_paused_resumed_given_another_secret_and_removed(owner: Browser, house: House) -> None:
    first = added(owner)
    path = f"/webhooks/{SHOP}/1"

    def do(name: str, **typed: str) -> str:
        return act(owner, link_to(owner.get(path).text, name), **typed).text

    assert "已完成" in do("change_webhook", address="https://other.example/hook")
    (row,) = webhooks(house)
    assert (row["address"], row["events"]) == ("https://other.example/hook", "sign_in payment")
    assert "已完成" in do("pause_webhook")
    assert webhooks(house)[0]["state"] == "paused"
    assert "/acts/test_webhook" not in owner.get(path).text, "nothing is sent to one that is paused"
    assert "已完成" in do("resume_webhook")
    (second,) = re.findall(r"(whsec_[^<]+)</code>", do("rotate_webhook", reason=WHY))
    assert second != first
    assert "已完成" in do("remove_webhook", reason=WHY)
    assert webhooks(house)[0]["state"] == "removed"
    assert "/acts/" not in owner.get(path).text
    notes = [row["detail"] for row in house.host_rows("audit_notes") if row["action"] == "webhooks"]
    assert notes == ["add", "change", "paused", "active", "rotate", "removed"]


async def test_the_last_deliveries_are_told_and_one_is_sent_again(owner: Browser, house: House, ports: Ports) -> None:
    added(owner)
    act(owner, link_to(owner.get(f"/webhooks/{SHOP}/1").text, "test_webhook"))
    until(lambda: bool(house.host_rows("outbox_messages")[0]["tries"]), "the test to be tried")
    async with at_the_counter(house, ports.take()) as at:
        await at.sell("1234")
    until(lambda: len(house.host_rows("outbox_messages")) == 3, "the sign-in and the sale to be told")
    page = owner.get(f"/webhooks/{SHOP}/1").text
    links = [unescape(path) for path in re.findall(r'href="(/messages/[^"?]+)"', page)]
    assert len(links) == 3
    message = next(text for link in links if "payment.approved" in (text := owner.get(link).text))
    assert '"amount_fen": 1234' in unescape(message)
    assert "/acts/send_again" not in message, "it still waits"
    assert "不在公网" in message or "地址" in message


def test_a_manager_and_another_shop_s_owner_see_none(office: str, owner: Browser, house: House) -> None:
    added(owner)
    with Browser(office) as manager:
        come_in(manager, house, "manager", "manager")
        assert manager.get("/webhooks").status_code == 403
    assert owner.get("/webhooks/102100058129999/1").status_code == 404
    assert owner.get(f"/messages/{SHOP}/msg_00").status_code == 404
    assert owner.get("/messages/*/msg_00").status_code == 404


def test_the_acquirer_adds_one_that_hears_of_all_shops(office: str, house: House) -> None:
    with Browser(office) as admin:
        come_in(admin, house, "admin", "admin")
        link = link_to(admin.get("/webhooks").text, "add_webhook")
        assert "所有商户" in admin.get(link).text
        assert "已完成" in act(admin, link, address=ADDRESS, **{"events.case": "yes"}).text
        assert "已完成" in act(admin, link_to(admin.get("/webhooks/*/1").text, "test_webhook")).text
        until(lambda: bool(house.host_rows("outbox_messages")), "the test to be written")
        assert "/messages/*/msg_" in admin.get("/webhooks/*/1").text
    assert webhooks(house)[0]["merchant_no"] == "*"
