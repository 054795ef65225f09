"""Every list: its rows and totals by command, interface, page and export, the same in each form; and what an export leaves behind."""

import asyncio
import csv
import io
import json
import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest
from tests.contract.store_rows import save
from tests.worlds.desk_alone import DeskAlone
from tests.worlds.listed_shops import DAY_SHOP, NIGHT_SHOP, all_rows

from zhanggui.acquirer.rows.records import WHOLE_HOST, Counter
from zhanggui.basics.chance import SystemChance
from zhanggui.basics.clock import SystemClock
from zhanggui.basics.errors import Misuse
from zhanggui.cli.asked_lists import export, print_totals, show
from zhanggui.cli.lists import lists_of
from zhanggui.cli.sign_ins import Wanted, list_sign_ins
from zhanggui.office.api.lists import path_of_list
from zhanggui.office.api.routes import BASE
from zhanggui.office.lists import OFFICE_LISTS
from zhanggui.programs.data_folder import Places, store_target
from zhanggui.programs.demo import make_demo
from zhanggui.programs.settings import Settings
from zhanggui.store.open import open_store
from zhanggui.views.all_lists import LISTS
from zhanggui.views.questions.reading import Reading
from zhanggui.views.questions.wrong import AskedWrong

NEEDED = {"day_slips": (f"shop={NIGHT_SHOP}", "day=2026-11-28")}
NAMES = sorted(LISTS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Demo data, and two shops more that are full of rows."""
    folder = tmp_path_factory.mktemp("listed")
    settings = Settings(data=str(folder))

    async def fill() -> None:
        await make_demo(settings, SystemClock(), SystemChance(), lambda step: None)
        store = open_store(store_target(settings, Places(folder)))
        counters = [Counter(merchant_no=shop, name="note", value=900) for shop in (DAY_SHOP, NIGHT_SHOP)]
        await save(store, *all_rows(), *counters)
        await store.close()

    asyncio.run(fill())
    return folder


@pytest.fixture
def settings(folder: Path) -> Settings:
    return Settings(data=str(folder), lang="en")


def walked(settings: Settings, name: str) -> list[Any]:
    """The rows of a list as it says them itself."""
    given = dict(pair.split("=") for pair in NEEDED.get(name, ()))
    with lists_of(settings) as queries:
        reading = Reading(queries, SystemClock().now())
        question = LISTS[name].ask(given, reading)
        rows = list(LISTS[name].walk(question, reading))
        assert LISTS[name].totals(question, reading).rows == len(rows)
    plain: list[Any] = json.loads(msgspec.json.encode(rows))
    return plain


@pytest.mark.parametrize("name", NAMES)
def test_command_and_export_have_the_rows_and_totals_of_the_list(
    name: str, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, filters = walked(settings, name), NEEDED.get(name, ())
    assert rows
    sums = {field: sum(row[field] for row in rows) for field in LISTS[name].sums}
    show(settings, name, filters, limit=100_000, as_json=True)
    assert json.loads(capsys.readouterr().out) == rows
    print_totals(settings, name, filters, "", as_json=True)
    assert json.loads(capsys.readouterr().out) == {"rows": len(rows), "sums": sums}
    for ending in ("json", "csv", "xlsx"):
        export(settings, "", "", name, filters, tmp_path / f"a.{ending}", None, as_json=True)
        told = json.loads(capsys.readouterr().out)
        # Each export is a note itself: of the notes, those before the first one are compared.
        begun = ("json", "csv", "xlsx").index(ending) + 1 if name == "audit_notes" else 0
        assert told == {"rows": len(rows) + begun, "sums": sums}
    written = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert written["rows"][-len(rows) :] == rows
    text = (tmp_path / "a.csv").read_text(encoding="utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    first, last = lines.index([]), len(lines) - 1 - lines[::-1].index([])
    assert last - first - 2 == len(rows) + (2 if name == "audit_notes" else 0)
    assert dict(lines[last + 1 :])["rows"] == str(last - first - 2)


@pytest.fixture(scope="module")
def desk(folder: Path) -> DeskAlone:
    return DeskAlone(Settings(data=str(folder)))


@pytest.fixture(scope="module")
def token(desk: DeskAlone) -> str:
    """An administrator's, for all shops."""
    return desk.token("demo.admin", " ".join(sorted({f"{one.area}:view" for one in LISTS.values()})))


@pytest.fixture(scope="module")
def session(desk: DeskAlone) -> str:
    """An administrator's."""
    return desk.session("demo.admin")


@pytest.mark.parametrize("name", NAMES)
def test_the_interface_has_the_rows_and_totals_of_the_list(
    name: str, settings: Settings, desk: DeskAlone, token: str, session: str
) -> None:
    asked = dict(pair.split("=") for pair in NEEDED.get(name, ()))
    found: list[Any] = []
    page: dict[str, Any] = {"next": ""}
    while page["next"] is not None:
        query = urlencode(
            asked | {"limit": "400", "totals": "yes"} | ({"cursor": page["next"]} if page["next"] else {})
        )
        answer = desk.get(f"{BASE}{path_of_list(name)}?{query}", token=token)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["rows"]
    rows = walked(settings, name)
    assert found == rows
    sums = {field: sum(row[field] for row in rows) for field in LISTS[name].sums}
    assert page["totals"] == {"rows": len(rows), "sums": sums}


def cells_of(page: str) -> list[list[str]]:
    """What stands in the rows that a page draws."""
    return [
        [unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
        for row in re.findall(r"<tr data-row>(.*?)</tr>", page, re.DOTALL)
    ]


@pytest.mark.parametrize("one", OFFICE_LISTS, ids=lambda one: one.name)
def test_the_page_has_the_rows_and_totals_of_the_list(
    one: Any, settings: Settings, desk: DeskAlone, token: str, session: str
) -> None:
    with lists_of(settings) as queries:
        reading = Reading(queries, SystemClock().now())
        question = one.asked.ask({}, reading)
        rows = list(one.asked.walk(question, reading))
        wanted = [[cell.strip() for cell in cells] for cells in one.asked.view.cells(rows, "en")]
    found: list[list[str]] = []
    path: str | None = f"{one.path}?count=yes"
    while path:
        answer = desk.get(path, session=session)
        assert answer.status_code == 200, path
        if not found:
            assert f"{len(rows)} rows" in answer.text
        found += cells_of(answer.text)
        more = re.search(rf'href="({re.escape(one.path)}\?[^"]*cursor=[^"]+)"', answer.text)
        path = unescape(more[1]) if more is not None else None
    assert found == wanted


def test_an_export_says_who_took_what_before_it_is_written(settings: Settings, tmp_path: Path) -> None:
    out = tmp_path / "a.csv"
    export(settings, "", "", "sign_ins", ("name=员工 2", "outcome=refused"), out, None, as_json=True)
    export(settings, DAY_SHOP, "", "payments", ("state=approved",), tmp_path / "b.dat", "json", as_json=True)
    with lists_of(settings) as queries:
        reading = Reading(queries, SystemClock().now())
        notes = list(
            LISTS["audit_notes"].walk(LISTS["audit_notes"].ask({"action": "export_list"}, reading), reading, 2)
        )
    newest, earlier = ((note.merchant_no, note.actor, note.subject, note.detail) for note in notes)
    assert newest == (DAY_SHOP, "console", "payments", f"json shop={DAY_SHOP}&state=approved")
    assert earlier == (WHOLE_HOST, "console", "sign_ins", "csv name=%E2%80%A6&outcome=refused")
    head = out.read_text(encoding="utf-8-sig").splitlines()[:7]
    assert "name: 员工 2; outcome: refused" in head[1]
    assert "begins at 04:00 (1 shops)" in head[4]


def test_an_export_overwrites_nothing_and_leaves_nothing_unfinished(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "a.csv"
    out.write_text("mine")
    with pytest.raises(Misuse, match="is not overwritten"):
        export(settings, "", "", "payments", (), out, None, as_json=True)
    assert out.read_text() == "mine"

    def broken(*parts: object) -> None:
        raise RuntimeError("the disk went away")

    monkeypatch.setattr("zhanggui.cli.asked_lists.write_file", broken)
    with pytest.raises(RuntimeError):
        export(settings, "", "", "payments", (), tmp_path / "b.csv", None, as_json=True)
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


@pytest.mark.parametrize(
    ("filters", "find", "said"),
    [
        (("colour=red",), "", "no filter 'colour'"),
        (("approved",), "", "'approved' is no filter"),
        ((), "12", "'12' can be several things; say which: operator=12"),
        ((), "nowhere at all", "nothing in this list is called"),
    ],
)
def test_a_question_that_nobody_can_answer_is_refused(
    filters: tuple[str, ...], find: str, said: str, settings: Settings
) -> None:
    with pytest.raises(Misuse, match=said):
        show(settings, "payments", filters, find=find, limit=5, as_json=True)
    with pytest.raises(AskedWrong, match="csv, xlsx, json"):
        export(settings, "", "", "payments", (), Path("a.pdf"), None, as_json=True)


def test_whoever_may_not_export_gets_no_file(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(Misuse):
        export(settings, "102100058120001", "01", "payments", (), tmp_path / "a.csv", None, as_json=True)
    assert list(tmp_path.iterdir()) == []


def test_a_number_in_the_search_finds_its_rows(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    show(settings, "payments", (), find="000000000009", limit=50, as_json=True)
    assert {row["rrn"] for row in json.loads(capsys.readouterr().out)} == {"000000000009"}


def test_the_old_options_of_sign_ins_and_the_list_show_the_same_rows(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    list_sign_ins(
        settings, Wanted(operator="03", outcome="refused", shop="9004", limit=9), as_json=True, as_csv=False, out=None
    )
    by_options = json.loads(capsys.readouterr().out)
    show(settings, "sign_ins", ("operator=03", "outcome=refused", f"shop={NIGHT_SHOP}"), limit=9, as_json=True)
    assert json.loads(capsys.readouterr().out) == by_options != []
