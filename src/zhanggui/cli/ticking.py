"""`zhanggui slips tick` and `slips missing`: merchant copies against the day's list, one by one or by a scanner's bar codes."""

import sys
from collections.abc import Sequence

import msgspec

from ..acquirer.policy.rules import policy_of
from ..acquirer.slips.ticking import SLIPS_AT_ONCE_MAX
from ..basics.clock import SystemClock
from ..basics.errors import Misuse
from ..basics.numbers import BatchNo, MerchantNo, TerminalNo, TraceNo
from ..basics.shop_day import shop_day
from ..host.act_table import TICK_PILE, Pile
from ..programs.settings import Settings
from ..store.queries import PlaceFilter, Queries
from ..views.day_slips import DAY_SLIPS, DaySlipRow, named_by, read_day_slips
from .console import Console
from .lists import lists_of, print_list
from .output import print_json, print_text
from .words import WORDS

FROM_INPUT = "-"


class Ticked(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a pile."""

    day: str
    ticked: int
    """Copies that were found now."""
    again: int
    """Copies that were ticked before, or lay twice in the pile."""
    unknown: list[str]
    """Codes of no payment of this day."""
    missing: list[DaySlipRow]


def tick(settings: Settings, merchant: str, by: str, codes: Sequence[str], day: str, *, as_json: bool) -> None:
    """Tick a pile off, and list what is still missing."""
    console = Console(settings, merchant, by)
    scanned = [line.strip() for line in sys.stdin if line.strip()] if tuple(codes) == (FROM_INPUT,) else list(codes)
    if not 0 < len(scanned) <= SLIPS_AT_ONCE_MAX:
        raise Misuse(
            f"give 1 to {SLIPS_AT_ONCE_MAX} bar codes or numbers, or '-' to read them from the scanner line by line"
        )
    with lists_of(settings) as queries:
        the_day = day or _today(queries, console.merchant_no)
        rows = read_day_slips(queries, console.merchant_no, the_day)
    named = [named_by(code, rows) for code in scanned]
    unknown = [code for code, row in zip(scanned, named, strict=True) if row is None]
    found = dict.fromkeys(row for row in named if row is not None and row.ticked is None)
    if found:
        keys = [
            (console.merchant_no, TerminalNo(row.terminal_no), BatchNo(row.batch_no), TraceNo(row.trace_no))
            for row in found
        ]
        console.do(TICK_PILE, Pile(tuple(keys)))
    missing = [row for row in rows if row.ticked is None and row not in found]
    outcome = Ticked(
        day=the_day,
        ticked=len(found),
        again=len(scanned) - len(unknown) - len(found),
        unknown=unknown,
        missing=missing,
    )
    if as_json:
        print_json(outcome)
        return
    said = {"day": the_day, "ticked": str(outcome.ticked), "again": str(outcome.again), "missing": str(len(missing))}
    print_text(WORDS["ticked_off"].fill(settings.lang, **said).rstrip())
    for code in unknown:
        print_text(WORDS["tick_unknown"].fill(settings.lang, code=code).rstrip())
    if missing:
        print_list(settings, DAY_SLIPS, missing)


def missing(settings: Settings, merchant: str, day: str, *, as_json: bool) -> None:
    """List the copies of a day that nobody has ticked off."""
    console = Console(settings, merchant)
    with lists_of(settings) as queries:
        rows = read_day_slips(queries, console.merchant_no, day or _today(queries, console.merchant_no))
    print_list(settings, DAY_SLIPS, [row for row in rows if row.ticked is None], as_json=as_json)


def _today(queries: Queries, merchant_no: MerchantNo) -> str:
    """The shop day that runs now, cut at the hour that the shop's policy says."""
    (shop,) = queries.list_merchants(PlaceFilter(merchant_no=merchant_no))
    return shop_day(SystemClock().now(), policy_of(shop.policy, shop.policy_overrides).shop_day_starts_hour)
