"""The interface over TCP: each route asks for its right, whoever comes; what belongs to another is not there; every no is a problem."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.worlds.house import House
from tests.worlds.office import SHOP, Browser
from tests.worlds.program import ALL_SHOPS, EVERY_VIEW, Program, token_for

from zhanggui.acquirer.people.rights import AREAS
from zhanggui.acquirer.policy.capabilities import CAPABILITIES
from zhanggui.acquirer.rows.records import WHOLE_HOST
from zhanggui.host.people_acts import DISABLE, SET_ROLE, OnePerson, OtherRole
from zhanggui.office.api import gate
from zhanggui.office.api.lists import path_of_list
from zhanggui.office.api.problems import API_WORDS, KINDS
from zhanggui.office.api.routes import BASE, ApiRoute, Noted, NotNoted
from zhanggui.office.api.table import ROUTES
from zhanggui.office.routes import Everybody
from zhanggui.views.all_lists import LISTS

OTHER = "102100058129999"
BY_RIGHT = [route for route in ROUTES if not isinstance(route.right, Everybody)]
OPEN = [route for route in ROUTES if isinstance(route.right, Everybody)]
Ask = Callable[..., Program]


@pytest.fixture
def program(office: str, house: House) -> Iterator[Ask]:
    """A program with a token of somebody's, for these scopes; without scopes it has no token."""
    opened: list[Program] = []

    def make(scopes: str = "", login: str = "demo.owner", **more: Any) -> Program:
        lang = more.pop("lang", "en")
        token = token_for(house, login, scopes, **more) if scopes else ""
        opened.append(Program(office, token, lang))
        return opened[-1]

    yield make
    for one in opened:
        one.__exit__(None, None, None)


def place(route: ApiRoute) -> str:
    return re.sub(
        r"\{(\w+):str\}", lambda found: {"merchant_no": SHOP, "record_no": "1"}.get(found[1], "0"), route.path
    )


def ask(program: Program, route: ApiRoute) -> Any:
    if route.method == "GET":
        return program.get(place(route), **({"day": "today"} if route.operation.name == "list_day_slips" else {}))
    return program.send("POST", route.path, json={}, headers={"idempotency-key": "a"})


def scope_of(route: ApiRoute) -> str:
    assert not isinstance(route.right, Everybody)
    return f"{route.right.area}:{route.right.what}"


def test_every_route_has_a_right_a_word_about_notes_and_a_description() -> None:
    for route in ROUTES:
        assert isinstance(route.right, Everybody) or route.right.area in AREAS, route.path
        match route.note:
            case Noted(action):
                assert action in CAPABILITIES, route.path
            case NotNoted(why):
                assert why, route.path
        assert route.operation.name, route.path
        assert route.operation.said.zh != route.operation.said.en, route.path
    assert {(route.method, route.path) for route in OPEN} == {("GET", "/openapi.json"), ("GET", "/token")}
    assert all(route.right.why for route in OPEN if isinstance(route.right, Everybody))
    assert {route.path for route in ROUTES if route.operation.name.startswith("list_")} == {*map(path_of_list, LISTS)}


def test_what_is_served_below_the_interface_is_what_stands_in_its_table(office: str, program: Ask) -> None:
    known = program()
    for route in ROUTES:
        assert known.send("DELETE", place(route)).status_code == 405, route.path
    answer = known.get("/nowhere")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert set(known.get("/openapi.json").json()["paths"]) == {
        re.sub(r"\{(\w+):str\}", r"{\1}", route.path) for route in ROUTES
    }


def test_nobody_is_let_in_anywhere(program: Ask, office: str) -> None:
    stranger = program()
    for route in ROUTES:
        answer = ask(stranger, route)
        if route.path == "/openapi.json":
            assert answer.status_code == 200
            continue
        assert (answer.status_code, answer.json()["type"].rpartition("#")[2]) == (401, "problem-no_token"), route.path
        assert answer.headers["www-authenticate"].startswith("Bearer")
    with Program(office, "zgt_abcdefgh_" + "A" * 43) as forged:
        assert ask(forged, ROUTES[-1]).json()["type"].endswith("problem-token_worthless")


def test_each_route_asks_for_its_right_and_opens_to_it(program: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zhanggui.acquirer.people.programs.tokens.TOKENS_MAX", 2 * len(ROUTES))
    for route in BY_RIGHT:
        scope = scope_of(route)
        area, _, what = scope.partition(":")
        login = "demo.admin" if "admin" in getattr(AREAS[area], what) else "demo.owner"
        right = program(scope, login=login, at=SHOP)
        answer = ask(right, route)
        assert answer.status_code not in (401, 403, 500, 503), (route.path, answer.text)
        others = program("today:view", login=login, at=SHOP)
        refused = ask(others, route)
        assert refused.status_code == 403, route.path
        assert scope in refused.json()["detail"]


def test_a_right_that_its_person_lost_is_lost_to_the_token_at_once(program: Ask, house: House) -> None:
    mine = program("audit:view payments:view")
    assert mine.get("/audit-notes").status_code == 200
    house.do(SET_ROLE, OtherRole("demo.owner", "manager"), SHOP)
    refused = mine.get("/audit-notes")
    assert (refused.status_code, "owner" in refused.json()["detail"]) == (403, True)
    assert mine.get("/payments").status_code == 200
    house.do(DISABLE, OnePerson("demo.owner"), SHOP)
    assert mine.get("/payments").status_code == 401


def test_what_belongs_to_another_shop_is_not_there(program: Ask) -> None:
    mine = program("payments:view sign_ins:view operators:do")
    assert mine.get(f"/payments/{OTHER}/10000001/000001/000001").status_code == 404
    assert mine.get(f"/sign-ins/{OTHER}/1").status_code == 404
    assert mine.get(f"/sign-ins/{SHOP}/{'9' * 5_000}").status_code == 404
    answer = mine.get("/payments", shop=OTHER)
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "shop")
    body = {"merchant_no": OTHER, "operator_no": "01", "reason": "离职"}
    assert mine.act("disable_operator", body).status_code == 404
    assert mine.act("disable_operator", body | {"merchant_no": WHOLE_HOST}).status_code == 404


