"""The sales slip (签购单): lines and order of the domain reference, §8. `terminal/paper` sets them in columns.

A Chinese slip is bilingual as in the trade: Chinese words with the English label where it fits; an English one has English alone.
Our own words can be written in GBK, which is what slip printers take; names may need more.
"""

from typing import Literal

import msgspec

from ....basics.money import format_yuan
from ....basics.numbers import TerminalNo
from ....basics.visible import harmless
from ....basics.words import Lang
from ....cup.values.bar_code import write_bar_code
from ....cup.values.feature_code import feature_code
from ....cup.values.rules import SMALL_TAP_FEN_MAX
from ....cup.values.slip import Slip, SlipCopy, SlipLine
from ...models.profiles import Profile
from ..core.events import ApprovedPayment, EntryWay, Original
from ..core.kept import UNKNOWN_TRACE
from .labels import in_lang, own

Copy = Literal["merchant", "cardholder"]

WAY_LETTERS: dict[EntryWay, str] = {
    "swipe": "S",
    "insert": "I",
    "tap": "C",
    "fallback": "F",
    "keyed": "M",
    "scan": "Q",
}
"""How the card was read: swipe, insert, contactless, fallback, manual, or that a code was scanned (domain reference §8, line 7)."""

REMARKED_WAYS: frozenset[EntryWay] = frozenset({"fallback", "keyed"})
"""Ways that a slip says in words too: they are the exception, and a dispute begins with them."""

CARD_NO, CODE_NO = "卡号(CARD NO.):", "付款码(CODE NO.):"
"""By what the customer paid."""

TRADE_NAMES: dict[str, str] = {
    "sale": "消费(SALE)",
    "void": "消费撤销(VOID)",
    "refund": "退货(REFUND)",
    "qr_sale": "扫码消费(SALE BY CODE)",
    "qr_void": "扫码撤销(VOID BY CODE)",
    "qr_refund": "扫码退货(REFUND BY CODE)",
    "qr_own": "收款码消费(SALE BY OUR CODE)",
    "qr_static": "台牌收款(SALE BY COUNTER CODE)",
    "preauth": "预授权(AUTH)",
    "preauth_cancel": "预授权撤销(CANCEL)",
    "completion": "预授权完成(AUTH COMPLETE)",
    "completion_notice": "预授权完成通知(AUTH ADVICE)",
    "completion_void": "预授权完成撤销(COMPLETE VOID)",
    "preauth_increment": "追加预授权(AUTH ADD)",
}
"""What the slip calls each kind that has one (domain reference §8, line 9)."""

Agreed = Literal["charged", "charged_by_code", "given_back", "given_back_by_code", "held", "released"]
"""What a cardholder agrees to by signing."""
AGREED: dict[str, Agreed] = {
    "sale": "charged",
    "void": "given_back",
    "refund": "given_back",
    "qr_sale": "charged_by_code",
    "qr_void": "given_back_by_code",
    "qr_refund": "given_back_by_code",
    "qr_own": "charged_by_code",
    "qr_static": "charged_by_code",
    "preauth": "held",
    "preauth_cancel": "released",
    "completion": "charged",
    "completion_notice": "charged",
    "completion_void": "given_back",
    "preauth_increment": "held",
}
"""The same for each kind that has a slip: what is only held is not charged yet, and what is let go was never charged."""

AGREEMENTS: dict[Agreed, tuple[str, str]] = {
    "charged": (
        "本人确认以上交易，同意将其计入本卡账户",
        "I ACKNOWLEDGE SATISFACTORY RECEIPT OF RELATIVE GOODS/SERVICES",
    ),
    "given_back": ("本人确认以上金额退回本卡账户", "I ACKNOWLEDGE THAT THE AMOUNT IS RETURNED TO MY ACCOUNT"),
    "charged_by_code": (
        "本人同意以上交易由付款账户支付",
        "I ACKNOWLEDGE SATISFACTORY RECEIPT OF RELATIVE GOODS/SERVICES",
    ),
    "given_back_by_code": (
        "本人确认以上金额退回原付款账户",
        "I ACKNOWLEDGE THAT THE AMOUNT IS RETURNED TO THE ACCOUNT THAT PAID",
    ),
    "held": (
        "本人同意冻结以上金额，实际扣款以预授权完成为准",
        "I AGREE THAT THE AMOUNT IS HELD; IT IS CHARGED UPON COMPLETION ONLY",
    ),
    "released": (
        "本人确认预授权已撤销，冻结金额由发卡行解除",
        "I ACKNOWLEDGE THAT THE AUTHORISATION IS CANCELLED AND NOTHING IS CHARGED",
    ),
}
"""The sentence that is signed."""


