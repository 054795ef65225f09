"""People of the office, and what they proposed to each other."""

from sqlalchemy import select

from ...acquirer.rows.records import Person, Proposal, ProposalState
from ..tables import TABLE_OF
from .filters import ANYWHERE, PlaceFilter
from .reader import Reader, chosen_where, equal

people = TABLE_OF[Person]
proposals = TABLE_OF[Proposal]


class PeopleQueries(Reader):
    """People of the office, and what they proposed to each other."""

    def list_people(self, wanted: PlaceFilter = ANYWHERE) -> list[Person]:
        """People by login name: of a shop, or everybody."""
        chosen = chosen_where(select(people), equal(people.c.shop_no, wanted.merchant_no))
        return self.records(Person, chosen.order_by(people.c.login), wanted.limit)

    def list_proposals(self, wanted: PlaceFilter = ANYWHERE, state: ProposalState | None = None) -> list[Proposal]:
        """Proposals, newest first."""
        chosen = chosen_where(
            select(proposals),
            equal(proposals.c.merchant_no, wanted.merchant_no),
            equal(proposals.c.state, state),
        )
        newest = chosen.order_by(proposals.c.made_ms.desc(), proposals.c.proposal_no.desc())
        return self.records(Proposal, newest, wanted.limit)
