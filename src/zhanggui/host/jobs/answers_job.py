"""The job `forget_answers`: each night the answers to operator messages go whose time is over. Its rule is `acquirer/proof/retention.py`.

They hold names, and nobody asks for them again. One job walks over all shops, in the order of the rows' keys.
"""

from collections.abc import AsyncGenerator, Sequence

import msgspec
from msgspec.structs import replace

from ...acquirer.policy.rules import load_bounds
from ...acquirer.proof.retention import forget_answer
from ...acquirer.rows.records import WHOLE_HOST, AnswerKey, Job, StoredAnswer, Terminal, key_of
from ...acquirer.rows.state import Needs
from ...basics.clock import china_time, instant_of
from ...basics.numbers import BatchNo, MerchantNo, TerminalNo, TraceNo, UnixMs
from ...basics.spans import DAY_MS, HOUR_MS
from ...store.port import Store
from ..commit import Sheet
from .durable import JobKind

KIND = "forget_answers"
HOUR = 3
"""Of China's night: the tills are shut."""
ANSWERS_AT_ONCE = 500
FIRST: AnswerKey = (MerchantNo(""), TerminalNo(""), BatchNo(""), TraceNo(""), "")


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


async def _page(store: Store, job: Job) -> Sequence[StoredAnswer]:
    after = msgspec.json.decode(job.cursor, type=AnswerKey) if job.cursor else FIRST
    youngest = UnixMs(job.due_ms - (load_bounds()["answers_days"].least or 0) * DAY_MS)
    return await store.answers_made_before(youngest, after, ANSWERS_AT_ONCE)


def _needs(job: Job, page: Sequence[StoredAnswer]) -> Needs:
    terminals = dict.fromkeys((row.merchant_no, row.terminal_no) for row in page)
    return Needs({Terminal: terminals, StoredAnswer: map(key_of, page)})


def _decide(sheet: Sheet, job: Job, page: Sequence[StoredAnswer]) -> Job:
    stepped = replace(job, changed_ms=sheet.now)
    if not page:
        return replace(stepped, state="done", ended_ms=sheet.now)
    forgotten = 0
    for listed in page:
        # As it is now: a terminal that was reset may have used the number again.
        answer = sheet.state.get(StoredAnswer, *key_of(listed))
        change = forget_answer(sheet.state, answer, sheet.now) if answer is not None else None
        if change is not None:
            sheet.take((change,))
            forgotten += 1
    return replace(
        stepped,
        state="running",
        cursor=msgspec.json.encode(key_of(page[-1])).decode(),
        done_count=job.done_count + forgotten,
        total_count=job.total_count + len(page),
    )


FORGET_ANSWERS = JobKind(begin=_begin, page=_page, needs=_needs, decide=_decide)
