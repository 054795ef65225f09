"""The kinds of payment: each row fits the catalogue, and a kind that is about another payment is decided by its row alone."""

import msgspec
import pytest
from tests.worlds.acquirer_kinds import Counter, with_an_approved_sale
from tests.worlds.acquirer_kinds import two_kinds_more as two_kinds_more
from tests.worlds.acquirer_world import BATCH, FOREIGN, MERCHANT, OURS, PAN, code_of, moved_by

from zhanggui.acquirer.money.entries import Line, post, post_reversal
from zhanggui.acquirer.payments import outcome
from zhanggui.acquirer.payments.kinds import KINDS, Kind
from zhanggui.acquirer.payments.originals import looked_up
from zhanggui.acquirer.payments.uses import use_of
from zhanggui.acquirer.policy.capabilities import CAPABILITIES
from zhanggui.acquirer.rows.decision import AskBank, ReverseAtBank
from zhanggui.acquirer.rows.draft import Draft
from zhanggui.acquirer.rows.records import Payment
from zhanggui.basics.errors import Defect
from zhanggui.basics.numbers import BatchNo, TraceNo, UnixMs
from zhanggui.cup.messages.payment import Original, PaymentRequest
from zhanggui.cup.transactions import PAYMENTS


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_fits_the_catalogue_and_the_table_of_rights(name: str) -> None:
    kind = KINDS[name]
    assert kind.row is PAYMENTS[name]
    assert kind.action in CAPABILITIES
    assert bool(kind.postings) <= kind.row.has_amount
    assert sum(line.sign for line in kind.postings) == 0
    assert (kind.find_original is not None) == (61 in kind.row.required)
    assert kind.find_original is not None or not kind.undoes_original
    assert kind.is_money_at_bank or not kind.undoes_original, "what undoes another must not stay in doubt"


def test_every_payment_of_the_catalogue_is_decided_by_a_row_of_at_most_twelve_columns() -> None:
    assert KINDS.keys() == PAYMENTS.keys()
    assert len(Kind.__struct_fields__) <= 12


def test_what_undoes_a_payment_holds_it_from_the_first_moment_and_moves_the_money_back() -> None:
    world = with_an_approved_sale()
    asked = world.ask("000008")
    (effect,) = asked.effects
    sale = world.payment("000007")
    assert sale is not None
    assert isinstance(effect, AskBank)
    assert (effect.original_rrn, effect.payment.masked_pan) == (sale.rrn, sale.masked_pan)
    assert (world.undone_by(), world.owed()) == ("000008", 12850)
    assert code_of(world.bank("00", "000008")) == "00"
    assert (world.undone_by(), world.owed()) == ("000008", 0)
    assert sale.state == "approved", "it was taken and given back: both stand in the books"


@pytest.mark.parametrize("code", ["51", None, "10"])
def test_an_original_stands_again_when_what_would_undo_it_fails(code: str | None) -> None:
    world = with_an_approved_sale()
    world.ask("000008")
    world.bank(code, "000008")
    assert (world.undone_by(), world.owed()) == ("", 12850)
    assert world.ask("000009").effects


def test_a_second_time_nothing_undoes_it_while_the_first_is_pending_nor_afterwards() -> None:
    world = with_an_approved_sale()
    world.ask("000008")
    again = world.ask("000009")
    assert (code_of(again), again.reason, moved_by(again)) == ("12", "original_undone_already", ())
    reversed_too = world.reverse("000007")
    assert (code_of(reversed_too), reversed_too.changes) == ("22", ()), "what undoes it may still fail"
    world.bank("00", "000008")
    assert code_of(world.ask("000010")) == "12"
    assert world.owed() == 0


def test_a_payment_that_another_has_undone_is_left_and_what_undid_it_may_still_be_undone() -> None:
    """A terminal's older copy is put back: it asks for the reversal of a payment whose money is back already."""
    world = with_an_approved_sale()
    world.ask("000008")
    world.bank("00", "000008")
    finished = world.reverse("000007")
    assert (code_of(finished), finished.reason, finished.effects) == ("12", "reversal_of_finished", ())
    assert (world.undone_by(), world.owed()) == ("000008", 0)
    assert code_of(world.undo("000008")) == "00"
    assert (world.undone_by(), world.owed()) == ("", 12850)


