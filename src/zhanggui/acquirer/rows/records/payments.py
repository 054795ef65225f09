"""Payments, the ledger's lines about them, and orders at QR wallets: what was asked, what it said, what is asked next and when."""

from typing import Literal

from ....basics.numbers import BatchNo, MerchantNo, Rrn, TerminalNo, TraceNo, UnixMs
from .record import Record

__all__ = [
    "Account",
    "BankState",
    "Clash",
    "ClashKey",
    "ClashWhat",
    "CounterCode",
    "CounterCodeKey",
    "Payment",
    "PaymentKey",
    "PaymentScript",
    "PaymentState",
    "Posting",
    "ScriptState",
    "ToldOf",
    "WalletOrder",
    "WalletOrderKey",
    "WalletState",
    "WalletStep",
]

PaymentKey = tuple[MerchantNo, TerminalNo, BatchNo, TraceNo]
"""Merchant, terminal, batch and trace: one key, at most one payment, whatever its kind."""
PaymentState = Literal["pending", "approved", "declined", "timed_out", "reversed", "barred"]
"""pending: asked the bank; timed_out: the bank did not answer; reversed: undone; barred: a reversal came before its
original, which is refused when it comes late."""
ClashWhat = Literal[
    "other_payment",
    "reversal_of_finished",
    "reversal_of_another",
    "reversal_of_closed",
    "reversal_of_used",
    "reversal_of_given_back",
]
"""other_payment: another payment came under its number (94); the others: a 0400 that was not taken, because its terminal had gone
on since (its folder is an old copy), because it is about another payment under the same number, because the batch is closed,
because later payments stand on the one that it is about, because a wallet has given the money back and does not take it again."""
ClashKey = tuple[MerchantNo, TerminalNo, BatchNo, TraceNo, ClashWhat]
ScriptState = Literal["due", "told"]
"""due: the issuer has to be told; told: it answered."""
BankState = Literal["", "reversal_due", "reversal_done"]
"""What the bank, or the wallet, still has to hear of."""
Account = Literal["issuer_clearing", "wallet_clearing", "merchant_payable"]
"""What issuers owe, what QR wallets owe, and what is owed to merchants."""

CounterCodeKey = tuple[MerchantNo, TerminalNo]
WalletOrderKey = tuple[MerchantNo, str]
"""Merchant and order number."""
WalletState = Literal["asked", "waiting", "unknown", "paid", "refused", "cancelled"]
"""asked: durable before the wallet hears of it; waiting: the customer is asked for something; unknown: nobody has said it yet;
the others are final: the money has come, never came, or is with the customer again."""
WalletStep = Literal["", "query", "cancel", "give_back", "look", "tell"]
"""What is asked next. look: one more query about an order that is over, because a customer may have paid in the last moment.
tell: its terminal, which has not taken the payment yet, is told of it again."""
ToldOf = Literal["", "open", "paid", "failed"]
"""What the terminal was told. open: that a giving back is not decided yet, and that it hears of it later."""


class Payment(Record, frozen=True, kw_only=True):
    """One payment, whatever became of it. `answer` is what was (or will be) answered, kept for repeats."""

    KEY = ("merchant_no", "terminal_no", "batch_no", "trace_no")

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    batch_no: BatchNo
    trace_no: TraceNo
    kind: str
    """Name of its row in the catalogue and in the table of kinds (`payments/kinds.py`)."""
    state: PaymentState
    fingerprint: bytes
    """What tells a repeat (`payments/repeats.py`), until its salt is forgotten; empty in a barred row."""
    amount_fen: int
    masked_pan: str = ""
    card_hash: bytes = b""
    entry_mode: str = ""
    operator_no: str = ""
    session_no: int | None = None
    rrn: Rrn
    response_code: str = ""
    auth_code: str = ""
    issuer: str = ""
    answer: str = ""
    """JSON of the PaymentAnswer; empty while pending."""
    bank_state: BankState = ""
    bank_attempts: int = 0
    reversal_reason: str = ""
    created_ms: UnixMs
    decided_ms: UnixMs | None = None
    reversed_ms: UnixMs | None = None
    original_batch_no: str = ""
    original_trace_no: str = ""
    """The payment of this terminal that this one is about; empty when it is about none."""
    undone_by_batch_no: str = ""
    undone_by_trace_no: str = ""
    """The payment of this terminal that undoes this one, from the moment it is asked for; empty while none does."""
    host_id: str | None = None
    """Which of several hosts asked the bank (`hosts.py`); None where one host has the database for itself."""
    shop_day: str | None = None
    """The shop day that it belongs to, as policy cut it then: `2026-11-29` of China's time; None in rows from before there was one."""
    epoch: str | None = None
    """The terminal's sign-on under which it left (tag EPOCH); None from a terminal that does not say."""
    original_terminal_no: str | None = None
    """The terminal of the original, where it is another one of the same shop; None where it is the payment's own."""
    undone_by_terminal_no: str | None = None
    """The terminal of what undoes it, where it is another one of the same shop."""
    adjusted_fen: int | None = None
    """What later payments have added to its amount, or (below zero) taken from it; None where none has."""
    pending_parts: int | None = None
    """How many payments that add to it, or take a part of it, are at the bank; None where none is."""
    reason: str | None = None
    """Why the host refused it before the bank was asked, as a reason word; None where the bank was asked."""
    pay_voucher: str | None = None
    """付款凭证号, by which the customer's bank knows it, where it was paid by code; None where by card."""
    wallet: str | None = None
    """The brand whose wallet is asked, by an order of its own (`payments/roads/road.py`); None where the card network is."""
    order_no: str | None = None
    """The number of its order there; None where the card network was asked."""

    @property
    def is_corrected(self) -> bool:
        """Whether its money went back beside its closed batch: it stays approved there, and the bank was told to undo it."""
        return self.state == "approved" and self.bank_state != ""

    @property
    def standing_fen(self) -> int:
        """Its amount, with what later payments have added or taken."""
        return self.amount_fen + (self.adjusted_fen or 0)

    @property
    def undone_by(self) -> PaymentKey | None:
        """The key of what undoes it, or asks to; None while nothing does."""
        if not self.undone_by_trace_no:
            return None
        terminal_no = TerminalNo(self.undone_by_terminal_no or self.terminal_no)
        return (self.merchant_no, terminal_no, BatchNo(self.undone_by_batch_no), TraceNo(self.undone_by_trace_no))


