"""Which line performs an effect of a decision."""

from ...acquirer.rows.decision import AskBank, AskWallet, Effect, JoinPending, ReleaseWaiting, WatchOrder
from ..wire.payment_work import PaymentWork
from ..work import Desk, Work
from .bank_line import BankLine
from .wallet_line import WalletLine
from .wallet_payments import WalletPayments


class Networks:
    """All lines of a host: where the engine's effects go."""

    def __init__(self, desk: Desk, bank: BankLine, wallets: WalletLine, payments: WalletPayments) -> None:
        self._desk, self._bank, self._wallets, self._payments = desk, bank, wallets, payments

    def perform(self, effect: Effect, work: Work) -> None:
        """Perform one effect of this work's decision, after its commit."""
        match effect:
            case AskBank():
                self._bank.perform(effect, work)
            case AskWallet():
                if isinstance(work, PaymentWork):
                    # Before it is asked: the answer may be here before this function is left.
                    self._payments.wait(work)
                self._wallets.perform(effect)
            case WatchOrder():
                self._wallets.perform(effect)
            case JoinPending(at_wallet=True) if isinstance(work, PaymentWork):
                self._payments.join(work, is_shared=self._desk.host_id is not None)
            case ReleaseWaiting(payment_key=key, answer=answer):
                for waiter in self._payments.release(key):
                    waiter.answer_payment(self._desk, answer, "reversed_while_pending")
                self._bank.perform(effect, work)
            case _:
                self._bank.perform(effect, work)
