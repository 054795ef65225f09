"""What a host does by itself: the leases of those that share a database, durable jobs, the files that they make of lists, and what
programs of others are told (webhooks, outbox).

All of it lasts, survives its host and goes on, whichever host goes on with it.
"""

from typing import Literal

from ....basics.numbers import MerchantNo, UnixMs
from .record import Record

__all__ = [
    "ExportFile",
    "ExportState",
    "HostLease",
    "Job",
    "JobState",
    "MessageState",
    "OutboxMessage",
    "OutboxPlace",
    "Webhook",
    "WebhookEvent",
    "WebhookKey",
    "WebhookPlace",
    "WebhookState",
]

WebhookEvent = Literal["sign_in", "payment", "settlement", "case"]
"""sign_in: an attempt got its outcome; payment: one of any kind was approved, or an approved one undone; settlement: a batch was
closed; case: a support case was opened, by the host or by an operator's report."""
WebhookState = Literal["active", "paused", "disabled", "removed"]
"""paused: by a person, for a while; disabled: by the host, after days without a good answer; removed: for good, kept for its messages."""
MessageState = Literal["queued", "sent", "failed", "given_up"]
"""sent: the receiver took it; failed: nobody is to have it any more; given_up: its days are over."""
WebhookKey = tuple[str, int]
WebhookPlace = tuple[UnixMs, str, int]
"""Where a webhook stands among those that changed: when it changed last, and its key."""
OutboxPlace = tuple[str, str]
"""The key of a message."""


JobState = Literal["planned", "running", "waiting", "done"]
"""planned: it begins at an instant, which a host that is down then does not miss; running: it has work now;
 waiting: its next step is due at an instant; done: nothing of it changes any more."""


class Job(Record, frozen=True, kw_only=True):
    """One job. Each step of it and this row are one commit, so that a step is done once."""

    KEY = ("merchant_no", "kind", "subject")

    merchant_no: MerchantNo
    kind: str
    """Which job: a row of `host/jobs/job_kinds.py`."""
    subject: str
    """What it is about, among the jobs of its kind: an hour of a day, a batch."""
    state: JobState
    owner: str = ""
    """The host that did its last step; empty where one host has the database for itself."""
    cursor: str = ""
    """How far its walk is; empty at the beginning."""
    done_count: int = 0
    total_count: int = 0
    """Progress: what is done, of how much."""
    due_ms: UnixMs
    """When its next step is due."""
    started_ms: UnixMs
    changed_ms: UnixMs
    ended_ms: UnixMs | None = None
    failed_count: int | None = None
    """How often it failed, one time after the other, since its last step; None where it did not. Its wait grows with it."""


ExportState = Literal["making", "ready", "taken", "failed"]
"""taken: whoever asked for it has it, or began to take it; failed: there will be no file, and `fault` says why."""


class ExportFile(Record, frozen=True, kw_only=True):
    """A list that somebody takes away in a file too large for one answer: a job makes it, and it stays for some days."""

    KEY = ("merchant_no", "export_no")

    merchant_no: str
    """The shop; `*`: all shops together."""
    export_no: int
    """One of a few places that a shop has; given again once what stood there is over."""
    file_id: str
    """Made by chance: the file's name, and which of those that had this place."""
    place: str
    """The data folder that has the file: hosts that share a database have one each."""
    list_name: str
    area: str
    """Of the rights, as the list stood in it when it was asked for."""
    format: str
    lang: str
    question: str
    """The list's own, as text."""
    state: ExportState
    made_by: str
    """Who asked for it, as the note names them: nobody else takes it."""
    rows: int = 0
    size_bytes: int = 0
    fault: str = ""
    """Why there is none: a word of the list that the file would have broken, or that there was no room."""
    made_ms: UnixMs
    ready_ms: UnixMs | None = None
    until_ms: UnixMs
    """Until when it can be taken; the night after, it is gone."""
    token_id: str | None = None
    """The token by which a program asked for it; None where none did."""


class HostLease(Record, frozen=True, kw_only=True):
    """That a host lives, said by itself every few seconds; what it has at the bank is its own for so long."""

    KEY = ("merchant_no", "host_id")

    merchant_no: str
    """`*`: hosts serve all merchants."""
    host_id: str
    """Made anew at each start: a host that starts again is another, and a copied folder makes no twin."""
    seen_ms: UnixMs
    """By the wall clock, which is all that hosts have in common. A host that ends in order takes its row away."""


class Webhook(Record, frozen=True, kw_only=True):
    """Where a program of a shop, or of the acquirer, wants to hear of events. What it is told holds no secret and no person's name."""

    KEY = ("merchant_no", "webhook_no")

    merchant_no: str
    """Whose events it hears; `*`: those of all shops."""
    webhook_no: int
    address: str
    """`https://name/path`; where it leads is looked at anew with each message."""
    events: str
    """Words of `WebhookEvent`, a blank between."""
    state: WebhookState
    secret: bytes
    """What its messages are signed with, sealed by the vault."""
    old_secret: bytes | None = None
    """The one before, with which they are signed besides until `old_until_ms`."""
    old_until_ms: UnixMs | None = None
    made_by: str
    """Who added it, as the note names them."""
    made_ms: UnixMs
    since_ms: UnixMs
    """Since when it is active, or was last."""
    failing_since_ms: UnixMs | None = None
    """Since when nothing good came from its receiver; None: the last answer was good, or there was none yet."""
    case_no: int | None = None
    """The case that says that it was disabled; None while it never was."""
    changed_ms: UnixMs
    token_id: str | None = None
    """The token by which a program added it, changed it or drew its secret last; None where a person did."""


class OutboxMessage(Record, frozen=True, kw_only=True):
    """One event for one webhook, written in the transaction of what it tells of."""

    KEY = ("merchant_no", "message_id")

    merchant_no: str
    """Of the shop that it is about."""
    message_id: str
    """Follows from webhook, event and subject: the same event has one row for a webhook, however often it is written."""
    webhook_merchant_no: str
    webhook_no: int
    event: str
    """A WebhookEvent, or `test`."""
    subject: str
    """What it tells of: the key of a row, and what became of it."""
    body: bytes
    """The JSON that is sent, as it was then: each try sends the same."""
    state: MessageState
    tries: int = 0
    next_ms: UnixMs | None
    """When it is tried next; None exactly where it is not tried any more."""
    answer: str = ""
    """What came of the last try: the status of HTTP, or a word."""
    made_ms: UnixMs
    ended_ms: UnixMs | None = None


RECORDS: tuple[type[Record], ...] = (HostLease, Job, ExportFile, Webhook, OutboxMessage)
"""In the order of writing."""
