"""Lock, unlock, hand-over and release: on every model, with and without a line, in every quiet stage."""

import pytest
from tests.worlds.flow_story import MASKED, RULES, Story, on_duty, with_rules

from zhanggui.basics.words import Lang
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.policy import LOCK_AGAIN_S, SALE_IDLE_S
from zhanggui.terminal.flow.core.step import host_day
from zhanggui.terminal.flow.duty.area import AREA as DUTY
from zhanggui.terminal.flow.duty.stages import Locked
from zhanggui.terminal.flow.machine import ROWS, STAGES
from zhanggui.terminal.flow.payment.area import AREA as PAYMENT
from zhanggui.terminal.flow.slips.area import AREA as SLIPS
from zhanggui.terminal.keypad import keypad_pages
from zhanggui.terminal.transcript import screen_text

MODELS = ("smart", "esign", "keypad")


def answered(story: Story, verdict: str, *, released: bool = False) -> None:
    story.send(ev.LockAnswered(now=story.now, verdict=verdict, released=released))  # type: ignore[arg-type]


def locks(story: Story) -> list[str]:
    return [effect.verdict for effect in story.effects if isinstance(effect, fx.SendLock)]


def left_s(story: Story) -> int | None:
    """Seconds that the screen counts down; None when it counts none."""
    return story.view.countdown.left_s if story.view.countdown else None


def locked(model: str = "smart") -> Story:
    story = on_duty(model)
    story.keys("lock")
    answered(story, "lock")
    return story


def unlocking() -> Story:
    story = locked()
    story.pin(digits=4)
    return story


@pytest.mark.parametrize("said", ["answered", "refused", "lost", "untrusted"])
def test_the_answer_to_the_lock_notice_is_heard_wherever_somebody_is_by_then(said: str) -> None:
    story = on_duty()
    story.keys("lock")
    story.keys("others", "supervisor")
    assert story.screen_id == "approval_number"
    match said:
        case "answered":
            answered(story, "lock")
        case "refused":
            story.send(ev.Refused(now=story.now, request="SendLock", response_code="30"))
        case "untrusted":
            story.send(ev.Refused(now=story.now, request="SendLock", response_code="77"))
        case _:
            story.failed("SendLock", "no_answer")
    if said == "untrusted":
        assert story.state.forced is not None or story.state.session is None
        return
    assert story.state.lock is not None
    assert story.state.lock.told == "yes"
    story.keys("cancel")
    story.pin(digits=4)
    assert locks(story)[-1] == "unlock"


@pytest.mark.parametrize("model", MODELS)
def test_an_idle_terminal_warns_counts_down_and_locks(model: str) -> None:
    story = on_duty(model)
    story.wait(99)
    assert left_s(story) is None
    story.wait(1)
    assert left_s(story) == 20
    assert "20 秒后锁屏" in str(story.view.countdown)
    story.wait(19)
    assert story.screen_id == "standby"
    story.wait(1)
    assert story.screen_id == "locked"
    assert locks(story) == ["lock"]


def test_any_key_stays() -> None:
    story = on_duty()
    story.wait(110)
    story.keys("up")
    assert story.view.countdown is None
    story.wait(99)
    assert story.screen_id == "standby"


def test_a_rule_of_zero_never_locks() -> None:
    story = on_duty(rules=with_rules(idle_lock_s=0))
    story.wait(2_000)
    assert story.screen_id == "standby"


def test_the_lock_waits_while_a_card_and_the_host_are_talked_to() -> None:
    story = on_duty()
    story.keys("sale", "5", "enter")
    story.card()
    story.wait(130)
    assert story.screen_id == "pin"
    story.pin()
    story.wait(130)
    assert story.screen_id == "selling"
    story.approved(5)
    assert story.screen_id == "printing"
    story.wait(130)
    story.printed("merchant")
    assert story.screen_id == "tear_off", "the time of the exchange does not count"
    assert story.view.countdown is None


def test_the_success_screen_is_never_warned_on() -> None:
    story = Story().to_number()
    story.signed_on()
    story.keys("0", "1")
    story.pin(digits=4)
    story.verified(rules=with_rules(idle_lock_s=30, idle_warning_s=30))
    story.keys("enter")
    story.confirmed()
    assert story.view.countdown is None


@pytest.mark.parametrize("model", MODELS)
def test_locked_by_key_the_screen_shows_who_and_nothing_of_the_session(model: str) -> None:
    story = on_duty(model)
    story.to_selling(1234)
    story.approved(1234)
    if story.screen_id == "sign_here":
        story.keys("skip")
    story.printed("merchant")
    if story.screen_id == "tear_off":
        story.keys("enter")
    story.printed("cardholder")
    story.keys("lock")
    assert story.screen_id == "locked"
    assert "01 · 王芳" in story.text
    assert "12.34" not in story.text
    assert MASKED not in story.text
    assert story.state.reader == ()
    (entry,) = [effect for effect in story.latest if isinstance(effect, fx.StartPinEntry)]
    assert entry.login == "01"


