"""A payment, whatever its kind: from the terminal's request to the question to the bank. What is a kind's own stands in `kinds.py`.

    request ─▶ gate ─▶ keys 77 ─▶ batch 77 ─▶ MAC A0 ─▶ session 77 ─▶ shop 58 ─▶ amount 13 ─▶ original 25 ─▶ right 57 ─▶ pending, ask
       │                                        ▲   │
       └── repeat: keys 77 ─────────────────────┘   └─▶ stored answer, or wait for the pending one (other contents: 94, in a session)

A repeat is known before anything else is judged: what was answered is answered again, wherever terminal, batch and session have got
to since. Only the MAC it must have. A terminal that asks until it knows (no reversal undoes such a kind) hears 12 of a payment that
is not here and can't be made any more, because its batch is over or another operator has come: for ever 77 would stop it for ever.
What is refused here, before the bank is asked, is kept as a row of the list like what the bank declines, with its reason: whoever reads a
voucher number out to support is found. It moves no money, and it holds the number: of a kind that is asked for again a copy that is still
on its way would be made once the reason is gone, after its terminal has written down that it was refused. Without a row stays what proves
nothing (no MAC, or a wrong one), what names another batch than the terminal's (closed ones never change), what has no number of its
own or one that is behind (94), and 77 to a terminal that asks until it knows, which is told nothing by it.

The right is asked last: it may use up a supervisor's approval, and a payment that is refused for another reason must use up none.

The bank's side is `outcome.py`, what undoes a payment `reversal.py`. The key is (merchant, terminal, batch, trace). A payment is
durable as pending before the bank is asked and has its outcome durable before the terminal is answered. A state only ever
moves along

    pending → approved → reversed        pending → declined · timed_out · reversed        (nothing) → barred · declined
"""

import msgspec
from msgspec.structs import replace

from ...basics.errors import certain
from ...basics.numbers import Rrn, SessionNo, UnixMs
from ...basics.secret import PayCode
from ...basics.shop_day import shop_day
from ...cup.messages.payment import PaymentRequest
from ...cup.qr.pay_code import brand_of
from ...cup.values.card_number import has_check_digit
from ...cup.values.entry_mode import is_keyed, is_small_tap
from ...cup.values.fallback import kept_mode
from ..policy.rules import Policy, policy_of
from ..rows.decision import Decision, JoinPending, MacVerdict, PaymentReply
from ..rows.draft import Draft
from ..rows.records import Merchant, Payment, Session, Terminal, WaitingKeys, WalletOrder
from ..rows.state import State
from ..terminals.gate import Refusal, admit_terminal, adopt_next_keys
from ..terminals.session_age import is_too_long
from .answers import read_answer, refusal_answer, write_answer
from .claims import claim
from .kinds import KINDS, Kind
from .originals import kept_original, named_in, named_otherwise, payment_key
from .outcome import BARRED_CODE
from .permitted import is_kind_refused, why_not_permitted
from .repeats import is_repeat, note_clash
from .roads.left_open import goes_on
from .roads.our_codes import still_open
from .roads.received import find_received, take
from .roads.road import ask, new_order_number, order_key, wallet_of

AMOUNT_MAX_FEN = 5_000_000_000
"""Fifty million yuan: more than any card payment; a larger amount is a keying or programming error (answer 13)."""

OFFERS_OPEN_MAX = 8
"""Codes of ours that one terminal has open at once: ours show one, and a few that were given up may not be closed yet."""
TOO_MANY_OPEN = "65"
NO_SUCH_CODE, NOT_TAKEN = "14", "40"
"""Answers to what is no payment code of anybody, and to one of a wallet where this host has no line to any."""
NOT_MADE = "12"
"""Answer to a payment that is asked for again, was never made, and can't be made any more: nothing of it stands."""


