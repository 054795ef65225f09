"""Data of an earlier version: a power cut long ago, a newer program today, and nothing is lost.

The folder of commit be9ad4d has a sale in doubt at terminal 10000003 (`tests/fixtures/old_data/README.md`).
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pysqlite3 import dbapi2
from tests.conftest import Ports
from tests.worlds.crash_house import House
from tests.worlds.old_data import OLD_DATA, unpack

from zhanggui.edges.sqlite_backup import Migrating
from zhanggui.store.schema import NEWEST, prepare

pytestmark = pytest.mark.processes

TERMINAL, IN_DOUBT = "10000003", "000008"
PLANTED = "9000"
_CUT = """
import os, signal, sys
from pathlib import Path
from zhanggui.store import schema
schema._MIGRATIONS, schema.NEWEST = Path(sys.argv[2]), "9000"
schema.prepare(sys.argv[1])
"""
_MIGRATION = """
import os, signal
from alembic import op
revision, down_revision = "9000", "{before}"

def upgrade():
    op.execute("ALTER TABLE payments ADD COLUMN planted TEXT NOT NULL DEFAULT ''")
    op.execute("UPDATE payments SET planted = 'changed', amount_fen = amount_fen + 1")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(params=OLD_DATA, ids=lambda archive: archive.name.partition(".")[0])
def data(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    archive: Path = request.param
    return unpack(archive, tmp_path)


def version_in(database: Path) -> str:
    connection = dbapi2.connect(str(database))
    try:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])
    finally:
        connection.close()


def everything_in(database: Path) -> dict[str, list[tuple[object, ...]]]:
    connection = dbapi2.connect(str(database))
    try:
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        found = {name: sorted(connection.execute(f'SELECT * FROM "{name}"')) for (name,) in tables}
        found["schema"] = sorted(connection.execute("SELECT name, sql FROM sqlite_schema"), key=str)
        return found
    finally:
        connection.close()


def zhanggui(*arguments: str) -> subprocess.CompletedProcess[str]:
    # A bare environment: what a person has set at home must not reach a test.
    program = [sys.executable, "-m", "zhanggui", *arguments]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), "NO_COLOR": "1"}
    return subprocess.run(program, capture_output=True, text=True, timeout=100, check=False, env=environment)


async def test_the_reversal_that_was_pending_goes_out_and_all_three_books_agree(data: Path, ports: Ports) -> None:
    async with House(data, ports) as house:
        await house.open_shop()
        await house.start_terminal(TERMINAL)
        async with house.cashier(TERMINAL) as cashier:
            await cashier.sign_in()
            assert await cashier.sell(12_00) == "approved"
        sent = [(seen.mti, seen.trace_no) for seen in house.terminal_wire.sent("0200", "0400")]
        books = await house.close_up()

    assert ("0400", IN_DOUBT) in sent
    assert sent.index(("0400", IN_DOUBT)) < [mti for mti, _ in sent].index("0200")
    assert books.states((TERMINAL, "000001", IN_DOUBT)) == ("reversed", "reversed", "reversed")
    assert version_in(data / "host" / "host.db") == NEWEST
    audited = await asyncio.to_thread(zhanggui, "audit", "verify", "--data", str(data))
    assert audited.returncode == 0, audited.stdout + audited.stderr
    looked = await asyncio.to_thread(zhanggui, "doctor", "--json", "--data", str(data))
    states = {finding["item"]: finding["state"] for finding in json.loads(looked.stdout)}
    assert (states["host database"], states["bank books"]) == ("ok", "ok")


def test_a_migration_tells_how_far_it_is_and_leaves_the_file_as_it_was_beside_it(data: Path, tmp_path: Path) -> None:
    database = data / "host" / "host.db"
    before, version = everything_in(database), version_in(database)
    steps: list[Migrating] = []

    plant(tmp_path, deadly=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("zhanggui.store.schema._MIGRATIONS", tmp_path / "migrations")
        patch.setattr("zhanggui.store.schema.NEWEST", PLANTED)
        prepare(str(database), steps.append)

    copy = database.with_name(f"host.db.before-{PLANTED}")
    assert version_in(database) == PLANTED
    assert (everything_in(copy), version_in(copy)) == (before, version)
    assert copy.stat().st_mode & 0o077 == 0
    assert [step.version for step in steps][-1] == PLANTED
    assert {step.newest for step in steps} == {PLANTED}
    assert {step.backup for step in steps} == {str(copy)}


def test_a_power_cut_in_the_middle_of_a_migration_leaves_all_as_it_was(data: Path, tmp_path: Path) -> None:
    database = data / "host" / "host.db"
    before = everything_in(database)
    plant(tmp_path, deadly=True)

    cut = subprocess.run(
        [sys.executable, "-c", _CUT, str(database), str(tmp_path / "migrations")],
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
        timeout=100,
    )

    assert cut.returncode == -signal.SIGKILL
    assert everything_in(database) == before
    prepare(str(database))
    assert version_in(database) == NEWEST
    assert not list(database.parent.glob("*.part"))


def plant(folder: Path, *, deadly: bool) -> None:
    """A migration after the newest one, which changes rows and is killed before its transaction ends."""
    from zhanggui.store import schema

    migrations = folder / "migrations"
    (migrations / "versions").mkdir(parents=True)
    for source in (*schema._MIGRATIONS.glob("*.py"), *schema._MIGRATIONS.glob("versions/*.py")):
        (migrations / source.relative_to(schema._MIGRATIONS)).write_text(source.read_text(encoding="utf-8"))
    text = _MIGRATION.format(before=schema.NEWEST)
    if not deadly:
        text = text.replace("    os.kill(os.getpid(), signal.SIGKILL)\n", "")
    (migrations / "versions" / "v9000_planted.py").write_text(text)
