"""The office as a program of its own: it reads beside the host, and asks it by the socket of the data folder for whatever is done.

It opens no vault: who somebody is and what may be done is the host's to say. While no host runs it reads only. Whoever was in when the
host was heard last stays in, by the rows as they are, until the session ends; nobody comes in, for a sign-in is written down or is none.
"""

import asyncio
import hashlib
import hmac
from contextlib import AsyncExitStack

import structlog

from ..acquirer.people.programs.tokens import counts
from ..acquirer.people.sessions import standing
from ..acquirer.rows.records import WHOLE_HOST, ApiToken, OfficeSession, Person
from ..basics.chance import Chance
from ..basics.clock import Clock
from ..basics.errors import Fault, certain
from ..basics.numbers import UnixMs
from ..basics.recent import Recent
from ..basics.secret import Secret
from ..edges.lock import FolderLock
from ..edges.watched import keep_running
from ..host.people import Who
from ..host.tokens import Holder
from ..host.window.asking import FarWindow, HostAway
from ..host.window.questions import Greeting
from ..office.streams import Streams
from ..store.lists.asked import Is
from ..store.queries import Queries
from ..vault.signature import signature_fits
from ..views.questions.reading import Reading
from .data_folder import Places, require_data, store_target
from .export_files import ExportFiles
from .office import Reader, demo_people_of, serve_desk
from .private_files import keep_new_files_private
from .settings import Settings

LOOKED_EVERY_S, QUIET_EVERY_S = 0.25, 2.0
"""How often the host is asked how far it is: while somebody follows a live page, and otherwise."""
KNOWN_MAX = 4_096
"""Sessions and tokens that are known from when the host was heard last."""
TO_END_MAX = 256
"""Sessions that somebody ended while no host ran: it is told when it runs again."""
MARKS_KEY_BYTES = 32
ONE_HOST = 1 << 40
"""More changes than a host writes in its life: so no two hosts have one number."""

_log = structlog.get_logger("zhanggui.office")


