"""What people and hosts have to do and have done: cases, orders, audit notes, jobs."""

from sqlalchemy import and_, select

from ...acquirer.rows.records import AuditNote, Job, SupportCase, TerminalOrder
from ..tables import TABLE_OF
from .filters import ANYWHERE, PlaceFilter
from .reader import Reader, chosen_where, equal

audit_notes = TABLE_OF[AuditNote]
jobs = TABLE_OF[Job]
cases = TABLE_OF[SupportCase]
orders = TABLE_OF[TerminalOrder]


class DeskQueries(Reader):
    """What people and hosts have to do and have done: cases, orders, audit notes, jobs."""

    def list_cases(self, wanted: PlaceFilter = ANYWHERE) -> list[SupportCase]:
        """Support cases, newest first."""
        chosen = chosen_where(
            select(cases),
            equal(cases.c.merchant_no, wanted.merchant_no),
            equal(cases.c.terminal_no, wanted.terminal_no),
            equal(cases.c.operator_no, wanted.operator_no),
        )
        newest = chosen.order_by(cases.c.opened_ms.desc(), cases.c.case_no.desc())
        return self.records(SupportCase, newest, wanted.limit)

    def list_orders(self, wanted: PlaceFilter = ANYWHERE, done: tuple[str, ...] = ()) -> list[TerminalOrder]:
        """Orders to terminals, newest first; with `done`, only those of these kinds that were carried out."""
        chosen = chosen_where(
            select(orders),
            equal(orders.c.merchant_no, wanted.merchant_no),
            equal(orders.c.terminal_no, wanted.terminal_no),
            and_(orders.c.kind.in_(done), orders.c.state == "done") if done else None,
        )
        return self.records(
            TerminalOrder, chosen.order_by(orders.c.given_ms.desc(), orders.c.order_no.desc()), wanted.limit
        )

    def list_audit_notes(self, wanted: PlaceFilter = ANYWHERE) -> list[AuditNote]:
        """Acts of management, newest first."""
        chosen = chosen_where(select(audit_notes), equal(audit_notes.c.merchant_no, wanted.merchant_no))
        newest = chosen.order_by(audit_notes.c.made_ms.desc(), audit_notes.c.note_no.desc())
        return self.records(AuditNote, newest, wanted.limit)

    def list_jobs(self, wanted: PlaceFilter = ANYWHERE) -> list[Job]:
        """Durable jobs, newest first."""
        chosen = chosen_where(select(jobs), equal(jobs.c.merchant_no, wanted.merchant_no))
        return self.records(Job, chosen.order_by(jobs.c.started_ms.desc(), *jobs.primary_key), wanted.limit)
