"""Settlement (0500): the terminal's totals against the host's own, and the batch is closed, or told again payment by payment.

    0500 ─▶ gate ─▶ proof A0 ─▶ batch settled before? ─▶ batch 77 ─▶ session 77 ─▶ right 57 ─▶ at the bank? 09
                                      │                                                            │
                                the same answer again                            totals agree: closed · differ: uploading

From this commit on the batch takes no payment and no reversal: its totals are fixed, and the terminal's next payments go into
the next batch. Settled again because the answer was lost, it is answered by its row, so a terminal that lost its power at any step
comes to the same end. What the host counts are its payments, asked of the database at this moment; nothing is counted while trading.

The session of a terminal whose operators the host checks ends with the batch. What proves the message: `proof.py`.
"""

import msgspec

from ...basics.errors import certain
from ...basics.numbers import BatchNo, Rrn, UnixMs, next_in_six_digits
from ...basics.shop_day import shop_day
from ...cup.messages.settlement import AGREED, DIFFERS, NO_SUMS, SettlementRequest, Sums
from ..policy.actors import role_of_number
from ..policy.capabilities import needs_password, right_of
from ..policy.rules import Policy, policy_of
from ..rows.batch_figures import BatchSums
from ..rows.decision import Decision, SettlementReply
from ..rows.draft import Draft
from ..rows.records import Batch, BatchKey, Merchant, Session, Terminal, WaitingKeys
from ..rows.state import State
from ..terminals.gate import Refusal, admit_terminal, adopt_next_keys, end_sessions_on
from ..terminals.session_rows import is_by_badge
from .bank_check import check_of
from .proof import Proof, Trust, trust_in

NUMBERS_LOOKED_AT = 8
"""Batch numbers after the present one that are looked at: one that is taken since the numbers came round is passed over."""
ACTION = "settle"
"""The right: a word of the capability table."""
SETTLED = "settled"
"""The word with which a session ends."""


class SettlementAsked(msgspec.Struct, frozen=True, kw_only=True):
    """A 0500 with what proves it."""

    request: SettlementRequest
    proof: Proof
    fitting: WaitingKeys | None = None
    rrn: Rrn
    is_behind: bool = False
    """Whether its number is behind one that its terminal used later, under the same key."""


def batch_key(of: SettlementRequest | Terminal) -> BatchKey:
    """The key of the batch that is settled, or that a terminal fills."""
    return (of.merchant_no, of.terminal_no, of.batch_no)


def numbers_after(batch_no: BatchNo) -> tuple[BatchNo, ...]:
    """The numbers that may be the next batch's, in order; 999999 is followed by 000001."""
    numbers = []
    for _ in range(NUMBERS_LOOKED_AT):
        batch_no = BatchNo(next_in_six_digits(batch_no))
        numbers.append(batch_no)
    return tuple(numbers)


def next_batch_no(state: State, key: BatchKey) -> BatchNo:
    """The next batch's number: the first one after this that names no settled batch."""
    after = numbers_after(key[2])
    return next((one for one in after if state.get(Batch, key[0], key[1], one) is None), after[0])


def decide_settlement(state: State, asked: SettlementAsked, now: UnixMs) -> Decision:
    """Decide a terminal's 0500."""
    request = asked.request
    terminal = admit_terminal(state, request.merchant_no, request.terminal_no)
    if isinstance(terminal, Refusal):
        return _refuse(terminal)
    policy = shop_policy(state, terminal)
    trust = trust_in(terminal, policy, asked.proof)
    if trust == "refused":
        return _refuse(not_proven(asked.proof))
    draft = Draft(state)
    terminal, adopted = adopt_next_keys(state, terminal, asked.fitting, now)
    draft.take(adopted)
    settled = state.get(Batch, *batch_key(request))
    if settled is not None:
        return _answered(draft, settled, request, trust, "settled_before")
    # Totals that were refused, or held back, must not end the batch after more was sold.
    behind = Refusal("94", "number_is_behind") if asked.is_behind else None
    refusal = behind or _refusal(draft, terminal, request)
    if refusal is not None:
        return _refuse(refusal, draft)
    found = certain(state.sums.get(batch_key(request)), "what the batch comes to was asked for")
    if found.pending_count:
        return _refuse(Refusal("09", "payments_at_the_bank"), draft)
    if trust != "proven" and found.first_ms is None:
        # Anybody could use up batch after batch, each with a row and a case, that nobody ever paid in.
        flag = AGREED if request.whole.agrees(NO_SUMS) else DIFFERS
        today = shop_day(now, policy.shop_day_starts_hour)
        return _told(draft, SettlementReply("00", sums=request.whole, flag=flag, shop_day=today), "nothing_to_settle")
    told = request.whole.near(found.sums)
    batch = settled_batch(draft, terminal, found, told, request.operator_no or "", asked.rrn, now)
    return _answered(draft, batch, request, trust, "" if batch.outcome == "agreed" else "totals_differ")


