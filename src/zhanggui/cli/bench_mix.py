"""`zhanggui bench host --mix day`: what a host does in a day, kind by kind, and all of it mixed.

First each kind alone, a thousand times or so: its CPU at host and bank beside a sale's. Then the mix of a day (`day_client.ROUND`) over so
many lines: payments, sign-ins and echoes a second, and sales among them. Every answer must be an approval, and afterwards host and bank
must agree to the fen about what the card has paid. With `--data` it is measured in a folder of `zhanggui bench data`, among all that is
stored there.
"""

import asyncio
import tempfile
from contextlib import ExitStack

from ..acquirer.rows.records import Merchant, Operator, Terminal
from ..acquirer.rows.state import Change, Insert
from ..bank import queries as bank_queries
from ..bank.setup import open_vault
from ..basics.chance import SystemChance
from ..basics.clock import SystemClock
from ..basics.errors import Fault, Misuse
from ..basics.numbers import MerchantNo, OperatorNo, TerminalNo
from ..basics.secret import Secret
from ..edges.logs import configure_logs
from ..edges.open_files import open_files_up
from ..host.keys import open_host_keys
from ..programs.data_folder import Places, open_host_vault, passphrase_of, store_target
from ..programs.demo import FOREIGN_MASTER_KEY, MERCHANT_NO, make_demo
from ..programs.free_port import free_port
from ..programs.settings import BankSection, HostSection, Settings
from ..simulator.load.day_client import DayClient, Task, day_of
from ..simulator.load.day_load import Spent, Tills
from ..simulator.load.payment_client import PaymentClient
from ..simulator.load.sign_in_client import SignInClient
from ..store.open import open_queries
from ..store.queries import ROWS_MAX, PlaceFilter
from ..vault.hsm import SALT_BYTES
from ..vault.pinblock import PasswordAccount
from ..vault.software import SoftwareHsm
from .bench_host import TEST_CARD, BenchProcess, add_terminals, save_rows
from .figures import Figure, print_figures

PHASES: tuple[tuple[Task, bool], ...] = (
    ("sale", False),
    ("void", True),
    ("sale", True),
    ("refund", True),
    ("preauth", True),
    ("preauth_increment", True),
    ("completion", True),
    ("completion_void", True),
    ("preauth_cancel", True),
    ("preauth", False),
    ("completion_notice", True),
    ("balance", True),
    ("echo", True),
    ("sign_in", True),
)
"""Each kind alone, in an order in which each finds what it is about, and whether it is measured: what comes first warms up."""
EACH_KIND = 1_000
"""How often a kind is done by all tills together, at least: some 0.2 s of CPU, twenty ticks of the kernel's clock."""
PRICE_FEN = 1
"""Of everything, so that a folder of large data serves for many runs."""
PASSWORD = "8302"  # noqa: S105  # of made-up operators
"""A cashier of each till's second place."""


