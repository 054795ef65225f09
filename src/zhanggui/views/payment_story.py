"""The life of one payment (交易经过): terminal, host, bank or wallet, ledger, batch, and what later payments did to it."""

from collections.abc import Iterator, Sequence

import msgspec

from ..acquirer.rows.records import Payment, Posting, WalletOrder
from ..basics.money import format_yuan
from ..basics.words import Word
from ..cup.brands import BRANDS
from ..cup.code_words import reason_of
from ..cup.field60 import Field60
from ..cup.fields import UNIONPAY
from ..cup.messages.payment import PaymentAnswer
from ..cup.transactions import PAYMENTS, Transaction
from ..store.queries import PaymentParts
from .payments import PaymentRow, payment_row
from .reasons import reason_word
from .timeline import MessageField, Moment, moment

YUAN = "156"
"""Field 49."""
KEPT_LESS = "…"
"""Stands in a message where something followed that the record does not keep."""


class PaymentStory(msgspec.Struct, frozen=True, kw_only=True):
    """One payment and what happened to it."""

    payment: PaymentRow
    timeline: tuple[Moment, ...]


def payment_story(parts: PaymentParts) -> PaymentStory:
    """What happened, in the order of time; what has no instant of its own stands behind what led to it."""
    return PaymentStory(payment=payment_row(parts.payment), timeline=tuple(_in_order([*_moments(parts)])))


def _in_order(moments: list[Moment]) -> list[Moment]:
    """By time. Moments of one instant, and those without one, stay where they were told."""
    known = ""
    keyed = []
    for one in moments:
        known = max(known, one.at or "")
        keyed.append((one.at or known, one))
    return [one for _, one in sorted(keyed, key=lambda pair: pair[0])]


def _moments(parts: PaymentParts) -> Iterator[Moment]:
    payment = parts.payment
    row = PAYMENTS.get(payment.kind)
    kind = _kind_word(payment.kind)
    yield moment(
        payment.created_ms,
        "terminal",
        "asked",
        said=kind,
        amount=format_yuan(payment.amount_fen),
        message=_request(payment, row) if row is not None else (),
    )
    if payment.original_trace_no:
        yield moment(
            payment.created_ms, "terminal", "about", trace=payment.original_trace_no, link=_link(payment, "original")
        )
    yield from _network(parts)
    yield from _ledger(parts.postings)
    for script in parts.scripts:
        yield moment(script.taken_ms, "terminal", "script")
        if script.told_ms is not None:
            yield moment(script.told_ms, "bank", "script_told")
    for later in parts.later:
        yield moment(
            later.created_ms,
            "terminal",
            "part",
            trace=later.trace_no,
            said=_kind_word(later.kind),
            amount=format_yuan(later.amount_fen),
            link=_key_link(later),
        )
    yield from _undoing(payment)
    for clash in parts.clashes:
        yield moment(clash.last_ms, "host", "clash", tone="warn", times=clash.times)
    if parts.batch is not None:
        yield moment(parts.batch.settled_ms, "host", "settled", batch=payment.batch_no, tone="good")


def _network(parts: PaymentParts) -> Iterator[Moment]:
    """Who decided about the money, and what was said."""
    payment = parts.payment
    if payment.reason:
        said = reason_word(payment.reason)
        yield moment(payment.decided_ms or payment.created_ms, "host", "refused_here", tone="bad", said=said)
        return
    if payment.state == "barred":
        yield moment(payment.decided_ms or payment.created_ms, "host", "late", tone="warn")
        return
    if parts.orders:
        for order in parts.orders:
            yield from _wallet(order)
        return
    yield moment(payment.created_ms, "host", "bank_asked")
    yield _bank_answer(payment)


def _bank_answer(payment: Payment) -> Moment:
    message = _answer(payment)
    match payment.state:
        case "pending":
            return moment(None, "bank", "bank_waits", tone="warn")
        case "timed_out":
            return moment(payment.decided_ms, "bank", "bank_silent", tone="warn", message=message)
        case "declined":
            said = reason_of(payment.response_code, payment.kind)
            return moment(
                payment.decided_ms,
                "bank",
                "bank_declined",
                tone="bad",
                code=payment.response_code,
                said=said,
                message=message,
            )
        case _:
            return moment(
                payment.decided_ms, "bank", "bank_approved", tone="good", auth=payment.auth_code or "–", message=message
            )


