"""The machine of one order at a wallet. Time and chance come in as arguments; what is to be asked next stands in the row.

    asked ──▶ waiting ◀──▶ unknown                 a query each few seconds; when they are used up, or the customer has
      │           │            │                   nobody waiting any more, a cancel, never before 15 s after the order
      └───────────┴────────────┴──▶ paid           the money has come, and stands
                                ├──▶ refused       it has not, and never will
                                └──▶ cancelled     it never came, or is with the customer again

What is due stands in `step` and `next_ms`, and the row is written before the wallet is asked: whoever reads the row after a
restart goes on exactly there. `unknown` without a next time does not exist. The table says what follows from each word of the
wallet at each step:

    stands     the customer's money is there. Where the terminal was told "failed" meanwhile, it goes back (cancel, or refund)
    lost       never paid; over
    undone     no money stands; over, and looked at once more, since a customer may have paid in the very last moment
    wait       the customer is at it; ask again
    ask        nobody knows; ask again, and cancel once the queries are used up
    again      the same step again, more and more slowly, and never given up
    give_back  too late to cancel: the money goes back by a refund

A word may come late, twice, or after the order is over: money that came although it was said not to have is on its way back at
once; no other word changes what is over. A new try of the customer is a new payment with an order of its own.
Sources: domain reference, QR payments 5.2.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

import msgspec
from msgspec.structs import replace

from ...basics.errors import Defect
from ...basics.numbers import BatchNo, MerchantNo, TerminalNo, TraceNo, UnixMs
from ...cup.wallets.codes import Said
from ..rows.records import WalletOrder, WalletStep
from .plans import Plan

Heard = Said | Literal["silent"]
"""What came back: a word's meaning, or nothing at all."""
AskedStep = Literal["pay", "query", "cancel", "give_back", "look"]
"""Which request it answers."""
Follows = Literal["stands", "lost", "undone", "wait", "ask", "again", "give_back"]
ASKED_STEPS: tuple[AskedStep, ...] = get_args(AskedStep)
HEARD: tuple[Heard, ...] = (*get_args(Said), "silent")
FINAL = frozenset({"paid", "refused", "cancelled"})
ENDS: frozenset[Follows] = frozenset({"stands", "lost", "undone"})
ENDS_GIVING_BACK: frozenset[Heard] = frozenset({"returned", "refused", "closed"})
LATE_FROM_ATTEMPTS = 2
LATE_AFTER_MS = 30_000
"""A giving back is late with this attempt that brought no clear answer, or after this time: then its terminal goes on without it."""
SILENT_FROM_ATTEMPTS = 60
"""About an hour after the first: who has not heard the wallet for so long needs people (`roads/left_open.py`)."""
MARKED_ATTEMPTS = frozenset({LATE_FROM_ATTEMPTS, SILENT_FROM_ATTEMPTS})
ORDER_NO_MAX = 32
MS = 1_000
"""In a second: plans count in these, rows in those."""

# fmt: off
TABLE: Mapping[Heard, tuple[Follows, Follows, Follows, Follows, Follows]] = MappingProxyType({
    #            pay        query      cancel       give_back    look
    "paid":     ("stands",  "stands",  "give_back", "again",     "stands"),
    "waiting":  ("wait",    "wait",    "again",     "again",     "again"),
    "refused":  ("lost",    "lost",    "undone",    "again",     "lost"),
    "closed":   ("undone",  "undone",  "undone",    "undone",    "undone"),
    "returned": ("undone",  "undone",  "undone",    "undone",    "undone"),
    "absent":   ("ask",     "ask",     "undone",    "undone",    "undone"),
    "unclear":  ("ask",     "ask",     "again",     "again",     "again"),
    "later":    ("ask",     "ask",     "again",     "again",     "again"),
    "too_late": ("ask",     "ask",     "give_back", "again",     "again"),
    "silent":   ("ask",     "ask",     "again",     "again",     "again"),
})
# fmt: on
"""What follows, by word and by the request that it answers."""


