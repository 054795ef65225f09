"""A bounded store of plans that an attacker who chooses bitmaps can neither grow nor keep busy.

Bounds. Plans live in two generations of half the size each: a full young generation becomes the old one, and a plan
that is wanted again moves back, so plans in use survive without any bookkeeping on a hit. A plan is made at the third
sight of its key, and only while there is credit: each message read by the table earns one, a plan costs what making it
costs in messages. So a flood of new bitmaps at most doubles the table's cost, whatever it sends.
"""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

PLANS_MAX = 512
"""Plans kept. A dialect has about sixty shapes of messages; each plan takes some ten kilobytes."""
SIGHTS_BEFORE_PLAN = 3
"""A shape that is seen three times is likely to come again."""
SIGHTS_MAX = 4096
"""Keys whose sights are counted; when full, counting starts again."""
PLAN_COST = 16
"""Messages by the table that take as long as making one plan, about a third of a millisecond."""
CREDIT_MAX = 128 * PLAN_COST
"""Plans that may be made in a row: all shapes of a dialect right after the start."""

Key = TypeVar("Key", bound=Hashable)
Plan = TypeVar("Plan")


class PlanCache(Generic[Key, Plan]):
    """Plans by key. `get` answers from the young generation only and is what a hot path calls."""

    def __init__(self, make: Callable[[Key], Plan], plans_max: int = PLANS_MAX) -> None:
        if plans_max < 2:
            raise ValueError("a plan cache holds at least 2 plans")
        self._make = make
        self._generation_max = plans_max // 2
        self._young: dict[Key, Plan] = {}
        self._old: dict[Key, Plan] = {}
        self._sights: dict[Key, int] = {}
        self._credit = CREDIT_MAX
        self.get: Callable[[Key], Plan | None] = self._young.get

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    @property
    def sights(self) -> int:
        """Keys that are counted but have no plan."""
        return len(self._sights)

    def recall(self, key: Key) -> Plan | None:
        """Look into the old generation; a plan found there is young again."""
        plan = self._old.pop(key, None)
        if plan is not None:
            self._keep(key, plan)
        return plan

    def sighted(self, key: Key) -> None:
        """Tell that the table served a message of this key; make a plan when it is worth one."""
        self._credit = min(self._credit + 1, CREDIT_MAX)
        sights = self._sights.get(key, 0) + 1
        if sights >= SIGHTS_BEFORE_PLAN and key not in self._young and self._credit >= PLAN_COST:
            self._credit -= PLAN_COST
            self._sights.pop(key, None)
            self._keep(key, self._make(key))
            return
        if len(self._sights) >= SIGHTS_MAX:
            self._sights.clear()
        self._sights[key] = sights

    def _keep(self, key: Key, plan: Plan) -> None:
        if len(self._young) >= self._generation_max:
            self._old = dict(self._young)
            self._young.clear()
        self._young[key] = plan
