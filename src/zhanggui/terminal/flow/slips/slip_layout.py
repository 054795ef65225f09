"""The sales slip (签购单): lines and order of the domain reference, §8, for 32 columns and more.

Slips are bilingual as in the trade: Chinese words with the English label where it fits. A Chinese character takes two
half-width columns. Everything on a slip can be written in GBK, which is what slip printers take.
"""

from typing import Literal

import msgspec

from ....basics.money import format_yuan
from ....basics.numbers import TerminalNo
from ...models.profiles import Profile
from ..core.events import ApprovedSale, EntryWay
from ..core.slips import Slip, SlipLine
from ..screens.columns import display_width, fit_pair, wrap

Copy = Literal["merchant", "cardholder"]

WAY_LETTERS: dict[EntryWay, str] = {"swipe": "S", "insert": "I", "tap": "C"}
"""How the card was read: swipe, insert, contactless (domain reference §8, line 7)."""

COPY_NAMES: dict[Copy, str] = {"merchant": "商户存根    请妥善保管", "cardholder": "持卡人存根  请妥善保管"}
AGREEMENT = "本人确认以上交易，同意将其计入本卡账户"
AGREEMENT_EN = "I ACKNOWLEDGE SATISFACTORY RECEIPT OF RELATIVE GOODS/SERVICES"
NO_SIGNATURE = "交易金额未超过￥1000.00，免密免签"
NO_SIGNATURE_NEEDED = "免签名"
DUPLICATED = "****重打印/DUPLICATED****"
SIMULATED = "演示终端，凭证无效"


class Shop(msgspec.Struct, frozen=True, kw_only=True):
    """What a slip says about shop and terminal. The sale's own merchant name and terminal number go before these."""

    merchant_name: str
    terminal_no: TerminalNo
    support_phone: str
    software: str
    simulated: bool = False
    """True prints the mark that the slip is not valid."""


def slip_id(sale: ApprovedSale, copy: Copy, again: bool = False) -> str:
    """`000012-merchant`, and `000012-merchant-again` for a reprint."""
    return f"{sale.trace_no}-{copy}" + ("-again" if again else "")


def sale_slip(sale: ApprovedSale, shop: Shop, profile: Profile, *, copy: Copy, again: bool = False) -> Slip:
    """One copy of a sale's slip."""
    lines = (
        SlipLine("title", "POS签购单"),
        SlipLine("center", COPY_NAMES[copy]),
        SlipLine("rule"),
        *shop_lines(sale, shop),
        SlipLine("rule"),
        *card_lines(sale),
        *number_lines(sale),
        SlipLine("text", "金额(AMOUNT):"),
        SlipLine("amount", f"RMB {format_yuan(sale.amount_fen)}"),
        *remark_lines(sale),
        *mark_lines(shop, again),
        *(signature_lines(sale) if copy == "merchant" else cardholder_lines(sale)),
        SlipLine("rule"),
        SlipLine("center", f"客服 {shop.support_phone}"),
        SlipLine("center", shop.software),
    )
    return Slip(id=slip_id(sale, copy, again), copy=copy, electronic=not profile.printer, lines=lines)


def shop_lines(sale: ApprovedSale, shop: Shop) -> tuple[SlipLine, ...]:
    """Lines 3 to 5: whose shop, which terminal, which operator."""
    return (
        SlipLine("text", "商户名称(MERCHANT NAME):"),
        SlipLine("text", sale.merchant_name or shop.merchant_name or sale.merchant_no),
        SlipLine("pair", "商户编号(MERCHANT NO.):", sale.merchant_no),
        SlipLine("pair", "终端编号(TERMINAL NO.):", sale.terminal_no or shop.terminal_no),
        SlipLine("pair", "操作员号(OPERATOR NO.):", sale.operator_no),
    )


