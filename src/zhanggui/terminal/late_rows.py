"""The journal's rows of what goes back at a wallet that has not decided it: beside its payment, as the reversal's row held it."""

import msgspec

from ..edges.sqlite import Connection
from .flow.core.events import PendingReversal


def put_aside(connection: Connection, payment: int, pending: PendingReversal) -> None:
    """The payment in doubt keeps no other one back any more; what it needs to be asked for again stays."""
    connection.execute(
        "INSERT INTO late (payment, record, sealed_card) SELECT payment, ?, sealed_card FROM reversal WHERE payment = ?",
        (msgspec.json.encode(pending), payment),
    )
    connection.execute("DELETE FROM reversal")


def take_back(connection: Connection, pending: PendingReversal) -> None:
    """It is in doubt again, since it is asked for again. The table of reversals refuses a second one."""
    of = "payment = (SELECT max(number) FROM payment WHERE batch_no = ? AND trace_no = ?)"
    key = (pending.batch_no, pending.trace_no)
    connection.execute(
        f"INSERT INTO reversal (one, payment, record, sealed_card) SELECT 1, payment, record, sealed_card FROM late WHERE {of}",
        key,
    )
    connection.execute(f"DELETE FROM late WHERE {of}", key)


def all_late(connection: Connection) -> tuple[PendingReversal, ...]:
    """All of them, the oldest first."""
    rows = connection.execute("SELECT record FROM late ORDER BY payment")
    return tuple(msgspec.json.decode(row[0], type=PendingReversal) for row in rows)
