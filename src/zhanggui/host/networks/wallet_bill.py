"""A shop's bill at a wallet, read page by page: what came and what went back between two instants, as the wallet has it.

Each line is judged by itself. One that is none stands in its place as such, and reading goes on behind it.
"""

from collections.abc import AsyncGenerator, Sequence
from itertools import pairwise

from ...basics.errors import Fault
from ...basics.numbers import MerchantNo, UnixMs
from ...cup.brands import BrandName
from ...cup.wallets.codes import wallet_code
from ...cup.wallets.messages import BILL_PAGE_MAX, BillLine, BrokenLine, WalletRequest, read_bill_line
from .wallet_port import WalletPort

PAGE_WITHIN_S = 10.0


class BillRefused(Fault):
    """The wallet answered, and told no bill, or one whose lines do not follow each other."""


async def read_bill(
    port: WalletPort, brand: BrandName, merchant_no: MerchantNo, begin: UnixMs, end: UnixMs, *, notices_to: str = ""
) -> AsyncGenerator[Sequence[BillLine | BrokenLine], None]:
    """The lines in their order, a page at a time. WalletSilent when no answer comes, BillRefused when it is none."""
    after = 0
    while True:
        request = WalletRequest(
            merchant_no=merchant_no, from_ms=begin, until_ms=end, after=after, notices_to=notices_to
        )
        answer = await port.ask(brand, "bill", request, timeout_s=PAGE_WITHIN_S)
        if wallet_code(brand, answer.word).says != "paid":
            raise BillRefused(f"a wallet told no bill: {answer.word}")
        lines = tuple(map(read_bill_line, answer.lines))
        numbers = [after, *(line.line_no for line in lines if line.line_no)]
        if any(later <= earlier for earlier, later in pairwise(numbers)):
            # Else a page that comes again and again would never end.
            raise BillRefused("the lines of a wallet's bill do not follow each other")
        if lines:
            yield lines
        if len(lines) < BILL_PAGE_MAX:
            return
        if len(numbers) == 1:
            raise BillRefused("no line on a page of a wallet's bill has a number")
        after = numbers[-1]
