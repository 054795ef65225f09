"""Answers that were checked, as events of the flow. RemoteProtocolError when an answer lacks what its event needs."""

from collections.abc import Sequence
from datetime import datetime

from ...basics.clock import CHINA, china_time, format_time, instant_of
from ...basics.numbers import BatchNo, OperatorNo, Rrn, TraceNo, UnixMs, is_digits
from ...basics.visible import harmless
from ...cup.errors import MessageError
from ...cup.field60 import parse_field_60
from ...cup.messages.balance import read_balance
from ...cup.messages.operator_outcomes import (
    CODE,
    NEW_PASSWORD,
    SIGN_IN,
    read_approval,
    read_elsewhere,
    read_opened,
    read_orders,
    read_phone_code,
    read_phone_stands,
    read_refused,
    read_reported_wrong,
    read_signed_out,
    read_verified,
)
from ...cup.messages.payment import read_institutions
from ...cup.operator_tags import Tag, Tags, unpack_tags
from ...cup.qr.field59 import read_field_59
from ...cup.response_codes import means_for_reversal
from ...cup.transactions import OPERATOR_ANSWER_MTI, PAYMENT_ANSWER_MTIS, bytes_of, text_of
from ...cup.values.clock import read_clock
from ...cup.values.epoch import Beginning, read_beginning
from ...cup.values.issuer_script import IssuerScript, ScriptResult, write_results, write_scripts
from ...iso8583.message import Message
from ..flow.core import effects as fx
from ..flow.core.events import (
    Approved,
    CodeOffered,
    Elsewhere,
    Event,
    GivenUp,
    LockAnswered,
    Managed,
    OfflineAccepted,
    OperatorVerified,
    Ordered,
    PasswordChanged,
    PaymentApproved,
    Refused,
    ReversalAccepted,
    ScriptsSaid,
    SignedOn,
    SignedOut,
    SignInConfirmed,
    StillLate,
)
from ..flow.sign_in.phone.told import PhoneCodeGiven, PhoneLeft, PhoneStands
from .issuer_scripts import not_done

REMARK_FROM = 3
"""63.1 has three characters; 63.2 follows."""
ELSEWHERE = "P6"
WAIT_S_MAX = 24 * 3600
"""A day: whoever has to wait longer is locked, and is told so in other words."""


def host_time(answer: Message, near: UnixMs) -> UnixMs:
    """Fields 13 and 12 as an instant. They carry no year: it is the one that lies nearest to `near`, the host's time as far as it is known
    (`host_calendar.py`), never the clock of the terminal alone."""
    month_day, time = text_of(answer, 13), text_of(answer, 12)
    year = china_time(near).year
    found = []
    for candidate in (year - 1, year, year + 1):
        try:
            moment = datetime.strptime(f"{candidate}{month_day}{time}", "%Y%m%d%H%M%S").replace(tzinfo=CHINA)
        except ValueError:
            continue  # the 29th of February of another year, or no time at all
        found.append(instant_of(moment))
    if not found:
        raise MessageError(13, "a date and time in fields 13 and 12", "other digits")
    return min(found, key=lambda instant: abs(instant - near))


def drift_s(terminal: UnixMs, host: UnixMs) -> int:
    """Terminal clock minus host clock in seconds; the host cuts its time to whole seconds, so this does too."""
    return (terminal - host) // 1000


def refused(answer: Message, request: str, now: UnixMs) -> Refused:
    """An answer with another code than 00, with what the host adds for people."""
    code = text_of(answer, 39)
    if answer.mti != OPERATOR_ANSWER_MTI:
        remark = answer.fields.get(63)
        return Refused(
            now=now,
            request=request,
            response_code=code,
            host_text=remark[REMARK_FROM:].strip()
            if isinstance(remark, str) and answer.mti in PAYMENT_ANSWER_MTIS
            else "",
        )
    tags = said_in(answer)
    told = read_refused(tags)
    return Refused(
        now=now,
        request=request,
        response_code=code,
        host_text=told.terminal,
        tries_left=told.tries_left,
        locked_until=told.locked_until,
        wait_s=_wait_s(told.wait_s),
        reason=told.reason,
        notice=told.notice,
        role=told.role,
        rules=told.rules,
        elsewhere=elsewhere(tags) if code == ELSEWHERE else None,
    )


def said_in(answer: Message) -> Tags:
    """Field 62 of an operator message's answer, with nothing in it that would steer a screen."""
    return {tag: harmless(text) for tag, text in unpack_tags(bytes_of(answer, 62)).items()}


def elsewhere(tags: Tags) -> Elsewhere | None:
    """Beside P6: where the operator is signed in; None when the host does not say which record could go on here."""
    found = read_elsewhere(tags)
    if found is None or found.verified is None:
        return None
    facts = found.verified
    return Elsewhere(
        record_no=found.record_no,
        operator_no=number_in(tags),
        terminal=found.terminal,
        since=found.since,
        way=found.way,
        operator_name=facts.operator_name,
        merchant_name=facts.merchant_name,
        place=facts.place,
        needs_code=CODE in facts.needs,
        rules=facts.rules,
        degraded=facts.degraded,
    )


