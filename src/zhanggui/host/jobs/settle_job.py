"""The job `settle`: batches are settled at the hour that policy says. Its rule is `acquirer/settlement/order.py`."""

from msgspec.structs import replace

from ...acquirer.policy.rules import policy_of
from ...acquirer.rows.draft import Draft
from ...acquirer.rows.records import Batch, Counter, Job, Merchant, SignIn, Terminal
from ...acquirer.rows.state import Insert, Needs, State
from ...acquirer.settlement.order import after_page, ask_to_settle, close_unconfirmed, is_asked, job_of
from ...acquirer.settlement.settle import batch_key, numbers_after
from ...basics.clock import Clock
from ...basics.errors import certain
from ...basics.numbers import MerchantNo, TerminalNo
from ...store.port import Store
from ..commit import Door, Sheet

SHOPS_AT_ONCE = 1_000
TERMINALS_AT_ONCE = 50
TRIES_MAX = 3


async def begin_settle_jobs(store: Store, door: Door, clock: Clock) -> None:
    """A job for each shop whose hour has come and that has none of today."""
    after = MerchantNo("")
    while shops := await store.merchants_with_rules(after, SHOPS_AT_ONCE):
        after = shops[-1].merchant_no
        wanted = [
            job
            for shop in shops
            if (job := job_of(policy_of(shop.policy, shop.policy_overrides), shop.merchant_no, clock.now()))
        ]
        if wanted:
            needs = Needs({Job: [(job.merchant_no, job.kind, job.subject) for job in wanted]})

            def begin(sheet: Sheet, wanted: list[Job] = wanted) -> None:
                for job in wanted:
                    if sheet.state.get(Job, job.merchant_no, job.kind, job.subject) is None:
                        sheet.take((Insert(job),))

            await door.commit(needs, begin, tries_max=TRIES_MAX)


async def settle_step(store: Store, door: Door, job: Job, owner: str) -> bool:
    """One page of a shop's terminals."""
    key = (job.merchant_no, job.kind, job.subject)
    async with store.unit() as unit:
        known = (await unit.load(Needs({Job: [key]}))).get(Job, *key)
    if known is None or known.state == "done":
        return False
    page = await store.terminals_with_payments(job.merchant_no, TerminalNo(known.cursor), TERMINALS_AT_ONCE)

    def more_needs(state: State, more: Needs) -> None:
        for one in page:
            terminal = state.get(Terminal, *one)
            if terminal is None:
                continue
            more.sums[batch_key(terminal)] = None
            for number in (terminal.batch_no, *numbers_after(terminal.batch_no)):
                more.add(Batch, (*one, number))
        for record in state.records_of_sessions():
            more.add(SignIn, record)

    def decide(sheet: Sheet) -> bool:
        state, now = sheet.state, sheet.now
        current = state.get(Job, *key)
        if current is None or current != known or now < current.due_ms:
            return False
        closed = 0
        for one in page:
            terminal, draft = state.get(Terminal, *one), Draft(state)
            if terminal is None:
                continue
            if current.state == "running":
                ask_to_settle(draft, terminal, now)
            elif is_asked(terminal):
                closed += close_unconfirmed(draft, terminal, now)
            sheet.take(draft.changes)
        shop = certain(state.get(Merchant, job.merchant_no), "a job is a shop's")
        policy = policy_of(shop.policy, shop.policy_overrides)
        stepped = replace(after_page(current, policy, page, closed, now), owner=owner)
        draft = Draft(state)
        draft.update(stepped)
        sheet.take(draft.changes)
        return stepped.state == current.state

    needs = Needs({Job: [key], Merchant: [(job.merchant_no,)], Terminal: page, Counter: [(job.merchant_no, "case")]})
    return await door.commit(needs, decide, more_needs, tries_max=TRIES_MAX)
