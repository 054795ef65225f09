"""What a terminal remembers across a power cut, in one SQLite file of its own.

Each `Remember…` effect is one transaction: when `remember` returns, power may fail. The tables hold eight things:

    counter     trace and batch number, the status counter (362), each only ever replaced by the next
    payment     one row for each payment that was about to leave: its line on the day's list and, when approved, the sale
    reversal    at most one row: the payment in doubt, with what its 0400 needs of the card, sealed by the PIN pad
    late        the same of what goes back at a wallet that has not decided it yet: it keeps no payment back
    signature   what cardholders signed on the screen
    script      what an issuer had its chip told, what became of it, and whether the host knows
    settlement  at most one row: how far the end of a batch is
    setting     each change of the machine's settings: who, under which approval of the host, from what to what

A second reversal can't be written while one is there: the table allows a single row. That is rule A8 (no payment leaves a
terminal with a reversal pending) held by the file itself and not only by the flow.
"""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import msgspec

from ..basics.bad_json import BAD_JSON
from ..basics.clock import Clock
from ..basics.errors import Fault
from ..basics.numbers import WRAP_MAX, BatchNo, TraceNo
from ..basics.shop_day import shop_day
from ..cup.values.rules import read_rules
from ..edges.sqlite import Connection, DatabaseError, open_durable
from ..edges.sqlite_backup import bring_up
from .batch_rows import counted, counts, told
from .devices.ports import Strokes
from .flow.core import effects as fx
from .flow.core.events import (
    ApprovedPayment,
    BatchCounted,
    DayLine,
    EntryWay,
    Memory,
    PendingReversal,
    Record,
    ScriptNotice,
)
from .flow.core.policy import DAY_LINES_MAX, DETAILS_PAGE, UNSENT_SIGNATURES_MAX
from .flow.core.settlement import BatchPage, Settlement
from .journal_port import Remembered
from .journal_schema import CHANGES, TABLES
from .journal_schema import SCHEMA_VERSION as SCHEMA_VERSION
from .late_rows import all_late, put_aside, take_back
from .script_rows import change_script, keep_script, script_card, untold_scripts

DAYS_KEPT = 400
"""Days after which a payment leaves the journal: slips are kept for a year, and a month is the margin for complaints."""
STATUS_NUMBERS_RESERVED = 1_000
"""Status numbers (362) taken with one durable write: a heartbeat alone costs no write, and a crash only skips numbers."""
FIRST_BATCH = BatchNo("000001")
NO_TRACE = TraceNo("000000")
"""What a new journal remembers as the last trace number; 000001 follows it."""

HOST_DAY = "host_day"
"""Note of the host's date at the last sign-in."""

_Outcome = TypeVar("_Outcome")


