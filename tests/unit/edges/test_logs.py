"""A log costs its program nothing: no wait, no error, no unbounded file; what is lost is counted and told."""

import errno
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from zhanggui.edges import log_sink, log_sums
from zhanggui.edges.log_sink import DescriptorTarget, FileTarget, LogSink
from zhanggui.edges.log_sums import LogSums
from zhanggui.edges.logs import configure_logs_to, log_what_python_says


class Memory:
    """A target that can be told to fail, or to wait."""

    def __init__(self) -> None:
        self.text = ""
        self.fails: OSError | None = None
        self.may_write = threading.Event()
        self.may_write.set()

    def write(self, data: bytes) -> None:
        self.may_write.wait()
        if self.fails is not None:
            raise self.fails
        self.text += data.decode()

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines() if line]


@pytest.fixture
def memory() -> Iterator[Memory]:
    yield (target := Memory())
    target.may_write.set()


@pytest.fixture
def sink(memory: Memory) -> Iterator[LogSink]:
    """Logging of this process goes into memory."""
    sink = configure_logs_to(memory)
    structlog.configure(cache_logger_on_first_use=False)
    yield sink
    structlog.reset_defaults()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EPIPE, errno.EFBIG, errno.EIO, errno.EAGAIN])
def test_a_log_that_cannot_be_written_costs_its_lines_and_says_so_when_it_can_again(
    number: int, sink: LogSink, memory: Memory
) -> None:
    log = structlog.get_logger()
    memory.fails = OSError(number, os.strerror(number))
    log.info("one")
    log.error("two")
    assert sink.flush()
    assert memory.text == ""
    assert sink.lost == 2
    memory.fails = None
    log.info("three")
    assert sink.flush()
    lost, three = memory.lines()
    assert (lost["event"], lost["lines"]) == ("log_lines_lost", 2)
    assert three["event"] == "three"
    assert sink.lost == 0


def test_what_was_lost_is_told_although_nothing_new_is_logged(
    sink: LogSink, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_sink, "TELL_AGAIN_S", 0.01)
    memory.fails = OSError(errno.ENOSPC, "full")
    structlog.get_logger().info("one")
    assert sink.flush()
    memory.fails = None
    for _ in range(300):
        if memory.text:
            break
        time.sleep(0.01)
    assert memory.lines()[0]["event"] == "log_lines_lost"


def test_a_log_that_nobody_reads_never_makes_its_program_wait(memory: Memory) -> None:
    memory.may_write.clear()
    sink = LogSink(memory)
    began_s = time.monotonic()
    for number in range(log_sink.LINES_WAITING_MAX + 5_000):
        sink.put(json.dumps({"event": str(number)}))
    assert time.monotonic() - began_s < 5
    assert not sink.flush(0.01), "the writer still waits"
    # The writer may have taken its first lines out of the queue.
    assert 5_000 - log_sink.LINES_AT_ONCE <= sink.lost <= 5_000
    memory.may_write.set()
    assert sink.flush(10)
    told = [line["lines"] for line in memory.lines() if line["event"] == "log_lines_lost"]
    assert sum(told) + len(memory.lines()) - len(told) == log_sink.LINES_WAITING_MAX + 5_000


def test_an_unread_pipe_holds_up_nobody_and_is_whole_once_it_is_read() -> None:
    reader, writer = os.pipe()
    sink = LogSink(DescriptorTarget(writer))
    for number in range(5_000):
        sink.put(json.dumps({"event": "x" * 100, "n": number}))
    assert not sink.flush(0.05)
    read = b""
    while read.count(b"\n") < 5_000:
        read += os.read(reader, 1 << 20)
    assert [json.loads(line)["n"] for line in read.splitlines()] == list(range(5_000))
    assert sink.flush(10)
    os.close(reader)
    os.close(writer)


def test_a_line_that_cannot_be_made_is_counted_and_raises_nothing(sink: LogSink, memory: Memory) -> None:
    class Stubborn:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    structlog.get_logger().info("odd", value=Stubborn())
    structlog.get_logger().info("odd %d", "no number")
    structlog.get_logger().info("after")
    assert sink.flush()
    assert [line["event"] for line in memory.lines()] == ["log_lines_lost", "after"]


