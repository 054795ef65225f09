"""A list as a file: head and foot in both languages, texts that stay texts, one row a line, the bounds of a sheet."""

import csv
import io
import json
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest

from zhanggui.acquirer.people.rights import AREAS
from zhanggui.basics.words import Lang
from zhanggui.views.all_lists import LISTS
from zhanggui.views.exports import xlsx_file
from zhanggui.views.exports.csv_file import CsvWriter
from zhanggui.views.exports.export import ExportHead, Writer, export_words
from zhanggui.views.exports.json_file import JsonWriter
from zhanggui.views.exports.xlsx_file import EXACT_MAX, XlsxWriter
from zhanggui.views.listing import Column, View
from zhanggui.views.questions.sources import Totals
from zhanggui.views.questions.wrong import AskedWrong


class Line(msgspec.Struct, frozen=True):
    """A row of a list that nobody has."""

    rrn: str
    name: str
    amount_fen: int
    ended: str | None = None


VIEW = View("payments", Line, (Column("rrn", lambda row, lang: row.rrn),))
HEAD = ExportHead(
    list_name="payments",
    question="state=approved&card=0012",
    filters={"state": "成功", "card": "*0012"},
    shops=[],
    zone="+08:00",
    shop_day_begins={"00:00": 3, "04:00": 1},
    made="2026-11-29T12:00:00.000+08:00",
    by="console",
)
ROWS = [
    Line("000000000012", "王芳", 1_250),
    Line("000000000013", "=cmd()|'/C calc'!A0", 999_999_999_999, "2026-11-29"),
    Line("000000000014", "https://example.org/\x1b", -5),
    Line("000000000015", "　＋1", 10**16),
]
TOTALS = Totals(4, {"amount_fen": 1_000})


def written(writer: Writer) -> None:
    writer.begin(HEAD)
    for row in ROWS:
        writer.write(row)
    writer.end(TOTALS)


@pytest.mark.parametrize(
    ("lang", "first", "last"), [("zh", "列表", "合计 amount_fen"), ("en", "list", "total amount_fen")]
)
def test_csv_says_at_its_head_what_it_is_and_at_its_foot_what_it_comes_to(lang: Lang, first: str, last: str) -> None:
    file = io.StringIO()
    written(CsvWriter(file, VIEW, lang))
    lines = list(csv.reader(io.StringIO(file.getvalue())))
    assert lines[0][0] == first
    assert lines[7] == []
    assert lines[8] == ["rrn", "name", "amount_fen", "ended"]
    assert lines[9] == ["000000000012", "王芳", "1250", ""]
    assert lines[13] == []
    assert lines[14:] == [[export_words()["foot.rows"].of(lang), "4"], [last, "1000"]]
    assert "*0012" in lines[1][1]
    assert "04:00" in lines[4][1]
    assert lines[5][1] == HEAD.made


def test_no_cell_of_a_csv_is_a_formula() -> None:
    file = io.StringIO()
    written(CsvWriter(file, VIEW, "en"))
    cells = [cell for line in csv.reader(io.StringIO(file.getvalue())) for cell in line]
    texts = [cell for cell in cells if not cell.lstrip("-").isdigit()]
    assert not [cell for cell in texts if cell.lstrip("\u3000 ").startswith(("=", "+", "-", "@", "＋"))]
    assert "'=cmd()|'/C calc'!A0" in cells


def test_json_is_one_value_with_head_rows_and_foot() -> None:
    file = io.StringIO()
    written(JsonWriter(file))
    told = json.loads(file.getvalue())
    assert told["head"] == {"list": "payments", **{k: v for k, v in msgspec.to_builtins(HEAD).items() if k != "list"}}
    assert told["rows"] == msgspec.to_builtins(ROWS)
    assert told["foot"] == {"rows": 4, "sums": {"amount_fen": 1_000}}
    assert "\x1b" not in file.getvalue()


def sheet(path: Path) -> list[list[tuple[str, str]]]:
    """The cells of each row of the first sheet: their type in the file, and what stands in them."""
    space = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(path) as book:
        assert not [name for name in book.namelist() if "hyperlink" in name.lower() or "rels/sheet" in name]
        root = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert root.findall(".//s:f", space) == []
    return [
        [(cell.get("t", "n"), "".join(cell.itertext())) for cell in row.findall("s:c", space)]
        for row in root.findall(".//s:row", space)
    ]


def test_in_a_workbook_texts_stay_texts_and_amounts_are_numbers(tmp_path: Path) -> None:
    with (tmp_path / "a.xlsx").open("wb") as file:
        written(XlsxWriter(file, VIEW, "zh", str(tmp_path)))
    rows = sheet(tmp_path / "a.xlsx")
    assert rows[0] == [("inlineStr", "列表"), ("inlineStr", "交易")]
    body = [row for row in rows if row and row[0][1].startswith("0000000000")]
    assert body[0] == [("inlineStr", "000000000012"), ("inlineStr", "王芳"), ("n", "1250")]
    assert body[1][1] == ("inlineStr", "=cmd()|'/C calc'!A0")
    assert body[1][2] == ("n", "999999999999")
    assert body[2][1] == ("inlineStr", "https://example.org/?")
    assert body[3][2] == ("inlineStr", str(10 * EXACT_MAX))
    assert rows[-1] == [("inlineStr", "合计 amount_fen"), ("n", "1000")]
    assert [path.name for path in tmp_path.iterdir()] == ["a.xlsx"]


def test_what_is_larger_than_a_sheet_is_told_to_be_a_csv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_file, "SHEET_ROWS", xlsx_file.HEAD_AND_FOOT_ROWS + 12)
    with (tmp_path / "a.xlsx").open("wb") as file:
        writer = XlsxWriter(file, VIEW, "zh", str(tmp_path))
        writer.begin(HEAD)
        for _ in range(3):
            writer.write(ROWS[0])
        with pytest.raises(AskedWrong, match="take CSV") as caught:
            writer.write(ROWS[0])
        writer.end(TOTALS)
    assert caught.value.field == "format"
    assert "CSV" in caught.value.of("zh")


@pytest.mark.parametrize("name", sorted(LISTS))
def test_each_list_has_a_name_in_both_languages_and_an_area_of_rights(name: str) -> None:
    assert f"list.{name}" in export_words()
    assert LISTS[name].area in AREAS
