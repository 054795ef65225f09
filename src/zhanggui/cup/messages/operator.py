"""Operator messages: verify (401), sign-out (402), confirm (403) and status (362). Ours; docs/concepts/sign-in.md.

All are 0820/0830 with a MAC both ways, refusals too, because an unsigned refusal could be forged.
"""

from datetime import datetime

import msgspec

from ...basics.clock import CHINA, EPOCH, china_time, instant_of
from ...basics.numbers import (
    BatchNo,
    MerchantNo,
    OperatorNo,
    RecordNo,
    SessionNo,
    TerminalNo,
    TraceNo,
    UnixMs,
    is_digits,
)
from ...basics.roles import Role
from ...iso8583.message import Message
from ..errors import MessageError
from ..field60 import management, parse_field_60
from ..operator_tags import Tag, number_or_none, pack_tags, unpack_tags, whole_number
from ..transactions import Transaction, bytes_of, text_of
from .head import HostTime
from .payment import OPERATOR_PAD, read_operator_no

VERIFY = "401"
SIGN_OUT = "402"
CONFIRM = "403"
STATUS = "362"
SECURITY_CONTROL = "2600000000000000"
"""Field 53 beside a password block: X9.8 with an account part, double-length key."""

CLOCK_FORMAT = "%Y%m%d%H%M%S"
CLOCK_DIGITS = 14


def write_clock(instant: UnixMs) -> str:
    """An instant as YYYYMMDDhhmmss in China time."""
    return china_time(instant).strftime(CLOCK_FORMAT)


def read_clock(text: str) -> UnixMs | None:
    """Read YYYYMMDDhhmmss in China time; None when it is empty, no time, or before instants are counted."""
    if not is_digits(text, CLOCK_DIGITS):
        return None
    # Cut by hand: strptime takes ten times as long, and each sign-in says its time.
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:8])
    try:
        moment = datetime(year, month, day, int(text[8:10]), int(text[10:12]), int(text[12:]), tzinfo=CHINA)
    except ValueError:
        return None
    return instant_of(moment) if moment.year >= EPOCH.year else None


class OperatorRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Any operator message: who asks from where, and the tags. `password_block` only on 401."""

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    batch_no: BatchNo
    trace_no: TraceNo
    network_code: str
    operator_no: OperatorNo | None
    tags: dict[Tag, str]
    password_block: bytes | None = None

    def message(self) -> Message:
        """Build the 0820 without its MAC."""
        fields: dict[int, str | bytes] = {
            11: self.trace_no,
            41: self.terminal_no,
            42: self.merchant_no,
            60: management(self.batch_no, self.network_code),
            62: pack_tags(self.tags),
        }
        if self.operator_no is not None:
            fields[63] = self.operator_no.ljust(OPERATOR_PAD)
        if self.password_block is not None:
            fields[52] = self.password_block
            fields[53] = SECURITY_CONTROL
        return Message("0820", fields)


def read_operator_request(message: Message) -> OperatorRequest:
    """Read an operator 0820 whose presence was checked. MessageError names the field that is wrong."""
    field_60 = parse_field_60(text_of(message, 60))
    block = message.fields.get(52)
    return OperatorRequest(
        merchant_no=MerchantNo(text_of(message, 42)),
        terminal_no=TerminalNo(text_of(message, 41)),
        batch_no=BatchNo(field_60.batch_no),
        trace_no=TraceNo(text_of(message, 11)),
        network_code=field_60.network_code,
        operator_no=read_operator_no(message.fields.get(63)),
        tags=unpack_tags(bytes_of(message, 62)),
        password_block=block if type(block) is bytes else None,
    )


def operator_answer(
    transaction: Transaction,
    request: Message,
    time: HostTime,
    rrn: str,
    response_code: str,
    acquirer_code: str,
    tags: dict[Tag, str] | bytes,
) -> Message:
    """Build the 0830 for an operator 0820, without its MAC. The host's clock with its year is always the first tag.

    `tags` may be packed already, as they stand in a stored answer.
    """
    asked = request.fields
    fields: dict[int, str | bytes] = {number: asked[number] for number in (11, 41, 42, 60, 63) if number in asked}
    fields[12] = time.field_12
    fields[13] = time.field_13
    fields[32] = acquirer_code
    fields[37] = rrn
    fields[39] = response_code
    fields[62] = pack_tags({Tag.HOST_CLOCK: time.full}) + (tags if isinstance(tags, bytes) else pack_tags(tags))
    return Message(transaction.answer_mti, fields)


class VerifiedOperator(msgspec.Struct, frozen=True, kw_only=True):
    """What 0830/401 says when number and password are right."""

    record_no: RecordNo
    operator_name: str
    role: Role
    merchant_name: str
    place: str
    host_clock: UnixMs
    needs_new_password: bool = False
    earlier_terminal: str = ""
    earlier_since: UnixMs | None = None

    def tags(self) -> dict[Tag, str]:
        """The tags of the answer, the host's clock aside."""
        return {
            Tag.RECORD_NO: str(self.record_no),
            Tag.OPERATOR_NAME: self.operator_name,
            Tag.ROLE: self.role,
            Tag.MERCHANT_NAME: self.merchant_name,
            Tag.PLACE: self.place,
            Tag.NEEDS: "new_password" if self.needs_new_password else "",
            Tag.EARLIER_TERMINAL: self.earlier_terminal,
            Tag.EARLIER_SINCE: write_clock(self.earlier_since) if self.earlier_since is not None else "",
        }


