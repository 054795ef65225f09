"""The smart model on a phone, screen by screen in both languages, for `tools/screenshots.py`."""

from playwright.sync_api import Browser
from tests.browser.conftest import PHONE
from tests.browser.desk import Desk, Finger, ask_amount, give_pin, sign_in
from tests.browser.wire import wire_to
from tests.worlds.browser_office import Office
from tests.worlds.browser_shop import Shop

from .picture_album import PHONE_SCALE, Album, shot, side_by_side


class PhoneStory:
    """The smart model on a phone: each screen in both languages."""

    def __init__(self, browser: Browser, shop: Shop, album: Album) -> None:
        context = browser.new_context(**PHONE, device_scale_factor=PHONE_SCALE, reduced_motion="reduce")
        self.desk = Desk(context, shop.page, "10000001").open()
        self.finger = Finger(self.desk)
        self.album = album

    def take(self, name: str) -> None:
        """Both languages of the screen of now."""
        pictures = []
        for lang in ("zh", "en"):
            self.desk.choose_lang(lang)
            pictures.append(shot(self.desk))
        self.desk.choose_lang("zh")
        self.album.keep(f"smart-{name}", side_by_side(*pictures))

    def tell(self) -> None:
        """From the operator's number to sign-out, with what may go wrong on the way."""
        self.sign_in()
        self.sale()
        self.refusals()
        self.sign_out()
        self.dark()
        self.desk.context.close()

    def sign_in(self) -> None:
        desk, finger = self.desk, self.finger
        desk.shows("sign_in_number")
        self.take("01-operator-number")
        finger.digits("01")
        desk.shows("sign_in_password")
        finger.digits("00")
        self.take("02-password")
        finger.digits("01")
        finger.press("enter")
        desk.says("A101")
        self.take("03-wrong-password")
        finger.digits("0000")
        finger.press("enter")
        desk.shows("confirm")
        self.take("04-confirm")
        finger.press("wrong")
        desk.shows("wrong_item")
        self.take("05-something-is-wrong")
        finger.press("cancel")
        desk.shows("confirm")
        finger.press("enter")
        desk.shows("signed_in")
        self.take("06-signed-in")
        desk.shows("standby")
        self.take("07-standby")

    def sale(self) -> None:
        desk, finger = self.desk, self.finger
        finger.press("sale")
        desk.shows("amount")
        finger.digits("12850")
        self.take("08-amount")
        finger.press("enter")
        desk.shows("card")
        self.take("09-card")
        desk.page.locator("[data-opens=parts]").tap()
        self.take("10-simulated-cards")
        desk.page.locator("[data-opens=parts]").tap()
        finger.show_card("main", "insert")
        desk.shows("pin")
        finger.digits("1234")
        self.take("11-pin")
        finger.digits("56")
        finger.press("enter")
        desk.shows("tear_off")
        self.take("12-merchant-slip")
        finger.press("enter")
        desk.shows("standby")
        desk.page.locator("[data-opens=tray]").tap()
        desk.slips(2)
        self.take("13-slips")
        desk.page.locator("[data-opens=tray]").tap()
        self.take("14-standby-after-sale")

    def refusals(self) -> None:
        desk, finger = self.desk, self.finger
        ask_amount(desk, finger, "5000")
        finger.show_card("no-funds", "insert")
        give_pin(desk, finger)
        desk.shows("sale_refused")
        self.take("15-refused")
        finger.press("enter")
        ask_amount(desk, finger, "880")
        self.switch_paper()
        finger.show_card("small-payment", "tap")
        desk.shows("print_trouble")
        self.take("16-no-paper")
        self.switch_paper()
        finger.press("retry")
        desk.shows("tear_off")
        finger.press("enter")
        desk.shows("standby")

    def switch_paper(self) -> None:
        self.desk.page.locator("[data-opens=parts]").tap()
        self.desk.switch("printer")
        self.desk.page.locator("[data-opens=parts]").tap()

    def sign_out(self) -> None:
        self.finger.press("sign_out")
        self.desk.shows("sign_out")
        self.take("17-sign-out")
        self.finger.press("enter")
        self.desk.shows("signed_out")
        self.take("18-signed-out")
        self.finger.press("enter")
        self.desk.shows("sign_in_number")

    def dark(self) -> None:
        self.desk.page.emulate_media(color_scheme="dark")
        self.take("dark-operator-number")
        sign_in(self.desk, self.finger)
        self.take("dark-standby")


