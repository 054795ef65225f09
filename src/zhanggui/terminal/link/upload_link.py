"""What the terminal sends up about one payment: what was signed for it, whole or in parts (0820/800 and 801), and its slip for a phone."""

from msgspec.structs import replace

from ...basics.clock import Clock
from ...basics.numbers import MerchantNo, TerminalNo
from ...cup.messages.signature import SIGNATURE, SignatureUpload
from ...cup.messages.slip_ticks import SLIP_TICKS, SlipTicks, read_marks
from ...cup.response_codes import PART_MISSING, refuses_parts
from ...cup.transactions import text_of
from ...cup.values.feature_code import NO_DATE
from ...cup.values.parts import WHOLE_BYTES_MAX, PartOf, read_have, split
from ...cup.values.slip_link import write_copies
from ...cup.values.strokes import UPLOAD_BYTES_MAX, write_strokes
from ...iso8583.message import Message
from ..devices.ports import Strokes
from ..flow.core import effects as fx
from ..flow.core import events as ev
from ..flow.core.events import ApprovedPayment
from .host_exchange import OK, HostExchange
from .host_line import LineFailed, UnprovenRefusal
from .outgoing import SignedSlip

UNPROVEN_MAX = 3
"""So often in a row a host may refuse the first part without a MAC; from then on it is one from before there were parts."""


class UploadLink:
    """Uploads at a host link."""

    def __init__(
        self, exchange: HostExchange, clock: Clock, *, merchant_no: MerchantNo, terminal_no: TerminalNo
    ) -> None:
        self._exchange = exchange
        self._clock = clock
        self._merchant_no = merchant_no
        self._terminal_no = terminal_no
        self._unproven = 0
        """Times in a row, since power-on, that parts were refused without a MAC."""

    async def signature(self, effect: fx.SendSignature, signed: SignedSlip | None, request: str) -> ev.Event:
        """Send what was signed. Raises LineFailed: what of it is at the host already is not sent again."""
        if signed is None:
            raise LineFailed("not_sent")
        payment, strokes = signed.payment, signed.strokes
        if payment is not None and strokes:
            answer = await self._drawn(self._upload(payment), strokes)
            if answer.fields[39] != OK:
                return self._refused(answer, request)
        # A payment that was undone meanwhile has no slip any more, and its signature goes nowhere.
        return ev.SignatureTaken(now=self._clock.now(), batch_no=effect.batch_no, trace_no=effect.trace_no)

    async def slip(self, effect: fx.SendSlip, request: str) -> ev.Event:
        """Send the cardholder's copy; the answer says where it is found. Raises LineFailed."""
        payment = effect.payment
        answer = await self.in_parts(self._upload(payment), "slip", write_copies(effect.copies))
        _, address = read_have(answer.fields.get(62))
        if answer.fields[39] != OK:
            return self._refused(answer, request)
        if not address:
            raise LineFailed("bad_answer")
        return ev.SlipLinked(
            now=self._clock.now(), batch_no=payment.batch_no, trace_no=payment.trace_no, address=address
        )

    async def ticks(self, effect: fx.SendTicks, request: str) -> ev.Event:
        """Ask after merchant copies, or tell that they are in hand. Raises LineFailed and MessageError."""
        asked = SlipTicks(
            merchant_no=self._merchant_no,
            terminal_no=self._terminal_no,
            trace_no=effect.trace_no,
            batch_no=effect.batch_no,
            operator_no=effect.operator_no,
            verb=effect.verb,
            slips=effect.slips,
        )
        answer = await self._exchange.ask(SLIP_TICKS, asked.message())
        if answer.fields[39] != OK:
            return self._refused(answer, request)
        marks = read_marks(answer, len(effect.slips))
        return ev.SlipsTold(now=self._clock.now(), verb=effect.verb, slips=effect.slips, marks=marks)

    def _refused(self, answer: Message, request: str) -> ev.Refused:
        """A refusal of these is its code and nothing else: field 62 holds no tags."""
        return ev.Refused(now=self._clock.now(), request=request, response_code=text_of(answer, 39))

    async def _drawn(self, upload: SignatureUpload, strokes: Strokes) -> Message:
        """All its points, in one message where they fit; fewer of them for a host that takes no parts.

        A host that does not know of parts says so without a MAC, as anybody on the line can: it is believed after several tries, and
        all that a forger wins is a signature of fewer points.
        """
        content = write_strokes(strokes, WHOLE_BYTES_MAX)
        if len(content) <= UPLOAD_BYTES_MAX:
            return await self._whole(upload, content)
        if self._unproven < UNPROVEN_MAX:
            try:
                answer = await self.in_parts(upload, "signature", content)
            except UnprovenRefusal:
                self._unproven += 1
                raise
            self._unproven = 0
            if not refuses_parts(text_of(answer, 39)):
                return answer
        return await self._whole(upload, write_strokes(strokes))

    async def _whole(self, upload: SignatureUpload, content: bytes) -> Message:
        return await self._exchange.ask(SIGNATURE, replace(upload, content=content).message())

    async def in_parts(self, upload: SignatureUpload, of: PartOf, content: bytes) -> Message:
        """Send one part after the other, from the first one that the host lacks; the answer to the last one, or a refusal."""
        parts = split(of, content)
        number = 1
        # Once more than twice their number: a host that lost them says so, and is sent all of them again.
        for _ in range(2 * len(parts) + 1):
            part = replace(upload, part=parts[number - 1])
            answer = await self._exchange.ask(part.transaction, part.message())
            have = read_have(answer.fields[62])[0] if 62 in answer.fields else number
            code = text_of(answer, 39)
            if code == OK and have >= len(parts):
                return answer
            if code != OK and not (code == PART_MISSING and have < number):
                return answer
            number = min(have, len(parts) - 1) + 1
        raise LineFailed("bad_answer")

    def _upload(self, payment: ApprovedPayment) -> SignatureUpload:
        """What is said of the payment in every message of it."""
        return SignatureUpload(
            merchant_no=self._merchant_no,
            terminal_no=self._terminal_no,
            batch_no=payment.batch_no,
            trace_no=payment.trace_no,
            amount_fen=payment.amount_fen,
            rrn=payment.rrn,
            settle_date=payment.settle_date or NO_DATE,
        )
