"""What a phone asks of the page of a code: what it is for, and the answer with number or user name and password."""

import msgspec
from msgspec.structs import replace

from ....basics.errors import certain
from ....basics.numbers import UnixMs
from ....cup.messages.operator_asks import Typed
from ....cup.messages.operator_outcomes import RefusedOperator
from ...policy.rules import policy_of
from ...rows.decision import Decision, OperatorReply, PhonePlace, PhoneReply, reply_of
from ...rows.draft import Draft
from ...rows.reasons import Reason
from ...rows.records import Merchant, Operator, PhoneAttempt
from ...rows.state import State
from ...terminals.gate import Refusal, admit_terminal
from ...terminals.stored_instants import bring_within
from ..attempts import PHONE, new_attempt
from ..entry import Entered, OperatorAsked
from ..password_age import must_change
from ..persons import person_refused, refuse_person
from ..sign_in import may_not_trade
from .codes import REPLAYS_RECORDED_MAX, code_of, left_s, why_closed

NOTHING_WRONG = RefusedOperator()


class PhoneSaid(Typed, frozen=True, kw_only=True):
    """What stands beside whatever a phone asks; it measures nothing."""

    name: str
    """The code's. That it is no forgery is known before a rule is asked."""
    phone: str
    """The mark of the phone."""


def decide_phone_look(state: State, asked: OperatorAsked[PhoneSaid], now: UnixMs) -> Decision:
    """A phone opens the page: which shop, place and terminal it is, while it may answer. Nothing of them afterwards."""
    entered = _enter(state, asked, now)
    if isinstance(entered, Decision):
        return entered
    attempt = code_of(entered)
    why = why_closed(attempt, asked.contents.name, asked.contents.phone, now)
    if why:
        return _refuse_code(entered, asked, attempt, why, now)
    attempt = certain(attempt, "a code that is nobody's is closed")
    place = PhonePlace(
        shop=entered.merchant.name,
        place=entered.terminal.place,
        terminal_no=entered.terminal_no,
        host_clock=now,
        left_s=left_s(attempt, now),
        known=attempt.state == "known",
    )
    return Decision(reply=PhoneReply("00", NOTHING_WRONG, place))


def decide_phone_answer(state: State, asked: OperatorAsked[PhoneSaid], now: UnixMs) -> Decision:
    """Number or user name, and password: is it the operator? The same checks, counts and words as at the terminal's 401.

    The first phone that answers has the code. A right answer that comes again, because its own answer got lost, is right again.
    """
    entered = _enter(state, asked, now)
    if isinstance(entered, Decision):
        return entered
    attempt = code_of(entered)
    why = why_closed(attempt, asked.contents.name, asked.contents.phone, now)
    if why:
        return _refuse_code(entered, asked, attempt, why, now)
    attempt = certain(attempt, "a code that is nobody's is closed")
    if attempt.state == "known":
        again = attempt.operator_no == asked.operator_no and asked.password_right
        return _known() if again else _refuse_code(entered, asked, attempt, "phone_code_used", now)
    attempt = entered.draft.update(replace(attempt, phone=asked.contents.phone, answers=attempt.answers + 1))
    operator = entered.operator(asked.operator_no)
    refusal = person_refused(entered, asked, operator, now) or _not_by_phone(entered, operator, now)
    if refusal is not None:
        return _told(refuse_person(entered, asked, operator, refusal, PHONE, now))
    proven = replace(attempt, state="known", known_ms=now, operator_no=asked.operator_no, user_name=asked.user_name)
    entered.draft.update(proven)
    return replace(_known(), changes=tuple(entered.draft.changes))


def _enter(state: State, asked: OperatorAsked[PhoneSaid], now: UnixMs) -> Entered | Decision:
    """What a phone passes first: the terminal is one of ours and active, and its shop lets phones in."""
    terminal = admit_terminal(state, asked.merchant_no, asked.terminal_no)
    if isinstance(terminal, Refusal):
        return _refused(terminal.response_code, terminal.reason)
    merchant = certain(state.get(Merchant, asked.merchant_no), "admit_terminal looked at the merchant")
    policy = policy_of(merchant.policy, merchant.policy_overrides)
    if not policy.phone:
        return _refused("P9", "phone_not_taken")
    draft = Draft(state)
    bring_within(draft, policy, terminal, asked.operator_no, now)
    return Entered(draft=draft, terminal_no=asked.terminal_no, merchant=merchant, policy=policy)


def _not_by_phone(entered: Entered, operator: Operator | None, now: UnixMs) -> Refusal | None:
    """A new password is set where the old one is typed into a PIN pad, and neither 00 nor 99 trades."""
    if operator is not None and must_change(entered.policy, operator, now):
        return Refusal("P4", "password_needed")
    return may_not_trade(entered.policy, operator, now)


def _refuse_code(
    entered: Entered, asked: OperatorAsked[PhoneSaid], attempt: PhoneAttempt | None, why: Reason, now: UnixMs
) -> Decision:
    """A code that was photographed, or is tried again: nothing is looked at, and it is recorded, some times for each code.

    Who types a number beside it is recorded as often again: mere looks, which cost nothing, must not use that up.
    """
    is_own = attempt is not None and attempt.name == asked.contents.name and attempt.phone == asked.contents.phone
    recorded_max = REPLAYS_RECORDED_MAX * (2 if asked.operator_no else 1)
    if attempt is not None and not is_own and attempt.replays < recorded_max:
        entered.draft.update(replace(attempt, replays=attempt.replays + 1))
        record = new_attempt(entered, asked, PHONE, now)
        entered.draft.insert(replace(record, state="refused", reason=why))
    return _refused("P9", why, entered)


def _known() -> Decision:
    return Decision(reply=PhoneReply("00", NOTHING_WRONG))


def _told(decision: Decision) -> Decision:
    """The same refusal, to a phone."""
    reply = reply_of(decision, OperatorReply)
    said = reply.said if isinstance(reply.said, RefusedOperator) else NOTHING_WRONG
    return msgspec.structs.replace(decision, reply=PhoneReply(reply.response_code, said))


def _refused(code: str, reason: Reason, entered: Entered | None = None) -> Decision:
    changes = tuple(entered.draft.changes) if entered is not None else ()
    return Decision(changes=changes, reply=PhoneReply(code, RefusedOperator(reason=reason)), reason=reason)
