"""What a screen and a slip say of a payment is true of its kind: what is asked, what is signed, what came of it, what was found."""

import pytest
from msgspec.structs import replace
from tests.worlds.flow_story import Story, memory
from tests.worlds.flow_views import flow_views, slips_out

from zhanggui.basics.words import Lang
from zhanggui.cup.transactions import PAYMENTS
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.kept import DayLine
from zhanggui.terminal.flow.payment.kinds import ALL, KINDS, Kind
from zhanggui.terminal.flow.screens.frame import pair, secret_entry
from zhanggui.terminal.flow.screens.render import render_screen
from zhanggui.terminal.flow.slips.slip_layout import AGREED, AGREEMENTS
from zhanggui.terminal.flow.words.catalogue import all_words, has_words, render
from zhanggui.terminal.flow.words.text import Problem, words
from zhanggui.terminal.keypad import keypad_pages
from zhanggui.terminal.models.profiles import load_profile

LANGS: tuple[Lang, ...] = ("zh", "en")
STEPS = {
    "amount": "sale",
    "card": "sale",
    "pin": "sale",
    "preauth_pin": "preauth",
    "void_asks": "void",
    "void_found": "void",
    "void_card": "void",
    "refund_found": "refund",
    "refund_amount": "refund",
    "refund_card": "refund",
    "void_approved": "void",
    "preauth_approved": "preauth",
}
"""Screens on the way of a payment, and its kind."""


def agreed_by_the_row(kind: Kind) -> str:
    """What the cardholder agrees to, as the row has it: money is taken, given back, held, or let go; by code it is no card's account."""
    by_code = "" if PAYMENTS[kind.name].takes_card else "_by_code"
    if kind.sign:
        return ("charged" if kind.sign > 0 else "given_back") + by_code
    if kind.closes != "undone":
        return "held"
    return "released" if kind.name == "preauth_cancel" else f"given_back{by_code}"


def test_what_is_signed_is_true_of_each_kind() -> None:
    assert {kind.name: agreed_by_the_row(kind) for kind in ALL if kind.slip} == AGREED
    for agreed, (zh, _) in AGREEMENTS.items():
        assert all_words()[f"slip.agreement.{agreed}"].zh == f"{zh}。", "screen and slip say the same"
    assert not any("计入" in AGREEMENTS[agreed][0] for agreed in ("held", "released", "given_back"))


def test_each_kind_has_a_name_and_each_slip_a_word_for_what_came_about() -> None:
    named = {key.partition(".")[2] for key in all_words() if key.startswith("kind.")}
    done = {key.partition(".")[2] for key in all_words() if key.startswith("done.")}
    assert named == set(KINDS)
    assert done == {kind.name for kind in ALL if kind.slip}


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("model", ["smart", "keypad", "esign"])
def test_each_screen_on_the_way_says_which_kind_of_payment_it_is(model: str, lang: Lang) -> None:
    """A refund must not look like a sale; on a small display its first page says it."""
    narrow = model == "keypad"
    views = flow_views(model, lang)
    for screen, kind in STEPS.items():
        name = render(words(f"kind.{kind}"), lang, narrow)
        view = views[screen]
        shown = " ".join(keypad_pages(view, load_profile("keypad"))[0]) if narrow else view.title
        if not (narrow and view.id in ("tear_off", "printing")):
            assert name in shown, (screen, shown)


@pytest.mark.parametrize("lang", LANGS)
def test_the_list_names_every_kind_but_a_sale(lang: Lang) -> None:
    rows = flow_views("smart", lang)["list"].rows
    names = [render(words(f"kind.{kind}"), lang) for kind in ("completion", "void")]
    assert any(row.right.startswith(names[0]) for row in rows), "a completion takes money in, and is no sale"
    assert any(row.right.startswith(names[1]) for row in rows)
    assert any(row.right == "¥99.00" for row in rows)


@pytest.mark.parametrize(("kind", "said"), [("completion", "预授权可完成的金额"), ("refund", "退货限额")])
def test_too_much_of_an_earlier_payment_is_no_limit_of_the_card(kind: str, said: str) -> None:
    story = held() if kind == "completion" else sold()
    named = story.state.today[0].auth_code if kind == "completion" else story.state.today[0].trace_no
    story.keys(kind, *named, "enter", "enter", "9", "9", "enter")
    story.card()
    if kind == "refund":
        granted(story)
    assert story.screen_id == "selling"
    story.refused("SendPayment", "61")
    assert said in story.view.title
    assert "换一张卡" not in story.text


