"""Operator messages (0820/0830 with 60.3 = 401 to 407): what the flow asks for, written and read. Design: sign-in on the wire."""

from collections.abc import Callable
from typing import TypeAlias, TypeVar

import structlog

from ...basics.clock import Clock
from ...basics.errors import Fault, Misuse
from ...basics.numbers import MerchantNo, TerminalNo
from ...cup.messages.operator import OperatorRequest, write_clock
from ...cup.operator_tags import Tag
from ...cup.transactions import CATALOGUE, Transaction
from ...iso8583.message import Message
from ..devices.ports import PinPad
from ..flow.core import effects as fx
from ..flow.core.events import CheckResult, Event, PasswordChanged
from . import host_answers as answers
from .host_exchange import OK, HostExchange
from .host_line import LineFailed

OperatorEffect: TypeAlias = (
    fx.SendVerify
    | fx.SendConfirm
    | fx.SendSignOut
    | fx.SendLock
    | fx.SendNewPassword
    | fx.SendApproval
    | fx.SendOffline
)
"""The effects that are operator messages."""

_VERIFY, _CONFIRM = CATALOGUE["operator_verify"], CATALOGUE["operator_confirm"]
_SIGN_OUT, _LOCK = CATALOGUE["operator_sign_out"], CATALOGUE["operator_lock"]
_PASSWORD, _APPROVE = CATALOGUE["operator_password"], CATALOGUE["operator_approve"]
_OFFLINE = CATALOGUE["operator_offline"]
METHOD_PASSWORD = "password"  # noqa: S105, a word of tag DF10
ENVELOPE_REFUSED = "P8"

_Taken = TypeVar("_Taken")
_log = structlog.get_logger(__name__)


