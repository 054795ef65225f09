"""Orders of the host at the terminal: when each is carried out, what the screen says, what survives the power."""

import pytest
from tests.worlds.flow_story import MORNING, Story, memory, on_duty, slips_out

from zhanggui.basics.words import Lang
from zhanggui.cup.order_kinds import ORDER_KINDS
from zhanggui.cup.values.order import OrderAnswer, OrderSheet
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.noted.orders import GONE_MAX, HELD_MAX, OrderBox, ended, read_box, with_sheet, without
from zhanggui.terminal.flow.core.policy import SALE_IDLE_S
from zhanggui.terminal.flow.duty.orders import DOINGS

MODELS = ("smart", "esign", "keypad")


def told(
    story: Story, kind: str, text: str = "", number: int = 7, until_ms: int | None = None, more: bool = False
) -> None:
    """The host's answer to a heartbeat, with an order."""
    until = until_ms if until_ms is not None else story.now + 3_600_000
    sheet = OrderSheet(number=number, kind=kind, until_ms=until, contents=text, more=more)
    story.send(ev.Ordered(now=story.now, orders=(), sheet=sheet))


def answers(story: Story) -> list[OrderAnswer]:
    """What the last heartbeat said of orders."""
    beat = story.all_of(fx.SendStatus)[-1]
    assert isinstance(beat, fx.SendStatus)
    return list(beat.order_answers)


def note(story: Story) -> str:
    """What the journal has of orders."""
    notes = [
        one.value for one in story.all_of(fx.RememberNote) if isinstance(one, fx.RememberNote) and one.name == "orders"
    ]
    return notes[-1]


def test_the_terminal_does_something_for_every_kind_of_order() -> None:
    assert set(DOINGS) == set(ORDER_KINDS)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_lock_from_afar_says_who_locked_it_and_outlives_the_power(model: str, lang: Lang) -> None:
    story = on_duty(model)
    story.send(ev.LangChosen(now=story.now, lang=lang))
    told(story, "remote_lock", "盘点中")
    assert story.screen_id == "shut"
    assert story.state.session is None
    assert "盘点中" in story.text
    assert {"zh": "锁定", "en": "Locked"}[lang] in story.text
    kept = note(story)
    again = Story(model).to_number(memory(orders=kept))
    assert again.screen_id == "shut"
    again.signed_on()
    assert answers(again) == [OrderAnswer(number=7, state="done")]
    told(again, "remote_unlock", number=8)
    assert again.screen_id == "sign_in_number"
    assert read_box(note(again)).shut is None


def test_the_record_comes_before_the_effect() -> None:
    story = on_duty()
    told(story, "remote_sign_out")
    names = story.names()
    assert names.index("RememberNote") == 0
    assert "SendSignOn" in names


def test_a_journal_that_refuses_stops_the_order_and_its_answer() -> None:
    story = on_duty()
    asked = len(story.all_of(fx.SendSignOn))
    story.broken_records = {"note"}
    told(story, "remote_sign_out")
    assert len(story.all_of(fx.SendSignOn)) == asked
    story.signed_on()
    story.wait(2)
    assert all(isinstance(beat, fx.SendStatus) and not beat.order_answers for beat in story.all_of(fx.SendStatus))
    story.broken_records = set()
    story.wait(40)
    story.keys("enter")
    story.signed_on()
    story.wait(31)
    assert answers(story) == [OrderAnswer(number=7, state="done")]


def test_nobody_is_interrupted_in_a_payment() -> None:
    story = on_duty()
    story.to_selling()
    assert story.screen_id == "selling"
    told(story, "remote_lock", "盘点")
    assert story.screen_id == "selling"
    story.approved()
    assert story.screen_id == "printing"
    slips_out(story)
    assert story.screen_id == "shut"


def test_an_announcement_waits_for_standby_and_is_answered_when_it_was_read() -> None:
    story = on_duty()
    story.keys("sale")
    told(story, "announcement", "今晚盘点")
    assert story.screen_id == "amount"
    story.keys("cancel")
    assert story.screen_id == "announced"
    assert "今晚盘点" in story.text
    story.wait(1)
    assert answers(story) == []
    story.keys("enter")
    assert story.screen_id == "standby"
    assert answers(story) == [OrderAnswer(number=7, state="done", word="read")]
    story.send(ev.Ordered(now=story.now, orders=(), taken=(7,)))
    assert read_box(note(story)).orders == ()


@pytest.mark.parametrize(("kind", "word"), [("remote_sign_out", "nobody"), ("remote_unlock", "already")])
def test_what_is_so_already_is_said(kind: str, word: str) -> None:
    story = Story().to_number()
    story.signed_on()
    told(story, kind)
    assert answers(story) == [OrderAnswer(number=7, state="done", word=word)]


def test_what_came_too_late_or_is_not_known_here_is_not_carried_out() -> None:
    story = on_duty()
    told(story, "remote_lock", "盘点", until_ms=MORNING - 1)
    assert answers(story) == [OrderAnswer(number=7, state="expired")]
    told(story, "make_coffee", number=8)
    assert answers(story)[-1] == OrderAnswer(number=8, state="refused", word="unknown_kind")
    assert story.screen_id == "standby"


