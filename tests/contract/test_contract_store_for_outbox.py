"""Webhooks and the outbox on SQLite and on PostgreSQL: who changed, whose messages wait, which are over."""

import pytest
from msgspec.structs import replace
from tests.contract.store_rows import SHOP, save
from tests.worlds.webhook_rows import MADE_MS, outbox_message, webhook

from zhanggui.acquirer.rows.state import Delete, Insert, Update
from zhanggui.basics.errors import ZhangguiError
from zhanggui.basics.numbers import UnixMs
from zhanggui.store.port import Store

FROM_THE_FIRST = (UnixMs(-1), "", 0)


async def test_webhooks_come_by_when_they_changed_removed_ones_too(store: Store) -> None:
    everywhere, first, second = webhook("*", 1), webhook(SHOP, 1), webhook(SHOP, 2)
    await save(store, *map(Insert, (everywhere, first, second)))
    later = replace(everywhere, state="removed", changed_ms=UnixMs(MADE_MS + 5))
    await save(store, Update(later))
    assert await store.webhooks_changed(FROM_THE_FIRST, 9) == [first, second, later]
    assert await store.webhooks_changed((first.changed_ms, SHOP, 1), 9) == [second, later]
    assert await store.webhooks_changed(FROM_THE_FIRST, 1) == [first]


async def test_messages_wait_by_webhook_the_next_one_first(store: Store) -> None:
    late, soon = outbox_message(SHOP, "msg_b", next_ms=UnixMs(20)), outbox_message(SHOP, "msg_c", next_ms=UnixMs(10))
    of_another = outbox_message(SHOP, "msg_a", webhook_no=2, next_ms=UnixMs(5))
    await save(store, *map(Insert, (late, soon, of_another)))
    assert await store.outbox_waiting(9) == [(SHOP, 1, 2), (SHOP, 2, 1)]
    assert await store.outbox_waiting(1) == [(SHOP, 1, 2)]
    assert await store.outbox_queued((SHOP, 1), 9) == [soon, late]
    assert await store.outbox_queued((SHOP, 1), 1) == [soon]
    await save(store, Update(replace(soon, state="sent", next_ms=None, ended_ms=UnixMs(30))))
    assert await store.outbox_queued((SHOP, 1), 9) == [late]


async def test_messages_that_are_over_are_found_by_when_they_ended_and_may_go(store: Store) -> None:
    ended = [
        replace(outbox_message(SHOP, f"msg_{name}"), state="sent", next_ms=None, ended_ms=UnixMs(at))
        for name, at in (("a", 10), ("b", 20), ("c", 30))
    ]
    await save(store, *map(Insert, (*ended, outbox_message(SHOP, "msg_d"))))
    assert await store.outbox_ended(UnixMs(30), ("", ""), 9) == ended[:2]
    assert await store.outbox_ended(UnixMs(31), (SHOP, "msg_a"), 9) == ended[1:]
    await save(store, Delete(ended[0]))
    assert await store.outbox_ended(UnixMs(31), ("", ""), 1) == [ended[1]]


@pytest.mark.parametrize(("state", "next_ms"), [("queued", None), ("sent", UnixMs(10))])
async def test_a_message_waits_exactly_while_it_is_queued(store: Store, state: str, next_ms: UnixMs | None) -> None:
    with pytest.raises(ZhangguiError):
        await save(store, Insert(outbox_message(SHOP, "msg_a", state=state, next_ms=next_ms)))
