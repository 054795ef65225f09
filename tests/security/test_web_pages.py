"""What holds for the pages of every program, whichever it is: text stays text, other origins read nothing, paths reach no file."""

import ast
import re
from dataclasses import fields
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from litestar import get

from zhanggui.acquirer.rows.records import WHOLE_HOST, Person
from zhanggui.basics.numbers import UnixMs
from zhanggui.basics.secret import Secret
from zhanggui.host.people import SignedIn
from zhanggui.office.desk import OfficeDesk
from zhanggui.office.gate import SECURE_SESSION_COOKIE
from zhanggui.office.server import build_office
from zhanggui.office.words import OFFICE_WORDS
from zhanggui.web.languages import SECURE_LANG_COOKIE, wordings
from zhanggui.web.pages import Templates, build_app

HOUSE = Path(__file__).parents[2] / "src" / "zhanggui"
MODULES = sorted(HOUSE.rglob("*.py"))
TEMPLATES = sorted(HOUSE.rglob("templates/*.html"))
SCRIPTS = sorted(HOUSE.rglob("static/*.js"))
HOSTILE = "\"><script>alert(1)</script>'&"
MAKES_CODE = {"eval", "exec"}
CODE_OF_OUR_OWN = {
    "iso8583/plans.py": "from the table of fields",
    "store/rows.py": "from a struct's own fields",
    "store/statements.py": "from a table's own columns",
    "store/sqlite_writes.py": "from a struct's own fields",
}
"""Who makes code from text, and which text: none of it comes from outside."""
READS_MORE_THAN_DATA = {"xml", "lxml", "pickle", "marshal", "shelve", "yaml", "dill"}


def place(path: Path) -> str:
    return str(path.relative_to(HOUSE))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    kinds = (ast.Call, ast.Import, ast.ImportFrom)
    return tuple(node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, kinds))


def calls(path: Path) -> list[ast.Call]:
    return [node for node in nodes(path) if isinstance(node, ast.Call)]


def test_what_a_page_shows_is_text_in_it() -> None:
    page = Templates("zhanggui.office").text("error.html", **_frame(title=HOSTILE, what_to_do=HOSTILE))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def _frame(**values: str) -> dict[str, Any]:
    frame: dict[str, Any] = {
        "person": None,
        "role": "",
        "menu": (),
        "place": "",
        "form_token": "",
        "other_language": HOSTILE,
    }
    frame["reads_only"] = False
    return {"lang": "en", "words": wordings(OFFICE_WORDS, "en"), "code": "404", **frame, **values}


def test_no_template_takes_markup_from_a_value() -> None:
    assert TEMPLATES
    loose = [place(path) for path in TEMPLATES if re.search(r"\|\s*safe\b|autoescape", path.read_text("utf-8"))]
    loose += [place(path) for path in MODULES if re.search(r"\bMarkup\(", path.read_text("utf-8"))]
    assert loose == []


def test_no_script_takes_markup_or_code_from_a_text() -> None:
    assert SCRIPTS
    loose = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|javascript:"
    assert [place(path) for path in SCRIPTS if re.search(loose, path.read_text("utf-8"))] == []


def test_code_is_made_from_our_own_tables_alone_and_no_shell_is_asked() -> None:
    makers, shells = set(), []
    for path in MODULES:
        for call in calls(path):
            name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
            if isinstance(call.func, ast.Name) and name in MAKES_CODE:
                makers.add(place(path))
            asks_shell = any(
                word.arg == "shell" and getattr(word.value, "value", True) is True for word in call.keywords
            )
            if (asks_shell and name in ("run", "Popen", "call", "check_output")) or name in (
                "system",
                "popen",
                "create_subprocess_shell",
                "getoutput",
            ):
                shells.append(f"{place(path)}:{call.lineno}")
    assert makers == set(CODE_OF_OUR_OWN)
    assert shells == []


def test_nothing_is_read_by_what_reads_more_than_data() -> None:
    found = []
    for path in MODULES:
        for node in nodes(path):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and node.level == 0 else []
            found += [f"{place(path)}: {name}" for name in names if name.partition(".")[0] in READS_MORE_THAN_DATA]
    assert found == []


def test_hashes_are_of_the_family_that_is_approved() -> None:
    weak = re.compile(r"md5|sha1\b|SHA1\(|md4|ripemd|blake", re.IGNORECASE)
    found = {place(path) for path in MODULES if weak.search(path.read_text("utf-8"))}
    assert found == {"vault/one_time_code.py", "vault/otpauth.py"}, "HMAC-SHA-1 of authenticator apps (RFC 6238)"


