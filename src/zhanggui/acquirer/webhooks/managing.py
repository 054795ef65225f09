"""Who adds, changes, pauses, resumes and removes a webhook, gives it another secret, and sends it a test or a message once more.

    (nothing) ─add─▶ active ◀─resume─▶ paused          every one of them leaves a provable note
                     active ─▶ disabled (by the host)   resume makes it active again
                     any ─remove─▶ removed

A webhook of the acquirer itself (`*`) hears the events of all shops; only its administrators and the console add one. Secrets come
sealed from the vault.
"""

import re
from collections.abc import Sequence

from msgspec.structs import replace

from ...basics.numbers import MerchantNo, UnixMs
from ...basics.spans import DAY_MS
from ..policy.actors import NOT_PERMITTED, Actor, may_manage, noted
from ..rows.decision import Decision
from ..rows.reasons import Reason
from ..rows.records import WHOLE_HOST, Counter, Merchant, OutboxMessage, OutboxPlace, Webhook, WebhookState
from ..rows.state import Change, Insert, Needs, State, Update
from .events import EVENTS, TEST, Told, message_for
from .sending import KEPT_DAYS

RIGHT = "webhooks"
NUMBERS = range(1, 101)
"""Numbers that a shop's webhooks may have. One of a removed webhook is given again once its messages are forgotten."""
WEBHOOKS_MAX = 20
"""Webhooks of one shop that are not removed: each event is written once for each of them."""
ADDRESS_CHARACTERS_MAX = 500
ADDRESS = re.compile(
    r"(?P<scheme>[a-z]{3,8})://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?(?:[/?][!-\"$-~]*)?"
)
"""What is told by its parts: no user name, no blank, no fragment, nothing but visible ASCII."""
PORTS = range(1, 65_536)
OLD_SECRET_MS = DAY_MS
"""How long messages are signed with the earlier secret too: time enough to put the new one into a receiver."""


def webhook_needs(merchant_no: MerchantNo) -> Needs:
    """The rows that any of these rules needs: the shop, all its webhooks, and the notes' counter."""
    return Needs(
        {
            Merchant: [(merchant_no,)],
            Webhook: [(merchant_no, number) for number in NUMBERS],
            Counter: [(merchant_no, "note")],
        }
    )


def why_no_address(address: str, *, may_be_plain: bool) -> Reason:
    """Why nothing is sent to this address; empty where something may be. Where it leads is looked at when it is sent.

    >>> why_no_address("https://shop.example/hook", may_be_plain=False), why_no_address("http://shop.example/", may_be_plain=False)
    ('', 'webhook_not_https')
    """
    if len(address) > ADDRESS_CHARACTERS_MAX:
        return "webhook_bad_address"
    found = ADDRESS.fullmatch(address)
    if found is None or int(found["port"] or PORTS[0]) not in PORTS:
        return "webhook_bad_address"
    allowed = ("https", "http") if may_be_plain else ("https",)
    return "" if found["scheme"] in allowed else "webhook_not_https"


def decide_add_webhook(
    state: State,
    merchant_no: MerchantNo,
    address: str,
    events: Sequence[str],
    sealed: bytes,
    by: Actor,
    now: UnixMs,
    *,
    may_be_plain: bool,
) -> Decision:
    """A new webhook, active from this commit on."""
    fault = _against_adding(state, merchant_no, by) or _fault(address, events, may_be_plain=may_be_plain)
    if fault:
        return Decision(reason=fault)
    number = _free_number(state, merchant_no, now)
    if number is None:
        return Decision(reason="too_many_webhooks")
    added = Webhook(
        merchant_no=merchant_no,
        webhook_no=number,
        address=address,
        events=_in_order(events),
        state="active",
        secret=sealed,
        made_by=by.name,
        made_ms=now,
        since_ms=now,
        changed_ms=now,
    )
    is_new = state.get(Webhook, merchant_no, number) is None
    return _done(state, added, by, "add", now, Insert(added) if is_new else Update(added))


def _against_adding(state: State, merchant_no: MerchantNo, by: Actor) -> Reason:
    if not may_manage(by, RIGHT):
        return NOT_PERMITTED
    if merchant_no == WHOLE_HOST:
        return "" if by.role is None else NOT_PERMITTED
    return "" if state.get(Merchant, merchant_no) is not None else "unknown_merchant"


def _fault(address: str, events: Sequence[str], *, may_be_plain: bool) -> Reason:
    if not events or not set(events) <= set(EVENTS):
        return "webhook_unknown_event"
    return why_no_address(address, may_be_plain=may_be_plain)


def _in_order(events: Sequence[str]) -> str:
    return " ".join(event for event in EVENTS if event in events)


