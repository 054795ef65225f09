"""The host's year, whatever the terminal's own clock shows: on slips, in the journal's days, in the measured drift."""

from datetime import datetime
from pathlib import Path

import pytest
from tests.worlds.running_terminal import Desk
from tests.worlds.scripted_host import ScriptedHost
from tests.worlds.shell_makes import StillClock, approved, attempt, line

from zhanggui.basics.clock import CHINA, format_time, instant_of
from zhanggui.basics.numbers import UnixMs
from zhanggui.iso8583.message import Message
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.journal import HOST_DAY, SqliteJournal
from zhanggui.terminal.link.host_answers import host_time
from zhanggui.terminal.link.host_calendar import HostCalendar

DAY_S = 86_400


def at(*when: int) -> UnixMs:
    return instant_of(datetime(*when, tzinfo=CHINA))  # type: ignore[arg-type,misc]


@pytest.mark.parametrize("own", [at(1970, 1, 1, 8), at(2020, 11, 29, 18, 8), at(2032, 2, 3), at(2026, 11, 29, 18, 8)])
@pytest.mark.parametrize(
    ("told", "later_s", "month_day", "time", "expected"),
    [
        (at(2026, 11, 29, 18, 0), 522, "1129", "180842", "2026-11-29 18:08:42"),
        (at(2026, 12, 31, 23, 59, 50), 20, "0101", "000010", "2027-01-01 00:00:10"),
        (at(2027, 1, 1, 0, 0, 5), 1, "1231", "235959", "2026-12-31 23:59:59"),
        (at(2028, 2, 29, 9, 0), 60, "0229", "090100", "2028-02-29 09:01:00"),
        (at(2028, 2, 28, 23, 59), 3 * DAY_S, "0302", "235900", "2028-03-02 23:59:00"),
    ],
)
def test_the_year_is_the_one_that_the_host_told(
    own: UnixMs, told: UnixMs, later_s: int, month_day: str, time: str, expected: str
) -> None:
    clock = StillClock(own)
    calendar = HostCalendar(clock)
    calendar.told(told)
    clock.pass_s(later_s)
    answer = Message("0210", {12: time, 13: month_day})
    assert format_time(host_time(answer, calendar.now())) == expected


def test_a_clock_that_is_set_while_the_terminal_runs_changes_no_year() -> None:
    clock = StillClock(at(2026, 11, 29))
    calendar = HostCalendar(clock)
    calendar.told(at(2026, 11, 29))
    clock.instant = at(2019, 1, 1)
    assert format_time(calendar.now()) == "2026-11-29 00:00:00"
    assert calendar.drift_s == (at(2019, 1, 1) - at(2026, 11, 29)) // 1000


def test_the_newest_word_of_the_host_counts_also_when_it_goes_back() -> None:
    calendar = HostCalendar(StillClock(at(2026, 11, 29)))
    calendar.told(at(2027, 6, 1))
    calendar.told(at(2026, 11, 29))
    assert calendar.drift_s == 0


@pytest.mark.parametrize(
    ("noted", "shown"), [("2026-11-28", "2026-11-28"), ("", "2020-01-01"), ("no day", "2020-01-01")]
)
def test_until_the_host_is_heard_no_day_before_the_last_sign_in_is_believed(noted: str, shown: str) -> None:
    calendar = HostCalendar(StillClock(at(2020, 1, 1)))
    calendar.remembers(noted)
    assert format_time(calendar.now())[:10] == shown
    assert calendar.drift_s is None


def test_todays_list_is_there_after_a_power_cut_that_took_the_clock_with_it(tmp_path: Path) -> None:
    clock = StillClock(at(2026, 11, 29, 12))
    calendar = HostCalendar(clock)
    journal = SqliteJournal(tmp_path / "journal.db", calendar)
    journal.remember(fx.RememberNote(name="host_day", value="2026-11-29"))
    journal.remember(fx.RememberPayment(attempt=attempt(12)), b"sealed card")
    journal.remember(fx.RememberApproval(payment=approved(12), line=line(12, "approved", "00")))
    journal.close()
    clock.instant = at(1970, 1, 1, 8)
    calendar = HostCalendar(clock)
    journal = SqliteJournal(tmp_path / "journal.db", calendar)
    calendar.remembers(journal.noted(HOST_DAY))
    assert [known.trace_no for known in journal.memory().today] == ["000012"]
    journal.close()


def test_a_clock_that_ran_years_ahead_forgets_no_record(tmp_path: Path) -> None:
    clock = StillClock(at(2026, 11, 29, 12))
    journal = SqliteJournal(tmp_path / "journal.db", clock)
    journal.remember(fx.RememberNote(name="host_day", value="2026-11-29"))
    journal.remember(fx.RememberPayment(attempt=attempt(12)), b"sealed card")
    journal.remember(fx.RememberApproval(payment=approved(12), line=line(12, "approved", "00")))
    journal.remember(fx.RememberPrinted(batch_no=attempt(12).batch_no, trace_no=attempt(12).trace_no))
    journal.close()
    clock.instant = at(2032, 1, 1)
    journal = SqliteJournal(tmp_path / "journal.db", clock)
    assert journal.memory().last_sale == approved(12)
    journal.close()


async def test_a_slip_has_the_hosts_year_on_a_terminal_that_is_six_years_behind(
    tmp_path: Path, host: ScriptedHost
) -> None:
    desk = Desk(tmp_path, host)
    desk.clock.instant = at(2020, 11, 23, 8, 54)
    terminal = await desk.power_on()
    try:
        await desk.sign_in()
        desk.keys("sale")
        await desk.screen("amount")
        desk.keys("5", "enter")
        await desk.screen("card")
        terminal.show_card("chip", "insert")
        await desk.screen("pin")
        desk.keys("7", "3", "9", "1", "6", "4", "enter")
        await desk.screen("tear_off")
        printed = [file.read_text() for file in (tmp_path / "terminals").rglob("*merchant*.txt")]
        assert len(printed) == 1
        assert "2026/11/23" in printed[0]
        checks = {check.item: check for check in terminal._state.checks}
        assert checks["clock"].state == "warn", "the drift is said, and not hidden by the year that was guessed"
    finally:
        await terminal.stop()
