"""The outbox on the host's engine: told of is exactly what is durable, each message at least once, and the dead hold up nobody."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from standardwebhooks import Webhook as Signer
from tests.worlds.framed_peers import until
from tests.worlds.memory_host import MERCHANT, Line, MemoryHost
from tests.worlds.webhook_rows import outbox_message, webhook

from zhanggui.acquirer.rows.records import OutboxMessage, Payment, Record, SupportCase, Webhook, WebhookPlace
from zhanggui.acquirer.rows.state import Change, Needs, Update
from zhanggui.basics.chance import SeededChance
from zhanggui.basics.errors import Fault
from zhanggui.basics.numbers import UnixMs
from zhanggui.basics.spans import DAY_MS, HOUR_MS
from zhanggui.edges.outside_calls import NoAnswer
from zhanggui.host import commit
from zhanggui.host.commit import Door, Moved, Sheet
from zhanggui.host.engine import Engine
from zhanggui.host.outbox.announcing import Announcer
from zhanggui.host.outbox.listeners import Listeners
from zhanggui.host.outbox.sender import FAILING_AT_ONCE, PLACES, PLACES_OF_SHOP, SENT_AT_ONCE, TAKEN_MS, OutboxSender
from zhanggui.vault.webhook_secret import draw_webhook_secret
from zhanggui.views.webhook_bodies import SAID


class Posts:
    """Stands where receivers are: what was posted, and the answer of each address."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes, dict[str, str]]] = []
        self.answers: dict[str, Callable[[], int]] = {}
        self.held: dict[str, asyncio.Event] = {}

    async def post(self, whose: str, address: str, body: bytes, headers: Mapping[str, str], timeout_s: float) -> int:
        self.sent.append((address, body, dict(headers)))
        if address in self.held:
            await self.held[address].wait()
        return self.answers.get(address, lambda: 204)()

    def to(self, address: str) -> list[str]:
        """Numbers of what was posted there, in order."""
        return [headers["webhook-id"] for there, _, headers in self.sent if there == address]


class TellingHost(MemoryHost):
    """The host in memory, with an outbox."""

    def __init__(self) -> None:
        super().__init__()
        self.chance = SeededChance(2)
        self.posts = Posts()
        self.begin()

    def begin(self) -> None:
        """Begin anew over the same rows, as after a kill."""
        self.listeners = Listeners(self.store, self.clock)
        self.door = Door(self.store, self.clock, self.chance, self._committed, Announcer(self.listeners, SAID))
        self.engine = Engine(self.queue, self.door, self.desk, self.bank)
        self.sender = OutboxSender(
            self.store, self.door, self.queue, self.keys, self.clock, self.chance, self.listeners, self.posts.post
        )

    def _committed(self, changes: Sequence[Change]) -> None:
        self.listeners.committed(changes)
        self.sender.committed(changes)

    async def listen(self, *webhooks: Webhook) -> None:
        """These webhooks are there, each with a secret of its own."""
        for row in webhooks:
            sealed = self.keys.seal_webhook_secret(row.merchant_no, draw_webhook_secret(self.chance))
            self.store.put(replace(row, secret=sealed))
        await self.listeners.look()

    async def sell(self, trace: str) -> None:
        """A sale that the bank approves."""
        self.sale(trace, Line())
        await self.settled()
        self.bank_says("00", self.wire.sent[-1])
        await self.settled()

    async def send(self) -> None:
        """One look, and what comes of it is written."""
        await self.sender.look()
        await self.sender.until_sent()
        await self.settled()

    def put_message(self, row: Webhook, number: int) -> None:
        """A message that waits for this webhook."""
        shop = row.merchant_no
        self.store.put(outbox_message(shop, f"msg_{number:03d}", webhook_merchant_no=shop, webhook_no=row.webhook_no))

    def messages(self) -> list[OutboxMessage]:
        return [row for row in self.store.rows.values() if type(row) is OutboxMessage]

    def at(self, number: int = 1, merchant_no: str = MERCHANT) -> Webhook:
        row = self.store.rows[(Webhook, merchant_no, number)]
        assert isinstance(row, Webhook)
        return row


