"""Explain a message part by part, for people: names, values, meanings; secrets masked. Behind `zhanggui decode`."""

import re
import unicodedata
from collections.abc import Callable

import msgspec

from ..basics.money import format_yuan
from ..basics.secret import mask_pan
from ..basics.words import Lang
from ..iso8583.errors import DecodeError, TlvError
from ..iso8583.layout import Placed, lay_out
from ..iso8583.message import Message
from ..iso8583.tlv import CONSTRUCTED, decode_tlv
from .code_words import reason_of
from .dialect import Dialect
from .envelope import unwrap
from .errors import MessageError
from .operator_tags import TEXT_ENCODING, Tag
from .qr.field59 import CODE, IDENTITY, PAY_VOUCHER, PIN, read_identity, read_items
from .qr.pay_code import brand_of
from .transactions import (
    DETAILS_MTIS,
    OPERATOR_ANSWER_MTI,
    OPERATOR_MTI,
    SETTLEMENT_MTIS,
    SIGN_ON_ANSWER_MTI,
    Transaction,
    identify,
)
from .values.entry_mode import ENTRY_MODES
from .values.fallback import TOLD

MASK = "••••"
_HIDDEN = frozenset({14, 52})
_TRACKS = frozenset({35, 36})
PAN_DIGITS_MAX = 19
CARDS_BEGIN_WITH = "34569"
"""ISO/IEC 7812-1: travel, banks, and what a country gives itself; numbers of ours begin with a year, or with 0 or 1."""
_SECRET_CHIP_TAGS = frozenset({0x56, 0x57, 0x5A, 0x5F20, 0x5F24, 0x99, 0x9F0B, 0x9F1F, 0x9F20, 0x9F6B})
"""Tracks, card number, cardholder name, expiry, PIN, discretionary data."""
_OF_KNOWN_SHAPE = frozenset({3, 4, 11, 12, 13, 15, 22, 25, 26, 32, 37, 38, 39, 41, 42, 49, 53, 60, 61})
"""Text whose numbers are known to be none of a customer's."""
_TOTALS = 48
_DIGITS_IN_A_ROW = re.compile(r"\d(?:[ -]?\d){11,}", re.ASCII)
"""As long as the shortest card number; also as people write one, in groups."""
KEY_BYTES = {24: (8, 8), 40: (16, 16), 60: (16, 16, 16)}
CHECK_VALUE_BYTES = 4
_KEY_NAMES = ("PIK", "MAK", "TDK")


class ExplainedPart(msgspec.Struct, frozen=True):
    """One part of a message. `number` is the field number, None for TPDU, header, MTI and bitmap."""

    number: int | None
    name: str
    offset: int
    length: int
    value: str
    meaning: str


class Explained(msgspec.Struct, frozen=True):
    """A whole message: what it is, its parts, and the fault that stopped the reading (empty when none)."""

    title: str
    dialect: str
    parts: tuple[ExplainedPart, ...]
    fault: str


def explain(payload: bytes, dialect: Dialect, lang: Lang) -> Explained:
    """Explain a frame's payload (without its two length bytes). RemoteProtocolError when it has no room for a message."""
    envelope = unwrap(dialect, payload)
    layout = lay_out(dialect.spec, envelope.body)
    around: list[ExplainedPart] = []
    if envelope.tpdu:
        around.append(ExplainedPart(None, "TPDU", 0, len(envelope.tpdu), envelope.tpdu.hex().upper(), ""))
    if envelope.header:
        meaning = _header_meaning(envelope.header, lang)
        name = "报文头" if lang == "zh" else "header"
        around.append(
            ExplainedPart(None, name, len(envelope.tpdu), len(envelope.header), envelope.header.hex().upper(), meaning)
        )
    base = len(envelope.tpdu) + len(envelope.header)
    mti = next((str(part.value) for part in layout.placed if part.part == "mti"), "")
    message = Message(mti, {part.number: part.value for part in layout.placed if part.number is not None})
    transaction = _transaction(message)
    kind = transaction.name if transaction is not None else ""
    parts = [_explain_part(part, base, mti, kind, lang) for part in layout.placed]
    return Explained(
        _title(message, transaction, lang), dialect.name, tuple(around + parts), _fault(layout.error, base)
    )


