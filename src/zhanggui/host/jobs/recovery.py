"""What a host does first: it closes the payments that were at the bank when it stopped.

Nobody waits for them any more, and what the bank decided is not known: such a payment may have been approved there. So each is
closed as timed out and its reversal becomes due, in one commit; the line to the bank tells the reversals from then on until it
is heard (`Host._reverse_what_is_due`). Closing twice closes once, so a power cut in the middle of this costs nothing.
"""

from collections.abc import Sequence

from ...acquirer.payments.originals import kept_original, payment_key
from ...acquirer.payments.outcome import decide_interrupted
from ...acquirer.rows.records import WHOLE_HOST, Counter, Payment
from ...acquirer.rows.state import Needs
from ...store.port import Store
from ..commit import Door, Sheet
from ..work import Desk, log

RECOVERY_PAGE = 1_000
"""Payments that are closed in one transaction."""
TRIES_MAX = 5
"""Where hosts share a database, another may be first; each try looks at the payments anew."""


async def recover(store: Store, door: Door, desk: Desk) -> None:
    """Close every payment that is pending, page by page. Raises Fault when the database fails: then the host does not start."""
    while pending := await store.payments_pending(RECOVERY_PAGE):
        closed = await _close(pending, door, desk)
        log.warning("interrupted_payments_closed", count=closed)


async def _close(pending: Sequence[Payment], door: Door, desk: Desk) -> int:
    originals = filter(None, map(kept_original, pending))
    needs = Needs({Counter: [(WHOLE_HOST, "rrn")], Payment: (*map(payment_key, pending), *originals)})

    def decide(sheet: Sheet) -> int:
        sheet.take(desk.rrn.reserve(sheet.state, sheet.now, 1))
        closed = 0
        for known in pending:
            # As it is now, under the lock: another host may have had its answer since the list was read.
            payment = sheet.state.get(Payment, *payment_key(known))
            if payment is not None and payment.state == "pending":
                sheet.take(decide_interrupted(sheet.state, payment, desk.acquirer_code, sheet.now).changes)
                closed += 1
        return closed

    return await door.commit(needs, decide, tries_max=TRIES_MAX)
