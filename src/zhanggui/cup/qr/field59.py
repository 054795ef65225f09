"""Field 59 of payments by code: TLV of text, as the terminals of the UnionPay family write it. Source: domain reference, QR, §5.3.

    tag     2 characters                    A1  PIN under SM, where one was typed
    length  3 decimal digits                A2  the terminal's identity: TLV of the same form inside, 128 characters at most
    value   ASCII                           A3  the customer's payment code, in the request
                                            A4  payment voucher (付款凭证号), in the answer, and in what is about that payment later,
                                                and in what takes a payment by the code on the counter
    of our own, in a sale by a code that the shop shows:
                                            Z1  whose phone is to pay (a brand), in the request
                                            Z2  what the code says, and Z3 for how many seconds it is good, in the answer
    and in the answer to a void or refund that its wallet has not decided yet:
                                            Z3  alone: after how many seconds it may be asked for again

Tags that nobody knows are passed over, so that a newer partner can say more; a length that is no length, a value that is cut off,
a tag that comes twice, and what is not ASCII are refused.
"""

from collections.abc import Mapping

import msgspec

from ...basics.secret import PayCode, Secret
from ..brands import BRANDS
from ..errors import MessageError

FIELD = 59
TAG_CHARACTERS, LENGTH_DIGITS = 2, 3
HEAD = TAG_CHARACTERS + LENGTH_DIGITS
PIN, IDENTITY, CODE, PAY_VOUCHER = "A1", "A2", "A3", "A4"
BRAND, SHOWN, LEFT = "Z1", "Z2", "Z3"
DEVICE_TYPE, SERIAL, FACTOR, CIPHER, VERSION = "01", "02", "03", "04", "05"
IDENTITY_MAX, SERIAL_MAX = 128, 50
CODE_MAX, PAY_VOUCHER_MAX = 20, 20
SHOWN_MAX, LEFT_S_MAX = 256, 3600
FACTOR_DIGITS, CIPHER_DIGITS, VERSION_CHARACTERS = 6, 8, 8
CLASSIC_POS = "02"


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Which machine asks, as the card network wants it proven."""

    device_type: str = CLASSIC_POS
    serial: str
    factor: str
    """The last six digits of the card number, or of the code."""
    cipher: str
    """Eight hexadecimal digits: serial and factor under the machine's SM4 key."""
    version: str
    """Of the program; eight characters at most."""

    def __repr__(self) -> str:
        return f"Identity({self.serial!r})"


class Field59(msgspec.Struct, frozen=True, kw_only=True):
    """What field 59 says. What it does not say is empty."""

    pin: Secret | None = None
    identity: Identity | None = None
    code: PayCode | None = None
    pay_voucher: str = ""
    brand: str = ""
    shown: str = ""
    left_s: int = 0


def write_items(items: Mapping[str, str]) -> str:
    """TLV of text; ValueError for what is no tag, not ASCII or too long: whoever writes checks first.

    >>> write_items({"A3": "6212345678901234567"})
    'A30196212345678901234567'
    """
    for tag, value in items.items():
        if len(tag) != TAG_CHARACTERS or not value.isascii() or len(value) >= 10**LENGTH_DIGITS:
            raise ValueError("an item of field 59 is a tag of two characters and up to 999 of ASCII")
    return "".join(f"{tag}{len(value):0{LENGTH_DIGITS}d}{value}" for tag, value in items.items())


def read_items(text: str) -> dict[str, str]:
    """The items by tag. MessageError when it is no such TLV; it never says what was there.

    >>> read_items("A400412340100212")
    {'A4': '1234', '01': '12'}
    """
    if not (text.isascii() and text.isprintable()):
        raise MessageError(FIELD, "ASCII", "other characters")
    items: dict[str, str] = {}
    place = 0
    while place < len(text):
        tag, length = text[place : place + TAG_CHARACTERS], text[place + TAG_CHARACTERS : place + HEAD]
        if len(length) != LENGTH_DIGITS or not length.isdigit():
            raise MessageError(FIELD, "a length of three digits behind each tag", "something else")
        if tag in items:
            raise MessageError(FIELD, "each tag once", "one that comes twice")
        value = text[place + HEAD : place + HEAD + int(length)]
        if len(value) != int(length):
            raise MessageError(FIELD, "a value as long as its length says", "one that is cut off")
        items[tag] = value
        place += HEAD + len(value)
    return items


