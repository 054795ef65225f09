"""The journal: what is kept of payments, counters and settlements, and what is there after a restart."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.worlds.shell_journal import NEXT_BATCH, SEALED, memory_after, open_journal, remember_approval, remember_sale
from tests.worlds.shell_makes import BATCH, MORNING, StillClock, approved, attempt, line, reversal, trace

from zhanggui.basics.errors import Fault
from zhanggui.basics.numbers import BatchNo, UnixMs
from zhanggui.basics.spans import DAY_MS
from zhanggui.cup.messages.settlement import Sums
from zhanggui.edges.sqlite import open_durable
from zhanggui.terminal import journal as journal_module
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core.settlement import Settlement
from zhanggui.terminal.journal import DAYS_KEPT
from zhanggui.terminal.journal_port import Remembered


def kept_traces(folder: Path) -> list[str]:
    file = open_durable(folder / "journal.db")
    rows = file.execute("SELECT trace_no FROM payment ORDER BY number").fetchall()
    file.close()
    return [row[0] for row in rows]


def test_a_new_journal_remembers_nothing(tmp_path: Path) -> None:
    memory = memory_after(tmp_path)

    assert (memory.trace_no, memory.batch_no) == ("000000", "000001")
    assert memory.today == ()
    assert memory.reversal is None
    assert memory.print_pending is None


def test_a_payment_that_left_is_a_pending_reversal_after_a_restart(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    assert journal.remember(remember_sale(12), SEALED) == "payment"
    journal.close()

    memory = memory_after(tmp_path)

    assert memory.trace_no == "000012"
    assert memory.reversal == reversal(12)
    assert [kept.state for kept in memory.today] == ["reversing"]
    assert open_journal(tmp_path).sealed_card(BATCH, trace(12)) == SEALED


def test_an_approval_drops_the_reversal_and_owes_the_slips(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.remember(remember_sale(12), SEALED)
    assert journal.remember(remember_approval(12)) == "approval"

    memory = memory_after(tmp_path)
    assert memory.reversal is None
    assert memory.print_pending == memory.last_sale == approved(12)
    assert [kept.state for kept in memory.today] == ["approved"]

    assert journal.remember(fx.RememberPrinted(batch_no=BATCH, trace_no=trace(12))) == "printed"
    assert memory_after(tmp_path).print_pending is None
    assert memory_after(tmp_path).last_sale == approved(12)


def test_a_decline_drops_the_reversal_and_keeps_its_line(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.remember(remember_sale(12), SEALED)
    assert journal.remember(fx.RememberDecline(line=line(12, "declined", "51"))) == "decline"

    memory = memory_after(tmp_path)
    assert memory.reversal is None
    assert [(kept.state, kept.response_code) for kept in memory.today] == [("declined", "51")]


def test_a_doubt_changes_the_reason_and_counts_the_tries(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.remember(remember_sale(12), SEALED)
    assert journal.remember(fx.RememberDoubt(reversal=reversal(12, attempts=2))) == "doubt"

    assert memory_after(tmp_path).reversal == reversal(12, attempts=2)
    assert journal.sealed_card(BATCH, trace(12)) == SEALED


def test_an_accepted_reversal_leaves_the_payment_listed_as_reversed(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.remember(remember_sale(12), SEALED)
    assert journal.remember(fx.RememberReversed(batch_no=BATCH, trace_no=trace(12), response_code="00")) == "reversed"

    memory = memory_after(tmp_path)
    assert memory.reversal is None
    assert [kept.state for kept in memory.today] == ["reversed"]
    with pytest.raises(Fault, match="no reversal"):
        journal.sealed_card(BATCH, trace(12))


def test_a_second_payment_is_refused_while_a_reversal_is_pending(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.remember(remember_sale(12), SEALED)
    before = journal.memory()

    with pytest.raises(Fault):
        journal.remember(remember_sale(13), SEALED)

    assert journal.memory() == before


def test_an_outcome_without_its_payment_is_refused(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)

    with pytest.raises(Fault, match="no payment in doubt"):
        journal.remember(remember_approval(12))


def test_the_deleted_sealed_card_is_not_left_in_the_file(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.remember(remember_sale(12), b"canary-of-a-sealed-card")
    journal.remember(remember_approval(12))
    journal.close()

    assert b"canary-of-a-sealed-card" not in (tmp_path / "journal.db").read_bytes()


def test_the_list_shows_only_the_days_own_payments_newest_first(tmp_path: Path) -> None:
    clock = StillClock()
    journal = open_journal(tmp_path, clock)
    for number in (1, 2):
        journal.remember(remember_sale(number), SEALED)
        journal.remember(remember_approval(number))
    assert [kept.trace_no for kept in journal.memory().today] == ["000002", "000001"]

    clock.pass_s(86_400)
    assert journal.memory().today == ()
    assert journal.memory().last_sale == approved(2), "a reprint outlives midnight"


def test_the_batchs_payments_of_the_days_before_are_found_and_can_be_undone(tmp_path: Path) -> None:
    clock = StillClock()
    journal = open_journal(tmp_path, clock)
    for number in (1, 2):
        journal.remember(remember_sale(number), SEALED)
        journal.remember(remember_approval(number))
    clock.pass_s(86_400)
    assert [kept.trace_no for kept in journal.memory().earlier] == ["000002", "000001"]

    journal.remember(remember_sale(3), SEALED)
    undone = replace(line(1, "undone"), response_code="00")
    journal.remember(fx.RememberApproval(payment=approved(3), line=line(3, "approved", "00"), changed=(undone,)))
    memory = memory_after(tmp_path, clock)
    assert [(kept.trace_no, kept.state) for kept in (*memory.today, *memory.earlier)] == [
        ("000003", "approved"),
        ("000002", "approved"),
        ("000001", "undone"),
    ]

    journal.remember(fx.RememberTrace(trace_no=trace(4), batch_no=NEXT_BATCH))
    assert journal.memory().earlier == (), "the days of a batch that is over are not read back"


def test_old_payments_leave_but_never_one_that_is_still_owed(tmp_path: Path) -> None:
    clock = StillClock(UnixMs(MORNING - (DAYS_KEPT + 1) * DAY_MS))
    journal = open_journal(tmp_path, clock)
    for number in (1, 2):
        journal.remember(remember_sale(number), SEALED)
        journal.remember(remember_approval(number))
    journal.remember(fx.RememberPrinted(batch_no=BATCH, trace_no=trace(1)))
    journal.remember(remember_sale(3), SEALED)
    journal.close()

    again = open_journal(tmp_path)

    assert kept_traces(tmp_path) == ["000002", "000003"]
    assert again.memory().print_pending == approved(2)
    assert again.memory().reversal == reversal(3)


def test_the_trace_number_of_a_wrapped_counter_finds_the_newest_payment(tmp_path: Path) -> None:
    clock = StillClock()
    journal = open_journal(tmp_path, clock)
    journal.remember(remember_sale(12), SEALED)
    journal.remember(remember_approval(12))
    clock.pass_s(86_400)
    journal.remember(remember_sale(12), SEALED)
    assert journal.remember(fx.RememberDecline(line=line(12, "declined", "51"))) == "decline"

    assert journal.memory().last_sale == approved(12)
    assert journal.sealed_card is not None
    assert [kept.state for kept in journal.memory().today] == ["declined"]


def in_batch(number: int, batch_no: BatchNo) -> tuple[fx.RememberPayment, fx.RememberApproval]:
    """A payment of this batch and its approval."""
    kept, shown = replace(attempt(number), batch_no=batch_no), replace(approved(number), batch_no=batch_no)
    return fx.RememberPayment(attempt=kept), fx.RememberApproval(payment=shown, line=kept.line("approved"))


def test_a_trace_number_that_comes_again_in_the_next_batch_is_another_payment(tmp_path: Path) -> None:
    """The counter may begin anew with a batch: whatever is kept of the second must leave the first as it was."""
    journal = open_journal(tmp_path)
    for batch_no in (BATCH, NEXT_BATCH):
        left, outcome = in_batch(12, batch_no)
        journal.remember(left, SEALED)
        journal.remember(outcome)
        journal.keep_signature(batch_no, trace(12), (((1, int(batch_no)),),))
    assert [journal.signature(batch_no, trace(12)) for batch_no in (BATCH, NEXT_BATCH)] == [
        (((1, 1),),),
        (((1, 2),),),
    ]

    left, outcome = in_batch(13, NEXT_BATCH)
    journal.remember(left, SEALED)
    undone = attempt(12).line("undone")
    journal.remember(fx.RememberApproval(payment=outcome.payment, line=outcome.line, changed=(undone,)))
    assert [(kept.batch_no, kept.trace_no, kept.state) for kept in journal.memory().today] == [
        (NEXT_BATCH, "000013", "approved"),
        (NEXT_BATCH, "000012", "approved"),
        (BATCH, "000012", "undone"),
    ]


def test_an_outcome_of_the_same_trace_in_another_batch_is_refused(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.remember(in_batch(12, NEXT_BATCH)[0], SEALED)
    before = journal.memory()
    others: tuple[Remembered, ...] = (
        remember_approval(12),
        fx.RememberDecline(line=attempt(12).line("declined")),
        fx.RememberDoubt(reversal=reversal(12)),
        fx.RememberReversed(batch_no=BATCH, trace_no=trace(12), response_code="00"),
    )
    for other in others:
        with pytest.raises(Fault, match="no payment in doubt"):
            journal.remember(other)
    with pytest.raises(Fault, match="no reversal"):
        journal.sealed_card(BATCH, trace(12))
    assert journal.memory() == before


def test_counters_come_back_as_they_were_set(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.remember(fx.RememberTrace(trace_no=trace(999_999), batch_no=BATCH))

    assert memory_after(tmp_path).trace_no == "999999"


def test_status_numbers_never_come_twice_across_restarts(tmp_path: Path) -> None:
    seen = []
    for _ in range(3):
        journal = open_journal(tmp_path)
        seen += [journal.next_status_no() for _ in range(5)]
        journal.close()

    assert len(set(seen)) == len(seen)
    assert "000000" not in seen


def test_status_numbers_wrap_without_zero(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "WRAP_MAX", 7)
    monkeypatch.setattr(journal_module, "STATUS_NUMBERS_RESERVED", 4)
    journal = open_journal(tmp_path)

    assert [journal.next_status_no() for _ in range(10)] == [f"{n:06d}" for n in (1, 2, 3, 4, 5, 6, 7, 1, 2, 3)]


def test_a_signature_stays_with_its_payment(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.remember(remember_sale(12), SEALED)
    assert journal.signature(BATCH, trace(12)) == ()
    journal.keep_signature(BATCH, trace(12), (((1, 2), (3, 4)),))
    journal.close()

    assert open_journal(tmp_path).signature(BATCH, trace(12)) == (((1, 2), (3, 4)),)
    assert open_journal(tmp_path).signature(BATCH, trace(13)) == ()


def test_a_note_survives(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    assert journal.noted("shop") == ""
    journal.note("shop", "掌柜便利店")
    journal.close()

    assert open_journal(tmp_path).noted("shop") == "掌柜便利店"


def test_a_batch_is_counted_from_its_payments_and_told_page_by_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "DETAILS_PAGE", 2)
    journal = open_journal(tmp_path)
    for number in (12, 13, 14):
        journal.remember(remember_sale(number), SEALED)
        journal.remember(remember_approval(number))
    journal.remember(remember_sale(15), SEALED)
    journal.remember(fx.RememberDecline(line=line(15, "declined", "51")))
    counted = journal.batch(BATCH)
    assert (counted.sums.debit_count, counted.sums.credit_count, [one.trace_no for one in counted.lines]) == (
        *(3, 0),
        [trace(12), trace(13), trace(14)],
    )
    first = journal.batch_page(BATCH, 0)
    second = journal.batch_page(BATCH, first.cursor)
    third = journal.batch_page(BATCH, second.cursor)
    assert [one.trace_no for one in (*first.told, *second.told)] == [trace(12), trace(13), trace(14)]
    assert (first.is_last, second.is_last, third.told, third.is_last) == (False, False, (), True)
    assert journal.batch(NEXT_BATCH).sums.debit_count == 0
    assert memory_after(tmp_path).batch_since != ""
    journal.close()


def test_a_settlement_is_there_after_a_restart_until_it_is_over_and_the_next_batch_begins_with_it(
    tmp_path: Path,
) -> None:
    journal = open_journal(tmp_path)
    settlement = Settlement(
        batch_no=BATCH, operator_no=None, step="uploading", sums=Sums(debit_fen=5), told=3, cursor=9
    )
    assert journal.remember(fx.RememberSettlement(settlement=settlement)) == "settlement"
    assert memory_after(tmp_path).settlement == settlement
    done = replace(settlement, step="settled")
    journal.remember(fx.RememberSettled(settlement=done, trace_no=trace(20), batch_no=NEXT_BATCH))
    memory = memory_after(tmp_path)
    assert (memory.settlement, memory.batch_no, memory.trace_no, memory.batch_since) == (
        done,
        NEXT_BATCH,
        trace(20),
        "",
    )
    journal.remember(fx.RememberSettlement(settlement=None))
    assert memory_after(tmp_path).settlement is None
    journal.close()


def test_what_the_bank_gave_back_is_known_after_a_power_cut(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.remember(remember_sale(12), SEALED)
    journal.remember(fx.RememberDecline(line=line(12, "returning", "98")))
    assert [kept.state for kept in journal.memory().today] == ["returning"]
    assert journal.remember(fx.RememberLine(line=line(12, "returned", "98"))) == "line"
    journal.close()
    assert [kept.state for kept in memory_after(tmp_path).today] == ["returned"]


def test_what_the_bank_gave_back_never_touches_a_payment_in_doubt(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.remember(remember_sale(12), SEALED)
    journal.remember(fx.RememberLine(line=line(12, "returned", "98")))
    memory = journal.memory()
    assert [kept.state for kept in memory.today] == ["reversing"]
    assert memory.reversal is not None
    journal.close()


def test_what_is_late_at_a_wallet_keeps_no_payment_back_and_can_be_asked_for_again(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.remember(remember_sale(12), SEALED)
    assert journal.remember(fx.RememberLate(line=line(12, "late"), pending=reversal(12))) == "late"
    memory = memory_after(tmp_path)
    assert (memory.reversal, memory.late, [kept.state for kept in memory.today]) == (None, (reversal(12),), ["late"])
    journal.remember(remember_sale(13), SEALED)
    with pytest.raises(Fault):
        journal.remember(fx.RememberAskedAfter(pending=reversal(12)))
    journal.remember(fx.RememberDecline(line=line(13, "declined", "51")))
    assert journal.remember(fx.RememberAskedAfter(pending=reversal(12))) == "asked_after"
    memory = memory_after(tmp_path)
    assert (memory.reversal, memory.late) == (reversal(12), ())
    assert journal.sealed_card(BATCH, trace(12)) == SEALED
