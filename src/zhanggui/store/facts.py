"""What a database must know of a record beside its fields: indexes, locks, rows kept. Nothing of it is the trade's business.

A record that stands nowhere here has a table of its fields and its key, no index, no lock and no cache; that is right for most.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from ..acquirer.rows.records import (
    ApiAnswer,
    ApiToken,
    Batch,
    BatchDetail,
    BatchDifference,
    ChainHead,
    Checkpoint,
    Clash,
    Counter,
    CounterCode,
    Document,
    ExportFile,
    Health,
    Heard,
    HostLease,
    Job,
    Link,
    Merchant,
    Operator,
    OutboxMessage,
    Payment,
    PaymentScript,
    Person,
    PhoneAttempt,
    Proposal,
    Record,
    Salt,
    Session,
    SignIn,
    StoredAnswer,
    Stranger,
    SupportCase,
    Terminal,
    TerminalOrder,
    UserName,
    WaitingKeys,
    WalletOrder,
    Webhook,
)

LIVE = "ended_ms IS NULL"
LIVE_AND_VERIFIED = "ended_ms IS NULL AND kind = 'verified'"
PENDING = "state = 'pending'"
APPROVED = "state = 'approved'"
NOT_DONE = "state <> 'done'"
KEPT = "erased_ms IS NULL"
UPLOADING = "state = 'uploading'"
ORDER_OPEN = "state IN ('queued', 'told')"
TO_ASK = "next_ms IS NOT NULL"
BY_CODE = "pay_voucher IS NOT NULL"
SCRIPT_DUE = "state = 'due'"
QUEUED = "state = 'queued'"
REVERSAL_DUE = "bank_state = 'reversal_due'"

LISTED = (
    *(
        "created_ms",
        "shop_day",
        "state",
        "kind",
        "amount_fen",
        "response_code",
        "operator_no",
        "terminal_no",
        "trace_no",
    ),
    *("reason", "masked_pan"),
)


class IndexFact(NamedTuple):
    """An index. Its name says what it is for: the host's loads, the office's lists. `where` makes it partial."""

    name: str
    columns: tuple[str, ...]
    where: str = ""
    unique: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a database must know of one kind of record."""

    table: str = ""
    """Name of its table, where the record's own name does not make a good one."""
    indexes: tuple[IndexFact, ...] = ()
    checks: tuple[tuple[str, str], ...] = ()
    """Name and condition of what no row may break, whoever writes it."""
    is_locked: bool = False
    """Rows are loaded FOR UPDATE where other hosts may write: a decision changes them."""
    stands_in_key_tree: bool = False
    """In SQLite the rows stand in the primary key's own tree: half the work of an insert, for narrow rows."""
    is_mostly_absent: bool = False
    """SQLite looks whether the row is there before it reads it: describing the columns is half of what a read costs."""
    cached_max: int = 0
    """Rows of it that the one writing process keeps, the last used ones; 0 for none (`row_cache.py`)."""


NO_FACTS = Facts()

