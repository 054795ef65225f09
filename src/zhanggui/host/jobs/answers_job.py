"""The job `forget_answers`: each night the answers to operator messages go whose time is over. Its rule is `acquirer/proof/retention.py`.

They hold names, and nobody asks for them again. One job walks over all shops, in the order of the rows' keys.
"""

from collections.abc import Sequence

import msgspec

from ...acquirer.policy.rules import load_bounds
from ...acquirer.proof.retention import forget_answer
from ...acquirer.rows.records import AnswerKey, Job, StoredAnswer, Terminal, key_of
from ...acquirer.rows.state import Change, Needs, State
from ...basics.numbers import BatchNo, MerchantNo, TerminalNo, TraceNo, UnixMs
from ...basics.spans import DAY_MS
from ...store.port import Store
from .nightly import nightly_walk

KIND = "forget_answers"
HOUR = 3
"""Of China's night: the tills are shut."""
ANSWERS_AT_ONCE = 500
FIRST: AnswerKey = (MerchantNo(""), TerminalNo(""), BatchNo(""), TraceNo(""), "")


async def _page(store: Store, job: Job) -> Sequence[StoredAnswer]:
    after = msgspec.json.decode(job.cursor, type=AnswerKey) if job.cursor else FIRST
    youngest = UnixMs(job.due_ms - (load_bounds()["answers_days"].least or 0) * DAY_MS)
    return await store.answers_made_before(youngest, after, ANSWERS_AT_ONCE)


def _needs(page: Sequence[StoredAnswer]) -> Needs:
    terminals = dict.fromkeys((row.merchant_no, row.terminal_no) for row in page)
    return Needs({Terminal: terminals, StoredAnswer: map(key_of, page)})


def _rule(state: State, listed: StoredAnswer, now: UnixMs) -> Change | None:
    # As it is now: a terminal that was reset may have used the number again.
    answer = state.get(StoredAnswer, *key_of(listed))
    return forget_answer(state, answer, now) if answer is not None else None


FORGET_ANSWERS = nightly_walk(KIND, HOUR, _page, _needs, _rule)
