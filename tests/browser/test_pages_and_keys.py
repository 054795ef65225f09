"""Two pages of one terminal, a reload, taps that come late, and keys that come too fast."""

from playwright.sync_api import Browser, WebSocketRoute, expect
from tests.browser.conftest import DESKTOP, OpenDesk
from tests.browser.desk import Cashier, Desk, Keyboard, Pointer, ask_amount, give_pin, sign_out
from tests.worlds.browser_shop import Shop


def test_a_reload_in_the_middle_of_a_sale_shows_the_same_screen(open_desk: OpenDesk) -> None:
    desk = open_desk("10000001", at="standby")
    cashier = Cashier(desk)
    ask_amount(desk, cashier, "4200")
    desk.page.reload()
    desk.shows("card")
    desk.says("¥42.00")
    cashier.show_card("second", "insert")
    desk.shows("pin")
    cashier.digits("123")
    desk.page.reload()
    desk.shows("pin")
    assert desk.page.locator(".entry .dots i").count() == 3
    cashier.digits("456")
    cashier.press("enter")
    desk.shows("tear_off")
    desk.page.reload()
    desk.shows("tear_off")
    desk.slips(1)


def test_a_second_tab_shows_the_same_and_may_go_on(open_desk: OpenDesk) -> None:
    first = open_desk("10000001", at="standby")
    second = open_desk("10000001", at="")
    second.shows("standby")
    ask_amount(first, Cashier(first), "4200")
    second.shows("card")
    second.says("¥42.00")
    Cashier(second).press("cancel")
    first.shows("standby")
    first.says("已取消，未扣款")
    sign_out(second, Cashier(second))
    first.shows("sign_in_number")


def test_a_late_tap_on_a_screen_that_is_gone_does_nothing(open_desk: OpenDesk, browser: Browser, shop: Shop) -> None:
    """Cancel is tapped where a card was awaited; by then the cardholder types the PIN, and Cancel would end the sale."""
    desk = open_desk("10000001", at="standby")
    cashier = Cashier(desk)
    ask_amount(desk, cashier, "4200")
    with browser.new_context(**DESKTOP) as context:
        # A page whose line is so slow that it still shows what is gone: screens after this one do not arrive.
        late = Desk(context, shop.page, "10000001")
        sent: list[str] = []
        late.page.route_web_socket("**/live", lambda socket: deliver_until(socket, "card", sent))
        late.open()
        late.shows("card")
        cashier.show_card("second", "insert")
        desk.shows("pin")
        Pointer(late).press("cancel")
        late.says("正在处理…")
        assert [message for message in sent if '"screen":"card"' in message] == [sent[-1]]
    give_pin(desk, cashier)
    desk.shows("tear_off")


def deliver_until(socket: WebSocketRoute, screen: str, sent: list[str]) -> None:
    """Connect a page to its terminal, and deliver nothing more once it shows this screen."""
    server = socket.connect_to_server()
    arrived: list[str] = []

    def to_page(message: str | bytes) -> None:
        if not any(f'"id":"{screen}"' in each for each in arrived):
            arrived.append(str(message))
            socket.send(message)

    def to_terminal(message: str | bytes) -> None:
        sent.append(str(message))
        server.send(message)

    server.on_message(to_page)
    socket.on_message(to_terminal)


BURST = """(keys) => {
    let at = performance.now() - 100;
    for (const key of keys) {
        const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
        Object.defineProperty(event, "timeStamp", { value: (at += 5) });
        document.querySelector(".glass").dispatchEvent(event);
    }
}"""


def scan(desk: Desk, code: str) -> None:
    """Keys 5 ms apart and Enter behind them, as a scanner types what it has read, however busy this machine is."""
    desk.page.wait_for_timeout(200)
    desk.page.evaluate(BURST, [*code, "Enter"])


def test_nothing_of_a_scanned_code_stays_in_a_password(open_desk: OpenDesk) -> None:
    """Even if it is the very password: the whole field goes, the Enter behind it sends nothing, and it is said why."""
    desk = open_desk("10000001")
    keyboard = Keyboard(desk)
    keyboard.digits("01")
    desk.shows("sign_in_password")
    keyboard.digits("00")
    scan(desk, "0000")
    expect(desk.page.locator(".entry .dots i")).to_have_count(0)
    expect(desk.page.locator(".notice")).to_have_text("输入过快或为扫码：请重新输入")
    desk.page.wait_for_timeout(200)
    keyboard.digits("0000")
    assert not {"verifying", "confirm"} & {screen["id"] for screen in desk.screens_received}
    keyboard.press("enter")
    desk.shows("confirm")


def test_a_scanned_code_is_no_pin(open_desk: OpenDesk) -> None:
    desk = open_desk("10000001", at="standby")
    keyboard = Keyboard(desk)
    ask_amount(desk, Cashier(desk), "4200")
    keyboard.show_card("second", "insert")
    desk.shows("pin")
    keyboard.digits("12")
    scan(desk, "6901234567892")
    expect(desk.page.locator(".notice")).to_be_visible()
    expect(desk.page.locator(".entry .dots i")).to_have_count(0)
    desk.page.wait_for_timeout(200)
    give_pin(desk, keyboard)
    desk.shows("tear_off")


def test_a_scanned_code_is_no_amount(open_desk: OpenDesk) -> None:
    desk = open_desk("10000001", at="standby")
    keyboard = Keyboard(desk)
    scan(desk, "6901234567892")
    expect(desk.page.locator(".notice")).to_be_visible()
    assert desk.screen == "standby"
    desk.page.wait_for_timeout(200)
    Cashier(desk).press("sale")
    desk.shows("amount")
    keyboard.digits("12")
    desk.says("¥0.12")
    scan(desk, "6901234567892")
    expect(desk.page.locator(".entry .shown")).to_have_text("¥0.00")
    desk.page.wait_for_timeout(200)
    keyboard.digits("4200")
    keyboard.press("enter")
    desk.shows("card")
    desk.says("¥42.00")


def test_a_scanned_code_is_no_operators_number(open_desk: OpenDesk) -> None:
    desk = open_desk("10000001")
    keyboard = Keyboard(desk)
    keyboard.digits("0")
    scan(desk, "6901234567892")
    expect(desk.page.locator(".entry .shown")).to_have_text("")
    desk.page.wait_for_timeout(200)
    keyboard.digits("01")
    desk.shows("sign_in_password")
    assert desk.screens_received[-1]["lines"][0]["right"] == "01"


def test_enter_without_a_password_is_answered(open_desk: OpenDesk) -> None:
    desk = open_desk("10000001", lang="en")
    keyboard = Keyboard(desk)
    keyboard.digits("01")
    desk.shows("sign_in_password")
    keyboard.press("enter")
    expect(desk.page.locator(".notice")).to_have_text("Type the password")
    keyboard.digits("00")
    expect(desk.page.locator(".notice")).to_be_hidden()
    keyboard.press("enter")
    expect(desk.page.locator(".notice")).to_have_text("Not enough digits yet")


def test_enter_held_down_is_one_press(open_desk: OpenDesk) -> None:
    desk = open_desk("10000001")
    keyboard = Keyboard(desk)
    keyboard.digits("01")
    desk.shows("sign_in_password")
    keyboard.digits("0000")
    for _ in range(5):
        desk.page.wait_for_timeout(40)
        desk.page.keyboard.down("Enter")
    desk.shows("confirm")
    desk.page.keyboard.down("Enter")
    desk.page.keyboard.up("Enter")
    assert desk.screen == "confirm"
