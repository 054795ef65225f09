"""What acts of programs were answered: each night those go whose day is over, and the younger ones stay."""

from collections.abc import Callable

import pytest
from tests.worlds.floor import Floor, Shop, rows_of

from zhanggui.acquirer.rows.records import WHOLE_HOST, ApiAnswer, Job
from zhanggui.acquirer.rows.state import Insert
from zhanggui.host.jobs import api_answers_job


def run(floor: Floor) -> None:
    floor.run(floor.program.host.durable_jobs.look)


def answer(shop: Shop, number: int) -> ApiAnswer:
    return ApiAnswer(
        merchant_no=WHOLE_HOST,
        mark=f"{number:04x}",
        token_id="k7m2p9qx",
        fingerprint=b"f",
        status=200,
        body=b"sealed",
        made_ms=shop.clock.now(),
    )


def test_after_a_day_they_go_page_by_page(
    floor: Floor, open_shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_answers_job, "ANSWERS_AT_ONCE", 3)
    shop = open_shop()
    run(floor)
    floor.save([Insert(answer(shop, number)) for number in range(7)])
    floor.clock.advance(hours=23)
    run(floor)
    assert len(rows_of(shop.store, ApiAnswer, WHOLE_HOST)) == 7, "they still count"
    floor.clock.advance(hours=20)
    floor.save([Insert(answer(shop, 99))])
    floor.clock.advance(hours=6)
    run(floor)
    assert [row.mark for row in rows_of(shop.store, ApiAnswer, WHOLE_HOST)] == [f"{99:04x}"]
    jobs = [job for job in rows_of(shop.store, Job, WHOLE_HOST) if job.kind == api_answers_job.KIND]
    assert sum(job.done_count for job in jobs) == 7
