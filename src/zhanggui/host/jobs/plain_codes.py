"""Seal the sign-in codes of shifts that an earlier version kept in clear. They go on working; nobody reads them any more."""

from collections.abc import Sequence

import msgspec

from ...acquirer.rows.records import Merchant
from ...acquirer.rows.state import Needs, Update
from ...basics.numbers import MerchantNo
from ...basics.secret import Secret
from ..commit import Door, Sheet
from ..keys import HostKeys

CODES_AT_ONCE = 500
"""Shops in one transaction."""


async def seal_plain_codes(door: Door, keys: HostKeys, shops: Sequence[MerchantNo]) -> None:
    """Replace each code in clear by what the vault keeps of it."""
    for place in range(0, len(shops), CODES_AT_ONCE):
        page = shops[place : place + CODES_AT_ONCE]

        def seal(sheet: Sheet, page: Sequence[MerchantNo] = page) -> None:
            found = (sheet.state.get(Merchant, merchant_no) for merchant_no in page)
            sheet.take(
                Update(msgspec.structs.replace(shop, shift_code=keys.seal_shift_code(shop.merchant_no, Secret(code))))
                for shop in found
                if shop is not None and (code := shop.shift_code).isdigit()
            )

        await door.commit(Needs({Merchant: [(merchant_no,) for merchant_no in page]}), seal, tries_max=3)
