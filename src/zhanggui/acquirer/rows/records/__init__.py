"""What the acquirer keeps: one frozen struct a table, one struct a row.

Every record has `KEY`, the names of its primary key; `merchant_no` comes first in each of them, so that the tables can be
spread over machines by it. Instants are UnixMs, money is integer fen, states are words. No record holds a card number,
a PIN, a PIN block or a clear key: cards are a mask and a keyed hash, keys are sealed blocks.
"""

from .all_records import ALL_RECORDS, KEY_OF, Record, key_of
from .answers import AnswerKey, StoredAnswer
from .approvals import Approval, ApprovalKey, SupportCase
from .counters import WHOLE_HOST, Counter, CounterKey
from .payments import BankState, Payment, PaymentKey, PaymentState, Posting
from .people import Operator, OperatorKey, Stranger
from .proof import AuditNote, ChainHead, Checkpoint, Link, Salt, SaltKey
from .shops import Heard, Merchant, OperatorCheck, Terminal, TerminalKey
from .sign_ins import Session, SessionKey, SignIn, SignInKey, SignInState

__all__ = [
    "ALL_RECORDS",
    "KEY_OF",
    "WHOLE_HOST",
    "AnswerKey",
    "Approval",
    "ApprovalKey",
    "AuditNote",
    "BankState",
    "ChainHead",
    "Checkpoint",
    "Counter",
    "CounterKey",
    "Heard",
    "Link",
    "Merchant",
    "Operator",
    "OperatorCheck",
    "OperatorKey",
    "Payment",
    "PaymentKey",
    "PaymentState",
    "Posting",
    "Record",
    "Salt",
    "SaltKey",
    "Session",
    "SessionKey",
    "SignIn",
    "SignInKey",
    "SignInState",
    "StoredAnswer",
    "Stranger",
    "SupportCase",
    "Terminal",
    "TerminalKey",
    "key_of",
]
