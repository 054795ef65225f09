"""What needs two persons: one proposes, another who has the right confirms, and only then it is done.

    propose ─▶ open ─ another confirms ─▶ the act itself, in the same transaction ─▶ confirmed
                    ├ another declines ─▶ declined
                    ├ whoever proposed thinks better of it ─▶ withdrawn
                    ├ the token by which it was proposed is revoked, or its person disabled or reset ─▶ withdrawn
                    └ nobody in three days ─▶ expired

Nobody confirms what is his or her own: not under the same login name, and not as a person what was proposed as the operator that this
person is. Both must have the right at the moment in which it is done, the first one by the token that proposed it, if one did; the act's
note has both names. What was asked in a stolen name does not wait until that name is let in again.
Sources: PCI DSS 4.0.1, 3.7.6 and 7.2; JR/T 0120.2-2016, 双人复核.
"""

from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec.structs import replace

from ...basics.numbers import MerchantNo, UnixMs
from ...basics.spans import DAY_MS
from ...basics.visible import is_visible
from ..policy.actors import NOT_PERMITTED, Actor, noted
from ..rows.decision import Decision
from ..rows.numbering import next_proposal_no
from ..rows.reasons import Reason
from ..rows.records import WHOLE_HOST, Counter, Person, Proposal
from ..rows.state import Change, Insert, Needs, State, Update
from .rights import PERSON, may_confirm

OPEN_MS = 3 * DAY_MS
REASON_MAX = 200
PROPOSE, DECLINE, WITHDRAW = "propose", "decline_proposal", "withdraw_proposal"
BETWEEN = "+"
"""Between the names of two who did something together."""
OPEN_MAX = 20
"""Proposals of one person that wait at one time: more than that many people read."""
BY_ITS_END: Final = "token_over"
"""Why one ended whose token was found worthless when another wanted to confirm."""


class Proposer(msgspec.Struct, frozen=True):
    """Who proposes: login name and operator number, where there is one, and the token of a program with its end."""

    login: str = ""
    operator_no: str = ""
    token_id: str | None = None
    until_ms: UnixMs | None = None


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
    as_whom: Proposer,
    now: UnixMs,
) -> Decision:
    """Put down what somebody asks for. It waits no longer than the token counts by which it was asked."""
    waiting = list(_waiting(state, state.get(Person, WHOLE_HOST, as_whom.login) if as_whom.login else None, now))
    if len(waiting) >= OPEN_MAX:
        return Decision(reason="too_many_proposals")
    proposal_no, counted = next_proposal_no(state, merchant_no)
    until_ms = UnixMs(now + OPEN_MS)
    proposal = Proposal(
        merchant_no=merchant_no,
        proposal_no=proposal_no,
        act=act,
        asked=asked,
        reason=by.reason,
        amount_fen=amount_fen,
        made_by=by.name,
        login=as_whom.login,
        operator_no=as_whom.operator_no,
        made_ms=now,
        expires_ms=until_ms if as_whom.until_ms is None else min(until_ms, as_whom.until_ms),
        token_id=as_whom.token_id,
    )
    note = noted(state, merchant_no, by, PROPOSE, str(proposal_no), act, now)
    return Decision(changes=(counted, Insert(proposal), *_kept(state, proposal, waiting), *note))


# ── what ends with its token or its person ───────────────────────────────────


def proposals_of(person: Person | None, more: Needs) -> None:
    """The rows of a person's proposals that may still be open."""
    for key in _keys(person):
        more.add(Proposal, key)


def all_withdrawn(
    state: State, person: Person, by: Actor, event: str, now: UnixMs, *, token_id: str | None = None
) -> tuple[Change, ...]:
    """Take back what this person (None: by whatever; else by this token) proposed and nobody decided. `event`: the act that does so."""
    return tuple(
        Update(replace(one, state="withdrawn", decided_by=by.name, decided_ms=now, ended_with=event))
        for one in _waiting(state, person, now)
        if token_id is None or one.token_id == token_id
    )


def ended_with_token(proposal: Proposal, now: UnixMs) -> Update:
    """The proposal of a token that is worth nothing any more."""
    return Update(replace(proposal, state="withdrawn", decided_ms=now, ended_with=BY_ITS_END))


def _keys(person: Person | None) -> Iterator[tuple[str, int]]:
    for one in (person.proposals or "").split() if person is not None else ():
        merchant_no, _, number = one.partition("/")
        yield merchant_no, int(number)


def _waiting(state: State, person: Person | None, now: UnixMs) -> Iterator[Proposal]:
    rows = (state.get(Proposal, *key) for key in _keys(person))
    return (one for one in rows if one is not None and not why_not_open(one, now))


def _kept(state: State, proposal: Proposal, waiting: "list[Proposal]") -> tuple[Change, ...]:
    """The person with this proposal among those that wait."""
    person = state.get(Person, WHOLE_HOST, proposal.login) if proposal.login else None
    if person is None:
        return ()
    names = " ".join(f"{one.merchant_no}/{one.proposal_no}" for one in (proposal, *waiting))
    return (Update(replace(person, proposals=names)),)


# ── deciding ─────────────────────────────────────────────────────────────────


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