class PaymentAsked(msgspec.Struct, frozen=True, kw_only=True):
    """A request with the facts that need keys: the verdict on its MAC, keyed hashes of all of it and of its card."""

    request: PaymentRequest
    mac: MacVerdict
    fitting: WaitingKeys | None = None
    """The keys that waited and that its MAC proves, where the verdict is `next`."""
    fingerprint: bytes
    """What tells a repeat (`repeats.py`); where its number is taken, under the salt of the payment that took it."""
    card_hash: bytes
    """Empty when no card was sent."""
    rrn: Rrn
    acquirer_code: str
    host_id: str | None = None
    """The host that asks, where several share a database."""
    is_behind: bool = False
    """Whether its number is behind one that its terminal used later, under the same key."""
    has_wallets: bool = False
    """Whether this host has a line to wallets."""
    offers_open: int = 0
    """How many codes of ours its terminal has open, where it asks for one more."""
    acquirer: str = ""
    """The acquirer's name, for the answer to what stands at once."""


def decide_payment(state: State, asked: PaymentAsked, now: UnixMs) -> Decision:
    """Decide a terminal's request for a payment."""
    request = asked.request
    first = state.get(Payment, *payment_key(request))
    same = first is not None and (
        is_repeat(first, asked.fingerprint, request.kind, now) or _is_asked_again(state, first, asked)
    )
    admitted = admit_terminal(state, request.merchant_no, request.terminal_no)
    terminal = state.get(Terminal, request.merchant_no, request.terminal_no) if same else None
    if terminal is None:
        if isinstance(admitted, Refusal):
            return _refuse(asked, now, admitted)
        terminal = admitted
    if not terminal.mac_key and not terminal.waiting:
        return _refuse(asked, now, Refusal("77", "terminal_not_signed_in"))
    is_elsewhere = not same and request.batch_no != terminal.batch_no
    if is_elsewhere and not _is_asked_until_known(request):
        return _refuse(asked, now, Refusal("77", "wrong_batch"))
    if asked.mac not in ("current", "next"):
        return _refuse(asked, now, Refusal("A0", "wrong_mac"))
    if is_elsewhere:
        return _refuse(asked, now, Refusal(NOT_MADE, "batch_is_over"))
    if first is None and asked.is_behind and not _is_asked_until_known(request):
        # Its terminal has long told the customer that nothing was charged, by a refusal that left no row, or undone it.
        return _refuse(asked, now, Refusal("94", "number_is_behind"))
    merchant = certain(state.get(Merchant, request.merchant_no), "who is admitted, or was, has a merchant")
    policy = policy_of(merchant.policy, merchant.policy_overrides)
    if not same:
        refusal = _check_sign_in(state, terminal, policy, asked, now)
        if refusal is not None:
            return (
                _refuse_unsigned(state, asked, refusal, policy, now) if first is None else _refuse(asked, now, refusal)
            )
    draft = Draft(state)
    terminal, adopted = adopt_next_keys(state, terminal, asked.fitting, now)
    draft.take(adopted)
    if first is not None:
        return _repeat(first, asked, draft, now) if same else _clash(first, asked, draft, now)
    kind = KINDS[request.kind]
    live = draft.live_sessions_on(terminal.merchant_no, terminal.terminal_no)
    session_no = live[-1].session_no if live else None
    day = shop_day(now, policy.shop_day_starts_hour)
    original: Payment | None = None
    refusal = _check_itself(merchant, policy, kind, request, has_wallets=asked.has_wallets)
    if refusal is None and kind.find_original is not None:
        found = kind.find_original(state, request, asked.card_hash, now)
        refusal, original = (found, None) if isinstance(found, Refusal) else (None, found)
    received: WalletOrder | None = None
    if refusal is None and request.received:
        found_at_wallet = find_received(state, request)
        if isinstance(found_at_wallet, Refusal):
            refusal = found_at_wallet
        else:
            received = found_at_wallet
    wallet = wallet_of(request, original)
    if refusal is None and wallet is not None and not asked.has_wallets:
        # A void or refund: its original was paid while this host had a line to wallets.
        refusal = Refusal(NOT_TAKEN, f"brand_not_taken:{wallet}")
    if refusal is None and request.brand and asked.offers_open >= OFFERS_OPEN_MAX:
        refusal = Refusal(TOO_MANY_OPEN, "too_many_codes_open")
    if refusal is None:
        refusal = why_not_permitted(draft, kind, terminal, live, request, original, now)
    if refusal is not None:
        about = original or (named_in(state, request, asked.card_hash, now) if kind.find_original is not None else None)
        draft.insert(_declined(_pending(asked, session_no, about, day, now), asked, refusal, now))
        return _refuse(asked, now, refusal, draft)
    payment = _pending(asked, session_no, original, day, now)
    if received is not None:
        payment = draft.insert(replace(payment, wallet=received.brand, order_no=received.order_no))
        return take(draft, payment, received, (asked.acquirer_code, asked.acquirer), now)
    if wallet is not None:
        payment = replace(payment, wallet=wallet, order_no=new_order_number(payment))
    draft.insert(payment)
    if original is not None:
        claim(draft, kind, original, payment)
    effect = ask(draft, payment, original, request, terminal.pin_key, merchant.name, now)
    return Decision(changes=tuple(draft.changes), effects=(effect,))


