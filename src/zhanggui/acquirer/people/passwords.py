"""What a password of the office must be: long, and not what others try first. No rule of composition, no end by the calendar.

Sources: NIST SP 800-63B-4, 3.1.1.2; OWASP ASVS 5.0, 6.2; PCI DSS 4.0.1, 8.3.6.
"""

import unicodedata
from functools import cache
from importlib import resources

import msgspec

from ...basics.secret import Secret
from ...basics.visible import alike
from ..rows.reasons import Reason

CHARACTERS_MIN = 12
CHARACTERS_MAX = 128
"""A bound on the work; any sentence fits."""
DIFFERENT_MIN = 4
"""Fewer different characters than this are a pattern, however long."""


class _Common(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    common: tuple[str, ...]


@cache
def common_passwords() -> frozenset[str]:
    """Passwords that are refused for being everybody's, folded as `alike` does."""
    text = resources.files(__package__).joinpath("common_passwords.toml").read_bytes()
    return frozenset(alike(one) for one in msgspec.toml.decode(text, type=_Common).common)


def password_bytes(password: Secret) -> bytes:
    """The password as it is hashed: in one form (NFKC), whatever input method typed it."""
    return unicodedata.normalize("NFKC", password.reveal()).encode("utf-8", "surrogatepass")


def why_no_password(password: Secret, login: str, name: str) -> Reason:
    """Why this can't be the password of this person; empty when nothing is against it."""
    typed = unicodedata.normalize("NFKC", password.reveal())
    folded = alike(typed)
    if len(typed) < CHARACTERS_MIN:
        return "password_too_short"
    if len(typed) > CHARACTERS_MAX:
        return "password_too_long"
    if folded in common_passwords() or len(set(folded)) < DIFFERENT_MIN:
        return "password_common"
    if folded.replace(" ", "") in _names(login, name):
        return "password_is_name"
    return ""


def _names(login: str, name: str) -> frozenset[str]:
    """The names alone, twice, or one after the other."""
    one, other = alike(login).replace(" ", ""), alike(name).replace(" ", "")
    return frozenset({one, other, one + one, other + other, one + other, other + one})
