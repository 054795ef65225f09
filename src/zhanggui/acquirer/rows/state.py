"""The rows that one batch of requests needs, as the rules see them; changes of earlier requests of the batch included."""

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeVar, cast

import msgspec

from ...basics.errors import Defect
from ...basics.numbers import MerchantNo, RecordNo, SessionNo, TerminalNo, UnixMs
from .batch_figures import BatchEntries, BatchSums
from .moves import MACHINES, check_move
from .records import (
    ALL_RECORDS,
    KEY_OF,
    BatchDetail,
    BatchKey,
    Merchant,
    OperatorKey,
    Payment,
    PaymentKey,
    Record,
    Session,
    SessionKey,
    SignInKey,
    Terminal,
    TerminalKey,
)

R = TypeVar("R", bound=Record)
_MACHINES = dict(MACHINES)
"""A plain dict: it is looked into once a change."""
Key = tuple[object, ...]
"""The values of a record's `KEY`."""


class Lookup(NamedTuple):
    """A payment of a shop whose key is not known: by its reference number, by its payment voucher, or by authorisation code, card and time."""

    merchant_no: MerchantNo
    rrn: str = ""
    """Alone it names the payment; the newest one, where numbers came round again."""
    auth_code: str = ""
    """Six digits come again: only with the card, and within some days, they name one payment."""
    card_hash: bytes = b""
    since_ms: UnixMs = UnixMs(0)
    until_ms: UnixMs = UnixMs(0)
    pay_voucher: str = ""
    """付款凭证号; it names one that was paid by code."""


class Needs:
    """Which rows to load for a batch: for each kind of record the keys asked for, in the order of asking.

    A terminal brings its merchant and its live sessions with it; an operator brings its live sessions. Ordered maps, not
    sets: the order of a set of texts changes from run to run, and a run must be repeatable row by row.
    """

    __slots__ = ("ahead", "entries", "figures", "keys", "leads_on", "lookups", "sums")

    def __init__(
        self,
        wanted: Mapping[type[Record], Iterable[Key]] = MappingProxyType({}),
        *,
        figures: Iterable[TerminalKey] = (),
        ahead: Iterable[PaymentKey] = (),
    ) -> None:
        self.keys: dict[type[Record], dict[Key, None]] = {}
        self.figures: dict[TerminalKey, None] = dict.fromkeys(figures)
        """Terminals whose live sessions' sales (count, fen) are asked for."""
        self.sums: dict[BatchKey, None] = {}
        """Batches whose totals are asked for."""
        self.entries: dict[BatchKey, None] = {}
        """Batches whose payments, and what the terminal told of them, are asked for whole."""
        self.ahead: dict[PaymentKey, None] = dict.fromkeys(ahead)
        """Numbers of which is asked what this terminal has used after them, in the same batch."""
        self.leads_on = False
        """Whether what these rows say names rows that are needed too, as a user name's row names an operator."""
        self.lookups: dict[Lookup, None] = {}
        """Payments that are asked for by something else than their key."""
        for kind, keys in wanted.items():
            for key in keys:
                self.add(kind, key)

    def __bool__(self) -> bool:
        return bool(self.keys or self.figures or self.sums or self.entries or self.ahead or self.lookups)

    def add(self, kind: type[Record], key: Key) -> None:
        """Ask for the row of this kind with this key (its `KEY`, as a tuple)."""
        keys = self.keys.get(kind)
        if keys is None:
            keys = self.keys[kind] = {}
        keys[key] = None
        if kind is Terminal:
            merchants = self.keys.get(Merchant)
            if merchants is None:
                merchants = self.keys[Merchant] = {}
            merchants[key[:1]] = None

    def of(self, kind: type[Record]) -> Collection[Key]:
        """The keys of this kind that are asked for, in the order of asking."""
        return self.keys.get(kind, {}).keys()

    def beyond(self, other: "Needs") -> "Needs":
        """What of this the other does not ask for: what is left to load after it."""
        left = Needs(
            figures=(key for key in self.figures if key not in other.figures),
            ahead=(key for key in self.ahead if key not in other.ahead),
        )
        left.sums = {key: None for key in self.sums if key not in other.sums}
        left.entries = {key: None for key in self.entries if key not in other.entries}
        left.lookups = {lookup: None for lookup in self.lookups if lookup not in other.lookups}
        for kind, keys in self.keys.items():
            asked = other.of(kind)
            for key in keys:
                if key not in asked:
                    left.add(kind, key)
        return left


class Insert(msgspec.Struct, frozen=True):
    """A new row; the store refuses it if its key exists."""

    record: Record


class Update(msgspec.Struct, frozen=True):
    """A changed row, whole."""

    record: Record


class Delete(msgspec.Struct, frozen=True):
    """A row that goes: contents whose time is over. Alone in its unit: the row is not changed before or after."""

    record: Record


Change = Insert | Update | Delete


class Ahead(msgspec.Struct, frozen=True):
    """What a terminal has used after a trace number, within half the circle of numbers (`numbers_ahead`)."""

    used: str = ""
    """The last number of a payment or an operator message; empty when there is none."""
    finished: str = ""
    """The last number of a payment that has its outcome; empty when there is none."""


