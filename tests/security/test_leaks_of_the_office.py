"""No secret of people, programs and cards in what the office gives away: pages, the interface, its problems, logs, figures, webhooks, exports,
jobs, the audit; with secrets that stand out, or that were drawn and are known to this test."""

import asyncio
import base64
import io
import re
import zipfile
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.conftest import Ports
from tests.security.canaries import PAN, PIN, found_in, secrets_in, text_dresses
from tests.security.canaries import PASSWORD as CASHIERS_PASSWORD
from tests.worlds import true_terminal
from tests.worlds.foreign_terminal import DEMO_MASTER_KEY
from tests.worlds.house import House, until
from tests.worlds.office import PASSWORD, SHOP, Browser, invite
from tests.worlds.program import ALL_SHOPS, EVERY_VIEW, Program, token_for
from tests.worlds.true_terminal import at_the_counter
from tests.worlds.webhook_receiver import Receiver, receiving

from zhanggui.acquirer.people.rights import AREAS
from zhanggui.basics.chance import SystemChance
from zhanggui.basics.clock import SystemClock
from zhanggui.cli import audit
from zhanggui.office.api.table import ROUTES as API_ROUTES
from zhanggui.office.lists import OFFICE_LISTS
from zhanggui.office.pages import exporting
from zhanggui.office.table import ROUTES
from zhanggui.programs.demo import make_demo
from zhanggui.programs.settings import Settings

KEY_ON_PAGE = re.compile(r"<code>([A-Z2-7]{16,})</code>")
IN_A_HURRY = "swallow over harbour"
"""A password that somebody types where the name belongs."""
OF_A_KIND = 4
"""Pages that are looked at of the same kind of thing."""