# Rows kept are under 100 MB together. A payment is needed twice within seconds (pending, outcome), a terminal all day.
# Postings and stored answers are not kept: the first is never read, the second seldom.
FACTS: Mapping[type[Record], Facts] = MappingProxyType(
    {
        Merchant: Facts(cached_max=20_000),
        Terminal: Facts(is_locked=True, cached_max=20_000),
        WaitingKeys: Facts(table="waiting_keys", cached_max=4_000),
        Heard: Facts(table="terminals_heard", stands_in_key_tree=True),
        Health: Facts(table="terminals_health"),
        Operator: Facts(is_locked=True, cached_max=20_000),
        UserName: Facts(stands_in_key_tree=True),
        PhoneAttempt: Facts(is_locked=True, stands_in_key_tree=True),
        Stranger: Facts(is_locked=True, stands_in_key_tree=True),
        Session: Facts(
            # One live session on a terminal, and of a verified operator (invariant A20): the database itself refuses a second.
            indexes=(
                IndexFact("uq_sessions_live_on_terminal", ("merchant_no", "terminal_no"), LIVE, unique=True),
                IndexFact(
                    "uq_sessions_live_of_verified", ("merchant_no", "operator_no"), LIVE_AND_VERIFIED, unique=True
                ),
                IndexFact("ix_sessions_live_of_operator", ("merchant_no", "operator_no"), LIVE),
                IndexFact("ix_sessions_listed", ("opened_ms", "operator_no", "terminal_no")),
            ),
        ),
        SignIn: Facts(
            indexes=(
                IndexFact("ix_sign_ins_began", ("merchant_no", "began_ms")),
                IndexFact("ix_sign_ins_listed", ("began_ms", "state", "reason", "operator_no", "terminal_no")),
            ),
            is_locked=True,
            cached_max=4_000,
        ),
        SupportCase: Facts(indexes=(IndexFact("ix_support_cases_open", ("merchant_no", "opened_ms")),)),
        Payment: Facts(
            indexes=(
                IndexFact("ix_payments_created", ("merchant_no", "created_ms")),
                IndexFact("ix_payments_session", ("merchant_no", "session_no")),
                IndexFact("ix_payments_rrn", ("rrn",)),
                IndexFact("ix_payments_voucher", ("pay_voucher", "merchant_no"), BY_CODE),
                # Of all shops, in the order of time: what filters ask and sums need stands in it, so that no row is read for them.
                # It grows at its end alone, which costs a sale little.
                IndexFact("ix_payments_listed", LISTED),
                # In the order in which days are summed by kind.
                IndexFact("ix_payments_sums", ("shop_day", "kind", "created_ms", "amount_fen"), APPROVED),
                IndexFact("ix_payments_pending", ("created_ms",), PENDING),
                IndexFact("ix_payments_reversal_due", ("created_ms",), REVERSAL_DUE),
            ),
            checks=(("amount_not_negative", "amount_fen >= 0"),),
            is_locked=True,
            is_mostly_absent=True,
            cached_max=4_000,
        ),
        WalletOrder: Facts(
            indexes=(IndexFact("ix_wallet_orders_due", ("next_ms", "merchant_no", "order_no"), TO_ASK),),
            checks=(
                ("amount_above_zero", "amount_fen > 0"),
                # An outcome that nobody knows is asked for until somebody does.
                ("unknown_is_asked", "next_ms IS NOT NULL OR state IN ('paid', 'refused', 'cancelled')"),
            ),
            is_locked=True,
        ),
        Batch: Facts(
            table="batches",
            indexes=(
                IndexFact("ix_batches_settled", ("merchant_no", "settled_ms")),
                IndexFact("ix_batches_uploading", ("merchant_no", "terminal_no", "batch_no"), UPLOADING),
            ),
            is_locked=True,
            cached_max=1_000,
        ),
        # An upload is some hundred messages about one batch; each detail is new, or told once more.
        BatchDetail: Facts(stands_in_key_tree=True),
        BatchDifference: Facts(stands_in_key_tree=True),
        Clash: Facts(table="clashes"),
        CounterCode: Facts(is_locked=True),
        PaymentScript: Facts(indexes=(IndexFact("ix_payment_scripts_due", ("taken_ms",), SCRIPT_DUE),)),
        Document: Facts(indexes=(IndexFact("ix_documents_until", ("until_ms",), KEPT),)),
        TerminalOrder: Facts(
            indexes=(
                IndexFact("ix_terminal_orders_open", ("changed_ms",), ORDER_OPEN),
                IndexFact("ix_terminal_orders_given", ("merchant_no", "given_ms")),
            ),
            is_locked=True,
        ),
        StoredAnswer: Facts(is_mostly_absent=True),
        Counter: Facts(is_locked=True, cached_max=20_000),
        Person: Facts(table="people", is_locked=True),
        ApiToken: Facts(is_locked=True),
        ApiAnswer: Facts(is_mostly_absent=True),
        Proposal: Facts(indexes=(IndexFact("ix_proposals_made", ("merchant_no", "made_ms")),), is_locked=True),
        Job: Facts(indexes=(IndexFact("ix_jobs_due", ("due_ms",), NOT_DONE),), is_locked=True),
        ExportFile: Facts(indexes=(IndexFact("ix_export_files_made", ("merchant_no", "made_ms")),), is_locked=True),
        Webhook: Facts(indexes=(IndexFact("ix_webhooks_changed", ("changed_ms",)),), is_locked=True),
        OutboxMessage: Facts(
            indexes=(
                IndexFact("ix_outbox_messages_queued", ("webhook_merchant_no", "webhook_no", "next_ms"), QUEUED),
                IndexFact("ix_outbox_messages_made", ("webhook_merchant_no", "webhook_no", "made_ms")),
            ),
            checks=(("queued_is_tried", "(next_ms IS NOT NULL) = (state = 'queued')"),),
            is_locked=True,
            is_mostly_absent=True,
        ),
        HostLease: Facts(is_locked=True, stands_in_key_tree=True),
        Salt: Facts(stands_in_key_tree=True, cached_max=4_000),
        Link: Facts(stands_in_key_tree=True),
        ChainHead: Facts(is_locked=True, stands_in_key_tree=True, cached_max=20_000),
        Checkpoint: Facts(stands_in_key_tree=True),
    }
)


def facts_of(kind: type[Record]) -> Facts:
    """What is known of this kind of record; of most there is nothing to know."""
    return FACTS.get(kind, NO_FACTS)
