"""The process that reckons findings (`side_process.py`): some thousands of sign-ins take seconds, which the host's interpreter has not."""

import sys

from ..basics.errors import Fault, Misuse
from ..basics.numbers import UnixMs
from ..basics.spans import DAY_MS
from ..store.open import open_queries
from ..views.findings import find_since
from .finding_desk import FINDINGS_MAX, FindingsFound, FindingsToFind
from .side_process import take_order, tell


def main() -> int:
    """Find what the order asks for; the answer is the exit code."""
    order = take_order(FindingsToFind)
    since_ms = UnixMs(order.now - order.days * DAY_MS)
    try:
        with open_queries(order.target) as queries:
            found = find_since(queries, since_ms, order.now, order.merchant_no)
    except (Fault, Misuse):
        return 1
    tell(FindingsFound(tuple(found[:FINDINGS_MAX]), len(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
