"""An operator's phone, as far as HTTP sees one: it opens the page of a code and answers it."""

from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

import msgspec


class Phone:
    """A browser with one cookie. `lang` is what it asks for."""

    def __init__(self, lang: str = "zh") -> None:
        self.lang = lang
        self.cookie = ""
        self.address = ""

    def open(self, address: str) -> tuple[int, str]:
        """Scan a code: the status and the page."""
        self.address = address
        response, body = self._ask("GET")
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                self.cookie = value.partition(";")[0]
        return response.status, body.decode()

    def answer(self, login: str, password: str) -> dict[str, Any]:
        """Type number or user name and password, and send them."""
        response, body = self.send(msgspec.json.encode({"login": login, "password": password}))
        assert response.status == 200, body
        told = msgspec.json.decode(body)
        assert isinstance(told, dict)
        return told

    def send(self, body: bytes, **headers: str) -> tuple[HTTPResponse, bytes]:
        """Send an answer as it is."""
        where = urlsplit(self.address)
        return self._ask("POST", body, {"Origin": f"{where.scheme}://{where.netloc}", **headers})

    def _ask(
        self, method: str, body: bytes | None = None, more: dict[str, str] | None = None
    ) -> tuple[HTTPResponse, bytes]:
        where = urlsplit(self.address)
        line = HTTPConnection(where.hostname or "", where.port, timeout=20)
        headers = {"Accept-Language": self.lang, **(more or {})}
        if self.cookie:
            headers["Cookie"] = self.cookie
        try:
            line.request(method, where.path, body, headers)
            response = line.getresponse()
            return response, response.read()
        finally:
            line.close()
