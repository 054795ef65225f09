"""What the outbox asks of a database, over all merchants: which webhooks changed, whose messages wait, which are over."""

from typing import Any

from sqlalchemy import Select, bindparam, func, literal_column, select, text, tuple_
from sqlalchemy.engine import Dialect

from ..acquirer.rows.records import OutboxMessage, Webhook
from .facts import QUEUED
from .statements import compile_to_text
from .tables import TABLE_OF

webhooks = TABLE_OF[Webhook]
messages = TABLE_OF[OutboxMessage]


def select_webhooks_changed(dialect: Dialect) -> str:
    """Webhooks by when they changed last; the parameters are after which instant and key, and how many."""
    order = (webhooks.c.changed_ms, *webhooks.primary_key)
    after = tuple_(*(bindparam(f"after_{column.name}", type_=column.type) for column in order))
    return _bounded(select(webhooks).where(tuple_(*order) > after).order_by(*order), dialect)


def select_outbox_waiting(dialect: Dialect) -> str:
    """Webhooks with messages that wait, and how many; the parameter is how many webhooks."""
    key = messages.c.webhook_merchant_no, messages.c.webhook_no
    return _bounded(select(*key, func.count()).where(text(QUEUED)).group_by(*key).order_by(*key), dialect)


def select_outbox_queued(dialect: Dialect) -> str:
    """Messages that wait for one webhook, the next one first; the parameters are its key, and how many."""
    chosen = select(messages).where(
        messages.c.webhook_merchant_no == bindparam("webhook_merchant_no"),
        messages.c.webhook_no == bindparam("webhook_no"),
        text(QUEUED),
    )
    return _bounded(chosen.order_by(messages.c.next_ms, messages.c.message_id), dialect)


def select_outbox_ended(dialect: Dialect) -> str:
    """Messages that ended before an instant; the parameters are after which key, before when, and how many."""
    key = tuple(messages.primary_key)
    after = tuple_(*(bindparam(f"after_{column.name}", type_=column.type) for column in key))
    chosen = select(messages).where(tuple_(*key) > after, messages.c.ended_ms < bindparam("until"))
    return _bounded(chosen.order_by(*key), dialect)


def _bounded(chosen: Select[Any], dialect: Dialect) -> str:
    # Without an offset the SQLite dialect adds one as a parameter of its own.
    return compile_to_text(chosen.limit(bindparam("limit")).offset(literal_column("0")), dialect)
