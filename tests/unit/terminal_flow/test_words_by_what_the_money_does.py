"""Words by what a payment does with the money; a copy that is missing by its side; and one way of showing a card where one is asked for."""

import pytest
from msgspec.structs import replace
from tests.worlds.flow_story import MASKED, Story, memory, on_duty, with_rules
from tests.worlds.slip_samples import DAY, MERCHANT_NO, NOW

from zhanggui.basics.numbers import BatchNo, TerminalNo, TraceNo
from zhanggui.basics.words import Lang
from zhanggui.cup.transactions import PAYMENTS, taken_and_given
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.trouble import how_it_stands
from zhanggui.terminal.flow.core.ways import PrintMissing
from zhanggui.terminal.flow.payment.kinds import KINDS
from zhanggui.terminal.flow.slips.settlement_slip import missing_slip
from zhanggui.terminal.flow.slips.slip_layout import Shop
from zhanggui.terminal.flow.words.catalogue import all_words, render
from zhanggui.terminal.flow.words.text import words
from zhanggui.terminal.keypad import keypad_pages
from zhanggui.terminal.models.profiles import load_profile

MODELS = ("smart", "esign", "keypad")
LANGS: tuple[Lang, ...] = ("zh", "en")


def line(kind: str, fen: int, number: int = 12) -> ev.DayLine:
    return ev.DayLine(
        trace_no=TraceNo(f"{number:06d}"),
        time="08:41:10",
        masked_pan=MASKED,
        amount_fen=fen,
        state="approved",
        kind=kind,
        sign=KINDS[kind].sign,
        batch_no=BatchNo("000001"),
        rrn="112308411001",
        auth_code="654321",
    )


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("sale", "Do not charge again"),
        ("completion", "Do not charge again"),
        ("refund", "Do not refund again"),
        ("void", "Do not refund again"),
        ("preauth", "Do not make it again"),
    ],
)
def test_what_is_not_to_be_done_twice_is_what_was_done(kind: str, said: str) -> None:
    story = Story(lang="en").to_standby(memory(trace_no="000020", today=(line(kind, 2850),)))
    stands = how_it_stands(story.state)
    assert stands is not None
    assert said in render(stands, "en")
    assert [word in render(stands, "en") for word in ("charge again", "refund again")].count(True) <= 1


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("kind", "side"), [("sale", "debit"), ("refund", "credit"), ("void", "credit"), ("balance", "held")]
)
def test_who_cancels_reads_what_did_not_happen(kind: str, side: str, lang: Lang) -> None:
    story = Story(lang=lang).to_standby()
    story.keys(kind, "cancel")
    assert story.screen_id == "standby"
    assert all_words()[f"standby.cancelled.{side}"].of(lang) in story.text
    story.keys(kind)
    story.wait(61)
    assert story.screen_id != "standby" or all_words()[f"standby.idle.{side}"].of(lang) in story.text


def test_a_refund_that_no_supervisor_approves_was_not_refunded() -> None:
    story = Story().to_standby(memory(trace_no="000020", today=(line("sale", 2850),)))
    story.keys("refund", *"112308411001", "enter", "enter", "5", "enter")
    story.card("insert")
    assert story.screen_id == "approval_number"
    story.keys("cancel")
    assert "已取消，未退款" in story.text


def test_money_taken_and_given_back_stand_apart_and_what_is_held_in_neither() -> None:
    made = [line(kind, 100, number) for number, kind in enumerate(PAYMENTS, 1) if kind in KINDS]
    taken, given = taken_and_given((one.kind, one.amount_fen) for one in made)
    assert (taken, given) == (600, 500), "four sales and two completions; two voids, two refunds, a completion's void"
    made = [line("sale", 12_850, 1), line("refund", 2_850, 2), line("preauth", 60_000, 3)]
    left, profile = PrintMissing(lines=tuple(made), count=9), load_profile("smart")
    shop = Shop(merchant_name="", terminal_no=TerminalNo("10000001"), support_phone="", software="")
    slip = missing_slip(left, shop, profile, MERCHANT_NO, "01", "000002", DAY, NOW)
    pairs = {one.left: one.right for one in slip.lines}
    assert (pairs["其中收款"], pairs["其中退款"]) == ("128.50", "28.50")
    assert not any("914" in one.right or "757" in one.right for one in slip.lines)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", ["sale", "refund", "void"])
def test_the_amount_to_approve_is_on_the_first_page_of_four_lines(kind: str, lang: Lang) -> None:
    story = on_duty("keypad", with_rules(idle_lock_s=0, keyed=1))
    story.lang = lang
    if kind == "sale":
        story.keys("sale", *"12850", "enter", "keyed")
        story.pin(digits=19)
        story.send(ev.NumberKeyed(now=story.now, masked_pan=MASKED))
        story.keys(*"4912", "enter")
    else:
        story.state = replace(story.state, today=(replace(line("sale", 12_850), batch_no=story.state.batch_no),))
        story.keys(kind, *("112308411001" if kind == "refund" else "000012"), "enter", "enter")
        story.keys(*(("1", "2", "8", "5", "0", "enter") if kind == "refund" else ()))
        story.card("insert")
    assert story.screen_id == "approval_number"
    page = keypad_pages(story.view, story.state.machine.profile)[0]
    assert "¥128.50" in "".join(page)


def test_typing_a_card_number_is_named_and_not_ordered() -> None:
    said = words("approval.needed", action="@action.key_card")
    assert render(said, "en") == "Supervisor needed: typing of a card number"


@pytest.mark.parametrize("model", MODELS)
def test_where_only_the_stripe_helps_no_other_way_is_offered(model: str) -> None:
    story = on_duty(model, with_rules(idle_lock_s=0, fallback_tries=1))
    story.keys("sale", "5", "00", "enter")
    every = story.view.reader
    assert len(every) > 1
    story.send(ev.CardUnreadable(now=story.now, reason="card.chip_unread", chip=True))
    assert story.view.reader == ("swipe",)
    assert ("插卡" in story.text, "挥卡" in story.text) == (False, False)
    story.keys("cancel", "sale", "5", "00", "enter")
    assert story.view.reader == every
