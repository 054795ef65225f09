"""Operator messages (0820/0830 with 60.3 = 401 to 409): what the flow asks for, written and read. Design: sign-in on the wire."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Generic, TypeAlias, TypeVar

import msgspec
import structlog

from ...basics.clock import Clock
from ...basics.errors import Fault, Misuse
from ...basics.numbers import Login, MerchantNo, OperatorNo, TerminalNo, UnixMs
from ...cup.messages import operator_asks as asks
from ...cup.messages.operator import OperatorRequest
from ...cup.operator_tags import Tag, Tags
from ...cup.transactions import CATALOGUE, Transaction, text_of
from ...cup.values.badge import BADGE_ALONE, badge_context, is_by_badge
from ...cup.values.clock import read_clock
from ...cup.values.eyes import read_eyes
from ...cup.values.offline import OfflineUse
from ...cup.values.phone import BY_PHONE
from ...cup.values.self_check import CheckedItem, SelfCheck, write_self_check
from ...cup.values.take_over import read_take_over
from ...cup.values.user_name import user_name_in
from ...iso8583.message import Message
from ..devices.ports import PinPad
from ..flow.core import effects as fx
from ..flow.core.events import CheckResult, Event
from . import host_answers as answers
from .host_calendar import HostCalendar
from .host_exchange import OK, HostExchange
from .host_line import LineFailed

PhoneEffect: TypeAlias = fx.SendPhoneCode | fx.SendPhoneAsk | fx.SendPhoneLeft
OperatorEffect: TypeAlias = (
    fx.SendVerify
    | fx.SendConfirm
    | fx.SendSignOut
    | fx.SendGivenUp
    | fx.SendLock
    | fx.SendNewPassword
    | fx.SendApproval
    | fx.SendManage
    | fx.SendOffline
    | PhoneEffect
)
"""The effects that are operator messages."""

WithLogin = fx.SendVerify | fx.SendLock | fx.SendNewPassword | fx.SendApproval
"""Those that may say who asks by a user name."""
ENVELOPE_REFUSED = "P8"
METHOD_BADGE, METHOD_PHONE = "badge", "phone"
"""Words of tag METHOD."""
PHONE_VERDICTS: Mapping[type[PhoneEffect], asks.PhoneVerdict] = MappingProxyType(
    {fx.SendPhoneCode: "open", fx.SendPhoneAsk: "ask", fx.SendPhoneLeft: "leave"}
)

Asked: TypeAlias = tuple[asks.OperatorContents, bytes | None]
"""Contents of field 62, and the password block where one goes with it."""

_Taken = TypeVar("_Taken")
E = TypeVar("E", bound=fx.Effect)
_log = structlog.get_logger(__name__)


class OperatorLink:
    """The operator's side of a host link."""

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
    ) -> None:
        self._exchange = exchange
        self._pin_pad = pin_pad
        self._clock = clock
        self._calendar = calendar
        self._merchant_no = merchant_no
        self._terminal_no = terminal_no
        self._version = version

    async def perform(self, effect: OperatorEffect, request: str) -> Event:
        """Do one exchange. Raises LineFailed and RemoteProtocolError."""
        row = _EXCHANGES[type(effect)]
        contents, block = row.ask(self, effect, request)
        message = self._message(effect, row.transaction, contents, block, request)
        answer = await self._exchange.ask(row.transaction, message)
        now = self._clock.now()
        code = text_of(answer, 39)
        row.settle(self, effect, request, code)
        tags = answers.said_in(answer)
        self.keep_time(tags)
        if code != OK:
            return answers.refused(answer, request, now)
        return row.event(effect, tags, now)

    def keep_time(self, tags: Tags) -> None:
        """Each answer to an operator message tells the host's time with its year."""
        told = read_clock(tags.get(Tag.HOST_CLOCK, ""))
        if told is not None:
            self._calendar.told(told)

    # ── what is asked ────────────────────────────────────────────────────────

    def verify(self, effect: fx.SendVerify, request: str) -> Asked:
        """401, with the password (of a badge alone none) and what the terminal measured."""
        measured = asks.Measured(
            self_check=told_checks(effect.checks),
            eyes=read_eyes(effect.eyes),
            elapsed_ms=effect.elapsed_ms,
            steps=effect.steps,
            versions=self._version,
            terminal_clock=self._clock.now(),
        )
        method = asks.METHOD_PASSWORD
        if needs_host(effect.login):
            method = METHOD_PHONE if effect.login == BY_PHONE else METHOD_BADGE
        block = None if effect.login in (BADGE_ALONE, BY_PHONE) else self._password_block(effect, request)
        return asks.VerifyContents(method=method, measured=measured), block

    def confirm(self, effect: fx.SendConfirm, request: str) -> Asked:
        """403, with the sign-in code where one was typed."""
        code = unless_not_sent(request, self._pin_pad.take_code) if effect.with_code else asks.NO_CODE
        contents = asks.ConfirmContents(
            record_no=effect.record_no,
            wrong_item=effect.wrong_item if effect.verdict == "wrong" else None,
            code=code,
            take_over=read_take_over(effect.take_over),
            steps=effect.steps,
        )
        return contents, None

    def sign_out(self, effect: fx.SendSignOut, request: str) -> Asked:
        """402."""
        return asks.SignOutContents(reason=effect.reason, notes=effect.notes), None

    def give_up(self, effect: fx.SendGivenUp, request: str) -> Asked:
        """402 about a sign-in that nobody confirms."""
        return asks.SignOutContents(reason=effect.reason, record_no=effect.record_no), None

    def lock(self, effect: fx.SendLock, request: str) -> Asked:
        """404; to unlock, with the password of who unlocks."""
        measured = asks.Measured(terminal_clock=self._clock.now())
        block = self._password_block(effect, request) if effect.verdict == "unlock" else None
        return asks.LockContents(verdict=effect.verdict, measured=measured), block

    def new_password(self, effect: fx.SendNewPassword, request: str) -> Asked:
        """405, with the old and the new password."""
        change = unless_not_sent(request, lambda: self._pin_pad.take_new_password(self._merchant_no, effect.login))
        return asks.NewPasswordContents(new_block=change.new_block, record_no=effect.record_no), change.old_block

    def approve(self, effect: fx.SendApproval, request: str) -> Asked:
        """406, with the supervisor's password."""
        contents = asks.ApproveContents(
            action=effect.action, amount_fen=effect.amount_fen, record_no=effect.record_no, original=effect.original
        )
        return contents, self._password_block(effect, request)

    def manage(self, effect: fx.SendManage, request: str) -> Asked:
        """408, with the manager's password; with a reset the first password as well, for whom it is."""
        if not effect.first_password:
            contents = asks.ManageContents(action=effect.action, about_no=effect.about_no)
            block = unless_not_sent(
                request, lambda: self._pin_pad.take_password_block(self._merchant_no, effect.operator_no)
            )
            return contents, block
        given = unless_not_sent(
            request,
            lambda: self._pin_pad.take_new_password(self._merchant_no, effect.operator_no, new_for=effect.about_no),
        )
        contents = asks.ManageContents(action=effect.action, about_no=effect.about_no, new_block=given.new_block)
        return contents, given.old_block

    def offline(self, effect: fx.SendOffline, request: str) -> Asked:
        """407: the use of the envelope that the PIN pad counted."""
        owed = unless_not_sent(request, self._pin_pad.offline_owed)
        used = next((known for known in owed if known.operator_no == effect.operator_no), None)
        if used is None:
            _log.error("offline_use_unknown", message=request)
            raise LineFailed("not_sent")
        use = OfflineUse(record_no=used.record_no, use=used.uses, used_at_ms=used.used_at_ms)
        return asks.OfflineContents(use=use, versions=self._version, terminal_clock=self._clock.now()), None

    def phone(self, effect: PhoneEffect, request: str) -> Asked:
        """409."""
        name = "" if isinstance(effect, fx.SendPhoneCode) else effect.name
        return asks.PhoneContents(verdict=PHONE_VERDICTS[type(effect)], name=name), None

    # ── what an answer means for the PIN pad ─────────────────────────────────

    def settle_confirm(self, effect: fx.SendConfirm, request: str, code: str) -> None:
        """The session is there: the badge that began it is not needed any more."""
        if code == OK:
            self._pin_pad.forget_badge()

    def settle_new_password(self, effect: fx.SendNewPassword, request: str, code: str) -> None:
        """The new password counts: an envelope under the old one is worth nothing."""
        if code == OK:
            self._in_the_pin_pad(request, lambda: self._pin_pad.new_password_accepted(effect.operator_no))

    def settle_manage(self, effect: fx.SendManage, request: str, code: str) -> None:
        """A first password counts: an envelope under the one before is worth nothing."""
        if code == OK and effect.first_password:
            self._in_the_pin_pad(request, lambda: self._pin_pad.revoke_envelope(effect.about_no))

    def settle_offline(self, effect: fx.SendOffline, request: str, code: str) -> None:
        """The host was told, or it holds the envelope for void."""
        if code == ENVELOPE_REFUSED:
            self._in_the_pin_pad(request, lambda: self._pin_pad.revoke_envelope(effect.operator_no))
        if code == OK:
            self._in_the_pin_pad(request, lambda: self._pin_pad.offline_told(effect.operator_no))

    # ── within ───────────────────────────────────────────────────────────────

    def _password_block(self, effect: fx.SendVerify | fx.SendLock | fx.SendApproval, request: str) -> bytes:
        return unless_not_sent(request, lambda: self._pin_pad.take_password_block(self._merchant_no, effect.login))

    def _message(
        self,
        effect: OperatorEffect,
        transaction: Transaction,
        contents: asks.OperatorContents,
        block: bytes | None,
        request: str,
    ) -> Message:
        login, phone, badge = login_of(effect), "", None
        user_name = user_name_in(login)
        if login == BY_PHONE and isinstance(effect, fx.SendVerify):
            user_name, phone = "", effect.phone
        if is_by_badge(login):
            context = badge_context(self._merchant_no, self._terminal_no, effect.batch_no, effect.trace_no)
            badge = unless_not_sent(request, lambda: self._pin_pad.show_badge(context))
        return OperatorRequest(
            merchant_no=self._merchant_no,
            terminal_no=self._terminal_no,
            batch_no=effect.batch_no,
            trace_no=effect.trace_no,
            network_code=transaction.network_code,
            operator_no=None if not login or user_name or phone or badge is not None else OperatorNo(login),
            user_name="" if badge is not None else user_name,
            badge=badge,
            phone=phone,
            tags=contents.tags(),
            password_block=block,
        ).message()

    def _in_the_pin_pad(self, request: str, change: Callable[[], None]) -> None:
        """What the host's answer means for the envelopes. When the disk refuses, the host still knows better than they do."""
        try:
            change()
        except Fault as error:
            _log.error("envelope_not_changed", message=request, reason=str(error))


