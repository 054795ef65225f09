"""Answers that were checked, as events of the flow. RemoteProtocolError when an answer lacks what its event needs."""

from datetime import datetime
from typing import Literal

from ...basics.clock import CHINA, china_time, format_time, instant_of
from ...basics.numbers import BatchNo, MerchantNo, OperatorNo, RecordNo, Rrn, SessionNo, TraceNo, UnixMs, is_digits
from ...cup.errors import MessageError
from ...cup.field60 import parse_field_60
from ...cup.messages.operator import read_clock, read_figures, read_opened, read_verified
from ...cup.messages.payment import read_institutions
from ...cup.operator_tags import Tag, number_or_none, unpack_tags, whole_number
from ...cup.response_codes import REVERSAL_DONE
from ...cup.transactions import bytes_of, text_of
from ...iso8583.message import Message
from ..devices.ports import CardInHand
from ..flow.core import effects as fx
from ..flow.core.events import (
    Approved,
    ApprovedSale,
    Elsewhere,
    Event,
    LockAnswered,
    OfflineAccepted,
    OfflineTerms,
    OperatorVerified,
    Ordered,
    Refused,
    ReversalAccepted,
    SaleApproved,
    SignedOn,
    SignedOut,
    SignInConfirmed,
)
from ..flow.core.policy import NO_PIN_LIMIT_FEN
from .card_data import PreparedSale

REMARK_FROM = 3
"""63.1 has three characters; 63.2 follows."""
OPERATOR_MTI = "0830"
ELSEWHERE = "P6"
CODE = "code"
TAKE_OVER_WAYS: dict[str, Literal["", "supervisor", "stale"]] = {"supervisor": "supervisor", "stale": "stale"}
WAIT_S_MAX = 24 * 3600
"""A day: whoever has to wait longer is locked, and is told so in other words."""
OFFLINE_NUMBERS = 4
OFFLINE_HOURS_MAX, OFFLINE_USES_MAX = 7 * 24, 99
"""What a terminal accepts at most, whatever it is told."""


def host_time(answer: Message, near: UnixMs) -> UnixMs:
    """Fields 13 and 12 as an instant: they carry no year, so it is the one that lies nearest to the terminal's clock."""
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
    if answer.mti != OPERATOR_MTI:
        remark = answer.fields.get(63)
        return Refused(
            now=now,
            request=request,
            response_code=code,
            host_text=remark[REMARK_FROM:].strip() if isinstance(remark, str) and answer.mti == "0210" else "",
        )
    tags = unpack_tags(bytes_of(answer, 62))
    return Refused(
        now=now,
        request=request,
        response_code=code,
        host_text=tags.get(Tag.EARLIER_TERMINAL, ""),
        tries_left=number_or_none(tags.get(Tag.TRIES_LEFT, "")),
        locked_until=read_clock(tags.get(Tag.LOCKED_UNTIL, "")),
        wait_s=_wait_s(tags),
        reason=tags.get(Tag.REASON, ""),
        notice=tags.get(Tag.NOTICE, ""),
        role=tags.get(Tag.ROLE, ""),
        elsewhere=elsewhere(tags) if code == ELSEWHERE else None,
    )


def elsewhere(tags: dict[Tag, str]) -> Elsewhere | None:
    """Beside P6: where the operator is signed in; None when the host does not say which record could go on here."""
    record_no = number_or_none(tags.get(Tag.RECORD_NO, ""))
    if record_no is None:
        return None
    way = tags.get(Tag.TAKE_OVER, "")
    return Elsewhere(
        record_no=RecordNo(record_no),
        terminal=tags.get(Tag.EARLIER_TERMINAL, ""),
        since=read_clock(tags.get(Tag.EARLIER_SINCE, "")),
        way=TAKE_OVER_WAYS.get(way, ""),
        operator_name=tags.get(Tag.OPERATOR_NAME, ""),
        merchant_name=tags.get(Tag.MERCHANT_NAME, ""),
        place=tags.get(Tag.PLACE, ""),
        needs_code=CODE in words_of(tags, Tag.NEEDS),
        rules=tags.get(Tag.RULES, ""),
        degraded=words_of(tags, Tag.DEGRADED),
    )


