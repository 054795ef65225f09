"""Our code on the screen: shown with the amount and its time, paid, not paid in time, given up, and found again after a power cut."""

import pytest
from tests.worlds.flow_story import Story, approval, memory, on_duty

from zhanggui.basics.words import Lang
from zhanggui.cup.brands import BRANDS
from zhanggui.cup.values.order import OrderSheet
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.policy import ARRIVED_SHOWN_S, OWN_CODE_ASKED_S
from zhanggui.terminal.keypad import keypad_pages

MODELS = ("smart", "esign", "keypad")
TEXT = "http://127.0.0.1:8595/q/00112233445566778899aabbccddeeff"


def choosing(model: str = "smart", lang: Lang = "zh") -> Story:
    story = on_duty(model)
    story.send(ev.LangChosen(now=story.now, lang=lang))
    story.send(ev.KeyPressed(now=story.now, key="qr_own"))
    assert story.screen_id == "amount"
    story.keys("7", "0", "0", "enter")
    assert story.screen_id == "brand"
    return story


def sent(model: str = "smart", lang: Lang = "zh") -> Story:
    story = choosing(model, lang)
    story.keys("wechat")
    assert story.screen_id == "selling"
    return story


def offer(story: Story, left_s: int = 120, amount_fen: int = 700) -> None:
    story.send(
        ev.CodeOffered(now=story.now, trace_no=story.state.trace_no, amount_fen=amount_fen, text=TEXT, left_s=left_s)
    )


def showing(model: str = "smart", lang: Lang = "zh") -> Story:
    story = sent(model, lang)
    offer(story)
    assert story.screen_id == "own_code"
    return story


def pending(story: Story) -> ev.PendingReversal:
    assert story.state.undo is not None
    return story.state.undo.reversal


def asked(story: Story) -> list[ev.PendingReversal]:
    return [one.reversal for one in story.all_of(fx.SendReversal) if isinstance(one, fx.SendReversal)]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("model", MODELS)
def test_the_code_stands_large_with_its_amount_and_its_time_on_every_model(model: str, lang: Lang) -> None:
    story = showing(model, lang)
    view = story.view
    assert view.scan == TEXT
    assert "7.00" in story.text
    assert view.countdown is not None
    assert view.countdown.left_s == 120
    assert {"again", "cancel"} <= {choice.key for choice in view.choices}
    story.wait(2)
    assert story.view.countdown is not None
    assert story.view.countdown.left_s == 118


@pytest.mark.parametrize("brand", BRANDS)
def test_the_customer_says_whose_phone_pays_and_the_amount_can_still_be_changed(brand: str) -> None:
    story = choosing()
    story.keys("clear")
    assert story.screen_id == "amount"
    story.keys("enter", brand)
    (payment,) = [one for one in story.all_of(fx.SendPayment) if isinstance(one, fx.SendPayment)]
    assert payment.attempt.doing.brand == brand
    assert pending(story).again is not None


def test_what_is_paid_is_seen_large_kept_first_and_then_printed() -> None:
    story = showing()
    story.wait(OWN_CODE_ASKED_S)
    again = asked(story)[-1]
    assert again.again is not None
    assert again.again.brand == "wechat"
    story.send(ev.OutcomeKnown(now=story.now, approved=approval(again.trace_no, 700)))
    assert story.screen_id == "own_paid"
    assert "7.00" in story.text
    assert any(isinstance(one, fx.RememberApproval) for one in story.effects)
    assert story.state.undo is None
    story.wait(ARRIVED_SHOWN_S)
    assert story.screen_id == "printing"


def test_while_nobody_has_paid_it_is_asked_after_and_stays() -> None:
    story = showing()
    story.wait(OWN_CODE_ASKED_S)
    offer(story)
    assert story.screen_id == "own_code"
    before = len(asked(story))
    story.keys("again")
    assert len(asked(story)) == before + 1


