"""A made-up phone's browser, for stories: it asks a page as a browser does, from the page's own origin and with its cookie."""

from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

import msgspec

from ..basics.errors import Fault

PAGE_WITHIN_S = 10.0
OK = 200


class PageClient:
    """Asks the page at this address."""

    def __init__(self, address: str) -> None:
        self.where = urlsplit(address)
        self._cookie = ""

    def ask(self, method: str, path: str, message: object = None) -> bytes:
        """The body of the answer to a message, sent as JSON. Fault where there is none, or another status than 200."""
        line = HTTPConnection(self.where.hostname or "", self.where.port, timeout=PAGE_WITHIN_S)
        headers = {"Origin": f"{self.where.scheme}://{self.where.netloc}", "Content-Type": "application/json"}
        if self._cookie:
            headers["Cookie"] = self._cookie
        try:
            line.request(method, path, b"" if message is None else msgspec.json.encode(message), headers)
            answered = line.getresponse()
            told = answered.read()
        except (OSError, HTTPException) as error:
            raise Fault(f"the page at {self.where.netloc} did not answer ({error})") from None
        finally:
            line.close()
        if answered.status != OK:
            raise Fault(f"the page at {self.where.netloc} answered {answered.status}")
        self._cookie = (answered.getheader("Set-Cookie") or "").partition(";")[0] or self._cookie
        return told