def _wallet(order: WalletOrder) -> Iterator[Moment]:
    brand = BRANDS[order.brand]
    yield moment(order.created_ms, "host", "wallet_asked", said=brand, order=order.order_no)
    if order.paid_ms is not None:
        yield moment(order.paid_ms, "wallet", "wallet_paid", tone="good", said=brand, voucher=order.wallet_no or "–")
    match order.state:
        case "asked" | "waiting" | "unknown":
            yield moment(None, "wallet", "wallet_waits", tone="warn", queries=order.queries)
        case "refused":
            yield moment(
                order.decided_ms, "wallet", "wallet_refused", tone="bad", said=brand, code=order.wallet_code or "–"
            )
        case "cancelled":
            yield moment(order.decided_ms, "wallet", "wallet_cancelled", tone="warn", said=brand)


def _ledger(postings: Sequence[Posting]) -> Iterator[Moment]:
    """The lines of one kind of posting stand together: they sum to zero."""
    for kind in dict.fromkeys(posting.kind for posting in postings):
        lines = [posting for posting in postings if posting.kind == kind]
        shown = "  ".join(
            f"{line.account} {'+' if line.amount_fen > 0 else '−'}{format_yuan(abs(line.amount_fen))}" for line in lines
        )
        what = "posted.reversal" if kind == "reversal" else "posted"
        yield moment(lines[0].posted_ms, "ledger", what, lines=shown)


def _undoing(payment: Payment) -> Iterator[Moment]:
    if payment.undone_by_trace_no:
        yield moment(None, "terminal", "undone_by", trace=payment.undone_by_trace_no, link=_link(payment, "undone_by"))
    if payment.reversed_ms is not None:
        said = reason_word(payment.reversal_reason)
        yield moment(payment.reversed_ms, "host", "reversed", tone="warn", said=said)
    if payment.bank_state == "reversal_due":
        yield moment(None, "bank", "reversal_due", tone="warn", attempts=payment.bank_attempts)
    elif payment.bank_state == "reversal_done":
        yield moment(None, "bank", "reversal_told", tone="good")


def _kind_word(kind: str) -> Word:
    return PAYMENTS.get(kind) or Word(zh=kind, en=kind)


def _key_link(payment: Payment) -> str:
    return f"payment:{payment.merchant_no}/{payment.terminal_no}/{payment.batch_no}/{payment.trace_no}"


def _link(payment: Payment, which: str) -> str:
    """The page of the payment that this one is about, or that undoes it."""
    terminal = getattr(payment, f"{which}_terminal_no") or payment.terminal_no
    batch, trace = getattr(payment, f"{which}_batch_no"), getattr(payment, f"{which}_trace_no")
    return f"payment:{payment.merchant_no}/{terminal}/{batch}/{trace}"


# ------------------------------------------------------------------------------------------------- messages, as they are kept


def _request(payment: Payment, row: Transaction) -> tuple[MessageField, ...]:
    """The terminal's request as far as the record holds it (cup-pos §4)."""
    held = {
        2: payment.masked_pan,
        3: row.processing_code,
        4: f"{payment.amount_fen:012d}",
        11: payment.trace_no,
        22: payment.entry_mode,
        25: row.condition_code,
        41: payment.terminal_no,
        42: payment.merchant_no,
        49: YUAN,
        # What follows type and batch (how the card was read), and the day of the original, are not kept.
        60: Field60(row.type_code, payment.batch_no, rest=KEPT_LESS).text(),
        61: f"{payment.original_batch_no}{payment.original_trace_no}{KEPT_LESS * row.dated}"
        if payment.original_trace_no
        else "",
    }
    named = {*row.required, *row.optional, 2}
    return (_field(0, row.mti), *(_field(number, value) for number, value in held.items() if value and number in named))


def _answer(payment: Payment) -> tuple[MessageField, ...]:
    """The host's answer to the terminal, as it is kept for repeats."""
    row = PAYMENTS.get(payment.kind)
    if not payment.answer or row is None:
        return ()
    kept = msgspec.json.decode(payment.answer, type=PaymentAnswer)
    held = {
        4: f"{payment.amount_fen:012d}",
        11: payment.trace_no,
        12: kept.time.field_12,
        13: kept.time.field_13,
        15: kept.settlement_date,
        32: kept.acquirer_code,
        37: kept.rrn,
        38: kept.auth_code,
        39: kept.response_code,
        41: payment.terminal_no,
        42: payment.merchant_no,
        44: " ".join(filter(None, (kept.issuer, kept.acquirer))),
        63: " ".join(filter(None, (kept.card_org, kept.remark))),
    }
    return (_field(0, row.answer_mti), *(_field(number, value) for number, value in held.items() if value))


def _field(number: int, value: str) -> MessageField:
    name = "消息类型 message type" if number == 0 else UNIONPAY.table[number].name
    return MessageField(number=number, name=name, value=value)
