"""Acts by POST: done once under their key, whatever is repeated, lost or mixed up; by two where it takes two; nothing that is no JSON."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.worlds.house import House
from tests.worlds.office import SHOP
from tests.worlds.program import ALL_SHOPS, Program, token_for

from zhanggui.acquirer.people.programs.answers import KEPT_MS
from zhanggui.host.acts import submit
from zhanggui.host.once import Once
from zhanggui.office.acts import OFFICE_ACTS
from zhanggui.office.api.acts import OF_PEOPLE_ALONE, pointer_of
from zhanggui.office.api.table import ROUTES
from zhanggui.programs import window as served

DISABLE = {"operator_no": "01", "reason": "离职"}
ENABLE = {"operator_no": "01"}


@pytest.fixture
def program(house: House) -> Iterator[Program]:
    """The owner's, for what a shop does daily."""
    scopes = "operators:do operators:view unlocking:do orders:do audit:view"
    with Program(house.serve_office(), token_for(house, "demo.owner", scopes)) as opened:
        yield opened


def notes(house: House, action: str) -> list[dict[str, Any]]:
    return [row for row in house.host_rows("audit_notes") if row["action"] == action]


def state_of(house: House, number: str = "01") -> str:
    (row,) = [row for row in house.host_rows("operators") if row["operator_no"] == number]
    return str(row["state"])


def kind(answer: Any) -> str:
    return str(answer.json()["type"]).partition("#problem-")[2]


def test_an_act_is_done_noted_and_answered(program: Program, house: House) -> None:
    answer = program.act("disable_operator", DISABLE)
    assert answer.status_code == 200, answer.text
    (note,) = notes(house, "disable_operator")
    assert answer.json() == {
        "act": "disable_operator",
        "merchant_no": SHOP,
        "note_no": note["note_no"],
        "shown": None,
        "proposal": None,
        "export_no": None,
    }
    token_id = program.get("/token").json()["token"]["token_id"]
    assert (note["actor"], note["subject"], note["reason"]) == ("person:demo.owner", "01", "离职")
    assert f"token={token_id}" in note["detail"]
    assert state_of(house) == "disabled"


def test_the_same_request_under_the_same_key_is_done_once_and_answered_the_same(program: Program, house: House) -> None:
    first = program.act("reset_password", DISABLE | {"reason": "忘记密码"}, "reset-1")
    again = program.act("reset_password", DISABLE | {"reason": "忘记密码"}, "reset-1")
    assert first.status_code == 200
    assert first.json()["shown"]["kind"] == "password"
    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert len(notes(house, "reset_password")) == 1
    password = first.json()["shown"]["secret"]
    assert password not in str(house.everything())


def test_another_request_under_the_same_key_is_refused_and_not_done(program: Program, house: House) -> None:
    assert program.act("disable_operator", DISABLE, "a").status_code == 200
    other = program.act("enable_operator", ENABLE, "a")
    assert (other.status_code, kind(other)) == (422, "key_of_another_request")
    assert program.act("disable_operator", DISABLE | {"operator_no": "02"}, "a").status_code == 422
    assert (state_of(house), state_of(house, "02")) == ("disabled", "active")


def test_a_key_is_its_token_s_own(program: Program, house: House) -> None:
    assert program.act("disable_operator", DISABLE, "a").status_code == 200
    with Program(house.serve_office(), token_for(house, "demo.owner", "operators:do")) as other:
        answer = other.act("enable_operator", ENABLE, "a")
        assert (answer.status_code, "idempotency-replayed" in answer.headers) == (200, False)


def test_a_refusal_is_kept_like_what_was_done(program: Program, house: House) -> None:
    """Or a program that hears of it late would have it done by its repeat, which it no longer means."""
    refused = program.act("enable_operator", ENABLE, "b")
    assert (refused.status_code, kind(refused), refused.json()["reason"]) == (422, "refused", "is_active")
    assert refused.json()["detail"]
    assert program.act("disable_operator", DISABLE).status_code == 200
    again = program.act("enable_operator", ENABLE, "b")
    assert (again.status_code, again.content) == (422, refused.content)
    assert state_of(house) == "disabled"
    assert program.act("enable_operator", ENABLE).status_code == 200


