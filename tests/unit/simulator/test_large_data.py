"""`bench data`: as many rows as asked for, the same after an interruption, with books that balance and chains that verify."""

import asyncio
import json
from pathlib import Path

import pytest
from pysqlite3 import dbapi2

from zhanggui.acquirer.payments.books import book_differences
from zhanggui.basics.chance import SeededChance
from zhanggui.basics.clock import SystemClock
from zhanggui.basics.errors import Misuse
from zhanggui.basics.numbers import UnixMs
from zhanggui.cli.bench_data import bench_data
from zhanggui.host.commit import Door
from zhanggui.programs.data_folder import Places
from zhanggui.programs.demo import make_demo
from zhanggui.programs.settings import Settings
from zhanggui.simulator.fleets import large
from zhanggui.simulator.fleets.large import LargePlan, make_large
from zhanggui.store.open import open_book_rows, open_store

MIDNIGHT = UnixMs(1_772_294_400_000)
PLAN = LargePlan(payments=25, sign_ins=12, until_ms=MIDNIGHT)


@pytest.fixture(autouse=True)
def small_shops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large, "PER_SHOP", 10)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(data=str(tmp_path / "data"), lang="en")
    made.data_path.mkdir()
    asyncio.run(make_demo(made, SystemClock(), SeededChance(1), lambda step: None))
    return made


def target(settings: Settings) -> str:
    return str(Places(settings.data_path).host_database)


async def make(settings: Settings, plan: LargePlan = PLAN, *, cut_after: int | None = None) -> list[int]:
    """Make it; `cut_after` breaks it off behind that many shops. The answer is what was told."""
    told: list[int] = []

    def tell(done: int, whole: int) -> None:
        told.append(done)
        if done == cut_after:
            raise KeyboardInterrupt

    store = open_store(target(settings))
    try:
        await make_large(plan, Door(store, SystemClock(), SeededChance(2)), tell)
    except KeyboardInterrupt:
        pass
    finally:
        await store.close()
    return told


def rows(settings: Settings, columns: str, table: str) -> list[tuple[object, ...]]:
    connection = dbapi2.connect(target(settings))
    try:
        return list(connection.execute(f"SELECT {columns} FROM {table} ORDER BY {columns}"))
    finally:
        connection.close()


PAYMENTS = "merchant_no, terminal_no, batch_no, trace_no, state, amount_fen, rrn, session_no, created_ms, answer"
SIGN_INS = "merchant_no, record_no, terminal_no, operator_no, state, began_ms, session_no"


async def test_what_was_cut_off_goes_on_and_is_what_one_run_would_have_made(settings: Settings, tmp_path: Path) -> None:
    whole = Settings(data=str(tmp_path / "whole"))
    whole.data_path.mkdir()
    await make_demo(whole, SystemClock(), SeededChance(1), lambda step: None)
    assert await make(whole) == [0, 1, 2, 3]
    assert await make(settings, cut_after=1) == [0, 1]
    assert len(rows(settings, "rrn", "payments")) == 10
    tomorrow = LargePlan(payments=25, sign_ins=12, until_ms=UnixMs(MIDNIGHT + 24 * 3_600_000))
    assert await make(settings, tomorrow) == [1, 2, 3]
    assert await make(settings) == [3], "nothing is made twice"
    for columns, table in ((PAYMENTS, "payments"), (SIGN_INS, "sign_ins")):
        assert rows(settings, columns, table) == rows(whole, columns, table)
    assert (len(rows(settings, "rrn", "payments")), len(rows(settings, "record_no", "sign_ins"))) == (25, 12)
    with open_book_rows(target(settings)) as books:
        assert list(book_differences(books.payments(), books.postings())) == []


async def test_another_size_is_not_put_on_top(settings: Settings) -> None:
    await make(settings, cut_after=1)
    with pytest.raises(Misuse, match=r"begun with --payments 25 --sign-ins 12"):
        await make(settings, LargePlan(payments=26, sign_ins=12, until_ms=MIDNIGHT))


@pytest.mark.parametrize(("payments", "sign_ins"), [(0, 0), (-1, 5), (10_000 * 10, 0)])
def test_a_size_that_can_not_be_made_is_refused(payments: int, sign_ins: int) -> None:
    with pytest.raises(Misuse):
        LargePlan(payments=payments, sign_ins=sign_ins, until_ms=MIDNIGHT)


def test_the_command_makes_the_folder_where_there_is_none_and_tells_how_far_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(data=str(tmp_path / "new"), lang="en")
    bench_data(settings, SystemClock(), payments=15, sign_ins=5, as_json=True)
    printed = capsys.readouterr()
    told = json.loads(printed.out)
    assert (told["payments"], told["sign_ins"], told["shops"], told["shops_made_now"]) == (15, 5, 2, 2)
    assert "bench data 2 / 2" in printed.err
    bench_data(settings, SystemClock(), payments=15, sign_ins=5, as_json=False)
    assert "(0 of them now" in capsys.readouterr().out
