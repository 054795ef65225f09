"""The programs of one data folder as real processes: everything with `up`, or bank, host and terminals each by itself."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from tests.browser.moved_clock import AHEAD_FILE

READY_WITHIN_S = 60.0
ENDS_WITHIN_S = 15.0
ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"


class Program:
    """One command of zhanggui, running until it is stopped or killed. `module` is what stands in for zhanggui's own main."""

    def __init__(self, *arguments: str, environment: Mapping[str, str] | None = None, module: str = "zhanggui") -> None:
        path = os.pathsep.join((str(SOURCE), str(ROOT)))
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env=os.environ | {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1"} | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._lines: Queue[str | None] = Queue()
        self.said: list[str] = []
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def wait_until_ready(self, within_s: float = READY_WITHIN_S) -> None:
        """Wait for the line that begins with `ready`; fail with what was said instead."""
        while True:
            try:
                line = self._lines.get(timeout=within_s)
            except Empty:
                line = None
            if line is None:
                self.kill()
                raise AssertionError("no ready line; it said: " + "".join(self.said))
            self.said.append(line)
            if line.startswith("ready"):
                return

    def stop(self) -> int:
        """Ask it to end, as SIGTERM does; the answer is its exit code."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError("it did not end after SIGTERM") from None
        finally:
            self._close()

    def kill(self) -> None:
        """SIGKILL: no time to tidy up."""
        self._process.kill()
        self._process.wait()
        self._close()

    def _close(self) -> None:
        self._listener.join(ENDS_WITHIN_S)
        if self._process.stdout is not None:
            self._process.stdout.close()


class Shop:
    """A data folder, its five ports, and what runs on it."""

    def __init__(
        self,
        folder: Path,
        host_port: int,
        bank_port: int,
        page_port: int,
        wallets_port: int,
        office_port: int,
        door_port: int,
    ) -> None:
        self.folder = folder
        self.page = f"http://127.0.0.1:{page_port}"
        self.wallets = f"http://127.0.0.1:{wallets_port}"
        self.office = f"http://127.0.0.1:{office_port}"
        self._ports = {
            "host": host_port,
            "bank": bank_port,
            "page": page_port,
            "wallets": wallets_port,
            "office": office_port,
            "door": door_port,
        }
        self._programs: dict[str, Program] = {}
        self._ahead_file = folder.parent / "clock-ahead-s"
        self._ahead_s = 0
        self._module = "zhanggui"
        self._environment: dict[str, str] = {}

    def open(self, *, slow_answer_s: float = 8.0, clock_moves: bool = False, phone_port: int = 0) -> "Shop":
        """`zhanggui up`: bank, wallets, host and terminals in one process. With `clock_moves`, `let_pass` makes it later for all; with
        `phone_port` there is a page for phones."""
        ports = [part for name, port in self._ports.items() for part in (f"--{name}-port", str(port))]
        environment = {"ZHANGGUI_BANK_SLOW_ANSWER_S": str(slow_answer_s)}
        if phone_port:
            environment |= {"ZHANGGUI_PHONE_LISTEN": "127.0.0.1", "ZHANGGUI_PHONE_PORT": str(phone_port)}
        if clock_moves:
            self._let_clocks_move()
        self._start("up", "up", "--data", str(self.folder), *ports, environment=environment)
        return self

    def _let_clocks_move(self) -> None:
        self.let_pass(seconds=0)
        self._environment = {AHEAD_FILE: str(self._ahead_file)}
        self._module = "tests.browser.moved_clock"

    def open_apart(self, *, with_wallets: bool = False, clock_moves: bool = False) -> "Shop":
        """Bank, host and terminals (and wallets) as processes of their own, so that one can be killed."""
        if clock_moves:
            self._let_clocks_move()
        if with_wallets:
            # First: the host shares a key with wallets that it finds.
            self._start("wallets", "wallets", "--data", str(self.folder), "--port", str(self._ports["wallets"]))
        self.start_host()
        self._start("bank", "bank", "--data", str(self.folder), "--port", str(self._ports["bank"]))
        self.start_terminals()
        return self

    def start_terminals(self) -> None:
        """The terminals alone."""
        page, host = str(self._ports["page"]), str(self._ports["host"])
        self._start("terminal", "terminal", "--data", str(self.folder), "--port", page, "--host-port", host)

    def open_to_others(self) -> "Shop":
        """`zhanggui up` with its page on every address of the machine."""
        ports = [part for name, port in self._ports.items() for part in (f"--{name}-port", str(port))]
        self.page = self.page.replace("http://", "https://")
        everywhere = {"ZHANGGUI_TERMINAL_LISTEN": "0.0.0.0"}
        self._start("up", "up", "--data", str(self.folder), *ports, environment=everywhere)
        return self

    def said(self, name: str) -> str:
        """What a program wrote on the console until it was ready."""
        return "".join(self._programs[name].said)

    def start_host(self) -> None:
        """The host alone."""
        host, bank = str(self._ports["host"]), str(self._ports["bank"])
        at = {"ZHANGGUI_WALLETS_PORT": str(self._ports["wallets"])}
        self._start("host", "host", "--data", str(self.folder), "--port", host, "--bank-port", bank, environment=at)

    def let_pass(self, seconds: int) -> None:
        """Put the wall clocks of a shop with `clock_moves` forward, all at once."""
        self._ahead_s += seconds
        fresh = self._ahead_file.with_suffix(".fresh")
        fresh.write_text(str(self._ahead_s), encoding="ascii")
        # Whoever looks at the clock meanwhile finds the old seconds or the new ones, never half of them.
        fresh.replace(self._ahead_file)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """What stands in a table of the host's database, in the order of their numbers."""
        with contextlib.closing(sqlite3.connect(f"file:{self.folder}/host/host.db?mode=ro", uri=True)) as store:
            store.row_factory = sqlite3.Row
            return [dict(row) for row in store.execute(f"SELECT * FROM {table} ORDER BY 1, 2")]

    def kill(self, name: str) -> None:
        """SIGKILL for one program: `up`, `host`, `bank`, `terminal`."""
        self._programs.pop(name).kill()

    def close(self) -> None:
        """End what runs; each must end with exit code 0."""
        codes = {name: program.stop() for name, program in self._programs.items()}
        self._programs.clear()
        assert set(codes.values()) <= {0}, codes

    def _start(self, name: str, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        program = Program(*arguments, environment=self._environment | dict(environment or {}), module=self._module)
        self._programs[name] = program
        program.wait_until_ready()
