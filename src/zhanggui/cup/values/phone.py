"""The code that a terminal shows for a phone (手机签到): its address, what is in it, and its name in tag PHONE. Ours; docs/concepts/sign-in.md.

    https://host:port/P/merchant/terminal/NAMEandSECRET

The name is drawn by chance for each code and is no secret. The secret follows from merchant, terminal and name under a key of the
host that made it, so each code is told from a forged one however old it is, and is good nowhere else. Capitals and digits alone:
the picture stays small enough for a display of 64 points.
"""

import base64
import re

import msgspec

from ...basics.numbers import Login, MerchantNo, TerminalNo, UserName
from ...basics.secret import Secret

BY_PHONE = UserName("*phone")
"""Stands where a login does, at whoever knows that a phone answered and not whose: it is no number, and no user name begins so."""
PHONE_PATH = "/P"
NAME_BYTES, SECRET_BYTES = 5, 8
_NAME = re.compile(r"[A-Z2-7]{8}")
_TEXT = re.compile(r"([A-Z2-7]{8})([A-Z2-7]{13})")


class PhoneCode(msgspec.Struct, frozen=True):
    """A code, taken apart."""

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    name: str
    secret: Secret


def name_of(drawn: bytes) -> str:
    """The name of a code from five bytes of chance.

    >>> name_of(bytes(5))
    'AAAAAAAA'
    """
    return base64.b32encode(drawn[:NAME_BYTES]).decode("ascii")


def secret_of(drawn: bytes) -> Secret:
    """The secret of a code from eight bytes."""
    return Secret(base64.b32encode(drawn[:SECRET_BYTES]).decode("ascii").rstrip("="))


def write_code(code: PhoneCode) -> str:
    """The path of a code's page.

    >>> write_code(PhoneCode(MerchantNo("102100058120001"), TerminalNo("10000001"), name_of(bytes(5)), secret_of(bytes(8))))
    '/P/102100058120001/10000001/AAAAAAAAAAAAAAAAAAAAA'
    """
    return f"{PHONE_PATH}/{code.merchant_no}/{code.terminal_no}/{code.name}{code.secret.reveal()}"


def read_code(merchant_no: str, terminal_no: str, text: str) -> PhoneCode | None:
    """A code from the parts of its path; None for what was never one."""
    found = _TEXT.fullmatch(text)
    if found is None:
        return None
    return PhoneCode(MerchantNo(merchant_no), TerminalNo(terminal_no), found[1], Secret(found[2]))


def read_name(text: str) -> str:
    """Tag PHONE; what is malformed names no code, and is no refusal of its own.

    >>> read_name("ABCDEFGH"), read_name("abc"), read_name("")
    ('ABCDEFGH', '?', '')
    """
    return text if not text or _NAME.fullmatch(text) else "?"


def is_by_phone(login: Login) -> bool:
    """Whether a phone answered in place of a number.

    >>> is_by_phone(BY_PHONE), is_by_phone(UserName("phone"))
    (True, False)
    """
    return login == BY_PHONE
