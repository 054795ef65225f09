"""The kinds of durable jobs, by the word that stands in a job's row."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ...acquirer.people.exporting import JOB as EXPORT
from ...acquirer.settlement import bank_check as check
from ...acquirer.settlement.order import KIND
from . import answers_job, api_answers_job, documents_job, export_job, outbox_job, strangers_job, upload_job
from .bank_job import AskStatement, bank_check
from .durable import JobKind
from .settle_job import SETTLE


def job_kinds(ask_statement: AskStatement, files: export_job.Files | None = None) -> Mapping[str, JobKind[Any]]:
    """All kinds, with the way to the bank for the one that asks it, and the folder of files; without one nobody makes files."""
    made = {EXPORT: export_job.export_kind(files)} if files is not None else {}
    return MappingProxyType(
        {
            **made,
            KIND: SETTLE,
            upload_job.KIND: upload_job.UPLOAD_END,
            answers_job.KIND: answers_job.FORGET_ANSWERS,
            documents_job.KIND: documents_job.FORGET_DOCUMENTS,
            outbox_job.KIND: outbox_job.FORGET_OUTBOX,
            strangers_job.KIND: strangers_job.FORGET_STRANGERS,
            api_answers_job.KIND: api_answers_job.FORGET_API_ANSWERS,
            check.KIND: bank_check(ask_statement),
        }
    )