def _check_itself(
    merchant: Merchant, policy: Policy, kind: Kind, request: PaymentRequest, *, has_wallets: bool
) -> Refusal | None:
    """What can be said of a request without looking at anything else: whether the shop takes such, and such a sum."""
    if is_kind_refused(merchant, kind) and not kind.row.is_received:
        return Refusal("58", f"kind_refused:{kind.row.name}")
    if kind.row.has_amount and not 0 < request.amount_fen <= AMOUNT_MAX_FEN:
        return Refusal("13", "amount_out_of_range")
    keyed = _check_keyed(policy, kind, request) if is_keyed(request.entry_mode) else None
    if keyed is not None:
        return keyed
    if request.code is not None and (refusal := _check_code(request.code, has_wallets=has_wallets)) is not None:
        return refusal
    if request.brand and not has_wallets:
        return Refusal(NOT_TAKEN, f"brand_not_taken:{request.brand}")
    if not policy.fallback_tries and request.is_fallback:
        return Refusal("58", "fallback_refused")
    if kind.asks_pin and request.pin_block is None and not policy.pin_bypass and not _is_small_tap(policy, request):
        return Refusal("55", "pin_was_passed")
    if kind.limit_fen is not None and 0 < kind.limit_fen(policy) < request.amount_fen:
        return Refusal("61", f"over_the_limit:{kind.row.name}")
    return None


def _is_small_tap(policy: Policy, request: PaymentRequest) -> bool:
    has_chip_data = request.chip_data is not None
    return is_small_tap(request.entry_mode, request.amount_fen, policy.no_pin_limit_fen, has_chip_data=has_chip_data)


def _check_code(code: PayCode, *, has_wallets: bool) -> Refusal | None:
    """Whose code it is tells whom to ask; the card network knows its own alone. Nothing here looks at it as at a card number."""
    brand = brand_of(code.reveal())
    if brand is None:
        return Refusal(NO_SUCH_CODE, "not_a_pay_code")
    is_taken = has_wallets or brand.road == "bank"
    return None if is_taken else Refusal(NOT_TAKEN, f"brand_not_taken:{brand.name}")


def _check_keyed(policy: Policy, kind: Kind, request: PaymentRequest) -> Refusal | None:
    """A number that somebody typed: only in a kind and a shop that take one, whole, and with its expiry (14)."""
    if not kind.row.keyed:
        return Refusal("57", "card_was_keyed")
    if not policy.keyed:
        return Refusal("58", "keyed_refused")
    if request.pan is not None and not has_check_digit(request.pan.reveal()):
        return Refusal("14", "number_mistyped")
    return None if request.expiry_yymm else Refusal("30", "keyed_without_expiry")