class OrderAsked(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer is to pay, or (`original_order_no`) is to get back."""

    merchant_no: MerchantNo
    order_no: str
    brand: str
    amount_fen: int
    terminal_no: TerminalNo
    batch_no: BatchNo
    trace_no: TraceNo
    masked_code: str = ""
    original_order_no: str = ""
    host_id: str | None = None


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """What came back from a wallet: what it means, and what is kept of it."""

    asked: AskedStep
    says: Heard
    code: str = ""
    wallet_no: str = ""
    shown: str = ""
    """What our code says, of the request that made one."""


def order_number(terminal_no: TerminalNo, batch_no: BatchNo, trace_no: TraceNo, told_apart_by: str) -> str:
    """The number of a payment's order: nobody else has it, also where batches and traces come round again.

    `told_apart_by`: the terminal's sign-on, `00c0ffee`; or twelve digits of the instant, `261130183504`.

    >>> order_number(TerminalNo("10000001"), BatchNo("000001"), TraceNo("000012"), "00c0ffee")
    '1000000100000100001200c0ffee'
    """
    number = f"{terminal_no}{batch_no}{trace_no}{told_apart_by}"
    if len(number) > ORDER_NO_MAX:
        raise Defect(f"an order number has at most {ORDER_NO_MAX} characters")
    return number


def is_over(order: WalletOrder) -> bool:
    """Whether it is final. A step may still be due: a last look. Only then may the same be tried again, as a new order."""
    return order.state in FINAL


def begin(asked: OrderAsked, plan: Plan, now: UnixMs) -> WalletOrder:
    """The row that must be durable before the wallet is asked. Should nobody hear the answer, it is asked for from `next_ms` on."""
    if asked.amount_fen <= 0:
        raise Defect("an order is about an amount above zero")
    gives_back = bool(asked.original_order_no)
    return WalletOrder(
        merchant_no=asked.merchant_no,
        order_no=asked.order_no,
        brand=asked.brand,
        state="asked",
        step="give_back" if gives_back else "query",
        next_ms=_later(now, plan.answer_s + plan.first_s),
        amount_fen=asked.amount_fen,
        terminal_no=asked.terminal_no,
        batch_no=asked.batch_no,
        trace_no=asked.trace_no,
        original_order_no=asked.original_order_no,
        masked_code=asked.masked_code,
        created_ms=now,
        host_id=asked.host_id,
    )


def concerns_payment(order: WalletOrder, word: Word) -> bool:
    """Whether its payment may be told something by this word: that it is over, that it is late, or the code of ours. Most of what is
    asked leaves it as it was, and loads no payment."""
    if order.attempts + 1 in MARKED_ATTEMPTS or (order.is_ours and word.shown not in ("", order.shown)):
        return True
    if order.original_order_no:
        return word.says in ENDS_GIVING_BACK
    return TABLE[word.says][ASKED_STEPS.index(word.asked)] in ENDS


def hear(order: WalletOrder, word: Word, plan: Plan, now: UnixMs, draw: float) -> WalletOrder:
    """What becomes of an order by what came back. `draw`, 0 up to 1, spreads the queries."""
    order = replace(
        order,
        wallet_code=word.code or order.wallet_code,
        wallet_no=word.wallet_no or order.wallet_no,
        shown=word.shown or order.shown,
        queries=order.queries + (word.asked == "query"),
    )
    if order.original_order_no:
        return _hear_giving_back(order, word, plan, now)
    follows = TABLE[word.says][ASKED_STEPS.index(word.asked)]
    if word.says in ("paid", "returned") and order.paid_ms is None:
        order = replace(order, paid_ms=now)
    if is_over(order):
        return _hear_late(order, word, follows, plan, now)
    match follows:
        case "stands":
            if order.told == "failed" or order.step in ("cancel", "give_back"):
                # Somebody was told that nothing was paid, or it is being cancelled already: the money may not stay.
                return _undo(order, plan, now)
            return _end(order, "paid", now)
        case "lost":
            return _end(order, "refused", now)
        case "undone":
            return _end(order, "cancelled", now, look_ms=_later(now, plan.look_s))
        case "give_back":
            return replace(order, state="unknown", step="give_back", next_ms=now, attempts=0)
        case "again":
            return _again(order, plan, now)
        case "wait" | "ask":
            if order.step in ("cancel", "give_back"):
                # An answer from before somebody gave it up.
                return order
            return _ask(order, "waiting" if follows == "wait" else "unknown", plan, now, draw)


def is_late(order: WalletOrder, now: UnixMs) -> bool:
    """Whether its wallet has had the time in which a giving back is usually decided, and has not decided it."""
    is_slow = order.attempts >= LATE_FROM_ATTEMPTS or now - order.created_ms >= LATE_AFTER_MS
    return bool(order.original_order_no) and not is_over(order) and is_slow


def give_up(order: WalletOrder, plan: Plan, now: UnixMs) -> WalletOrder:
    """The terminal is told (or has said itself) that nothing was paid: what is open is cancelled, what was paid goes back.

    Also how a payment is undone on its day: a reversal or a void. What never came stays as it is.
    """
    if order.original_order_no:
        raise Defect("a giving back is not given up: the wallet decides it, and is asked until it has")
    order = replace(order, told="failed")
    if order.state in ("refused", "cancelled") or order.step in ("cancel", "give_back"):
        return order
    return _undo(order, plan, now)


def tell_paid(order: WalletOrder) -> WalletOrder:
    """The terminal is told that it is paid. Defect where it is not."""
    if order.state != "paid":
        raise Defect("an order is told as paid that is not")
    return replace(order, told="paid")


def _undo(order: WalletOrder, plan: Plan, now: UnixMs) -> WalletOrder:
    """Cancel, not before its time, or give the money back after it. Our code is closed at once: the time is the customer's code's, which
    may still be on its way to the wallet, while nobody pays by ours that nobody shows any more."""
    earliest = now if order.is_ours else _later(order.created_ms, plan.cancel_from_s)
    step: WalletStep = "cancel"
    if now > _later(order.created_ms, plan.cancel_within_s):
        step = "give_back"
    if order.step == step and order.next_ms is not None:
        return replace(order, state="unknown")
    return replace(order, state="unknown", step=step, next_ms=max(now, earliest), attempts=0)


def _ask(order: WalletOrder, state: Literal["waiting", "unknown"], plan: Plan, now: UnixMs, draw: float) -> WalletOrder:
    """A query later; a cancel where no query may leave any more."""
    shortest, longest = (second * MS for second in plan.every_s)
    pause_ms = plan.first_s * MS if not order.queries else shortest + int((longest - shortest) * draw)
    last = offered_until(order, plan) if order.is_ours else _later(order.created_ms, plan.until_s)
    if order.is_ours:
        pause_ms = plan.offer_every_s * MS
    if now >= last or (order.queries >= plan.queries_max and not order.is_ours):
        return _undo(order, plan, now)
    # The last one leaves at the very end: until then the customer may still pay.
    return replace(order, state=state, step="query", next_ms=min(UnixMs(now + pause_ms), last))


def offered_until(order: WalletOrder, plan: Plan) -> UnixMs:
    """Until when our code of an order may be paid; then it is cancelled."""
    return _later(order.created_ms, plan.offer_until_s)


def _again(order: WalletOrder, plan: Plan, now: UnixMs) -> WalletOrder:
    """The same step once more, after a pause that doubles."""
    attempts = order.attempts + 1
    return replace(order, state="unknown", attempts=attempts, next_ms=_paused(attempts, plan, now))


def _paused(attempts: int, plan: Plan, now: UnixMs) -> UnixMs:
    first, most = plan.again_s
    return _later(now, min(first << min(attempts - 1, most.bit_length()), most))


def _end(
    order: WalletOrder, state: Literal["paid", "refused", "cancelled"], now: UnixMs, look_ms: UnixMs | None = None
) -> WalletOrder:
    step: WalletStep = "" if look_ms is None else "look"
    return replace(order, state=state, step=step, next_ms=look_ms, attempts=0, decided_ms=now)


def _hear_late(order: WalletOrder, word: Word, follows: Follows, plan: Plan, now: UnixMs) -> WalletOrder:
    """A word about what is over. Only one is heard: the money is there, although it was said not to be."""
    if word.says == "paid" and order.state != "paid":
        return _undo(order, plan, now)
    if word.asked != "look" or order.step != "look":
        return order
    if follows == "again":
        # However often: whoever stops here leaves money at the wallet that both books call cancelled.
        attempts = order.attempts + 1
        return replace(order, attempts=attempts, next_ms=_paused(attempts, plan, now))
    return replace(order, step="", next_ms=None)


def _hear_giving_back(order: WalletOrder, word: Word, plan: Plan, now: UnixMs) -> WalletOrder:
    """An order that gives money back is asked for, with the same number, until the wallet says yes or no; `paid` is yes."""
    if is_over(order):
        return order
    if word.says in ENDS_GIVING_BACK:
        return _end(order, "paid" if word.says == "returned" else "refused", now)
    return _again(order, plan, now)


def _later(instant: UnixMs, seconds: int) -> UnixMs:
    return UnixMs(instant + seconds * MS)
