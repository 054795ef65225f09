"""The journal's rows of issuer scripts: kept beside their payment, with its sealed card until the host knows."""

import msgspec

from ..basics.errors import Fault
from ..basics.numbers import BatchNo, TraceNo
from ..edges.sqlite import Connection
from .flow.core.events import ScriptNotice
from .flow.core.policy import UNTOLD_SCRIPTS_MAX

_OF = "(SELECT max(number) FROM payment WHERE batch_no = ? AND trace_no = ?)"


def keep_script(connection: Connection, payment: int, notice: ScriptNotice) -> None:
    """Keep a notice beside the payment in doubt, whose card the reversal's row still holds."""
    connection.execute(
        "INSERT INTO script (payment, record, sealed_card) SELECT payment, ?, sealed_card FROM reversal WHERE payment = ?",
        (msgspec.json.encode(notice), payment),
    )


def change_script(connection: Connection, notice: ScriptNotice, *, is_over: bool) -> None:
    """What became of the scripts; once it is over (the host knows, or never will), the card is not needed any more."""
    change = "record = ?, owed = 0, sealed_card = x''" if is_over else "record = ?"
    of = notice.payment
    connection.execute(
        f"UPDATE script SET {change} WHERE owed = 1 AND payment = {_OF}",
        (msgspec.json.encode(notice), of.batch_no, of.trace_no),
    )


def untold_scripts(connection: Connection) -> tuple[ScriptNotice, ...]:
    """Notices that are owed to the host, the oldest first."""
    rows = connection.execute(
        "SELECT record FROM script WHERE owed = 1 ORDER BY payment LIMIT ?", (UNTOLD_SCRIPTS_MAX,)
    )
    return tuple(msgspec.json.decode(row[0], type=ScriptNotice) for row in rows)


def script_card(connection: Connection, batch_no: BatchNo, trace_no: TraceNo) -> bytes:
    """The sealed card of a notice that is owed. Fault when none is."""
    row = connection.execute(
        f"SELECT sealed_card FROM script WHERE owed = 1 AND payment = {_OF}", (batch_no, trace_no)
    ).fetchone()
    if row is None:
        raise Fault(f"the journal owes no notice of scripts for trace number {trace_no} of batch {batch_no}")
    return bytes(row[0])
