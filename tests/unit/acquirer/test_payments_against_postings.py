"""Payments and postings say the same, or somebody is told which do not."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from zhanggui.acquirer.money.entries import post, post_reversal
from zhanggui.acquirer.payments.books import book_differences
from zhanggui.acquirer.payments.kinds import KINDS
from zhanggui.acquirer.rows.records import Payment, Posting, key_of
from zhanggui.basics.numbers import BatchNo, MerchantNo, Rrn, TerminalNo, TraceNo, UnixMs

NOW = UnixMs(1_795_406_400_000)


def payment(trace: int, **fields: object) -> Payment:
    made = Payment(
        merchant_no=MerchantNo("102100058120001"),
        terminal_no=TerminalNo("10000001"),
        batch_no=BatchNo("000001"),
        trace_no=TraceNo(f"{trace:06d}"),
        kind="sale",
        state="approved",
        fingerprint=b"",
        amount_fen=1280,
        rrn=Rrn(f"{trace:012d}"),
        response_code="00",
        created_ms=NOW,
    )
    return replace(made, **fields)


def posted(row: Payment) -> list[Posting]:
    """What the rules post of it."""
    changes = post(row, KINDS[row.kind].postings, NOW)
    if row.state == "reversed":
        changes += post_reversal(row, KINDS[row.kind].postings, NOW)
    return [change.record for change in changes if isinstance(change.record, Posting)]


PAYMENTS = (
    payment(1),
    payment(2, state="declined", response_code="51"),
    payment(3, state="reversed"),
    payment(4, state="reversed", response_code=""),
    payment(5, state="pending", response_code=""),
    payment(6, state="timed_out", response_code="98"),
    payment(7, state="barred", response_code=""),
    payment(8, amount_fen=1),
)
POSTINGS = tuple(line for row in PAYMENTS if row.rrn[-1] in "138" for line in posted(row))


def differing(payments: Sequence[Payment], postings: Sequence[Posting]) -> list[tuple[str, str]]:
    rows = sorted(payments, key=key_of), sorted(postings, key=key_of)
    return [(found.what, found.trace_no) for found in book_differences(*rows)]


def test_what_the_rules_post_agrees_in_every_state() -> None:
    assert differing(PAYMENTS, POSTINGS) == []


def test_an_altered_amount_is_named() -> None:
    altered = [replace(row, amount_fen=1) if row.trace_no == "000001" else row for row in PAYMENTS]
    assert differing(altered, POSTINGS) == [("posted_otherwise", "000001")]


def test_doubled_lines_are_named_although_they_sum_to_zero() -> None:
    doubled = [replace(line, amount_fen=2 * line.amount_fen) for line in POSTINGS]
    assert differing(PAYMENTS, doubled) == [("posted_otherwise", f"00000{trace}") for trace in (1, 3, 8)]


@pytest.mark.parametrize("state", ["declined", "timed_out", "pending", "barred"])
def test_a_payment_that_does_not_stand_and_has_lines_is_named(state: str) -> None:
    altered = [replace(row, state=state) if row.trace_no == "000003" else row for row in PAYMENTS]
    assert differing(altered, POSTINGS) == [("posted_otherwise", "000003")]


def test_lines_without_their_payment_and_payments_without_lines_are_named() -> None:
    assert differing(PAYMENTS[1:], POSTINGS) == [("posted_without_payment", "000001")]
    assert differing(PAYMENTS[:-1], POSTINGS) == [("posted_without_payment", "000008")]
    assert differing(PAYMENTS, POSTINGS[2:]) == [("posted_otherwise", "000001")]
    assert differing((), POSTINGS) == [("posted_without_payment", f"00000{trace}") for trace in (1, 3, 8)]
    assert differing(PAYMENTS, ()) == [("posted_otherwise", f"00000{trace}") for trace in (1, 3, 8)]


def test_a_kind_that_this_version_does_not_know_is_named_and_not_guessed_at() -> None:
    assert differing([payment(9, kind="later_kind")], ()) == [("unknown_kind", "000009")]
