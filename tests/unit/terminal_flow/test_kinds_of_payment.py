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
from zhanggui.terminal.flow.payment.steps.asking import Asking
from zhanggui.terminal.flow.payment.steps.card import CARD
from zhanggui.terminal.flow.payment.steps.pin import PIN
from zhanggui.terminal.flow.slips.slip_layout import TRADE_NAMES
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


LAST = Asking(lambda doing: doing.original is not None, last_payment, (), {})
ASKED = Kind(name="asked", steps=(CARD, PIN), roles=CASHIER, reversible=False, slip=False)
UNDONE = Kind(name="undone", steps=(LAST, CARD, PIN), roles=CASHIER, reversible=True, slip=True, undoes_original=True)


@pytest.fixture(autouse=True)
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The two kinds, beside the true ones, for one test. The table of the flow stays as it is."""
    known = {**KINDS, ASKED.name: ASKED, UNDONE.name: UNDONE}
    for module in ("kinds", "paying", "outcome", "standby"):
        monkeypatch.setattr(f"zhanggui.terminal.flow.payment.{module}.KINDS", known)
    monkeypatch.setattr("zhanggui.terminal.flow.payment.draw_payment.offered", lambda role: tuple(known.values()))
    said = dict(all_words())
    said |= {f"menu.{kind.name}": ScreenWord(zh="试", en="Made up") for kind in (ASKED, UNDONE)}
    monkeypatch.setattr("zhanggui.terminal.flow.words.catalogue.all_words", lambda: said)
    monkeypatch.setitem(TRADE_NAMES, UNDONE.name, "撤销(X)")


def sold(amount_fen: int = 1234) -> Story:
    """In standby after one sale, its slips out."""
    story = Story().to_standby().to_selling(amount_fen)
    story.approved(amount_fen)
    story.printed("merchant")
    story.keys("enter")
    story.printed("cardholder")
    assert story.screen_id == "standby"
    return story


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
    assert kept.undone is not None
    assert (kept.undone.trace_no, kept.undone.state) == (original.trace_no, "undone")
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