def words_of(tags: dict[Tag, str], tag: Tag) -> tuple[str, ...]:
    """A tag that is a list of words with commas."""
    return tuple(word for word in tags.get(tag, "").split(",") if word)


def signed_on(answer: Message, now: UnixMs) -> SignedOn:
    """0810 with 39 = 00."""
    batch_no = parse_field_60(text_of(answer, 60)).batch_no
    if not is_digits(batch_no, 6) or batch_no == "000000":
        raise MessageError(60, "a batch number from 000001 to 999999", "another number")
    host_now = host_time(answer, now)
    return SignedOn(now=now, batch_no=BatchNo(batch_no), host_now=host_now, drift_s=drift_s(now, host_now))


def key_material(answer: Message) -> bytes:
    """Field 62 of a sign-on answer."""
    return bytes_of(answer, 62)


def operator_verified(answer: Message, operator_no: OperatorNo, now: UnixMs) -> OperatorVerified:
    """0830/401 with 39 = 00."""
    tags = unpack_tags(bytes_of(answer, 62))
    found = read_verified(tags)
    return OperatorVerified(
        now=now,
        record_no=found.record_no,
        operator_no=operator_no,
        operator_name=found.operator_name,
        role=found.role,
        merchant_name=found.merchant_name,
        place=found.place,
        host_now=found.host_clock,
        drift_s=drift_s(now, found.host_clock),
        needs_new_password=found.needs_new_password,
        earlier_terminal=found.earlier_terminal,
        earlier_since=found.earlier_since,
        needs_code=CODE in words_of(tags, Tag.NEEDS),
        rules=tags.get(Tag.RULES, ""),
        degraded=words_of(tags, Tag.DEGRADED),
        days_left=number_or_none(tags.get(Tag.NOTICE, "")),
    )


def sign_in_confirmed(answer: Message, effect: fx.SendConfirm, now: UnixMs) -> SignInConfirmed:
    """0830/403 with 39 = 00. A `wrong` verdict opens no session: its number is 0."""
    tags = unpack_tags(bytes_of(answer, 62))
    if effect.verdict == "wrong":
        clock = read_clock(tags.get(Tag.HOST_CLOCK, ""))
        return SignInConfirmed(now=now, session_no=SessionNo(0), record_no=effect.record_no, host_now=clock or now)
    opened = read_opened(tags)
    return SignInConfirmed(
        now=now,
        session_no=opened.session_no,
        record_no=RecordNo(opened.record_no),
        host_now=opened.host_clock,
        announcements=opened.announcements,
        operator_name=tags.get(Tag.OPERATOR_NAME, ""),
        offline=offline_terms(tags.get(Tag.OFFLINE, "")),
    )


def offline_terms(text: str) -> OfflineTerms | None:
    """Tag OFFLINE of a good sign-in: hours, uses, limit in fen, number of the record. None when it allows nothing."""
    numbers = [number_or_none(part) for part in text.split(",")]
    if len(numbers) != OFFLINE_NUMBERS:
        return None
    hours, uses, limit_fen, record_no = numbers
    if not hours or not uses or limit_fen is None or record_no is None:
        return None
    hours, uses = min(hours, OFFLINE_HOURS_MAX), min(uses, OFFLINE_USES_MAX)
    return OfflineTerms(hours=hours, uses=uses, sale_limit_fen=limit_fen, record_no=RecordNo(record_no))


def lock_answered(answer: Message, effect: fx.SendLock, now: UnixMs) -> LockAnswered:
    """0830/404 with 39 = 00. An order to sign in means that a supervisor released the terminal."""
    orders = words_of(unpack_tags(bytes_of(answer, 62)), Tag.ORDERS)
    return LockAnswered(now=now, verdict=effect.verdict, released="sign_in" in orders)


