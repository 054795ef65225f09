"""An order at a wallet, for tests that need a row of one."""

from typing import Any

from msgspec.structs import replace

from zhanggui.acquirer.rows.records import WalletOrder
from zhanggui.basics.numbers import TraceNo

from .acquirer_world import BATCH, MERCHANT, NOON, OURS

_ORDER = WalletOrder(
    merchant_no=MERCHANT,
    order_no="A1",
    brand="wechat",
    state="waiting",
    step="query",
    next_ms=NOON,
    amount_fen=5_000,
    terminal_no=OURS,
    batch_no=BATCH,
    trace_no=TraceNo("000010"),
    masked_code="13****6789",
    created_ms=NOON,
)


def wallet_order(**said: Any) -> WalletOrder:
    """A customer's order that waits, but for what is said."""
    return replace(_ORDER, **said)
