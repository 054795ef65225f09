"""Tags of field 62 in operator messages (0820/0830 with 60.3 = 401–409 and 362): one table, generated into docs/reference.

The messages are this distribution's own (docs/concepts/sign-in.md); tags are private-class BER, DF01 upward. Text is GB18030.
"""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType

from ..basics.visible import is_harmless
from ..iso8583.errors import TlvError
from ..iso8583.tlv import decode_tlv, encode_tlv
from .errors import MessageError
from .values.numbers import NUMBER_DIGITS_MAX, read_number

TEXT_ENCODING = "gb18030"
FIELD = 62
ANSWER_BYTES_MAX = 512 - 17
"""Bytes of an answer's tags: field 62 without the host's clock, which is always the first tag."""


class Tag(IntEnum):
    """A tag; the comment gives its form and what it says."""

    RECORD_NO = 0xDF01  # digits: number of the sign-in record (签到记录号)
    OPERATOR_NAME = 0xDF02  # text: the operator's name
    USER_NAME = 0xDF30  # text: the user name, in a request whose 63.1 is blank; beside OFFLINE, the operator's own
    OPERATOR_NO = 0xDF31  # two digits: whose user name it is, in an answer that only a right password gets
    BADGE = 0xDF32  # number:hexadecimal: the badge that was shown and its block, in a 401 whose 63.1 is blank
    PHONE = 0xDF33  # name of the code that a phone answered, in a 401 whose 63.1 is blank; in 409 and its answer, the code's name
    PHONE_PAGE = 0xDF34  # text: the address of a code's page, in the answer to 409
    ROLE = 0xDF03  # cashier, supervisor or administrator
    MERCHANT_NAME = 0xDF04  # text: the shop's name
    PLACE = 0xDF05  # text: where the terminal stands
    NEEDS = 0xDF06  # comma list of what policy asks next: code, new_password
    EARLIER_TERMINAL = 0xDF07  # text: terminal of the operator's earlier session
    EARLIER_SINCE = 0xDF08  # YYYYMMDDhhmmss: when that session began
    SIGN_IN_CODE = 0xDF09  # digits: sign-in code (签到代码)
    VERDICT = 0xDF0A  # ok or wrong: the answer to the confirmation; lock or unlock; of a phone's code open, ask or leave, then waiting or known
    WRONG_ITEM = 0xDF0B  # operator, shop, terminal, time or batch: what is wrong
    SESSION_NO = 0xDF0C  # digits: number of the session
    SELF_CHECK = 0xDF0E  # comma list item:state or item:state:reason; state ok, warn or fail, any other counts as fail
    VERSIONS = 0xDF0F  # application/version
    METHOD = 0xDF10  # password, code, badge or phone; any other word counts as password
    TERMINAL_CLOCK = 0xDF11  # YYYYMMDDhhmmss: the terminal's own clock
    REASON = 0xDF12  # a reason word
    FIGURES = 0xDF13  # two numbers with a comma: count and fen of the session's sales
    TRIES_LEFT = 0xDF14  # digits: tries left before each next one has to be waited for
    LOCKED_UNTIL = 0xDF15  # YYYYMMDDhhmmss: when the lock ends
    HOST_CLOCK = 0xDF16  # YYYYMMDDhhmmss: the host's time with its year
    HEALTH = 0xDF17  # comma list item:state, as SELF_CHECK
    ORDERS = 0xDF18  # comma list of what the host asks of the terminal: sign_in, …
    ELAPSED_MS = 0xDF19  # digits: milliseconds from first key to this request
    NEW_BLOCK = 0xDF1A  # hexadecimal: the new password's block under the PIN key
    EYES = 0xDF1B  # comma list item:ok or item:wrong of what the operator looked at: the items of rule eyes_items
    RULES = 0xDF1C  # comma list rule=value: what the terminal must know of the policy
    DEGRADED = 0xDF1D  # comma list of what the self-check takes away: slip, card, code, all
    NOTICE = 0xDF1E  # text or digits for the operator: days until the password must change
    WAIT_S = 0xDF1F  # digits: seconds until the next try is taken
    TAKE_OVER = 0xDF20  # supervisor or stale in an answer; approval number or stale:reason in a request
    ACTION = 0xDF21  # what a supervisor approves (take_over, refund, void, settings, …) or does (unlock_operator, …)
    AMOUNT = 0xDF22  # digits: fen of the approved action
    APPROVAL_NO = 0xDF23  # digits: number of the approval, one use
    OFFLINE = 0xDF24  # offline envelope: hours,uses,fen,record in an answer; record,use,ms of that use in a request
    NOTES = 0xDF25  # text: what the operator says of the shift: fixed words of our screens, or own words after =
    STEPS = 0xDF26  # comma list step:milliseconds: how long each step of this sign-in took so far
    EPOCH = 0xDF27  # eight hexadecimal digits: the terminal's sign-on that a payment or reversal belongs to
    ORIGINAL = 0xDF28  # twelve digits: batch and trace of the payment that an approved action is about
    UNDOING = 0xDF29  # batch,trace in a request; batch,trace,due or done in its answer: a payment that the bank left unanswered
    ABOUT_NO = 0xDF2A  # two digits: the operator whom an act of management is about
    ORDER = 0xDF35  # number,kind,until,more,text: an order to the terminal, in the answer to its heartbeat
    ORDER_ANSWERS = 0xDF36  # comma list number:state:word: what became of orders; state done, refused or expired
    ORDERS_TAKEN = 0xDF37  # comma list of numbers: orders whose answers the host has
    ORDER_HELD = 0xDF38  # digits: the last order that waits at the terminal; the next one after it is told


