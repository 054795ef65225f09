"""The programs of this project as processes of their own: started, awaited, killed, ended."""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
READY_WITHIN_S = 40.0
"""A start takes a second; on a machine that is busy with other tests it may take many."""
END_WITHIN_S = 40.0
REAL = ("-c", "from zhanggui.cli.main import main; main()")
"""What the console script `zhanggui` does."""


class Program:
    """One running program. Its output stands in `log`, which is shown when something goes wrong."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name = name
        self.ready_line = ""
        self._process = process
        self._log = log

    @classmethod
    async def start(
        cls, name: str, arguments: Sequence[str], log: Path, *, doom: str = "", environment: dict[str, str] | None = None
    ) -> "Program":
        """Start `zhanggui NAME …` and wait until it says that it is ready.

        With `doom` it is the doomed make of this program (doomed_NAME.py), which kills itself at that point.
        """
        script = (str(HERE / f"doomed_{name}.py"), doom) if doom else REAL
        variables = {key: value for key, value in os.environ.items() if not key.startswith("ZHANGGUI_")}
        variables |= {"PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))} | (environment or {})
        with log.open("ab") as errors:
            process = await asyncio.create_subprocess_exec(
                sys.executable, *script, name, *arguments, stdout=asyncio.subprocess.PIPE, stderr=errors, env=variables
            )
        program = cls(name, process, log)
        assert process.stdout is not None
        try:
            async with asyncio.timeout(READY_WITHIN_S):
                while "ready" not in program.ready_line:
                    line = await process.stdout.readline()
                    if not line:
                        await process.wait()
                        # A doomed program may die before it is ready: while it recovers.
                        assert doom and process.returncode == -signal.SIGKILL, program.told("did not start")
                        return program
                    program.ready_line = line.decode()
        except TimeoutError:
            program.kill()
            raise AssertionError(program.told("was not ready in time")) from None
        return program

    @property
    def alive(self) -> bool:
        """Whether the process is there."""
        return self._process.returncode is None

    def kill(self) -> None:
        """kill -9."""
        if self.alive:
            self._process.kill()

    async def died(self) -> None:
        """Wait until the program was killed, by itself or from outside; any other end is a failure."""
        code = await self._end()
        assert code == -signal.SIGKILL, self.told(f"ended with {code} where it was to be killed")

    async def stop(self) -> None:
        """End it as a service manager does, and see that it ends cleanly."""
        if self.alive:
            self._process.terminate()
        code = await self._end()
        assert code == 0, self.told(f"ended with {code} after SIGTERM")

    async def ended(self) -> None:
        """Wait until the process is gone, however it went."""
        await self._process.wait()

    async def remove(self) -> None:
        """Make sure that nothing is left of it, whatever happened."""
        self.kill()
        await self._end()

    def told(self, what: str) -> str:
        """What went wrong, with the last lines of the log."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return f"the {self.name} {what}; its log ends with\n" + "\n".join(lines[-25:])

    async def _end(self) -> int:
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(END_WITHIN_S):
                # The pipe is read to its end, so that its transport closes before the loop does.
                await self._process.stdout.read()
                return await self._process.wait()
        except TimeoutError:
            self.kill()
            raise AssertionError(self.told("neither ended nor died in time")) from None
