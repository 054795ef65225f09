"""`zhanggui bench office`, small: the folder is filled and kept, every list is opened, a file is written, and sales go on beside it."""

import json
from pathlib import Path

import pytest
from pysqlite3 import dbapi2

from zhanggui.acquirer.payments.books import book_differences
from zhanggui.basics.errors import Fault, Misuse
from zhanggui.cli import bench_office
from zhanggui.office.lists import OFFICE_LISTS
from zhanggui.programs.data_folder import Places
from zhanggui.store.open import open_book_rows

PAYMENTS, SIGN_INS = 2_600, 60


def measure(folder: Path, *, only: str, slack: float, export_rows: int = 0, pairs: int = 0) -> None:
    bench_office.bench_office(
        PAYMENTS,
        SIGN_INS,
        times=1,
        export_rows=export_rows,
        pairs=pairs,
        data=str(folder),
        slack=slack,
        only=only,
        as_json=True,
        lang="en",
    )


@pytest.mark.processes
def test_pages_an_export_and_sales_beside_them_are_measured_over_a_folder_that_is_kept(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(bench_office, "configure_logs", lambda **level: None)
    monkeypatch.setattr(bench_office, "LINES", 2)
    monkeypatch.setattr(bench_office, "SALES_EACH", 3)
    monkeypatch.setattr(bench_office, "EXPORT_OF_PAIRS_PART", 1)
    folder = tmp_path / "data"
    with pytest.raises(Fault, match=r"goals of the office were missed: admin\.payments\.first"):
        measure(folder, only=".first", slack=0.001, export_rows=1_300, pairs=1)
    told = json.loads(capsys.readouterr().out)
    assert (told["stored"]["payments"], told["stored"]["sign_ins"], told["is_met"]) == (PAYMENTS, SIGN_INS, False)
    assert {f"admin.{one.name}.first" for one in OFFICE_LISTS} <= told["pages"].keys()
    assert all(one["runs"] == 1 and one["p95_ms"] > 0 for one in told["pages"].values())
    assert 1_200 <= told["export"]["rows"] <= 1_400
    assert 0 < told["export"]["peak_mib"] < told["export"]["goal_mib"]
    assert len(told["sales"]["without"]) == len(told["sales"]["beside"]) == 1
    database = Places(folder).host_database
    with open_book_rows(str(database)) as books:
        assert list(book_differences(books.payments(), books.postings())) == []
    connection = dbapi2.connect(database)
    count = "SELECT count(*), count(DISTINCT rrn) FROM payments WHERE merchant_no LIKE '10210005412%'"
    assert connection.execute(count).fetchone() == (PAYMENTS, PAYMENTS)
    connection.close()
    with pytest.raises(Misuse, match="begun with 2600 payments and 60 sign-ins"):
        bench_office.bench_office(
            PAYMENTS * 2,
            SIGN_INS,
            times=1,
            export_rows=0,
            pairs=0,
            data=str(folder),
            slack=1,
            only="-",
            as_json=True,
            lang="en",
        )
