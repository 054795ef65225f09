"""Rows of webhooks and of the outbox, as tests need them."""

from typing import Any

from zhanggui.acquirer.rows.records import OutboxMessage, Payment, Webhook
from zhanggui.basics.numbers import BatchNo, MerchantNo, Rrn, TerminalNo, TraceNo, UnixMs

MADE_MS = UnixMs(1_795_406_400_000)


def webhook(merchant_no: str, webhook_no: int = 1, **other: Any) -> Webhook:
    """An active webhook for sales."""
    values: dict[str, Any] = {
        "address": "https://receiver.example/hook",
        "events": "payment",
        "state": "active",
        "secret": b"sealed",
        "made_by": "console",
        "made_ms": MADE_MS,
        "since_ms": MADE_MS,
        "changed_ms": MADE_MS,
    }
    return Webhook(merchant_no=merchant_no, webhook_no=webhook_no, **(values | other))


def outbox_message(merchant_no: str, message_id: str, **other: Any) -> OutboxMessage:
    """A message that waits for the shop's first webhook."""
    values: dict[str, Any] = {
        "webhook_merchant_no": merchant_no,
        "webhook_no": 1,
        "event": "payment",
        "subject": "10000001/000001/000012/approved",
        "body": b"{}",
        "state": "queued",
        "next_ms": MADE_MS,
        "made_ms": MADE_MS,
    }
    return OutboxMessage(merchant_no=merchant_no, message_id=message_id, **(values | other))


def approved_sale(merchant_no: str = "102100058120001", trace_no: str = "000012", **other: Any) -> Payment:
    """A sale that the bank approved."""
    values: dict[str, Any] = {
        "kind": "sale",
        "state": "approved",
        "fingerprint": b"mark",
        "amount_fen": 12_300,
        "masked_pan": "621700*********0012",
        "operator_no": "01",
        "rrn": Rrn("000000000001"),
        "response_code": "00",
        "auth_code": "123456",
        "created_ms": MADE_MS,
        "decided_ms": MADE_MS,
    }
    return Payment(
        merchant_no=MerchantNo(merchant_no),
        terminal_no=TerminalNo("10000001"),
        batch_no=BatchNo("000001"),
        trace_no=TraceNo(trace_no),
        **(values | other),
    )
