"""Webhooks by their rules: who may have one, which moves are events, when a message is tried again, and when it is over."""

from typing import Any

import pytest
from msgspec.structs import replace
from tests.worlds.webhook_rows import MADE_MS, approved_sale, outbox_message, webhook

from zhanggui.acquirer.policy.actors import CONSOLE, Actor
from zhanggui.acquirer.rows.decision import Decision
from zhanggui.acquirer.rows.draft import Draft
from zhanggui.acquirer.rows.records import (
    AuditNote,
    Counter,
    Merchant,
    OutboxMessage,
    Payment,
    SignIn,
    SupportCase,
    Webhook,
)
from zhanggui.acquirer.rows.state import State
from zhanggui.acquirer.webhooks import managing
from zhanggui.acquirer.webhooks.events import message_for, message_id, told_of
from zhanggui.acquirer.webhooks.sending import GAPS_S, TRIED_DAYS, gap_ms, heard
from zhanggui.basics.numbers import MerchantNo, RecordNo, TerminalNo, UnixMs
from zhanggui.basics.spans import DAY_MS
from zhanggui.views.webhook_bodies import said_of_case, said_of_payment, said_of_sign_in

SHOP = MerchantNo("102100058120001")
ADDRESS = "https://shop.example/hook"
NOW = UnixMs(MADE_MS + 1_000)


def state_with(*rows: Any) -> State:
    state = State()
    for row in (Merchant(merchant_no=SHOP, name="掌柜示范店", created_ms=MADE_MS), *rows):
        state.put(row)
    return state


def add(state: State, **other: Any) -> Decision:
    asked: dict[str, Any] = {"address": ADDRESS, "events": ("payment",), "by": CONSOLE, "may_be_plain": False} | other
    return managing.decide_add_webhook(
        state,
        asked.get("merchant_no", SHOP),
        asked["address"],
        asked["events"],
        b"sealed",
        asked["by"],
        NOW,
        may_be_plain=asked["may_be_plain"],
    )


def only(decision: Decision, kind: type[Any]) -> Any:
    (row,) = (change.record for change in decision.changes if isinstance(change.record, kind))
    return row


# ── who may have one ─────────────────────────────────────────────────────────


def test_a_new_webhook_hears_its_events_in_the_order_of_the_table_and_leaves_a_note() -> None:
    decision = add(state_with(), events=("settlement", "sign_in"))
    added = only(decision, Webhook)
    assert (added.webhook_no, added.events, added.state) == (1, "sign_in settlement", "active")
    assert only(decision, AuditNote).detail == "add"


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"events": ()}, "webhook_unknown_event"),
        ({"events": ("weather",)}, "webhook_unknown_event"),
        ({"address": "http://shop.example/hook"}, "webhook_not_https"),
        ({"address": "ftp://shop.example/", "may_be_plain": True}, "webhook_not_https"),
        ({"address": "https://user:word@shop.example/"}, "webhook_bad_address"),
        ({"address": "https://shop.example/#part"}, "webhook_bad_address"),
        ({"address": "https://shop.example/\r\nhost: other"}, "webhook_bad_address"),
        ({"address": "https://店.example/"}, "webhook_bad_address"),
        ({"address": "https:///hook"}, "webhook_bad_address"),
        ({"address": "https://shop.example:99999/"}, "webhook_bad_address"),
        ({"address": f"https://shop.example/{'x' * 500}"}, "webhook_bad_address"),
        ({"by": Actor("01", "cashier")}, "not_permitted"),
        ({"merchant_no": "*", "by": Actor("99", "administrator")}, "not_permitted"),
        ({"merchant_no": "102100058129999"}, "unknown_merchant"),
    ],
)
def test_what_no_webhook_may_be_is_refused_with_a_reason(asked: dict[str, Any], reason: str) -> None:
    decision = add(state_with(), **asked)
    assert (decision.reason, decision.changes) == (reason, ())


def test_the_acquirer_hears_of_all_shops_by_the_console_alone() -> None:
    assert only(add(state_with(), merchant_no="*"), Webhook).merchant_no == "*"


