"""Which pages `zhanggui bench office` opens: by a person of the acquirer, who sees all shops, and by the owner of one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from ..acquirer.rows.records import Payment
from ..acquirer.wallets.plans import PLANS
from ..basics.clock import china_time
from ..basics.money import format_yuan
from ..basics.numbers import MerchantNo
from ..office.lists import OFFICE_LISTS
from ..store.queries import PaymentFilter, Queries
from .bench_office_data import Stored

LIST_MS, TODAY_MS, CHARTS_MS = 200.0, 100.0, 1_000.0
SAMPLES = 40
"""Payments whose values are searched for."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One kind of page: its addresses (taken in turn), or the first of a list whose next ones are opened one behind the other."""

    name: str
    paths: Sequence[str]
    goal_ms: float = LIST_MS
    goes_on: bool = False


def pages_of_all(queries: Queries, stored: Stored) -> list[Probe]:
    """Pages over all shops."""
    found = [
        *samples(queries, stored.large, SAMPLES // 2),
        *samples(queries, stored.small, SAMPLES // 2),
    ]
    return [
        Probe("today", ["/"], TODAY_MS),
        Probe("trends", ["/trends"], CHARTS_MS),
        *lists(),
        *_of_payments(found),
        Probe("payments.large_shop", [f"/payments?shop={stored.large}"]),
        Probe("payments.small_shop", [f"/payments?shop={stored.small}"]),
        *_of_sign_ins(found),
        *_stories(found),
    ]


def pages_of_shop(queries: Queries, shop: MerchantNo) -> list[Probe]:
    """Pages of one shop."""
    found = samples(queries, shop, SAMPLES)
    return [
        Probe("today", ["/"], TODAY_MS),
        Probe("trends", ["/trends"], CHARTS_MS),
        *lists(("payments", "sign_ins", "shifts", "operators", "terminals", "batches")),
        *_of_payments(found),
        *_of_sign_ins(found),
        *_stories(found),
    ]


def samples(queries: Queries, shop: MerchantNo, count: int) -> list[Payment]:
    """Payments of a shop, spread over what it has."""
    rows: list[Payment] = []
    until = None
    for _ in range(3):
        page = queries.list_payments(PaymentFilter(merchant_no=shop, limit=2_000, until_ms=until))
        rows += page
        if not page:
            break
        until = page[-1].created_ms
    step = max(1, len(rows) // count)
    return rows[::step][:count]


def lists(names: Sequence[str] = ()) -> Iterator[Probe]:
    """Each list: its first page, next ones, and how many rows it has."""
    for one in OFFICE_LISTS:
        if names and one.name not in names:
            continue
        yield Probe(f"{one.name}.first", [one.path])
        yield Probe(f"{one.name}.next", [one.path], goes_on=True)
        yield Probe(f"{one.name}.count", [f"{one.path}?count=yes"])


def _of_payments(found: Sequence[Payment]) -> Iterator[Probe]:
    by_code = [row for row in found if row.pay_voucher]

    def asked(name: str, value: Callable[[Payment], str], rows: Sequence[Payment] = found) -> Probe:
        return Probe(f"payments.{name}", [f"/payments?{urlencode({name: value(row)})}" for row in rows])

    def searched(name: str, value: Callable[[Payment], str], rows: Sequence[Payment] = found) -> Probe:
        return Probe(f"payments.search_{name}", [f"/payments?{urlencode({'q': value(row)})}" for row in rows])

    yield asked("terminal", lambda row: row.terminal_no)
    yield asked("operator", lambda row: row.operator_no)
    yield Probe("payments.operator_of_nobody", ["/payments?operator=77"])
    yield asked("trace", lambda row: row.trace_no)
    yield asked("card", lambda row: row.masked_pan[-4:])
    yield asked("amount", lambda row: _yuan(row.amount_fen))
    yield Probe("payments.amount_range", ["/payments?amount_from=1999&amount_to=1999.5"])
    yield asked("rrn", lambda row: row.rrn)
    if by_code:
        yield asked("pay_voucher", lambda row: row.pay_voucher or "", by_code)
        yield searched("voucher", lambda row: row.pay_voucher or "", by_code)
    yield asked("day_from", lambda row: row.shop_day or "")
    yield asked("day_to", lambda row: row.shop_day or "")
    yield Probe("payments.day", [f"/payments?day_from={row.shop_day}&day_to={row.shop_day}" for row in found])
    yield Probe("payments.day_next", [f"/payments?day_from={found[-1].shop_day}"], goes_on=True)
    for state in ("declined", "pending", "timed_out", "reversed"):
        yield Probe(f"payments.{state}", [f"/payments?state={state}"])
    yield Probe("payments.declined_next", ["/payments?state=declined"], goes_on=True)
    yield Probe("payments.code_51", ["/payments?code=51"])
    yield Probe("payments.code_of_none", ["/payments?code=05"])
    yield Probe("payments.by_code", ["/payments?kind=qr_sale"])
    yield Probe("payments.refunds", ["/payments?kind=refund"])
    yield Probe("payments.reason_of_none", ["/payments?reason=limit"])
    yield Probe("payments.wallet", [f"/payments?wallet={brand}" for brand in PLANS])
    yield Probe("payments.operator_and_amount", ["/payments?operator=03&amount_from=1990"])
    yield Probe(
        "payments.count_day", [f"/payments?day_from={row.shop_day}&day_to={row.shop_day}&count=yes" for row in found]
    )
    yield searched("card", lambda row: row.masked_pan[-4:])
    yield searched("amount", lambda row: f"¥{_yuan(row.amount_fen)}")
    yield searched("rrn", lambda row: row.rrn)
    yield searched("terminal", lambda row: row.terminal_no)
    yield searched("operator", lambda row: row.operator_no)
    yield Probe("payments.order_no", [f"/payments?{urlencode({'order_no': _order_no(row)})}" for row in found])


def _of_sign_ins(found: Sequence[Payment]) -> Iterator[Probe]:
    yield Probe("sign_ins.refused", ["/sign-ins?outcome=refused"])
    yield Probe("sign_ins.refused_next", ["/sign-ins?outcome=refused"], goes_on=True)
    yield Probe("sign_ins.attempted", ["/sign-ins?outcome=attempted"])
    yield Probe("sign_ins.operator", [f"/sign-ins?operator={row.operator_no}" for row in found])
    yield Probe("sign_ins.operator_of_nobody", ["/sign-ins?operator=77"])
    yield Probe("sign_ins.terminal", [f"/sign-ins?terminal={row.terminal_no}" for row in found])
    yield Probe("sign_ins.day", [f"/sign-ins?day_from={row.shop_day}&day_to={row.shop_day}" for row in found])
    yield Probe("sign_ins.search_terminal", [f"/sign-ins?q={row.terminal_no}" for row in found])
    yield Probe("shifts.operator", [f"/shifts?operator={row.operator_no}" for row in found])
    yield Probe("shifts.terminal", [f"/shifts?terminal={row.terminal_no}" for row in found])


def _stories(found: Sequence[Payment]) -> Iterator[Probe]:
    yield Probe(
        "payment", [f"/payments/{row.merchant_no}/{row.terminal_no}/{row.batch_no}/{row.trace_no}" for row in found]
    )
    in_shift = [row for row in found if row.session_no is not None]
    yield Probe("sign_in", [f"/sign-ins/{row.merchant_no}/{row.session_no}" for row in in_shift])
    yield Probe("shift", [f"/shifts/{row.merchant_no}/{row.session_no}" for row in in_shift])
    yield Probe("batch", [f"/batches/{row.merchant_no}/{row.terminal_no}/{row.batch_no}" for row in found])
    yield Probe("operator", [f"/operators/{row.merchant_no}/{row.operator_no}" for row in found])
    yield Probe("terminal", [f"/terminals/{row.merchant_no}/{row.terminal_no}" for row in found])


def _yuan(fen: int) -> str:
    return format_yuan(fen).replace(",", "")


def _order_no(row: Payment) -> str:
    return f"{row.terminal_no}{row.batch_no}{row.trace_no}{china_time(row.created_ms):%y%m%d%H%M%S}"
