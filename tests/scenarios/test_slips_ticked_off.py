"""Merchant copies against the day's list: twenty payments, eighteen slips in the pile, and the two that are missing are named."""

import subprocess
import sys

import msgspec
from pysqlite3 import dbapi2
from tests.worlds.foreign_terminal import DEMO_MERCHANT, DEMO_TERMINAL, ForeignTerminal, Line
from tests.worlds.house import House

from zhanggui.basics.numbers import UnixMs
from zhanggui.basics.shop_day import shop_day
from zhanggui.cup.values.bar_code import write_bar_code
from zhanggui.programs.data_folder import Places


def run(house: House, *words: str, pile: str = "", code: int = 0) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-m", "zhanggui", "slips", *words, "--data", str(house.settings.data_path), "--json"],
        input=pile.encode(),
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == code, done.stderr.decode()
    return msgspec.json.decode(done.stdout) if code == 0 else {"said": done.stderr.decode()}


def test_two_slips_of_twenty_that_are_missing_are_named(house: House, line: Line, terminal: ForeignTerminal) -> None:
    for at in range(20):
        assert terminal.ask(line, terminal.sale(1_000 + at))["39"] == "00"
    rows = [row for row in house.host_rows("payments") if row["kind"] == "sale"]
    assert len(rows) == 20
    day = str(rows[0]["shop_day"])
    codes = [write_bar_code(str(row["rrn"]), day[5:].replace("-", ""), str(row["auth_code"])) for row in rows]
    assert all(len(code) == 22 for code in codes)
    lost = {str(rows[4]["trace_no"]), str(rows[13]["trace_no"])}
    pile = [code for code, row in zip(codes, rows, strict=True) if row["trace_no"] not in lost]

    # The first by hand, the others by the scanner, one twice, and one that is of no payment.
    by_hand = run(house, "tick", f"{DEMO_TERMINAL}/{int(str(rows[0]['trace_no']))}", "--day", day)
    assert (by_hand["ticked"], len(by_hand["missing"])) == (1, 19)  # type: ignore[arg-type]
    strange = "9" * 22
    scanned = run(house, "tick", "-", "--day", day, pile="\n".join([*pile[1:], pile[2], strange, ""]))
    assert (scanned["ticked"], scanned["again"], scanned["unknown"]) == (17, 1, [strange])
    missing = run(house, "missing", "--day", day)
    assert {row["trace_no"] for row in missing} == lost  # type: ignore[index]
    assert scanned["missing"] == missing
    assert len(house.host_rows("slip_ticks")) == 18
    assert {row["merchant_no"] for row in house.host_rows("slip_ticks")} == {DEMO_MERCHANT}
    assert "2026-1-5" in str(run(house, "missing", "--day", "2026-1-5", code=2)["said"]), "no day, and no clean list"
    again = run(house, "tick", *pile, "--day", day)
    assert (again["ticked"], again["again"]) == (0, 18)
    assert len(house.host_rows("slip_ticks")) == 18, "ticked once, whoever finds it again"


def test_the_day_that_runs_now_is_cut_where_the_shop_cuts_it(
    house: House, line: Line, terminal: ForeignTerminal
) -> None:
    words = ["policy", "set", "shop_day_starts_hour", "23", "--data", str(house.settings.data_path)]
    subprocess.run([sys.executable, "-m", "zhanggui", *words], check=True, capture_output=True, timeout=60)
    assert terminal.ask(line, terminal.sale(1_000))["39"] == "00"
    (sold,) = [row for row in house.host_rows("payments") if row["kind"] == "sale"]
    assert sold["shop_day"] == shop_day(UnixMs(sold["created_ms"]), 23)
    missing = list(run(house, "missing"))
    assert [row["trace_no"] for row in missing] == [sold["trace_no"]]  # type: ignore[index]
    found = run(house, "tick", f"{DEMO_TERMINAL}/{int(str(sold['trace_no']))}")
    assert (found["day"], found["ticked"]) == (sold["shop_day"], 1)


def test_a_model_that_prints_nothing_has_no_paper_to_miss(house: House, line: Line, terminal: ForeignTerminal) -> None:
    """Its slips are electronic, and what was signed there is kept by the host."""
    assert terminal.ask(line, terminal.sale(1_000))["39"] == "00"
    assert len(list(run(house, "missing"))) == 1
    connection = dbapi2.connect(str(Places(house.folder).host_database))
    connection.execute("UPDATE terminals SET model = 'esign' WHERE terminal_no = ?", (DEMO_TERMINAL,))
    connection.commit()
    connection.close()
    assert list(run(house, "missing")) == []
