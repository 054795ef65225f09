"""Durable jobs (任务): what the host does by itself over hours, how far it is, and who did its last step."""

from typing import get_args

import msgspec

from ..acquirer.rows.records import Job, JobState
from ..basics.words import Lang
from ..store.queries import PlaceFilter, Queries
from .listing import NOTHING, Column, View, iso, short_time, view_words, word_of
from .questions.asked_list import AskedList
from .questions.filters import choice, shop, word
from .questions.periods import periods
from .questions.sources import Stored, one_each


class JobRow(msgspec.Struct, frozen=True, kw_only=True):
    """One job."""

    merchant_no: str
    kind: str
    subject: str
    state: str
    owner: str
    cursor: str
    done_count: int
    total_count: int
    due: str | None
    started: str | None
    changed: str | None
    ended: str | None
    failed_count: int
    """How often it failed, one time after the other, since its last step: its wait grows with it."""


def read_jobs(queries: Queries, wanted: PlaceFilter) -> list[JobRow]:
    """Jobs, newest first."""
    return [job_row(job) for job in queries.list_jobs(wanted)]


def job_row(job: Job) -> JobRow:
    """A job as everybody shows it."""
    return JobRow(
        merchant_no=job.merchant_no,
        kind=job.kind,
        subject=job.subject,
        state=job.state,
        owner=job.owner,
        cursor=job.cursor,
        done_count=job.done_count,
        total_count=job.total_count,
        due=iso(job.due_ms),
        started=iso(job.started_ms),
        changed=iso(job.changed_ms),
        ended=iso(job.ended_ms),
        failed_count=job.failed_count or 0,
    )


def _kind(row: JobRow, lang: Lang) -> str:
    # A newer host on the same database may have jobs that this version has no word for.
    return word_of(f"jobs.kind.{row.kind}", lang) if f"jobs.kind.{row.kind}" in view_words() else row.kind


JOBS = View(
    "jobs",
    JobRow,
    (
        Column("merchant", lambda row, lang: row.merchant_no),
        Column("kind", _kind),
        Column("subject", lambda row, lang: row.subject),
        Column("state", lambda row, lang: word_of(f"jobs.state.{row.state}", lang)),
        Column("progress", lambda row, lang: f"{row.done_count} / {row.total_count}", is_amount=True),
        Column("failed_count", lambda row, lang: str(row.failed_count or NOTHING), is_amount=True),
        Column("due", lambda row, lang: short_time(row.due)),
        Column("started", lambda row, lang: short_time(row.started)),
        Column("changed", lambda row, lang: short_time(row.changed)),
        Column("owner", lambda row, lang: row.owner or NOTHING),
    ),
)

JOBS_ASKED = AskedList(
    view=JOBS,
    area="jobs",
    filters=(
        shop(),
        word("kind", "kind"),
        word("subject", "subject"),
        choice("state", "state", get_args(JobState), lambda state, lang: word_of(f"jobs.state.{state}", lang)),
        *periods("started_ms"),
    ),
    source=Stored(kind=Job, by="started_ms", rows=one_each(job_row)),
)
