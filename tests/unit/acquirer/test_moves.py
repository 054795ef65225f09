"""No record moves as no table says: the tables are whole, and `State.apply` asks them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.worlds.proof_shop import attempt

from zhanggui.acquirer.rows.moves import (
    APPROVAL,
    BANK_SIDE,
    GONE,
    MACHINES,
    NOTHING,
    PAYMENT,
    SESSION,
    SIGN_IN,
    Machine,
)
from zhanggui.acquirer.rows.records import Approval, Batch, Payment
from zhanggui.acquirer.rows.records.payments import BankState, PaymentState
from zhanggui.acquirer.rows.state import Delete, Insert, State, Update
from zhanggui.basics.errors import Defect
from zhanggui.basics.numbers import BatchNo, MerchantNo, OperatorNo, Rrn, TerminalNo, TraceNo, UnixMs

ALL = [machine for machines in MACHINES.values() for machine in machines]
STATES: tuple[PaymentState, ...] = ("pending", "approved", "declined", "timed_out", "reversed", "barred")
BANK_STATES: tuple[BankState, ...] = ("", "reversal_due", "reversal_done")


def payment(state: PaymentState, bank_state: BankState = "") -> Payment:
    return Payment(
        merchant_no=MerchantNo("102100058120001"),
        terminal_no=TerminalNo("10000001"),
        batch_no=BatchNo("000001"),
        trace_no=TraceNo("000001"),
        kind="sale",
        state=state,
        fingerprint=b"",
        amount_fen=100,
        rrn=Rrn("000000000001"),
        bank_state=bank_state,
        created_ms=UnixMs(1),
    )


@pytest.mark.parametrize("machine", ALL, ids=lambda machine: machine.name)
def test_every_state_of_a_table_is_reached_and_none_leads_back_to_nothing(machine: Machine) -> None:
    reached, more = {NOTHING}, {NOTHING}
    while more:
        more = {after for before, after in machine.moves if before in reached} - reached
        reached |= more
    assert reached == {state for move in machine.moves for state in move} | {NOTHING}
    assert not any(after == NOTHING or before == GONE for before, after in machine.moves)


@given(before=st.sampled_from(STATES), after=st.sampled_from(STATES))
def test_a_payment_moves_as_the_table_says_and_not_otherwise(before: PaymentState, after: PaymentState) -> None:
    state = State()
    state.put(payment(before))
    if (before, after) in PAYMENT.moves:
        state.apply((Update(payment(after)),))
    else:
        with pytest.raises(Defect, match=f"payment machine leads from {before} to {after}"):
            state.apply((Update(payment(after)),))


FORBIDDEN = [
    *((before, "approved") for before in ("declined", "timed_out", "reversed", "barred")),
    *(("approved", after) for after in ("pending", "declined", "timed_out", "barred")),
    *(("barred", after) for after in ("pending", "declined", "timed_out", "reversed")),
    *(("reversed", after) for after in ("pending", "declined", "timed_out", "barred")),
    ("declined", "reversed"),
    ("timed_out", "reversed"),
]
"""Written out, so that a wrong row of the table can't agree with itself: each of these would make or lose money."""


@pytest.mark.parametrize(("before", "after"), FORBIDDEN)
def test_no_table_lets_a_payment_that_is_settled_be_settled_otherwise(
    before: PaymentState, after: PaymentState
) -> None:
    state = State()
    state.put(payment(before))
    with pytest.raises(Defect, match=f"payment machine leads from {before} to {after}"):
        state.apply((Update(payment(after)),))


@given(before=st.sampled_from(BANK_STATES), after=st.sampled_from(BANK_STATES))
def test_a_reversal_that_is_due_is_never_forgotten(before: BankState, after: BankState) -> None:
    state = State()
    state.put(payment("reversed", before))
    allowed = (before or "none", after or "none") in BANK_SIDE.moves
    assert allowed or (before, after) != ("reversal_due", "reversal_done")
    assert not (before == "reversal_due" and after == "" and allowed)
    if not allowed:
        with pytest.raises(Defect, match="bank_side"):
            state.apply((Update(payment("reversed", after)),))


def test_a_payment_begins_asked_barred_or_refused_and_never_goes() -> None:
    for word in STATES:
        state = State()
        if word in ("pending", "barred", "declined"):
            state.apply((Insert(payment(word)),))
        else:
            with pytest.raises(Defect):
                state.apply((Insert(payment(word)),))
    state = State()
    state.put(payment("declined"))
    with pytest.raises(Defect, match="to gone"):
        state.apply((Delete(payment("declined")),))


def test_a_change_of_a_row_that_nobody_looked_at_is_a_defect() -> None:
    with pytest.raises(Defect, match="from nothing to approved"):
        State().apply((Update(payment("approved")),))


def test_an_approval_is_used_once_also_within_one_batch() -> None:
    given_ = Approval(
        merchant_no=MerchantNo("102100058120001"),
        approval_no=1,
        supervisor_no=OperatorNo("00"),
        terminal_no=TerminalNo("10000001"),
        action="take_over",
        given_ms=UnixMs(1),
        expires_ms=UnixMs(2),
    )
    state = State()
    state.put(given_)
    used = replace(given_, used_ms=UnixMs(2))
    with pytest.raises(Defect, match="approval machine"):
        state.apply((Update(used), Update(replace(used, used_ms=UnixMs(3)))))
    assert ("used", "used") not in APPROVAL.moves


def test_an_ended_session_and_a_final_attempt_never_live_again() -> None:
    assert {after for before, after in SESSION.moves if before == "ended"} == set()
    for final in ("ended", "refused"):
        assert {after for before, after in SIGN_IN.moves if before == final} == {final, GONE}
    state = State()
    state.put(replace(attempt(1), state="refused"))
    with pytest.raises(Defect):
        state.apply((Update(replace(attempt(1), state="active")),))


def test_a_closed_batch_never_changes() -> None:
    settled = Batch(
        merchant_no=MerchantNo("102100058120001"),
        terminal_no=TerminalNo("10000001"),
        batch_no=BatchNo("000001"),
        state="closed",
        outcome="agreed",
        shop_day="2026-11-29",
        debit_count=1,
        debit_fen=100,
        credit_count=0,
        credit_fen=0,
        settled_ms=UnixMs(1),
    )
    state = State()
    state.put(settled)
    for after in (settled, replace(settled, debit_fen=200), replace(settled, state="uploading")):
        with pytest.raises(Defect, match="batch machine leads from closed"):
            state.apply((Update(after),))
    with pytest.raises(Defect, match="to gone"):
        state.apply((Delete(settled),))
