import json

import msgspec
import pytest

from zhanggui.basics.errors import RemoteProtocolError
from zhanggui.terminal.page.messages import (
    MESSAGE_BYTES_MAX,
    POINTS_MAX,
    SIGNATURE_BYTES_MAX,
    CardMessage,
    DeviceMessage,
    KeyMessage,
    LangMessage,
    PingMessage,
    SignMessage,
    TooLarge,
    read_page_message,
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"type":"key","key":"enter","screen":"confirm"}', KeyMessage("enter", "confirm")),
        ('{"type":"key","key":"#","screen":"standby"}', KeyMessage("#", "standby")),
        ('{"type":"lang","lang":"en"}', LangMessage("en")),
        ('{"type":"card","card":"cmb-1","way":"insert"}', CardMessage("cmb-1", "insert")),
        ('{"type":"sign","strokes":[[[0,0],[480,160]]]}', SignMessage([[(0, 0), (480, 160)]])),
        ('{"type":"device","item":"printer","state":"no_paper"}', DeviceMessage("printer", "no_paper")),
        ('{"type":"ping"}', PingMessage()),
    ],
)
def test_each_message_of_the_page_is_read(text: str, message: msgspec.Struct) -> None:
    assert read_page_message(text) == message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "enter",
        "[]",
        "{}",
        '{"type":"pin","pin":"1234"}',
        '{"type":"key","key":"enter"}',
        '{"type":"key","key":"enter","screen":"confirm","more":1}',
        '{"type":"key","key":"","screen":"confirm"}',
        '{"type":"key","key":"<b>","screen":"confirm"}',
        '{"type":"key","key":5,"screen":"confirm"}',
        '{"type":"key","key":"enter\\n","screen":"confirm"}',
        '{"type":"key","key":"enter","screen":"confirm\\n"}',
        '{"type":"card","card":"cmb-1\\n","way":"insert"}',
        '{"type":"badge","text":"ZG1\\n"}',
        '{"type":"lang","lang":"fr"}',
        '{"type":"ping","more":1}',
        '{"type":"card","card":"x","way":"wave"}',
        '{"type":"card","card":"' + "x" * 41 + '","way":"tap"}',
        '{"type":"sign","strokes":[]}',
        '{"type":"sign","strokes":[[]]}',
        '{"type":"sign","strokes":[[[481,0]]]}',
        '{"type":"sign","strokes":[[[0,-1]]]}',
        '{"type":"sign","strokes":[[[0.5,1]]]}',
        '{"type":"device","item":"vault","state":"ok"}',
        '{"type":"device","item":"printer","state":"on_fire"}',
        "[" * 3000,
    ],
)
def test_what_is_no_message_is_refused(text: str) -> None:
    with pytest.raises(RemoteProtocolError):
        read_page_message(text)


def test_a_refusal_names_the_place_and_not_the_value() -> None:
    with pytest.raises(RemoteProtocolError) as told:
        read_page_message('{"type":"key","key":"6225 8812","screen":"pin"}')
    assert "$.key" in str(told.value)
    assert "6225" not in str(told.value)
    with pytest.raises(RemoteProtocolError) as told:
        read_page_message('{"type":"6225881234567890"}')
    assert "6225" not in str(told.value)


def test_a_message_longer_than_four_kib_is_too_large() -> None:
    padded = '{"type":"lang","lang":"en"' + " " * MESSAGE_BYTES_MAX + "}"
    with pytest.raises(TooLarge):
        read_page_message(padded)


def test_a_signature_may_be_longer_than_other_messages() -> None:
    strokes = [[[480, 160]] * 600]
    text = json.dumps({"type": "sign", "strokes": strokes})
    assert len(text) > MESSAGE_BYTES_MAX
    assert isinstance(read_page_message(text), SignMessage)


def test_a_signature_has_a_bound_too() -> None:
    many = json.dumps({"type": "sign", "strokes": [[[1, 1]] * 800] * 2}, separators=(",", ":"))
    assert len(many) < SIGNATURE_BYTES_MAX
    assert POINTS_MAX < 1600
    with pytest.raises(TooLarge):
        read_page_message(many)
    with pytest.raises(TooLarge):
        read_page_message(json.dumps({"type": "sign", "strokes": [[[480, 160]] * 2000]}))
