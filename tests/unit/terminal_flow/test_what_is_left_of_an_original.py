"""What is left of an earlier payment: beside its own amount where it is asked about, and on its line of today's list."""

import pytest
from msgspec.structs import replace
from tests.worlds.flow_story import MASKED, Story, memory

from zhanggui.basics.numbers import BatchNo, TraceNo
from zhanggui.basics.words import Lang
from zhanggui.cup.transactions import PAYMENTS
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.payment.kinds import KINDS
from zhanggui.terminal.flow.words.catalogue import all_words
from zhanggui.terminal.keypad import keypad_pages
from zhanggui.terminal.models.profiles import load_profile

MODELS = ("smart", "esign", "keypad")
LANGS: tuple[Lang, ...] = ("zh", "en")
SLIP_FEN, BACK_FEN = 12_850, -2_850


def line(
    trace_no: str = "000012",
    kind: str = "sale",
    fen: int = SLIP_FEN,
    adjusted: int = 0,
    state: ev.LineState = "approved",
) -> ev.DayLine:
    return ev.DayLine(
        trace_no=TraceNo(trace_no),
        time="08:41:10",
        masked_pan=MASKED,
        amount_fen=fen,
        state=state,
        batch_no=BatchNo("000001"),
        kind=kind,
        sign=KINDS[kind].sign,
        rrn="112308411001",
        auth_code="654321",
        adjusted_fen=adjusted,
        pay_voucher="1" * 20 if PAYMENTS[kind].is_by_code else "",
    )


def standby(*today: ev.DayLine, model: str = "smart", lang: Lang = "zh") -> Story:
    return Story(model, lang).to_standby(memory(trace_no="000020", today=today))


def pairs(story: Story) -> dict[str, str]:
    return {line.text: line.right for line in story.view.lines if line.right}


def asked_about(kind: str, original: ev.DayLine, model: str, lang: Lang) -> Story:
    story = standby(original, model=model, lang=lang)
    if KINDS[kind].group:
        story.keys(KINDS[kind].group)
    number = original.auth_code if original.kind == "preauth" else original.rrn
    story.keys(kind, *str(number), "enter")
    assert story.screen_id == "original"
    return story


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("kind", "of_kind", "model"),
    [
        *(("refund", of_kind, model) for of_kind in ("sale", "completion") for model in MODELS),
        *(("qr_refund", "qr_sale", model) for model in MODELS if load_profile(model).scanner),
    ],
)
def test_what_can_still_be_refunded_stands_beside_the_amount_of_the_slip(
    kind: str, of_kind: str, model: str, lang: Lang
) -> None:
    story = asked_about(kind, line(kind=of_kind, adjusted=BACK_FEN), model, lang)
    words = all_words()
    original, left = (words[f"original.{word}"].on(lang, model == "keypad") for word in ("amount", "left"))
    assert (pairs(story)[original], pairs(story)[left]) == ("¥128.50", "¥100.00")
    story.keys("enter")
    assert story.screen_id == "amount"
    assert (pairs(story)[original], pairs(story)[left]) == ("¥128.50", "¥100.00")


@pytest.mark.parametrize("kind", ["completion", "completion_notice", "preauth_increment", "preauth_cancel"])
def test_what_is_held_by_now_stands_beside_what_the_slip_says(kind: str) -> None:
    story = asked_about(kind, line(kind="preauth", fen=50_000, adjusted=10_000), "smart", "zh")
    assert (pairs(story)["原金额"], pairs(story)["现冻结"]) == ("¥500.00", "¥600.00")
    story.keys("enter")
    if kind == "preauth_cancel":
        assert "¥600.00" in story.text, "all that is held is let go"
    else:
        assert (pairs(story)["原金额"], pairs(story)["现冻结"]) == ("¥500.00", "¥600.00")


def test_a_payment_that_nothing_was_done_about_shows_one_amount() -> None:
    story = asked_about("refund", line(), "smart", "zh")
    assert "¥128.50" in story.text
    assert "还可退" not in story.text
    story.keys("enter")
    assert pairs(story)["原金额"] == "¥128.50"


