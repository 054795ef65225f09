"""What the terminal keeps of the host's orders, in one note of the journal: which it has, what became of them, and whether it is shut.

    told by the host ─▶ held ─▶ done, refused or expired ─▶ (the host has the answer) ─▶ forgotten; its number stays passed

A note is written whole before anything of the step happens: after a power cut an order is either still held, or ended with its effect.
What an order does is a state that shall be so (nobody signed in, shut, open), so where a copy of the folder does it again, nothing is
done twice. A number that is passed and not kept any more is never carried out.
"""

from typing import Literal

import msgspec
from msgspec.structs import replace

from .....basics.bad_json import BAD_JSON
from .....cup.values.order import ANSWERS_MAX, OrderAnswer, OrderSheet

GONE_MAX = 64
"""Numbers that are remembered one by one; with more, the smallest ones and all before them are passed."""
HELD_MAX = 8
"""Orders that wait or have no receipt at once; the host keeps the others until there is room."""


class HeldOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One order, until the host has its answer."""

    number: int
    kind: str
    until_ms: int
    """By the host's clock."""
    contents: str = ""
    state: Literal["held", "done", "refused", "expired"] = "held"
    word: str = ""
    """The answer's word."""


class OrderBox(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    passed: int = 0
    """Every number up to this one is passed."""
    gone: tuple[int, ...] = ()
    """Numbers beyond it that were answered and forgotten, in order. An order for later has a smaller number than one that was given after
    it and is told before it."""
    orders: tuple[HeldOrder, ...] = ()
    """In the order of their numbers."""
    shut: str | None = None
    """What the order says that shut the terminal; None while it is open."""

    @property
    def waiting(self) -> tuple[HeldOrder, ...]:
        """Orders that are still to be carried out."""
        return tuple(order for order in self.orders if order.state == "held")

    @property
    def answers(self) -> tuple[OrderAnswer, ...]:
        """What the host is to be told, the oldest first."""
        ended = (
            OrderAnswer(number=order.number, state=order.state, word=order.word)
            for order in self.orders
            if order.state != "held"
        )
        return tuple(ended)[:ANSWERS_MAX]

    @property
    def held_to(self) -> int:
        """The last order that waits here; 0 when none does."""
        return max((order.number for order in self.waiting), default=0)


def with_sheet(box: OrderBox, sheet: OrderSheet) -> OrderBox:
    """Take an order; the same box where it is known, or where there is no room for it now.

    >>> box = with_sheet(OrderBox(passed=4), OrderSheet(number=7, kind="remote_lock", until_ms=9))
    >>> box.passed, box.held_to, with_sheet(box, OrderSheet(number=7, kind="remote_lock", until_ms=9)) == box
    (4, 7, True)
    >>> with_sheet(box, OrderSheet(number=6, kind="remote_lock", until_ms=9)).held_to
    7
    >>> with_sheet(box, OrderSheet(number=4, kind="remote_lock", until_ms=9)).answers
    (OrderAnswer(number=4, state='refused', word='number_passed'),)
    """
    if any(order.number == sheet.number for order in box.orders) or len(box.orders) >= HELD_MAX:
        return box
    order = HeldOrder(number=sheet.number, kind=sheet.kind, until_ms=sheet.until_ms, contents=sheet.contents)
    if sheet.number <= box.passed or sheet.number in box.gone:
        # It was answered and the answer taken, and a host that went back in time gives it again; or a copy of this folder went on.
        order = replace(order, state="refused", word="number_passed")
    orders = tuple(sorted((*box.orders, order), key=lambda one: one.number))
    return replace(box, orders=orders)


def ended(box: OrderBox, number: int, state: Literal["done", "refused", "expired"], word: str = "") -> OrderBox:
    """The box after an order ended; one that had ended stays as it was."""
    return replace(
        box,
        orders=tuple(
            replace(order, state=state, word=word) if order.number == number and order.state == "held" else order
            for order in box.orders
        ),
    )


def without(box: OrderBox, taken: tuple[int, ...]) -> OrderBox:
    """The box once the host has these answers."""
    kept = tuple(order for order in box.orders if order.state == "held" or order.number not in taken)
    forgotten = {order.number for order in box.orders} - {order.number for order in kept}
    gone = sorted({*box.gone, *(number for number in forgotten if number > box.passed)})
    passed = gone[-GONE_MAX - 1] if len(gone) > GONE_MAX else box.passed
    return replace(box, orders=kept, gone=tuple(gone[-GONE_MAX:]), passed=passed)


def write_box(box: OrderBox) -> str:
    """As the journal keeps it."""
    return msgspec.json.encode(box).decode()


def read_box(text: str) -> OrderBox:
    """What was kept; an empty box when nothing was, or nothing that can be read.

    >>> read_box("") == OrderBox(), read_box(write_box(OrderBox(passed=7, shut="盘点"))).shut
    (True, '盘点')
    """
    try:
        return msgspec.json.decode(text, type=OrderBox) if text else OrderBox()
    except BAD_JSON:
        return OrderBox()
