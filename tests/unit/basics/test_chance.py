"""The pool of the system's chance gives each byte once."""

import ast
import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from zhanggui.basics.chance import POOL_BYTES, POOLED_MAX_BYTES, Chance, SystemChance
from zhanggui.basics.numbers import OperatorNo
from zhanggui.basics.secret import Secret
from zhanggui.terminal.devices.pin_pad_file import PinPadFile
from zhanggui.vault.badge import draw_badge
from zhanggui.vault.initial_password import draw_password
from zhanggui.vault.sealed import seal
from zhanggui.vault.software import SoftwareHsm

HOUSE = Path(__file__).parents[3] / "src" / "zhanggui"
NAMES_OF_SECRETS = re.compile("KEY|PASSPHRASE|TOKEN|BADGE|NONCE")


def test_every_length_is_given_and_nothing_comes_twice() -> None:
    chance = SystemChance()
    taken = [chance.take(length) for length in (0, 1, 8, 16, POOLED_MAX_BYTES, POOLED_MAX_BYTES + 1, POOL_BYTES)]
    assert [len(one) for one in taken] == [0, 1, 8, 16, POOLED_MAX_BYTES, POOLED_MAX_BYTES + 1, POOL_BYTES]
    many = [chance.take(16) for _ in range(5 * POOL_BYTES // 16)]
    assert len(set(many)) == len(many)


def test_what_was_taken_is_not_in_the_pool_any_more() -> None:
    chance = SystemChance()
    taken = [chance.take(8) for _ in range(20)]
    assert all(one not in bytes(chance._pool) for one in taken)


def test_threads_get_bytes_of_their_own() -> None:
    chance = SystemChance()
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: chance.take(12), range(4_000)))
    assert len(set(found)) == len(found)


def test_a_process_that_forked_off_draws_its_own() -> None:
    chance = SystemChance()
    chance.take(8)
    reading, writing = os.pipe()
    if not (child := os.fork()):
        os.write(writing, chance.take(32))
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 32) != chance.take(32)


class Copied(SystemChance):
    """The pool of a machine that was copied while it ran: what it gives was given elsewhere as well."""

    def take(self, length: int) -> bytes:
        return bytes(length)


SECRETS: dict[str, Callable[[Chance], object]] = {
    "a key": lambda chance: SoftwareHsm(bytes(range(32)), chance).new_terminal_master_key().text,
    "a badge": lambda chance: draw_badge(chance).reveal(),
    "a first password": lambda chance: draw_password(chance, 12, OperatorNo("01")).reveal(),
    "a sealed key": lambda chance: seal(bytes(32), Secret("correct-horse-battery"), chance),
}


@pytest.mark.parametrize("name", SECRETS)
def test_nothing_secret_comes_from_the_pool_which_a_copied_machine_has_as_well(name: str) -> None:
    assert SECRETS[name](Copied()) != SECRETS[name](Copied())


def test_a_pin_pad_made_on_a_copied_machine_has_keys_of_its_own(tmp_path: Path) -> None:
    def made(name: str) -> bytes:
        PinPadFile(tmp_path / name, Copied())
        return b"".join(path.read_bytes() for path in sorted((tmp_path / name).iterdir()))

    assert made("one") != made("two")


def test_what_is_named_as_a_secret_is_not_taken_from_the_pool() -> None:
    pooled = [
        f"{path.relative_to(HOUSE)}:{node.lineno}"
        for path in sorted(HOUSE.rglob("*.py"))
        if not path.name.startswith("bench_")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "take"
        and any(isinstance(one, ast.Name) and NAMES_OF_SECRETS.search(one.id) for one in node.args)
    ]
    assert not pooled, "ask take_secret"
