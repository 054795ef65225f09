"""Signing in without network until the host knows of it; orders of the host, a new day, fewer rights, notes at sign-out."""

from datetime import timedelta

import pytest
from tests.worlds.flow_story import RULES, Story, found, memory, on_duty, with_rules

from zhanggui.basics.clock import china_time, instant_of
from zhanggui.basics.numbers import BatchNo, OperatorNo, RecordNo, UnixMs
from zhanggui.basics.spans import DAY_MS
from zhanggui.cup.values.offline import OfflineTerms
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.policy import HEARTBEAT_S, LINE_AGAIN_S

MODELS = ("smart", "esign", "keypad")


def names(story: Story) -> list[str]:
    return [type(effect).__name__ for effect in story.effects]


def checked_by_pin_pad(story: Story, outcome: str, **more: object) -> None:
    more = {
        "login": OperatorNo("01"),
        "operator_no": OperatorNo("01"),
        "operator_name": "王芳",
        "until": UnixMs(story.now + DAY_MS),
        "uses_left": 2,
        "sale_limit_fen": 50_000,
    } | more
    story.send(ev.OfflineChecked(now=story.now, outcome=outcome, **more))  # type: ignore[arg-type]


def no_line(model: str = "smart") -> Story:
    """Power-on at a terminal whose host cannot be reached, with rules that allow it."""
    story = Story(model).to_number(memory(rules=RULES))
    story.failed("SendSignOn", "unreachable")
    return story


def offline(model: str = "smart") -> Story:
    story = no_line(model)
    story.keys("0", "1")
    story.pin(digits=4)
    checked_by_pin_pad(story, "ok")
    return story


def line_back(story: Story) -> None:
    story.wait(LINE_AGAIN_S)
    assert "SendSignOn" in story.names()
    story.signed_on()


def accepted(story: Story) -> None:
    story.send(
        ev.OfflineAccepted(
            now=story.now,
            operator_no=OperatorNo("01"),
            record_no=RecordNo(92),
            host_now=story.now,
        )
    )


# ── without a line ───────────────────────────────────────────────────────────


@pytest.mark.parametrize("model", MODELS)
def test_without_a_line_the_pin_pad_lets_the_operator_on_and_says_until_when(model: str) -> None:
    story = no_line(model)
    assert story.screen_id == "sign_in_number", "nobody is interrupted"
    assert "离线" in story.text
    story.keys("0", "1")
    story.pin(digits=4)
    (check,) = story.all_of(fx.CheckOffline)
    assert isinstance(check, fx.CheckOffline)
    assert check.use
    checked_by_pin_pad(story, "ok")
    assert story.screen_id == "signed_in_offline"
    assert story.view.code == "D101"
    assert "2026-11-24 08:55:03" in story.text
    assert "退货不可用" in story.text
    assert story.all_of(fx.SendVerify) == []


def test_who_typed_before_the_line_failed_is_not_asked_again() -> None:
    story = Story().to_number(memory(rules=RULES))
    story.keys("0", "1")
    story.pin(digits=4)
    assert story.view.title == "正在连接主机"
    story.failed("SendSignOn", "unreachable")
    assert len(story.all_of(fx.CheckOffline)) == 1


@pytest.mark.parametrize("failure", ["no_answer", "bad_answer", "bad_keys"])
def test_only_an_unreachable_host_leads_to_it(failure: ev.Failure) -> None:
    story = Story().to_number(memory(rules=RULES))
    story.keys("0", "1")
    story.pin(digits=4)
    story.failed("SendSignOn", failure)
    assert story.all_of(fx.CheckOffline) == []
    assert story.screen_id == "trouble"


def test_where_policy_does_not_allow_it_the_line_is_simply_down() -> None:
    story = Story().to_number(memory(rules=with_rules(offline=0)))
    story.failed("SendSignOn", "unreachable")
    assert story.view.code == "N101"


@pytest.mark.parametrize(
    ("outcome", "screen", "code"),
    [
        ("wrong", "sign_in_password", "A101"),
        ("none", "trouble", "N101"),
        ("over", "trouble", "D106"),
        ("used_up", "trouble", "D106"),
        ("clock", "trouble", "D106"),
    ],
)
def test_what_the_pin_pad_refuses_is_said_in_words(outcome: str, screen: str, code: str) -> None:
    story = no_line()
    story.keys("0", "1")
    story.pin(digits=4)
    checked_by_pin_pad(story, outcome, tries_left=4)
    assert (story.screen_id, story.view.code) == (screen, code)
    assert story.state.session is None


