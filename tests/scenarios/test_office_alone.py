"""The office as a program of its own: it reads beside the host, has it do what is done, and reads only while there is none."""

import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.worlds.house import READY_WITHIN_S, House, HouseProcesses
from tests.worlds.office import SHOP, Browser, come_in
from tests.worlds.program import Program, token_for

from zhanggui.host.act_table import ACTS, ShiftTimes
from zhanggui.programs.demo_people import DEMO_PASSWORD

RENAME = "/acts/rename_operator"
READS_ONLY = "只读：主机未运行"
NOTHING_WAS_CHANGED = "什么也没有改动"
AWAY = "主机未运行，现在只能查看"


@pytest.fixture
def office(processes: HouseProcesses, free_port: int) -> str:
    """The address of an office alone, beside the running host."""
    return processes.start_office(free_port)


@pytest.fixture
def owner(office: str) -> Iterator[Browser]:
    """The demo shop's owner, who has come in."""
    with Browser(office) as browser:
        assert "今日" in browser.sign_in("demo.owner", DEMO_PASSWORD).text
        yield browser


def rename(browser: Browser, name: str, page: httpx.Response | None = None) -> httpx.Response:
    """Call operator 01 so, by the form of a page that may be open since before."""
    asked = {"merchant": str(SHOP), "operator_no": "01"}
    form = page if page is not None else browser.get(f"{RENAME}?merchant={SHOP}&operator_no=01")
    return browser.submit(form, RENAME, {**asked, "name": name, "user_name": ""})


def soon(is_so: Callable[[], Any], what: str) -> None:
    until_s = time.monotonic() + READY_WITHIN_S
    while not is_so():
        assert time.monotonic() < until_s, what
        time.sleep(0.1)


def test_what_is_done_in_an_office_alone_is_done_by_the_host_and_read_from_its_rows(house: House) -> None:
    with Browser(house.serve_office_alone()) as owner:
        assert READS_ONLY not in come_in(owner, house, "owner", "owner").text
        assert rename(owner, "王小明").status_code == 200
        assert "王小明" in owner.get("/operators").text
        (note,) = [row for row in house.host_rows("audit_notes") if row["action"] == "rename_operator"]
        assert (note["actor"], note["merchant_no"]) == ("person:owner", SHOP)
        refused = rename(owner, "掌" * 60)
        assert (refused.status_code, "掌" * 60 in str(house.host_rows("operators"))) == (422, False)


def test_people_of_the_acquirer_come_in_by_their_second_factor_and_confirm_in_an_office_alone(house: House) -> None:
    address = house.serve_office_alone()
    with Browser(address) as owner, Browser(address) as reviewer:
        come_in(owner, house, "owner", "owner")
        asked = {"merchant": str(SHOP), "profile": "strict", "reason": "明年起"}
        owner.submit(owner.get(f"/acts/use_profile?merchant={SHOP}"), "/acts/use_profile", asked)
        (proposal,) = house.host_rows("proposals")
        come_in(reviewer, house, "reviewer", "reviewer")
        path = f"/proposals/{SHOP}/{proposal['proposal_no']}"
        assert reviewer.submit(reviewer.get(path), f"{path}/confirm", {}).status_code == 200
        assert house.host_rows("merchants")[0]["policy"] == "strict"


def test_today_follows_what_the_host_writes(house: House) -> None:
    with Browser(house.serve_office_alone()) as owner:
        come_in(owner, house, "owner", "owner")
        with httpx.stream(
            "GET", f"{owner.address}/today/live", cookies=owner.cookies, trust_env=False, timeout=READY_WITHIN_S
        ) as events:
            lines = (line for line in events.iter_lines() if line.startswith("data:"))
            first = next(lines)
            house.do(ACTS["set_shift_code"], ShiftTimes(), SHOP)
            assert next(lines) != first


def test_without_a_host_it_reads_only_and_says_so_and_goes_on_by_itself_when_there_is_one_again(
    owner: Browser, office: str, processes: HouseProcesses
) -> None:
    open_form = owner.get(f"{RENAME}?merchant={SHOP}&operator_no=01")
    processes.kill("host")
    for path in ("/", "/payments", "/operators", "/policy", f"{RENAME}?merchant={SHOP}&operator_no=01"):
        page = owner.get(path)
        assert (page.status_code, READS_ONLY in page.text) == (200, True), path
    refused = rename(owner, "王大明", open_form)
    assert (refused.status_code, AWAY in refused.text, NOTHING_WAS_CHANGED in refused.text) == (503, True, True)
    with Browser(office, "en") as late:
        form = late.get("/")
        assert "nobody can sign in" in form.text
        refused = late.sign_in("demo.owner", DEMO_PASSWORD)
        assert (refused.status_code, "zhanggui host" in refused.text) == (503, True)
        late.cookies.set("zhanggui_office", "nobody knows this one")
        assert late.get("/payments").status_code == 503
    processes.start_host()
    soon(lambda: READS_ONLY not in owner.get("/").text, "the office goes on with the new host")
    assert "王大明" not in owner.get("/operators").text
    assert rename(owner, "王大明", open_form).status_code == 200
    assert "王大明" in owner.get("/operators").text


