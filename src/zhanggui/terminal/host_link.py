"""What the terminal says to its host: each `Send…` effect becomes one exchange and ends in one event."""

from collections.abc import Callable
from typing import Protocol, TypeAlias

import msgspec
import structlog

from ..basics.clock import Clock
from ..basics.errors import Fault, Misuse, RemoteProtocolError
from ..basics.numbers import BatchNo, MerchantNo, TerminalNo, TraceNo
from ..basics.secret import Pan
from ..cup.messages.management import SignOnRequest
from ..cup.messages.operator import OperatorRequest, write_clock
from ..cup.messages.payment import SECURITY_PIN_WITH_PAN, ReversalRequest, SaleRequest
from ..cup.operator_tags import Tag
from ..cup.transactions import CATALOGUE, Transaction
from ..iso8583.message import Message
from ..vault.errors import WorkingKeysRejected
from ..vault.hsm import KeySet
from . import host_answers as answers
from .card_data import KeptCard, PreparedSale, kept_pan
from .devices.ports import CardInHand, PinPad
from .flow import effects as fx
from .flow.events import CheckResult, Event, HostFailed
from .host_exchange import OK, HostExchange
from .host_line import LineFailed

SendEffect: TypeAlias = (
    fx.SendSignOn | fx.SendVerify | fx.SendConfirm | fx.SendSignOut | fx.SendSale | fx.SendReversal | fx.SendStatus
)
"""The effects that are exchanges with the host."""

_SIGN_ON: dict[KeySet, Transaction] = {
    KeySet.SINGLE: CATALOGUE["sign_on_single"],
    KeySet.DOUBLE: CATALOGUE["sign_on_double"],
    KeySet.DOUBLE_TRACK: CATALOGUE["sign_on_track"],
}
_VERIFY, _CONFIRM = CATALOGUE["operator_verify"], CATALOGUE["operator_confirm"]
_SIGN_OUT, _STATUS = CATALOGUE["operator_sign_out"], CATALOGUE["status"]
_SALE, _REVERSAL = CATALOGUE["sale"], CATALOGUE["reversal"]
METHOD_PASSWORD = "password"  # noqa: S105, a word of tag DF10

_log = structlog.get_logger(__name__)


class Outgoing(msgspec.Struct, frozen=True):
    """What the shell adds to an effect: card data that the flow never sees, and numbers that are not its business."""

    card: CardInHand | None = None
    prepared: PreparedSale | None = None
    kept: KeptCard | None = None
    trace_no: TraceNo = TraceNo("000000")
    batch_no: BatchNo = BatchNo("000000")
    """Own number and batch of a status upload."""


class HostLink(Protocol):
    """The terminal's host."""

    async def perform(self, effect: SendEffect, outgoing: Outgoing) -> Event | None:
        """Do one exchange; the answer is the event it ends in, None for a status that asks nothing."""
        ...


