"""What the terminal says to its host: each `Send…` effect becomes one exchange and ends in one event.

Operator messages are in `operator_link.py`.
"""

from collections.abc import Callable
from typing import Protocol, TypeAlias

import structlog
from msgspec.structs import replace

from ...basics.clock import Clock
from ...basics.errors import Fault, RemoteProtocolError
from ...basics.numbers import MerchantNo, TerminalNo, UnixMs, request_of
from ...basics.secret import Pan, PayCode
from ...cup.messages.management import SignOnRequest
from ...cup.messages.offered import STILL_OPEN
from ...cup.messages.operator import OperatorRequest
from ...cup.messages.operator_asks import StatusContents
from ...cup.messages.payment import SECURITY_PIN_WITH_PAN, Original, PaymentRequest, ReversalRequest
from ...cup.messages.ring import is_ring
from ...cup.messages.script_notice import SCRIPT_NOTICE, ScriptNotice
from ...cup.qr.field59 import VERSION_CHARACTERS, Identity
from ...cup.qr.identity import factor_of, identified
from ...cup.response_codes import means
from ...cup.transactions import CATALOGUE, Transaction, text_of
from ...cup.values.issuer_script import read_scripts
from ...iso8583.message import Message
from ...vault.errors import WorkingKeysRejected
from ...vault.hsm import KeySet
from ..devices.ports import CardInHand, CodeInHand, PinPad
from ..flow.core import effects as fx
from ..flow.core import events as ev
from ..flow.core.events import Event, HostFailed, Ordered
from ..flow.core.settlement import BatchPage
from . import host_answers as answers
from .card_data import KeptCard, kept_expiry, kept_pan
from .host_calendar import HostCalendar
from .host_exchange import OK, HostExchange
from .host_line import LineFailed
from .issuer_scripts import notice_data, run_scripts
from .operator_link import OperatorLink, told_checks, unless_not_sent
from .outgoing import Outgoing
from .settlement_link import SettlementEffect, SettlementLink
from .standing_line import StandingLine
from .upload_link import UploadLink

SendEffect: TypeAlias = (
    fx.SendSignOn
    | fx.SendVerify
    | fx.SendConfirm
    | fx.SendSignOut
    | fx.SendGivenUp
    | fx.SendLock
    | fx.SendNewPassword
    | fx.SendApproval
    | fx.SendManage
    | fx.SendOffline
    | fx.SendPhoneCode
    | fx.SendPhoneAsk
    | fx.SendPhoneLeft
    | fx.SendPayment
    | fx.SendReversal
    | fx.SendStatus
    | fx.SendSignature
    | fx.SendSlip
    | fx.SendTicks
    | fx.SendScript
    | SettlementEffect
)
"""The effects that are exchanges with the host."""

_SIGN_ON: dict[KeySet, Transaction] = {
    KeySet.SINGLE: CATALOGUE["sign_on_single"],
    KeySet.DOUBLE: CATALOGUE["sign_on_double"],
    KeySet.DOUBLE_TRACK: CATALOGUE["sign_on_track"],
}
_STATUS, _REVERSAL = CATALOGUE["status"], CATALOGUE["reversal"]

_log = structlog.get_logger(__name__)


class HostLink(Protocol):
    """The terminal's host."""

    async def perform(self, effect: SendEffect, outgoing: Outgoing) -> Event | None:
        """Do one exchange; the answer is the event it ends in, None for a status that asks nothing."""
        ...

    def on_order(self, tell: Callable[[Event], None]) -> None:
        """Call `tell` when an answer asks something of the terminal beside what it answers."""
        ...

    def hang_up(self) -> None:
        """Let go of the line that is kept open; the next heartbeat calls again."""
        ...

    def host_now(self) -> UnixMs:
        """The host's time with its year, as far as it is known."""
        ...

    def drift_s(self) -> int | None:
        """Terminal clock minus host clock in seconds; None until the host told its whole time."""
        ...


def no_standing_line(unasked: Callable[[bytes], None]) -> StandingLine | None:
    """Heartbeats go over lines of their own, like anything else."""
    return None


