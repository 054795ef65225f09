"""Slips of every kind, for whoever lays them out: ordinary ones, and one with the longest names and the rarest characters."""

from msgspec.structs import replace

from zhanggui.basics.numbers import BatchNo, OperatorNo, TerminalNo, TraceNo, UnixMs
from zhanggui.basics.words import Lang
from zhanggui.cup.messages.settlement import Sums
from zhanggui.cup.transactions import PAYMENTS
from zhanggui.cup.values.slip import Slip
from zhanggui.terminal.flow.core import events as ev
from zhanggui.terminal.flow.core.payments import Attempt, Card, Doing
from zhanggui.terminal.flow.core.settlement import KindSums, Settlement
from zhanggui.terminal.flow.core.trouble import refusal_problem
from zhanggui.terminal.flow.core.ways import PrintMissing, PrintRefusal, PrintShift
from zhanggui.terminal.flow.slips.other_slips import refusal_slip, shift_slip
from zhanggui.terminal.flow.slips.settlement_slip import details_slip, missing_slip, settlement_slip
from zhanggui.terminal.flow.slips.slip_layout import TRADE_NAMES, Copy, Shop, payment_slip
from zhanggui.terminal.flow.words.catalogue import render
from zhanggui.terminal.models.profiles import load_profile

from .flow_story import MASKED, approved_sale

NOW = UnixMs(1_795_395_303_000)
MASKED_CODE, VOUCHER = "621234*********5678", "20261123085503000012"
MERCHANT_NO = "102100058120001"
DAY = "2026-11-23"
RARE = "𠮷㐂䶮"
"""Characters that stand in names of people and shops and that GBK lacks."""
LONG_NAME = "城南区人民中路三六五号" + RARE + "龘记·阿卜杜热西提·买买提老字号面馆有限责任公司分店"
"""Forty characters: as long as a merchant's name may be (field 43)."""
SIGNED = (
    tuple((60 + at * 9, 80 + (at * 37) % 50 - 25) for at in range(30)),
    tuple((120 + at * 22, 130 - at) for at in range(12)),
)


def shop(lang: Lang = "zh", name: str = "城南小馆") -> Shop:
    return Shop(
        merchant_name=name,
        terminal_no=TerminalNo("10000001"),
        support_phone="400-000-0000 (demo)",
        software="zhanggui 0.1.0",
        simulated=True,
        lang=lang,
    )


def payment(kind: str = "sale", name: str = "") -> ev.ApprovedPayment:
    """An approved payment of this kind; what is about an earlier one says which."""
    about = None
    if kind not in ("sale", "preauth", "qr_sale"):
        about = ev.Original(
            trace_no=TraceNo("000007"),
            batch_no=BatchNo("000001"),
            amount_fen=1234,
            masked_pan=MASKED,
            rrn="000000000107",
            auth_code="A00107",
            date="1122",
        )
    made = replace(approved_sale("000012"), kind=kind, original=about, merchant_name=name)
    return by_code(made) if PAYMENTS[kind].is_by_code else made


def by_code(made: ev.ApprovedPayment) -> ev.ApprovedPayment:
    """The same where the customer showed a code: nothing of a card, nobody signs, and a voucher in the place of an authorisation."""
    about = made.original
    if about is not None:
        about = replace(about, masked_pan=MASKED_CODE, auth_code="", pay_voucher=VOUCHER)
    return replace(
        made,
        way="scan",
        masked_pan=MASKED_CODE,
        auth_code="",
        pay_voucher=VOUCHER if about is None else "",
        original=about,
        needs_signature=False,
        chip_lines=(),
    )


def day_line(trace_no: str, amount_fen: int, kind: str = "sale") -> ev.DayLine:
    return ev.DayLine(
        trace_no=TraceNo(trace_no),
        time="08:55:03",
        masked_pan=MASKED,
        amount_fen=amount_fen,
        state="approved",
        kind=kind,
        batch_no=BatchNo("000002"),
        auth_code="004217",
    )


