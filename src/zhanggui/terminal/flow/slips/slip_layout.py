"""The sales slip (签购单): lines and order of the domain reference, §8, for 32 columns and more.

Slips are bilingual as in the trade: Chinese words with the English label where it fits. A Chinese character takes two
half-width columns. Our own words can be written in GBK, which is what slip printers take; names may need GB18030.
"""

from typing import Literal

import msgspec

from ....basics.money import format_yuan
from ....basics.numbers import TerminalNo
from ....basics.visible import harmless
from ...models.profiles import Profile
from ..core.events import ApprovedPayment, EntryWay, Original
from ..core.kept import UNKNOWN_TRACE
from ..core.policy import NO_PIN_LIMIT_FEN
from ..core.slips import Slip, SlipLine
from ..screens.columns import display_width, fit_pair, wrap

Copy = Literal["merchant", "cardholder"]

WAY_LETTERS: dict[EntryWay, str] = {"swipe": "S", "insert": "I", "tap": "C"}
"""How the card was read: swipe, insert, contactless (domain reference §8, line 7)."""

TRADE_NAMES: dict[str, str] = {
    "sale": "消费(SALE)",
    "void": "消费撤销(VOID)",
    "refund": "退货(REFUND)",
    "preauth": "预授权(AUTH)",
    "preauth_cancel": "预授权撤销(CANCEL)",
    "completion": "预授权完成(AUTH COMPLETE)",
    "completion_notice": "预授权完成通知(AUTH ADVICE)",
    "completion_void": "预授权完成撤销(COMPLETE VOID)",
    "preauth_increment": "追加预授权(AUTH ADD)",
}
"""What the slip calls each kind that has one (domain reference §8, line 9)."""

Agreed = Literal["charged", "given_back", "held", "released"]
"""What a cardholder agrees to by signing."""
AGREED: dict[str, Agreed] = {
    "sale": "charged",
    "void": "given_back",
    "refund": "given_back",
    "preauth": "held",
    "preauth_cancel": "released",
    "completion": "charged",
    "completion_notice": "charged",
    "completion_void": "given_back",
    "preauth_increment": "held",
}
"""The same for each kind that has a slip: what is only held is not charged yet, and what is let go was never charged."""

