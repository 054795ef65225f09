"""Tries at the office in names that are nobody's: each night those go that count no more, and a shop's own stay."""

from collections.abc import Callable

import pytest
from tests.worlds.floor import Floor, Shop, rows_of

from zhanggui.acquirer.people.tries import LOCK_MS
from zhanggui.acquirer.rows.records import WHOLE_HOST, Job, Stranger
from zhanggui.acquirer.rows.state import Insert
from zhanggui.basics.numbers import MerchantNo, UnixMs
from zhanggui.host.jobs import strangers_job


def run(floor: Floor) -> None:
    floor.run(floor.program.host.durable_jobs.look)


def stranger(shop: Shop, name: str, home: str = WHOLE_HOST, locked_ms: int | None = None) -> Stranger:
    now = shop.clock.now()
    locked = UnixMs(now + locked_ms) if locked_ms is not None else None
    return Stranger(
        merchant_no=MerchantNo(home), operator_no=name, failed_count=9, next_try_ms=now, locked_until_ms=locked
    )


def test_a_day_after_nobody_waits_they_go_page_by_page(
    floor: Floor, open_shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strangers_job, "STRANGERS_AT_ONCE", 3)
    shop = open_shop()
    run(floor)
    made_up = [stranger(shop, f"name{number}", locked_ms=LOCK_MS) for number in range(7)]
    floor.save(list(map(Insert, (*made_up, stranger(shop, "55", shop.merchant_no)))))
    floor.clock.advance(hours=23)
    run(floor)
    assert len(rows_of(shop.store, Stranger, WHOLE_HOST)) == 7, "they still count"
    floor.clock.advance(hours=49)
    run(floor)
    assert rows_of(shop.store, Stranger, WHOLE_HOST) == []
    assert [row.operator_no for row in shop.rows(Stranger)] == ["55"]
    jobs = [job for job in rows_of(shop.store, Job, WHOLE_HOST) if job.kind == "forget_strangers"]
    assert sum(job.done_count for job in jobs) == 7
