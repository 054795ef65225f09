"""Demo data with a past: made once here, and looked at from every side. Whatever holds for a shop that lived holds for these."""

import asyncio
import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from pysqlite3 import dbapi2
from tests.conftest import Ports
from tests.worlds.house import House
from tests.worlds.three_books import unsettled
from tests.worlds.true_terminal import at_the_counter

from zhanggui.acquirer.findings.detectors import find
from zhanggui.acquirer.payments.books import book_differences
from zhanggui.acquirer.rows.records import Payment
from zhanggui.bank import queries as bank_queries
from zhanggui.bank.cards import TEST_CARDS
from zhanggui.basics.chance import SeededChance
from zhanggui.basics.clock import SystemClock, china_time
from zhanggui.basics.numbers import MerchantNo, OperatorNo, UnixMs
from zhanggui.basics.spans import DAY_MS
from zhanggui.cup.transactions import PAYMENTS
from zhanggui.programs.data_folder import Places, check_folder
from zhanggui.programs.demo import MERCHANT_NO, OPERATORS, OUR_TERMINALS, make_demo
from zhanggui.programs.settings import Settings
from zhanggui.simulator.past.cards import WALLET_FEN
from zhanggui.simulator.past.making import DAYS, live, plan_past
from zhanggui.simulator.past.shops import load_shops
from zhanggui.store.open import open_book_rows, open_queries
from zhanggui.store.queries import PaymentFilter, PlaceFilter, Queries, SignInFilter
from zhanggui.views.audit_notes import read_audit_notes
from zhanggui.views.batches import read_batches
from zhanggui.views.cases import read_cases
from zhanggui.views.day_slips import read_day_slips
from zhanggui.views.documents import read_documents
from zhanggui.views.findings import load_history
from zhanggui.views.jobs import read_jobs
from zhanggui.views.operators import read_operators
from zhanggui.views.orders import read_orders
from zhanggui.views.payments import read_payments
from zhanggui.views.shifts import read_shifts
from zhanggui.views.sign_ins import read_sign_ins
from zhanggui.views.terminals import read_terminals

pytestmark = pytest.mark.timeout(300)
SEED = 20261201
SHOPS = [row.merchant_no for row in load_shops()]
MANY = 10_000
WANTED_FINDINGS = {
    ("default_secret", "102100058120001"),
    ("failure_burst", "102100058120001"),
    ("spraying", "102100058120001"),
    ("success_after_failures", "102100058120001"),
    ("unusual_hour", "102100054110002"),
    ("clock_drift", "102100070110003"),
}
"""What the incidents bring about (`simulator/past/incidents.py`), and the passwords that the demo tells to everybody."""