def test_an_acquirer_s_token_for_one_shop_sees_that_shop(program: Ask) -> None:
    narrow = program("payments:view operators:view", login="demo.admin", at=SHOP)
    wide = program("payments:view operators:view", login="demo.admin", at=ALL_SHOPS)
    assert narrow.get("/payments", shop=OTHER).status_code == 400
    assert wide.get("/payments", shop=OTHER).status_code == 200
    assert {row["merchant_no"] for row in narrow.rows("/operators")} == {SHOP}


def test_a_program_learns_what_it_is(program: Ask) -> None:
    mine = program("payments:view")
    told = mine.get("/token").json()
    assert (told["token"]["login"], told["token"]["scopes"]) == ("demo.owner", ["payments:view"])
    assert told["per_minute"] == {"GET": 600, "POST": 120}
    assert "mark" not in told["token"]


def test_a_problem_speaks_the_language_that_was_asked_for(program: Ask) -> None:
    said = {lang: program("payments:view", lang=lang).get("/payments", amount="abc") for lang in ("zh", "en")}
    assert "金额如 12.50" in said["zh"].json()["detail"]
    assert "an amount in yuan" in said["en"].json()["detail"]
    for answer in said.values():
        told = answer.json()
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
        assert told["errors"][0]["parameter"] == "amount"
        assert told["next"]
    assert said["en"].headers["content-language"] == "en"


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"nothing": "1"}, "nothing"),
        ({"cursor": "abc"}, "cursor"),
        ({"limit": "0"}, "limit"),
        ({"limit": "100000"}, "limit"),
        ({"limit": "x"}, "limit"),
        ({"totals": "maybe"}, "totals"),
        ({"trace": "\x00"}, "trace"),
    ],
)
def test_a_question_that_can_t_be_read_names_its_parameter(program: Ask, query: dict[str, str], parameter: str) -> None:
    answer = program("payments:view").get("/payments", **query)
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, parameter)


def test_a_parameter_is_given_once(program: Ask) -> None:
    answer = program("payments:view").send("GET", "/payments?state=approved&state=declined")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "state")


def test_a_cursor_leads_on_for_its_own_token_and_question_alone(program: Ask) -> None:
    mine, others = program("operators:view"), program("operators:view")
    first = mine.get("/operators", limit="1").json()
    assert first["next"]
    second = mine.get("/operators", limit="1", cursor=first["next"]).json()
    assert second["rows"] != first["rows"]
    link = mine.get("/operators", limit="1").headers["link"]
    (path,) = re.findall(r"<" + BASE + r"([^>]+)>; rel=\"next\"", link)
    assert mine.send("GET", path).json()["rows"] == second["rows"]
    assert others.get("/operators", limit="1", cursor=first["next"]).status_code == 400, "stolen"
    assert mine.get("/operators", limit="1", role="cashier", cursor=first["next"]).status_code == 400
    seen: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        page = mine.get("/operators", limit="2", cursor=cursor).json()
        seen += page["rows"]
        cursor = page["next"]
    assert seen == mine.rows("/operators")
    assert mine.get("/operators", totals="yes").json()["totals"]["rows"] == len(seen)


def test_a_host_name_of_an_attacker_s_own_is_not_served(program: Ask) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", "[::1].evil.com"):
        answer = program("payments:view").send("GET", "/payments", headers={"host": host})
        assert (answer.status_code, answer.json()["type"].rpartition("-")[2]) == (421, "wrong_host")


def test_a_session_opens_nothing_here_and_a_token_nothing_there(office: str, house: House, program: Ask) -> None:
    with Browser(office) as browser:
        browser.sign_in("demo.owner", "only-for-the-demo")
        assert browser.get("/payments").status_code == 200
        assert browser.get(f"{BASE}/payments").status_code == 401
    assert "/sign-in" in str(program("payments:view").send("GET", "/../../payments", follow_redirects=True).url)


def test_a_flood_is_told_how_long_to_wait(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gate, "PER_MINUTE", {"GET": 5, "POST": 2})
    monkeypatch.setattr(gate, "STRANGERS_PER_MINUTE", 3)
    address = house.serve_office()
    with Program(address, token_for(house, "demo.owner", "payments:view")) as mine:
        answers = [mine.get("/payments") for _ in range(7)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 13
        assert answers[-1].json()["type"].endswith("problem-too_many")
        with Program(address, token_for(house, "demo.admin", "payments:view", ALL_SHOPS)) as others:
            assert others.get("/payments").status_code == 200, "each token has its own"
            with Program(address, "zgt_abcdefgh_" + "A" * 43) as forged:
                assert [forged.get("/payments").status_code for _ in range(5)] == [401] * 3 + [429] * 2
            assert others.get("/payments").status_code == 200, "strangers behind its address do not shut it out"


def test_every_kind_of_problem_says_what_to_do() -> None:
    assert all(f"problem.{kind}" in API_WORDS and f"problem.{kind}.do" in API_WORDS for kind in KINDS)


def test_the_views_of_all_areas_are_scopes_of_an_administrator(house: House, program: Ask) -> None:
    assert program(EVERY_VIEW, login="demo.admin", at=ALL_SHOPS).get("/jobs").status_code == 200
