"""One request of a program: who comes, in which language, what is asked; and the ways to answer."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response

from ...basics.errors import Defect
from ...basics.numbers import MerchantNo
from ...basics.visible import harmless_json, is_visible
from ...basics.words import Lang
from ...host.acts import ByPerson
from ...host.tokens import Holder
from ...views.questions.question import given_once
from ...views.questions.wrong import AskedWrong
from ..desk import OfficeDesk
from .at_work import AtWork
from .problems import JSON, FieldError, Kind, problem

PART_MAX = 64
"""Characters of a part of the path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, behind the gate."""

    request: Request[Any, Any, Any]
    lang: Lang
    desk: OfficeDesk
    known: Holder | None
    """None on the few routes that are open to everybody."""
    at_work: AtWork

    @property
    def holder(self) -> Holder:
        """Who comes. Defect on a route that is open to everybody."""
        if self.known is None:
            raise Defect("this route is open to everybody")
        return self.known

    @property
    def actor(self) -> ByPerson:
        """Who acts: the person whose token it is, by it."""
        return ByPerson(self.holder.person.login, token_id=self.holder.token.token_id)

    @property
    def shop(self) -> MerchantNo | None:
        """The only shop whose rows may be seen; None: all."""
        return self.holder.shop

    @property
    def query(self) -> dict[str, str]:
        """What stands behind `?`. Raises AskedWrong for a name that stands there twice."""
        return given_once(self.request.query_params.multi_items())

    def part(self, name: str) -> str:
        """A part of the path; empty for what no key is."""
        text = str(self.request.path_params[name])
        return text if is_visible(text) and len(text) <= PART_MAX else ""

    def json(self, value: object, status: HTTPStatus = HTTPStatus.OK) -> Response[bytes]:
        """A value as JSON, as commands print it."""
        return Response(json_bytes(value), media_type=JSON, status_code=status)

    def problem(
        self, kind: Kind, *, detail: str = "", errors: tuple[FieldError, ...] = (), reason: str = "", next: str = ""
    ) -> Response[bytes]:
        """Why not, and what to do next."""
        return problem(kind, self.lang, detail=detail, errors=errors, reason=reason, next=next)

    def wrong(self, wrong: AskedWrong) -> Response[bytes]:
        """A question that can't be read."""
        field = FieldError(parameter=wrong.field, detail=wrong.of(self.lang))
        return self.problem("wrong_question", detail=field.detail, errors=(field,))


def json_bytes(value: object) -> bytes:
    """JSON of one line; what would steer a console is escaped, and means the same."""
    return harmless_json(msgspec.json.encode(value).decode()).encode()
