"""The wallets as one thing to serve: the interface for hosts and the page for people, over one file on one port."""

import asyncio
from collections.abc import Callable, Collection
from pathlib import Path

import structlog
from litestar import Litestar

from ..basics.chance import Chance
from ..basics.clock import Clock
from ..edges.watched import keep_running
from ..vault.hsm import Hsm
from ..web.pages import build_app
from ..web.serving import names_of, serve
from .api import SILENT_S, SLOW_ANSWER_S, WalletApi
from .page import BODY_BYTES_MAX, WalletPage
from .setup import host_key_of
from .store import WalletsFile
from .telling import LOOKED_EVERY_S, NoticeTeller

DEFAULT_PORT = 8595
LINK_BYTES = 16
_log = structlog.get_logger("zhanggui.wallets")


def build_wallets(
    file: WalletsFile,
    hsm: Hsm,
    clock: Clock,
    chance: Chance,
    *,
    hosts: Collection[str] = (),
    slow_answer_s: float = SLOW_ANSWER_S,
    silent_s: float = SILENT_S,
) -> Litestar:
    """The application. `hosts` are names under which it may be opened."""
    page = WalletPage(file, clock, chance)
    api = WalletApi(
        file,
        hsm,
        host_key_of(file, hsm),
        clock,
        lambda: chance.take_secret(LINK_BYTES).hex(),
        slow_answer_s=slow_answer_s,
        silent_s=silent_s,
    )
    routes = [*page.routes(), api.route()]
    return build_app(__package__, routes, error_page=page.error_page, hosts=hosts, body_bytes_max=BODY_BYTES_MAX)


async def serve_wallets(
    data_dir: Path,
    hsm: Hsm,
    clock: Clock,
    chance: Chance,
    host: str,
    port: int,
    *,
    slow_answer_s: float = SLOW_ANSWER_S,
    silent_s: float = SILENT_S,
    ready: Callable[[str], None] | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """Serve until cancelled or until `stop` is set. CannotListen when the address or port can't be had, Misuse without wallets."""
    file = WalletsFile(data_dir)
    try:
        app = build_wallets(
            file, hsm, clock, chance, hosts=names_of(host), slow_answer_s=slow_answer_s, silent_s=silent_s
        )
        _log.info("wallets_ready", address=f"{host}:{port}")
        teller = NoticeTeller(file, hsm, host_key_of(file, hsm), clock, chance)
        telling = keep_running("notices", teller.look, every_s=LOOKED_EVERY_S, at_once=False)
        try:
            await serve(app, host, port, message_bytes_max=BODY_BYTES_MAX, ready=ready, stop=stop)
        finally:
            await telling.stop()
            await teller.close()
    finally:
        file.close()