COPY_NAMES: dict[Copy, str] = {"merchant": "商户存根    请妥善保管", "cardholder": "持卡人存根  请妥善保管"}
AGREEMENTS: dict[Agreed, tuple[str, str]] = {
    "charged": (
        "本人确认以上交易，同意将其计入本卡账户",
        "I ACKNOWLEDGE SATISFACTORY RECEIPT OF RELATIVE GOODS/SERVICES",
    ),
    "given_back": ("本人确认以上金额退回本卡账户", "I ACKNOWLEDGE THAT THE AMOUNT IS RETURNED TO MY ACCOUNT"),
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


def slip_id(payment: ApprovedPayment, copy: Copy, again: bool = False) -> str:
    """`000012-merchant`, and `000012-merchant-again` for a reprint."""
    return f"{payment.trace_no}-{copy}" + ("-again" if again else "")


def payment_slip(payment: ApprovedPayment, shop: Shop, profile: Profile, *, copy: Copy, again: bool = False) -> Slip:
    """One copy of a sale's slip."""
    lines = (
        SlipLine("title", "POS签购单"),
        SlipLine("center", COPY_NAMES[copy]),
        SlipLine("rule"),
        *shop_lines(payment, shop),
        SlipLine("rule"),
        *card_lines(payment),
        *number_lines(payment),
        SlipLine("text", "金额(AMOUNT):"),
        SlipLine("amount", f"RMB {format_yuan(payment.amount_fen)}"),
        *remark_lines(payment),
        *mark_lines(shop, again),
        *(signature_lines(payment) if copy == "merchant" else cardholder_lines(payment)),
        SlipLine("rule"),
        SlipLine("center", f"客服 {shop.support_phone}"),
        SlipLine("center", shop.software),
    )
    return Slip(
        id=slip_id(payment, copy, again), copy=copy, electronic=not profile.printer, lines=tuple(map(_harmless, lines))
    )


def _harmless(line: SlipLine) -> SlipLine:
    """What a shop, a host or a chip wrote steers neither printer nor page."""
    return SlipLine(line.kind, harmless(line.left), harmless(line.right))


def shop_lines(payment: ApprovedPayment, shop: Shop) -> tuple[SlipLine, ...]:
    """Lines 3 to 5: whose shop, which terminal, which operator."""
    return (
        SlipLine("text", "商户名称(MERCHANT NAME):"),
        SlipLine("text", payment.merchant_name or shop.merchant_name or payment.merchant_no),
        SlipLine("pair", "商户编号(MERCHANT NO.):", payment.merchant_no),
        SlipLine("pair", "终端编号(TERMINAL NO.):", payment.terminal_no or shop.terminal_no),
        SlipLine("pair", "操作员号(OPERATOR NO.):", payment.operator_no),
    )


def card_lines(payment: ApprovedPayment) -> tuple[SlipLine, ...]:
    """Lines 6 to 9: whose card and what for. The expiry date is blanked, as is usual by now."""
    return (
        SlipLine("pair", "发卡行(ISSUER):", payment.issuer),
        SlipLine("pair", "收单行(ACQUIRER):", payment.acquirer),
        SlipLine("text", "卡号(CARD NO.):"),
        SlipLine("text", f"{payment.masked_pan} {WAY_LETTERS[payment.way]}"),
        SlipLine("pair", "有效期(EXP DATE):", "****/**"),
        SlipLine("pair", "交易类型(TRANS TYPE):", TRADE_NAMES[payment.kind]),
    )


def number_lines(payment: ApprovedPayment) -> tuple[SlipLine, ...]:
    """Lines 10 to 12: the numbers by which the payment is found again, and when it was."""
    return (
        SlipLine("pair", "批次号(BATCH NO.):", payment.batch_no),
        SlipLine("pair", "凭证号(VOUCHER NO.):", payment.trace_no),
        SlipLine("pair", "授权码(AUTH NO.):", payment.auth_code),
        SlipLine("pair", "参考号(REFER NO.):", payment.rrn),
        SlipLine("text", "日期/时间(DATE/TIME):"),
        SlipLine("text", payment.host_time.replace("-", "/")),
    )


def remark_lines(payment: ApprovedPayment) -> tuple[SlipLine, ...]:
    """Line 14: the original of a payment that is about one, card organisation, and what the chip said."""
    original = payment.original
    about = () if original is None else original_remarks(original)
    remarks = (*about, f"卡组织 {payment.card_org}", *payment.chip_lines)
    return (SlipLine("text", "备注(REFERENCE):"), *(SlipLine("text", remark) for remark in remarks))


def original_remarks(original: Original) -> tuple[str, ...]:
    """The numbers of the original, as far as they are known."""
    known = (
        ("原凭证号", original.trace_no if original.trace_no != UNKNOWN_TRACE else ""),
        ("原参考号", original.rrn),
        ("原授权码", original.auth_code),
        ("原交易日期", original.date),
    )
    return tuple(f"{label} {value}" for label, value in known if value)


def mark_lines(shop: Shop, again: bool) -> tuple[SlipLine, ...]:
    """Line 15."""
    marks = [DUPLICATED] if again else []
    if shop.simulated:
        marks.append(SIMULATED)
    return tuple(SlipLine("mark", mark) for mark in marks)


def signature_lines(payment: ApprovedPayment) -> tuple[SlipLine, ...]:
    """Line 16, merchant copy: the box to sign in and the sentence, or why there is none."""
    agreed, agreed_en = AGREEMENTS[AGREED[payment.kind]]
    if not payment.needs_signature:
        return (SlipLine("text", why_unsigned(payment)), SlipLine("text", agreed))
    return (
        SlipLine("text", "持卡人签名(CARDHOLDER SIGNATURE)"),
        SlipLine("signature"),
        SlipLine("text", agreed),
        SlipLine("text", agreed_en),
    )


def why_unsigned(payment: ApprovedPayment) -> str:
    """Why nobody signs: a small tap, with the limit that made it small, or a rule of the card."""
    if payment.way == "tap" and not payment.with_pin:
        return f"交易金额未超过￥{NO_PIN_LIMIT_FEN // 100}.{NO_PIN_LIMIT_FEN % 100:02d}，免密免签"
    return NO_SIGNATURE_NEEDED


def cardholder_lines(payment: ApprovedPayment) -> tuple[SlipLine, ...]:
    """The cardholder copy has no box to sign in."""
    if payment.needs_signature:
        return ()
    return (SlipLine("text", why_unsigned(payment)),)


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
