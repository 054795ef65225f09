"""Which line performs an effect of a decision."""

from ...acquirer.rows.decision import AskWallet, Effect, WatchOrder
from ..work import Work
from .bank_line import BankLine
from .wallet_line import WalletLine


class Networks:
    """All lines of a host: where the engine's effects go."""

    def __init__(self, bank: BankLine, wallets: WalletLine) -> None:
        self._bank, self._wallets = bank, wallets

    def perform(self, effect: Effect, work: Work) -> None:
        """Perform one effect of this work's decision, after its commit."""
        if isinstance(effect, AskWallet | WatchOrder):
            self._wallets.perform(effect)
        else:
            self._bank.perform(effect, work)
