"""The upload of a signature: what it repeats of its payment, the strokes within one message, and the feature code of the vectors."""

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from zhanggui.basics.numbers import BatchNo, MerchantNo, Rrn, TerminalNo, TraceNo
from zhanggui.cup.dialect import UNIONPAY
from zhanggui.cup.messages.head import HostTime
from zhanggui.cup.messages.signature import SignatureUpload, read_signature, signature_answer
from zhanggui.cup.transactions import CATALOGUE, check_presence, identify
from zhanggui.cup.values.feature_code import feature_code
from zhanggui.cup.values.strokes import (
    FINE,
    GRID,
    HEIGHT,
    MARKS,
    POINTS_A_STROKE_MAX,
    STROKES_MAX,
    UPLOAD_BYTES_MAX,
    WIDTH,
    read_strokes,
    write_strokes,
)
from zhanggui.iso8583.message import Message

VECTORS = Path(__file__).parents[2] / "vectors" / "cup" / "track_and_esign.json"
points = st.tuples(st.integers(0, WIDTH), st.integers(0, HEIGHT))
signatures = st.lists(st.lists(points, min_size=1, max_size=400), min_size=1, max_size=STROKES_MAX)


def upload(content: bytes = b"ZGS1") -> SignatureUpload:
    return SignatureUpload(
        merchant_no=MerchantNo("102100058120001"),
        terminal_no=TerminalNo("10000002"),
        batch_no=BatchNo("000003"),
        trace_no=TraceNo("000012"),
        amount_fen=12_850,
        rrn=Rrn("112308550301"),
        content=content,
    )


def test_the_feature_code_is_that_of_the_vectors() -> None:
    for case in json.loads(VECTORS.read_text(encoding="utf-8"))["e_signature_code"]:
        assert feature_code(case["rrn"], case["settle_date"]) == bytes.fromhex(case["code"]).hex()[1::2].upper()
    assert feature_code("A00000000001") == ""


def test_an_upload_is_read_as_it_was_written_and_names_its_payment() -> None:
    message = upload(b"\x00\xff").message()
    sent = UNIONPAY.codec.decode(UNIONPAY.codec.encode(Message(message.mti, {**message.fields, 64: bytes(8)})))
    row = identify(sent)
    assert row is CATALOGUE["signature"]
    check_presence(row, sent)
    assert read_signature(sent) == upload(b"\x00\xff")
    answer = signature_answer(sent, HostTime("085503", "1123", "20261123085503"), "112308550399", "00", "08888888")
    assert (answer.mti, answer.fields[11], answer.fields[39]) == ("0830", "000012", "00")


@given(signatures)
@example([[(0, 0), (400, 160)]] * 60)
@example([[(at * 7, 0), (at * 7 + 30, 160), (at * 7, 3)] * 130 for at in range(STROKES_MAX)])
def test_any_signature_fits_one_message_and_keeps_each_stroke_with_its_ends(
    strokes: list[list[tuple[int, int]]],
) -> None:
    content = write_strokes(strokes)
    assert len(content) <= UPLOAD_BYTES_MAX
    # A long stroke goes on in another one that begins where the first ended.
    read = [list(stroke) for stroke in read_strokes(content)]
    off = 0 if content.startswith(MARKS[FINE]) else GRID - 1
    for stroke in strokes:
        whole = read.pop(0)
        while len(whole) % POINTS_A_STROKE_MAX == 0 and read and read[0][0] == whole[-1] and len(stroke) > 1:
            whole += read.pop(0)
        for drawn, kept in ((stroke[0], whole[0]), (stroke[-1], whole[-1])):
            assert all(0 <= was - now <= off for was, now in zip(drawn, kept, strict=True))
    assert read == []


def test_more_strokes_than_a_name_has_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 64 strokes"):
        write_strokes([[(1, 1)]] * 65)


def test_what_fits_loses_no_point() -> None:
    strokes = (((0, 0), (10, 20), (30, 5)), ((480, 160),))
    assert read_strokes(write_strokes(strokes)) == strokes


@pytest.mark.parametrize(
    "wrong", [b"", b"ZGS2", b"JBIG", b"ZGS1\x00", b"ZGS1\x02\x00\x01\x01", b"ZGS1\x01\xff\xff\xff"]
)
def test_what_is_no_signature_of_ours_is_refused(wrong: bytes) -> None:
    with pytest.raises(ValueError, match="signature"):
        read_strokes(wrong)