def make(folder: Path, days: int, seed: int) -> None:
    """Demo data with a past of so many days."""
    check_folder(folder)
    plan, chance = plan_past(SystemClock(), days), SeededChance(seed)
    clock = plan.clock
    said: list[tuple[int, int]] = []
    asyncio.run(
        make_demo(
            Settings(data=str(folder)),
            clock,
            chance,
            lambda step: None,
            lambda begun: live(plan, begun, clock, chance, lambda done, whole: said.append((done, whole))),
        )
    )
    assert said == [(day, days) for day in range(1, days + 1)]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole past; nobody writes to it."""
    folder = tmp_path_factory.mktemp("past") / "data"
    make(folder, DAYS, SEED)
    return folder


@pytest.fixture
def queries(lived: Path) -> Queries:
    return open_queries(str(Places(lived).host_database))


def payments_of(queries: Queries) -> list[Payment]:
    return queries.list_payments(PaymentFilter(limit=MANY))


def net_fen(payments: list[Payment]) -> int:
    """What customers paid and did not get back."""
    signs = {"debit": 1, "credit": -1, "": 0}
    return sum(signs[PAYMENTS[row.kind].total] * row.amount_fen for row in payments if row.state == "approved")


def test_every_chain_and_checkpoint_is_sound(lived: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "zhanggui", "audit", "verify", "--data", str(lived), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["ok"]
    assert {chain["merchant_no"] for chain in told["chains"]} == set(SHOPS)
    assert told["links"] > 1_000


def test_host_bank_and_wallets_agree_to_the_fen(lived: Path, queries: Queries) -> None:
    payments = payments_of(queries)
    assert unsettled(lived) == []
    assert bank_queries.differences(lived) == []
    with open_book_rows(str(Places(lived).host_database)) as rows:
        assert list(book_differences(rows.payments(), rows.postings())) == []
    by_wallet = [row for row in payments if row.wallet is not None]
    by_bank = [row for row in payments if row.wallet is None]
    connection = dbapi2.connect(str(lived / "bank.db"))
    at_bank = {
        rrn: (state, fen) for rrn, state, fen in connection.execute("SELECT rrn, state, amount_fen FROM payments")
    }
    ((moved_fen, held_fen),) = connection.execute(
        "SELECT sum(opening_fen - balance_fen), sum(held_fen) FROM accounts WHERE account_no LIKE 'card-%'"
    )
    ((test_cards_fen,),) = connection.execute(
        "SELECT sum(abs(opening_fen - balance_fen)) FROM accounts WHERE account_no IN "
        f"({', '.join(repr(f'card-{card.id}') for card in TEST_CARDS)})"
    )
    connection.close()
    for row in by_bank:
        state, fen = at_bank.get(row.rrn, ("", 0))
        assert (row.state == "approved") == (state in ("approved", "lapsed")), row
        assert not state or fen == row.amount_fen
    assert {row.rrn for row in by_bank} >= at_bank.keys()
    assert moved_fen == net_fen(by_bank)
    assert held_fen >= 0
    assert test_cards_fen == 0, "the visitor's cards hold what the documents say"
    wallets = dbapi2.connect(str(lived / "wallets.db"))
    ((left_fen, guests),) = wallets.execute(
        "SELECT sum(balance_fen), count(*) FROM customers WHERE balance_fen > 100000000"
    )
    wallets.close()
    assert guests * WALLET_FEN - left_fen == net_fen(by_wallet)


def test_all_kinds_of_payment_and_all_outcomes_are_there(queries: Queries) -> None:
    payments = payments_of(queries)
    kinds, states = Counter(row.kind for row in payments), Counter(row.state for row in payments)
    assert kinds.keys() >= {
        *("sale", "void", "refund", "balance", "qr_sale", "qr_own", "qr_void", "qr_refund"),
        *("preauth", "preauth_increment", "preauth_cancel", "completion", "completion_notice"),
    }
    assert states.keys() >= {"approved", "declined", "reversed", "timed_out"}
    assert {row.merchant_no for row in payments} == set(SHOPS)
    assert len(payments) > 40 * DAYS
    assert {row.reason for row in payments} == {None}, "what the host refuses by itself was asked for wrongly"


def test_the_findings_are_those_of_the_incidents_and_no_others(queries: Queries) -> None:
    now = SystemClock().now()
    history = load_history(queries, None)
    found = {(one.detector, one.subject.merchant_no) for one in find(history, now)}
    assert found <= WANTED_FINDINGS
    assert found >= WANTED_FINDINGS - {("success_after_failures", "102100058120001")}, "that one is by luck"


def test_no_list_is_empty(queries: Queries) -> None:
    now, own = SystemClock().now(), MerchantNo(MERCHANT_NO)
    everywhere = PlaceFilter(limit=MANY)
    yesterday = china_time(UnixMs(now - DAY_MS)).date().isoformat()
    lists: dict[str, Sequence[object]] = {
        "sign-ins": list(read_sign_ins(queries, [SignInFilter()])),
        "payments": read_payments(queries, PaymentFilter(limit=MANY)),
        "batches": read_batches(queries, everywhere, now),
        "cases": read_cases(queries, None, MANY),
        "jobs": read_jobs(queries, everywhere),
        "notes": read_audit_notes(queries, PlaceFilter(merchant_no=own, limit=MANY)),
        "shifts": read_shifts(queries, None, MANY),
        "slips of a day": read_day_slips(queries, own, yesterday),
        "operators": read_operators(queries, None, now),
        "terminals": read_terminals(queries, None, now),
        "documents": read_documents(queries, everywhere),
        "orders": read_orders(queries, own, None, MANY),
    }
    assert [name for name, rows in lists.items() if not rows] == []
    assert {row.outcome for row in queries.list_batches(everywhere)} >= {"agreed", "differs"}


def test_it_ends_yesterday_and_today_is_the_visitors(queries: Queries) -> None:
    now = SystemClock().now()
    today = china_time(now).date()
    days = {china_time(row.created_ms).date() for row in payments_of(queries)}
    assert max(days) < today
    assert len(days) in (DAYS - 1, DAYS, DAYS + 1)
    for merchant_no in SHOPS:
        assert [
            row
            for row in queries.list_sessions(PlaceFilter(merchant_no=merchant_no, limit=MANY))
            if row.ended_ms is None
        ] == []
    known = {
        row.operator_no: row
        for row in queries.list_operators(PlaceFilter(merchant_no=MerchantNo(MERCHANT_NO), limit=MANY))
    }
    assert all(known[OperatorNo(number)].factory_password for number, *_ in OPERATORS)
    assert all(now - known[OperatorNo(number)].password_set_ms < DAY_MS for number, *_ in OPERATORS)


@pytest.mark.parametrize("number", [number for number, _, _ in OUR_TERMINALS])
async def test_the_demos_terminals_sign_in_sell_and_settle_today(
    lived: Path, tmp_path: Path, number: str, ports: Ports
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(lived, folder)
    house = House(folder).start()
    try:
        async with at_the_counter(house, ports.take(), number) as counter:
            await counter.pay("12850")
    finally:
        house.stop()
    assert unsettled(folder) == []
    with open_queries(str(Places(folder).host_database)) as queries:
        newest = queries.list_payments(PaymentFilter(limit=1))[0]
    assert (newest.terminal_no, newest.state, newest.amount_fen) == (number, "approved", 12850)


def test_a_making_that_breaks_off_leaves_no_complete_folder(tmp_path: Path) -> None:
    plan, chance = plan_past(SystemClock(), 3), SeededChance(1)
    clock, folder = plan.clock, tmp_path / "data"

    def told(done: int, whole: int) -> None:
        raise KeyboardInterrupt

    check_folder(folder)
    settings = Settings(data=str(folder))
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(
            make_demo(settings, clock, chance, lambda step: None, lambda begun: live(plan, begun, clock, chance, told))
        )
    assert not Places(folder).complete.exists()
