"""What an act of a program was answered, and how long: the same request under the same key is done once and answered the same."""

from ....basics.numbers import UnixMs
from ....basics.spans import DAY_MS
from ...rows.records import WHOLE_HOST, ApiAnswer
from ...rows.state import Change, Delete, Insert, State, Update

KEPT_MS = DAY_MS
"""A program that retries for longer than this asks anew."""


def kept_answer(state: State, mark: str, now: UnixMs) -> ApiAnswer | None:
    """What was answered under this mark, while it counts."""
    row = state.get(ApiAnswer, WHOLE_HOST, mark)
    return row if row is not None and not is_over(row, now) else None


def keep_answer(state: State, answer: ApiAnswer) -> Change:
    """Keep it, in place of one that counts no more."""
    return Insert(answer) if state.get(ApiAnswer, WHOLE_HOST, answer.mark) is None else Update(answer)


def is_over(row: ApiAnswer, now: UnixMs) -> bool:
    """Whether nobody may count on it any more."""
    return now - row.made_ms >= KEPT_MS


def forget_api_answer(row: ApiAnswer | None, now: UnixMs) -> Change | None:
    """The row goes once its day is over."""
    return Delete(row) if row is not None and is_over(row, now) else None
