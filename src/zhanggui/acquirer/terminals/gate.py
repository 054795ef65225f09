"""The checks that every request passes first, in the order of the domain reference (§9): merchant 03, terminal 97, status 58."""

import msgspec

from ...basics.numbers import MerchantNo, OperatorNo, RecordNo, TerminalNo, UnixMs
from ..rows.numbering import next_record_no, next_session_no
from ..rows.records import Merchant, Session, SignIn, Terminal, WaitingKeys
from ..rows.state import Change, Insert, State, Update
from .waiting_keys import proven


class Refusal(msgspec.Struct, frozen=True):
    """A business refusal: the response code and a reason word for log and record."""

    response_code: str
    reason: str


def admit_terminal(state: State, merchant_no: MerchantNo, terminal_no: TerminalNo) -> Terminal | Refusal:
    """The terminal, if merchant and terminal are known and active."""
    merchant = state.get(Merchant, merchant_no)
    if merchant is None:
        return Refusal("03", "unknown_merchant")
    if merchant.state != "active":
        return Refusal("03", "merchant_not_active")
    terminal = state.get(Terminal, merchant_no, terminal_no)
    if terminal is None:
        return Refusal("97", "unknown_terminal")
    if terminal.state != "active":
        return Refusal("58", f"terminal_{terminal.state}")
    return terminal


def adopt_next_keys(
    state: State, terminal: Terminal, fitting: WaitingKeys | None, now: UnixMs
) -> tuple[Terminal, tuple[Change, ...]]:
    """Make keys that waited the valid ones, at the first good MAC under them; `fitting` is None where the MAC proved no such keys.

    On a terminal that checks operators itself this is also the moment when the operator's session begins: the 0800 alone
    proves nothing. Returns the terminal as it is from now on and the changes.
    """
    if fitting is None:
        return terminal, ()
    adopted = proven(terminal, fitting)
    changes: list[Change] = [Update(adopted)]
    if fitting.operator_no:
        changes.extend(_begin_unverified(state, terminal, OperatorNo(fitting.operator_no), now))
    return adopted, tuple(changes)


def _begin_unverified(state: State, terminal: Terminal, operator_no: OperatorNo, now: UnixMs) -> list[Change]:
    changes: list[Change] = list(end_sessions_on(state, terminal, now, "signed_in_again"))
    session_no, counted = next_session_no(state, terminal.merchant_no)
    record_no = RecordNo(terminal.next_record_no)
    record = state.get(SignIn, terminal.merchant_no, record_no)
    change: type[Insert] | type[Update] = Update
    if record is not None and record.operator_no != operator_no:
        # The attempt that waits is another operator's, and of this one none was written (`sign_on.decide_sign_on`).
        record_no, record_counted = next_record_no(state, terminal.merchant_no)
        changes.append(record_counted)
        record, change = unverified_attempt(terminal, operator_no, record_no, now), Insert
    session = Session(
        merchant_no=terminal.merchant_no,
        session_no=session_no,
        terminal_no=terminal.terminal_no,
        operator_no=operator_no,
        record_no=record_no,
        kind="unverified",
        opened_ms=now,
    )
    changes += [counted, Insert(session)]
    if record is not None:
        changes.append(change(msgspec.structs.replace(record, state="active", confirmed_ms=now, session_no=session_no)))
    return changes


def unverified_attempt(terminal: Terminal, operator_no: OperatorNo, record_no: RecordNo, now: UnixMs) -> SignIn:
    """The record of a sign-in that the terminal checks itself."""
    return SignIn(
        merchant_no=terminal.merchant_no,
        record_no=record_no,
        terminal_no=terminal.terminal_no,
        operator_no=operator_no,
        state="attempted",
        method="terminal",
        began_ms=now,
    )


def end_sessions_on(state: State, terminal: Terminal, now: UnixMs, reason: str) -> tuple[Change, ...]:
    """End whatever session lives on a terminal, and say so in its sign-in record if that is at hand."""
    changes: list[Change] = []
    for session in state.live_sessions_on(terminal.merchant_no, terminal.terminal_no):
        changes += end_session(state, session, now, reason)
    return tuple(changes)


def end_session(state: State, session: Session, now: UnixMs, reason: str) -> tuple[Change, ...]:
    """End one session."""
    changes: list[Change] = [Update(msgspec.structs.replace(session, ended_ms=now, end_reason=reason))]
    record = state.get(SignIn, session.merchant_no, session.record_no)
    if record is not None:
        changes.append(Update(msgspec.structs.replace(record, state="ended", ended_ms=now, reason=reason)))
    return tuple(changes)
