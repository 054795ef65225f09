"""`zhanggui batches`: open batches and settled ones, and what differs in one; and the jobs that settle by themselves."""

from ..basics.clock import SystemClock
from ..basics.errors import Misuse
from ..basics.numbers import BatchNo, TerminalNo
from ..programs.settings import Settings
from ..store.queries import ROWS_MAX, PlaceFilter
from ..views.batches import BATCHES, DIFFERENCES, read_batches, read_differences
from ..views.jobs import JOBS, read_jobs
from .lists import lists_of, print_list


def list_batches(settings: Settings, *, terminal: str, limit: int, as_json: bool) -> None:
    """List open batches, then the settled ones, newest first."""
    wanted = PlaceFilter(terminal_no=TerminalNo(terminal) if terminal else None, limit=limit)
    with lists_of(settings) as queries:
        rows = read_batches(queries, wanted, SystemClock().now())
    print_list(settings, BATCHES, rows, as_json=as_json)


def show(settings: Settings, terminal: str, batch: str, *, as_json: bool) -> None:
    """Print what differs in a batch; nothing where it agrees."""
    wanted = PlaceFilter(terminal_no=TerminalNo(terminal), limit=ROWS_MAX)
    with lists_of(settings) as queries:
        found = [row for row in queries.list_batches(wanted) if row.batch_no == batch]
        if not found:
            raise Misuse(f"terminal {terminal} has settled no batch {batch}; 'zhanggui batches' lists them")
        rows = read_differences(queries, (found[0].merchant_no, found[0].terminal_no, BatchNo(batch)))
    print_list(settings, DIFFERENCES, rows, as_json=as_json)


def list_jobs(settings: Settings, *, limit: int, as_json: bool) -> None:
    """List durable jobs, newest first."""
    with lists_of(settings) as queries:
        rows = read_jobs(queries, PlaceFilter(limit=limit))
    print_list(settings, JOBS, rows, as_json=as_json)
