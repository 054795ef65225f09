"""The capability table: role × action, from `capabilities.toml`. One table for rules, words and tests."""

from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Literal

import msgspec

from ...basics.roles import Role

Right = Literal["allow", "approval", "deny"]


class Capability(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One action: who may do it alone, and who with an approval."""

    zh: str
    en: str
    allow: tuple[Role, ...]
    approval: tuple[Role, ...] = ()


def _load() -> Mapping[str, Capability]:
    text = resources.files(__package__).joinpath("capabilities.toml").read_bytes()
    return MappingProxyType(msgspec.toml.decode(text, type=dict[str, Capability]))


CAPABILITIES = _load()


def right_of(role: Role, action: str) -> Right:
    """Whether a role may do an action: alone, with an approval, or not."""
    capability = CAPABILITIES[action]
    if role in capability.allow:
        return "allow"
    return "approval" if role in capability.approval else "deny"


def who_can(action: str) -> tuple[Role, ...]:
    """The roles that may do an action alone."""
    return CAPABILITIES[action].allow
