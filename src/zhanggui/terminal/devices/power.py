"""What the terminal runs on: mains, or a battery with so much charge.

How a charge is judged stands in `flow/core/policy.py`, for virtual and real batteries alike.
"""

from ..flow.core.events import CheckResult
from ..flow.core.policy import BATTERY_WARNED_PERCENT, PAYMENT_CHARGE_MIN_PERCENT
from .switches import VirtualSwitch

CHARGES: dict[str, int | None] = {"ok": None, "battery": 80, "low": 12, "fail": 3}
"""States of the virtual supply: mains, and three charges of the battery."""


def power_result(charge: int | None) -> CheckResult:
    """What the self-check says of a charge in per cent; None is mains.

    >>> power_result(None).state, power_result(80).state, power_result(15).state, power_result(4).state
    ('ok', 'ok', 'warn', 'fail')
    """
    if charge is None or charge > BATTERY_WARNED_PERCENT:
        return CheckResult(item="power", state="ok", charge=charge)
    if charge >= PAYMENT_CHARGE_MIN_PERCENT:
        return CheckResult(item="power", state="warn", reason="check.power.low", charge=charge)
    return CheckResult(item="power", state="fail", reason="check.power.fail", charge=charge)


class VirtualPower(VirtualSwitch):
    """A supply that is one of CHARGES."""

    def __init__(self) -> None:
        super().__init__("power")

    def check(self) -> CheckResult:
        return power_result(CHARGES[self.state])
