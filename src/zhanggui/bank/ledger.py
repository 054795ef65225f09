"""What the issuer decides about a payment or a reversal. Pure: books in, a decision out, time and keys as arguments.

What a kind checks and moves is its row in `kinds.py`. The checks, in order; the first that fails is the answer (field 39):

    repeat        same identity: the stored answer · other contents 94 · reversed meanwhile 12
    code          unknown 14 · used 12 · over 54
    original      unknown or of another kind 25 · reversed, refused or undone already 12 · of another amount, or more than is
                  left of it, 64 · more than the share that may be taken of it 61
    card          unknown 14 · lost 41 · stolen 43 · restricted 62 · expired or another expiry 54
    amount        zero 13, in a kind that is about one
    track 2       other than the card's 05
    chip          malformed field 55 30 · wrong cryptogram, another amount in it, or a counter that did not grow 63
    PIN           card locked 75 · block holds no PIN 99 · wrong 55, the third in a row 75 · needed and not sent 55
    money         over the card's limit 61 · over what is available 51, where money leaves the account or is held on it

A PIN is needed unless the card was tapped, its chip spoke, and the amount is within the card's limit for taps without one; a tap
without one never looks into an account. A PIN that is missing is no wrong try. Once the chip's counter or a PIN was looked at, it counts,
also when a later check refuses. A payment that undoes another takes the card from it when none was sent.

A reversal: original unknown 25, and a tombstone refuses the original if it still comes (12) · other amount 64 · other kind or
other contents 94 · undone by another payment, or used by one in part, or what it was about can't be as it was before, 22 ·
approved: money back, 00, and its original is as it was without it · already reversed, or refused before: nothing moves, 00. What is
given back is taken again whatever the account holds: a debt at the bank is the bank's affair, a payment that stands at one end only
would be everybody's.
"""

import msgspec

from ..basics.errors import Defect
from ..basics.numbers import UnixMs
from ..cup.messages.head import host_time
from ..cup.messages.interbank import BankPayment, BankReversal
from ..cup.values.entry_mode import is_small_tap, is_stripe
from ..vault.errors import PinBlockError
from .accounts import PIN_TRIES_MAX, Books, Card, CardScript, Delivery, Payment, Posting, clearing_account
from .card_checks import CardChecks, ChipDataError, ChipQuestion, why_no_code
from .kinds import BANK_KINDS, BankKind
from .originals import given_back, held_fen, taken, tombstone, why_not_about
from .scripts import ScriptTold, decide_told, put, sent_with

APPROVED = "00"
REVERSAL = "reversal"
"""What the posting of a reversal is called, whatever the payment's kind."""
STATUS_CODES = {"lost": "41", "stolen": "43", "restricted": "62"}
AUTH_CODE_DIGITS = 6
AUTH_CODE_COUNT = 10**AUTH_CODE_DIGITS
"""Authorisation codes are six digits and come again after a million approvals."""


class PaymentOrder(msgspec.Struct, frozen=True):
    """A payment that the host asks for, with what is looked up by: its identity and the keyed hash of the card number."""

    identity: str
    card_id: str
    """Empty when no card was sent."""
    request: BankPayment
    original_identity: str = ""
    """The payment that it is about; empty when it is about none."""
    code_id: str = ""
    """Keyed hash of the payment code that stands in the card's place; empty where there is none."""
    phone: str = ""
    """The phone that the code says it is of."""


class Reversal(msgspec.Struct, frozen=True):
    """A reversal with the identity of what it undoes."""

    identity: str
    request: BankReversal


