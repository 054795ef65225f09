"""Work on batches: a terminal's totals (0500), and what it tells payment by payment (0320)."""

from ...acquirer.rows.cases import need_case
from ...acquirer.rows.decision import Decision, PlainReply, SettlementReply, reply_of
from ...acquirer.rows.records import Batch, BatchDetail, Terminal
from ...acquirer.rows.state import Needs, State
from ...acquirer.settlement.proof import Proof
from ...acquirer.settlement.settle import SettlementAsked, batch_key, decide_settlement, numbers_after
from ...acquirer.settlement.upload import UploadAsked, decide_upload, uploaded_batch
from ...acquirer.terminals.session_rows import need_beginning, need_sessions_on
from ...basics.numbers import UnixMs
from ...cup.messages.head import host_time
from ...cup.messages.settlement import SettlementAnswer, read_settlement, read_upload, upload_answer
from ..work import Arrival, Desk, TerminalWork
from .payment_work import SYSTEM_ERROR

MAC_FIELD = 64


class SettlementWork(TerminalWork):
    """0500."""

    __slots__ = ("key", "request", "rrn")

    def __init__(self, arrival: Arrival) -> None:
        super().__init__(arrival)
        self.request = read_settlement(arrival.message)
        self.key = batch_key(self.request)
        self.rrn = ""

    def add_needs(self, needs: Needs) -> None:
        needs.add(Terminal, self.terminal_key)
        needs.add(Batch, self.key)
        needs.sums[self.key] = None

    def more_needs(self, desk: Desk, state: State, more: Needs) -> None:
        need_sessions_on(state, self.terminal_key, more)
        need_beginning(state, state.get(Terminal, *self.terminal_key), more)
        for number in numbers_after(self.request.batch_no):
            more.add(Batch, (*self.terminal_key, number))

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        self.rrn = rrn = desk.rrn.take()
        self.check_mac(desk, state)
        self.heard(desk, now)
        asked = SettlementAsked(
            request=self.request,
            proof=_proof(self),
            fitting=self.fitting,
            rrn=rrn,
            is_behind=self.is_behind,
        )
        return decide_settlement(state, asked, now)

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        reply = reply_of(decision, SettlementReply)
        self.log_outcome(reply.response_code, decision.reason)
        self._send(desk, reply, now)

    def fail(self, desk: Desk, now: UnixMs) -> None:
        self.log_outcome(SYSTEM_ERROR, "system_error")
        self._send(desk, SettlementReply(SYSTEM_ERROR), now)

    def _send(self, desk: Desk, reply: SettlementReply, now: UnixMs) -> None:
        answer = SettlementAnswer(
            time=host_time(now),
            rrn=self.rrn or desk.rrn.take_if_reserved(),
            response_code=reply.response_code,
            acquirer_code=desk.acquirer_code,
            settlement_date=reply.shop_day[5:].replace("-", ""),
            sums=reply.sums,
            flag=reply.flag,
        )
        self.answer(desk, answer.message(self.message), with_mac=_wants_mac(self))


class UploadWork(TerminalWork):
    """0320."""

    __slots__ = ("key", "upload")

    def __init__(self, arrival: Arrival) -> None:
        super().__init__(arrival)
        self.upload = read_upload(arrival.message, arrival.transaction)
        self.key = uploaded_batch(self.upload)

    def add_needs(self, needs: Needs) -> None:
        needs.add(Terminal, self.terminal_key)
        needs.add(Batch, self.key)
        for detail in self.upload.details:
            needs.add(BatchDetail, (*self.key, detail.trace_no))
        if self.upload.is_end:
            need_case(self.terminal_key[0], needs)
            needs.entries[self.key] = None

    def more_needs(self, desk: Desk, state: State, more: Needs) -> None:
        need_beginning(state, state.get(Terminal, *self.terminal_key), more)
        if self.upload.is_end:
            need_sessions_on(state, self.terminal_key, more)

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        self.check_mac(desk, state)
        self.heard(desk, now)
        asked = UploadAsked(upload=self.upload, proof=_proof(self), fitting=self.fitting)
        return decide_upload(state, asked, now)

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        code = reply_of(decision, PlainReply).response_code
        self.log_outcome(code, decision.reason)
        self._send(desk, code, now)

    def fail(self, desk: Desk, now: UnixMs) -> None:
        self.log_outcome(SYSTEM_ERROR, "system_error")
        self._send(desk, SYSTEM_ERROR, now)

    def _send(self, desk: Desk, code: str, now: UnixMs) -> None:
        message = upload_answer(self.message, host_time(now), desk.rrn.take_if_reserved(), code, desk.acquirer_code)
        self.answer(desk, message, with_mac=_wants_mac(self), with_others=True)


def _proof(work: TerminalWork) -> Proof:
    """What shows that the message is the terminal's: its MAC, or the line, where it made a payment before.

    A MAC alone binds no line: whoever caught a message can send it again, and gets its stored answer.
    """
    if MAC_FIELD in work.message.fields:
        return "mac" if work.verdict in ("current", "next") else "bad_mac"
    return "line" if work.terminal_key in work.connection.bound_to else "nothing"


def _wants_mac(work: TerminalWork) -> bool:
    """Ours believes no answer without; a foreign terminal gets one where it sent one."""
    return work.macs_refusals or MAC_FIELD in work.message.fields
