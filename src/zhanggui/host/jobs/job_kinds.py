"""The kinds of durable jobs, by the word that stands in a job's row."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ...acquirer.settlement.order import KIND
from . import answers_job, upload_job
from .durable import JobKind
from .settle_job import SETTLE

JOB_KINDS: Mapping[str, JobKind[Any]] = MappingProxyType(
    {KIND: SETTLE, upload_job.KIND: upload_job.UPLOAD_END, answers_job.KIND: answers_job.FORGET_ANSWERS}
)
