"""Kinds of payment: a row is enough. Two made-up kinds, one without money and one about an earlier payment, go the whole way."""

import msgspec
import pytest
from tests.worlds.flow_kinds import answered, begun, slips_out, sold
from tests.worlds.flow_kinds import made_up as made_up
from tests.worlds.flow_story import Story, memory, on_duty, pending

from zhanggui.acquirer.payments.kinds import KINDS as HOST_KINDS
from zhanggui.cup.transactions import PAYMENTS
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.machine import TABLE
from zhanggui.terminal.flow.payment import kinds
from zhanggui.terminal.flow.payment.kinds import ALL, KINDS, Kind, offered
from zhanggui.terminal.flow.payment.stages import AnswerShown, PaymentRefused
from zhanggui.terminal.flow.payment.steps.card import CARD_OR_CODE
from zhanggui.terminal.flow.slips.slip_layout import TRADE_NAMES
from zhanggui.terminal.flow.words.catalogue import has_words

APPROVAL_NO = 4711


def test_each_kind_has_its_row_in_the_catalogue_its_words_and_its_line_on_the_slip() -> None:
    assert [kind.name for kind in ALL] == list(KINDS)
    for kind in ALL:
        row = PAYMENTS[kind.name]
        assert (kind.reversible, kind.repeated).count(True) <= 1
        # A wallet takes nothing back; what the shop shows a code for is asked after, and undone by whoever gives it up.
        is_asked_after = (row.is_by_code or row.is_at_wallet) and kind.repeated
        assert row.reversible == kind.reversible or is_asked_after
        assert kind.sign == (1 if row.total == "debit" else 0 if kind.closes == "undone" or not row.total else -1), (
            "what undoes its original takes it out of the totals, and is no line of its own there"
        )
        assert has_words(f"menu.{kind.name}")
        assert (kind.name in TRADE_NAMES) == kind.slip
    assert len(Kind.__struct_fields__) <= 12
    assert all(len(kind.steps) <= 8 for kind in ALL)


def test_the_table_has_no_row_more_for_a_kind() -> None:
    stages = {row.stage.__name__ for row in TABLE.values()}
    assert {"EnteringAmount", "AwaitingCard", "EnteringPin", "Paying", "PaymentRefused"} <= stages
    assert not {kind.name for kind in ALL} & {row.handler.__name__ for row in TABLE.values()}


def test_only_who_has_the_right_is_offered_a_kind() -> None:
    state = on_duty().state
    assert [kind.name for kind in offered(state)][:1] == ["sale"]
    assert state.session is not None
    for role in ("supervisor", "administrator"):
        other = msgspec.structs.replace(state.session, role=role)
        assert offered(msgspec.structs.replace(state, session=other)) == ()


def test_a_kind_without_money_keeps_only_its_number_and_shows_its_answer() -> None:
    story = begun(Story().to_standby(), "asked")
    assert story.names() == ["RememberTrace", "SendPayment"]
    assert story.state.undo is None
    assert story.state.today == ()

    answered(story, balance_fen=12850)

    assert isinstance(story.state.stage, AnswerShown)
    assert "¥128.50" in [line.right for line in story.view.lines]
    assert story.all_of(fx.RememberApproval) == []
    assert story.slips() == []
    assert (story.state.sales_count, story.state.sales_fen) == (0, 0)
    story.keys("enter")
    assert story.screen_id == "standby"


def test_what_one_cardholder_read_is_gone_before_the_next() -> None:
    story = begun(Story().to_standby(), "asked")
    answered(story, balance_fen=12850)
    story.wait(61)
    assert story.screen_id in ("standby", "locked")


@pytest.mark.parametrize("failure", ["unreachable", "not_sent", "no_answer", "bad_answer"])
def test_a_kind_without_money_is_never_in_doubt(failure: ev.Failure) -> None:
    story = begun(Story().to_standby(), "asked")
    story.failed("SendPayment", failure)
    assert isinstance(story.state.stage, PaymentRefused)
    assert story.state.undo is None
    assert story.all_of(fx.SendReversal) == []
    story.keys("retry")
    assert story.screen_id == "pin"


def test_a_kind_without_money_that_could_not_be_counted_never_left() -> None:
    story = Story().to_standby()
    story.broken_records.add("trace")
    begun(story, "asked")
    assert story.all_of(fx.SendPayment) == []
    assert story.view.code == "J102"


def test_a_kind_without_money_waits_too_while_a_payment_is_in_doubt() -> None:
    story = Story().to_standby(memory(reversal=pending()))
    story.keys("asked")
    assert story.all_of(fx.SendPayment) == []
    assert story.screen_id == "reversing"


def test_a_kind_about_an_earlier_payment_takes_it_out_of_the_totals_in_one_record() -> None:
    story = sold()
    assert (story.state.sales_count, story.state.sales_fen) == (1, 1234)
    original = story.state.today[0]
    begun(story, "undone")
    record = story.all_of(fx.RememberPayment)[-1]
    assert isinstance(record, fx.RememberPayment)
    assert record.attempt.reversal().original == record.attempt.doing.original
    assert (original.rrn, original.auth_code) == ("112308550301", "654321")

    answered(story, 1234)

    kept = story.all_of(fx.RememberApproval)[-1]
    assert isinstance(kept, fx.RememberApproval)
    assert [(line.trace_no, line.state) for line in kept.changed] == [(original.trace_no, "undone")]
    assert (story.state.sales_count, story.state.sales_fen) == (0, 0)
    assert "撤销(X)" in [line.right for line in story.slips()[-1].lines]


