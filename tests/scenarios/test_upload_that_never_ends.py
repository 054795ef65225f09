"""A batch whose terminal never tells the end of its payments comes to an end all the same, with a case where something is open."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from tests.worlds.floor import Floor, Shop

from zhanggui.acquirer.rows.records import (
    Batch,
    BatchDetail,
    BatchDifference,
    Job,
    Payment,
    Record,
    Session,
    SupportCase,
)
from zhanggui.acquirer.rows.state import Insert, Update
from zhanggui.basics.numbers import BatchNo, Rrn, TerminalNo, TraceNo
from zhanggui.store.open import open_queries
from zhanggui.store.queries import PlaceFilter
from zhanggui.views.batches import BATCHES, read_batches

FIRST = BatchNo("000001")
OURS = TerminalNo("10000001")


def run(floor: Floor) -> None:
    floor.run(floor.program.host.durable_jobs.look)


def uploading(shop: Shop, told: tuple[int, ...]) -> None:
    """A batch of two sales whose totals differed, of which the terminal has told these."""
    now = shop.clock.now()
    rows: list[Record] = []
    for place, fen in enumerate((100, 200), 1):
        rows.append(
            Payment(
                merchant_no=shop.merchant_no,
                terminal_no=OURS,
                batch_no=FIRST,
                trace_no=TraceNo(f"{place:06d}"),
                kind="sale",
                state="pending",
                fingerprint=b"f",
                amount_fen=fen,
                rrn=Rrn(f"{fen:012d}"),
                created_ms=now,
            )
        )
    rows.append(
        Batch(
            merchant_no=shop.merchant_no,
            terminal_no=OURS,
            batch_no=FIRST,
            state="uploading",
            outcome="differs",
            operator_no="01",
            shop_day="2026-11-23",
            debit_count=2,
            debit_fen=300,
            credit_count=0,
            credit_fen=0,
            settled_ms=now,
            details_count=len(told),
        )
    )
    rows += [
        BatchDetail(
            merchant_no=shop.merchant_no,
            terminal_no=OURS,
            batch_no=FIRST,
            trace_no=TraceNo(f"{place:06d}"),
            amount_fen=place * 100,
            masked_pan="",
        )
        for place in told
    ]
    shop.floor.save([Insert(row) for row in rows])
    shop.floor.save([Update(replace(row, state="approved")) for row in rows if isinstance(row, Payment)])
    shop.change_terminal(OURS, batch_no=BatchNo("000002"))


def the_batch(shop: Shop) -> Batch:
    (batch,) = shop.rows(Batch)
    return batch


def test_what_was_not_told_in_time_differs_and_support_has_a_case(floor: Floor, open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(upload_wait_hours=2)
    uploading(shop, told=(1,))
    run(floor)
    assert the_batch(shop).state == "uploading"
    floor.clock.advance(hours=2)
    run(floor)
    batch = the_batch(shop)
    assert (batch.state, batch.outcome, batch.case_no, batch.details_count) == ("closed", "unfinished", 1, 1)
    assert [(row.trace_no, row.what) for row in shop.rows(BatchDifference)] == [("000002", "only_at_host")]
    assert [(row.case_no, row.what) for row in shop.rows(SupportCase)] == [(1, "upload_unfinished")]
    assert [(job.kind, job.subject, job.state) for job in shop.rows(Job)] == [("upload_end", "10000001/000001", "done")]
    with open_queries(shop.store) as queries:
        rows = read_batches(queries, PlaceFilter(merchant_no=shop.merchant_no), floor.clock.now())
    assert [cells[4] for cells in BATCHES.cells(rows, "zh")] == ["批上送未完成"]
    run(floor)
    assert len(shop.rows(SupportCase)) == 1, "once"


def test_where_only_the_end_was_lost_and_all_is_the_same_there_is_no_case(
    floor: Floor, open_shop: Callable[..., Shop]
) -> None:
    shop = open_shop(upload_wait_hours=2)
    uploading(shop, told=(1, 2))
    floor.clock.advance(hours=2)
    run(floor)
    assert (the_batch(shop).state, the_batch(shop).outcome) == ("closed", "agreed")
    assert shop.rows(SupportCase) == []


@pytest.mark.parametrize("signs_in", ["before", "after"])
def test_a_session_of_before_ends_with_its_batch_and_a_later_one_goes_on(
    floor: Floor, open_shop: Callable[..., Shop], signs_in: str
) -> None:
    shop = open_shop(upload_wait_hours=2)
    if signs_in == "before":
        shop.terminals[0].sign_in("01", "8302")
    uploading(shop, told=())
    floor.clock.advance(hours=1)
    if signs_in == "after":
        shop.terminals[0].sign_in("01", "8302")
    floor.clock.advance(hours=1)
    run(floor)
    assert [row.end_reason for row in shop.rows(Session)] == ["settled" if signs_in == "before" else ""]
