"""The acts on people of the office: invite, reset, disable, enable, role. Rows of the table in `act_table.py`."""

import msgspec

from ..acquirer.people.inviting import (
    DISABLE_PERSON,
    ENABLE_PERSON,
    INVITE_PERSON,
    RESET_PERSON,
    SET_PERSON_ROLE,
    NewPerson,
    decide_disable_person,
    decide_enable_person,
    decide_invite,
    decide_reset_person,
    decide_set_role,
    more_of_people,
    people_needs,
)
from ..acquirer.people.rights import ROLES
from ..acquirer.rows.decision import Decision
from ..acquirer.rows.records import Invitation, OfficeRole, Operator
from ..acquirer.rows.state import Needs, State
from ..basics.numbers import MerchantNo
from .acts import ActDesk, ActRow


class OnePerson(msgspec.Struct, frozen=True):
    """The person whom the act is about."""

    login: str


class OtherRole(msgspec.Struct, frozen=True):
    """Another role for a person."""

    login: str
    role: OfficeRole


Asked = NewPerson | OnePerson | OtherRole


def _needs(merchant_no: MerchantNo, asked: Asked) -> Needs:
    needs = people_needs(merchant_no, asked.login)
    if isinstance(asked, NewPerson) and asked.operator_no:
        needs.add(Operator, (merchant_no, asked.operator_no))
    return needs


def _more(state: State, asked: Asked, more: Needs) -> None:
    more_of_people(state, asked.login, more)


def _invite(asked: NewPerson, doing: ActDesk) -> Decision:
    doing.shown, mark = doing.secrets.invitation()
    return decide_invite(doing.state, doing.merchant_no, asked, mark, doing.by, doing.now)


def _reset(asked: OnePerson, doing: ActDesk) -> Decision:
    doing.shown, mark = doing.secrets.invitation()
    return decide_reset_person(doing.state, doing.merchant_no, asked.login, mark, doing.by, doing.now)


def _enable(asked: OnePerson, doing: ActDesk) -> Decision:
    link, mark = doing.secrets.invitation()
    decision = decide_enable_person(doing.state, doing.merchant_no, asked.login, mark, doing.by, doing.now)
    # Whoever was only locked needs no link.
    is_invited = any(type(change.record) is Invitation for change in decision.changes)
    doing.shown = link if is_invited else None
    return decision


def _disable(asked: OnePerson, doing: ActDesk) -> Decision:
    return decide_disable_person(doing.state, doing.merchant_no, asked.login, doing.by, doing.now)


def _set_role(asked: OtherRole, doing: ActDesk) -> Decision:
    return decide_set_role(doing.state, doing.merchant_no, asked.login, asked.role, doing.by, doing.now)


def _gives_much(asked: NewPerson | OtherRole) -> bool:
    """Whether the role is one that two persons give (`people/roles.toml`)."""
    return ROLES[asked.role].two


INVITE = ActRow(INVITE_PERSON, INVITE_PERSON, NewPerson, _needs, _invite, _more, needs_two=_gives_much)
RESET = ActRow(RESET_PERSON, RESET_PERSON, OnePerson, _needs, _reset, _more)
DISABLE = ActRow(DISABLE_PERSON, DISABLE_PERSON, OnePerson, _needs, _disable, _more)
ENABLE = ActRow(ENABLE_PERSON, ENABLE_PERSON, OnePerson, _needs, _enable, _more)
SET_ROLE = ActRow(SET_PERSON_ROLE, SET_PERSON_ROLE, OtherRole, _needs, _set_role, _more, needs_two=_gives_much)
PEOPLE_ACTS = (INVITE, RESET, DISABLE, ENABLE, SET_ROLE)
