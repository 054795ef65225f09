"""Somebody at the office with a browser that runs no script: links, forms and a cookie, over TCP."""

import base64
import re
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import httpx
from tests.worlds.house import House

from zhanggui.acquirer.people.inviting import NewPerson
from zhanggui.acquirer.rows.records import WHOLE_HOST, OfficeRole
from zhanggui.basics.clock import SystemClock
from zhanggui.basics.numbers import MerchantNo
from zhanggui.host.people import CODE_DIGITS
from zhanggui.host.people_acts import INVITE
from zhanggui.vault.one_time_code import STEP_S, hotp

SHOP = MerchantNo("102100058120001")
PASSWORD = "a long walk home"
PATIENCE_S = 20.0
_TOKEN = re.compile(r'name="token" value="([0-9a-f]+)"')
_KEY = re.compile(r"<code>([A-Z2-7]+)</code>")
SHOP_ROLES = ("owner", "manager")


class Browser:
    """One person's browser."""

    def __init__(self, address: str, lang: str = "zh") -> None:
        self.address = address.rstrip("/")
        self._client = httpx.Client(
            base_url=self.address, trust_env=False, timeout=PATIENCE_S, headers={"accept-language": lang}
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    @property
    def cookies(self) -> httpx.Cookies:
        """What the office has put down."""
        return self._client.cookies

    def get(self, path: str, *, follow: bool = True) -> httpx.Response:
        """Open a page."""
        return self._client.get(path, follow_redirects=follow)

    def post(
        self, path: str, form: Mapping[str, str], *, origin: str | None = "", follow: bool = True
    ) -> httpx.Response:
        """Send a form, as a page of this office does (`origin` empty), of another one, or without saying which (None)."""
        headers = {} if origin is None else {"origin": origin or self.address}
        return self._client.post(path, data=dict(form), headers=headers, follow_redirects=follow)

    def sign_in(self, login: str, password: str = PASSWORD) -> httpx.Response:
        """Name and password; the answer is the page that comes of it."""
        return self.post("/sign-in", {"login": login, "password": password, "to": "/"})

    def pass_second_factor(self, page: httpx.Response) -> httpx.Response:
        """Set up an authenticator by the key on the page, and type its code."""
        (key,) = _KEY.findall(page.text)
        return self.post("/second-factor", {"token": token_of(page), "code": code_of(key)})

    def submit(self, page: httpx.Response, path: str, form: Mapping[str, str]) -> httpx.Response:
        """Send a form with the token of the page that it stands on."""
        return self.post(path, {"token": token_of(page), **form})


def token_of(page: httpx.Response) -> str:
    """The token of the forms on a page."""
    found = _TOKEN.search(page.text)
    assert found is not None, "no form with a token"
    return found[1]


def code_of(key: str) -> str:
    """What an authenticator with this key (base32) shows now."""
    secret = base64.b32decode(key + "=" * (-len(key) % 8))
    return hotp(secret, SystemClock().now() // 1000 // STEP_S, CODE_DIGITS)


def invite(house: House, login: str, role: OfficeRole, name: str = "某人", shop: MerchantNo = SHOP) -> str:
    """Invite somebody, as the console does; the path of the one-time link."""
    at = shop if role in SHOP_ROLES else MerchantNo(WHOLE_HOST)
    link = house.do(INVITE, NewPerson(login=login, name=name, role=role), at)
    assert link is not None
    return f"/invitation/{link.reveal()}"


def come_in(browser: Browser, house: House, login: str, role: OfficeRole, shop: MerchantNo = SHOP) -> httpx.Response:
    """Invite somebody, who sets a password and, where the role asks for it, an authenticator; the first page."""
    path = invite(house, login, role, shop=shop)
    page = browser.post(path, {"password": PASSWORD, "again": PASSWORD})
    return browser.pass_second_factor(page) if "/second-factor" in str(page.url) else page
