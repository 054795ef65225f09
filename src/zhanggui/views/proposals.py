"""Proposals, newest first: what one asks, and who confirmed it, declined it or let it be."""

from dataclasses import replace

import msgspec

from ..acquirer.people.rights import PERSON
from ..acquirer.policy.capabilities import CAPABILITIES
from ..acquirer.rows.records import Proposal, ProposalState
from ..basics.money import format_yuan
from ..basics.numbers import MerchantNo, UnixMs
from ..basics.words import Lang
from ..store.lists.asked import AnyOf, Condition, Is, Within
from ..store.queries import PlaceFilter, Queries
from .listing import NOTHING, Column, View, iso, short_time, word_of
from .questions.asked_list import AskedList
from .questions.filters import Filter, Value, amounts, choice, count, said_in, shop, word
from .questions.periods import periods
from .questions.shops import Shops
from .questions.sources import Stored


class ProposalRow(msgspec.Struct, frozen=True, kw_only=True):
    """One proposal."""

    merchant_no: str
    proposal_no: int
    act: str
    asked: str
    """The act's values, as JSON."""
    reason: str
    amount_fen: int | None
    made_by: str
    made: str | None
    expires: str | None
    state: ProposalState
    decided_by: str
    decided: str | None
    note_no: int | None
    token_id: str | None
    ended_with: str | None
    """The act that took it back together with its token or person, or `token_over`."""


def read_proposals(
    queries: Queries, merchant_no: MerchantNo | None, state: ProposalState | None, limit: int, now: UnixMs
) -> list[ProposalRow]:
    """The proposals at a shop, or all. One that nobody decided in time is expired, whether or not that was written."""
    wanted = PlaceFilter(merchant_no=merchant_no, limit=limit)
    rows = [proposal_row(one, now) for one in queries.list_proposals(wanted, None if state == "expired" else state)]
    return [row for row in rows if state is None or row.state == state]


def proposal_row(one: Proposal, now: UnixMs) -> ProposalRow:
    """One proposal as everybody shows one."""
    return ProposalRow(
        merchant_no=one.merchant_no,
        proposal_no=one.proposal_no,
        act=one.act,
        asked=one.asked,
        reason=one.reason,
        amount_fen=one.amount_fen,
        made_by=one.made_by,
        made=iso(one.made_ms),
        expires=iso(one.expires_ms),
        state="expired" if one.state == "open" and now >= one.expires_ms else one.state,
        decided_by=one.decided_by,
        decided=iso(one.decided_ms),
        note_no=one.note_no,
        token_id=one.token_id,
        ended_with=one.ended_with,
    )


def _act(row: ProposalRow, lang: Lang) -> str:
    known = CAPABILITIES.get(row.act)
    return known.of(lang) if known is not None else row.act


def _ended_with(row: ProposalRow, lang: Lang) -> str:
    if row.ended_with is None:
        return NOTHING
    known = CAPABILITIES.get(row.ended_with)
    return known.of(lang) if known is not None else word_of("proposals.ended_with.token_over", lang)


PROPOSALS = View(
    "proposals",
    ProposalRow,
    (
        Column("no", lambda row, lang: str(row.proposal_no)),
        Column("shop", lambda row, lang: row.merchant_no, is_wide=True),
        Column("act", _act),
        Column("asked", lambda row, lang: row.asked, is_wide=True),
        Column(
            "amount",
            lambda row, lang: NOTHING if row.amount_fen is None else format_yuan(row.amount_fen),
            is_amount=True,
        ),
        Column("reason", lambda row, lang: row.reason, is_wide=True),
        Column("made_by", lambda row, lang: row.made_by.removeprefix(PERSON)),
        Column("state", lambda row, lang: word_of(f"proposals.state.{row.state}", lang)),
        Column("expires", lambda row, lang: short_time(row.expires), is_wide=True),
        Column("decided_by", lambda row, lang: row.decided_by or NOTHING, is_wide=True),
        Column("note", lambda row, lang: NOTHING if row.note_no is None else str(row.note_no), is_wide=True),
        Column("token", lambda row, lang: row.token_id or NOTHING, is_wide=True),
        Column("ended_with", _ended_with, is_wide=True),
    ),
)


def _state() -> Filter:
    """How it stands now: one that nobody decided in time is expired, whether or not that was written."""

    def conditions(value: Value, shops: Shops) -> tuple[Condition, ...]:
        wanted = value if isinstance(value, tuple) else (value,)
        late = Within("expires_ms", None, shops.now + 1)
        arms: list[tuple[Condition, ...]] = [(Is("state", tuple(one for one in wanted if one != "open")),)]
        if "open" in wanted:
            arms.append((Is("state", ("open",)), Within("expires_ms", shops.now + 1, None)))
        if "expired" in wanted:
            arms.append((Is("state", ("open",)), late))
        return (AnyOf(tuple(arms)),)

    plain = choice(
        "state", "state", said_in(Proposal, "state"), lambda state, lang: word_of(f"proposals.state.{state}", lang)
    )
    return replace(plain, conditions=conditions)


PROPOSALS_ASKED = AskedList(
    view=PROPOSALS,
    area="proposals",
    filters=(
        shop(),
        count("proposal", "proposal_no", rank=2),
        word("act", "act"),
        _state(),
        word("actor", "made_by"),
        *amounts(),
        *periods("made_ms"),
    ),
    source=Stored(
        kind=Proposal,
        by="made_ms",
        rows=lambda reading, records: [(proposal_row(record, reading.now),) for record in records],
    ),
)
