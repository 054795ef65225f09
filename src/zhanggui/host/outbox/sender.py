"""Sends what waits in the outbox: each message to its webhook, again and again, until it is taken or given up.

    row (queued, next_ms) ─▶ lane of its webhook ─▶ due, and a place free ─▶ signed, posted ─▶ heard (`acquirer/webhooks/sending.py`)
          ▲                                                                                        │
          └───────────────────── one commit, of the engine's batch: message, webhook, case ◀──────┘

The rows are the truth, so each is told at least once: a host that is killed after a receiver took a message, and before that was
written, tells it again under the same number. What is kept here are lanes: which webhooks have something waiting, and when to look. An
address has few places, and one whose last answer was bad has one, and all of those together half of the places: the dead never hold up
the living. A shop has no more places than an address, by however many names its receivers go, and lanes come in turn: whoever was
served stands behind those that were not. Where hosts share a database, a message is taken by a commit first, for as long as a try may last.
"""

import asyncio
import contextlib
from collections import Counter as Counts
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from msgspec.structs import replace

from ...acquirer.rows.cases import need_case
from ...acquirer.rows.decision import Decision
from ...acquirer.rows.draft import Draft
from ...acquirer.rows.records import OutboxMessage, Webhook, WebhookKey, key_of
from ...acquirer.rows.state import Change, Needs, State, Update
from ...acquirer.webhooks.sending import heard, let_go
from ...basics.chance import Chance
from ...basics.clock import Clock
from ...basics.errors import Fault
from ...basics.numbers import MerchantNo, UnixMs
from ...edges.logs import told
from ...edges.watched import guarded_each, short_task
from ...store.port import Store
from ..commit import Door, Sheet
from ..keys import HostKeys
from ..queue import WorkQueue
from ..work import Desk, log
from .listeners import Listeners
from .signing import signed_headers

LOOKED_EVERY_S = 0.5
"""How often it is looked what is due, where nothing that ended makes room before."""
PAUSE_S = 0.02
"""Between two looks at least: what ended meanwhile is looked at together."""
LANES_READ_EVERY_S = 60.0
"""How often it is asked whose messages wait at all: those that another host wrote, or a console."""
LANES_MAX = 10_000
SENT_AT_ONCE = 64
PLACES, PLACES_WHEN_FAILING = 16, 1
"""Messages under way to one address, and to one whose last answer was bad."""
PLACES_OF_SHOP = PLACES
"""Messages under way of one shop, whose receivers may have many host names; the acquirer's own webhooks count as one."""
FAILING_AT_ONCE = SENT_AT_ONCE // 2
TIMEOUT_S = 10.0
TAKEN_MS = 60_000
"""For how long a host that shares its database takes a message: several times what a try lasts."""
LET_GO_AT_ONCE = 100
TRIES_MAX = 5
DRAW_BYTES = 2

Post = Callable[[str, str, bytes, Mapping[str, str], float], Awaitable[int]]
"""Whose webhook it is, its address, body, headers, seconds ─▶ the status of the answer. Raises Fault, whose word is kept, for none."""


def word_of(error: Fault) -> str:
    """What stands as the answer of a try that got none."""
    return str(getattr(error, "word", "no_reply"))


class MessageHeard:
    """A unit of work: what came of one try. It is written with the sales and sign-ins of its batch."""

    __slots__ = ("_after", "_answer", "_draw", "_message", "_webhook", "_written")

    def __init__(
        self, webhook: Webhook, message: OutboxMessage, answer: str, draw: float, written: "asyncio.Future[None]"
    ) -> None:
        self._webhook, self._message, self._answer, self._draw = webhook, message, answer, draw
        self._written = written
        self._after: OutboxMessage | None = None

    def add_needs(self, needs: Needs) -> None:
        needs.add(Webhook, key_of(self._webhook))
        needs.add(OutboxMessage, key_of(self._message))
        need_case(MerchantNo(self._webhook.merchant_no), needs)

    def more_needs(self, desk: Desk, state: State, more: Needs) -> None:
        """The first rows are all."""

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        webhook = state.get(Webhook, *key_of(self._webhook))
        message = state.get(OutboxMessage, *key_of(self._message))
        if webhook is None or message is None or message.state != "queued":
            return Decision()
        draft = Draft(state)
        heard(draft, message, webhook, self._answer, now, self._draw)
        self._after = draft.get(OutboxMessage, *key_of(message))
        return Decision(changes=tuple(draft.changes))

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        after = self._after
        if after is not None:
            log.info("webhook_tried", **named(after), answer=after.answer, state=after.state, tries=after.tries)
        self._over()

    def fail(self, desk: Desk, now: UnixMs) -> None:
        # The row is as it was, and is tried again.
        log.error("webhook_answer_not_written", **named(self._message))
        self._over()

    def _over(self) -> None:
        if not self._written.done():
            self._written.set_result(None)


