"""Webhooks (事件推送) and the messages of the outbox, with what came of each; never a secret."""

from typing import get_args

import msgspec

from ..acquirer.rows.records import MessageState, OutboxMessage, Webhook, WebhookState
from ..basics.visible import harmless_json
from ..basics.words import Lang
from ..store.lists.asked import Is
from ..store.queries import PlaceFilter, Queries
from .listing import NOTHING, Column, View, iso, short_time, word_of
from .questions.asked_list import AskedList
from .questions.filters import choice, count, shop, word
from .questions.periods import periods
from .questions.reading import Reading
from .questions.sources import Stored, one_each
from .reasons import actor_said

ADDRESS_SHOWN = 40
"""Characters of an address that a window of 80 columns has room for."""


class WebhookRow(msgspec.Struct, frozen=True, kw_only=True):
    """One webhook. `merchant_no` is `*` where it hears of all shops."""

    merchant_no: str
    webhook_no: int
    address: str
    events: list[str]
    state: str
    failing_since: str | None
    """Since when nothing good came from its receiver; None while all is well."""
    two_secrets_until: str | None
    """Until when messages are signed with the earlier secret too; None where there is none."""
    case_no: int | None
    made_by: str
    made: str | None
    changed: str | None
    token_id: str | None
    """The token by which it is as it is; with that it is paused. None where a person made it so."""


class MessageRow(msgspec.Struct, frozen=True, kw_only=True):
    """One message of the outbox."""

    merchant_no: str
    message_id: str
    webhook_no: int
    event: str
    subject: str
    state: str
    tries: int
    answer: str
    """Of the last try: a status of HTTP, or a word; empty before the first."""
    made: str | None
    next_try: str | None
    ended: str | None


class MessageWhole(msgspec.Struct, frozen=True, kw_only=True):
    """One message with what it says, and whose webhook it goes to."""

    row: MessageRow
    webhook_merchant_no: str
    body: str
    """As it is sent, drawn in lines."""


def read_message(reading: Reading, merchant_no: str, message_id: str) -> MessageWhole | None:
    """The message of this number about a shop; None where there is none."""
    found = reading.found(OutboxMessage, Is("merchant_no", (merchant_no,)), Is("message_id", (message_id,)))
    if not found:
        return None
    (row,) = found
    body = msgspec.json.format(row.body).decode(errors="replace")
    return MessageWhole(row=message_row(row), webhook_merchant_no=row.webhook_merchant_no, body=harmless_json(body))


def read_webhooks(queries: Queries, wanted: PlaceFilter) -> list[WebhookRow]:
    """Webhooks by number."""
    return [webhook_row(row) for row in queries.list_webhooks(wanted)]


def webhook_row(row: Webhook) -> WebhookRow:
    """A webhook as everybody shows it."""
    return WebhookRow(
        merchant_no=row.merchant_no,
        webhook_no=row.webhook_no,
        address=row.address,
        events=row.events.split(),
        state=row.state,
        failing_since=iso(row.failing_since_ms),
        two_secrets_until=iso(row.old_until_ms),
        case_no=row.case_no,
        made_by=row.made_by,
        made=iso(row.made_ms),
        changed=iso(row.changed_ms),
        token_id=row.token_id,
    )


def read_messages(queries: Queries, wanted: PlaceFilter, webhook_no: int | None) -> list[MessageRow]:
    """Messages of the outbox, newest first."""
    return [message_row(row) for row in queries.list_messages(wanted, webhook_no)]


def message_row(row: OutboxMessage) -> MessageRow:
    """A message as everybody shows it."""
    return MessageRow(
        merchant_no=row.merchant_no,
        message_id=row.message_id,
        webhook_no=row.webhook_no,
        event=row.event,
        subject=row.subject,
        state=row.state,
        tries=row.tries,
        answer=row.answer,
        made=iso(row.made_ms),
        next_try=iso(row.next_ms),
        ended=iso(row.ended_ms),
    )


def _events(row: WebhookRow, lang: Lang) -> str:
    return word_of("sign_ins.between", lang).join(word_of(f"webhooks.event.{event}", lang) for event in row.events)


def _state(row: WebhookRow, lang: Lang) -> str:
    state = word_of(f"webhooks.state.{row.state}", lang)
    if row.failing_since is None or row.state != "active":
        return state
    failing = word_of("webhooks.failing", lang)
    return f"{state} · {failing}"


def _address(row: WebhookRow, lang: Lang) -> str:
    return row.address if len(row.address) <= ADDRESS_SHOWN else f"{row.address[: ADDRESS_SHOWN - 1]}…"


def _answer(row: MessageRow, lang: Lang) -> str:
    return word_of(f"messages.answer.{row.answer}", lang) if row.answer in ANSWERS else row.answer or NOTHING


ANSWERS = frozenset(
    (
        *("no_line", "no_tls", "no_http", "too_slow", "not_https", "address_inside"),
        *("no_reply", "not_sent", "webhook_removed"),
    )
)
"""Words of answers; a status of HTTP says itself."""

WEBHOOKS = View(
    "webhooks",
    WebhookRow,
    (
        Column("merchant", lambda row, lang: row.merchant_no, is_wide=True),
        Column("no", lambda row, lang: str(row.webhook_no)),
        Column("address", _address),
        Column("events", _events),
        Column("state", _state),
        Column("failing_since", lambda row, lang: short_time(row.failing_since), is_wide=True),
        Column("two_secrets_until", lambda row, lang: short_time(row.two_secrets_until), is_wide=True),
        Column("made_by", lambda row, lang: actor_said(row.made_by, lang), is_wide=True),
        Column("made", lambda row, lang: short_time(row.made), is_wide=True),
        Column("token", lambda row, lang: row.token_id or NOTHING, is_wide=True),
    ),
)
MESSAGES = View(
    "messages",
    MessageRow,
    (
        Column("made", lambda row, lang: short_time(row.made)),
        Column("webhook", lambda row, lang: str(row.webhook_no)),
        Column("event", lambda row, lang: word_of(f"webhooks.event.{row.event}", lang)),
        Column("subject", lambda row, lang: row.subject, is_wide=True),
        Column("state", lambda row, lang: word_of(f"messages.state.{row.state}", lang)),
        Column("tries", lambda row, lang: str(row.tries), is_amount=True),
        Column("answer", _answer),
        Column("next_try", lambda row, lang: short_time(row.next_try), is_wide=True),
        Column("ended", lambda row, lang: short_time(row.ended), is_wide=True),
        Column("id", lambda row, lang: row.message_id, is_wide=True),
    ),
)

WEBHOOKS_ASKED = AskedList(
    view=WEBHOOKS,
    area="webhooks",
    filters=(
        shop(),
        count("webhook", "webhook_no"),
        choice("state", "state", get_args(WebhookState), lambda state, lang: word_of(f"webhooks.state.{state}", lang)),
        word("by", "made_by"),
        *periods("made_ms"),
    ),
    source=Stored(kind=Webhook, by="made_ms", rows=one_each(webhook_row)),
)
MESSAGES_ASKED = AskedList(
    view=MESSAGES,
    area="webhooks",
    filters=(
        shop(),
        count("webhook", "webhook_no"),
        word("hears", "webhook_merchant_no"),
        word("message", "message_id", pattern=r"msg_[0-9a-f]+", is_guessed=True),
        choice("state", "state", get_args(MessageState), lambda state, lang: word_of(f"messages.state.{state}", lang)),
        word("kind", "event"),
        *periods("made_ms"),
    ),
    source=Stored(kind=OutboxMessage, by="made_ms", rows=one_each(message_row)),
)
