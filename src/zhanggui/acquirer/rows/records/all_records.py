"""All records together, in the order in which their rows are written, and the key of any of them."""

from collections.abc import Callable
from operator import attrgetter

from .answers import StoredAnswer
from .approvals import Approval, SupportCase
from .counters import Counter
from .payments import Payment, Posting
from .people import Operator, Stranger
from .proof import AuditNote, ChainHead, Checkpoint, Link, Salt
from .shops import Heard, Merchant, Terminal
from .sign_ins import Session, SignIn

Record = (
    Merchant
    | Terminal
    | Operator
    | Session
    | SignIn
    | Approval
    | SupportCase
    | Payment
    | Posting
    | StoredAnswer
    | Counter
    | Salt
    | Link
    | ChainHead
    | Checkpoint
    | AuditNote
    | Heard
    | Stranger
)
"""All records; one table each."""

ALL_RECORDS: tuple[type[Record], ...] = (
    Merchant,
    Terminal,
    Operator,
    Session,
    SignIn,
    Approval,
    SupportCase,
    Payment,
    Posting,
    StoredAnswer,
    Counter,
    Salt,
    Link,
    ChainHead,
    Checkpoint,
    AuditNote,
    Heard,
    Stranger,
)


_KEY_GETTERS: dict[type, Callable[[Record], tuple[object, ...]]] = {kind: attrgetter(*kind.KEY) for kind in ALL_RECORDS}
"""Every key has at least two parts or is a merchant's own (Merchant, ChainHead); the getter of one name alone would give no tuple."""


def key_of(record: Record) -> tuple[object, ...]:
    """The record's primary key."""
    if type(record) is Merchant or type(record) is ChainHead:
        return (record.merchant_no,)
    return _KEY_GETTERS[type(record)](record)