def shop_no(number: int) -> str:
    """The number of one of many shops."""
    return f"{number:015d}"


@pytest.fixture
async def house() -> AsyncIterator[TellingHost]:
    house = TellingHost()
    house.engine.start()
    yield house
    house.store.may_save.set()
    await house.engine.stop()


# ── what is written ──────────────────────────────────────────────────────────


async def test_a_sale_is_told_in_the_transaction_that_approves_it(house: TellingHost) -> None:
    await house.listen(
        webhook(MERCHANT), webhook(MERCHANT, 2, events="sign_in"), webhook("*", events="payment settlement")
    )
    saved: list[list[type[Record]]] = []
    house.store.before_save = lambda changes: saved.append([type(change.record) for change in changes])
    await house.sell("000012")
    assert [kinds.count(OutboxMessage) for kinds in saved] == [0, 2], "pending, then the outcome with its messages"
    assert Payment in saved[1]
    of_shop, of_all = sorted(house.messages(), key=lambda row: row.webhook_merchant_no, reverse=True)
    assert (of_shop.merchant_no, of_all.merchant_no, of_all.webhook_merchant_no) == (MERCHANT, MERCHANT, "*")
    body = msgspec.json.decode(of_shop.body)
    assert (body["type"], body["data"]["trace_no"], body["data"]["amount_fen"]) == ("payment.approved", "000012", 100)


async def test_what_could_not_be_written_is_told_to_nobody(house: TellingHost) -> None:
    await house.listen(webhook(MERCHANT))

    def refuse(changes: Sequence[Change]) -> None:
        if any(type(change.record) is OutboxMessage for change in changes):
            raise Fault("the disk is full")

    house.store.before_save = refuse
    await house.sell("000012")
    assert house.messages() == []
    (payment,) = house.store.payments()
    assert payment.state == "pending"


async def test_a_reversal_is_told_too(house: TellingHost) -> None:
    await house.listen(webhook(MERCHANT))
    await house.sell("000012")
    house.reverse("000012", Line())
    await house.settled()
    told = [msgspec.json.decode(row.body) for row in house.messages()]
    assert [(one["type"], one["data"]["state"]) for one in told] == [
        ("payment.approved", "approved"),
        ("payment.reversed", "reversed"),
    ]


