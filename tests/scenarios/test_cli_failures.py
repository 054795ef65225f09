"""Commands as real processes: each mistake is one clear message and an exit code, each signal a clean end with nothing left."""

import contextlib
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import Ports

pytestmark = pytest.mark.processes

ROOT = Path(__file__).parents[2]
WITHIN_S = 30.0
MISUSE, FAULT = 2, 1


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ZHANGGUI_")}
    return kept | {"PYTHONPATH": str(ROOT / "src"), "PYTHONUNBUFFERED": "1", "ZHANGGUI_LANG": "en"} | more


def command(*words: str) -> list[str]:
    return [sys.executable, "-c", "from zhanggui.cli.main import main; main()", *words]


def complaint(folder: Path, *words: str, code: int, **more: str) -> str:
    """Run a command that must fail with this exit code; the answer is its one message."""
    done = subprocess.run(
        command(*words),
        cwd=folder,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    # The log of `host` and `bank` goes to standard error too, as JSON lines.
    said = [line for line in done.stderr.splitlines() if not line.startswith("{")]
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert len(said) == 1, said
    assert said[0].startswith("zhanggui: ")
    return said[0].removeprefix("zhanggui: ")


@pytest.fixture
def ports_of(ports: Ports) -> dict[str, list[str]]:
    """Port options for each program, all free."""
    host, bank, page, wallets, office, door = (str(ports.take()) for _ in range(6))
    return {
        "bank": ["--port", bank],
        "host": ["--port", host, "--bank-port", bank],
        "wallets": ["--port", wallets],
        "up": [
            *("--host-port", host, "--bank-port", bank, "--page-port", page),
            *("--wallets-port", wallets, "--office-port", office, "--door-port", door),
        ],
    }


# ------------------------------------------------------------------------------------------------------------ mistakes


@pytest.mark.parametrize(
    ("program", "option"),
    [
        *((program, "--port") for program in ("host", "bank", "wallets")),
        *(("up", f"--{name}-port") for name in ("host", "bank", "page", "wallets", "office", "door")),
    ],
)
def test_a_busy_port_is_named_with_what_to_do(
    program: str, option: str, demo_folder: Path, ports_of: dict[str, list[str]]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        options = ports_of[program]
        options[options.index(option) + 1] = port
        said = complaint(demo_folder.parent, program, "--data", str(demo_folder), *options, code=MISUSE)
    assert port in said
    assert "port" in said


@pytest.mark.parametrize("program", ["up", "demo-data"])
def test_a_folder_that_cannot_be_written_is_named_with_what_to_do(program: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    said = complaint(tmp_path, program, "--data", str(tmp_path / "file" / "data"), code=MISUSE)
    assert str(tmp_path / "file") in said
    assert "--data DIR" in said


@pytest.mark.parametrize("program", ["host", "bank", "signins", "keys list"])
def test_a_folder_without_data_is_named_with_what_to_do(program: str, tmp_path: Path) -> None:
    said = complaint(tmp_path, *program.split(), "--data", str(tmp_path / "none"), code=MISUSE)
    assert str(tmp_path / "none") in said
    assert "zhanggui demo-data" in said
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("program", "file", "damage"),
    [
        ("host", "host/host.db", "garbage"),
        ("host", "host/host.db", "cut"),
        ("bank", "bank.db", "garbage"),
        ("up", "host/host.db", "garbage"),
    ],
)
def test_a_damaged_database_is_named_with_what_to_do(
    program: str, file: str, damage: str, demo_folder: Path, ports_of: dict[str, list[str]]
) -> None:
    path = demo_folder / file
    for rest in path.parent.glob(path.name + "-*"):
        rest.unlink()
    path.write_bytes(b"\x00garbage\xff" * 2000 if damage == "garbage" else path.read_bytes()[:5000])
    before = path.read_bytes()
    said = complaint(demo_folder.parent, program, "--data", str(demo_folder), *ports_of[program], code=FAULT)
    assert str(path) in said
    assert "damaged" in said
    assert "backup" in said
    assert path.read_bytes() == before


def test_an_unknown_setting_is_named_wherever_it_stands(tmp_path: Path) -> None:
    assert "'host.prot'" in complaint(tmp_path, "host", code=MISUSE, ZHANGGUI_HOST_PROT="1")
    (tmp_path / "zhanggui.toml").write_text("[host]\nprot = 1\n")
    assert "'host.prot' (zhanggui.toml)" in complaint(tmp_path, "host", code=MISUSE)
    (tmp_path / "zhanggui.toml").write_text('[host]\nport = "many"\n')
    assert "$.host.port" in complaint(tmp_path, "host", code=MISUSE)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--colour"], "--colour"),
        (["host", "--prot", "1"], "--prot"),
        (["host", "--port", "many"], "many"),
        (["decode", "nonsense"], "hexadecimal"),
        (["tour", "--model", "abacus"], "abacus"),
    ],
)
def test_a_wrong_word_on_the_command_line_is_named(words: list[str], named: str, tmp_path: Path) -> None:
    assert named in complaint(tmp_path, *words, code=MISUSE)


