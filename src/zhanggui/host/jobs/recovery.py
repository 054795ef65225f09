"""What a host does first, and now and then where several share a database: it closes what was at the bank for a host that is gone.

Nobody waits for them any more, and what the bank decided is not known: such a payment may have been approved there. So each is
closed as timed out and its reversal becomes due, in one commit; the line to the bank tells the reversals from then on until it
is heard (`Host._tell_bank_what_is_due`). Closing twice closes once, so a power cut in the middle of this costs nothing.
"""

from collections.abc import Sequence

from ...acquirer.payments.originals import kept_original, payment_key
from ...acquirer.payments.outcome import decide_interrupted
from ...acquirer.rows.records import HostLease, Payment
from ...acquirer.rows.state import Needs
from ...store.port import Store
from ..commit import Door, Sheet
from ..work import Desk, log
from .host_leases import is_gone, lease_key

RECOVERY_PAGE = 1_000
"""Payments that are closed in one transaction."""
TRIES_MAX = 5
"""Where hosts share a database, another may be first; each try looks at the payments anew."""


async def recover(store: Store, door: Door, desk: Desk) -> None:
    """Close every payment that is pending and whose host is gone, page by page. Raises Fault when the database fails: then the
    host does not start."""
    while pending := await store.payments_pending(RECOVERY_PAGE):
        closed = await _close([payment for payment in pending if not _is_own(payment, desk)], door, desk)
        if closed:
            log.warning("interrupted_payments_closed", count=closed)
        if closed < len(pending):
            # The others are at the bank for hosts that live, or this one asked for them; a later look finds what they leave.
            return


def _is_own(payment: Payment, desk: Desk) -> bool:
    return desk.host_id is not None and payment.host_id == desk.host_id


async def _close(pending: Sequence[Payment], door: Door, desk: Desk) -> int:
    if not pending:
        return 0
    originals = filter(None, map(kept_original, pending))
    leases = dict.fromkeys(lease_key(payment.host_id) for payment in pending if payment.host_id)
    keys = (*map(payment_key, pending), *originals)
    needs = Needs({Payment: keys, HostLease: leases})

    def decide(sheet: Sheet) -> int:
        closed = 0
        for known in pending:
            # As it is now, under the lock: another host may have had its answer since the list was read.
            payment = sheet.state.get(Payment, *payment_key(known))
            if payment is None or payment.state != "pending" or not is_gone(sheet.state, payment.host_id, sheet.now):
                continue
            sheet.take(decide_interrupted(sheet.state, payment, desk.acquirer_code, sheet.now).changes)
            closed += 1
        return closed

    return await door.commit(needs, decide, tries_max=TRIES_MAX)
