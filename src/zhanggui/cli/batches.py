"""`zhanggui batches`: open batches and settled ones."""

from ..basics.clock import SystemClock
from ..basics.numbers import TerminalNo
from ..programs.settings import Settings
from ..store.queries import PlaceFilter
from ..views.batches import BATCHES, read_batches
from .lists import lists_of, print_list


def list_batches(settings: Settings, *, terminal: str, limit: int, as_json: bool) -> None:
    """List open batches, then the settled ones, newest first."""
    wanted = PlaceFilter(terminal_no=TerminalNo(terminal) if terminal else None, limit=limit)
    with lists_of(settings) as queries:
        rows = read_batches(queries, wanted, SystemClock().now())
    print_list(settings, BATCHES, rows, as_json=as_json)
