"""User names (用户名), which stand in tag USER_NAME where a person gives no number. Ours; docs/concepts/sign-in.md.

Whoever signs in with one is the same operator with the same password, tries and rights: the host looks up the number first.
"""

import re

from ...basics.numbers import Login, is_digits

USER_NAME = re.compile(r"[a-z][a-z0-9._-]{2,31}")
"""A user name begins with a letter, so that it is never taken for a number."""
USER_NAME_MAX = 32
"""Characters."""
OPERATOR_DIGITS = 2
"""Of an operator's number."""


def fold_user_name(typed: str) -> str:
    """A user name as it is looked up: small letters, no longer than one can be.

    >>> fold_user_name("Wang.Fang")
    'wang.fang'
    """
    return typed[:USER_NAME_MAX].lower()


def is_login(typed: str) -> bool:
    """Whether it can be an operator's number or user name at all. What can be neither may be a secret in the wrong field.

    >>> is_login("01"), is_login("Wang.Fang"), is_login("135792468"), is_login("<b>")
    (True, True, False, False)
    """
    return is_digits(typed, OPERATOR_DIGITS) or USER_NAME.fullmatch(typed.lower()) is not None


def user_name_in(login: Login) -> str:
    """The user name that was typed; empty where it was a number.

    >>> user_name_in("wang.fang"), user_name_in("01")
    ('wang.fang', '')
    """
    return "" if login[:1].isdigit() else login
