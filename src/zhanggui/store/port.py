"""The face of the store: what the host asks of a database, whichever it is."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from ..acquirer.rows.records import (
    AnswerKey,
    ApiAnswer,
    Batch,
    BatchKey,
    ChainHead,
    CounterCode,
    CounterCodeKey,
    Document,
    DocumentKey,
    Heard,
    Job,
    Link,
    Merchant,
    OrderPlace,
    OutboxMessage,
    OutboxPlace,
    Payment,
    PaymentScript,
    StoredAnswer,
    Stranger,
    TerminalKey,
    TerminalOrder,
    WalletOrder,
    Webhook,
    WebhookKey,
    WebhookPlace,
)
from ..acquirer.rows.state import Change, Needs, State
from ..basics.numbers import MerchantNo, TerminalNo, UnixMs

PAYMENTS_AT_ONCE_MAX = 1_000
"""Payments that one recovery load brings at most: a bound on memory and on the time that the store is busy."""


class Unit(Protocol):
    """One transaction: load what is needed, decide, save. Used once."""

    async def load(self, needs: Needs) -> State:
        """The rows that exist among the needs; may be called again before `save`.

        A terminal brings its merchant and live sessions, an operator its live sessions. Raises Fault.
        """
        ...

    async def save(self, changes: Sequence[Change]) -> None:
        """Write all changes and commit; when this returns they survive a power cut. Changes of one row are joined.

        Nothing is written if it raises: Conflict (a key is taken: load and decide again), Fault (disk, line), Defect.
        """
        ...


class Store(Protocol):
    """A database of the acquirer's records. Every method may be called from one event loop only."""

    @property
    def is_shared(self) -> bool:
        """Whether other hosts may write to this database."""
        ...

    def unit(self) -> AbstractAsyncContextManager[Unit]:
        """Begin a transaction; leaving without `save`, or by an exception, undoes it. Units wait for each other."""
        ...

    async def payments_pending(self, limit: int) -> list[Payment]:
        """Payments whose bank outcome is unknown, oldest first; for recovery at start-up."""
        ...

    async def reversals_due(self, limit: int) -> list[Payment]:
        """Payments whose reversal the bank has not taken yet, oldest first."""
        ...

    async def scripts_due(self, limit: int) -> list[PaymentScript]:
        """Notices of scripts that the issuer does not know yet, oldest first."""
        ...

    async def jobs_due(self, now: UnixMs, after: Job | None, limit: int) -> list[Job]:
        """Jobs whose next step is due, by instant and key, after this one as it stood (None: from the first on)."""
        ...

    async def wallet_orders_to_ask(self, after: WalletOrder | None, limit: int) -> list[WalletOrder]:
        """Orders at wallets about which something is to be asked, by instant and key, after this one (None: from the first on)."""
        ...

    async def counter_codes(self, after: CounterCodeKey, limit: int) -> list[CounterCode]:
        """Codes that stand on counters, by key, after this one."""
        ...

    async def merchants_with_rules(self, after: MerchantNo, limit: int, *, every: bool = False) -> list[Merchant]:
        """Merchants with rules of their own, or `every` one, by number, after this one."""
        ...

    async def batches_uploading(self, after: BatchKey, limit: int) -> list[Batch]:
        """Batches that their terminals still tell payment by payment, by key, after this one."""
        ...

    async def answers_made_before(self, until: UnixMs, after: AnswerKey, limit: int) -> list[StoredAnswer]:
        """Answers to operator messages that were made before an instant and still hold something, or whose batch is not the
        terminal's present one; by key, after this one."""
        ...

    async def documents_until(self, until: UnixMs, after: DocumentKey, limit: int) -> list[Document]:
        """Documents whose time was over at an instant and whose contents are still there, by key, after this one."""
        ...

    async def strangers_over(self, until: UnixMs, after: str, limit: int) -> list[Stranger]:
        """Tries at the office in names that are nobody's, in which nobody has to wait since an instant, by name, after this one."""
        ...

    async def api_answers_made_before(self, until: UnixMs, after: str, limit: int) -> list[ApiAnswer]:
        """Answers to acts of programs that were made until an instant, by mark, after this one."""
        ...

    async def orders_open(self, after: OrderPlace, limit: int) -> list[TerminalOrder]:
        """Orders to terminals that have no answer yet, by when they changed last and by key, after this place."""
        ...

    async def webhooks_changed(self, after: WebhookPlace, limit: int) -> list[Webhook]:
        """Webhooks, removed ones too, by when they changed last and by key, after this place."""
        ...

    async def outbox_waiting(self, limit: int) -> list[tuple[str, int, int]]:
        """Webhooks with messages that wait, by key, each with how many."""
        ...

    async def outbox_queued(self, webhook: WebhookKey, limit: int) -> list[OutboxMessage]:
        """Messages that wait for one webhook, by when they are tried next."""
        ...

    async def outbox_ended(self, until: UnixMs, after: OutboxPlace, limit: int) -> list[OutboxMessage]:
        """Messages that ended before an instant, by key, after this one."""
        ...

    async def terminals_with_payments(
        self, merchant_no: MerchantNo, after: TerminalNo, limit: int
    ) -> list[TerminalKey]:
        """Terminals of a merchant whose present batch holds a payment, by number, after this one."""
        ...

    async def note_heard(self, heard: Sequence[Heard]) -> None:
        """Write when terminals were last heard of, in a transaction of its own; an instant that is there only grows."""
        ...

    async def close(self) -> None:
        """Let go of the database. An open unit must have ended."""
        ...


class ChainedStore(Store, Protocol):
    """A store that also tells which chains of provable records wait for a checkpoint."""

    async def heads_unsigned(self, signed_until: UnixMs, now: UnixMs, limit: int) -> list[ChainHead]:
        """Chains that grew since a checkpoint that was made at `signed_until` or before, or after `now`, by merchant.

        A checkpoint from after now was made before the clock was set back: how old it is nobody knows. With `signed_until` =
        `now` the answer is every chain that grew.
        """
        ...

    async def links_from(self, merchant_no: MerchantNo, link_no: int, limit: int) -> list[Link]:
        """A chain's links from this number on, in order."""
        ...
