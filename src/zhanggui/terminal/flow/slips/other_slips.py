"""Slips that are no receipt: the figures of a shift that ended (交班单), and a payment that did not come about."""

from ....basics.clock import format_time
from ....basics.money import format_yuan
from ....basics.numbers import UnixMs
from ....basics.words import Lang
from ....cup.values.slip import Slip, SlipLine
from ...models.profiles import Profile
from ..core.ways import PrintRefusal, PrintShift
from .labels import in_lang, own
from .settlement_slip import kind_name
from .slip_layout import (
    TRADE_NAMES,
    Shop,
    finished_slip,
    foot_lines,
    mark_lines,
    number_of_card,
    place_lines,
    time_lines,
)

NUMBER_BOUND = 1_000_000
"""A slip's name has six figures."""


def shift_slip(shift: PrintShift, shop: Shop, profile: Profile, merchant_no: str, now: UnixMs) -> Slip:
    """Who, which shift, how many payments and how much; and on paper room for both names."""
    lang = shop.lang
    lines = (
        SlipLine("title", own("title.shift", lang)),
        SlipLine("rule"),
        *place_lines(shop, "", merchant_no, "", shift.operator),
        *((SlipLine("pair", own("shift_no", lang), str(shift.session_no)),) if shift.session_no else ()),
        SlipLine("text", own("signed_out_at", lang)),
        SlipLine("text", format_time(now).replace("-", "/")),
        SlipLine("rule"),
        SlipLine("pair", own("sales_count", lang), str(shift.sales_count)),
        SlipLine("text", own("sales_amount", lang)),
        SlipLine("amount", f"RMB {format_yuan(shift.sales_fen)}"),
        *mark_lines(shop, again=False),
        *(signed_by("handed_over", lang) + signed_by("taken_over", lang) if profile.printer else ()),
        *foot_lines(shop),
    )
    return finished_slip(f"{shift.session_no % NUMBER_BOUND:06d}-shift", "shift", profile, lines)


def signed_by(who: str, lang: Lang) -> tuple[SlipLine, ...]:
    """Room on paper for a name."""
    return (SlipLine("text", own(who, lang)), SlipLine("signature"))


def refusal_slip(
    refusal: PrintRefusal, reason: str, shop: Shop, profile: Profile, merchant_no: str, now: UnixMs
) -> Slip:
    """What was asked, why it did not come about, and whether money may have moved. It is no receipt, and says so."""
    lang, attempt = shop.lang, refusal.attempt
    name = in_lang(TRADE_NAMES[attempt.kind], lang) if attempt.kind in TRADE_NAMES else kind_name(attempt.kind, lang)
    money: tuple[SlipLine, ...] = ()
    if attempt.amount_fen:
        money = (
            SlipLine("text", in_lang("金额(AMOUNT):", lang)),
            SlipLine("amount", f"RMB {format_yuan(attempt.amount_fen)}"),
        )
    lines = (
        SlipLine("title", own("title.refusal", lang)),
        SlipLine("mark", own("not_a_receipt", lang)),
        SlipLine("rule"),
        *place_lines(shop, "", merchant_no, "", attempt.operator_no),
        *number_of_card(attempt.masked_pan, attempt.way, lang),
        SlipLine("pair", in_lang("交易类型(TRANS TYPE):", lang), name),
        SlipLine("pair", in_lang("批次号(BATCH NO.):", lang), attempt.batch_no),
        SlipLine("pair", in_lang("凭证号(VOUCHER NO.):", lang), attempt.trace_no),
        *time_lines(format_time(now), lang),
        *money,
        SlipLine("rule"),
        SlipLine("text", own("reason", lang)),
        SlipLine("text", reason),
        SlipLine("text", own("code", lang, code=refusal.problem.code)),
        SlipLine("mark", own("maybe_charged" if refusal.may_be_held else "not_charged", lang)),
        *mark_lines(shop, again=False),
        *foot_lines(shop),
    )
    return finished_slip(f"{attempt.trace_no}-refusal", "refusal", profile, lines)
