"""What lists say in words: whose wallet paid, how the code on a counter stands, which part was not well."""

import pytest
from msgspec.structs import replace

from zhanggui.acquirer.rows.records import CounterCode, Payment, SignIn, Terminal
from zhanggui.basics.numbers import BatchNo, MerchantNo, OperatorNo, RecordNo, Rrn, TerminalNo, TraceNo, UnixMs
from zhanggui.views.payments import PAYMENTS, payment_row
from zhanggui.views.reasons import actor_said
from zhanggui.views.sign_ins import SIGN_INS, sign_in_row
from zhanggui.views.terminals import TERMINALS, terminal_row

MERCHANT, TERMINAL, NOON = MerchantNo("102100058120001"), TerminalNo("10000001"), UnixMs(1_795_320_000_000)
PAYMENT = Payment(
    merchant_no=MERCHANT,
    terminal_no=TERMINAL,
    batch_no=BatchNo("000001"),
    trace_no=TraceNo("000007"),
    kind="qr_sale",
    state="approved",
    fingerprint=b"f",
    amount_fen=12_345,
    masked_pan="280669********3771",
    card_hash=b"h",
    entry_mode="031",
    operator_no="01",
    rrn=Rrn("000000000123"),
    response_code="00",
    created_ms=NOON,
)


@pytest.mark.parametrize(
    ("kind", "wallet", "reason", "said"),
    [
        ("qr_sale", "wechat", "", "扫码消费 · 微信支付"),
        ("qr_own", "alipay", "", "收款码消费 · 支付宝"),
        ("qr_sale", None, "", "扫码消费 · 云闪付"),
        ("qr_sale", None, "pay_code_unknown", "扫码消费"),
        ("sale", None, "", "消费"),
    ],
)
def test_a_payment_by_code_says_whose_wallet_paid(kind: str, wallet: str | None, reason: str, said: str) -> None:
    row = payment_row(replace(PAYMENT, kind=kind, wallet=wallet, reason=reason))
    assert PAYMENTS.column("kind").cell(row, "zh") == said


def test_a_terminal_says_how_the_code_on_its_counter_stands() -> None:
    till = Terminal(
        merchant_no=MERCHANT,
        terminal_no=TERMINAL,
        model="smart",
        place="前台",
        dialect="unionpay",
        operator_check="host",
        master_key="",
        created_ms=NOON,
    )
    code = CounterCode(
        merchant_no=MERCHANT, terminal_no=TERMINAL, category="5812", city="上海", made_ms=NOON, billed_ms=NOON
    )
    said = [
        TERMINALS.column("counter_code").cell(terminal_row(till, None, None, NOON, None, one), "zh")
        for one in (None, code, replace(code, state="withdrawn"))
    ]
    assert said == ["—", "有", "已停用"]


def test_a_sign_in_names_the_parts_that_were_not_well() -> None:
    record = SignIn(
        merchant_no=MERCHANT,
        record_no=RecordNo(9),
        terminal_no=TERMINAL,
        operator_no=OperatorNo("01"),
        operator_name="王芳",
        state="refused",
        began_ms=NOON,
    )
    said = [
        SIGN_INS.column("self_check").cell(sign_in_row(replace(record, self_check=told), {}, {}), "zh")
        for told in ("", "power:ok,printer:ok", "power:ok,printer:warn:no_paper")
    ]
    assert said == ["", "全部正常", "打印机 warn:no_paper"]


def test_who_acted_is_said_without_the_words_of_the_tables() -> None:
    assert [actor_said(one, "zh") for one in ("person:demo.owner", "console", "host", "00")] == [
        "demo.owner",
        "控制台",
        "主机",
        "00",
    ]