def test_a_password_is_typed_hidden_and_may_be_pasted() -> None:
    fields = re.compile(r"<input[^>]*(?:name|id)=\"[^\"]*password[^\"]*\"[^>]*>")
    asked = [(place(path), field) for path in TEMPLATES for field in fields.findall(path.read_text("utf-8"))]
    assert asked
    assert [one for one in asked if 'type="password"' not in one[1]] == []
    ours = re.compile(r"field\('(?:password|old|again)'[^}]*\}\}")
    by_macro = [one for path in TEMPLATES for one in ours.findall(path.read_text("utf-8"))]
    assert len(by_macro) >= 6
    for field in by_macro:
        assert "kind='password'" in field
        assert re.search(r"complete='(?:current|new)-password'", field), "a password manager is to find it"
    hinders = r"onpaste|oncopy|addEventListener\(\s*[\"'](?:paste|copy|contextmenu)"
    assert [place(path) for path in (*TEMPLATES, *SCRIPTS) if re.search(hinders, path.read_text("utf-8"))] == []


@get("/there")
async def there() -> str:
    return "something"


async def ask(path: str, *, method: str = "GET", scheme: str = "http", **headers: str) -> httpx.Response:
    app: Any = build_app(
        "zhanggui.office", [there], error_page=lambda status: f"{status}", hosts=(), body_bytes_max=1_024
    )
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=f"{scheme}://127.0.0.1") as client:
        return await client.request(method, path, headers=headers)


@pytest.mark.parametrize("method", ["GET", "OPTIONS", "POST"])
@pytest.mark.parametrize("path", ["/there", "/static/office.css", "/nowhere"])
async def test_no_answer_lets_another_origin_read_it(path: str, method: str) -> None:
    preflight = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}
    answer = await ask(path, method=method, origin="https://evil.example", **preflight)
    assert [name for name in answer.headers if name.startswith("access-control")] == []
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


async def test_only_what_came_encrypted_asks_to_come_back_so() -> None:
    name = "strict-transport-security"
    for path in ("/there", "/nowhere", "/static/office.css"):
        assert (await ask(path, scheme="https")).headers[name] == "max-age=31536000"
        assert name not in (await ask(path)).headers, "over a plain line it means nothing (RFC 6797, 7.2)"


def test_there_is_one_maker_of_applications() -> None:
    makers = [place(path) for path in MODULES if any(getattr(one.func, "id", "") == "Litestar" for one in calls(path))]
    assert makers == ["web/pages.py"], "what is tested of it here holds for the pages of every program"


@pytest.mark.parametrize(
    "path",
    [
        "/.git/config",
        "/static/../pages.py",
        "/static/..%2fpages.py",
        "/static/%2e%2e/gate.py",
        "/static/",
        "/static/office.toml",
    ],
)
async def test_a_path_reaches_no_file_beside_the_fixed_set(path: str) -> None:
    assert (await ask(path)).status_code == 404
    assert (await ask("/static/office.css")).status_code == 200


async def test_every_cookie_of_an_encrypted_office_says_so_in_its_name() -> None:
    person = Person(
        merchant_no=WHOLE_HOST,
        login="zhao",
        name="赵",
        shop_no="1",
        role="owner",
        state="active",
        made_ms=UnixMs(0),
        made_by="console",
    )

    async def sign_in(login: str, password: Secret, where: str) -> SignedIn:
        return SignedIn(Secret("an id"), person, "full")

    idle: dict[str, Any] = {one.name: None for one in fields(OfficeDesk) if one.name != "reads_only"}
    desk = OfficeDesk(**(idle | {"people": SimpleNamespace(sign_in=sign_in), "demo_people": lambda lang: ()}))
    app: Any = build_office(desk, secure=True)
    transport, address = httpx.ASGITransport(app=app), "https://127.0.0.1"
    async with httpx.AsyncClient(transport=transport, base_url=address, headers={"origin": address}) as client:
        answer = await client.post("/sign-in?lang=en", data={"login": "zhao", "password": "a long walk home"})
    cookies = answer.headers.get_list("set-cookie")
    assert sorted(cookie.partition("=")[0] for cookie in cookies) == sorted([SECURE_SESSION_COOKIE, SECURE_LANG_COOKIE])
    for cookie in cookies:
        assert cookie.startswith("__Host-")
        words = {word.strip().lower() for word in cookie.split(";")[1:]}
        assert {"secure", "httponly", "path=/"} <= words
        assert not any(word.startswith("domain") for word in words)
