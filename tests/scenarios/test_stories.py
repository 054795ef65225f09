"""What one page tells of a payment, of a sign-in and of the day, read from what true terminals, host and bank have written."""

from functools import partial

from tests.conftest import Ports
from tests.worlds.house import House
from tests.worlds.true_terminal import at_the_counter, words_of

from zhanggui.acquirer.rows.records import Payment, PaymentKey
from zhanggui.basics.clock import SystemClock
from zhanggui.basics.money import format_yuan
from zhanggui.basics.numbers import BatchNo, MerchantNo, TerminalNo, TraceNo
from zhanggui.cup.transactions import PAYMENTS
from zhanggui.programs.data_folder import Places, store_target
from zhanggui.store.open import open_queries
from zhanggui.store.queries import Queries, SignInFilter
from zhanggui.vault.signature import signature_fits
from zhanggui.views.listing import json_of
from zhanggui.views.payment_story import PaymentStory, payment_story
from zhanggui.views.sign_in_story import read_sign_in_story
from zhanggui.views.timeline import MOMENT_WORDS
from zhanggui.views.today import TodayRow, read_today

SOLD_FEN = 12_345
SECRETS = ("pin", "track", "mac_key", "password")


def queries_of(house: House) -> Queries:
    return open_queries(store_target(house.settings, Places(house.folder)))


def story_of(queries: Queries, payment: Payment) -> PaymentStory:
    key: PaymentKey = (payment.merchant_no, payment.terminal_no, payment.batch_no, payment.trace_no)
    parts = queries.payment_parts(key)
    assert parts is not None
    return payment_story(parts)


def today_of(house: House, merchant_no: MerchantNo | None = None) -> TodayRow:
    with queries_of(house) as queries:
        return read_today(queries, merchant_no, SystemClock().now(), 7)


async def test_a_sale_and_its_void_tell_their_lives(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take()) as at:
        await at.sell(str(SOLD_FEN))
        trace_no = at.terminal.view().rows[0].left.split()[-1]
        at.keys("void")
        await at.screen("original")
        at.keys(*trace_no, "enter")
        await at.until(lambda view: trace_no in words_of(view))
        at.keys("enter")
        await at.screen("card")
        at.terminal.show_card("main", "insert")
        await at.supervisor()
        await at.slips_out()
        on_duty = today_of(house).on_duty
    with queries_of(house) as queries:
        void, sale = queries.list_payments()
        told, told_void = story_of(queries, sale), story_of(queries, void)
    assert [one.what for one in told.timeline] == ["asked", "bank_asked", "bank_approved", "posted", "undone_by"]
    assert [one.where for one in told.timeline] == ["terminal", "host", "bank", "ledger", "terminal"]
    assert told.timeline[-1].link == f"payment:{void.merchant_no}/{void.terminal_no}/{void.batch_no}/{void.trace_no}"
    assert "about" in [one.what for one in told_void.timeline]
    request = {field.number: field.value for field in told.timeline[0].message}
    assert (request[0], request[3], request[4], request[11]) == ("0200", "000000", f"{SOLD_FEN:012d}", sale.trace_no)
    assert "*" in request[2]
    assert request[60] == f"{PAYMENTS['sale'].type_code}{sale.batch_no}…", "how the card was read is not kept"
    void_request = {field.number: field.value for field in told_void.timeline[0].message}
    assert (PAYMENTS["void"].dated, void_request[61]) == (False, f"{sale.batch_no}{sale.trace_no}")
    answer = {field.number: field.value for field in told.timeline[2].message}
    assert (answer[0], answer[37], answer[38], answer[39]) == ("0210", sale.rrn, sale.auth_code, "00")
    assert not {52, 35, 55, 64} & (request.keys() | answer.keys())
    assert all(one.zh and one.en and "{" not in one.zh + one.en for one in (*told.timeline, *told_void.timeline))
    assert [one.at for one in told.timeline if one.at] == sorted(one.at for one in told.timeline if one.at)
    assert format_yuan(SOLD_FEN) in told.timeline[3].en
    assert {f"where.{one.where}" for one in told.timeline} <= set(MOMENT_WORDS)
    ((who,),) = [on_duty]
    assert (who.operator_no, who.operator_name, who.terminal_no, who.is_locked) == (
        "01",
        "王芳",
        sale.terminal_no,
        False,
    )


async def test_today_adds_up_to_the_rows_of_the_day(house: House, ports: Ports) -> None:
    before = today_of(house)
    assert (before.taken_count, before.net_fen, before.on_duty, before.payments) == (0, 0, (), ())
    async with at_the_counter(house, ports.take()) as at:
        await at.sell("500")
        await at.sell("1234")
    with queries_of(house) as queries:
        sales = queries.list_payments()
    today, of_shop = today_of(house), today_of(house, MerchantNo(sales[0].merchant_no))
    assert (today.taken_count, today.taken_fen, today.net_fen) == (2, 1734, 1734)
    assert today.taken_fen == sum(one.amount_fen for one in sales if PAYMENTS[one.kind].total == "debit")
    assert (today.sign_ins_count, today.sign_ins_refused, today.open_count, today.change_no) == (1, 0, 0, 7)
    assert [one.trace_no for one in today.payments] == [one.trace_no for one in sales]
    assert (of_shop.taken_fen, of_shop.merchant_no) == (today.taken_fen, sales[0].merchant_no)
    assert today_of(house, MerchantNo("102100058129999")).taken_count == 0


async def test_a_sign_in_is_told_and_proven(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take()):
        pass
    fits = partial(signature_fits, house.public_key)
    with queries_of(house) as queries:
        (record,) = queries.list_sign_ins(SignInFilter())
        story = read_sign_in_story(queries, record.merchant_no, record.record_no, fits)
        none = read_sign_in_story(queries, record.merchant_no, 4711, fits)
    assert story is not None
    assert none is None
    assert [one.what for one in story.timeline][:3] == ["sign_in.began", "sign_in.verified", "sign_in.confirmed"]
    assert story.proof.is_good
    assert story.proof.link_no is not None
    assert not any(word in json_of(story).lower() for word in SECRETS if word != "password")


async def test_a_payment_that_is_not_there_has_no_story(house: House) -> None:
    with queries_of(house) as queries:
        key = (MerchantNo("102100058120001"), TerminalNo("10000001"), BatchNo("000001"), TraceNo("000001"))
        assert queries.payment_parts(key) is None