class State:
    """Rows by type and key. Rules read; only `apply` writes."""

    def __init__(self) -> None:
        self._rows: dict[type, dict[tuple[object, ...], Record]] = {kind: {} for kind in ALL_RECORDS}
        self._live_by_terminal: dict[TerminalKey, dict[SessionNo, Session]] = {}
        self._live_by_operator: dict[OperatorKey, dict[SessionNo, Session]] = {}
        self.figures: dict[SessionKey, tuple[int, int]] = {}
        """Count and fen of the approved sales of live sessions that were asked for."""
        self.sums: dict[BatchKey, BatchSums] = {}
        """What the batches that were asked for come to, with what was changed since."""
        self.entries: dict[BatchKey, BatchEntries] = {}
        """The batches that were asked for whole, with what was changed since."""
        self.ahead: dict[PaymentKey, Ahead] = {}
        """What came after the numbers that were asked about, when the unit began."""
        self.found: dict[Lookup, PaymentKey] = {}
        """Keys of the payments that were asked for by something else."""

    def get(self, kind: type[R], *key: object) -> R | None:
        """The row of this type and key; None when there is none (or it was not among the needs)."""
        return self._rows[kind].get(key)  # type: ignore[return-value]  # rows are filed under their own type

    def every(self, kind: type[R]) -> tuple[R, ...]:
        """The rows of this type that are here."""
        return tuple(self._rows[kind].values())  # type: ignore[arg-type]  # rows are filed under their own type

    def find(self, lookup: Lookup) -> Payment | None:
        """The payment that was looked up. None when there is none."""
        key = self.found.get(lookup)
        return self.get(Payment, *key) if key is not None else None

    def live_sessions_on(self, merchant_no: MerchantNo, terminal_no: TerminalNo) -> tuple[Session, ...]:
        """Sessions that live on a terminal, oldest first."""
        live = self._live_by_terminal.get((merchant_no, terminal_no))
        return tuple(live.values()) if live else ()

    def live_sessions_of(self, operator: OperatorKey) -> tuple[Session, ...]:
        """Sessions that an operator has anywhere, oldest first."""
        live = self._live_by_operator.get(operator)
        return tuple(live.values()) if live else ()

    def put(self, record: Record) -> None:
        """File a row that was loaded."""
        kind = type(record)
        self._rows[kind][KEY_OF[kind](record)] = record
        if type(record) is Session:
            self._file_session(record)

    def apply(self, changes: tuple[Change, ...]) -> None:
        """Take over what a decision changed.

        Defect when an inserted key is already there, and for a move that no machine of the record allows (`moves.py`): a
        rule that went wrong must not become a row.
        """
        for change in changes:
            record = change.record
            kind = type(record)
            rows = self._rows[kind]
            key = KEY_OF[kind](record)
            if type(change) is Insert and key in rows:
                raise Defect(f"a {kind.__name__} with this key exists already; the decision did not look")
            machines = _MACHINES.get(kind)
            if machines is not None:
                check_move(machines, rows.get(key), None if type(change) is Delete else record)
            if self.entries and (kind is Payment or kind is BatchDetail):
                self._move_entries(cast(Payment | BatchDetail, record), is_gone=type(change) is Delete)
            if self.sums and type(record) is Payment:
                self._move_sums(cast(Payment | None, rows.get(key)), record)
            if type(change) is Delete:
                del rows[key]
                continue
            rows[key] = record
            if type(record) is Session:
                self._file_session(record)

    def records_of_sessions(self) -> list[SignInKey]:
        """Keys of the sign-in records behind the live and the beginning sessions here."""
        keys = [
            (session.merchant_no, session.record_no)
            for sessions in self._live_by_terminal.values()
            for session in sessions.values()
        ]
        keys += ((row.merchant_no, RecordNo(row.next_record_no)) for row in self._terminals() if row.next_record_no)
        return keys

    def join(self, other: "State") -> None:
        """Take in the rows of a second load; rows that are here already stay as they are."""
        self.sums |= other.sums
        self.entries |= other.entries
        self.found |= other.found
        for kind, rows in other._rows.items():
            mine = self._rows[kind]
            for key, row in rows.items():
                if key not in mine:
                    self.put(row)
        self.ahead |= other.ahead

    def _terminals(self) -> Iterable[Terminal]:
        return cast(Iterable[Terminal], self._rows[Terminal].values())

    def _move_entries(self, row: Payment | BatchDetail, *, is_gone: bool) -> None:
        entries = self.entries.get((row.merchant_no, row.terminal_no, row.batch_no))
        if entries is not None:
            entries.move(row, is_gone=is_gone)

    def _move_sums(self, before: Payment | None, after: Payment) -> None:
        batch = (after.merchant_no, after.terminal_no, after.batch_no)
        sums = self.sums.get(batch)
        if sums is not None:
            self.sums[batch] = sums.moved(before, after)

    def _file_session(self, session: Session) -> None:
        on = self._live_by_terminal.setdefault((session.merchant_no, session.terminal_no), {})
        of = self._live_by_operator.setdefault((session.merchant_no, session.operator_no), {})
        if session.ended_ms is None:
            on[session.session_no] = session
            of[session.session_no] = session
        else:
            on.pop(session.session_no, None)
            of.pop(session.session_no, None)
