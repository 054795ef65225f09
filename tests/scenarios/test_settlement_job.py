"""Settlement at an hour: the durable job asks, waits, closes what nobody settled, and goes on wherever it was cut off."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from tests.worlds.floor import Floor, Shop

from zhanggui.acquirer.rows.records import Batch, Job, Payment, Session, SupportCase, Terminal
from zhanggui.acquirer.rows.state import Insert, Update
from zhanggui.acquirer.settlement.order import after_page
from zhanggui.basics.errors import Fault
from zhanggui.basics.numbers import BatchNo, Rrn, TerminalNo, TraceNo
from zhanggui.basics.spans import HOUR_MS
from zhanggui.host.jobs import settle_job
from zhanggui.store.open import open_queries
from zhanggui.store.queries import PlaceFilter
from zhanggui.views.jobs import JOBS, read_jobs


def sold(shop: Shop, terminal_no: str, *amounts_fen: int, state: str = "approved") -> None:
    """Payments of the terminal's first batch."""
    now = shop.clock.now()
    for place, fen in enumerate(amounts_fen, 1):
        payment = Payment(
            merchant_no=shop.merchant_no,
            terminal_no=TerminalNo(terminal_no),
            batch_no=BatchNo("000001"),
            trace_no=TraceNo(f"{place:06d}"),
            kind="sale",
            state="pending",
            fingerprint=b"f",
            amount_fen=fen,
            rrn=Rrn(f"{fen:012d}"),
            created_ms=now,
        )
        shop.floor.save([Insert(payment)])
        if state != "pending":
            shop.floor.save([Update(replace(payment, state=state))])


def run(floor: Floor) -> None:
    floor.run(floor.program.host.durable_jobs.look)


def batches(shop: Shop) -> dict[str, tuple[str, str, int]]:
    return {row.terminal_no: (row.state, row.outcome, row.debit_fen) for row in shop.rows(Batch)}


def jobs(shop: Shop) -> list[Job]:
    """The jobs of an hour; a settlement brings another one, which looks at the bank's books (`test_check_with_the_bank.py`)."""
    return [job for job in shop.rows(Job) if job.kind == "settle"]


def begun(shop: Shop) -> list[Job]:
    """The jobs whose hour has come."""
    return [job for job in jobs(shop) if job.state != "planned"]


def cases(shop: Shop) -> list[int]:
    """The cases of what nobody settled; the bank knows none of these payments, which is another question."""
    return [row.case_no for row in shop.rows(SupportCase) if row.what == "settlement_unconfirmed"]


def asked(shop: Shop) -> dict[str, str | None]:
    return {row.terminal_no: row.settle_batch_no for row in shop.rows(Terminal)}


def open_evening(open_shop: Callable[..., Shop]) -> Shop:
    """Four terminals: two of ours with payments, one without, one of another maker; settled from one hour after now."""
    shop = open_shop(terminals=4, settle_at_hour=13, settle_wait_hours=2)
    shop.change_terminal(TerminalNo("10000004"), operator_check="terminal")
    sold(shop, "10000001", 100, 200)
    sold(shop, "10000002", 300)
    sold(shop, "10000004", 400)
    return shop


@pytest.fixture
def evening(floor: Floor, open_shop: Callable[..., Shop]) -> Shop:
    floor.clock.at = floor.clock.at - (floor.clock.at + 8 * 3_600_000) % 86_400_000 + 12 * 3_600_000  # type: ignore[assignment]
    shop = open_evening(open_shop)
    run(floor)
    return shop


def test_before_its_hour_nothing_is_asked_and_the_job_is_planned(floor: Floor, evening: Shop) -> None:
    run(floor)
    (job,) = jobs(evening)
    assert (job.state, job.due_ms - floor.clock.now(), job.subject[-3:]) == ("planned", HOUR_MS, "T13")
    assert set(asked(evening).values()) == {None}


@pytest.mark.parametrize("hours", [2, 20, 60])
def test_a_host_that_was_down_over_the_hour_does_the_work_when_it_is_back(
    floor: Floor, evening: Shop, hours: int
) -> None:
    floor.clock.advance(hours=hours)
    run(floor)
    assert asked(evening)["10000001"] == "000001"
    assert batches(evening) == {"10000004": ("closed", "unconfirmed", 400)}, "ours have their time to settle now"
    floor.clock.advance(hours=2)
    run(floor)
    assert batches(evening)["10000001"] == ("closed", "unconfirmed", 300)
    assert [job.state for job in jobs(evening)].count("done") == 1