def begun(way: str) -> Story:
    """An amount is typed, or a card is in hand."""
    story = on_duty(rules=with_rules(idle_lock_s=30, idle_warning_s=10))
    if way == "digits":
        story.keys("sale", "7", "5")
    else:
        story.card()
        assert story.screen_id == "amount"
    return story


@pytest.mark.parametrize("way", ["digits", "card"])
def test_the_idle_lock_does_not_strike_while_the_customer_looks_for_the_card(way: str) -> None:
    story = begun(way)
    story.wait(SALE_IDLE_S - 1)
    assert story.screen_id != "locked"
    assert story.view.countdown is None
    story.wait(2)
    assert story.screen_id == "standby", "the sale's own time ends it"
    story.wait(24)
    assert story.screen_id == "standby"
    story.wait(8)
    assert story.screen_id == "locked", "and then the lock counts"


@pytest.mark.parametrize("way", ["digits", "card"])
def test_what_was_typed_or_in_hand_is_dropped_with_words(way: str) -> None:
    story = begun(way)
    story.send(ev.Ordered(now=story.now, orders=("lock",)))
    assert story.screen_id == "locked"
    assert "0.75" not in story.text
    assert "已清除" in story.text
    assert "CloseReader" in [type(effect).__name__ for effect in story.effects[-4:]] or story.state.reader == ()
    answered(story, "lock")
    story.pin(digits=4)
    answered(story, "unlock")
    assert story.screen_id == "standby"
    assert "已清除" in story.text


def test_the_operators_own_password_unlocks_without_the_number() -> None:
    story = unlocking()
    assert story.screen_id == "unlocking"
    (sent,) = [effect for effect in story.latest if isinstance(effect, fx.SendLock)]
    assert (sent.verdict, sent.login) == ("unlock", "01")
    answered(story, "unlock")
    assert story.screen_id == "standby"
    assert story.state.lock is None
    assert story.state.session is not None


def test_an_unlock_never_overtakes_the_lock_notice() -> None:
    story = on_duty()
    story.keys("lock")
    story.pin(digits=4)
    assert locks(story) == ["lock"]
    answered(story, "lock")
    assert locks(story) == ["lock", "unlock"]


def test_a_wrong_password_keeps_it_locked_and_a_wait_keeps_the_keys_dead() -> None:
    story = unlocking()
    story.refused("SendLock", "P1", tries_left=3)
    assert story.screen_id == "locked"
    assert "还可再试 3 次" in story.text
    story.pin(digits=4)
    story.refused("SendLock", "P1", tries_left=2, wait_s=5)
    assert left_s(story) == 5
    assert story.view.entry is None
    assert "StartPinEntry" not in story.names()
    story.wait(5)
    assert left_s(story) is None
    assert "StartPinEntry" in story.names()


@pytest.mark.parametrize(("code", "short"), [("P2", "A102"), ("P7", "A107")])
def test_other_refusals_keep_it_locked_with_words(code: str, short: str) -> None:
    story = unlocking()
    story.refused("SendLock", code)
    assert story.screen_id == "locked"
    assert story.view.code == short


@pytest.mark.parametrize("code", ["PA", "77", "A0"])
def test_a_session_that_ended_meanwhile_goes_back_to_sign_in(code: str) -> None:
    story = unlocking()
    story.refused("SendLock", code)
    assert story.screen_id == "trouble"
    assert story.state.session is None
    assert story.state.lock is None
    story.keys("enter")
    assert story.screen_id == "sign_in_number"


def test_without_a_line_the_terminal_locks_and_tells_the_host_later() -> None:
    story = on_duty()
    story.keys("lock")
    story.failed("SendLock", "unreachable")
    assert story.screen_id == "locked"
    story.wait(LOCK_AGAIN_S)
    assert locks(story) == ["lock", "lock"]
    answered(story, "lock")
    story.wait(LOCK_AGAIN_S)
    assert locks(story) == ["lock", "lock"]


def test_a_lock_that_the_host_never_heard_of_may_be_opened_by_the_pin_pad() -> None:
    story = on_duty()
    story.keys("lock")
    story.failed("SendLock", "unreachable")
    story.pin(digits=4)
    story.failed("SendLock", "unreachable")
    (check,) = [effect for effect in story.latest if isinstance(effect, fx.CheckOffline)]
    assert not check.use
    story.send(ev.OfflineChecked(now=story.now, login=check.login, outcome="wrong", tries_left=4))
    assert story.screen_id == "locked"
    story.pin(digits=4)
    story.failed("SendLock", "unreachable")
    story.send(ev.OfflineChecked(now=story.now, login=check.login, outcome="ok"))
    assert story.screen_id == "standby"


