"""Envelope, dialect and MAC cover the right bytes."""

import json

import pytest
from tests.unit.cup.sample_messages import VECTORS

from zhanggui.basics.errors import Misuse, RemoteProtocolError
from zhanggui.cup.dialect import DIALECTS, INTERBANK, UNIONPAY, dialect_named
from zhanggui.cup.envelope import TERMINAL_HEADER, TERMINAL_TPDU, Envelope, unwrap, wrap
from zhanggui.cup.errors import MessageError
from zhanggui.cup.messages.sealing import covered_bytes, seal
from zhanggui.iso8583.message import Message
from zhanggui.vault.keys import KeyAlgorithm
from zhanggui.vault.mac import mac_function


def test_an_answer_swaps_the_tpdu_and_tells_what_the_terminal_must_do() -> None:
    asked = unwrap(UNIONPAY, bytes.fromhex("6012345678603110000031") + b"body")
    answer = asked.answer(UNIONPAY, b"told", 3)
    assert answer.hex() == "6056781234" + "603113000031" + b"told".hex()
    told = unwrap(UNIONPAY, answer)
    assert (told.requirement, told.test_mode) == (3, True)
    assert (asked.requirement, asked.test_mode) == (0, True)


def test_a_dialect_without_tpdu_and_header_has_nothing_around_the_body() -> None:
    assert wrap(INTERBANK, b"body") == b"body"
    assert Envelope(b"", b"", b"x").answer(INTERBANK, b"told", 3) == b"told"
    assert Envelope(b"", b"", b"x").requirement == 0
    assert wrap(UNIONPAY, b"body") == TERMINAL_TPDU + TERMINAL_HEADER + b"body"


@pytest.mark.parametrize("payload", [b"", b"\x60" * 11, b"\x61" + bytes(20)])
def test_a_payload_without_room_or_with_another_tpdu_is_refused(payload: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        unwrap(UNIONPAY, payload)


def test_an_unknown_dialect_is_answered_with_the_list() -> None:
    with pytest.raises(Misuse, match="interbank"):
        dialect_named("swahili")
    assert DIALECTS["unionpay"].codec is DIALECTS["no-header"].codec


def test_the_published_mac_holds_from_the_codec_to_field_64() -> None:
    vectors = json.loads((VECTORS / "mac.json").read_text(encoding="utf-8"))["vectors"]
    vector = next(row for row in vectors if row["id"] == "cup-ecb-1")
    mac = mac_function(UNIONPAY.mac_algorithm, KeyAlgorithm.DES, bytes.fromhex(vector["mak"]))
    whole = bytes.fromhex(vector["mab"] + vector["field64_hex"])
    message = UNIONPAY.codec.decode(whole)
    covered, carried = covered_bytes(whole, message)
    assert covered.hex().upper() == vector["mab"]
    assert mac(covered) == carried
    del message.fields[64]
    assert seal(UNIONPAY.codec, message, mac) == whole


def test_a_message_without_field_64_has_no_covered_bytes() -> None:
    message = Message("0820", {11: "000001"})
    with pytest.raises(MessageError) as caught:
        covered_bytes(UNIONPAY.codec.encode(message), message)
    assert caught.value.field == 64
