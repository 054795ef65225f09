"""HTTP calls to one other program: bounded in time, size and number; whatever goes wrong is one Fault.

Neither proxies of the environment nor redirects are followed: a call goes where the settings say, or nowhere.
"""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from ..basics.errors import Fault

if TYPE_CHECKING:
    import httpx2

CONNECTIONS_MAX = 64
REPLY_BYTES_MAX = 1 << 20
CONNECT_WITHIN_S = 5.0
AS_IT_IS = {"accept-encoding": "identity"}
"""Replies are wanted unpacked."""


class NoReply(Fault):
    """No whole reply came. The call may have been heard all the same."""


class Reply(NamedTuple):
    """A reply: its status, headers with small names, and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpCalls:
    """Calls to one address (`http://host:port`, no path). Its connections are kept and used again."""

    def __init__(self, address: str, *, connections_max: int = CONNECTIONS_MAX) -> None:
        self._address = address.rstrip("/")
        self._connections_max = connections_max
        self._client: httpx2.AsyncClient | None = None

    async def post(self, path: str, body: bytes, headers: Mapping[str, str], timeout_s: float) -> Reply:
        """Send one request and read its reply. NoReply when none came whole within the time, or it is too long or packed."""
        # A tenth of a second to import, which only hosts with somebody to call spend.
        import httpx2

        if self._client is None:
            limits = httpx2.Limits(
                max_connections=self._connections_max, max_keepalive_connections=self._connections_max
            )
            self._client = httpx2.AsyncClient(trust_env=False, follow_redirects=False, limits=limits)
        timeout = httpx2.Timeout(timeout_s, connect=min(CONNECT_WITHIN_S, timeout_s))
        try:
            # httpx bounds each read by itself, so who sends a byte now and then would never be over.
            async with (
                asyncio.timeout(timeout_s),
                self._client.stream(
                    "POST", self._address + path, content=body, headers={**headers, **AS_IT_IS}, timeout=timeout
                ) as reply,
            ):
                return await _whole(reply)
        except TimeoutError:
            raise NoReply(f"no whole reply came within {timeout_s:g} s") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            raise NoReply(f"no reply from the program at the other end ({type(error).__name__})") from None

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None


async def _whole(reply: "httpx2.Response") -> Reply:
    """Read a reply to its end. What is packed is not unpacked: some hundred bytes could become as many megabytes."""
    coding = reply.headers.get("content-encoding", "identity")
    if coding.strip().lower() not in ("", "identity"):
        raise NoReply("the reply is packed, which was not asked for")
    whole = bytearray()
    async for part in reply.aiter_raw():
        whole += part
        if len(whole) > REPLY_BYTES_MAX:
            raise NoReply(f"the reply is longer than {REPLY_BYTES_MAX} bytes")
    return Reply(reply.status_code, {name.lower(): value for name, value in reply.headers.items()}, bytes(whole))
