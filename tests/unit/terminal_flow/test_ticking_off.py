"""Merchant copies ticked off at their terminal: looked up a page at a time, by voucher number, bar code or row, kept by the host."""

import pytest
from tests.worlds.flow_story import MASKED, Story, approved_sale, memory

from zhanggui.basics.numbers import BatchNo, TraceNo
from zhanggui.cup.messages.slip_ticks import COPIES_MAX, Mark
from zhanggui.cup.values.bar_code import write_bar_code
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.keypad import keypad_pages

BATCH = BatchNo("000002")


def line(number: int, state: ev.LineState = "approved", kind: str = "sale") -> ev.DayLine:
    return ev.DayLine(
        trace_no=TraceNo(f"{number:06d}"),
        time="08:41:10",
        masked_pan=MASKED,
        amount_fen=100 * number,
        state=state,
        kind=kind,
        batch_no=BATCH,
        rrn=f"{112300000000 + number}",
        auth_code="654321",
    )


def at_standby(*lines: ev.DayLine, model: str = "smart") -> Story:
    today = lines or (line(13), line(12), line(11))
    return Story(model).to_standby(memory(trace_no="000020", today=today, last_sale=approved_sale("000013")))


def asked(story: Story) -> fx.SendTicks:
    return [effect for effect in story.effects if isinstance(effect, fx.SendTicks)][-1]


def count_asked(story: Story) -> int:
    return len(story.all_of(fx.SendTicks))


def host_says(story: Story, *marks: Mark) -> None:
    """The answer to what was asked last; without marks all are missing, or ticked where that was told."""
    last = asked(story)
    usual: Mark = "1" if last.verb == "tick" else "0"
    told = marks or (usual,) * len(last.slips)
    story.send(ev.SlipsTold(now=story.now, verb=last.verb, slips=last.slips, marks=told))


def settling(story: Story) -> None:
    """Asked whether to settle; what is in hand is asked after behind it."""
    story.send(ev.KeyPressed(now=story.now, key="settle"))
    story.counted()


def at_ticking(*lines: ev.DayLine, model: str = "smart", marks: tuple[Mark, ...] = ()) -> Story:
    story = at_standby(*lines, model=model)
    settling(story)
    host_says(story, *marks)
    story.keys("1" if model == "keypad" else "tick")
    assert story.screen_id == "tick_off"
    host_says(story, *marks)
    return story


def missing(story: Story) -> list[str]:
    return [row.left.split()[-1] for row in story.view.rows]


@pytest.mark.parametrize("model", ["smart", "keypad"])
def test_what_is_missing_is_listed_by_voucher_number_and_amount(model: str) -> None:
    story = at_ticking(model=model, marks=("0", "1", "0"))
    assert missing(story) == ["000013", "000011"]
    assert [row.right for row in story.view.rows] == ["¥13.00", "¥11.00"]
    assert "1 / 3 张" in story.text


def test_a_voucher_number_and_enter_tick_one_off() -> None:
    story = at_ticking()
    story.keys("1", "2", "enter")
    assert (asked(story).verb, asked(story).slips) == ("tick", ((BATCH, TraceNo("000012")),))
    host_says(story)
    assert missing(story) == ["000013", "000011"]
    assert "凭证号 000012 已核对" in story.text
    story.keys("1", "2", "enter")
    assert "已核对过" in story.text


def test_a_scanners_bar_code_ticks_one_off_and_another_shops_does_not() -> None:
    story = at_ticking()
    story.keys("clear_all", *write_bar_code("112300000011", "1123", "654321"), "enter")
    host_says(story)
    assert missing(story) == ["000013", "000012"]
    before = count_asked(story)
    story.keys("clear_all", *write_bar_code("112300000012", "1123", "999999"), "enter")
    assert "今日没有" in story.text
    assert count_asked(story) == before


def test_a_tap_on_a_row_ticks_it_off() -> None:
    story = at_ticking()
    story.keys(story.view.rows[0].key)
    host_says(story)
    assert missing(story) == ["000012", "000011"]


def test_codes_that_come_faster_than_answers_wait_their_turn() -> None:
    story = at_ticking()
    for number in ("11", "12", "13"):
        story.keys("clear_all", *number, "enter")
    assert asked(story).slips == ((BATCH, TraceNo("000011")),)
    host_says(story)
    assert asked(story).slips == ((BATCH, TraceNo("000012")), (BATCH, TraceNo("000013")))
    host_says(story)
    assert missing(story) == []
    assert "全部已核对" in story.view.rows_title


