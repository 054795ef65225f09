"""The office as a part of a program: what its pages ask for, and serving them."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from ..basics.clock import Clock
from ..basics.errors import Fault, Misuse, certain
from ..basics.words import Lang
from ..edges.listener import CannotListen
from ..edges.lock import is_held
from ..host.keys import HostKeys
from ..host.server import Host
from ..host.window.window import Window
from ..store.open import open_queries
from ..store.queries import Queries
from ..store.targets import SqliteTarget, parse_target
from ..vault.signature import signature_fits
from .certificates import certificate_for, is_every_address
from .data_folder import Places, store_target
from .demo_people import demo_people, has_demo_people
from .figures import serve_figures
from .served import start_serving
from .settings import Settings

if TYPE_CHECKING:
    from ..office.desk import DemoPerson, OfficeDesk

R = TypeVar("R")
READERS = 2
"""Threads that read lists: one long one does not keep the next page waiting."""
READERS_OF_PROGRAMS = READERS - 1
"""As many of them read for programs at one time, whatever their number: the rest is there for people before pages."""
PROGRAMS_WAIT_MAX = 64
"""Lists of programs that wait for their turn; whoever comes after that is to ask again."""


class Reader:
    """Reads lists beside the host's loop, in threads of its own, each with its own way to the database."""

    def __init__(self, target: str) -> None:
        self._target = target
        where = parse_target(target)
        self._file = where.path if isinstance(where, SqliteTarget) else None
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="office-reader")
        self._own = threading.local()
        self._opened: list[Queries] = []
        self._share = asyncio.Semaphore(READERS_OF_PROGRAMS)
        self._programs_waiting = 0

    async def read(self, ask: Callable[[Queries], R]) -> R:
        """What `ask` reads. Raises Fault, Misuse."""
        return await asyncio.wrap_future(self._threads.submit(self._read, ask))

    async def read_for_program(self, ask: Callable[[Queries], R]) -> R:
        """The same, in the programs' share of the threads. Raises Fault also when too many programs wait."""
        if self._programs_waiting >= PROGRAMS_WAIT_MAX:
            raise Fault("as many programs wait for lists as may")
        self._programs_waiting += 1
        try:
            await self._share.acquire()
        finally:
            self._programs_waiting -= 1
        loop, reading = asyncio.get_running_loop(), self._threads.submit(self._read, ask)
        # When the thread is free, not when whoever asked has gone.
        reading.add_done_callback(lambda _: loop.call_soon_threadsafe(self._share.release))
        return await asyncio.wrap_future(reading)

    def _read(self, ask: Callable[[Queries], R]) -> R:
        queries: Queries | None = getattr(self._own, "queries", None)
        which = self._which()
        if queries is not None and self._own.which != which:
            # A copy was put in its place: what is open is the one that nobody writes any more.
            queries.close()
            queries = None
        if queries is None:
            queries = open_queries(self._target)
            self._own.queries, self._own.which = queries, which
            self._opened.append(queries)
        return ask(queries)

    def _which(self) -> int:
        """Which file it is that has the name now."""
        try:
            return self._file.stat().st_ino if self._file is not None else 0
        except OSError:
            return 0

    def close(self) -> None:
        """Wait for what is being read, and let go of the database."""
        self._threads.shutdown(cancel_futures=True)
        for queries in self._opened:
            queries.close()


async def start_office(
    settings: Settings, host: Host, keys: HostKeys, window: Window, clock: Clock, stack: AsyncExitStack
) -> str:
    """Serve the office of a host in its process, where the settings name an address for it; the answer is where it is, empty where
    nowhere. Misuse, with what to do, where it can't be served so."""
    if not settings.office.listen:
        return ""
    # The web framework takes a third of a second to import, and only pages need it.
    from ..office.desk import OfficeDesk
    from ..office.streams import Streams
    from .finding_desk import FindingDesk
    from .shift_notes import note_in_words

    target = store_target(settings, Places(settings.data_path))
    reader = Reader(target)
    stack.callback(reader.close)
    desk = OfficeDesk(
        people=window.people,
        tokens=window.tokens,
        read=reader.read,
        read_for_program=reader.read_for_program,
        acting=window,
        mark=lambda session_id: keys.office_mark("form", session_id),
        fits=partial(signature_fits, keys.public_key),
        find=FindingDesk(target, clock).find,
        files=certain(host.files, "a host over a data folder has its files"),
        seal=keys.cursor_tag,
        clock=clock,
        streams=Streams(),
        changes=lambda: host.changes,
        note_said=note_in_words,
        demo_people=demo_people_of(settings),
    )
    try:
        return await serve_desk(settings, desk, clock, stack)
    except Misuse as error:
        if isinstance(error.__cause__, CannotListen) and is_held(Places(settings.data_path).office_lock):
            raise Misuse(
                f"an office of these data runs by itself ('zhanggui office'): end it first. {error}"
            ) from error
        raise


def demo_people_of(settings: Settings) -> "Callable[[Lang], tuple[DemoPerson, ...]]":
    """Whom these data have to try the office with."""
    from ..office.desk import DemoPerson

    has_people = has_demo_people(settings)

    def shown(lang: Lang) -> tuple[DemoPerson, ...]:
        return tuple(DemoPerson(one.login, one.password, one.role) for one in demo_people(lang) if has_people)

    return shown


async def serve_desk(settings: Settings, desk: "OfficeDesk", clock: Clock, stack: AsyncExitStack) -> str:
    """Serve pages over this desk; the answer is where. Beyond this machine they are encrypted."""
    from ..office import figures
    from ..office.server import serve_office
    from ..web.counts import AnswerCounts
    from ..web.serving import is_loopback

    section, places, tls = settings.office, Places(settings.data_path), None
    if not is_loopback(section.listen):
        if is_every_address(section.listen) and not section.name:
            raise Misuse("settings: office.name must say under which name or address browsers find this machine")
        given, own = (section.certificate, section.certificate_key), (places.office_certificate, places.office_key)
        tls, _ = certificate_for(section.listen, given, own, clock, name=section.name)
    counts = AnswerCounts()
    page = await start_serving(
        "office",
        "office",
        lambda ready: serve_office(
            desk,
            section.listen,
            section.port,
            hosts=(section.name,) if section.name else (),
            ready=ready,
            tls=tls,
            counts=counts,
        ),
        stack,
    )
    await serve_figures(
        settings,
        settings.metrics.office_port,
        figures.figure_rows(),
        lambda: figures.read_figures(desk, counts),
        lambda: figures.read_readiness(desk),
        stack,
    )
    return page
