"""What a commit tells programs of others: for each move that is an event, one message for each webhook that listens.

The door asks `listens`, and where nobody does it asks nothing else. Where somebody does, the messages are written with what they tell of,
in one transaction: told of is exactly what is durable. A row that can't be told costs its message alone, never the payment.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...acquirer.rows.records import OutboxMessage, Record
from ...acquirer.rows.state import Change, Insert
from ...acquirer.webhooks.events import message_for, told_of
from ...basics.numbers import UnixMs
from ...edges.watched import guarded
from ..commit import Moved
from .listeners import Listeners

Said = Mapping[type[Record], Callable[[Any], dict[str, Any]]]
"""What is said of a row of each kind; it comes from the views, which this room does not know."""


class Announcer:
    """Makes messages of what a commit changes."""

    __slots__ = ("_listeners", "_said")

    def __init__(self, listeners: Listeners, said: Said) -> None:
        self._listeners = listeners
        self._said = said

    @property
    def listens(self) -> bool:
        """Whether anybody listens at all."""
        return self._listeners.listens

    def messages(self, moved: Sequence[Moved], now: UnixMs) -> tuple[Change, ...]:
        """The messages about these moves."""
        made: dict[str, OutboxMessage] = {}

        def tell(move: Moved) -> None:
            before, after = move
            say = self._said.get(type(after))
            told = told_of(before, after) if say is not None else None
            if say is None or told is None:
                return
            merchant_no = str(getattr(after, "merchant_no", ""))
            for webhook in self._listeners.of(merchant_no, told.event):
                message = message_for(webhook, merchant_no, told, say(after), now)
                made[message.message_id] = message

        guarded("webhook message", moved, tell)
        return tuple(map(Insert, made.values()))
