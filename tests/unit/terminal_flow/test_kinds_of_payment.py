"""Kinds of payment: a row is enough. Two made-up kinds, one without money and one about an earlier payment, go the whole way."""

import msgspec
import pytest
from tests.worlds.flow_story import Story, approval, memory, pending

from zhanggui.basics.roles import Role
from zhanggui.cup.transactions import PAYMENTS
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.payments import Doing
from zhanggui.terminal.flow.core.state import State
from zhanggui.terminal.flow.core.step import Step, leave
from zhanggui.terminal.flow.core.ways import PayOn
from zhanggui.terminal.flow.machine import TABLE
from zhanggui.terminal.flow.payment import kinds
from zhanggui.terminal.flow.payment.kinds import ALL, KINDS, Kind, offered
from zhanggui.terminal.flow.payment.stages import AnswerShown, PaymentRefused
from zhanggui.terminal.flow.payment.steps.amount import AMOUNT
from zhanggui.terminal.flow.payment.steps.approval import approval_for
from zhanggui.terminal.flow.payment.steps.asking import AskStep
from zhanggui.terminal.flow.payment.steps.card import CARD
from zhanggui.terminal.flow.payment.steps.original import original_of
from zhanggui.terminal.flow.payment.steps.pin import PIN
from zhanggui.terminal.flow.slips.slip_layout import AGREED, TRADE_NAMES
from zhanggui.terminal.flow.words.catalogue import ScreenWord, all_words, has_words

CASHIER: frozenset[Role] = frozenset({"cashier"})


def last_payment(state: State, doing: Doing) -> Step:
    """A step as a test needs it: the newest line of today's list, without asking."""
    line = state.today[0]
    original = ev.Original(
        trace_no=line.trace_no,
        batch_no=state.batch_no,
        amount_fen=line.amount_fen,
        masked_pan=line.masked_pan,
        rrn=line.rrn,
        auth_code=line.auth_code,
    )
    return leave(state, PayOn(doing=msgspec.structs.replace(doing, original=original, amount_fen=line.amount_fen)))


APPROVAL_NO = 4711
LAST = AskStep(lambda doing: doing.original is not None, last_payment, (), {})
ASKED = Kind(name="asked", steps=(CARD, PIN), roles=CASHIER, reversible=False, slip=False)
UNDONE = Kind(name="undone", steps=(LAST, CARD, PIN), roles=CASHIER, reversible=True, slip=True, closes="undone")

GRANTED = msgspec.structs.replace(UNDONE, name="granted", steps=(original_of("sale"), CARD, approval_for("granted")))
PARTLY = msgspec.structs.replace(
    UNDONE,
    name="partly",
    steps=(original_of("sale", by="reference", whole=False), AMOUNT, CARD),
    closes="",
    adjusts=-1,
    sign=-1,
)
USING = msgspec.structs.replace(
    UNDONE,
    name="using",
    steps=(original_of("sale", by="authorisation"), AMOUNT, CARD),
    closes="completed",
    group="made_up",
)
UNUSING = msgspec.structs.replace(UNDONE, name="unusing", steps=(original_of("using"), CARD), group="made_up")
REPEATED = msgspec.structs.replace(PARTLY, name="repeated", reversible=False, repeated=True)
MADE_UP = (ASKED, UNDONE, GRANTED, PARTLY, REPEATED, USING, UNUSING)


