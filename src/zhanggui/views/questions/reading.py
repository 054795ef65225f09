"""What a list is read with: the store's reading side, the present instant, and what rows of several kinds are told beside each other."""

from collections.abc import Iterable
from typing import Any, TypeVar

from ...acquirer.rows.records import Merchant, Record
from ...basics.numbers import MerchantNo, UnixMs
from ...store.lists.asked import Chosen, Condition, Is
from ...store.queries import ROWS_MAX, Queries
from .shops import Shops

R = TypeVar("R", bound=Record)


class Reading:
    """One reading of a list, or of its pages one after the other."""

    def __init__(self, queries: Queries, now: UnixMs) -> None:
        self.queries = queries
        self.now = now
        self._shops: dict[tuple[MerchantNo, ...] | None, Shops] = {}

    def shops(self, only: tuple[MerchantNo, ...] | None) -> Shops:
        """When days begin in these shops, or in all."""
        return self._shops.setdefault(only, Shops(self._merchants, only, self.now))

    def found(self, kind: type[R], *where: Condition) -> list[R]:
        """All records of a kind that meet these conditions, by key: what belongs to the rows of a page."""
        return list(self.each(kind, *where))

    def each(self, kind: type[R], *where: Condition) -> Iterable[R]:
        """The same one after the other, however many there are."""
        chosen, after = Chosen(kind=kind, by="", newest_first=False, where=where), None
        while True:
            records: list[R] = self.queries.asked_page(chosen, after, ROWS_MAX)
            yield from records
            if len(records) < ROWS_MAX:
                return
            after = chosen.key_of(records[-1])

    def _merchants(self, only: tuple[MerchantNo, ...] | None) -> list[Merchant]:
        return self.found(Merchant, *([Is("merchant_no", only)] if only is not None else []))


def shops_of(records: Iterable[Any]) -> Is:
    """That a record is of a shop that these records are of."""
    return Is("merchant_no", tuple(sorted({record.merchant_no for record in records})))
