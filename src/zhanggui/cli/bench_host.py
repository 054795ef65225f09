"""`zhanggui bench host`: durable sales a second through host and bank, as real processes with SQLite FULL at both.

Each connection is a terminal of its own that signs in (003), then sells with PIN and MAC, one sale at a time, until its share
is done. Requests are sealed before the clock starts; every answer must be an approval, and afterwards the databases must hold
each sale once. Beside it, in the same run: a bare echo server with the same client, and the disk's own rate of syncs.

With `waiting` orders at simulated wallets wait meanwhile for customers who never come: the host asks about them as it would about any.
How many still wait afterwards, and how often was asked, is read from the rows.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from msgspec.structs import replace

from ..acquirer.payments.roads.road import new_order_number, order_of
from ..acquirer.rows.records import Payment, Terminal, WalletOrder
from ..acquirer.rows.state import Change, Insert, Needs
from ..acquirer.wallets.order import begin
from ..acquirer.wallets.plans import PLANS
from ..bank import queries as bank_queries
from ..bank.setup import open_vault
from ..basics.chance import SystemChance
from ..basics.clock import SystemClock
from ..basics.errors import Fault
from ..basics.numbers import BatchNo, Rrn, TerminalNo, TraceNo, UnixMs
from ..cup.brands import BRANDS
from ..cup.transactions import PAYMENTS
from ..edges.logs import configure_logs
from ..host.commit import Door
from ..programs.data_folder import Places, open_host_vault, passphrase_of, store_target
from ..programs.demo import FOREIGN_MASTER_KEY, MERCHANT_NO, make_demo
from ..programs.free_port import free_port
from ..programs.settings import BankSection, HostSection, Settings, WalletsSection
from ..programs.wallets import set_up_wallets
from ..simulator.load.payment_client import PaymentClient, run_echo, run_payments
from ..store.open import open_queries, open_store
from ..store.queries import PaymentFilter
from ..vault.software import SoftwareHsm
from .figures import Figure, print_figures

TEST_CARD = "6217000000000000012"
AMOUNT_FEN = 100
SYNC_ROUNDS = 400
SYNC_BYTES = 4_096
START_WITHIN_S = 20.0
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
ROWS_AT_ONCE = 1_000
MASKED_CODE = "134567********6789"
WAITING_TERMINALS, SPREAD_MS, SPREAD_STEP = 1_000, 40_000, 7_919


def bench_host(connections: int, sales: int, *, waiting: int = 0, as_json: bool) -> None:
    """Measure and print."""
    configure_logs(level="error")
    with tempfile.TemporaryDirectory(prefix="zhanggui-bench-") as folder:
        settings = Settings(
            data=folder,
            host=HostSection(port=free_port()),
            bank=BankSection(port=free_port()),
            wallets=WalletsSection(port=free_port()),
        )
        figures = asyncio.run(_bench(settings, connections, max(1, sales // connections), waiting))
    print_figures(figures, as_json=as_json)


async def _bench(settings: Settings, connections: int, sales_each: int, waiting: int) -> dict[str, Figure]:
    syncs = sync_rate(settings.data_path)
    await make_demo(settings, SystemClock(), SystemChance(), lambda step: None)
    hsm = SoftwareHsm(SystemChance().take(32), SystemChance())
    master = hsm.import_terminal_master_key(FOREIGN_MASTER_KEY, allow_test_keys=True)
    numbers = [TerminalNo(f"B{index:07d}") for index in range(connections)]
    await add_terminals(settings, numbers)
    clients = [PaymentClient(hsm, master, MERCHANT_NO, number, TEST_CARD, AMOUNT_FEN) for number in numbers]
    echo = await _echo_rate(connections, clients[0].request_bytes(), sales_each)
    with (
        BenchProcess(settings, "bank") as bank,
        _wallets(settings) if waiting else nullcontext(),
        await _host_with(settings, waiting) as host,
    ):
        outcome = await run_payments(
            settings.host.listen, settings.host.port, clients, sales_each, (bank.cpu_s, host.cpu_s)
        )
        memory = host.memory_kib()
    _check_books(settings, outcome.approved)
    wait, asked = await still_waiting(settings)
    rate = outcome.approved / outcome.seconds
    bank_us, host_us = (cpu / outcome.approved * 1e6 for cpu in outcome.cpu_s)
    client_us = outcome.client_cpu_s / outcome.approved * 1e6
    shares = {"host": host_us, "bank": bank_us, "client": client_us}
    first = max(shares, key=lambda name: shares[name])
    return {
        "sales_per_s": Figure(
            round(rate), "1/s", "echo", round(rate / echo, 3), f"{connections} connections, all durable"
        ),
        "sales_per_sync": Figure(round(rate / syncs, 2), "1", "disk syncs/s", round(rate / syncs, 2)),
        "p50": Figure(round(outcome.quantile(0.50) * 1e3, 2), "ms"),
        "p99": Figure(round(outcome.quantile(0.99) * 1e3, 2), "ms"),
        "longest": Figure(round(outcome.quantile(1.0) * 1e3, 2), "ms"),
        "echo_per_s": Figure(round(echo), "1/s", note="bare echo of the same bytes, same client"),
        "disk_syncs_per_s": Figure(round(syncs), "1/s", note=f"append {SYNC_BYTES} bytes and fdatasync"),
        "host_cpu": Figure(round(host_us, 1), "us/sale"),
        "bank_cpu": Figure(round(bank_us, 1), "us/sale"),
        "host_memory": Figure(memory, "KiB", note=f"{wait} orders waited at wallets" if waiting else ""),
        **({"asked_of_wallets": Figure(asked, "1", note="while the host ran; each written")} if waiting else {}),
        "client_cpu": Figure(round(client_us, 1), "us/sale"),
        "dominates": Figure(round(shares[first] / sum(shares.values()), 2), "share of CPU", note=first),
    }


def _wallets(settings: Settings) -> "BenchProcess":
    set_up_wallets(settings, SystemChance())
    return BenchProcess(settings, "wallets")


async def _host_with(settings: Settings, waiting: int) -> "BenchProcess":
    """The host's process, with so many orders that wait at a wallet."""
    for first in range(0, waiting, ROWS_AT_ONCE):
        await save_rows(settings, waiting_rows(range(first, min(first + ROWS_AT_ONCE, waiting))))
    return BenchProcess(settings, "host")