@pytest.fixture(autouse=True)
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The made-up kinds, beside the true ones, for one test. The table of the flow stays as it is."""
    known = {**KINDS, **{kind.name: kind for kind in MADE_UP}}
    for module in ("kinds", "paying", "outcome", "standby", "undo", "again", "draw_listed"):
        monkeypatch.setattr(f"zhanggui.terminal.flow.payment.{module}.KINDS", known)
    monkeypatch.setattr("zhanggui.terminal.flow.payment.draw_payment.offered", lambda role: tuple(known.values()))
    said = dict(all_words())
    said |= {f"menu.{kind.name}": ScreenWord(zh="试", en="Made up") for kind in MADE_UP}
    said |= {f"kind.{kind.name}": ScreenWord(zh="试", en="Made up") for kind in MADE_UP}
    said |= {f"done.{kind.name}": ScreenWord(zh="试成功", en="Made up") for kind in MADE_UP}
    said["menu.made_up"] = ScreenWord(zh="试", en="Made up")
    said["action.granted"] = ScreenWord(zh="试", en="make up")
    monkeypatch.setattr("zhanggui.terminal.flow.words.catalogue.all_words", lambda: said)
    monkeypatch.setitem(TRADE_NAMES, UNDONE.name, "撤销(X)")
    for kind in MADE_UP:
        monkeypatch.setitem(AGREED, kind.name, "given_back")
    for kind in (GRANTED, PARTLY, REPEATED, USING, UNUSING):
        monkeypatch.setitem(TRADE_NAMES, kind.name, "授权(X)")
    monkeypatch.setattr("zhanggui.terminal.flow.payment.standby.grouped", lambda role, group: grouped(MADE_UP, group))
    monkeypatch.setattr(
        "zhanggui.terminal.flow.payment.draw_payment.grouped", lambda role, group: grouped(MADE_UP, group)
    )


def grouped(kinds: tuple[Kind, ...], group: str) -> tuple[Kind, ...]:
    return tuple(kind for kind in kinds if kind.group == group)


def sold(amount_fen: int = 1234, model: str = "smart") -> Story:
    """In standby after one sale, its slips out."""
    story = Story(model).to_standby().to_selling(amount_fen)
    story.approved(amount_fen)
    slips_out(story)
    assert story.screen_id == "standby"
    return story


def slips_out(story: Story) -> None:
    if story.screen_id == "sign_here":
        story.send(ev.Signed(now=story.now))
    story.printed("merchant")
    if story.screen_id == "tear_off":
        story.keys("enter")
    story.printed("cardholder")


def answered(story: Story, amount_fen: int | None = None, **more: object) -> None:
    answer = approval(story.state.trace_no, 0, story.now)
    story.send(msgspec.structs.replace(answer, amount_fen=amount_fen, **more))


def begun(story: Story, kind: str) -> Story:
    story.keys(kind)
    story.card("insert")
    story.pin()
    return story


def test_each_kind_has_its_row_in_the_catalogue_its_words_and_its_line_on_the_slip() -> None:
    assert [kind.name for kind in ALL] == list(KINDS)
    for kind in ALL:
        row = PAYMENTS[kind.name]
        assert row.reversible == kind.reversible
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
    assert [kind.name for kind in offered("cashier")][:1] == ["sale"]
    assert offered("supervisor") == () == offered("administrator")


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
    assert kinds.ALL[0].steps[1] is CARD


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
    assert story.state.stage.in_hand() is False
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


# ── a part, what is found by other numbers, and what is behind an entry of the menu ──


def sent_doing(story: Story) -> Doing:
    sent = story.all_of(fx.SendPayment)[-1]
    assert isinstance(sent, fx.SendPayment)
    return sent.attempt.doing


def test_a_part_is_taken_of_what_is_left_and_the_list_and_the_totals_know() -> None:
    story = sold()
    trace_no = story.state.today[0].trace_no
    for digits, left in (("234", 1000), ("1000", 0)):
        story.keys("partly", *trace_no, "enter", "enter")
        assert story.screen_id == "amount"
        story.keys(*digits, "enter")
        story.card("insert")
        answered(story, int(digits))
        slips_out(story)
        assert story.state.today[-1].standing_fen == left
        assert story.state.sales_fen == left
    assert story.state.sales_count == 1
    story.keys("partly", *trace_no, "enter")
    assert "已退货" in story.text


def test_a_part_whose_approval_cannot_be_kept_was_never_taken() -> None:
    story = sold()
    story.keys("partly", *story.state.today[0].trace_no, "enter", "enter", "5", "enter")
    story.card("insert")
    story.broken_records.add("approval")
    answered(story, 5)
    assert (story.state.today[-1].standing_fen, story.state.sales_fen) == (1234, 1234)


@pytest.mark.parametrize(
    ("typed", "rrn", "auth_code", "date"),
    [
        (("112308550399", "enter", "1122", "enter"), "112308550399", "", "1122"),
        (("1123085503991122000777", "enter"), "112308550399", "000777", "1122"),
        (("1123085503991122000000", "enter"), "112308550399", "", "1122"),
    ],
    ids=["typed", "scanned", "scanned without authorisation"],
)
def test_a_payment_that_this_terminal_does_not_know_goes_to_the_host_as_its_slip_names_it(
    typed: tuple[str, ...], rrn: str, auth_code: str, date: str
) -> None:
    story = Story().to_standby()
    story.keys("partly", *(key for word in typed for key in ([word] if word == "enter" else word)))
    assert story.screen_id == "amount"
    story.keys("5", "enter")
    story.card("insert")
    original = sent_doing(story).original
    assert original is not None
    assert (original.rrn, original.auth_code, original.date) == (rrn, auth_code, date)
    assert (original.batch_no, original.trace_no, sent_doing(story).amount_fen) == ("000000", "000000", 5)


@pytest.mark.parametrize("day", ["1", "1322", "0132", "0001"])
def test_a_day_that_is_none_is_asked_for_again_and_the_number_can_be_corrected(day: str) -> None:
    story = Story().to_standby()
    story.keys("partly", *"112308550399", "enter", *day, "enter")
    assert "1123" in story.text
    story.keys("clear")
    assert story.view.entry is not None
    assert story.view.entry.shown == "112308550399"


def test_a_number_of_another_length_is_not_looked_for() -> None:
    story = Story().to_standby()
    for kind, word in (("partly", "十二位参考号"), ("using", "六位授权码")):
        story.keys(kind, *"1234567", "enter")
        assert word in story.text
        story.keys("cancel")


def test_what_was_used_stands_again_when_that_is_undone() -> None:
    story = sold()
    story.keys("made_up")
    assert story.screen_id == "kinds"
    assert [choice.key for choice in story.view.choices] == ["using", "unusing", "cancel"]
    story.keys("using", *"654321", "enter", "enter")
    story.card("insert")
    answered(story, 1234)
    slips_out(story)
    assert [line.state for line in story.state.today] == ["approved", "completed"]
    story.keys("using", *"654321", "enter")
    assert "已完成" in story.text
    story.keys("cancel", "unusing", *story.state.today[0].trace_no, "enter", "enter")
    story.card("insert")
    answered(story, 1234)
    slips_out(story)
    assert [line.state for line in story.state.today] == ["approved", "undone", "approved"]


def test_a_menu_behind_an_entry_is_left_by_cancel_and_by_nobody() -> None:
    story = Story().to_standby()
    story.keys("made_up", "cancel")
    assert story.screen_id == "standby"
    story.keys("made_up")
    story.wait(61)
    assert story.screen_id in ("standby", "locked")


# ── what nothing undoes is asked for again ───────────────────────────────────


def left_open(failure: ev.Failure = "no_answer") -> Story:
    """A sale, and a part of it taken, of which nobody said what became of it."""
    story = sold()
    story.keys("repeated", *story.state.today[0].trace_no, "enter", "enter", "234", "enter")
    story.card("insert")
    story.failed("SendPayment", failure)
    return story


def pending_again(story: Story) -> ev.PendingReversal:
    sent = story.all_of(fx.SendReversal)[-1]
    assert isinstance(sent, fx.SendReversal)
    return sent.reversal


@pytest.mark.parametrize("failure", ["no_answer", "bad_answer"])
def test_what_nothing_undoes_is_asked_for_again_with_its_own_number(failure: ev.Failure) -> None:
    story = left_open(failure)
    pending = pending_again(story)
    assert pending.again == ev.Again(operator_no=story.state.session.operator_no, way="insert", time=pending.again.time)  # type: ignore[union-attr]  # both are there
    assert "再次查询" in story.text
    story.failed("SendReversal", "no_answer")
    assert pending_again(story).trace_no == pending.trace_no
    story.send(ev.OutcomeKnown(now=story.now, approved=approval(pending.trace_no, 234)))
    slips_out(story)
    assert story.state.undo is None
    assert [(line.state, line.standing_fen) for line in story.state.today] == [("approved", 234), ("approved", 1000)]


def test_a_refusal_ends_it_and_one_that_says_nothing_of_it_does_not() -> None:
    story = left_open()
    for code in ("77", "64"):
        refused = ev.Refused(now=story.now, request="SendReversal", response_code=code)
        story.send(ev.OutcomeKnown(now=story.now, refused=refused))
        if code == "77":
            assert story.state.undo is not None
            story.state = msgspec.structs.replace(
                story.state, undo=msgspec.structs.replace(story.state.undo, under_way=True)
            )
    assert story.state.undo is None
    assert [(line.state, line.standing_fen) for line in story.state.today] == [("declined", 234), ("approved", 1234)]


def test_an_answer_about_another_payment_settles_nothing() -> None:
    story = left_open()
    trace_no = pending_again(story).trace_no
    for answer in (approval("000999", 234), approval(trace_no, 235)):
        story.send(ev.OutcomeKnown(now=story.now, approved=answer))
        assert story.state.undo is not None


def test_until_its_outcome_is_known_the_list_says_so_and_nothing_else_is_paid() -> None:
    story = left_open()
    for _ in range(3):
        story.failed("SendReversal", "no_answer")
    assert "结果尚未确认" in story.text
    story.keys("cancel")
    assert "待确认" in story.text
    story.keys("sale")
    assert story.screen_id == "reversing"
    story.send(
        ev.OutcomeKnown(now=story.now, refused=ev.Refused(now=story.now, request="SendReversal", response_code="12"))
    )
    assert story.screen_id == "standby"
    assert "未成功" in story.text


def test_after_a_power_cut_it_is_asked_for_again_and_printed() -> None:
    story = left_open()
    kept = pending_again(story)
    line = next(line for line in story.state.today if line.trace_no == kept.trace_no)
    later = Story().to_standby(memory(reversal=kept, today=(line,), batch_no=kept.batch_no))
    later.wait(61)
    assert pending_again(later).again == kept.again
    later.send(ev.OutcomeKnown(now=later.now, approved=approval(kept.trace_no, 234)))
    slips_out(later)
    assert "¥2.34" in later.text


def test_an_approval_that_cannot_be_kept_is_asked_for_again() -> None:
    story = left_open()
    story.broken_records.add("approval")
    trace_no = pending_again(story).trace_no
    story.send(ev.OutcomeKnown(now=story.now, approved=approval(trace_no, 234)))
    assert story.state.today[-1].standing_fen == 1234
    again = pending_again(story)
    assert again.again is not None
    story.broken_records.clear()
    story.send(ev.OutcomeKnown(now=story.now, approved=approval(trace_no, 234)))
    assert (story.state.undo, story.state.today[-1].standing_fen) == (None, 1000)
