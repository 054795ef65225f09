"""Where wallets tell the host of payments that nobody asked for, as a part of the host's program."""

from contextlib import AsyncExitStack

from ..basics.clock import Clock
from ..host.keys import HostKeys
from ..host.server import Host
from ..vault.hsm import Hsm
from .served import start_serving


async def start_notices(host: Host, hsm: Hsm, keys: HostKeys, listen: str, clock: Clock, stack: AsyncExitStack) -> None:
    """Serve it on any free port of `listen`; the host tells wallets the address with each bill that it asks for."""
    if keys.wallet_key is None or not host.has_wallets:
        return
    # The web framework takes a third of a second to import, and only a host with wallets needs it.
    from ..notices.server import NoticeDoor, serve_notices

    door = NoticeDoor(host.received, hsm, keys.wallet_key, clock)
    page = await start_serving("wallets' notices", None, lambda ready: serve_notices(door, listen, ready=ready), stack)
    host.notices_at = page.rstrip("/")