@pytest.mark.parametrize("way", ["key", "card"])
def test_payments_wait_for_the_line(way: str) -> None:
    story = offline()
    story.keys("enter")
    assert story.screen_id == "standby"
    assert "收款等待网络恢复" in story.text
    if way == "key":
        story.keys("sale")
    else:
        story.card()
    assert story.view.code == "D101"
    assert story.all_of(fx.SendPayment) == []
    story.keys("enter")
    assert story.screen_id == "standby"


def test_when_the_line_is_back_the_host_is_told_before_anything_else() -> None:
    story = offline()
    story.keys("enter")
    line_back(story)
    assert story.names()[-1] == "SendOffline"
    accepted(story)
    assert "网络已恢复" in story.text
    assert "¥500.00" in story.text
    session = story.state.session
    assert session is not None
    assert (session.record_no, session.offline) == (92, False)
    story.wait(HEARTBEAT_S)
    assert story.names() == ["SendStatus"]


def test_a_limited_session_sells_up_to_the_limit_and_a_full_sign_in_lifts_it() -> None:
    story = offline()
    story.keys("enter")
    line_back(story)
    accepted(story)
    story.to_selling(50_000)
    assert len(story.all_of(fx.SendPayment)) == 1
    story.refused("SendPayment", "51")
    story.keys("enter", "sale", *"50001", "enter")
    assert story.view.code == "D107"
    assert story.state.reader == ()
    story.keys("enter")
    assert story.screen_id == "sign_in_password"
    story.pin(digits=4)
    story.verified(rules=RULES)
    story.keys("enter")
    story.confirmed()
    assert story.state.session is not None
    assert story.state.session.limits is None


def test_the_limit_can_be_left_as_it_is() -> None:
    story = offline()
    story.keys("enter")
    line_back(story)
    accepted(story)
    story.keys("sale", *"50001", "enter", "cancel")
    assert story.screen_id == "standby"
    assert story.state.session is not None


@pytest.mark.parametrize(
    "reason", ["envelope_over", "password_changed_since", "operator_not_active", "signed_in_elsewhere", "unheard_of"]
)
def test_a_report_that_is_refused_ends_the_session_with_words(reason: str) -> None:
    story = offline()
    story.keys("enter")
    line_back(story)
    story.refused("SendOffline", "P8", reason=reason)
    assert story.screen_id == "trouble"
    assert story.view.code == "A110"
    assert story.state.session is None
    assert story.state.owed == ()


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("reason", "what", "todo"),
    [
        ("offline_use_taken", "The host has dealt with", "sign in again"),
        ("offline_time_impossible", "can't be right", "clock"),
        ("terminal_locked", "This terminal is locked", "unlocked it"),
        ("new_password_needed", "password must be changed", "set a new password"),
        ("code_needed", "asks for a sign-in code", "with your code"),
    ],
)
def test_a_report_that_is_refused_says_what_to_do_and_leads_to_a_new_sign_in(
    model: str, reason: str, what: str, todo: str
) -> None:
    story = offline(model)
    story.send(ev.LangChosen(now=story.now, lang="en"))
    story.keys("enter")
    line_back(story)
    story.refused("SendOffline", "P8", reason=reason)
    assert story.screen_id == "trouble"
    assert what in story.text
    assert todo in story.text
    story.keys("enter")
    assert story.screen_id == "sign_in_number"


def test_a_report_that_got_lost_is_made_again() -> None:
    story = offline()
    story.keys("enter")
    line_back(story)
    story.failed("SendOffline", "no_answer")
    story.wait(LINE_AGAIN_S)
    assert names(story).count("SendOffline") == 2


def test_after_a_power_cut_the_report_comes_before_the_next_sign_in() -> None:
    story = Story().to_number(memory(rules=RULES, offline_owed=(OperatorNo("01"),)))
    story.keys("0", "2")
    story.pin(digits=4)
    story.signed_on()
    assert story.names()[-1] == "SendOffline"
    assert story.all_of(fx.SendVerify) == []
    accepted(story)
    assert story.names()[-1] == "SendVerify"