@pytest.mark.parametrize(
    ("lang", "said", "said_short"),
    [
        ("zh", "连不上主机，付款结果暂不显示", "主机未通勿再收款"),
        ("en", "No line to the host: a payment does not show here yet", "No line: wait"),
    ],
)
@pytest.mark.parametrize("model", MODELS)
def test_while_the_host_cannot_be_asked_it_says_what_that_means_for_the_customer(
    model: str, lang: Lang, said: str, said_short: str
) -> None:
    story = showing(model, lang)
    story.wait(OWN_CODE_ASKED_S)
    story.failed("SendReversal", "no_answer")
    assert (story.screen_id, story.view.tone) == ("own_code", "warn")
    assert (said_short if model == "keypad" else said) in story.text
    if model == "keypad":
        beside = " ".join(line.strip() for line in keypad_pages(story.view, story.state.machine.profile)[0])
        assert ("主机未通 勿再收款" if lang == "zh" else "No line: wait") in beside, "all of it on the first page"
    story.keys("again")
    offer(story)
    assert (story.screen_id, story.view.tone) == ("own_code", "calm")
    assert said_short not in story.text
    assert said not in story.text


def test_a_ring_is_heard_while_the_code_stands_there() -> None:
    story = showing()
    story.send(ev.Rung(now=story.now))
    assert any(isinstance(one, fx.SendStatus) for one in story.latest)
    story.send(ev.Ordered(now=story.now, orders=("sign_in",)))
    assert story.screen_id == "own_code", "a session that ends does not take the code from the customer"


def test_the_order_of_the_host_makes_it_ask_at_once_and_decides_nothing_itself() -> None:
    story = showing()
    reversal = pending(story)
    sheet = OrderSheet(
        number=7,
        kind="payment_result",
        until_ms=story.now + 3_600_000,
        contents=reversal.batch_no + reversal.trace_no,
    )
    story.send(ev.Ordered(now=story.now, orders=(), sheet=sheet))
    assert len(asked(story)) == 1
    assert story.screen_id == "own_code"
    other = OrderSheet(number=8, kind="payment_result", until_ms=story.now + 3_600_000, contents="000009000009")
    offer(story)
    story.send(ev.Ordered(now=story.now, orders=(), sheet=other))
    assert len(asked(story)) == 1


def test_what_is_not_paid_in_time_is_said_and_nothing_is_owed() -> None:
    story = showing()
    story.keys("again")
    refused = ev.Refused(now=story.now, request="SendReversal", response_code="54")
    story.send(ev.OutcomeKnown(now=story.now, refused=refused))
    assert story.screen_id == "trouble"
    assert "未在时限内付款" in story.text
    assert story.state.undo is None
    story.keys("enter")
    assert story.screen_id == "standby"


def test_given_up_it_is_undone_and_a_payment_of_the_last_moment_is_not_believed() -> None:
    story = showing()
    story.keys("again", "cancel")
    undone = asked(story)[-1]
    assert undone.again is None
    assert story.screen_id == "reversing"
    story.send(ev.OutcomeKnown(now=story.now, approved=approval(undone.trace_no, 700)))
    assert story.screen_id == "reversing"
    story.send(ev.ReversalAccepted(now=story.now, response_code="00"))
    assert story.screen_id == "standby"
    assert "作废" in story.text
    assert story.state.sales_fen == 0


def test_a_code_of_another_payment_is_not_shown() -> None:
    story = sent()
    offer(story, amount_fen=70_000)
    assert story.screen_id != "own_code"


def test_after_a_power_cut_it_is_asked_after_and_shown_again_while_it_may_be_paid() -> None:
    kept = pending(showing())
    open_still = {"trace_no": kept.trace_no, "amount_fen": 700, "text": TEXT, "left_s": 40}
    later = Story().to_number(memory(reversal=kept))
    later.signed_on()
    assert asked(later)[-1].again == kept.again
    later.send(ev.CodeOffered(now=later.now, **open_still))  # type: ignore[arg-type]  # its fields
    assert later.screen_id == "sign_in_number"
    later.keys("0", "1")
    later.pin(digits=4)
    later.verified()
    later.keys("enter")
    later.confirmed()
    later.keys("enter")
    before = len(asked(later))
    later.wait(OWN_CODE_ASKED_S + 1)
    assert len(asked(later)) == before + 1
    later.send(ev.CodeOffered(now=later.now, **open_still))  # type: ignore[arg-type]  # its fields
    assert later.screen_id == "own_code"
    later.keys("again")
    later.send(ev.OutcomeKnown(now=later.now, approved=approval(kept.trace_no, 700)))
    assert later.screen_id == "own_paid"
