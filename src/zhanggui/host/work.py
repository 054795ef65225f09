"""A unit of work: one request, answer of the bank or job, from what it needs to what is done after the commit.

add_needs ─▶ (load) ─▶ more_needs ─▶ (more loads) ─▶ decide ─▶ (one commit for the whole batch) ─▶ finish
                                                                                          └────▶ fail, when nothing could be written
"""

from dataclasses import dataclass, field
from typing import Protocol

import msgspec
import structlog

from ..acquirer.rows.decision import Decision, Effect, MacVerdict
from ..acquirer.rows.numbering import RrnSource
from ..acquirer.rows.records import Payment, Terminal, WaitingKeys
from ..acquirer.rows.state import Needs, State
from ..acquirer.terminals.leases import Leases, Word
from ..acquirer.terminals.session_rows import need_beginning, need_sessions_on
from ..acquirer.terminals.waiting_keys import waiting_keys
from ..basics.numbers import MerchantNo, TerminalNo, TraceNo, UnixMs, request_of
from ..cup.dialect import Dialect
from ..cup.envelope import REQUIREMENT_STATUS, Envelope
from ..cup.messages.sealing import seal
from ..cup.response_codes import means
from ..cup.transactions import Transaction, text_of
from ..edges.listener import FrameConnection
from ..edges.logs import REQUEST, note
from ..iso8583.message import Message
from .keys import KEY_MARK, HostKeys
from .open_offers import OpenOffers
from .orders import OpenOrders
from .strangers import Strangers

log = structlog.get_logger("zhanggui.host")

UNKNOWN_NUMBER = frozenset({"03", "97"})
"""Answers to a merchant or a terminal that is not there."""
RATE_SETTING = "host.unknown_per_minute"
HEARTBEAT = "status"
"""Name of the heartbeat (362) in the catalogue; its numbers are counted by themselves."""


@dataclass(slots=True)
class Desk:
    """What all work shares: keys, numbering and the acquirer's own names."""

    keys: HostKeys
    rrn: RrnSource
    leases: Leases
    acquirer_code: str
    acquirer_name: str
    strangers: Strangers
    """How fast those who prove nothing may ask which numbers exist."""
    orders: OpenOrders
    """What this host knows of orders to terminals."""
    host_id: str | None = None
    """Who this host is among several on one database; None where it has its own."""
    phone_page: str = ""
    """Where phones find this host's page, `https://…` without a path; empty where it serves none."""
    has_wallets: bool = False
    """Whether this host has a line to QR wallets."""
    offers: OpenOffers = field(default_factory=OpenOffers)
    """How many codes of ours each terminal has open."""
    repeat_salt: tuple[int, bytes] = (0, b"")
    """Number and salt under which payments are marked now (`jobs/repeat_salts.py`)."""


class Work(Protocol):
    """One unit of work in a batch."""

    def add_needs(self, needs: Needs) -> None:
        """Name the rows that the decision needs."""
        ...

    def more_needs(self, desk: Desk, state: State, more: Needs) -> None:
        """Name the rows that are needed besides, now that the first ones are here."""
        ...

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        """Decide, without writing anything."""
        ...

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        """Answer. The decision's changes are durable now."""
        ...

    def fail(self, desk: Desk, now: UnixMs) -> None:
        """Answer that the system could not (96): nothing was written."""
        ...


def named(payment: Payment) -> dict[str, str]:
    """How a log names a payment: as every log does, and by its reference number."""
    return {REQUEST: request_of(payment.terminal_no, payment.trace_no), "rrn": payment.rrn}


class EffectDesk(Protocol):
    """Where the effects of decisions go after the commit."""

    def perform(self, effect: Effect, work: Work) -> None:
        """Perform one effect of this work's decision."""
        ...


class Arrival(msgspec.Struct, frozen=True):
    """A request as it came in: the line to answer on, the dialect spoken there, and what was read."""

    connection: FrameConnection
    dialect: Dialect
    envelope: Envelope
    message: Message
    transaction: Transaction
    came_ms: UnixMs = UnixMs(0)
    """When it came, for what is about an earlier payment: a day without a year is meant from then. Others need not know."""


