"""`zhanggui slips tick` and `slips missing`: merchant copies against the day's list, one by one or by a scanner's bar codes."""

import sys
from collections.abc import Sequence
from datetime import date

import msgspec

from ..acquirer.policy.rules import policy_of
from ..acquirer.slips.ticking import SLIPS_AT_ONCE_MAX, named_by
from ..basics.clock import SystemClock
from ..basics.errors import Misuse
from ..basics.money import format_yuan
from ..basics.numbers import MerchantNo
from ..basics.shop_day import shop_day
from ..cup.transactions import taken_and_given
from ..host.act_table import TICK_PILE, Pile
from ..programs.settings import Settings
from ..store.queries import PlaceFilter, Queries
from ..views.day_slips import DAY_SLIPS, DaySlipRow, day_slip_row, read_day_slips
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
        the_day = _day(day) or _today(queries, console.merchant_no)
        ticks = dict(read_day_slips(queries, console.merchant_no, the_day))
    slips = list(ticks)
    named = [named_by(code, slips) for code in scanned]
    unknown = [code for code, slip in zip(scanned, named, strict=True) if slip is None]
    found = dict.fromkeys(slip for slip in named if slip is not None and ticks[slip] is None)
    if found:
        console.do(
            TICK_PILE, Pile(tuple((slip.merchant_no, slip.terminal_no, slip.batch_no, slip.trace_no) for slip in found))
        )
    missing = [day_slip_row(slip, None) for slip, tick in ticks.items() if tick is None and slip not in found]
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
        print_sums(settings, missing)


def missing(settings: Settings, merchant: str, day: str, *, as_json: bool) -> None:
    """List the copies of a day that nobody has ticked off."""
    console = Console(settings, merchant)
    with lists_of(settings) as queries:
        slips = read_day_slips(queries, console.merchant_no, _day(day) or _today(queries, console.merchant_no))
    rows = [day_slip_row(slip, None) for slip, tick in slips if tick is None]
    print_list(settings, DAY_SLIPS, rows, as_json=as_json)
    if rows and not as_json:
        print_sums(settings, rows)


def print_sums(settings: Settings, rows: Sequence[DaySlipRow]) -> None:
    """What the copies come to: money taken and given back apart, as on the terminal's slip."""
    taken, given = taken_and_given((row.kind, row.amount_fen) for row in rows)
    said = WORDS["slips_missing_sums"].fill(settings.lang, taken=format_yuan(taken), given=format_yuan(given))
    print_text(said.rstrip())


def _day(text: str) -> str:
    """A day as it was typed. Misuse when it is none: of a day that never was, nothing would be missing."""
    try:
        return text and date.fromisoformat(text).isoformat()
    except ValueError:
        raise Misuse(f"'{text}' is no day; write it like 2026-11-23") from None


def _today(queries: Queries, merchant_no: MerchantNo) -> str:
    """The shop day that runs now, cut at the hour that the shop's policy says."""
    (shop,) = queries.list_merchants(PlaceFilter(merchant_no=merchant_no))
    return shop_day(SystemClock().now(), policy_of(shop.policy, shop.policy_overrides).shop_day_starts_hour)
