"""Lists as files from the office over TCP: the list's own rows and totals, a right of its own, a note before the first row."""

import csv
import io
import json
import os
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pysqlite3 import dbapi2
from tests.conftest import Ports
from tests.worlds.house import House, until
from tests.worlds.office import SHOP, Browser, come_in, token_of
from tests.worlds.true_terminal import at_the_counter

from zhanggui.acquirer.people.exporting import OWN_MAX
from zhanggui.acquirer.people.rights import AREAS
from zhanggui.acquirer.rows.records import ExportFile
from zhanggui.host.jobs.export_job import NO_ROOM, Written
from zhanggui.office.lists import OFFICE_LISTS
from zhanggui.office.pages import exporting
from zhanggui.office.routes import Right
from zhanggui.office.table import ROUTES
from zhanggui.programs.data_folder import Places
from zhanggui.programs.export_files import ExportFiles

SALES = ("500", "1234", "777")
WHY = "月底对账"
MORE_THAN_LINES_HOLD = 48_000_000
"""Bytes: what waits on its way in both systems is some millions."""


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


async def test_what_is_no_export_takes_nothing_and_says_why(owner: Browser, house: House, ports: Ports) -> None:
    await sell(house, ports)
    assert export(owner, "/payments", "pdf").status_code == 422
    assert export(owner, "/payments", "csv", reason="x" * 500).status_code == 422
    assert (
        export(owner, "/payments", "csv", asked="shop=102100058129999").headers["content-type"].startswith("text/html")
    )
    assert not notes(house)


def ordered(browser: Browser, house: House, kind: str) -> str:
    """Have a large file made; the path of its page when it is there."""
    page = export(browser, "/payments", kind)
    path = urlsplit(str(page.url)).path
    assert re.fullmatch(r"/exports/\d+/\d+", path), page.text

    def is_made() -> bool:
        state: str = json.loads(browser.get(f"{path}/progress").text)["state"]
        return state != "making"

    until(is_made, "the file")
    return path


def begin_the_night(house: House) -> None:
    """The jobs of files are due now."""
    connection = dbapi2.connect(str(Places(house.folder).host_database))
    connection.execute("UPDATE jobs SET due_ms = 1 WHERE kind = 'export'")
    connection.commit()
    connection.close()


def taken(browser: Browser, path: str) -> httpx.Response:
    return browser.submit(browser.get(path), f"{path}/take", {})


