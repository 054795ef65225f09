"""Files of lists and findings by the interface: made, asked for, taken, deleted; found, told, and settled once under its key."""

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.conftest import Ports
from tests.scenarios.test_office_findings import guess
from tests.worlds.house import House, until
from tests.worlds.office import SHOP, Browser
from tests.worlds.program import ALL_SHOPS, Program, token_for
from tests.worlds.true_terminal import at_the_counter

from zhanggui.acquirer.people.exporting import OWN_MAX
from zhanggui.acquirer.people.programs.tokens import OneToken
from zhanggui.acquirer.people.rights import AREAS
from zhanggui.basics.spans import HOUR_MS
from zhanggui.host.acts import ByPerson
from zhanggui.host.token_acts import REVOKE_TOKEN
from zhanggui.office.api.lists import path_of_list
from zhanggui.office.api.table import ROUTES
from zhanggui.views.all_lists import LISTS

MAY = "payments:view payments:export exports:view exports:do"
WHY = "月底对账"
Ask = Callable[..., Program]


@pytest.fixture
def program(office: str, house: House) -> Iterator[Ask]:
    """A program of the demo's owner with these scopes."""
    opened: list[Program] = []

    def make(scopes: str = MAY, login: str = "demo.owner", at: Any = SHOP) -> Program:
        opened.append(Program(office, token_for(house, login, scopes, at)))
        return opened[-1]

    yield make
    for one in opened:
        one.__exit__(None, None, None)


async def sell(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take()) as at:
        await at.sell("500")
        await at.sell("1234")


def wanted(asking: Program, key: str = "", **body: Any) -> Any:
    headers = {"idempotency-key": key or "k" + str(len(body))}
    return asking.send("POST", "/payments/export", json={"format": "csv", "reason": WHY, **body}, headers=headers)


def made(asking: Program, answer: Any) -> str:
    """The path of the file once it is there."""
    assert answer.status_code == 200, answer.text
    file = answer.json()
    path = f"/export-files/{file['merchant_no']}/{file['export_no']}"
    until(lambda: bool(asking.send("GET", path).json()["is_here"]), "the file")
    return path


def kind(answer: Any) -> str:
    return str(answer.json()["type"]).partition("#problem-")[2]


async def test_a_list_is_made_a_file_asked_for_and_taken_once(program: Ask, house: House, ports: Ports) -> None:
    await sell(house, ports)
    asking = program()
    answer = wanted(asking, filters={"amount": "12.34"})
    assert wanted(asking, filters={"amount": "12.34"}).text == answer.text, "the same key: one file"
    path = made(asking, answer)
    (row,) = house.host_rows("export_files")
    assert row["token_id"] == asking.token.split("_")[1]
    told = asking.send("GET", path).json()
    assert (told["file"]["state"], told["done_count"], told["total_count"]) == ("ready", 1, 1)
    taken = asking.send("POST", f"{path}/take")
    assert taken.headers["content-type"].startswith("text/csv")
    lines = list(csv.reader(io.StringIO(taken.content.decode("utf-8-sig"))))
    assert dict(lines[-2:])["rows" if ["rows", "1"] in lines else "行数"] == "1"
    until(lambda: house.host_rows("export_files")[0]["state"] == "taken", "its place to be free")
    again = asking.send("POST", f"{path}/take")
    assert (again.status_code, again.json()["reason"]) == (422, "export_not_there")
    notes = [note for note in house.host_rows("audit_notes") if note["action"] == "export_list"]
    assert [note["detail"].split()[0] for note in notes] == ["csv", "taken"]
    assert all(f"token={row['token_id']}" in note["detail"] for note in notes)


async def test_whoever_may_not_has_no_file_and_learns_which_right_is_missing(
    program: Ask, house: House, ports: Ports
) -> None:
    await sell(house, ports)
    assert kind(wanted(program("payments:view exports:do"))) == "no_right"
    assert kind(wanted(program("payments:view payments:export"))) == "no_right"
    asking = program()
    assert wanted(asking, format="pdf").json()["errors"][0]["pointer"] == "/format"
    assert wanted(asking, key="a", filters={"colour": "red"}).json()["errors"][0]["pointer"] == "/filters/colour"
    assert wanted(asking, key="b", filters={"shop": "102100058129999"}).status_code == 422
    assert asking.send("POST", "/payments/export", json={"format": "csv"}).status_code == 400, "no key"
    assert not house.host_rows("export_files")
    path = made(asking, wanted(asking, key="c"))
    for others in (program("exports:view exports:do"), program(MAY, "demo.admin", ALL_SHOPS)):
        assert others.send("GET", path).status_code == 200
        assert others.send("POST", f"{path}/take").status_code == 403
    assert program("exports:view").send("GET", path.replace(SHOP, "102100058129999")).status_code == 404


