"""Work on merchant copies that are ticked off at their terminal (0820/411)."""

from ...acquirer.rows.decision import Decision, TicksReply, reply_of
from ...acquirer.rows.records import Counter, Operator, Payment, SlipTick
from ...acquirer.rows.state import Needs, State
from ...acquirer.slips.at_the_till import TicksAsked, decide_ticks_at_till
from ...basics.numbers import UnixMs
from ...cup.messages.head import host_time
from ...cup.messages.slip_ticks import read_slip_ticks, slip_ticks_answer
from ..work import Arrival, Desk, TerminalWork
from .payment_work import SYSTEM_ERROR


class TickWork(TerminalWork):
    """0820/411. The newest one again changes nothing, and an older one is refused, so nothing is kept for repeats."""

    __slots__ = ("asked",)

    def __init__(self, arrival: Arrival) -> None:
        super().__init__(arrival)
        self.asked = read_slip_ticks(arrival.message)

    def add_needs(self, needs: Needs) -> None:
        super().add_needs(needs)
        merchant_no, terminal_no = self.terminal_key
        needs.add(Operator, (merchant_no, self.asked.operator_no))
        needs.add(Counter, (merchant_no, "note"))
        for batch_no, trace_no in self.asked.slips:
            needs.add(Payment, (merchant_no, terminal_no, batch_no, trace_no))
            needs.add(SlipTick, (merchant_no, terminal_no, batch_no, trace_no))

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        verdict = self.check_mac(desk, state)
        self.heard(desk, now)
        return decide_ticks_at_till(state, TicksAsked(self.asked, verdict, self.fitting, self.is_behind), now)

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        reply = reply_of(decision, TicksReply)
        self.log_outcome(reply.response_code, decision.reason)
        self._send(desk, reply, now)

    def fail(self, desk: Desk, now: UnixMs) -> None:
        self.log_outcome(SYSTEM_ERROR, "system_error")
        self._send(desk, TicksReply(SYSTEM_ERROR), now)

    def _send(self, desk: Desk, reply: TicksReply, now: UnixMs) -> None:
        rrn, code = desk.rrn.take_if_reserved(), reply.response_code
        message = slip_ticks_answer(self.message, host_time(now), rrn, code, desk.acquirer_code, reply.marks)
        self.answer(desk, message, with_mac=self.macs_refusals or code == "00")
