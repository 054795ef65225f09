"""The hosts that share a database, and durable jobs: work that lasts, survives its end and goes on, whoever goes on with it."""

from typing import Literal

from ....basics.numbers import MerchantNo, UnixMs
from .record import Record

__all__ = ["HostLease", "Job", "JobState"]

JobState = Literal["planned", "running", "waiting", "done"]
"""planned: it begins at an instant, which a host that is down then does not miss; running: it has work now;
 waiting: its next step is due at an instant; done: nothing of it changes any more."""


class Job(Record, frozen=True, kw_only=True):
    """One job. Each step of it and this row are one commit, so that a step is done once."""

    KEY = ("merchant_no", "kind", "subject")

    merchant_no: MerchantNo
    kind: str
    """Which job: a row of `host/jobs/job_kinds.py`."""
    subject: str
    """What it is about, among the jobs of its kind: an hour of a day, a batch."""
    state: JobState
    owner: str = ""
    """The host that did its last step; empty where one host has the database for itself."""
    cursor: str = ""
    """How far its walk is; empty at the beginning."""
    done_count: int = 0
    total_count: int = 0
    """Progress: what is done, of how much."""
    due_ms: UnixMs
    """When its next step is due."""
    started_ms: UnixMs
    changed_ms: UnixMs
    ended_ms: UnixMs | None = None
    failed_count: int | None = None
    """How often it failed, one time after the other, since its last step; None where it did not. Its wait grows with it."""


class HostLease(Record, frozen=True, kw_only=True):
    """That a host lives, said by itself every few seconds; what it has at the bank is its own for so long."""

    KEY = ("merchant_no", "host_id")

    merchant_no: str
    """`*`: hosts serve all merchants."""
    host_id: str
    """Made anew at each start: a host that starts again is another, and a copied folder makes no twin."""
    seen_ms: UnixMs
    """By the wall clock, which is all that hosts have in common. A host that ends in order takes its row away."""


RECORDS: tuple[type[Record], ...] = (HostLease, Job)
"""In the order of writing."""
