"""What a terminal asks about codes (409): a new one, how the one that it shows stands, or that it shows it no more."""

from msgspec.structs import replace

from ....basics.errors import certain
from ....basics.numbers import UnixMs
from ....cup.messages.operator_asks import PhoneContents
from ....cup.messages.operator_outcomes import PhoneCodeGiven, PhoneCodeStands, RefusedOperator
from ...rows.decision import Decision
from ...rows.reasons import Reason
from ...rows.records import PhoneAttempt
from ...rows.state import State
from ..attempts import PHONE, new_attempt
from ..entry import Entered, OperatorAsked, enter
from .codes import CODE_S, code_of, is_over, spend


def decide_phone(state: State, asked: OperatorAsked[PhoneContents], now: UnixMs) -> Decision:
    """409. A code is opened, looked after, and given up by its own terminal alone."""
    entered = enter(state, asked, now)
    if isinstance(entered, Decision):
        return entered
    attempt, contents = code_of(entered), asked.contents
    if (entered.terminal.locked_until_ms or 0) > now:
        return entered.reply("P3", RefusedOperator(locked_until=entered.terminal.locked_until_ms), "terminal_locked")
    if contents.verdict == "open":
        return _open(entered, asked, attempt, now)
    if attempt is None or attempt.name != contents.name or attempt.state == "spent":
        return _refuse(entered, "phone_code_over")
    if contents.verdict == "leave":
        _leave(entered, asked, attempt, now)
        return entered.reply("00")
    if attempt.state == "open" and is_over(attempt, now):
        return _refuse(entered, "phone_code_over")
    return entered.reply("00", PhoneCodeStands(known=attempt.state == "known"))


def _open(entered: Entered, asked: OperatorAsked[PhoneContents], attempt: PhoneAttempt | None, now: UnixMs) -> Decision:
    new = certain(asked.new_phone_code, "whoever asks for a code is given one to keep")
    if not entered.policy.phone:
        return _refuse(entered, "phone_not_taken")
    if not new.address:
        return _refuse(entered, "phone_not_served")
    if attempt is not None:
        _leave(entered, asked, attempt, now)
    opened = PhoneAttempt(
        merchant_no=entered.merchant.merchant_no,
        terminal_no=entered.terminal_no,
        name=new.name,
        opened_ms=now,
    )
    if attempt is None:
        entered.draft.insert(opened)
    else:
        entered.draft.update(opened)
    return entered.reply("00", PhoneCodeGiven(name=new.name, address=new.address, life_s=CODE_S))


def _leave(entered: Entered, asked: OperatorAsked[PhoneContents], attempt: PhoneAttempt, now: UnixMs) -> None:
    """A password that was proven, and that no sign-in came of, is a record as every attempt is."""
    if attempt.state == "known":
        operator = entered.operator(attempt.operator_no)
        record = replace(
            new_attempt(entered, asked, PHONE, now),
            operator_no=attempt.operator_no,
            operator_name=operator.name if operator is not None else "",
            user_name=attempt.user_name or None,
        )
        entered.draft.insert(replace(record, state="refused", reason="phone_not_taken_up"))
    if attempt.state != "spent":
        spend(entered, attempt)


def _refuse(entered: Entered, reason: Reason) -> Decision:
    return entered.reply("P9", RefusedOperator(reason=reason), reason)
