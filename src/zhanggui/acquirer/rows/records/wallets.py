"""Orders at QR wallets: what was asked of one, what it said, and what is to be asked next and when."""

from typing import Literal

from ....basics.numbers import BatchNo, MerchantNo, TerminalNo, TraceNo, UnixMs
from .record import Record

__all__ = ["OrderKey", "ToldOf", "WalletOrder", "WalletState", "WalletStep"]

OrderKey = tuple[MerchantNo, str]
"""Merchant and order number."""
WalletState = Literal["asked", "waiting", "unknown", "paid", "refused", "cancelled"]
"""asked: durable before the wallet hears of it; waiting: the customer is asked for something; unknown: nobody has said it yet;
the others are final: the money has come, never came, or is with the customer again."""
WalletStep = Literal["", "query", "cancel", "give_back", "look"]
"""What is asked next. look: one more query about an order that is over, because a customer may have paid in the last moment."""
ToldOf = Literal["", "paid", "failed"]
"""What the terminal was told."""


class WalletOrder(Record, frozen=True, kw_only=True):
    """One order at a wallet, whatever becomes of it; its machine is `acquirer/wallets/order.py`.

    The customer's code is not kept, only its mask: it is used once, and never after the first request.
    """

    KEY = ("merchant_no", "order_no")

    merchant_no: MerchantNo
    order_no: str
    """As the wallet knows it: at most 32 characters, never used a second time."""
    brand: str
    """`wechat`, `alipay` or `unionpay`: a row of the plans (`acquirer/wallets/plans.toml`)."""
    state: WalletState
    step: WalletStep
    next_ms: UnixMs | None
    """When the step is due; None exactly where nothing is to be asked any more."""
    amount_fen: int
    terminal_no: TerminalNo
    batch_no: BatchNo
    trace_no: TraceNo
    """The payment that it is for."""
    original_order_no: str = ""
    """The paid order that this one gives money of back; empty where it is a customer's payment."""
    masked_code: str = ""
    queries: int = 0
    """How often the wallet was asked for the outcome."""
    attempts: int = 0
    """How often the present step was tried, where it is a cancel, a giving back or a look."""
    wallet_code: str = ""
    """The last word that the wallet said (`cup/wallets/codes.toml`)."""
    wallet_no: str = ""
    """The wallet's own number of the payment (付款凭证号); empty while it has none."""
    told: ToldOf = ""
    created_ms: UnixMs
    paid_ms: UnixMs | None = None
    """When the customer's money came, also where it has gone back since."""
    decided_ms: UnixMs | None = None
    """When it became final, the last time."""
    host_id: str | None = None
    """Which of several hosts asks about it; None where one host has the database for itself."""


RECORDS: tuple[type[Record], ...] = (WalletOrder,)
"""In the order of writing."""
