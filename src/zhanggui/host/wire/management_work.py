"""Work that is no payment: sign-in of the terminal, sign-off, echo, and the operator messages."""

from ...acquirer.rows.decision import Decision, PlainReply, reply_of
from ...acquirer.rows.records import Counter, Terminal
from ...acquirer.rows.state import Needs, State
from ...acquirer.terminals.gate import Refusal, admit_terminal
from ...acquirer.terminals.sign_on import (
    admit_sign_on,
    decide_sign_off,
    decide_sign_on,
    keys_that_wait,
    known_trace,
    need_known_trace,
)
from ...basics.numbers import BatchNo, UnixMs
from ...cup.messages.head import host_time
from ...cup.messages.management import ManagementAnswer, read_sign_on
from ...cup.values.epoch import Beginning
from ..work import Arrival, Desk, TerminalWork
from .payment_work import SYSTEM_ERROR


class SignOnWork(TerminalWork):
    """0800: working keys for what comes next, the host's batch and time."""

    __slots__ = ("batch_no", "beginning", "keys_62", "request")

    def __init__(self, arrival: Arrival) -> None:
        super().__init__(arrival)
        self.request = read_sign_on(arrival.message)
        self.keys_62: bytes | None = None
        self.batch_no: BatchNo | None = None
        self.beginning: Beginning | None = None

    def more_needs(self, desk: Desk, state: State, more: Needs) -> None:
        super().more_needs(desk, state, more)
        terminal = state.get(Terminal, *self.terminal_key)
        if terminal is not None and terminal.operator_check == "terminal":
            # Where the host checks operators, a 0800 begins no record.
            more.add(Counter, (self.terminal_key[0], "sign_in"))
        elif terminal is not None:
            need_known_trace(terminal, self.request, more)

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        terminal = admit_sign_on(state, self.request)
        if isinstance(terminal, Refusal):
            return Decision(reply=PlainReply(terminal.response_code), reason=terminal.reason)
        asked = terminal, self.request.network_code, self.dialect
        waiting = keys_that_wait(state, terminal, self.request, now)
        again = desk.keys.working_keys_again(*asked, waiting) if waiting is not None else None
        self.keys_62, keys = again or desk.keys.new_working_keys(*asked)
        self.batch_no = terminal.batch_no
        if terminal.operator_check == "host":
            # A terminal of another maker may print what stands in 63.2, and expects no MAC here.
            self.mac_key = keys.mac_key
            self.beginning = Beginning(desk.keys.new_epoch(), known_trace(state, terminal, self.request))
        return decide_sign_on(state, terminal, self.request, keys, now)

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        code = reply_of(decision, PlainReply).response_code
        self.log_outcome(code, decision.reason)
        self._send(desk, code, now, is_good=code == "00")

    def fail(self, desk: Desk, now: UnixMs) -> None:
        self.log_outcome(SYSTEM_ERROR, "system_error")
        self._send(desk, SYSTEM_ERROR, now, is_good=False)

    def _send(self, desk: Desk, code: str, now: UnixMs, *, is_good: bool) -> None:
        answer = ManagementAnswer(
            time=host_time(now),
            rrn=desk.rrn.take_if_reserved(),
            response_code=code,
            acquirer_code=desk.acquirer_code,
            batch_no=self.batch_no if is_good else None,
            keys=self.keys_62 if is_good else None,
            beginning=self.beginning if is_good else None,
        )
        self.answer(desk, answer.message(self.message), with_mac=is_good and self.beginning is not None)


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
        code = reply_of(decision, PlainReply).response_code
        self.log_outcome(code, decision.reason)
        self._send(desk, code, now)

    def fail(self, desk: Desk, now: UnixMs) -> None:
        self._send(desk, SYSTEM_ERROR, now)

    def _send(self, desk: Desk, code: str, now: UnixMs) -> None:
        answer = ManagementAnswer(
            time=host_time(now), rrn=desk.rrn.take_if_reserved(), response_code=code, acquirer_code=desk.acquirer_code
        )
        self.answer(desk, answer.message(self.message), with_mac=False)
