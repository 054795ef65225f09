"""What the wallets keep: customers, codes, orders and what went back; and the face of the rows that the rules work on.

waiting ──▶ paid ──▶ closed        an order of a customer: paid at once, or when the password came; closed when it was cancelled
   ├──▶ failed                     (with what was paid given back), or when nobody paid in time; failed when it was refused
   └──▶ closed ──▶ paid            a wallet's own fault, simulated: the customer pays what was closed already
"""

from typing import Literal, Protocol

import msgspec

from ..basics.numbers import UnixMs
from ..cup.brands import BrandName
from ..cup.wallets.messages import BillLine

Behaviour = Literal[
    "normal",
    "password",
    "risk",
    "brand_not_taken",
    "busy",
    "unclear",
    "slow",
    "silent",
    "silent_after",
    "race",
    "late_payment",
]
"""What a customer's wallet does, for people and tests to set. password: asks for it always; unclear: takes the money and says that
it does not know; silent: takes nothing and says nothing; silent_after: does what was asked and says nothing; race: the customer pays
in the moment of the cancel; late_payment: after it."""
OrderState = Literal["waiting", "paid", "failed", "closed"]
Way = Literal["code", "dynamic", "static"]
"""How it came: the customer's code, a shop's code made for it, a shop's code that hangs on the wall."""


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """A customer with one wallet."""

    brand: BrandName
    customer_no: str
    balance_fen: int
    behaviour: Behaviour


class PayCodeRow(msgspec.Struct, frozen=True, kw_only=True):
    """A code that a customer's phone showed: its hash, never itself."""

    code_hash: bytes
    brand: BrandName
    customer_no: str
    made_ms: UnixMs
    used_ms: UnixMs | None = None


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One order of a shop."""

    brand: BrandName
    merchant_no: str
    order_no: str
    state: OrderState
    way: Way
    customer_no: str
    """Empty while nobody has taken it up."""
    amount_fen: int
    returned_fen: int = 0
    shop: str
    wallet_no: str = ""
    link: str = ""
    """What a shop's code of this order says; empty where the customer showed a code."""
    counter: str = ""
    """The terminal on whose counter the code hangs that was paid; empty in what a shop asked for."""
    cause: str = ""
    """Why it failed."""
    asked_ms: UnixMs
    until_ms: UnixMs | None = None
    """When the wallet closes it, if nobody paid."""
    paid_ms: UnixMs | None = None
    closed_ms: UnixMs | None = None


class GivenBack(msgspec.Struct, frozen=True, kw_only=True):
    """Money that went back under a number of its own."""

    brand: BrandName
    merchant_no: str
    refund_no: str
    order_no: str
    amount_fen: int
    at_ms: UnixMs


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What the shop's acquirer is told of a payment by a code that hangs on the wall, until it has said that it knows."""

    wallet_no: str
    brand: BrandName
    merchant_no: str
    counter: str
    amount_fen: int
    paid_ms: UnixMs
    next_ms: UnixMs | None
    """When it is told next; None: never again."""
    attempts: int = 0
    heard: str = ""
    """What the acquirer said last."""


class Rows(Protocol):
    """The rows of one transaction; what is put is durable before anybody is answered."""

    def customer(self, brand: BrandName, customer_no: str) -> Customer | None: ...
    def pay_code(self, code_hash: bytes) -> PayCodeRow | None: ...
    def order(self, brand: BrandName, merchant_no: str, order_no: str) -> Order | None: ...
    def order_of_link(self, link: str) -> Order | None: ...
    def given_back(self, brand: BrandName, merchant_no: str, refund_no: str) -> GivenBack | None: ...

    def paid_since(self, brand: BrandName, customer_no: str, since: UnixMs, ways: tuple[Way, ...]) -> int:
        """What a customer has paid since an instant, in fen, less what went back."""
        ...

    def bill(
        self, brand: BrandName, merchant_no: str, begin: UnixMs, end: UnixMs, after: int, limit: int
    ) -> tuple[BillLine, ...]:
        """What came and went for a shop between two instants, in order, after a line."""
        ...

    def next_number(self) -> int:
        """A number that no order has."""
        ...

    def notices_due(self, now: UnixMs, limit: int) -> list[Notice]:
        """Notices to tell now, those first that are due longest."""
        ...

    def notice(self, wallet_no: str) -> Notice | None: ...

    def put(self, row: Customer | PayCodeRow | Order | GivenBack | Notice) -> None:
        """Write a row, new or changed."""
        ...

    def note_line(self, order: Order, amount_fen: int, refund_no: str, now: UnixMs) -> None:
        """Write a line of the shop's bill."""
        ...