def test_an_approval_that_cannot_be_kept_leaves_the_earlier_payment_as_it_was() -> None:
    story = sold()
    begun(story, "undone")
    story.broken_records.add("approval")
    answered(story, 1234)
    assert (story.state.sales_count, story.state.sales_fen) == (1, 1234)
    assert [line.state for line in story.state.today] == ["reversing", "approved"]
    sent = story.all_of(fx.SendReversal)[-1]
    assert isinstance(sent, fx.SendReversal)
    assert (sent.reversal.kind, sent.reversal.reason) == ("undone", "96")


def test_a_step_is_asked_for_only_while_it_is_not_answered() -> None:
    story = Story().to_standby()
    story.card("insert")
    assert story.screen_id == "amount"
    story.keys("5", "enter")
    assert story.screen_id == "pin"
    assert kinds.ALL[0].steps[1] is CARD_OR_CODE


# ── steps that ask for an earlier payment, and for a supervisor ──────────────


def to_approval(story: Story, digits: str = "") -> Story:
    """From standby to the supervisor's number, about the newest payment of today."""
    story.keys("granted", *(digits or story.state.today[0].trace_no), "enter")
    assert "¥12.34" in story.text
    story.keys("enter")
    story.card("insert")
    assert story.screen_id == "approval_number"
    return story


def granted(story: Story) -> Story:
    story.keys("0", "0")
    story.pin()
    story.send(ev.Approved(now=story.now, approval_no=APPROVAL_NO, supervisor="赵主管"))
    return story


@pytest.mark.parametrize("model", ["smart", "keypad", "esign"])
def test_an_earlier_payment_is_found_by_its_number_shown_and_undone_with_an_approval(model: str) -> None:
    story = sold(model=model)
    original = story.state.today[0]
    granted(to_approval(story, original.trace_no.lstrip("0")))
    asked = story.all_of(fx.SendApproval)[-1]
    assert isinstance(asked, fx.SendApproval)
    assert (asked.action, asked.amount_fen) == ("granted", 1234)
    sent = story.all_of(fx.SendPayment)[-1]
    assert isinstance(sent, fx.SendPayment)
    doing = sent.attempt.doing
    assert (doing.approval_no, doing.amount_fen) == (APPROVAL_NO, 1234)
    assert doing.original is not None
    assert (doing.original.trace_no, doing.original.rrn) == (original.trace_no, original.rrn)

    answered(story, 1234)
    slips_out(story)

    assert story.screen_id == "standby"
    assert "试" in story.view.lines[0].text
    assert [row.right for row in story.view.rows] == ["试 ¥12.34", "¥12.34 已撤销"]
    slip = [line.left for line in story.slips()[-1].lines]
    assert f"原凭证号 {original.trace_no}" in slip
    assert f"原参考号 {original.rrn}" in slip


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"trace_no": "000099"}, "没有凭证号"),
        ({"kind": "asked"}, "另一种"),
        ({"state": "declined"}, "未成功或已冲正"),
        ({"state": "reversed"}, "未成功或已冲正"),
        ({"state": "undone"}, "已撤销"),
        ({"batch_no": "000001"}, "不在本批次"),
        ({"batch_no": ""}, "没有参考号"),
        ({"rrn": ""}, "没有参考号"),
    ],
)
def test_an_earlier_payment_that_cannot_be_taken_is_refused_with_words(changed: dict[str, str], word: str) -> None:
    story = sold()
    line = story.state.today[0]
    story.state = msgspec.structs.replace(story.state, today=(msgspec.structs.replace(line, **changed),))
    story.keys("granted", *line.trace_no, "enter")
    assert story.screen_id == "original"
    assert word in story.text
    assert story.state.stage.in_hand() is True, "the customer stands there with a slip: nothing breaks into it"
    story.keys("cancel")
    assert story.screen_id == "standby"


def test_the_number_of_an_earlier_payment_can_be_corrected_and_its_amount_cannot() -> None:
    story = sold()
    digits = story.state.today[0].trace_no
    story.keys("granted", "9", "clear", *digits, "x", "enter", "7", "clear", digits[-1], "enter", "enter")
    assert story.screen_id == "card"
    assert len(story.view.choices) == 1
    story.keys("clear")
    assert story.screen_id == "card"


def test_what_nobody_approves_never_leaves() -> None:
    story = to_approval(sold())
    story.keys("cancel")
    assert (story.screen_id, len(story.all_of(fx.SendPayment))) == ("standby", 1)
    to_approval(story)
    story.keys("0", "0")
    story.pin()
    story.refused("SendApproval", "57")
    assert story.view.tone == "bad"
    assert len(story.all_of(fx.SendPayment)) == 1


def test_an_earlier_payment_that_nobody_names_is_left_alone() -> None:
    story = sold()
    story.keys("granted")
    story.wait(61)
    assert story.screen_id in ("standby", "locked")


def test_a_refusal_says_nothing_of_money_and_a_second_try_needs_a_second_approval() -> None:
    story = granted(to_approval(sold()))
    story.refused("SendPayment", "55")
    assert "未扣款" not in story.text
    story.keys("retry")
    assert story.screen_id == "approval_number"


def test_when_the_undoing_is_itself_undone_the_words_say_that_the_earlier_payment_stands() -> None:
    story = granted(to_approval(sold()))
    story.failed("SendPayment", "no_answer")
    story.reversal_taken()
    assert "原交易仍有效" in story.text
    assert "不会被扣款" not in story.text
    assert [line.state for line in story.state.today] == ["reversed", "approved"]
    assert (story.state.sales_count, story.state.sales_fen) == (1, 1234)


def test_a_terminal_asks_until_it_knows_where_its_host_answers_such_a_question_and_nowhere_else() -> None:
    asked_again = {name for name, kind in HOST_KINDS.items() if kind.is_asked_again}
    assert {name for name, kind in KINDS.items() if kind.repeated} == asked_again