async def still_waiting(settings: Settings) -> tuple[int, int]:
    """How many orders the host would still ask about, and how often it has asked about them."""
    store = open_store(store_target(settings, Places(settings.data_path)))
    orders: list[WalletOrder] = []
    try:
        while page := await store.wallet_orders_to_ask(orders[-1] if orders else None, ROWS_AT_ONCE):
            orders += page
    finally:
        await store.close()
    return len(orders), sum(order.queries for order in orders)


def waiting_rows(numbers: Sequence[int]) -> list[Change]:
    """Payments by code that are pending, each with its order; their times are spread as those of customers who come one by one."""
    now = SystemClock().now()
    rows: list[Change] = []
    brand, plan = next((name, plan) for name, plan in PLANS.items() if BRANDS[name].road == "wallet")
    kind = next(name for name, row in PAYMENTS.items() if row.shows_code)
    for number in numbers:
        payment = Payment(
            merchant_no=MERCHANT_NO,
            terminal_no=TerminalNo(f"W{number % WAITING_TERMINALS:07d}"),
            batch_no=BatchNo("000001"),
            trace_no=TraceNo(f"{number // WAITING_TERMINALS + 1:06d}"),
            kind=kind,
            state="pending",
            fingerprint=b"",
            amount_fen=AMOUNT_FEN,
            masked_pan=MASKED_CODE,
            rrn=Rrn(f"9{number:011d}"),
            created_ms=now,
            wallet=brand,
        )
        payment = replace(payment, order_no=new_order_number(payment))
        due = UnixMs(now + number * SPREAD_STEP % SPREAD_MS)
        rows += [Insert(payment), Insert(replace(begin(order_of(payment, brand), plan, now), next_ms=due))]
    return rows


