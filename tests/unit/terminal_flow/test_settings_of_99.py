"""The settings that 99 changes at the machine: who is let in, what is kept in which order, on every model in both languages."""

import pytest
from tests.worlds.flow_story import MERCHANT, Story

from zhanggui.basics.numbers import BatchNo, OperatorNo
from zhanggui.basics.words import Lang
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.noted.settings import SettingName, SetupFacts
from zhanggui.terminal.flow.core.policy import APPROVAL_IDLE_S, SALE_IDLE_S
from zhanggui.terminal.flow.setup.setting import PAGES
from zhanggui.terminal.keypad import keypad_pages
from zhanggui.terminal.models.profiles import load_profile

MODELS = ("smart", "esign", "keypad")
LANGS: tuple[Lang, ...] = ("zh", "en")
FACTS = SetupFacts(host="127.0.0.1", port=8583, timeout_s=60, merchant_no=MERCHANT, master_key="08D7B4FB")


def asked(model: str = "smart", lang: Lang = "en") -> Story:
    """99 typed number and password; the host is asked."""
    story = Story(model, lang=lang).to_number()
    story.signed_on()
    story.keys("9", "9")
    assert story.screen_id == "approval_password"
    story.pin(digits=8)
    return story


def let_in(model: str = "smart", lang: Lang = "en") -> Story:
    story = asked(model, lang)
    story.send(ev.Approved(now=story.now, approval_no=7, supervisor="管理员"))
    assert story.screen_id == "setup_reading"
    story.send(ev.SetupSeen(now=story.now, facts=FACTS))
    assert story.screen_id == "setup"
    return story


def seen(story: Story, **values: object) -> None:
    told = {name: getattr(FACTS, name) for name in FACTS.__struct_fields__} | values
    story.send(ev.SetupSeen(now=story.now, facts=SetupFacts(**told)))


def test_the_host_is_asked_for_99_and_for_settings_and_nothing_is_read_before() -> None:
    story = asked()
    (send,) = story.all_of(fx.SendApproval)
    assert isinstance(send, fx.SendApproval)
    assert (send.login, send.action) == ("99", "settings")
    assert story.all_of(fx.ReadSetup) == []
    assert story.all_of(fx.SendVerify) == [], "99 never signs in to trade"


def test_who_types_faster_than_the_keys_come_waits_for_them() -> None:
    story = Story(lang="en").to_number()
    story.keys("9", "9")
    story.pin(digits=8)
    assert story.all_of(fx.SendApproval) == []
    story.signed_on()
    assert len(story.all_of(fx.SendApproval)) == 1
    story = Story(lang="en").to_number()
    story.keys("9", "9")
    story.pin(digits=8)
    story.failed("SendSignOn", "unreachable")
    assert "N101" in story.view.code
    assert story.all_of(fx.SendApproval) == []


@pytest.mark.parametrize("code", ["P2", "P7", "97"])
def test_whoever_the_host_does_not_let_in_sees_why_and_no_settings(code: str) -> None:
    story = asked()
    story.refused("SendApproval", code, role="administrator" if code == "P7" else "")
    assert story.all_of(fx.ReadSetup) == []
    assert story.view.code
    story.keys("enter")
    assert story.screen_id == "sign_in_number"


def test_a_wrong_password_is_asked_again_and_a_factory_password_is_changed_by_signing_in() -> None:
    story = asked()
    story.refused("SendApproval", "P1", tries_left=2)
    assert story.screen_id == "approval_password"
    story.pin(digits=8)
    story.refused("SendApproval", "P4", reason="change_first")
    assert story.screen_id == "sign_in_password"
    assert story.text


@pytest.mark.parametrize(
    ("page", "name", "digits", "value"),
    [
        ("host", "host", "010000002015", "10.0.2.15"),
        ("host", "port", "08590", "8590"),
        ("network", "timeout_s", "45", "45"),
        ("numbers", "merchant_no", "102100058120009", "102100058120009"),
    ],
)
def test_a_change_is_in_the_journal_before_it_is_made_with_who_and_from_what(
    page: str, name: SettingName, digits: str, value: str
) -> None:
    story = let_in()
    story.keys(page, name)
    assert story.screen_id == "setup_typing"
    story.effects.clear()
    story.keys(*digits, "enter")
    assert story.names() == ["RememberSetting", "ChangeSetting"]
    (kept,), (made,) = story.all_of(fx.RememberSetting), story.all_of(fx.ChangeSetting)
    assert kept == fx.RememberSetting(
        operator_no=OperatorNo("99"), approval_no=7, name=name, before=FACTS.value_of(name), value=value
    )
    assert made == fx.ChangeSetting(name=name, value=value)
    seen(story, **{name: int(value) if name in ("port", "timeout_s") else value})
    assert story.screen_id == f"setup_{page}"
    assert "Changed" in story.text
    assert value in story.text
    # The screens that wait for an answer say how long at most.
    assert story.state.machine.answer_within_s == (45 if name == "timeout_s" else 60)


