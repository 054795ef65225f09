"""Work on a signature that was uploaded (0820/800)."""

from ...acquirer.rows.decision import Decision, PlainReply, reply_of
from ...acquirer.rows.records import Payment, PaymentSignature
from ...acquirer.rows.state import Needs, State
from ...acquirer.slips.signatures import SignatureAsked, decide_signature, signed_payment
from ...acquirer.terminals.leases import Word
from ...basics.numbers import UnixMs
from ...cup.messages.head import host_time
from ...cup.messages.signature import read_signature, signature_answer
from ..work import Arrival, Desk, TerminalWork
from .payment_work import SYSTEM_ERROR


class SignatureWork(TerminalWork):
    """0820/800."""

    __slots__ = ("upload",)

    def __init__(self, arrival: Arrival) -> None:
        super().__init__(arrival)
        self.upload = read_signature(arrival.message)

    def add_needs(self, needs: Needs) -> None:
        super().add_needs(needs)
        needs.add(Payment, signed_payment(self.upload))
        needs.add(PaymentSignature, signed_payment(self.upload))

    def word(self) -> Word:
        """It has its payment's number, which may be an old one: counted by itself, it speaks for nothing newer."""
        return Word(self.transaction.name, super().word().mac_key, self.upload.trace_no)

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        verdict = self.check_mac(desk, state)
        self.heard(desk, now)
        merchant_no, *place = payment = signed_payment(self.upload)
        content = self.upload.content
        document_id = desk.keys.document_id(merchant_no, "/".join(place), content)
        is_known = state.get(PaymentSignature, *payment) is not None
        sealed = b"" if is_known else desk.keys.seal_document(merchant_no, document_id, content)
        asked = SignatureAsked(
            upload=self.upload,
            verdict=verdict,
            fitting=self.fitting,
            document_id=document_id,
            sealed=sealed,
        )
        return decide_signature(state, asked, now)

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        code = reply_of(decision, PlainReply).response_code
        self.log_outcome(code, decision.reason)
        self._send(desk, code, now)

    def fail(self, desk: Desk, now: UnixMs) -> None:
        self.log_outcome(SYSTEM_ERROR, "system_error")
        self._send(desk, SYSTEM_ERROR, now)

    def _send(self, desk: Desk, code: str, now: UnixMs) -> None:
        rrn = desk.rrn.take_if_reserved()
        message = signature_answer(self.message, host_time(now), rrn, code, desk.acquirer_code)
        self.answer(desk, message, with_mac=self.macs_refusals or code == "00")
