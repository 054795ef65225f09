"""The slip of a settlement (结算总计单) with the list of its payments (明细单). Source: domain reference §8, last part."""

from ....basics.clock import format_time
from ....basics.money import format_yuan
from ....basics.numbers import UnixMs
from ....basics.shop_day import ZONE
from ....basics.visible import harmless
from ....cup.messages.settlement import Sums
from ....cup.transactions import CATALOGUE
from ...models.profiles import Profile
from ..core.events import BatchCounted, DayLine
from ..core.settlement import Settlement
from ..core.slips import Slip, SlipLine
from .slip_layout import Shop, mark_lines

AGREED, DIFFERS = "对账平", "对账不平"


def settlement_slip(
    settlement: Settlement, counted: BatchCounted, shop: Shop, profile: Profile, merchant_no: str, day: str, now: UnixMs
) -> Slip:
    """Totals by kind, whether the host agrees and what it has where it does not, and the payments one by one."""
    lines = (
        SlipLine("title", "结算总计单"),
        SlipLine("center", "SETTLEMENT"),
        SlipLine("rule"),
        SlipLine("text", shop.merchant_name or merchant_no),
        SlipLine("pair", "商户编号(MERCHANT NO.):", merchant_no),
        SlipLine("pair", "终端编号(TERMINAL NO.):", shop.terminal_no),
        SlipLine("pair", "操作员号(OPERATOR NO.):", settlement.operator_no or ""),
        SlipLine("pair", "批次号(BATCH NO.):", settlement.batch_no),
        SlipLine("text", "日期/时间(DATE/TIME):"),
        SlipLine("text", format_time(now).replace("-", "/")),
        SlipLine("pair", "营业日(SHOP DAY):", f"{day.replace('-', '/')} {ZONE}"),
        SlipLine("rule"),
        SlipLine("pair", "类型/笔数", "金额"),
        *(SlipLine("pair", f"{kind_name(one.kind)}/{one.count}", format_yuan(one.fen)) for one in counted.kinds),
        *_sides("", settlement.sums),
        SlipLine("rule"),
        SlipLine("center", AGREED if settlement.agreed else DIFFERS),
        *(() if settlement.agreed else _sides("主机", settlement.host)),
        *mark_lines(shop, again=False),
        *_detail_lines(counted),
        SlipLine("rule"),
        SlipLine("center", f"客服 {shop.support_phone}"),
        SlipLine("center", shop.software),
    )
    harmless_lines = (SlipLine(line.kind, harmless(line.left), harmless(line.right)) for line in lines)
    return Slip(
        id=f"{settlement.batch_no}-settlement",
        copy="settlement",
        electronic=not profile.printer,
        lines=tuple(harmless_lines),
    )


def kind_name(kind: str) -> str:
    """What the catalogue calls a kind; of a program's that is newer, its own name."""
    row = CATALOGUE.get(kind)
    return row.zh if row is not None else kind


def _sides(whose: str, sums: Sums) -> tuple[SlipLine, ...]:
    return (
        SlipLine("pair", f"{whose}借记合计/{sums.debit_count}", format_yuan(sums.debit_fen)),
        SlipLine("pair", f"{whose}贷记合计/{sums.credit_count}", format_yuan(sums.credit_fen)),
    )


def _detail_lines(counted: BatchCounted) -> tuple[SlipLine, ...]:
    left = counted.count - len(counted.lines)
    rest = (SlipLine("text", f"其余 {left} 笔见终端流水"),) if left > 0 else ()
    listed = tuple(line for one in counted.lines for line in _detail(one))
    return (SlipLine("rule"), SlipLine("center", "交易明细(DETAILS)"), *listed, *rest)


def _detail(line: DayLine) -> tuple[SlipLine, SlipLine]:
    return (
        SlipLine("pair", f"{line.trace_no} {kind_name(line.kind)}", format_yuan(line.amount_fen)),
        SlipLine("pair", f"  {line.masked_pan}", line.auth_code),
    )