def login_of(effect: OperatorEffect) -> Login:
    """Who asks, as the flow knows it; empty where nobody does yet."""
    if isinstance(effect, PhoneEffect):
        return OperatorNo("")
    return effect.login if isinstance(effect, WithLogin) else effect.operator_no


def needs_host(login: Login) -> bool:
    """Whether neither number nor user name was typed here."""
    return is_by_badge(login) or login == BY_PHONE


def unless_not_sent(request: str, take: Callable[[], _Taken]) -> _Taken:
    """What the PIN pad gives; when it can't give anything, nothing was sent."""
    try:
        return take()
    except (Fault, Misuse) as error:
        _log.warning("pin_pad_gave_nothing", message=request, reason=str(error))
        raise LineFailed("not_sent") from error


def told_checks(checks: tuple[CheckResult, ...]) -> SelfCheck:
    """The self-check as the host is told of it: a reason without the part of its word key that names the item.

    >>> told_checks((CheckResult(item="printer", state="warn", reason="check.printer.no_paper"),)).told
    'printer:warn:no_paper'
    """
    return write_self_check(CheckedItem(one.item, one.state, one.reason.rpartition(".")[2]) for one in checks)


def nothing_to_settle(link: OperatorLink, effect: fx.Effect, request: str, code: str) -> None:
    """The answer means nothing to the PIN pad."""