def card_lines(sale: ApprovedSale) -> tuple[SlipLine, ...]:
    """Lines 6 to 9: whose card and what for. The expiry date is blanked, as is usual by now."""
    return (
        SlipLine("pair", "发卡行(ISSUER):", sale.issuer),
        SlipLine("pair", "收单行(ACQUIRER):", sale.acquirer),
        SlipLine("text", "卡号(CARD NO.):"),
        SlipLine("text", f"{sale.masked_pan} {WAY_LETTERS[sale.way]}"),
        SlipLine("pair", "有效期(EXP DATE):", "****/**"),
        SlipLine("pair", "交易类型(TRANS TYPE):", "消费(SALE)"),
    )


def number_lines(sale: ApprovedSale) -> tuple[SlipLine, ...]:
    """Lines 10 to 12: the numbers by which the payment is found again, and when it was."""
    return (
        SlipLine("pair", "批次号(BATCH NO.):", sale.batch_no),
        SlipLine("pair", "凭证号(VOUCHER NO.):", sale.trace_no),
        SlipLine("pair", "授权码(AUTH NO.):", sale.auth_code),
        SlipLine("pair", "参考号(REFER NO.):", sale.rrn),
        SlipLine("text", "日期/时间(DATE/TIME):"),
        SlipLine("text", sale.host_time.replace("-", "/")),
    )


def remark_lines(sale: ApprovedSale) -> tuple[SlipLine, ...]:
    """Line 14: card organisation and what the chip said."""
    remarks = (f"卡组织 {sale.card_org}", *sale.chip_lines)
    return (SlipLine("text", "备注(REFERENCE):"), *(SlipLine("text", remark) for remark in remarks))


def mark_lines(shop: Shop, again: bool) -> tuple[SlipLine, ...]:
    """Line 15."""
    marks = [DUPLICATED] if again else []
    if shop.simulated:
        marks.append(SIMULATED)
    return tuple(SlipLine("mark", mark) for mark in marks)


def signature_lines(sale: ApprovedSale) -> tuple[SlipLine, ...]:
    """Line 16, merchant copy: the box to sign in and the sentence, or why there is none."""
    if not sale.needs_signature:
        reason = NO_SIGNATURE if sale.way == "tap" and not sale.with_pin else NO_SIGNATURE_NEEDED
        return (SlipLine("text", reason), SlipLine("text", AGREEMENT))
    return (
        SlipLine("text", "持卡人签名(CARDHOLDER SIGNATURE)"),
        SlipLine("signature"),
        SlipLine("text", AGREEMENT),
        SlipLine("text", AGREEMENT_EN),
    )


def cardholder_lines(sale: ApprovedSale) -> tuple[SlipLine, ...]:
    """The cardholder copy has no box to sign in."""
    if sale.needs_signature:
        return ()
    return (SlipLine("text", NO_SIGNATURE if sale.way == "tap" and not sale.with_pin else NO_SIGNATURE_NEEDED),)


# ── in columns ───────────────────────────────────────────────────────────────

SIGNATURE_ROWS = 3
"""Blank rows that leave room for a hand."""


def slip_text(slip: Slip, columns: int) -> list[str]:
    """The slip as rows of at most `columns` half-width columns. Nothing is cut: what does not fit goes on the next row."""
    rows: list[str] = []
    for line in slip.lines:
        rows += slip_rows(line, columns)
    return rows


def slip_rows(line: SlipLine, columns: int) -> list[str]:
    """The rows of one line."""
    match line.kind:
        case "title" | "center" | "mark":
            return [centred(row, columns) for row in wrap(line.left, columns)]
        case "text":
            return wrap(line.left, columns)
        case "amount":
            return wrap(line.left, columns)
        case "pair":
            return fit_pair(line.left, line.right, columns)
        case "rule":
            return ["-" * columns]
        case "blank":
            return [""]
        case "signature":
            return [""] * SIGNATURE_ROWS + ["_" * columns]


def centred(text: str, columns: int) -> str:
    """The text in the middle."""
    return " " * ((columns - display_width(text)) // 2) + text
