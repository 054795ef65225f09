"""What needs two persons: one proposes, another who has the right confirms, and only then it is done.

    propose ─▶ open ─ another confirms ─▶ the act itself, in the same transaction ─▶ confirmed
                    ├ another declines ─▶ declined
                    ├ whoever proposed thinks better of it ─▶ withdrawn
                    └ nobody in three days ─▶ expired

Nobody confirms what is his or her own: not under the same login name, and not as a person what was proposed as the operator that this
person is. Both must have the right at the moment in which it is done; the act's note has both names.
Sources: PCI DSS 4.0.1, 3.7.6 and 7.2; JR/T 0120.2-2016, 双人复核.
"""

from msgspec.structs import replace

from ...basics.numbers import MerchantNo, UnixMs
from ...basics.spans import DAY_MS
from ...basics.visible import is_visible
from ..policy.actors import NOT_PERMITTED, Actor, noted
from ..rows.decision import Decision
from ..rows.numbering import next_proposal_no
from ..rows.reasons import Reason
from ..rows.records import Counter, Person, Proposal
from ..rows.state import Insert, Needs, State, Update
from .rights import PERSON, may_confirm

OPEN_MS = 3 * DAY_MS
REASON_MAX = 200
PROPOSE, DECLINE, WITHDRAW = "propose", "decline_proposal", "withdraw_proposal"
BETWEEN = "+"
"""Between the names of two who did something together."""


def is_reason(text: str) -> bool:
    """Whether this is a reason, for an act that asks for one."""
    return is_visible(text) and len(text) <= REASON_MAX


def proposal_needs(merchant_no: MerchantNo) -> Needs:
    """The rows that a new proposal needs."""
    return Needs({Counter: [(merchant_no, "proposal"), (merchant_no, "note")]})


def decide_propose(
    state: State,
    merchant_no: MerchantNo,
    act: str,
    asked: str,
    amount_fen: int | None,
    by: Actor,
    as_whom: tuple[str, str],
    now: UnixMs,
) -> Decision:
    """Put down what somebody asks for. `as_whom`: login name and operator number of whoever asks, where there is one."""
    proposal_no, counted = next_proposal_no(state, merchant_no)
    login, operator_no = as_whom
    proposal = Proposal(
        merchant_no=merchant_no,
        proposal_no=proposal_no,
        act=act,
        asked=asked,
        reason=by.reason,
        amount_fen=amount_fen,
        made_by=by.name,
        login=login,
        operator_no=operator_no,
        made_ms=now,
        expires_ms=UnixMs(now + OPEN_MS),
    )
    note = noted(state, merchant_no, by, PROPOSE, str(proposal_no), act, now)
    return Decision(changes=(counted, Insert(proposal), *note))


def why_not_open(proposal: Proposal | None, now: UnixMs) -> Reason:
    """Why nothing can be decided about it any more; empty while it can."""
    if proposal is None:
        return "unknown_proposal"
    if proposal.state != "open":
        return "proposal_decided"
    return "proposal_expired" if now >= proposal.expires_ms else ""


def why_not_decide(proposal: Proposal, person: Person, capability: str) -> Reason:
    """Why this person may neither confirm nor decline it; empty when nothing is against it."""
    if is_own(proposal, person):
        return "own_proposal"
    if _let_in(proposal.made_by, person):
        return "let_in_by_proposer"
    return "" if may_confirm(person, capability, proposal.merchant_no) else NOT_PERMITTED


def why_not_confirm(proposer: Person | None, person: Person) -> Reason:
    """Why this person may not confirm what that one proposed (None: it was an operator); empty when nothing is against it."""
    return "let_in_the_proposer" if proposer is not None and _let_in(f"{PERSON}{person.login}", proposer) else ""


def _let_in(name: str, person: Person) -> bool:
    """Whether this one gave out the other's link. Whoever invites or resets somebody has the link in hand, and would be two with it."""
    return name in person.made_by.split(BETWEEN)


def is_own(proposal: Proposal, person: Person) -> bool:
    """Whether this person proposed it, under whichever name."""
    at_shop = person.shop_no == proposal.merchant_no
    is_twin = at_shop and bool(person.operator_no) and person.operator_no == proposal.operator_no
    return person.login == proposal.login or is_twin


def together(proposal: Proposal, proposer: Actor, person: Person) -> Actor:
    """The two as one who acts: by the proposer's rights, which the other's yes does not widen."""
    name = f"{proposal.made_by}{BETWEEN}{PERSON}{person.login}"
    return replace(proposer, name=name, reason=proposal.reason)


def confirmed(proposal: Proposal, person: Person, note_no: int, now: UnixMs) -> Update:
    """The proposal once its act is done."""
    name = f"{PERSON}{person.login}"
    return Update(replace(proposal, state="confirmed", decided_by=name, decided_ms=now, note_no=note_no))


def decide_decline(state: State, proposal: Proposal, by: Actor, now: UnixMs) -> Decision:
    """Another one says no."""
    return _ended(state, proposal, replace(proposal, state="declined"), DECLINE, by, now)


def decide_withdraw(state: State, proposal: Proposal, by: Actor, now: UnixMs) -> Decision:
    """Whoever proposed it takes it back."""
    if by.name != proposal.made_by:
        return Decision(reason="not_own_proposal")
    return _ended(state, proposal, replace(proposal, state="withdrawn"), WITHDRAW, by, now)


def expired(proposal: Proposal, now: UnixMs) -> Update:
    """What nobody decided in time."""
    return Update(replace(proposal, state="expired", decided_ms=now))


def _ended(state: State, before: Proposal, after: Proposal, event: str, by: Actor, now: UnixMs) -> Decision:
    merchant_no = MerchantNo(before.merchant_no)
    note = noted(state, merchant_no, by, event, str(before.proposal_no), before.act, now)
    return Decision(changes=(Update(replace(after, decided_by=by.name, decided_ms=now)), *note))
