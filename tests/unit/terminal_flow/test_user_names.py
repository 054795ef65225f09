"""User names at the terminal: typed by letters, by several presses of a digit key, and carried through all that comes after."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.worlds.flow_story import Story, memory

from zhanggui.basics.numbers import OperatorNo, RecordNo, UnixMs, UserName
from zhanggui.cup.values.offline import OfflineTerms
from zhanggui.cup.values.user_name import USER_NAME, USER_NAME_MAX
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.screens.name_keys import PRESSES, TURN_WITHIN_MS, NameTyped, with_key

WANG = UserName("wang.fang")


def last(story: Story, kind: type[Any]) -> Any:
    return story.all_of(kind)[-1]


def at_password(story: Story | None = None) -> Story:
    story = story or Story().to_number()
    story.signed_on()
    story.keys(*WANG, "enter")
    return story


def test_a_letter_begins_a_user_name_and_enter_asks_for_the_password() -> None:
    story = Story().to_number()
    story.signed_on()
    story.keys("w", "a")
    assert story.screen_id == "sign_in_name"
    assert story.view.entry is not None
    assert (story.view.entry.shown, story.view.letters) == ("wa", True)
    story.keys(*"ng.fangg", "clear", "enter")
    assert story.screen_id == "sign_in_password"
    assert last(story, fx.StartPinEntry).login == WANG
    story.pin(digits=4)
    assert last(story, fx.SendVerify).login == WANG


def test_the_key_for_a_user_name_and_cancel_lead_there_and_back() -> None:
    story = Story().to_number()
    story.keys("user_name")
    assert story.screen_id == "sign_in_name"
    story.keys("cancel")
    assert story.screen_id == "sign_in_number"


@pytest.mark.parametrize("typed", ["wa", "1wang", "w"])
def test_what_is_no_whole_user_name_is_said_and_kept(typed: str) -> None:
    story = Story().to_number()
    story.keys("user_name", *typed, "enter")
    assert story.screen_id == "sign_in_name"
    assert "3 至 32" in story.text
    assert story.view.entry is not None
    assert story.view.entry.shown == typed


def test_the_number_that_the_host_tells_is_whose_session_it_is() -> None:
    story = at_password()
    story.pin(digits=4)
    story.verified(login=WANG)
    story.keys("enter")
    assert last(story, fx.SendConfirm).operator_no == "01"
    story.send(
        ev.SignInConfirmed(
            now=story.now,
            record_no=RecordNo(88),
            host_now=story.now,
            user_name=WANG,
            offline=OfflineTerms(hours=24, uses=3, sale_limit_fen=100, record_no=RecordNo(88)),
        )
    )
    sealed = last(story, fx.SealEnvelope)
    assert (sealed.operator_no, sealed.user_name) == ("01", WANG)


def test_a_new_password_goes_with_the_user_name_that_was_typed_beside_the_old_one() -> None:
    story = at_password()
    story.pin(digits=4)
    story.verified(login=WANG, needs_new_password=True)
    story.pin(digits=6)
    story.pin(digits=6)
    sent = last(story, fx.SendNewPassword)
    assert (sent.login, sent.operator_no) == (WANG, "01")


def test_signed_in_elsewhere_goes_on_with_the_number_and_keeps_what_was_typed() -> None:
    story = at_password()
    story.pin(digits=4)
    found = ev.Elsewhere(
        record_no=RecordNo(91), operator_no=OperatorNo("03"), terminal="10000002 · 吧台", since=story.now, way="stale"
    )
    story.refused("SendVerify", "P6", elsewhere=found)
    assert story.screen_id == "elsewhere"
    assert "03" in story.text
    story.keys("stale", "broken")
    assert last(story, fx.SendConfirm).operator_no == "03"


def test_a_supervisor_approves_and_releases_by_user_name() -> None:
    story = Story().to_standby()
    story.keys("lock")
    story.send(ev.LockAnswered(now=story.now, verdict="lock"))
    story.keys("cancel", "supervisor", *"chen.li", "enter")
    assert story.screen_id == "approval_password"
    story.pin(digits=6)
    assert last(story, fx.SendLock).login == "chen.li"


def test_without_a_line_the_pin_pad_says_whose_envelope_it_was() -> None:
    story = Story().to_number()
    story.keys(*WANG, "enter")
    story.pin(digits=4)
    assert story.screen_id == "verifying"
    story.send(ev.OfflineChecked(now=story.now, login=WANG, outcome="none"))
    assert story.screen_id == "verifying", "nobody asked the PIN pad"


# ── several presses of a key ─────────────────────────────────────────────────


def pressed(keys: str, gap_ms: int = 200) -> str:
    typed, now = NameTyped(), UnixMs(0)
    for key in keys:
        now = UnixMs(now + (TURN_WITHIN_MS + 1 if key == " " else gap_ms))
        if key != " ":
            typed = with_key(typed, key, now, by_presses=True)
    return typed.text


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("9", "w"),
        ("22", "b"),
        ("2222", "2"),
        ("22222", "a"),
        ("2 2", "aa"),
        ("92 66 4", "wang"),
        ("1", "."),
        ("111", "_"),
        ("0", "0"),
        ("77777", "7"),
    ],
)
def test_the_same_key_soon_again_turns_the_letter_on_and_a_pause_begins_the_next(keys: str, text: str) -> None:
    assert pressed(keys) == text.replace("wang", pressed("92 66 4"))


def test_a_clock_that_is_set_back_begins_the_next_letter() -> None:
    typed = with_key(NameTyped(), "2", UnixMs(10_000), by_presses=True)
    assert with_key(typed, "2", UnixMs(9_000), by_presses=True).text == "aa"


def test_on_the_keypad_model_digits_are_letters_and_a_keyboards_letters_are_taken_too() -> None:
    story = Story("keypad").to_number()
    story.keys("user_name", "9", "2", "n", "4")
    assert story.screen_id == "sign_in_name"
    assert story.view.entry is not None
    assert story.view.entry.shown == "wang"


@given(st.from_regex(USER_NAME, fullmatch=True))
def test_every_user_name_can_be_pressed(name: str) -> None:
    typed, now = NameTyped(), UnixMs(0)
    for character in name:
        now = UnixMs(now + TURN_WITHIN_MS + 1)
        (key,) = [key for key, those in PRESSES.items() if character in those]
        for _ in range(PRESSES[key].index(character) + 1):
            typed = with_key(typed, key, now, by_presses=True)
    assert typed.text == name


@given(st.lists(st.sampled_from([*"abcz019._-#*", "enter", "sale", "00"]), max_size=60), st.booleans())
def test_no_keys_type_more_than_a_name_holds(keys: list[str], by_presses: bool) -> None:
    typed = NameTyped()
    for at, key in enumerate(keys):
        typed = with_key(typed, key, UnixMs(at * 5_000), by_presses=by_presses)
    assert len(typed.text) <= USER_NAME_MAX
    assert set(typed.text) <= set("abcdefghijklmnopqrstuvwxyz0123456789._-")


@pytest.mark.parametrize("model", ["smart", "keypad"])
def test_where_policy_has_no_user_names_no_key_and_no_letter_leads_there(model: str) -> None:
    story = Story(model).to_number(memory(rules="user_names=0"))
    story.keys("user_name", "w")
    assert story.screen_id == "sign_in_number"
    assert not story.view.letters
    assert "user_name" not in {choice.key for choice in story.view.choices}
