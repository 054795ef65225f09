"""The main job from power-on to two slips: one flow, three models, two languages, three ways to draw it."""

import re

import pytest
from msgspec.structs import replace
from tests.worlds.flow_story import Story, whole_job

from zhanggui.basics.words import Lang
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core.events import LangChosen
from zhanggui.terminal.flow.screens.columns import display_width, wrap
from zhanggui.terminal.flow.screens.views import ChoiceView, LineView
from zhanggui.terminal.keypad import KEY_NAMES, keypad_lines, keypad_pages
from zhanggui.terminal.models.profiles import load_profile
from zhanggui.terminal.paper.text import slip_text
from zhanggui.terminal.transcript import COLUMNS, display_text, framed_slip, screen_text

MODELS = ("smart", "esign", "keypad")
LANGS: tuple[Lang, ...] = ("zh", "en")

TO_STANDBY = [
    "self_check",
    "sign_in_number",
    "sign_in_password",
    "verifying",
    "confirm",
    "confirming",
    "signed_in",
    "standby",
]
TO_APPROVAL = ["amount", "card", "pin", "selling"]
ON_PAPER = ["printing", "tear_off", "printing", "standby"]
ON_SCREEN = ["sign_here", "printing", "standby"]
TO_THE_END = ["sign_out", "signing_out", "signed_out", "sign_in_number"]

WANTED = {
    "zh": ["操作员签到", "王芳", "城南小馆", "10000001", "签到成功", "88", "¥12.34", "交易成功", "已签退"],
    "en": ["ign-in", "王芳", "城南小馆", "10000001", "Signed in", "88", "¥12.34", "Approved", "Signed out"],
}


@pytest.fixture(params=[(model, lang) for model in MODELS for lang in LANGS], ids=lambda pair: "-".join(pair))
def job(request: pytest.FixtureRequest) -> Story:
    model, lang = request.param
    return whole_job(model, lang)


def test_the_screens_come_in_the_same_order_on_every_model(job: Story) -> None:
    slips = ON_PAPER if job.state.machine.profile.printer else ON_SCREEN
    assert job.screen_ids() == [*TO_STANDBY, *TO_APPROVAL, *slips, *TO_THE_END]


def test_effects_are_the_same_on_every_model_but_for_the_signature(job: Story) -> None:
    names = [type(effect).__name__ for effect in job.effects]
    wanted = [type(effect).__name__ for effect in whole_job("smart", "zh").effects]
    assert [name for name in names if name != "CollectSignature"] == wanted
    assert ("CollectSignature" in names) == (job.state.machine.profile.name == "esign")


def test_the_console_transcript_tells_the_whole_job(job: Story) -> None:
    blocks = [screen_text(view) for view in job.views]
    told = "\n".join(blocks)
    for words in WANTED[job.lang]:
        assert words in told
    for row in told.splitlines():
        assert display_width(row.replace("─", "-")) <= COLUMNS + 16


def test_the_keypad_display_shows_every_word_of_every_screen(job: Story) -> None:
    profile = load_profile("keypad")
    for view in job.views:
        pages = keypad_pages(view, profile)
        for page in pages:
            assert len(page) == 4
            assert [display_width(line) for line in page] == [16] * 4
        shown = squeezed("".join(line for page in pages for line in page))
        for line in view.lines:
            if "***" in line.right:
                # On one line, with or without its label: a label whose value is on the next page says nothing.
                last_four = squeezed(re.sub(r"\d+\*+", "", line.right))
                assert any(squeezed(row).endswith(last_four) and "*" in row for page in pages for row in page)
                continue
            for row in (*wrap(short_pan(line.text), 16), *wrap(short_pan(line.right), 16)):
                assert squeezed(row) in shown
        for choice in view.choices:
            if not choice.shortcut.isdigit() and job.state.machine.profile.touch:
                continue  # of another model: its labels have the room of a touch screen
            if choice.label != KEY_NAMES[job.lang].get(choice.shortcut):
                assert squeezed(choice.label) in shown


def short_pan(text: str) -> str:
    return re.sub(r"\*{3,}", "**", text) if display_width(text) > 16 else text


def squeezed(text: str) -> str:
    return re.sub(r"\s+|\d/\d", "", text)