class Decision(msgspec.Struct, frozen=True):
    """The answer to one request, and what has to change for it. None means that it stays as it is."""

    code: str
    reason: str
    payment: Payment | None = None
    """The payment as it stands after this; for a repeat the stored one."""
    stored: bool = False
    """The answer is the stored one; nothing changes."""
    posting: Posting | None = None
    card: Card | None = None
    delivery: Delivery = "normal"
    others: tuple[Payment, ...] = ()
    """Earlier payments that are not as they were: undone by this one, standing again after it, worth more or less."""
    balance_fen: int | None = None
    """What the account holds, where the kind tells it."""
    scripts: tuple[CardScript, ...] = ()
    """What the chip is told along with the answer, or what a notice said of such."""


class _Refused(Exception):
    """Ends the checks of a payment."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(code)
        self.code, self.reason = code, reason


def decide(books: Books, request: PaymentOrder | Reversal | ScriptTold, now: UnixMs, checks: CardChecks) -> Decision:
    """Decide one request. The books are not changed; `apply` does that."""
    if type(request) is PaymentOrder:
        return _decide_payment(books, request, now, checks)
    if type(request) is Reversal:
        return _decide_reversal(books, request, now)
    if type(request) is ScriptTold:
        heard = decide_told(books, request, now)
        return Decision(heard.code, heard.reason, scripts=heard.scripts)
    raise Defect(f"the ledger knows no {type(request).__name__}; nothing is booked for it")


def apply(books: Books, decision: Decision) -> None:
    """Take a decision's changes over, so that the next request of the batch sees them."""
    payment, posting, card = decision.payment, decision.posting, decision.card
    if payment is not None and not decision.stored:
        _put(books, payment)
    for other in decision.others:
        _put(books, other)
    for script in decision.scripts:
        put(books, script)
    if card is not None:
        books.cards[card.card_id] = card
        books.changed_cards.add(card.card_id)
    if posting is not None:
        balances, amount_fen = books.balances, posting.amount_fen
        balances[posting.debit_account] = balances.get(posting.debit_account, 0) - amount_fen
        balances[posting.credit_account] = balances.get(posting.credit_account, 0) + amount_fen
        books.changed_accounts.update((posting.debit_account, posting.credit_account))
        books.postings.append(posting)
        books.next_posting_no = posting.posting_no + 1


def let_lapse(books: Books) -> None:
    """Set free what these payments hold: they are too old, and nobody completed or cancelled them."""
    for payment in tuple(books.payments.values()):
        if held_fen(payment):
            _put(books, msgspec.structs.replace(payment, state="lapsed"))


def _put(books: Books, payment: Payment) -> None:
    """A payment as it stands now, and what it holds."""
    before = books.payments.get(payment.identity)
    books.payments[payment.identity] = payment
    if payment.code_id and payment.state != "refused":
        books.used_codes.add(payment.code_id)
    books.changed_payments.add(payment.identity)
    more_fen = held_fen(payment) - (held_fen(before) if before is not None else 0)
    if more_fen:
        account_no = payment.account_no
        books.held[account_no] = books.held.get(account_no, 0) + more_fen
        books.changed_accounts.add(account_no)


def _decide_payment(books: Books, order: PaymentOrder, now: UnixMs, checks: CardChecks) -> Decision:
    kind = BANK_KINDS[order.request.kind]
    original = books.payments.get(order.original_identity)
    card = books.cards.get(
        order.card_id or (original.card_id if original is not None else books.phones.get(order.phone, ""))
    )
    known = books.payments.get(order.identity)
    if known is not None:
        return _decide_repeat(books, known, order, card)
    if kind.originals:
        refused = why_not_about(original, kind, order.request, order.card_id)
        if refused is not None:
            return _refusal(order, None, now, *refused)
    if (
        order.request.code is not None
        and (refused := why_no_code(books, order.code_id, order.request.code, card, now, checks)) is not None
    ):
        return _refusal(order, None, now, *refused)
    if card is None:
        return _refusal(order, None, now, "14", "no such card")
    if card.behaviour == "silent":
        return Decision("", "this test card makes the bank silent", delivery="silent")
    checked = _Checks(card, kind, order.request, now, checks, books.script_for(card.card_id))
    # What its original holds is set free by it: that may be spent as well.
    freed_fen = held_fen(original) if original is not None and kind.undoes else 0
    try:
        checked.run(books.available_fen(card.account_no) + freed_fen)
    except _Refused as refusal:
        return _refusal(order, checked, now, refusal.code, refusal.reason)
    return _approval(books, order, kind, original if kind.originals else None, checked, now)


