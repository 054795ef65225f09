"""Lines and cells as pages draw them and streams send them: text, and how it stands (its tone)."""

from typing import Any

import msgspec

from ..basics.words import Lang
from ..views.export_files import ExportRow
from ..views.listing import NOTHING, View
from ..views.payments import PaymentRow
from ..views.sign_ins import SignInRow
from ..views.timeline import Tone
from ..views.webhooks import MessageRow, WebhookRow


class Cell(msgspec.Struct, frozen=True):
    """One cell of a line."""

    text: str
    tone: Tone = ""
    is_amount: bool = False


class Line(msgspec.Struct, frozen=True):
    """One line of a list, and the page that it leads to; empty where it leads nowhere."""

    link: str
    cells: tuple[Cell, ...]


def payment_tone(row: PaymentRow) -> Tone:
    """How a payment stands."""
    match row.state:
        case "approved":
            return "warn" if row.bank_state or row.undone_by_trace_no else "good"
        case "declined":
            return "bad"
        case _:
            return "warn"


def sign_in_tone(row: SignInRow) -> Tone:
    """How a sign-in stands."""
    match row.outcome:
        case "refused":
            return "bad"
        case "active":
            return "good"
        case _:
            return ""


def export_tone(row: ExportRow) -> Tone:
    """How a file of a list stands."""
    match row.state:
        case "ready":
            return "good"
        case "failed":
            return "bad"
        case _:
            return ""


def webhook_tone(row: WebhookRow) -> Tone:
    """How a webhook stands."""
    match row.state:
        case "active":
            return "good" if row.failing_since is None else "warn"
        case "disabled":
            return "bad"
        case _:
            return ""


def message_tone(row: MessageRow) -> Tone:
    """How a message to a webhook stands."""
    match row.state:
        case "sent":
            return "good"
        case "queued":
            return "warn" if row.tries else ""
        case _:
            return "bad"


def facts_of(view: View[Any], row: Any, lang: Lang) -> list[tuple[str, str]]:
    """What the list shows of it, wide columns too, without what is empty."""
    return [
        (head, cell)
        for head, cell in zip(view.heads(lang), view.cells([row], lang)[0], strict=True)
        if cell not in ("", NOTHING)
    ]
