"""The gate of the office over TCP: who is let in, what is kept to the right, the session and the form; nothing without script is lost."""

import re
from collections.abc import Iterator

import pytest
from tests.worlds.house import House
from tests.worlds.office import PASSWORD, SHOP, Browser, code_of, come_in, invite, token_of

from zhanggui.office.gate import SESSION_COOKIE
from zhanggui.office.menu import PLACES
from zhanggui.office.routes import Everybody
from zhanggui.office.streams import STREAMS_EACH, STREAMS_MAX, Streams
from zhanggui.office.table import ROUTES

OPEN = {(route.method, route.path) for route in ROUTES if isinstance(route.right, Everybody)}
HEADERS = ("content-security-policy", "x-content-type-options", "cross-origin-opener-policy", "permissions-policy")


@pytest.fixture
def browser(office: str) -> Iterator[Browser]:
    with Browser(office) as opened:
        yield opened


@pytest.fixture
def owner(browser: Browser, house: House) -> Browser:
    """Signed in as the owner of the demo shop."""
    assert come_in(browser, house, "owner", "owner").status_code == 200
    return browser


def test_nobody_is_let_in_anywhere_but_to_the_form(browser: Browser) -> None:
    for route in ROUTES:
        path = re.sub(r"\{[^}]+\}", "x", route.path)
        if (route.method, route.path) in OPEN and not getattr(route.right, "signed_in", False):
            continue
        if route.method == "GET":
            answer = browser.get(path, follow=False)
            assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in"), path
        else:
            assert browser.post(path, {"token": "0" * 64}, follow=False).status_code == 401, path


def test_the_open_routes_are_these_few_and_each_says_why() -> None:
    assert {
        ("GET", "/sign-in"),
        ("POST", "/sign-in"),
        ("GET", "/second-factor"),
        ("POST", "/second-factor"),
        ("POST", "/sign-out"),
        ("GET", "/password"),
        ("POST", "/password"),
        ("GET", "/invitation/{link:str}"),
        ("POST", "/invitation/{link:str}"),
        ("GET", "/api/v1/docs"),
    } == OPEN
    assert all(route.right.why for route in ROUTES if isinstance(route.right, Everybody))


def test_an_invitation_sets_a_password_once_and_lets_in(browser: Browser, house: House) -> None:
    path = invite(house, "owner", "owner", "陈店长")
    page = browser.get(path)
    assert "陈店长" in page.text
    assert "两次输入不一样" in browser.post(path, {"password": PASSWORD, "again": "another walk home"}).text
    short = browser.post(path, {"password": "short", "again": "short"})
    assert (short.status_code, "short" in short.text) == (422, False)
    inside = browser.post(path, {"password": PASSWORD, "again": PASSWORD})
    assert (inside.status_code, "今日" in inside.text, "陈店长" in inside.text) == (200, True, True)
    with Browser(browser.address) as thief:
        assert thief.get(path).status_code == 410
        assert thief.post(path, {"password": PASSWORD, "again": PASSWORD}).status_code == 410


def test_wrong_names_and_wrong_passwords_read_alike_and_give_nothing_away(browser: Browser, house: House) -> None:
    with Browser(browser.address) as first:
        come_in(first, house, "owner", "owner")
    wrong = [
        re.sub(r'value="[a-z]+"', "", browser.sign_in(login, password).text)
        for login, password in (("owner", "not this one at all"), ("nobody", PASSWORD))
    ]
    assert wrong[0] == wrong[1]
    assert SESSION_COOKIE not in browser.cookies
    assert PASSWORD not in wrong[1]


def test_a_session_is_a_cookie_that_script_can_t_read_and_another_one_each_time(owner: Browser) -> None:
    first = owner.cookies[SESSION_COOKIE]
    page = owner.get("/")
    owner.submit(page, "/sign-out", {})
    answer = owner.post("/sign-in", {"login": "owner", "password": PASSWORD, "to": "/"}, follow=False)
    said = answer.headers["set-cookie"].lower()
    assert all(word in said for word in ("httponly", "samesite=lax", "path=/"))
    assert owner.cookies[SESSION_COOKIE] != first
    assert all(header in answer.headers for header in HEADERS)


def test_signing_in_again_ends_the_session_that_the_browser_had(owner: Browser) -> None:
    first = owner.cookies[SESSION_COOKIE]
    assert owner.sign_in("owner").status_code == 200
    assert owner.cookies[SESSION_COOKIE] != first
    with Browser(owner.address) as thief:
        thief.cookies.set(SESSION_COOKIE, first)
        assert "/sign-in" in str(thief.get("/").url)