class _Checks:
    """The checks of one payment; keeps what became of the card while they ran."""

    __slots__ = ("_checks", "_kind", "_now", "_request", "_script", "before", "card", "question")

    def __init__(
        self,
        card: Card,
        kind: BankKind,
        request: BankPayment,
        now: UnixMs,
        checks: CardChecks,
        script: CardScript | None = None,
    ) -> None:
        self.before = self.card = card
        self.question: ChipQuestion | None = None
        # What moves nothing and holds nothing leaves no trace at its terminal, which could not tell what became of a script.
        self._script = script if kind.row.reversible else None
        self._kind, self._request, self._now, self._checks = kind, request, now, checks

    @property
    def changed_card(self) -> Card | None:
        """The card, when its counter or its PIN tries changed."""
        return None if self.card is self.before else self.card

    @property
    def _is_stripe(self) -> bool:
        request = self._request
        is_later = bool(self._kind.originals)
        return is_stripe(request.entry_mode, has_chip_data=request.chip_data is not None, is_later=is_later)

    def chip_answer(self, code: str) -> bytes | None:
        """Field 55 of the answer, when the chip asked and is known to be the card's own; with what the bank has to tell it."""
        if self.question is None:
            return None
        answer = self._checks.answer_chip(self._request, self.question, code)
        if self._script is not None:
            answer += self._checks.write_script(self._request, self.question, self._script)
        return answer

    def scripts_sent(self, payment: Payment) -> tuple[CardScript, ...]:
        """What goes along with the answer to this payment."""
        return () if self.question is None or self._script is None else (sent_with(self._script, payment),)

    def run(self, available_fen: int) -> None:
        """Raise _Refused at the first check that fails."""
        card, request = self.card, self._request
        if request.pan is not None or request.code is not None:
            self._check_card()
        if self._kind.row.has_amount and request.amount_fen <= 0:
            raise _Refused("13", "amount is zero")
        if request.track2 is not None and not self._checks.track_fits(card, request):
            raise _Refused("05", "track 2 is not the card's")
        if request.chip_data is not None:
            self._check_chip(request.chip_data)
        elif card.has_chip and card.behaviour == "chip_only" and self._is_stripe:
            raise _Refused("57", "card has a chip, and its bank takes no stripe of it")
        self._check_pin()
        if self._kind.moves != "debit" and not self._kind.holds and self._kind.adjusts != 1:
            return
        if card.single_limit_fen is not None and request.amount_fen > card.single_limit_fen:
            raise _Refused("61", "amount is over the card's limit")
        if request.amount_fen > available_fen:
            raise _Refused("51", "amount is over the balance")

    def _check_card(self) -> None:
        card, request = self.card, self._request
        if card.status != "active":
            raise _Refused(STATUS_CODES[card.status], f"card is {card.status}")
        if card.expiry_yymm < host_time(self._now).full[2:6]:
            raise _Refused("54", "card is expired")
        if request.expiry_yymm and request.expiry_yymm != card.expiry_yymm:
            raise _Refused("54", "expiry is not the card's")

    def _check_chip(self, field_55: bytes) -> None:
        card, request = self.card, self._request
        try:
            question = self._checks.read_chip(field_55)
        except ChipDataError as error:
            raise _Refused("30", str(error)) from None
        if not card.has_chip:
            raise _Refused("63", "card has no chip")
        if question.counter <= card.counter:
            raise _Refused("63", "chip counter did not grow")
        if not self._checks.cryptogram_fits(request, question):
            raise _Refused("63", "chip cryptogram is wrong")
        self.card = msgspec.structs.replace(card, counter=question.counter)
        self.question = question
        if question.amount_fen != request.amount_fen:
            raise _Refused("63", "chip agreed to another amount")

    def _check_pin(self) -> None:
        card, request = self.card, self._request
        if request.pin_block is None and not self._kind.needs_pin:
            return
        if card.pin_tries >= PIN_TRIES_MAX:
            raise _Refused("75", "card is locked after wrong PINs")
        if request.pin_block is None:
            # That its cryptogram fits was looked at before.
            has_chip_data = request.chip_data is not None
            if not is_small_tap(
                request.entry_mode, request.amount_fen, card.contactless_free_fen, has_chip_data=has_chip_data
            ):
                raise _Refused("55", "PIN is needed and was not sent")
            return
        try:
            fits = self._checks.pin_fits(card, request)
        except PinBlockError:
            raise _Refused("99", "PIN block holds no PIN") from None
        if not fits:
            tries = card.pin_tries + 1
            self.card = msgspec.structs.replace(card, pin_tries=tries)
            raise _Refused("55" if tries < PIN_TRIES_MAX else "75", f"PIN is wrong, try {tries} of {PIN_TRIES_MAX}")
        if card.pin_tries:
            self.card = msgspec.structs.replace(card, pin_tries=0)


