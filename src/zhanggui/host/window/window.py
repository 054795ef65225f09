"""What an office has done: acts, acts of programs that are done once, words about proposals, files that were taken.

    proof (a session's id, a token) ─▶ who that is, by the rows of now ─▶ the row of the table, with what this host sets ─▶ its rule ─▶ Done

An office in the host's process and one of its own come in here alike.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace

from ...acquirer.people.exporting import FileOrder
from ...acquirer.rows.decision import Decision
from ...acquirer.rows.records import AuditNote, ExportFile, Proposal
from ...basics.errors import Misuse, certain
from ...basics.numbers import MerchantNo
from ...basics.secret import Secret
from ...basics.words import Lang
from ...edges.watched import short_task
from ..act_table import ACTS
from ..acts import UNKNOWN_ACTOR, Act, ActRow, ByPerson, SecretMaker
from ..deciding import Deciding, What
from ..export_acts import file_dropped
from ..jobs.export_job import Files
from ..once import Once, Said
from ..people import Do, OfficeDoor
from ..tokens import TokenDoor
from ..work import log

MAY_BE_PLAIN = "may_be_plain"
"""The field that lets a webhook lead inside, and without encryption: a setting of this host, and never what is asked."""


class BySession(msgspec.Struct, frozen=True, tag="session", forbid_unknown_fields=True):
    """Somebody in a session: as whom, and its id, which the browser alone has."""

    login: str
    session_id: Secret


class ByToken(msgspec.Struct, frozen=True, tag="token", forbid_unknown_fields=True):
    """Somebody's program, by the whole token."""

    token: Secret


Proof = BySession | ByToken
"""What says who asks. It is looked up; nobody is believed a name."""


class Done(msgspec.Struct, frozen=True, kw_only=True, tag="done"):
    """What an act, or a word about a proposal, came to."""

    reason: str = ""
    """Why not, as a word of `reasons.toml`; empty when it was done or waits for another person."""
    shown: Secret | None = None
    """What is shown this once."""
    proposed: Proposal | None = None
    """What waits for another person now; nothing else was done then."""
    note_no: int | None = None
    """Its note in the shop's chain."""
    export_no: int | None = None
    """The place of the file that was ordered."""
    code_digits: int = 0
    """Of sign-in codes, by the shop's policy."""


class DoneOnce(msgspec.Struct, frozen=True, kw_only=True, tag="once"):
    """What came of an act under its program's key."""

    is_nobody: bool = False
    """The token is worth nothing any more."""
    is_of_another: bool = False
    """The key was used for another request."""
    is_again: bool = False
    """It is the answer that the first one got."""
    said: Said | None = None


SaidOf = Callable[[str, Lang, Act[Any], Decision], Said]
"""The answer that is kept of an act, by its name: in the words of the interface, which stands above the host."""


