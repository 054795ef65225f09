"""`zhanggui bench storm`: honest terminals sell while strangers do what they can without a key, and while the log can't be written.

For each storm a host of its own, as a process. Honest terminals sell three times: while the stranger sends to a sink (what the
machine gives when he only costs time), while he sends to the host, and when he has gone. Nobody honest may be refused or wait past
its time-out, a new terminal must get in, and the host must end when asked. Loopback only; it ends by itself.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from resource import RLIMIT_FSIZE, RLIMIT_NOFILE, getrlimit, setrlimit
from typing import IO

from ..basics.chance import SystemChance
from ..basics.clock import SystemClock
from ..basics.errors import Fault, Misuse
from ..basics.numbers import TerminalNo
from ..edges.logs import configure_logs
from ..edges.open_files import open_files_up
from ..programs.demo import FOREIGN_MASTER_KEY, MERCHANT_NO, make_demo
from ..programs.free_port import free_port
from ..programs.settings import BankSection, HostSection, Settings
from ..simulator.load.honest import HonestTerminal, Sold, sell_for
from ..simulator.load.payment_client import PaymentClient
from ..vault.software import SoftwareHsm
from .bench_host import AMOUNT_FEN, TEST_CARD, BenchProcess, add_terminals
from .figures import Figure, print_figures

HONEST = 20
"""Terminals that sell; two hundred sales a second."""
FILES_FEW = 1_024
"""The usual limit of open files."""
LOG_BYTES_MAX = 256 * 1024 * 1024
"""The file-size limit of one storm; its log is that large already."""
END_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Storm:
    """What the stranger does, and what else is wrong with the host's world."""

    deed: str
    files: int | None = None
    log: str = ""


STORMS: Mapping[str, Storm] = {
    "silent_1300": Storm("silent_few", files=FILES_FEW),
    "silent_10000": Storm("silent_many"),
    "sign_ons": Storm("sign_ons"),
    "junk": Storm("junk"),
    "unread_log": Storm("junk", log="unread"),
    "closed_log": Storm("junk", log="closed"),
    "full_log": Storm("junk", log="full"),
    "limited_log": Storm("junk", log="limited"),
}


def bench_storm(seconds: float, only: str, ratio_max: float, *, as_json: bool) -> None:
    """Measure and print, all storms or one. Fault when somebody honest was refused, kept out, not answered, or waited longer than
    `ratio_max` times as long (p99) as beside a sink, or when a host did not end."""
    if only and only not in STORMS:
        raise Misuse(f"there is no storm '{only}'; there are: {', '.join(STORMS)}")
    storms = {name: storm for name, storm in STORMS.items() if only in ("", name)}
    configure_logs(level="error")
    open_files_up()
    with tempfile.TemporaryDirectory(prefix="zhanggui-bench-") as folder:
        settings = Settings(data=folder, host=HostSection(port=free_port()), bank=BankSection(port=free_port()))
        figures, broken = asyncio.run(_bench(settings, storms, seconds, ratio_max))
    print_figures(figures, as_json=as_json)
    if broken:
        raise Fault("; ".join(broken))


async def _bench(
    settings: Settings, storms: Mapping[str, Storm], seconds: float, ratio_max: float
) -> tuple[dict[str, Figure], list[str]]:
    await make_demo(settings, SystemClock(), SystemChance(), lambda step: None)
    hsm = SoftwareHsm(SystemChance().take(32), SystemChance())
    master = hsm.import_terminal_master_key(FOREIGN_MASTER_KEY, allow_test_keys=True)
    each = HONEST + 1
    # The stranger of the sign-ons uses the first number; each storm has honest terminals of its own, the last one new.
    numbers = [TerminalNo(f"B{index:07d}") for index in range(1 + each * len(storms))]
    await add_terminals(settings, numbers)
    figures: dict[str, Figure] = {}
    broken: list[str] = []
    with BenchProcess(settings, "bank"):
        for place, (name, storm) in enumerate(storms.items()):
            begin = 1 + place * each
            terminals = [
                HonestTerminal(PaymentClient(hsm, master, MERCHANT_NO, number, TEST_CARD, AMOUNT_FEN))
                for number in numbers[begin : begin + each]
            ]
            weathered = await _weather(settings, storm, terminals, seconds)
            figures |= weathered.figures(name, ratio_max)
            broken += [f"{name}: {fault}" for fault in weathered.faults(ratio_max)]
    return figures, broken


