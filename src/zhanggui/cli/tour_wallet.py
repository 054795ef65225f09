"""A made-up customer's phone, for stories: it does over HTTP what the wallet page does when somebody taps it."""

from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import msgspec

from ..basics.errors import Fault
from ..basics.secret import Secret
from ..wallets.customers import PASSWORD

PHONE_WITHIN_S = 10.0
OK = 200


class WalletPhone:
    """One customer's phone at the simulated wallets, whose page is found at `address`."""

    def __init__(self, address: str, brand: str, customer: str = "chen") -> None:
        self.brand = brand
        self._where = urlsplit(address)
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
        return self._call("POST", f"/{name}", msgspec.json.encode(message))

    def _call(self, method: str, path: str, body: bytes = b"") -> dict[str, Any]:
        line = HTTPConnection(self._where.hostname or "", self._where.port, timeout=PHONE_WITHIN_S)
        try:
            headers = {"Origin": f"{self._where.scheme}://{self._where.netloc}", "Content-Type": "application/json"}
            line.request(method, self._path + path, body, headers)
            answered = line.getresponse()
            told = answered.read()
        except OSError as error:
            raise Fault(f"the wallet page did not answer ({error})") from None
        finally:
            line.close()
        if answered.status != OK:
            raise Fault(f"the wallet page answered {answered.status}")
        found: dict[str, Any] = msgspec.json.decode(told)
        return found
