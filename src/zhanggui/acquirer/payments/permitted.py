"""Whether a payment is permitted: the shop may use its kind (58), and its operator has the right to it (57, or P8 for an approval).

It is asked here whatever the terminal believes: a menu that offers too much, or a terminal of another maker, moves no money that
the table of rights (`policy/capabilities.toml`) does not allow.

    the right is      terminals whose operators the host checks      terminals that check their operators themselves
    allow             permitted                                      permitted
    approval          the approval that the request names, used up   permitted: the supervisor's password was typed there
    deny              refused 57                                     refused 57
    not in the table  –                                              as a cashier's "allow", or else refused 57

"Not in the table" is a 00 or 99 of whom this host has no row, as a terminal that checks its operators itself may name one. What a
cashier may do with an approval only is refused to it: nobody here knows whether a supervisor stood by.

A card's number that was typed needs the right to that too (`key_card`), in a kind that is allowed without anybody's approval.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from ...basics.numbers import MerchantNo, OperatorNo, UnixMs
from ...basics.roles import Role
from ...cup.messages.payment import PaymentRequest
from ...cup.transactions import PAYMENTS
from ...cup.values.entry_mode import is_keyed
from ..policy.actors import NOT_PERMITTED, ROLES_BY_NUMBER, Actor, may_manage, noted, role_of_number
from ..policy.capabilities import needs_password, right_of
from ..rows.decision import Decision
from ..rows.draft import Draft
from ..rows.records import Merchant, Operator, Payment, Session, Terminal
from ..rows.state import Needs, State, Update
from ..terminals.approval_use import use_approval
from ..terminals.gate import Refusal
from ..terminals.session_rows import is_by_badge
from ..terminals.waiting_keys import names_waiting
from .kinds import Kind
from .originals import approved_as

KEY_CARD = "key_card"
"""The right to type a card's number (`policy/capabilities.toml`)."""


def need_operators(state: State, terminal: Terminal | None, request: PaymentRequest, more: Needs) -> None:
    """Ask for the operators whose right may be in question. A cashier's is known from the number: 01 to 98 trade, always."""
    merchant_no, terminal_no = request.merchant_no, request.terminal_no
    if request.operator_no in ROLES_BY_NUMBER:
        more.add(Operator, (merchant_no, request.operator_no))
    if terminal is not None and terminal.waiting:
        for number in sorted(names_waiting(terminal) & ROLES_BY_NUMBER.keys()):
            more.add(Operator, (merchant_no, number))
    for session in state.live_sessions_on(merchant_no, terminal_no):
        if session.operator_no in ROLES_BY_NUMBER:
            more.add(Operator, (merchant_no, session.operator_no))


def is_kind_refused(merchant: Merchant, kind: Kind) -> bool:
    """Whether the shop may not use this kind of payment."""
    refused = merchant.kinds_refused
    return refused is not None and kind.row.name in refused.split()


def why_not_permitted(
    draft: Draft,
    kind: Kind,
    terminal: Terminal,
    live: Sequence[Session],
    request: PaymentRequest,
    original: Payment | None,
    now: UnixMs,
) -> Refusal | None:
    """Why its operator may not make this payment; None when he may. An approval that permits it is used up in the draft.

    `live`: the sessions on the terminal, oldest first. `original`: the payment that it is about, as it was found.
    """
    role = _role(draft, live, request)
    action, right = kind.action, right_of(role or "cashier", kind.action)
    if right == "allow" and is_keyed(request.entry_mode):
        # Where a supervisor approves the kind itself, the same approval covers the typing: nobody is asked twice for one payment.
        action, right = KEY_CARD, right_of(role or "cashier", KEY_CARD)
    if right == "deny" or (role is None and right != "allow"):
        return Refusal("57", f"no_right:{action}")
    if needs_password(action) and any(map(is_by_badge, live)):
        return Refusal("57", f"password_first:{action}")
    if right == "approval" and terminal.operator_check == "host":
        used = use_approval(
            draft,
            request.merchant_no,
            request.approval_no,
            request.terminal_no,
            action,
            now,
            amount_fen=request.amount_fen,
            session_no=live[-1].session_no if live else None,
            original=approved_as(original, request) if original is not None else None,
        )
        return used if isinstance(used, Refusal) else None
    return None


def _role(draft: Draft, live: Sequence[Session], request: PaymentRequest) -> Role | None:
    """The role of whoever asks: 63.1, or else whoever is signed in. None for 00 and 99 of a shop that knows none of them."""
    number = request.operator_no
    if not number:
        number = live[-1].operator_no if live else OperatorNo("")
    role = role_of_number(number)
    if role == "cashier":
        return role
    operator = draft.get(Operator, request.merchant_no, number)
    return operator.role if operator is not None else None


def decide_use_of_kind(
    state: State, merchant_no: MerchantNo, kind: str, is_used: bool, by: Actor, now: UnixMs
) -> Decision:
    """Let a shop use a kind of payment, or no longer. What is under way goes on; a reversal is never refused for it."""
    merchant = state.get(Merchant, merchant_no)
    if merchant is None:
        return Decision(reason="unknown_merchant")
    if not may_manage(by, "set_policy"):
        return Decision(reason=NOT_PERMITTED)
    if kind not in PAYMENTS:
        return Decision(reason="unknown_kind")
    refused = set((merchant.kinds_refused or "").split())
    if (kind not in refused) == is_used:
        return Decision(reason="is_so_already")
    refused ^= {kind}
    changed = replace(merchant, kinds_refused=" ".join(sorted(refused)) or None)
    note = noted(state, merchant_no, by, "set_policy", f"kind:{kind}", "used" if is_used else "not_used", now)
    return Decision(changes=(Update(changed), *note))
