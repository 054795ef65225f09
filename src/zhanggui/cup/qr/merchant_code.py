"""A shop's payment code (收款码), as EMV lays it out: TLV of text that a customer's phone reads.

Source: EMVCo, QR Code Specification for Payment Systems, Merchant-Presented Mode 1.1, §3 and §4. An item is an identifier of two
digits, a length of two digits and a value. The length counts **characters**, also where a Chinese one is three bytes in UTF-8; the
check covers **bytes**, up to and with the identifier and length of the check itself.

    00 01              01 11 for all customers, 12 for one payment       15 UnionPay: network 16, merchant 15
    52 category (MCC)  53 156, yuan     54 amount     58 CN     59 name     60 city     62 {05 bill, 07 terminal}     63 check
"""

import binascii
import re
from collections.abc import Mapping

import msgspec

from ...basics.errors import RemoteProtocolError
from ...basics.money import format_yuan, parse_yuan

FORMAT, WAY, UNIONPAY, CATEGORY, CURRENCY, AMOUNT, COUNTRY, NAME, CITY, MORE, CHECK = (
    *("00", "01", "15", "52", "53", "54", "58", "59", "60", "62", "63"),
)
BILL, TERMINAL = "05", "07"
ID_DIGITS = LENGTH_DIGITS = 2
HEAD = ID_DIGITS + LENGTH_DIGITS
VALUE_MAX = 99
CHECK_DIGITS = 4
CHECK_START = 0xFFFF
"""CRC-16/CCITT-FALSE: polynomial 1021, begun with ones, nothing reflected (ISO/IEC 13239)."""
NETWORK_DIGITS, MERCHANT_CHARACTERS = 16, 15
NAME_MAX, CITY_MAX, LABEL_MAX, AMOUNT_MAX = 25, 15, 25, 13
YUAN, CHINA, VERSION = "156", "CN", "01"
_AMOUNT = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?")


class MerchantCodeError(RemoteProtocolError):
    """A text is no EMV merchant-presented code; it says where, and never what stood there."""


class MerchantCode(msgspec.Struct, frozen=True, kw_only=True):
    """What a shop's code says."""

    network: str
    """16 digits: acquirer and forwarder at UnionPay."""
    merchant_no: str
    category: str
    """MCC, four digits."""
    name: str
    city: str
    amount_fen: int | None = None
    """None where the customer types it."""
    bill: str = ""
    terminal_no: str = ""
    for_one: bool = False
    """Made for one payment (dynamic); else it hangs on the wall (static)."""
    others: tuple[tuple[str, str], ...] = ()
    """Items that we do not write, in their order."""

    def write(self) -> str:
        """The text of the code. ValueError for what no code can say.

        >>> MerchantCode(
        ...     network="4802000048020000", merchant_no="102100058120001", category="5411", name="掌柜", city="上海"
        ... ).write()
        '000201010211153148020000480200001021000581200015204541153031565802CN5902掌柜6002上海63040209'
        """
        self._check()
        more = {BILL: self.bill, TERMINAL: self.terminal_no}
        items: dict[str, str] = {
            FORMAT: VERSION,
            WAY: "12" if self.for_one else "11",
            UNIONPAY: self.network + self.merchant_no,
            CATEGORY: self.category,
            CURRENCY: YUAN,
            AMOUNT: amount_text(self.amount_fen) if self.amount_fen is not None else "",
            COUNTRY: CHINA,
            NAME: self.name,
            CITY: self.city,
            MORE: write_items(more),
            **dict(self.others),
        }
        text = write_items(items) + f"{CHECK}{CHECK_DIGITS:02d}"
        return text + check_of(text)

    def _check(self) -> None:
        """ValueError names the part that no code can say."""
        bounds = {
            "network": self.network.isascii() and self.network.isdigit() and len(self.network) == NETWORK_DIGITS,
            "merchant_no": self.merchant_no.isascii()
            and self.merchant_no.isalnum()
            and len(self.merchant_no) == MERCHANT_CHARACTERS,
            "category": self.category.isascii() and self.category.isdigit() and len(self.category) == 4,
            "name": 0 < len(self.name) <= NAME_MAX and self.name.isprintable(),
            "city": 0 < len(self.city) <= CITY_MAX and self.city.isprintable(),
            "bill": len(self.bill) <= LABEL_MAX and self.bill.isprintable(),
            "terminal_no": len(self.terminal_no) <= LABEL_MAX and self.terminal_no.isprintable(),
            "amount_fen": self.amount_fen is None
            or (self.amount_fen > 0 and len(amount_text(self.amount_fen)) <= AMOUNT_MAX),
            "others": all(tag not in _OURS and value for tag, value in self.others),
        }
        wrong = [name for name, fits in bounds.items() if not fits]
        if wrong:
            raise ValueError(f"no code can say this: {', '.join(wrong)}")


