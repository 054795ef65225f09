"""One request as a page sees it: who asks, in which language, what was asked; and the ways to answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.response import Redirect

from ..acquirer.people.rights import What, may
from ..acquirer.rows.reasons import Reason, sentence_of
from ..acquirer.rows.records import Person
from ..basics.errors import Defect, Fault
from ..basics.numbers import MerchantNo
from ..basics.secret import Secret
from ..basics.words import Lang
from ..host.acts import ActRow
from ..host.people import Who
from ..host.window.asking import HostAway, OutcomeUnknown
from ..host.window.window import BySession, Done
from ..web.languages import wordings
from ..web.pages import Templates
from .desk import OfficeDesk
from .words import OFFICE_WORDS

START = "/"
TOKEN = "token"  # noqa: S105  # the name of a field


@dataclass(slots=True, kw_only=True)
class Visit:
    """One request of a person, or of nobody yet."""

    request: Request[Any, Any, Any]
    lang: Lang
    desk: OfficeDesk
    templates: Templates
    who: Who | None
    """None on the few pages that are open to everybody."""
    session_id: Secret
    frame: Mapping[str, Any]
    """What the frame of every page shows: person, menu, place in it, token of forms."""
    form: Mapping[str, str]
    """What was sent by a form; empty for what is only looked at."""
    session_cookie: str
    is_secure: bool
    """Whether this page is served encrypted."""

    @property
    def where(self) -> str:
        """The address of whoever asks."""
        client = self.request.client
        return client.host if client is not None else ""

    @property
    def query(self) -> dict[str, str]:
        """What stands in the address behind `?`; of what stands there twice, the last."""
        return {name: value for name, value in self.request.query_params.items() if name != "lang"}

    @property
    def person(self) -> Person:
        """Who has signed in. Defect on a page that is open to everybody."""
        if self.who is None:
            raise Defect("this page is open to everybody")
        return self.who.person

    @property
    def proof(self) -> BySession:
        """Who acts: this person, in this very session."""
        return BySession(self.person.login, self.session_id)

    async def act(self, row: ActRow[Any], asked: Any, merchant_no: str, reason: str = "") -> Done:
        """Do an act in this person's name. Raises Fault, Misuse."""
        return await self.desk.acting.act(self.proof, row, asked, MerchantNo(merchant_no), reason)

    @property
    def shop(self) -> MerchantNo | None:
        """The shop whose rows this visitor sees; None: all of them."""
        return MerchantNo(self.person.shop_no) if self.person.shop_no else None

    def may(self, area: str, what: What, merchant_no: str | None = None) -> bool:
        """Whether this visitor may do that, at that shop or (None) at his or her own, or all."""
        return may(self.person, area, what, merchant_no or self.shop)

    def part(self, name: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[name])

    def word(self, key: str, /, **values: object) -> str:
        """One wording of the office."""
        return OFFICE_WORDS[key].fill(self.lang, **values)

    def page(self, template: str, *, status: HTTPStatus = HTTPStatus.OK, **values: object) -> Response[str]:
        """A page in the frame of the office."""
        shown = {"lang": self.lang, "words": wordings(OFFICE_WORDS, self.lang), **self.frame, **values}
        answer = self.templates.answer(template, **shown)
        answer.status_code = status
        return answer

    def refuse(self, status: HTTPStatus) -> Response[str]:
        """A page that says why not and what to do."""
        known = f"error.{status.value}"
        key = known if known in OFFICE_WORDS else "error.other"
        return self._error(status, self.word(key), self.word(f"{key}.do"))

    def broke(self, error: Fault) -> Response[str]:
        """A page that says what came of it when something failed: an act is written whole or not at all, and its host knows which."""
        match error:
            case HostAway():
                return self._error(HTTPStatus.SERVICE_UNAVAILABLE, self.word("away"), self.word("away.do"))
            case OutcomeUnknown():
                return self._error(HTTPStatus.GATEWAY_TIMEOUT, self.word("unknown"), self.word("unknown.do"))
            case _:
                return self.refuse(HTTPStatus.SERVICE_UNAVAILABLE)

    def why_not(self, reason: Reason) -> str:
        """A refusal of a rule in words: the cause, and what to do next."""
        return sentence_of(reason, self.lang)

    def no_right(self, why: str) -> Response[str]:
        """A page that names the right that is missing, and who gives it."""
        return self._error(HTTPStatus.FORBIDDEN, self.word("no_right"), why)

    def go_to(self, path: str) -> Redirect:
        """After something was done: to a page that shows it, so that a reload does nothing twice."""
        return see_other(path)

    def session_of(self, session_id: Secret) -> Cookie:
        """The cookie of a session. It ends with the browser, and at the host whatever the browser thinks."""
        return Cookie(
            self.session_cookie,
            value=session_id.reveal(),
            secure=self.is_secure,
            httponly=True,
            samesite="lax",
        )

    def _error(self, status: HTTPStatus, title: str, what_to_do: str) -> Response[str]:
        return self.page("error.html", status=status, title=title, what_to_do=what_to_do, code=str(status.value))


def see_other(path: str) -> Redirect:
    """To another page, by GET (RFC 9110, 15.4.4)."""
    return Redirect(path, status_code=303)


def inside(to: str) -> str:
    """A path of this office, whatever a link said: `//elsewhere` and `/\\elsewhere` lead out of it in a browser."""
    return to if to.startswith("/") and not to.startswith(("//", "/\\")) and to.isprintable() else START
