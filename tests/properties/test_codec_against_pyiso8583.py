"""The codec and an independent one, pyiso8583, read and write the same bytes."""

from collections.abc import Mapping
from typing import Any

import iso8583
from hypothesis import given
from tests.unit.iso8583.cup_like import CUP_LIKE, messages

from zhanggui.iso8583.codec import Codec
from zhanggui.iso8583.fields import Align, Field, Kind, Prefix
from zhanggui.iso8583.message import Message

PREFIX_BYTES = {Prefix.FIXED: 0, Prefix.LL: 1, Prefix.LLL: 2}


def oracle_field(field: Field) -> dict[str, Any]:
    properties: dict[str, Any] = {"len_enc": "bcd", "len_type": PREFIX_BYTES[field.prefix], "max_len": field.length}
    if field.is_bcd:
        pad = "left_pad" if field.align is Align.RIGHT else "right_pad"
        return properties | {"data_enc": "b", "len_count": "nibbles", pad: "0"}
    if field.kind is Kind.BINARY:
        return properties | {"data_enc": "b"}
    return properties | {"data_enc": field.encoding}


HEAD = {"len_enc": "bcd", "len_type": 0}
ORACLE = {
    "h": HEAD | {"data_enc": "ascii", "max_len": 0},
    "t": HEAD | {"data_enc": "b", "max_len": 2},
    "p": HEAD | {"data_enc": "b", "max_len": 8},
    "1": HEAD | {"data_enc": "b", "max_len": 8},
} | {str(number): oracle_field(field) for number, field in CUP_LIKE.table.items()}


def as_oracle(message: Message, table: Mapping[int, Field] = CUP_LIKE.table) -> dict[str, str]:
    shown = {"t": message.mti}
    for number, value in message.fields.items():
        if isinstance(value, bytes):
            shown[str(number)] = value.hex().upper()
        elif table[number].kind is Kind.TRACK:
            shown[str(number)] = value.replace("=", "D")
        else:
            shown[str(number)] = value
    return shown


@given(messages(CUP_LIKE))
def test_pyiso8583_writes_the_same_bytes_and_reads_the_same_values(message: Message) -> None:
    shown = as_oracle(message)
    encoded, _ = iso8583.encode(dict(shown), ORACLE)
    codec = Codec(CUP_LIKE)
    for _ in range(4):
        assert codec.encode(message) == bytes(encoded)
        assert codec.decode(bytes(encoded)) == message
    decoded, _ = iso8583.decode(codec.encode(message), ORACLE)
    assert {name: value for name, value in decoded.items() if name not in {"h", "p"}} == shown
