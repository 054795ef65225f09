"""Pure rooms take time and chance as arguments and touch no file, socket or thread; import laws see only half of it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.worlds.syntax import tree_of

HOUSE = Path(__file__).parents[2] / "src" / "zhanggui"

PURE_ROOMS = ("iso8583", "vault", "cup", "acquirer", "terminal/flow")
PURE_MODULES = (
    "host/networks/waiting.py",
    "host/networks/telling.py",
    "bank/ledger.py",
    "bank/scripts.py",
    "bank/card_checks.py",
    "wallets/paying.py",
    "wallets/undoing.py",
    "wallets/phone_acts.py",
)
"""Rules and machines about money in rooms that are not pure: held to the same."""
ADAPTERS = ("vault/keyfile.py",)
"""Where the vault's keys rest on the disk: the one impure module of a pure room. Only shells import it."""

# fmt: off
WORLD = frozenset({
    "asyncio", "concurrent", "glob", "http", "logging", "mmap", "multiprocessing", "os", "pathlib", "queue", "random",
    "sched", "secrets", "select", "selectors", "shelve", "shutil", "signal", "socket", "socketserver", "sqlite3", "ssl",
    "subprocess", "sys", "tempfile", "threading", "time", "urllib", "uuid",
})
# fmt: on
"""Modules that reach the machine, the clock or chance."""

CALLS = frozenset({"open", "input", "print", "__import__"})
CLOCK_CALLS = frozenset({"now", "utcnow", "today"})
SYSTEM_PORTS = frozenset({"SystemClock", "SystemChance"})


def offences(source: str) -> Iterator[str]:
    """Each place where a module reaches the world, as `line: what`."""
    for node in ast.walk(tree_of(source)):
        match node:
            case ast.Import(names=names):
                for name in names:
                    if name.name.split(".")[0] in WORLD:
                        yield f"{node.lineno}: imports {name.name}"
            case ast.ImportFrom(module=str(module), names=names, level=level):
                if level == 0 and module.split(".")[0] in WORLD:
                    yield f"{node.lineno}: imports from {module}"
                for name in names:
                    if {f"vault/{part}.py" for part in (module.split(".")[-1], name.name)} & set(ADAPTERS):
                        yield f"{node.lineno}: imports the vault's {name.name} from the disk"
                    if name.name in SYSTEM_PORTS:
                        yield f"{node.lineno}: imports {name.name}"
            case ast.Call(func=ast.Name(id=called)) if called in CALLS:
                yield f"{node.lineno}: calls {called}()"
            case ast.Call(func=ast.Attribute(value=owner, attr=called)) if called in CLOCK_CALLS:
                name_of_owner = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
                if name_of_owner in {"datetime", "date"}:
                    yield f"{node.lineno}: calls {name_of_owner}.{called}()"
            case ast.AsyncFunctionDef() | ast.Await():
                yield f"{node.lineno}: is asynchronous"
            case _:
                pass


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def modules(room: str) -> list[Path]:
    return [
        path
        for path in sorted((HOUSE / room).rglob("*.py"))
        if not path.relative_to(HOUSE).as_posix().startswith(ADAPTERS)
    ]


@pytest.mark.parametrize("room", PURE_ROOMS)
def test_a_pure_room_reaches_neither_machine_nor_clock_nor_chance(room: str) -> None:
    found = modules(room)
    assert found, f"src/zhanggui/{room} holds no module"
    broken = [f"{path.relative_to(HOUSE)}:{offence}" for path in found for offence in offences(read(path))]
    assert not broken, "a pure room takes these as arguments:\n" + "\n".join(broken)


@pytest.mark.parametrize("module", PURE_MODULES)
def test_a_machine_about_money_is_pure_wherever_it_stands(module: str) -> None:
    broken = [f"{module}:{offence}" for offence in offences(read(HOUSE / module))]
    assert not broken, "it takes time as an argument and says what is to be done:\n" + "\n".join(broken)


def test_only_commands_hand_out_the_machines_clock_and_chance() -> None:
    broken = [
        f"{path.relative_to(HOUSE)}:{node.lineno}"
        for path in sorted(HOUSE.rglob("*.py"))
        if path.relative_to(HOUSE).parts[0] not in {"basics", "cli"}
        for node in ast.walk(tree_of(read(path)))
        if isinstance(node, ast.ImportFrom) and SYSTEM_PORTS & {name.name for name in node.names}
    ]
    assert not broken, "take a Clock or a Chance as an argument here:\n" + "\n".join(broken)


@pytest.mark.parametrize(
    "source",
    [
        "import socket",
        "import os.path",
        "from time import monotonic",
        "from random import Random",
        "import secrets as s",
        "from datetime import datetime\ndatetime.now()",
        "import datetime\ndatetime.datetime.utcnow()",
        "import datetime\ndatetime.date.today()",
        "from zhanggui.basics.clock import SystemClock",
        "from ..basics.chance import SystemChance",
        "from ..vault.keyfile import open_keyfile",
        "from zhanggui.vault import keyfile",
        "def f() -> None:\n    import threading",
        "open('a')",
        "async def f() -> None: ...",
    ],
)
def test_the_check_sees_every_way_to_the_world(source: str) -> None:
    assert list(offences(source))


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import datetime, timedelta\ndatetime.fromisoformat('2026-01-01')",
        "from zhanggui.basics.clock import Clock\ndef f(clock: Clock) -> int:\n    return clock.now()",
        "import hashlib, hmac, struct",
        "from .time import clear\nfrom . import random",
    ],
)
def test_the_check_lets_pure_code_pass(source: str) -> None:
    assert not list(offences(source))