def test_http_is_taken_where_the_settings_allow_it() -> None:
    assert only(add(state_with(), address="http://10.0.0.7/hook", may_be_plain=True), Webhook).webhook_no == 1


def test_a_shop_has_no_more_than_its_bound_and_a_removed_ones_number_comes_again_late() -> None:
    full = [webhook(SHOP, number) for number in range(1, managing.WEBHOOKS_MAX + 1)]
    assert add(state_with(*full)).reason == "too_many_webhooks"
    removed = replace(full[4], state="removed", changed_ms=NOW)
    assert only(add(state_with(*full[:4], removed)), Webhook).webhook_no == 6
    long_ago = replace(removed, changed_ms=UnixMs(NOW - 31 * DAY_MS))
    assert only(add(state_with(*full[:4], long_ago)), Webhook).webhook_no == 5


def test_it_is_paused_resumed_and_removed_and_nothing_is_done_twice() -> None:
    active = webhook(SHOP)

    def move(row: Webhook, to: Any, by: Actor = CONSOLE) -> Decision:
        return managing.decide_move_webhook(state_with(row), SHOP, 1, to, by, NOW)

    paused = only(move(active, "paused"), Webhook)
    assert paused.state == "paused"
    assert move(paused, "paused").reason == "webhook_as_it_was"
    failing = replace(active, state="disabled", failing_since_ms=MADE_MS)
    resumed = only(move(failing, "active"), Webhook)
    assert (resumed.state, resumed.since_ms, resumed.failing_since_ms) == ("active", NOW, None)
    assert move(failing, "paused").reason == "webhook_as_it_was"
    removed = only(move(active, "removed"), Webhook)
    assert move(removed, "active").reason == "unknown_webhook"
    assert move(active, "paused", Actor("00", "supervisor")).reason == "not_permitted"


def test_a_rotated_secret_leaves_the_old_one_for_a_day() -> None:
    decision = managing.decide_rotate_secret(state_with(webhook(SHOP)), SHOP, 1, b"newer", CONSOLE, NOW)
    rotated = only(decision, Webhook)
    assert (rotated.secret, rotated.old_secret, rotated.old_until_ms) == (b"newer", b"sealed", NOW + DAY_MS)


def test_a_test_goes_to_an_active_webhook_only() -> None:
    sent = managing.decide_test_webhook(state_with(webhook(SHOP)), SHOP, 1, CONSOLE, NOW)
    assert b'"type":"webhook.test"' in only(sent, OutboxMessage).body
    paused = state_with(webhook(SHOP, state="paused"))
    assert managing.decide_test_webhook(paused, SHOP, 1, CONSOLE, NOW).reason == "webhook_not_active"


# ── which moves are events ───────────────────────────────────────────────────


def test_a_payment_tells_when_it_is_approved_and_when_that_is_undone() -> None:
    approved = approved_sale()
    pending = replace(approved, state="pending", response_code="", decided_ms=None)
    declined = replace(pending, state="declined", response_code="51")
    undone = replace(approved, state="reversed", bank_state="reversal_due", reversed_ms=NOW)
    corrected = replace(approved, bank_state="reversal_due", reversed_ms=NOW)
    moves: dict[str, tuple[Payment | None, Payment]] = {
        "asked": (None, pending),
        "approved": (pending, approved),
        "declined": (pending, declined),
        "learned": (approved, replace(approved, undone_by_trace_no="000013")),
        "undone": (approved, undone),
        "corrected": (approved, corrected),
        "undone while pending": (pending, undone),
        "done": (undone, replace(undone, bank_state="reversal_done")),
    }
    types = {name: told.type for name, (before, after) in moves.items() if (told := told_of(before, after)) is not None}
    assert types == {"approved": "payment.approved", "undone": "payment.reversed", "corrected": "payment.reversed"}


def a_case(**other: Any) -> SupportCase:
    values: dict[str, Any] = {"terminal_no": TerminalNo("10000001"), "operator_no": "", "what": "bank_differs"} | other
    return SupportCase(merchant_no=SHOP, case_no=7, opened_ms=NOW, **values)


