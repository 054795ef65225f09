"""What a program holds in memory does not come to the disk when it breaks: looked at in a real process that was allowed to dump."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from resource import RLIMIT_CORE, getrlimit, setrlimit

import pytest

SRC = Path(__file__).parents[3] / "src"
PROGRAM = """
import asyncio, ctypes, resource
from zhanggui.programs.run import run_until_stopped

async def start(stack):
    dumpable = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)
    print(resource.getrlimit(resource.RLIMIT_CORE)[0], dumpable, flush=True)

asyncio.run(run_until_stopped(start, core_dumps={allowed}))
"""


def allow() -> None:
    setrlimit(RLIMIT_CORE, (getrlimit(RLIMIT_CORE)[1],) * 2)


def started(folder: Path, allowed: bool) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(allowed=allowed)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(SRC)},
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=allow,
    )


@pytest.mark.processes
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="prctl is Linux")
def test_a_program_that_breaks_leaves_no_core_dump(tmp_path: Path) -> None:
    with started(tmp_path, allowed=False) as process:
        assert process.stdout is not None
        assert process.stdout.readline().split() == ["0", "0"]
        process.send_signal(signal.SIGSEGV)
        _, status = os.waitpid(process.pid, 0)
    assert os.WIFSIGNALED(status)
    assert not os.WCOREDUMP(status)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.processes
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="prctl is Linux")
def test_who_asks_for_dumps_gets_what_the_system_allows(tmp_path: Path) -> None:
    with started(tmp_path, allowed=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().split() == [str(getrlimit(RLIMIT_CORE)[1]), "1"]
        process.send_signal(signal.SIGTERM)
    assert process.returncode == 0
