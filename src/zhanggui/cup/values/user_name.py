"""User names (用户名), which stand in tag USER_NAME where a person gives no number. Ours; docs/concepts/sign-in.md.

Whoever signs in with one is the same operator with the same password, tries and rights: the host looks up the number first.
"""

import re

from ...basics.numbers import Login

USER_NAME = re.compile(r"[a-z][a-z0-9._-]{2,31}")
"""A user name begins with a letter, so that it is never taken for a number."""
USER_NAME_MAX = 32
"""Characters."""


def fold_user_name(typed: str) -> str:
    """A user name as it is looked up: small letters, no longer than one can be.

    >>> fold_user_name("Wang.Fang")
    'wang.fang'
    """
    return typed[:USER_NAME_MAX].lower()


def user_name_in(login: Login) -> str:
    """The user name that was typed; empty where it was a number.

    >>> user_name_in("wang.fang"), user_name_in("01")
    ('wang.fang', '')
    """
    return "" if login[:1].isdigit() else login