def write_identity(identity: Identity) -> str:
    """The value of A2.

    >>> write_identity(Identity(serial="0000020254004318", factor="000052", cipher="EC7CD424", version="321702"))
    '01002020201600000202540043180300600005204008EC7CD42405008321702  '
    """
    return write_items(
        {
            DEVICE_TYPE: identity.device_type,
            SERIAL: identity.serial,
            FACTOR: identity.factor,
            CIPHER: identity.cipher,
            VERSION: identity.version.ljust(VERSION_CHARACTERS),
        }
    )


def read_identity(text: str) -> Identity:
    """Read the value of A2. MessageError names what is missing or wrong in it."""
    if len(text) > IDENTITY_MAX:
        raise MessageError(FIELD, f"an identity of {IDENTITY_MAX} characters at most", "a longer one")
    items = read_items(text)
    device_type, serial, factor, cipher, version = (
        items.get(tag, "") for tag in (DEVICE_TYPE, SERIAL, FACTOR, CIPHER, VERSION)
    )
    fits = (
        (device_type.isdigit() and len(device_type) == len(CLASSIC_POS))
        and 0 < len(serial) <= SERIAL_MAX
        and (factor.isdigit() and len(factor) == FACTOR_DIGITS)
        and (len(cipher) == CIPHER_DIGITS and set(cipher) <= set("0123456789ABCDEFabcdef"))
        and len(version) <= VERSION_CHARACTERS
    )
    if not fits:
        raise MessageError(FIELD, "type, serial, factor, cipher and version of a terminal", "others")
    return Identity(
        device_type=device_type, serial=serial, factor=factor, cipher=cipher.upper(), version=version.rstrip()
    )


def write_field_59(said: Field59) -> str:
    """Field 59; empty where nothing is said.

    >>> write_field_59(Field59(pay_voucher="20261123000017"))
    'A401420261123000017'
    """
    items: dict[str, str] = {}
    if said.pin is not None:
        items[PIN] = said.pin.reveal()
    if said.identity is not None:
        items[IDENTITY] = write_identity(said.identity)
    if said.code is not None:
        items[CODE] = said.code.reveal()
    if said.pay_voucher:
        items[PAY_VOUCHER] = said.pay_voucher
    if said.brand:
        items[BRAND] = said.brand
    if said.shown:
        items[SHOWN] = said.shown
    if said.shown or said.left_s:
        items[LEFT] = str(said.left_s)
    return write_items(items)


def is_pay_voucher(text: str) -> bool:
    """Whether tag A4 can carry it.

    >>> is_pay_voucher("20261123085503000012"), is_pay_voucher("收据7"), is_pay_voucher("")
    (True, False, False)
    """
    return 0 < len(text) <= PAY_VOUCHER_MAX and text.isascii() and text.isalnum()


def read_field_59(text: str) -> Field59:
    """Read field 59. MessageError when it is broken, or a code or a payment voucher in it is none."""
    items = read_items(text)
    code, pay_voucher = items.get(CODE), items.get(PAY_VOUCHER)
    if code is not None and not (0 < len(code) <= CODE_MAX and code.isdigit()):
        raise MessageError(FIELD, f"a payment code of 1 to {CODE_MAX} digits", "something else")
    if pay_voucher is not None and not is_pay_voucher(pay_voucher):
        raise MessageError(FIELD, f"a payment voucher of 1 to {PAY_VOUCHER_MAX} digits and letters", "something else")
    brand, shown, left_s = items.get(BRAND, ""), items.get(SHOWN, ""), items.get(LEFT, "0")
    if brand and brand not in BRANDS:
        raise MessageError(FIELD, "a brand of payment codes", "another word")
    if len(shown) > SHOWN_MAX or not left_s.isdigit() or int(left_s) > LEFT_S_MAX:
        raise MessageError(FIELD, f"a code to show, and up to {LEFT_S_MAX} seconds for it", "something else")
    identity = items.get(IDENTITY)
    pin = items.get(PIN)
    return Field59(
        pin=Secret(pin) if pin is not None else None,
        identity=read_identity(identity) if identity is not None else None,
        code=PayCode(code) if code is not None else None,
        pay_voucher=pay_voucher or "",
        brand=brand,
        shown=shown,
        left_s=int(left_s),
    )
