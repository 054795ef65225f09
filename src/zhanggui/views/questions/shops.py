"""When the days of each shop begin, by the policy that it has now: what `a shop day` means in lists whose rows keep none."""

from collections.abc import Callable, Mapping
from functools import cached_property

from ...acquirer.policy.rules import policy_of
from ...acquirer.rows.records import Merchant
from ...basics.numbers import MerchantNo, UnixMs


class Shops:
    """The shops that a question is about (`only` these, or all), and when it is asked. They are read when somebody asks for their hours."""

    def __init__(
        self,
        read: Callable[[tuple[MerchantNo, ...] | None], list[Merchant]],
        only: tuple[MerchantNo, ...] | None,
        now: UnixMs,
    ) -> None:
        self._read = read
        self.now = now
        self.only = only

    @cached_property
    def hours(self) -> Mapping[int, tuple[MerchantNo, ...]]:
        """The shops by the hour at which their days begin."""
        found: dict[int, list[MerchantNo]] = {}
        for row in self._read(self.only):
            found.setdefault(policy_of(row.policy, row.policy_overrides).shop_day_starts_hour, []).append(
                row.merchant_no
            )
        return {hour: tuple(numbers) for hour, numbers in sorted(found.items())}
