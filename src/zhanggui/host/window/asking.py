"""The office's end of the socket: the window of a host that runs beside it, with the same words to ask by."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from ... import __version__
from ...acquirer.rows.records import ExportFile, Person
from ...basics.errors import Fault, Misuse, RemoteProtocolError
from ...basics.numbers import MerchantNo
from ...basics.secret import Secret
from ...edges.local_socket import AnswerLost, NobodyThere, ask_local
from ...edges.logs import name_of_now
from ..acts import ActRow
from ..deciding import What
from ..people import Refused, SignedIn, Who
from ..tokens import Holder
from . import questions as asks
from .window import ByToken, Done, DoneOnce, Proof, Request

AT_ONCE_MAX = 48
"""Questions that are out at once; the others wait here. A host takes some more, and hangs up on those beyond, unread."""
ANSWERED_WITHIN_S = 20.0
"""How long a host may take: forty passwords that wait are four seconds of it."""
A = TypeVar("A", bound=asks.Answer)
Ask = Callable[[Path, bytes, float], Awaitable[bytes]]


class HostAway(Fault):
    """No host runs beside this office: nothing was done."""


class OutcomeUnknown(Fault):
    """The host ended, or was silent, while it had the question: whether it was done is not known."""


class FarWindow:
    """Asks the host that answers at this socket."""

    def __init__(self, path: Path, ask: Ask = ask_local) -> None:
        self._path = path
        self._ask_there = ask
        self._room = asyncio.Semaphore(AT_ONCE_MAX)
        self.is_there = True
        """Whether it answered when it was asked last, and is of this version: another one's answers may not be readable."""

    async def greet(self) -> asks.Greeting:
        """Who is there. Raises HostAway where nobody is, or a host of another version; Fault."""
        try:
            greeting = _told(await self._ask(asks.Greet()), asks.Greeting)
        except OutcomeUnknown:
            # It hangs: a page that waits for it waits in vain.
            self.is_there = False
            raise
        self.is_there = greeting.version == __version__
        if not self.is_there:
            raise HostAway(f"the host is of version {greeting.version} and this office of {__version__}")
        return greeting

    async def sign_in(self, login: str, password: Secret, from_where: str) -> SignedIn | Refused:
        """As `OfficeDoor`, and so are those below."""
        return await self._come_in(asks.SignIn(login=login, password=password, from_where=from_where))

    async def second_factor(self, session_id: Secret, code: str) -> SignedIn | Refused:
        """The code of a half session."""
        return await self._come_in(asks.SecondFactor(session_id=session_id, code=Secret(code)))

    async def accept(self, link: Secret, password: Secret, from_where: str) -> SignedIn | Refused:
        """The password of whoever was invited."""
        return await self._come_in(asks.Accept(link=link, password=password, from_where=from_where))

    async def enrol(self, session_id: Secret) -> Secret | Refused:
        """A new secret for an authenticator."""
        answer = await self._ask(asks.Enrol(session_id=session_id))
        return Refused(answer.reason) if isinstance(answer, asks.TurnedAway) else _told(answer, asks.ShownSecret).secret

    async def who(self, session_id: Secret) -> Who | None:
        """Whose session it is."""
        answer = await self._ask(asks.WhoIs(session_id=session_id))
        if isinstance(answer, asks.Nothing):
            return None
        known = _told(answer, asks.Known)
        return Who(known.person, known.session)

    async def sign_out(self, session_id: Secret) -> None:
        """End it."""
        _told(await self._ask(asks.SignOut(session_id=session_id)), asks.Nothing)

    async def invited(self, link: Secret) -> Person | None:
        """Whom a link invites."""
        answer = await self._ask(asks.Invited(link=link))
        return None if isinstance(answer, asks.Nothing) else _told(answer, asks.Invitee).person

    async def change_password(self, session_id: Secret, old: Secret, new: Secret) -> Refused | None:
        """Another password of one's own."""
        answer = await self._ask(asks.ChangePassword(session_id=session_id, old=old, new=new))
        return None if isinstance(answer, asks.Nothing) else Refused(_told(answer, asks.TurnedAway).reason)

    async def holder(self, text: Secret) -> Holder | None:
        """Whose a token is."""
        answer = await self._ask(asks.WhoseToken(token=text))
        if isinstance(answer, asks.Nothing):
            return None
        held = _told(answer, asks.Held)
        return Holder(held.token, held.person)

    async def act(
        self, proof: Proof, row: ActRow[Any], asked: msgspec.Struct, merchant_no: MerchantNo, reason: str = ""
    ) -> Done:
        """Do one act."""
        values = asks.write_asked(asked)
        question = asks.DoAct(proof=proof, act=row.name, asked=values, merchant_no=merchant_no, reason=reason)
        return _told(await self._ask(question), Done)

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
        question = asks.DoOnce(
            proof=proof,
            act=row.name,
            asked=asks.write_asked(asked),
            merchant_no=merchant_no,
            reason=reason,
            request=request,
        )
        return _told(await self._ask(question), DoneOnce)

    async def decide(self, proof: Proof, what: What, merchant_no: MerchantNo, proposal_no: int) -> Done:
        """Say one word about a proposal."""
        question = asks.Decide(proof=proof, what=what, merchant_no=merchant_no, proposal_no=proposal_no)
        return _told(await self._ask(question), Done)

    async def drop_taken(self, proof: Proof, file: ExportFile) -> None:
        """A file was taken whole by whoever asked for it."""
        _told(await self._ask(asks.DropTaken(proof=proof, file=file)), asks.Nothing)

    async def _come_in(self, question: asks.Question) -> SignedIn | Refused:
        answer = await self._ask(question)
        if isinstance(answer, asks.TurnedAway):
            return Refused(answer.reason)
        came = _told(answer, asks.LetIn)
        return SignedIn(came.session_id, came.person, came.step)

    async def _ask(self, question: asks.Question) -> asks.Answer:
        if not (self.is_there or isinstance(question, asks.Greet)):
            # The office looks by itself whether it is there again; until then nothing leaves.
            raise HostAway("the host does not run, or is of another version")
        named = asks.write_message(replace(question, called=name_of_now()))
        try:
            async with self._room:
                answer = asks.read_answer(await self._ask_there(self._path, named, ANSWERED_WITHIN_S))
        except NobodyThere:
            self.is_there = False
            raise HostAway("the host does not run") from None
        except AnswerLost:
            raise OutcomeUnknown("the host ended, or was silent, before it answered") from None
        except RemoteProtocolError as error:
            raise OutcomeUnknown(str(error)) from None
        if isinstance(answer, asks.Failed):
            if answer.is_open:
                raise OutcomeUnknown(answer.text)
            raise Misuse(answer.text) if answer.is_misuse else Fault(answer.text)
        return answer


def _told(answer: asks.Answer, kind: type[A]) -> A:
    if not isinstance(answer, kind):
        raise OutcomeUnknown("the host answered something else than was asked")
    return answer