def test_without_an_answer_what_was_scanned_is_told_with_the_next_enter() -> None:
    story = at_ticking()
    story.keys("1", "1", "enter")
    story.failed("SendTicks", "no_answer")
    assert "没有连上主机" in story.text
    assert missing(story) == ["000013", "000012", "000011"]
    story.keys("enter")
    assert (asked(story).verb, asked(story).slips) == ("tick", ((BATCH, TraceNo("000011")),))


def test_more_copies_than_a_message_has_are_asked_after_page_by_page() -> None:
    many = tuple(line(number) for number in range(COPIES_MAX + 5, 0, -1))
    story = at_ticking(*many)
    assert len(asked(story).slips) == 5
    assert "正在查询" in story.text
    host_says(story)
    assert f"0 / {COPIES_MAX + 5} 张" in story.text


def test_what_was_taken_back_later_has_a_copy_and_what_never_came_about_has_none() -> None:
    story = at_standby(
        line(14, "undone"), line(13, "declined"), line(12, "reversed"), line(11), line(10, kind="balance")
    )
    settling(story)
    assert [trace for _, trace in asked(story).slips] == ["000014", "000011"]


def test_a_copy_that_the_host_knows_nothing_of_is_neither_found_nor_missing() -> None:
    story = at_ticking(marks=("0", "-", "1"))
    assert "1 / 2 张" in story.text
    assert missing(story) == ["000013"]


def test_the_settlement_says_how_many_are_ticked_and_leads_there_and_back() -> None:
    story = at_standby()
    story.keys("settle")
    story.counted()
    assert "签购单已核对" not in story.text
    host_says(story, "1", "0", "0")
    assert "1 / 3 张" in story.text
    story.keys("tick")
    host_says(story, "1", "0", "0")
    story.keys("1", "1", "enter")
    host_says(story)
    story.keys("cancel")
    story.counted()
    assert story.screen_id == "settle"
    host_says(story, "1", "0", "1")
    assert "2 / 3 张" in story.text


def test_a_settlement_waits_for_no_answer_about_slips() -> None:
    story = at_standby()
    story.keys("settle")
    story.counted()
    story.failed("SendTicks", "no_answer")
    story.keys("enter")
    assert story.screen_id == "settling"


def test_what_is_missing_is_printed_with_its_sum() -> None:
    story = at_ticking(marks=("0", "1", "0"))
    story.keys("slip")
    (slip,) = [effect.slip for effect in story.effects if isinstance(effect, fx.PrintSlip)]
    text = "\n".join(f"{one.left} {one.right}" for one in slip.lines)
    assert slip.copy == "missing"
    for part in ("未核对签购单", "1/3", "24.00", "000013", "000011"):
        assert part in text, part
    assert "000012" not in text


@pytest.mark.parametrize("model", ["smart", "keypad"])
def test_where_nothing_is_missing_no_slip_of_it_is_offered(model: str) -> None:
    story = at_ticking(model=model, marks=("1", "1", "1"))
    assert "3 / 3 张" in story.text
    assert "缺单表" not in " ".join(choice.label for choice in story.view.choices)
    story.keys("slip")
    assert not story.all_of(fx.PrintSlip)


def test_on_four_lines_everything_is_on_some_page() -> None:
    story = at_ticking(model="keypad", marks=("0", "1", "0"))
    text = "".join("".join(page) for page in keypad_pages(story.view, story.state.machine.profile))
    for part in ("核对单据", "1 / 3", "000013", "000011", "缺单表"):
        assert part in text, part


def test_a_model_without_a_printer_has_no_copies_to_tick_off() -> None:
    story = at_standby(model="esign")
    assert "tick" not in [choice.key for choice in story.view.choices]
    story.keys("tick")
    assert story.screen_id == "standby"
    story.keys("settle")
    story.counted()
    assert "tick" not in [choice.key for choice in story.view.choices]
    assert count_asked(story) == 0


def test_without_a_line_it_says_so() -> None:
    story = at_standby()
    settling(story)
    story.keys("tick")
    story.failed("SendTicks", "unreachable")
    assert "没有连上主机" in story.text
    story.keys("cancel")
    story.counted()
    assert story.screen_id == "settle"


def test_left_alone_it_goes_back_to_standby() -> None:
    story = at_ticking()
    story.wait(200)
    assert story.screen_id in ("standby", "locked")
