"""A stage for stories under a policy: a profile with some rules changed, and worlds whose shop has it."""

from typing import Any

import msgspec
from tests.worlds.acquirer_world import MERCHANT, World, code_of, tags_of

from zhanggui.acquirer.policy.rules import Policy, load_profile
from zhanggui.acquirer.rows.records import Merchant
from zhanggui.cup.operator_tags import Tag


class Stage:
    """A policy, and worlds under it."""

    def __init__(self, profile: str, changed: dict[str, object]) -> None:
        values: dict[str, Any] = {name: rule.value for name, rule in load_profile(profile).items()}
        self._profile, self._changed = profile, changed
        self.policy = msgspec.convert({**values, **changed}, Policy)

    def world(self, **neutral: object) -> World:
        """A world whose shop has this policy, but for rules that the story is not about."""
        world = World()
        shop = world.state.get(Merchant, MERCHANT)
        assert shop is not None
        overrides = {**neutral, **self._changed}
        world.change(shop, policy=self._profile, policy_overrides=msgspec.json.encode(overrides).decode())
        return world


def signed_in(stage: Stage) -> tuple[World, dict[Tag, str]]:
    world = stage.world(sign_in_code="none")
    opened = world.sign_in()
    assert code_of(opened) == "00"
    return world, tags_of(opened)