def test_a_shop_that_chooses_another_hour_settles_at_that_one_alone(floor: Floor, evening: Shop) -> None:
    evening.change_merchant(policy_overrides='{"settle_at_hour":15,"settle_wait_hours":2}')
    run(floor)
    floor.clock.advance(hours=1, minutes=1)
    run(floor)
    assert set(asked(evening).values()) == {None}
    floor.clock.advance(hours=2)
    run(floor)
    assert asked(evening)["10000001"] == "000001"
    assert sorted((job.subject[-3:], job.state) for job in jobs(evening))[:2] == [
        ("T13", "done"),
        ("T15", "planned"),
    ]


def test_an_hour_that_is_set_after_it_has_passed_counts_from_the_next_day_on(
    floor: Floor, open_shop: Callable[..., Shop]
) -> None:
    floor.clock.at = floor.clock.at - (floor.clock.at + 8 * 3_600_000) % 86_400_000 + 15 * 3_600_000  # type: ignore[assignment]
    shop = open_evening(open_shop)
    run(floor)
    assert set(asked(shop).values()) == {None}
    floor.clock.advance(hours=22, minutes=1)
    run(floor)
    assert asked(shop)["10000001"] == "000001"


def test_ours_are_asked_others_are_closed_and_what_nobody_settles_is_closed_later(floor: Floor, evening: Shop) -> None:
    floor.clock.advance(hours=1, minutes=1)
    run(floor)
    assert asked(evening) == {"10000001": "000001", "10000002": "000001", "10000003": None, "10000004": None}
    assert batches(evening) == {"10000004": ("closed", "unconfirmed", 400)}
    (job,) = begun(evening)
    assert (job.kind, job.state, job.total_count, job.done_count) == ("settle", "waiting", 3, 0)
    run(floor)
    assert begun(evening) == [job], "it waits"
    floor.clock.advance(hours=2)
    run(floor)
    assert batches(evening) == {
        "10000001": ("closed", "unconfirmed", 300),
        "10000002": ("closed", "unconfirmed", 300),
        "10000004": ("closed", "unconfirmed", 400),
    }
    (job,) = begun(evening)
    assert (job.state, job.done_count, job.ended_ms) == ("done", 2, floor.clock.now())
    assert len(cases(evening)) == 3
    assert {row.case_no for row in evening.rows(Batch)} == set(cases(evening))
    run(floor)
    assert len(begun(evening)) == 1, "once a day"
    with open_queries(evening.store) as queries:
        listed = JOBS.cells(read_jobs(queries, PlaceFilter(merchant_no=evening.merchant_no)), "en")
    (shown,) = [cells for cells in listed if cells[1] == "settlement" and cells[3] != "planned"]
    assert shown[1:5] == ("settlement", job.subject, "done", "2 / 3")


def test_the_operator_of_a_batch_that_the_host_closed_signs_in_anew(floor: Floor, evening: Shop) -> None:
    evening.terminals[0].sign_in("01", "8302")
    assert evening.live
    floor.clock.advance(hours=1, minutes=1)
    run(floor)
    floor.clock.advance(hours=2)
    run(floor)
    assert [row.end_reason for row in evening.rows(Session)] == ["settled"]
    assert {row.terminal_no: row.batch_no for row in evening.rows(Terminal)}[TerminalNo("10000001")] == "000002"


def test_a_payment_at_the_bank_keeps_its_batch_open(floor: Floor, evening: Shop) -> None:
    sold(evening, "10000003", 500, state="pending")
    floor.clock.advance(hours=1, minutes=1)
    run(floor)
    floor.clock.advance(hours=2)
    run(floor)
    assert "10000003" not in batches(evening)


@pytest.mark.parametrize("steps", [1, 2, 3, 4])
def test_cut_off_after_any_step_it_goes_on_there(
    floor: Floor, evening: Shop, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    monkeypatch.setattr(settle_job, "TERMINALS_AT_ONCE", 1)
    floor.clock.advance(hours=1, minutes=1)
    left = [steps]

    def breaks(*asked: object) -> Job:
        left[0] -= 1
        if left[0] == 0:
            raise Fault("the power went")
        return after_page(*asked)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(settle_job, "after_page", breaks)
    run(floor)
    assert left[0] <= 0
    floor.clock.advance(minutes=1)
    run(floor)
    assert asked(evening) == {"10000001": "000001", "10000002": "000001", "10000003": None, "10000004": None}
    (job,) = begun(evening)
    assert (job.state, job.total_count) == ("waiting", 3)
    assert len(cases(evening)) == 1