_OURS = frozenset({FORMAT, WAY, UNIONPAY, CATEGORY, CURRENCY, AMOUNT, COUNTRY, NAME, CITY, MORE, CHECK})


def amount_text(amount_fen: int) -> str:
    """`12.30`, as field 54 has it: no separators.

    >>> amount_text(123_456), amount_text(5)
    ('1234.56', '0.05')
    """
    return format_yuan(amount_fen).replace(",", "")


def check_of(text: str) -> str:
    """The four digits behind `6304`.

    >>> check_of("123456789")
    '29B1'
    """
    return f"{binascii.crc_hqx(text.encode(), CHECK_START):04X}"


def write_items(items: Mapping[str, str]) -> str:
    """TLV of text; what is empty is left out. ValueError when a value is longer than its length can say.

    >>> write_items({"59": "北京"})
    '5902北京'
    """
    if any(len(value) > VALUE_MAX for value in items.values()):
        raise ValueError("a value of a code has 99 characters at most")
    return "".join(f"{tag}{len(value):02d}{value}" for tag, value in items.items() if value)


def read_items(text: str) -> dict[str, str]:
    """The items by identifier, in their order. MerchantCodeError when it is no such TLV."""
    items: dict[str, str] = {}
    place = 0
    while place < len(text):
        tag, length = text[place : place + ID_DIGITS], text[place + ID_DIGITS : place + HEAD]
        if len(length) != LENGTH_DIGITS or not (tag + length).isascii() or not (tag + length).isdigit():
            raise MerchantCodeError(f"character {place}: expected an identifier and a length of two digits each")
        value = text[place + HEAD : place + HEAD + int(length)]
        if not value or len(value) != int(length):
            raise MerchantCodeError(f"character {place}: the value of {tag} is empty or cut off")
        if tag in items:
            raise MerchantCodeError(f"character {place}: {tag} comes twice")
        items[tag] = value
        place += HEAD + len(value)
    return items


def read_merchant_code(text: str) -> MerchantCode:
    """Read a UnionPay code of a shop. MerchantCodeError when it is none, or its check does not fit."""
    try:
        fits = check_of(text[:-CHECK_DIGITS]) == text[-CHECK_DIGITS:].upper()
    except UnicodeEncodeError:
        fits = False
    if not fits:
        raise MerchantCodeError("the check does not fit")
    items = read_items(text)
    tags = list(items)
    if tags[0] != FORMAT or items[FORMAT] != VERSION or tags[-1] != CHECK:
        raise MerchantCodeError("a code begins with 00, version 01, and ends with its check")
    account = items.get(UNIONPAY, "")
    if len(account) != NETWORK_DIGITS + MERCHANT_CHARACTERS:
        raise MerchantCodeError("15 is the network's 16 digits and the merchant's 15")
    more = read_items(items.get(MORE, ""))
    code = MerchantCode(
        network=account[:NETWORK_DIGITS],
        merchant_no=account[NETWORK_DIGITS:],
        category=items.get(CATEGORY, ""),
        name=items.get(NAME, ""),
        city=items.get(CITY, ""),
        amount_fen=_amount(items[AMOUNT]) if AMOUNT in items else None,
        bill=more.get(BILL, ""),
        terminal_no=more.get(TERMINAL, ""),
        for_one=items.get(WAY) == "12",
        others=tuple((tag, value) for tag, value in items.items() if tag not in _OURS),
    )
    if items.get(CURRENCY) != YUAN or items.get(COUNTRY) != CHINA:
        raise MerchantCodeError("a code of yuan and China was expected")
    try:
        code._check()
    except ValueError as error:
        raise MerchantCodeError(str(error)) from None
    return code


def _amount(text: str) -> int:
    if len(text) > AMOUNT_MAX or _AMOUNT.fullmatch(text) is None:
        raise MerchantCodeError("54 is no amount")
    return parse_yuan(text)