def _decide_repeat(books: Books, known: Payment, order: PaymentOrder, card: Card | None) -> Decision:
    request = order.request
    if known.state == "reversed_before_arrival":
        return Decision("12", "reversed before it arrived")
    same = (
        known.kind,
        known.original_identity,
        known.card_id,
        known.amount_fen,
        known.trace_no,
        known.terminal_no,
        known.merchant_no,
        known.entry_mode,
        known.code_id,
    ) == (
        request.kind,
        order.original_identity,
        order.card_id or known.card_id,
        request.amount_fen,
        request.trace_no,
        request.terminal_no,
        request.merchant_no,
        request.entry_mode,
        order.code_id,
    )
    if not same:
        return Decision("94", "identity was used for another payment")
    if known.state == "reversed":
        return Decision("12", "repeat of a payment that was reversed")
    delivery = _delivery(card, known.response_code)
    return Decision(
        known.response_code,
        "repeat: " + (known.reason or "approved"),
        known,
        stored=True,
        delivery=delivery,
        balance_fen=_told_balance(books, BANK_KINDS[known.kind], card) if known.state == "approved" else None,
    )


def _told_balance(books: Books, kind: BankKind, card: Card | None) -> int | None:
    """What may be spent of the account now, in a kind that tells it."""
    return books.available_fen(card.account_no) if kind.tells_balance and card is not None else None


def _approval(
    books: Books, order: PaymentOrder, kind: BankKind, original: Payment | None, checked: _Checks, now: UnixMs
) -> Decision:
    card = checked.card
    # What moves nothing has no number of a posting; then the reference number tells two apart.
    number = books.next_posting_no if kind.moves else int(order.request.rrn[-AUTH_CODE_DIGITS:])
    # What is paid by code has a voucher in its place.
    has_auth_code = (kind.row.reversible or kind.moves) and not kind.row.is_by_code
    auth_code = f"{number % AUTH_CODE_COUNT:06d}" if has_auth_code else ""
    payment = _payment(order, card, now, APPROVED, "", auth_code, checked.chip_answer(APPROVED))
    return Decision(
        APPROVED,
        "",
        payment,
        posting=_posting(books, payment, kind, now),
        card=checked.changed_card,
        delivery=_delivery(card, APPROVED),
        others=taken(books, kind, payment, original) if original is not None else (),
        balance_fen=_told_balance(books, kind, card),
        scripts=checked.scripts_sent(payment),
    )


