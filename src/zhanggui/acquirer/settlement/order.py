"""Settlement at an hour (the job `settle`): batches that are open then are asked for, and what nobody settles is closed by the host.

    before the hour ─▶ the job of the next hour has its row, so that a host that is down over the hour does the work when it is back
    hour ─▶ terminals of ours: told to settle, in the answer to their next heartbeat ─▶ they settle as by hand
            terminals of other makers take no orders: closed at once ─────────┐
    hour + settle_wait_hours ─▶ batches that were asked for and are still open ┴▶ closed, unconfirmed, with a case; the terminal
                                                                                  signs in anew and goes on in the next batch

The job walks over a shop's terminals in the order of their numbers, a page in a commit, together with its own row: cut off
anywhere it goes on there, and no batch is closed twice. A payment that the bank has not answered keeps its batch open.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from ...basics.clock import china_time, next_at_hour
from ...basics.numbers import MerchantNo, UnixMs
from ...basics.spans import HOUR_MS
from ..policy.rules import Policy
from ..rows.cases import open_case
from ..rows.draft import Draft
from ..rows.records import Batch, Job, Terminal, TerminalKey
from .settle import batch_key, settled_batch

KIND = "settle"
HOURS_A_DAY = 24


def job_of(policy: Policy, merchant_no: MerchantNo, now: UnixMs) -> Job | None:
    """The shop's job of the next hour of settlement, planned ahead. None where policy names no hour."""
    if not policy.settle_at_hour:
        return None
    due = next_at_hour(now, policy.settle_at_hour % HOURS_A_DAY)
    return Job(
        merchant_no=merchant_no,
        kind=KIND,
        subject=_subject(due),
        state="planned",
        due_ms=due,
        started_ms=now,
        changed_ms=now,
    )


def _subject(due: UnixMs) -> str:
    """`2026-11-29T13`: a shop that chooses another hour has another job."""
    return china_time(due).strftime("%Y-%m-%dT%H")


def is_still_wanted(job: Job, policy: Policy) -> bool:
    """Whether the shop settles at the hour of this job; a job that has begun goes on."""
    hour = policy.settle_at_hour
    return job.state != "planned" or (bool(hour) and job.subject.endswith(f"T{hour % HOURS_A_DAY:02d}"))


def dropped(job: Job, now: UnixMs) -> Job:
    """A planned job whose hour the shop has given up."""
    return replace(job, state="done", changed_ms=now, ended_ms=now)


def ask_to_settle(draft: Draft, terminal: Terminal, now: UnixMs) -> None:
    """Ask a terminal of ours; close the batch of another maker's."""
    if terminal.operator_check == "host":
        draft.update(replace(terminal, settle_batch_no=terminal.batch_no))
    else:
        close_unconfirmed(draft, terminal, now)


def is_asked(terminal: Terminal) -> bool:
    """Whether the terminal is to settle the batch that it fills now."""
    return terminal.settle_batch_no == terminal.batch_no


def close_unconfirmed(draft: Draft, terminal: Terminal, now: UnixMs) -> bool:
    """Close a batch by the host's own totals, with a case; False where a payment of it is at the bank."""
    found = draft.state.sums.get(batch_key(terminal))
    if found is None or found.pending_count or draft.get(Batch, *batch_key(terminal)) is not None:
        return False
    case_no = open_case(draft, "settlement_unconfirmed", terminal.merchant_no, terminal.terminal_no, "", now)
    settled_batch(draft, terminal, found, None, "", "", now, case_no=case_no)
    return True


def after_page(job: Job, policy: Policy, page: Sequence[TerminalKey], closed: int, now: UnixMs) -> Job:
    """The job after a page of its walk: further on, waiting for the second walk, or done."""
    is_second = job.state == "waiting"
    state = job.state if is_second else "running"
    stepped = replace(job, state=state, changed_ms=now, done_count=job.done_count + closed)
    if page:
        seen = 0 if is_second else len(page)
        return replace(stepped, cursor=page[-1][1], total_count=job.total_count + seen)
    if is_second or not policy.settle_wait_hours:
        return replace(stepped, state="done", ended_ms=now)
    # From now on, not from the hour: a host that comes back late gives its terminals their time all the same.
    return replace(stepped, state="waiting", cursor="", due_ms=UnixMs(now + policy.settle_wait_hours * HOUR_MS))
