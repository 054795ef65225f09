"""00 at a terminal: the number opens a menu on every model; each entry asks for the password and goes to the host by itself."""

import pytest
from tests.worlds.flow_story import Story

from zhanggui.basics.words import Lang
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.policy import MANAGERS
from zhanggui.terminal.flow.management.menus import MENUS, OWN_PASSWORD
from zhanggui.terminal.flow.words.catalogue import has_words

MODELS = ("smart", "esign", "keypad")
LANGS: tuple[Lang, ...] = ("zh", "en")


def at_menu(model: str = "smart", lang: Lang = "zh") -> Story:
    story = Story(model, lang).to_number()
    story.signed_on()
    story.keys("0", "0")
    return story


def sent(story: Story) -> fx.SendManage:
    asked = story.all_of(fx.SendManage)[-1]
    assert isinstance(asked, fx.SendManage)
    return asked


def entries_of(role: str) -> list[str]:
    return [entry.action for entry in MENUS[role]]  # type: ignore[index]  # a role


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("model", MODELS)
def test_the_number_of_a_supervisor_opens_the_menu_and_asks_for_no_sign_in(model: str, lang: Lang) -> None:
    story = at_menu(model, lang)
    assert story.screen_id == "manage_menu"
    assert [choice.key for choice in story.view.choices] == [*entries_of("supervisor"), "cancel"]
    assert story.all_of(fx.SendVerify) == []
    story.keys("cancel")
    assert story.screen_id == "sign_in_number"


@pytest.mark.parametrize("model", MODELS)
def test_a_person_is_unlocked_by_number_and_password_and_the_menu_says_so(model: str) -> None:
    story = at_menu(model)
    story.keys("1", "7", "clear", "0", "1")
    assert story.screen_id == "manage_password"
    assert "01" in story.text
    story.pin(digits=6)
    asked = sent(story)
    assert (asked.operator_no, asked.action, asked.about_no, asked.first_password) == (
        *("00", "unlock_operator", "01"),
        False,
    )
    story.send(ev.Managed(now=story.now))
    assert story.screen_id == "manage_menu"
    assert "操作员 01 已解锁" in story.text
    assert story.state.session is None, "no session of a supervisor is left open"


@pytest.mark.parametrize("model", MODELS)
def test_a_reset_collects_the_own_password_and_a_first_one_twice_on_the_pin_pad(model: str) -> None:
    story = at_menu(model)
    story.keys("2", "0", "1")
    story.pin(digits=6)
    assert story.screen_id == "manage_first"
    story.pin(digits=8)
    assert story.screen_id == "manage_repeat"
    story.pin("differs", digits=8)
    assert story.screen_id == "manage_first"
    story.pin(digits=8)
    story.pin(digits=8)
    asked = sent(story)
    assert (asked.action, asked.about_no, asked.first_password) == ("reset_password", "01", True)
    purposes = [one.purpose for one in story.all_of(fx.StartPinEntry) if isinstance(one, fx.StartPinEntry)]
    assert purposes[-5:] == ["old_password", *(["new_password", "repeat_password"] * 2)]
    story.refused("SendManage", "P4", reason="banned")
    assert story.screen_id == "manage_first"
    assert "太简单" in story.text
    story.pin(digits=8)
    story.pin(digits=8)
    story.send(ev.Managed(now=story.now))
    assert "首次签到时须更换" in story.text


def test_the_locked_terminal_itself_is_asked_about_nobody() -> None:
    story = at_menu()
    story.keys("unlock_terminal")
    assert story.screen_id == "manage_password"
    story.pin(digits=6)
    assert (sent(story).action, sent(story).about_no) == ("unlock_terminal", "")
    story.send(ev.Managed(now=story.now))
    assert "本终端已解锁" in story.text


@pytest.mark.parametrize("model", MODELS)
def test_the_own_password_is_changed_without_a_session_and_leads_back_to_the_number(model: str) -> None:
    story = at_menu(model)
    story.keys("5")
    assert story.screen_id == "old_password"
    for _ in range(3):
        story.pin(digits=8)
    asked = story.all_of(fx.SendNewPassword)[-1]
    assert isinstance(asked, fx.SendNewPassword)
    assert (asked.operator_no, asked.record_no) == ("00", None)
    story.refused("SendNewPassword", "P1", tries_left=2)
    assert story.screen_id == "old_password"
    for _ in range(3):
        story.pin(digits=8)
    story.send(ev.PasswordChanged(now=story.now))
    assert story.screen_id == "sign_in_number"
    assert "密码已修改" in story.text or "新密码" in story.text


def test_a_wrong_password_is_asked_again_and_a_wait_is_said_before_the_menu() -> None:
    story = at_menu()
    story.keys("1", "0", "1")
    story.pin(digits=6)
    story.refused("SendManage", "P1", tries_left=2)
    assert story.screen_id == "manage_password"
    assert "2" in story.text
    story.pin(digits=6)
    story.refused("SendManage", "P1", tries_left=0, wait_s=5)
    assert story.screen_id == "trouble"
    story.keys("enter")
    assert story.screen_id == "manage_menu"


@pytest.mark.parametrize("reason", ["not_locked", "unknown_operator", "reset_first", "enable_first", "is_active"])
def test_what_can_not_be_done_now_says_why_and_what_would_help(reason: str) -> None:
    story = at_menu()
    story.keys("1", "0", "1")
    story.pin(digits=6)
    story.refused("SendManage", "PB", reason=reason)
    assert story.view.code == "A113"
    assert has_words(f"code.PB.{reason}")
    story.keys("enter")
    assert story.screen_id == "manage_menu"


def test_a_password_that_must_be_changed_first_leads_to_the_entry_that_does_it() -> None:
    story = at_menu()
    story.keys("2", "0", "1")
    for _ in range(3):
        story.pin(digits=8)
    story.refused("SendManage", "P4", reason="change_first")
    assert story.screen_id == "trouble", "not the first password is at fault"
    assert "修改本人密码" in story.text
    story.keys("enter")
    assert story.screen_id == "manage_menu"


def test_without_keys_it_waits_for_them_and_without_a_line_says_so() -> None:
    story = Story().to_number()
    story.keys("0", "0", "1", "0", "1")
    story.pin(digits=6)
    assert (story.screen_id, story.all_of(fx.SendManage)) == ("managing", [])
    story.signed_on()
    assert sent(story).about_no == "01"
    story.failed("SendManage", "no_answer")
    assert story.screen_id == "trouble"
    waiting = Story().to_number()
    waiting.keys("0", "0", "1", "0", "1")
    waiting.pin(digits=6)
    waiting.failed("SendSignOn", "unreachable")
    assert (waiting.screen_id, waiting.all_of(fx.SendManage)) == ("trouble", [])
    waiting.keys("enter")
    assert waiting.screen_id == "manage_menu"


def test_a_forged_answer_leads_to_new_keys_and_a_menu_that_nobody_uses_to_the_number() -> None:
    story = at_menu()
    story.keys("4")
    story.pin(digits=6)
    story.failed("SendManage", "bad_mac")
    assert story.state.keys == "under_way"
    left = at_menu()
    left.keys("1")
    left.wait(120)
    assert left.screen_id == "sign_in_number"


def test_each_entry_has_words_for_itself_and_for_what_was_done() -> None:
    assert set(MANAGERS.values()) == set(MENUS)
    for role in MENUS:
        for action in entries_of(role):
            assert has_words(f"manage.{action}")
            assert action == OWN_PASSWORD or has_words(f"manage.{action}.done")
