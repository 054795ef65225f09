"""A walk over rows of all shops, once a night: page after page in the order of their keys, each row kept or changed by its rule."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from ...acquirer.rows.records import WHOLE_HOST, Job, Record, key_of
from ...acquirer.rows.state import Change, Needs, State
from ...basics.clock import china_time, next_at_hour
from ...basics.numbers import MerchantNo, UnixMs
from ...store.port import Store
from ..commit import Sheet
from .durable import JobKind

R = TypeVar("R", bound=Record)


def nightly_walk(
    kind: str,
    hour: int,
    page: Callable[[Store, Job], Awaitable[Sequence[R]]],
    needs: Callable[[Sequence[R]], Needs],
    rule: Callable[[State, R, UnixMs], Change | None],
) -> JobKind[Sequence[R]]:
    """The kind of job that does this at this hour of China's night. `rule` is given each row as it was listed, and looks it up anew."""

    async def begin(store: Store, now: UnixMs) -> AsyncGenerator[Sequence[Job], None]:
        due = next_at_hour(now, hour)
        yield [
            Job(
                merchant_no=MerchantNo(WHOLE_HOST),
                kind=kind,
                subject=china_time(due).date().isoformat(),
                state="planned",
                due_ms=due,
                started_ms=now,
                changed_ms=now,
            )
        ]

    def decide(sheet: Sheet, job: Job, listed: Sequence[R]) -> Job:
        stepped = replace(job, changed_ms=sheet.now)
        if not listed:
            return replace(stepped, state="done", ended_ms=sheet.now)
        changes = [change for row in listed if (change := rule(sheet.state, row, sheet.now)) is not None]
        sheet.take(tuple(changes))
        return replace(
            stepped,
            state="running",
            cursor=msgspec.json.encode(key_of(listed[-1])).decode(),
            done_count=job.done_count + len(changes),
            total_count=job.total_count + len(listed),
        )

    return JobKind(begin=begin, page=page, needs=lambda job, listed: needs(listed), decide=decide)


def nightly_rows(
    kind: str,
    hour: int,
    of: type[R],
    page: Callable[[Store, Job], Awaitable[Sequence[R]]],
    rule: Callable[[R | None, UnixMs], Change | None],
) -> JobKind[Sequence[R]]:
    """The same where the rule looks at one row alone: it is given the row as it is now, None where it is gone."""
    return nightly_walk(
        kind,
        hour,
        page,
        lambda listed: Needs({of: map(key_of, listed)}),
        lambda state, listed, now: rule(state.get(of, *key_of(listed)), now),
    )
