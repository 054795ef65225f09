"""What the bank keeps: cards, accounts, payments and postings, as values.

A payment that moves money leaves one posting with a debit and a credit side, so every posting sums to zero by its form. Which
way it goes between the card's account and the clearing account of the acquirer stands with its kind (`kinds.py`); a reversal
goes the other way.
"""

from typing import Literal

import msgspec

from ..basics.clock import china_time
from ..basics.numbers import UnixMs
from ..vault.hsm import PinReference

CardStatus = Literal["active", "lost", "stolen", "restricted"]
Delivery = Literal["normal", "slow", "silent", "silent_after_posting"]
"""What becomes of an answer."""
Behaviour = Literal["normal", "slow", "silent", "silent_after_posting", "chip_only"]
"""How the bank behaves with a card: `slow` answers late, `silent` neither posts nor answers, `silent_after_posting`
posts and never answers, so that the host is in doubt and must reverse; `chip_only` refuses the stripe of a card with a chip (no 降级)."""
PaymentState = Literal["approved", "refused", "reversed", "reversed_before_arrival", "lapsed"]
"""`reversed_before_arrival` is a tombstone: the reversal came first, and the original is refused when it comes.
`lapsed`: it was held so long that the money is free again, and nothing can be about it any more."""

PIN_TRIES_MAX = 3
"""Wrong PINs in a row that lock a card; GB/T 20547 leaves the figure to the issuer, three is the custom."""


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """One card as the bank knows it. The card number is not kept, only its keyed hash and its mask."""

    card_id: str
    """Keyed hash of the card number, hexadecimal."""
    masked_pan: str
    account_no: str
    status: CardStatus
    behaviour: Behaviour
    expiry_yymm: str
    track_hash: str
    """Keyed hash of the whole track 2; empty when only number and expiry of a track are compared."""
    has_chip: bool
    counter: int
    """Highest transaction counter (ATC) that the chip has shown."""
    pin: PinReference
    pin_tries: int
    """Wrong PINs in a row."""
    single_limit_fen: int | None
    contactless_free_fen: int
    """Highest amount that a tap may take without a PIN."""


class _Asked(msgspec.Struct, frozen=True):
    """What a payment asked for, and of which card. `identity` is acquirer code and reference number.

    These may be given by position: a call with more than fifteen keywords costs CPython 3.11 a dict.
    """

    identity: str
    acquirer_code: str
    rrn: str
    state: PaymentState
    card_id: str
    masked_pan: str
    account_no: str
    amount_fen: int
    merchant_no: str
    terminal_no: str


class Payment(_Asked, frozen=True, kw_only=True):
    """One payment and the answer that it got."""

    trace_no: str
    entry_mode: str
    response_code: str
    reason: str
    """Why it was refused, in words for the log and for people; empty when approved."""
    auth_code: str
    settlement_date: str
    chip_answer: bytes | None
    received_at: int
    reversed_at: int | None = None
    kind: str
    """Name of its row in `kinds.py`."""
    original_identity: str = ""
    """The payment that it is about; empty when it is about none."""
    undone_by: str = ""
    """Identity of the payment that has undone this one."""
    adjusted_fen: int = 0
    """What later payments have added to its amount, or (below zero) taken from it."""
    code_id: str = ""
    """Keyed hash of the payment code that it was paid by, which is good for one; empty where by card."""

    @property
    def pay_voucher(self) -> str:
        """付款凭证号, by which a payment by code is known: its day in China, and its reference number."""
        return f"{china_time(UnixMs(self.received_at)):%Y%m%d}{self.rrn}"

    @property
    def standing_fen(self) -> int:
        """Its amount, with what later payments have added or taken."""
        return self.amount_fen + self.adjusted_fen


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """Money moved from the debit account to the credit account."""

    posting_no: int
    identity: str
    kind: str
    """The payment's kind, or `reversal`."""
    debit_account: str
    credit_account: str
    amount_fen: int
    posted_at: int


ScriptOrder = Literal["offline_limit", "block"]
"""What a chip is told to do: take another offline limit, or block its application."""
ScriptState = Literal["pending", "done"]


class CardScript(msgspec.Struct, frozen=True, kw_only=True):
    """A command that the bank has for one of its chips: it goes with each answer to that chip until a notice says that it was done."""

    script_no: int
    """Its identifier on the chip's side too (9F18)."""
    card_id: str
    order: ScriptOrder
    value: int = 0
    """The limit, 0 to 255; 0 in an order without one."""
    state: ScriptState = "pending"
    sent: int = 0
    """How often it went along with an answer."""
    identity: str = ""
    """The payment with whose answer it went last."""
    result: str = ""
    """What the last notice said of it: `not_done`, `failed` or `done`; empty while none came."""
    asked_at: int = 0
    told_at: int | None = None


def identity_of(acquirer_code: str, rrn: str) -> str:
    """What a payment is known by between host and bank; the reference number has a fixed width, so pairs never meet."""
    return f"{acquirer_code}-{rrn}"


def clearing_account(acquirer_code: str) -> str:
    """The account that holds what the bank owes an acquirer."""
    return f"clearing-{acquirer_code}"


class Books:
    """The rows that one batch needs, and what the batch has changed in them so far.

    `balances` has fen by account; a clearing account that is not there yet stands at zero. `held` is what of it is set aside and
    can't be spent. A change is seen by the next request of the same batch and is written in one transaction afterwards.
    """

    __slots__ = (
        "balances",
        "cards",
        "changed_accounts",
        "changed_cards",
        "changed_payments",
        "changed_scripts",
        "held",
        "next_posting_no",
        "payments",
        "phones",
        "postings",
        "scripts",
        "used_codes",
    )

    def __init__(
        self,
        cards: dict[str, Card],
        balances: dict[str, int],
        payments: dict[str, Payment],
        next_posting_no: int,
        held: dict[str, int] | None = None,
        scripts: dict[int, CardScript] | None = None,
    ) -> None:
        self.cards = cards
        self.balances = balances
        self.held = held if held is not None else {}
        self.payments = payments
        self.next_posting_no = next_posting_no
        self.phones: dict[str, str] = {}
        """Cards by the phones that show codes for them."""
        self.used_codes: set[str] = set()
        self.scripts = scripts if scripts is not None else {}
        self.changed_scripts: set[int] = set()
        self.changed_cards: set[str] = set()
        self.changed_accounts: set[str] = set()
        self.changed_payments: set[str] = set()
        self.postings: list[Posting] = []

    def available_fen(self, account_no: str) -> int:
        """What an account may spend."""
        return self.balances[account_no] - self.held.get(account_no, 0)

    def script_for(self, card_id: str) -> CardScript | None:
        """The oldest command that waits for a card."""
        waiting = [one for one in self.scripts.values() if one.card_id == card_id and one.state == "pending"]
        return min(waiting, key=lambda one: one.script_no, default=None)

    @property
    def changed(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.changed_payments or self.changed_cards or self.changed_scripts)