def named(message: OutboxMessage) -> dict[str, str | int]:
    """A message as the log names it."""
    return {
        "merchant_no": message.merchant_no,
        "webhook_no": message.webhook_no,
        "message_id": message.message_id,
        "tells_of": message.event,
    }


class OutboxSender:
    """Sends. `look` is called again and again; `committed` hears what this host wrote."""

    def __init__(
        self,
        store: Store,
        door: Door,
        queue: WorkQueue,
        keys: HostKeys,
        clock: Clock,
        chance: Chance,
        listeners: Listeners,
        post: Post,
    ) -> None:
        self._store, self._door, self._queue = store, door, queue
        self._keys, self._clock, self._chance = keys, clock, chance
        self._listeners = listeners
        self._post = post
        self._lanes: dict[WebhookKey, UnixMs] = {}
        """Webhooks that have something waiting, and when to look at it."""
        self._under_way: dict[tuple[object, ...], asyncio.Task[None]] = {}
        self._busy: Counts[str] = Counts()
        """Messages under way by address."""
        self._busy_of_shop: Counts[str] = Counts()
        self._failing = 0
        self._lanes_read_at_s: float | None = None
        self._wake = asyncio.Event()
        self.waiting = 0
        """Messages that waited when it was counted last."""

    @property
    def under_way(self) -> int:
        """Messages that are being sent."""
        return len(self._under_way)

    def committed(self, changes: Sequence[Change]) -> None:
        """These changes are durable now, by this host."""
        for change in changes:
            if type(row := change.record) is OutboxMessage and row.state == "queued":
                self._look_at((row.webhook_merchant_no, row.webhook_no), row.next_ms or UnixMs(0))
                self._wake.set()

    async def turn(self) -> None:
        """One look, and a pause until there is a reason for the next."""
        await self.look()
        await asyncio.sleep(PAUSE_S)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOKED_EVERY_S):
                await self._wake.wait()
        self._wake.clear()

    async def look(self) -> None:
        """Send what is due and has a place."""
        for key in await self._listeners.look():
            self._look_at(key, UnixMs(0))
        now_s = self._clock.elapsed_s()
        if self._lanes_read_at_s is None or now_s - self._lanes_read_at_s >= LANES_READ_EVERY_S:
            waiting = await self._store.outbox_waiting(LANES_MAX)
            self._lanes_read_at_s, self.waiting = now_s, sum(count for _, _, count in waiting)
            for shop, number, _ in waiting:
                self._look_at((shop, number), UnixMs(0))
        now = self._clock.now()
        due = [key for key, at in self._lanes.items() if at <= now]
        await guarded_each("webhook", due, self._look_at_lane)

    async def until_sent(self) -> None:
        """Wait until all that is under way has its answer."""
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    async def stop(self) -> None:
        """Send nothing more. What is under way is cut off, and is sent again by the next start."""
        for task in self._under_way.values():
            task.cancel()
        await self.until_sent()

    def _look_at(self, key: WebhookKey, at: UnixMs) -> None:
        self._lanes[key] = min(self._lanes.get(key, at), at)

    async def _look_at_lane(self, key: WebhookKey) -> None:
        webhook = self._listeners.get(key)
        if webhook is None or webhook.state in ("paused", "disabled"):
            # When it changes it comes again.
            del self._lanes[key]
            return
        if webhook.state == "removed":
            await self._let_go(key)
            return
        free = self._places(webhook)
        if free <= 0:
            return
        rows = await self._store.outbox_queued(key, free + PLACES + 1)
        now = self._clock.now()
        idle = [row for row in rows if key_of(row) not in self._under_way]
        due = [row for row in idle if (row.next_ms or 0) <= now][:free]
        for row in await self._taken(due):
            self._begin(webhook, row)
            # It goes behind the others.
            self._lanes[key] = self._lanes.pop(key)
        later = [row.next_ms for row in idle if row.next_ms is not None and row not in due]
        if later:
            self._lanes[key] = min(later)
        elif not due and len(rows) < free + PLACES + 1:
            del self._lanes[key]

    def _places(self, webhook: Webhook) -> int:
        is_failing = webhook.failing_since_ms is not None
        free = min(
            (PLACES_WHEN_FAILING if is_failing else PLACES) - self._busy[_place(webhook)],
            PLACES_OF_SHOP - self._busy_of_shop[webhook.merchant_no],
            SENT_AT_ONCE - len(self._under_way),
        )
        return min(free, FAILING_AT_ONCE - self._failing) if is_failing else free

    async def _taken(self, due: Sequence[OutboxMessage]) -> Sequence[OutboxMessage]:
        """Those of them that are this host's to send now."""
        if not due or not self._store.is_shared:
            return due

        def take(sheet: Sheet) -> list[OutboxMessage]:
            until = UnixMs(sheet.now + TAKEN_MS)
            still = [row for row in due if sheet.state.get(OutboxMessage, *key_of(row)) == row]
            taken = [replace(row, next_ms=until) for row in still]
            sheet.take(map(Update, taken))
            return taken

        return await self._door.commit(Needs({OutboxMessage: map(key_of, due)}), take, tries_max=TRIES_MAX)

    def _begin(self, webhook: Webhook, row: OutboxMessage) -> None:
        key, is_failing = key_of(row), webhook.failing_since_ms is not None
        places = ((self._busy, _place(webhook)), (self._busy_of_shop, webhook.merchant_no))
        for busy, place in places:
            busy[place] += 1
        self._failing += is_failing
        self._under_way[key] = task = short_task(self._send(webhook, row), "webhook")

        def ended(_: Any) -> None:
            self._under_way.pop(key, None)
            self._failing -= is_failing
            for busy, place in places:
                busy[place] -= 1
                if not busy[place]:
                    del busy[place]
            self._wake.set()

        task.add_done_callback(ended)

    async def _send(self, webhook: Webhook, row: OutboxMessage) -> None:
        """One try, and what came of it is written. Whatever goes wrong is a bad answer: the row tries again."""
        try:
            headers = signed_headers(self._keys, webhook, row, self._clock.now())
            answer = str(await self._post(webhook.merchant_no, webhook.address, row.body, headers, TIMEOUT_S))
        except Fault as error:
            answer = word_of(error)
        except Exception as error:
            log.error("webhook_not_sent", **named(row), **told(error))
            answer = "not_sent"
        draw = int.from_bytes(self._chance.take(DRAW_BYTES), "big") / (1 << 8 * DRAW_BYTES)
        # Until it is written the row looks as if it were to be sent.
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.submit(MessageHeard(webhook, row, answer, draw, written))
        await written

    async def _let_go(self, key: WebhookKey) -> None:
        rows = await self._store.outbox_queued(key, LET_GO_AT_ONCE)

        def decide(sheet: Sheet) -> None:
            for row in rows:
                message = sheet.state.get(OutboxMessage, *key_of(row))
                if message is not None and message.state == "queued":
                    sheet.take((Update(let_go(message, sheet.now)),))

        if rows:
            await self._door.commit(Needs({OutboxMessage: map(key_of, rows)}), decide, tries_max=TRIES_MAX)
        if len(rows) < LET_GO_AT_ONCE:
            del self._lanes[key]


def _place(webhook: Webhook) -> str:
    return urlsplit(webhook.address).netloc.lower()
