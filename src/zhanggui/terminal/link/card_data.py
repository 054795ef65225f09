"""What a payment needs of a card on the wire, and what its reversal needs after a power cut.

The card number goes into the journal only as the PIN pad sealed it; what stands beside it in clear (entry mode, chip results)
identifies no card.
"""

import msgspec

from ...basics.bad_json import BAD_JSON
from ...basics.errors import Fault
from ...basics.numbers import UnixMs
from ...basics.secret import Pan, Secret
from ...basics.words import Lang
from ...cup.field60 import FINANCIAL_REST
from ...cup.messages.script_notice import CHIP_TAGS
from ...cup.qr.pay_code import read_pay_code
from ...cup.values.fallback import CHIP_FAILED
from ...iso8583.errors import TlvError
from ...iso8583.tlv import decode_tlv, encode_tlv
from ..devices.ports import CardInHand, CodeInHand, PinPad
from ..flow.core.events import CardSeen, EntryWay
from ..flow.core.kept import ENTRY_MODES

WITH_PIN, WITHOUT_PIN = "1", "2"
EXPIRY_MARK = "="
REVERSAL_TAGS = frozenset({0x95, 0x9F1E, 0x9F10})
"""Field 55 of a reversal whose payment was never answered (domain reference §4.4)."""


class PreparedCard(msgspec.Struct, frozen=True):
    """A payment's card side, fixed before anything is remembered or sent, so that 0200 and 0400 say the same."""

    entry_mode: str
    """Field 22."""
    chip_data: bytes | None = None
    """Field 55 of the 0200."""
    slip_lines: tuple[str, ...] = ()
    """AID, ARQC, TVR and the like, ready for the remarks of the slip."""
    reading: str = FINANCIAL_REST
    """60.4 and 60.5."""


class KeptCard(msgspec.Struct, frozen=True):
    """What the journal keeps beside a pending reversal. `sealed_pan` opens only in the PIN pad that sealed it.

    Behind the card number and a `=` it has the expiry, as on the stripe: a payment that is asked for again sends it.
    """

    entry_mode: str
    sealed_pan: bytes
    card_sequence: str = ""
    chip_data: bytes | None = None
    reading: str = FINANCIAL_REST
    notice_data: bytes | None = None
    """Field 55 of a notice of scripts, without what became of them; None in an old journal."""


def entry_mode(way: EntryWay, *, with_pin: bool) -> str:
    """Field 22.

    >>> entry_mode("insert", with_pin=True), entry_mode("tap", with_pin=False)
    ('051', '072')
    """
    return ENTRY_MODES[way] + (WITH_PIN if with_pin else WITHOUT_PIN)


BY_CODE = PreparedCard(entry_mode("scan", with_pin=False))
"""With a code in hand, or about a payment that was made by one: there is no card either way."""


def code_in_hand(text: Secret) -> CodeInHand | None:
    """What a scanner read, as a code in a card's place; None when it is no payment code."""
    read = read_pay_code(text.reveal())
    return CodeInHand(read[1], read[0].zh, read[0].en) if read is not None else None


def seen_of(hand: CardInHand | CodeInHand, lang: Lang, now: UnixMs) -> CardSeen:
    """What the flow may see of it."""
    label = hand.label_zh if lang == "zh" else hand.label_en
    if isinstance(hand, CodeInHand):
        return CardSeen(now=now, way="scan", masked_pan=hand.code.mask(), expiry_yymm="", label=label, chip=False)
    return CardSeen(
        now=now,
        way=hand.way,
        masked_pan=hand.pan.mask(),
        expiry_yymm=hand.expiry_yymm,
        label=label,
        chip=hand.has_chip,
    )


def reading(way: EntryWay) -> str:
    """60.4 and 60.5.

    >>> reading("fallback"), reading("swipe")
    ('52', '50')
    """
    return CHIP_FAILED if way == "fallback" else FINANCIAL_REST


def keep_card(card: CardInHand | None, prepared: PreparedCard, pin_pad: PinPad) -> bytes:
    """Write the kept card for the journal. A code is not kept: what undoes a payment by code names none (domain reference, QR, §5.3)."""
    if card is None:
        return msgspec.json.encode(KeptCard(entry_mode=prepared.entry_mode, sealed_pan=b""))
    return msgspec.json.encode(
        KeptCard(
            entry_mode=prepared.entry_mode,
            sealed_pan=pin_pad.protect(f"{card.pan.reveal()}{EXPIRY_MARK}{card.expiry_yymm}".encode("ascii")),
            card_sequence=card.sequence,
            chip_data=_subset(prepared.chip_data, REVERSAL_TAGS),
            reading=prepared.reading,
            notice_data=_subset(prepared.chip_data, CHIP_TAGS),
        )
    )


def read_kept_card(content: bytes) -> KeptCard:
    """Read what `keep_card` wrote. Fault when it is something else."""
    try:
        return msgspec.json.decode(content, type=KeptCard)
    except BAD_JSON as error:
        raise Fault("the card data beside the pending reversal can't be read") from error


def kept_pan(kept: KeptCard, pin_pad: PinPad) -> Pan | None:
    """The card number of a kept card; None of a payment by code. Fault when the PIN pad can't open it."""
    return Pan(_opened(kept, pin_pad)[0]) if kept.sealed_pan else None


def kept_expiry(kept: KeptCard, pin_pad: PinPad) -> str:
    """The expiry of a kept card, YYMM; empty in an old journal, and of a payment by code. Fault when the PIN pad can't open it."""
    return _opened(kept, pin_pad)[1] if kept.sealed_pan else ""


def _opened(kept: KeptCard, pin_pad: PinPad) -> tuple[str, str]:
    number, _, expiry = pin_pad.unprotect(kept.sealed_pan).decode("ascii").partition(EXPIRY_MARK)
    return number, expiry


def _subset(field_55: bytes | None, tags: frozenset[int]) -> bytes | None:
    if field_55 is None:
        return None
    try:
        subset = [(tag, value) for tag, value in decode_tlv(field_55) if tag in tags]
    except TlvError:
        return None
    return encode_tlv(subset) if subset else None
