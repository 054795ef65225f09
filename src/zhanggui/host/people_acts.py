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
from ..acquirer.people.rights import PERSON, ROLES
from ..acquirer.rows.decision import Decision
from ..acquirer.rows.records import WHOLE_HOST, Invitation, OfficeRole, Operator, Person
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


def _gives_much(asked: NewPerson | OtherRole, doing: ActDesk) -> bool:
    """Whether the role is one that whoever acts gives with a second person (`people/roles.toml`)."""
    return _takes_a_second(asked.role, doing)


def _takes_a_second(role: OfficeRole, doing: ActDesk) -> bool:
    name = doing.by.name
    person = doing.state.get(Person, WHOLE_HOST, name.removeprefix(PERSON)) if name.startswith(PERSON) else None
    return person is not None and person.role in ROLES[role].two_by


def _lets_in_anew(asked: OnePerson, doing: ActDesk) -> bool:
    """Whether a new link is as much as a new person: of the acquirer's own people always, else where the role is."""
    person = doing.state.get(Person, WHOLE_HOST, asked.login)
    return person is not None and (not person.shop_no or _takes_a_second(person.role, doing))


def _lets_back_in(asked: OnePerson, doing: ActDesk) -> bool:
    """As `_lets_in_anew`, where it takes a link; a lock that only ends sooner is one person's word."""
    person = doing.state.get(Person, WHOLE_HOST, asked.login)
    return person is not None and person.state == "disabled" and _lets_in_anew(asked, doing)


INVITE = ActRow(INVITE_PERSON, INVITE_PERSON, NewPerson, _needs, _invite, _more, needs_two=_gives_much)
RESET = ActRow(RESET_PERSON, RESET_PERSON, OnePerson, _needs, _reset, _more, needs_two=_lets_in_anew)
DISABLE = ActRow(DISABLE_PERSON, DISABLE_PERSON, OnePerson, _needs, _disable, _more)
ENABLE = ActRow(ENABLE_PERSON, ENABLE_PERSON, OnePerson, _needs, _enable, _more, needs_two=_lets_back_in)
SET_ROLE = ActRow(SET_PERSON_ROLE, SET_PERSON_ROLE, OtherRole, _needs, _set_role, _more, needs_two=_gives_much)
PEOPLE_ACTS = (INVITE, RESET, DISABLE, ENABLE, SET_ROLE)
