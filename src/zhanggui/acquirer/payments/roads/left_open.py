"""What goes back at a wallet that does not say yes or no: the terminal goes on, the host goes on asking, and after an hour people look.

    0200/0220 ─▶ pending + order ─▶ asked, twice in vain ─▶ 39 = 09 with 59 = Z3: "it goes on here"; its terminal takes other payments
    the same again ─▶ the same answer, until it is over ─▶ the outcome
    the wallet says yes or no ─▶ the payment is closed, `payment_result` ordered: one commit ─▶ the terminal asks ─▶ the outcome
    some sixty times in vain ─▶ a case: somebody asks the wallet in another way

The order is never given up, and nobody decides it but the wallet: whoever closed it by hand would give back what the wallet gives back
too, a little later. Only a terminal that asks again hears 09 so: another maker's would take it for a refusal, and may refund anew.
"""

from ....basics.numbers import UnixMs
from ....cup.messages.head import host_time
from ....cup.messages.offered import STILL_OPEN, OfferedAnswer
from ...rows.cases import need_case, open_case
from ...rows.decision import PaymentReply
from ...rows.draft import Draft
from ...rows.records import Payment, WalletOrder
from ...rows.state import Change, Needs, State
from ...wallets.order import SILENT_FROM_ATTEMPTS, is_late, is_over

ASKED_AGAIN_S = 600
"""How soon a terminal asks by itself that no order told of the outcome."""


def goes_on(payment: Payment, order: WalletOrder | None, acquirer_code: str, now: UnixMs) -> PaymentReply | None:
    """The answer to a void or refund that its wallet has not decided in time; None before that, and to whoever does not ask again."""
    if order is None or payment.state != "pending" or not payment.epoch or not is_late(order, now):
        return None
    time = host_time(now)
    return PaymentReply(
        OfferedAnswer(
            time=time,
            rrn=payment.rrn,
            response_code=STILL_OPEN,
            settlement_date=time.field_13,
            acquirer_code=acquirer_code,
            left_s=ASKED_AGAIN_S,
        )
    )


def need_people(order: WalletOrder, more: Needs) -> None:
    """Ask for what `call_people` looks at, where the next attempt may be the one."""
    if order.attempts + 1 == SILENT_FROM_ATTEMPTS:
        need_case(order.merchant_no, more)


def call_people(state: State, payment: Payment | None, order: WalletOrder, now: UnixMs) -> tuple[Change, ...]:
    """The case about money that is to go back and of which the wallet has said nothing for an hour; it is opened once. `payment`: None
    where no terminal ever had one, since what came by a code on a counter was refused."""
    if is_over(order) or order.attempts != SILENT_FROM_ATTEMPTS:
        return ()
    draft = Draft(state)
    operator_no = payment.operator_no if payment is not None else ""
    open_case(draft, "wallet_silent", order.merchant_no, order.terminal_no, operator_no, now)
    return tuple(draft.changes)
