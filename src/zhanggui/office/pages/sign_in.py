"""Signing in to the office and out of it (ASVS 5.0, 7.2): the same words whatever was wrong, and a new session id each time."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import segno
from litestar import Response

from ...acquirer.people.inviting import LOGIN
from ...acquirer.people.sign_in import is_enrolled
from ...basics.secret import Secret
from ...host.people import CODE_DIGITS, Refused, SignedIn
from ...vault.otpauth import ISSUER, otpauth_uri
from ..routes import Everybody, Route
from ..visit import START, Visit, inside

LOGIN_MAX, PASSWORD_MAX, CODE_MAX = 64, 1024, 12
SECOND_FACTOR = "/second-factor"
FORGET = {"Clear-Site-Data": '"cache", "storage"'}
"""What a browser still has of the pages goes with the session; not the language, which is a cookie."""


async def show(visit: Visit) -> Response[Any]:
    """The form."""
    return _form(visit, visit.query.get("to", START))


async def sign_in(visit: Visit) -> Response[Any]:
    """Begin a session, or say that something was not right."""
    login, password = visit.form.get("login", "").strip()[:LOGIN_MAX], visit.form.get("password", "")[:PASSWORD_MAX]
    to = visit.form.get("to", START)
    answer = await visit.desk.people.sign_in(login, Secret(password), visit.where)
    if isinstance(answer, Refused):
        return _form(visit, to, visit.why_not(answer.reason), login if LOGIN.fullmatch(login) else "")
    await _end_former(visit)
    return _let_in(visit, answer, to)


async def ask_code(visit: Visit) -> Response[Any]:
    """The second step: a code of the authenticator app, which is set up here at the first time."""
    if visit.who is None or visit.who.session.step != "half":
        return visit.go_to(START)
    return await _code_form(visit)


async def check_code(visit: Visit) -> Response[Any]:
    """The code that was typed."""
    code = visit.form.get("code", "").replace(" ", "")[:CODE_MAX]
    answer = await visit.desk.people.second_factor(visit.session_id, code)
    if isinstance(answer, Refused):
        return await _code_form(visit, visit.why_not(answer.reason))
    return _let_in(visit, answer, visit.form.get("to", START))


async def sign_out(visit: Visit) -> Response[Any]:
    """End the session."""
    await visit.desk.people.sign_out(visit.session_id)
    answer = visit.go_to("/sign-in")
    answer.delete_cookie(visit.session_cookie)
    answer.headers.update(FORGET)
    return answer


async def show_password(visit: Visit) -> Response[Any]:
    """The form for another password of one's own."""
    return _password_form(visit)


async def change_password(visit: Visit) -> Response[Any]:
    """Set it, after the present one; one's other sessions end."""
    old, new = visit.form.get("old", ""), visit.form.get("password", "")
    if new != visit.form.get("again", ""):
        return _password_form(visit, visit.word("invitation.differ"))
    refused = await visit.desk.people.change_password(visit.session_id, Secret(old), Secret(new))
    return _password_form(visit, visit.why_not(refused.reason) if refused else "", is_changed=refused is None)


async def show_invitation(visit: Visit) -> Response[Any]:
    """The page behind a one-time link. The link stands in the path for this one page, and in its form; never in a list."""
    person = await visit.desk.people.invited(Secret(visit.part("link")))
    if person is None:
        return visit.page("invitation_over.html", status=HTTPStatus.GONE)
    return visit.page("invitation.html", invited=person, link=visit.part("link"), said="")


async def accept(visit: Visit) -> Response[Any]:
    """Set the password that was chosen."""
    link, password = Secret(visit.part("link")), visit.form.get("password", "")
    person = await visit.desk.people.invited(link)
    if person is None:
        return visit.page("invitation_over.html", status=HTTPStatus.GONE)
    said = visit.word("invitation.differ")
    if password == visit.form.get("again", ""):
        answer = await visit.desk.people.accept(link, Secret(password), visit.where)
        if not isinstance(answer, Refused):
            await _end_former(visit)
            return _let_in(visit, answer, START)
        said = visit.why_not(answer.reason)
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return visit.page("invitation.html", status=status, invited=person, link=visit.part("link"), said=said)


async def _end_former(visit: Visit) -> None:
    """End the session that this browser had: its cookie is about to be another one's (ASVS 5.0, 7.2.4)."""
    if visit.who is not None:
        await visit.desk.people.sign_out(visit.session_id)


def _let_in(visit: Visit, signed_in: SignedIn, to: str) -> Response[Any]:
    half = f"{SECOND_FACTOR}?{urlencode({'to': inside(to)})}"
    answer = visit.go_to(inside(to) if signed_in.step == "full" else half)
    answer.set_cookie(visit.session_of(signed_in.session_id))
    return answer


def _form(visit: Visit, to: str, said: str = "", login: str = "") -> Response[Any]:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if said else HTTPStatus.OK
    people = visit.desk.demo_people(visit.lang)
    return visit.page("sign_in.html", status=status, said=said, login=login, to=inside(to), demo_people=people)


def _password_form(visit: Visit, said: str = "", *, is_changed: bool = False) -> Response[Any]:
    if visit.who is None or visit.who.session.step != "full":
        return visit.go_to(SECOND_FACTOR)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if said else HTTPStatus.OK
    return visit.page("password.html", status=status, said=said, is_changed=is_changed)


async def _code_form(visit: Visit, said: str = "") -> Response[Any]:
    """With a new secret as long as none is proven: one that was shown and not used is worth nothing."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if said else HTTPStatus.OK
    to = visit.form.get("to") or visit.query.get("to", START)
    picture: tuple[Sequence[int], ...] = ()
    key = ""
    if not is_enrolled(visit.person):
        secret = await visit.desk.people.enrol(visit.session_id)
        if isinstance(secret, Refused):
            return _form(visit, START, visit.why_not(secret.reason))
        key = secret.reveal()
        address = otpauth_uri(secret, issuer=ISSUER, account=visit.person.login, code_digits=CODE_DIGITS)
        picture = segno.make(address.reveal(), error="m", micro=False).matrix
    return visit.page("second_factor.html", status=status, said=said, picture=picture, key=key, to=inside(to))


ROUTES = (
    Route("GET", "/sign-in", Everybody("nobody has signed in here yet"), show),
    Route("POST", "/sign-in", Everybody("nobody has signed in here yet"), sign_in),
    Route("GET", "/second-factor", Everybody("the password was right and the code is asked", signed_in=True), ask_code),
    Route(
        "POST", "/second-factor", Everybody("the password was right and the code is asked", signed_in=True), check_code
    ),
    Route("POST", "/sign-out", Everybody("whoever is signed in may end it", signed_in=True), sign_out),
    Route("GET", "/password", Everybody("one's own password, whoever is signed in", signed_in=True), show_password),
    Route("POST", "/password", Everybody("one's own password, whoever is signed in", signed_in=True), change_password),
    Route("GET", "/invitation/{link:str}", Everybody("a one-time link is its own proof"), show_invitation),
    Route("POST", "/invitation/{link:str}", Everybody("a one-time link is its own proof"), accept),
)
