"""Values that must not be seen. Every way to text gives a mask; `reveal()` is the only way in."""

import hmac
from typing import NoReturn


class Secret:
    """A secret text: a password, a PIN, a card number.

    `str`, `repr` and format give a mask; pickling and copying to JSON refuse; comparison takes constant time.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value. Call this only where the value is used up at once."""
        return self._value

    def mask(self) -> str:
        """What may be shown."""
        return "••••"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.mask()})"

    def __str__(self) -> str:
        return self.mask()

    def __format__(self, spec: str) -> str:
        return format(self.mask(), spec)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> NoReturn:
        raise TypeError("a secret has no hash; look it up by a keyed hash from the vault")

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled or copied; pass the object itself")


class Pan(Secret):
    """主账号, a card number of 12 to 19 digits."""

    __slots__ = ()

    def __init__(self, value: str) -> None:
        if not (12 <= len(value) <= 19 and value.isascii() and value.isdigit()):
            raise ValueError("a card number is 12 to 19 digits")
        super().__init__(value)

    def mask(self) -> str:
        """First six and last four digits, as receipts show them (PCI DSS 4.0.1, 3.4.1).

        >>> Pan("6217000000000000012").mask()
        '621700*********0012'
        """
        value = self._value
        return mask_pan(value)


PAY_CODE_DIGITS_MAX = 24
"""Digits of the longest payment code of any brand."""


class PayCode(Secret):
    """付款码, the code that a customer's phone shows to pay: 1 to 24 digits. Good for one payment, and personal all the same."""

    __slots__ = ()

    def __init__(self, value: str) -> None:
        if not (0 < len(value) <= PAY_CODE_DIGITS_MAX and value.isascii() and value.isdigit()):
            raise ValueError("a payment code is 1 to 24 digits")
        super().__init__(value)

    def mask(self) -> str:
        """As a card is shown.

        >>> PayCode("6212345678901234567").mask()
        '621234*********4567'
        """
        return mask_pan(self._value)


def mask_pan(digits: str) -> str:
    """Mask a card number that is plain digits: first six and last four stay."""
    if len(digits) < 12:
        return "*" * len(digits)
    return digits[:6] + "*" * (len(digits) - 10) + digits[-4:]
