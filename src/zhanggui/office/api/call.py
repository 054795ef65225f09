"""One request of a program: who comes, in which language, what is asked; and the ways to answer."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from litestar import Request, Response

from ...basics.errors import Defect
from ...basics.numbers import MerchantNo
from ...basics.secret import Secret
from ...basics.visible import is_visible
from ...basics.words import Lang
from ...host.tokens import Holder
from ...host.window.window import ByToken
from ...views.questions.question import given_once
from ...views.questions.wrong import AskedWrong
from ..desk import OfficeDesk
from .at_work import AtWork
from .outcomes import json_bytes
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
    token: Secret
    """What it came with; empty on those routes."""
    at_work: AtWork

    @property
    def holder(self) -> Holder:
        """Who comes. Defect on a route that is open to everybody."""
        if self.known is None:
            raise Defect("this route is open to everybody")
        return self.known

    @property
    def proof(self) -> ByToken:
        """Who acts: the person whose token it is, by it."""
        return ByToken(self.token)

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
