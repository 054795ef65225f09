"""Payments at wallets: what an order's move makes of its payment, in the same commit, and who waits at this host for the answer.

    0200 ─▶ pending + order, one commit ─▶ asked ─▶ … ─▶ the order is over ─▶ payment closed, one commit ─▶ 0210 to whoever waits
                                                    │
    the same 0200 once more ────────────────────────┴─▶ waits as well, after a restart of the host too
    0400 ─▶ payment reversed + order given up, one commit ─▶ 0410; whoever waited is refused

No time runs here. A terminal that waits no longer undoes its payment (0400), and an order that nobody answers is asked about until
somebody does; so nobody is told an outcome that is not known. Of whoever waits no more is kept than the answer needs (`Resting`).
"""

from msgspec.structs import replace

from ...acquirer.payments.originals import need_original
from ...acquirer.payments.roads.left_open import need_people
from ...acquirer.payments.roads.our_codes import need_result, tell_result
from ...acquirer.payments.roads.road import key_of_payment
from ...acquirer.payments.roads.wallet_outcome import decide_order_moved
from ...acquirer.rows.decision import Decision, PaymentReply
from ...acquirer.rows.records import Payment, PaymentKey, WalletOrder
from ...acquirer.rows.state import Needs, State
from ...acquirer.wallets.order import is_over
from ...basics.numbers import UnixMs
from ..wire.payment_work import PaymentWork, Resting
from ..work import Desk, log
from .waiting import WAITING_MAX


class WalletPayments:
    """Follows orders (`OrderFollower`), and answers whoever waits for a payment."""

    def __init__(self) -> None:
        self._waiting: dict[PaymentKey, list[Resting]] = {}

    def wait(self, work: PaymentWork) -> None:
        """Answer this work once its payment's order is over. One too many is not answered: its terminal asks again, or undoes it."""
        key = work.key
        waiting = self._waiting.setdefault(key, [])
        if len(waiting) >= WAITING_MAX:
            log.warning("too_many_wait", terminal_no=key[1], trace_no=key[3])
            return
        waiting.append(Resting(work))

    def join(self, work: PaymentWork, *, is_shared: bool) -> None:
        """A repeat: it waits as well, after a restart alone. Where hosts share the database another one may be told the outcome: then
        nobody here would ever answer, and silence has the terminal undo it."""
        if is_shared and work.key not in self._waiting:
            log.warning("waits_at_another_host", terminal_no=work.key[1], trace_no=work.key[3])
            return
        self.wait(work)

    def release(self, key: PaymentKey) -> list[Resting]:
        """Take out everybody who waits for a payment."""
        return self._waiting.pop(key, [])

    # ── as the orders' follower ──────────────────────────────────────────────

    def more_needs(self, desk: Desk, order: WalletOrder, state: State, more: Needs) -> None:
        key = key_of_payment(order)
        more.add(Payment, key)
        more.leads_on = True
        need_original(state, key, more)
        need_result(order, more)
        need_people(order, more)

    def follow(self, desk: Desk, order: WalletOrder, state: State, now: UnixMs) -> Decision:
        decision = decide_order_moved(state, order, desk.acquirer_code, desk.acquirer_name, now)
        if not is_over(order) or decision.reply is None:
            return decision
        return replace(decision, changes=(*decision.changes, *tell_result(state, order, now)))

    def told(self, desk: Desk, order: WalletOrder, decision: Decision, now: UnixMs) -> None:
        if not isinstance(decision.reply, PaymentReply) and not is_over(order):
            return
        for work in self.release(key_of_payment(order)):
            # Without a reply it was undone, at another host: its terminal was told there, and nobody listens here any more.
            if isinstance(decision.reply, PaymentReply):
                work.answer_payment(desk, decision.reply.answer, decision.reason)