@pytest.mark.parametrize("model", MODELS)
def test_both_amounts_are_in_sight_on_the_first_page(model: str) -> None:
    story = asked_about("refund", line(adjusted=BACK_FEN), model, "zh")
    if model == "keypad":
        page = keypad_pages(story.view, story.state.machine.profile)[0]
        assert ("¥128.50" in "".join(page), "¥100.00" in "".join(page)) == (True, True)


@pytest.mark.parametrize(("lang", "said"), [("zh", "¥128.50 已退 ¥28.50"), ("en", "¥128.50, refunded ¥28.50")])
def test_a_part_refund_leaves_its_trace_on_row_and_details(lang: Lang, said: str) -> None:
    story = standby(line(adjusted=BACK_FEN), lang=lang)
    (row,) = story.view.rows
    assert (row.right, row.tone) == (said, "good")
    story.keys(row.key)
    assert pairs(story)["已退货" if lang == "zh" else "Refunded"] == "¥28.50"


def test_what_went_back_whole_is_no_longer_good() -> None:
    story = standby(line(adjusted=-SLIP_FEN), line("000011", "completion", adjusted=BACK_FEN))
    assert [row.tone for row in story.view.rows] == ["warn", "good"]
    assert story.view.rows[1].right == "预授权完成 ¥128.50 已退 ¥28.50"
    story.keys(story.view.rows[0].key)
    assert story.view.tone == "warn"


@pytest.mark.parametrize(("state", "said"), [("undone", "cancelled"), ("completed", "completed"), ("approved", "")])
def test_what_was_added_to_an_authorisation_is_over_with_it(state: ev.LineState, said: str) -> None:
    first = line("000012", "preauth", 50_000, 10_000, state=state)
    added = replace(
        line("000013", "preauth_increment", 10_000), about_batch_no=first.batch_no, about_trace_no=first.trace_no
    )
    story = standby(added, first, lang="en")
    row = story.view.rows[0]
    assert row.right == f"Pre-auth increment ¥100.00 {said}".strip()
    assert (row.tone == "good") == (state == "approved")
    story.keys(row.key)
    assert pairs(story)["Outcome"] == (said or "approved")
    assert any(choice.key == "reprint" for choice in story.view.choices) == (state == "approved")


def test_the_words_tell_a_void_from_a_reversal() -> None:
    """撤销 is somebody's wish and 冲正 the machine's: in English "undone" was said of both."""
    words = all_words()
    for key, word in words.items():
        assert not any(said in f"{word.en} {word.en_short}".lower() for said in ("undo", "undid")), key
        if "冲正" in word.zh:
            assert "void" not in word.en.lower(), key
    story = standby(line(state="undone"), line("000011", "preauth", state="undone"), lang="en")
    assert [row.right for row in story.view.rows] == ["¥128.50 voided", "Pre-authorisation ¥128.50 cancelled"]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("lang", LANGS)
def test_a_reversed_payment_says_how_much_and_speaks_of_no_card(model: str, lang: Lang) -> None:
    story = Story(model, lang).to_standby().to_selling(12_850)
    story.failed("SendPayment", "no_answer")
    story.reversal_taken()
    assert (story.code, "¥128.50" in story.text) == ("T103", True)
    assert ("card" in story.text.lower(), "卡" in story.text) == (False, False)


@pytest.mark.parametrize(("lang", "said"), [("zh", "最多可退 ¥100.00"), ("en", "At most ¥100.00")])
def test_more_than_is_left_is_refused_at_the_amount_and_no_supervisor_is_called(lang: Lang, said: str) -> None:
    story = asked_about("refund", line(adjusted=BACK_FEN), "smart", lang)
    story.keys("enter", *"10001", "enter")
    assert story.screen_id == "amount"
    assert said in story.text
    story.keys(*["clear"] * 5, *"10000", "enter")
    assert story.screen_id != "amount"