class CupHostLink:
    """A host that speaks the dialect of `exchange`."""

    def __init__(
        self,
        exchange: HostExchange,
        pin_pad: PinPad,
        clock: Clock,
        *,
        merchant_no: MerchantNo,
        terminal_no: TerminalNo,
        version: str,
        key_set: KeySet = KeySet.DOUBLE_TRACK,
    ) -> None:
        self._exchange = exchange
        self._pin_pad = pin_pad
        self._clock = clock
        self._merchant_no = merchant_no
        self._terminal_no = terminal_no
        self._version = version
        self._key_set = key_set

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
            case fx.SendVerify():
                return await self._verify(effect, request)
            case fx.SendConfirm():
                return await self._confirm(effect, request)
            case fx.SendSignOut():
                return await self._sign_out(effect, request)
            case fx.SendSale():
                return await self._sale(effect, outgoing, request)
            case fx.SendReversal():
                return await self._reversal(effect, outgoing, request)
            case fx.SendStatus():
                return await self._status(effect, outgoing, request)

    async def _sign_on(self, effect: fx.SendSignOn, request: str) -> Event:
        message = SignOnRequest(
            merchant_no=self._merchant_no,
            terminal_no=self._terminal_no,
            batch_no=effect.batch_no,
            trace_no=effect.trace_no,
            network_code=self._key_set.value,
        ).message()
        answer = await self._exchange.ask(_SIGN_ON[self._key_set], message)
        now = self._clock.now()
        if answer.fields[39] != OK:
            return answers.refused(answer, request, now)
        signed_on = answers.signed_on(answer, now)
        try:
            self._pin_pad.load_working_keys(answers.key_material(answer), self._key_set)
        except Fault as error:
            # No master key, or the disk refused: without keys nothing can be done with this answer.
            _log.error("working_keys_not_kept", reason=str(error))
            return HostFailed(now=now, request=request, failure="bad_keys")
        return signed_on

    async def _verify(self, effect: fx.SendVerify, request: str) -> Event:
        block = self._unless_not_sent(
            request, lambda: self._pin_pad.take_password_block(self._merchant_no, effect.operator_no)
        )
        tags = {
            Tag.METHOD: METHOD_PASSWORD,
            Tag.SELF_CHECK: checks_text(effect.checks),
            Tag.VERSIONS: self._version,
            Tag.TERMINAL_CLOCK: write_clock(self._clock.now()),
        }
        message = self._operator_message(effect, _VERIFY, tags, block)
        answer = await self._exchange.ask(_VERIFY, message)
        now = self._clock.now()
        if answer.fields[39] != OK:
            return answers.refused(answer, request, now)
        return answers.operator_verified(answer, effect.operator_no, now)

    async def _confirm(self, effect: fx.SendConfirm, request: str) -> Event:
        tags = {
            Tag.RECORD_NO: str(effect.record_no),
            Tag.VERDICT: effect.verdict,
            Tag.WRONG_ITEM: effect.wrong_item,
            Tag.TERMINAL_CLOCK: write_clock(self._clock.now()),
        }
        answer = await self._exchange.ask(_CONFIRM, self._operator_message(effect, _CONFIRM, tags))
        now = self._clock.now()
        if answer.fields[39] != OK:
            return answers.refused(answer, request, now)
        return answers.sign_in_confirmed(answer, effect, now)

    async def _sign_out(self, effect: fx.SendSignOut, request: str) -> Event:
        tags = {Tag.REASON: effect.reason}
        answer = await self._exchange.ask(_SIGN_OUT, self._operator_message(effect, _SIGN_OUT, tags))
        now = self._clock.now()
        if answer.fields[39] != OK:
            return answers.refused(answer, request, now)
        return answers.signed_out(answer, now)

    async def _sale(self, effect: fx.SendSale, outgoing: Outgoing, request: str) -> Event:
        card, prepared = outgoing.card, outgoing.prepared
        if card is None or prepared is None:
            _log.error("sale_without_card", trace_no=effect.trace_no)
            raise LineFailed("not_sent")
        pin_block = (
            self._unless_not_sent(request, lambda: self._pin_pad.take_pin_block(card.pan)) if effect.with_pin else None
        )
        message = SaleRequest(
            merchant_no=self._merchant_no,
            terminal_no=self._terminal_no,
            batch_no=effect.batch_no,
            trace_no=effect.trace_no,
            amount_fen=effect.amount_fen,
            entry_mode=prepared.entry_mode,
            operator_no=effect.operator_no,
            pan=card.pan,
            expiry_yymm=card.expiry_yymm,
            track2=card.track2,
            card_sequence=card.sequence,
            pin_block=pin_block,
            security_control=SECURITY_PIN_WITH_PAN if pin_block is not None else "",
            chip_data=prepared.chip_data,
        ).message()
        answer = await self._exchange.ask(_SALE, message)
        now = self._clock.now()
        if answer.fields[39] != OK:
            return answers.refused(answer, request, now)
        if card.chip is not None and not card.chip.accept_answer(answers.chip_answer(answer)):
            _log.warning("chip_refused_answer", trace_no=effect.trace_no)
            raise LineFailed("bad_answer")
        return answers.sale_approved(answer, effect, card, prepared, self._merchant_no, now)

    async def _reversal(self, effect: fx.SendReversal, outgoing: Outgoing, request: str) -> Event:
        kept = outgoing.kept
        if kept is None:
            _log.error("reversal_without_card", trace_no=effect.reversal.trace_no)
            raise LineFailed("not_sent")
        reversal = effect.reversal
        message = ReversalRequest(
            merchant_no=self._merchant_no,
            terminal_no=self._terminal_no,
            batch_no=reversal.batch_no,
            trace_no=reversal.trace_no,
            amount_fen=reversal.amount_fen,
            entry_mode=kept.entry_mode,
            reason=reversal.reason,
            pan=self._kept_pan(kept),
            card_sequence=kept.card_sequence,
            chip_data=kept.chip_data,
        ).message()
        answer = await self._exchange.ask(_REVERSAL, message)
        return answers.reversal_outcome(answer, request, self._clock.now())

    async def _status(self, effect: fx.SendStatus, outgoing: Outgoing, request: str) -> Event | None:
        message = OperatorRequest(
            merchant_no=self._merchant_no,
            terminal_no=self._terminal_no,
            batch_no=outgoing.batch_no,
            trace_no=outgoing.trace_no,
            network_code=_STATUS.network_code,
            operator_no=None,
            tags={Tag.HEALTH: checks_text(effect.checks), Tag.TERMINAL_CLOCK: write_clock(self._clock.now())},
        ).message()
        answer = await self._exchange.ask(_STATUS, message)
        return answers.status_order(answer, request, self._clock.now())

    # ── within ───────────────────────────────────────────────────────────────

    def _operator_message(
        self,
        effect: fx.SendVerify | fx.SendConfirm | fx.SendSignOut,
        transaction: Transaction,
        tags: dict[Tag, str],
        password_block: bytes | None = None,
    ) -> Message:
        return OperatorRequest(
            merchant_no=self._merchant_no,
            terminal_no=self._terminal_no,
            batch_no=effect.batch_no,
            trace_no=effect.trace_no,
            network_code=transaction.network_code,
            operator_no=effect.operator_no,
            tags=tags,
            password_block=password_block,
        ).message()

    def _unless_not_sent(self, request: str, take: Callable[[], bytes]) -> bytes:
        """A block from the PIN pad; when it can't give one, nothing was sent."""
        try:
            return take()
        except (Fault, Misuse) as error:
            _log.warning("pin_pad_gave_nothing", message=request, reason=str(error))
            raise LineFailed("not_sent") from error

    def _kept_pan(self, kept: KeptCard) -> Pan | None:
        """The card number for field 2. A reversal goes out without it rather than not at all."""
        try:
            return kept_pan(kept, self._pin_pad)
        except Fault as error:
            _log.error("kept_card_unreadable", reason=str(error))
            return None


def checks_text(checks: tuple[CheckResult, ...]) -> str:
    """The self-check for tags DF0E and DF17: `item:state` or `item:state:reason`, with commas.

    >>> checks_text((CheckResult(item="printer", state="warn", reason="check.printer.no_paper"),))
    'printer:warn:no_paper'
    """
    return ",".join(
        f"{check.item}:{check.state}" + (f":{check.reason.rpartition('.')[2]}" if check.reason else "")
        for check in checks
    )
