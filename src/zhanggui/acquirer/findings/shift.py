"""The review of one shift: its figures beside the operator's and the shop's usual, and what the operator wrote down."""

from collections.abc import Sequence

import msgspec

from ...basics.numbers import UnixMs
from ...basics.spans import HOUR_MS, MINUTE_MS
from ...cup.transactions import PAYMENTS
from ...cup.values.steps import read_steps, slowest_step
from ..operators.attempts import ready_ms
from ..payments.originals import payment_key, undoing_key
from ..rows.records import Payment, PaymentKey, Session, SignIn
from .history import FAILURES
from .quantiles import quantile

TRIES_BEFORE_MS = 10 * MINUTE_MS
"""Failures this long before the sign-in belong to it (one episode, operators reference D.3)."""
RATE_AFTER_HOURS = 1.0
APPROVED_STATES = frozenset({"approved"})


class ShiftFigures(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of one shift. Money is fen; times are milliseconds; None where the record does not say."""

    hours: float
    sales: int
    amount_fen: int
    declined: int
    reversed: int
    failed_tries: int
    ready_ms: int | None = None
    hands_on_ms: int | None
    verify_ms: int | None
    confirm_ms: int | None

    @property
    def sales_per_hour(self) -> float | None:
        """Approved sales an hour; None for less than one hour, of which a rate would be a guess."""
        return self.sales / self.hours if self.hours >= RATE_AFTER_HOURS else None

    @property
    def average_fen(self) -> float:
        """Average approved sale."""
        return self.amount_fen / self.sales if self.sales else 0.0


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """One figure with the usual (median) of the operator's and of the shop's other shifts; None without any."""

    figure: str
    unit: str
    value: float | None
    operator_usual: float | None
    shop_usual: float | None


class ShiftReview(msgspec.Struct, frozen=True, kw_only=True):
    """A shift, reviewed. `notes` are what the operator said at sign-out, in fixed or in own words."""

    merchant_no: str
    session_no: int
    operator_no: str
    operator_name: str
    terminal_no: str
    opened_ms: int
    ended_ms: int | None
    end_reason: str
    figures: ShiftFigures
    comparisons: tuple[Compared, ...]
    operator_shifts: int
    shop_shifts: int
    notes: tuple[str, ...]
    slowest_step: str = ""
    """The step of the sign-in that took longest; empty where the terminal told none."""


def shift_figures(
    session: Session, sign_ins: Sequence[SignIn], payments: Sequence[Payment], now: UnixMs
) -> ShiftFigures:
    """Figures of one session from the merchant's sign-ins and payments; the session may still be running."""
    return _figures(session, sign_ins, payments, _approved_keys(payments), now)


def _approved_keys(payments: Sequence[Payment]) -> frozenset[PaymentKey]:
    """What may have undone another one: it counts in whatever shift that one was taken."""
    return frozenset(payment_key(payment) for payment in payments if payment.state == "approved")


def _figures(
    session: Session,
    sign_ins: Sequence[SignIn],
    payments: Sequence[Payment],
    undoing: frozenset[PaymentKey],
    now: UnixMs,
) -> ShiftFigures:
    own = next((row for row in sign_ins if row.record_no == session.record_no), None)
    taking = (payment for payment in payments if PAYMENTS[payment.kind].total == "debit")
    sold = [payment for payment in taking if payment.session_no == session.session_no]
    # What another payment has taken back, or refunded in part, is not in the drawer: the figures of the sign-out (decision 0012).
    approved = [payment for payment in sold if payment.state in APPROVED_STATES and undoing_key(payment) not in undoing]
    began_ms = own.began_ms if own is not None else session.opened_ms
    failed = [
        row
        for row in sign_ins
        if row.reason in FAILURES
        and row.operator_no == session.operator_no
        and row.terminal_no == session.terminal_no
        and 0 <= began_ms - row.began_ms <= TRIES_BEFORE_MS
    ]
    steps = dict(read_steps(own.step_times or "")) if own is not None else {}
    verified_ms = own.verified_ms if own is not None else None
    confirmed_ms = own.confirmed_ms if own is not None else None
    end_ms = session.ended_ms if session.ended_ms is not None else now
    return ShiftFigures(
        hours=round(max(0, end_ms - session.opened_ms) / HOUR_MS, 2),
        sales=len(approved),
        amount_fen=sum(payment.amount_fen + (payment.adjusted_fen or 0) for payment in approved),
        declined=sum(payment.state == "declined" for payment in sold),
        # One without an answer that the bank was told to take back was undone as well.
        reversed=sum(payment.state == "reversed" or payment.bank_state != "" for payment in sold),
        failed_tries=len(failed),
        ready_ms=ready_ms(own) if own is not None else None,
        hands_on_ms=own.elapsed_ms if own is not None else None,
        verify_ms=steps.get("verify", verified_ms - began_ms or None if verified_ms is not None else None),
        confirm_ms=confirmed_ms - verified_ms if confirmed_ms is not None and verified_ms is not None else None,
    )


def review_shift(
    session: Session,
    others: Sequence[Session],
    sign_ins: Sequence[SignIn],
    payments: Sequence[Payment],
    now: UnixMs,
    notes: Sequence[str] = (),
) -> ShiftReview:
    """Review one session of a merchant. `others` are its other sessions of the last weeks; order does not matter."""
    earlier = [one for one in others if one.session_no != session.session_no and one.ended_ms is not None]
    figures = shift_figures(session, sign_ins, payments, now)
    by_shop = _all_figures(earlier, sign_ins, payments, now)
    by_operator = [
        figure for one, figure in zip(earlier, by_shop, strict=True) if one.operator_no == session.operator_no
    ]
    record = next((row for row in sign_ins if row.record_no == session.record_no), None)
    return ShiftReview(
        merchant_no=session.merchant_no,
        session_no=session.session_no,
        operator_no=session.operator_no,
        operator_name=record.operator_name if record is not None else "",
        terminal_no=session.terminal_no,
        opened_ms=session.opened_ms,
        ended_ms=session.ended_ms,
        end_reason=session.end_reason,
        figures=figures,
        comparisons=tuple(_compare(figures, by_operator, by_shop)),
        operator_shifts=len(by_operator),
        shop_shifts=len(by_shop),
        notes=tuple(notes),
        slowest_step=slowest_step(read_steps(record.step_times or "")) if record is not None else "",
    )


def _all_figures(
    sessions: Sequence[Session], sign_ins: Sequence[SignIn], payments: Sequence[Payment], now: UnixMs
) -> list[ShiftFigures]:
    # Filed once by session and by person, so that a month of a large shop is one pass and not one a shift.
    undoing = _approved_keys(payments)
    sold: dict[int | None, list[Payment]] = {}
    for payment in payments:
        sold.setdefault(payment.session_no, []).append(payment)
    entered: dict[tuple[str, str], list[SignIn]] = {}
    for row in sign_ins:
        entered.setdefault((row.terminal_no, row.operator_no), []).append(row)
    return [
        _figures(one, entered.get((one.terminal_no, one.operator_no), []), sold.get(one.session_no, []), undoing, now)
        for one in sessions
    ]


MEASURED: tuple[tuple[str, str], ...] = (
    ("hours", "h"),
    ("sales", ""),
    ("amount_fen", "fen"),
    ("sales_per_hour", "/h"),
    ("average_fen", "fen"),
    ("declined", ""),
    ("reversed", ""),
    ("failed_tries", ""),
    ("ready_ms", "ms"),
    ("hands_on_ms", "ms"),
    ("verify_ms", "ms"),
    ("confirm_ms", "ms"),
)
"""Figures that are compared, with their units."""


def _compare(
    figures: ShiftFigures, by_operator: Sequence[ShiftFigures], by_shop: Sequence[ShiftFigures]
) -> list[Compared]:
    return [
        Compared(
            figure=name,
            unit=unit,
            value=_value(figures, name),
            operator_usual=_usual(by_operator, name),
            shop_usual=_usual(by_shop, name),
        )
        for name, unit in MEASURED
    ]


def _value(figures: ShiftFigures, name: str) -> float | None:
    value = getattr(figures, name)
    return None if value is None else round(float(value), 2)


def _usual(shifts: Sequence[ShiftFigures], name: str) -> float | None:
    values = [value for shift in shifts if (value := _value(shift, name)) is not None]
    return round(quantile(values, 0.5), 2) if values else None