class Office:
    """A house with an office, and everything that it said: by what it was asked."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.address = house.serve_office()
        self.secrets: dict[str, str | bytes] = {
            "password": PASSWORD,
            "password typed as a name": IN_A_HURRY,
            "master key": DEMO_MASTER_KEY,
        }
        self.said: dict[str, bytes] = {}

    def keep(self, what: str, answer: httpx.Response) -> httpx.Response:
        """Put down an answer, its head too, without the cookie that it sets."""
        head = b"\n".join(name + b": " + value for name, value in answer.headers.raw if name.lower() != b"set-cookie")
        self.said[what] = head + b"\n\n" + answer.content
        return answer

    def come_in(self, browser: Browser, login: str, role: Any) -> None:
        link = invite(self.house, login, role)
        self.secrets[f"link of {login}"] = link.rpartition("/")[2]
        page = browser.post(link, {"password": PASSWORD, "again": PASSWORD})
        if "/second-factor" in str(page.url):
            (key,) = KEY_ON_PAGE.findall(page.text)
            self.secrets[f"authenticator of {login}"] = key
            self.secrets[f"authenticator's bytes of {login}"] = base64.b32decode(key + "=" * (-len(key) % 8))
            browser.pass_second_factor(page)
        for name, value in browser.cookies.items():
            if len(value) >= 20:
                self.secrets[f"{name} of {login}"] = value
        assert f"link of {login}" in self.secrets
        assert f"zhanggui_office of {login}" in self.secrets, "the session"

    def token(self, login: str, scopes: str, at: Any = SHOP) -> str:
        token = token_for(self.house, login, scopes, at)
        self.secrets[f"token of {login}"] = token.split("_", 2)[2]
        return token


@pytest.fixture
def office(canaries_in_use: None, logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setattr(true_terminal, "PIN", PIN)
    monkeypatch.setattr(true_terminal, "CASHIER_PASSWORD", CASHIERS_PASSWORD)
    folder = tmp_path / "data"
    folder.mkdir()
    house = House(folder, private_webhooks=True)
    asyncio.run(make_demo(Settings(data=str(folder)), SystemClock(), SystemChance(), lambda step: None))
    house.start()
    yield Office(house)
    house.stop()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        # Of sign-ins nothing is taken, so that there is an answer that is none.
        running.answer = lambda received: 500 if received.said["type"] == "sign_in.active" else 204
        yield running


async def sell(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take()) as at:
        await at.sell("500")
        await at.sell("1234")


def add_webhook(office: Office, owner: Browser, receiver: Receiver) -> None:
    page = owner.get(f"/acts/add_webhook?merchant={SHOP}")
    boxes = dict.fromkeys(re.findall(r'type="checkbox" name="([^"]+)"', page.text), "yes")
    done = owner.submit(
        page, "/acts/add_webhook", {"merchant": SHOP, "address": receiver.address, "reason": "接入", **boxes}
    )
    (secret,) = re.findall(r"whsec_[A-Za-z0-9+/=]+", unescape(done.text))
    office.secrets["webhook's secret"] = secret.removeprefix("whsec_")
    office.secrets["webhook's key"] = base64.b64decode(secret.removeprefix("whsec_"))


def walk_pages(office: Office, browser: Browser, who: str) -> None:
    """Every page that stands in the table, and things that the lists lead to: some of each kind."""
    seen: set[str] = set()
    paths = [
        route.path for route in ROUTES if route.method == "GET" and "{" not in route.path and "live" not in route.path
    ]
    for path in paths:
        page = office.keep(f"{who} {path}", browser.get(path))
        seen.update(unescape(link) for link in re.findall(r'href="(/[a-z-]+/[^"?#]+)"', page.text))
    of_kind: Counter[str] = Counter()
    for link in sorted(seen):
        kind = link.split("/")[1]
        of_kind[kind] += 1
        if kind not in ("acts", "static", "api") and of_kind[kind] <= OF_A_KIND:
            office.keep(f"{who} {link}", browser.get(link))
    assert any(link.startswith("/payments/") for link in seen)
    assert any(link.startswith("/sign-ins/") for link in seen)


def take_files(office: Office, browser: Browser, who: str, *, names: Collection[str], kinds: Collection[str]) -> None:
    """These lists, in these formats."""
    for one in OFFICE_LISTS:
        if one.name not in names:
            continue
        page = browser.get(f"{one.path}/export")
        if page.status_code != 200:
            continue
        for kind in kinds:
            answer = browser.submit(page, f"{one.path}/export", {"asked": "", "format": kind, "reason": "对账"})
            if "/exports/" in str(answer.url):
                path = answer.url.path
                until(lambda path=path: browser.get(f"{path}/progress").json()["state"] != "making", "the file")  # type: ignore[misc]
                office.keep(f"{who} {path}", browser.get(path))
                answer = browser.submit(browser.get(path), f"{path}/take", {})
            assert "content-disposition" in answer.headers, answer.text
            office.keep(f"{who} {one.name}.{kind}", answer)


def ask_the_interface(office: Office, program: Program, who: str) -> None:
    for route in API_ROUTES:
        if route.method == "GET" and "{" not in route.path:
            office.keep(f"{who} api {route.path}", program.send("GET", route.path))
    for path in ("/payments", "/sign-ins"):
        assert office.said[f"{who} api {path}"].count(b"200"), path


def act_by(office: Office, program: Program) -> None:
    """An act whose answer is kept with what it shows once, and one that waits for another person."""
    shown = program.act("reset_password", {"operator_no": "02", "reason": "忘记密码"})
    assert shown.json()["shown"]["secret"]
    waits = office.keep("proposal", program.act("use_profile", {"profile": "strict", "reason": "收紧"}))
    assert waits.status_code == 202, waits.text
    office.keep("its list", program.get("/proposals"))


def go_wrong(office: Office, program: Program, token: str) -> None:
    """What people and programs send to the wrong place: it is refused, and neither said again nor kept."""
    headers = {"idempotency-key": "leak-scan-1"}
    wrong: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "/payments", {"params": {"card": PAN}}),
        ("GET", "/payments", {"params": {"cursor": token}}),
        ("GET", "/payments", {"params": {"amount": PAN}}),
        ("GET", "/payments", {"params": {token: PAN}}),
        ("GET", f"/payments/{token}/1/1/1", {}),
        ("GET", f"/nothing/{token}", {}),
        ("GET", "/token", {"headers": {"authorization": f"Bearer {token[:-1]}"}}),
        ("POST", "/acts/reset_password", {"json": {"operator_no": CASHIERS_PASSWORD}, "headers": headers}),
        ("POST", "/acts/reset_password", {"json": {"operator_no": 5, "password": PASSWORD}, "headers": headers}),
        ("POST", "/acts/reset_password", {"json": {PASSWORD: PAN}, "headers": headers}),
        ("POST", "/acts/reset_password", {"content": f'{{"x": "{PASSWORD}', "headers": headers}),
        ("POST", "/acts/reset_password", {"json": {}, "headers": {"idempotency-key": f"{PAN} {PAN}"}}),
        ("POST", "/acts/set_rule", {"json": {"rule": PAN, "value": PASSWORD, "reason": "试"}, "headers": headers}),
    ]
    for number, (method, path, rest) in enumerate(wrong):
        if path.startswith("/acts") and rest["headers"] is headers:
            rest = rest | {"headers": {**headers, "content-type": "application/json", "idempotency-key": f"k{number}"}}
        answer = program.send(method, path, **rest)
        assert answer.status_code >= 400, (path, answer.text)
        office.keep(f"problem {number} of {method} {path[:12]}", answer)
    with Browser(office.address) as stranger:
        office.keep("password as name", stranger.post("/sign-in", {"login": IN_A_HURRY, "password": "", "to": "/"}))
        office.keep("wrong password", stranger.post("/sign-in", {"login": "owner", "password": IN_A_HURRY, "to": "/"}))
        office.keep("wrong link", stranger.get("/invitation/" + "A" * 43))


def opened(name: str, contents: bytes) -> Iterator[tuple[str, bytes]]:
    """The contents, and what is packed into them."""
    yield name, contents
    packed = contents[contents.find(b"PK\x03\x04") :] if b"PK\x03\x04" in contents else b""
    if packed:
        with zipfile.ZipFile(io.BytesIO(packed)) as book:
            for part in book.namelist():
                yield f"{name}!{part}", book.read(part)


def leaks(everything: Mapping[str, bytes], secrets: Mapping[str, str | bytes]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, contents in everything.items():
        for part, inner in opened(name, contents):
            held = [*found_in(inner), *secrets_in(inner, secrets)]
            if held:
                found[part] = held
    return found


def rows_of(house: House) -> bytes:
    """Each value of each row of host and bank, so that none is cut in two by a page of the file."""
    pieces: list[bytes] = []
    for table, rows in house.everything().items():
        for row in rows:
            for name, value in row.items():
                text = value if isinstance(value, bytes) else str(value).encode()
                pieces.append(f"{table}.{name}=".encode() + text)
    return b"\n".join(pieces)


def test_no_secret_stands_in_what_the_office_gives_away_nor_in_what_it_keeps(
    office: Office,
    receiver: Receiver,
    logs: Path,
    tmp_path: Path,
    ports: Ports,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    house = office.house
    figures = house.serve_figures()
    with Browser(office.address) as owner, Browser(office.address) as admin:
        office.come_in(owner, "owner", "owner")
        office.come_in(admin, "admin", "admin")
        add_webhook(office, owner, receiver)
        asyncio.run(sell(house, ports))
        until(lambda: len(receiver.of("payment.approved")) == 2, "both payments", 30)
        own, all_shops = office.token("owner", EVERY_OWN), office.token("admin", EVERY_VIEW, ALL_SHOPS)
        for browser, who in ((owner, "owner"), (admin, "admin")):
            walk_pages(office, browser, who)
        may_go = [one.name for one in OFFICE_LISTS if AREAS[one.area].export]
        take_files(office, owner, "owner", names=may_go, kinds=("csv", "xlsx", "json"))
        take_files(office, admin, "admin", names=may_go, kinds=("json",))
        monkeypatch.setattr(exporting, "ROWS_AT_ONCE", 1)
        take_files(office, owner, "by a job,", names=("payments",), kinds=("csv", "xlsx", "json"))
        for token, who in ((own, "owner"), (all_shops, "admin")):
            with Program(office.address, token) as program:
                ask_the_interface(office, program, who)
                go_wrong(office, program, token)
                if who == "owner":
                    act_by(office, program)
        with httpx.Client(trust_env=False) as anybody:
            for page in ("metrics", "health", "ready"):
                office.keep(page, anybody.get(figures + page))
    for number, one in enumerate(receiver.received):
        head = "\n".join(f"{name}: {value}" for name, value in one.headers.items()).encode()
        office.said[f"webhook {number} {one.said['type']}"] = head + one.body
    audit.export_records(house.settings, tmp_path / "audit.jsonl")
    office.said["rows"] = rows_of(house)
    house_files = {str(path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    printed = capfd.readouterr()
    office.said["printed"] = (printed.out + printed.err).encode()
    allowed = {str(path) for path in (tmp_path / "data" / "cards").iterdir()}
    assert leaks(office.said, office.secrets) == {}
    assert {name: held for name, held in leaks(house_files, office.secrets).items() if name not in allowed} == {}
    looked_at_enough(office, receiver, logs, house_files)


def looked_at_enough(office: Office, receiver: Receiver, logs: Path, files: Mapping[str, bytes]) -> None:
    """There was something to find: each kind of thing is among what was scanned."""
    tables = office.house.everything()
    assert {row["answer"] for row in tables["host.outbox_messages"]} >= {"204", "500"}
    assert {row["kind"] for row in tables["host.jobs"]} >= {"export"}
    assert tables["host.api_answers"]
    assert tables["host.proposals"]
    assert {row["action"] for row in tables["host.audit_notes"]} >= {"webhooks", "add_token", "export_list"}
    assert logs.stat().st_size > 0
    assert any(name.endswith("-wal") and contents for name, contents in files.items())
    assert receiver.of("sign_in.active")
    assert b"zhanggui_requests_total" in office.said["metrics"]
    for how in ("owner", "by a job,"):
        assert {name for name in office.said if name.startswith(f"{how} payments.")} == {
            f"{how} payments.{kind}" for kind in ("csv", "xlsx", "json")
        }
    masked = f"{PAN[:6]}*********{PAN[-4:]}".encode()
    assert masked in office.said["owner payments.csv"] or PAN[-4:].encode() in office.said["owner payments.csv"]
    assert any(b"problem+json" in said for name, said in office.said.items() if name.startswith("problem"))


EVERY_OWN = " ".join(
    f"{area}:{what}"
    for area, row in AREAS.items()
    for what in ("view", "do", "export")
    if "owner" in getattr(row, what) and (what != "do" or row.by_program != "never")
)


def test_a_secret_is_seen_in_every_dress_and_inside_a_book() -> None:
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("sheet1.xml", f"<c>{IN_A_HURRY}</c>")
    assert leaks({"file.xlsx": book.getvalue()}, {"password": IN_A_HURRY}) == {
        "file.xlsx!sheet1.xml": ["password as text"]
    }
    key = bytes(range(20, 44))
    for skipped in range(3):
        for coded in (base64.b64encode, base64.urlsafe_b64encode):
            assert secrets_in(coded(bytes(skipped) + key + b"tail"), {"key": key}), skipped
    assert secrets_in(b"x" + key + b"y", {"key": key}) == ["key as bytes"]
    for name, dressed in text_dresses(IN_A_HURRY):
        assert secrets_in(b"~" + dressed + b"~", {"password": IN_A_HURRY}), name