def test_a_session_that_is_ended_while_no_host_runs_is_ended_at_the_host_as_soon_as_it_does(
    owner: Browser, processes: HouseProcesses
) -> None:
    page = owner.get("/")
    assert len(processes.host_rows("office_sessions")) == 1
    processes.kill("host")
    cookie = owner.cookies["zhanggui_office"]
    assert owner.submit(page, "/sign-out", {}).status_code == 200
    owner.cookies.set("zhanggui_office", cookie)
    assert owner.get("/payments").status_code == 503
    processes.start_host()
    soon(lambda: not processes.host_rows("office_sessions"), "the session to end")
    assert "/sign-in" in str(owner.get("/payments").url)


def other_than(token: str) -> str:
    """A token with another last character: the shape is right, and nobody has it."""
    return token[:-1] + ("y" if token.endswith("x") else "x")


def test_a_program_does_its_act_once_through_an_office_alone(house: House) -> None:
    address = house.serve_office_alone()
    token = token_for(house, "demo.owner", "operators:view operators:do")
    with Program(address, token) as program, Program(address, other_than(token)) as stranger:
        body = {"merchant_no": SHOP, "operator_no": "01", "name": "王小明"}
        first, again = (program.act("rename_operator", body, "k1") for _ in range(2))
        assert (first.status_code, again.headers.get("idempotency-replayed")) == (200, "true")
        assert first.content == again.content
        other = program.act("rename_operator", {**body, "name": "王大明"}, "k1")
        assert (other.status_code, other.json()["type"].partition("#")[2]) == (422, "problem-key_of_another_request")
        assert [row["name"] for row in program.rows("/operators", operator="01")] == ["王小明"]
        assert stranger.get("/operators").status_code == 401


def test_a_program_reads_on_without_a_host_and_is_told_that_nothing_is_done(
    owner: Browser, office: str, processes: HouseProcesses
) -> None:
    asked = {"merchant": str(SHOP), "name": "报表", "scopes": "operators:view", "days": "30", "reason": "接入"}
    made = owner.submit(owner.get(f"/acts/add_token?merchant={SHOP}"), "/acts/add_token", asked)
    (token,) = re.findall(r"zgt_[a-z2-7]{8}_[A-Za-z0-9_-]{43}", made.text)[:1]
    with Program(office, token) as program, Program(office, other_than(token)) as stranger:
        assert program.rows("/operators")
        processes.kill("host")
        assert program.rows("/operators")
        away = stranger.get("/operators")
        assert (away.status_code, away.json()["type"].partition("#")[2]) == (503, "problem-host_away")


def test_an_answer_that_is_lost_is_not_told_as_nothing_was_changed(
    owner: Browser, processes: HouseProcesses, demo_folder: Path
) -> None:
    form = owner.get(f"{RENAME}?merchant={SHOP}&operator_no=01")
    lock = sqlite3.connect(demo_folder / "host" / "host.db", isolation_level=None)
    try:
        # The host's commit waits for this one, so the question is in its hands when it is killed.
        lock.execute("BEGIN IMMEDIATE")
        answers: list[httpx.Response] = []
        asking = threading.Thread(target=lambda: answers.append(rename(owner, "王小明", form)))
        asking.start()
        time.sleep(1.0)
        processes.kill("host")
        asking.join(READY_WITHIN_S)
    finally:
        lock.close()
    (answer,) = answers
    assert (answer.status_code, NOTHING_WAS_CHANGED in answer.text) == (504, False)


def test_a_second_office_over_the_same_data_and_a_host_s_own_on_its_port_say_who_is_there(
    office: str, processes: HouseProcesses
) -> None:
    port = office.rstrip("/").rpartition(":")[2]
    assert "an office of these data is running" in processes.refused("office", "--port", port)
    processes.kill("host")
    said = processes.refused("host", "--port", str(processes.host_port), "--office-port", port)
    assert "runs by itself ('zhanggui office'): end it first" in said
