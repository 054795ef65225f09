"""What a screen says to do and what `zhanggui explain` says of its code is one wording; and what number of a slip is asked for is said."""

import pytest
from tests.worlds.flow_story import Story, on_duty, with_rules

from zhanggui.basics.words import Lang
from zhanggui.cli.explain import told_of
from zhanggui.cup.next_steps import step_words
from zhanggui.cup.values.bar_code import AUTH_CODE_DIGITS, RRN_DIGITS
from zhanggui.terminal.flow.core.trouble import problem_of
from zhanggui.terminal.flow.words.catalogue import all_words, has_words, render
from zhanggui.terminal.flow.words.screen_codes import all_screen_codes

ON_SCREEN = [code for code, row in all_screen_codes().items() if row.on_screen]
LANGS: tuple[Lang, ...] = ("zh", "en")


def test_these_codes_have_their_words_for_what_to_do_from_the_list_of_next_steps() -> None:
    assert ON_SCREEN == ["N107", "T103"]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(("code", "key"), [("N107", "slow.host"), ("T103", "sale.undone")])
def test_the_screen_and_explain_say_the_same(code: str, key: str, lang: Lang) -> None:
    assert not has_words(f"{key}.do"), "it would be a second source"
    shown = render(problem_of(code, key, n="3", s="4").todo, lang)
    told = told_of(code, lang)
    assert told is not None
    assert (
        shown.rstrip("。.").casefold()
        == told.cashier.casefold()
        == step_words(all_screen_codes()[code].cashier, lang).casefold()
    )


def test_a_payment_that_was_undone_says_so_with_the_step_of_its_code() -> None:
    story = on_duty(rules=with_rules(idle_lock_s=0)).to_selling()
    story.failed("SendPayment", "no_answer")
    story.reversal_taken()
    told = told_of("T103", "zh")
    assert told is not None
    assert (story.code, told.cashier in story.text) == ("T103", True)


def asking(kind: str, model: str) -> Story:
    story = on_duty(model, with_rules(idle_lock_s=0))
    story.keys(*(("preauths", kind) if kind.startswith("pre") else (kind,)))
    assert story.screen_id == "original"
    return story


@pytest.mark.parametrize("model", ["smart", "esign", "keypad"])
def test_a_refund_asks_for_the_reference_on_the_slip_with_its_length_and_an_example(model: str) -> None:
    text = asking("refund", model).text
    assert ("签购单" in text, "参考号" in text, "12" in text) == (True, True, True)
    assert "112308550301" in text
    cancel = asking("preauth_cancel", model).text
    assert ("签购单" in cancel, "授权码" in cancel, "654321" in cancel) == (True, True, True)


def test_the_examples_are_as_long_as_the_numbers() -> None:
    for number, digits in (("reference", RRN_DIGITS), ("authorisation", AUTH_CODE_DIGITS)):
        hint = all_words()[f"original.{number}.hint"]
        for text in (hint.zh, hint.en, hint.zh_short, hint.en_short):
            assert any(len(part) == digits for part in "".join(c if c.isdigit() else " " for c in text).split()), text