def test_a_case_tells_when_it_is_opened() -> None:
    opened = told_of(None, a_case())
    assert opened is not None
    assert (opened.event, opened.type, opened.subject) == ("case", "case.opened", "7")
    assert told_of(a_case(), a_case(state="closed", closed_ms=NOW)) is None


def test_what_is_said_of_a_case_is_a_word_that_is_known() -> None:
    assert [said_of_case(a_case(what=what))["what"] for what in ("王芳 says", "bank_differs")] == ["", "bank_differs"]


def test_what_is_said_of_a_payment_and_a_sign_in_names_no_card_and_no_person() -> None:
    assert "621700" not in str(said_of_payment(approved_sale()))
    attempt = SignIn(
        merchant_no=SHOP,
        record_no=RecordNo(3),
        terminal_no=TerminalNo("10000001"),
        operator_no="wangfang",
        operator_name="王芳",
        user_name="wangfang",
        state="refused",
        reason="wrong_password",
        began_ms=NOW,
    )
    told = str(said_of_sign_in(attempt))
    assert "wang" not in told
    assert "王" not in told


def test_an_event_has_one_number_for_a_webhook_and_another_for_the_next() -> None:
    told = told_of(None, approved_sale())
    assert told is not None
    first = message_for(webhook(SHOP), SHOP, told, {"amount_fen": 100}, NOW)
    assert first.message_id == message_id(webhook(SHOP), SHOP, told)
    assert first.message_id != message_id(webhook(SHOP, 2), SHOP, told) != message_id(webhook("*", 2), SHOP, told)
    assert (first.state, first.next_ms, first.event) == ("queued", NOW, "payment")


# ── what an answer makes of it ───────────────────────────────────────────────


def answered(
    answer: str, *, now: UnixMs = NOW, message: OutboxMessage | None = None, to: Webhook | None = None
) -> tuple[OutboxMessage, Webhook, list[SupportCase]]:
    row, receiver = message or outbox_message(SHOP, "msg_a"), to or webhook(SHOP)
    draft = Draft(state_with(row, receiver, Counter(merchant_no=SHOP, name="case", value=6)))
    heard(draft, row, receiver, answer, now, 0.0)
    message_after, webhook_after = draft.get(OutboxMessage, SHOP, "msg_a"), draft.get(Webhook, SHOP, 1)
    assert message_after is not None
    assert webhook_after is not None
    cases = [change.record for change in draft.changes if isinstance(change.record, SupportCase)]
    return message_after, webhook_after, cases


@pytest.mark.parametrize("answer", ["200", "202", "299"])
def test_a_good_status_is_the_end_and_the_receiver_is_well_again(answer: str) -> None:
    message, receiver, cases = answered(answer, to=webhook(SHOP, failing_since_ms=MADE_MS))
    assert (message.state, message.tries, message.next_ms, message.ended_ms) == ("sent", 1, None, NOW)
    assert (receiver.failing_since_ms, receiver.state, cases) == (None, "active", [])


@pytest.mark.parametrize("answer", ["302", "404", "500", "too_slow", "address_inside"])
def test_anything_else_is_tried_again_later_and_the_receiver_is_known_to_fail(answer: str) -> None:
    message, receiver, cases = answered(answer)
    assert (message.state, message.tries, message.next_ms) == ("queued", 1, NOW + 5_000)
    assert (message.answer, receiver.failing_since_ms, receiver.state, cases) == (answer, NOW, "active", [])


def test_gone_ends_it_at_once_with_a_case() -> None:
    message, receiver, cases = answered("410")
    assert (message.state, receiver.state, receiver.case_no) == ("failed", "disabled", 7)
    assert [(case.case_no, case.what) for case in cases] == [(7, "webhook_disabled")]


