"""The capability table: role × action, from `capabilities.toml`. One table for rules, words and tests."""

from typing import Literal

from ...basics.roles import Role
from ...basics.words import Word, load_rows

Right = Literal["allow", "approval", "deny"]


class Capability(Word, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One action, with its words: who may do it alone, and who with an approval."""

    allow: tuple[Role, ...]
    approval: tuple[Role, ...] = ()
    by_badge: bool = False
    """Whether a session that stands on a badge alone may do it; where not, the operator's password is asked for first."""
    approvable: bool = False
    """Whether somebody can approve it at a terminal (406)."""
    given_by: tuple[Role, ...] = ("supervisor",)
    """Who: the supervisor, or for what only the administrator may do, the administrator alone."""


CAPABILITIES = load_rows(__package__, "capabilities.toml", Capability)


def right_of(role: Role, action: str) -> Right:
    """Whether a role may do an action: alone, with an approval, or not."""
    capability = CAPABILITIES[action]
    if role in capability.allow:
        return "allow"
    return "approval" if role in capability.approval else "deny"


def needs_password(action: str) -> bool:
    """Whether whoever signed in by a badge alone types the password first."""
    return not CAPABILITIES[action].by_badge


def who_can(action: str) -> tuple[Role, ...]:
    """The roles that may do an action alone."""
    return CAPABILITIES[action].allow