def test_reversing_what_undid_a_payment_puts_the_payment_back_once() -> None:
    world = with_an_approved_sale()
    world.ask("000008")
    world.bank("00", "000008")
    undone = world.undo("000008")
    assert code_of(undone) == "00"
    assert isinstance(undone.effects[0], ReverseAtBank)
    assert (world.undone_by(), world.owed()) == ("", 12850)
    assert code_of(world.undo("000008")) == "00"
    assert world.owed() == 12850
    world.ask("000009")
    world.undo("000008")
    assert world.undone_by() == "000009", "a repeated reversal must not free what another holds meanwhile"


def test_a_reversal_while_it_is_pending_puts_the_original_back_too() -> None:
    world = with_an_approved_sale()
    world.ask("000008")
    assert code_of(world.undo("000008")) == "00"
    assert (world.undone_by(), world.owed()) == ("", 12850)
    late = world.bank("00", "000008")
    assert (late.reason, late.changes) == ("late_bank_answer", ())


def test_a_stop_of_the_host_puts_the_original_back() -> None:
    world = with_an_approved_sale()
    world.ask("000008")
    pending = world.payment("000008")
    assert pending is not None
    world.took(outcome.decide_interrupted(world.state, pending, "08888888", world.now))
    assert world.undone_by() == ""


@pytest.mark.parametrize("kind", ["undoing", "looking", "sale"])
def test_a_payment_that_a_stop_interrupted_is_left_as_one_that_the_bank_was_silent_about(kind: str) -> None:
    def left(stopped: bool) -> Payment:
        world = with_an_approved_sale()
        world.ask("000008", kind)
        pending = world.payment("000008")
        assert pending is not None
        if stopped:
            world.took(outcome.decide_interrupted(world.state, pending, "08888888", world.now))
        else:
            world.bank(None, "000008")
        closed = world.payment("000008")
        assert closed is not None
        assert world.undone_by() == ""
        return msgspec.structs.replace(closed, answer="")

    assert left(stopped=True) == left(stopped=False)


@pytest.mark.parametrize(
    ("asked", "code", "reason"),
    [
        ({"of": "000099"}, "25", "original_not_found"),
        ({"of": "000006"}, "25", "original_does_not_stand"),
        ({"amount_fen": 12849}, "64", "other_amount_than_undone"),
        ({"original": None}, "25", "original_in_another_batch"),
        (
            {"original": Original(batch_no=BatchNo("000009"), trace_no=TraceNo("000007"))},
            "25",
            "original_in_another_batch",
        ),
        (
            {"original": Original(batch_no=BATCH, trace_no=TraceNo("000007"), rrn="999999999999")},
            "25",
            "original_has_another_reference",
        ),
    ],
)
def test_an_original_that_does_not_fit_is_refused_and_nothing_changes(
    asked: dict[str, object], code: str, reason: str
) -> None:
    world = with_an_approved_sale()
    world.sale("000006")
    world.bank("51", "000006")
    refused = world.ask("000008", **asked)  # type: ignore[arg-type]  # values of many types
    assert (code_of(refused), refused.reason, moved_by(refused), refused.effects) == (code, reason, (), ())


def test_another_card_than_the_originals_is_refused() -> None:
    world = with_an_approved_sale()
    sale = world.payment("000007")
    assert sale is not None
    assert world.ask("000008", pan=PAN).effects, "the same card may be shown"
    world.undo("000008")
    world.change(world.payment("000007") or sale, card_hash=b"another")
    assert world.ask("000009", pan=PAN).reason == "other_card_than_original"


def test_a_kind_of_another_kind_of_original_is_not_found() -> None:
    world = with_an_approved_sale()
    world.ask("000008")
    world.bank("00", "000008")
    assert world.ask("000009", of="000008").reason == "original_not_found"