def test_a_key_counts_for_a_day(program: Program, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert program.act("disable_operator", DISABLE, "a").status_code == 200
    monkeypatch.setattr("zhanggui.acquirer.people.programs.answers.KEPT_MS", 0)
    assert program.act("enable_operator", ENABLE, "a").status_code == 200
    assert state_of(house) == "active"
    assert KEPT_MS == 24 * 3600 * 1000


def test_what_was_written_before_a_kill_is_answered_after_it(
    start_house: Callable[..., House], program: Program, house: House
) -> None:
    """The answer is in the commit of the act: another program over the same folder gives it."""
    first = program.act("disable_operator", DISABLE, "a")
    house.stop()
    again = start_house()
    with Program(again.serve_office(), program.token) as later:
        repeated = later.act("disable_operator", DISABLE, "a")
        assert (repeated.status_code, repeated.content) == (200, first.content)
    assert len(notes(again, "disable_operator")) == 1


def test_whoever_asks_again_while_it_is_being_done_is_told_to_wait(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, go_on = threading.Event(), threading.Event()

    async def submit_late(command: Any, queue: Any) -> Any:
        if isinstance(command, Once):
            held.set()
            await asyncio.get_running_loop().run_in_executor(None, go_on.wait)
        return await submit(command, queue)

    monkeypatch.setattr(served, "submit", submit_late)
    answers: list[Any] = []
    first = threading.Thread(target=lambda: answers.append(program.act("disable_operator", DISABLE, "a")))
    first.start()
    assert held.wait(10)
    meanwhile = program.act("disable_operator", DISABLE, "a")
    go_on.set()
    first.join()
    assert (meanwhile.status_code, kind(meanwhile)) == (409, "key_in_use")
    assert answers[0].status_code == 200
    assert program.act("disable_operator", DISABLE, "a").content == answers[0].content


def test_what_needs_two_waits_for_another_person(house: House) -> None:
    token = token_for(house, "demo.owner", "policy:do policy:view proposals:view")
    with Program(house.serve_office(), token) as owner:
        answer = owner.act("use_profile", {"profile": "strict", "reason": "明年起"})
        assert (answer.status_code, answer.json()["note_no"]) == (202, None)
        number = answer.json()["proposal"]["proposal_no"]
        assert house.host_rows("merchants")[0]["policy"] == "basic"
        (row,) = owner.rows("/proposals", state="open")
        assert (row["proposal_no"], row["act"], row["made_by"]) == (number, "use_profile", "person:demo.owner")


@pytest.mark.parametrize("name", sorted(OF_PEOPLE_ALONE))
def test_no_token_makes_or_ends_another(program: Program, name: str) -> None:
    assert program.act(name, {"name": "a", "scopes": "payments:view", "reason": "x"}).status_code == 404


def test_each_act_of_the_office_is_offered_or_says_why_not() -> None:
    offered = {route.operation.name for route in ROUTES if route.path.startswith("/acts/")}
    assert offered | OF_PEOPLE_ALONE == set(OFFICE_ACTS)


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/operator_no"]),
        ({"operator_no": 1, "reason": "x"}, ["/operator_no"]),
        (DISABLE | {"colour": "red"}, ["/colour"]),
        ({"operator_no": "01"}, ["/reason"]),
        ({"operator_no": "01", "reason": "x" * 201}, ["/reason"]),
        ({"operator_no": "01", "reason": "a\u202eb"}, ["/reason"]),
        ({"operator_no": "\x000", "reason": "x"}, ["/operator_no"]),
        ({"operator_no": "01", "reason": "x", "merchant_no": "1" * 99}, ["/merchant_no"]),
    ],
)
def test_a_wrong_body_names_its_fields(program: Program, house: House, body: Any, pointers: list[str]) -> None:
    answer = program.act("disable_operator", body)
    assert (answer.status_code, kind(answer)) == (422, "wrong_field")
    assert [error["pointer"] for error in answer.json()["errors"]] == pointers
    assert all(error["detail"] for error in answer.json()["errors"])
    assert state_of(house) == "active"


@pytest.mark.parametrize(
    ("content", "headers", "status", "problem"),
    [
        (b"{", {}, 400, "bad_json"),
        (b"\xff\xfe", {}, 400, "bad_json"),
        (b"[" * 100_000, {}, 413, "too_large"),
        (b"[" * 60_000, {}, 422, "wrong_field"),
        (b'{"operator_no": "\\ud800", "reason": "x"}', {}, 400, "bad_json"),
        (b"{}", {"content-type": "text/plain"}, 415, "media_type"),
        (b"{}", {"content-type": "application/x-www-form-urlencoded"}, 415, "media_type"),
        (b"{}", {"content-type": ""}, 415, "media_type"),
        (b"{}", {"idempotency-key": ""}, 400, "key_missing"),
        (b"{}", {"idempotency-key": "a b"}, 400, "key_missing"),
        (b"{}", {"idempotency-key": "a" * 256}, 400, "key_missing"),
        (json.dumps(DISABLE | {"reason": "x" * 70_000}).encode(), {}, 413, "too_large"),
    ],
)
def test_what_is_no_request_is_refused_before_anything_is_done(
    program: Program, house: House, content: bytes, headers: dict[str, str], status: int, problem: str
) -> None:
    sent = {"content-type": "application/json", "idempotency-key": "a"} | headers
    answer = program.send("POST", "/acts/disable_operator", content=content, headers=sent)
    assert (answer.status_code, kind(answer)) == (status, problem)
    assert state_of(house) == "active"
    assert house.host_rows("api_answers") == []


def test_an_acquirer_s_program_names_the_shop(house: House) -> None:
    with Program(house.serve_office(), token_for(house, "demo.admin", "operators:do", ALL_SHOPS)) as wide:
        nowhere = wide.act("disable_operator", DISABLE)
        assert (nowhere.status_code, nowhere.json()["errors"][0]["pointer"]) == (422, "/merchant_no")
        assert wide.act("disable_operator", DISABLE | {"merchant_no": SHOP}).status_code == 200
        count = len(house.host_rows("audit_notes"))
        for nobody in ("102100058129999", "x", "*"):
            assert wide.act("disable_operator", DISABLE | {"merchant_no": nobody}).status_code == 422
        assert len(house.host_rows("audit_notes")) == count


def test_where_a_body_is_wrong_is_a_pointer() -> None:
    assert pointer_of("Expected `int`, got `str` - at `$`") == ""
    assert pointer_of("Object missing required field `a` - at `$.b[2]`") == "/b/2/a"


def test_a_token_and_a_secret_stand_in_no_file(program: Program, house: House) -> None:
    answer = program.act("reset_password", DISABLE | {"operator_no": "02"})
    shown = answer.json()["shown"]
    # Its few digits alone stand in any file by chance; as the answer has them they would not.
    secret = json.dumps({"secret": shown["secret"]}, separators=(",", ":"))[1:-1]
    assert secret in answer.text
    for file in house.folder.rglob("*"):
        if file.is_file():
            held = file.read_bytes()
            assert program.token.encode() not in held, file
            assert secret.encode() not in held, file
