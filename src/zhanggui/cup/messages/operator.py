"""Operator messages (401 to 409, 362) as a whole: who asks from where, and how an answer is built. Ours; docs/concepts/sign-in.md.

What stands in their field 62 is in `operator_asks.py` (requests) and `operator_outcomes.py` (answers).

All are 0820/0830 with a MAC both ways, refusals too, because an unsigned refusal could be forged.
"""

import msgspec

from ...basics.numbers import BatchNo, MerchantNo, OperatorNo, TerminalNo, TraceNo
from ...iso8583.message import Message
from ..errors import MessageError
from ..field60 import management, parse_field_60
from ..operator_tags import Tag, Tags, check_tags, pack_answer, pack_tags, unpack_tags
from ..transactions import OPERATOR_MTI, Transaction, bytes_of, text_of
from ..values.badge import ShownBadge, read_badge, write_badge
from ..values.phone import read_name
from .head import HostTime
from .payment import OPERATOR_PAD, SECURITY_PIN_WITH_PAN, read_operator_no

VERIFY = "401"
SIGN_OUT = "402"
CONFIRM = "403"
STATUS = "362"
SECURITY_CONTROL = SECURITY_PIN_WITH_PAN
"""Field 53 beside a password block: X9.8 with an account part, double-length key."""


class OperatorRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Any operator message: who asks from where, and the tags. `password_block` only on 401."""

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    batch_no: BatchNo
    trace_no: TraceNo
    network_code: str
    operator_no: OperatorNo | None
    tags: Tags
    password_block: bytes | None = None
    user_name: str = ""
    """As it was typed, where no number was; 63.1 is blank then."""
    badge: ShownBadge | None = None
    """The badge that was shown, where neither was typed; 63.1 is blank then."""
    phone: str = ""
    """Name of the code that a phone answered, where nothing was typed or shown here; 63.1 is blank then."""

    def message(self) -> Message:
        """Build the 0820 without its MAC."""
        said = self._who()
        fields: dict[int, str | bytes] = {
            11: self.trace_no,
            41: self.terminal_no,
            42: self.merchant_no,
            60: management(self.batch_no, self.network_code),
            62: pack_tags({**self.tags, **said} if said else self.tags),
        }
        if self.operator_no is not None:
            fields[63] = self.operator_no.ljust(OPERATOR_PAD)
        elif said:
            fields[63] = "".ljust(OPERATOR_PAD)
        if self.password_block is not None:
            fields[52] = self.password_block
            fields[53] = SECURITY_CONTROL
        return Message(OPERATOR_MTI, fields)

    def _who(self) -> Tags:
        """The tag that says who asks, where 63.1 does not."""
        if self.badge is not None:
            return {Tag.BADGE: write_badge(self.badge)}
        if self.phone:
            return {Tag.PHONE: self.phone}
        return {Tag.USER_NAME: self.user_name} if self.user_name else {}


def read_operator_request(message: Message) -> OperatorRequest:
    """Read an operator 0820 whose presence was checked. MessageError names the field that is wrong."""
    field_60 = parse_field_60(text_of(message, 60))
    block = message.fields.get(52)
    tags = unpack_tags(bytes_of(message, 62))
    check_tags(tags)
    operator_no = read_operator_no(message.fields.get(63))
    badge = read_badge(tags.pop(Tag.BADGE, "")) if operator_no is None else None
    user_name = tags.pop(Tag.USER_NAME, "") if operator_no is None and badge is None else ""
    is_verify = field_60.network_code == VERIFY
    by_phone = is_verify and operator_no is None and badge is None and not user_name and block is None
    phone = read_name(tags.pop(Tag.PHONE, "")) if by_phone else ""
    if is_verify and block is None and badge is None and not phone:
        raise MessageError(52, "a password block, a badge in tag DF32, or a phone's code in tag DF33", "none of them")
    return OperatorRequest(
        merchant_no=MerchantNo(text_of(message, 42)),
        terminal_no=TerminalNo(text_of(message, 41)),
        batch_no=BatchNo(field_60.batch_no),
        trace_no=TraceNo(text_of(message, 11)),
        network_code=field_60.network_code,
        operator_no=operator_no,
        tags=tags,
        password_block=block if type(block) is bytes else None,
        user_name=user_name,
        badge=badge,
        phone=phone,
    )


def operator_answer(
    transaction: Transaction,
    request: Message,
    time: HostTime,
    rrn: str,
    response_code: str,
    acquirer_code: str,
    tags: Tags | bytes,
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
    fields[62] = pack_tags({Tag.HOST_CLOCK: time.full}) + (tags if isinstance(tags, bytes) else pack_answer(tags))
    return Message(transaction.answer_mti, fields)