class HostBeside(FarWindow):
    """The host as an office of its own sees it, also while it is not there."""

    def __init__(self, places: Places, reader: Reader, streams: Streams, clock: Clock, chance: Chance) -> None:
        super().__init__(places.host_socket)
        self._reader = reader
        self._streams = streams
        self._clock = clock
        self._greeting: Greeting | None = None
        self._hosts = 0
        self._sessions: Recent[bytes, str] = Recent(KNOWN_MAX)
        self._tokens: Recent[bytes, str] = Recent(KNOWN_MAX)
        self._to_end: list[Secret] = []
        self._marks_key = chance.take_secret(MARKS_KEY_BYTES)

    # ── how it stands ────────────────────────────────────────────────────────

    async def watch(self) -> None:
        """Look whether it is there and how far, and wait a little."""
        await self.look()
        await asyncio.sleep(LOOKED_EVERY_S if self._streams.count else QUIET_EVERY_S)

    async def look(self) -> None:
        """Ask it how far it is."""
        was_there = self.is_there
        try:
            greeting = await self.greet()
        except Fault as error:
            if was_there:
                _log.warning("host_away", reason=str(error))
            return
        if self._greeting is None or greeting.began != self._greeting.began:
            self._hosts += 1
            _log.info("host_there", version=greeting.version)
        self._greeting, self._marks_key = greeting, bytes.fromhex(greeting.marks_key.reveal())
        while self._to_end:
            await super().sign_out(self._to_end[-1])
            self._to_end.pop()

    def changes(self) -> int:
        """How many times it has written; another host's number is another."""
        return self._hosts * ONE_HOST + (self._greeting.changes if self._greeting is not None else 0)

    def fits(self, data: bytes, signature: bytes) -> bool:
        """Whether the host signed these bytes."""
        greeting = certain(self._greeting, "nobody is in before the host was heard")
        return signature_fits(greeting.public_key, data, signature)

    def mark(self, session_id: Secret) -> str:
        """What every form of a session carries."""
        return hmac.digest(self._marks_key, b"form:" + session_id.reveal().encode(), "sha256").hex()

    def seal(self, body: bytes) -> bytes:
        """The keyed tag of a list's cursor."""
        return hmac.digest(self._marks_key, b"cursor:" + body, "sha256")

    # ── who somebody is, also while it is not there ──────────────────────────

    async def who(self, session_id: Secret) -> Who | None:
        """Whose session it is; without a host by the rows as they are, of those alone that it knew. Of others nothing is known."""
        name = _hashed(session_id)
        try:
            who = await super().who(session_id)
        except HostAway:
            mark = self._sessions.get(name)
            if mark is None:
                raise
            return await self._read_who(mark)
        if who is None:
            self._sessions.pop(name)
        else:
            self._sessions.put(name, who.session.mark)
        return who

    async def sign_out(self, session_id: Secret) -> None:
        """End it here at once, and at the host as soon as it is there."""
        self._sessions.pop(_hashed(session_id))
        try:
            await super().sign_out(session_id)
        except HostAway:
            if len(self._to_end) < TO_END_MAX:
                self._to_end.append(session_id)

    async def holder(self, text: Secret) -> Holder | None:
        """Whose a token is; without a host as `who`."""
        name = _hashed(text)
        try:
            holder = await super().holder(text)
        except HostAway:
            token_id = self._tokens.get(name)
            if token_id is None:
                raise
            return await self._read_holder(token_id)
        if holder is None:
            self._tokens.pop(name)
        else:
            self._tokens.put(name, holder.token.token_id)
        return holder

    async def _read_who(self, mark: str) -> Who | None:
        now = self._clock.now()

        def ask(queries: Queries) -> Who | None:
            reading = Reading(queries, now)
            for session in reading.each(OfficeSession, Is("mark", (mark,))):
                person = _person(reading, session.login)
                if person is not None and standing(session, person, now):
                    return Who(person, session)
            return None

        return await self._reader.read(ask)

    async def _read_holder(self, token_id: str) -> Holder | None:
        now: UnixMs = self._clock.now()

        def ask(queries: Queries) -> Holder | None:
            reading = Reading(queries, now)
            for token in reading.each(ApiToken, Is("token_id", (token_id,))):
                person = _person(reading, token.login)
                if person is not None and counts(token, person, now):
                    return Holder(token, person)
            return None

        return await self._reader.read(ask)


def _person(reading: Reading, login: str) -> Person | None:
    return next(iter(reading.each(Person, Is("merchant_no", (WHOLE_HOST,)), Is("login", (login,)))), None)


def _hashed(secret: Secret) -> bytes:
    return hashlib.sha256(secret.reveal().encode()).digest()


async def start_office_alone(
    settings: Settings, clock: Clock, chance: Chance, stack: AsyncExitStack
) -> tuple[str, bool]:
    """Serve the office of a data folder beside its host; the answer is where it is, and whether a host is there now."""
    from ..office.desk import OfficeDesk
    from .finding_desk import FindingDesk
    from .shift_notes import note_in_words

    places = Places(settings.data_path)
    require_data(places)
    keep_new_files_private()
    lock = FolderLock(places.office_lock, "an office of these data").acquire()
    stack.callback(lock.release)
    target = store_target(settings, places)
    reader, streams = Reader(target), Streams()
    stack.callback(reader.close)
    host = HostBeside(places, reader, streams, clock, chance)
    files = ExportFiles(places.exports, target, chance)
    stack.push_async_callback(files.stop)
    desk = OfficeDesk(
        people=host,
        tokens=host,
        read=reader.read,
        read_for_program=reader.read_for_program,
        acting=host,
        mark=host.mark,
        fits=host.fits,
        find=FindingDesk(target, clock).find,
        files=files,
        seal=host.seal,
        clock=clock,
        streams=streams,
        changes=host.changes,
        note_said=note_in_words,
        demo_people=demo_people_of(settings),
        reads_only=lambda: not host.is_there,
    )
    await host.look()
    page = await serve_desk(settings, desk, clock, stack)
    stack.push_async_callback(keep_running("host beside", host.watch).stop)
    _log.info("office_ready", address=page, has_host=host.is_there)
    return page, host.is_there