class Clash(Record, frozen=True, kw_only=True):
    """Somebody proved the terminal's keys and yet claimed what can't be: two terminals have one number, or one went back in time.

    One row for a payment and what was claimed of it, however often: bounded by the payments.
    """

    KEY = ("merchant_no", "terminal_no", "batch_no", "trace_no", "what")

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    batch_no: BatchNo
    trace_no: TraceNo
    what: ClashWhat
    times: int = 1
    amount_fen: int
    """What the last one named."""
    operator_no: str
    """Who had made the payment that stood under the number."""
    first_ms: UnixMs
    last_ms: UnixMs
    case_no: int | None = None
    """The case that was opened for it; None where nobody has to act on money."""


class PaymentScript(Record, frozen=True, kw_only=True):
    """What became of the scripts that an issuer sent with the answer to one payment, as its terminal told it (脚本通知)."""

    KEY = ("merchant_no", "terminal_no", "batch_no", "trace_no")

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    batch_no: BatchNo
    trace_no: TraceNo
    kind: str
    """Of the payment."""
    rrn: Rrn
    """The payment's."""
    notice_batch_no: BatchNo
    notice_trace_no: TraceNo
    """The notice's own numbers."""
    results: str
    """DF31 of field 55, hexadecimal: five bytes a script."""
    chip_data: bytes
    """Field 55 of the notice, until the issuer was told."""
    state: ScriptState = "due"
    bank_code: str = ""
    """What the issuer answered."""
    taken_ms: UnixMs
    told_ms: UnixMs | None = None


class Posting(Record, frozen=True, kw_only=True):
    """One line of the double-entry ledger: debit positive, credit negative. The lines of one payment and kind sum to zero.

    The key makes a second posting of the same payment impossible.
    """

    KEY = ("merchant_no", "terminal_no", "batch_no", "trace_no", "kind", "account")

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    batch_no: BatchNo
    trace_no: TraceNo
    kind: str
    """The payment's kind, or `reversal`, or `correction`."""
    account: Account
    amount_fen: int
    posted_ms: UnixMs


class WalletOrder(Record, frozen=True, kw_only=True):
    """One order at a wallet, whatever becomes of it; its machine is `acquirer/wallets/order.py`.

    The customer's code is not kept, only its mask: it is used once, and never after the first request.
    """

    KEY = ("merchant_no", "order_no")

    merchant_no: MerchantNo
    order_no: str
    """As the wallet knows it: at most 32 characters, never used a second time. Of a payment that came, the wallet's own number; where another
    wallet's program gave that number already, with the brand before it (`alipay:…`)."""
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
    """The payment that it is for; batch and trace are empty while its terminal has not taken it (`is_received`)."""
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
    shown: str | None = None
    """What our code of this order says, once the wallet has made one; None where the customer shows one."""
    contradicted_ms: UnixMs | None = None
    """When its wallet first told something else of a received payment than it is; people were called then, once."""

    @property
    def is_ours(self) -> bool:
        """Whether the shop shows a code for it: then nobody is asked before a phone reads that."""
        return not self.masked_code and not self.original_order_no and not self.is_received

    @property
    def is_received(self) -> bool:
        """Whether it was paid by the code on the counter: nobody asked the wallet for it, which has no number for it but its own."""
        return self.order_no in (self.wallet_no, f"{self.brand}:{self.wallet_no}")


class CounterCode(Record, frozen=True, kw_only=True):
    """The code that stands on the counter beside one terminal (台牌): what is paid by it arrives there."""

    KEY = ("merchant_no", "terminal_no")

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    category: str
    """MCC of the shop, four digits, as the code says it."""
    city: str
    state: Literal["active", "withdrawn"] = "active"
    """withdrawn: the wallets give back what is still paid by it."""
    made_ms: UnixMs
    billed_ms: UnixMs
    """Up to when the wallets' bills of the shop were read for payments that nobody told of."""
    withdrawn_ms: UnixMs | None = None
    """When the code, or the one before it, was withdrawn the last time; what was paid earlier is the shop's. None where none was, or
    before that was noted."""


RECORDS: tuple[type[Record], ...] = (
    Payment,
    Posting,
    Clash,
    WalletOrder,
    PaymentScript,
    CounterCode,
)
"""In the order of writing."""