@pytest.mark.parametrize(
    ("page", "name", "digits"),
    [
        ("host", "host", "127000001"),
        ("host", "host", "127000000256"),
        ("host", "host", "000000000000"),
        ("host", "port", "0"),
        ("host", "port", "65536"),
        ("network", "timeout_s", "4"),
        ("network", "timeout_s", "301"),
        ("network", "timeout_s", ""),
        ("numbers", "merchant_no", "1021"),
    ],
)
def test_what_can_be_no_value_is_said_and_changes_nothing(page: str, name: str, digits: str) -> None:
    story = let_in()
    story.keys(page, name, *digits, "enter")
    assert story.screen_id == "setup_typing"
    assert [*story.all_of(fx.RememberSetting), *story.all_of(fx.ChangeSetting)] == []


def test_without_its_row_in_the_journal_nothing_is_changed() -> None:
    story = let_in()
    story.broken_records.add("setting")
    story.keys("network", "timeout_s", "4", "5", "enter")
    assert story.all_of(fx.ChangeSetting) == []
    assert "nothing was changed" in story.text


def test_where_the_file_can_not_be_written_the_journal_says_that_it_went_back() -> None:
    story = let_in()
    story.keys("network", "timeout_s", "4", "5", "enter")
    seen(story)
    assert "nothing was changed" in story.text
    kept = [(one.before, one.value) for one in story.all_of(fx.RememberSetting) if isinstance(one, fx.RememberSetting)]
    assert kept == [("60", "45"), ("45", "60")]


def test_the_host_is_called_keys_are_fetched_and_a_slip_is_printed() -> None:
    story = let_in()
    story.keys("network", "call")
    assert story.all_of(fx.ReadSetup)[-1] == fx.ReadSetup(calls=True)
    seen(story, reachable=False)
    assert "did not take the call" in story.text
    story.keys("cancel", "keys")
    assert "08D7B4FB" in story.text
    before = len(story.all_of(fx.SendSignOn))
    story.keys("new_keys", "new_keys")
    assert len(story.all_of(fx.SendSignOn)) == before + 1, "once, while it is under way"
    story.send(ev.SignedOn(now=story.now, batch_no=BatchNo("000002"), host_now=story.now, drift_s=0))
    assert "Working keys are new" in story.text
    assert story.screen_id == "setup_keys"
    story.keys("cancel", "printer", "test")
    (printed,) = story.all_of(fx.PrintSlip)
    assert isinstance(printed, fx.PrintSlip)
    story.send(ev.SlipNotPrinted(now=story.now, slip_id=printed.slip.id, reason="check.printer.no_paper"))
    assert "paper" in story.text.lower()
    story.keys("test")
    story.send(ev.SlipPrinted(now=story.now, slip_id=printed.slip.id))
    assert "test slip is out" in story.text


def test_nobody_finds_it_open_after_99_went_away() -> None:
    for keys in ((), ("host",), ("host", "port")):
        story = let_in()
        story.keys(*keys)
        story.wait(SALE_IDLE_S + 1)
        assert story.screen_id == "sign_in_number"
    story = Story().to_number()
    story.keys("9", "9")
    story.wait(APPROVAL_IDLE_S + 1)
    assert story.screen_id == "sign_in_number"


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("model", MODELS)
def test_every_page_can_be_reached_and_read_on_every_model(model: str, lang: Lang) -> None:
    story = let_in(model, lang)
    for place, page in enumerate(PAGES, start=1):
        story.keys(page if story.state.machine.profile.touch else str(place))
        assert story.screen_id == f"setup_{page}"
        for shown in keypad_pages(story.view, load_profile("keypad")):
            assert len(shown) == 4
        story.keys("cancel")
        assert story.screen_id == "setup"
    story.keys("cancel")
    assert story.screen_id == "sign_in_number"
