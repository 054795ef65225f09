"""结算 on each model: asked, told to the host, payment by payment where it differs, resumed after a power cut, and signed off."""

import pytest
from tests.worlds.flow_story import Story, memory, on_duty, pending, with_rules

from zhanggui.acquirer.policy.capabilities import who_can
from zhanggui.basics.numbers import BatchNo, OperatorNo, UnixMs
from zhanggui.cup.messages.settlement import Sums
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.settlement import Settlement, SettlementStep
from zhanggui.terminal.flow.payment.kinds import SETTLING
from zhanggui.terminal.paper.text import slip_text

OURS, HOSTS = Sums(debit_count=2, debit_fen=12_850), Sums(debit_count=1, debit_fen=12_000)


def asked(model: str = "smart") -> Story:
    story = Story(model).to_standby()
    story.keys("settle")
    story.counted()
    return story


def listed(story: Story) -> int:
    """Payments in today's list."""
    return len(story.state.today)


def settling(model: str = "smart") -> Story:
    story = asked(model)
    story.keys("enter")
    return story


def half_way(step: SettlementStep, told: int = 0, cursor: int = 0) -> Settlement:
    return Settlement(
        batch_no=BatchNo("000002"),
        operator_no=OperatorNo("01"),
        step=step,
        sums=OURS,
        host=HOSTS,
        told=told,
        cursor=cursor,
    )


@pytest.mark.parametrize("model", ["smart", "esign", "keypad"])
def test_totals_that_agree_end_with_a_slip_and_a_sign_off(model: str) -> None:
    story = asked(model)
    assert story.screen_id == "settle"
    assert "¥128.50" in story.text
    story.keys("enter")
    assert story.names() == ["RememberTrace", "RememberSettlement", "SendSettlement"]
    story.host_agrees()
    (end,) = [effect for effect in story.latest if isinstance(effect, fx.SendUploadEnd)]
    assert end.settlement.agreed
    story.send(ev.UploadEnded(now=story.now))
    assert story.names()[0] == "RememberSettled"
    assert (story.state.batch_no, story.state.session) == ("000003", None)
    story.counted()
    slip = "\n".join(slip_text(story.slips()[-1], 32))
    assert ("对账平" in slip, "借记合计/2" in slip, "000010 消费" in slip, "+08:00" in slip) == (True, True, True, True)
    story.send(ev.SlipPrinted(now=story.now, slip_id="000002-settlement"))
    story.keys("enter")
    assert story.names() == ["RememberTrace", "RememberSettlement", "SendSignOff"]
    story.send(ev.SignedOff(now=story.now))
    assert story.screen_id == "sign_in_number"
    assert story.state.settlement is None


def test_totals_that_differ_are_told_a_page_at_a_time_with_progress() -> None:
    story = settling()
    story.host_agrees(HOSTS)
    assert story.names()[-1] == "SendDetails"
    story.send(ev.DetailsTold(now=story.now, count=1, cursor=7, is_last=False))
    (page,) = [effect for effect in story.latest if isinstance(effect, fx.SendDetails)]
    assert (page.settlement.told, page.settlement.cursor) == (1, 7)
    assert story.view.progress == ("已上送 1 / 2",)
    story.send(ev.DetailsTold(now=story.now, count=1, cursor=9, is_last=True))
    (end,) = [effect for effect in story.latest if isinstance(effect, fx.SendUploadEnd)]
    assert (end.settlement.told, end.settlement.agreed) == (2, False)
    story.send(ev.UploadEnded(now=story.now))
    assert "对账不平" in story.text
    assert "¥120.00" in story.text
    story.counted()
    assert "主机借记合计/1" in "\n".join(slip_text(story.slips()[-1], 32))


def test_policy_may_ask_for_chip_details_also_where_the_totals_agree() -> None:
    story = on_duty(rules=with_rules(upload_chip_details=1))
    story.keys("settle")
    story.counted()
    story.keys("enter")
    story.host_agrees()
    assert story.names()[-1] == "SendDetails"


@pytest.mark.parametrize(
    ("kept", "sent"),
    [
        (half_way("asked"), "SendSettlement"),
        (half_way("uploading", told=320, cursor=400), "SendDetails"),
        (half_way("ending", told=321, cursor=401), "SendUploadEnd"),
    ],
)
def test_after_a_power_cut_it_goes_on_where_it_was_before_anybody_signs_in(kept: Settlement, sent: str) -> None:
    story = Story()
    story.to_number(memory(batch_no="000002", settlement=kept))
    assert (story.screen_id, story.names()[-1]) == ("settling", "SendSignOn")
    story.signed_on()
    assert story.names()[-1] == sent
    message = story.latest[-1]
    assert isinstance(message, fx.SendSettlement | fx.SendDetails | fx.SendUploadEnd)
    assert message.settlement == kept


