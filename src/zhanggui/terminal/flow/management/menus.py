"""What a manager finds behind his number at a terminal: one menu a role, a table of entries. Rights are the host's to judge.

To add an entry: its row here, its words (`manage.<action>`, `manage.<action>.done`), and, where it asks the host, its act in
`acquirer/operators/at_terminal.py`.
"""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from ....basics.numbers import OperatorNo
from ....basics.roles import Role
from ..core.policy import MANAGERS

OWN_PASSWORD = "own_password"  # noqa: S105  # the word of an entry
"""The one entry that is no act on others: the change of password that every operator has."""


class MenuEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that can be done."""

    action: str
    """The host's word for it, and the last part of its words here."""
    about_operator: bool = False
    """True: whom it is about is asked for; else it is about this terminal, or about nobody else."""
    first_password: bool = False
    """True: a first password for that operator is typed, twice."""


SUPERVISOR_MENU = (
    MenuEntry(action="unlock_operator", about_operator=True),
    MenuEntry(action="reset_password", about_operator=True, first_password=True),
    MenuEntry(action="enable_operator", about_operator=True),
    MenuEntry(action="unlock_terminal"),
    MenuEntry(action=OWN_PASSWORD),
)

MENUS: Mapping[Role, tuple[MenuEntry, ...]] = MappingProxyType({"supervisor": SUPERVISOR_MENU})


def menu_of(manager_no: OperatorNo) -> tuple[MenuEntry, ...]:
    """The entries behind a number; none where it opens no menu."""
    role = MANAGERS.get(manager_no)
    return MENUS[role] if role is not None else ()
