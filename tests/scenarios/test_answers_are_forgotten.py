"""Answers that are kept for repeats hold names: each night those go whose time is over, and no number that was used is forgotten."""

from collections.abc import Callable

import pytest
from tests.worlds.floor import PASSWORDS, Floor, Shop, rows_of
from tests.worlds.our_terminal import VERIFY

from zhanggui.acquirer.rows.records import KEYS_MARK_BYTES, WHOLE_HOST, Job, StoredAnswer
from zhanggui.acquirer.rows.state import Insert, Needs
from zhanggui.basics.numbers import BatchNo, TerminalNo, TraceNo
from zhanggui.host.jobs import answers_job

OURS = TerminalNo("10000001")


def run(floor: Floor) -> None:
    floor.run(floor.program.host.durable_jobs.look)


def answer(shop: Shop, batch: str, trace: str) -> StoredAnswer:
    return StoredAnswer(
        merchant_no=shop.merchant_no,
        terminal_no=OURS,
        batch_no=BatchNo(batch),
        trace_no=TraceNo(trace),
        message_class="401",
        fingerprint=b"fingerprint",
        response_code="00",
        tags="王芳".encode(),
        made_ms=shop.clock.now(),
    )


def kept(shop: Shop) -> dict[tuple[str, str], bytes]:
    return {(row.batch_no, row.trace_no): row.tags for row in shop.rows(StoredAnswer)}


def test_of_closed_batches_they_go_and_of_the_present_one_the_number_stays(
    floor: Floor, open_shop: Callable[..., Shop]
) -> None:
    shop = open_shop(answers_days=3)
    shop.change_terminal(OURS, batch_no=BatchNo("000002"))
    run(floor)
    floor.save([Insert(answer(shop, "000001", "000001")), Insert(answer(shop, "000002", "000002"))])
    floor.clock.advance(hours=48)
    floor.save([Insert(answer(shop, "000001", "000003"))])
    run(floor)
    assert len(kept(shop)) == 3, "they are young"
    floor.clock.advance(hours=48)
    run(floor)
    assert kept(shop) == {("000001", "000003"): "王芳".encode(), ("000002", "000002"): b""}
    key = (shop.merchant_no, OURS, BatchNo("000002"), TraceNo("000001"))
    assert floor.state(Needs(ahead=[key])).ahead[key].used == "000002", "it is remembered as used"
    floor.clock.advance(hours=48)
    run(floor)
    assert kept(shop) == {("000002", "000002"): b""}
    shop.change_terminal(OURS, batch_no=BatchNo("000003"))
    floor.clock.advance(hours=24)
    run(floor)
    assert kept(shop) == {}, "settled, its numbers are over"


def test_the_walk_goes_page_by_page_and_a_host_that_was_down_at_night_does_it_later(
    floor: Floor, open_shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(answers_days=1)
    shop.change_terminal(OURS, batch_no=BatchNo("000002"))
    run(floor)
    floor.save([Insert(answer(shop, "000001", f"{number:06d}")) for number in range(1, 8)])
    monkeypatch.setattr(answers_job, "ANSWERS_AT_ONCE", 3)
    floor.clock.advance(hours=25)
    run(floor)
    floor.clock.advance(hours=47)
    run(floor)
    assert kept(shop) == {}
    jobs = [job for job in rows_of(shop.store, Job, WHOLE_HOST) if job.kind == "forget_answers"]
    (last,) = [job for job in jobs if job.done_count == 7]
    assert last.state == "done"


@pytest.mark.parametrize("batch_now", ["as it was", "another"])
def test_a_message_that_was_caught_is_not_done_anew_when_its_answer_was_forgotten(
    floor: Floor, open_shop: Callable[..., Shop], batch_now: str
) -> None:
    shop = open_shop(answers_days=3)
    at = shop.terminals[0]
    at.get_keys()
    run(floor)
    frame = at.operator(VERIFY, "01", {}, PASSWORDS["01"])
    assert at.ask(frame).code == "00"
    if batch_now == "another":
        shop.change_terminal(OURS, batch_no=BatchNo("000009"))
    for _ in range(8):
        floor.clock.advance(hours=24)
        run(floor)
    (emptied,) = shop.rows(StoredAnswer)
    assert (emptied.tags, len(emptied.fingerprint)) == (b"", KEYS_MARK_BYTES), (
        "nothing of what was said, and no password's hash"
    )
    assert at.ask(frame).code == "94"
    assert len(shop.records) == 1, "nothing was done"

    at.get_keys()
    assert at.ask(at.operator(VERIFY, "01", {}, PASSWORDS["01"])).code == "00"
    for _ in range(2):
        floor.clock.advance(hours=24)
        run(floor)
    kept_still = [row for row in shop.rows(StoredAnswer) if row.trace_no == emptied.trace_no]
    assert bool(kept_still) == (batch_now == "as it was"), "under other keys nobody can send it again"
