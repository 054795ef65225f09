"""The kinds of payment that this terminal offers, one row each. The names are those of the catalogue of messages.

A kind says what it asks for, in order, and what its outcome means for reversal, slip and totals. Everything else is the same for
all: the stages, the rows of the table, the records and the messages know no kind. A new kind is a row here, its words
(`menu.<name>`, `kind.<name>`, `done.<name>`), its line and what is agreed on the slip if it has one (`slips/slip_layout.py`), and a
step of its own when it asks something new.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import msgspec

from ....basics.roles import Role
from ....cup.transactions import PAYMENTS
from ..core.state import State
from .steps.amount import AMOUNT
from .steps.approval import approval_for
from .steps.asking import AskStep
from .steps.brand import BRAND
from .steps.card import CARD, CARD_OR_CODE, CODE
from .steps.keyed import KEYED
from .steps.original import original_of
from .steps.pin import PIN, PIN_UNLESS_SMALL

Closes = Literal["", "undone", "completed"]


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
    repeated: bool = False
    """Money moves and no reversal undoes it: it is remembered before it leaves, and asked for again until its outcome is known."""
    slip: bool
    """Its approval is printed; without a slip it is shown on the screen and not kept."""
    sign: int = 0
    """What its approval adds to the day's totals: 1, -1, or 0."""
    closes: Closes = ""
    """What its approval makes of its original, which then counts no more; empty when the original stands on."""
    adjusts: Literal[-1, 0, 1] = 0
    """Whether it takes its amount from its original's, or adds to it."""
    by_badge: bool = False
    """Whether a session that stands on a badge alone begins it; a test compares with the table of rights."""
    put_right_by: str = ""
    """The kind that takes it back where its amount was wrong, before it is made anew; empty where that is done otherwise."""
    group: str = ""
    """The entry of the menu behind which it is found (`menu.<group>`); empty for one of its own."""


ALL = (
    Kind(
        name="sale",
        steps=(AMOUNT, CARD_OR_CODE, KEYED, PIN_UNLESS_SMALL),
        roles=frozenset({"cashier"}),
        reversible=True,
        slip=True,
        sign=1,
        by_badge=True,
        put_right_by="void",
    ),
    Kind(
        name="balance",
        steps=(CARD, KEYED, PIN),
        roles=frozenset({"cashier"}),
        reversible=False,
        slip=False,
        by_badge=True,
    ),
    Kind(
        name="void",
        # The card tells the bank and the cardholder whose money comes back; the supervisor's password stands in for the PIN.
        steps=(original_of("sale", "qr_sale", "qr_own", "qr_static"), CARD, approval_for("void")),
        roles=frozenset({"cashier"}),
        reversible=True,
        slip=True,
        closes="undone",
    ),
    Kind(
        name="refund",
        steps=(
            original_of(
                "sale", "completion", "completion_notice", "qr_sale", "qr_own", "qr_static", by="reference", whole=False
            ),
            AMOUNT,
            CARD,
            approval_for("refund"),
        ),
        roles=frozenset({"cashier"}),
        reversible=False,
        repeated=True,
        slip=True,
        sign=-1,
        adjusts=-1,
    ),
    Kind(
        name="qr_sale",
        steps=(AMOUNT, CODE),
        roles=frozenset({"cashier"}),
        reversible=True,
        slip=True,
        sign=1,
        by_badge=True,
        put_right_by="qr_void",
        group="codes",
    ),
    Kind(
        name="qr_void",
        # Neither card nor code: a code is good for one payment, and the voucher tells the bank whose money comes back.
        steps=(original_of("qr_sale", "qr_own", "qr_static"), approval_for("void")),
        roles=frozenset({"cashier"}),
        # A bank would take it back; a wallet that has given money back does not.
        reversible=False,
        repeated=True,
        slip=True,
        closes="undone",
        group="codes",
    ),
    Kind(
        name="qr_refund",
        steps=(
            original_of("qr_sale", "qr_own", "qr_static", by="reference", whole=False),
            AMOUNT,
            approval_for("refund"),
        ),
        roles=frozenset({"cashier"}),
        reversible=False,
        repeated=True,
        slip=True,
        sign=-1,
        adjusts=-1,
        group="codes",
    ),
    Kind(
        name="preauth",
        steps=(AMOUNT, CARD, KEYED, PIN),
        roles=frozenset({"cashier"}),
        reversible=True,
        slip=True,
        group="preauths",
        by_badge=True,
    ),
    Kind(
        name="preauth_cancel",
        steps=(original_of("preauth", by="authorisation"), AMOUNT, CARD, approval_for("preauth_cancel")),
        roles=frozenset({"cashier"}),
        reversible=True,
        slip=True,
        closes="undone",
        group="preauths",
    ),
    Kind(
        name="completion",
        steps=(original_of("preauth", by="authorisation", whole=False), AMOUNT, CARD, KEYED),
        roles=frozenset({"cashier"}),
        reversible=True,
        slip=True,
        sign=1,
        closes="completed",
        group="preauths",
        by_badge=True,
    ),
    Kind(
        name="completion_notice",
        steps=(original_of("preauth", by="authorisation", whole=False), AMOUNT, CARD, KEYED),
        roles=frozenset({"cashier"}),
        reversible=False,
        repeated=True,
        slip=True,
        sign=1,
        closes="completed",
        group="preauths",
        by_badge=True,
    ),
    Kind(
        name="completion_void",
        steps=(original_of("completion"), CARD, approval_for("completion_void")),
        roles=frozenset({"cashier"}),
        reversible=True,
        slip=True,
        closes="undone",
        group="preauths",
    ),
    Kind(
        name="preauth_increment",
        steps=(original_of("preauth", by="authorisation", whole=False), AMOUNT, CARD, KEYED),
        roles=frozenset({"cashier"}),
        reversible=True,
        slip=True,
        adjusts=1,
        group="preauths",
        by_badge=True,
    ),
    Kind(
        name="qr_own",
        # What came of it is asked for until it is known, as after a power cut; given up by a person, it is undone.
        steps=(AMOUNT, BRAND),
        roles=frozenset({"cashier"}),
        reversible=False,
        repeated=True,
        slip=True,
        sign=1,
        by_badge=True,
        put_right_by="qr_void",
    ),
    Kind(
        name="qr_static",
        # Nobody begins it: its customer has paid, and the host says so by an order. It is asked for until the host has it in its batch.
        steps=(),
        roles=frozenset({"cashier"}),
        reversible=False,
        repeated=True,
        slip=True,
        sign=1,
        by_badge=True,
    ),
)
"""The first one that a role may do is what an amount or a card on standby begins."""

KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in ALL})

NEIGHBOURS: Mapping[str, str] = MappingProxyType(
    {"sale": "qr_sale", "qr_sale": "sale", "void": "qr_void", "refund": "qr_refund"}
)
"""The same by the other means: what is shown decides, a card or a code, and what the earlier payment was made by."""


SETTLES_BY_BADGE = False
"""Whether a session that stands on a badge alone settles; a test compares it with the table of rights."""
SETTLING: frozenset[Role] = frozenset({"cashier"})
"""Who is offered to settle the batch; a test compares it with the table of rights."""


def may_settle(state: State) -> bool:
    """Whether whoever is signed in may settle."""
    return state.session is not None and state.session.role in SETTLING


def offered(state: State) -> tuple[Kind, ...]:
    """The kinds that whoever is signed in is offered, in the order of the menu: those of the role that the shop uses."""
    session = state.session
    if session is None:
        return ()
    return tuple(
        kind
        for kind in KINDS.values()
        if session.role in kind.roles and is_used(state, kind) and can_be_made(state, kind)
    )


def is_used(state: State, kind: Kind) -> bool:
    """Whether the shop uses this kind of payment; the host refuses one that it does not (58)."""
    return kind.name not in state.rules.kinds_refused


def can_be_made(state: State, kind: Kind) -> bool:
    """Whether somebody at this machine can make it: by code only with a scanner, and what has been paid already by nobody."""
    return bool(kind.steps) and (state.machine.profile.scanner or not PAYMENTS[kind.name].is_by_code)


def takes_card(kind: Kind) -> bool:
    """Whether a card is asked for, so that one may come before it is."""
    return CARD in kind.steps or CARD_OR_CODE in kind.steps


def entries(kinds: tuple[Kind, ...]) -> tuple[str, ...]:
    """The entries of the menu for these kinds, in their order: a kind, or the group that it stands in, once."""
    return tuple(dict.fromkeys(kind.group or kind.name for kind in kinds))


def grouped(state: State, group: str) -> tuple[Kind, ...]:
    """The kinds behind an entry of the menu."""
    return tuple(kind for kind in offered(state) if kind.group == group)


def steps() -> tuple[AskStep, ...]:
    """Every step that some kind asks for, each stage once."""
    found = {tuple(step.drawings): step for kind in KINDS.values() for step in kind.steps}
    return tuple(found.values())
