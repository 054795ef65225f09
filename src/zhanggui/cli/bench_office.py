"""`zhanggui bench office`: pages of the office among millions of stored rows, an export of a million, and sales beside both.

Host with office, and bank, as processes; a person of the acquirer, who sees all shops, and owners of the largest shop and of an ordinary
one come in by the form and open pages one at a time over one line. A page's time is from the request to the last byte, redirects
included: it is the server's, and a little more. Filters and searches take other values each time.

    pages      each list: first, next (one behind the other), filters, the search box; today, trends, stories, X and Z
    export     the list of payments as CSV, cut to so many rows: time, and the most that the writing process held
    sales      in turns without and with two pages a second and an export
"""

import asyncio
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode

import msgspec

from ..acquirer.findings.quantiles import quantile
from ..basics.clock import format_iso
from ..basics.errors import Fault
from ..basics.secret import Secret
from ..edges.logs import configure_logs
from ..edges.open_files import open_files_up
from ..programs.data_folder import Places, store_target
from ..programs.demo_people import DEMO_PASSWORD
from ..programs.free_port import free_port
from ..programs.settings import BankSection, HostSection, OfficeSection, Settings, WalletsSection
from ..simulator.load.day_load import Spent, Tills
from ..simulator.load.office_client import ASKED_EVERY_S, OfficeClient
from ..store.open import open_queries
from ..store.queries import PaymentFilter, Queries
from .bench_host import BenchProcess
from .bench_mix import make_tills
from .bench_office_data import LARGE_OWNER, SMALL_OWNER, Stored, fill
from .bench_office_pages import Probe, pages_of_all, pages_of_shop
from .output import print_error, print_json, print_text

ACQUIRER = "demo.admin"
EXPORT_WITHIN_S, EXPORT_MIB_MAX = 60.0, 200.0
KEPT_SHARE = 0.9
PAGES_EVERY_S = 0.5
TOLD_EVERY_S = 2.0
EXPORT_OF_PAIRS_PART = 8
LINES, SALES_EACH = 100, 60


class PageTimes(msgspec.Struct, frozen=True):
    """One kind of page: how long it took, and what it may take."""

    runs: int
    p50_ms: float
    p95_ms: float
    max_ms: float
    goal_ms: float
    is_met: bool


class ExportFigures(msgspec.Struct, frozen=True):
    """A list as a file."""

    rows: int
    seconds: float
    goal_s: float
    peak_mib: float
    goal_mib: float
    is_met: bool


class SalesFigures(msgspec.Struct, frozen=True):
    """Sales a second in each pair, without and with pages and an export, and the middle of the ratios."""

    without: tuple[float, ...]
    beside: tuple[float, ...]
    ratio: float
    goal: float
    pages: int
    is_met: bool


class OfficeFigures(msgspec.Struct, frozen=True):
    """All of it. Goals are for a million sign-ins and five million payments."""

    stored: Stored
    pages: dict[str, PageTimes]
    export: ExportFigures | None
    sales: SalesFigures | None
    is_met: bool


def bench_office(
    payments: int,
    sign_ins: int,
    *,
    times: int,
    export_rows: int,
    pairs: int,
    data: str,
    slack: float,
    only: str,
    as_json: bool,
    lang: str,
) -> None:
    """Measure and print. Fault when a goal was missed by more than `slack` times."""
    configure_logs(level="error")
    open_files_up()
    with ExitStack() as stack:
        folder = data or stack.enter_context(tempfile.TemporaryDirectory(prefix="zhanggui-bench-"))
        settings = Settings(
            data=folder,
            host=HostSection(port=free_port()),
            bank=BankSection(port=free_port()),
            office=OfficeSection(port=free_port()),
            wallets=WalletsSection(port=free_port()),
        )
        stored = asyncio.run(fill(settings, payments, sign_ins, _telling("stored")))
        bench = _Bench(settings, stored, slack)
        figures = asyncio.run(bench.run(times, export_rows, pairs, only))
    _print(figures, as_json=as_json, lang=lang)
    if not figures.is_met:
        late = [name for name, one in figures.pages.items() if not one.is_met]
        late += ["export"] * (figures.export is not None and not figures.export.is_met)
        late += ["sales"] * (figures.sales is not None and not figures.sales.is_met)
        raise Fault(f"goals of the office were missed: {', '.join(late)}")