def test_a_second_host_on_the_same_data_is_turned_away(demo_folder: Path, ports_of: dict[str, list[str]]) -> None:
    words = ("host", "--data", str(demo_folder), *ports_of["host"])
    with running(demo_folder.parent, *words) as first:
        first.read_until("ready")
        assert "a host is running" in complaint(demo_folder.parent, *words, code=MISUSE)


def test_a_wrong_passphrase_is_told_and_not_shown(demo_folder: Path) -> None:
    said = complaint(demo_folder.parent, "host", "--data", str(demo_folder), code=MISUSE, ZHANGGUI_PASSPHRASE="hunter2")
    assert "passphrase" in said
    assert "hunter2" not in said


def test_data_that_were_not_finished_are_told(demo_folder: Path) -> None:
    (demo_folder / "complete").unlink()
    assert "not finished" in complaint(demo_folder.parent, "up", "--data", str(demo_folder), code=MISUSE)


def test_demo_data_are_never_written_over(demo_folder: Path) -> None:
    assert "not overwritten" in complaint(demo_folder.parent, "demo-data", "--data", str(demo_folder), code=MISUSE)


# ------------------------------------------------------------------------------------------------------------- signals


class Running:
    """A program in a session of its own, so that everything it might leave behind can be found."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.process = subprocess.Popen(
            command(*words),
            cwd=folder,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.printed = ""

    def read_until(self, word: str) -> None:
        """Read standard output until a word stands there."""
        assert self.process.stdout is not None
        limit = time.monotonic() + WITHIN_S
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while word not in self.printed:
                assert selector.select(limit - time.monotonic()), f"no '{word}' in {WITHIN_S:.0f} s: {self.printed}"
                read = os.read(self.process.stdout.fileno(), 65_536)
                assert read, f"it ended: {self.printed}"
                self.printed += read.decode()

    def left_behind(self) -> bool:
        """Whether a process of its group still lives."""
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        return True


@contextlib.contextmanager
def running(folder: Path, *words: str) -> Iterator[Running]:
    program = Running(folder, *words)
    try:
        yield program
    finally:
        if program.process.poll() is None:
            os.killpg(program.process.pid, signal.SIGKILL)
        program.process.communicate()


@pytest.mark.parametrize("program", ["host", "bank", "up"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_signal_ends_a_program_with_exit_code_0_and_nothing_left(
    program: str, number: signal.Signals, demo_folder: Path, ports_of: dict[str, list[str]]
) -> None:
    with running(demo_folder.parent, program, "--data", str(demo_folder), *ports_of[program]) as running_program:
        running_program.read_until("ready")
        running_program.process.send_signal(number)
        assert running_program.process.wait(WITHIN_S) == 0
        assert not running_program.left_behind()
        # Ports and locks are free: it starts again over the same data.
    with running(demo_folder.parent, program, "--data", str(demo_folder), *ports_of[program]) as again:
        again.read_until("ready")


def test_a_signal_to_a_host_with_a_terminal_on_the_line_ends_it(
    demo_folder: Path, ports_of: dict[str, list[str]]
) -> None:
    with running(demo_folder.parent, "host", "--data", str(demo_folder), *ports_of["host"]) as host:
        host.read_until("ready")
        with socket.create_connection(("127.0.0.1", int(ports_of["host"][1]))) as line:
            line.sendall(b"\x00\x10half")
            host.process.send_signal(signal.SIGTERM)
            assert host.process.wait(WITHIN_S) == 0


def test_a_signal_while_demo_data_are_made_ends_it_too(tmp_path: Path, ports_of: dict[str, list[str]]) -> None:
    with running(tmp_path, "up", "--data", str(tmp_path / "data"), *ports_of["up"]) as first_start:
        first_start.read_until("\n")
        first_start.process.send_signal(signal.SIGTERM)
        assert first_start.process.wait(WITHIN_S) == 0
        assert not first_start.left_behind()
