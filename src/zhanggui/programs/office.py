"""The office as a part of the host's program: what its pages ask for, and serving them."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from functools import partial
from typing import TypeVar

from ..acquirer.rows.decision import Decision
from ..basics.chance import Chance
from ..basics.clock import Clock
from ..basics.errors import Fault, Misuse, certain
from ..basics.words import Lang
from ..host.acts import Command, SecretMaker, submit
from ..host.keys import HostKeys
from ..host.password_pool import PasswordPool
from ..host.people import OfficeDoor
from ..host.server import Host
from ..host.tokens import TokenDoor
from ..store.open import open_queries
from ..store.queries import Queries
from ..vault.signature import signature_fits
from .certificates import certificate_for, is_every_address
from .data_folder import Places, store_target
from .demo_people import demo_people, has_demo_people
from .served import start_serving
from .settings import Settings

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
        if queries is None:
            queries = self._own.queries = open_queries(self._target)
            self._opened.append(queries)
        return ask(queries)

    def close(self) -> None:
        """Wait for what is being read, and let go of the database."""
        self._threads.shutdown(cancel_futures=True)
        for queries in self._opened:
            queries.close()


async def start_office(
    settings: Settings, host: Host, keys: HostKeys, clock: Clock, chance: Chance, stack: AsyncExitStack
) -> str:
    """Serve the office where the settings name an address for it; the answer is where it is, empty where nowhere.

    Beyond this machine it is encrypted. Misuse, with what to do, where it can't be served so.
    """
    section, places = settings.office, Places(settings.data_path)
    if not section.listen:
        return ""
    # The web framework takes a third of a second to import, and only pages need it.
    from ..office.desk import DemoPerson, OfficeDesk
    from ..office.server import serve_office
    from ..office.streams import Streams
    from ..web.serving import is_loopback
    from .finding_desk import FindingDesk
    from .shift_notes import note_in_words

    tls = None
    if not is_loopback(section.listen):
        if is_every_address(section.listen) and not section.name:
            raise Misuse("settings: office.name must say under which name or address browsers find this machine")
        given, own = (section.certificate, section.certificate_key), (places.office_certificate, places.office_key)
        tls, _ = certificate_for(section.listen, given, own, clock, name=section.name)
    reader, hasher = Reader(store_target(settings, places)), PasswordPool(chance)
    stack.callback(reader.close)
    stack.callback(hasher.close)
    is_demo, has_people = places.is_demo, has_demo_people(settings)

    def shown(lang: Lang) -> tuple[DemoPerson, ...]:
        return tuple(DemoPerson(one.login, one.password, one.role) for one in demo_people(lang))

    async def do(command: Command) -> Decision:
        return await submit(command, host.queue)

    desk = OfficeDesk(
        people=OfficeDoor(do, lambda: keys, hasher, chance, takes_demo=is_demo),
        tokens=TokenDoor(do, lambda: keys),
        read=reader.read,
        read_for_program=reader.read_for_program,
        do=do,
        secrets=SecretMaker(lambda: keys, chance),
        mark=lambda session_id: keys.office_mark("form", session_id),
        fits=partial(signature_fits, keys.public_key),
        find=FindingDesk(store_target(settings, places), clock).find,
        files=certain(host.files, "a host over a data folder has its files"),
        seal=keys.cursor_tag,
        clock=clock,
        streams=Streams(),
        changes=lambda: host.changes,
        note_said=note_in_words,
        plain_webhooks=settings.webhooks.allow_private,
        demo_people=lambda lang: shown(lang) if has_people else (),
    )
    return await start_serving(
        "office",
        "office",
        lambda ready: serve_office(
            desk,
            section.listen,
            section.port,
            hosts=(section.name,) if section.name else (),
            ready=ready,
            tls=tls,
        ),
        stack,
    )
