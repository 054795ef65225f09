"""手输卡号 on the terminal: where it is offered, what goes into the PIN pad and what the flow sees, the supervisor, and the slip."""

import pytest
from tests.worlds.flow_story import Story, approved_by, on_duty, with_rules

from zhanggui.cup.transactions import PAYMENTS
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.payment.kinds import ALL
from zhanggui.terminal.flow.payment.steps.keyed import KEYED

MODELS = ("smart", "esign", "keypad")
MASK = "621700*********0012"


def at_the_card(model: str = "smart", *, keyed: int = 1, kind: str = "sale", **more: object) -> Story:
    story = on_duty(model, with_rules(idle_lock_s=0, keyed=keyed), **more)
    story.keys(kind, *(("5", "00", "enter") if kind == "sale" else ()))
    assert story.screen_id == "card"
    return story


def types(story: Story, digits: int = 19, mask: str = MASK) -> None:
    """What the PIN pad tells of a number that is typed, and what comes out of it."""
    story.pin(digits=digits)
    assert story.names() == ["TakeNumber"]
    story.send(ev.NumberKeyed(now=story.now, masked_pan=mask))


def offered(story: Story) -> bool:
    return any(choice.key == "keyed" for choice in story.view.choices)


@pytest.mark.parametrize("model", MODELS)
def test_number_expiry_supervisor_and_pin_in_this_order(model: str) -> None:
    story = at_the_card(model)
    story.keys("keyed")
    assert story.state.reader == (), "no card is awaited meanwhile"
    assert (story.screen_id, story.view.digits) == ("keyed_number", True)
    entry = story.all_of(fx.StartPinEntry)[-1]
    assert isinstance(entry, fx.StartPinEntry)
    assert (entry.purpose, entry.min_digits, entry.max_digits, entry.may_skip) == ("card_number", 12, 19, False)
    types(story)
    assert story.screen_id == "keyed_expiry"
    assert MASK in story.text
    story.keys(*"4912", "enter")
    assert story.screen_id == "approval_number"
    assert "手输卡号" in story.text
    approved_by(story)
    assert story.screen_id == "pin"
    story.pin()
    (sent,) = story.all_of(fx.SendPayment)
    assert isinstance(sent, fx.SendPayment)
    doing = sent.attempt.doing
    assert doing.card is not None
    assert (doing.card.way, doing.card.expiry_yymm, doing.approval_no, doing.pin) == ("keyed", "4912", 7, "entered")
    assert [effect.expiry_yymm for effect in story.effects if isinstance(effect, fx.TakeExpiry)] == ["4912"]
    story.approved(500)
    slip = "\n".join(f"{line.left}{line.right}" for line in story.slips()[0].lines) if story.slips() else ""
    if not slip:
        story.send(ev.Signed(now=story.now))
        slip = "\n".join(f"{line.left}{line.right}" for line in story.slips()[0].lines)
    assert f"{MASK} M" in slip
    assert "手输卡号(MANUAL)" in slip


def test_without_a_pin_it_goes_as_such() -> None:
    story = at_the_card()
    story.keys("keyed")
    types(story)
    story.keys(*"4912", "enter")
    approved_by(story)
    story.pin("skipped", digits=0)
    (sent,) = story.all_of(fx.SendPayment)
    assert isinstance(sent, fx.SendPayment)
    assert (sent.attempt.with_pin, sent.attempt.kind) == (False, "sale")


def test_it_is_not_offered_where_policy_kind_or_session_do_not_take_it() -> None:
    assert offered(at_the_card())
    assert offered(at_the_card(kind="balance"))
    assert not offered(at_the_card(keyed=0))
    refused = at_the_card(keyed=0)
    refused.keys("keyed", "1")
    assert refused.screen_id == "card"
    assert not PAYMENTS["refund"].keyed


def test_every_kind_that_takes_it_has_somebody_approve_it() -> None:
    for kind in ALL:
        names = [step for step in kind.steps if step is KEYED]
        own = any(step.answered.__module__.endswith("approval") for step in kind.steps)
        # A sale by code is a sale by card as soon as a number is typed, and is approved as that; by our code no card is taken.
        assert (bool(names) != own) == (kind.name not in ("qr_sale", "qr_own", "qr_static")), kind.name


def test_a_wrong_number_is_typed_again_and_a_wrong_expiry_too() -> None:
    story = at_the_card()
    story.keys("keyed")
    types(story, mask="")
    assert (story.screen_id, "卡号有误" in story.text) == ("keyed_number", True)
    assert story.names() == ["CloseReader", "StartPinEntry"]
    types(story)
    for wrong, said in (("49", "四位"), ("4913", "四位"), ("4900", "四位"), ("2610", "已过期")):
        story.keys(*wrong, "enter")
        assert (story.screen_id, said in story.text) == ("keyed_expiry", True), wrong
    story.keys("clear")
    assert story.screen_id == "keyed_number"
    types(story)
    story.keys(*"2611", "enter")
    assert story.screen_id == "approval_number", "the month itself is not over"


@pytest.mark.parametrize("outcome", ["cancelled", "timed_out"])
def test_giving_up_at_the_number_charges_nothing(outcome: str) -> None:
    story = at_the_card()
    story.keys("keyed")
    story.pin(outcome, digits=3)
    assert story.screen_id == "standby"
    assert not story.all_of(fx.SendPayment)


def test_where_no_supervisor_comes_nothing_is_charged() -> None:
    story = at_the_card()
    story.keys("keyed")
    types(story)
    story.keys(*"4912", "enter", "cancel")
    assert (story.screen_id, "未扣款" in story.text) == ("standby", True)
    left = at_the_card()
    left.keys("keyed")
    types(left)
    left.wait(61)
    assert left.screen_id == "standby"


@pytest.mark.parametrize("model", MODELS)
def test_screens_show_dots_and_their_number_and_never_a_digit(model: str) -> None:
    story = at_the_card(model)
    story.keys("keyed")
    for count in range(1, 20):
        story.send(ev.PinDots(now=story.now, count=count))
        assert story.view.entry is not None
        assert set(story.view.entry.shown) <= {"•", " "}
        assert f"{count} 位" in story.text
