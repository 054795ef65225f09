"""`zhanggui webhooks`: who is told what, and what came of it."""

import sys
from collections.abc import Mapping, Sequence

from ..acquirer.rows.records import WHOLE_HOST, Webhook
from ..basics.errors import Misuse
from ..basics.numbers import MerchantNo
from ..host.acts import ActRow
from ..host.webhook_acts import (
    ADD_WEBHOOK,
    CHANGE_WEBHOOK,
    PAUSE_WEBHOOK,
    REMOVE_WEBHOOK,
    RESUME_WEBHOOK,
    ROTATE_WEBHOOK,
    SEND_AGAIN,
    TEST_WEBHOOK,
    NewWebhook,
    OneMessage,
    OneWebhook,
    OtherWebhook,
)
from ..programs.settings import Settings
from ..store.queries import ROWS_MAX, PlaceFilter
from ..views.webhooks import MESSAGES, WEBHOOKS, read_messages, read_webhooks
from .console import Console
from .lists import lists_of, print_list
from .management_words import done_text
from .output import print_json

MOVES: Mapping[str, ActRow[OneWebhook]] = {
    "paused": PAUSE_WEBHOOK,
    "resumed": RESUME_WEBHOOK,
    "removed": REMOVE_WEBHOOK,
    "tested": TEST_WEBHOOK,
}


def list_webhooks(settings: Settings, merchant: str, *, as_json: bool, is_wide: bool) -> None:
    """Print webhooks; never a secret."""
    with lists_of(settings) as queries:
        rows = read_webhooks(queries, PlaceFilter(merchant_no=_shop(merchant), limit=ROWS_MAX))
    print_list(settings, WEBHOOKS, rows, as_json=as_json, is_wide=is_wide)


def list_messages(
    settings: Settings, merchant: str, number: int | None, limit: int, *, as_json: bool, is_wide: bool
) -> None:
    """Print messages, newest first."""
    with lists_of(settings) as queries:
        rows = read_messages(queries, PlaceFilter(merchant_no=_shop(merchant), limit=limit), number)
    print_list(settings, MESSAGES, rows, as_json=as_json, is_wide=is_wide)


def add(settings: Settings, merchant: str, by: str, address: str, events: Sequence[str], *, as_json: bool) -> None:
    """Add a webhook, and show its secret this once."""
    console = _console(settings, merchant, by)
    asked = NewWebhook(address, tuple(events), may_be_plain=settings.webhooks.allow_private)
    done = console.do(ADD_WEBHOOK, asked)
    (added,) = (row for change in done.decision.changes if isinstance(row := change.record, Webhook))
    _show_secret(settings, added.webhook_no, "webhook_added", done.secret.reveal(), as_json=as_json)


def change(
    settings: Settings, merchant: str, by: str, number: int, address: str, events: Sequence[str], *, as_json: bool
) -> None:
    """Give a webhook another address or other events."""
    if not address and not events:
        raise Misuse("say what is to change: --address, or --event")
    asked = OtherWebhook(number, address or None, tuple(events), may_be_plain=settings.webhooks.allow_private)
    _console(settings, merchant, by).do(CHANGE_WEBHOOK, asked)
    _say(settings, number, "changed", as_json=as_json)


def send_again(
    settings: Settings, merchant: str, by: str, number: int, message: str, shop: str, *, as_json: bool
) -> None:
    """Send a message of a webhook once more."""
    _console(settings, merchant, by).do(SEND_AGAIN, OneMessage(number, message, shop))
    _say(settings, number, "sent_again", as_json=as_json)


def rotate(settings: Settings, merchant: str, by: str, number: int, *, as_json: bool) -> None:
    """Give a webhook another secret, and show it this once."""
    done = _console(settings, merchant, by).do(ROTATE_WEBHOOK, OneWebhook(number))
    _show_secret(settings, number, "webhook_rotated", done.secret.reveal(), as_json=as_json)


def move(settings: Settings, merchant: str, by: str, number: int, what: str, *, as_json: bool) -> None:
    """Pause, resume, remove or test a webhook."""
    _console(settings, merchant, by).do(MOVES[what], OneWebhook(number))
    _say(settings, number, what, as_json=as_json)


def _say(settings: Settings, number: int, what: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"webhook_no": number, "done": what})
    else:
        sys.stdout.write(done_text(f"webhook_{what}", settings.lang, number=str(number)) + "\n")


def _show_secret(settings: Settings, number: int, what: str, secret: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"webhook_no": number, "secret": secret})
    else:
        sys.stdout.write(done_text(what, settings.lang, number=str(number), secret=secret) + "\n")


def _console(settings: Settings, merchant: str, by: str) -> Console:
    return Console(settings, merchant, by, may_be_all=True)


def _shop(merchant: str) -> MerchantNo | None:
    return MerchantNo(merchant) if merchant and merchant != WHOLE_HOST else None