def _declined(payment: Payment, asked: PaymentAsked, refusal: Refusal, now: UnixMs) -> Payment:
    """The row of a payment that was refused before the bank heard of it; whoever asks again hears the same."""
    answer = refusal_answer(refusal.response_code, asked.rrn, asked.acquirer_code, now)
    return replace(
        payment,
        state="declined",
        response_code=refusal.response_code,
        answer=write_answer(answer),
        host_id=None,
        decided_ms=now,
        reason=refusal.reason,
    )


def _refuse_unsigned(state: State, asked: PaymentAsked, refusal: Refusal, policy: Policy, now: UnixMs) -> Decision:
    """A payment for which nobody is signed in as it should be. Its MAC proves the terminal alone, so keys that wait go on waiting."""
    if refusal.response_code == "77" and _is_asked_until_known(asked.request):
        return _refuse(asked, now, refusal)
    draft = Draft(state)
    day = shop_day(now, policy.shop_day_starts_hour)
    draft.insert(_declined(_pending(asked, None, None, day, now), asked, refusal, now))
    return _refuse(asked, now, refusal, draft)


def _pending(
    asked: PaymentAsked, session_no: SessionNo | None, original: Payment | None, day: str, now: UnixMs
) -> Payment:
    """The row of a payment that the bank is asked for, or that is refused before it is."""
    request = asked.request
    payment = Payment(
        merchant_no=request.merchant_no,
        terminal_no=request.terminal_no,
        batch_no=request.batch_no,
        trace_no=request.trace_no,
        kind=request.kind,
        state="pending",
        fingerprint=asked.fingerprint,
        amount_fen=request.amount_fen,
        masked_pan=_mask(request, original),
        card_hash=asked.card_hash,
        entry_mode=kept_mode(request.entry_mode, fallback=request.is_fallback),
        operator_no=request.operator_no or "",
        session_no=session_no,
        rrn=asked.rrn,
        created_ms=now,
    )
    # Beside the call above, which is at its bound: with more keywords the interpreter builds a dict for each payment.
    payment = replace(
        payment,
        shop_day=day,
        host_id=asked.host_id,
        epoch=request.epoch or None,
    )
    if original is not None:
        elsewhere = original.terminal_no if original.terminal_no != payment.terminal_no else None
        payment = replace(
            payment,
            original_batch_no=original.batch_no,
            original_trace_no=original.trace_no,
            original_terminal_no=elsewhere,
        )
    return payment


def _is_asked_again(state: State, first: Payment, asked: PaymentAsked) -> bool:
    """Whether a terminal asks what became of a payment that no reversal undoes: built anew, perhaps after a power cut and under new
    keys, but with the number and the sign-on of the first time, for the same sum, card and operator, about the same original."""
    request = asked.request
    if first.kind != request.kind or not _is_asked_until_known(request):
        return False
    if request.brand and request.brand != first.wallet:
        return False
    if _is_about_another(state, first, request):
        return False
    said = (
        request.amount_fen,
        kept_mode(request.entry_mode, fallback=request.is_fallback),
        request.operator_no or "",
        request.epoch,
    )
    kept = (first.amount_fen, first.entry_mode, first.operator_no, first.epoch or "")
    return said == kept and asked.card_hash == first.card_hash


def _is_about_another(state: State, first: Payment, request: PaymentRequest) -> bool:
    """Whether a request names another original than the payment under its number has. What was refused before its original was found
    has none, and moved nothing."""
    key = kept_original(first)
    original = state.get(Payment, *key) if key is not None else None
    if original is None:
        return False
    return request.original is None or named_otherwise(original, request.original) is not None


def _is_asked_until_known(request: PaymentRequest) -> bool:
    """Whether its terminal asks for it again until it is told what became of it: ours do, of such kinds."""
    return bool(request.epoch) and KINDS[request.kind].is_asked_again