def signed_on(answer: Message, now: UnixMs, near: UnixMs) -> SignedOn:
    """0810 with 39 = 00; `near` is the host's time as far as it is known."""
    batch_no = parse_field_60(text_of(answer, 60)).batch_no
    if not is_digits(batch_no, 6) or batch_no == "000000":
        raise MessageError(60, "a batch number from 000001 to 999999", "another number")
    host_now = host_time(answer, near)
    return SignedOn(
        now=now,
        batch_no=BatchNo(batch_no),
        host_now=host_now,
        drift_s=drift_s(now, host_now),
        trace_no=TraceNo(text_of(answer, 11)),
    )


def beginning(answer: Message) -> Beginning | None:
    """Where the terminal goes on from, as a host of ours tells it; None from others."""
    told = answer.fields.get(63)
    return read_beginning(told[REMARK_FROM:]) if isinstance(told, str) else None


def key_material(answer: Message) -> bytes:
    """Field 62 of a sign-on answer."""
    return bytes_of(answer, 62)


def operator_verified(effect: fx.SendVerify, tags: Tags, now: UnixMs) -> OperatorVerified:
    """0830/401 with 39 = 00."""
    found = read_verified(tags)
    return OperatorVerified(
        now=now,
        record_no=found.record_no,
        operator_no=number_in(tags) or OperatorNo(effect.login),
        login=effect.login,
        operator_name=found.operator_name,
        role=found.role,
        merchant_name=found.merchant_name,
        place=found.place,
        host_now=found.host_clock,
        drift_s=drift_s(now, found.host_clock),
        needs_new_password=NEW_PASSWORD in found.needs,
        needs_code=CODE in found.needs,
        earlier_terminal=found.earlier_terminal,
        earlier_since=found.earlier_since,
        rules=found.rules,
        degraded=found.degraded,
        days_left=found.days_left,
        notice_about=found.notice_about,
    )


def number_in(tags: Tags) -> OperatorNo | None:
    """Whose user name was typed; None where a number was. A host that says no number is not understood."""
    told = tags.get(Tag.OPERATOR_NO, "")
    if told and not is_digits(told, 2):
        raise MessageError(62, "two digits in tag DF28", "something else")
    return OperatorNo(told) if told else None


def sign_in_confirmed(effect: fx.SendConfirm, tags: Tags, now: UnixMs) -> SignInConfirmed:
    """0830/403 with 39 = 00. A `wrong` verdict opens no session: the record that was reported comes back."""
    if effect.verdict == "wrong":
        host_now = read_clock(tags.get(Tag.HOST_CLOCK, "")) or now
        case_no = read_reported_wrong(tags).case_no
        return SignInConfirmed(now=now, record_no=effect.record_no, host_now=host_now, case_no=case_no)
    opened = read_opened(tags)
    return SignInConfirmed(
        now=now,
        record_no=opened.record_no,
        host_now=opened.host_clock,
        session_no=opened.session_no,
        operator_name=opened.operator_name,
        user_name=opened.user_name,
        offline=opened.envelope,
    )


def lock_answered(effect: fx.SendLock, tags: Tags, now: UnixMs) -> LockAnswered:
    """0830/404 with 39 = 00. An order to sign in means that a supervisor released the terminal."""
    return LockAnswered(now=now, verdict=effect.verdict, released=SIGN_IN in read_orders(tags).orders)


def password_changed(effect: fx.SendNewPassword, tags: Tags, now: UnixMs) -> PasswordChanged:
    """0830/405 with 39 = 00."""
    return PasswordChanged(now=now)


def approved(effect: fx.SendApproval, tags: Tags, now: UnixMs) -> Approved:
    """0830/406 with 39 = 00."""
    given = read_approval(tags)
    return Approved(now=now, approval_no=given.approval_no, supervisor=given.supervisor_name)


def managed(effect: fx.SendManage, tags: Tags, now: UnixMs) -> Managed:
    """0830/408 with 39 = 00."""
    return Managed(now=now)


def offline_accepted(effect: fx.SendOffline, tags: Tags, now: UnixMs) -> OfflineAccepted:
    """0830/407 with 39 = 00."""
    opened = read_opened(tags)
    return OfflineAccepted(
        now=now,
        operator_no=effect.operator_no,
        record_no=opened.record_no,
        host_now=opened.host_clock,
    )


def phone_code_given(effect: fx.SendPhoneCode, tags: Tags, now: UnixMs) -> PhoneCodeGiven:
    """0830/409 to `open`."""
    code = read_phone_code(tags)
    return PhoneCodeGiven(now=now, name=code.name, address=code.address, life_s=code.life_s)


def phone_stands(effect: fx.SendPhoneAsk, tags: Tags, now: UnixMs) -> PhoneStands:
    """0830/409 to `ask`."""
    return PhoneStands(now=now, name=effect.name, known=read_phone_stands(tags).known)