def approved(answer: Message, now: UnixMs) -> Approved:
    """0830/406 with 39 = 00."""
    tags = unpack_tags(bytes_of(answer, 62))
    number = whole_number(tags, Tag.APPROVAL_NO)
    return Approved(now=now, approval_no=number, supervisor=tags.get(Tag.OPERATOR_NAME, ""))


def offline_accepted(answer: Message, operator_no: OperatorNo, now: UnixMs) -> OfflineAccepted:
    """0830/407 with 39 = 00."""
    opened = read_opened(unpack_tags(bytes_of(answer, 62)))
    return OfflineAccepted(
        now=now,
        operator_no=operator_no,
        session_no=opened.session_no,
        record_no=opened.record_no,
        host_now=opened.host_clock,
    )


def signed_out(answer: Message, now: UnixMs) -> SignedOut:
    """0830/402 with 39 = 00."""
    count, amount_fen = read_figures(unpack_tags(bytes_of(answer, 62)))
    return SignedOut(now=now, sales_count=count, sales_fen=amount_fen)


def sale_approved(
    answer: Message,
    effect: fx.SendSale,
    card: CardInHand,
    prepared: PreparedSale,
    merchant_no: MerchantNo,
    now: UnixMs,
) -> SaleApproved:
    """0210 with 39 = 00 and a right MAC."""
    institutions = answer.fields.get(44)
    issuer, acquirer = read_institutions(institutions) if isinstance(institutions, str) else ("", "")
    auth_code = answer.fields.get(38)
    organisation = answer.fields.get(63)
    small_tap = card.way == "tap" and effect.amount_fen <= NO_PIN_LIMIT_FEN and not effect.with_pin
    return SaleApproved(
        now=now,
        sale=ApprovedSale(
            trace_no=TraceNo(effect.trace_no),
            batch_no=effect.batch_no,
            amount_fen=effect.amount_fen,
            masked_pan=card.pan.mask(),
            way=card.way,
            expiry_yymm=card.expiry_yymm,
            rrn=Rrn(text_of(answer, 37)),
            auth_code=auth_code.strip() if isinstance(auth_code, str) else "",
            host_time=format_time(host_time(answer, now)),
            issuer=issuer,
            acquirer=acquirer,
            operator_no=effect.operator_no,
            merchant_no=merchant_no,
            card_org=organisation[:REMARK_FROM].strip() if isinstance(organisation, str) else "",
            with_pin=effect.with_pin,
            needs_signature=not small_tap,
            chip_lines=prepared.slip_lines,
        ),
    )


def chip_answer(answer: Message) -> bytes:
    """Field 55 of an answer; empty when there is none."""
    content = answer.fields.get(55)
    return content if isinstance(content, bytes) else b""


def reversal_outcome(answer: Message, request: str, now: UnixMs) -> Event:
    """0410: 00, 12 and 25 all mean that the payment is undone."""
    code = text_of(answer, 39)
    if code in REVERSAL_DONE:
        return ReversalAccepted(now=now, response_code=code)
    return refused(answer, request, now)


def status_order(answer: Message, request: str, now: UnixMs) -> Event | None:
    """0830/362: nothing when all is well, the host's orders, or what it refuses."""
    if text_of(answer, 39) != "00":
        return refused(answer, request, now)
    tags = unpack_tags(bytes_of(answer, 62))
    orders = words_of(tags, Tag.ORDERS)
    return Ordered(now=now, orders=orders, notice=tags.get(Tag.NOTICE, "")) if orders else None


def _wait_s(tags: dict[Tag, str]) -> int:
    """Seconds until the next try, one more than the host says: the terminal counts seconds of its own, which begin anywhere in one."""
    wait_s = min(number_or_none(tags.get(Tag.WAIT_S, "")) or 0, WAIT_S_MAX)
    return wait_s + 1 if wait_s else 0