def test_a_kind_that_moves_nothing_posts_nothing_and_leaves_no_debt_at_the_bank() -> None:
    world = with_an_approved_sale()
    assert world.ask("000008", "looking", amount_fen=0).effects
    assert code_of(world.bank("00", "000008")) == "00"
    world.ask("000009", "looking", amount_fen=0)
    silent = world.bank(None, "000009")
    closed = world.payment("000009")
    assert closed is not None
    assert (closed.state, closed.bank_state, silent.effects) == ("timed_out", "", ())
    assert world.owed() == 12850


# ── a part of it, more of it, and what undoes an undoing ─────────────────────


def taken(world: Counter) -> int:
    sale = world.payment("000007")
    assert sale is not None
    return sale.standing_fen


def test_parts_are_taken_until_the_original_is_used_up_and_one_that_is_pending_counts() -> None:
    world = with_an_approved_sale()
    assert world.ask("000008", "taking", amount_fen=12000).effects
    assert world.ask("000009", "taking", amount_fen=851).reason == "more_than_is_left"
    assert code_of(world.ask("000009", "taking", amount_fen=851)) == "64"
    world.bank("51", "000008")
    assert taken(world) == 12850
    for trace, fen in (("000010", 12000), ("000011", 850)):
        assert world.ask(trace, "taking", amount_fen=fen).effects
        assert code_of(world.bank("00", trace)) == "00"
    assert world.ask("000012", "taking", amount_fen=1).reason == "more_than_is_left"
    assert taken(world) == 0


def test_what_was_used_in_part_is_neither_undone_whole_nor_reversed() -> None:
    world = with_an_approved_sale()
    world.ask("000008", "taking", amount_fen=1)
    world.bank("00", "000008")
    assert world.ask("000009").reason == "original_used_in_part"
    owed_fen = world.owed()
    assert code_of(world.reverse("000007")) == "12", "its terminal has gone on since"
    world.state.ahead.clear()
    sale = world.payment("000007")
    assert sale is not None
    assert use_of(Draft(world.state), sale) == "used"
    assert (world.owed(), taken(world)) == (owed_fen, 12849)


def test_what_is_added_counts_from_its_approval_until_it_is_undone() -> None:
    world = with_an_approved_sale()
    world.ask("000008", "adding", amount_fen=150)
    assert taken(world) == 12850
    world.bank("00", "000008")
    assert taken(world) == 13000
    assert world.ask("000009", "using", amount_fen=12850).reason == "other_amount_than_undone"
    assert code_of(world.undo("000008", "adding", 150)) == "00"
    assert code_of(world.undo("000008", "adding", 150)) == "00"
    assert taken(world) == 12850
    assert world.ask("000010", "using").effects


def test_what_undoes_an_undoing_lets_the_first_stand_again_and_its_own_reversal_takes_that_back() -> None:
    world = with_an_approved_sale()
    world.ask("000008", "using")
    world.bank("00", "000008")
    assert world.undone_by() == "000008"
    world.ask("000009", "unusing", of="000008")
    assert world.undone_by() == "000008"
    world.bank("00", "000009")
    assert (world.undone_by(), world.undone_by("000008")) == ("", "000009")
    assert code_of(world.undo("000009", "unusing")) == "00"
    assert (world.undone_by(), world.undone_by("000008")) == ("000008", "")


def test_an_undoing_that_was_itself_undone_is_not_put_back_once_the_first_is_used_again() -> None:
    world = with_an_approved_sale()
    for trace, kind, of in (
        ("000008", "using", "000007"),
        ("000009", "unusing", "000008"),
        ("000010", "using", "000007"),
    ):
        assert world.ask(trace, kind, of=of).effects
        world.bank("00", trace)
    refused = world.undo("000009", "unusing")
    assert (code_of(refused), refused.reason, refused.effects) == ("12", "reversal_of_used", ())
    assert world.undone_by() == "000010"


