"""The acts about webhooks: who is told what, by which secret, whether at all, and what is sent once more."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from ..acquirer.people.programs.webhooks import by_whom
from ..acquirer.rows.decision import Decision
from ..acquirer.rows.records import OutboxMessage, WebhookState
from ..acquirer.rows.state import Needs
from ..acquirer.webhooks import managing as webhooks
from ..basics.numbers import MerchantNo
from .acts import ActDesk, ActRow

A = TypeVar("A")


class NewWebhook(msgspec.Struct, frozen=True):
    """Where somebody wants to hear which events; `may_be_plain`: without encryption too, where this host's settings allow it."""

    address: str
    events: tuple[str, ...]
    may_be_plain: bool = False


class OtherWebhook(msgspec.Struct, frozen=True):
    """Another address and other events of a webhook; None leaves the address, no event leaves the events as they are."""

    webhook_no: int
    address: str | None = None
    events: tuple[str, ...] = ()
    may_be_plain: bool = False


class OneWebhook(msgspec.Struct, frozen=True):
    """The webhook that the act is about."""

    webhook_no: int


class OneMessage(msgspec.Struct, frozen=True):
    """The message of a webhook that the act is about."""

    webhook_no: int
    message_id: str
    shop_no: str = ""
    """The shop that it is about; empty: the webhook's own."""


def _of_webhooks(merchant_no: MerchantNo, asked: object) -> Needs:
    return webhooks.webhook_needs(merchant_no)


def _of_message(merchant_no: MerchantNo, asked: OneMessage) -> Needs:
    needs = webhooks.webhook_needs(merchant_no)
    needs.add(OutboxMessage, (asked.shop_no or merchant_no, asked.message_id))
    return needs


def _add_webhook(asked: NewWebhook, doing: ActDesk) -> Decision:
    doing.shown, sealed = doing.secrets.webhook_secret(doing.merchant_no)
    return webhooks.decide_add_webhook(
        doing.state,
        doing.merchant_no,
        asked.address,
        asked.events,
        sealed,
        doing.by,
        doing.now,
        may_be_plain=asked.may_be_plain,
    )


def _change_webhook(asked: OtherWebhook, doing: ActDesk) -> Decision:
    return webhooks.decide_change_webhook(
        doing.state,
        doing.merchant_no,
        asked.webhook_no,
        asked.address,
        asked.events,
        doing.by,
        doing.now,
        may_be_plain=asked.may_be_plain,
    )


def _send_again(asked: OneMessage, doing: ActDesk) -> Decision:
    key = asked.shop_no or doing.merchant_no, asked.message_id
    return webhooks.decide_send_again(doing.state, doing.merchant_no, asked.webhook_no, key, doing.by, doing.now)


def _rotate_webhook(asked: OneWebhook, doing: ActDesk) -> Decision:
    doing.shown, sealed = doing.secrets.webhook_secret(doing.merchant_no)
    return webhooks.decide_rotate_secret(doing.state, doing.merchant_no, asked.webhook_no, sealed, doing.by, doing.now)


def _test_webhook(asked: OneWebhook, doing: ActDesk) -> Decision:
    return webhooks.decide_test_webhook(doing.state, doing.merchant_no, asked.webhook_no, doing.by, doing.now)


def _move_webhook(to: WebhookState) -> Callable[[OneWebhook, ActDesk], Decision]:
    """The rule that makes a webhook be so."""

    def move(asked: OneWebhook, doing: ActDesk) -> Decision:
        return webhooks.decide_move_webhook(doing.state, doing.merchant_no, asked.webhook_no, to, doing.by, doing.now)

    return move


def _with_token(decide: Callable[[A, ActDesk], Decision]) -> Callable[[A, ActDesk], Decision]:
    """The same, with the row saying by which token it is so: it is paused when that is revoked."""
    return lambda asked, doing: by_whom(doing.state, doing.by, decide(asked, doing))


ADD_WEBHOOK = ActRow("add_webhook", webhooks.RIGHT, NewWebhook, _of_webhooks, _with_token(_add_webhook))
CHANGE_WEBHOOK = ActRow("change_webhook", webhooks.RIGHT, OtherWebhook, _of_webhooks, _with_token(_change_webhook))
PAUSE_WEBHOOK = ActRow("pause_webhook", webhooks.RIGHT, OneWebhook, _of_webhooks, _move_webhook("paused"))
RESUME_WEBHOOK = ActRow(
    "resume_webhook", webhooks.RIGHT, OneWebhook, _of_webhooks, _with_token(_move_webhook("active"))
)
REMOVE_WEBHOOK = ActRow("remove_webhook", webhooks.RIGHT, OneWebhook, _of_webhooks, _move_webhook("removed"))
ROTATE_WEBHOOK = ActRow("rotate_webhook", webhooks.RIGHT, OneWebhook, _of_webhooks, _with_token(_rotate_webhook))
TEST_WEBHOOK = ActRow("test_webhook", webhooks.RIGHT, OneWebhook, _of_webhooks, _test_webhook)
SEND_AGAIN = ActRow("send_again", webhooks.RIGHT, OneMessage, _of_message, _send_again)
WEBHOOK_ACTS = (
    ADD_WEBHOOK,
    CHANGE_WEBHOOK,
    PAUSE_WEBHOOK,
    RESUME_WEBHOOK,
    REMOVE_WEBHOOK,
    ROTATE_WEBHOOK,
    TEST_WEBHOOK,
    SEND_AGAIN,
)
