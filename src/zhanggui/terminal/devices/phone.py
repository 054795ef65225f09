"""The virtual phone: what a bank's customer holds to the scanner. It makes codes by the key in the card's file, without a line."""

from collections.abc import Callable

from ...basics.chance import Chance
from ...basics.clock import Clock
from ...basics.secret import PayCode
from ...vault.phone_code import CHANCE_DIGITS, phone_code
from .cards import PhoneFile

CHANCE_BYTES = 8


def virtual_phone(clock: Clock, chance: Chance) -> Callable[[PhoneFile], PayCode]:
    """Shows a new code each time that it is asked for. The phone has the right time, whatever a terminal's clock says."""

    def show(phone: PhoneFile) -> PayCode:
        drawn = int.from_bytes(chance.take(CHANCE_BYTES), "big") % 10**CHANCE_DIGITS
        code = phone_code(phone.number, bytes.fromhex(phone.key), f"{drawn:0{CHANCE_DIGITS}d}", clock.now() // 1_000)
        return PayCode(code)

    return show