def phone_left(effect: fx.SendPhoneLeft, tags: Tags, now: UnixMs) -> PhoneLeft:
    """0830/409 to `leave`."""
    return PhoneLeft(now=now)


def given_up(effect: fx.SendGivenUp, tags: Tags, now: UnixMs) -> GivenUp:
    """0830/402 with 39 = 00, about a sign-in."""
    return GivenUp(now=now)


def signed_out(effect: fx.SendSignOut, tags: Tags, now: UnixMs) -> SignedOut:
    """0830/402 with 39 = 00."""
    figures = read_signed_out(tags).figures
    return SignedOut(now=now, sales_count=figures.sales_count, sales_fen=figures.sales_fen)


def payment_approved(answer: Message, chip_lines: tuple[str, ...], now: UnixMs, near: UnixMs) -> PaymentApproved:
    """0210 by which the payment stands, with a right MAC: what it says. Whether that is what was asked, the flow judges.
    `near` is the host's time as far as it is known."""
    institutions = answer.fields.get(44)
    issuer, acquirer = read_institutions(institutions) if isinstance(institutions, str) else ("", "")
    auth_code = answer.fields.get(38)
    organisation = answer.fields.get(63)
    amount, settle_date = answer.fields.get(4), answer.fields.get(15)
    return PaymentApproved(
        now=now,
        response_code=text_of(answer, 39),
        trace_no=TraceNo(text_of(answer, 11)),
        amount_fen=int(amount) if isinstance(amount, str) else None,
        rrn=Rrn(text_of(answer, 37)),
        auth_code=auth_code.strip() if isinstance(auth_code, str) else "",
        host_time=format_time(host_time(answer, near)),
        settle_date=settle_date if isinstance(settle_date, str) else "",
        issuer=issuer,
        acquirer=acquirer,
        card_org=organisation[:REMARK_FROM].strip() if isinstance(organisation, str) else "",
        balance_fen=read_balance(answer),
        chip_lines=chip_lines,
        pay_voucher=read_field_59(text_of(answer, 59)).pay_voucher if 59 in answer.fields else "",
    )


def still_open(answer: Message, now: UnixMs) -> CodeOffered | StillLate | None:
    """0210 with 39 = 09: what our code says, or that a wallet is late; None where 59 says neither, which is a refusal."""
    said = read_field_59(text_of(answer, 59))
    if not said.shown and not said.left_s:
        return None
    trace_no, amount_fen = TraceNo(text_of(answer, 11)), int(text_of(answer, 4))
    if not said.shown:
        return StillLate(now=now, trace_no=trace_no, amount_fen=amount_fen)
    return CodeOffered(now=now, trace_no=trace_no, amount_fen=amount_fen, text=said.shown, left_s=said.left_s)


def chip_answer(answer: Message) -> bytes:
    """Field 55 of an answer; empty when there is none."""
    content = answer.fields.get(55)
    return content if isinstance(content, bytes) else b""


def scripts_said(
    answer: Message, scripts: Sequence[IssuerScript], ran: Sequence[ScriptResult] | None = None
) -> ScriptsSaid:
    """What the flow keeps of the scripts of an answer. `ran`: what became of those that run before the final cryptogram; None: nothing
    was run yet, as beside a refusal, and all of it runs once that is kept."""
    before = [script for script in scripts if not script.is_after]
    after = [script for script in scripts if script.is_after]
    to_run = after if ran is not None else [*before, *after]
    results = (*(ran or ()), *not_done(to_run))
    return ScriptsSaid(
        rrn=Rrn(text_of(answer, 37)),
        acquirer_code=text_of(answer, 32),
        date=text_of(answer, 13),
        to_run=write_scripts(to_run).hex().upper(),
        results=write_results(results).hex().upper(),
        before=len(before),
    )


def reversal_outcome(answer: Message, request: str, now: UnixMs) -> Event:
    """0410: 00, 12 and 25 all mean that the payment is undone."""
    code = text_of(answer, 39)
    if means_for_reversal(code) == "stands":
        return ReversalAccepted(now=now, response_code=code)
    return refused(answer, request, now)


def status_order(answer: Message, request: str, now: UnixMs) -> Event | None:
    """0830/362: nothing when all is well, the host's orders, or what it refuses."""
    if text_of(answer, 39) != "00":
        return refused(answer, request, now)
    given = read_orders(said_in(answer))
    if not given.orders and not given.rules and given.undoing is None and given.sheet is None and not given.taken:
        return None
    return Ordered(
        now=now,
        orders=given.orders,
        notice=given.moved_to,
        rules=given.rules,
        undoing=given.undoing,
        sheet=given.sheet,
        taken=given.taken,
    )


def _wait_s(told_s: int) -> int:
    """Seconds until the next try, one more than the host says: the terminal counts seconds of its own, which begin anywhere in one."""
    return min(told_s, WAIT_S_MAX) + 1 if told_s else 0