class CupHostLink:
    """A host that speaks the dialect of `exchange`."""

    def __init__(
        self,
        exchange: HostExchange,
        pin_pad: PinPad,
        clock: Clock,
        calendar: HostCalendar,
        *,
        merchant_no: MerchantNo,
        terminal_no: TerminalNo,
        version: str,
        key_set: KeySet = KeySet.DOUBLE_TRACK,
        standing: Callable[[Callable[[bytes], None]], StandingLine | None] = no_standing_line,
    ) -> None:
        self._exchange = exchange
        self._standing_line = standing(self._unasked)
        self._standing = exchange.over(self._standing_line) if self._standing_line is not None else exchange
        self._tell_rung: Callable[[], None] = lambda: None
        self._pin_pad = pin_pad
        self._clock = clock
        self._calendar = calendar
        self._merchant_no = merchant_no
        self._terminal_no = terminal_no
        self._version = version
        self._key_set = key_set
        self._operators = OperatorLink(
            exchange, pin_pad, clock, calendar, merchant_no=merchant_no, terminal_no=terminal_no, version=version
        )

        self._settlements = SettlementLink(exchange, clock, merchant_no=merchant_no, terminal_no=terminal_no)
        self._uploads = UploadLink(exchange, clock, merchant_no=merchant_no, terminal_no=terminal_no)

    def on_order(self, tell: Callable[[Event], None]) -> None:
        """The header of any checked answer may ask for a new sign-in (domain reference §1.3, nibble 6)."""
        for exchange in (self._exchange, self._standing):
            exchange.on_requirement(lambda: tell(Ordered(now=self._clock.now(), orders=("sign_in",))))
            exchange.on_status_wanted(lambda: tell(ev.Rung(now=self._clock.now())))
        self._tell_rung = lambda: tell(ev.Rung(now=self._clock.now()))

    def hang_up(self) -> None:
        if self._standing_line is not None:
            self._standing_line.close()

    def _unasked(self, payload: bytes) -> None:
        """Something came unasked on the line that is kept open: a ring for this terminal, or nothing that counts."""
        if self._exchange.rings(payload, lambda message: is_ring(message, self._merchant_no, self._terminal_no)):
            self._tell_rung()

    def host_now(self) -> UnixMs:
        return self._calendar.now()

    def drift_s(self) -> int | None:
        return self._calendar.drift_s

    async def perform(self, effect: SendEffect, outgoing: Outgoing) -> Event | None:
        request = type(effect).__name__
        try:
            return await self._perform(effect, outgoing, request)
        except LineFailed as error:
            return HostFailed(now=self._clock.now(), request=request, failure=error.failure)
        except WorkingKeysRejected as error:
            _log.warning("working_keys_refused", reason=str(error))
            return HostFailed(now=self._clock.now(), request=request, failure="bad_keys")
        except RemoteProtocolError as error:
            _log.warning("exchange_failed", message=request, failure="bad_answer", reason=str(error))
            return HostFailed(now=self._clock.now(), request=request, failure="bad_answer")

    async def _perform(self, effect: SendEffect, outgoing: Outgoing, request: str) -> Event | None:
        match effect:
            case fx.SendSignOn():
                return await self._sign_on(effect, request)
            case fx.SendPayment():
                return await self._payment(effect, outgoing, request)
            case fx.SendReversal():
                return await self._reversal(effect, outgoing, request)
            case fx.SendSettlement() | fx.SendDetails() | fx.SendUploadEnd() | fx.SendSignOff():
                if type(effect) is fx.SendDetails and outgoing.page is None:
                    raise LineFailed("not_sent")
                return await self._settlements.perform(effect, outgoing.page or BatchPage(), request)
            case fx.SendStatus():
                return await self._status(effect, outgoing, request)
            case fx.SendScript():
                return await self._script(effect, outgoing, request)
            case fx.SendSignature():
                return await self._uploads.signature(effect, outgoing.signed, request)
            case fx.SendTicks():
                return await self._uploads.ticks(effect, request)
            case fx.SendSlip():
                return await self._uploads.slip(effect, request)
            case _:
                return await self._operators.perform(effect, request)

    async def _sign_on(self, effect: fx.SendSignOn, request: str) -> Event:
        message = SignOnRequest(
            merchant_no=self._merchant_no,
            terminal_no=self._terminal_no,
            batch_no=effect.batch_no,
            trace_no=effect.trace_no,
            network_code=self._key_set.value,
        ).message()
        answer, body = await self._exchange.ask_for_body(_SIGN_ON[self._key_set], message)
        now = self._clock.now()
        if answer.fields[39] != OK:
            return answers.refused(answer, request, now)
        signed_on = answers.signed_on(answer, now, self._calendar.now())
        try:
            self._pin_pad.load_working_keys(answers.key_material(answer), self._key_set)
        except Fault as error:
            # No master key, or the disk refused: without keys nothing can be done with this answer.
            _log.error("working_keys_not_kept", reason=str(error))
            return HostFailed(now=now, request=request, failure="bad_keys")
        beginning = answers.beginning(answer)
        if beginning is None:
            return signed_on
        if not self._exchange.proves(body, answer):
            _log.warning("beginning_not_proven")
            return signed_on
        return replace(signed_on, epoch=beginning.epoch, known_trace=beginning.known_trace)

    async def _payment(self, effect: fx.SendPayment, outgoing: Outgoing, request: str) -> Event:
        attempt, prepared = effect.attempt, outgoing.prepared
        row = CATALOGUE[attempt.kind]
        card = outgoing.card if isinstance(outgoing.card, CardInHand) and row.takes_card else None
        # What is about an earlier payment by code names that one's voucher; a code would be used up for nothing.
        wants_code = row.is_by_code and attempt.doing.original is None
        code = outgoing.card.code if isinstance(outgoing.card, CodeInHand) and wants_code else None
        if prepared is None or (card is None and row.takes_card) or (code is None and wants_code):
            _log.error("payment_without_card", request=request_of(self._terminal_no, attempt.trace_no))
            raise LineFailed("not_sent")
        pin_block = self._pin_block(card.pan, request) if card is not None and attempt.with_pin else None
        message = PaymentRequest(
            kind=attempt.kind,
            merchant_no=self._merchant_no,
            terminal_no=self._terminal_no,
            batch_no=attempt.batch_no,
            trace_no=attempt.trace_no,
            amount_fen=attempt.amount_fen,
            entry_mode=prepared.entry_mode,
            reading=prepared.reading,
            operator_no=attempt.operator_no,
            pan=card.pan if card is not None else None,
            code=code,
            brand=attempt.doing.brand,
            received=attempt.doing.received,
            expiry_yymm=card.expiry_yymm if card is not None else "",
            track2=card.track2 if card is not None else None,
            card_sequence=card.sequence if card is not None else "",
            pin_block=pin_block,
            security_control=SECURITY_PIN_WITH_PAN if pin_block is not None else "",
            chip_data=prepared.chip_data,
            original=_original(attempt.doing.original),
            approval_no=attempt.doing.approval_no,
            epoch=attempt.epoch,
        ).message()
        if self._exchange.terminal_identity != "none" and row.carries(57):
            message = self._identified(message, card.pan if card is not None else code, request)
        answer = await self._exchange.ask(CATALOGUE[attempt.kind], message)
        now = self._clock.now()
        if (offered := self._offered(answer, now)) is not None:
            return offered
        chip = card.chip if card is not None else None
        scripts = read_scripts(answers.chip_answer(answer)) if attempt.reversible and chip is not None else ()
        if means(text_of(answer, 39)) == "stands_not":
            refusal = answers.refused(answer, request, now)
            # A refusal that nothing proves is nobody's: what came with it is not run.
            is_proven = scripts and self._exchange.macs_refusals
            return replace(refusal, scripts=answers.scripts_said(answer, scripts)) if is_proven else refusal
        if chip is not None and not chip.is_there:
            _log.warning("card_pulled_out", request=request_of(self._terminal_no, attempt.trace_no))
            raise LineFailed("card_gone")
        ran = run_scripts(card, [script for script in scripts if not script.is_after]) if card is not None else ()
        if chip is not None and not chip.accept_answer(answers.chip_answer(answer)):
            _log.warning("chip_refused_answer", request=request_of(self._terminal_no, attempt.trace_no))
            raise LineFailed("bad_answer")
        approved = answers.payment_approved(answer, prepared.slip_lines, now, self._calendar.now())
        return replace(approved, scripts=answers.scripts_said(answer, scripts, ran)) if scripts else approved

    async def _script(self, effect: fx.SendScript, outgoing: Outgoing, request: str) -> Event:
        notice, kept = effect.notice, outgoing.kept
        if kept is None:
            raise LineFailed("not_sent")
        row, of = CATALOGUE[notice.kind], notice.payment
        message = ScriptNotice(
            merchant_no=self._merchant_no,
            terminal_no=self._terminal_no,
            batch_no=notice.batch_no,
            trace_no=notice.trace_no,
            payment=Original(batch_no=of.batch_no, trace_no=of.trace_no, date=of.date, rrn=of.rrn),
            processing_code=row.processing_code,
            condition_code=row.condition_code,
            acquirer_code=notice.acquirer_code,
            amount_fen=of.amount_fen if row.has_amount else None,
            entry_mode=kept.entry_mode,
            card_sequence=kept.card_sequence,
            pan=self._kept_pan(kept),
            chip_data=notice_data(kept.notice_data or b"", notice),
        ).message()
        answer = await self._exchange.ask(SCRIPT_NOTICE, message)
        if answer.fields[39] != OK:
            return answers.refused(answer, request, self._clock.now())
        return ev.ScriptTaken(now=self._clock.now(), batch_no=of.batch_no, trace_no=of.trace_no)

    async def _reversal(self, effect: fx.SendReversal, outgoing: Outgoing, request: str) -> Event:
        kept = outgoing.kept
        if kept is None:
            _log.error("reversal_without_card", request=request_of(self._terminal_no, effect.reversal.trace_no))
            raise LineFailed("not_sent")
        reversal = effect.reversal
        if reversal.again is not None:
            return await self._payment_again(reversal, reversal.again, kept, request)
        message = ReversalRequest(
            kind=reversal.kind,
            merchant_no=self._merchant_no,
            terminal_no=self._terminal_no,
            batch_no=reversal.batch_no,
            trace_no=reversal.trace_no,
            amount_fen=reversal.amount_fen,
            entry_mode=kept.entry_mode,
            reading=kept.reading,
            reason=reversal.reason,
            pan=self._kept_pan(kept),
            card_sequence=kept.card_sequence,
            chip_data=kept.chip_data,
            original=_original(reversal.original),
            epoch=reversal.epoch,
        ).message()
        answer = await self._exchange.ask(_REVERSAL, message)
        return answers.reversal_outcome(answer, request, self._clock.now())

    async def _payment_again(self, pending: ev.PendingReversal, again: ev.Again, kept: KeptCard, request: str) -> Event:
        """The same payment once more: with what the host compares it by, and with the number of the first time."""
        try:
            pan, expiry_yymm = kept_pan(kept, self._pin_pad), kept_expiry(kept, self._pin_pad)
        except Fault as error:
            _log.error("kept_card_unreadable", reason=str(error))
            raise LineFailed("not_sent") from None
        message = PaymentRequest(
            kind=pending.kind,
            merchant_no=self._merchant_no,
            terminal_no=self._terminal_no,
            batch_no=pending.batch_no,
            trace_no=pending.trace_no,
            amount_fen=pending.amount_fen,
            entry_mode=kept.entry_mode,
            reading=kept.reading,
            operator_no=again.operator_no,
            pan=pan,
            brand=again.brand,
            received=again.received,
            expiry_yymm=expiry_yymm,
            card_sequence=kept.card_sequence,
            chip_data=kept.chip_data,
            original=_original(pending.original),
            approval_no=again.approval_no,
            epoch=pending.epoch,
        ).message()
        row = CATALOGUE[pending.kind]
        answer = await self._exchange.ask(row, message)
        now = self._clock.now()
        if (offered := self._offered(answer, now)) is not None:
            return offered
        if means(text_of(answer, 39)) == "stands_not":
            return ev.OutcomeKnown(now=now, refused=answers.refused(answer, request, now))
        return ev.OutcomeKnown(now=now, approved=answers.payment_approved(answer, (), now, self._calendar.now()))

    async def _status(self, effect: fx.SendStatus, outgoing: Outgoing, request: str) -> Event | None:
        message = OperatorRequest(
            merchant_no=self._merchant_no,
            terminal_no=self._terminal_no,
            batch_no=outgoing.batch_no,
            trace_no=outgoing.trace_no,
            network_code=_STATUS.network_code,
            operator_no=effect.operator_no,
            tags=StatusContents(
                health=told_checks(effect.checks),
                terminal_clock=self._clock.now(),
                rules_mark=effect.rules_mark,
                undoing=effect.undoing,
                order_answers=effect.order_answers,
                order_held=effect.order_held,
            ).tags(),
        ).message()
        answer = await self._standing.ask(_STATUS, message)
        self._operators.keep_time(answers.said_in(answer))
        return answers.status_order(answer, request, self._clock.now())

    def _offered(self, answer: Message, now: UnixMs) -> ev.Event | None:
        """What says that the outcome is open: our code, where nobody has paid by it yet, or that a wallet is late. Unproven it is nobody's:
        no customer pays what a stranger shows, and nobody goes on by a stranger's word."""
        if text_of(answer, 39) != STILL_OPEN or 59 not in answer.fields:
            return None
        opened = answers.still_open(answer, now)
        if opened is not None and not self._exchange.macs_refusals:
            raise LineFailed("bad_answer")
        return opened

    # ── within ───────────────────────────────────────────────────────────────

    def _identified(self, message: Message, shown: Pan | PayCode | None, request: str) -> Message:
        """With the proof of which machine asks, made for this card or code."""
        factor = factor_of(shown.reveal() if shown is not None else "")
        proof = unless_not_sent(request, lambda: self._pin_pad.prove_identity(factor))
        version = self._version[-VERSION_CHARACTERS:]
        identity = Identity(serial=proof.serial, factor=factor, cipher=proof.cipher, version=version)
        return identified(message, identity, self._exchange.terminal_identity)

    def _pin_block(self, pan: Pan, request: str) -> bytes:
        return unless_not_sent(request, lambda: self._pin_pad.take_pin_block(pan))

    def _kept_pan(self, kept: KeptCard) -> Pan | None:
        """The card number for field 2. A reversal goes out without it rather than not at all."""
        try:
            return kept_pan(kept, self._pin_pad)
        except Fault as error:
            _log.error("kept_card_unreadable", reason=str(error))
            return None


def _original(known: ev.Original | None) -> Original | None:
    """The original as the wire names it."""
    return known.wired if known is not None else None