def _mask(request: PaymentRequest, original: Payment | None) -> str:
    """How card or code is shown: where none was sent, the original knows it."""
    if request.code is not None:
        return request.code.mask()
    if request.pan is not None:
        return request.pan.mask()
    return original.masked_pan if original is not None else ""


def _check_sign_in(
    state: State, terminal: Terminal, policy: Policy, asked: PaymentAsked, now: UnixMs
) -> Refusal | None:
    """77 unless a live session (or one that this MAC begins) is the operator's, and has not lasted too long."""
    by_terminal = terminal.operator_check == "terminal"
    if by_terminal and asked.fitting is not None and asked.fitting.operator_no:
        # A MAC under the old keys begins nothing, so it needs a session that lives.
        return None
    live = state.live_sessions_on(terminal.merchant_no, terminal.terminal_no)
    for session in live:
        if not by_terminal and session.operator_no != asked.request.operator_no:
            continue
        if is_too_long(policy, session, now):
            return Refusal("77", "session_too_long")
        return None if by_terminal else _check_session(session, asked.request)
    if live and _is_asked_until_known(asked.request):
        # Under this session's keys no copy of it counts that is still on its way.
        return Refusal(NOT_MADE, "operator_has_gone")
    return Refusal("77", "no_session")


def _check_session(session: Session, request: PaymentRequest) -> Refusal | None:
    """A locked session takes no payment, and one that began without network only small ones."""
    if session.locked_ms is not None:
        return Refusal("77", "session_locked")
    if request.received:
        # The money has come: to leave it where no book has it would help nobody.
        return None
    if session.sale_limit_fen is not None and request.amount_fen > session.sale_limit_fen:
        return Refusal("61", "over_the_offline_limit")
    return None


def _repeat(first: Payment, asked: PaymentAsked, draft: Draft, now: UnixMs) -> Decision:
    """A trace number is one payment: it is answered once, as often as it is asked, and it never reaches the bank twice."""
    if first.state == "reversed":
        return _refuse(asked, now, Refusal(BARRED_CODE, "already_reversed"), draft)
    changes = tuple(draft.changes)
    if first.state == "pending":
        order = draft.get(WalletOrder, *order_key(first)) if first.wallet is not None else None
        offered = still_open(first, order, asked.acquirer_code, now)
        if offered is not None:
            return Decision(changes=changes, reply=offered, reason="still_open")
        late = goes_on(first, order, asked.acquirer_code, now)
        if late is not None and order is not None:
            draft.update(replace(order, told="open"))
            return Decision(changes=tuple(draft.changes), reply=late, reason="late_at_the_wallet")
        return Decision(
            changes=changes,
            effects=(JoinPending(payment_key(asked.request), at_wallet=first.wallet is not None),),
            reason="repeat_while_pending",
        )
    return Decision(changes=changes, reply=PaymentReply(read_answer(first.answer)), reason="repeat")


def _clash(first: Payment, asked: PaymentAsked, draft: Draft, now: UnixMs) -> Decision:
    """The number is taken: by a payment that was undone before it came, or by another one."""
    if first.state == "barred":
        return _refuse(asked, now, Refusal(BARRED_CODE, "reversed_before_it_came"), draft)
    note_clash(draft, first, "other_payment", asked.request.amount_fen, now)
    return _refuse(asked, now, Refusal("94", "same_trace_other_contents"), draft)


def _refuse(asked: PaymentAsked, now: UnixMs, refusal: Refusal, draft: Draft | None = None) -> Decision:
    """A refusal by itself leaves no payment behind; what its MAC has proven (new keys, a session begun) stays."""
    answer = refusal_answer(refusal.response_code, asked.rrn, asked.acquirer_code, now)
    changes = tuple(draft.changes) if draft is not None else ()
    return Decision(changes=changes, reply=PaymentReply(answer), reason=refusal.reason)
