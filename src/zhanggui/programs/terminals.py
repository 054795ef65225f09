"""The terminals of a data folder as programs, and their page."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import msgspec

from .. import __version__
from ..basics.chance import Chance
from ..basics.clock import Clock
from ..basics.errors import Misuse
from ..basics.figures import Readiness
from ..basics.words import Lang
from ..edges.lock import FolderLock
from ..edges.watched import end_program
from ..terminal.assembly import build_terminal
from ..terminal.runtime import Terminal
from ..terminal.settings import read_settings, terminals_in
from .certificates import certificate_for
from .data_folder import Places, terminal_lock
from .figures import serve_figures
from .private_files import close_to_others
from .served import start_serving
from .settings import Settings

if TYPE_CHECKING:
    from ..web.serving import Tls


async def start_terminals(
    settings: Settings,
    numbers: tuple[str, ...],
    clock: Clock,
    chance: Chance,
    stack: AsyncExitStack,
    *,
    host_port: int | None = None,
    first_lang: Lang | None = None,
    complain: Callable[[str], None],
) -> dict[str, Terminal]:
    """Start terminals of a data folder, without their page. `host_port` goes before what their settings say.

    `first_lang` goes before the language of their settings, and behind the one that was chosen at a terminal.
    `complain` hears of a terminal that gave up.
    """
    close_to_others(settings.data_path)
    terminals: dict[str, Terminal] = {}
    broken: set[str] = set()

    def gave_up(name: str, error: BaseException | None) -> None:
        """A terminal that gave up is switched off for good; say so where it is seen. Without any left the program ends."""
        broken.add(name)
        complain(f"{name} stopped: {type(error).__name__}. Its log tells more; start it again.")
        if len(broken) == len(terminals):
            end_program(name, error)

    for number in numbers or tuple(terminals_in(settings.data_path)):
        fixed = read_settings(settings.data_path, number)
        if host_port is not None:
            fixed = msgspec.structs.replace(
                fixed, host=settings.host.listen, port=host_port, door_port=settings.door.port
            )
        if first_lang is not None:
            fixed = msgspec.structs.replace(fixed, lang=first_lang)
        lock = FolderLock(terminal_lock(settings.data_path, number), f"terminal {number}").acquire()
        stack.callback(lock.release)
        terminal = build_terminal(
            settings.data_path,
            fixed,
            clock=clock,
            chance=chance,
            software=f"zhanggui {__version__}",
        )
        await terminal.start(gave_up)
        stack.push_async_callback(terminal.stop)
        terminals[number] = terminal
    if not terminals:
        raise Misuse(f"there are no terminals in {settings.data_path}; make demo data with 'zhanggui demo-data'")
    return terminals


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """What whoever has the console needs, to open a page that is served beyond this machine."""

    code: str
    """The pairing code, good for one device."""
    fingerprint: str
    """SHA-256 of the certificate."""


async def start_page(
    settings: Settings,
    terminals: dict[str, Terminal],
    clock: Clock,
    chance: Chance,
    stack: AsyncExitStack,
    show: Callable[[Door], None],
) -> str:
    """Serve the terminals' page; the answer is its address.

    Beyond this machine it is encrypted and opens for paired devices alone; `show` brings each new pairing code to the console.
    """
    # The web framework takes a third of a second to import, and only the page needs it.
    from ..terminal.page.pairing import Pairing
    from ..terminal.page.server import serve_page
    from ..web.counts import AnswerCounts
    from ..web.serving import is_loopback
    from .terminal_figures import figure_rows, read_figures, readiness

    tls = pairing = None
    if not is_loopback(settings.terminal.listen):
        tls, print_ = page_certificate(settings, clock)
        pairing = Pairing(
            Places(settings.data_path).page_devices,
            clock,
            chance,
            lambda code: show(Door(code=code, fingerprint=print_)),
        )
    counts = AnswerCounts()

    def running() -> list[bool]:
        return [terminal.is_running for terminal in terminals.values()]

    async def ready() -> Readiness:
        return readiness(running())

    page = await start_serving(
        "terminals' page",
        "terminal",
        lambda told: serve_page(
            terminals,
            settings.terminal.listen,
            settings.terminal.port,
            ready=told,
            demo=Places(settings.data_path).is_demo,
            pairing=pairing,
            tls=tls,
            counts=counts,
        ),
        stack,
    )
    port = settings.metrics.terminal_port
    await serve_figures(settings, port, figure_rows(), lambda: read_figures(running(), counts), ready, stack)
    return page


def page_certificate(settings: Settings, clock: Clock) -> "tuple[Tls, str]":
    """The certificate of the terminals' page beyond this machine, and its fingerprint. Misuse when it can't be read."""
    given, places = settings.terminal, Places(settings.data_path)
    own = places.page_certificate, places.page_key
    return certificate_for(given.listen, (given.certificate, given.certificate_key), own, clock)
