"""Bank and host of one data folder, for scenarios: in this process on a loop of their own, or as the real programs."""

import asyncio
import contextlib
import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar
from unittest.mock import patch

import msgspec
from pysqlite3 import dbapi2

from zhanggui.acquirer.rows.decision import Decision
from zhanggui.bank import queries as bank_queries
from zhanggui.bank.accounts import ScriptOrder
from zhanggui.bank.setup import open_vault, order_script
from zhanggui.basics.chance import SystemChance
from zhanggui.basics.clock import SystemClock
from zhanggui.basics.numbers import MerchantNo
from zhanggui.basics.secret import Secret
from zhanggui.cli.main import app
from zhanggui.edges.link import FrameLink
from zhanggui.host.acts import Act, ActRow, By, Command, SecretMaker, submit
from zhanggui.programs.bank import start_bank
from zhanggui.programs.data_folder import Places, passphrase_of
from zhanggui.programs.figures import start_figures
from zhanggui.programs.host import HostProgram
from zhanggui.programs.notices import start_notices
from zhanggui.programs.office import start_office
from zhanggui.programs.office_alone import start_office_alone
from zhanggui.programs.phones import start_phone_page
from zhanggui.programs.settings import (
    BankSection,
    DoorSection,
    HostSection,
    MetricsSection,
    OfficeSection,
    PhoneSection,
    Settings,
    WalletsSection,
    WebhooksSection,
)
from zhanggui.programs.terminal_door import start_terminal_door
from zhanggui.programs.wallets import start_wallets
from zhanggui.programs.window import answer_offices, open_window
from zhanggui.vault.software import SoftwareHsm

READY_WITHIN_S = 20.0
Row = dict[str, Any]
A = TypeVar("A")


class Records:
    """What a data folder holds, read beside the running programs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def host_rows(self, table: str) -> list[Row]:
        """All rows of a table of the host."""
        return _rows(Places(self.folder).host_database, table)

    def bank_rows(self, table: str) -> list[Row]:
        """All rows of a table of the bank."""
        return _rows(self.folder / "bank.db", table)

    def everything(self) -> dict[str, list[Row]]:
        """Every row of host and bank: two of these compare what happened between."""
        files = {"host": Places(self.folder).host_database, "bank": self.folder / "bank.db"}
        return {f"{name}.{table}": _rows(file, table) for name, file in files.items() for table in _tables(file)}

    def balance_fen(self, card_number: str) -> int:
        """What a test card's account holds."""
        return bank_queries.balance(self.folder, self._bank_vault, card_number)

    @cached_property
    def _bank_vault(self) -> SoftwareHsm:
        # Opened once: its passphrase is stretched, and that is slow on purpose.
        settings = Settings(data=str(self.folder))
        return open_vault(self.folder, passphrase_of(settings, Places(self.folder)), SystemChance())

    def order_script(self, card_number: str, order: ScriptOrder, value: int = 0) -> int:
        """Have the bank tell a chip something with its next answer to it; the script's number."""
        return order_script(self.folder, self._bank_vault, card_number, order, value, SystemClock().now())

    def bank_differences(self) -> list[str]:
        """What is wrong with the bank's books."""
        return bank_queries.differences(self.folder)


def _connect(file: Path) -> Any:
    return dbapi2.connect(f"{file.as_uri()}?mode=rw", uri=True)


def _tables(file: Path) -> list[str]:
    connection = _connect(file)
    try:
        return [
            name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1")
        ]
    finally:
        connection.close()


def _rows(file: Path, table: str) -> list[Row]:
    connection = _connect(file)
    try:
        cursor = connection.execute(f'SELECT * FROM "{table}"')
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in sorted(cursor, key=repr)]
    finally:
        connection.close()


def until(condition: Callable[[], bool], what: str, within_s: float = READY_WITHIN_S) -> None:
    """Look again and again until it is so; AssertionError, saying what was waited for, when it never is."""
    limit = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < limit, f"waited {within_s:.0f} s in vain: {what}"
        time.sleep(0.01)


