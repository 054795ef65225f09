"""Which moves of which rows are events for webhooks, and the message that one of them becomes.

    payment    pending ─▶ approved                    payment.approved        of every kind; a void is a payment too
               approved ─▶ reversed                   payment.reversed        its terminal took it back
               approved, its batch closed ─▶ bank     payment.reversed        the same, beside the closed batch
                  is to undo it
    sign-in    any ─▶ active; any ─▶ refused          sign_in.active, sign_in.refused
    batch      any ─▶ closed                          settlement.closed
    case       nothing ─▶ open                        case.opened          what the host saw to be wrong, or an operator reported

Each is a move that a row makes once (`rows/moves.py`), so an event has one message for a webhook: the message's own number follows from
both. What it says of the row comes from a view (`views/webhook_bodies.py`), which is handed in.
"""

from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from ...basics.clock import format_iso
from ...basics.numbers import UnixMs
from ..rows.records import Batch, OutboxMessage, Payment, Record, SignIn, SupportCase, Webhook, key_of

EVENTS = ("sign_in", "payment", "settlement", "case")
"""What a webhook may ask for, in the order in which it is shown."""
TEST = "test"
ID_DIGITS = 32
"""Hexadecimal digits of a message's number: 128 bits."""


class Told(NamedTuple):
    """An event: which webhooks hear it, what its message is called, and what it is about."""

    event: str
    type: str
    subject: str


def told_of(before: Record | None, after: Record) -> Told | None:
    """What this move of a row tells; None for most."""
    match after:
        case Payment():
            return _of_payment(before if isinstance(before, Payment) else None, after)
        case SignIn(state="active" | "refused") if before is None or getattr(before, "state", "") != after.state:
            return Told("sign_in", f"sign_in.{after.state}", str(after.record_no))
        case Batch(state="closed") if before is None or getattr(before, "state", "") != "closed":
            return Told("settlement", "settlement.closed", _key(after))
        case SupportCase() if before is None:
            return Told("case", "case.opened", _key(after))
        case _:
            return None


def _of_payment(before: Payment | None, after: Payment) -> Told | None:
    stood = before is not None and before.state == "approved" and not before.is_corrected
    if after.state == "approved" and not after.is_corrected:
        return None if stood else Told("payment", "payment.approved", _key(after))
    return Told("payment", "payment.reversed", _key(after)) if stood else None


def _key(record: Record) -> str:
    return "/".join(map(str, key_of(record)[1:]))


def message_id(webhook: Webhook, merchant_no: str, told: Told) -> str:
    """The number of the message about an event for a webhook: always the same."""
    named = "\x1f".join((webhook.merchant_no, str(webhook.webhook_no), merchant_no, told.type, told.subject))
    return f"msg_{sha256(named.encode()).hexdigest()[:ID_DIGITS]}"


def message_for(webhook: Webhook, merchant_no: str, told: Told, data: dict[str, Any], now: UnixMs) -> OutboxMessage:
    """What goes to the outbox for one webhook. `data`: what is said of the row; no secret, no card, no person's name."""
    body = {"type": told.type, "timestamp": format_iso(now), "data": data}
    return OutboxMessage(
        merchant_no=merchant_no,
        message_id=message_id(webhook, merchant_no, told),
        webhook_merchant_no=webhook.merchant_no,
        webhook_no=webhook.webhook_no,
        event=told.event,
        subject=told.subject,
        body=msgspec.json.encode(body),
        state="queued",
        next_ms=now,
        made_ms=now,
    )
