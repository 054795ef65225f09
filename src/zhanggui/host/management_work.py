"""Work that is no payment: sign-in of the terminal, sign-off, echo, and the operator messages."""

from ..acquirer.decision import Decision, OperatorReply, PlainReply
from ..acquirer.gate import Refusal, admit_terminal
from ..acquirer.operator_sign_in import (
    OperatorAsked,
    decide_confirm,
    decide_sign_out,
    decide_status,
    decide_verify,
)
from ..acquirer.records import Operator, StoredAnswer, Terminal
from ..acquirer.sign_on import admit_sign_on, decide_sign_off, decide_sign_on
from ..acquirer.state import Insert, Needs, State
from ..basics.numbers import BatchNo, OperatorNo, RecordNo, UnixMs
from ..cup.dialect import Dialect
from ..cup.envelope import Envelope
from ..cup.messages.head import host_time
from ..cup.messages.management import ManagementAnswer, read_sign_on
from ..cup.messages.operator import CONFIRM, SIGN_OUT, STATUS, VERIFY, operator_answer, read_operator_request
from ..cup.operator_tags import Tag, number_or_none, pack_tags, unpack_tags
from ..cup.transactions import Transaction
from ..edges.listener import FrameConnection
from ..iso8583.message import Message
from .payment_work import SYSTEM_ERROR
from .work import Desk, TerminalWork

STORED = frozenset({VERIFY, CONFIRM, SIGN_OUT})
"""Operator messages whose answer is kept for repeats; a heartbeat is simply answered again."""


class SignOnWork(TerminalWork):
    """0800: fresh working keys, the host's batch and time."""

    __slots__ = ("batch_no", "keys_62", "request")

    def __init__(
        self,
        connection: FrameConnection,
        dialect: Dialect,
        envelope: Envelope,
        message: Message,
        transaction: Transaction,
    ) -> None:
        super().__init__(connection, dialect, envelope, message, transaction)
        self.request = read_sign_on(message)
        self.keys_62: bytes | None = None
        self.batch_no: BatchNo | None = None

    def add_needs(self, needs: Needs) -> None:
        needs.terminals.add(self.terminal_key)
        needs.counters.add((self.terminal_key[0], "sign_in"))

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        terminal = admit_sign_on(state, self.request)
        if isinstance(terminal, Refusal):
            return Decision(reply=PlainReply(terminal.response_code), reason=terminal.reason)
        working, new_keys = desk.keys.new_working_keys(terminal, self.request.network_code, self.dialect)
        self.keys_62, self.batch_no = working.field_62, terminal.batch_no
        return decide_sign_on(state, terminal, self.request, new_keys, now)

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        assert isinstance(decision.reply, PlainReply)
        code = decision.reply.response_code
        self.log_outcome(code, decision.reason)
        approved = code == "00"
        self._send(desk, code, now, self.keys_62 if approved else None, self.batch_no if approved else None)

    def fail(self, desk: Desk, now: UnixMs) -> None:
        self.log_outcome(SYSTEM_ERROR, "system_error")
        self._send(desk, SYSTEM_ERROR, now, None, None)

    def _send(self, desk: Desk, code: str, now: UnixMs, keys: bytes | None, batch_no: BatchNo | None) -> None:
        answer = ManagementAnswer(
            time=host_time(now),
            rrn=desk.rrn.take_if_reserved(),
            response_code=code,
            acquirer_code=desk.acquirer_code,
            batch_no=batch_no,
            keys=keys,
        )
        self.answer(desk, answer.message(self.message), with_mac=False)


class PlainManagementWork(TerminalWork):
    """Sign-off (002) and echo (301): no MAC, nothing but a code."""

    __slots__ = ()

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        terminal = admit_terminal(state, *self.terminal_key)
        if isinstance(terminal, Refusal):
            return Decision(reply=PlainReply(terminal.response_code), reason=terminal.reason)
        if self.transaction.name == "sign_off":
            return decide_sign_off(state, terminal, now)
        return Decision(reply=PlainReply("00"))

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        assert isinstance(decision.reply, PlainReply)
        self.log_outcome(decision.reply.response_code, decision.reason)
        self._send(desk, decision.reply.response_code, now)

    def fail(self, desk: Desk, now: UnixMs) -> None:
        self._send(desk, SYSTEM_ERROR, now)

    def _send(self, desk: Desk, code: str, now: UnixMs) -> None:
        answer = ManagementAnswer(
            time=host_time(now), rrn=desk.rrn.take_if_reserved(), response_code=code, acquirer_code=desk.acquirer_code
        )
        self.answer(desk, answer.message(self.message), with_mac=False)