class Exchange(msgspec.Struct, Generic[E], frozen=True, kw_only=True):
    """One operator message at the terminal: what is asked, and which event its answer is."""

    transaction: Transaction
    ask: Callable[[OperatorLink, E, str], Asked]
    event: Callable[[E, Tags, UnixMs], Event]
    """Of the effect and the tags of an answer with 39 = 00."""
    settle: Callable[[OperatorLink, E, str, str], None] = nothing_to_settle
    """What the answer's code means for the PIN pad; done before the event."""


_EXCHANGES: Mapping[type[OperatorEffect], Exchange[Any]] = MappingProxyType(
    {
        fx.SendVerify: Exchange(
            transaction=CATALOGUE["operator_verify"], ask=OperatorLink.verify, event=answers.operator_verified
        ),
        fx.SendConfirm: Exchange(
            transaction=CATALOGUE["operator_confirm"],
            ask=OperatorLink.confirm,
            event=answers.sign_in_confirmed,
            settle=OperatorLink.settle_confirm,
        ),
        fx.SendSignOut: Exchange(
            transaction=CATALOGUE["operator_sign_out"], ask=OperatorLink.sign_out, event=answers.signed_out
        ),
        fx.SendGivenUp: Exchange(
            transaction=CATALOGUE["operator_sign_out"], ask=OperatorLink.give_up, event=answers.given_up
        ),
        fx.SendLock: Exchange(
            transaction=CATALOGUE["operator_lock"], ask=OperatorLink.lock, event=answers.lock_answered
        ),
        fx.SendNewPassword: Exchange(
            transaction=CATALOGUE["operator_password"],
            ask=OperatorLink.new_password,
            event=answers.password_changed,
            settle=OperatorLink.settle_new_password,
        ),
        fx.SendApproval: Exchange(
            transaction=CATALOGUE["operator_approve"], ask=OperatorLink.approve, event=answers.approved
        ),
        fx.SendManage: Exchange(
            transaction=CATALOGUE["operator_manage"],
            ask=OperatorLink.manage,
            event=answers.managed,
            settle=OperatorLink.settle_manage,
        ),
        fx.SendOffline: Exchange(
            transaction=CATALOGUE["operator_offline"],
            ask=OperatorLink.offline,
            event=answers.offline_accepted,
            settle=OperatorLink.settle_offline,
        ),
        fx.SendPhoneCode: Exchange(
            transaction=CATALOGUE["operator_phone"], ask=OperatorLink.phone, event=answers.phone_code_given
        ),
        fx.SendPhoneAsk: Exchange(
            transaction=CATALOGUE["operator_phone"], ask=OperatorLink.phone, event=answers.phone_stands
        ),
        fx.SendPhoneLeft: Exchange(
            transaction=CATALOGUE["operator_phone"], ask=OperatorLink.phone, event=answers.phone_left
        ),
    }
)
"""One row an operator message; the heartbeat, which is nobody's exchange, is in `host_link.py`."""
