"""What a response code says to people, by how the customer paid: the one place that screens, lists, slips and `explain` ask.

A row of `response_codes.toml` speaks of cards; its `by_code` says what differs where a customer's payment code stood in the place of
one, and a next step that speaks of cards names the one in its place (`next_steps.toml`).
"""

from collections.abc import Mapping

from msgspec.structs import replace

from .next_steps import step_by_code
from .response_codes import RESPONSE_CODES, UNKNOWN, ResponseCode
from .transactions import PAYMENTS


def reason_of(code: str, kind: str = "") -> ResponseCode:
    """What a code says of a payment of this kind, and what to do next: where a payment code stood in the place of a card, no word speaks
    of cards. `UNKNOWN` for a code that is in no table; without a kind, of a card.

    >>> reason_of("14").en, reason_of("14", "qr_sale").en
    ('Invalid card number', 'The payment code is not valid')
    """
    row, payment = RESPONSE_CODES.get(code, UNKNOWN), PAYMENTS.get(kind)
    if payment is None or payment.takes_card:
        return row
    if payment.is_at_wallet:
        return reason_by_our_code(code)
    return reason_by_code(code, is_shown=payment.shows_code)


def reason_by_code(code: str, *, is_shown: bool = True) -> ResponseCode:
    """The same where a customer's payment code stood in the place of a card, or (not `is_shown`) of what is about such a payment."""
    return _BY_CODE.get((code, is_shown), RESPONSE_CODES.get(code, UNKNOWN))


def reason_by_our_code(code: str) -> ResponseCode:
    """The same where the shop showed a code, and a customer's phone was to pay it."""
    ours = RESPONSE_CODES.get(code, UNKNOWN).by_our_code
    reason = reason_by_code(code, is_shown=False)
    return reason if ours is None else replace(reason, zh=ours.zh, en=ours.en, cashier=ours.cashier)


def says_more_by_our_code(code: str) -> bool:
    """Whether a code says something of its own where the shop showed the code."""
    return RESPONSE_CODES.get(code, UNKNOWN).by_our_code is not None


def _by_code(row: ResponseCode, *, is_shown: bool) -> ResponseCode:
    other = row.by_code if row.by_code is not None and (is_shown or not row.by_code.shown) else None
    words = row if other is None else other
    step = other.cashier if other is not None else ""
    return replace(
        row,
        zh=words.zh,
        en=words.en,
        cashier=step or step_by_code(row.cashier),
        support=step_by_code(row.support),
    )


_BY_CODE: Mapping[tuple[str, bool], ResponseCode] = {
    (code, is_shown): _by_code(row, is_shown=is_shown)
    for code, row in RESPONSE_CODES.items()
    for is_shown in (True, False)
}
