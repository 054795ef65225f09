"""Somebody at the office, as a program: signs in by the form, opens pages, has lists made into files; every wait is measured.

Standard library alone, one line that is kept, no script: what is measured is the office and not a browser.
"""

import http.client
import re
import time
from collections.abc import Mapping
from html import unescape
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from ...basics.errors import Fault
from ...basics.secret import Secret

PATIENCE_S = 600.0
REDIRECTS_MAX = 3
KEPT_FOR_S = 2.0
ASKED_EVERY_S = 0.2
FORM = "application/x-www-form-urlencoded"
_TOKEN = re.compile(r'name="token" value="([0-9a-f]+)"')
_NEXT = re.compile(r'rel="next" href="([^"]+)"')
_OFFER = re.compile(r'<ul class="offers">(.*?)</ul>', re.DOTALL)
_LINK = re.compile(r'<a href="([^"]+)"')


class Opened(NamedTuple):
    """A page that came, and how long it took with all redirects on the way."""

    path: str
    text: str
    ms: float

    @property
    def next(self) -> str:
        """The address of the next rows; empty where these are the last."""
        found = _NEXT.search(self.text)
        return unescape(found[1]) if found is not None else ""

    @property
    def offers(self) -> list[str]:
        """Where the search box leads, when a text may be several things."""
        found = _OFFER.search(self.text)
        return [unescape(one) for one in _LINK.findall(found[1])] if found is not None else []


class OfficeClient:
    """One person's session."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        self._cookie = ""
        self._used_s = time.monotonic()

    def sign_in(self, login: str, password: Secret) -> None:
        """Come in. Fault when the office does not take it."""
        page = self.send("/sign-in", {"login": login, "password": password.reveal(), "to": "/"})
        if page.path == "/sign-in":
            raise Fault(f"the office did not let {login} in")

    def open(self, path: str) -> Opened:
        """Open a page. Fault unless it is there and this person's to see."""
        return self._follow("GET", path, None)

    def send(self, path: str, form: Mapping[str, str]) -> Opened:
        """Send a form."""
        return self._follow("POST", path, form)

    def token_on(self, path: str) -> str:
        """What the forms of a page carry."""
        found = _TOKEN.search(self.open(path).text)
        if found is None:
            raise Fault(f"there is no form on {path}")
        return found[1]

    def order_csv(self, path: str, asked: str) -> str:
        """Have a list made into a file; the path of the file's page."""
        address = f"{path}/export?{asked}"
        form = {"token": self.token_on(address), "asked": asked, "format": "csv", "reason": "bench"}
        return self.send(f"{path}/export", form).path

    def _follow(self, method: str, path: str, form: Mapping[str, str] | None) -> Opened:
        if time.monotonic() - self._used_s > KEPT_FOR_S:
            # The server closes a line of which it hears nothing; the next request opens another.
            self._line.close()
        began_s = time.perf_counter()
        for _ in range(REDIRECTS_MAX):
            status, location, text = self._ask(method, path, form)
            if not location:
                if status != http.client.OK:
                    raise Fault(f"{path} was answered with {status}")
                self._used_s = time.monotonic()
                return Opened(path, text, (time.perf_counter() - began_s) * 1e3)
            method, path, form = "GET", location, None
        raise Fault(f"{path} leads on and on")

    def _ask(self, method: str, path: str, form: Mapping[str, str] | None) -> tuple[int, str, str]:
        headers = {"cookie": self._cookie, "origin": f"http://127.0.0.1:{self._port}"}
        if form is not None:
            headers["content-type"] = FORM
        try:
            self._line.request(method, path, urlencode(form) if form is not None else None, headers)
            answer = self._line.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise Fault(f"the office did not answer {path} ({type(error).__name__})") from None
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                self._cookie = value.partition(";")[0]
        location = urlsplit(answer.getheader("location") or "")
        return answer.status, location._replace(scheme="", netloc="").geturl(), text

    def close(self) -> None:
        """Hang up."""
        self._line.close()