async def add_terminals(settings: Settings, numbers: list[TerminalNo]) -> None:
    """Write terminals of a benchmark, all with the demo's public master key, before the host starts."""
    places = Places(settings.data_path)
    master = open_host_vault(settings, places, SystemChance()).import_terminal_master_key(
        FOREIGN_MASTER_KEY, allow_test_keys=True
    )
    rows = [
        Insert(
            Terminal(
                merchant_no=MERCHANT_NO,
                terminal_no=number,
                model="bench",
                place="bench",
                dialect="unionpay",
                operator_check="terminal",
                master_key=master.text,
                created_ms=SystemClock().now(),
            )
        )
        for number in numbers
    ]
    await save_rows(settings, rows)


async def save_rows(settings: Settings, rows: Sequence[Change]) -> None:
    """Write rows of a benchmark's own into its data folder, before the host starts."""
    store = open_store(store_target(settings, Places(settings.data_path)))
    try:
        await Door(store, SystemClock(), SystemChance()).commit(Needs(), lambda sheet: sheet.take(rows))
    finally:
        await store.close()


async def _echo_rate(connections: int, request: bytes, each: int) -> float:
    port = free_port()
    arguments = ("-m", "zhanggui.simulator.load.echo", str(port))
    echo = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    try:
        assert echo.stdout is not None
        await echo.stdout.readline()
        return await run_echo("127.0.0.1", port, connections, request, max(each, 200))
    finally:
        echo.terminate()
        await echo.wait()


def sync_rate(folder: Path) -> float:
    """Appends with fdatasync a second: what the disk allows one careful writer."""
    path = folder / "sync-rate"
    block = os.urandom(SYNC_BYTES)
    with path.open("wb", buffering=0) as file:
        begin = time.perf_counter()
        for _ in range(SYNC_ROUNDS):
            file.write(block)
            os.fdatasync(file.fileno())
        seconds = time.perf_counter() - begin
    path.unlink()
    return SYNC_ROUNDS / seconds


def _check_books(settings: Settings, approved: int) -> None:
    """Every sale stands once at the host and once at the bank, or the figures mean nothing."""
    places = Places(settings.data_path)
    with open_queries(store_target(settings, places)) as queries:
        totals = queries.ledger_totals()
        first = queries.list_payments(PaymentFilter(limit=1))
    vault = open_vault(settings.data_path, passphrase_of(settings, places), SystemChance())
    spent = 10_000_000 - bank_queries.balance(settings.data_path, vault, TEST_CARD)
    wanted = approved * AMOUNT_FEN
    if not first or spent != wanted or sum(totals.values()) != 0 or max(totals.values()) != wanted:
        raise Fault(f"the books do not hold the {approved} sales once each: bank {spent} fen, host {totals}")


class BenchProcess:
    """A program of ours as a process, ready when it has printed so."""

    def __init__(self, settings: Settings, command: str, options: Sequence[str] = ()) -> None:
        port = {"bank": settings.bank.port, "host": settings.host.port, "wallets": settings.wallets.port}[command]
        arguments = [sys.executable, "-m", "zhanggui", command, "--data", settings.data, "--port", str(port), *options]
        if command == "host":
            arguments += ["--bank-port", str(settings.bank.port)]
        environment = {**os.environ, "ZHANGGUI_LOG_LEVEL": "error", "ZHANGGUI_WALLETS_PORT": str(settings.wallets.port)}
        self._process = subprocess.Popen(arguments, stdout=subprocess.PIPE, env=environment, text=True)

    def __enter__(self) -> "BenchProcess":
        assert self._process.stdout is not None
        # A host says first where its office is.
        if not any("ready" in line for line in iter(self._process.stdout.readline, "")):
            raise Fault("a program of the benchmark did not start; its message stands above")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(START_WITHIN_S)
        assert self._process.stdout is not None
        self._process.stdout.close()

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def memory_kib(self) -> int:
        """What the process holds of memory."""
        lines = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1])

    def cpu_s(self) -> float:
        """CPU seconds that the process has used."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS
