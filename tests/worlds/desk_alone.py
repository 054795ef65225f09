"""The office over a data folder in which nothing happens by itself: no host runs, so rows stay as they are while they are compared."""

import asyncio
from collections.abc import Callable, Collection
from functools import partial
from typing import Any, Literal, TypeVar

import httpx
import msgspec
from msgspec.structs import replace

from zhanggui.acquirer.people.sessions import begun
from zhanggui.acquirer.rows.decision import Decision
from zhanggui.acquirer.rows.records import WHOLE_HOST, Person, key_of
from zhanggui.acquirer.rows.state import Needs, State, Update
from zhanggui.basics.chance import Chance, SystemChance
from zhanggui.basics.clock import Clock, SystemClock
from zhanggui.basics.numbers import MerchantNo, UnixMs
from zhanggui.host.act_table import ACTS
from zhanggui.host.acts import Act, ByPerson, Command, RuleCommand, SecretMaker, perform
from zhanggui.host.commit import Door
from zhanggui.host.keys import open_host_keys
from zhanggui.host.password_pool import PlainHasher
from zhanggui.host.people import OfficeDoor
from zhanggui.host.tokens import TokenDoor
from zhanggui.host.window.window import Window
from zhanggui.office.acts import ASKED_FOR
from zhanggui.office.api.outcomes import said_of
from zhanggui.office.desk import DemoPerson, OfficeDesk
from zhanggui.office.gate import SESSION_COOKIE
from zhanggui.office.server import build_office
from zhanggui.office.streams import Streams
from zhanggui.programs.data_folder import Places, open_host_vault, store_target
from zhanggui.programs.export_files import ExportFiles
from zhanggui.programs.finding_desk import FindingDesk
from zhanggui.programs.settings import Settings
from zhanggui.programs.shift_notes import note_in_words
from zhanggui.store.open import open_queries, open_store
from zhanggui.store.queries import Queries
from zhanggui.vault.office_secret import draw_office_secret
from zhanggui.vault.signature import signature_fits

R = TypeVar("R")
HERE = "http://127.0.0.1:8700"


class DeskAlone:
    """The office of a folder, asked without a line; by the clock and the chance that are given, or the machine's."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock | None = None,
        chance: Chance | None = None,
        demo_people: Collection[DemoPerson] = (),
    ) -> None:
        places, self._chance, self._clock = Places(settings.data_path), chance or SystemChance(), clock or SystemClock()
        self._target = store_target(settings, places)
        self.keys = open_host_keys(open_host_vault(settings, places, self._chance), places.host_keys)
        self.secrets = SecretMaker(lambda: self.keys, self._chance)
        keys = self.keys
        self.files = ExportFiles(places.exports, self._target, self._chance)
        people = OfficeDoor(self._do, lambda: keys, PlainHasher(self._chance), self._chance, takes_demo=True)
        tokens = TokenDoor(self._do, lambda: keys)
        desk = OfficeDesk(
            people=people,
            tokens=tokens,
            read=self._read,
            read_for_program=self._read,
            acting=Window(self._do, people, tokens, self.secrets, self.files, ASKED_FOR, said_of, plain_webhooks=False),
            mark=lambda session_id: keys.office_mark("form", session_id),
            fits=partial(signature_fits, keys.public_key),
            find=FindingDesk(self._target, self._clock).find,
            files=self.files,
            seal=keys.cursor_tag,
            clock=self._clock,
            streams=Streams(),
            changes=lambda: 0,
            note_said=note_in_words,
            demo_people=lambda lang: tuple(demo_people),
        )
        self.app: Any = build_office(desk)

    def act(self, name: str, login: str, at: str, why: str = "测试", /, **values: Any) -> Act[Any]:
        """An act of management in somebody's name, done or proposed."""
        row = ACTS[name]
        act = Act(row, msgspec.convert(values, row.asked), MerchantNo(at), self.secrets, ByPerson(login), why)
        decision = asyncio.run(self._do(act))
        assert not decision.reason, (name, decision.reason)
        return act

    def change(self, record: Any) -> None:
        """A row as it shall be."""
        store = open_store(self._target)
        needs = Needs({type(record): [key_of(record)]})
        asyncio.run(Door(store, self._clock, self._chance).commit(needs, lambda sheet: sheet.take([Update(record)])))
        asyncio.run(store.close())

    def token(self, login: str, scopes: str, at: str = WHOLE_HOST) -> str:
        """A token in somebody's name."""
        act = self.act("add_token", login, at, name="测试程序", scopes=scopes)
        assert act.shown is not None
        return act.shown.reveal()

    def session(self, login: str, step: Literal["half", "full"] = "full") -> str:
        """A session of somebody who has signed in; half: whose second factor is asked for."""
        secret = draw_office_secret(self._chance)
        mark = self.keys.office_mark("session", secret)

        def rule(state: State, now: UnixMs) -> Decision:
            person = state.get(Person, WHOLE_HOST, login)
            assert person is not None
            after, changes = begun(state, replace(person, session_marks=""), mark, step, "here", now)
            return Decision(changes=(*changes, Update(after)))

        needs = Needs({Person: [(WHOLE_HOST, login)]})
        asyncio.run(self._do(RuleCommand("session", needs, lambda state, more: None, rule)))
        return secret.reveal()

    def get(self, path: str, *, token: str = "", session: str = "", lang: str = "en") -> httpx.Response:
        """What is answered."""
        return asyncio.run(self.ask("GET", path, token=token, session=session, lang=lang))

    async def ask(
        self, method: str, path: str, *, token: str = "", session: str = "", lang: str = "en", **rest: Any
    ) -> httpx.Response:
        """The same with any method and body."""
        headers = {"accept-language": lang, **rest.pop("headers", {})}
        if token:
            headers["authorization"] = f"Bearer {token}"
        cookies = {SESSION_COOKIE: session} if session else {}
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=HERE, cookies=cookies) as client:
            return await client.request(method, path, headers=headers, **rest)

    async def _do(self, command: Command) -> Decision:
        store = open_store(self._target)
        try:
            return await perform(command, Door(store, self._clock, self._chance))
        finally:
            await store.close()

    async def _read(self, ask: Callable[[Queries], R]) -> R:
        with open_queries(self._target) as queries:
            return ask(queries)