def _free_number(state: State, merchant_no: MerchantNo, now: UnixMs) -> int | None:
    known = {number: state.get(Webhook, merchant_no, number) for number in NUMBERS}
    if sum(row is not None and row.state != "removed" for row in known.values()) >= WEBHOOKS_MAX:
        return None
    forgotten = now - KEPT_DAYS * DAY_MS
    free = (
        number
        for number, row in known.items()
        if row is None or (row.state == "removed" and row.changed_ms < forgotten)
    )
    return next(free, None)


def decide_move_webhook(
    state: State, merchant_no: MerchantNo, number: int, to: WebhookState, by: Actor, now: UnixMs
) -> Decision:
    """Pause, resume or remove a webhook."""
    webhook = _admit(state, merchant_no, number, by)
    if isinstance(webhook, Decision):
        return webhook
    if webhook.state == to or (to == "paused" and webhook.state == "disabled"):
        return Decision(reason="webhook_as_it_was")
    moved = replace(webhook, state=to, changed_ms=now)
    if to == "active":
        # What waited has its days anew, or the first try that fails would disable it again.
        moved = replace(moved, since_ms=now, failing_since_ms=None)
    return _done(state, moved, by, to, now, Update(moved))


def decide_change_webhook(
    state: State,
    merchant_no: MerchantNo,
    number: int,
    address: str | None,
    events: Sequence[str],
    by: Actor,
    now: UnixMs,
    *,
    may_be_plain: bool,
) -> Decision:
    """Another address, or other events; None and nothing leave them. What waits goes to the new address."""
    webhook = _admit(state, merchant_no, number, by)
    if isinstance(webhook, Decision):
        return webhook
    wanted, heard = address or webhook.address, tuple(events) or tuple(webhook.events.split())
    fault = _fault(wanted, heard, may_be_plain=may_be_plain)
    if fault:
        return Decision(reason=fault)
    changed = replace(webhook, address=wanted, events=_in_order(heard))
    if changed == webhook:
        return Decision(reason="webhook_as_it_was")
    return _done(state, changed, by, "change", now, Update(replace(changed, changed_ms=now)))


def decide_send_again(
    state: State, merchant_no: MerchantNo, number: int, message: OutboxPlace, by: Actor, now: UnixMs
) -> Decision:
    """Send a message once more that was sent, failed or given up: the same body under the same number, with its days anew."""
    webhook = _admit(state, merchant_no, number, by)
    if isinstance(webhook, Decision):
        return webhook
    if webhook.state != "active":
        return Decision(reason="webhook_not_active")
    row = state.get(OutboxMessage, *message)
    if row is None or (row.webhook_merchant_no, row.webhook_no) != (merchant_no, number):
        return Decision(reason="unknown_message_of_webhook")
    if row.state == "queued":
        return Decision(reason="webhook_message_waits")
    again = replace(row, state="queued", tries=0, next_ms=now, made_ms=now, ended_ms=None)
    # The row of the webhook changes too, as for a test.
    touched = replace(webhook, changed_ms=now)
    return _done(state, webhook, by, f"again {row.message_id}", now, Update(again), Update(touched))


def decide_rotate_secret(
    state: State, merchant_no: MerchantNo, number: int, sealed: bytes, by: Actor, now: UnixMs
) -> Decision:
    """Another secret; for a day messages are signed with both."""
    webhook = _admit(state, merchant_no, number, by)
    if isinstance(webhook, Decision):
        return webhook
    old_until = UnixMs(now + OLD_SECRET_MS)
    rotated = replace(webhook, secret=sealed, old_secret=webhook.secret, old_until_ms=old_until, changed_ms=now)
    return _done(state, rotated, by, "rotate", now, Update(rotated))


def decide_test_webhook(state: State, merchant_no: MerchantNo, number: int, by: Actor, now: UnixMs) -> Decision:
    """A message that tells of nothing, to see whether it arrives."""
    webhook = _admit(state, merchant_no, number, by)
    if isinstance(webhook, Decision):
        return webhook
    if webhook.state != "active":
        return Decision(reason="webhook_not_active")
    told = Told(TEST, "webhook.test", str(now))
    message = message_for(webhook, merchant_no, told, {"merchant_no": merchant_no, "webhook_no": number}, now)
    # The row changes too: so whichever host sends for it looks at once, also where a console wrote this.
    touched = replace(webhook, changed_ms=now)
    return _done(state, webhook, by, "test", now, Insert(message), Update(touched))


def _admit(state: State, merchant_no: MerchantNo, number: int, by: Actor) -> Webhook | Decision:
    if not may_manage(by, RIGHT):
        return Decision(reason=NOT_PERMITTED)
    webhook = state.get(Webhook, merchant_no, number)
    if webhook is None or webhook.state == "removed":
        return Decision(reason="unknown_webhook")
    return webhook


def _done(state: State, webhook: Webhook, by: Actor, what: str, now: UnixMs, *changes: Change) -> Decision:
    note = noted(state, MerchantNo(webhook.merchant_no), by, RIGHT, str(webhook.webhook_no), what, now)
    return Decision(changes=(*changes, *note))
