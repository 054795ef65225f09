"""PIN blocks and operator password blocks, in the clear: pure text and bytes, no key (domain reference, §5.3).

ANSI X9.8 as UnionPay terminals build it: format nibble 0, length, digits, F fill, XOR the account part. Without an
account part the block stands alone. With SM4 a block has 16 bytes: more F fill, the account part at the right.

>>> from zhanggui.basics.secret import Pan, Secret
>>> clear_block(Secret("123456"), pan_part(Pan("123456789012345678"))).hex().upper()
'061253DFFEDCBA98'
>>> digits_of(bytes.fromhex("061253DFFEDCBA98"), pan_part(Pan("123456789012345678"))).reveal()
'123456'
"""

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from hashlib import sha256

from zhanggui.basics.numbers import MerchantNo, OperatorNo, is_digits
from zhanggui.basics.secret import Pan, Secret

from .errors import PinBlockError, PinRejected

PIN_DIGITS_MIN = 4
PIN_DIGITS_MAX = 12
"""ISO 9564-1, 8.1; operator passwords keep the same bounds."""
BLOCK_BYTES = 8
"""Width of a block for DES, and of an account part."""
ACCOUNT_PARTS_KEPT = 4_096
"""Account parts that are kept: a password message needs its own two or three times."""


class PinFormat(Enum):
    """First digit of field 53."""

    WITHOUT_PAN = 1
    WITH_PAN = 2


@dataclass(frozen=True, slots=True)
class PasswordAccount:
    """Whose password it is; takes the place of the card number in an operator's password block."""

    merchant_no: MerchantNo
    operator_no: OperatorNo
    user_name: str = ""
    """What was typed in place of the number: the block is bound to it, since whoever makes the block may not know the number."""

    @property
    def block_part(self) -> bytes:
        """The account part of the block: that of the number, or of the user name that was typed.

        >>> PasswordAccount(MerchantNo("102100058120001"), OperatorNo("01"), "wang.fang").block_part.hex()
        '000046645496ed23'
        """
        return _named_part(self.merchant_no, self.user_name) if self.user_name else self.part

    @property
    def part(self) -> bytes:
        """The account part: 0000, last ten characters of the merchant number, two digits of the operator number.

        A merchant number may hold letters; a character that is no digit counts as 0, because a part is packed digits.

        >>> PasswordAccount(MerchantNo("102100058120001"), OperatorNo("01")).part.hex()
        '0000005812000101'
        """
        return _account_part(self.merchant_no, self.operator_no)


@lru_cache(maxsize=ACCOUNT_PARTS_KEPT)
def _account_part(merchant_no: MerchantNo, operator_no: OperatorNo) -> bytes:
    if len(merchant_no) != 15 or not is_digits(operator_no, 2):
        raise ValueError(
            "a password account is a merchant number of 15 characters and an operator number of two digits"
        )
    tail = merchant_no[-10:]
    if not is_digits(tail, 10):
        tail = "".join(character if is_digits(character, 1) else "0" for character in tail)
    return bytes.fromhex(f"0000{tail}{operator_no}")


@lru_cache(maxsize=ACCOUNT_PARTS_KEPT)
def _named_part(merchant_no: MerchantNo, user_name: str) -> bytes:
    """0000 and six bytes of a hash: the part is mixed into the block, and nothing reads it as digits."""
    return bytes(2) + sha256(f"{merchant_no}:{user_name}".encode()).digest()[:6]


def pan_part(pan: Pan) -> bytes:
    """The account part of a card number: 0000 and the twelve rightmost digits without the check digit."""
    return bytes.fromhex(pan.reveal()[-13:-1].rjust(16, "0"))


def clear_block(pin: Secret, account_part: bytes | None, width: int = BLOCK_BYTES) -> bytes:
    """Build the clear block of `width` bytes (8, or 16 for SM4).

    Raises PinRejected unless the PIN or password is 4 to 12 digits.
    """
    digits = pin.reveal()
    if not PIN_DIGITS_MIN <= len(digits) <= PIN_DIGITS_MAX or not is_digits(digits, len(digits)):
        raise PinRejected(f"a PIN or operator password is {PIN_DIGITS_MIN} to {PIN_DIGITS_MAX} digits; type it again")
    block = bytes.fromhex(f"{len(digits):02X}{digits}".ljust(2 * width, "F"))
    return block if account_part is None else with_part(block, account_part)


def with_part(block: bytes, account_part: bytes) -> bytes:
    """XOR the account part into a block, or take it out again."""
    mixed = int.from_bytes(block, "big") ^ int.from_bytes(account_part, "big")
    return mixed.to_bytes(len(block), "big")


def digits_of(block: bytes, account_part: bytes | None) -> Secret:
    """Read the digits out of a clear block of 8 or 16 bytes.

    Every nibble is looked at whatever the others hold, so the time does not tell where a block is wrong.
    Raises PinBlockError unless format nibble, length, digits and F fill are all right.
    """
    nibbles = (block if account_part is None else with_part(block, account_part)).hex().upper()
    length = int(nibbles[1], 16)
    wrong = (nibbles[0] != "0") | (length < PIN_DIGITS_MIN) | (length > PIN_DIGITS_MAX)
    for place, nibble in enumerate(nibbles[2:]):
        wrong |= (nibble not in "0123456789") if place < length else (nibble != "F")
    if wrong:
        raise PinBlockError(
            "field 52 does not hold a PIN: expected format nibble 0, a length of 4 to 12, digits and F fill. "
            "The PIN key or the block's format differs between the two sides; sign in again"
        )
    return Secret(nibbles[2 : 2 + length])