async def test_a_large_list_becomes_a_file_beside_the_host_s_work_and_is_taken_once(
    office: str, owner: Browser, house: House, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sell(house, ports)
    monkeypatch.setattr(exporting, "ROWS_AT_ONCE", 2)
    path = ordered(owner, house, "csv")
    (row,) = house.host_rows("export_files")
    folder = house.folder / "host" / "exports"
    kept = folder / str(row["file_id"])
    assert (row["state"], row["rows"], row["size_bytes"]) == ("ready", 3, kept.stat().st_size)
    assert (kept.stat().st_mode & 0o077, folder.stat().st_mode & 0o077) == (0, 0)
    with Browser(office) as partner:
        come_in(partner, house, "partner", "owner")
        assert "只有提出导出的人可以下载" in partner.get(path).text
        assert taken(partner, path).status_code == 422
    page = owner.get(path).text
    assert "¥" not in page
    assert f"商户: {SHOP}" in page
    answer = taken(owner, path)
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert dict(lines[-2:]) == {"行数": "3", "合计 amount_fen": "2511"}
    assert answer.headers["content-length"] == str(len(answer.content))
    until(lambda: not kept.exists(), "the file to go once it was taken")
    assert "已下载并清除" in taken(owner, path).text
    assert [note["detail"] for note in notes(house)] == [f"csv shop={SHOP}", "taken 1"]
    assert "已下载" in owner.get("/exports").text
    book = taken(owner, ordered(owner, house, "xlsx"))
    assert book.content.startswith(b"PK")


def make_large(house: House, kept: Path) -> None:
    """The file has more than waits on a line."""
    os.truncate(kept, MORE_THAN_LINES_HOLD)
    connection = dbapi2.connect(str(Places(house.folder).host_database))
    connection.execute("UPDATE export_files SET size_bytes = ?", (MORE_THAN_LINES_HOLD,))
    connection.commit()
    connection.close()


def hang_up(browser: Browser, path: str) -> None:
    """Begin to take a file, and close the line behind its first bytes."""
    form, headers = {"token": token_of(browser.get(path))}, {"origin": browser.address}
    with (
        httpx.Client(base_url=browser.address, trust_env=False, cookies=browser.cookies) as hurried,
        hurried.stream("POST", f"{path}/take", data=form, headers=headers) as answer,
    ):
        assert answer.headers["content-length"] == str(MORE_THAN_LINES_HOLD)
        assert next(answer.iter_raw())


async def test_a_download_that_breaks_off_can_be_begun_again(
    owner: Browser, house: House, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sell(house, ports)
    monkeypatch.setattr(exporting, "ROWS_AT_ONCE", 2)
    path = ordered(owner, house, "csv")
    (row,) = house.host_rows("export_files")
    kept = house.folder / "host" / "exports" / str(row["file_id"])
    make_large(house, kept)
    for _ in range(2):
        hang_up(owner, path)
        assert (house.host_rows("export_files")[0]["state"], kept.exists()) == ("ready", True)
    assert len(taken(owner, path).content) == MORE_THAN_LINES_HOLD
    until(lambda: house.host_rows("export_files")[0]["state"] == "taken", "the place to be free")
    assert not kept.exists()
    assert [note["detail"] for note in notes(house)][1:] == ["taken 1"] * 3


def test_a_host_begins_by_removing_what_a_killed_one_left(demo_folder: Path, start_house: Callable[..., House]) -> None:
    exports = Places(demo_folder).exports
    rows = exports / ".f1.part.d" / "rows"
    rows.parent.mkdir(parents=True)
    for path in (rows, exports / ".f1.part", exports / "f1"):
        path.write_text("rows in clear", encoding="utf-8")
    start_house()
    assert [path.name for path in exports.iterdir()] == ["place"]


async def test_where_payments_need_the_room_there_is_no_file_and_its_page_says_what_to_do(
    owner: Browser, house: House, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sell(house, ports)
    monkeypatch.setattr(exporting, "ROWS_AT_ONCE", 2)

    async def full(self: ExportFiles, file: ExportFile) -> Written:
        return Written(0, 0, fault=NO_ROOM)

    monkeypatch.setattr(ExportFiles, "write_on", full)
    page = owner.get(ordered(owner, house, "csv"))
    assert "磁盘空间不足" in page.text
    assert "没有生成" in page.text


async def test_a_file_goes_with_its_row_when_its_time_is_over(
    owner: Browser, house: House, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sell(house, ports)
    monkeypatch.setattr(exporting, "ROWS_AT_ONCE", 2)
    path = ordered(owner, house, "json")
    (job,) = [row for row in house.host_rows("jobs") if row["kind"] == "export"]
    assert (job["state"], job["done_count"], job["total_count"]) == ("waiting", 3, 3)
    (row,) = house.host_rows("export_files")
    assert job["due_ms"] >= row["until_ms"]
    begin_the_night(house)
    until(lambda: not house.host_rows("export_files"), "the row to go")
    assert [one.name for one in (house.folder / "host" / "exports").iterdir()] == ["place"]
    assert owner.get(path).status_code == 404


async def test_a_shop_has_so_many_files_and_no_more(
    owner: Browser, house: House, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sell(house, ports)
    monkeypatch.setattr(exporting, "ROWS_AT_ONCE", 2)
    for _ in range(OWN_MAX):
        assert "/exports/" in str(export(owner, "/payments", "csv").url)
    assert "您等待下载的文件已满" in export(owner, "/payments", "csv").text
    assert owner.get(f"/exports/{SHOP}/21").status_code == 404
    assert owner.get("/exports/102100058129999/1").status_code == 404
    assert owner.get("/exports/*/1").status_code == 404


async def test_who_has_as_many_files_as_one_may_deletes_one_and_nobody_else_s(
    office: str, owner: Browser, house: House, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sell(house, ports)
    monkeypatch.setattr(exporting, "ROWS_AT_ONCE", 2)
    paths = [ordered(owner, house, "json") for _ in range(OWN_MAX)]
    with Browser(office) as partner:
        come_in(partner, house, "partner", "owner")
        assert "/exports/" in str(export(partner, "/payments", "csv").url), "another has places of the own"
        assert "/acts/delete_export" not in partner.get(paths[0]).text
        form = {"merchant": SHOP, "export_no": paths[0].rpartition("/")[2]}
        assert partner.submit(partner.get("/"), "/acts/delete_export", form).status_code == 422
    kept = house.folder / "host" / "exports" / str(house.host_rows("export_files")[0]["file_id"])
    assert kept.exists()
    (link,) = re.findall(r'href="(/acts/delete_export\?[^"]*)"', owner.get(paths[0]).text)
    done = owner.submit(owner.get(unescape(link)), "/acts/delete_export", form)
    assert "已完成" in done.text
    until(lambda: not kept.exists(), "the file to go")
    until(lambda: owner.get(paths[0]).status_code == 404, "its row to go")
    assert "deleted 1" in [note["detail"] for note in notes(house)]
    assert "/exports/" in str(export(owner, "/payments", "csv").url)


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
