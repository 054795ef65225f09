"""The host's end of the socket: each question is answered by the window, and whatever breaks is said, so that nobody waits in vain."""

import structlog
from msgspec.structs import replace

from ... import __version__
from ...acquirer.rows.records import Person
from ...basics.errors import Fault, Misuse, RemoteProtocolError
from ...basics.secret import Secret
from ...edges.local_socket import FRAME_BYTES_MAX
from ...edges.logs import called_now, request_id, told
from ..keys import HostKeys
from ..people import Refused, SignedIn
from ..server import Host
from . import questions as asks
from .window import Window

log = structlog.get_logger("zhanggui.host")


class Answering:
    """Answers the questions of offices. `began` is drawn at each start."""

    def __init__(self, window: Window, host: Host, keys: HostKeys, began: str) -> None:
        self._window = window
        self._host = host
        self._keys = keys
        self._began = began
        self._marks_key = Secret(keys.office_mark("marks", Secret("office alone")))

    async def answer(self, question: bytes) -> bytes:
        """One answer to one question."""
        try:
            asked = asks.read_question(question)
            called_now(request_id(asked.called))
            said = asks.write_message(await self._answer(asked))
        except Misuse as error:
            return _failed(str(error), is_misuse=True)
        except (Fault, RemoteProtocolError) as error:
            return _failed(str(error))
        except Exception as error:
            log.error("office_not_answered", **told(error))
            # It may have broken behind the commit.
            return _failed("the host could not answer", is_open=True)
        if len(said) > FRAME_BYTES_MAX:
            return _failed("the answer is longer than a local socket takes", is_open=True)
        return said

    async def _answer(self, question: asks.Question) -> asks.Answer:
        window, people = self._window, self._window.people
        match question:
            case asks.Greet():
                return asks.Greeting(
                    version=__version__,
                    began=self._began,
                    changes=self._host.changes,
                    public_key=self._keys.public_key,
                    marks_key=self._marks_key,
                )
            case asks.WhoIs(session_id=session_id):
                who = await people.who(session_id)
                return asks.Known(_shown(who.person), who.session) if who is not None else asks.Nothing()
            case asks.SignIn(login=login, password=password, from_where=where):
                return _came_in(await people.sign_in(login, password, where))
            case asks.SecondFactor(session_id=session_id, code=code):
                return _came_in(await people.second_factor(session_id, code.reveal()))
            case asks.Accept(link=link, password=password, from_where=where):
                return _came_in(await people.accept(link, password, where))
            case asks.Enrol(session_id=session_id):
                secret = await people.enrol(session_id)
                return asks.TurnedAway(secret.reason) if isinstance(secret, Refused) else asks.ShownSecret(secret)
            case asks.SignOut(session_id=session_id):
                await people.sign_out(session_id)
                return asks.Nothing()
            case asks.Invited(link=link):
                person = await people.invited(link)
                return asks.Invitee(_shown(person)) if person is not None else asks.Nothing()
            case asks.ChangePassword(session_id=session_id, old=old, new=new):
                refused = await people.change_password(session_id, old, new)
                return asks.TurnedAway(refused.reason) if refused is not None else asks.Nothing()
            case asks.WhoseToken(token=token):
                holder = await window.tokens.holder(token)
                return asks.Held(holder.token, _shown(holder.person)) if holder is not None else asks.Nothing()
            case asks.DoAct(proof=proof, act=name, merchant_no=merchant_no, reason=reason):
                row = window.row(name)
                return await window.act(proof, row, asks.read_asked(row.asked, question.asked), merchant_no, reason)
            case asks.DoOnce(proof=by, act=name, merchant_no=merchant_no, reason=reason, request=request):
                row = window.row(name)
                asked = asks.read_asked(row.asked, question.asked)
                return await window.once(by, row, asked, merchant_no, reason, request)
            case asks.Decide(proof=proof, what=what, merchant_no=merchant_no, proposal_no=number):
                return await window.decide(proof, what, merchant_no, number)
            case asks.DropTaken(proof=proof, file=file):
                await window.drop_taken(proof, file)
                return asks.Nothing()


def _came_in(answer: SignedIn | Refused) -> asks.Answer:
    if isinstance(answer, Refused):
        return asks.TurnedAway(answer.reason)
    return asks.LetIn(answer.session_id, _shown(answer.person), answer.step)


def _shown(person: Person) -> Person:
    """Without what is kept of the password, and of an authenticator only that there is one: no page needs more."""
    return replace(person, password="", code_secret="•" if person.code_secret else "")


def _failed(text: str, *, is_misuse: bool = False, is_open: bool = False) -> bytes:
    return asks.write_message(asks.Failed(is_misuse=is_misuse, text=text, is_open=is_open))