async def test_a_row_that_cannot_be_told_costs_its_message_and_never_the_payment(
    house: TellingHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(row: Any) -> dict[str, Any]:
        raise ValueError("a view broke")

    await house.listen(webhook(MERCHANT))
    monkeypatch.setattr(house.door._announces, "_said", {Payment: broken})
    await house.sell("000012")
    assert [row.state for row in house.store.payments()] == ["approved"]
    assert house.messages() == []


async def test_where_nobody_listens_a_commit_is_as_it_was(house: TellingHost, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*asked: object) -> None:
        raise AssertionError("a commit that tells nobody anything looked at its moves")

    await house.listen(webhook(MERCHANT, state="paused"), webhook(MERCHANT, 2, state="disabled"))
    monkeypatch.setattr(commit.HearingSheet, "__init__", never)
    monkeypatch.setattr(Announcer, "messages", never)
    await house.sell("000012")
    assert [row.state for row in house.store.payments()] == ["approved"]


# ── what is sent ─────────────────────────────────────────────────────────────


async def test_a_message_is_signed_so_that_the_library_of_its_receiver_takes_it(house: TellingHost) -> None:
    await house.listen(webhook(MERCHANT))
    secret = house.keys.open_webhook_secret(MERCHANT, house.at().secret).reveal()
    await house.sell("000012")
    # The library compares with the clock on the wall.
    house.clock.at_ms = int(datetime.now(UTC).timestamp() * 1_000)
    await house.send()
    ((address, body, headers),) = house.posts.sent
    assert address == "https://receiver.example/hook"
    assert Signer(secret).verify(body, headers)["type"] == "payment.approved"
    (row,) = house.messages()
    assert (row.state, row.tries, row.answer, row.message_id) == ("sent", 1, "204", headers["webhook-id"])


async def test_while_a_secret_changes_a_message_is_signed_with_both(house: TellingHost) -> None:
    await house.listen(webhook(MERCHANT))
    new = draw_webhook_secret(house.chance)
    old = house.keys.open_webhook_secret(MERCHANT, house.at().secret)
    rotated = replace(
        house.at(),
        secret=house.keys.seal_webhook_secret(MERCHANT, new),
        old_secret=house.at().secret,
        old_until_ms=UnixMs(house.clock.at_ms + 2 * DAY_MS),
        changed_ms=UnixMs(house.at().changed_ms + 1),
    )
    house.store.put(rotated)
    await house.sell("000012")
    await house.send()
    _, body, headers = house.posts.sent[-1]
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    wanted = {Signer(one.reveal()).sign(headers["webhook-id"], at, body.decode()) for one in (new, old)}
    assert set(headers["webhook-signature"].split()) == wanted


async def test_a_bad_answer_is_tried_again_under_the_same_number_with_the_same_body(house: TellingHost) -> None:
    await house.listen(webhook(MERCHANT))
    answers = iter([500, 204])
    house.posts.answers["https://receiver.example/hook"] = lambda: next(answers)
    await house.sell("000012")
    await house.send()
    await house.send()
    assert len(house.posts.sent) == 1, "it is not due yet"
    assert house.at().failing_since_ms is not None
    house.clock.at_ms += 10_000
    await house.send()
    (first, again) = house.posts.sent
    assert (first[1], first[2]["webhook-id"]) == (again[1], again[2]["webhook-id"])
    (row,) = house.messages()
    assert (row.state, row.tries, house.at().failing_since_ms) == ("sent", 2, None)


async def test_a_host_that_ends_before_the_answer_is_written_tells_it_again(house: TellingHost) -> None:
    await house.listen(webhook(MERCHANT))
    await house.sell("000012")
    there = "https://receiver.example/hook"
    house.posts.held[there] = asyncio.Event()
    await house.sender.look()
    await asyncio.sleep(0)
    await house.sender.stop()
    assert [row.state for row in house.messages()] == ["queued"]
    await house.engine.stop()
    house.posts.held.clear()
    house.begin()
    house.engine.start()
    await house.send()
    assert len(set(house.posts.to(there))) == 1
    assert len(house.posts.to(there)) == 2
    assert [row.state for row in house.messages()] == ["sent"]


async def test_dead_receivers_take_their_places_and_hold_up_nobody(house: TellingHost) -> None:
    dead = [
        webhook(shop_no(number), address=f"https://dead{number}.example/", failing_since_ms=UnixMs(1))
        for number in range(FAILING_AT_ONCE + 10)
    ]
    alive = webhook(MERCHANT, 99, address="https://alive.example/")
    await house.listen(*dead, alive)
    for number, row in enumerate([*dead, *dead, alive, alive, alive]):
        house.posts.held.setdefault(row.address, asyncio.Event())
        house.put_message(row, number)
    house.posts.held.pop(alive.address)
    await house.sender.look()
    await asyncio.sleep(0)
    await house.settled()
    assert len(house.posts.to(alive.address)) == 3
    asked = [address for address, _, _ in house.posts.sent if address != alive.address]
    assert len(asked) == len(set(asked)) == FAILING_AT_ONCE, "one each, and half of all places together"
    for event in house.posts.held.values():
        event.set()
    await house.sender.until_sent()


async def test_a_receiver_has_so_many_places_and_the_next_wait(house: TellingHost) -> None:
    await house.listen(webhook(MERCHANT))
    there = house.at().address
    house.posts.held[there] = asyncio.Event()
    for number in range(PLACES + 5):
        house.store.put(outbox_message(MERCHANT, f"msg_{number:03d}"))
    await house.sender.look()
    await asyncio.sleep(0)
    assert len(house.posts.to(there)) == PLACES
    house.posts.held[there].set()
    await house.sender.until_sent()
    await house.settled()
    await house.send()
    assert [row.state for row in house.messages()] == ["sent"] * (PLACES + 5)


async def test_a_slow_shop_with_many_names_takes_its_places_and_no_other_shops(house: TellingHost) -> None:
    slow = [webhook(shop_no(1), number, address=f"https://slow{number}.example/") for number in range(1, 6)]
    quick = webhook(shop_no(2), address="https://quick.example/")
    await house.listen(*slow, quick)
    for number, row in enumerate([*slow * PLACES, quick, quick, quick]):
        house.put_message(row, number)
    for row in slow:
        house.posts.held[row.address] = asyncio.Event()
    await house.sender.look()
    await asyncio.sleep(0)
    await house.settled()
    assert len(house.posts.to(quick.address)) == 3
    assert sum(len(house.posts.to(row.address)) for row in slow) == PLACES_OF_SHOP
    for event in house.posts.held.values():
        event.set()
    await house.sender.until_sent()


async def test_a_place_that_becomes_free_is_of_who_waited_longest(house: TellingHost) -> None:
    shops = [
        webhook(shop_no(number), address=f"https://slow{number}.example/")
        for number in range(SENT_AT_ONCE // PLACES_OF_SHOP + 1)
    ]
    first, last = shops[0], shops[-1]
    await house.listen(*shops)
    for number, row in enumerate(shops * (PLACES * 2)):
        house.put_message(row, number)
    for row in shops:
        house.posts.held[row.address] = asyncio.Event()
    await house.sender.look()
    await asyncio.sleep(0)
    assert (house.sender.under_way, house.posts.to(last.address)) == (SENT_AT_ONCE, [])
    house.posts.held[first.address].set()
    await until(lambda: house.sender.under_way == SENT_AT_ONCE - PLACES_OF_SHOP)
    house.posts.held[first.address].clear()
    await house.sender.look()
    await asyncio.sleep(0)
    assert len(house.posts.to(last.address)) == PLACES_OF_SHOP
    assert len(house.posts.to(first.address)) == PLACES_OF_SHOP, "it had its turn"
    for event in house.posts.held.values():
        event.set()
    await house.sender.until_sent()


async def test_after_three_days_the_webhook_is_disabled_and_a_case_says_so(house: TellingHost) -> None:
    await house.listen(webhook(MERCHANT, since_ms=UnixMs(0)))

    def nobody() -> int:
        raise NoAnswer("no_line", "no line to the receiver")

    house.posts.answers[house.at().address] = nobody
    house.store.put(
        outbox_message(MERCHANT, "msg_a", made_ms=UnixMs(house.clock.at_ms - 4 * DAY_MS), next_ms=UnixMs(1))
    )
    await house.send()
    (row,) = house.messages()
    assert (row.state, row.answer, house.at().state) == ("given_up", "no_line", "disabled")
    (case,) = [row for row in house.store.rows.values() if type(row) is SupportCase]
    assert (case.what, case.case_no) == ("webhook_disabled", house.at().case_no)
    assert not house.listeners.listens


async def test_what_waits_for_a_removed_webhook_is_let_go_and_for_a_paused_one_waits(house: TellingHost) -> None:
    await house.listen(webhook(MERCHANT, state="removed"), webhook(MERCHANT, 2, state="paused"))
    house.store.put(outbox_message(MERCHANT, "msg_a"), outbox_message(MERCHANT, "msg_b", webhook_no=2))
    await house.send()
    assert house.posts.sent == []
    assert [(row.message_id, row.state, row.answer) for row in house.messages()] == [
        ("msg_a", "failed", "webhook_removed"),
        ("msg_b", "queued", ""),
    ]
    house.store.put(replace(house.at(2), state="active", changed_ms=UnixMs(house.at(2).changed_ms + 1)))
    await house.send()
    assert house.posts.to("https://receiver.example/hook") == ["msg_b"]


async def test_of_two_hosts_on_one_database_one_sends(house: TellingHost, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.listen(webhook(MERCHANT))
    monkeypatch.setattr(house.store, "is_shared", True, raising=False)
    house.store.put(outbox_message(MERCHANT, "msg_a", next_ms=UnixMs(1)))
    there = house.at().address
    house.posts.held[there] = asyncio.Event()
    await house.sender.look()
    await asyncio.sleep(0)
    (taken,) = house.messages()
    assert taken.next_ms == house.clock.at_ms + TAKEN_MS
    other = OutboxSender(
        house.store, house.door, house.queue, house.keys, house.clock, house.chance, house.listeners, house.posts.post
    )
    await other.look()
    await asyncio.sleep(0)
    assert house.posts.to(there) == ["msg_a"]
    house.posts.held[there].set()
    await house.sender.until_sent()


async def test_a_secret_that_was_altered_is_not_sent_with_and_the_log_names_none(
    house: TellingHost, capsys: pytest.CaptureFixture[str]
) -> None:
    await house.listen(webhook(MERCHANT))
    secret = house.keys.open_webhook_secret(MERCHANT, house.at().secret).reveal()
    house.store.put(replace(house.at(), secret=b"altered", changed_ms=UnixMs(house.at().changed_ms + 1)))
    house.store.put(outbox_message(MERCHANT, "msg_a"))
    await house.send()
    assert house.posts.sent == []
    (row,) = house.messages()
    assert (row.state, row.answer) == ("queued", "no_reply")
    said = "".join(capsys.readouterr())
    assert secret not in said
    assert "whsec_" not in said


# ── a clock that went back ───────────────────────────────────────────────────


NEW_ADDRESS = "https://new.example/hook"


def moved_back(house: TellingHost) -> Webhook:
    """The clock goes back by an hour, and then the webhook gets another address."""
    house.clock.at_ms = house.at().changed_ms - HOUR_MS
    return replace(house.at(), address=NEW_ADDRESS, changed_ms=house.clock.now())


async def test_what_this_host_changes_of_a_webhook_counts_though_its_clock_went_back(house: TellingHost) -> None:
    await house.listen(webhook(MERCHANT))
    changed = moved_back(house)
    await house.door.commit(
        Needs({Webhook: [(MERCHANT, changed.webhook_no)]}), lambda sheet: sheet.take((Update(changed),))
    )
    house.store.put(outbox_message(MERCHANT, "msg_a", next_ms=UnixMs(1)))
    await house.send()
    assert [address for address, _, _ in house.posts.sent] == [NEW_ADDRESS]


async def test_what_a_console_changes_of_a_webhook_is_seen_though_the_clock_went_back(house: TellingHost) -> None:
    await house.listen(webhook(MERCHANT))
    house.store.put(moved_back(house))
    assert await house.listeners.look() == [(MERCHANT, 1)]
    assert [one.address for one in house.listeners.all()] == [NEW_ADDRESS]


async def test_a_look_that_began_before_a_commit_does_not_bring_the_old_row_back(
    house: TellingHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.listen(webhook(MERCHANT))
    read, changed = house.store.webhooks_changed, moved_back(house)

    async def slowly(after: WebhookPlace, limit: int) -> list[Webhook]:
        rows = await read(after, limit)
        house.store.put(changed)
        house.listeners.committed([Update(changed)])
        return rows

    monkeypatch.setattr(house.store, "webhooks_changed", slowly)
    for _ in range(2):
        await house.listeners.look()
        assert house.listeners.get((MERCHANT, 1)) == changed


def test_a_sheet_that_hears_remembers_each_move_with_the_row_before() -> None:
    moved: list[Moved] = []

    class Listening:
        listens = True

        def messages(self, found: Sequence[Moved], now: UnixMs) -> tuple[Change, ...]:
            moved.extend(found)
            return ()

    host = MemoryHost()
    row = outbox_message(MERCHANT, "msg_a")
    host.store.put(row)
    sent = replace(row, state="sent", next_ms=None, ended_ms=UnixMs(5))

    def decide(sheet: Sheet) -> None:
        sheet.take((commit_update(sent),))

    door = Door(host.store, host.clock, SeededChance(3), announces=Listening())
    asyncio.run(door.commit(Needs({OutboxMessage: [(MERCHANT, "msg_a")]}), decide))
    assert moved == [(row, sent)]


def commit_update(row: Record) -> Change:
    from zhanggui.acquirer.rows.state import Update

    return Update(row)