@pytest.mark.parametrize("lang", LANGS)
def test_each_page_of_the_keypad_display_tells_that_there_are_more_and_what_enter_does(lang: Lang) -> None:
    """Wherever somebody is to press Enter for more than its name says, nobody has to look through six pages for it."""
    story = Story("keypad").to_number()
    story.send(LangChosen(now=story.now, lang=lang))
    profile = story.state.machine.profile
    enter = ChoiceView("supervisor", {"zh": "主管接管", "en": "Move here"}[lang], "primary", "enter")
    for title in ("Still signed in", "You are signed in on another terminal", "您已在另一台终端签到", "已在别处签到"):
        lines = tuple(LineView(f"{number} 请到那台终端签退 sign out there", "plain", "") for number in range(5))
        view = replace(story.view, title=title, entry=None, lines=lines, choices=(enter,), code="A201", tone="warn")
        pages = keypad_pages(view, profile)
        assert len(pages) > 2
        for number, page in enumerate(pages, start=1):
            assert page[0].rstrip().endswith(f" {number}/{len(pages)}")
            assert enter.label in page[-1]
        shown = "".join(line for page in pages for line in page[:-1])
        assert all(part in shown for part in (title.split() if title.isascii() else title))
        assert "A201" not in pages[0][1], "the reason stands before the code"


@pytest.mark.parametrize("lang", LANGS)
def test_amount_and_card_stand_on_the_first_page_where_the_pin_is_typed(lang: Lang) -> None:
    job = whole_job("keypad", lang)
    pin = next(view for view in job.views if view.id == "pin")
    first = keypad_pages(pin, load_profile("keypad"))[0]
    assert "¥12.34" in first[1]
    assert "*0012" in first[2]


def test_the_touch_model_has_room_for_all_and_the_keypad_model_turns_pages() -> None:
    story = Story("keypad").to_standby()
    profile = story.state.machine.profile
    first = keypad_lines(story.view, profile)
    assert "1.消费" in "".join(first)
    story.keys("down")
    second = keypad_lines(story.view, profile)
    assert second != first
    story.keys("up")
    assert keypad_lines(story.view, profile) == first
    story.wait(3)
    assert keypad_lines(story.view, profile) == second
    assert Story("smart").to_standby().view.page == 0


def test_menu_numbers_work_on_the_keypad_model_and_digits_begin_an_amount_on_touch() -> None:
    keypad = Story("keypad").to_standby()
    keypad.keys("1")
    assert keypad.view.id == "amount"
    assert keypad.view.entry is not None
    assert keypad.view.entry.shown == "¥0.00"
    touch = Story("smart").to_standby()
    touch.keys("1")
    assert touch.view.entry is not None
    assert touch.view.entry.shown == "¥0.01"


def test_every_screen_has_at_most_one_primary_key_and_short_stable_ids(job: Story) -> None:
    for view in job.views:
        assert sum(choice.rank == "primary" for choice in view.choices) <= 1
        assert len({choice.key for choice in view.choices}) == len(view.choices)
        shortcuts = [choice.shortcut for choice in view.choices if choice.shortcut]
        assert len(set(shortcuts)) == len(shortcuts)


def test_the_cashier_never_waits_for_the_keys(job: Story) -> None:
    names = [type(effect).__name__ for effect in job.effects]
    assert names.index("SendSignOn") < names.index("StartPinEntry")


def test_both_slips_come_out_once_and_are_electronic_without_a_printer(job: Story) -> None:
    slips = job.slips()
    assert [slip.copy for slip in slips] == ["merchant", "cardholder"]
    assert [slip.id for slip in slips] == ["000015-merchant", "000015-cardholder"]
    assert {slip.electronic for slip in slips} == {not job.state.machine.profile.printer}
    assert job.state.tray == ("000015-merchant", "000015-cardholder")


def test_slips_and_displays_stand_in_a_frame_on_the_console(job: Story) -> None:
    paper = framed_slip(job.slips()[0], 32).splitlines()
    assert len(paper) == len(slip_text(job.slips()[0], 32)) + 2
    keypad = load_profile("keypad")
    assert len(display_text(keypad_lines(job.views[-1], keypad)).splitlines()) == 6


def test_the_day_ends_with_nothing_pending(job: Story) -> None:
    assert job.state.undo is None
    assert job.state.print_pending is None
    assert job.state.session is None
    assert (job.state.sales_count, job.state.sales_fen) == (1, 1234)
    assert [type(effect) for effect in job.all_of(fx.SendPayment)] == [fx.SendPayment]


def test_the_language_can_change_at_any_time_and_changes_nothing_else() -> None:
    story = Story("smart", "zh").to_standby()
    story.keys("sale", "5")
    before = story.state.stage
    story.send(LangChosen(now=story.now, lang="en"))
    assert story.state.stage == before
    assert story.view.title == "Sale: type the amount"