def test_a_sign_on_that_was_dropped_with_its_number_is_asked_for_again() -> None:
    """It counted as under way, and a settlement that was resumed after a power cut waited for its answer for ever."""
    story = Story()
    story.to_number(memory(batch_no="000002", settlement=half_way("asked")))
    assert (story.screen_id, story.names()[-1]) == ("settling", "SendSignOn")
    story.send(ev.JournalFailed(now=story.now, what="trace"))
    assert (story.screen_id, story.code) == ("trouble", "J101")
    story.keys("enter")
    assert (story.screen_id, story.names()[-1]) == ("settling", "SendSignOn")
    story.signed_on()
    assert story.names()[-1] == "SendSettlement"


def test_a_settled_batch_whose_slip_did_not_come_out_prints_it_at_power_on() -> None:
    story = Story()
    story.to_number(memory(batch_no="000003", settlement=half_way("settled")))
    assert (story.screen_id, story.names()) == ("settled", ["CountBatch"])


def test_no_answer_is_asked_again_and_then_told_and_no_payment_begins_meanwhile() -> None:
    story = settling()
    for _ in range(2):
        story.failed("SendSettlement", "no_answer")
        assert story.names()[-1] == "SendSettlement"
    story.failed("SendSettlement", "no_answer")
    assert story.screen_id == "trouble"
    story.keys("cancel")
    assert story.screen_id == "standby"
    story.keys("sale")
    assert story.names()[-1] == "SendSettlement"


def test_refused_totals_leave_the_batch_open() -> None:
    story = settling()
    story.refused("SendSettlement", "57")
    assert story.state.settlement is None
    assert any(isinstance(effect, fx.RememberSettlement) and effect.settlement is None for effect in story.latest)
    story.keys("enter")
    assert story.screen_id == "standby"
    again = settling()
    again.refused("SendSettlement", "77")
    assert again.state.settlement is None
    assert again.state.session is None


def test_a_wrong_mac_brings_new_keys_and_the_same_step() -> None:
    story = settling()
    story.refused("SendSettlement", "A0")
    assert story.names()[-1] == "SendSignOn"
    story.signed_on()
    assert story.names()[-1] == "SendSettlement"


def test_a_host_that_knows_no_totals_gets_them_first() -> None:
    story = settling()
    story.host_agrees(HOSTS)
    story.refused("SendDetails", "22")
    (again,) = [effect for effect in story.latest if isinstance(effect, fx.SendSettlement)]
    assert (again.settlement.step, again.settlement.told) == ("asked", 0)


def test_an_empty_batch_and_a_payment_in_doubt_are_not_settled() -> None:
    story = Story().to_standby()
    story.keys("settle")
    story.counted(0, 0)
    assert story.screen_id == "standby"
    assert "没有交易" in story.text
    doubt = Story().to_standby(memory(reversal=pending()))
    doubt.keys("settle")
    assert doubt.screen_id == "reversing"


def test_by_order_of_the_host_nobody_is_asked() -> None:
    story = Story().to_standby()
    story.send(ev.Ordered(now=story.now, orders=("settle",)))
    assert story.names() == ["CloseReader", "CountBatch"]
    story.counted()
    assert story.names()[-1] == "SendSettlement"


def test_standby_tells_of_a_batch_that_is_open_since_yesterday() -> None:
    story = Story().to_standby(memory(batch_since="2026-11-22"))
    assert "2026-11-22 起未结算" in story.text
    assert "未结算" not in Story().to_standby(memory(batch_since="2026-11-23")).text


def test_the_day_is_the_shops_and_not_the_calendars() -> None:
    story = on_duty(rules=with_rules(day_starts_hour=5, new_day_signs_in=0))
    story.to_selling()
    story.approved()
    since = story.state.batch_since
    story.now = UnixMs(story.now + 17 * 3_600_000)
    story.send(ev.Ticked(now=story.now))
    assert listed(story) == 1, "at two in the morning it is the evening before"
    story.now = UnixMs(story.now + 4 * 3_600_000)
    story.send(ev.Ticked(now=story.now))
    assert listed(story) == 0
    assert story.state.batch_since == since


def test_paper_that_is_out_is_said_and_the_slip_comes_again() -> None:
    story = settling()
    story.host_agrees()
    story.send(ev.UploadEnded(now=story.now))
    story.counted()
    story.send(ev.SlipNotPrinted(now=story.now, slip_id="000002-settlement", reason="check.printer.no_paper"))
    assert "缺纸" in story.text
    story.keys("retry")
    assert story.names() == ["CountBatch"]


def test_what_the_journal_cannot_keep_is_not_sent() -> None:
    story = asked()
    story.broken_records.add("settlement")
    story.keys("enter")
    assert story.all_of(fx.SendSettlement) == []
    assert story.view.code == "J101"


def test_who_is_offered_it_is_who_has_the_right() -> None:
    assert set(who_can("settle")) == SETTLING
    supervisor = Story().to_standby(role="supervisor")
    assert "settle" not in [choice.key for choice in supervisor.view.choices]
