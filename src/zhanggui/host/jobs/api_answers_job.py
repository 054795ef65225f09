"""The job `forget_api_answers`: each night answers to acts of programs go whose day is over, by `acquirer/people/programs/answers.py`."""

from collections.abc import Sequence

import msgspec

from ...acquirer.people.programs.answers import KEPT_MS, forget_api_answer
from ...acquirer.rows.records import ApiAnswer, Job
from ...basics.numbers import UnixMs
from ...store.port import Store
from .nightly import nightly_rows

KIND = "forget_api_answers"
HOUR = 4
"""Of China's night, beside the strangers."""
ANSWERS_AT_ONCE = 500


async def _page(store: Store, job: Job) -> Sequence[ApiAnswer]:
    _, after = msgspec.json.decode(job.cursor, type=tuple[str, str]) if job.cursor else ("", "")
    return await store.api_answers_made_before(UnixMs(job.due_ms - KEPT_MS), after, ANSWERS_AT_ONCE)


FORGET_API_ANSWERS = nightly_rows(KIND, HOUR, ApiAnswer, _page, forget_api_answer)