def bench_mix(connections: int, tasks: int, data: str, *, as_json: bool) -> None:
    """Measure and print; in a folder of `bench data` when one is given, else in one of its own."""
    configure_logs(level="error")
    open_files_up()
    with ExitStack() as stack:
        folder = data or stack.enter_context(tempfile.TemporaryDirectory(prefix="zhanggui-bench-"))
        settings = Settings(data=folder, host=HostSection(port=free_port()), bank=BankSection(port=free_port()))
        if data and not Places(settings.data_path).host_local_key.exists():
            raise Misuse(f"there are no data in {settings.data_path}; make some with 'zhanggui bench data'")
        figures = asyncio.run(_bench(settings, connections, max(1, tasks // connections), is_new=not data))
    print_figures(figures, as_json=as_json)


async def _bench(settings: Settings, connections: int, tasks_each: int, *, is_new: bool) -> dict[str, Figure]:
    if is_new:
        await make_demo(settings, SystemClock(), SystemChance(), lambda step: None)
    clients = await make_tills(settings, connections)
    stored, before_fen = _stored(settings), _books(settings)
    with BenchProcess(settings, "bank") as bank, BenchProcess(settings, "host") as host:
        tills = Tills(clients, (host.cpu_s, bank.cpu_s))
        await tills.open(settings.host.listen, settings.host.port)
        await tills.run(["keys"])
        alone: dict[Task, Spent] = {}
        for kind, measured in PHASES:
            spent = await tills.run([kind] * -(-EACH_KIND // connections))
            if measured:
                alone[kind] = spent
        day = day_of(tasks_each)
        mixed = await tills.run(day)
        tills.close()
    for client in clients:
        client.check()
    paid_fen, held_fen = (sum(client.paid_fen for client in clients), sum(client.held_fen for client in clients))
    left_fen, owed_fen = _books(settings)
    if (before_fen[0] - left_fen, owed_fen - before_fen[1]) != (paid_fen + held_fen, paid_fen):
        raise Fault(
            f"the books do not hold the day: the tills were told {paid_fen} paid and {held_fen} held, "
            f"the bank gave {before_fen[0] - left_fen}, the host owes {owed_fen - before_fen[1]}"
        )
    return {**_kind_figures(alone), **_mix_figures(mixed, day, connections, stored)}


def _kind_figures(alone: dict[Task, Spent]) -> dict[str, Figure]:
    """CPU of each kind at host and bank, and beside a sale's."""
    # A tick of the kernel's clock is ten milliseconds: a kind that was done a few times may have taken none.
    host_us = {kind: spent.cpu_s[0] / spent.tasks * 1e6 for kind, spent in alone.items()}
    bank_us = {kind: spent.cpu_s[1] / spent.tasks * 1e6 for kind, spent in alone.items()}
    return {
        f"{kind}_host_cpu": Figure(
            round(us, 1),
            "us",
            "sale",
            round(us / host_us["sale"], 2) if host_us["sale"] else None,
            f"and {bank_us[kind]:.0f} us at the bank",
        )
        for kind, us in host_us.items()
    }


def _mix_figures(mixed: Spent, day: list[Task], connections: int, stored: int) -> dict[str, Figure]:
    sales = mixed.tasks * day.count("sale") // len(day)
    host_us, bank_us = (cpu / mixed.tasks * 1e6 for cpu in mixed.cpu_s)
    shares = {"host": host_us, "bank": bank_us, "client": mixed.client_cpu_s / mixed.tasks * 1e6}
    first = max(shares, key=lambda name: shares[name])
    return {
        "stored_payments": Figure(stored, "1", note="before the first one of this bench"),
        "tasks_per_s": Figure(round(mixed.tasks / mixed.seconds), "1/s", note=f"{connections} lines, a day's mix"),
        "sales_per_s": Figure(round(sales / mixed.seconds), "1/s", note="among them"),
        "host_cpu": Figure(round(host_us, 1), "us/task"),
        "bank_cpu": Figure(round(bank_us, 1), "us/task"),
        "client_cpu": Figure(round(shares["client"], 1), "us/task"),
        "host_busy": Figure(round(mixed.cpu_s[0] / mixed.seconds, 2), "cores"),
        "dominates": Figure(round(shares[first] / sum(shares.values()), 2), "share of CPU", note=first),
    }


# ── what is there before, and after ──────────────────────────────────────────


async def make_tills(settings: Settings, count: int) -> list[DayClient]:
    """Tills that nobody used yet, and beside each a shop with a cashier who signs in."""
    places, chance = Places(settings.data_path), SystemChance()
    with open_queries(store_target(settings, places)) as queries:
        there = {
            row.terminal_no for row in queries.list_terminals(PlaceFilter(merchant_no=MERCHANT_NO, limit=ROWS_MAX))
        }
    first = next(number for number in range(0, 10_000_000, count) if _till_no(number) not in there)
    numbers = range(first, first + count)
    await add_terminals(settings, [_till_no(number) for number in numbers])
    hsm = SoftwareHsm(chance.take(32), chance)
    master = hsm.import_terminal_master_key(FOREIGN_MASTER_KEY, allow_test_keys=True)
    vault = open_host_vault(settings, places, chance)
    keys = open_host_keys(vault, places.host_keys)
    block = vault.import_terminal_master_key(FOREIGN_MASTER_KEY, allow_test_keys=True)
    rows: list[Change] = []
    clients: list[DayClient] = []
    for number in numbers:
        merchant_no, terminal_no = MerchantNo(f"10210005{number:07d}"), TerminalNo("10000001")
        operator_no, salt = OperatorNo("01"), chance.take(SALT_BYTES)
        account = PasswordAccount(merchant_no, operator_no)
        now = SystemClock().now()
        rows += (
            Insert(Merchant(merchant_no=merchant_no, name="掌柜示范店", created_ms=now)),
            Insert(
                Terminal(
                    merchant_no=merchant_no,
                    terminal_no=terminal_no,
                    model="bench",
                    place="前台",
                    dialect="unionpay",
                    operator_check="host",
                    master_key=block.text,
                    created_ms=now,
                )
            ),
            Insert(
                Operator(
                    merchant_no=merchant_no,
                    operator_no=operator_no,
                    name="王芳",
                    role="cashier",
                    salt=salt,
                    verifier=vault.make_verifier(keys.verifier_key, salt, account, Secret(PASSWORD)),
                    password_set_ms=now,
                )
            ),
        )
        till = PaymentClient(hsm, master, MERCHANT_NO, _till_no(number), TEST_CARD, PRICE_FEN)
        clients.append(
            DayClient(till, SignInClient(merchant_no, terminal_no, operator_no, PASSWORD, FOREIGN_MASTER_KEY))
        )
    await save_rows(settings, rows)
    return clients


def _till_no(number: int) -> TerminalNo:
    return TerminalNo(f"B{number:07d}")


def _stored(settings: Settings) -> int:
    with open_queries(store_target(settings, Places(settings.data_path))) as queries:
        return queries.count_payments()


def _books(settings: Settings) -> tuple[int, int]:
    """What the card has left at the bank, and what the host owes its merchant."""
    places = Places(settings.data_path)
    with open_queries(store_target(settings, places)) as queries:
        owed = -queries.ledger_totals(MERCHANT_NO).get("merchant_payable", 0)
    vault = open_vault(settings.data_path, passphrase_of(settings, places), SystemChance())
    return bank_queries.balance(settings.data_path, vault, TEST_CARD), owed
