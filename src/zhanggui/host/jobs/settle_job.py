"""The job `settle`: batches are settled at the hour that policy says. Its rule is `acquirer/settlement/order.py`."""

from collections.abc import AsyncGenerator, Sequence

from ...acquirer.policy.rules import is_set_by_a_profile, policy_of
from ...acquirer.rows.cases import need_case
from ...acquirer.rows.draft import Draft
from ...acquirer.rows.records import Batch, Job, Merchant, SignIn, Terminal, TerminalKey
from ...acquirer.rows.state import Needs, State
from ...acquirer.settlement.order import (
    after_page,
    ask_to_settle,
    close_unconfirmed,
    dropped,
    is_asked,
    is_still_wanted,
    job_of,
)
from ...acquirer.settlement.settle import batch_key, numbers_after
from ...basics.errors import certain
from ...basics.numbers import MerchantNo, TerminalNo, UnixMs
from ...edges.watched import guarded
from ...store.port import Store
from ..commit import Sheet
from .durable import JobKind

SHOPS_AT_ONCE = 1_000
TERMINALS_AT_ONCE = 50


async def _begin(store: Store, now: UnixMs) -> AsyncGenerator[Sequence[Job], None]:
    """The next job of each shop that settles at an hour."""
    after, every = MerchantNo(""), is_set_by_a_profile("settle_at_hour")
    while shops := await store.merchants_with_rules(after, SHOPS_AT_ONCE, every=every):
        after = shops[-1].merchant_no
        wanted: list[Job] = []

        def look(shop: Merchant, wanted: list[Job] = wanted) -> None:
            job = job_of(policy_of(shop.policy, shop.policy_overrides), shop.merchant_no, now)
            if job is not None:
                wanted.append(job)

        guarded("settlement hour of a shop", shops, look)
        yield wanted


async def _page(store: Store, job: Job) -> Sequence[TerminalKey]:
    return await store.terminals_with_payments(job.merchant_no, TerminalNo(job.cursor), TERMINALS_AT_ONCE)


def _needs(job: Job, page: Sequence[TerminalKey]) -> Needs:
    needs = Needs({Merchant: [(job.merchant_no,)], Terminal: page})
    need_case(job.merchant_no, needs)
    return needs


def _more_needs(page: Sequence[TerminalKey], state: State, more: Needs) -> None:
    for one in page:
        terminal = state.get(Terminal, *one)
        if terminal is None:
            continue
        more.sums[batch_key(terminal)] = None
        for number in (terminal.batch_no, *numbers_after(terminal.batch_no)):
            more.add(Batch, (*one, number))
    for record in state.records_of_sessions():
        more.add(SignIn, record)


def _decide(sheet: Sheet, job: Job, page: Sequence[TerminalKey]) -> Job:
    state, now = sheet.state, sheet.now
    shop = certain(state.get(Merchant, job.merchant_no), "a job is a shop's")
    policy = policy_of(shop.policy, shop.policy_overrides)
    if not is_still_wanted(job, policy):
        return dropped(job, now)
    closed = 0
    for one in page:
        terminal, draft = state.get(Terminal, *one), Draft(state)
        if terminal is None:
            continue
        if job.state != "waiting":
            ask_to_settle(draft, terminal, now)
        elif is_asked(terminal):
            closed += close_unconfirmed(draft, terminal, now)
        sheet.take(draft.changes)
    return after_page(job, policy, page, closed, now)


SETTLE = JobKind(begin=_begin, page=_page, needs=_needs, more_needs=_more_needs, decide=_decide)
