"""Work on what is uploaded about a payment: a signature (0820/800), a part of one or of a slip for the customer (801, 800 with the last)."""

import hmac

import msgspec

from ...acquirer.rows.decision import Decision, UploadReply, reply_of
from ...acquirer.rows.records import Document, Payment, PaymentSignature
from ...acquirer.rows.state import Needs, State
from ...acquirer.slips.gathering import Gathering
from ...acquirer.slips.links import SlipAsked
from ...acquirer.slips.signatures import SignatureAsked, decide_signature, signed_payment
from ...acquirer.terminals.leases import Word
from ...basics.numbers import UnixMs
from ...cup.messages.head import host_time
from ...cup.messages.signature import read_signature, signature_answer
from ...cup.values.parts import Gathered, Part, digest_of, take, write_have
from ...cup.values.slip_link import SlipAddress, write_link
from ...vault.errors import DocumentDamaged
from ..work import Arrival, Desk, TerminalWork, log
from .payment_work import SYSTEM_ERROR

PARTS, SLIP_PARTS = "parts", "slip-parts"
"""What stands in the name of gathered parts in the place of their contents."""


class SignatureWork(TerminalWork):
    """0820/800 and 801."""

    __slots__ = ("upload",)

    def __init__(self, arrival: Arrival) -> None:
        super().__init__(arrival)
        self.upload = read_signature(arrival.message)

    @property
    def is_slip(self) -> bool:
        """Whether it is a slip for the customer."""
        return self.upload.part is not None and self.upload.part.of == "slip"

    def add_needs(self, needs: Needs) -> None:
        super().add_needs(needs)
        needs.add(Payment, signed_payment(self.upload))
        needs.add(PaymentSignature, signed_payment(self.upload))

    def more_needs(self, desk: Desk, state: State, more: Needs) -> None:
        super().more_needs(desk, state, more)
        if self.upload.part is None:
            return
        more.add(Document, (self.upload.merchant_no, self._parts_id(desk)))
        if self.is_slip:
            more.add(Document, (self.upload.merchant_no, desk.keys.slip_document_id(self._link(desk))))
            return
        known = state.get(PaymentSignature, *signed_payment(self.upload))
        if known is not None:
            more.add(Document, (known.merchant_no, known.document_id))

    def word(self) -> Word:
        """It has its payment's number, which may be an old one: counted by itself, it speaks for nothing newer."""
        return Word(self.transaction.name, super().word().mac_key, self.upload.trace_no)

    def decide(self, desk: Desk, state: State, now: UnixMs) -> Decision:
        verdict = self.check_mac(desk, state)
        self.heard(desk, now)
        asked = SignatureAsked(upload=self.upload, verdict=verdict, fitting=self.fitting)
        if verdict in ("current", "next"):
            asked = self._opened(desk, state, asked)
        return decide_signature(state, asked, now)

    def _slip(self, desk: Desk, state: State, part: Part) -> SlipAsked:
        """A slip for the customer, with the name and the seal that the vault gives it."""
        merchant_no = self.upload.merchant_no
        document_id, gathering = desk.keys.slip_document_id(self._link(desk)), self._gathered(desk, state, part)
        content = gathering.taken.whole
        return SlipAsked(
            upload=self.upload,
            gathering=gathering,
            document_id=document_id,
            has_phone_page=bool(desk.phone_page),
            content=content,
            sealed=desk.keys.seal_document(merchant_no, document_id, content) if content else b"",
        )

    def _opened(self, desk: Desk, state: State, asked: SignatureAsked) -> SignatureAsked:
        """What is asked, with what the vault has to say of it: nothing of a part is opened before its MAC was right."""
        upload, content, gathering = self.upload, self.upload.content, None
        known = state.get(PaymentSignature, *signed_payment(upload))
        if upload.part is not None:
            if self.is_slip:
                return msgspec.structs.replace(asked, slip=self._slip(desk, state, upload.part))
            if known is not None:
                return msgspec.structs.replace(asked, is_known=self._is_part_of(desk, state, known, upload.part))
            gathering = self._gathered(desk, state, upload.part)
            if gathering.taken.verdict != "whole":
                return msgspec.structs.replace(asked, gathering=gathering)
            content = gathering.taken.whole
        merchant_no, *place = signed_payment(upload)
        document_id = desk.keys.document_id(merchant_no, "/".join(place), content)
        return msgspec.structs.replace(
            asked,
            document_id=document_id,
            sealed=b"" if known is not None else desk.keys.seal_document(merchant_no, document_id, content),
            size_bytes=len(content),
            gathering=gathering,
            is_known=known is not None and known.document_id == document_id,
        )

    def _gathered(self, desk: Desk, state: State, part: Part) -> Gathering:
        """The part, put to what came before it."""
        document_id = self._parts_id(desk)
        kept = self._content(desk, state.get(Document, self.upload.merchant_no, document_id))
        taken = take(msgspec.msgpack.decode(kept, type=Gathered) if kept else None, part)
        sealed = b""
        if taken.verdict == "more":
            gathered = msgspec.msgpack.encode(taken.gathered)
            sealed = desk.keys.seal_document(self.upload.merchant_no, document_id, gathered)
        return Gathering(document_id, taken, sealed)

    def _is_part_of(self, desk: Desk, state: State, known: PaymentSignature, part: Part) -> bool:
        """Whether the signature that is kept is the one whose part comes once more; of an erased one nobody can tell."""
        content = self._content(desk, state.get(Document, known.merchant_no, known.document_id))
        return bool(content) and hmac.compare_digest(digest_of(content), part.digest)

    def _content(self, desk: Desk, document: Document | None) -> bytes:
        """What a document holds; nothing where it is gone, or was damaged: then it is sent once more."""
        if document is None or not document.sealed:
            return b""
        try:
            return desk.keys.open_document(document.merchant_no, document.document_id, document.sealed)
        except DocumentDamaged as error:
            log.error("document_damaged", document_id=document.document_id, reason=str(error))
            return b""

    def _parts_id(self, desk: Desk) -> str:
        merchant_no, *place = signed_payment(self.upload)
        return desk.keys.document_id(merchant_no, "/".join((*place, SLIP_PARTS if self.is_slip else PARTS)), b"")

    def _link(self, desk: Desk) -> SlipAddress:
        merchant_no, *place = signed_payment(self.upload)
        return desk.keys.slip_link(merchant_no, "/".join(place))

    def finish(self, desk: Desk, decision: Decision, now: UnixMs) -> None:
        reply = reply_of(decision, UploadReply)
        self.log_outcome(reply.response_code, decision.reason)
        self._send(desk, reply, now)

    def fail(self, desk: Desk, now: UnixMs) -> None:
        self.log_outcome(SYSTEM_ERROR, "system_error")
        self._send(desk, UploadReply(SYSTEM_ERROR), now)

    def _send(self, desk: Desk, reply: UploadReply, now: UnixMs) -> None:
        rrn, code = desk.rrn.take_if_reserved(), reply.response_code
        address = f"{desk.phone_page}{write_link(self._link(desk))}" if reply.is_found else ""
        said = write_have(reply.have, address) if reply.have is not None else b""
        message = signature_answer(self.message, host_time(now), rrn, code, desk.acquirer_code, said)
        self.answer(desk, message, with_mac=self.macs_refusals or code == "00")
