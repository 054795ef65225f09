"""Mistakes and faults of the command line in both languages: every text that the source raises stands in the catalogue."""

import ast
import errno
import os
import re
from itertools import chain
from pathlib import Path

import pytest

import zhanggui
from zhanggui.basics.errors import Fault, Misuse
from zhanggui.basics.words import PLACEHOLDER
from zhanggui.cli.error_words import ERRORS, error_text, failure_text
from zhanggui.edges.sqlite import DatabaseError
from zhanggui.vault.errors import KeyFileUnusable

SOURCE = Path(zhanggui.__file__).parent
TEXT_AT = {
    "Misuse": 0,
    "Fault": 0,
    "OutputLost": 0,
    "KeyFileRefused": 0,
    "KeyFileUnusable": 0,
    "SealedFileDamaged": 0,
    "WrongPassphrase": 0,
    "PassphraseTooShort": 0,
    "_seal_damaged": 0,
    "FolderLock": 1,
}
"""Which argument is said to people: a mistake's or a fault's sentence, and who a lock says is running."""
NOT_SAID_YET = (
    "simulator/",
    "cli/bench_commands",
    "cli/bench_host",
    "cli/bench_mix",
    "cli/bench_office",
    "cli/bench_sign_in",
    "cli/bench_storm",
    "terminal/link/",
    "terminal/devices/card_reader.py",
    "terminal/devices/chip.py",
    "terminal/devices/envelopes.py",
    "terminal/devices/machine.py",
    "terminal/devices/pin_entry.py",
    "terminal/devices/pin_pad.py",
    "terminal/devices/printer.py",
    "terminal/devices/switches.py",
    "terminal/runtime.py",
)
"""Where texts still stand in English only: they reach who measures or builds, or a log, and no shop."""
OF_THE_SYSTEM = {os.strerror(number) for number in errno.errorcode} | {
    "database or disk is full",
    "disk I/O error",
    "unable to open database file",
    "database is locked",
    "attempt to write a readonly database",
}
"""What stands within a sentence as the system, or SQLite, said it."""
CHINESE = re.compile("[\u4e00-\u9fff]")


def constants(tree: ast.Module) -> dict[str, list[str]]:
    """The texts behind each name of a module: one, or the values of a table."""
    found: dict[str, list[str]] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            values = node.value.values if isinstance(node.value, ast.Dict) else [node.value]
            # What begins with a quotation mark is a command, the same in both languages.
            texts = [text for value in values if (text := sentence(value)) is not None and not text.startswith("'")]
            if texts:
                found[node.targets[0].id] = texts
    return found


def sentence(node: ast.expr) -> str | None:
    """A text as it is raised, with `{}` for each value; None for one that is made elsewhere."""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            first, second = sentence(left), sentence(right)
            return None if first is None or second is None else first + second
    return None


def raised() -> dict[str, str]:
    """Every sentence, also of a module's constant or table that stands within one, and a place where it is raised."""
    found: dict[str, str] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        at = path.relative_to(SOURCE).as_posix()
        if at.startswith(NOT_SAID_YET):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        known = constants(tree)
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and len(node.args) > (place := TEXT_AT.get(node.func.id, 99))
            ):
                text = sentence(node.args[place])
                within = [text] if text is not None else []
                if isinstance(node.args[place], ast.JoinedStr):
                    within += chain.from_iterable(
                        known.get(one.id, ()) for one in ast.walk(node.args[place]) if isinstance(one, ast.Name)
                    )
                found |= dict.fromkeys(within, f"{at}:{node.lineno}")
    return found


def test_every_text_that_a_command_can_fail_with_stands_in_the_catalogue() -> None:
    known = {PLACEHOLDER.sub("{}", word.en) for word in ERRORS.values()}
    texts = raised()
    assert len(texts) > 90
    assert {text: at for text, at in texts.items() if text not in known} == {}


def test_the_catalogue_holds_no_text_that_nobody_raises() -> None:
    texts = raised()
    idle = [key for key, word in ERRORS.items() if PLACEHOLDER.sub("{}", word.en) not in texts]
    assert {ERRORS[key].en for key in idle} <= OF_THE_SYSTEM


@pytest.mark.parametrize("key", ERRORS)
def test_each_sentence_is_found_by_its_words_and_keeps_its_values(key: str) -> None:
    word = ERRORS[key]
    values = {name: f"<{name}>" for name in PLACEHOLDER.findall(word.en)}
    said = error_text(word.fill("en", **values), "zh")
    assert said == word.fill("zh", **values)
    assert CHINESE.search(said) or "：" in said
    assert error_text(word.fill("en", **values), "en") == word.fill("en", **values)


def test_a_value_that_is_a_sentence_is_said_in_the_language_too_and_one_that_is_none_stays() -> None:
    way_out = ERRORS["way_out"]
    text = f"the database /data/host.db is gone. {way_out.en}"
    assert error_text(text, "zh") == f"数据库 /data/host.db 不见了。{way_out.zh}"
    assert error_text("nobody wrote this down", "zh") == "nobody wrote this down"
    assert error_text("can't write /x/{y}: {z}", "zh") == "无法写入 /x/{y}：{z}"


class FullDatabase(DatabaseError):
    sqlite_errorname = "SQLITE_FULL"


def out_of(error: Exception, cause: Exception) -> Exception:
    error.__context__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            out_of(
                KeyFileUnusable(
                    "/d/local.key can't be written: No space left on device. Check the folder and the disk"
                ),
                OSError(errno.ENOSPC, "No space left on device"),
            ),
            "/d/local.key 所在的磁盘已满。没有做任何修改，请腾出空间后重试。",
        ),
        (
            out_of(
                Misuse(
                    "can't write to /d: No space left on device. Give a folder that you may write to, with --data DIR."
                ),
                OSError(errno.ENOSPC, "No space left on device"),
            ),
            "/d 所在的磁盘已满。没有做任何修改，请腾出空间后重试。",
        ),
        (
            out_of(
                Fault("the disk is full: free some space (SQLITE_FULL). Nothing was saved."), FullDatabase("secret")
            ),
            "磁盘已满，请腾出空间  (磁盘已满：请腾出空间（SQLITE_FULL）。没有存下任何内容。)",
        ),
        (
            Misuse("can't write to /d: Permission denied. Give a folder that you may write to, with --data DIR."),
            "无法写入 /d：没有权限。请用 --data 目录 给出可写的目录。",
        ),
    ],
    ids=["key file", "folder", "commit", "rights"],
)
def test_a_full_disk_is_called_so_and_other_words_of_the_system_are_in_the_language(
    error: Exception, said: str
) -> None:
    assert failure_text(error, "zh") == said
    assert CHINESE.search(failure_text(error, "en")) is None
