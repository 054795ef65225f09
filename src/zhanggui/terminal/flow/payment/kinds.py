"""The kinds of payment that this terminal offers, one row each. The names are those of the catalogue of messages.

A kind says what it asks for, in order, and what its outcome means for reversal, slip and totals. Everything else is the same for
all: the stages, the rows of the table, the records and the messages know no kind. A new kind is a row here, its words
(`menu.<name>`), its line on the slip if it has one (`slips/slip_layout.py`), and a step of its own when it asks something new.
"""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from ....basics.roles import Role
from ..core.state import State
from .steps.amount import AMOUNT
from .steps.approval import approval_for
from .steps.asking import AskStep
from .steps.card import CARD
from .steps.original import original_of
from .steps.pin import PIN, PIN_UNLESS_SMALL


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of payment."""

    name: str
    """Its row in the catalogue; also the key that begins it on standby."""
    steps: tuple[AskStep, ...]
    """What is asked for, in this order; what came early (a card first) is not asked for again."""
    roles: frozenset[Role]
    """Who is offered it. The host decides for itself whether the operator has the right."""
    reversible: bool
    """Money moves: it is remembered before it leaves, and undone when its outcome stays unknown."""
    slip: bool
    """Its approval is printed; without a slip it is shown on the screen and not kept."""
    sign: int = 0
    """What its approval adds to the day's totals: 1, -1, or 0."""
    undoes_original: bool = False
    """Its approval takes the original out of the day's totals."""


ALL = (
    Kind(
        name="sale",
        steps=(AMOUNT, CARD, PIN_UNLESS_SMALL),
        roles=frozenset({"cashier"}),
        reversible=True,
        slip=True,
        sign=1,
    ),
    Kind(name="balance", steps=(CARD, PIN), roles=frozenset({"cashier"}), reversible=False, slip=False),
    Kind(
        name="void",
        # The card tells the bank and the cardholder whose money comes back; the supervisor's password stands in for the PIN.
        steps=(original_of("sale"), CARD, approval_for("void")),
        roles=frozenset({"cashier"}),
        reversible=True,
        slip=True,
        undoes_original=True,
    ),
)
"""The first one that a role may do is what an amount or a card on standby begins."""

KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in ALL})


SETTLING: frozenset[Role] = frozenset({"cashier"})
"""Who is offered to settle the batch; a test compares it with the table of rights."""


def may_settle(state: State) -> bool:
    """Whether whoever is signed in may settle."""
    return state.session is not None and state.session.role in SETTLING


def offered(role: Role) -> tuple[Kind, ...]:
    """The kinds that this role is offered, in the order of the menu."""
    return tuple(kind for kind in KINDS.values() if role in kind.roles)


def steps() -> tuple[AskStep, ...]:
    """Every step that some kind asks for, each stage once."""
    found = {tuple(step.drawings): step for kind in KINDS.values() for step in kind.steps}
    return tuple(found.values())
