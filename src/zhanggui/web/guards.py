"""Who may use the page: hosts, origins, and the headers that every answer carries."""

import ipaddress
import re
from collections.abc import Callable, Collection

from litestar.connection import ASGIConnection
from litestar.datastructures import Headers, MutableScopeHeaders
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.types import BeforeMessageSendHookHandler, Message, Scope

POLICY = "Content-Security-Policy"
SECURITY_HEADERS = {
    POLICY: (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
        "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
        "trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
FORM_HEADERS = {
    POLICY: SECURITY_HEADERS[POLICY].replace("form-action 'none'", "form-action 'self'"),
    "Referrer-Policy": "same-origin",
}
"""What is other where pages send forms."""
ENCRYPTED_HEADERS = {"Strict-Transport-Security": "max-age=31536000"}
"""Where pages come encrypted: for a year the browser comes back so and in no other way (RFC 6797). Subdomains are others' machines."""
CACHE_DEFAULT = "no-store"
_HOST_AND_PORT = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\[\]:@/?#\s]+))(?::[0-9]{1,5})?")
"""RFC 9110 §7.2 with RFC 3986 §3.2: a host, an address of six in brackets, and a port."""

Guard = Callable[[ASGIConnection, BaseRouteHandler], None]  # type: ignore[type-arg]


def secure_answers(*, forms: bool = False) -> BeforeMessageSendHookHandler:
    """A `before_send` hook that puts the security headers on an answer, whatever its status: `response_headers` misses 400 and 404.

    `forms`: pages send forms to their own host, and to no other; else they send none. A form from a page without referrer says
    that it comes from nowhere (`Origin: null`, Fetch §3.1), so such pages name themselves to their own host.
    """
    put = {**SECURITY_HEADERS, **FORM_HEADERS} if forms else SECURITY_HEADERS

    async def secure_answer(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        headers = MutableScopeHeaders.from_message(message)
        for name, value in (put | ENCRYPTED_HEADERS if scope["scheme"] == "https" else put).items():
            headers[name] = value
        headers.setdefault("Cache-Control", CACHE_DEFAULT)

    return secure_answer


def known_host(names: Collection[str]) -> Guard:
    """A guard that lets requests pass whose Host is an address, `localhost` or one of `names`.

    A name of the attacker's own that points to this machine (DNS rebinding) gives him an origin that equals the host; an
    address cannot be pointed elsewhere.
    """
    known = frozenset(name.lower() for name in names) | {"localhost"}

    def guard(connection: ASGIConnection, _: BaseRouteHandler) -> None:  # type: ignore[type-arg]
        if not _is_known(connection.headers.get("host", ""), known):
            raise HTTPException(status_code=421, detail="this host name is not served here")

    return guard


def same_origin(headers: Headers) -> bool:
    """Tell whether a socket was opened by a page of this very host. Browsers always say where a socket comes from."""
    host = headers.get("host", "").lower()
    return bool(host) and headers.get("origin", "").lower() in (f"http://{host}", f"https://{host}")


def _is_known(host_and_port: str, names: Collection[str]) -> bool:
    """Nothing but a port may follow the host: `[::1].evil.com` and `127.0.0.1:80.evil.com` are names of the attacker's own."""
    found = _HOST_AND_PORT.fullmatch(host_and_port)
    if found is None:
        return False
    in_brackets, plain = found.groups()
    if in_brackets is not None:
        return _is_address(in_brackets)
    host = plain.lower().removesuffix(".")
    return host in names or host.endswith(".localhost") or _is_address(host)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
