"""The headers by which a receiver knows a message for ours and for whole (Standard Webhooks 1.0, by its own library).

While a secret changes a message has a signature by each of the two, so that a receiver may take the new one whenever it suits.
"""

from datetime import UTC, datetime

from standardwebhooks import Webhook as Signer

from ...acquirer.rows.records import OutboxMessage, Webhook
from ...basics.numbers import UnixMs
from ..keys import HostKeys

MS = 1_000


def signed_headers(keys: HostKeys, webhook: Webhook, message: OutboxMessage, now: UnixMs) -> dict[str, str]:
    """`webhook-id`, `webhook-timestamp`, `webhook-signature`, and what the body is. DocumentDamaged when a secret was altered."""
    sealed = [webhook.secret]
    if webhook.old_secret is not None and now < (webhook.old_until_ms or 0):
        sealed.append(webhook.old_secret)
    at, body = datetime.fromtimestamp(now // MS, UTC), message.body.decode()
    signatures = (
        Signer(keys.open_webhook_secret(webhook.merchant_no, one).reveal()).sign(message.message_id, at, body)
        for one in sealed
    )
    return {
        "content-type": "application/json; charset=utf-8",
        "webhook-id": message.message_id,
        "webhook-timestamp": str(now // MS),
        "webhook-signature": " ".join(signatures),
    }