def _posting(books: Books, payment: Payment, kind: BankKind, now: UnixMs, *, back: bool = False) -> Posting | None:
    """The money that a payment of this kind moves, or (`back`) that its reversal moves back; None when it moves none."""
    if not kind.moves:
        return None
    if payment.amount_fen <= 0:
        raise Defect("a payment without a sum would be posted")
    clearing = clearing_account(payment.acquirer_code)
    leaves_the_card = (kind.moves == "debit") != back
    return Posting(
        posting_no=books.next_posting_no,
        identity=payment.identity,
        kind=REVERSAL if back else payment.kind,
        debit_account=payment.account_no if leaves_the_card else clearing,
        credit_account=clearing if leaves_the_card else payment.account_no,
        amount_fen=payment.amount_fen,
        posted_at=now,
    )


def _refusal(order: PaymentOrder, checked: _Checks | None, now: UnixMs, code: str, reason: str) -> Decision:
    card = None if checked is None else checked.card
    payment = _payment(order, card, now, code, reason, "", None if checked is None else checked.chip_answer(code))
    changed = None if checked is None else checked.changed_card
    scripts = () if checked is None else checked.scripts_sent(payment)
    return Decision(code, reason, payment, False, None, changed, _delivery(card, code), scripts=scripts)


def _delivery(card: Card | None, code: str) -> Delivery:
    """Every answer about a slow card is late; the card that silences the bank after posting does so when it posted."""
    if card is None or card.behaviour == "chip_only" or (card.behaviour == "silent_after_posting" and code != APPROVED):
        return "normal"
    return card.behaviour


def _payment(
    order: PaymentOrder,
    card: Card | None,
    now: UnixMs,
    code: str,
    reason: str,
    auth_code: str,
    chip_answer: bytes | None,
) -> Payment:
    request = order.request
    return Payment(
        order.identity,
        request.acquirer_code,
        request.rrn,
        "approved" if code == APPROVED else "refused",
        order.card_id if card is None else card.card_id,
        _mask(order, card),
        "" if card is None else card.account_no,
        request.amount_fen,
        request.merchant_no,
        request.terminal_no,
        trace_no=request.trace_no,
        entry_mode=request.entry_mode,
        response_code=code,
        reason=reason,
        auth_code=auth_code,
        settlement_date=host_time(now).field_13,
        chip_answer=chip_answer,
        received_at=now,
        kind=request.kind,
        original_identity=order.original_identity,
        code_id=order.code_id,
    )


def _mask(order: PaymentOrder, card: Card | None) -> str:
    """How the card is shown: as it is kept, or else as it was sent."""
    if card is not None:
        return card.masked_pan
    sent = order.request.pan or order.request.code
    return sent.mask() if sent is not None else ""


def _decide_reversal(books: Books, reversal: Reversal, now: UnixMs) -> Decision:
    request = reversal.request
    known = books.payments.get(reversal.identity)
    if known is None:
        return Decision(
            "25",
            "original is unknown; it will be refused if it comes",
            tombstone(reversal.identity, reversal.request, now),
        )
    if known.kind != request.kind:
        return Decision("94", "identity was used for another kind of payment")
    if known.amount_fen != request.amount_fen:
        return Decision("64", "amount is not the original's")
    if (known.merchant_no, known.terminal_no) != (request.merchant_no, request.terminal_no):
        return Decision("94", "identity belongs to another merchant or terminal")
    if known.state == "reversed_before_arrival":
        return Decision("25", "original is unknown")
    if known.state != "approved":
        return Decision(APPROVED, "")
    if known.undone_by:
        return Decision("22", "another payment has undone it already")
    if known.adjusted_fen:
        return Decision("22", "another payment has used it in part")
    others = given_back(books, known)
    if others is None:
        return Decision("22", "what it was about can't be as it was before")
    kind = BANK_KINDS[known.kind]
    undone = msgspec.structs.replace(known, state="reversed", reversed_at=now)
    posting = _posting(books, known, kind, now, back=True)
    return Decision(APPROVED, "", undone, posting=posting, others=others)
