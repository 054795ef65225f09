"""The reading side: lists for commands and pages, on connections of its own, usable while the host writes.

Synchronous, because commands are; a page in an event loop calls it in a thread (each call takes its own connection).
Every list is bounded. Newest first where there is a time, else by number.
"""

from .lists.asked_rows import AskedRows
from .lists.batches import BatchQueries, OpenBatch
from .lists.desk import DeskQueries
from .lists.documents import DocumentQueries
from .lists.filters import PaymentFilter, PlaceFilter, SignInFilter
from .lists.payments import PaymentQueries
from .lists.people import PeopleQueries
from .lists.places import PlaceQueries
from .lists.reader import ROWS_MAX
from .lists.sign_ins import SignInQueries
from .lists.stories import CountOfKind, PaymentParts, StoryQueries
from .lists.trends import TrendQueries
from .lists.webhooks import WebhookQueries

__all__ = [
    "ROWS_MAX",
    "CountOfKind",
    "OpenBatch",
    "PaymentFilter",
    "PaymentParts",
    "PlaceFilter",
    "Queries",
    "SignInFilter",
]


class Queries(
    PlaceQueries,
    SignInQueries,
    PaymentQueries,
    BatchQueries,
    DocumentQueries,
    DeskQueries,
    PeopleQueries,
    StoryQueries,
    TrendQueries,
    AskedRows,
    WebhookQueries,
):
    """Lists of the acquirer's records. Raises Fault when the database fails."""
