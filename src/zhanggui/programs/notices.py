"""Where wallets tell the host of payments that nobody asked for, as a part of the host's program."""

import asyncio
from contextlib import AsyncExitStack

from ..basics.clock import Clock
from ..basics.errors import Misuse
from ..edges.watched import run_long, short_task
from ..host.keys import HostKeys
from ..host.server import Host
from ..vault.hsm import Hsm


async def start_notices(host: Host, hsm: Hsm, keys: HostKeys, listen: str, clock: Clock, stack: AsyncExitStack) -> None:
    """Serve it on any free port of `listen`; the host tells wallets the address with each bill that it asks for."""
    if keys.wallet_key is None or not host.has_wallets:
        return
    # The web framework takes a third of a second to import, and only a host with wallets needs it.
    from ..notices.server import NoticeDoor, serve_notices

    door = NoticeDoor(host.received, hsm, keys.wallet_key, clock)
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = run_long("wallets' notices", serve_notices(door, listen, ready=ready.set_result))
    stack.push_async_callback(serving.stop)
    ended = short_task(serving.ended())
    try:
        await asyncio.wait((ended, ready), return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            await ended
            raise Misuse("the door for wallets' notices ended before it was ready")
    finally:
        ended.cancel()
    host.notices_at = ready.result().rstrip("/")
