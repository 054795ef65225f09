"""What the simulated wallets decide, over a file, at instants of the test's."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from tests.worlds.wallet_house import MERCHANT, WalletBooks

from zhanggui.cup.brands import BRANDS, BrandName
from zhanggui.cup.qr.merchant_code import MerchantCode
from zhanggui.cup.qr.pay_code import brand_of
from zhanggui.cup.wallets.codes import Said, wallet_code
from zhanggui.cup.wallets.messages import BillLine
from zhanggui.wallets.books import Behaviour
from zhanggui.wallets.page import WORDS
from zhanggui.wallets.phone_acts import Outcome

COUNTER_CODE = MerchantCode(
    network="4802000048020000",
    merchant_no=MERCHANT,
    category="5411",
    name="掌柜示范店",
    city="上海",
    terminal_no="10000001",
).write()
OPENING_FEN = 500_000
MakeBooks = Callable[..., WalletBooks]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[MakeBooks]:
    opened: list[WalletBooks] = []

    def books(brand: BrandName = "wechat", customer: str = "chen") -> WalletBooks:
        opened.append(WalletBooks(tmp_path, brand, customer))
        return opened[-1]

    yield books
    for one in opened:
        one.file.close()


@pytest.fixture(params=BRANDS)
def books(request: pytest.FixtureRequest, make: MakeBooks) -> WalletBooks:
    return make(request.param)


def test_every_brand_makes_codes_that_are_known_as_its_own(books: WalletBooks) -> None:
    code = books.code()
    brand = brand_of(code)
    assert brand is not None
    assert brand.name == books.brand


def test_a_small_payment_is_paid_at_once(books: WalletBooks) -> None:
    assert books.says("pay", amount_fen=2_000, code=books.code()) == "paid"
    assert books.balance_fen == OPENING_FEN - 2_000
    answer = books.ask("query")
    assert (answer.amount_fen, answer.returned_fen, bool(answer.wallet_no)) == (2_000, 0, True)


def test_a_code_is_good_once(books: WalletBooks) -> None:
    code = books.code()
    assert books.says("pay", "A1", 100, code=code) == "paid"
    assert books.says("pay", "A2", 100, code=code) == "refused"
    assert books.balance_fen == OPENING_FEN - 100


def test_the_same_order_again_is_answered_as_it_stands_and_takes_no_money(books: WalletBooks) -> None:
    code = books.code()
    first = books.ask("pay", "A1", 100, code=code)
    assert books.ask("pay", "A1", 100, code=code) == first
    assert books.balance_fen == OPENING_FEN - 100


def test_the_same_number_with_other_contents_takes_no_money(books: WalletBooks) -> None:
    books.ask("pay", "A1", 100, code=books.code())
    assert books.says("pay", "A1", 200, code=books.code()) == "unclear"
    assert books.balance_fen == OPENING_FEN - 100


def test_a_code_is_over_after_a_minute(books: WalletBooks) -> None:
    code = books.code()
    books.later(61)
    assert books.says("pay", amount_fen=100, code=code) == "refused"


def test_a_code_that_nobody_showed_is_none(books: WalletBooks) -> None:
    assert books.says("pay", amount_fen=100, code="1" * 18) == "refused"


@pytest.mark.parametrize("brand", ["wechat", "unionpay"])
def test_above_1000_yuan_the_password_is_asked_for(brand: BrandName, make: MakeBooks) -> None:
    books = make(brand)
    assert books.says("pay", "A1", 100_000, code=books.code()) == "paid"
    assert books.says("pay", "A2", 100_001, code=books.code()) == "waiting"
    assert books.says("query", "A2") == "waiting"
    assert books.types("000000", "A2").outcome == "password_wrong"
    assert books.types(order_no="A2").outcome == "paid"
    assert books.says("query", "A2") == "paid"


def test_alipay_asks_for_it_by_risk_alone(make: MakeBooks) -> None:
    books = make("alipay")
    assert books.says("pay", "A1", 200_000, code=books.code()) == "paid"
    books.behave("password")
    assert books.says("pay", "A2", 100, code=books.code()) == "waiting"


def test_a_customer_may_say_no(books: WalletBooks) -> None:
    books.behave("password")
    books.ask("pay", amount_fen=100, code=books.code())
    assert books.declines().outcome == "refused"
    assert books.says("query") == "refused"
    assert books.types().outcome == "over"


def test_an_order_that_nobody_pays_closes_itself_after_45_s_at_wechat(make: MakeBooks) -> None:
    books = make("wechat")
    books.behave("password")
    books.ask("pay", amount_fen=100, code=books.code())
    books.later(44)
    assert books.says("query") == "waiting"
    books.later(1)
    assert books.says("query") == "closed"
    assert books.types().outcome == "over"


@pytest.mark.parametrize(
    ("behaviour", "says"),
    [("risk", "refused"), ("brand_not_taken", "refused"), ("busy", "later"), ("unclear", "unclear")],
)
def test_a_wallet_behaves_as_it_was_set(books: WalletBooks, behaviour: Behaviour, says: Said) -> None:
    books.behave(behaviour)
    assert books.says("pay", amount_fen=100, code=books.code()) == says
    assert books.balance_fen == OPENING_FEN - (100 if behaviour == "unclear" else 0)


def test_a_silent_wallet_does_nothing_and_one_that_is_silent_after_does_all(books: WalletBooks) -> None:
    books.behave("silent")
    assert books.done("pay", "A1", 100, code=books.code()).delivery == "silent"
    assert (books.says("query", "A1"), books.balance_fen) == ("absent", OPENING_FEN)
    books.behave("silent_after")
    assert books.done("pay", "A2", 100, code=books.code()).delivery == "silent"
    assert books.balance_fen == OPENING_FEN - 100


def test_a_slow_wallet_does_it_and_answers_late(books: WalletBooks) -> None:
    books.behave("slow")
    done = books.done("pay", amount_fen=100, code=books.code())
    assert (done.delivery, books.balance_fen) == ("slow", OPENING_FEN - 100)


def test_who_has_too_little_does_not_pay(make: MakeBooks) -> None:
    books = make("wechat", "lin")
    assert books.says("pay", amount_fen=1_051, code=books.code()) == "refused"
    assert books.ask("query").word == "NOTENOUGH"
    assert books.says("pay", "A2", 1_050, code=books.code()) == "paid"


def test_the_limit_of_a_day_counts_what_stands_and_ends_with_the_day(make: MakeBooks) -> None:
    books = make("wechat", "zhou")
    books.behave("normal")
    for number in range(10):
        assert books.says("pay", f"A{number}", 100_000, code=books.code()) == "paid"
    assert books.ask("pay", "B1", 1, code=books.code()).word == "TRADE_ERROR"
    books.later(20)
    books.ask("cancel", "A9")
    assert books.says("pay", "B2", 1, code=books.code()) == "paid"
    books.later(86_400)
    assert books.says("pay", "B3", 100_000, code=books.code()) == "paid"


# ── going back ───────────────────────────────────────────────────────────────


def test_a_paid_order_that_is_cancelled_gives_the_money_back_once(books: WalletBooks) -> None:
    books.ask("pay", amount_fen=100, code=books.code())
    books.later(15)
    assert books.says("cancel") == "returned"
    assert books.says("cancel") == "returned"
    assert books.says("query") == "returned"
    assert books.balance_fen == OPENING_FEN


def test_nothing_is_cancelled_within_15_s(books: WalletBooks) -> None:
    books.ask("pay", amount_fen=100, code=books.code())
    books.later(14.9)
    assert books.says("cancel") == "later"
    assert books.says("query") == "paid"


def test_after_its_days_a_paid_order_is_not_cancelled_but_refunded(books: WalletBooks) -> None:
    books.ask("pay", amount_fen=100, code=books.code())
    books.later(604_801)
    assert books.says("cancel") == "too_late"
    assert books.says("refund", "A1", 100, refund_no="R1") == "returned"
    assert books.balance_fen == OPENING_FEN


def test_a_cancel_before_the_order_closes_its_number(books: WalletBooks) -> None:
    assert books.says("cancel") == "closed"
    assert books.says("pay", amount_fen=100, code=books.code()) == "closed"
    assert books.balance_fen == OPENING_FEN


def test_a_customer_who_pays_in_the_moment_of_the_cancel_has_the_money_back(books: WalletBooks) -> None:
    books.behave("race")
    assert books.says("pay", amount_fen=100, code=books.code()) == "waiting"
    books.later(20)
    assert books.says("cancel") == "returned"
    assert books.balance_fen == OPENING_FEN


def test_a_late_payment_comes_after_the_cancel_said_closed(books: WalletBooks) -> None:
    books.behave("late_payment")
    books.ask("pay", amount_fen=100, code=books.code())
    books.later(20)
    assert books.says("cancel") == "closed"
    assert (books.says("query"), books.balance_fen) == ("paid", OPENING_FEN - 100)
    assert books.says("cancel") == "returned"
    assert books.balance_fen == OPENING_FEN


def test_a_refund_gives_back_once_under_its_number_and_never_more_than_was_paid(books: WalletBooks) -> None:
    books.ask("pay", amount_fen=100, code=books.code())
    assert books.says("refund", "A1", 60, refund_no="R1") == "returned"
    assert books.says("refund", "A1", 60, refund_no="R1") == "returned"
    assert books.says("refund", "A1", 41, refund_no="R2") == "refused"
    assert books.says("refund_query", "A1", refund_no="R1") == "returned"
    assert books.says("refund_query", "A1", refund_no="R2") == "absent"
    assert books.says("query") == "paid"
    assert books.says("refund", "A1", 40, refund_no="R3") == "returned"
    assert books.says("query") == "returned"
    assert books.balance_fen == OPENING_FEN


def test_the_bill_tells_what_came_and_what_went_back(books: WalletBooks) -> None:
    books.ask("pay", "A1", 100, code=books.code())
    books.ask("pay", "A2", 300, code=books.code())
    books.ask("refund", "A1", 60, refund_no="R1")
    books.later(20)
    books.ask("cancel", "A2")
    lines = [msgspec.json.decode(line, type=BillLine) for line in books.ask("bill", "").lines]
    assert [(line.order_no, line.refund_no, line.amount_fen) for line in lines] == [
        ("A1", "", 100),
        ("A2", "", 300),
        ("A1", "R1", -60),
        ("A2", "", -300),
    ]
    assert [line.line_no for line in lines] == [1, 2, 3, 4]
    assert OPENING_FEN - books.balance_fen == sum(line.amount_fen for line in lines)


# ── a shop's code ────────────────────────────────────────────────────────────


def test_a_dynamic_code_is_paid_once_by_whoever_reads_it(books: WalletBooks) -> None:
    link = books.ask("offer", amount_fen=300).link
    assert books.says("query") == "waiting"
    seen = books.reads(f"http://127.0.0.1:8595/q/{link}", password=None)
    assert (seen.outcome, seen.shop, seen.amount_fen) == ("ready", "掌柜示范店", 300)
    assert books.reads(f"http://127.0.0.1:8595/q/{link}", password="").outcome == "paid"
    assert books.says("query") == "paid"
    assert books.reads(f"/q/{link}").outcome == "over"


def test_by_a_static_code_500_yuan_a_day_is_all(books: WalletBooks) -> None:
    text = COUNTER_CODE
    assert books.reads(text).outcome == "amount_needed"
    assert books.reads(text, 49_999).outcome == "paid"
    assert books.reads(text, 2).outcome == "static_limit"
    assert books.reads(text, 1).outcome == "paid"
    assert books.says("pay", amount_fen=100, code=books.code()) == "paid"
    books.later(86_400)
    assert books.reads(text, 50_000).outcome == "paid"


def test_unionpays_phone_reads_an_emv_code_and_others_do_not(make: MakeBooks) -> None:
    text = MerchantCode(
        network="4802000048020000",
        merchant_no=MERCHANT,
        category="5411",
        name="SHOP",
        city="SHANGHAI",
        amount_fen=1_230,
        for_one=True,
    ).write()
    union = make("unionpay")
    assert (union.reads(text, password=None).amount_fen, union.reads(text).outcome) == (1_230, "paid")
    assert make("wechat").reads(text).outcome == "other_brand"


def test_what_is_no_shops_code_is_said_to_be_none(books: WalletBooks) -> None:
    assert {books.reads(text).outcome for text in ("", "hello", "http://x/q/zz", "/q/" + "0" * 32)} == {"no_code"}


def test_every_outcome_and_behaviour_has_words() -> None:
    assert {f"outcome.{name}" for name in get_args(Outcome)} <= set(WORDS)
    assert {f"behaviour.{name}" for name in get_args(Behaviour)} <= set(WORDS)


def test_every_word_that_a_wallet_says_is_in_the_table(books: WalletBooks) -> None:
    books.ask("pay", amount_fen=100, code=books.code())
    assert wallet_code(books.brand, books.ask("query").word).says == "paid"