class SqliteJournal:
    """The journal in a SQLite file (write-ahead log, synchronous=FULL)."""

    def __init__(self, path: Path, clock: Clock, open_file: Callable[[Path], Connection] = open_durable) -> None:
        """Open or create the file. `open_file` is there for tests that break the disk.

        Misuse for a folder that can't be written or a newer file, Fault for a damaged one.
        """
        self._path = path
        self._clock = clock
        self._db: Connection = open_file(path)
        self._status_next = self._status_reserved = 0
        try:
            # A sealed card that was deleted leaves no trace in free pages.
            self._db.execute("PRAGMA secure_delete = ON")
            self._prepare_schema()
            self._day_starts_hour = self._noted_hour()
            self._work(self._forget_old)
        except Exception:
            self._db.close()
            raise

    def memory(self) -> Memory:
        return self._reading(self._memory)

    def _memory(self) -> Memory:
        batch_no = BatchNo(self._counter("batch") or FIRST_BATCH)
        newest_first = self._db.execute(
            "SELECT line, batch_no FROM payment WHERE day = ? ORDER BY number DESC LIMIT ?",
            (self._today(), DAY_LINES_MAX),
        ).fetchall()
        earlier = self._db.execute(
            "SELECT line, batch_no FROM payment WHERE day < ? AND batch_no = ? ORDER BY number DESC LIMIT ?",
            (self._today(), batch_no, DAY_LINES_MAX),
        ).fetchall()
        reversal = self._db.execute("SELECT record FROM reversal").fetchone()
        unprinted = self._db.execute(
            "SELECT sale FROM payment WHERE print_pending = 1 ORDER BY number DESC LIMIT 1"
        ).fetchone()
        return Memory(
            trace_no=TraceNo(self._counter("trace") or NO_TRACE),
            batch_no=batch_no,
            earlier=tuple(_line(*row) for row in earlier),
            today=tuple(_line(*row) for row in newest_first),
            reversal=msgspec.json.decode(reversal[0], type=PendingReversal) if reversal else None,
            print_pending=msgspec.json.decode(unprinted[0], type=ApprovedPayment) if unprinted else None,
            last_sale=self._newest_approved(),
            batch_since=self._batch_since(batch_no),
            settlement=self._settlement(),
            rules=self._counter("note.rules") or "",
            unsent=self._unsent(),
            scripts=untold_scripts(self._db),
            late=all_late(self._db),
            software=self._counter("note.software") or "",
            counter=self._counter("note.counter") or "",
            orders=self._counter("note.orders") or "",
        )

    def remember(self, effect: Remembered, sealed_card: bytes = b"") -> Record:
        match effect:
            case fx.RememberTrace(trace_no=trace_no, batch_no=batch_no):
                self._work(lambda: self._set_counters(trace_no, batch_no))
            case fx.RememberPayment():
                self._work(lambda: self._remember_payment(effect, sealed_card))
            case fx.RememberApproval():
                self._work(lambda: self._remember_approval(effect))
            case fx.RememberDecline(line=line, script=script):
                self._work(lambda: self._end_reversal(line.batch_no, line.trace_no, line, script=script))
            case fx.RememberDoubt(reversal=reversal):
                self._work(lambda: self._change_reversal(reversal))
            case fx.RememberReversed(batch_no=batch_no, trace_no=trace_no, response_code=code):
                self._work(lambda: self._end_reversal(batch_no, trace_no, None, code))
            case fx.RememberLate(line=line, pending=pending):
                self._work(lambda: self._put_aside(line, pending))
            case fx.RememberAskedAfter(pending=pending):
                self._work(lambda: take_back(self._db, pending))
            case fx.RememberLine(line=line):
                self._work(lambda: self._change_line(line))
            case fx.RememberPrinted(batch_no=batch_no, trace_no=trace_no):
                self._work(lambda: self._mark_printed(batch_no, trace_no))
            case fx.RememberSettlement(settlement=settlement):
                self._work(lambda: self._set_settlement(settlement))
            case fx.RememberSettled(settlement=settlement, trace_no=trace_no, batch_no=batch_no):
                self._work(lambda: self._remember_settled(settlement, trace_no, batch_no))
            case fx.RememberSetting():
                self._work(lambda: self._remember_setting(effect))
            case fx.RememberSignatureTaken(batch_no=batch_no, trace_no=trace_no):
                self._work(lambda: self._mark_taken(batch_no, trace_no))
            case fx.RememberScript(notice=notice, is_over=is_over):
                self._work(lambda: change_script(self._db, notice, is_over=is_over))
            case fx.RememberNote(name=name, value=value):
                self.note(name, value)
        return effect.record

    def approved(self, batch_no: BatchNo, trace_no: TraceNo) -> ApprovedPayment | None:
        row = self._reading(
            lambda: self._db.execute(
                "SELECT sale FROM payment WHERE batch_no = ? AND trace_no = ? AND sale IS NOT NULL ORDER BY number DESC LIMIT 1",
                (batch_no, trace_no),
            ).fetchone()
        )
        return None if row is None else msgspec.json.decode(row[0], type=ApprovedPayment)

    def _remember_setting(self, effect: fx.RememberSetting) -> None:
        row = (effect.operator_no, effect.approval_no, effect.name, effect.before, effect.value)
        self._db.execute(
            "INSERT INTO setting (at_ms, operator_no, approval_no, name, before, value) VALUES (?, ?, ?, ?, ?, ?)",
            (self._clock.now(), *row),
        )

    def sealed_card(self, batch_no: BatchNo, trace_no: TraceNo) -> bytes:
        row = self._reading(
            lambda: self._db.execute(
                "SELECT sealed_card FROM reversal JOIN payment ON number = payment WHERE batch_no = ? AND trace_no = ?",
                (batch_no, trace_no),
            ).fetchone()
        )
        if row is None:
            raise Fault(
                f"the journal holds no reversal for trace number {trace_no} of batch {batch_no}; nothing can be undone for it"
            )
        return bytes(row[0])

    def keep_signature(self, batch_no: BatchNo, trace_no: TraceNo, strokes: Strokes) -> None:
        content = msgspec.json.encode(strokes)
        self._work(
            lambda: self._db.execute(
                "INSERT OR REPLACE INTO signature (payment, strokes, owed)"
                " SELECT number, ?, 1 FROM payment WHERE batch_no = ? AND trace_no = ? ORDER BY number DESC LIMIT 1",
                (content, batch_no, trace_no),
            )
        )

    def signature(self, batch_no: BatchNo, trace_no: TraceNo) -> Strokes:
        row = self._reading(
            lambda: self._db.execute(
                "SELECT strokes FROM payment LEFT JOIN signature ON payment = number WHERE batch_no = ? AND trace_no = ?"
                " ORDER BY number DESC LIMIT 1",
                (batch_no, trace_no),
            ).fetchone()
        )
        return msgspec.json.decode(row[0], type=Strokes) if row and row[0] is not None else ()

    def _unsent(self) -> tuple[tuple[BatchNo, TraceNo], ...]:
        rows = self._db.execute(
            "SELECT batch_no, trace_no FROM signature JOIN payment ON number = payment WHERE owed = 1 ORDER BY payment LIMIT ?",
            (UNSENT_SIGNATURES_MAX,),
        )
        return tuple((BatchNo(batch_no), TraceNo(trace_no)) for batch_no, trace_no in rows)

    def _mark_taken(self, batch_no: BatchNo, trace_no: TraceNo) -> None:
        self._db.execute(
            "UPDATE signature SET owed = 0 WHERE payment ="
            " (SELECT max(number) FROM payment WHERE batch_no = ? AND trace_no = ?)",
            (batch_no, trace_no),
        )

    def script_card(self, batch_no: BatchNo, trace_no: TraceNo) -> bytes:
        return self._reading(lambda: script_card(self._db, batch_no, trace_no))

    def batch(self, batch_no: BatchNo) -> BatchCounted:
        rows = self._reading(
            lambda: self._db.execute(
                "SELECT line, batch_no FROM payment WHERE batch_no = ? ORDER BY number", (batch_no,)
            ).fetchall()
        )
        return self._reading(lambda: counted(batch_no, (_line(*row) for row in rows), self._clock.now()))

    def batch_page(self, batch_no: BatchNo, after: int) -> BatchPage:
        return self._reading(lambda: self._batch_page(batch_no, after))

    def _batch_page(self, batch_no: BatchNo, after: int) -> BatchPage:
        rows = self._db.execute(
            "SELECT number, line, batch_no, sale FROM payment WHERE batch_no = ? AND number > ? ORDER BY number LIMIT ?",
            (batch_no, after, DETAILS_PAGE),
        ).fetchall()
        payments = [
            (_line(line, of), msgspec.json.decode(sale, type=_Way).way if sale else None) for _, line, of, sale in rows
        ]
        return BatchPage(
            told=tuple(told(line, way) for line, way in payments if counts(line)),
            cursor=int(rows[-1][0]) if rows else after,
            is_last=len(rows) < DETAILS_PAGE,
        )

    def next_status_no(self) -> TraceNo:
        if self._status_next >= self._status_reserved:
            self._work(self._reserve_status_numbers)
        self._status_next += 1
        return TraceNo(f"{(self._status_next - 1) % WRAP_MAX + 1:06d}")

    def note(self, name: str, value: str) -> None:
        if self.noted(name) != value:
            self._work(lambda: self._set_counter(f"note.{name}", value))
            self._day_starts_hour = self._noted_hour()

    def noted(self, name: str) -> str:
        return self._reading(lambda: self._counter(f"note.{name}")) or ""

    def close(self) -> None:
        self._db.close()

    # ── the transactions ─────────────────────────────────────────────────────

    def _remember_payment(self, effect: fx.RememberPayment, sealed_card: bytes) -> None:
        attempt = effect.attempt
        reversal = attempt.reversal()
        content = msgspec.json.encode(attempt.line("reversing"))
        self._forget_old()
        self._set_counters(reversal.trace_no, reversal.batch_no)
        self._db.execute(
            "INSERT INTO payment (batch_no, trace_no, day, at_ms, operator_no, line) VALUES (?, ?, ?, ?, ?, ?)",
            (reversal.batch_no, reversal.trace_no, self._today(), self._clock.now(), attempt.operator_no, content),
        )
        self._db.execute(
            "INSERT INTO reversal (one, payment, record, sealed_card) VALUES (1, last_insert_rowid(), ?, ?)",
            (msgspec.json.encode(reversal), sealed_card),
        )

    def _remember_approval(self, effect: fx.RememberApproval) -> None:
        number = self._pending_payment(effect.payment.batch_no, effect.payment.trace_no)
        self._db.execute(
            "UPDATE payment SET line = ?, sale = ?, print_pending = 1 WHERE number = ?",
            (msgspec.json.encode(effect.line), msgspec.json.encode(effect.payment), number),
        )
        for line in effect.changed:
            # What it was about changes in the same transaction: the day's sum is never wrong between two writes.
            self._db.execute(
                "UPDATE payment SET line = ? WHERE number ="
                " (SELECT max(number) FROM payment WHERE batch_no = ? AND trace_no = ? AND number <> ?)",
                (msgspec.json.encode(line), line.batch_no, line.trace_no, number),
            )
        self._keep_script(number, effect.script)
        self._db.execute("DELETE FROM reversal")

    def _keep_script(self, number: int, notice: ScriptNotice | None) -> None:
        """Before the reversal goes, whose card the notice needs; its number is used from now on."""
        if notice is not None:
            keep_script(self._db, number, notice)
            self._set_counters(notice.trace_no, notice.batch_no)

    def _end_reversal(
        self,
        batch_no: BatchNo | str,
        trace_no: TraceNo,
        line: DayLine | None,
        response_code: str = "",
        script: ScriptNotice | None = None,
    ) -> None:
        """The payment did not happen (`line` says how it is listed), or its reversal was answered (None) with this code."""
        number = self._pending_payment(batch_no, trace_no)
        if line is None:
            kept = self._db.execute("SELECT line, batch_no FROM payment WHERE number = ?", (number,)).fetchone()
            line = msgspec.structs.replace(_line(*kept), state="reversed", response_code=response_code)
        self._db.execute(
            "UPDATE payment SET line = ?, sale = NULL, print_pending = 0 WHERE number = ?",
            (msgspec.json.encode(line), number),
        )
        self._keep_script(number, script)
        self._db.execute("DELETE FROM reversal")

    def _put_aside(self, line: DayLine, pending: PendingReversal) -> None:
        number = self._pending_payment(line.batch_no, line.trace_no)
        self._db.execute("UPDATE payment SET line = ? WHERE number = ?", (msgspec.json.encode(line), number))
        put_aside(self._db, number, pending)

    def _change_reversal(self, reversal: PendingReversal) -> None:
        self._pending_payment(reversal.batch_no, reversal.trace_no)
        self._db.execute("UPDATE reversal SET record = ?", (msgspec.json.encode(reversal),))

    def _change_line(self, line: DayLine) -> None:
        """Replace the line of a payment whose outcome is known already."""
        self._db.execute(
            "UPDATE payment SET line = ? WHERE number ="
            " (SELECT max(number) FROM payment WHERE batch_no = ? AND trace_no = ?)"
            " AND number NOT IN (SELECT payment FROM reversal)",
            (msgspec.json.encode(line), line.batch_no, line.trace_no),
        )

    def _mark_printed(self, batch_no: BatchNo, trace_no: TraceNo) -> None:
        self._db.execute(
            "UPDATE payment SET print_pending = 0 WHERE batch_no = ? AND trace_no = ? AND print_pending = 1",
            (batch_no, trace_no),
        )

    def _pending_payment(self, batch_no: BatchNo | str, trace_no: TraceNo) -> int:
        row = self._db.execute(
            "SELECT number FROM reversal JOIN payment ON number = payment WHERE batch_no = ? AND trace_no = ?",
            (batch_no, trace_no),
        ).fetchone()
        if row is None:
            raise Fault(
                f"the journal holds no payment in doubt with trace number {trace_no} of batch {batch_no}; "
                "its outcome can't be kept"
            )
        return int(row[0])

    def _set_settlement(self, settlement: Settlement | None) -> None:
        self._db.execute("DELETE FROM settlement")
        if settlement is not None:
            self._db.execute("INSERT INTO settlement (one, record) VALUES (1, ?)", (msgspec.json.encode(settlement),))

    def _remember_settled(self, settlement: Settlement, trace_no: TraceNo, batch_no: BatchNo) -> None:
        """The next batch begins in the same transaction in which this one ends."""
        self._set_settlement(settlement)
        self._set_counters(trace_no, batch_no)

    def _settlement(self) -> Settlement | None:
        row = self._db.execute("SELECT record FROM settlement").fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=Settlement)

    def _batch_since(self, batch_no: BatchNo) -> str:
        """The day of the batch's oldest payment that counts: a walk that ends at the first one."""
        rows = self._db.execute(
            "SELECT day, line, batch_no FROM payment WHERE batch_no = ? ORDER BY number", (batch_no,)
        )
        return next((str(day) for day, line, of in rows if counts(_line(line, of))), "")

    def _set_counters(self, trace_no: TraceNo, batch_no: BatchNo) -> None:
        self._set_counter("trace", trace_no)
        self._set_counter("batch", batch_no)

    def _set_counter(self, name: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO counter (name, value) VALUES (?, ?)", (name, value))

    def _reserve_status_numbers(self) -> None:
        first = int(self._counter("status") or 0) % WRAP_MAX
        self._set_counter("status", str(first + STATUS_NUMBERS_RESERVED))
        self._status_next, self._status_reserved = first, first + STATUS_NUMBERS_RESERVED

    def _forget_old(self) -> None:
        # A clock that ran ahead forgets nothing by itself: only the day that the host told last ends a record's time.
        confirmed = min(self._today(), self._counter(f"note.{HOST_DAY}") or self._today())
        oldest = (date.fromisoformat(confirmed) - timedelta(days=DAYS_KEPT)).isoformat()
        old = (
            "SELECT number FROM payment WHERE day < ? AND print_pending = 0"
            " AND number NOT IN (SELECT payment FROM reversal UNION SELECT payment FROM late)"
        )
        self._db.execute(f"DELETE FROM signature WHERE payment IN ({old})", (oldest,))
        self._db.execute(f"DELETE FROM script WHERE payment IN ({old})", (oldest,))
        self._db.execute(f"DELETE FROM payment WHERE number IN ({old})", (oldest,))

    # ── the file ─────────────────────────────────────────────────────────────

    def _prepare_schema(self) -> None:
        if self._reading(lambda: bring_up(self._db, self._path, SCHEMA_VERSION, CHANGES)) == 0:
            self._work(self._create_tables)

    def _create_tables(self) -> None:
        for statement in TABLES:
            self._db.execute(statement)

    def _counter(self, name: str) -> str | None:
        row = self._db.execute("SELECT value FROM counter WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def _newest_approved(self) -> ApprovedPayment | None:
        row = self._db.execute(
            "SELECT sale FROM payment WHERE sale IS NOT NULL ORDER BY number DESC LIMIT 1"
        ).fetchone()
        return None if row is None else msgspec.json.decode(row[0], type=ApprovedPayment)

    def _noted_hour(self) -> int:
        """Where the shop's days begin, as the rules say that the last good sign-in brought."""
        return read_rules(self.noted("rules")).day_starts_hour

    def _today(self) -> str:
        return shop_day(self._clock.now(), self._day_starts_hour)

    def _work(self, change: Callable[[], object]) -> None:
        """Do a change in one transaction; after any failure the file is as it was before."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            change()
            self._db.execute("COMMIT")
        except DatabaseError as error:
            self._undo()
            raise self._fault(error) from error
        except Exception:
            self._undo()
            raise

    def _undo(self) -> None:
        try:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        except DatabaseError:
            # SQLite rolls back by itself when a disk error ended the transaction; the log is not folded in either way.
            return

    def _reading(self, read: Callable[[], _Outcome]) -> _Outcome:
        try:
            return read()
        except (DatabaseError, *BAD_JSON) as error:
            raise self._fault(error) from error

    def _fault(self, error: Exception) -> Fault:
        return Fault(
            f"the journal {self._path} can't be used ({type(error).__name__}: {error}). Nothing was changed by this step. "
            "Check that the disk is not full and the folder may be written."
        )


class _Way(msgspec.Struct):
    """What is read of an approved payment to tell it again: how its card was read."""

    way: EntryWay


def _line(content: bytes, batch_no: str) -> DayLine:
    """A line as the flow knows it. Lines of old journals don't say their batch; the row beside them does."""
    line = msgspec.json.decode(content, type=DayLine)
    return line if line.batch_no else msgspec.structs.replace(line, batch_no=batch_no)
