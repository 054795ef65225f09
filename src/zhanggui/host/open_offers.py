"""How many codes of ours a terminal has open, as this host knows: each is asked about each two seconds, and holds a place of its brand.

Kept in mind alone. An order that goes on for ever at a silent wallet is counted for a while; after a restart the open rows are read again.
"""

from ..acquirer.rows.records import TerminalKey, WalletOrder, WalletOrderKey
from ..acquirer.wallets.order import is_over
from ..basics.numbers import UnixMs
from ..basics.spans import MINUTE_MS

COUNTED_MS = 10 * MINUTE_MS
"""How long an order counts that never ends: so a terminal whose wallet is silent shows codes again."""


class OpenOffers:
    """The open orders of each terminal that shows codes."""

    def __init__(self) -> None:
        self._open: dict[TerminalKey, dict[WalletOrderKey, UnixMs]] = {}

    def count(self, terminal: TerminalKey, now: UnixMs) -> int:
        """How many of a terminal's are open."""
        orders = self._open.get(terminal)
        if orders is None:
            return 0
        for key in [key for key, since in orders.items() if now - since >= COUNTED_MS]:
            self._drop(terminal, key)
        return len(orders)

    def put(self, order: WalletOrder) -> None:
        """An order as it is now, from the decision that begins it on."""
        if not order.is_ours:
            return
        terminal, key = (order.merchant_no, order.terminal_no), (order.merchant_no, order.order_no)
        if is_over(order):
            self._drop(terminal, key)
        else:
            self._open.setdefault(terminal, {}).setdefault(key, order.created_ms)

    def _drop(self, terminal: TerminalKey, key: WalletOrderKey) -> None:
        orders = self._open.get(terminal)
        if orders is not None and orders.pop(key, None) is not None and not orders:
            del self._open[terminal]