async def test_a_file_is_deleted_by_whoever_asked_for_it_and_no_person_has_all_places(
    program: Ask, house: House, ports: Ports
) -> None:
    await sell(house, ports)
    asking = program()
    files = [wanted(asking, key=f"k{number}").json() for number in range(OWN_MAX)]
    paths = [f"/export-files/{file['merchant_no']}/{file['export_no']}" for file in files]
    full = wanted(asking, key="more")
    assert (full.status_code, full.json()["reason"]) == (422, "too_many_own_exports")
    number = int(paths[0].rpartition("/")[2])
    assert (
        program("exports:do", "demo.admin", ALL_SHOPS)
        .act("delete_export", {"merchant_no": SHOP, "export_no": number})
        .json()["reason"]
        == "not_permitted"
    )
    assert asking.act("delete_export", {"export_no": number}).status_code == 200
    # Its job takes file and row away with its next step.
    file = asking.send("GET", paths[0])
    assert file.status_code == 404 or file.json()["file"]["fault"] == "deleted"
    assert wanted(asking, key="again").status_code == 200


async def test_a_stolen_token_has_nothing_made_after_it_was_revoked(program: Ask, house: House, ports: Ports) -> None:
    await sell(house, ports)
    thief = program()
    path = made(thief, wanted(thief))
    token_id = thief.token.split("_")[1]
    house.do(REVOKE_TOKEN, OneToken(token_id), SHOP, ByPerson("demo.owner"))
    assert thief.send("GET", path).status_code == 401
    assert thief.send("POST", f"{path}/take").status_code == 401


def test_each_list_that_may_be_taken_away_has_its_address_and_no_other() -> None:
    may = {f"{path_of_list(name)}/export" for name, one in LISTS.items() if AREAS[one.area].export}
    assert {route.path for route in ROUTES if route.path.endswith("/export")} == may


def test_a_finding_is_listed_told_and_settled_once(program: Ask, house: House, owner: Browser) -> None:
    guess(house, 5_000, 2 * HOUR_MS)
    owner.get("/findings?anew=yes")
    asking = program("findings:view findings:do")
    (row,) = [one for one in asking.rows("/findings") if one["finding"]["detector"] == "failure_burst"]
    assert (row["merchant_no"], row["settled"], row["finding"]["zh"]["name"]) == (SHOP, None, "连续失败")
    path = f"/findings/{SHOP}/{row['finding_key']}"
    assert asking.send("GET", path).json() == row

    def settle(body: dict[str, str], key: str) -> Any:
        return asking.send("POST", f"{path}/settle", json=body, headers={"idempotency-key": key})

    assert settle({"outcome": "harmless"}, "a").json()["errors"][0]["pointer"] == "/reason"
    assert settle({"outcome": "guilty", "reason": WHY}, "b").json()["errors"][0]["pointer"] == "/outcome"
    done = settle({"outcome": "harmless", "reason": WHY}, "c")
    assert done.status_code == 200, done.text
    assert settle({"outcome": "harmless", "reason": WHY}, "c").text == done.text
    (note,) = [note for note in house.host_rows("audit_notes") if note["action"] == "settle_finding"]
    assert (note["note_no"], note["actor"], note["reason"]) == (done.json()["note_no"], "person:demo.owner", WHY)
    assert asking.send("GET", path).json()["settled"]["outcome"] == "harmless"
    assert row["finding_key"] in [one["finding_key"] for one in asking.rows("/findings", show="settled")]
    assert row["finding_key"] not in [one["finding_key"] for one in asking.rows("/findings")]
    assert asking.get("/findings", show="some").json()["errors"][0]["parameter"] == "show"
    assert asking.get("/findings", colour="red").status_code == 400


def test_who_only_looks_settles_nothing_and_another_shop_is_not_there(
    program: Ask, house: House, owner: Browser
) -> None:
    guess(house, 5_000, 2 * HOUR_MS)
    owner.get("/findings?anew=yes")
    looking = program("findings:view")
    row = looking.rows("/findings")[0]
    path = f"/findings/{SHOP}/{row['finding_key']}"
    body, headers = {"outcome": "acted", "reason": WHY}, {"idempotency-key": "k"}
    assert looking.send("POST", f"{path}/settle", json=body, headers=headers).status_code == 403
    assert looking.send("GET", path.replace(SHOP, "102100058129999")).status_code == 404
    assert looking.send("GET", f"/findings/{SHOP}/0000000000000000").status_code == 404
    assert looking.rows("/findings", shop="102100058129999") == []
