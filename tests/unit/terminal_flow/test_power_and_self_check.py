"""The power key, a self-check that can be read, what the terminal runs on, and a payment that a switch-off has cut."""

import pytest
from tests.worlds.flow_story import CHECKED, Story, all_well, memory, pending

from zhanggui.basics.words import Lang
from zhanggui.terminal.devices.power import CHARGES, power_result
from zhanggui.terminal.devices.switches import STATES
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.policy import BATTERY_WARNED_PERCENT, PAYMENT_CHARGE_MIN_PERCENT, SELF_CHECK_SHOWN_S


def switched_on(story: Story, reversal: ev.PendingReversal | None = None) -> Story:
    story.send(ev.PoweredOn(now=story.now, lang=story.lang, memory=memory(reversal=reversal), by_key=True))
    return story


@pytest.mark.parametrize("model", ["smart", "esign", "keypad"])
def test_whoever_presses_the_power_key_reads_what_was_checked(model: str) -> None:
    story = switched_on(Story(model))
    assert story.screen_id == "self_check"
    story.send(ev.SelfChecked(now=story.now, results=all_well()))
    assert story.screen_id == "self_check"
    assert "自检通过" in story.view.title
    assert [row.tone for row in story.view.rows] == ["good"] * len(CHECKED)
    assert [row.left for row in story.view.rows][:2] == ["电源", "网络"]
    for _ in range(SELF_CHECK_SHOWN_S):
        assert story.screen_id == "self_check"
        story.wait(1)
    assert story.screen_id == "sign_in_number"


def test_nobody_has_to_wait_for_it_and_a_start_of_the_program_shows_nothing() -> None:
    story = switched_on(Story())
    story.send(ev.SelfChecked(now=story.now, results=all_well()))
    story.keys("enter")
    assert story.screen_id == "sign_in_number"
    started = Story()
    started.power_on()
    started.checked()
    assert started.screen_id == "sign_in_number"


@pytest.mark.parametrize(
    ("lang", "said"),
    [("zh", "关机前的消费 ¥50.00（凭证号 000009）没有完成"), ("en", "Sale ¥50.00 (voucher 000009) was cut off")],
)
def test_a_payment_that_the_switch_off_cut_is_told_before_anybody_signs_in(lang: Lang, said: str) -> None:
    story = switched_on(Story(lang=lang), reversal=pending())
    story.send(ev.SelfChecked(now=story.now, results=all_well()))
    story.keys("enter")
    assert story.screen_id == "sign_in_number"
    assert said in story.text


@pytest.mark.parametrize(
    ("charge", "state"),
    [
        (None, "ok"),
        (100, "ok"),
        (BATTERY_WARNED_PERCENT + 1, "ok"),
        (BATTERY_WARNED_PERCENT, "warn"),
        (PAYMENT_CHARGE_MIN_PERCENT, "warn"),
        (PAYMENT_CHARGE_MIN_PERCENT - 1, "fail"),
        (0, "fail"),
    ],
)
def test_a_charge_is_judged_by_the_two_figures(charge: int | None, state: str) -> None:
    assert power_result(charge).state == state


def test_the_states_of_the_virtual_supply_are_those_that_their_charges_say() -> None:
    results = {name: power_result(charge) for name, charge in CHARGES.items()}
    assert {name: (result.state, result.reason) for name, result in results.items()} == STATES["power"]


@pytest.mark.parametrize(("charge", "shown"), [(None, "外接电源"), (80, "电池 80%"), (12, "电池 12%"), (3, "电池 3%")])
def test_the_header_says_mains_or_the_charge_of_the_battery(charge: int | None, shown: str) -> None:
    story = Story().to_standby()
    story.send(ev.DeviceChanged(now=story.now, result=power_result(charge)))
    assert (story.view.status.power, story.view.status.charge) == (shown, charge)
    assert story.view.status.power_state == power_result(charge).state


def test_a_low_battery_warns_in_standby_and_a_nearly_empty_one_begins_no_payment() -> None:
    story = Story().to_standby()
    story.send(ev.DeviceChanged(now=story.now, result=power_result(15)))
    assert "电量低，请接通电源" in story.text
    story.keys("sale")
    assert story.screen_id == "amount"
    story.keys("cancel")
    story.send(ev.DeviceChanged(now=story.now, result=power_result(4)))
    for begin in ("sale", "1", "card"):
        story.card() if begin == "card" else story.keys(begin)
        assert "D104" in story.text
        assert "电量不足，不能开始交易" in story.text
        assert not story.all_of(fx.SendPayment)
        story.keys("enter")
        assert story.screen_id == "standby"
    story.send(ev.DeviceChanged(now=story.now, result=power_result(None)))
    story.keys("sale")
    assert story.screen_id == "amount"


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_a_case_opened_while_nothing_is_under_way_is_said_at_once_and_told_to_the_host(is_signed_in: bool) -> None:
    """Its keys are gone: whatever was begun would end with words about the line."""
    story = Story()
    if is_signed_in:
        story.to_standby()
    else:
        story.power_on()
        story.checked()
    before = len(story.all_of(fx.SendStatus))
    opened = ev.CheckResult(item="tamper", state="fail", reason="check.tamper.opened")
    story.send(ev.DeviceChanged(now=story.now, result=opened))
    assert story.names() == ["RunSelfCheck"]
    story.checked((opened,))
    assert (story.view.id, story.view.tone) == ("self_check_result", "bad")
    assert len(story.all_of(fx.SendStatus)) == before + 1
    story.keys("enter")
    assert story.screen_id == "self_check"
