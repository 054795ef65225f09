"""The job `upload_end`: a batch whose terminal never told the end of its payments is closed. Its rule is `acquirer/settlement/upload.py`."""

from collections.abc import AsyncGenerator, Sequence
from functools import partial

from msgspec.structs import replace

from ...acquirer.policy.rules import policy_of
from ...acquirer.rows.cases import need_case
from ...acquirer.rows.draft import Draft
from ...acquirer.rows.records import Batch, BatchKey, Job, Merchant, SignIn, Terminal
from ...acquirer.rows.state import Needs, State
from ...acquirer.settlement.upload import close_unfinished, due_of
from ...basics.errors import certain
from ...basics.numbers import BatchNo, MerchantNo, TerminalNo, UnixMs
from ...edges.watched import guarded
from ...store.port import Store
from ..commit import Sheet
from .durable import JobKind

KIND = "upload_end"
BATCHES_AT_ONCE = 500
FIRST: BatchKey = (MerchantNo(""), TerminalNo(""), BatchNo(""))


async def _begin(store: Store, now: UnixMs) -> AsyncGenerator[Sequence[Job], None]:
    """A job for each batch that is told for longer than its shop's policy waits."""
    after = FIRST
    while page := await store.batches_uploading(after, BATCHES_AT_ONCE):
        after = (page[-1].merchant_no, page[-1].terminal_no, page[-1].batch_no)
        async with store.unit() as unit:
            state = await unit.load(Needs({Merchant: [(batch.merchant_no,) for batch in page]}))
        wanted: list[Job] = []
        guarded("end of an upload", page, partial(_look, state, wanted, now))
        yield wanted


def _look(state: State, wanted: list[Job], now: UnixMs, batch: Batch) -> None:
    shop = certain(state.get(Merchant, batch.merchant_no), "a batch is a shop's")
    due = due_of(batch, policy_of(shop.policy, shop.policy_overrides))
    if due <= now:
        wanted.append(
            Job(
                merchant_no=batch.merchant_no,
                kind=KIND,
                subject=f"{batch.terminal_no}/{batch.batch_no}",
                state="running",
                due_ms=due,
                started_ms=now,
                changed_ms=now,
                total_count=1,
            )
        )


async def _page(store: Store, job: Job) -> BatchKey:
    terminal_no, _, batch_no = job.subject.partition("/")
    return (job.merchant_no, TerminalNo(terminal_no), BatchNo(batch_no))


def _needs(job: Job, batch: BatchKey) -> Needs:
    needs = Needs({Batch: [batch], Terminal: [batch[:2]]})
    need_case(job.merchant_no, needs)
    needs.entries[batch] = None
    return needs


def _more_needs(batch: BatchKey, state: State, more: Needs) -> None:
    for record in state.records_of_sessions():
        more.add(SignIn, record)


def _decide(sheet: Sheet, job: Job, key: BatchKey) -> Job:
    draft, batch = Draft(sheet.state), sheet.state.get(Batch, *key)
    if batch is not None and batch.state == "uploading":
        close_unfinished(draft, batch, sheet.now)
        sheet.take(draft.changes)
    return replace(job, state="done", done_count=1, changed_ms=sheet.now, ended_ms=sheet.now)


UPLOAD_END = JobKind(begin=_begin, page=_page, needs=_needs, more_needs=_more_needs, decide=_decide)