Tags = dict[Tag, str]
"""Field 62 of an operator message, unpacked: at most one text a tag."""

NAME_CHARACTERS_MAX = 256
"""Characters of a name that are looked at: more than an answer could hold."""
NAMES = (Tag.MERCHANT_NAME, Tag.PLACE, Tag.EARLIER_TERMINAL, Tag.OPERATOR_NAME)
"""What people wrote: it may be longer than an answer, and can be cut without another meaning."""


def pack_tags(items: Tags) -> bytes:
    """Write tags into field 62, in the order given; empty values are left out."""
    # What is ASCII is the same in GB18030, and much faster written and read.
    return encode_tlv(
        [
            (tag, text.encode("ascii") if text.isascii() else text.encode(TEXT_ENCODING))
            for tag, text in items.items()
            if text
        ]
    )


def pack_answer(items: Tags) -> bytes:
    """The tags of an answer, within what field 62 holds: names are cut, the longest first, because an answer must go out."""
    if any(len(items.get(tag, "")) > NAME_CHARACTERS_MAX for tag in NAMES):
        items = {tag: text[:NAME_CHARACTERS_MAX] if tag in NAMES else text for tag, text in items.items()}
    packed = pack_tags(items)
    return packed if len(packed) <= ANSWER_BYTES_MAX else pack_tags(_with_names_cut(items, len(packed)))


def _with_names_cut(items: Tags, size: int) -> Tags:
    cut = dict(items)
    while size > ANSWER_BYTES_MAX:
        longest = max(NAMES, key=lambda tag: len(cut.get(tag, "").encode(TEXT_ENCODING)))
        name = cut.get(longest, "").encode(TEXT_ENCODING)
        if not name:
            break
        cut[longest] = name[: max(len(name) - (size - ANSWER_BYTES_MAX), 0)].decode(TEXT_ENCODING, "ignore")
        size = len(pack_tags(cut))
    return cut


def check_tags(tags: Tags) -> None:
    """MessageError when a tag holds characters that steer what shows them: one store would take them, the other not."""
    if is_harmless("".join(tags.values())):
        return
    for tag, text in tags.items():
        if not is_harmless(text):
            raise MessageError(FIELD, f"text without control characters in tag {int(tag):04X}", "others")


def unpack_tags(field_62: bytes) -> Tags:
    """Read field 62. Unknown tags are passed over, so that a newer partner can say more. MessageError when it is no TLV."""
    try:
        return {
            known: value.decode("ascii" if value.isascii() else TEXT_ENCODING)
            for tag, value in decode_tlv(field_62)
            if (known := _KNOWN.get(tag)) is not None
        }
    except (TlvError, UnicodeDecodeError) as error:
        raise MessageError(FIELD, "operator tags as TLV", f"{type(error).__name__}") from None


_KNOWN: Mapping[int, Tag] = MappingProxyType({int(tag): tag for tag in Tag})


def whole_number(tags: Tags, tag: Tag) -> int:
    """A tag that holds digits; MessageError when it is absent or holds something else."""
    text = tags.get(tag, "")
    number = read_number(text)
    if number is None:
        expected = f"1 to {NUMBER_DIGITS_MAX} digits in tag {int(tag):04X}"
        raise MessageError(FIELD, expected, "nothing" if not text else "something else")
    return number
