"""What wallets tell of payments by a code on a counter, and what becomes of it by the answer; over a file, at instants of the test's."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.worlds.wallet_house import MERCHANT, WalletBooks

from zhanggui.basics.numbers import UnixMs
from zhanggui.cup.brands import BRANDS
from zhanggui.cup.qr.merchant_code import MerchantCode
from zhanggui.cup.wallets.messages import BillLine, WalletNotice
from zhanggui.wallets.books import Behaviour, Notice
from zhanggui.wallets.noticing import LATE_MS, TRIES_MAX, heard, message_of

CODE = MerchantCode(
    network="0888888808888888",
    merchant_no=MERCHANT,
    category="5411",
    name="掌柜示范店",
    city="上海",
    terminal_no="10000001",
)
OPENING_FEN = 500_000


@pytest.fixture(params=BRANDS)
def books(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[WalletBooks]:
    made = WalletBooks(tmp_path, request.param)
    yield made
    made.file.close()


def due(books: WalletBooks, later_ms: int = 0) -> list[Notice]:
    return books.file.reading.notices_due(UnixMs(books.now + later_ms), 10)


def billed(books: WalletBooks) -> tuple[BillLine, ...]:
    return books.file.reading.bill(books.brand, MERCHANT, UnixMs(0), UnixMs(books.now + 1), 0, 10)


def answered(books: WalletBooks, notice: Notice, said: str | None) -> Notice:
    with books.file.writing() as rows:
        kept = heard(rows, notice.wallet_no, said, books.now)  # type: ignore[arg-type]  # words
    assert kept is not None
    return kept


def test_what_is_paid_is_told_with_its_counter_and_stands_in_the_bill_under_the_same_number(books: WalletBooks) -> None:
    assert books.reads(CODE.write(), 700).outcome == "paid"
    (notice,) = due(books)
    assert message_of(notice) == WalletNotice(
        merchant_no=MERCHANT, counter="10000001", wallet_no=notice.wallet_no, amount_fen=700, paid_ms=books.now
    )
    (line,) = billed(books)
    assert (line.counter, line.wallet_no, line.order_no) == ("10000001", notice.wallet_no, notice.wallet_no)
    assert len(notice.wallet_no) == 20


def test_heard_it_is_told_no_more(books: WalletBooks) -> None:
    books.reads(CODE.write(), 700)
    (notice,) = due(books)
    assert answered(books, notice, "taken").heard == "taken"
    assert due(books, 10**9) == []
    assert books.balance_fen == OPENING_FEN - 700


def test_unheard_it_is_told_again_more_and_more_slowly_up_to_a_bound(books: WalletBooks) -> None:
    books.reads(CODE.write(), 700)
    pauses = []
    for _ in range(TRIES_MAX):
        (notice,) = due(books)
        kept = answered(books, notice, None)
        if kept.next_ms is not None:
            pauses.append(kept.next_ms - books.now)
            books.now = kept.next_ms
    assert pauses[:4] == [1_000, 2_000, 4_000, 8_000]
    assert len(pauses) == TRIES_MAX - 1
    assert due(books, 10**9) == []
    assert len(billed(books)) == 1


def test_refused_the_customers_money_comes_back_once(books: WalletBooks) -> None:
    books.reads(CODE.write(), 700)
    (notice,) = due(books)
    assert books.balance_fen == OPENING_FEN - 700
    answered(books, notice, "refused")
    answered(books, notice, "refused")
    assert books.balance_fen == OPENING_FEN
    lines = billed(books)
    assert [line.amount_fen for line in lines] == [700, -700]
    # What came back does not count against the day.
    assert books.reads(CODE.write(), 50_000).outcome == "paid"


@pytest.mark.parametrize(("behaviour", "after_ms"), [("slow", LATE_MS), ("silent_after", None)])
def test_a_wallet_is_late_or_silent_as_it_is_told_to_be(
    books: WalletBooks, behaviour: Behaviour, after_ms: int | None
) -> None:
    books.behave(behaviour)
    assert books.reads(CODE.write(), 700).outcome == "paid"
    assert due(books) == []
    assert len(due(books, 10**9)) == (after_ms is not None)
    assert len(billed(books)) == 1


def test_a_part_goes_back_by_the_wallets_own_number(books: WalletBooks) -> None:
    books.reads(CODE.write(), 700)
    (notice,) = due(books)
    answer = books.ask("refund", notice.wallet_no, refund_no="R1", amount_fen=300)
    assert answer.given_back_fen == 300
    assert books.balance_fen == OPENING_FEN - 400


def test_a_code_without_a_counter_or_with_a_sum_is_no_code_for_the_counter(books: WalletBooks) -> None:
    for code in (replace(CODE, terminal_no=""), replace(CODE, terminal_no="1"), replace(CODE, amount_fen=100)):
        assert books.reads(code.write(), 700).outcome == "no_code"
