"""A message of a peer with 63 fields: jPOS, ISO 8583:1987 in BCD with a 64-bit bitmap."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.iso8583.cup_like import warm_up

from zhanggui.iso8583.codec import Codec
from zhanggui.iso8583.fields import Align, Field, Kind, Prefix, Spec
from zhanggui.iso8583.message import Message

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/iso8583/messages_jpos.json").read_text())["vectors"]
PREFIXES = {"fixed": Prefix.FIXED, "llvar:bcd": Prefix.LL, "lllvar:bcd": Prefix.LLL}
ALIGNS = {"left": Align.RIGHT, "right": Align.LEFT, None: Align.LEFT}
"""The peer names the side of the pad, we name the side of the digits."""


def field_of(number: int, form: dict[str, Any]) -> Field:
    prefix = PREFIXES[form["form"]]
    match form["kind"], form["enc"]:
        case "x+n", _:
            # A sign character and eight BCD digits: five bytes that this codec takes as they are.
            return Field(number, "amount with sign", Kind.BINARY, prefix, 5)
        case _, "binary":
            return Field(number, "", Kind.BINARY, prefix, form["length"])
        case _, "bcd":
            kind = Kind.TRACK if number == 35 else Kind.NUMERIC
            align = ALIGNS[form["odd_pad"]] if prefix is Prefix.FIXED else Align.LEFT
            return Field(number, "", kind, prefix, form["length"], align)
        case _:
            return Field(number, "", Kind.TEXT, prefix, form["length"])


def value_of(number: int, form: dict[str, Any], shown: str, binary: list[int]) -> str | bytes:
    if form["kind"] == "x+n":
        return shown[0].encode() + bytes.fromhex(shown[1:])
    if number in binary:
        return bytes.fromhex(shown)
    return shown.encode() if form["enc"] == "binary" else shown


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["id"]))
def test_a_peers_message_is_read_and_written_byte_for_byte(vector: dict[str, Any]) -> None:
    forms = {int(number): form for number, form in vector["field_formats"].items() if int(number) > 1}
    spec = Spec("peer", tuple(field_of(number, form) for number, form in forms.items()))
    expected = {
        number: value_of(number, form, vector["expected"][str(number)], vector["binary_fields"])
        for number, form in forms.items()
        if str(number) in vector["expected"]
    }
    message = Message(vector["expected"]["0"], expected)
    data = bytes.fromhex(vector["wire_hex"])
    codec = Codec(spec)
    assert codec.decode(data) == message
    assert codec.encode(message) == data
    warm_up(codec, message)
    assert codec.plans == (1, 1)
    assert codec.decode(data) == message
    assert codec.encode(message) == data
