"""The job `forget_api_answers`: each night answers to acts of programs go whose day is over, by `acquirer/people/programs/answers.py`."""

from collections.abc import Sequence

import msgspec

from ...acquirer.people.programs.answers import KEPT_MS, forget_api_answer
from ...acquirer.rows.records import ApiAnswer, Job, key_of
from ...acquirer.rows.state import Change, Needs, State
from ...basics.numbers import UnixMs
from ...store.port import Store
from .nightly import nightly_walk

KIND = "forget_api_answers"
HOUR = 4
"""Of China's night, beside the strangers."""
ANSWERS_AT_ONCE = 500


async def _page(store: Store, job: Job) -> Sequence[ApiAnswer]:
    _, after = msgspec.json.decode(job.cursor, type=tuple[str, str]) if job.cursor else ("", "")
    return await store.api_answers_made_before(UnixMs(job.due_ms - KEPT_MS), after, ANSWERS_AT_ONCE)


def _needs(page: Sequence[ApiAnswer]) -> Needs:
    return Needs({ApiAnswer: map(key_of, page)})


def _rule(state: State, listed: ApiAnswer, now: UnixMs) -> Change | None:
    return forget_api_answer(state.get(ApiAnswer, *key_of(listed)), now)


FORGET_API_ANSWERS = nightly_walk(KIND, HOUR, _page, _needs, _rule)