def test_gaps_grow_and_after_three_days_it_is_given_up_and_the_webhook_disabled_once() -> None:
    message, receiver, now, gaps = outbox_message(SHOP, "msg_a"), webhook(SHOP), MADE_MS, []
    cases: list[SupportCase] = []
    while message.state == "queued":
        before = now
        message, receiver, new = answered("500", now=now, message=message, to=receiver)
        cases += new
        now = message.next_ms or now
        gaps.append((now - before) // 1_000)
    assert tuple(gaps[: len(GAPS_S)]) == GAPS_S
    assert (message.state, receiver.state, len(cases)) == ("given_up", "disabled", 1)
    assert TRIED_DAYS * DAY_MS <= (message.ended_ms or 0) - MADE_MS < (TRIED_DAYS + 1) * DAY_MS
    assert message.tries < 25
    again, receiver, more = answered("500", now=now, to=receiver)
    assert (again.state, receiver.state, more) == ("given_up", "disabled", [])


def test_what_waited_for_a_webhook_that_was_resumed_has_its_days_anew() -> None:
    late = UnixMs(MADE_MS + 10 * DAY_MS)
    message, receiver, _ = answered("500", now=late, to=webhook(SHOP, since_ms=UnixMs(late - DAY_MS)))
    assert (message.state, receiver.state) == ("queued", "active")


def test_chance_spreads_the_gaps_by_a_fifth_at_most() -> None:
    assert [gap_ms(1, draw) for draw in (0.0, 0.5, 1.0)] == [5_000, 5_500, 6_000]


# ── changed, and sent once more ──────────────────────────────────────────────


MESSAGE = "msg_1"


def change(state: State, address: str | None = None, events: tuple[str, ...] = ()) -> Decision:
    return managing.decide_change_webhook(state, SHOP, 1, address, events, CONSOLE, NOW, may_be_plain=False)


def test_address_and_events_change_each_by_itself_and_leave_a_note() -> None:
    state = state_with(webhook(SHOP))
    moved = only(change(state, "https://other.example/"), Webhook)
    assert (moved.address, moved.events, moved.changed_ms) == ("https://other.example/", webhook(SHOP).events, NOW)
    decision = change(state, events=("case", "sign_in"))
    assert (only(decision, Webhook).events, only(decision, AuditNote).detail) == ("sign_in case", "change")
    assert change(state).reason == "webhook_as_it_was"
    assert change(state, "http://other.example/").reason == "webhook_not_https"
    assert change(state, events=("weather",)).reason == "webhook_unknown_event"
    assert change(state_with(webhook(SHOP, state="removed")), "https://other.example/").reason == "unknown_webhook"


def again(state: State, number: int = 1, message: str = MESSAGE) -> Decision:
    key = (str(SHOP), message)
    return managing.decide_send_again(state, SHOP, number, key, CONSOLE, NOW)


@pytest.mark.parametrize("ended", ["sent", "failed", "given_up"])
def test_a_message_that_ended_is_sent_once_more_with_its_days_anew(ended: Any) -> None:
    was = outbox_message(SHOP, MESSAGE, state=ended, tries=7, next_ms=None, ended_ms=MADE_MS, answer="500")
    decision = again(state_with(webhook(SHOP), was))
    message = only(decision, OutboxMessage)
    assert (message.state, message.tries, message.next_ms, message.made_ms) == ("queued", 0, NOW, NOW)
    assert (message.body, message.message_id, message.ended_ms) == (was.body, was.message_id, None)
    assert only(decision, Webhook).changed_ms == NOW
    assert only(decision, AuditNote).detail == f"again {was.message_id}"


def test_what_waits_or_is_another_s_is_not_sent_again() -> None:
    ended = outbox_message(SHOP, MESSAGE, state="sent", next_ms=None)
    assert again(state_with(webhook(SHOP), outbox_message(SHOP, MESSAGE))).reason == "webhook_message_waits"
    assert again(state_with(webhook(SHOP), ended), message="msg_nothing").reason == "unknown_message_of_webhook"
    assert again(state_with(webhook(SHOP), webhook(SHOP, 2), ended), 2).reason == "unknown_message_of_webhook"
    assert again(state_with(webhook(SHOP, state="paused"), ended)).reason == "webhook_not_active"
