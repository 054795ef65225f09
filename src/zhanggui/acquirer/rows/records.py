"""What the acquirer keeps: one frozen struct a table, one struct a row.

Every record has `KEY`, the names of its primary key; `merchant_no` comes first in each of them, so that the tables can be
spread over machines by it. Instants are UnixMs, money is integer fen, states are words. No record holds a card number,
a PIN, a PIN block or a clear key: cards are a mask and a keyed hash, keys are sealed blocks.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import ClassVar, Literal

import msgspec

from ...basics.numbers import (
    BatchNo,
    MerchantNo,
    OperatorNo,
    RecordNo,
    Rrn,
    SessionNo,
    TerminalNo,
    TraceNo,
    UnixMs,
)

PaymentKey = tuple[MerchantNo, TerminalNo, BatchNo, TraceNo, str]
"""Merchant, terminal, batch, trace and message class (`sale`): one key, at most one payment."""
TerminalKey = tuple[MerchantNo, TerminalNo]
OperatorKey = tuple[MerchantNo, OperatorNo]
SessionKey = tuple[MerchantNo, SessionNo]
SignInKey = tuple[MerchantNo, RecordNo]
ApprovalKey = tuple[MerchantNo, int]
AnswerKey = tuple[MerchantNo, TerminalNo, BatchNo, TraceNo, str]
CounterKey = tuple[str, str]
SaltKey = tuple[MerchantNo, str, int]

OperatorCheck = Literal["host", "terminal"]
PaymentState = Literal["pending", "approved", "declined", "timed_out", "reversed", "barred"]
"""pending: asked the bank; timed_out: the bank did not answer; reversed: undone; barred: a reversal came before its
original, which is refused when it comes late."""
BankState = Literal["", "reversal_due", "reversal_done"]
SignInState = Literal["attempted", "verified", "active", "ended", "refused"]


class Merchant(msgspec.Struct, frozen=True, kw_only=True):
    """A shop (商户)."""

    KEY: ClassVar = ("merchant_no",)

    merchant_no: MerchantNo
    name: str
    state: Literal["active", "suspended"] = "active"
    policy: str = "basic"
    """Name of its policy profile."""
    policy_overrides: str = ""
    """JSON of rule → value laid over the profile; empty for none."""
    shift_code: str = ""
    """The preset sign-in code of the shift, where the policy asks for one."""
    created_ms: UnixMs


class Terminal(msgspec.Struct, frozen=True, kw_only=True):
    """A terminal bound to a merchant, with its sealed keys.

    `pin_key`, `mac_key`, `track_key` are valid now. `next_…` came with the last 0800 and become valid at the first good
    MAC under them, because a 0800 proves nothing. All are texts of sealed blocks, empty when there is none.
    """

    KEY: ClassVar = ("merchant_no", "terminal_no")

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    model: str
    place: str
    dialect: str
    operator_check: OperatorCheck
    state: Literal["active", "locked", "lost"] = "active"
    master_key: str
    batch_no: BatchNo = BatchNo("000001")
    pin_key: str = ""
    mac_key: str = ""
    track_key: str = ""
    next_pin_key: str = ""
    next_mac_key: str = ""
    next_track_key: str = ""
    next_operator_no: str = ""
    """Operator named by the last 0800 of a terminal that checks operators itself."""
    next_record_no: int = 0
    """Sign-in record of that 0800; 0 when there is none."""
    failed_count: int = 0
    """Wrong sign-ins in a row on this terminal."""
    failures: str = ""
    """Recent wrong sign-ins, as `ms:number,…`, newest last, bounded; the window of the device lock is counted from them."""
    locked_until_ms: UnixMs | None = None
    """Sign-in on this terminal is locked until then, after too many failures."""
    created_ms: UnixMs
    next_keys_ms: UnixMs | None = None
    """When the next keys were last given to whoever asked; None when none wait."""


class Operator(msgspec.Struct, frozen=True, kw_only=True):
    """A person who may sign in at a merchant's terminals. The password is a keyed verifier with the operator's own salt."""

    KEY: ClassVar = ("merchant_no", "operator_no")

    merchant_no: MerchantNo
    operator_no: OperatorNo
    name: str
    role: Literal["cashier", "supervisor", "administrator"]
    state: Literal["active", "disabled"] = "active"
    salt: bytes
    verifier: bytes
    factory_password: int = 0
    """1 while the password is still the one from the factory."""
    failed_count: int = 0
    """Wrong passwords in a row."""
    locked_until_ms: UnixMs | None = None
    next_try_ms: UnixMs | None = None
    """The next try is taken only from then on."""
    password_set_ms: UnixMs
    earlier_passwords: str = ""
    """Salts and verifiers of earlier passwords, as `salt:verifier,…` in hexadecimal, newest first, bounded by policy."""
    initial_until_ms: UnixMs | None = None
    """The password was set by a supervisor and must be changed; it opens nothing after this instant."""
    code_secret: str = ""
    """Secret of the time-based sign-in code, sealed by the vault; empty when not enrolled."""
    code_last_step: int = 0
    """Time step of the last code that was used: a code works once."""
    code_drift_s: int | None = None
    user_name: str = ""
    last_sign_in_ms: UnixMs | None = None


class Stranger(msgspec.Struct, frozen=True, kw_only=True):
    """A number that belongs to nobody, and the wrong tries for it: they wait and lock as an operator's do (`tries.py`)."""

    KEY: ClassVar = ("merchant_no", "operator_no")

    merchant_no: MerchantNo
    operator_no: str
    failed_count: int = 0
    locked_until_ms: UnixMs | None = None
    next_try_ms: UnixMs | None = None


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """An operator's session on a terminal. Its number only grows; it lives while `ended_ms` is None.

    `verified`: the host checked the password. `unverified`: the terminal says that it did (operator_check = terminal).
    """

    KEY: ClassVar = ("merchant_no", "session_no")

    merchant_no: MerchantNo
    session_no: SessionNo
    terminal_no: TerminalNo
    operator_no: OperatorNo
    record_no: RecordNo
    kind: Literal["verified", "unverified", "offline"]
    opened_ms: UnixMs
    locked_ms: UnixMs | None = None
    """Locked since; a locked session takes no payment."""
    sale_limit_fen: int | None = None
    """Most that one sale may be, in a session that began without network."""
    ended_ms: UnixMs | None = None
    end_reason: str = ""
    notes: str = ""
    """The operator's own words on the shift."""


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to sign in, kept for good: who, where, when each step was, what was checked, how it ended.

    Refused passwords beside sign-ins (unlock, new password, approval) are records too; `method` tells them apart.
    """

    KEY: ClassVar = ("merchant_no", "record_no")

    merchant_no: MerchantNo
    record_no: RecordNo
    terminal_no: TerminalNo
    operator_no: str
    """As it was typed; it need not exist."""
    operator_name: str = ""
    state: SignInState
    reason: str = ""
    """Why it was refused or how it ended, as a word: unknown_operator, wrong_password, locked, …"""
    method: str = "password"
    """password, password+code, terminal, offline; beside sign-ins: unlock, new_password, approval (`attempts.py`)."""
    began_ms: UnixMs
    verified_ms: UnixMs | None = None
    confirmed_ms: UnixMs | None = None
    ended_ms: UnixMs | None = None
    elapsed_ms: int | None = None
    """From the first key to the request, as the terminal measured it."""
    terminal_clock_ms: UnixMs | None = None
    drift_s: int | None = None
    """Terminal clock minus host clock."""
    self_check: str = ""
    eyes: str = ""
    """What the operator looked at, where the policy asks for it."""
    versions: str = ""
    session_no: int | None = None
    approved_by: str = ""
    """Supervisor who allowed a take-over."""
    taken_from: str = ""
    """Terminal of the session that was taken over."""
    code_drift_s: int | None = None
    """Clock difference that the sign-in code showed."""


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """A supervisor's approval on the spot: bound to one action, amount and session or record; one use."""

    KEY: ClassVar = ("merchant_no", "approval_no")

    merchant_no: MerchantNo
    approval_no: int
    supervisor_no: OperatorNo
    terminal_no: TerminalNo
    action: str
    amount_fen: int = 0
    record_no: int | None = None
    session_no: int | None = None
    given_ms: UnixMs
    expires_ms: UnixMs
    used_ms: UnixMs | None = None


