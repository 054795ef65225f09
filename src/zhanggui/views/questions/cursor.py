"""Where the next page of a list begins: a sealed place in its order, good for one question, one list and one reader.

    base64url( tag (16) | question's hash (16) | JSON of the place )        tag: keyed, over holder, hash and place

Nobody can make one, or carry one to another question, another shop or another person. It never ends: rows before a place stay before
it, whatever comes in. The key is handed in as `Seal`; none stands here.
"""

import binascii
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable

import msgspec

from ...basics.bad_json import BAD_JSON
from ...store.lists.asked import Cell, Key
from .question import HASH_BYTES, Question
from .wrong import AskedWrong

Seal = Callable[[bytes], bytes]
"""A keyed tag over bytes, at least TAG_BYTES long, by a key that only the vault knows (`HostKeys.cursor_tag`)."""
TAG_BYTES = 16
CURSOR_CHARACTERS_MAX = 1_024


def write_cursor(question: Question, place: Key, seal: Seal, holder: str = "") -> str:
    """The cursor behind this place. `holder`: the person or token that may use it."""
    body = question.hash + msgspec.json.encode(place)
    return urlsafe_b64encode(_tag(body, seal, holder) + body).decode().rstrip("=")


def read_cursor(text: str, question: Question, seal: Seal, holder: str = "") -> Key:
    """The place that a cursor names. AskedWrong when it is none, another person's, or of another question."""
    try:
        if len(text) > CURSOR_CHARACTERS_MAX:
            raise ValueError
        raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        tag, body = raw[:TAG_BYTES], raw[TAG_BYTES:]
        if not hmac.compare_digest(tag, _tag(body, seal, holder)):
            raise ValueError
        place = tuple(msgspec.json.decode(body[HASH_BYTES:], type=list[Cell]))
    except (ValueError, binascii.Error, *BAD_JSON):
        raise AskedWrong("cursor", "cursor") from None
    if body[:HASH_BYTES] != question.hash:
        raise AskedWrong("cursor", "cursor_of_another")
    return place


def _tag(body: bytes, seal: Seal, holder: str) -> bytes:
    return seal(f"cursor 1:{len(holder)}:{holder}:".encode() + body)[:TAG_BYTES]