def read_verified(tags: dict[Tag, str]) -> VerifiedOperator:
    """Read the tags of 0830/401 with 39 = 00. MessageError when one that must be there is missing."""
    role = tags.get(Tag.ROLE, "")
    if role not in ("cashier", "supervisor", "administrator"):
        raise MessageError(62, "a known role in tag DF03", "another word")
    return VerifiedOperator(
        record_no=RecordNo(whole_number(tags, Tag.RECORD_NO)),
        operator_name=tags.get(Tag.OPERATOR_NAME, ""),
        role=role,  # type: ignore[arg-type]  # narrowed by the check above
        merchant_name=tags.get(Tag.MERCHANT_NAME, ""),
        place=tags.get(Tag.PLACE, ""),
        host_clock=_clock(tags),
        needs_new_password="new_password" in tags.get(Tag.NEEDS, "").split(","),
        earlier_terminal=tags.get(Tag.EARLIER_TERMINAL, ""),
        earlier_since=read_clock(tags.get(Tag.EARLIER_SINCE, "")),
    )


class OpenedSession(msgspec.Struct, frozen=True, kw_only=True):
    """What 0830/403 says when the session is open."""

    session_no: SessionNo
    record_no: RecordNo
    host_clock: UnixMs
    announcements: int = 0

    def tags(self) -> dict[Tag, str]:
        """The tags of the answer, the host's clock aside."""
        return {
            Tag.SESSION_NO: str(self.session_no),
            Tag.RECORD_NO: str(self.record_no),
            Tag.COUNTS: f"{self.announcements},0,0",
        }


def read_opened(tags: dict[Tag, str]) -> OpenedSession:
    """Read the tags of 0830/403 with 39 = 00. MessageError when one that must be there is missing."""
    counts = tags.get(Tag.COUNTS, "0").split(",")
    return OpenedSession(
        session_no=SessionNo(whole_number(tags, Tag.SESSION_NO)),
        record_no=RecordNo(whole_number(tags, Tag.RECORD_NO)),
        host_clock=_clock(tags),
        announcements=number_or_none(counts[0]) or 0,
    )


def read_figures(tags: dict[Tag, str]) -> tuple[int, int]:
    """Count and fen of the session's sales, from 0830/402."""
    first, _, second = tags.get(Tag.FIGURES, "").partition(",")
    count, amount_fen = number_or_none(first), number_or_none(second)
    if count is None or amount_fen is None:
        raise MessageError(62, "count and amount in tag DF13", "something else")
    return count, amount_fen


def _clock(tags: dict[Tag, str]) -> UnixMs:
    clock = read_clock(tags.get(Tag.HOST_CLOCK, ""))
    if clock is None:
        raise MessageError(62, "the host's clock in tag DF16", "no time")
    return clock
