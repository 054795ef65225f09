"""What somebody from outside tries at the office's pages and at the interface: posts of other sites, names that lead here, cursors and keys of
others, webhooks that lead inside, a yes to what is one's own. Each is refused by both, and nothing is done."""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from uuid import uuid4

import httpx
import pytest
from tests.worlds.house import House, Row, until
from tests.worlds.office import PASSWORD, SHOP, Browser, come_in
from tests.worlds.program import Program, token_for

from zhanggui.office.api.routes import BASE
from zhanggui.office.api.table import ROUTES as API_ROUTES
from zhanggui.office.table import ROUTES

ELSEWHERE = ("https://evil.example", "null", "http://127.0.0.1.evil.example")
NAMES_OF_AN_ATTACKER = ("evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "[::1].evil.com", "")
DISABLE = {"operator_no": "01", "reason": "离职"}
INSIDE = (
    "https://127.0.0.1:{port}/hook",
    "https://localhost:{port}/hook",
    "https://[::1]:{port}/hook",
    "https://[::ffff:127.0.0.1]:{port}/hook",
    "https://2130706433:{port}/hook",
    "https://0x7f.1:{port}/hook",
    "https://169.254.169.254/latest/meta-data",
    "https://10.0.0.1:{port}/hook",
)
Ask = Callable[[str], Program]


@pytest.fixture
def program(office: str, house: House) -> Iterator[Ask]:
    """A program of the demo's owner with these scopes."""
    opened: list[Program] = []

    def make(scopes: str) -> Program:
        opened.append(Program(office, token_for(house, "demo.owner", scopes)))
        return opened[-1]

    yield make
    for one in opened:
        one.__exit__(None, None, None)


def everything_but_visits(house: House) -> dict[str, list[Row]]:
    """What is kept, but for when a session or a token was seen last."""
    beside = {"host.office_sessions", "host.api_tokens"}
    return {table: rows for table, rows in house.everything().items() if table not in beside}


# ── posts of other sites ─────────────────────────────────────────────────────


@pytest.mark.parametrize("origin", ELSEWHERE)
def test_no_form_of_another_site_does_anything_at_any_address(owner: Browser, house: House, origin: str) -> None:
    """With the session's cookie, as a browser sends it along, and even with the token of its forms."""
    before = everything_but_visits(house)
    token = re.search(r'name="token" value="([0-9a-f]+)"', owner.get("/").text)
    assert token is not None
    posts = [re.sub(r"\{[^}]*\}", "1", route.path) for route in ROUTES if route.method == "POST"]
    assert len(posts) > 20
    for path in posts:
        form = {"token": token[1], "merchant": SHOP, **DISABLE, "login": "owner", "password": PASSWORD}
        assert owner.post(path, form, origin=origin, follow=False).status_code == 403, path
    assert everything_but_visits(house) == before
    assert "今日" in owner.get("/").text


@pytest.mark.parametrize("origin", ELSEWHERE)
def test_no_other_site_uses_the_interface_by_the_cookie_of_a_session(owner: Browser, house: House, origin: str) -> None:
    """A browser sends the cookie, and asks first for what is no plain form; neither is let in."""
    before = everything_but_visits(house)
    headers = {"origin": origin, "idempotency-key": "k"}
    with httpx.Client(base_url=owner.address, trust_env=False, cookies=owner.cookies) as victim:
        for route in API_ROUTES:
            path = BASE + re.sub(r"\{[^}]*\}", "1", route.path)
            asked = victim.options(path, headers={"origin": origin, "access-control-request-method": route.method})
            said = {name for name in asked.headers if name.startswith("access-control")}
            assert said == set(), path
            if route.method == "POST":
                for kind in ("text/plain", "application/x-www-form-urlencoded", "application/json"):
                    answer = victim.post(path, content="{}", headers={**headers, "content-type": kind})
                    assert answer.status_code == 401, path
                    assert not any(name.startswith("access-control") for name in answer.headers)
    assert everything_but_visits(house) == before


def test_a_body_that_a_plain_form_can_send_is_none_for_the_interface(program: Ask, house: House) -> None:
    asking = program("operators:do")
    before = house.host_rows("operators")
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        headers = {"idempotency-key": str(uuid4()), "content-type": kind}
        answer = asking.send("POST", "/acts/disable_operator", json=DISABLE, headers=headers)
        assert answer.status_code == 415
    assert house.host_rows("operators") == before


# ── names that lead here ─────────────────────────────────────────────────────


@pytest.mark.parametrize("name", NAMES_OF_AN_ATTACKER)
def test_no_page_and_no_row_is_served_under_a_name_of_an_attacker(
    owner: Browser, program: Ask, house: House, name: str
) -> None:
    asking = program("operators:do")
    before = everything_but_visits(house)
    with httpx.Client(base_url=owner.address, trust_env=False, cookies=owner.cookies) as rebound:
        same = {"host": name, "origin": f"http://{name}"}
        for path in ("/", "/payments", "/sign-in", "/static/office.css", f"{BASE}/openapi.json", f"{BASE}/payments"):
            answer = rebound.get(path, headers={"host": name})
            assert answer.status_code in (400, 421), path
            assert SHOP not in answer.text
        assert rebound.post("/sign-out", data={"token": "1"}, headers=same).status_code in (400, 421)
    answer = asking.send("POST", "/acts/disable_operator", json=DISABLE, headers={"host": name, "idempotency-key": "k"})
    assert answer.status_code in (400, 421)
    assert everything_but_visits(house) == before


# ── cursors and keys of others ───────────────────────────────────────────────


def test_a_cursor_of_another_person_or_program_leads_nowhere(
    office: str, owner: Browser, house: House, program: Ask
) -> None:
    with Browser(office) as partner:
        come_in(partner, house, "partner", "owner")
        mine, others = program("operators:view"), program("operators:view")
        cursor = mine.get("/operators", limit="1").json()["next"]
        assert cursor
        assert mine.get("/operators", limit="1", cursor=cursor).status_code == 200
        assert others.get("/operators", limit="1", cursor=cursor).status_code == 400
        for browser in (owner, partner):
            assert browser.get(f"/operators?cursor={cursor}").status_code == 400
            assert browser.get("/operators?cursor=abc").status_code == 400


def test_a_key_that_was_seen_is_worth_nothing_to_another_token_nor_for_another_act(program: Ask, house: House) -> None:
    """The same key: what it shows once is shown to its own token alone, and no other act is done under it."""
    mine, others = program("operators:do unlocking:do"), program("operators:do unlocking:do")
    reset = {"operator_no": "02", "reason": "忘记密码"}
    first = mine.act("reset_password", reset, key="seen-on-the-way")
    secret = first.json()["shown"]["secret"]
    again = mine.act("reset_password", reset, key="seen-on-the-way")
    assert (again.text, again.headers["idempotency-replayed"]) == (first.text, "true")
    stolen = others.act("reset_password", reset, key="seen-on-the-way")
    assert "idempotency-replayed" not in stolen.headers
    assert stolen.json()["shown"]["secret"] != secret
    assert mine.act("disable_operator", DISABLE, key="seen-on-the-way").status_code == 422
    (row,) = [row for row in house.host_rows("operators") if row["operator_no"] == "01"]
    assert row["state"] == "active"


# ── webhooks that lead inside ────────────────────────────────────────────────


def test_no_webhook_reaches_this_machine_or_its_network_whoever_adds_it(
    owner: Browser, house: House, program: Ask
) -> None:
    asking = program("webhooks:do webhooks:view")
    with closing(socket.create_server(("127.0.0.1", 0))) as trap:
        trap.setblocking(False)
        port = trap.getsockname()[1]
        for address in INSIDE:
            body = {"address": address.format(port=port), "events": ["payment"], "reason": "接入"}
            added = asking.act("add_webhook", body)
            if added.status_code != 200:
                assert added.status_code == 422, added.text
                continue
            number = max(int(row["webhook_no"]) for row in house.host_rows("webhooks"))
            assert asking.act("test_webhook", {"webhook_no": number}).status_code == 200
        page = owner.get(f"/acts/add_webhook?merchant={SHOP}")
        form = {"merchant": SHOP, "address": INSIDE[0].format(port=port), "events.payment": "yes", "reason": "接入"}
        owner.submit(page, "/acts/add_webhook", form)
        last = len(house.host_rows("webhooks"))
        owner.submit(owner.get("/"), "/acts/test_webhook", {"merchant": SHOP, "webhook_no": str(last)})

        def all_tried() -> bool:
            messages = house.host_rows("outbox_messages")
            return len(messages) == last and all(row["tries"] for row in messages)

        until(all_tried, "each to be tried", 30)
        assert last >= 4
        assert {row["answer"] for row in house.host_rows("outbox_messages")} == {"address_inside"}
        with pytest.raises(BlockingIOError):
            trap.accept()
    for plain in ("http://shop.example/hook", "ftp://shop.example/", "https://a@shop.example/", "//shop.example"):
        answer = asking.act("add_webhook", {"address": plain, "events": ["payment"], "reason": "接入"})
        assert answer.status_code == 422, plain
    assert len(house.host_rows("webhooks")) == last


# ── a yes to what is one's own ───────────────────────────────────────────────


def test_nobody_confirms_what_his_own_program_proposed_and_no_program_confirms_at_all(
    office: str, owner: Browser, house: House
) -> None:
    token = token_for(house, "owner", "policy:do proposals:view operators:do")
    with Program(office, token) as program, Browser(office) as partner:
        proposed = program.act("use_profile", {"profile": "strict", "reason": "收紧"})
        assert proposed.status_code == 202
        number = proposed.json()["proposal"]["proposal_no"]
        path = f"/proposals/{SHOP}/{number}"
        own = owner.submit(owner.get(path), f"{path}/confirm", {})
        assert (own.status_code, "他人" in own.text) == (422, True)
        assert not [route for route in API_ROUTES if "confirm" in route.path or "decline" in route.path]
        for tried in (f"/proposals/{SHOP}/{number}/confirm", "/acts/confirm_proposal"):
            assert program.send("POST", tried, json={}, headers={"idempotency-key": "k"}).status_code == 404
        assert house.host_rows("merchants")[0]["policy"] == "basic"
        come_in(partner, house, "partner", "owner")
        assert "已同意并执行" in partner.submit(partner.get(path), f"{path}/confirm", {}).text
    assert house.host_rows("merchants")[0]["policy"] == "strict"


def test_what_a_stolen_token_proposed_is_taken_back_with_it(office: str, owner: Browser, house: House) -> None:
    """The page says why, and whoever says yes all the same is refused."""
    token = token_for(house, "owner", "policy:do proposals:view")
    token_id = token.split("_")[1]
    with Program(office, token) as program, Browser(office) as partner:
        proposed = program.act("use_profile", {"profile": "strict", "reason": "收紧"}).json()["proposal"]
        path = f"/proposals/{SHOP}/{proposed['proposal_no']}"
        come_in(partner, house, "partner", "owner")
        waiting = partner.get(path)
        assert token_id in waiting.text
        revoked = owner.submit(owner.get("/"), "/acts/revoke_token", {"merchant": SHOP, "token_id": token_id})
        assert "已完成" in revoked.text
        assert partner.submit(waiting, f"{path}/confirm", {}).status_code == 422
        assert "吊销接口令牌" in partner.get(path).text
    assert house.host_rows("merchants")[0]["policy"] == "basic"
    row = next(row for row in house.host_rows("proposals") if row["proposal_no"] == proposed["proposal_no"])
    assert (row["state"], row["ended_with"]) == ("withdrawn", "revoke_token")
