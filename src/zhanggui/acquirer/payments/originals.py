"""The original of a payment: which earlier one it is about, and whether it may be.

It is named by what the terminal knows: batch and trace number of its own (61.1, 61.2), or the reference number (37), or the
authorisation code (38) with the card; the last two find it in any batch, on any day and on any terminal of the shop, and 61.3
must be its day. Whichever of them finds it, all of them must be its own: a request that names two payments is refused (25), and
what a supervisor approved is compared with the payment that was found, not with what was said of it.
What becomes of it while the later payment is decided stands in `claims.py`.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from ...basics.clock import china_time, instant_of
from ...basics.errors import certain
from ...basics.numbers import BatchNo, TerminalNo, TraceNo, UnixMs
from ...basics.spans import DAY_MS, HOUR_MS
from ...cup.messages.payment import Original, PaymentRequest, ReversalRequest
from ..policy.rules import Policy, policy_of
from ..rows.records import Merchant, Payment, PaymentKey
from ..rows.state import Lookup, Needs, State
from ..terminals.gate import Refusal

FindOriginal = Callable[[State, PaymentRequest, bytes, UnixMs], Payment | Refusal]
"""Takes the rows, the request, the keyed hash of its card (empty without one) and the time; answers the original, or why not."""
Figure = Callable[[Policy], int]
"""A number of the policy."""
Sum = Literal["whole", "part", "share", "any"]
"""What a later payment's amount may be: the whole of what stands, at most that, at most a share of it by policy, or anything."""
UNKNOWN = "000000"
"""A part of field 61, or an authorisation code, that the terminal does not know."""
AROUND_MS = HOUR_MS
"""A payment of midnight has one day at the terminal and another at the host."""


def payment_key(of: PaymentRequest | ReversalRequest | Payment) -> PaymentKey:
    """The key of a payment: what its terminal counts by."""
    return (of.merchant_no, of.terminal_no, of.batch_no, of.trace_no)


def named_original(request: PaymentRequest) -> PaymentKey | None:
    """The key of the original that a request names by batch and trace; None when it names none so."""
    original = request.original
    if original is None or UNKNOWN in (original.batch_no, original.trace_no):
        return None
    return (request.merchant_no, request.terminal_no, original.batch_no, original.trace_no)


def original_by_key(state: State, request: PaymentRequest) -> Payment | None:
    """The payment that a request names by batch and trace; None when there is none, or its reference number says another one."""
    key = named_original(request)
    original = state.get(Payment, *key) if key is not None else None
    told = request.original
    if original is None or told is None:
        return None
    fits = told.rrn in ("", original.rrn) and told.pay_voucher in ("", original.pay_voucher)
    return original if fits else None


def approved_as(original: Payment, request: PaymentRequest) -> str:
    """The name of the original that was found, as `Original.named` gives it for what this request says; an approval must have it.

    Batch and trace are a name at the terminal that counts by them, and nowhere else.
    """
    told = certain(request.original, "who has an original has named it")
    is_counted_here = original.terminal_no == request.terminal_no
    return Original(
        batch_no=original.batch_no,
        trace_no=original.trace_no if is_counted_here and told.trace_no != UNKNOWN else TraceNo(UNKNOWN),
        rrn=original.rrn if told.rrn else "",
        auth_code=original.auth_code if told.auth_code else "",
        pay_voucher=original.pay_voucher or "" if told.pay_voucher else "",
    ).named


def looked_up(request: PaymentRequest, card_hash: bytes, now: UnixMs) -> Lookup | None:
    """How the original of a request is looked for in the whole shop; None when the request does not say enough."""
    original = request.original
    if original is None:
        return None
    if original.rrn:
        return Lookup(request.merchant_no, rrn=original.rrn)
    if original.pay_voucher:
        return Lookup(request.merchant_no, pay_voucher=original.pay_voucher)
    day = _latest_day(original.date, now)
    if day is None or not original.auth_code or not card_hash:
        return None
    since_ms, until_ms = UnixMs(day - AROUND_MS), UnixMs(day + DAY_MS + AROUND_MS)
    return Lookup(request.merchant_no, "", original.auth_code, card_hash, since_ms, until_ms)


def _latest_day(mmdd: str, now: UnixMs) -> UnixMs | None:
    """Where the latest day of this name begins, in China; None for what is no day. MMDD carries no year."""
    today = china_time(now)
    for year in (today.year + 1, today.year, today.year - 1, today.year - 2, today.year - 3, today.year - 4):
        try:
            day = datetime(year, int(mmdd[:2]), int(mmdd[2:]), tzinfo=today.tzinfo)
        except ValueError:
            continue
        if day <= today + timedelta(hours=1):
            return instant_of(day)
    return None


def kept_original(payment: Payment) -> PaymentKey | None:
    """The key of the original that a payment is about; None when it is about none."""
    if not payment.original_trace_no:
        return None
    # The columns are filled together, from the original's own row.
    terminal_no = TerminalNo(payment.original_terminal_no or payment.terminal_no)
    batch_no, trace_no = BatchNo(payment.original_batch_no), TraceNo(payment.original_trace_no)
    return (payment.merchant_no, terminal_no, batch_no, trace_no)


def undoing_key(payment: Payment) -> PaymentKey | None:
    """The key of what undoes a payment; None while nothing does."""
    return payment.undone_by


