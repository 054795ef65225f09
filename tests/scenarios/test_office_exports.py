"""Lists as files from the office over TCP: the list's own rows and totals, a right of its own, a note before the first row."""

import csv
import io
import json
import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from tests.conftest import Ports
from tests.worlds.house import House
from tests.worlds.office import SHOP, Browser, come_in
from tests.worlds.true_terminal import at_the_counter

from zhanggui.acquirer.people.rights import AREAS
from zhanggui.office.lists import OFFICE_LISTS
from zhanggui.office.pages import exporting
from zhanggui.office.routes import Right
from zhanggui.office.table import ROUTES

SALES = ("500", "1234", "777")
WHY = "月底对账"


@pytest.fixture
def office(house: House) -> str:
    return house.serve_office()


@pytest.fixture
def owner(house: House, office: str) -> Iterator[Browser]:
    with Browser(office) as browser:
        come_in(browser, house, "owner", "owner")
        yield browser


async def sell(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take()) as at:
        for fen in SALES:
            await at.sell(fen)


def export(browser: Browser, path: str, kind: str, **form: str) -> httpx.Response:
    """Follow the list's own link to its export, choose a format and send."""
    (link,) = re.findall(r'href="([^"]*/export\?[^"]*)"', browser.get(path).text)
    page = browser.get(unescape(link))
    (asked,) = re.findall(r'name="asked" value="([^"]*)"', page.text)
    to = urlsplit(unescape(link)).path
    return browser.submit(page, to, {"asked": unescape(asked), "format": kind, "reason": WHY, **form})


def notes(house: House) -> list[dict[str, object]]:
    return [row for row in house.host_rows("audit_notes") if row["action"] == "export_list"]


async def test_a_list_is_taken_away_as_its_page_shows_it(owner: Browser, house: House, ports: Ports) -> None:
    await sell(house, ports)
    answer = export(owner, "/payments?state=approved", "csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert re.search(r'attachment; filename="payments-\d{8}-\d{6}\.csv"', answer.headers["content-disposition"])
    assert answer.headers["cache-control"] == "no-store"
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    first, last = lines.index([]), len(lines) - 1 - lines[::-1].index([])
    head, rows, foot = dict(lines[:first]), lines[first + 2 : last], dict(lines[last + 1 :])
    assert (head["筛选"], head["导出人"]) == (f"商户: {SHOP}; 状态: 成功", "person:owner")
    assert (len(rows), foot["行数"], foot["合计 amount_fen"]) == (3, "3", "2511")
    written = json.loads(export(owner, "/payments?amount=12.34", "json").text)
    assert [row["amount_fen"] for row in written["rows"]] == [1234]
    assert parse_qs(written["head"]["question"]) == {"shop": [SHOP], "amount": ["12.34"]}
    book = export(owner, "/payments", "xlsx")
    assert book.content.startswith(b"PK")
    assert [note["detail"] for note in notes(house)] == [
        f"csv shop={SHOP}&state=approved",
        f"json shop={SHOP}&amount=12.34",
        f"xlsx shop={SHOP}",
    ]
    assert {(note["actor"], note["reason"], note["merchant_no"]) for note in notes(house)} == {
        ("person:owner", WHY, SHOP)
    }


async def test_what_is_no_export_takes_nothing_and_says_why(
    owner: Browser, house: House, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sell(house, ports)
    assert export(owner, "/payments", "pdf").status_code == 422
    assert export(owner, "/payments", "csv", reason="x" * 500).status_code == 422
    assert export(owner, "/payments", "csv", asked="shop=102100058129999").headers["content-type"].startswith("text/html")
    monkeypatch.setattr(exporting, "ROWS_AT_ONCE", 2)
    assert "超过" in export(owner, "/payments", "csv").text
    assert not notes(house)


async def test_taking_away_is_a_right_of_its_own(office: str, owner: Browser, house: House, ports: Ports) -> None:
    await sell(house, ports)
    with Browser(office) as manager:
        come_in(manager, house, "manager", "manager")
        page = manager.get("/payments")
        assert "/payments/export" not in page.text
        refused = manager.submit(page, "/payments/export", {"asked": "", "format": "csv"})
        assert (refused.status_code, "店主" in refused.text) == (403, True)
    assert not notes(house)


def test_each_list_that_may_be_taken_away_has_its_form_and_no_other() -> None:
    may = {f"{one.path}/export" for one in OFFICE_LISTS if AREAS[one.area].export}
    found = {route.path: route.right for route in ROUTES if route.path.endswith("/export")}
    assert set(found) == may
    assert all(isinstance(right, Right) and right.what == "export" for right in found.values())
