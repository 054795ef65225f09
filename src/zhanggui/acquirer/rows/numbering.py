"""Numbers that only grow: sessions, sign-in records, reference numbers."""

from ...basics.errors import Defect
from ...basics.numbers import MerchantNo, RecordNo, Rrn, SessionNo, UnixMs
from .draft import Draft
from .records import WHOLE_HOST, Counter
from .state import Change, Insert, State, Update

CASE_COUNTER = "case"
RRNS = 10**12
"""Reference numbers have twelve digits, and begin again after so many."""
RRN_BLOCK = 10_000
"""Reference numbers reserved by one durable write: two seconds of the busiest host, and at most this many skipped at a crash."""
NO_RRN = Rrn("000000000000")
"""Stands in answers to work that could not be done (96) when there is no number for it."""
RRN_EPOCH_MS = 1_767_225_600_000
"""2026-01-01T00:00:00Z. Counting milliseconds from here, twelve digits last until 2057."""


def next_session_no(state: State, merchant_no: MerchantNo) -> tuple[SessionNo, Change]:
    """The next session number of a merchant, and the counter's new row."""
    value, change = _next(state, merchant_no, "session")
    return SessionNo(value), change


def next_record_no(state: State, merchant_no: MerchantNo) -> tuple[RecordNo, Change]:
    """The next sign-in record number of a merchant, and the counter's new row."""
    value, change = _next(state, merchant_no, "sign_in")
    return RecordNo(value), change


def next_approval_no(state: State, merchant_no: MerchantNo) -> tuple[int, Change]:
    """The next approval number of a merchant, and the counter's new row."""
    return _next(state, merchant_no, "approval")


def next_case_no(state: State | Draft, merchant_no: MerchantNo) -> tuple[int, Change]:
    """The next support case number of a merchant, and the counter's new row."""
    return _next(state, merchant_no, CASE_COUNTER)


def next_note_no(state: State, merchant_no: MerchantNo) -> tuple[int, Change]:
    """The next audit note number of a merchant, and the counter's new row."""
    return _next(state, merchant_no, "note")


def next_proposal_no(state: State, merchant_no: MerchantNo) -> tuple[int, Change]:
    """The next number of a proposal of a merchant, and the counter's new row."""
    return _next(state, merchant_no, "proposal")


def envelope_counter(record_no: int) -> str:
    """The name of the counter of an envelope's uses; the number is that of the sign-in record which left the envelope."""
    return f"offline:{record_no}"


def uses_taken(state: State, merchant_no: MerchantNo, record_no: int) -> int:
    """The last use of an envelope that was taken; 0 when none was."""
    counter = state.get(Counter, merchant_no, envelope_counter(record_no))
    return counter.value if counter is not None else 0


def take_uses(state: State, merchant_no: MerchantNo, record_no: int, uses: int) -> Change:
    """The envelope's uses up to this one are taken."""
    row = Counter(merchant_no=merchant_no, name=envelope_counter(record_no), value=uses)
    return Insert(row) if state.get(Counter, merchant_no, row.name) is None else Update(row)


def _next(state: State | Draft, merchant_no: str, name: str) -> tuple[int, Change]:
    counter = state.get(Counter, merchant_no, name)
    if counter is None:
        return 1, Insert(Counter(merchant_no=merchant_no, name=name, value=1))
    return counter.value + 1, Update(Counter(merchant_no=merchant_no, name=counter.name, value=counter.value + 1))


class RrnSource:
    """Gives reference numbers (RRN) that no restart and no restored backup repeats.

    A number is at least the milliseconds since 2026, so a database that went back in time still goes forward; the
    reserved bound is durable before its numbers are used, so a clock that went back changes nothing either.

    The numbers of a batch are in this order: `runs_out` tells whether the counter's row must be loaded, `reserve` gives
    the change to save, `take` gives the numbers; `forget` when the save failed.
    """

    def __init__(self) -> None:
        self._next = 0
        self._reserved = 0

    def reserve(self, state: State, now: UnixMs, count: int) -> tuple[Change, ...]:
        """Make sure that `count` numbers may be taken; the changes must be durable before any of them is used."""
        if self._next + count <= self._reserved:
            return ()
        counter = state.get(Counter, WHOLE_HOST, "rrn")
        self._next = max(self._next, counter.value + 1 if counter else 1, now - RRN_EPOCH_MS)
        self._reserved = self._next + max(RRN_BLOCK, count)
        row = Counter(merchant_no=WHOLE_HOST, name="rrn", value=self._reserved)
        return (Update(row) if counter else Insert(row),)

    def take(self) -> Rrn:
        """The next number. Defect when none is reserved: a number that is not durable could come again."""
        if self._next >= self._reserved:
            raise Defect("a reference number was wanted and none is reserved; the batch reserved too few")
        number = self._next
        self._next += 1
        return Rrn(f"{number % RRNS:012d}")

    def take_if_reserved(self) -> Rrn:
        """The next number, or NO_RRN: for answers of work that failed, when nothing more can be made durable."""
        return self.take() if self._next < self._reserved else NO_RRN

    def runs_out(self, count: int) -> bool:
        """Whether fewer than `count` numbers are reserved, so that the counter's row is among a batch's needs."""
        return self._next + count > self._reserved

    def forget(self) -> None:
        """The save of a reservation failed: reserve anew before the next number. Numbers that were taken stay taken."""
        self._reserved = 0
