"""Who may sign in, and the numbers that belong to nobody."""

from typing import Literal

from ....basics.numbers import MerchantNo, OperatorNo, UnixMs
from .record import Record

__all__ = ["Badge", "Operator", "OperatorKey", "Stranger", "UserName"]
from ....basics.roles import Role

OperatorKey = tuple[MerchantNo, OperatorNo]


class Operator(Record, frozen=True, kw_only=True):
    """A person who may sign in at a merchant's terminals. The password is a keyed verifier with the operator's own salt."""

    KEY = ("merchant_no", "operator_no")

    merchant_no: MerchantNo
    operator_no: OperatorNo
    name: str
    role: Role
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
    badge_no: str | None = None
    """The badge that counts; every earlier one is revoked."""


class UserName(Record, frozen=True, kw_only=True):
    """Whose user name it is: how a host finds the number in one look. It says the same as `Operator.user_name`."""

    KEY = ("merchant_no", "user_name")

    merchant_no: MerchantNo
    user_name: str
    operator_no: OperatorNo


class Badge(Record, frozen=True, kw_only=True):
    """A badge that was issued, kept for good. It counts while its operator's row names it; of the secret there is a keyed hash alone."""

    KEY = ("merchant_no", "badge_no")

    merchant_no: MerchantNo
    badge_no: str
    """Printed in the badge beside the secret; it proves nothing."""
    operator_no: OperatorNo
    mark: bytes
    """The vault's keyed hash of the secret, bound to the shop."""
    issued_ms: UnixMs
    issued_by: str
    """Who issued it, as the note names them."""


class Stranger(Record, frozen=True, kw_only=True):
    """A number, user name or badge that belongs to nobody, and the wrong tries for it: they wait and lock as an operator's do (`tries.py`)."""

    KEY = ("merchant_no", "operator_no")

    merchant_no: MerchantNo
    operator_no: str
    failed_count: int = 0
    locked_until_ms: UnixMs | None = None
    next_try_ms: UnixMs | None = None


RECORDS: tuple[type[Record], ...] = (
    Operator,
    UserName,
    Badge,
    Stranger,
)
"""In the order of writing."""