_RULES = {VERIFY: decide_verify, CONFIRM: decide_confirm, SIGN_OUT: decide_sign_out, STATUS: decide_status}


class OperatorWork(TerminalWork):
    """0820 with 60.3 = 401, 402, 403, 362."""

    __slots__ = ("answer_key", "code", "request")

    def __init__(
        self,
        connection: FrameConnection,
        dialect: Dialect,
        envelope: Envelope,
        message: Message,
        transaction: Transaction,
    ) -> None:
        super().__init__(connection, dialect, envelope, message, transaction)
        self.request = read_operator_request(message)
        self.code = transaction.network_code
        asked = self.request
        self.answer_key = (asked.merchant_no, asked.terminal_no, asked.batch_no, asked.trace_no, self.code)

    def add_needs(self, needs: Needs) -> None:
        merchant_no = self.terminal_key[0]
        needs.terminals.add(self.terminal_key)
        if self.request.operator_no is not None:
            needs.operators.add((merchant_no, self.request.operator_no))
        needs.counters.update(((merchant_no, "sign_in"), (merchant_no, "session")))
        record_no = number_or_none(self.request.tags.get(Tag.RECORD_NO, ""))
        if record_no is not None:
            needs.sign_ins.add((merchant_no, RecordNo(record_no)))
        if self.code == SIGN_OUT:
            needs.figures.add(self.terminal_key)
        if self.code in STORED:
            needs.answers.add(self.answer_key)

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        verdict = self.check_mac(desk, state)
        fingerprint = self._fingerprint(desk)
        signed = verdict in ("current", "next")
        if signed and self.code in STORED:
            stored = state.get(StoredAnswer, *self.answer_key)
            if stored is not None:
                if stored.fingerprint != fingerprint:
                    return Decision(reply=OperatorReply("94"), reason="same_trace_other_contents")
                reply = OperatorReply(stored.response_code, unpack_tags(stored.tags))
                return Decision(reply=reply, reason="repeat")
        asked = OperatorAsked(
            request=self.request, mac=verdict, password_right=signed and self._password_right(desk, state, verdict)
        )
        decision = _RULES[self.code](state, asked, now)
        if not signed or self.code not in STORED or not isinstance(decision.reply, OperatorReply):
            return decision
        stored = StoredAnswer(
            merchant_no=self.request.merchant_no,
            terminal_no=self.request.terminal_no,
            batch_no=self.request.batch_no,
            trace_no=self.request.trace_no,
            message_class=self.code,
            fingerprint=fingerprint,
            response_code=decision.reply.response_code,
            tags=pack_tags(decision.reply.tags),
            made_ms=now,
        )
        return Decision(
            changes=(*decision.changes, Insert(stored)),
            reply=decision.reply,
            effects=decision.effects,
            reason=decision.reason,
        )

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        assert isinstance(decision.reply, OperatorReply)
        self.log_outcome(decision.reply.response_code, decision.reason)
        self._send(desk, decision.reply, now)

    def fail(self, desk: Desk, now: UnixMs) -> None:
        self.log_outcome(SYSTEM_ERROR, "system_error")
        self._send(desk, OperatorReply(SYSTEM_ERROR), now)

    def _send(self, desk: Desk, reply: OperatorReply, now: UnixMs) -> None:
        message = operator_answer(
            self.transaction,
            self.message,
            host_time(now),
            desk.rrn.take_if_reserved(),
            reply.response_code,
            desk.acquirer_code,
            reply.tags,
        )
        self.answer(desk, message, with_mac=True)

    def _fingerprint(self, desk: Desk) -> bytes:
        """Business fields only: the password block changes with the keys, and what was measured changes with time."""
        tags = self.request.tags
        said = (tags.get(tag, "") for tag in (Tag.RECORD_NO, Tag.VERDICT, Tag.WRONG_ITEM, Tag.REASON, Tag.SIGN_IN_CODE))
        return desk.keys.request_hash(self.code, self.request.operator_no or "", *said)

    def _password_right(self, desk: Desk, state: State, verdict: str) -> bool:
        terminal = state.get(Terminal, *self.terminal_key)
        block = self.request.password_block
        if terminal is None or block is None:
            return False
        operator_no = self.request.operator_no or OperatorNo("")
        operator = state.get(Operator, self.terminal_key[0], operator_no)
        pin_key = terminal.next_pin_key if verdict == "next" else terminal.pin_key
        return desk.keys.password_right(operator, pin_key, block, self.terminal_key[0], operator_no)
