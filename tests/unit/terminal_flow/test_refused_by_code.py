"""Where a customer paid by code, no word about a refusal speaks of cards: on the screen, in the list, on the slip, by `explain`, in lists."""

import re

import pytest
from tests.worlds.flow_story import MASKED

from zhanggui.basics.numbers import BatchNo, TraceNo, UnixMs
from zhanggui.basics.words import Lang
from zhanggui.cli.explain import told_of
from zhanggui.cup.code_words import reason_of
from zhanggui.cup.next_steps import step_words
from zhanggui.cup.response_codes import RESPONSE_CODES, means
from zhanggui.cup.transactions import PAYMENTS
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.trouble import about_payment, refusal_problem
from zhanggui.terminal.flow.payment.today.draw_listed import reason_of as listed
from zhanggui.terminal.flow.words.catalogue import render
from zhanggui.terminal.flow.words.text import words

BY_CODE = [kind for kind, row in PAYMENTS.items() if row.is_by_code]
REFUSALS = [code for code in RESPONSE_CODES if means(code) == "stands_not" and not code.startswith("P")]
OF_CARDS = re.compile(
    "卡号|此卡|没收|持卡人|发卡行|[Cc]ard number|[Tt]his card|[Cc]ardholder|[Ii]ssuer|card's bank|Keep the card|the card\\b"
)
LANGS: tuple[Lang, ...] = ("zh", "en")


def refused(code: str, kind: str) -> ev.Refused:
    return ev.Refused(now=UnixMs(0), request="SendPayment", response_code=code)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", BY_CODE)
def test_no_word_for_people_speaks_of_cards(kind: str, lang: Lang) -> None:
    about_another = not PAYMENTS[kind].shows_code
    for code in REFUSALS:
        problem = refusal_problem(refused(code, kind), about=about_payment(kind, about_another=about_another))
        row = reason_of(code, kind)
        said = (
            render(problem.what, lang),
            render(problem.todo, lang),
            row.of(lang),
            step_words(row.cashier, lang),
            step_words(row.support, lang),
        )
        assert [text for text in said if OF_CARDS.search(text)] == [], (code, kind)


@pytest.mark.parametrize("kind", ["sale", *BY_CODE])
def test_the_list_says_what_the_screen_said(kind: str) -> None:
    about = TraceNo("000001") if kind not in ("sale", "qr_sale") else TraceNo("")
    for code in REFUSALS:
        line = ev.DayLine(
            trace_no=TraceNo("000012"),
            time="08:41:10",
            masked_pan=MASKED,
            amount_fen=100,
            state="declined",
            kind=kind,
            batch_no=BatchNo("000002"),
            response_code=code,
            about_trace_no=about,
        )
        problem = refusal_problem(refused(code, kind), about=about_payment(kind, about_another=bool(about)))
        assert render(words("line.because", why=listed(line)), "en") == render(problem.what, "en"), code


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("code", ["12", "14", "40", "54"])
def test_explain_tells_both_ways_of_paying_and_the_one_by_code_as_the_screen_does(code: str, lang: Lang) -> None:
    told = told_of(f"R{code}", lang)
    assert told is not None
    assert told.by_code is not None
    problem = refusal_problem(refused(code, "qr_sale"), about=about_payment("qr_sale", about_another=False))
    assert told.by_code.cause == render(problem.what, lang) != told.cause
    assert told.by_code.cashier.casefold() == render(problem.todo, lang).rstrip("。.").casefold()


def test_what_is_about_an_earlier_payment_is_not_told_of_a_code_that_nobody_showed() -> None:
    assert reason_of("12", "qr_void").zh == RESPONSE_CODES["12"].zh
    assert reason_of("12", "qr_sale").zh == "付款码已用过"


def test_a_refund_by_code_over_the_limit_says_so_as_one_with_a_card_does() -> None:
    for kind in ("refund", "qr_refund"):
        problem = refusal_problem(refused("61", kind), about=about_payment(kind, about_another=True))
        assert render(problem.what, "zh") == "超过退货限额"