def test_a_line_of_text_that_no_encoding_takes_is_written_all_the_same(sink: LogSink, memory: Memory) -> None:
    structlog.get_logger().info("half \udc80")
    assert sink.flush()
    assert "half" in memory.text


def test_log_files_rotate_within_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_sink, "FILE_BYTES_MAX", 1_000)
    path = tmp_path / "zhanggui.log"
    sink = LogSink(FileTarget(path))
    for number in range(200):
        sink.put(f"{number:099d}")
        assert sink.flush()
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == [
        path.name,
        *(f"{path.name}.{n}" for n in range(1, log_sink.FILES_KEPT + 1)),
    ]
    assert all(file.stat().st_size <= 1_000 for file in files)
    newest_first = [line for file in files for line in reversed(file.read_text().splitlines())]
    assert [int(line) for line in newest_first] == list(range(199, 199 - len(newest_first), -1))


def test_a_log_is_continued_by_the_next_program_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "zhanggui.log"
    for word in ("first", "second"):
        sink = LogSink(FileTarget(path))
        sink.put(word)
        assert sink.flush()
    assert path.read_text() == "first\nsecond\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_twenty_thousand_refusals_of_one_peer_in_a_second_are_a_few_lines_and_a_sum(
    sink: LogSink, memory: Memory
) -> None:
    log = structlog.get_logger()
    began_s = time.monotonic()
    for _ in range(20_000):
        log.warning("refused", peer="198.51.100.7:4711", reason="length")
    seconds = time.monotonic() - began_s
    assert sink.flush(10)
    alone = [line for line in memory.lines() if line["event"] == "refused"]
    summed = [line for line in memory.lines() if line["event"] == "log_lines_summed"]
    assert len(alone) <= log_sums.FIRST_LINES * (seconds + 1)
    assert len(alone) + sum(line["lines"] for line in summed) == 20_000
    assert all(line["about"] == "198.51.100.7:4711" and line["of"] == "refused" for line in summed)
    assert len(memory.text) < 20_000


def test_many_peers_together_are_bounded_too_and_another_kind_of_event_is_not_hidden_by_them() -> None:
    now_s = 100.0
    sums = LogSums(lambda: now_s)
    alone = sum(sums.stands_alone({"event": "refused", "peer": f"peer {n}"}) for n in range(5_000))
    assert alone == log_sums.EVENT_LINES
    assert sums.stands_alone({"event": "bank_commit_failed"})
    assert sums.due() == []
    now_s += log_sums.WINDOW_S
    assert sums.due() == [{"of": "refused", "lines": 5_000 - alone, "sources": log_sums.EVENT_LINES}]
    assert sums.stands_alone({"event": "refused", "peer": "peer 1"})


def test_lines_about_one_terminal_do_not_hide_those_about_another() -> None:
    sums = LogSums(lambda: 0.0)
    for _ in range(50):
        sums.stands_alone({"event": "refused", "terminal_no": "10000001"})
    assert sums.stands_alone({"event": "refused", "terminal_no": "10000002"})


def test_what_python_and_its_libraries_complain_of_is_a_line_without_values(
    sink: LogSink, memory: Memory, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import logging
    import sys

    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    for name in ("unraisablehook",):
        monkeypatch.setattr(sys, name, getattr(sys, name))
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    try:
        log_what_python_says()
        logging.getLogger("asyncio").error("socket %s broke", "6217000000000000012", exc_info=OSError("secret"))
        broken = threading.Thread(target=lambda: [][1])
        broken.start()
        broken.join()
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        logging.captureWarnings(False)
    assert sink.flush()
    library, thread = memory.lines()
    assert (library["event"], library["logger"], library["error"]) == ("library", "asyncio", "OSError")
    assert (thread["event"], thread["error"]) == ("thread_died", "IndexError")
    assert "6217" not in memory.text
    assert "secret" not in memory.text
    assert capsys.readouterr().err == ""


def test_what_can_not_be_said_costs_its_line_and_not_the_log(tmp_path: Path) -> None:
    def due(everything: bool) -> list[str]:
        raise RuntimeError("a sum that can't be made")

    sink = LogSink(FileTarget(tmp_path / "log"), due)
    sink.put("first")
    assert sink.flush()
    sink.put("second")
    assert sink.flush()
    written = (tmp_path / "log").read_text(encoding="utf-8")
    assert "first" in written
    assert "second" in written