class _Bench:
    """One measuring over one folder."""

    def __init__(self, settings: Settings, stored: Stored, slack: float) -> None:
        self._settings = settings
        self._stored = stored
        self._slack = slack

    async def run(self, times: int, export_rows: int, pairs: int, only: str) -> OfficeFigures:
        """Pages, then the export, then the sales."""
        clients = await make_tills(self._settings, LINES) if pairs else []
        port = str(self._settings.office.port)
        with (
            BenchProcess(self._settings, "bank") as bank,
            BenchProcess(self._settings, "host", ("--office-port", port)) as host,
            ExitStack() as stack,
        ):
            pages = await asyncio.to_thread(self._pages, stack, times, only)
            export = await asyncio.to_thread(self._export, host.pid, export_rows) if export_rows else None
            sales = None
            if pairs:
                tills = Tills(clients, (host.cpu_s, bank.cpu_s))
                await tills.open(self._settings.host.listen, self._settings.host.port)
                sales = await self._sales(tills, host.pid, pairs, max(1, export_rows // EXPORT_OF_PAIRS_PART))
                tills.close()
        others = (export.is_met if export is not None else True, sales.is_met if sales is not None else True)
        is_met = all((*(one.is_met for one in pages.values()), *others))
        return OfficeFigures(self._stored, pages, export, sales, is_met)

    def _come_in(self, login: str) -> OfficeClient:
        client = OfficeClient(self._settings.office.port)
        client.sign_in(login, Secret(DEMO_PASSWORD))
        return client

    def _pages(self, stack: ExitStack, times: int, only: str) -> dict[str, PageTimes]:
        with open_queries(store_target(self._settings, Places(self._settings.data_path))) as queries:
            everybody = {
                ACQUIRER: pages_of_all(queries, self._stored),
                LARGE_OWNER: pages_of_shop(queries, self._stored.large),
                SMALL_OWNER: pages_of_shop(queries, self._stored.small),
            }
        asked = [
            (f"{login.rpartition('.')[2]}.{probe.name}", login, probe)
            for login, probes in everybody.items()
            for probe in probes
            if only in f"{login.rpartition('.')[2]}.{probe.name}"
        ]
        clients = {login: self._come_in(login) for login in everybody}
        for client in clients.values():
            stack.callback(client.close)
        tell, found = _telling("pages"), {}
        for number, (name, login, probe) in enumerate(asked):
            found[name] = self._times(_waits(clients[login], probe, times), probe.goal_ms)
            tell(number + 1, len(asked))
        return found

    def _times(self, waits: Sequence[float], goal_ms: float) -> PageTimes:
        p95 = quantile(waits, 0.95)
        middle, most = round(quantile(waits, 0.5), 1), round(max(waits), 1)
        return PageTimes(len(waits), middle, round(p95, 1), most, goal_ms, p95 <= goal_ms * self._slack)

    def _export(self, host_pid: int, rows: int) -> ExportFigures:
        client = self._come_in(ACQUIRER)
        try:
            began_s = time.perf_counter()
            path = client.order_csv("/payments", self._asked_of(rows))
            written, peak_kib = _watched(client, path, host_pid, _telling("export"))
            seconds = time.perf_counter() - began_s
            _take(client, path)
        finally:
            client.close()
        is_met = seconds <= EXPORT_WITHIN_S * self._slack and peak_kib / 1024 <= EXPORT_MIB_MAX * self._slack
        peak = round(peak_kib / 1024, 1)
        return ExportFigures(written, round(seconds, 2), EXPORT_WITHIN_S, peak, EXPORT_MIB_MAX, is_met)

    def _asked_of(self, rows: int) -> str:
        """The question of the newest payments, so many of them."""
        share = min(1.0, rows / self._stored.payments)
        with open_queries(store_target(self._settings, Places(self._settings.data_path))) as queries:
            return since_of(queries, self._stored, share)

    async def _sales(self, tills: Tills, host_pid: int, pairs: int, export_rows: int) -> SalesFigures:
        await tills.run(["keys"])
        await tills.run(["sale"] * SALES_EACH)
        asked, tell = self._asked_of(export_rows), _telling("sales")
        without: list[float] = []
        beside: list[float] = []
        opened = 0
        for number in range(pairs):
            # In turns, and each time the other one first.
            for is_beside in (False, True) if number % 2 else (True, False):
                if not is_beside:
                    without.append(_rate([await tills.run(["sale"] * SALES_EACH) for _ in range(2)]))
                    continue
                spent, pages = await self._beside(tills, asked, host_pid)
                beside.append(_rate(spent))
                opened += pages
            tell(number + 1, pairs)
        ratio = quantile([one / other for one, other in zip(beside, without, strict=True)], 0.5)
        rounded = (tuple(round(one) for one in without), tuple(round(one) for one in beside))
        return SalesFigures(*rounded, round(ratio, 3), KEPT_SHARE, opened, ratio >= KEPT_SHARE / self._slack)

    async def _beside(self, tills: Tills, asked: str, host_pid: int) -> tuple[list[Spent], int]:
        """Sales as long as an export is on its way, with two pages a second; and how many pages these were."""
        reader, exporter = self._come_in(ACQUIRER), self._come_in(ACQUIRER)
        over, written = threading.Event(), threading.Event()

        def read() -> int:
            path, opened = "/payments", 0
            while not over.wait(PAGES_EVERY_S):
                path = reader.open(path).next or "/payments"
                opened += 1
            return opened

        def write() -> None:
            try:
                path = exporter.order_csv("/payments", asked)
                _watched(exporter, path, host_pid, lambda done, whole: None)
                _take(exporter, path)
            finally:
                written.set()

        async def sell() -> list[Spent]:
            try:
                spent = [await tills.run(["sale"] * SALES_EACH)]
                while not written.is_set():
                    spent.append(await tills.run(["sale"] * SALES_EACH))
                return spent
            finally:
                over.set()

        try:
            spent, opened, _ = await asyncio.gather(sell(), asyncio.to_thread(read), asyncio.to_thread(write))
        finally:
            reader.close()
            exporter.close()
        return spent, opened


def _rate(spent: Sequence[Spent]) -> float:
    return sum(one.tasks for one in spent) / sum(one.seconds for one in spent)


def _waits(client: OfficeClient, probe: Probe, times: int) -> list[float]:
    """Open the pages of a probe so often; the first time is not counted for what is asked more than once."""
    waits: list[float] = []
    path = probe.paths[0]
    if probe.goes_on:
        path = client.open(path).next
    for number in range(times):
        if not probe.goes_on:
            path = probe.paths[number % len(probe.paths)]
        if not path:
            break
        page = client.open(path)
        waits.append(page.ms)
        path = page.next
    return waits or [0.0]


def _watched(client: OfficeClient, path: str, host_pid: int, tell: Callable[[int, int], None]) -> tuple[int, int]:
    """Wait until a file is there: its rows, and the most memory in KiB that its writer held."""
    peak_kib = 0
    while True:
        peak_kib = max(peak_kib, *_peaks_of_writers(host_pid), 0)
        told = msgspec.json.decode(client.open(f"{path}/progress").text)
        tell(told["done"], told["of"])
        if told["state"] == "ready":
            return told["done"], peak_kib
        if told["state"] != "making":
            raise Fault(f"the export ended as {told['state']}: {told['said']}")
        time.sleep(ASKED_EVERY_S)


def _take(client: OfficeClient, path: str) -> None:
    client.send(f"{path}/take", {"token": client.token_on(path)})


def _peaks_of_writers(host_pid: int) -> Iterator[int]:
    """The most that each process held which writes a file for this host."""
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = dict(line.split(":", 1) for line in status.read_text(encoding="utf-8").splitlines() if ":" in line)
            command = (status.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if int(lines.get("PPid", "0")) == host_pid and b"export_writer" in command and "VmHWM" in lines:
            yield int(lines["VmHWM"].split()[0])


def since_of(queries: Queries, stored: Stored, share: float) -> str:
    """The question of this share of the payments, the newest."""
    newest = queries.list_payments(PaymentFilter(merchant_no=stored.small, limit=10_000))
    if share >= 1.0 or not newest:
        return ""
    return urlencode({"since": format_iso(newest[int(share * (len(newest) - 1))].created_ms)})


def _telling(what: str) -> Callable[[int, int], None]:
    """Tells on standard error how far it is, every two seconds and at the end."""
    told_s = time.monotonic()

    def tell(done: int, whole: int) -> None:
        nonlocal told_s
        if done == whole or time.monotonic() - told_s >= TOLD_EVERY_S:
            told_s = time.monotonic()
            print_error(f"bench office: {what} {done:,} / {whole:,}")

    return tell


def _print(figures: OfficeFigures, *, as_json: bool, lang: str) -> None:
    if as_json:
        print_json(figures)
        return

    is_zh, stored, export, sales = lang == "zh", figures.stored, figures.export, figures.sales
    held = f"{stored.payments:,}", f"{stored.sign_ins:,}", f"{stored.shops:,}"
    if is_zh:
        print_text("{} 笔交易，{} 次签到，{} 家商户".format(*held))
    else:
        print_text("{} payments, {} sign-ins, {} shops".format(*held))
    width = max(map(len, figures.pages), default=0)
    for name, one in figures.pages.items():
        times = f"p50 {one.p50_ms:>8,.1f}  p95 {one.p95_ms:>8,.1f}  max {one.max_ms:>8,.1f} ms  ≤ {one.goal_ms:g}"
        print_text(f"{_mark(one.is_met)} {name:<{width}}  {times}")
    if export is not None:
        times = f"{export.seconds:.1f} s ≤ {export.goal_s:g}, {export.peak_mib:.0f} MiB ≤ {export.goal_mib:g}"
        rows = f"导出 {export.rows:,} 行" if is_zh else f"export of {export.rows:,} rows"
        print_text(f"{_mark(export.is_met)} {rows}  {times}")
    if sales is not None:
        said = "另有两页/秒与一个导出时的消费" if is_zh else "sales beside two pages a second and an export"
        print_text(f"{_mark(sales.is_met)} {said}  {sales.ratio:.2f} ≥ {sales.goal:g}")


def _mark(is_met: bool) -> str:
    return "✓" if is_met else "✗"
