"""Field 55 of a payment: what the terminal says, and what the chip answers to it (domain reference §4.10)."""

from ...basics.chance import Chance
from ...basics.clock import china_time
from ...basics.numbers import TerminalNo, UnixMs
from ...iso8583.tlv import decode_tlv, encode_tlv
from ..devices.ports import CardInHand
from ..flow.core.events import EntryWay
from .card_data import PreparedCard, entry_mode, reading

AMOUNT, OTHER_AMOUNT, COUNTRY, CURRENCY, DATE, TYPE = 0x9F02, 0x9F03, 0x9F1A, 0x5F2A, 0x9A, 0x9C
TERMINAL_RESULTS, UNPREDICTABLE, CAPABILITIES, CARDHOLDER_RESULTS = 0x95, 0x9F37, 0x9F33, 0x9F34
TERMINAL_TYPE, SERIAL = 0x9F35, 0x9F1E
CHINA = bytes.fromhex("0156")
"""Country and currency, ISO 3166 and ISO 4217."""
ONLINE_ONLY_WITH_PIN = bytes.fromhex("0000048000")
"""TVR: online PIN entered; the amount is above the floor limit, which is zero here."""
ONLINE_ONLY = bytes.fromhex("0000008000")
CAPABLE_OF = bytes.fromhex("E0F0C8")
"""Stripe, chip, manual; online PIN and signature; no data authentication off line is asked of the virtual card."""
ONLINE_PIN, NO_CARDHOLDER_CHECK = bytes.fromhex("420300"), bytes.fromhex("1F0302")
ATTENDED_ONLINE = b"\x22"
UNPREDICTABLE_BYTES = 4

ON_SLIP = ((0x84, "AID"), (0x9F26, "ARQC"), (TERMINAL_RESULTS, "TVR"), (0x9F36, "ATC"), (UNPREDICTABLE, "UNPR NUM"))
"""Chip lines of a slip, in the order of the domain reference §8."""


def prepare_card(
    card: CardInHand,
    way: EntryWay,
    *,
    amount_fen: int,
    trade_type: str,
    with_pin: bool,
    terminal_no: TerminalNo,
    now: UnixMs,
    chance: Chance,
) -> PreparedCard:
    """Fix entry mode and chip data of a payment; `trade_type` is the first two digits of field 3 (9C). `way`: how the payment has the
    card, which knows more than the card in hand: a stripe that was swiped for a chip that could not be read.
    A card without a chip in hand has no field 55.

    Raises what the chip raises: Fault when the card can't answer.
    """
    mode = entry_mode(way, with_pin=with_pin)
    if card.chip is None:
        return PreparedCard(mode, reading=reading(way))
    terminal_data = encode_tlv(
        [
            (AMOUNT, bytes.fromhex(f"{amount_fen:012d}")),
            (OTHER_AMOUNT, bytes(6)),
            (COUNTRY, CHINA),
            (TERMINAL_RESULTS, ONLINE_ONLY_WITH_PIN if with_pin else ONLINE_ONLY),
            (CURRENCY, CHINA),
            (DATE, bytes.fromhex(china_time(now).strftime("%y%m%d"))),
            (TYPE, bytes.fromhex(trade_type)),
            (UNPREDICTABLE, chance.take(UNPREDICTABLE_BYTES)),
            (CAPABILITIES, CAPABLE_OF),
            (CARDHOLDER_RESULTS, ONLINE_PIN if with_pin else NO_CARDHOLDER_CHECK),
            (TERMINAL_TYPE, ATTENDED_ONLINE),
            (SERIAL, terminal_no.encode("ascii")),
        ]
    )
    field_55 = card.chip.answer(terminal_data) + terminal_data
    values = dict(decode_tlv(field_55))
    lines = tuple(f"{name}: {values[tag].hex().upper()}" for tag, name in ON_SLIP if tag in values)
    return PreparedCard(mode, field_55, lines)