@pytest.mark.parametrize("by", ["reference", "authorisation"])
def test_an_original_of_another_terminal_is_found_by_what_its_slip_says(by: str) -> None:
    world = with_an_approved_sale()
    sale = world.payment("000007")
    assert sale is not None
    world.forget(Payment)
    elsewhere = msgspec.structs.replace(sale, terminal_no=FOREIGN, batch_no=BatchNo("000004"), card_hash=b"card")
    world.put(elsewhere)
    numbers = {"rrn": sale.rrn} if by == "reference" else {"auth_code": sale.auth_code, "date": "1123"}
    named = Original(batch_no=BatchNo("000000"), trace_no=TraceNo("000000"), **numbers)
    asked = {"original": named, "pan": PAN}
    assert world.ask("000008", "using", **asked).reason == "original_not_found"  # type: ignore[arg-type]  # of many types
    request = PaymentRequest(
        kind="using",
        merchant_no=MERCHANT,
        terminal_no=OURS,
        batch_no=BATCH,
        trace_no=TraceNo("000008"),
        entry_mode="021",
        operator_no=None,
        pan=PAN,
        original=named,
    )
    lookup = looked_up(request, b"card", world.now)
    assert lookup is not None
    assert (lookup.rrn == "") == (by == "authorisation")
    assert not lookup.until_ms or lookup.since_ms < sale.created_ms < lookup.until_ms
    world.state.found[lookup] = (MERCHANT, FOREIGN, BatchNo("000004"), TraceNo("000007"))
    assert world.ask("000009", "using", **asked).effects  # type: ignore[arg-type]  # values of many types
    held = world.state.get(Payment, MERCHANT, FOREIGN, BatchNo("000004"), TraceNo("000007"))
    assert held is not None
    assert (held.undone_by_terminal_no, held.undone_by_trace_no) == (OURS, "000009")
    world.bank("51", "000009")
    held = world.state.get(Payment, MERCHANT, FOREIGN, BatchNo("000004"), TraceNo("000007"))
    assert held == elsewhere


def test_an_original_of_another_day_or_authorisation_is_not_the_one_that_was_named() -> None:
    world = with_an_approved_sale()
    for trace, changed, reason in (
        ("000008", {"date": "0101"}, "original_of_another_day"),
        ("000009", {"auth_code": "999999"}, "original_has_another_authorisation"),
    ):
        named = Original(batch_no=BATCH, trace_no=TraceNo("000007"), **changed)
        assert world.ask(trace, "using", original=named).reason == reason


def test_an_inquiry_needs_no_amount_and_counts_nowhere() -> None:
    world = with_an_approved_sale()
    assert world.ask("000008", "balance", amount_fen=0).effects
    assert code_of(world.bank("00", "000008")) == "00"
    assert (world.owed(), world.undone_by()) == (12850, "")
    told = world.payment("000008")
    assert told is not None
    assert (told.state, told.amount_fen, told.kind) == ("approved", 0, "balance")


def test_the_same_trace_with_another_kind_is_no_repeat() -> None:
    world = with_an_approved_sale()
    assert world.ask("000007").reason == "same_trace_other_contents"


def a_payment(amount_fen: int) -> Payment:
    world = with_an_approved_sale()
    known = world.payment("000007")
    assert known is not None
    return msgspec.structs.replace(known, amount_fen=amount_fen)


@pytest.mark.parametrize("posting", [post, post_reversal])
def test_lines_that_leave_money_over_are_a_defect(posting: object) -> None:
    lines = (Line("issuer_clearing", 1), Line("merchant_payable", 1))
    with pytest.raises(Defect, match="sum to zero"):
        posting(a_payment(1), lines, UnixMs(1))  # type: ignore[operator]  # one of two functions


@pytest.mark.parametrize("amount_fen", [0, -1])
def test_posting_nothing_or_less_is_a_defect(amount_fen: int) -> None:
    with pytest.raises(Defect, match="without a sum"):
        post(a_payment(amount_fen), KINDS["sale"].postings, UnixMs(1))