def test_another_password_is_set_after_the_present_one_alone(owner: Browser, house: House) -> None:
    other = "another walk home"
    page = owner.get("/password")
    wrong = owner.submit(page, "/password", {"old": other, "password": other, "again": other})
    assert (wrong.status_code, "登录名或密码不对" in wrong.text) == (422, True)
    differ = owner.submit(page, "/password", {"old": PASSWORD, "password": other, "again": PASSWORD})
    assert "两次输入不一样" in differ.text
    assert owner.submit(page, "/password", {"old": PASSWORD, "password": "short", "again": "short"}).status_code == 422
    changed = owner.submit(page, "/password", {"old": PASSWORD, "password": other, "again": other})
    assert (changed.status_code, "密码已更换" in changed.text, other in changed.text) == (200, True, False)
    with Browser(owner.address) as second:
        assert second.sign_in("owner", PASSWORD).status_code == 422
        assert second.sign_in("owner", other).status_code == 200
    path = invite(house, "admin", "admin")
    with Browser(owner.address) as half:
        half.post(path, {"password": PASSWORD, "again": PASSWORD})
        assert "/second-factor" in str(half.get("/password").url), "half a session changes nothing"


def test_signing_out_ends_the_session_at_the_host(owner: Browser) -> None:
    stolen = owner.cookies[SESSION_COOKIE]
    answer = owner.post("/sign-out", {"token": token_of(owner.get("/"))}, follow=False)
    assert '"cache"' in answer.headers["clear-site-data"]
    with Browser(owner.address) as thief:
        thief.cookies.set(SESSION_COOKIE, stolen)
        assert "/sign-in" in str(thief.get("/").url)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
def test_a_form_of_another_page_is_not_taken(owner: Browser, origin: str | None) -> None:
    token = token_of(owner.get("/"))
    assert owner.post("/sign-out", {"token": token}, origin=origin, follow=False).status_code == 403
    assert "今日" in owner.get("/").text


def test_a_form_without_the_session_s_token_is_not_taken(owner: Browser) -> None:
    for token in ("", "0" * 64, "x"):
        assert owner.post("/sign-out", {"token": token}, follow=False).status_code == 403
    assert "今日" in owner.get("/").text


def test_the_acquirer_s_people_need_a_second_factor_and_a_code_works_once(browser: Browser, house: House) -> None:
    path = invite(house, "admin", "admin")
    page = browser.post(path, {"password": PASSWORD, "again": PASSWORD})
    assert "/second-factor" in str(page.url)
    assert "/second-factor" in str(browser.get("/").url), "half a session is let in nowhere"
    page = browser.get("/second-factor")
    (key,) = re.findall(r"<code>([A-Z2-7]+)</code>", page.text)
    code = code_of(key)
    assert "今日" in browser.submit(page, "/second-factor", {"code": code}).text
    with Browser(browser.address) as second:
        page = second.sign_in("admin")
        assert key not in page.text
        assert second.submit(page, "/second-factor", {"code": code}).status_code == 422
        assert "/second-factor" in str(second.get("/").url)


def test_an_address_leads_back_into_the_office_and_nowhere_else(owner: Browser) -> None:
    owner.submit(owner.get("/"), "/sign-out", {})
    for to in ("//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", ""):
        answer = owner.post("/sign-in", {"login": "owner", "password": PASSWORD, "to": to}, follow=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_people_of_a_shop_see_their_own_and_what_is_another_s_is_not_there(owner: Browser) -> None:
    other = "102100058129999"
    assert owner.get(f"/payments/{other}/10000001/000001/000001").status_code == 404
    assert owner.get(f"/sign-ins/{other}/1").status_code == 404
    assert owner.get(f"/sign-ins/{SHOP}/4711").status_code == 404
    for number in ("x", "-1", "9" * 40, "9" * 5_000, "１"):
        assert owner.get(f"/sign-ins/{SHOP}/{number}").status_code == 404


def test_a_language_that_was_chosen_stays_chosen(owner: Browser) -> None:
    assert "Today" in owner.get("/?lang=en").text
    assert "Today" in owner.get("/").text
    assert "今日" in owner.get("/?lang=zh").text


def test_each_page_of_the_menu_is_there_and_none_beside(owner: Browser) -> None:
    menu = re.findall(r'<li><a href="([^"]+)"', owner.get("/").text.partition("</nav>")[0])
    served = {route.path for route in ROUTES}
    assert menu
    assert set(menu) <= served & {path for path, _ in PLACES}
    for path in menu:
        assert owner.get(path).status_code == 200, path


def test_what_is_no_form_or_too_large_or_nowhere_is_said_plainly(owner: Browser) -> None:
    assert owner.get("/nowhere").status_code == 404
    assert owner.post("/sign-in", {"login": "x" * 70_000}).status_code == 413
    assert owner.post("/sign-in", {f"f{number}": "x" for number in range(300)}).status_code == 400


def test_a_live_page_has_a_bound_and_gives_its_place_back() -> None:
    streams = Streams()
    logins = [f"person{number // STREAMS_EACH}" for number in range(STREAMS_MAX)]
    assert all(streams.begin(login) for login in logins)
    assert not streams.begin("somebody")
    streams.end(logins[0])
    assert not streams.begin(logins[-1]), "one person has no more than so many"
    assert streams.begin("somebody")


@pytest.mark.parametrize("login", ["\x00a", "a\x07", "\x7f"])
def test_what_no_keyboard_types_is_no_form(browser: Browser, login: str) -> None:
    """A database may refuse such a text, and with it all that was decided beside it."""
    assert browser.post("/sign-in", {"login": login, "password": PASSWORD}).status_code == 400
