"""A request that names its original in several ways names one payment; and what a supervisor approved is done to that one alone."""

from collections.abc import Callable

import pytest
from tests.worlds.floor import Floor, Shop
from tests.worlds.our_terminal import AMOUNT_FEN, BATCH, Counter

from zhanggui.acquirer.rows.records import Approval, Payment
from zhanggui.acquirer.rows.state import Needs
from zhanggui.basics.numbers import BatchNo, TraceNo
from zhanggui.cup.messages.payment import Original
from zhanggui.cup.operator_tags import Tag
from zhanggui.cup.transactions import text_of

CASHIER, OTHER, SUPERVISOR = ("01", "8302"), ("02", "7415"), ("00", "492817")
UNKNOWN = Original(batch_no=BatchNo("000000"), trace_no=TraceNo("000000"))


@pytest.fixture
def till(shop: Shop) -> Counter:
    till, other = shop.terminals
    assert till.sign_in(*CASHIER).code == "00"
    assert other.sign_in(*OTHER).code == "00"
    return till


def sold(at: Counter, operator_no: str = CASHIER[0]) -> Original:
    """An approved sale, by all of its names."""
    answer = at.sell(operator_no)
    assert answer.code == "00"
    fields = answer.message
    return Original(
        batch_no=BATCH, trace_no=TraceNo(f"{at.trace:06d}"), rrn=text_of(fields, 37), date=text_of(fields, 13)
    )


def approval_of(at: Counter, original: str, action: str = "refund") -> int:
    tags = {Tag.AMOUNT: str(AMOUNT_FEN), Tag.ORIGINAL: original}
    return int(at.approve(*SUPERVISOR, action, tags)[Tag.APPROVAL_NO])


def by_reference(of: Original) -> Original:
    return Original(batch_no=UNKNOWN.batch_no, trace_no=UNKNOWN.trace_no, rrn=of.rrn, date=of.date)


def numbers_of(one: Original, reference_of: Original) -> Original:
    return Original(batch_no=one.batch_no, trace_no=one.trace_no, rrn=reference_of.rrn, date=one.date)


def is_used(floor: Floor, at: Counter, approval_no: int) -> bool:
    key = (at.merchant_no, approval_no)
    found = floor.state(Needs({Approval: [key]})).get(Approval, *key)
    assert isinstance(found, Approval)
    return found.used_ms is not None


def reason(floor: Floor, at: Counter) -> str | None:
    key = (at.merchant_no, at.terminal_no, BATCH, TraceNo(f"{at.trace:06d}"))
    found = floor.state(Needs({Payment: [key]})).get(Payment, *key)
    assert isinstance(found, Payment)
    return found.reason


@pytest.mark.parametrize("kind", ["refund", "void"])
def test_an_approval_for_one_payment_takes_back_no_other_whose_reference_stands_beside_its_number(
    till: Counter, floor: Floor, kind: str
) -> None:
    approved, other = sold(till), sold(till)
    number = approval_of(till, approved.named, kind)
    asked = numbers_of(approved, reference_of=other)
    assert till.pay(kind, CASHIER[0], original=asked, approval_no=number).code == "25"
    wanted = {"refund": "original_has_another_number", "void": "original_has_another_reference"}
    assert reason(floor, till) == wanted[kind]
    assert not is_used(floor, till, number)
    assert till.pay(kind, CASHIER[0], original=approved, approval_no=number).code == "00"


def test_a_number_that_two_terminals_gave_is_approved_for_the_payment_of_the_terminal_where_it_was_typed(
    till: Counter, shop: Shop, floor: Floor
) -> None:
    """Each counts by itself: batch and trace of one payment are those of another one at the next till."""
    (_, other) = shop.terminals
    till.trace = other.trace = max(till.trace, other.trace)
    # One for the other's name, so that both have the same number.
    mine = sold(till)
    other.trace = till.trace - 1
    theirs = sold(other, OTHER[0])
    assert (mine.batch_no, mine.trace_no) == (theirs.batch_no, theirs.trace_no)
    assert mine.rrn != theirs.rrn
    number = approval_of(till, mine.named)
    asked = numbers_of(mine, reference_of=theirs)
    assert till.pay("refund", CASHIER[0], original=asked, approval_no=number).code == "P8"
    assert not is_used(floor, till, number)
    number = approval_of(till, theirs.rrn)
    assert till.pay("refund", CASHIER[0], original=asked, approval_no=number).code == "00", "approved by its reference"


@pytest.mark.parametrize("names", [lambda sale: sale, by_reference])
def test_an_approval_holds_by_whichever_name_the_payment_was_approved(
    till: Counter, floor: Floor, names: Callable[[Original], Original]
) -> None:
    named = names(sold(till))
    number = approval_of(till, named.named)
    assert till.pay("refund", CASHIER[0], original=named, approval_no=number).code == "00"
    assert is_used(floor, till, number)
