"""Sign-ins and sessions: who signed in where, and until when."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, func, literal_column, select
from sqlalchemy.exc import DatabaseError

from ...acquirer.rows.records import Session, SignIn
from ...basics.numbers import MerchantNo, UnixMs
from ..rows import SHAPES
from ..tables import TABLE_OF
from .filters import ANY_SIGN_IN, ANYWHERE, PlaceFilter, SignInFilter
from .reader import ROWS_AT_ONCE, Reader, between, chosen_where, equal

sessions = TABLE_OF[Session]
sign_ins = TABLE_OF[SignIn]


class SignInQueries(Reader):
    """Sign-ins and sessions: who signed in where, and until when."""

    def list_sign_ins(self, wanted: SignInFilter = ANY_SIGN_IN) -> list[SignIn]:
        """Sign-ins, newest first."""
        return self.records(SignIn, _newest(wanted), wanted.limit)

    def each_sign_in(self, wanted: SignInFilter = ANY_SIGN_IN) -> Iterator[SignIn]:
        """The same without a bound, row by row in one view of the database; `limit` does not count."""
        with self.snapshot() as connection:
            try:
                result = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(_newest(wanted))
                for rows in result.partitions():
                    yield from map(SHAPES[SignIn].read, rows)
            except DatabaseError as error:
                raise self.told(error) from None

    def list_sessions(self, wanted: PlaceFilter = ANYWHERE) -> list[Session]:
        """Sessions, newest first."""
        chosen = chosen_where(
            select(sessions),
            equal(sessions.c.merchant_no, wanted.merchant_no),
            equal(sessions.c.terminal_no, wanted.terminal_no),
            equal(sessions.c.operator_no, wanted.operator_no),
            sessions.c.ended_ms.is_(None) if wanted.live_only else None,
        )
        # Few are live: their own index leads to them, not the one in the order of time.
        opened = sessions.c.opened_ms + literal_column("0") if wanted.live_only else sessions.c.opened_ms
        newest = chosen.order_by(opened.desc(), sessions.c.session_no.desc())
        return self.records(Session, newest, wanted.limit)

    def newest_sessions(self, shops: tuple[MerchantNo, ...] | None = None) -> dict[tuple[str, str], UnixMs]:
        """When each operator's newest session began, by merchant and operator, in these shops or in all."""
        merchant, operator, begun = sessions.c.merchant_no, sessions.c.operator_no, func.max(sessions.c.opened_ms)
        chosen = chosen_where(
            select(merchant, operator, begun), merchant.in_(shops) if shops is not None else None
        ).group_by(merchant, operator)
        return {(str(shop), str(who)): UnixMs(int(at)) for shop, who, at in self.rows(chosen)}


def _newest(wanted: SignInFilter) -> Select[Any]:
    chosen = chosen_where(
        select(sign_ins),
        equal(sign_ins.c.merchant_no, wanted.merchant_no),
        equal(sign_ins.c.terminal_no, wanted.terminal_no),
        equal(sign_ins.c.operator_no, wanted.operator_no),
        equal(sign_ins.c.approved_by, wanted.approved_by),
        equal(sign_ins.c.state, wanted.outcome),
        equal(sign_ins.c.reason, wanted.reason),
        *between(sign_ins.c.began_ms, wanted.since_ms, wanted.until_ms),
    )
    return chosen.order_by(sign_ins.c.began_ms.desc(), sign_ins.c.record_no.desc())
