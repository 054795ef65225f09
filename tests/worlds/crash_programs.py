"""The programs of this project as processes of their own: started, awaited, killed, ended.

A program is the whole `zhanggui NAME …` in a process that nothing else runs in. These processes are forked from a nursery
that has imported everything already and done nothing else: a start costs a tenth of a second in place of one.
"""

import asyncio
import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from unittest import mock

READY_WITHIN_S = 40.0
"""A start takes a moment; on a machine that is busy with other tests it may take many."""
END_WITHIN_S = 40.0
ROOT = Path(__file__).parents[2]
NURSERY = multiprocessing.get_context("forkserver")
IMPORTED = (
    *(f"tests.crash.doomed_{name}" for name in ("bank", "host", "terminal")),
    "zhanggui.store.sqlite",
    "zhanggui.terminal.page.server",
    "uvicorn.protocols.websockets.websockets_sansio_impl",
)


def open_nursery() -> None:
    """Start the process from which the programs are forked, unless it runs. It looks for modules where PYTHONPATH says."""
    NURSERY.set_forkserver_preload(list(IMPORTED))
    path = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
    with mock.patch.dict(os.environ, {"PYTHONPATH": path}):
        forkserver.ensure_running()


def run_program(
    name: str, arguments: Sequence[str], doom: str, variables: Mapping[str, str], output: Connection, log: Path
) -> None:
    """Be `zhanggui NAME ARGUMENTS…`, or its doomed make; runs in the new process."""
    missing = [module for module in IMPORTED if module not in sys.modules]
    assert not missing, f"the nursery did not import {missing}"
    os.dup2(output.fileno(), sys.stdout.fileno())
    output.close()
    errors = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(errors, sys.stderr.fileno())
    for set_one in [key for key in os.environ if key.startswith("ZHANGGUI_")]:
        del os.environ[set_one]
    os.environ.update(variables)
    sys.argv = ["zhanggui", name, *arguments]
    if doom:
        import_module(f"tests.crash.doomed_{name}").run(doom)
    else:
        import_module("zhanggui.cli.main").main()


class Program:
    """One running program. What it logs stands in `log`, which is shown when something goes wrong."""

    def __init__(self, name: str, process: ForkServerProcess, log: Path) -> None:
        self.name = name
        self.ready = False
        """False for a doomed program that died while it started."""
        self._process = process
        self._log = log
        self._gone = asyncio.Event()
        loop = asyncio.get_running_loop()

        def gone() -> None:
            loop.remove_reader(process.sentinel)
            process.join()
            self._gone.set()

        loop.add_reader(process.sentinel, gone)

    @classmethod
    async def start(
        cls,
        name: str,
        arguments: Sequence[str],
        log: Path,
        *,
        doom: str = "",
        variables: Mapping[str, str] | None = None,
    ) -> "Program":
        """Start it and wait until it says that it is ready. With `doom` it is the make of doomed_NAME.py."""
        ours, its = NURSERY.Pipe(duplex=False)
        process = NURSERY.Process(
            target=run_program, args=(name, tuple(arguments), doom, dict(variables or {}), its, log), daemon=True
        )
        open_nursery()
        process.start()
        its.close()
        program = cls(name, process, log)
        said = asyncio.create_task(program._first_line(ours))
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                program.ready = "ready" in await said
        except TimeoutError:
            raise AssertionError(program.told("was not ready in time")) from None
        finally:
            if not program.ready:
                program.kill()
                await program.ended()
        assert program.ready or (doom and process.exitcode == -signal.SIGKILL), program.told("did not start")
        return program

    @property
    def alive(self) -> bool:
        """Whether the process is there."""
        return not self._gone.is_set()

    def kill(self) -> None:
        """kill -9."""
        if self.alive:
            self._process.kill()

    async def gone(self) -> None:
        """Wait until the process is gone, however long it works."""
        await self._gone.wait()

    async def ended(self) -> int:
        """Wait for the end that is due; the answer is its exit code, or minus a signal."""
        try:
            async with asyncio.timeout(END_WITHIN_S):
                await self.gone()
        except TimeoutError:
            self.kill()
            raise AssertionError(self.told("neither ended nor died in time")) from None
        assert self._process.exitcode is not None
        return self._process.exitcode

    async def died(self) -> None:
        """Wait until the program was killed, by itself or from outside; any other end is a failure."""
        code = await self.ended()
        assert code == -signal.SIGKILL, self.told(f"ended with {code} where it was to be killed")

    async def stop(self) -> None:
        """End it as a service manager does, and see that it ends cleanly."""
        if self.alive:
            self._process.terminate()
        code = await self.ended()
        assert code == 0, self.told(f"ended with {code} after SIGTERM")

    async def remove(self) -> None:
        """Make sure that nothing is left of it, whatever happened."""
        self.kill()
        await self.ended()

    def told(self, what: str) -> str:
        """What went wrong, with the last lines of the log."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines() if self._log.exists() else []
        return f"the {self.name} {what}; its log ends with\n" + "\n".join(lines[-25:])

    @staticmethod
    async def _first_line(output: Connection) -> str:
        """What it says first; empty when it ended without a word. Whatever it says later is not read."""
        reader = asyncio.StreamReader()
        with os.fdopen(os.dup(output.fileno()), "rb") as pipe:
            output.close()
            transport, _ = await asyncio.get_running_loop().connect_read_pipe(
                lambda: asyncio.StreamReaderProtocol(reader), pipe
            )
            line = await reader.readline()
            transport.close()
        return line.decode()