def _explain_part(part: Placed, base: int, mti: str, kind: str, lang: Lang) -> ExplainedPart:
    offset, length = base + part.offset, part.length
    if part.number is None or part.field is None:
        value = part.value.hex().upper() if isinstance(part.value, bytes) else part.value
        name = {"mti": ("消息类型", "message type"), "bitmap": ("位图", "bitmap")}[part.part][lang == "en"]
        return ExplainedPart(None, name, offset, length, value, "")
    zh, _, en = part.field.name.partition(" ")
    value, meaning = _show(part.number, part.value, mti, kind, lang)
    return ExplainedPart(part.number, zh if lang == "zh" else en, offset, length, value, meaning)


def _show(number: int, value: str | bytes, mti: str, kind: str, lang: Lang) -> tuple[str, str]:
    """What may be shown of a field, and what it means."""
    if number in _HIDDEN:
        return MASK, ""
    if isinstance(value, bytes):
        return _show_bytes(number, value, mti, lang)
    if number == 2:
        return mask_pan(value), ""
    if number in _TRACKS:
        pan = value.partition("=")[0]
        # An enciphered track may have lost its separator; then nothing tells where the card number ends.
        return (mask_pan(pan) if len(pan) <= PAN_DIGITS_MAX else MASK) + "=" + MASK, ""
    if number == 59:
        return _by_code(value), ""
    if number == 48 and mti in DETAILS_MTIS:
        return MASK, ""
    known = number in _OF_KNOWN_SHAPE or (number == _TOTALS and mti in SETTLEMENT_MTIS)
    return (_printable if known else _unknown)(value), _meaning(number, value, kind, lang)


def _by_code(field_59: str) -> str:
    """Field 59 item by item, the payment code masked and the PIN hidden; of what is no such TLV nothing is known, and nothing shown."""
    try:
        items = read_items(field_59)
    except MessageError:
        return MASK
    shown: dict[str, Callable[[str], str]] = {
        PIN: lambda _: MASK,
        CODE: mask_pan,
        PAY_VOUCHER: _lenient,
        IDENTITY: _identity,
    }
    return " ".join(f"{tag}={shown.get(tag, _unknown)(text)}" for tag, text in items.items())


def _identity(text: str) -> str:
    """A machine's serial is a long number too; where the tag does not hold an identity, nothing is known of its numbers."""
    try:
        read_identity(text)
    except MessageError:
        return _unknown(text)
    return _lenient(text)


def _unknown(text: str) -> str:
    """Text of which nothing is known: every number that is as long as a card's is masked like one."""
    return _DIGITS_IN_A_ROW.sub(lambda row: _masked(row[0]), _printable(text))


def _lenient(text: str) -> str:
    """Text with long numbers of its own, such as times: what looks like a card number or a payment code is masked."""

    def masked(row: re.Match[str]) -> str:
        digits = _digits(row[0])
        is_card = len(digits) <= PAN_DIGITS_MAX and digits[0] in CARDS_BEGIN_WITH
        return _masked(row[0]) if is_card or brand_of(digits) is not None else row[0]

    return _DIGITS_IN_A_ROW.sub(masked, _printable(text))


def _masked(row: str) -> str:
    return mask_pan(_digits(row))


def _digits(row: str) -> str:
    return "".join(character for character in row if character.isdigit())


def _show_bytes(number: int, value: bytes, mti: str, lang: Lang) -> tuple[str, str]:
    if number == 55:
        return _tlv(value, _chip_tag), ""
    if number == 62 and mti == SIGN_ON_ANSWER_MTI:
        return _keys(value), (
            "密钥为密文，仅示校验值" if lang == "zh" else "keys are enciphered; only check values shown"
        )
    if number == 62 and mti in (OPERATOR_MTI, OPERATOR_ANSWER_MTI):
        return _tlv(value, _operator_tag), ""
    if number == 62:
        return f"{MASK} ({len(value)} B)", ""
    return value.hex().upper(), ""


