"""`zhanggui batches show`: what differs in one settled batch."""

from ..basics.errors import Misuse
from ..basics.numbers import BatchNo, TerminalNo
from ..programs.settings import Settings
from ..store.queries import ROWS_MAX, PlaceFilter
from ..views.batches import DIFFERENCES, read_differences
from .lists import lists_of, print_list


def show(settings: Settings, terminal: str, batch: str, *, as_json: bool) -> None:
    """Print what differs in a batch; nothing where it agrees."""
    wanted = PlaceFilter(terminal_no=TerminalNo(terminal), limit=ROWS_MAX)
    with lists_of(settings) as queries:
        found = [row for row in queries.list_batches(wanted) if row.batch_no == batch]
        if not found:
            raise Misuse(f"terminal {terminal} has settled no batch {batch}; 'zhanggui batches' lists them")
        rows = read_differences(queries, (found[0].merchant_no, found[0].terminal_no, BatchNo(batch)))
    print_list(settings, DIFFERENCES, rows, as_json=as_json)
