"""Which rows of a list are wanted, for those who ask by name of a field."""

from dataclasses import dataclass

from ...acquirer.rows.records import PaymentState, SignInState
from ...basics.numbers import MerchantNo, OperatorNo, TerminalNo, UnixMs

ROWS_DEFAULT = 50
"""A screenful or two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInFilter:
    """Which sign-ins; None means any. `since_ms` ≤ began < `until_ms`. `outcome` is the record's state."""

    merchant_no: MerchantNo | None = None
    terminal_no: TerminalNo | None = None
    operator_no: str | None = None
    approved_by: str | None = None
    """Supervisor who allowed a take-over."""
    outcome: SignInState | None = None
    reason: str | None = None
    since_ms: UnixMs | None = None
    until_ms: UnixMs | None = None
    limit: int = ROWS_DEFAULT


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFilter:
    """Which payments; None means any. `since_ms` ≤ created < `until_ms`."""

    merchant_no: MerchantNo | None = None
    terminal_no: TerminalNo | None = None
    operator_no: OperatorNo | None = None
    state: PaymentState | None = None
    response_code: str | None = None
    since_ms: UnixMs | None = None
    until_ms: UnixMs | None = None
    limit: int = ROWS_DEFAULT


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceFilter:
    """Which merchants, terminals, operators or sessions; None means any. Fields that a table has not are no filter."""

    merchant_no: MerchantNo | None = None
    terminal_no: TerminalNo | None = None
    operator_no: OperatorNo | None = None
    live_only: bool = False
    """Sessions: only those that have not ended."""
    limit: int = ROWS_DEFAULT


ANY_SIGN_IN = SignInFilter()
ANY_PAYMENT = PaymentFilter()
ANYWHERE = PlaceFilter()
