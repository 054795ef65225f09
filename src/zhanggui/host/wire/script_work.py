"""Work on notices of issuer scripts: a terminal's (0620/951), and what the bank says to one that was passed on."""

from ...acquirer.payments.scripts import NoticeAsked, decide_issuer_told, decide_script_notice, scripts_payment
from ...acquirer.rows.decision import Decision, PlainReply, reply_of
from ...acquirer.rows.records import Payment, PaymentScript
from ...acquirer.rows.state import Needs, State
from ...acquirer.terminals.leases import Word
from ...basics.numbers import UnixMs
from ...cup.messages.head import host_time
from ...cup.messages.script_notice import read_script_notice, script_answer
from ..work import Arrival, Desk, TerminalWork, log
from .payment_work import SYSTEM_ERROR


class ScriptWork(TerminalWork):
    """0620/951."""

    __slots__ = ("notice",)

    def __init__(self, arrival: Arrival) -> None:
        super().__init__(arrival)
        self.notice = read_script_notice(arrival.message)

    def add_needs(self, needs: Needs) -> None:
        super().add_needs(needs)
        needs.add(Payment, scripts_payment(self.notice))
        needs.add(PaymentScript, scripts_payment(self.notice))

    def word(self) -> Word:
        """It keeps its number until it is taken, so that may be an old one: counted by itself, it speaks for nothing newer."""
        return Word(self.transaction.name, super().word().mac_key, self.notice.trace_no)

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        verdict = self.check_mac(desk, state)
        self.heard(desk, now)
        asked = NoticeAsked(notice=self.notice, verdict=verdict, fitting=self.fitting)
        return decide_script_notice(state, asked, now)

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        code = reply_of(decision, PlainReply).response_code
        self.log_outcome(code, decision.reason)
        self._send(desk, code, now)

    def fail(self, desk: Desk, now: UnixMs) -> None:
        self.log_outcome(SYSTEM_ERROR, "system_error")
        self._send(desk, SYSTEM_ERROR, now)

    def _send(self, desk: Desk, code: str, now: UnixMs) -> None:
        rrn = desk.rrn.take_if_reserved()
        message = script_answer(self.message, host_time(now), rrn, code, desk.acquirer_code)
        self.answer(desk, message, with_mac=self.macs_refusals or code == "00")


class IssuerTold:
    """The bank answered a notice of its scripts."""

    __slots__ = ("_code", "_script")

    def __init__(self, script: PaymentScript, response_code: str) -> None:
        self._script = script
        self._code = response_code

    def add_needs(self, needs: Needs) -> None:
        script = self._script
        needs.add(PaymentScript, (script.merchant_no, script.terminal_no, script.batch_no, script.trace_no))

    def more_needs(self, desk: Desk, state: State, more: Needs) -> None:
        """The notice is all."""

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        return decide_issuer_told(state, self._script, self._code, now)

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        if decision.reason:
            log.warning("issuer_told", rrn=self._script.rrn, response_code=self._code, reason=decision.reason)

    def fail(self, desk: Desk, now: UnixMs) -> None:
        # It stays due in the database: the next look tells it again.
        log.error("issuer_told_not_written", rrn=self._script.rrn)
