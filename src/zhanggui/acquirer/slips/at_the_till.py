"""Merchant copies ticked off at their terminal: the same rows, the same rule and the same note as of `zhanggui slips tick`.

unknown terminal, or MAC wrong       97, 58, A0
nobody is signed in there            PA: this operator's session has ended
no right to it                       P7
look                                 00, a mark for each copy
tick                                 00, the marks as they are then; one that no payment that stands has is passed over, and marked so
untick                               the same: what was ticked is missing again
behind a newer number                94, of what would change something: it was held back on the way, or sent again by somebody
"""

import msgspec

from ...basics.numbers import UnixMs
from ...cup.messages.slip_ticks import Mark, SlipTicks
from ..policy.actors import Actor, may_manage
from ..rows.decision import Decision, MacVerdict, TicksReply
from ..rows.draft import Draft
from ..rows.records import Operator, Payment, PaymentKey, SlipTick, WaitingKeys
from ..rows.state import State
from ..terminals.gate import Refusal, admit_terminal, adopt_next_keys
from .ticking import TICK_SLIPS, decide_tick, decide_untick, has_slip


class TicksAsked(msgspec.Struct, frozen=True):
    """What a terminal asks, and whether it is that terminal."""

    ticks: SlipTicks
    verdict: MacVerdict
    fitting: WaitingKeys | None
    is_behind: bool = False
    """Whether its number is behind one that its terminal used later, under the same key."""


def decide_ticks_at_till(state: State, asked: TicksAsked, now: UnixMs) -> Decision:
    """Say which copies are in hand; tick off those that are told, or take their ticks back, where somebody is signed in who may."""
    ticks = asked.ticks
    terminal = admit_terminal(state, ticks.merchant_no, ticks.terminal_no)
    if isinstance(terminal, Refusal):
        return Decision(reply=TicksReply(terminal.response_code), reason=terminal.reason)
    if asked.verdict not in ("current", "next"):
        return Decision(reply=TicksReply("A0"), reason="wrong_mac")
    if asked.is_behind and ticks.verb != "look":
        return Decision(reply=TicksReply("94"), reason="number_is_behind")
    draft = Draft(state)
    _, adopted = adopt_next_keys(state, terminal, asked.fitting, now)
    draft.take(adopted)
    operator = state.get(Operator, ticks.merchant_no, ticks.operator_no)
    live = draft.live_sessions_on(ticks.merchant_no, ticks.terminal_no)
    if operator is None or all(session.operator_no != ticks.operator_no for session in live):
        return Decision(changes=tuple(draft.changes), reply=TicksReply("PA"), reason="no_session")
    by = Actor(operator.operator_no, operator.role)
    if not may_manage(by, TICK_SLIPS):
        return Decision(changes=tuple(draft.changes), reply=TicksReply("P7"), reason="not_permitted")
    keys: list[PaymentKey] = [(ticks.merchant_no, ticks.terminal_no, *slip) for slip in ticks.slips]
    standing = [key for key in keys if (paid := state.get(Payment, *key)) is not None and has_slip(paid)]
    if ticks.verb == "tick" and any(state.get(SlipTick, *key) is None for key in standing):
        draft.take(decide_tick(state, ticks.merchant_no, standing, by, now).changes)
    if ticks.verb == "untick" and any(state.get(SlipTick, *key) is not None for key in standing):
        draft.take(decide_untick(state, ticks.merchant_no, standing, by, now).changes)
    marks = tuple(_mark(draft, key, stands=key in standing) for key in keys)
    return Decision(changes=tuple(draft.changes), reply=TicksReply("00", marks))


def _mark(draft: Draft, key: PaymentKey, *, stands: bool) -> Mark:
    if not stands:
        return "-"
    return "1" if draft.get(SlipTick, *key) is not None else "0"