class SupportCase(msgspec.Struct, frozen=True, kw_only=True):
    """Something that an operator reported as wrong, for support to look at."""

    KEY: ClassVar = ("merchant_no", "case_no")

    merchant_no: MerchantNo
    case_no: int
    terminal_no: TerminalNo
    operator_no: str
    record_no: int | None = None
    what: str
    """A word: which item of the confirmation is wrong."""
    state: Literal["open", "closed"] = "open"
    opened_ms: UnixMs
    closed_ms: UnixMs | None = None
    answer: str = ""


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """One payment, whatever became of it. `answer` is what was (or will be) answered, kept for repeats."""

    KEY: ClassVar = ("merchant_no", "terminal_no", "batch_no", "trace_no", "kind")

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    batch_no: BatchNo
    trace_no: TraceNo
    kind: str = "sale"
    state: PaymentState
    fingerprint: bytes
    """Keyed hash over the business fields; empty in a barred row."""
    amount_fen: int
    masked_pan: str = ""
    card_hash: bytes = b""
    entry_mode: str = ""
    operator_no: str = ""
    session_no: int | None = None
    rrn: Rrn
    response_code: str = ""
    auth_code: str = ""
    issuer: str = ""
    answer: str = ""
    """JSON of the SaleAnswer; empty while pending."""
    bank_state: BankState = ""
    bank_attempts: int = 0
    reversal_reason: str = ""
    created_ms: UnixMs
    decided_ms: UnixMs | None = None
    reversed_ms: UnixMs | None = None


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the double-entry ledger: debit positive, credit negative. The lines of one payment and kind sum to zero.

    The key makes a second posting of the same payment impossible.
    """

    KEY: ClassVar = ("merchant_no", "terminal_no", "batch_no", "trace_no", "kind", "account")

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    batch_no: BatchNo
    trace_no: TraceNo
    kind: Literal["sale", "reversal"]
    account: Literal["issuer_clearing", "merchant_payable"]
    amount_fen: int
    posted_ms: UnixMs


class StoredAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to an operator message, for repeats from the same terminal."""

    KEY: ClassVar = ("merchant_no", "terminal_no", "batch_no", "trace_no", "message_class")

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    batch_no: BatchNo
    trace_no: TraceNo
    message_class: str
    """60.3 of the message: 401, 402, 403."""
    fingerprint: bytes
    """What tells a repeat: hashes of the business fields and of the passwords, and a mark of the MAC key (`host/wire/repeats.py`)."""
    response_code: str
    tags: bytes
    """Field 62 of the answer."""
    made_ms: UnixMs