class House(Records):
    """Bank and host in this process, on a thread with its own event loop, so that a test may use blocking sockets."""

    def __init__(
        self,
        folder: Path,
        *,
        bank_timeout_s: float = 45.0,
        slow_answer_s: float = 8.0,
        accept_older: bool = False,
        wallets_port: int = 0,
        private_webhooks: bool = False,
    ) -> None:
        """`wallets_port`: where the simulated wallets are served besides; 0: there are none. `private_webhooks`: to this machine too."""
        super().__init__(folder)
        self._accept_older = accept_older
        self.settings = Settings(
            data=str(folder),
            host=HostSection(port=0, bank_timeout_s=bank_timeout_s),
            bank=BankSection(port=0, slow_answer_s=slow_answer_s),
            wallets=WalletsSection(port=wallets_port or WalletsSection().port),
            webhooks=WebhooksSection(allow_private=private_webhooks),
        )
        self._has_wallets = bool(wallets_port)
        self.host_port = 0
        self._ready = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="house", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._bank, self._pages, self._wallets = AsyncExitStack(), AsyncExitStack(), AsyncExitStack()
        self._link: FrameLink | None = None
        self._program: HostProgram | None = None

    def start(self) -> "House":
        """Start; returns when the host listens and its line to the bank is up."""
        self._thread.start()
        assert self._ready.wait(READY_WITHIN_S), "bank and host did not start"
        if self._error is not None:
            raise self._error
        return self

    def stop(self) -> None:
        """Stop both; returns when they are gone."""
        if self._loop is not None and self._stopping is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(READY_WITHIN_S)
        assert not self._thread.is_alive(), "bank and host did not stop"
        if self._error is not None:
            raise self._error

    def stop_bank(self) -> None:
        """End the bank; returns when the host has lost its line to it."""
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(self._bank.aclose(), self._loop).result(READY_WITHIN_S)
        link = self._link
        assert link is not None
        until(lambda: not link.up.is_set(), "the host to notice")

    def stop_wallets(self) -> None:
        """End the wallets: whoever asks them hears nothing."""
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(self._wallets.aclose(), self._loop).result(READY_WITHIN_S)

    def start_wallets_again(self) -> None:
        """Serve them again, on the same port, until the house stops."""
        assert self._loop is not None
        again = start_wallets(self.settings, SystemClock(), SystemChance(), self._pages)
        asyncio.run_coroutine_threadsafe(again, self._loop).result(READY_WITHIN_S)

    def serve_phones(self) -> str:
        """Serve the pages for phones, on a port of their own, until the house stops; their address."""
        assert self._loop is not None
        program = self._program
        assert program is not None

        async def serve() -> str:
            settings = msgspec.structs.replace(self.settings, phone=PhoneSection(listen="127.0.0.1", port=0))
            return await start_phone_page(settings, program.host, SystemClock(), SystemChance(), self._pages)

        return asyncio.run_coroutine_threadsafe(serve(), self._loop).result(READY_WITHIN_S)

    def serve_terminal_door(self) -> str:
        """Serve the terminals' HTTP door, on a port of its own, until the house stops; its address."""
        assert self._loop is not None
        program = self._program
        assert program is not None

        async def serve() -> str:
            settings = msgspec.structs.replace(self.settings, door=DoorSection(listen="127.0.0.1", port=0))
            return await start_terminal_door(settings, program.host, self._pages)

        return asyncio.run_coroutine_threadsafe(serve(), self._loop).result(READY_WITHIN_S)

    def serve_office(self) -> str:
        """Serve the office, on a port of its own, until the house stops; its address."""
        assert self._loop is not None
        program = self._program
        assert program is not None

        async def serve() -> str:
            settings = msgspec.structs.replace(self.settings, office=OfficeSection(port=0))
            window = open_window(settings, program.host, program.keys, SystemChance(), self._pages)
            return await start_office(settings, program.host, program.keys, window, SystemClock(), self._pages)

        return asyncio.run_coroutine_threadsafe(serve(), self._loop).result(READY_WITHIN_S)

    def serve_office_alone(self) -> str:
        """Serve the office beside the host, as a program of its own does: it has the host's socket and no more; its address."""
        assert self._loop is not None
        program = self._program
        assert program is not None

        async def serve() -> str:
            chance = SystemChance()
            window = open_window(self.settings, program.host, program.keys, chance, self._pages)
            await answer_offices(self.settings, window, program.host, program.keys, chance, self._pages)
            settings = msgspec.structs.replace(self.settings, office=OfficeSection(port=0))
            page, has_host = await start_office_alone(settings, SystemClock(), chance, self._pages)
            assert has_host
            return page

        return asyncio.run_coroutine_threadsafe(serve(), self._loop).result(READY_WITHIN_S)

    def serve_figures(self) -> str:
        """Serve the host's figures, on a port of their own, until the house stops; their address."""
        assert self._loop is not None
        program = self._program
        assert program is not None

        async def serve() -> str:
            settings = msgspec.structs.replace(self.settings, metrics=MetricsSection(listen="127.0.0.1", port=0))
            return await start_figures(settings, program.host, self._pages)

        return asyncio.run_coroutine_threadsafe(serve(), self._loop).result(READY_WITHIN_S)

    def do(self, row: ActRow[A], asked: A, merchant_no: MerchantNo, by: By = None, reason: str = "") -> Secret | None:
        """Do an act in the running host, of the console where nobody else is named; what it shows this once. AssertionError when it is
        refused."""
        act = Act(row, asked, merchant_no, self.secrets, by, reason)
        done = self.submit(act)
        assert not done.reason, done.reason
        return act.shown

    @property
    def secrets(self) -> SecretMaker:
        """What makes the secrets of acts."""
        program = self._program
        assert program is not None
        return SecretMaker(lambda: program.keys, SystemChance())

    def submit(self, command: Command) -> Decision:
        """Do whatever it is in the running host."""
        assert self._loop is not None
        assert self._program is not None
        queue = self._program.host.queue
        return asyncio.run_coroutine_threadsafe(submit(command, queue), self._loop).result(READY_WITHIN_S)

    @property
    def public_key(self) -> bytes:
        """By which the host's checkpoints are checked."""
        assert self._program is not None
        return self._program.keys.public_key

    def look_at_jobs(self) -> None:
        """Do what is due of the host's durable jobs; returns when it is done."""
        assert self._loop is not None
        assert self._program is not None
        jobs = self._program.host.durable_jobs

        async def look() -> None:
            await jobs.look()
            for one in jobs.asked:
                await jobs.look_at(one)

        asyncio.run_coroutine_threadsafe(look(), self._loop).result(READY_WITHIN_S)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._error = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        async with AsyncExitStack() as stack:
            bank_port = await start_bank(
                self.settings, SystemClock(), SystemChance(), await stack.enter_async_context(self._bank)
            )
            if self._has_wallets:
                wallets = await stack.enter_async_context(self._wallets)
                await start_wallets(self.settings, SystemClock(), SystemChance(), wallets)
            bank = msgspec.structs.replace(self.settings.bank, port=bank_port)
            program = HostProgram(
                msgspec.structs.replace(self.settings, bank=bank),
                SystemClock(),
                SystemChance(),
                accept_older=self._accept_older,
            )
            stack.push_async_callback(program.stop)
            await stack.enter_async_context(self._pages)
            self.host_port = await program.start()
            await start_notices(program.host, program.hsm, program.keys, "127.0.0.1", SystemClock(), stack)
            self._link, self._program = program.host.bank.link, program
            await asyncio.wait_for(self._link.up.wait(), READY_WITHIN_S)
            # The host plans its nightly jobs a moment after it listens: a test that compares rows would see them come.
            await program.host.durable_jobs.look()
            self._ready.set()
            await self._stopping.wait()