class ProofStory(PhoneStory):
    """The rest of the sign-in on a phone: code, new password, elsewhere, approval, lock, waits, no network."""

    def __init__(self, browser: Browser, shop: Shop, album: Album) -> None:
        super().__init__(browser, shop, album)
        self.shop = shop
        self.office = Office(shop)

    def tell(self) -> None:
        self.code()
        self.new_password()
        self.elsewhere()
        self.lock()
        self.without_network()
        self.kept_out()
        self.desk.context.close()

    def password(self, operator: str, password: str, screen: str) -> None:
        self.desk.shows("sign_in_number")
        self.finger.digits(operator)
        self.desk.shows("sign_in_password")
        self.finger.digits(password)
        self.finger.press("enter")
        self.desk.shows(screen)

    def code(self) -> None:
        with self.office.rules(sign_in_code="totp"):
            app = self.office.authenticator("01")
            self.password("01", "0000", "confirm")
            self.finger.press("enter")
            self.desk.shows("sign_in_code")
            self.take("20-sign-in-code")
            self.finger.digits(app.wrong_code())
            self.finger.press("enter")
            self.desk.says("A301")
            self.take("21-wrong-code")
            self.finger.press("cancel")

    def new_password(self) -> None:
        first = self.office.first_password("02")
        self.password("02", first, "new_password")
        self.take("22-new-password")
        for _ in range(2):
            self.finger.digits("1234")
            self.finger.press("enter")
        self.desk.says("新密码太简单")
        self.take("23-too-simple")
        self.finger.press("cancel")

    def elsewhere(self) -> None:
        with wire_to(self.shop.page, "10000002") as wire:
            wire.go_to_standby("01")
        self.password("01", "0000", "elsewhere")
        self.take("24-signed-in-elsewhere")
        self.finger.press("supervisor")
        self.desk.shows("approval_number")
        self.take("25-approval")
        self.finger.digits("00")
        self.desk.shows("approval_password")
        self.finger.digits("123456")
        self.finger.press("enter")
        self.desk.shows("signed_in")
        self.finger.press("enter")

    def lock(self) -> None:
        self.desk.shows("standby")
        self.finger.press("lock")
        self.desk.shows("locked")
        self.take("26-locked")
        self.finger.press("cancel")
        self.desk.shows("locked_menu")
        self.take("27-who-goes-on")
        self.finger.press("another")

    def kept_out(self) -> None:
        self.password("01", "1111", "sign_in_password")
        for screen in ("sign_in_password", "wait"):
            self.desk.says("A101")
            self.finger.digits("2222")
            self.finger.press("enter")
            self.desk.shows(screen)
        self.take("30-wait")
        self.finger.press("cancel")
        self.desk.shows("sign_in_number")

    def without_network(self) -> None:
        with wire_to(self.shop.page, "10000001") as wire:
            wire.go_to_standby("01")
            wire.go_home()
        self.network()
        self.password("01", "0000", "signed_in_offline")
        self.take("28-signed-in-offline")
        self.finger.press("enter")
        self.desk.shows("standby")
        self.take("29-standby-offline")
        self.network()
        with wire_to(self.shop.page, "10000001") as wire:
            wire.go_home()

    def network(self) -> None:
        self.desk.page.locator("[data-opens=parts]").tap()
        self.desk.switch("network")
        self.desk.page.locator("[data-opens=parts]").tap()
