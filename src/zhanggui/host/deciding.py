"""Confirming, declining and withdrawing what somebody proposed, as commands of the one door to the store.

    proposal ─▶ the rows of its act ─▶ (rows that follow from these) ─▶ both persons as they are now ─▶ the act's own rule ─▶ one commit

A confirmed act is the same row of the table with the same values, decided by the same rule; nothing of it is written a second way.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from ..acquirer.people.programs.tokens import actor_by_token, counts
from ..acquirer.people.proposals import (
    confirmed,
    decide_decline,
    decide_withdraw,
    ended_with_token,
    expired,
    together,
    why_not_confirm,
    why_not_decide,
    why_not_open,
)
from ..acquirer.people.rights import actor_of
from ..acquirer.policy.actors import Actor, console_as
from ..acquirer.rows.decision import Decision
from ..acquirer.rows.records import WHOLE_HOST, ApiToken, Counter, Operator, Person, Proposal, SignIn
from ..acquirer.rows.state import Needs, State
from ..basics.errors import certain
from ..basics.numbers import MerchantNo, OperatorNo, UnixMs
from ..basics.secret import Secret
from .acts import UNKNOWN_ACTOR, ActDesk, ActRow, By, ByPerson, SecretMaker, actor_in, actor_needs, checked_notes

What = Literal["confirm", "decline", "withdraw"]


class Deciding:
    """One word about one proposal. `shown` is what the act shows this once, if anything."""

    def __init__(
        self,
        acts: Mapping[str, ActRow[Any]],
        what: What,
        merchant_no: MerchantNo,
        proposal_no: int,
        by: By,
        secrets: SecretMaker,
    ) -> None:
        self.name = f"{what}_proposal"
        self.shown: Secret | None = None
        self._acts = acts
        self._what = what
        self._key = merchant_no, proposal_no
        self._by = by
        self._secrets = secrets

    def add_needs(self, needs: Needs) -> None:
        """The proposal, and whoever decides about it."""
        needs.add(Proposal, self._key)
        needs.add(Counter, (self._key[0], "note"))
        actor_needs(needs, self._key[0], self._by)

    def more_needs(self, state: State, more: Needs) -> None:
        """Whoever proposed it, and the rows of the act."""
        proposal = state.get(Proposal, *self._key)
        row = self._row(proposal)
        if self._what != "confirm" or proposal is None or row is None:
            return
        more.leads_on = True
        if proposal.token_id:
            more.add(ApiToken, (WHOLE_HOST, proposal.token_id))
        if proposal.login:
            more.add(Person, (WHOLE_HOST, proposal.login))
        elif proposal.operator_no:
            more.add(Operator, (proposal.merchant_no, proposal.operator_no))
        asked = _asked(row, proposal)
        for kind, keys in row.needs(self._key[0], asked).keys.items():
            for key in keys:
                more.add(kind, key)
        row.more(state, asked, more)
        for key in state.records_of_sessions():
            if state.get(SignIn, *key) is None:
                more.add(SignIn, key)

    def decide(self, state: State, now: UnixMs) -> Decision:
        """By the rule of what is asked for."""
        self.shown = None
        proposal = state.get(Proposal, *self._key)
        actor = actor_in(state, self._key[0], self._by, now=now)
        row = self._row(proposal)
        against = why_not_open(proposal, now)
        if actor is None:
            return Decision(reason=UNKNOWN_ACTOR)
        if proposal is None or row is None:
            return Decision(reason="unknown_proposal")
        if against:
            is_over = against == "proposal_expired"
            return Decision(changes=(expired(proposal, now),) if is_over else (), reason=against)
        if self._what == "withdraw":
            return decide_withdraw(state, proposal, actor, now)
        if not isinstance(self._by, ByPerson) or self._by.token_id:
            return Decision(reason="second_is_a_person")
        person = certain(state.get(Person, WHOLE_HOST, self._by.login), "who acts is among the needs")
        against = why_not_decide(proposal, person, row.capability)
        if against:
            return Decision(reason=against)
        if self._what == "decline":
            return decide_decline(state, proposal, actor, now)
        return self._confirm(state, proposal, row, person, now)

    def _confirm(self, state: State, proposal: Proposal, row: ActRow[Any], person: Person, now: UnixMs) -> Decision:
        if row.has_other_half and isinstance(self._by, ByPerson) and not self._by.is_at_console:
            return Decision(reason="only_at_the_console")
        if proposal.token_id and not _token_counts(state, proposal, now):
            return Decision(changes=(ended_with_token(proposal, now),), reason="proposal_of_ended_token")
        proposer = _proposer(state, proposal)
        if proposer is None:
            return Decision(reason="proposer_is_gone")
        against = why_not_confirm(_person_who_proposed(state, proposal), person)
        if against:
            return Decision(reason=against)
        by = together(proposal, proposer, person)
        doing = ActDesk(state, self._key[0], by, now, self._secrets)
        decision = row.decide(_asked(row, proposal), doing)
        if decision.reason:
            return Decision(reason=decision.reason)
        (note,) = checked_notes(row, by, decision)
        self.shown = doing.shown
        return Decision(changes=(*decision.changes, confirmed(proposal, person, note.note_no, now)))

    def _row(self, proposal: Proposal | None) -> ActRow[Any] | None:
        return self._acts.get(proposal.act) if proposal is not None else None


def _asked(row: ActRow[Any], proposal: Proposal) -> Any:
    return msgspec.json.decode(proposal.asked, type=row.asked)


def _person_who_proposed(state: State, proposal: Proposal) -> Person | None:
    return state.get(Person, WHOLE_HOST, proposal.login) if proposal.login else None


def _token_who_proposed(state: State, proposal: Proposal) -> ApiToken | None:
    return state.get(ApiToken, WHOLE_HOST, proposal.token_id) if proposal.token_id else None


def _token_counts(state: State, proposal: Proposal, now: UnixMs) -> bool:
    return counts(_token_who_proposed(state, proposal), _person_who_proposed(state, proposal), now)


def _proposer(state: State, proposal: Proposal) -> Actor | None:
    """Whoever proposed it, with the rights of now; by a token with no more than the token has."""
    if proposal.login:
        person, token = _person_who_proposed(state, proposal), _token_who_proposed(state, proposal)
        if person is not None and token is not None:
            return actor_by_token(token, person, proposal.merchant_no, proposal.reason)
        return actor_of(person, proposal.merchant_no) if person is not None else None
    operator = state.get(Operator, MerchantNo(proposal.merchant_no), OperatorNo(proposal.operator_no))
    return console_as(operator) if operator is not None and operator.state == "active" else None