def need_original(state: State, key: PaymentKey, more: Needs) -> None:
    """Ask for the original of a payment that is here, for that one's own, and for what undoes either: one changes the other."""
    payment = state.get(Payment, *key)
    if payment is None:
        return
    undoing = undoing_key(payment)
    if undoing is not None:
        more.add(Payment, undoing)
    original_key = kept_original(payment)
    if original_key is not None:
        more.add(Payment, original_key)
        more.leads_on = True
        original = state.get(Payment, *original_key)
        if original is not None:
            for key_beyond in (kept_original(original), undoing_key(original)):
                if key_beyond is not None:
                    more.add(Payment, key_beyond)


def named_in(state: State, request: PaymentRequest, card_hash: bytes, now: UnixMs) -> Payment | None:
    """What a refused request was about, whether or not it might have been taken: its row names it. None where that is not certain."""
    original = original_by_key(state, request)
    if original is None:
        lookup = looked_up(request, card_hash, now)
        original = state.find(lookup) if lookup is not None else None
    if original is None or request.original is None or named_otherwise(original, request.original) is not None:
        return None
    return original


def same_batch_by_trace(*of_kinds: str) -> FindOriginal:
    """An approved payment of one of these kinds, by its trace number, in the same batch of the same terminal, whole, with the same card."""

    def find(state: State, request: PaymentRequest, card_hash: bytes, now: UnixMs) -> Payment | Refusal:
        key, named = named_original(request), request.original
        if key is None and named is not None and named.pay_voucher:
            # Paid by code, and named by its voucher alone: of this terminal and batch it has to be all the same.
            lookup = looked_up(request, card_hash, now)
            by_voucher = state.find(lookup) if lookup is not None else None
            key = payment_key(by_voucher) if by_voucher is not None else None
            if key is None:
                return Refusal("25", "original_not_found")
        if key is None or (key[1], key[2]) != (request.terminal_no, request.batch_no):
            return Refusal("25", "original_in_another_batch")
        original = state.get(Payment, *key)
        refusal = _checked(original, of_kinds, request, card_hash)
        if refusal is None and original is not None and original.adjusted_fen:
            # What was taken from it in part is no whole any more: the rest goes back by another kind.
            refusal = Refusal("12", "original_used_in_part")
        return refusal or _sum(original, request, "whole", None)

    return find


def in_the_shop(*of_kinds: str, sum: Sum, percent: Figure | None = None, days: Figure | None = None) -> FindOriginal:
    """An approved payment of these kinds, of any batch, day and terminal of the shop, with the same card.

    `percent` takes the share from the policy, `days` how old it may be.
    """

    def find(state: State, request: PaymentRequest, card_hash: bytes, now: UnixMs) -> Payment | Refusal:
        told = request.original
        original = original_by_key(state, request)
        if original is None:
            lookup = looked_up(request, card_hash, now)
            original = state.find(lookup) if lookup is not None else None
        refusal = _checked(original, of_kinds, request, card_hash)
        if refusal is not None:
            return refusal
        found = certain(original, "what is not there was refused")
        if told is not None and not _is_of_day(found, told.date):
            return Refusal("25", "original_of_another_day")
        merchant = certain(state.get(Merchant, request.merchant_no), "the gate looked at the merchant")
        policy = policy_of(merchant.policy, merchant.policy_overrides)
        if days is not None and now - found.created_ms > days(policy) * DAY_MS:
            return Refusal("12", "original_too_old")
        return _sum(found, request, sum, percent(policy) if percent is not None else None)

    return find


def _checked(
    original: Payment | None, of_kinds: tuple[str, ...], request: PaymentRequest, card_hash: bytes
) -> Refusal | None:
    """Why this can't be the original; None when it may."""
    if original is None or original.kind not in of_kinds:
        return Refusal("25", "original_not_found")
    if request.original is not None and (contradicted := named_otherwise(original, request.original)) is not None:
        return contradicted
    if original.state != "approved":
        return Refusal("25", "original_does_not_stand")
    if original.undone_by_trace_no:
        return Refusal("12", "original_undone_already")
    if original.reversed_ms is not None:
        # Corrected in its closed batch, or given up by its terminal: it is approved in the books, and its money is back.
        return Refusal("25", "original_does_not_stand")
    if card_hash and original.card_hash and card_hash != original.card_hash:
        return Refusal("14", "other_card_than_original")
    return None


def named_otherwise(original: Payment, told: Original) -> Refusal | None:
    """Why this is not the payment that was named: one of the names that were given is another's. None when all of them are its own."""
    for said, own, what in (
        (told.batch_no, original.batch_no, "number"),
        (told.trace_no, original.trace_no, "number"),
        (told.rrn, original.rrn, "reference"),
        (told.pay_voucher, original.pay_voucher, "voucher"),
        (told.auth_code, original.auth_code, "authorisation"),
    ):
        if said not in ("", UNKNOWN, own):
            return Refusal("25", f"original_has_another_{what}")
    return None


def _sum(original: Payment | None, request: PaymentRequest, sum: Sum, percent: int | None) -> Payment | Refusal:
    """The original, unless the amount does not fit it."""
    found = certain(original, "what is not there was refused")
    standing_fen, asked_fen = found.standing_fen, request.amount_fen
    if sum == "whole" and asked_fen != standing_fen:
        return Refusal("64", "other_amount_than_undone")
    if sum == "part" and asked_fen > standing_fen:
        return Refusal("64", "more_than_is_left")
    if sum == "share" and asked_fen * 100 > standing_fen * (percent or 100):
        return Refusal("61", "more_than_authorised")
    return found


def _is_of_day(original: Payment, date: str) -> bool:
    """Whether 61.3 is the day of the original, as its slip has it; one that is not told fits any."""
    if not date:
        return True
    instants = (original.created_ms, original.decided_ms or original.created_ms)
    return date in {china_time(instant).strftime("%m%d") for instant in instants}
