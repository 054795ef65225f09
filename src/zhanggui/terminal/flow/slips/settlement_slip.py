"""The slip of a settlement (结算总计单), and the list of a batch's payments (明细单), on it or by itself.

Source: domain reference §8, last part.
"""

from ....basics.clock import format_time
from ....basics.money import format_yuan
from ....basics.numbers import UnixMs
from ....basics.shop_day import ZONE
from ....basics.words import Lang
from ....cup.messages.settlement import Sums
from ....cup.transactions import CATALOGUE, taken_and_given
from ....cup.values.slip import Slip, SlipLine
from ...models.profiles import Profile
from ..core.events import BatchCounted, DayLine
from ..core.settlement import Settlement
from ..core.ways import PrintMissing
from .labels import in_lang, own
from .slip_layout import Shop, finished_slip, foot_lines, mark_lines, place_lines, time_lines

MISSING_MAX = 300
"""Copies that are listed on one slip; more are counted."""


def settlement_slip(
    settlement: Settlement, counted: BatchCounted, shop: Shop, profile: Profile, merchant_no: str, day: str, now: UnixMs
) -> Slip:
    """Totals by kind, whether the host agrees and what it has where it does not, and the payments one by one."""
    lang = shop.lang
    lines = (
        SlipLine("title", own("title.settlement", lang)),
        *_head(shop, merchant_no, settlement.operator_no or "", settlement.batch_no, day, now),
        SlipLine("pair", own("kind_and_count", lang), own("amount", lang)),
        *(SlipLine("pair", f"{kind_name(one.kind, lang)}/{one.count}", format_yuan(one.fen)) for one in counted.kinds),
        *_sides("", settlement.sums, lang),
        SlipLine("rule"),
        SlipLine("center", own("agreed" if settlement.agreed else "differs", lang)),
        *(() if settlement.agreed else _sides("host.", settlement.host, lang)),
        *mark_lines(shop, again=False),
        *detail_lines(counted, lang),
        *foot_lines(shop),
    )
    return finished_slip(f"{settlement.batch_no}-settlement", "settlement", profile, lines)


def details_slip(
    counted: BatchCounted, shop: Shop, profile: Profile, merchant_no: str, operator_no: str, day: str, now: UnixMs
) -> Slip:
    """The payments of a batch that is still open, one by one (明细单)."""
    lines = (
        SlipLine("title", own("title.details", shop.lang)),
        *_head(shop, merchant_no, operator_no, counted.batch_no, day, now),
        *_sides("", counted.sums, shop.lang),
        *mark_lines(shop, again=False),
        *detail_lines(counted, shop.lang),
        *foot_lines(shop),
    )
    return finished_slip(f"{counted.batch_no}-details", "details", profile, lines)


def missing_slip(
    way: PrintMissing,
    shop: Shop,
    profile: Profile,
    merchant_no: str,
    operator_no: str,
    batch_no: str,
    day: str,
    now: UnixMs,
) -> Slip:
    """The merchant copies of a day that nobody has ticked off, one by one (对账未核单)."""
    lang, left = shop.lang, len(way.lines)
    taken, given = taken_and_given((line.kind, line.amount_fen) for line in way.lines)
    listed = tuple(line for one in way.lines[:MISSING_MAX] for line in _detail(one, lang))
    lines = (
        SlipLine("title", own("title.missing", lang)),
        *_head(shop, merchant_no, operator_no, batch_no, day, now),
        SlipLine("pair", own("ticked", lang), f"{way.count - left}/{way.count}"),
        SlipLine("pair", own("missing", lang), str(left)),
        SlipLine("pair", own("missing_taken", lang), format_yuan(taken)),
        SlipLine("pair", own("missing_given", lang), format_yuan(given)),
        *mark_lines(shop, again=False),
        SlipLine("rule"),
        *(listed or (SlipLine("center", own("none_missing", lang)),)),
        *((SlipLine("text", own("rest", lang, count=left - MISSING_MAX)),) if left > MISSING_MAX else ()),
        *foot_lines(shop),
    )
    return finished_slip(f"{batch_no}-missing", "missing", profile, lines)


def _head(shop: Shop, merchant_no: str, operator_no: str, batch_no: str, day: str, now: UnixMs) -> tuple[SlipLine, ...]:
    lang = shop.lang
    return (
        SlipLine("rule"),
        *place_lines(shop, "", merchant_no, "", operator_no),
        SlipLine("pair", in_lang("批次号(BATCH NO.):", lang), batch_no),
        *time_lines(format_time(now), lang),
        SlipLine("pair", in_lang("营业日(SHOP DAY):", lang), f"{day.replace('-', '/')} {ZONE}"),
        SlipLine("rule"),
    )


def kind_name(kind: str, lang: Lang) -> str:
    """What the catalogue calls a kind, in capitals as all of an English slip; of a program's that is newer, its own name."""
    row = CATALOGUE.get(kind)
    name = row.of(lang) if row is not None else kind
    return name.upper() if lang == "en" else name


def _sides(whose: str, sums: Sums, lang: Lang) -> tuple[SlipLine, ...]:
    return (
        SlipLine("pair", f"{own(f'{whose}debit', lang)}/{sums.debit_count}", format_yuan(sums.debit_fen)),
        SlipLine("pair", f"{own(f'{whose}credit', lang)}/{sums.credit_count}", format_yuan(sums.credit_fen)),
    )


def detail_lines(counted: BatchCounted, lang: Lang) -> tuple[SlipLine, ...]:
    """Each payment with its voucher number, kind, amount, card and authorisation, as many as the paper takes."""
    left = counted.count - len(counted.lines)
    rest = (SlipLine("text", own("rest", lang, count=left)),) if left > 0 else ()
    listed = tuple(line for one in counted.lines for line in _detail(one, lang))
    return (SlipLine("rule"), SlipLine("center", in_lang("交易明细(DETAILS)", lang)), *listed, *rest)


def _detail(line: DayLine, lang: Lang) -> tuple[SlipLine, SlipLine]:
    return (
        SlipLine("pair", f"{line.trace_no} {kind_name(line.kind, lang)}", format_yuan(line.amount_fen)),
        SlipLine("pair", f"  {line.masked_pan}", line.auth_code),
    )