class TerminalWork:
    """Work that came from a terminal: it knows how to answer there, and which key to seal the answer with."""

    __slots__ = (
        "_word",
        "body",
        "connection",
        "dialect",
        "envelope",
        "fitting",
        "is_behind",
        "mac_key",
        "macs_refusals",
        "message",
        "terminal_key",
        "transaction",
        "verdict",
    )

    def __init__(self, arrival: Arrival) -> None:
        self.connection = arrival.connection
        self.dialect = arrival.dialect
        self.envelope = arrival.envelope
        self.body = arrival.envelope.body
        self.message = arrival.message
        self.transaction = arrival.transaction
        self.terminal_key = (MerchantNo(text_of(self.message, 42)), TerminalNo(text_of(self.message, 41)))
        self.mac_key = ""
        self._word: Word | None = None
        self.macs_refusals = False
        self.verdict: MacVerdict = "none"
        self.fitting: WaitingKeys | None = None
        """The keys that waited, where the MAC is under theirs."""
        self.is_behind = False
        """Whether its number is behind one that came under the same key: what is new there was held back."""

    def add_needs(self, needs: Needs) -> None:
        needs.add(Terminal, self.terminal_key)

    def more_needs(self, desk: Desk, state: State, more: Needs) -> None:
        need_sessions_on(state, self.terminal_key, more)
        need_beginning(state, state.get(Terminal, *self.terminal_key), more)

    def check_mac(self, desk: Desk, state: State) -> MacVerdict:
        """Judge field 64 against the terminal's keys, and remember the key to answer with."""
        terminal = state.get(Terminal, *self.terminal_key)
        # A terminal of ours believes no refusal without; a foreign one may not expect a field 64 there.
        self.macs_refusals = terminal is not None and terminal.operator_check == "host"
        waiting = tuple(waiting_keys(state, terminal)) if terminal is not None and terminal.waiting else ()
        self.verdict, self.mac_key, self.fitting = desk.keys.mac_verdict(
            terminal, waiting, self.dialect, self.body[:-8], self.body[-8:]
        )
        if self.verdict == "current":
            self._word = self.word()
            self.is_behind = desk.leases.is_behind(self.terminal_key, self._word)
        return self.verdict

    def heard(self, desk: Desk, now: UnixMs) -> None:
        """Note that the terminal is there, if its MAC was right."""
        if self.verdict in ("current", "next"):
            if self.terminal_key not in self.connection.proven_by:
                self.connection.proved(self.terminal_key)
                desk.strangers.proved(self.connection.address, self.terminal_key)
            desk.leases.hear(self.terminal_key, now, self._word or self.word())

    def word(self) -> Word:
        """This message as a sign of life."""
        counted_by = HEARTBEAT if self.transaction.name == HEARTBEAT else ""
        return Word(counted_by, self.mac_key[-KEY_MARK:], TraceNo(text_of(self.message, 11)))

    def answer(
        self, desk: Desk, message: Message, *, with_mac: bool, requirement: int = 0, with_others: bool = False
    ) -> None:
        """Send an answer: with its MAC where one is due and a key is there, without one otherwise.

        `with_others`: in one write with the other answers of this turn, for messages of which many are under way on a line.
        """
        if with_mac and self.mac_key:
            body = seal(self.dialect.codec, message, lambda covered: desk.keys.mac(self.mac_key, self.dialect, covered))
        else:
            body = self.dialect.codec.encode(message)
        is_proven = self.verdict in ("current", "next")
        if (
            is_proven
            and not requirement
            and self.transaction.name != HEARTBEAT
            and desk.orders.wait_for(self.terminal_key)
        ):
            requirement = REQUIREMENT_STATUS
        payload = self.envelope.answer(self.dialect, body, requirement)
        if is_proven:
            (self.connection.send_soon if with_others else self.connection.send)(payload)
        else:
            self._answer_unproven(desk, payload, message.fields.get(39) in UNKNOWN_NUMBER)

    def _answer_unproven(self, desk: Desk, payload: bytes, is_miss: bool) -> None:
        """Answer what proves nothing at once, or as late as its address has to wait (`strangers.py`)."""
        connection = self.connection
        turn = desk.strangers.turn(connection.address, self.terminal_key, is_miss=is_miss)
        if turn.is_first:
            log.warning(
                "strangers_slowed", address=connection.address, setting=RATE_SETTING, bound=desk.strangers.per_minute
            )
        if turn.after_s is None:
            log.warning("connection_closed", peer=connection.peer, reason="too_many_unknown_numbers")
            connection.close()
        elif turn.after_s > 0:
            connection.send_late(payload, turn.after_s)
        else:
            connection.send(payload)

    def note_payment(self, response_code: str, reason: str, rrn: str) -> None:
        """Of every payment and reversal a line stays, by which it is found in every log; a refusal has its reason."""
        if reason or self.verdict not in ("current", "next"):
            self.log_outcome(response_code, reason)
            return
        merchant_no, terminal_no = self.terminal_key
        fields = self.message.fields
        note(
            "answered",
            {
                REQUEST: request_of(terminal_no, str(fields.get(11, ""))),
                "transaction": self.transaction.name,
                "merchant_no": merchant_no,
                "rrn": rrn,
                "response_code": response_code,
            },
        )

    def log_outcome(self, response_code: str, reason: str) -> None:
        """Every refusal is logged with its reason."""
        if reason:
            merchant_no, terminal_no = self.terminal_key
            log.info(
                "noted" if means(response_code) == "stands" else "refused",
                peer=self.connection.peer,
                request=request_of(terminal_no, str(self.message.fields.get(11, ""))),
                transaction=self.transaction.name,
                merchant_no=merchant_no,
                terminal_no=terminal_no,
                trace_no=self.message.fields.get(11),
                response_code=response_code,
                reason=reason,
            )