@pytest.mark.parametrize("failure", ["no_answer", "bad_answer"])
def test_a_lock_that_the_host_may_know_of_is_opened_by_the_host_alone(failure: ev.Failure) -> None:
    story = on_duty()
    story.keys("lock")
    story.failed("SendLock", failure)
    story.pin(digits=4)
    story.failed("SendLock", "unreachable")
    assert story.all_of(fx.CheckOffline) == []
    assert story.screen_id == "locked"
    assert story.view.code == "N101"


@pytest.mark.parametrize("model", MODELS)
def test_another_operator_takes_the_terminal_by_a_normal_sign_in(model: str) -> None:
    story = locked(model)
    story.send(ev.PinDone(now=story.now, outcome="cancelled"))
    assert story.screen_id == "locked_menu"
    story.keys("2")
    assert story.screen_id == "sign_in_number"
    assert story.state.session is None
    assert "SendSignOn" in story.names()


def test_a_supervisor_releases_the_terminal_and_the_session_ends() -> None:
    story = locked()
    story.send(ev.PinDone(now=story.now, outcome="cancelled"))
    story.keys("supervisor")
    assert story.screen_id == "approval_number"
    assert story.view.code == "P101"
    assert "需要主管授权" in story.text
    story.keys("0", "0")
    story.pin(digits=6)
    (sent,) = [effect for effect in story.latest if isinstance(effect, fx.SendLock)]
    assert (sent.verdict, sent.login) == ("unlock", "00")
    answered(story, "unlock", released=True)
    assert story.view.code == "A205"
    assert story.state.session is None
    story.keys("enter")
    assert story.screen_id == "sign_in_number"


def test_the_lock_screen_comes_back_from_its_menu_by_itself_and_asks_again_after_time_runs_out() -> None:
    story = locked()
    story.send(ev.PinDone(now=story.now, outcome="timed_out"))
    assert story.screen_id == "locked"
    assert "StartPinEntry" in story.names()
    story.keys("others")
    assert story.screen_id == "locked_menu"
    assert "StopPinEntry" in story.names()
    story.wait(60)
    assert story.screen_id == "locked"


@pytest.mark.parametrize(("rule", "screen"), [("keep", "standby"), ("lock", "locked"), ("sign_out", "signing_out")])
def test_after_a_sale_the_policy_decides(rule: str, screen: str) -> None:
    story = on_duty("esign", rules=with_rules(after_sale=rule))
    story.to_selling(5)
    story.approved(5)
    story.keys("skip")
    story.printed("merchant")
    story.printed("cardholder")
    assert story.screen_id == screen


def test_a_payment_in_doubt_is_undone_behind_the_lock_and_leads_back_to_it() -> None:
    story = on_duty()
    story.to_selling(5)
    story.failed("SendPayment", "no_answer")
    for _ in range(3):
        story.failed("SendReversal", "no_answer")
    assert story.screen_id == "reversal_stuck"
    story.keys("cancel", "lock")
    answered(story, "lock")
    story.wait(70)
    assert "SendReversal" in [type(effect).__name__ for effect in story.effects[-12:]]
    story.reversal_taken()
    assert story.screen_id == "locked"
    assert isinstance(story.state.stage, Locked)


def test_every_stage_that_may_be_locked_has_a_row_that_a_person_can_reach() -> None:
    reached = {target for row in ROWS for target in row.leads_to}
    assert {stage for stage in STAGES if stage.lockable} <= reached


def test_rules_are_kept_for_the_next_power_on() -> None:
    story = on_duty()
    notes = {note.name: note.value for note in story.all_of(fx.RememberNote) if isinstance(note, fx.RememberNote)}
    assert notes | {"counter": ""} == {"rules": RULES, "host_day": host_day(story.state, story.now), "counter": ""}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_front_shows_the_countdown_first(lang: Lang) -> None:
    story = on_duty("keypad")
    story.send(ev.LangChosen(now=story.now, lang=lang))
    story.wait(110)
    words = {"zh": "10 秒后锁屏", "en": "Locking in 10 s"}[lang]
    assert words in "".join(keypad_pages(story.view, story.state.machine.profile)[0])
    assert words in screen_text(story.view)


def test_the_stages_that_a_person_may_leave_alone_are_all_lockable() -> None:
    waiting_for_others = {
        "Paying",
        "ProvingSent",
        "Undoing",
        "ShowingCode",
        "Arrived",
        "SigningOut",
        "Printing",
        "FindingSlip",
        "FetchingLink",
        "Signing",
        "EnteringPin",
        "KeyingNumber",
        "SignedInShown",
    }
    ended = {"SignedOutShown"}
    locked = {"Locked", "LockedMenu", "Unlocking", "Shut"}
    areas = (DUTY.drawings, PAYMENT.drawings, SLIPS.drawings)
    duty = {stage.__name__ for drawings in areas for stage in drawings} | {"OfflineShown", "EnteringOld", "EnteringNew"}
    lockable = {stage.__name__ for stage in STAGES if stage.lockable}
    assert duty - waiting_for_others - ended - locked <= lockable
