"""The first page of the keypad model's display: what has just come about or what the day came to, before the menu that goes on behind it."""

import pytest
from tests.unit.terminal_flow.test_void_story import slips_out
from tests.worlds.flow_story import Story

from zhanggui.basics.words import Lang
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.keypad import keypad_pages
from zhanggui.terminal.models.profiles import load_profile

KEYPAD = load_profile("keypad")


def first_page(story: Story) -> list[str]:
    return [line.rstrip() for line in keypad_pages(story.view, KEYPAD)[0]]


@pytest.mark.parametrize(
    ("lang", "page"),
    [
        ("zh", ["待机         1/4", "今日 0 笔  ¥0.00", "1.消费 2.重打印", "3.签退 4.English"]),
        ("en", ["Ready        1/4", "Today 0    ¥0.00", "1.Sale 2.Reprint", "3.Sign out"]),
    ],
)
def test_standby_begins_with_the_days_figures(lang: Lang, page: list[str]) -> None:
    assert first_page(Story("keypad", lang).to_standby()) == page


@pytest.mark.parametrize(
    ("lang", "page", "figures"),
    [
        ("zh", ["待机         1/6", "已收款 ¥12.34，", "凭证号 000015", "1.消费 2.重打印"], "今日 1 笔 ¥12.34"),
        ("en", ["Ready        1/6", "Paid ¥12.34,", "voucher 000015", "1.Sale 2.Reprint"], "Today 1   ¥12.34"),
    ],
)
def test_behind_a_payment_it_begins_with_what_came_of_it(lang: Lang, page: list[str], figures: str) -> None:
    story = Story("keypad", lang).to_standby().to_selling()
    story.approved()
    slips_out(story)
    assert first_page(story) == page
    assert figures in [line for page in keypad_pages(story.view, KEYPAD) for line in page]


@pytest.mark.parametrize(
    ("lang", "page", "result"),
    [
        (
            "zh",
            ["现在结算？   1/3", "借    1 / ¥12.34", "贷     0 / ¥0.00", "确认:结算"],
            ["对账平       1/2", "借    1 / ¥12.34", "贷     0 / ¥0.00"],
        ),
        (
            "en",
            ["Settle now?  1/3", "Debit 1 / ¥12.34", "Credit 0 / ¥0.00", "Enter:Settle"],
            ["Totals agree 1/2", "Debit 1 / ¥12.34", "Credit 0 / ¥0.00"],
        ),
    ],
)
def test_a_settlement_begins_with_what_the_batch_comes_to_before_and_after(
    lang: Lang, page: list[str], result: list[str]
) -> None:
    story = Story("keypad", lang).to_standby()
    story.keys("settle")
    story.counted(1, 1234)
    assert first_page(story) == page
    story.keys("enter")
    story.host_agrees()
    story.send(ev.UploadEnded(now=story.now))
    story.counted(1, 1234)
    assert (story.screen_id, first_page(story)[:3]) == ("settled", result)
