"""A supervisor's approval, where the kind needs one.

It lives for a minute and is typed on the PIN pad, so it stands behind the card, and before the PIN that must still be there.
"""

from ...core.payments import Doing
from ...core.state import State
from ...core.step import Step, leave
from ...core.ways import Ask, LeavePayment, PayOn, ToApproval, ToNumber
from .asking import AskStep


def answered(doing: Doing) -> bool:
    """It was given."""
    return doing.approval_no is not None


def approval_for(action: str) -> AskStep:
    """The step that asks for it. The action is a word of `action.…`, and of the host's table of rights."""

    def ask(state: State, doing: Doing) -> Step:
        """The supervisor comes to this terminal; amount and original are bound to what is approved."""
        if state.session is None:
            return leave(state, ToNumber())
        wanted = Ask(
            action=action,
            operator_no=state.session.operator_no,
            given=PayOn(doing=doing),
            back=LeavePayment(kind=doing.kind),
            amount_fen=doing.amount_fen or 0,
            original=doing.original.named if doing.original is not None else "",
        )
        return leave(state, ToApproval(wanted))

    return AskStep(answered, ask, (), {})
