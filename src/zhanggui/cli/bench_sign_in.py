"""`zhanggui bench sign-in`: durable full sign-ins a second at a host as a real process, then the rush of a morning.

A full sign-in is three messages: 0800 for fresh keys, 401 with number and password, 403 for the confirmation. Behind them stand
the keys' sealed blocks, the sign-in record with its two links in the shop's chain, the session, and two stored answers, all in
SQLite with FULL. Each terminal has its own master key and its own operator, two to a shop. Every answer's MAC is checked, and
afterwards the database must hold one session, one record and two links for each sign-in.
"""

import asyncio
import random
import tempfile

from ..acquirer.rows.records import Merchant, Operator, Terminal
from ..acquirer.rows.state import Change, Insert
from ..basics.chance import SystemChance
from ..basics.clock import SystemClock
from ..basics.errors import Fault
from ..basics.numbers import MerchantNo, OperatorNo, TerminalNo
from ..basics.secret import Secret
from ..edges.logs import configure_logs
from ..edges.open_files import open_files_up
from ..host.keys import create_host_keys
from ..programs.data_folder import Places, make_host_vault, passphrase_of, store_target
from ..programs.free_port import free_port
from ..programs.settings import BankSection, HostSection, Settings
from ..simulator.load.sign_in_client import SignInClient
from ..simulator.load.sign_in_load import SignInOutcome, every, run_rush, run_steadily
from ..store.open import open_proof_rows, open_queries
from ..store.queries import SignInFilter
from ..vault.hsm import SALT_BYTES
from ..vault.keyfile import write_key_file
from ..vault.keys import KeyAlgorithm
from ..vault.pinblock import PasswordAccount
from ..vault.software import SoftwareHsm
from ..vault.weak_keys import weakness_of, with_odd_parity
from .bench_host import BenchProcess, save_rows, sync_rate
from .figures import Figure, print_figures

TERMINALS_A_SHOP = 2
PASSWORD = "8302"  # noqa: S105  # of made-up operators, in a folder that is gone afterwards
FLOOR_PER_S, AIM_PER_S = 1_200, 2_500
MASTER_KEY_BYTES = 16
WARM_UP = 500
"""Sign-ins before the clock runs: imports, first pages, first plans of messages."""


def bench_sign_in(connections: int, sign_ins: int, rush: int, within_s: float, *, as_json: bool) -> None:
    """Measure and print."""
    configure_logs(level="error")
    open_files_up()
    with tempfile.TemporaryDirectory(prefix="zhanggui-bench-") as folder:
        settings = Settings(data=folder, host=HostSection(port=free_port()), bank=BankSection(port=free_port()))
        figures = asyncio.run(_bench(settings, connections, sign_ins, rush, within_s))
    print_figures(figures, as_json=as_json)


async def _bench(settings: Settings, connections: int, sign_ins: int, rush: int, within_s: float) -> dict[str, Figure]:
    syncs = sync_rate(settings.data_path)
    fleet = await _make_shops(settings, WARM_UP + sign_ins + rush)
    # Shops do not open in the order of their numbers; rows that lie together would be written together.
    random.Random(1).shuffle(fleet)
    warm, steady, morning = every(fleet, (WARM_UP, sign_ins, rush))
    address = settings.host.listen, settings.host.port
    with BenchProcess(settings, "host") as host:
        await run_steadily(*address, warm, connections, host.cpu_s)
        outcome = await run_steadily(*address, steady, connections, host.cpu_s)
        rushed = await run_rush(*address, morning, within_s, host.cpu_s)
    for client in fleet:
        client.check()
    _check_books(settings, sum(client.signed_in for client in fleet))
    return {**_steady_figures(outcome, syncs, connections), **_rush_figures(rushed, within_s)}


def _steady_figures(outcome: SignInOutcome, syncs: float, connections: int) -> dict[str, Figure]:
    rate = outcome.signed_in / outcome.seconds
    return {
        "sign_ins_per_s": Figure(
            round(rate),
            "1/s",
            f"the aim of {AIM_PER_S}",
            round(rate / AIM_PER_S, 2),
            f"three messages each, {connections} lines, all durable; floor {FLOOR_PER_S}",
        ),
        "sign_ins_per_sync": Figure(round(rate / syncs, 2), "1", "disk syncs/s", round(rate / syncs, 2)),
        "p50": Figure(round(outcome.quantile_s(0.50) * 1e3, 2), "ms", note="a whole sign-in"),
        "p99": Figure(round(outcome.quantile_s(0.99) * 1e3, 2), "ms"),
        "longest": Figure(round(outcome.quantile_s(1.0) * 1e3, 2), "ms"),
        "refused": Figure(sum(outcome.refused.values()), "1", note=_told(outcome.refused)),
        "disk_syncs_per_s": Figure(round(syncs), "1/s", note="append and fdatasync"),
        "host_cpu": Figure(round(outcome.host_cpu_s / len(outcome.clients) * 1e6), "us/sign-in"),
        "client_cpu": Figure(round(outcome.client_cpu_s / len(outcome.clients) * 1e6), "us/sign-in"),
        "host_busy": Figure(round(outcome.host_cpu_s / outcome.seconds, 2), "cores"),
        "client_busy": Figure(round(outcome.client_cpu_s / outcome.seconds, 2), "cores"),
    }


