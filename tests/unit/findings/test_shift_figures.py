"""What a shift took: the same figures as at sign-out, net of what another payment has taken back."""

import pytest
from msgspec.structs import replace

from zhanggui.acquirer.findings.shift import review_shift, shift_figures
from zhanggui.acquirer.rows.records import Payment, Session, SignIn
from zhanggui.basics.numbers import (
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

MERCHANT, TERMINAL, BATCH = MerchantNo("102100058120001"), TerminalNo("10000001"), BatchNo("000001")
SHIFT = Session(
    merchant_no=MERCHANT,
    session_no=SessionNo(3),
    terminal_no=TERMINAL,
    operator_no=OperatorNo("01"),
    record_no=RecordNo(3),
    kind="verified",
    opened_ms=UnixMs(0),
)


def payment(trace_no: str, kind: str, amount_fen: int, *, state: str = "approved", undone_by: str = "") -> Payment:
    return Payment(
        merchant_no=MERCHANT,
        terminal_no=TERMINAL,
        batch_no=BATCH,
        trace_no=TraceNo(trace_no),
        kind=kind,
        state=state,  # type: ignore[arg-type]  # a payment's state
        fingerprint=b"",
        amount_fen=amount_fen,
        rrn=Rrn("000000000001"),
        session_no=3,
        created_ms=UnixMs(1),
        undone_by_batch_no=BATCH if undone_by else "",
        undone_by_trace_no=undone_by,
    )


def test_what_was_refunded_in_part_is_not_in_the_drawer_and_the_refund_is_no_sale() -> None:
    refunded = replace(payment("000001", "sale", 66_00), adjusted_fen=-20_00)
    figures = shift_figures(SHIFT, [], [refunded, payment("000002", "refund", 20_00)], UnixMs(1))
    assert (figures.sales, figures.amount_fen) == (1, 46_00)


def test_a_sale_undone_in_a_later_shift_is_left_out_also_where_its_shift_is_the_usual_one() -> None:
    earlier = replace(SHIFT, session_no=2, ended_ms=UnixMs(1))
    sold = replace(payment("000001", "sale", 66_00, undone_by="000002"), session_no=2)
    review = review_shift(SHIFT, [earlier], [], [sold, payment("000002", "void", 66_00)], UnixMs(1))
    usual = {one.figure: one.shop_usual for one in review.comparisons}
    assert shift_figures(earlier, [], [sold, payment("000002", "void", 66_00)], UnixMs(1)).sales == 0
    assert usual["sales"] == 0


@pytest.mark.parametrize(
    ("state", "expected"), [("approved", (1, 1_00)), ("pending", (2, 67_00)), ("reversed", (2, 67_00))]
)
def test_a_sale_that_was_taken_back_is_not_in_the_drawer_and_what_took_it_back_is_no_sale(
    state: str, expected: tuple[int, int]
) -> None:
    payments = [
        payment("000001", "sale", 66_00, undone_by="000003"),
        payment("000002", "sale", 1_00),
        payment("000003", "void", 66_00, state=state),
        payment("000004", "balance", 0),
    ]
    figures = shift_figures(SHIFT, [], payments, UnixMs(1))
    assert (figures.sales, figures.amount_fen) == expected


@pytest.mark.parametrize("reason", ["wrong_password", "forged_badge", "badge_without_password", "badge_revoked"])
def test_tries_that_prove_nobody_count_in_each_way_alike(reason: str) -> None:
    tried = SignIn(
        merchant_no=MERCHANT,
        record_no=RecordNo(2),
        terminal_no=TERMINAL,
        operator_no="01",
        began_ms=UnixMs(0),
        state="refused",
        reason=reason,
    )
    assert shift_figures(SHIFT, [tried], [], UnixMs(1)).failed_tries == 1