def test_an_offline_session_ends_when_its_envelope_does() -> None:
    story = offline()
    story.keys("enter")
    story.now = UnixMs(story.now + DAY_MS)
    story.wait(1)
    assert story.state.session is None
    assert story.view.code in ("D106", "A204")


def test_the_line_that_comes_back_while_somebody_types_the_number_brings_keys() -> None:
    story = no_line()
    story.wait(LINE_AGAIN_S)
    story.signed_on()
    assert "离线" not in story.text
    story.keys("0", "1")
    story.pin(digits=4)
    assert story.names()[-1] == "SendVerify"


def test_a_line_that_is_plugged_in_again_is_tried_at_once() -> None:
    story = no_line()
    story.wait(2)
    story.send(ev.DeviceChanged(now=story.now, result=ev.CheckResult(item="network", state="ok")))
    story.wait(1)
    assert "SendSignOn" in story.names()


def test_an_offline_operator_signs_out_and_the_report_stays_owed() -> None:
    story = offline()
    story.keys("enter", "sign_out", "enter")
    assert story.screen_id == "signed_out"
    assert story.all_of(fx.SendSignOut) == []
    assert story.state.owed == ("01",)


def test_a_good_sign_in_seals_an_envelope_when_the_host_allows_it() -> None:
    story = Story().to_number()
    story.signed_on()
    story.keys("0", "1")
    story.pin(digits=4)
    story.verified(rules=RULES)
    story.keys("enter")
    terms = OfflineTerms(hours=24, uses=3, sale_limit_fen=50_000, record_no=RecordNo(88))
    story.send(ev.SignInConfirmed(now=story.now, record_no=RecordNo(88), host_now=story.now, offline=terms))
    (sealed,) = story.all_of(fx.SealEnvelope)
    assert isinstance(sealed, fx.SealEnvelope)
    assert (sealed.operator_no, sealed.operator_name, sealed.terms) == ("01", "王芳", terms)


# ── orders, a new day, an update ─────────────────────────────────────────────


@pytest.mark.parametrize("model", MODELS)
def test_a_session_that_was_moved_says_where(model: str) -> None:
    story = on_duty(model)
    story.send(ev.Ordered(now=story.now, orders=("sign_in",), notice="10000002"))
    assert story.view.code == "A202"
    assert "10000002" in story.text
    assert story.state.session is None
    story.keys("enter")
    assert story.screen_id == "sign_in_number"


@pytest.mark.parametrize(("order", "screen"), [("sign_in", "trouble"), ("lock", "locked"), ("sign_out", "signing_out")])
def test_each_order_is_carried_out(order: str, screen: str) -> None:
    story = on_duty()
    story.send(ev.Ordered(now=story.now, orders=(order,)))
    assert story.screen_id == screen


@pytest.mark.parametrize("order", ["sign_in", "lock", "sign_out"])
def test_an_order_waits_until_the_payment_is_over(order: str) -> None:
    story = on_duty().to_selling(5)
    story.send(ev.Ordered(now=story.now, orders=(order,)))
    assert story.screen_id == "selling"
    story.approved(5)
    assert story.screen_id == "printing"
    story.printed("merchant")
    assert story.screen_id == "tear_off", "its slips belong to it"
    story.keys("enter")
    story.printed("cardholder")
    assert story.screen_id in ("trouble", "locked", "signing_out")
    assert len(story.all_of(fx.RememberApproval)) == 1


def test_an_order_that_is_not_known_does_nothing() -> None:
    story = on_duty()
    story.send(ev.Ordered(now=story.now, orders=("dance",)))
    assert story.screen_id == "standby"


def test_the_host_s_new_day_asks_for_a_new_sign_in_and_not_the_terminals() -> None:
    story = on_duty(drift_s=7_200, rules=with_rules(idle_lock_s=0))
    midnight = (china_time(story.now) + timedelta(days=1)).replace(hour=0, minute=30, second=0)
    story.now = instant_of(midnight)
    story.wait(1)
    assert story.screen_id == "standby", "at the host it is still half past ten in the evening"
    story.now = UnixMs(story.now + 2 * 3_600_000)
    story.wait(1)
    assert story.view.code == "A204"
    assert story.state.session is None


