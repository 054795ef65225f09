"""Webhooks and what the outbox holds for them; never their secrets in clear."""

from sqlalchemy import select

from ...acquirer.rows.records import OutboxMessage, Webhook
from ..tables import TABLE_OF
from .filters import ANYWHERE, PlaceFilter
from .reader import Reader, chosen_where, equal

webhooks = TABLE_OF[Webhook]
messages = TABLE_OF[OutboxMessage]


class WebhookQueries(Reader):
    """Webhooks and what the outbox holds for them; never their secrets in clear."""

    def list_webhooks(self, wanted: PlaceFilter = ANYWHERE) -> list[Webhook]:
        """Webhooks that are not removed, by number; those of the acquirer itself first."""
        chosen = chosen_where(
            select(webhooks), equal(webhooks.c.merchant_no, wanted.merchant_no), webhooks.c.state != "removed"
        )
        return self.records(Webhook, chosen.order_by(*webhooks.primary_key), wanted.limit)

    def list_messages(self, wanted: PlaceFilter = ANYWHERE, webhook_no: int | None = None) -> list[OutboxMessage]:
        """Messages of the webhooks of a shop, or of one of them, newest first."""
        chosen = chosen_where(
            select(messages),
            equal(messages.c.webhook_merchant_no, wanted.merchant_no),
            equal(messages.c.webhook_no, webhook_no),
        )
        newest = chosen.order_by(messages.c.made_ms.desc(), messages.c.message_id)
        return self.records(OutboxMessage, newest, wanted.limit)
