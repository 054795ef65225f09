"""Whatever the console lacks and whoever stops reading, a command ends in one line and the right exit code."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from cyclopts import App
from cyclopts.validators import Number

from zhanggui.basics.clock import format_iso
from zhanggui.basics.errors import Misuse
from zhanggui.cli import output
from zhanggui.cli.main import app
from zhanggui.cli.sign_ins import parse_moment
from zhanggui.cli.words import complain
from zhanggui.host.jobs.checkpoint_file import read_checkpoint_file

ROOT = Path(__file__).parents[3]
WITHIN_S = 60.0
GBK = {"PYTHONIOENCODING": "gbk"}
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def commands(part: App = app, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command, groups with a default of their own among them."""
    for name in part:
        if name.startswith("-"):
            continue
        inner = part[name]
        words = (*path, name)
        if inner.default_command is not None:
            yield words
        yield from commands(inner, words)


ALL = sorted(set(commands()))


def run(*words: str, out: int | None = None, more: dict[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ZHANGGUI_", "PYTHON", "LC_"))}
    return subprocess.run(
        [sys.executable, "-c", "from zhanggui.cli.main import main; main()", *words],
        env=kept | {"PYTHONPATH": str(ROOT / "src")} | (more or {}),
        stdout=subprocess.PIPE if out is None else out,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        timeout=WITHIN_S,
        check=False,
    )


def said(done: subprocess.CompletedProcess[bytes]) -> list[str]:
    return done.stderr.decode("utf-8", "replace").splitlines()


def test_all_commands_are_walked() -> None:
    assert {("up",), ("signins",), ("signins", "erase"), ("audit", "verify"), ("bench", "host"), ("decode",)} <= set(
        ALL
    )
    assert len(ALL) > 35


# ------------------------------------------------------------------------------------------------------------- numbers


def numbers_of(words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    part = app
    for word in words:
        part = part[word]
    for argument in part.assemble_argument_collection():
        if {int, float} & {argument.hint, *get_args(argument.hint)} - {bool}:
            yield argument.name, argument.parameter.validator


def test_every_number_of_every_command_has_bounds() -> None:
    unbounded = [
        f"{' '.join(words)} {name}"
        for words in ALL
        for name, validators in numbers_of(words)
        if not any(isinstance(one, Number) and one.lte is not None and one.gte is not None for one in validators)
    ]
    assert not unbounded, "give it a validator of cli/options.py: bounded(least, most)"
    assert sum(len(list(numbers_of(words))) for words in ALL) > 15


@pytest.mark.parametrize(
    "words",
    [
        ("signins", "--limit", "99999999999999999999"),
        ("signins", "--limit", "0"),
        ("payments", "--limit", "-1"),
        ("findings", "--days", "99999999999999999999"),
        ("review", "--shift", "99999999999999999999"),
        ("fleet", "make", "--seed", "99999999999999999999"),
        ("host", "--port", "65536"),
        ("bench", "codec", "--seconds", "nan"),
        ("bench", "codec", "--seconds", "1e300"),
    ],
)
def test_a_number_out_of_bounds_is_a_sentence(words: tuple[str, ...]) -> None:
    done = run(*words)
    assert (done.returncode, len(said(done))) == (2, 1), done.stderr
    assert said(done)[0].startswith("zhanggui: ")


# --------------------------------------------------------------------------------------------------------------- dates


@pytest.mark.parametrize(
    "text",
    [
        "9999-12-31",
        "0001-01-01",
        "20261129",
        "2026-W48-7",
        "2026-11-29T08",
        "",
        "2026-02-30",
        "２０２６-11-29",
        "2026-11-29 24:00:01",
    ],
)
@pytest.mark.parametrize("is_end", [False, True])
def test_a_time_that_is_none_or_too_far_away_is_refused_in_a_sentence(text: str, is_end: bool) -> None:
    with pytest.raises(Misuse, match=r"is no time; write|is too far away"):
        parse_moment(text, is_end=is_end)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2026-11-29", "2026-11-30T00:00:00+08:00"),
        ("2026-11-29 08:00", "2026-11-29T08:00:00+08:00"),
        ("2026-11-29T08:00:30", "2026-11-29T08:00:30+08:00"),
        ("2026-11-29T00:00Z", "2026-11-29T08:00:00+08:00"),
        ("2199-12-31", "2200-01-01T00:00:00+08:00"),
    ],
)
def test_an_end_is_a_whole_day_or_an_instant(text: str, end: str) -> None:
    assert format_iso(parse_moment(text, is_end=True)).startswith(end[:19])


# -------------------------------------------------------------------------------------------------------------- streams


@pytest.mark.parametrize("words", ALL, ids=" ".join)
@pytest.mark.parametrize("console", [GBK, ASCII], ids=["gbk", "ascii"])
def test_the_help_of_every_command_fits_a_console_that_lacks_characters(
    words: tuple[str, ...], console: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    encoding = console.get("PYTHONIOENCODING", "ascii")
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    output.open_output(exact=False)
    app([*words, "--help"], exit_on_error=False, print_error=False, result_action="return_value")
    stream.flush()


@pytest.mark.parametrize("console", [GBK, ASCII], ids=["gbk", "ascii"])
def test_a_command_prints_on_a_console_that_lacks_characters(console: dict[str, str]) -> None:
    message = "6000030000603100000000" + "0820" + "0020000000C00012" + "000001" + "3130303030303031" + "31" * 15
    done = run("decode", message, more=console)
    assert b"Traceback" not in done.stderr
    assert done.stdout


@pytest.mark.parametrize("words", [("policy", "--help"), ("findings", "reference"), ("--version",)], ids=" ".join)
def test_a_full_device_is_one_line_and_a_fault(words: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:
        done = run(*words, out=full.fileno())
    assert done.returncode == 1
    assert said(done) == ["zhanggui: 文件或输出不能读写：磁盘已满，请腾出空间"]


@pytest.mark.parametrize("words", [("policy", "--help"), ("findings", "reference"), ("--version",)], ids=" ".join)
def test_a_closed_pipe_is_one_line_and_a_fault(words: tuple[str, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = run(*words, out=writer)
    finally:
        os.close(writer)
    assert done.returncode == 1
    assert said(done) == ["zhanggui: 输出没有被读完"]


@pytest.mark.parametrize(
    ("encoding", "text", "written"),
    [
        ("gbk", "¥1.00 ▸ ✓ 签到", "￥1.00 → √ 签到"),
        ("ascii", "¥1.00 ▸ ✓ …", "CNY 1.00 > v ..."),
        ("ascii", "签", "\\u7b7e"),
        ("gbk", "\U00020bb7", "\\ud842\\udfb7"),
        ("latin-1", "¥ ▸", "¥ >"),
    ],
)
def test_what_a_console_lacks_is_replaced_by_what_it_has(
    encoding: str, text: str, written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    output.open_output(exact=False)
    print(text, end="", flush=True)
    assert stream.buffer.getvalue().decode(encoding) == written


def test_json_on_a_console_that_lacks_characters_still_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    import json

    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    output.open_output(exact=True)
    print('"¥ 𠮷 签到 ✓"', flush=True)
    assert json.loads(stream.buffer.getvalue()) == "¥ 𠮷 签到 ✓"


def test_a_complaint_that_nobody_reads_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, bytes(65_536))
    except BlockingIOError:
        os.set_blocking(writer, True)
    monkeypatch.setattr(output, "COMPLAIN_WITHIN_S", 0.01)
    with os.fdopen(writer, "w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        complain("nobody reads this")
        monkeypatch.undo()
        os.close(reader)


def test_a_stream_that_cannot_be_changed_any_more_stays_as_it_was(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with (tmp_path / "printed").open("w", encoding="utf-8") as stream:
        reader, writer = os.pipe()
        # Seekable when it was opened, and a pipe now.
        os.dup2(writer, stream.fileno())
        monkeypatch.setattr(sys, "stdout", stream)
        output.open_output(exact=False)
        monkeypatch.undo()
        os.close(reader)
        os.close(writer)


# --------------------------------------------------------------------------------------------------------------- files


@pytest.mark.parametrize("line", [b"\0" * 100_000, b"{" * 100_000, b"hello\n"], ids=["zeros", "brackets", "text"])
def test_a_file_that_holds_no_checkpoints_is_refused_at_its_first_line(line: bytes, tmp_path: Path) -> None:
    path = tmp_path / "anchor"
    path.write_bytes(line)
    with pytest.raises(Misuse, match="line 1, is no checkpoint"):
        read_checkpoint_file(path)


def test_a_file_without_an_end_is_refused_too() -> None:
    with pytest.raises(Misuse, match="line 1, is no checkpoint"):
        read_checkpoint_file(Path("/dev/zero"))


def test_standard_input_without_an_end_is_read_to_a_bound() -> None:
    with open("/dev/zero", "rb") as endless:
        done = subprocess.run(
            [sys.executable, "-c", "from zhanggui.cli.main import main; main()", "decode", "--", "-"],
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            stdin=endless,
            capture_output=True,
            timeout=WITHIN_S,
            check=False,
        )
    assert (done.returncode, len(said(done))) == (2, 1)