class Shop(msgspec.Struct, frozen=True, kw_only=True):
    """What a slip says about shop and terminal. The sale's own merchant name and terminal number go before these."""

    merchant_name: str
    terminal_no: TerminalNo
    support_phone: str
    software: str
    simulated: bool = False
    """True prints the mark that the slip is not valid."""
    lang: Lang = "zh"


def slip_id(payment: ApprovedPayment, copy: Copy, again: bool = False) -> str:
    """`000012-merchant`, and `000012-merchant-again` for a reprint."""
    return f"{payment.trace_no}-{copy}" + ("-again" if again else "")


def payment_slip(payment: ApprovedPayment, shop: Shop, profile: Profile, *, copy: Copy, again: bool = False) -> Slip:
    """One copy of a payment's slip. On an e-signature model the box to sign in shows the payment's feature code."""
    code = "" if profile.printer else feature_code(payment.rrn, payment.settle_date)
    lines = (
        SlipLine("title", own("title.payment", shop.lang)),
        SlipLine("center", own(f"copy.{copy}", shop.lang)),
        SlipLine("rule"),
        *shop_lines(payment, shop),
        SlipLine("rule"),
        *card_lines(payment, shop.lang),
        *number_lines(payment, shop.lang),
        SlipLine("text", in_lang("金额(AMOUNT):", shop.lang)),
        SlipLine("amount", f"RMB {format_yuan(payment.amount_fen)}"),
        *remark_lines(payment, shop.lang),
        *mark_lines(shop, again),
        *(signature_lines(payment, shop.lang, code) if copy == "merchant" else cardholder_lines(payment, shop.lang)),
        *bar_code_lines(payment),
        *foot_lines(shop),
    )
    return finished_slip(slip_id(payment, copy, again), copy, profile, lines)


def finished_slip(slip_id: str, copy: SlipCopy, profile: Profile, lines: tuple[SlipLine, ...]) -> Slip:
    """A slip whose lines steer neither printer nor page, whatever a shop, a host or a chip wrote."""
    harmless_lines = tuple(SlipLine(line.kind, harmless(line.left), harmless(line.right)) for line in lines)
    return Slip(id=slip_id, copy=copy, electronic=not profile.printer, lines=harmless_lines)


def foot_lines(shop: Shop) -> tuple[SlipLine, ...]:
    """Line 17: whom to call, and the program."""
    support = own("support", shop.lang, phone=shop.support_phone)
    return (SlipLine("rule"), SlipLine("center", support), SlipLine("center", shop.software))


def place_lines(
    shop: Shop, merchant_name: str, merchant_no: str, terminal_no: str, operator_no: str
) -> tuple[SlipLine, ...]:
    """Lines 3 to 5: whose shop, which terminal, which operator."""
    lang = shop.lang
    return (
        SlipLine("text", in_lang("商户名称(MERCHANT NAME):", lang)),
        SlipLine("text", merchant_name or shop.merchant_name or merchant_no),
        SlipLine("pair", in_lang("商户编号(MERCHANT NO.):", lang), merchant_no),
        SlipLine("pair", in_lang("终端编号(TERMINAL NO.):", lang), terminal_no or shop.terminal_no),
        SlipLine("pair", in_lang("操作员号(OPERATOR NO.):", lang), operator_no),
    )


def shop_lines(payment: ApprovedPayment, shop: Shop) -> tuple[SlipLine, ...]:
    """The same for a payment, which keeps what was true when it was made."""
    return place_lines(shop, payment.merchant_name, payment.merchant_no, payment.terminal_no, payment.operator_no)


def card_lines(payment: ApprovedPayment, lang: Lang) -> tuple[SlipLine, ...]:
    """Lines 6 to 9: whose card or code and what for. The expiry date is blanked, as is usual by now; a code has none."""
    by_code = payment.way == "scan"
    return (
        SlipLine("pair", in_lang("发卡行(ISSUER):", lang), payment.issuer),
        SlipLine("pair", in_lang("收单行(ACQUIRER):", lang), payment.acquirer),
        *number_of_card(payment.masked_pan, payment.way, lang, WAY_LETTERS[payment.way]),
        *(() if by_code else (SlipLine("pair", in_lang("有效期(EXP DATE):", lang), "****/**"),)),
        SlipLine("pair", in_lang("交易类型(TRANS TYPE):", lang), in_lang(TRADE_NAMES[payment.kind], lang)),
    )


def number_of_card(masked: str, way: EntryWay, lang: Lang, letter: str = "") -> tuple[SlipLine, ...]:
    """Line 8: the card or the customer's code, and the letter of how it was read; nothing where the customer's phone read ours."""
    if not masked:
        return ()
    label = CODE_NO if way == "scan" else CARD_NO
    return SlipLine("text", in_lang(label, lang)), SlipLine("text", f"{masked} {letter}".rstrip())