def _chip_tag(tag: int, content: bytes) -> str:
    """Templates stay closed, because what they hold may be secret."""
    first = tag >> (tag.bit_length() - 1) // 8 * 8
    if tag in _SECRET_CHIP_TAGS or first & CONSTRUCTED:
        return MASK
    return _lenient(content.hex().upper())


def _operator_tag(tag: int, content: bytes) -> str:
    if tag == Tag.SIGN_IN_CODE:
        return MASK
    return _lenient(content.decode(TEXT_ENCODING, "replace"))


def _printable(text: str) -> str:
    """Control characters replaced, so that a message can't steer the console that shows it."""
    return "".join("�" if unicodedata.category(character).startswith("C") else character for character in text)


def _tlv(value: bytes, show: Callable[[int, bytes], str]) -> str:
    try:
        items = decode_tlv(value)
    except TlvError:
        return f"{MASK} ({len(value)} B)"
    return " ".join(f"{_tag_name(tag)}={show(tag, content)}" for tag, content in items)


def _tag_name(tag: int) -> str:
    try:
        return f"{tag:04X}:{Tag(tag).name.lower()}"
    except ValueError:
        return f"{tag:X}"


def _keys(value: bytes) -> str:
    lengths = KEY_BYTES.get(len(value))
    if lengths is None:
        return f"{MASK} ({len(value)} B)"
    shown, at = [], 0
    for name, length in zip(_KEY_NAMES, lengths, strict=False):
        at += length
        shown.append(f"{name} {MASK} KCV {value[at : at + CHECK_VALUE_BYTES].hex().upper()}")
        at += CHECK_VALUE_BYTES
    return "; ".join(shown)


_PIN_WAYS = {"0": ("未指明密码", "PIN unknown"), "1": ("有密码", "with PIN"), "2": ("无密码", "without PIN")}


def _meaning(number: int, value: str, kind: str, lang: Lang) -> str:
    en = lang == "en"
    if number == 4:
        return f"¥{format_yuan(int(value))}"
    if number == 22:
        known = ENTRY_MODES.get(value[:2])
        way = known.of(lang) if known is not None else value[:2]
        return f"{way}, {_PIN_WAYS.get(value[2:], ('', ''))[en]}"
    if number == 39:
        return reason_of(value, kind).of(lang)
    if number == 60 and len(value) >= 8:
        words = ("类型 {} 批次 {}", "type {} batch {}")[en].format(value[:2], value[2:8])
        words += ("，网络码 {}", ", network code {}")[en].format(value[8:11]) if len(value) >= 11 else ""
        return words + (("，降级刷卡", ", fallback")[en] if value[11:13] in TOLD else "")
    if number == 61 and len(value) >= 12:
        return ("原批次 {} 原凭证号 {}", "original batch {} trace {}")[en].format(value[:6], value[6:12])
    return ""


def _header_meaning(header: bytes, lang: Lang) -> str:
    requirement = header[2] & 0x0F
    parts = [("测试状态" if lang == "zh" else "test mode")] if header[2] >> 4 == 1 else []
    if requirement:
        parts.append(f"处理要求 {requirement:X}" if lang == "zh" else f"processing requirement {requirement:X}")
    return ", ".join(parts)


def _transaction(message: Message) -> Transaction | None:
    """What it asks, or what it answers."""
    if len(message.mti) != 4:
        return None
    request_mti = f"{int(message.mti) - 10:04d}" if _is_answer(message.mti) else message.mti
    return identify(Message(request_mti, message.fields))


def _is_answer(mti: str) -> bool:
    return mti[2:] in ("10", "30")


def _title(message: Message, transaction: Transaction | None, lang: Lang) -> str:
    if len(message.mti) != 4:
        return "无法识别" if lang == "zh" else "not recognised"
    if transaction is None:
        return f"{message.mti} · " + ("目录之外的报文" if lang == "zh" else "not in the catalogue")
    kind = (
        ("应答" if lang == "zh" else "answer") if _is_answer(message.mti) else ("请求" if lang == "zh" else "request")
    )
    return f"{message.mti} · {transaction.zh if lang == 'zh' else transaction.en} · {kind}"


def _fault(error: DecodeError | None, base: int) -> str:
    return "" if error is None else f"{error} (message starts at byte {base})"
