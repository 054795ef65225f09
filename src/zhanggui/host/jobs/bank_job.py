"""The job `bank_check`: a settled batch is compared with the bank's statement. Its rule is `acquirer/settlement/bank_check.py`."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

import msgspec

from ...acquirer.rows.batch_figures import BatchEntries
from ...acquirer.rows.cases import need_case
from ...acquirer.rows.draft import Draft
from ...acquirer.rows.records import Batch, BatchKey, Job
from ...acquirer.rows.state import Needs, State
from ...acquirer.settlement.bank_check import (
    asked_range,
    batch_before,
    is_done,
    is_on_its_way,
    lookups_for,
    name_differences,
    waits,
)
from ...basics.numbers import BatchNo, MerchantNo, Rrn, TerminalNo, UnixMs
from ...cup.messages.bank_statement import StatedPayment
from ...store.port import Store
from ..commit import Sheet
from ..networks.bank_line import BankSilent
from .durable import Asked, JobKind

AskStatement = Callable[[MerchantNo, TerminalNo, Rrn, Rrn], Awaitable[tuple[StatedPayment, ...]]]
"""Asks the bank for the payments of a terminal after one reference number and up to another. BankSilent when it does not answer."""
BANK = Asked("bank", BankSilent)


class _Page(msgspec.Struct, frozen=True):
    """The batch, and what the bank told; None while it was not asked."""

    key: BatchKey
    statement: tuple[StatedPayment, ...] | None


def bank_check(ask: AskStatement) -> JobKind[_Page]:
    """The kind of job, with the way to the bank."""

    async def page(store: Store, job: Job) -> _Page:
        terminal_no, _, batch_no = job.subject.partition("/")
        key = (job.merchant_no, TerminalNo(terminal_no), BatchNo(batch_no))
        before = batch_before(key)
        needs = Needs({Batch: [key, before]})
        needs.entries[key] = None
        async with store.unit() as unit:
            state = await unit.load(needs)
        batch, entries = state.get(Batch, *key), state.entries.get(key, BatchEntries()).host.values()
        if batch is None or is_on_its_way(entries):
            return _Page(key, None)
        after, upto = asked_range(batch, state.get(Batch, *before), entries)
        return _Page(key, await ask(key[0], key[1], after, upto))

    return JobKind(begin=_begin, page=page, needs=_needs, more_needs=_more_needs, decide=_decide, asks=BANK)


async def _begin(store: Store, now: UnixMs) -> AsyncGenerator[Sequence[Job], None]:
    """Each settlement brings its job along; nothing is planned here."""
    nothing: tuple[Sequence[Job], ...] = ()
    for page in nothing:
        yield page


def _needs(job: Job, page: _Page) -> Needs:
    needs = Needs({Batch: [page.key]})
    need_case(job.merchant_no, needs)
    needs.entries[page.key] = None
    return needs


def _more_needs(page: _Page, state: State, more: Needs) -> None:
    batch = state.get(Batch, *page.key)
    if batch is not None and page.statement is not None:
        more.lookups |= dict.fromkeys(lookups_for(batch, state.entries[page.key].host.values(), page.statement))


def _decide(sheet: Sheet, job: Job, page: _Page) -> Job:
    draft, batch = Draft(sheet.state), sheet.state.get(Batch, *page.key)
    if batch is None:
        return is_done(job, sheet.now)
    entries = sheet.state.entries[page.key].host.values()
    if page.statement is None or is_on_its_way(entries):
        return waits(job, sheet.now)
    name_differences(draft, batch, entries, page.statement, sheet.now)
    sheet.take(draft.changes)
    return is_done(job, sheet.now)
