"""The review of one shift: its figures beside what is usual for the operator and for the shop."""

from collections.abc import Mapping
from functools import cache

from ..acquirer.findings.shift import ShiftReview, review_shift
from ..acquirer.rows.records import Session
from ..basics.numbers import UnixMs
from ..basics.spans import DAY_MS
from ..basics.words import Lang, Word, load_words
from ..store.queries import ROWS_MAX, PaymentFilter, PlaceFilter, Queries, SignInFilter

USUAL_DAYS = 30
"""Days before the shift that say what is usual."""


@cache
def review_words() -> Mapping[str, Word]:
    """What figures and steps are called."""
    return load_words(__package__, "review.toml")


def step_called(step: str, lang: Lang) -> str:
    """A step of a sign-in, by the name that the terminal tells."""
    known = review_words().get(f"step.{step}")
    return step if known is None else known.of(lang)


def read_review(queries: Queries, session: Session, now: UnixMs) -> ShiftReview:
    """Review a session; what is usual is read from the days before it."""
    since_ms = UnixMs(session.opened_ms - USUAL_DAYS * DAY_MS)
    until_ms = UnixMs(session.ended_ms + 1 if session.ended_ms is not None else now + 1)
    others = [
        one
        for one in queries.list_sessions(PlaceFilter(merchant_no=session.merchant_no, limit=ROWS_MAX))
        if since_ms <= one.opened_ms < until_ms
    ]
    sign_ins = list(
        queries.each_sign_in(SignInFilter(merchant_no=session.merchant_no, since_ms=since_ms, until_ms=until_ms))
    )
    payments = queries.list_payments(
        PaymentFilter(merchant_no=session.merchant_no, since_ms=since_ms, until_ms=until_ms, limit=ROWS_MAX)
    )
    notes = [session.notes] if session.notes else []
    return review_shift(session, others, sign_ins, payments, now, notes)