def test_a_heartbeat_names_the_operator_and_a_refused_one_asks_for_a_sign_in() -> None:
    story = on_duty()
    story.wait(HEARTBEAT_S)
    (beat,) = story.all_of(fx.SendStatus)
    assert isinstance(beat, fx.SendStatus)
    assert beat.operator_no == "01"
    story.refused("SendStatus", "96")
    assert story.screen_id == "standby"
    story.refused("SendStatus", "77")
    assert story.screen_id == "trouble"


def test_a_locked_terminal_keeps_its_lease_too() -> None:
    story = on_duty()
    story.keys("lock")
    story.send(ev.LockAnswered(now=story.now, verdict="lock"))
    story.wait(2 * HEARTBEAT_S)
    assert len(story.all_of(fx.SendStatus)) == 2


def test_an_updated_program_says_so_and_is_noted() -> None:
    story = Story().to_number(memory(software="zhanggui 0.0.9"))
    assert "zhanggui 0.1.0" in story.text
    (note,) = story.all_of(fx.RememberNote)
    assert isinstance(note, fx.RememberNote)
    assert (note.name, note.value) == ("software", "zhanggui 0.1.0")


# ── fewer rights ─────────────────────────────────────────────────────────────


def test_rights_that_the_self_check_took_away_are_said_at_the_confirmation_and_in_standby() -> None:
    story = Story().to_number()
    story.signed_on()
    story.keys("0", "1")
    story.pin(digits=4)
    story.verified(rules=RULES, degraded=("slip", "card", "unheard_of"))
    assert "签购单待打印" in story.text
    story.keys("enter")
    story.confirmed()
    story.keys("enter")
    assert "不能刷卡收款" in story.text
    story.keys("sale")
    assert story.view.code == "D105"


def test_without_a_printer_the_sale_goes_on_and_its_slips_wait() -> None:
    story = Story()
    story.power_on()
    story.checked(found("printer", "fail", "check.printer.fail"))
    story.keys("enter")
    story.signed_on()
    story.keys("0", "1")
    story.pin(digits=4)
    story.verified(rules=RULES, degraded=("slip",))
    story.keys("enter")
    story.confirmed()
    story.keys("enter")
    story.to_selling(5)
    story.approved(5)
    assert story.screen_id == "standby"
    assert "待打印" in story.text
    assert story.all_of(fx.Print) == []
    assert story.state.print_pending is not None
    story.send(ev.DeviceChanged(now=story.now, result=ev.CheckResult(item="printer", state="ok")))
    story.keys("reprint")
    assert story.screen_id == "printing"


# ── notes ────────────────────────────────────────────────────────────────────


def notes_of(story: Story) -> str:
    (sent,) = story.all_of(fx.SendSignOut)
    assert isinstance(sent, fx.SendSignOut)
    return sent.notes


@pytest.mark.parametrize("model", MODELS)
def test_one_key_signs_out_without_a_word(model: str) -> None:
    story = on_duty(model)
    story.keys("sign_out")
    assert "留言" in story.text
    story.keys("enter")
    assert notes_of(story) == ""


@pytest.mark.parametrize("model", MODELS)
def test_two_short_answers_go_with_the_sign_out(model: str) -> None:
    story = on_duty(model)
    story.keys("sign_out", "clear")
    assert story.screen_id == "notes_well"
    story.keys("2")
    assert story.screen_id == "notes_not"
    story.keys("1")
    assert story.screen_id == "signing_out"
    assert notes_of(story) == "well:help,not:network"


@pytest.mark.parametrize(
    ("keys", "notes"),
    [
        (("skip", "printer"), "not:printer"),
        (("calm", "skip"), "well:calm"),
        (("skip", "skip"), ""),
        (("cancel",), ""),
        (("smooth", "cancel"), "well:smooth"),
    ],
)
def test_each_question_can_be_skipped(keys: tuple[str, ...], notes: str) -> None:
    story = on_duty()
    story.keys("sign_out", "note", *keys)
    assert notes_of(story) == notes


def test_who_walks_away_while_being_asked_is_signed_out_all_the_same() -> None:
    story = on_duty()
    story.keys("sign_out", "note", "quick")
    story.wait(60)
    assert notes_of(story) == "well:quick"
    assert BatchNo("000002") == story.state.batch_no