@dataclass(slots=True)
class _Weathered:
    """What one storm gave."""

    quiet: Sold
    during: Sold
    after: Sold
    new_s: float | None
    log_bytes: int
    ended: int | None

    @property
    def ratio(self) -> float:
        return self.during.quantile_s(0.99) / (self.quiet.quantile_s(0.99) or 1.0)

    def faults(self, ratio_max: float) -> list[str]:
        """What nobody honest may meet with."""
        found = []
        for when, sold in (("to a sink", self.quiet), ("during", self.during), ("afterwards", self.after)):
            if sold.refused or sold.unanswered or not sold.waits_s:
                found.append(f"{when} {sold.refused} sales refused, {sold.unanswered} not answered")
        if self.ratio > ratio_max:
            found.append(f"p99 was {self.ratio:.2f} times that to a sink, at most {ratio_max:g}")
        if self.new_s is None:
            found.append("a new terminal was kept out")
        if self.ended != 0:
            found.append(f"the host ended with {self.ended}")
        return found

    def figures(self, name: str, ratio_max: float) -> dict[str, Figure]:
        """The same as figures."""
        sink_ms, storm_ms, after_ms = (
            round(sold.quantile_s(0.99) * 1e3, 2) for sold in (self.quiet, self.during, self.after)
        )
        held = "held" if self.ratio <= ratio_max else "not held"
        return {
            f"{name}_sales": Figure(len(self.during.waits_s), "1", note=f"{self.during.refused} refused"),
            f"{name}_unanswered": Figure(self.during.unanswered, "1"),
            f"{name}_p99": Figure(
                storm_ms, "ms", "p99 to a sink", round(self.ratio, 2), f"at most {ratio_max:g}: {held}"
            ),
            f"{name}_p99_to_a_sink": Figure(sink_ms, "ms"),
            f"{name}_p99_afterwards": Figure(after_ms, "ms"),
            f"{name}_longest": Figure(round(self.during.quantile_s(1.0) * 1e3, 2), "ms"),
            f"{name}_new_terminal": Figure(round((self.new_s or 0.0) * 1e3, 2), "ms", note="connect, keys, first sale"),
            f"{name}_log": Figure(self.log_bytes, "bytes"),
        }


async def _weather(settings: Settings, storm: Storm, terminals: list[HonestTerminal], seconds: float) -> _Weathered:
    *selling, new = terminals
    sink_port = free_port()
    with _log_of(settings, storm) as (log, log_size), _Started(["sink", str(sink_port)]):
        host = _StormyHost(settings, storm, log)
        try:
            host.wait_until_ready()
            for terminal in selling:
                await terminal.sign_on(settings.host.port)
            await sell_for(selling, 0.5)
            with _Started(["stranger", storm.deed, str(sink_port), str(seconds + 10)]):
                quiet = await sell_for(selling, seconds)
            with _Started(["stranger", storm.deed, str(settings.host.port), str(seconds + 10)]):
                during, new_s = await asyncio.gather(sell_for(selling, seconds), _come_in(new, settings.host.port))
            after = await sell_for(selling, max(1.0, seconds / 2))
            for terminal in terminals:
                terminal.hang_up()
            return _Weathered(quiet, during, after, new_s, log_size(), host.end())
        finally:
            host.kill()


async def _come_in(new: HonestTerminal, port: int) -> float | None:
    """A terminal that was not there before gets its keys and sells; the answer is how long that took."""
    begun_s = time.perf_counter()
    try:
        await new.sign_on(port)
        await new.sell()
    except (OSError, TimeoutError, Fault):
        return None
    return time.perf_counter() - begun_s


@contextmanager
def _log_of(settings: Settings, storm: Storm) -> Iterator[tuple[int, Callable[[], int]]]:
    """Where the host's standard error goes, and how much the log has grown."""
    path = Path(settings.data) / "storm.log"
    path.unlink(missing_ok=True)
    if storm.log in ("unread", "closed"):
        reader, writer = os.pipe()
        if storm.log == "closed":
            os.close(reader)
        else:
            _fill(writer)
        try:
            yield writer, lambda: 0
        finally:
            os.close(writer)
            if storm.log == "unread":
                os.close(reader)
        return
    began = 0
    with open("/dev/full" if storm.log == "full" else path, "ab") as file:
        if storm.log == "limited":
            file.truncate(began := LOG_BYTES_MAX)
        yield file.fileno(), lambda: path.stat().st_size - began if path.exists() else 0


def _fill(writer: int) -> None:
    """Write into a pipe until it takes no more: whoever writes there next waits."""
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer, bytes(4_096))
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer, b" ")
    os.set_blocking(writer, True)


class _Started:
    """A process of `simulator/load`, ready when it has said so; ended with the block."""

    def __init__(self, words: list[str]) -> None:
        module, *arguments = words
        self._process: subprocess.Popen[str] = subprocess.Popen(
            [sys.executable, "-m", f"zhanggui.simulator.load.{module}", *arguments], stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> "_Started":
        _read_ready(self._process.stdout)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


class _StormyHost:
    """The host, with few files or a log that can't be written."""

    def __init__(self, settings: Settings, storm: Storm, log: int) -> None:
        def limit() -> None:
            if storm.files is not None:
                setrlimit(RLIMIT_NOFILE, (storm.files, storm.files))
            if storm.log == "limited":
                setrlimit(RLIMIT_FSIZE, (LOG_BYTES_MAX, getrlimit(RLIMIT_FSIZE)[1]))

        arguments = ["--data", settings.data, "--port", str(settings.host.port), "--bank-port", str(settings.bank.port)]
        self._process: subprocess.Popen[str] = subprocess.Popen(
            [sys.executable, "-m", "zhanggui", "host", *arguments],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            preexec_fn=limit,
        )

    def wait_until_ready(self) -> None:
        _read_ready(self._process.stdout)

    def end(self) -> int | None:
        """Ask it to end; its exit code, None when it does not end in time."""
        self._process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(END_WITHIN_S)
        return None

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


def _read_ready(stream: IO[str] | None) -> None:
    assert stream is not None
    if "ready" not in stream.readline():
        raise Fault("a program of the benchmark did not start; its message stands above")