class HouseProcesses(Records):
    """`zhanggui bank`, `host` and `wallets` as real processes; their logs are files beside the data."""

    def __init__(
        self,
        folder: Path,
        host_port: int,
        bank_port: int,
        wallets_port: int = 0,
        variables: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """`variables`: settings of all programs and commands, as the environment has them."""
        super().__init__(folder)
        self.host_port, self.bank_port = host_port, bank_port
        self._variables = {**variables, **({"ZHANGGUI_WALLETS_PORT": str(wallets_port)} if wallets_port else {})}
        self.logs = folder.parent / f"{folder.name}-logs"
        self.logs.mkdir(exist_ok=True)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start_bank(self) -> None:
        """Start the bank; returns when it listens."""
        self._start("bank", "bank_ready", "--port", str(self.bank_port))

    def start_host(self) -> None:
        """Start the host; returns when it listens and its line to the bank is up."""
        self._start("host", "host_ready", "--port", str(self.host_port), "--bank-port", str(self.bank_port))
        until(lambda: bool(self.logged("host", "line_up")), "the line from host to bank")

    def start_wallets(self) -> None:
        """Start the simulated wallets, before the host that is to know them; returns when they listen."""
        self._start("wallets", "wallets_ready")

    def start_office(self, port: int) -> str:
        """Start the office alone, beside a host that may run or not; its address."""
        self._start("office", "office_ready", "--port", str(port))
        address: str = self.logged("office", "office_ready")[0]["address"]
        return address

    def refused(self, name: str, *options: str) -> str:
        """Start a program that must not begin; what it says in English."""
        words = _command(name, "--data", str(self.folder), "--lang", "en", *options)
        ended = subprocess.run(
            words, env=_environment() | self._variables, capture_output=True, timeout=READY_WITHIN_S, check=False
        )
        assert ended.returncode != 0
        return ended.stderr.decode()

    def kill(self, name: str) -> None:
        """SIGKILL to one of them by its name: nothing is told, nothing is finished."""
        process = self._running.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait(READY_WITHIN_S)

    def stop(self) -> None:
        """SIGTERM to whatever runs; each must end with exit code 0."""
        codes = {}
        for name, process in reversed(self._running.items()):
            process.terminate()
            codes[name] = process.wait(READY_WITHIN_S)
        self._running.clear()
        assert set(codes.values()) <= {0}, codes

    def logged(self, name: str, event: str, *, least: int = 0) -> list[Row]:
        """The log entries of this event, of the latest run of `host` or `bank`, once there are so many: an answer may be here before them."""
        if least:
            until(lambda: len(self.logged(name, event)) >= least, f"{least} entries '{event}' in the log of the {name}")
        lines = self._log(name).read_text(encoding="utf-8").splitlines()
        # The last line may be half written.
        entries = [msgspec.json.decode(line) for line in lines if line.startswith("{") and line.endswith("}")]
        return [entry for entry in entries if entry["event"] == event]

    def log_text(self, name: str) -> str:
        """All that `host` or `bank` wrote in its latest run."""
        return self._log(name).read_text(encoding="utf-8")

    def command(self, *words: str) -> Any:
        """Run a command with `--json` over this folder; the answer is what it printed.

        In this process, beside the host's: loading its rooms anew is nearly all that a command costs. What is the process's own (exit
        codes, streams, words of misuse) is for `tests/unit/cli` and `test_cli_failures.py`.
        """
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), patch.dict(os.environ, self._variables):
            app(
                [*words, "--data", str(self.folder), "--json"],
                exit_on_error=False,
                print_error=False,
                result_action="return_value",
            )
        return msgspec.json.decode(printed.getvalue())

    def _log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def _start(self, name: str, ready: str, *options: str) -> None:
        with self._log(name).open("wb") as log:
            process = subprocess.Popen(
                _command(name, "--data", str(self.folder), *options),
                env=_environment() | self._variables,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        self._running[name] = process
        until(lambda: process.poll() is not None or bool(self.logged(name, ready)), f"{name} to be ready")
        assert process.poll() is None, self.log_text(name)


def _command(*words: str) -> list[str]:
    return [sys.executable, "-c", "from zhanggui.cli.main import main; main()", *words]


def _environment() -> dict[str, str]:
    root = Path(__file__).parents[2]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ZHANGGUI_")}
    return kept | {"PYTHONPATH": str(root / "src"), "PYTHONUNBUFFERED": "1"}
