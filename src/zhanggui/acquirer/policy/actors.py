"""Who manages, and whether they may: the management half of the capability table, and the note that every act leaves.

A manager is an operator with a role, a person of the office with the actions that `people/rights.toml` gives, or the console:
whoever holds the data folder and its passphrase may do everything, and the note says that it was the console.
"""

import msgspec

from ...basics.numbers import MerchantNo, OperatorNo, UnixMs
from ...basics.roles import Role
from ..rows.numbering import next_note_no
from ..rows.records import AuditNote, Operator
from ..rows.state import Change, Insert, State
from .capabilities import right_of

CONSOLE_NAME = "console"
NOT_PERMITTED = "not_permitted"
MANAGE_ROLE: dict[Role, str] = {"supervisor": "manage_supervisor", "administrator": "manage_administrator"}
"""Managing anybody but a cashier is a right of its own: 99 sets up 00, and nobody at a terminal manages 99."""
ROLES_BY_NUMBER: dict[str, Role] = {"99": "administrator", "00": "supervisor"}
"""The numbers that are no cashier's."""


class Actor(msgspec.Struct, frozen=True):
    """Who does it. Neither `role` nor `actions`: the console itself, which may do everything."""

    name: str
    role: Role | None = None
    actions: frozenset[str] | None = None
    """What a person of the office may do here; None for everybody else."""
    reason: str = ""
    """Why, in the actor's own words; it stands in the note."""
    operator_no: str = ""
    """The number under which a person of the office is known as an operator of this shop; empty where under none."""
    via: str = ""
    """By what a program acts in that name; it stands in the note too."""


CONSOLE = Actor(CONSOLE_NAME)


def console_as(operator: Operator) -> Actor:
    """The console on behalf of an operator, with that operator's rights: the note names both."""
    return Actor(f"{CONSOLE_NAME}:{operator.operator_no}", operator.role)


def may_manage(actor: Actor, action: str, target: Role = "cashier") -> bool:
    """Whether this actor may do this management action (to an operator of this role)."""
    if actor.actions is not None:
        return action in actor.actions and MANAGE_ROLE.get(target, action) in actor.actions
    if actor.role is None:
        return True
    return right_of(actor.role, MANAGE_ROLE.get(target, action)) == "allow"


def role_of_number(operator_no: str) -> Role:
    """99 sets up, 00 supervises, everybody else trades (UnionPay terminal rule)."""
    return ROLES_BY_NUMBER.get(operator_no, "cashier")


def is_own_number(actor: Actor, operator_no: OperatorNo) -> bool:
    """Whether whoever acts does so on himself or herself: as that operator, or as a person who is the same human being."""
    return operator_no in (actor.name.rpartition(":")[2], actor.operator_no)


def noted(
    state: State, merchant_no: MerchantNo, actor: Actor, action: str, subject: str, detail: str, now: UnixMs
) -> tuple[Change, ...]:
    """The note of one act, and its number's counter. Neither secret nor name may stand in `detail`."""
    note_no, counted = next_note_no(state, merchant_no)
    note = AuditNote(
        merchant_no=merchant_no,
        note_no=note_no,
        actor=actor.name,
        action=action,
        subject=subject,
        detail=" ".join(filter(None, (detail, actor.via))),
        made_ms=now,
        reason=actor.reason or None,
    )
    return counted, Insert(note)
