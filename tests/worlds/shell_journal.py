"""A journal in a folder, what it remembers of a sale, and what a new process finds there."""

from pathlib import Path

from tests.worlds.shell_makes import StillClock, approved, attempt, line

from zhanggui.basics.numbers import BatchNo
from zhanggui.terminal.flow.core import effects as fx
from zhanggui.terminal.flow.core.events import Memory
from zhanggui.terminal.journal import SqliteJournal

NEXT_BATCH = BatchNo("000002")
SEALED = b"sealed card"


def remember_sale(number: int) -> fx.RememberPayment:
    return fx.RememberPayment(attempt=attempt(number))


def remember_approval(number: int) -> fx.RememberApproval:
    return fx.RememberApproval(payment=approved(number), line=line(number, "approved", "00"))


def open_journal(folder: Path, clock: StillClock | None = None) -> SqliteJournal:
    return SqliteJournal(folder / "journal.db", clock or StillClock())


def memory_after(folder: Path, clock: StillClock | None = None) -> Memory:
    again = open_journal(folder, clock)
    try:
        return again.memory()
    finally:
        again.close()
