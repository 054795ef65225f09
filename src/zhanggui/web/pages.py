"""An application from its routes: templates, files, error pages, guards and headers, the same for each program with pages."""

import traceback
from collections.abc import Callable, Collection
from http import HTTPStatus
from typing import Any

import structlog
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape
from litestar import Litestar, Request, Response
from litestar.exceptions import HTTPException

from .assets import file_route, load_assets
from .counts import AnswerCounts
from .guards import Guard, known_host, secure_answers
from .languages import HTML_LANG, OTHER, OWN_NAME
from .request_ids import begin, name_answer

HTML = "text/html"
"""Litestar adds the encoding to text itself."""
ErrorPage = Callable[[int], str]
"""The page that a status shows."""
ErrorAnswer = Callable[[Request[Any, Any, Any], int, str], Response[Any] | None]
"""What is said in place of that page at some addresses, by the status and the methods that are allowed there; None at the others."""

_log = structlog.get_logger("zhanggui.web")


class Templates:
    """The templates of one package, in its folder `templates/`: everything is escaped, a missing value is an error.

    They stand on those of this room: `base.html`, the frame of every page, and `pocket.html`, a page for somebody's own phone.
    Each page has its language in `lang`.
    """

    def __init__(self, package: str) -> None:
        self._templates = Environment(
            loader=ChoiceLoader([PackageLoader(package), PackageLoader(__package__)]),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
        )
        self._templates.globals.update(html_lang=HTML_LANG, other=OTHER, own_name=OWN_NAME)

    def text(self, name: str, **values: object) -> str:
        """One page as text."""
        return self._templates.get_template(name).render(**values)

    def answer(self, name: str, **values: object) -> Response[str]:
        """One page as an answer."""
        return Response(self.text(name, **values), media_type=HTML)


def build_app(
    package: str,
    routes: Collection[Any],
    *,
    error_page: ErrorPage,
    hosts: Collection[str] | None,
    body_bytes_max: int,
    guards: Collection[Guard] = (),
    forms: bool = False,
    error_answer: ErrorAnswer = lambda request, status, allow: None,
    counts: AnswerCounts | None = None,
) -> Litestar:
    """An application of these routes, with the files of the package's `static/`, and those that all pages have, under `/static/`.

    `hosts` are names under which it may be opened, beside addresses and localhost; None is any, where no browser has
    a part; `guards` are asked after that one.
    `forms`: pages send forms, to this host. What fails inside shows the error page of 500, and the log has the kind and the
    place: never a value. `error_answer` says it otherwise, at addresses that are no pages. `counts` hears of each answer.
    """

    def say(request: Request[Any, Any, Any], status: int, allow: str = "") -> Response[Any]:
        said = error_answer(request, status, allow)
        return said if said is not None else Response(error_page(status), status_code=status, media_type=HTML)

    def say_http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
        return say(request, error.status_code, (error.headers or {}).get("Allow", ""))

    def say_failure(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        _log.error("page failed", kind=type(error).__name__, where=where_of(error))
        return say(request, HTTPStatus.INTERNAL_SERVER_ERROR)

    return Litestar(
        [*routes, file_route({**load_assets(__package__), **load_assets(package)})],
        before_request=begin,
        before_send=[secure_answers(forms=forms), name_answer, *([counts.note] if counts is not None else [])],
        exception_handlers={HTTPException: say_http_error, Exception: say_failure},
        guards=[*(() if hosts is None else (known_host(hosts),)), *guards],
        logging_config=None,
        openapi_config=None,
        request_max_body_size=body_bytes_max,
    )


def where_of(error: BaseException) -> str:
    """Where an error was raised, as `file:line`: what a log may keep of it, because frames hold keys that were pressed."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "?"
