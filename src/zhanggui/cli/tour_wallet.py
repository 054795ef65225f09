"""A made-up customer's phone, for stories: it does over HTTP what the wallet page does when somebody taps it."""

from typing import Any

import msgspec

from ..basics.secret import Secret
from ..wallets.customers import PASSWORD
from .tour_page import PageClient


class WalletPhone:
    """One customer's phone at the simulated wallets, whose page is found at `address`."""

    def __init__(self, address: str, brand: str, customer: str = "chen") -> None:
        self.brand = brand
        self._page = PageClient(address)
        self._path = f"/w/{brand}/{customer}"

    def code(self) -> Secret:
        """A fresh payment code, as the phone shows it."""
        return Secret(str(self._act("code", {})["digits"]))

    def behave(self, behaviour: str) -> None:
        """How this wallet takes the next payment."""
        self._act("behaviour", {"behaviour": behaviour})

    def asked(self) -> tuple[str, str] | None:
        """Shop and number of the order that waits for this customer; None while none does."""
        orders: list[dict[str, Any]] = self._call("GET", "/now")["orders"]
        waiting = next((one for one in orders if one["asks"]), None)
        return None if waiting is None else (str(waiting["merchant_no"]), str(waiting["order_no"]))

    def confirm(self, order: tuple[str, str]) -> str:
        """Type the password for what a shop asks; the answer is the outcome."""
        merchant_no, order_no = order
        typed = {"merchant_no": merchant_no, "order_no": order_no, "password": PASSWORD, "yes": True}
        return str(self._act("answer", typed)["outcome"])

    def pay_code(self, text: str) -> str:
        """Read a shop's code and pay it; the answer is the outcome."""
        return str(self._act("scan", {"text": text, "amount": "", "password": PASSWORD, "pays": True})["outcome"])

    def _act(self, name: str, message: dict[str, Any]) -> dict[str, Any]:
        return self._call("POST", f"/{name}", message)

    def _call(self, method: str, path: str, message: object = None) -> dict[str, Any]:
        found: dict[str, Any] = msgspec.json.decode(self._page.ask(method, self._path + path, message))
        return found
