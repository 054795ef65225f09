"""Posts to addresses that others chose, from a machine that stands among its own: nobody is to be reached that way who is not outside.

    https://name:port/path ─▶ the name's addresses ─▶ each of them is outside? ─▶ connect to that very address ─▶ TLS, by the name
                                                          │ no: nothing is sent
                                                          └ the name is not asked for again, so it can't say something else then

Of the answer its first line is read and no more: a receiver that never ends, or ends late, costs one line and a bound of seconds. There
is nobody to redirect. Source: OWASP SSRF Prevention; Standard Webhooks 1.0, "Server side request forgery".
"""

import asyncio
import contextlib
import re
import ssl
from collections.abc import Awaitable, Callable, Mapping
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from ..basics.errors import Fault

STATUS_LINE_BYTES_MAX = 1_024
PORTS = {"https": 443, "http": 80}
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: |\r?\n)")
IPV6_OF_ALL = ip_network("2000::/3")
"""All of IPv6 that is given out to anybody. Outside it lie site-local fec0::/10 and the forms that carry an IPv4 address for whoever
translates it: ::/96, ::ffff:0:0/96, ::ffff:0:0:0/96, 64:ff9b::/96. Source: IANA, IPv6 Address Space."""
NOT_OUTSIDE = tuple(map(ip_network, ("192.88.99.0/24", "2001::/32", "2002::/16", "3fff::/20")))
"""What the library calls global and is not: relays of 6to4, Teredo, 6to4 itself, documentation (RFC 7526, 4380, 3056, 9637)."""
Resolve = Callable[[str, str, int], Awaitable[list[str]]]
"""Whose name, the name and its port ─▶ its addresses, the one to take first. Raises OSError (`name_lookups.py`)."""


class NoAnswer(Fault):
    """No answer that counts. `word` says why, and holds nothing of what was sent."""

    def __init__(self, word: str, text: str) -> None:
        super().__init__(text)
        self.word = word


def is_outside(text: str) -> bool:
    """Whether an address is one of the internet at large: neither this machine's, nor of a network inside, nor anybody's in general.

    >>> [is_outside(one) for one in ("93.184.216.34", "2606:2800:220:1::1")]
    [True, True]
    >>> [is_outside(one) for one in ("127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fe80::1", "::ffff:10.0.0.1", "localhost")]
    [False, False, False, False, False, False, False]
    """
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address not in IPV6_OF_ALL:
        return False
    return address.is_global and not address.is_multicast and not any(address in one for one in NOT_OUTSIDE)


class OutsideCalls:
    """Posts. `inside_allowed`: addresses inside, and http, are allowed too. `trust`: whose certificates count."""

    def __init__(self, resolve: Resolve, *, inside_allowed: bool = False, trust: ssl.SSLContext | None = None) -> None:
        self._inside_allowed = inside_allowed
        self._resolve = resolve
        self._trust = trust

    async def post(self, whose: str, address: str, body: bytes, headers: Mapping[str, str], timeout_s: float) -> int:
        """The status of the answer. `whose`: who chose the address. NoAnswer where none came in time, or where nothing is sent to."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self._post(whose, urlsplit(address), body, headers)
        except TimeoutError:
            raise NoAnswer("too_slow", f"no answer came within {timeout_s:g} s") from None
        except ssl.SSLError as error:
            raise NoAnswer("no_tls", f"no encrypted line to the receiver ({type(error).__name__})") from None
        except (OSError, UnicodeError) as error:
            raise NoAnswer("no_line", f"no line to the receiver ({type(error).__name__})") from None

    async def _post(self, whose: str, target: SplitResult, body: bytes, headers: Mapping[str, str]) -> int:
        if target.scheme not in PORTS or (target.scheme == "http" and not self._inside_allowed) or not target.hostname:
            raise NoAnswer("not_https", "the receiver's address does not begin with https")
        port = target.port or PORTS[target.scheme]
        found = await self._resolve(whose, target.hostname, port)
        if not found:
            raise NoAnswer("no_line", "the receiver's name has no address")
        # All of them: a name that leads inside as well is not to be trusted with the others.
        if not self._inside_allowed and not all(map(is_outside, found)):
            raise NoAnswer("address_inside", "the receiver's name leads to an address inside, which is not allowed")
        tls = self._context() if target.scheme == "https" else None
        reader, writer = await asyncio.open_connection(
            found[0], port, ssl=tls, server_hostname=target.hostname if tls else None, limit=STATUS_LINE_BYTES_MAX
        )
        try:
            writer.write(request_bytes(target, body, headers))
            await writer.drain()
            return await _status(reader)
        finally:
            writer.transport.abort()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def _context(self) -> ssl.SSLContext:
        if self._trust is None:
            self._trust = ssl.create_default_context()
        return self._trust


async def _status(reader: asyncio.StreamReader) -> int:
    try:
        line = await reader.readuntil(b"\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        raise NoAnswer("no_http", "what came is no answer of HTTP") from None
    found = _STATUS.match(line)
    if found is None:
        raise NoAnswer("no_http", "what came is no answer of HTTP")
    return int(found[1])


def request_bytes(target: SplitResult, body: bytes, headers: Mapping[str, str]) -> bytes:
    """One request whole. UnicodeError where the address is no ASCII; it was looked at when its webhook was added."""
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    host = target.netloc.rpartition("@")[2]
    lines = [
        f"POST {path} HTTP/1.1",
        f"host: {host}",
        "user-agent: zhanggui-webhooks/1",
        "accept: */*",
        "connection: close",
        f"content-length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + body