def granted(story: Story) -> None:
    story.keys("0", "0")
    story.pin()
    story.send(ev.Approved(now=story.now, approval_no=7, supervisor="陈店长"))


def sold() -> Story:
    story = Story().to_standby().to_selling()
    story.approved()
    slips_out(story)
    return story


def held() -> Story:
    story = Story().to_standby()
    story.keys("preauth", "1", "2", "3", "4", "enter")
    story.card()
    story.pin()
    story.approved()
    slips_out(story)
    return story


@pytest.mark.parametrize("typed", ["654321", "112308550301" + "1123" + "654321"])
def test_a_number_called_a_voucher_number_is_one_whatever_was_typed(typed: str) -> None:
    """The reason why an earlier payment is not taken names its voucher, also where its code or its bar code was typed."""
    story = held()
    voucher = story.state.today[0].trace_no
    for state in ("undone", "completed", "declined"):
        line: DayLine = replace(story.state.today[0], state=state)
        story.state = replace(story.state, today=(line,))
        story.keys("completion", *typed, "enter")
        told = " ".join(part.text for part in story.view.lines)
        if story.view.lines:
            assert f"凭证号 {voucher}" in told
            assert typed[:12] not in told
        story.keys("cancel")
    used: DayLine = replace(story.state.today[0], state="approved", adjusted_fen=-1234)
    story.state = replace(story.state, today=(used,))
    story.keys("completion", *typed, "enter")
    assert f"凭证号 {voucher} 已退货" in " ".join(part.text for part in story.view.lines)


def test_a_bar_code_of_another_batch_is_not_called_a_voucher() -> None:
    story = sold()
    story.keys("void", *("999999999999" + "1123" + "654321"), "enter")
    told = " ".join(part.text for part in story.view.lines)
    assert "参考号 999999999999" in told
    assert "凭证号" not in told


@pytest.mark.parametrize("model", ["smart", "keypad"])
def test_an_earlier_payment_is_shown_with_its_day(model: str) -> None:
    views = flow_views(model, "zh")
    for screen in ("void_found", "refund_found", "line"):
        assert any(line.right == "11-23 08:55:03" for line in views[screen].lines), screen


def test_a_line_of_an_old_journal_has_no_day() -> None:
    story = Story().to_standby(memory())
    story.to_selling()
    story.approved()
    slips_out(story)
    assert replace(story.state.today[0], date="").when == "08:55:03"


@pytest.mark.parametrize(("lang", "said"), [("zh", "还可试 4 次"), ("en", "Tries left: 4")])
def test_a_wrong_password_is_said_on_the_first_page_of_the_sign_in(lang: Lang, said: str) -> None:
    view = flow_views("keypad", lang)["wrong_password"]
    assert said in "\n".join(keypad_pages(view, load_profile("keypad"))[0])


@pytest.mark.parametrize("screen", ["manage_about", "approval_number"])
def test_enter_on_half_a_number_says_what_is_missing(screen: str) -> None:
    """A number of two digits ends by itself; who presses Enter after one is told why nothing happens."""
    story = Story().to_number() if screen == "manage_about" else sold()
    if screen == "manage_about":
        story.keys("0", "0", "1", "0")
    else:
        story.keys("void", *story.state.today[0].trace_no, "enter", "enter")
        story.card("insert")
        story.keys("0")
    assert story.screen_id == screen
    story.keys("enter")
    assert "操作员号为两位数字" in story.text
    story.keys("0")
    assert story.screen_id != screen


REASONS = [
    *(key for key in all_words() if key.startswith(("code.P1", "code.P4.")) and not key.endswith(".do")),
    "password.differs",
    "offline.wrong",
]
"""Why a password is asked for again."""


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("key", REASONS)
def test_why_a_password_is_asked_again_stands_whole_on_the_first_page(key: str, lang: Lang) -> None:
    assert has_words(key)
    problem = Problem(code="A101", what=words(key, n="4"), todo=words("code.P1.do"))
    state = Story("keypad").to_number().state
    asked = secret_entry(
        state, "x", words("sign_in.title"), "sign_in.password", 0, 12, problem, pair("sign_in.number", "01")
    )
    first = keypad_pages(render_screen(asked, lang), load_profile("keypad"))[0]
    said = render(problem.what, lang, True)
    assert "".join(said.split()) in "".join("".join(first[1:]).split())
