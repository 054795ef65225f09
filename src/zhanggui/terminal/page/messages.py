"""What goes over a page's socket, typed. JSON, one message a text frame; a message that does not fit is not guessed at."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec

from ...basics.bad_json import BAD_JSON
from ...basics.errors import RemoteProtocolError
from ...basics.words import Lang
from ...cup.values.code128 import bar_widths
from ...cup.values.slip import Slip
from ...cup.values.strokes import HEIGHT, STROKES_MAX, WIDTH
from ..devices.ports import CardFace, PartFace
from ..flow.core.events import CheckItem, ShownWay
from ..flow.screens.views import ScreenView
from .qr import modules_of

MESSAGE_BYTES_MAX = 4 * 1024
"""Largest message from a page, in bytes; keys and switches are far smaller."""
SIGNATURE_BYTES_MAX = 16 * 1024
"""Largest signature message, in bytes; also the limit of the socket itself."""
POINTS_MAX = 1_500
"""Points of one signature, all strokes together."""

_Word = Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=r"\A[A-Za-z0-9_.*#-]+\Z")]
_Point = tuple[
    Annotated[int, msgspec.Meta(ge=0, le=WIDTH)],
    Annotated[int, msgspec.Meta(ge=0, le=HEIGHT)],
]
_Stroke = Annotated[list[_Point], msgspec.Meta(min_length=1, max_length=POINTS_MAX)]

# ── server to page ───────────────────────────────────────────────────────────


class ScreenMessage(msgspec.Struct, frozen=True, tag_field="type", tag="screen"):
    """The screen as it stands now.

    `display` holds the lines of a keypad model's display, and is empty for a touch screen.
    """

    screen: ScreenView
    display: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    """The QR code that stands there, `1` for dark and `0` for light, row by row; empty where none does."""


class CardsMessage(msgspec.Struct, frozen=True, tag_field="type", tag="cards"):
    """The virtual cards at hand, and the virtual parts with all states that each can take on."""

    cards: tuple[CardFace, ...]
    parts: tuple[PartFace, ...] = ()


class PongMessage(msgspec.Struct, frozen=True, tag_field="type", tag="pong"):
    """The answer to a ping, at once: the line is alive in both directions."""


# ── page to server ───────────────────────────────────────────────────────────


class KeyMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="key"):
    """A key was pressed while the screen of this id was shown."""

    key: _Word
    screen: _Word


class LangMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="lang"):
    """The person chose a language."""

    lang: Lang


class CardMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="card"):
    """A virtual card was held to the virtual reader, or the phone of its holder to the scanner."""

    card: _Word
    way: ShownWay


class BadgeMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="badge"):
    """A badge was scanned: a scanner is a keyboard, and the page knows its bursts."""

    text: Annotated[str, msgspec.Meta(max_length=64, pattern=r"\A[A-Z0-9]+\Z")]

    def __repr__(self) -> str:
        return "BadgeMessage(••••)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("text", "••••")]


class ScanMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="scan"):
    """A scanner read something where a payment code is awaited: any text, for whoever scans anything hears what it is not."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=512)]

    def __repr__(self) -> str:
        return "ScanMessage(••••)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [("text", "••••")]


class SignMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="sign"):
    """The cardholder signed: strokes of points in a box of 480 × 160."""

    strokes: Annotated[list[_Stroke], msgspec.Meta(min_length=1, max_length=STROKES_MAX)]


class DeviceMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="device"):
    """A virtual device was switched to another state."""

    item: CheckItem
    state: Literal[
        "ok",
        "battery",
        "low",
        "fail",
        "down",
        "stuck",
        "dim",
        "low_paper",
        "no_paper",
        "drift",
        "opened",
        "hasty",
        "blind",
    ]
    """A word of STATES; which of them a part can take on, the part knows."""


class PowerMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="power"):
    """The machine's power key was held, or pressed while it is off."""


class PingMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="ping"):
    """The page asks whether anybody is there. An open socket alone proves nothing: a relay or a cable in between may be dead."""


PageMessage = (
    KeyMessage
    | LangMessage
    | CardMessage
    | BadgeMessage
    | ScanMessage
    | SignMessage
    | DeviceMessage
    | PowerMessage
    | PingMessage
)

_decoder: msgspec.json.Decoder[PageMessage] = msgspec.json.Decoder(PageMessage)
_encoder = msgspec.json.Encoder()


class TooLarge(RemoteProtocolError):
    """A page sent more than it may."""


def read_page_message(text: str) -> PageMessage:
    """Read what a page sent.

    TooLarge for more than 4 KiB (16 KiB for a signature); RemoteProtocolError for what is no message of a page. Neither
    carries what was sent.
    """
    size = len(text.encode())
    if size > SIGNATURE_BYTES_MAX:
        raise TooLarge(f"a page message has at most {SIGNATURE_BYTES_MAX} bytes, this one has {size}")
    try:
        message = _decoder.decode(text)
    except msgspec.ValidationError as error:
        # msgspec names the place and the kind, such as "Expected `str`, got `int` - at `$.key`", never the value;
        # a tag is the exception, and it is a word of the page.
        raise RemoteProtocolError(f"not a page message: {_without_value(str(error))}") from None
    except BAD_JSON:
        raise RemoteProtocolError("not a page message: expected JSON") from None
    if isinstance(message, SignMessage):
        points = sum(len(stroke) for stroke in message.strokes)
        if points > POINTS_MAX:
            raise TooLarge(f"a signature has at most {POINTS_MAX} points, this one has {points}")
    elif size > MESSAGE_BYTES_MAX:
        raise TooLarge(f"a page message has at most {MESSAGE_BYTES_MAX} bytes, this one has {size}")
    return message


def write_screen(screen: ScreenView, display: tuple[str, ...]) -> bytes:
    """A screen as the page reads it."""
    return _encoder.encode(ScreenMessage(screen, display, modules_of(screen.scan)))


def write_pong() -> bytes:
    """The answer to a ping."""
    return _encoder.encode(PongMessage())


def write_cards(cards: tuple[CardFace, ...], parts: tuple[PartFace, ...] = ()) -> bytes:
    """The virtual cards and parts as the page reads them."""
    return _encoder.encode(CardsMessage(cards, parts))


def write_slip(slip: Slip, strokes: Sequence[Sequence[tuple[int, int]]]) -> bytes:
    """A slip's layout, what was signed on it and its bar code, as the page reads them: `{"slip": …, "strokes": …, "bars": …}`.

    `bars` are the widths of bars and gaps in turn, beginning with a bar; empty where there is no bar code.
    """
    digits = next((line.left for line in slip.lines if line.kind == "bar_code"), "")
    bars = bar_widths(digits) if digits else ()
    return _encoder.encode({"slip": slip, "strokes": strokes, "bars": bars})


def _without_value(reason: str) -> str:
    return "unknown type" if reason.startswith("Invalid value") else reason
