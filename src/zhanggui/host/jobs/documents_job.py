"""The job `forget_documents`: each night the contents of documents go whose time is over. Its rule is `acquirer/slips/erasing.py`."""

from collections.abc import AsyncGenerator, Sequence

import msgspec
from msgspec.structs import replace

from ...acquirer.rows.records import WHOLE_HOST, Document, DocumentKey, Job, key_of
from ...acquirer.rows.state import Needs
from ...acquirer.slips.erasing import expire
from ...basics.clock import china_time, instant_of
from ...basics.numbers import MerchantNo, UnixMs
from ...basics.spans import DAY_MS, HOUR_MS
from ...store.port import Store
from ..commit import Sheet
from .durable import JobKind

KIND = "forget_documents"
HOUR = 4
"""Of China's night, after the answers."""
DOCUMENTS_AT_ONCE = 200
FIRST: DocumentKey = (MerchantNo(""), "")


async def _begin(store: Store, now: UnixMs) -> AsyncGenerator[Sequence[Job], None]:
    """The job of the next night."""
    midnight = instant_of(china_time(now).replace(hour=0, minute=0, second=0, microsecond=0))
    due = UnixMs(midnight + HOUR * HOUR_MS)
    if due <= now:
        due = UnixMs(due + DAY_MS)
    yield [
        Job(
            merchant_no=MerchantNo(WHOLE_HOST),
            kind=KIND,
            subject=china_time(due).date().isoformat(),
            state="planned",
            due_ms=due,
            started_ms=now,
            changed_ms=now,
        )
    ]


async def _page(store: Store, job: Job) -> Sequence[Document]:
    after = msgspec.json.decode(job.cursor, type=DocumentKey) if job.cursor else FIRST
    return await store.documents_until(job.due_ms, after, DOCUMENTS_AT_ONCE)


def _needs(job: Job, page: Sequence[Document]) -> Needs:
    return Needs({Document: map(key_of, page)})


def _decide(sheet: Sheet, job: Job, page: Sequence[Document]) -> Job:
    stepped = replace(job, changed_ms=sheet.now)
    if not page:
        return replace(stepped, state="done", ended_ms=sheet.now)
    gone = 0
    for listed in page:
        change = expire(sheet.state.get(Document, *key_of(listed)), sheet.now)
        if change is not None:
            sheet.take((change,))
            gone += 1
    return replace(
        stepped,
        state="running",
        cursor=msgspec.json.encode(key_of(page[-1])).decode(),
        done_count=job.done_count + gone,
        total_count=job.total_count + len(page),
    )


FORGET_DOCUMENTS = JobKind(begin=_begin, page=_page, needs=_needs, decide=_decide)
