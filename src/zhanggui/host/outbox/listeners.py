"""Which webhooks listen now, as this host knows: read at the start, and again each second from where it was.

    row changes (at another host, at a console) ─▶ read within a second ─▶ its shop's events are written for it
                (here)                          ─▶ known with its commit

What a webhook missed in that second it was not promised: it hears of what happens from when its host knows it.
"""

from collections.abc import Iterable, Iterator, Sequence

from ...acquirer.rows.records import WHOLE_HOST, Webhook, WebhookKey, WebhookPlace, key_of
from ...acquirer.rows.state import Change
from ...basics.clock import Clock
from ...basics.numbers import UnixMs
from ...store.port import Store

WEBHOOKS_AT_ONCE = 1_000
OVERLAP_MS = 10_000
"""Changes of so long ago are looked at again: hosts' clocks differ a little, and a commit may be later than its instant."""
FIRST_PLACE: WebhookPlace = (UnixMs(-1), "", 0)


class Listeners:
    """The webhooks that this host knows, those that are not active too. `listens`: whether any is active at all."""

    __slots__ = ("_active", "_clock", "_known", "_own", "_seen", "_store", "listens")

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._known: dict[WebhookKey, Webhook] = {}
        self._active: dict[str, tuple[Webhook, ...]] = {}
        """By the shop whose events they hear."""
        self._seen: WebhookPlace = FIRST_PLACE
        self._own: dict[WebhookKey, None] = {}
        """What this host changed since it looked last."""
        self.listens = False

    def get(self, key: WebhookKey) -> Webhook | None:
        """The webhook of this key as it was written last."""
        return self._known.get(key)

    def all(self) -> Iterable[Webhook]:
        """All that are known."""
        return self._known.values()

    def of(self, merchant_no: str, event: str) -> Iterator[Webhook]:
        """Active webhooks that hear this event of this shop."""
        for shop in (merchant_no, WHOLE_HOST):
            for webhook in self._active.get(shop, ()):
                if event in webhook.events.split():
                    yield webhook

    async def look(self) -> list[WebhookKey]:
        """Read what changed since the last look; the answer is which."""
        found: list[Webhook] = []
        # After the clock went back a change stands before the last one that was seen.
        since = min(self._seen[0], self._clock.now())
        place: WebhookPlace = (UnixMs(since - OVERLAP_MS), *FIRST_PLACE[1:])
        while rows := await self._store.webhooks_changed(place, WEBHOOKS_AT_ONCE):
            found += rows
            last = rows[-1]
            place = (last.changed_ms, last.merchant_no, last.webhook_no)
            self._seen = max(self._seen, place)
            if len(rows) < WEBHOOKS_AT_ONCE:
                break
        own, self._own = self._own, {}
        # What changed here meanwhile may have been read as it was before; the next look reads it again.
        return list(own | self._put(row for row in found if key_of(row) not in own))

    def committed(self, changes: Sequence[Change]) -> None:
        """These changes are durable now, by this host."""
        rows = [row for change in changes if type(row := change.record) is Webhook]
        if rows:
            self._own |= self._put(rows)

    def _put(self, webhooks: Iterable[Webhook]) -> dict[WebhookKey, None]:
        """Take over rows as they are committed; the answer is which of them were not known so. Their instants are not asked which is the
        later one: a clock may have gone back."""
        changed: dict[WebhookKey, None] = {}
        for row in webhooks:
            key = row.merchant_no, row.webhook_no
            if self._known.get(key) != row:
                self._known[key] = row
                changed[key] = None
        for shop in dict.fromkeys(key[0] for key in changed):
            of_shop = (row for key, row in self._known.items() if key[0] == shop and row.state == "active")
            active = tuple(sorted(of_shop, key=lambda row: row.webhook_no))
            if active:
                self._active[shop] = active
            else:
                self._active.pop(shop, None)
        self.listens = bool(self._active)
        return changed