class Counter(msgspec.Struct, frozen=True, kw_only=True):
    """A number that only grows: session and sign-in record per merchant; reference numbers for the whole host (`*`)."""

    KEY: ClassVar = ("merchant_no", "name")

    merchant_no: str
    name: str
    """session, sign_in, approval, case, note, rrn; `offline:N`: the envelope for sign-ins without network of record N."""
    value: int
    """The last number given (or, for rrn, reserved); for an envelope, the last of its uses that was taken."""


class Salt(msgspec.Struct, frozen=True, kw_only=True):
    """What blinds the commitments to one provable record; erased when the record's personal data are (see `chain.py`)."""

    KEY: ClassVar = ("merchant_no", "record_kind", "record_no")

    merchant_no: MerchantNo
    record_kind: str
    record_no: int
    salt: bytes


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a provable record, in its merchant's chain. Links are never changed and never dropped."""

    KEY: ClassVar = ("merchant_no", "link_no")

    merchant_no: MerchantNo
    link_no: int
    """From 1, without a gap."""
    record_kind: str
    record_no: int
    event: str
    """What happened to the record: the state that it took, or `erased`, `pruned`."""
    commitment: bytes
    """Salted hash of the record's contents as they were then, 32 bytes; zeros when the contents were dropped."""
    previous: bytes
    """Hash of the link before, 32 bytes; zeros in the first."""
    hash: bytes
    made_ms: UnixMs


class ChainHead(msgspec.Struct, frozen=True, kw_only=True):
    """Where a merchant's chain ends, and how far a checkpoint has signed it."""

    KEY: ClassVar = ("merchant_no",)

    merchant_no: MerchantNo
    link_no: int
    hash: bytes
    signed_no: int = 0
    """Link of the last checkpoint; 0 when there is none."""
    signed_ms: UnixMs
    """When that was made; when the chain began, while there is none."""


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """The host's signature over how long a merchant's chain was at an instant, and what it ended in."""

    KEY: ClassVar = ("merchant_no", "link_no")

    merchant_no: MerchantNo
    link_no: int
    head_hash: bytes
    made_ms: UnixMs
    signature: bytes
    """Ed25519, 64 bytes."""


class AuditNote(msgspec.Struct, frozen=True, kw_only=True):
    """One act of management: who changed what. It is provable, and holds neither a secret nor a person's name."""

    KEY: ClassVar = ("merchant_no", "note_no")

    merchant_no: MerchantNo
    note_no: int
    actor: str
    """An operator's number, or `console` for whoever holds the data folder and its passphrase."""
    action: str
    """A word of the capability table: add_operator, reset_password, set_policy, …"""
    subject: str
    """What was acted on: an operator's number, a terminal's, a policy rule."""
    detail: str = ""
    """What is worth knowing besides, as words and numbers."""
    made_ms: UnixMs


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """When a terminal was last heard of, told to the other hosts of a shared database now and then (`leases.py`)."""

    KEY: ClassVar = ("merchant_no", "terminal_no")

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    heard_ms: UnixMs


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
WHOLE_HOST = "*"
"""Stands in `merchant_no` of a counter that serves all merchants."""


_KEY_GETTERS: dict[type, Callable[[Record], tuple[object, ...]]] = {kind: attrgetter(*kind.KEY) for kind in ALL_RECORDS}
"""Every key has at least two parts or is a merchant's own (Merchant, ChainHead); the getter of one name alone would give no tuple."""


def key_of(record: Record) -> tuple[object, ...]:
    """The record's primary key."""
    if type(record) is Merchant or type(record) is ChainHead:
        return (record.merchant_no,)
    return _KEY_GETTERS[type(record)](record)
