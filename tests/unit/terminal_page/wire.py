"""The smallest HTTP client that shows every header as it came."""

import asyncio
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection, connect


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: str


async def fetch(host: str, path: str, headers: dict[str, str] | None = None, method: str = "GET") -> Answer:
    """Ask for one path; a Host header of one's own replaces the true one."""
    name, _, port = host.rpartition(":")
    reader, writer = await asyncio.open_connection(name, int(port))
    sent = {"Host": host, "Connection": "close", **(headers or {})}
    lines = [f"{method} {path} HTTP/1.1", *(f"{key}: {value}" for key, value in sent.items()), "", ""]
    writer.write("\r\n".join(lines).encode())
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    status, *fields = head.decode().split("\r\n")
    parsed = {key.lower(): value for key, value in (field.split(": ", 1) for field in fields)}
    return Answer(int(status.split()[1]), parsed, body.decode())


def open_socket(host: str, number: str = "10000001", origin: str | None = None) -> connect:
    """A page's socket, opened from the page's own origin unless another is given."""
    return connect(f"ws://{host}/t/{number}/live", origin=origin or f"http://{host}", proxy=None)  # type: ignore[arg-type]


__all__ = ["Answer", "ClientConnection", "fetch", "open_socket"]
