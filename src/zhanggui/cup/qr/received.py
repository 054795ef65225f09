"""What an order to a terminal says of a payment that waits for it: three words with blanks between, ASCII.

wechat 20261123000000000017 1230        brand, the wallet's voucher, fen
"""

import msgspec

from ...basics.money import AMOUNT_FEN_MAX
from ..brands import BRANDS, BrandName
from .field59 import is_pay_voucher


class ReceivedSheet(msgspec.Struct, frozen=True, kw_only=True):
    """A payment by the code on the counter, as its terminal is told of it."""

    brand: BrandName
    voucher: str
    amount_fen: int

    def write(self) -> str:
        """The order's text.

        >>> ReceivedSheet(brand="wechat", voucher="20261123000000000017", amount_fen=1230).write()
        'wechat 20261123000000000017 1230'
        """
        return f"{self.brand} {self.voucher} {self.amount_fen}"


def read_received(text: str) -> ReceivedSheet | None:
    """Read it; None for what is no such text.

    >>> read_received("wechat 20261123000000000017 1230").amount_fen, read_received("wechat 1 0"), read_received("")
    (1230, None, None)
    """
    parts = text.split(" ")
    if len(parts) != 3:
        return None
    brand, voucher, amount = parts
    known = next((one for one in BRANDS if one == brand), None)
    if known is None or not is_pay_voucher(voucher) or not (amount.isascii() and amount.isdigit()):
        return None
    amount_fen = int(amount) if len(amount) <= len(str(AMOUNT_FEN_MAX)) else 0
    if not 0 < amount_fen <= AMOUNT_FEN_MAX:
        return None
    return ReceivedSheet(brand=known, voucher=voucher, amount_fen=amount_fen)
