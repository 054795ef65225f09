"""Shops, their terminals and their people, by number."""

from sqlalchemy import select

from ...acquirer.rows.records import Badge, Health, Merchant, Operator, Terminal
from ...basics.numbers import MerchantNo, OperatorNo
from ..tables import TABLE_OF
from .filters import ANYWHERE, PlaceFilter
from .reader import ROWS_MAX, Reader, chosen_where, equal

merchants = TABLE_OF[Merchant]
badges = TABLE_OF[Badge]
operators = TABLE_OF[Operator]
terminals = TABLE_OF[Terminal]
healths = TABLE_OF[Health]


class PlaceQueries(Reader):
    """Shops, their terminals and their people, by number."""

    def list_merchants(self, wanted: PlaceFilter = ANYWHERE) -> list[Merchant]:
        """Merchants by number."""
        chosen = chosen_where(select(merchants), equal(merchants.c.merchant_no, wanted.merchant_no))
        return self.records(Merchant, chosen.order_by(merchants.c.merchant_no), wanted.limit)

    def list_terminals(self, wanted: PlaceFilter = ANYWHERE) -> list[Terminal]:
        """Terminals by number. Their keys are sealed blocks."""
        chosen = chosen_where(
            select(terminals),
            equal(terminals.c.merchant_no, wanted.merchant_no),
            equal(terminals.c.terminal_no, wanted.terminal_no),
        )
        return self.records(Terminal, chosen.order_by(*terminals.primary_key), wanted.limit)

    def list_healths(self, wanted: PlaceFilter = ANYWHERE) -> list[Health]:
        """What terminals said last of their parts, by number."""
        chosen = chosen_where(
            select(healths),
            equal(healths.c.merchant_no, wanted.merchant_no),
            equal(healths.c.terminal_no, wanted.terminal_no),
        )
        return self.records(Health, chosen.order_by(*healths.primary_key), wanted.limit)

    def list_operators(self, wanted: PlaceFilter = ANYWHERE) -> list[Operator]:
        """Operators by number."""
        chosen = chosen_where(
            select(operators),
            equal(operators.c.merchant_no, wanted.merchant_no),
            equal(operators.c.operator_no, wanted.operator_no),
        )
        return self.records(Operator, chosen.order_by(*operators.primary_key), wanted.limit)

    def list_badges(self, wanted: PlaceFilter = ANYWHERE) -> list[Badge]:
        """Badges by number, revoked ones too. Of their secrets they hold keyed hashes alone."""
        chosen = chosen_where(
            select(badges),
            equal(badges.c.merchant_no, wanted.merchant_no),
            equal(badges.c.operator_no, wanted.operator_no),
        )
        return self.records(Badge, chosen.order_by(*badges.primary_key), wanted.limit)

    def badge_numbers(self, merchant_no: MerchantNo, operator_no: OperatorNo) -> list[str]:
        """The numbers of all badges that an operator ever had."""
        wanted = PlaceFilter(merchant_no=merchant_no, operator_no=operator_no, limit=ROWS_MAX)
        return [badge.badge_no for badge in self.list_badges(wanted)]
