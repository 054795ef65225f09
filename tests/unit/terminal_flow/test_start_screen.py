"""The start screen: one large 签到 on touch models, the classic menu on the keypad model; the number may begin at once on each."""

import pytest
from tests.worlds.flow_story import Story, found, machine, memory

from zhanggui.basics.numbers import BatchNo, OperatorNo, UnixMs
from zhanggui.cup.values.rules import TerminalRules, read_rules, write_rules
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core.noted.counter import (
    RECENT_KEPT,
    Counter,
    Known,
    read_counter,
    with_sign_in,
    write_counter,
)

KNOWN = write_counter(
    Counter(
        merchant_name="城南小馆",
        place="前台",
        batch_no=BatchNo("000001"),
        batch_since=UnixMs(1_795_363_200_000),
        signed_in_at=UnixMs(1_795_391_700_000),
        recent=(Known(OperatorNo("01"), "王芳"), Known(OperatorNo("02"), "李强")),
    )
)


def started(model: str = "smart", lang: str = "zh", **kept: object) -> Story:
    story = Story(model, lang)  # type: ignore[arg-type]
    return story.to_number(memory(counter=KNOWN, **kept))  # type: ignore[arg-type]


@pytest.mark.parametrize("model", ["smart", "esign"])
def test_a_touch_model_shows_one_primary_key_and_what_the_counter_is(model: str) -> None:
    story = started(model)
    assert story.screen_id == "sign_in_number"
    assert [choice.label for choice in story.view.choices if choice.rank == "primary"] == ["签到"]
    for words in (
        "城南小馆",
        "前台",
        "10000001",
        "2026-11-23 08:55:03",
        "01 · 王芳 11-23 07:55",
        "000001 自 11-23 00:00",
    ):
        assert words in story.text, words
    assert machine().software in story.text
    assert story.view.entry is None
    assert "李强" not in str(story.view.choices), "names stand there only where policy lets them"


def test_the_key_asks_for_the_number_and_a_digit_is_already_its_first() -> None:
    story = started()
    story.keys("sign_in")
    assert story.view.entry is not None
    assert story.view.entry.shown == ""
    story.keys("cancel", "0")
    assert story.view.entry is not None
    assert story.view.entry.shown == "0"
    story.keys("1")
    assert story.screen_id == "sign_in_password"


def test_enter_alone_is_the_primary_key() -> None:
    story = started()
    story.keys("enter")
    assert story.view.entry is not None


def test_what_the_self_check_found_stands_there() -> None:
    story = Story()
    story.power_on()
    story.checked(found("printer", "warn", "check.printer.no_paper"))
    story.keys("enter")
    assert "缺纸" in story.text


def test_a_terminal_that_knows_nothing_yet_says_only_what_it_knows() -> None:
    story = Story().to_number()
    assert "上次签到" not in story.text
    assert "批次" not in story.text
    assert "10000001" in story.text


def test_a_sign_in_is_kept_for_the_next_start() -> None:
    story = started().to_standby()
    (note,) = [effect for effect in story.all_of(fx.RememberNote) if effect.name == "counter"]  # type: ignore[attr-defined]
    assert isinstance(note, fx.RememberNote)
    kept = read_counter(note.value)
    assert (kept.last, kept.merchant_name, kept.place) == (Known(OperatorNo("01"), "王芳"), "城南小馆", "前台")


def test_names_of_recent_operators_are_one_touch_each_where_policy_says_so() -> None:
    rules = write_rules(TerminalRules(recent_operators=1))
    story = started(rules=rules)
    story.signed_on()
    assert [choice.label for choice in story.view.choices] == ["签到", "01 · 王芳", "用户名"]
    story.keys("as.02")
    assert story.screen_id == "sign_in_number", "what does not stand there is no key"
    story.keys("as.01")
    assert story.screen_id == "sign_in_password"
    story.pin(digits=4)
    (sent,) = story.all_of(fx.SendVerify)
    assert isinstance(sent, fx.SendVerify)
    assert sent.login == "01"


def test_the_rule_is_off_by_default_and_bounded() -> None:
    assert "recent" not in write_rules(TerminalRules())
    assert read_rules("recent_operators=99").recent_operators == RECENT_KEPT


# ── the menu of the keypad model ─────────────────────────────────────────────


def test_the_keypad_model_shows_a_numbered_menu() -> None:
    story = started("keypad")
    assert [(choice.shortcut, choice.label) for choice in story.view.choices] == [
        ("1", "签到"),
        ("2", "自检"),
        ("3", "语言"),
        ("4", "管理"),
        ("#", "用户名"),
    ]


def test_two_digits_are_a_number_even_where_the_first_is_an_entry_of_the_menu() -> None:
    story = started("keypad")
    story.keys("1", "2")
    assert story.screen_id == "sign_in_password"
    assert story.all_of(fx.StartPinEntry)[-1].login == "12"  # type: ignore[attr-defined]


def test_one_digit_and_enter_is_the_entry_and_the_display_says_so() -> None:
    story = started("keypad")
    story.keys("2")
    assert {choice.key: choice.label for choice in story.view.choices}["enter"] == "自检"
    story.keys("enter")
    assert story.screen_id == "self_check"


def test_the_language_changes_and_the_menu_stays() -> None:
    story = started("keypad")
    story.keys("3", "enter")
    assert (story.view.lang, story.view.entry) == ("en", None)
    story.keys("3", "enter")
    assert story.view.lang == "zh"


def test_sign_in_and_manage_ask_for_a_number() -> None:
    for entry, said in (("1", ""), ("4", "主管")):
        story = started("keypad")
        story.keys(entry, "enter")
        assert story.view.entry is not None
        assert story.view.entry.shown == ""
        assert said in story.text


@pytest.mark.parametrize("digit", ["0", "5", "9"])
def test_a_digit_that_is_no_entry_wants_its_second(digit: str) -> None:
    story = started("keypad")
    story.keys(digit, "enter")
    assert "两位" in story.text


def test_on_the_number_screen_itself_one_digit_and_enter_is_no_entry() -> None:
    story = started("keypad")
    story.keys("enter", "2", "enter")
    assert "两位" in story.text


# ── what is kept ─────────────────────────────────────────────────────────────


def test_the_last_operator_comes_first_each_stands_once_and_only_some_are_kept() -> None:
    counter = Counter()
    for number in ("01", "02", "01", *(f"{n:02d}" for n in range(10, 20))):
        counter = with_sign_in(counter, "店", "前台", BatchNo("000001"), Known(OperatorNo(number), ""), UnixMs(5))
    assert [known.operator_no for known in counter.recent] == ["19", "18", "17", "16", "15", "14"]


def test_a_batch_is_open_since_the_first_sign_in_with_it() -> None:
    who = Known(OperatorNo("01"), "王芳")
    counter = with_sign_in(Counter(), "店", "", BatchNo("000001"), who, UnixMs(100))
    counter = with_sign_in(counter, "店", "", BatchNo("000001"), who, UnixMs(200))
    assert (counter.batch_since, counter.signed_in_at) == (100, 200)
    assert with_sign_in(counter, "店", "", BatchNo("000002"), who, UnixMs(300)).batch_since == 300


@pytest.mark.parametrize("text", ["", "no", "{}", '{"recent": 3}', "[]"])
def test_what_cannot_be_read_is_an_empty_counter(text: str) -> None:
    assert read_counter(text) == Counter()