class Acting(Protocol):
    """Where acts are done, here or over there. Raises Fault when it could not be written, Misuse for what no rule takes."""

    async def act(
        self, proof: Proof, row: ActRow[Any], asked: msgspec.Struct, merchant_no: MerchantNo, reason: str = ""
    ) -> Done:
        """Do one act."""
        ...

    async def once(
        self,
        proof: ByToken,
        row: ActRow[Any],
        asked: msgspec.Struct,
        merchant_no: MerchantNo,
        reason: str,
        request: "Request",
    ) -> DoneOnce:
        """Do one act of a program, unless it was done."""
        ...

    async def decide(self, proof: Proof, what: What, merchant_no: MerchantNo, proposal_no: int) -> Done:
        """Say one word about a proposal."""
        ...

    async def drop_taken(self, proof: Proof, file: ExportFile) -> None:
        """A file was taken whole by whoever asked for it: it goes, and its place is free."""
        ...


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The request of a program: the key that it gave, the language of its answer, and what makes it the same request."""

    key: Secret
    lang: Lang
    method: str
    path: str
    body: bytes


class Window:
    """Does it in the running host, by its own queue. `acts` are the names of those that an office asks for."""

    def __init__(
        self,
        do: Do,
        people: OfficeDoor,
        tokens: TokenDoor,
        secrets: SecretMaker,
        files: Files,
        acts: frozenset[str],
        said: SaidOf,
        *,
        plain_webhooks: bool,
    ) -> None:
        self._do = do
        self.people = people
        self.tokens = tokens
        self._secrets = secrets
        self._files = files
        self._acts: Mapping[str, ActRow[Any]] = {name: ACTS[name] for name in acts}
        self._said = said
        self._plain_webhooks = plain_webhooks

    def row(self, name: str) -> ActRow[Any]:
        """The row of an act that an office may ask for. Misuse where there is none."""
        found = self._acts.get(name)
        if found is None:
            raise Misuse("an office asks for no such act")
        return found

    async def act(
        self, proof: Proof, row: ActRow[Any], asked: msgspec.Struct, merchant_no: MerchantNo, reason: str = ""
    ) -> Done:
        """Do one act."""
        by = await self._by(proof)
        if by is None:
            return Done(reason=UNKNOWN_ACTOR)
        act = Act(self.row(row.name), self._set_here(asked, by), merchant_no, self._secrets, by, reason)
        decision = await self._do(act)
        _log_act(act.name, merchant_no, decision)
        if decision.reason:
            return Done(reason=decision.reason)
        files = [file for change in decision.changes if isinstance(file := change.record, ExportFile)]
        return Done(
            shown=act.shown,
            proposed=act.proposed,
            note_no=note_of(decision),
            export_no=files[0].export_no if files else None,
            code_digits=act.policy.code_digits,
        )

    async def once(
        self,
        proof: ByToken,
        row: ActRow[Any],
        asked: msgspec.Struct,
        merchant_no: MerchantNo,
        reason: str,
        request: Request,
    ) -> DoneOnce:
        """Do one act of a program, unless it was done."""
        by = await self._by(proof)
        if by is None:
            return DoneOnce(is_nobody=True)
        act = Act(self.row(row.name), self._set_here(asked, by), merchant_no, self._secrets, by, reason)
        once = Once(
            act,
            by.token_id,
            request.key.reveal(),
            (request.method, request.path, request.body.hex()),
            self._secrets.keys,
            lambda act, decision: self._said(act.name, request.lang, act, decision),
        )
        decision = await self._do(once)
        _log_act(act.name, merchant_no, decision)
        if decision.reason == UNKNOWN_ACTOR:
            return DoneOnce(is_nobody=True)
        if once.is_of_another:
            return DoneOnce(is_of_another=True)
        said = certain(once.answer or once.again(), "an act that was done has an answer")
        return DoneOnce(said=said, is_again=once.earlier is not None)

    async def decide(self, proof: Proof, what: What, merchant_no: MerchantNo, proposal_no: int) -> Done:
        """Say one word about a proposal."""
        by = await self._by(proof)
        if by is None:
            return Done(reason=UNKNOWN_ACTOR)
        command = Deciding(ACTS, what, merchant_no, proposal_no, by, self._secrets)
        decision = await self._do(command)
        _log_act(command.name, merchant_no, decision)
        return Done(reason=decision.reason) if decision.reason else Done(shown=command.shown)

    async def drop_taken(self, proof: Proof, file: ExportFile) -> None:
        """A file was taken whole by whoever asked for it: it goes, also where whoever has all of it hangs up meanwhile."""
        by = await self._by(proof)
        if by is None:
            return
        command = file_dropped(MerchantNo(file.merchant_no), file.export_no, file.file_id, by)

        async def drop() -> None:
            # The row first: what a kill leaves in between is no file of a row that counts, and a start removes it.
            if (await self._do(command)).changes:
                await self._files.drop(file.file_id)

        await asyncio.shield(short_task(drop()))

    async def _by(self, proof: Proof) -> ByPerson | None:
        """Who asks; the rule of the act looks again, in its own transaction, whether that session or token still stands."""
        if isinstance(proof, ByToken):
            holder = await self.tokens.holder(proof.token)
            return ByPerson(holder.person.login, token_id=holder.token.token_id) if holder is not None else None
        return ByPerson(proof.login, self._secrets.keys.office_mark("session", proof.session_id))

    def _set_here(self, asked: msgspec.Struct, by: ByPerson) -> msgspec.Struct:
        """With what is this host's to say, whatever was asked."""
        if MAY_BE_PLAIN in asked.__struct_fields__:
            return replace(asked, may_be_plain=self._plain_webhooks)
        if isinstance(asked, FileOrder):
            return replace(asked, file_id=self._files.new_id(), place=self._files.place, token_id=by.token_id)
        return asked


def _log_act(name: str, merchant_no: MerchantNo, decision: Decision) -> None:
    """Who it was stands in the note, and in no log."""
    log.info("act", act=name, merchant_no=merchant_no, note_no=note_of(decision), reason=decision.reason)


def note_of(decision: Decision) -> int | None:
    """The number of the note that an act left."""
    return next((row.note_no for change in decision.changes if isinstance(row := change.record, AuditNote)), None)
