"""HTTP calls to one other program: bounded in time, size and number; whatever goes wrong is one Fault.

Neither proxies of the environment nor redirects are followed: a call goes where the settings say, or nowhere.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from ..basics.errors import Fault

if TYPE_CHECKING:
    import httpx2

CONNECTIONS_MAX = 64
REPLY_BYTES_MAX = 1 << 20
CONNECT_WITHIN_S = 5.0


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
        """Send one request and read its reply. NoReply when none came whole within the time."""
        # A tenth of a second to import, which only hosts with somebody to call spend.
        import httpx2

        if self._client is None:
            limits = httpx2.Limits(
                max_connections=self._connections_max, max_keepalive_connections=self._connections_max
            )
            self._client = httpx2.AsyncClient(trust_env=False, follow_redirects=False, limits=limits)
        timeout = httpx2.Timeout(timeout_s, connect=min(CONNECT_WITHIN_S, timeout_s))
        try:
            async with self._client.stream(
                "POST", self._address + path, content=body, headers=dict(headers), timeout=timeout
            ) as reply:
                whole = bytearray()
                async for part in reply.aiter_bytes():
                    whole += part
                    if len(whole) > REPLY_BYTES_MAX:
                        raise NoReply(f"a reply is longer than {REPLY_BYTES_MAX} bytes")
                return Reply(
                    reply.status_code, {name.lower(): value for name, value in reply.headers.items()}, bytes(whole)
                )
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            raise NoReply(f"no reply from the program at the other end ({type(error).__name__})") from None

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None