def counted() -> ev.BatchCounted:
    lines = (day_line("000010", 12_345_678), day_line("000011", 9_900), day_line("000012", 500, "refund"))
    kinds = (KindSums("sale", 2, 12_355_578), KindSums("refund", 1, 500))
    sums = Sums(debit_count=2, debit_fen=12_355_578, credit_count=1, credit_fen=500)
    return ev.BatchCounted(now=NOW, batch_no=BatchNo("000002"), sums=sums, kinds=kinds, lines=lines)


BIG_FEN = 999_999_999_999
"""As much as field 4 says: 9,999,999,999.99."""


def big() -> ev.BatchCounted:
    """A batch of the largest amounts that there are."""
    lines = (day_line("999998", BIG_FEN), day_line("999999", BIG_FEN, "completion_void"))
    kinds = (KindSums("sale", 999, BIG_FEN), KindSums("completion_void", 999, BIG_FEN))
    sums = Sums(debit_count=999, debit_fen=BIG_FEN, credit_count=999, credit_fen=BIG_FEN)
    return ev.BatchCounted(now=NOW, batch_no=BatchNo("999999"), sums=sums, kinds=kinds, lines=lines)


def settlement(*, agreed: bool) -> Settlement:
    host = counted().sums if agreed else Sums(debit_count=1, debit_fen=12_345_678, credit_count=1, credit_fen=500)
    return Settlement(
        batch_no=BatchNo("000002"),
        operator_no=OperatorNo("01"),
        step="settled",
        sums=counted().sums,
        host=host,
        agreed=agreed,
    )


def refusal() -> PrintRefusal:
    card = Card(way="insert", masked_pan=MASKED, expiry_yymm="4912", label="银联借记卡")
    attempt = Attempt(
        doing=Doing(kind="sale", amount_fen=880, card=card, pin="entered"),
        trace_no=TraceNo("000013"),
        batch_no=BatchNo("000002"),
        operator_no=OperatorNo("01"),
        time="08:57:10",
        reversible=True,
        sign=1,
    )
    refused = ev.Refused(now=NOW, request="SendPayment", response_code="51")
    return PrintRefusal(attempt=attempt, problem=refusal_problem(refused), may_be_held=False)


def slips(lang: Lang = "zh", model: str = "smart", name: str = "城南小馆") -> dict[str, Slip]:
    """Every kind of slip by its name; an e-signature model's have a box with its feature code."""
    profile, ours = load_profile(model), shop(lang, name)
    copies: tuple[Copy, ...] = ("merchant", "cardholder")
    made = {
        f"{kind}-{copy}": payment_slip(payment(kind, name), ours, profile, copy=copy)
        for kind in TRADE_NAMES
        for copy in copies
    }
    tapped = replace(payment(name=name), way="tap", needs_signature=False)
    made["tap-merchant"] = payment_slip(tapped, ours, profile, copy="merchant")
    made["again-merchant"] = payment_slip(payment(name=name), ours, profile, copy="merchant", again=True)
    for agreed in (True, False):
        ended = settlement(agreed=agreed)
        made["settlement" if agreed else "settlement-differs"] = settlement_slip(
            ended, counted(), ours, profile, MERCHANT_NO, DAY, NOW
        )
    made["details"] = details_slip(counted(), ours, profile, MERCHANT_NO, "01", DAY, NOW)
    named = replace(payment("completion_void", name), amount_fen=BIG_FEN, issuer=name[:11], acquirer=name[:11])
    made["big-merchant"] = payment_slip(named, ours, profile, copy="merchant", again=True)
    big_end = replace(settlement(agreed=False), sums=big().sums, host=big().sums)
    made["settlement-big"] = settlement_slip(big_end, big(), ours, profile, MERCHANT_NO, DAY, NOW)
    for state, lines in (("missing", big().lines + counted().lines), ("missing-none", ())):
        left = PrintMissing(lines=lines, count=9)
        made[state] = missing_slip(left, ours, profile, MERCHANT_NO, "01", "000002", DAY, NOW)
    ended_shift = PrintShift(operator="01 · 王芳", session_no=7, sales_count=12, sales_fen=1_234_567)
    made["shift"] = shift_slip(ended_shift, ours, profile, MERCHANT_NO, NOW)
    refused = refusal()
    made["refusal"] = refusal_slip(refused, render(refused.problem.what, lang), ours, profile, MERCHANT_NO, NOW)
    return made