def number_lines(payment: ApprovedPayment, lang: Lang) -> tuple[SlipLine, ...]:
    """Lines 10 to 12: the numbers by which the payment is found again, and when it was."""
    return (
        SlipLine("pair", in_lang("批次号(BATCH NO.):", lang), payment.batch_no),
        SlipLine("pair", in_lang("凭证号(VOUCHER NO.):", lang), payment.trace_no),
        *authorised_lines(payment, lang),
        SlipLine("pair", in_lang("参考号(REFER NO.):", lang), payment.rrn),
        *time_lines(payment.host_time, lang),
    )


def authorised_lines(payment: ApprovedPayment, lang: Lang) -> tuple[SlipLine, ...]:
    """By what the customer's bank knows it: the authorisation code; of a payment by code the voucher, and of what is about one nothing
    of its own."""
    if payment.way != "scan":
        return (SlipLine("pair", in_lang("授权码(AUTH NO.):", lang), payment.auth_code),)
    voucher = payment.pay_voucher
    return (SlipLine("pair", in_lang("付款凭证号(PAY VOUCHER):", lang), voucher),) if voucher else ()


def time_lines(time: str, lang: Lang) -> tuple[SlipLine, SlipLine]:
    """Day and time of `2026-11-23 08:55:03`, as slips write them."""
    return SlipLine("text", in_lang("日期/时间(DATE/TIME):", lang)), SlipLine("text", time.replace("-", "/"))


def remark_lines(payment: ApprovedPayment, lang: Lang) -> tuple[SlipLine, ...]:
    """Line 14: the original of a payment that is about one, card organisation, and what the chip said."""
    original = payment.original
    about = () if original is None else original_remarks(original, lang)
    if payment.way in REMARKED_WAYS:
        about = (own(f"way.{payment.way}", lang), *about)
    org = (own("card_org", lang, name=payment.card_org),) if payment.card_org else ()
    remarks = (*about, *org, *payment.chip_lines)
    return (SlipLine("text", in_lang("备注(REFERENCE):", lang)), *(SlipLine("text", remark) for remark in remarks))


def original_remarks(original: Original, lang: Lang) -> tuple[str, ...]:
    """The numbers of the original, as far as they are known."""
    known = (
        ("original.trace", original.trace_no if original.trace_no != UNKNOWN_TRACE else ""),
        ("original.reference", original.rrn),
        ("original.authorisation", original.auth_code),
        ("original.pay_voucher", original.pay_voucher),
        ("original.date", original.date),
    )
    return tuple(f"{own(label, lang)} {value}" for label, value in known if value)


def mark_lines(shop: Shop, again: bool) -> tuple[SlipLine, ...]:
    """Line 15."""
    marks = [own("duplicated", shop.lang)] if again else []
    if shop.simulated:
        marks.append(own("simulated", shop.lang))
    return tuple(SlipLine("mark", mark) for mark in marks)


def signature_lines(payment: ApprovedPayment, lang: Lang, code: str) -> tuple[SlipLine, ...]:
    """Line 16, merchant copy: the box to sign in and the sentence, or why there is none."""
    zh, en = AGREEMENTS[AGREED[payment.kind]]
    agreed, translated = (SlipLine("text", zh), SlipLine("text", en))
    sentences = (agreed, translated) if lang == "zh" else (translated,)
    if not payment.needs_signature:
        return (SlipLine("text", why_unsigned(payment, lang)), sentences[0])
    return (
        SlipLine("text", in_lang("持卡人签名(CARDHOLDER SIGNATURE)", lang)),
        SlipLine("signature", "", code),
        *sentences,
    )


def why_unsigned(payment: ApprovedPayment, lang: Lang) -> str:
    """Why nobody signs: a small tap, with the limit that made it small, or a rule of the card. Old journals knew one limit."""
    # As the trade prints it, without an empty decimal: the line has 32 columns.
    limit = format_yuan(payment.unsigned_limit_fen or SMALL_TAP_FEN_MAX).removesuffix(".00")
    if payment.way != "tap":
        return own("unsigned", lang)
    return own("small_unsigned" if payment.with_pin else "small_tap", lang, amount=limit)


def cardholder_lines(payment: ApprovedPayment, lang: Lang) -> tuple[SlipLine, ...]:
    """The cardholder copy has no box to sign in."""
    if payment.needs_signature:
        return ()
    return (SlipLine("text", why_unsigned(payment, lang)),)


def bar_code_lines(payment: ApprovedPayment) -> tuple[SlipLine, ...]:
    """What a scanner reads, where the payment's numbers are figures."""
    digits = write_bar_code(payment.rrn, payment.host_time[5:10].replace("-", ""), payment.auth_code)
    return (SlipLine("bar_code", digits),) if digits else ()