def _rush_figures(outcome: SignInOutcome, within_s: float) -> dict[str, Figure]:
    return {
        "rush_terminals": Figure(len(outcome.clients), "1", note=f"arriving within {within_s:g} s, a line for each"),
        "rush_signed_in": Figure(outcome.signed_in, "1"),
        "rush_refused": Figure(sum(outcome.refused.values()), "1", note=_told(outcome.refused)),
        "rush_seconds": Figure(round(outcome.seconds, 2), "s", note="until the last answer"),
        "rush_p50": Figure(round(outcome.quantile_s(0.50) * 1e3, 2), "ms", note="from the arrival to the last answer"),
        "rush_p99": Figure(round(outcome.quantile_s(0.99) * 1e3, 2), "ms"),
        "rush_longest": Figure(round(outcome.quantile_s(1.0) * 1e3, 2), "ms"),
        "rush_host_busy": Figure(round(outcome.host_cpu_s / outcome.seconds, 2), "cores"),
        "rush_client_busy": Figure(round(outcome.client_cpu_s / outcome.seconds, 2), "cores"),
    }


def _told(refused: dict[str, int]) -> str:
    return ", ".join(f"{code}: {count}" for code, count in sorted(refused.items())) or "none"


async def _make_shops(settings: Settings, terminals: int) -> list[SignInClient]:
    """A folder with a host's keys and so many terminals with their operators; the clients of these terminals."""
    places, chance, now = Places(settings.data_path), SystemChance(), SystemClock().now()
    write_key_file(places.demo_passphrase, chance.take(24).hex())
    hsm = make_host_vault(places, passphrase_of(settings, places), chance)
    keys = create_host_keys(hsm, places.host_keys)
    rows: list[Change] = []
    clients: list[SignInClient] = []
    for index in range(terminals):
        shop, place = divmod(index, TERMINALS_A_SHOP)
        merchant_no, terminal_no = MerchantNo(f"102100058{shop:06d}"), TerminalNo(f"{10_000_001 + place}")
        operator_no, salt, master = OperatorNo(f"{place + 1:02d}"), chance.take(SALT_BYTES), _master_key(hsm)
        if place == 0:
            rows.append(Insert(Merchant(merchant_no=merchant_no, name="掌柜示范店", created_ms=now)))
        block = hsm.import_terminal_master_key(master, allow_test_keys=False)
        rows.append(
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
            )
        )
        account = PasswordAccount(merchant_no, operator_no)
        rows.append(
            Insert(
                Operator(
                    merchant_no=merchant_no,
                    operator_no=operator_no,
                    name="王芳",
                    role="cashier",
                    salt=salt,
                    verifier=hsm.make_verifier(keys.verifier_key, salt, account, Secret(PASSWORD)),
                    password_set_ms=now,
                )
            )
        )
        clients.append(SignInClient(merchant_no, terminal_no, operator_no, PASSWORD, master))
    await save_rows(settings, rows)
    places.complete.write_text("benchmark data\n", encoding="utf-8")
    return clients


def _master_key(hsm: SoftwareHsm) -> bytes:
    while True:
        key = with_odd_parity(SystemChance().take(MASTER_KEY_BYTES))
        if weakness_of(KeyAlgorithm.TDES, key) is None:
            return key


def _check_books(settings: Settings, signed_in: int) -> None:
    """Every sign-in stands there once, with its session and its links, or the figures mean nothing."""
    target = store_target(settings, Places(settings.data_path))
    with open_queries(target) as queries:
        active = sum(1 for _ in queries.each_sign_in(SignInFilter(outcome="active")))
    with open_proof_rows(target) as rows:
        links = sum(head.link_no for head in rows.heads())
    if active != signed_in or links != 2 * signed_in:
        raise Fault(f"the books do not hold the {signed_in} sign-ins once each: {active} records, {links} links")