def test_an_order_that_comes_again_is_not_carried_out_again() -> None:
    story = on_duty()
    told(story, "remote_lock", "盘点")
    told(story, "remote_unlock", number=8)
    assert story.screen_id == "sign_in_number"
    told(story, "remote_lock", "盘点")
    assert story.screen_id == "sign_in_number"
    story.send(ev.Ordered(now=story.now, orders=(), taken=(7, 8)))
    told(story, "remote_lock", "盘点")
    story.signed_on()
    story.wait(1)
    assert story.screen_id == "sign_in_number"
    assert answers(story) == [OrderAnswer(number=7, state="refused", word="number_passed")]


def test_an_order_for_later_is_carried_out_though_one_with_a_greater_number_came_before_it() -> None:
    story = on_duty()
    told(story, "remote_lock", "盘点", number=8)
    told(story, "remote_unlock", number=9)
    story.send(ev.Ordered(now=story.now, orders=(), taken=(8, 9)))
    told(story, "remote_lock", "早", number=7)
    story.signed_on()
    story.wait(1)
    assert story.screen_id == "shut"
    assert answers(story) == [OrderAnswer(number=7, state="done", word="")]


def test_what_is_remembered_of_numbers_is_bounded_and_what_falls_out_of_it_stays_passed() -> None:
    box = OrderBox()
    for number in range(1, GONE_MAX + 11):
        box = with_sheet(box, OrderSheet(number=number, kind="remote_unlock", until_ms=9))
        box = without(ended(box, number, "done"), (number,))
    assert (box.passed, len(box.gone), box.orders) == (10, GONE_MAX, ())
    for number in (1, 10, 11, GONE_MAX + 10):
        again = with_sheet(box, OrderSheet(number=number, kind="remote_unlock", until_ms=9))
        assert [answer.word for answer in again.answers] == ["number_passed"]


def test_what_a_terminal_keeps_of_orders_is_bounded() -> None:
    story = on_duty()
    story.keys("sale")
    for number in range(1, HELD_MAX + 5):
        told(story, "announcement", "盘点", number=number)
    assert len(story.state.box.orders) == HELD_MAX


def test_a_ring_asks_at_once_and_a_thousand_rings_once_a_second() -> None:
    story = on_duty()
    story.wait(2)
    before = len(story.all_of(fx.SendStatus))
    for _ in range(1000):
        story.send(ev.Rung(now=story.now))
    assert len(story.all_of(fx.SendStatus)) == before + 1
    story.wait(1)
    assert len(story.all_of(fx.SendStatus)) == before + 2


def test_others_that_wait_behind_an_order_are_asked_for_at_once() -> None:
    story = on_duty()
    story.wait(2)
    story.keys("sale")
    before = len(story.all_of(fx.SendStatus))
    story.keys("cancel")
    told(story, "announcement", "一", more=True)
    story.wait(1)
    beat = story.all_of(fx.SendStatus)[-1]
    assert isinstance(beat, fx.SendStatus)
    assert len(story.all_of(fx.SendStatus)) > before
    assert beat.order_held == 7


def test_a_terminal_at_which_nobody_is_signed_in_is_on_the_line_too() -> None:
    story = Story().to_number()
    story.signed_on()
    story.wait(31)
    beat = story.all_of(fx.SendStatus)[-1]
    assert isinstance(beat, fx.SendStatus)
    assert beat.operator_no is None


@pytest.mark.parametrize("kind", ["remote_sign_out", "remote_lock"])
def test_a_payment_that_has_begun_goes_on_or_ends_by_its_own_time(kind: str) -> None:
    story = on_duty()
    story.keys("sale", "7", "0", "0", "enter")
    assert story.screen_id == "card"
    told(story, kind, "盘点" if kind == "remote_lock" else "")
    assert story.screen_id == "card"
    story.wait(SALE_IDLE_S + 1)
    assert story.state.session is None
    assert answers(story) == [] or answers(story)[0].state == "done"


@pytest.mark.parametrize("kind", ["remote_sign_out", "remote_lock"])
@pytest.mark.parametrize("typed", [("refund",), ("refund", "1"), ("void",)])
def test_a_payment_counts_as_begun_as_soon_as_its_kind_is_chosen(kind: str, typed: tuple[str, ...]) -> None:
    story = on_duty()
    story.keys(*typed)
    assert story.screen_id == "original"
    told(story, kind, "盘点" if kind == "remote_lock" else "")
    story.wait(5)
    assert story.screen_id == "original"
    story.keys("cancel")
    assert story.state.session is None


def test_an_order_that_waited_for_a_card_screen_is_carried_out_with_the_step_that_leaves_it() -> None:
    story = on_duty()
    story.keys("sale", "7", "0", "0", "enter")
    story.wait(2)
    story.send(ev.Rung(now=story.now))
    told(story, "remote_sign_out")
    story.wait(10)
    assert story.screen_id == "card"
    story.keys("cancel")
    assert story.state.session is None
    story.signed_on()
    story.wait(1)
    assert answers(story) == [OrderAnswer(number=7, state="done")]