def shop_policy(state: State, terminal: Terminal) -> Policy:
    """The policy of a terminal's shop."""
    merchant = certain(state.get(Merchant, terminal.merchant_no), "a terminal brings its merchant")
    return policy_of(merchant.policy, merchant.policy_overrides)


def not_proven(proof: Proof) -> Refusal:
    """Why a message about a batch is not believed."""
    return Refusal("A0", "wrong_mac" if proof == "bad_mac" else "mac_missing")


def _refusal(draft: Draft, terminal: Terminal, request: SettlementRequest) -> Refusal | None:
    if request.batch_no != terminal.batch_no:
        return Refusal("77", "wrong_batch")
    live = draft.live_sessions_on(terminal.merchant_no, terminal.terminal_no)
    session = _session_of(terminal, live, request)
    if session is None:
        return Refusal("77", "no_session")
    if session.locked_ms is not None:
        return Refusal("77", "session_locked")
    if right_of(role_of_number(request.operator_no or session.operator_no), ACTION) != "allow":
        return Refusal("57", f"no_right:{ACTION}")
    ordered = terminal.settle_batch_no == terminal.batch_no
    if is_by_badge(session) and needs_password(ACTION) and not ordered:
        return Refusal("57", f"password_first:{ACTION}")
    return None


def _session_of(terminal: Terminal, live: tuple[Session, ...], request: SettlementRequest) -> Session | None:
    if terminal.operator_check == "terminal":
        return live[-1] if live else None
    return next((session for session in live if session.operator_no == request.operator_no), None)


def settled_batch(
    draft: Draft,
    terminal: Terminal,
    found: BatchSums,
    told: Sums | None,
    operator_no: str,
    rrn: str,
    now: UnixMs,
    *,
    case_no: int | None = None,
) -> Batch:
    """The batch's row, and the terminal goes on to the next one. `told` None: the host settles it by itself."""
    policy = shop_policy(draft.state, terminal)
    ours = found.sums
    agrees = told is not None and told.agrees(ours)
    is_closed = told is None or agrees
    batch = draft.insert(
        Batch(
            merchant_no=terminal.merchant_no,
            terminal_no=terminal.terminal_no,
            batch_no=terminal.batch_no,
            state="closed" if is_closed else "uploading",
            outcome="unconfirmed" if told is None else "agreed" if agrees else "differs",
            operator_no=operator_no,
            shop_day=shop_day(now, policy.shop_day_starts_hour),
            debit_count=ours.debit_count,
            debit_fen=ours.debit_fen,
            credit_count=ours.credit_count,
            credit_fen=ours.credit_fen,
            told_debit_count=told.debit_count if told is not None else None,
            told_debit_fen=told.debit_fen if told is not None else None,
            told_credit_count=told.credit_count if told is not None else None,
            told_credit_fen=told.credit_fen if told is not None else None,
            first_ms=found.first_ms,
            settled_ms=now,
            closed_ms=now if is_closed else None,
            case_no=case_no,
            rrn=rrn,
        )
    )
    draft.insert(check_of(batch, now))
    moved = msgspec.structs.replace(terminal, batch_no=next_batch_no(draft.state, batch_key(terminal)))
    draft.update(moved)
    if is_closed:
        sign_off(draft, moved, now)
    return batch


def sign_off(draft: Draft, terminal: Terminal, now: UnixMs) -> None:
    """A settled terminal signs in again before it trades. One that checks its operators itself signs off by itself."""
    if terminal.operator_check == "host":
        draft.take(end_sessions_on(draft.state, terminal, now, SETTLED))


def host_sums(batch: Batch) -> Sums:
    """What the host counted when the batch was settled."""
    return Sums(
        debit_count=batch.debit_count,
        debit_fen=batch.debit_fen,
        credit_count=batch.credit_count,
        credit_fen=batch.credit_fen,
    )


def _answered(draft: Draft, batch: Batch, request: SettlementRequest, trust: Trust, reason: str) -> Decision:
    """The flag, and the host's totals to whoever is proven; others read their own."""
    ours = host_sums(batch)
    flag = AGREED if request.whole.agrees(ours) else DIFFERS
    sums = ours if trust == "proven" else request.whole
    return _told(draft, SettlementReply("00", sums=sums, flag=flag, shop_day=batch.shop_day), reason)


def _told(draft: Draft, reply: SettlementReply, reason: str) -> Decision:
    return Decision(changes=tuple(draft.changes), reply=reply, reason=reason)


def _refuse(refusal: Refusal, draft: Draft | None = None) -> Decision:
    changes = tuple(draft.changes) if draft is not None else ()
    return Decision(changes=changes, reply=SettlementReply(refusal.response_code), reason=refusal.reason)