class OperatorLink:
    """The operator's side of a host link."""

    def __init__(
        self,
        exchange: HostExchange,
        pin_pad: PinPad,
        clock: Clock,
        *,
        merchant_no: MerchantNo,
        terminal_no: TerminalNo,
        version: str,
    ) -> None:
        self._exchange = exchange
        self._pin_pad = pin_pad
        self._clock = clock
        self._merchant_no = merchant_no
        self._terminal_no = terminal_no
        self._version = version

    async def perform(self, effect: OperatorEffect, request: str) -> Event:
        """Do one exchange. Raises LineFailed and RemoteProtocolError."""
        match effect:
            case fx.SendVerify():
                return await self._verify(effect, request)
            case fx.SendConfirm():
                return await self._confirm(effect, request)
            case fx.SendSignOut():
                return await self._sign_out(effect, request)
            case fx.SendLock():
                return await self._lock(effect, request)
            case fx.SendNewPassword():
                return await self._new_password(effect, request)
            case fx.SendApproval():
                return await self._approve(effect, request)
            case fx.SendOffline():
                return await self._offline(effect, request)

    async def _verify(self, effect: fx.SendVerify, request: str) -> Event:
        block = self._password_block(effect, request)
        tags = {
            Tag.METHOD: METHOD_PASSWORD,
            Tag.SELF_CHECK: checks_text(effect.checks),
            Tag.EYES: effect.eyes,
            Tag.ELAPSED_MS: str(effect.elapsed_ms) if effect.elapsed_ms else "",
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
        code = unless_not_sent(request, self._pin_pad.take_code) if effect.with_code else None
        tags = {
            Tag.RECORD_NO: str(effect.record_no),
            Tag.VERDICT: effect.verdict,
            Tag.WRONG_ITEM: effect.wrong_item,
            Tag.SIGN_IN_CODE: code.reveal() if code is not None else "",
            Tag.TAKE_OVER: effect.take_over,
            Tag.ELAPSED_MS: str(effect.elapsed_ms) if effect.elapsed_ms else "",
            Tag.TERMINAL_CLOCK: write_clock(self._clock.now()),
        }
        answer = await self._exchange.ask(_CONFIRM, self._operator_message(effect, _CONFIRM, tags))
        now = self._clock.now()
        if answer.fields[39] != OK:
            return answers.refused(answer, request, now)
        return answers.sign_in_confirmed(answer, effect, now)

    async def _sign_out(self, effect: fx.SendSignOut, request: str) -> Event:
        tags = {Tag.REASON: effect.reason, Tag.NOTES: effect.notes}
        answer = await self._exchange.ask(_SIGN_OUT, self._operator_message(effect, _SIGN_OUT, tags))
        now = self._clock.now()
        if answer.fields[39] != OK:
            return answers.refused(answer, request, now)
        return answers.signed_out(answer, now)

    async def _lock(self, effect: fx.SendLock, request: str) -> Event:
        block = self._password_block(effect, request) if effect.verdict == "unlock" else None
        tags = {Tag.VERDICT: effect.verdict, Tag.TERMINAL_CLOCK: write_clock(self._clock.now())}
        answer = await self._exchange.ask(_LOCK, self._operator_message(effect, _LOCK, tags, block))
        now = self._clock.now()
        if answer.fields[39] != OK:
            return answers.refused(answer, request, now)
        return answers.lock_answered(answer, effect, now)

    async def _new_password(self, effect: fx.SendNewPassword, request: str) -> Event:
        change = unless_not_sent(
            request, lambda: self._pin_pad.take_new_password(self._merchant_no, effect.operator_no)
        )
        tags = {
            Tag.NEW_BLOCK: change.new_block.hex().upper(),
            Tag.RECORD_NO: str(effect.record_no) if effect.record_no is not None else "",
        }
        answer = await self._exchange.ask(_PASSWORD, self._operator_message(effect, _PASSWORD, tags, change.old_block))
        now = self._clock.now()
        if answer.fields[39] != OK:
            return answers.refused(answer, request, now)
        self._in_the_pin_pad(request, lambda: self._pin_pad.new_password_accepted(effect.operator_no))
        return PasswordChanged(now=now)

    async def _approve(self, effect: fx.SendApproval, request: str) -> Event:
        tags = {
            Tag.ACTION: effect.action,
            Tag.AMOUNT: str(effect.amount_fen) if effect.amount_fen else "",
            Tag.RECORD_NO: str(effect.record_no) if effect.record_no is not None else "",
        }
        block = self._password_block(effect, request)
        answer = await self._exchange.ask(_APPROVE, self._operator_message(effect, _APPROVE, tags, block))
        now = self._clock.now()
        if answer.fields[39] != OK:
            return answers.refused(answer, request, now)
        return answers.approved(answer, now)

    async def _offline(self, effect: fx.SendOffline, request: str) -> Event:
        owed = unless_not_sent(request, self._pin_pad.offline_owed)
        use = next((known for known in owed if known.operator_no == effect.operator_no), None)
        if use is None:
            _log.error("offline_use_unknown", message=request)
            raise LineFailed("not_sent")
        tags = {
            Tag.OFFLINE: f"{use.record_no},{use.uses},{use.used_at_ms}",
            Tag.VERSIONS: self._version,
            Tag.TERMINAL_CLOCK: write_clock(self._clock.now()),
        }
        answer = await self._exchange.ask(_OFFLINE, self._operator_message(effect, _OFFLINE, tags))
        now = self._clock.now()
        code = answer.fields[39]
        if code == ENVELOPE_REFUSED:
            self._in_the_pin_pad(request, lambda: self._pin_pad.revoke_envelope(effect.operator_no))
        if code != OK:
            return answers.refused(answer, request, now)
        self._in_the_pin_pad(request, lambda: self._pin_pad.offline_told(effect.operator_no))
        return answers.offline_accepted(answer, effect.operator_no, now)

    # ── within ───────────────────────────────────────────────────────────────

    def _password_block(self, effect: fx.SendVerify | fx.SendLock | fx.SendApproval, request: str) -> bytes:
        return unless_not_sent(
            request, lambda: self._pin_pad.take_password_block(self._merchant_no, effect.operator_no)
        )

    def _operator_message(
        self,
        effect: OperatorEffect,
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

    def _in_the_pin_pad(self, request: str, change: Callable[[], None]) -> None:
        """What the host's answer means for the envelopes. When the disk refuses, the host still knows better than they do."""
        try:
            change()
        except Fault as error:
            _log.error("envelope_not_changed", message=request, reason=str(error))


def unless_not_sent(request: str, take: Callable[[], _Taken]) -> _Taken:
    """What the PIN pad gives; when it can't give anything, nothing was sent."""
    try:
        return take()
    except (Fault, Misuse) as error:
        _log.warning("pin_pad_gave_nothing", message=request, reason=str(error))
        raise LineFailed("not_sent") from error


def checks_text(checks: tuple[CheckResult, ...]) -> str:
    """The self-check for tags DF0E and DF17: `item:state` or `item:state:reason`, with commas.

    >>> checks_text((CheckResult(item="printer", state="warn", reason="check.printer.no_paper"),))
    'printer:warn:no_paper'
    """
    return ",".join(
        f"{check.item}:{check.state}" + (f":{check.reason.rpartition('.')[2]}" if check.reason else "")
        for check in checks
    )
