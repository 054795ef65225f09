"""The terminal's own sign-in (0800), sign-off and echo. The operator's sign-in is in `operator_sign_in.py`.

A 0800 carries no MAC, so it proves nothing: it changes what *may* become valid, and nothing that is. The keys it brought
are adopted at the first good MAC under them (`gate.adopt_next_keys`).
"""

import msgspec

from ..basics.numbers import OperatorNo, RecordNo, UnixMs
from ..cup.messages.management import SignOnRequest
from .decision import Decision, PlainReply
from .gate import Refusal, admit_terminal, end_sessions_on
from .numbering import next_record_no
from .records import SignIn, Terminal
from .state import Change, Insert, State, Update


class NewKeys(msgspec.Struct, frozen=True, kw_only=True):
    """The sealed blocks of fresh working keys."""

    pin_key: str
    mac_key: str
    track_key: str = ""


def admit_sign_on(state: State, request: SignOnRequest) -> Terminal | Refusal:
    """The terminal that asks for keys, or why it gets none. Keys are made only after this."""
    terminal = admit_terminal(state, request.merchant_no, request.terminal_no)
    if isinstance(terminal, Refusal):
        return terminal
    if not terminal.master_key:
        return Refusal("58", "no_master_key")
    if terminal.operator_check == "terminal" and request.operator_no is None:
        return Refusal("30", "operator_number_missing")
    return terminal


def decide_sign_on(state: State, terminal: Terminal, request: SignOnRequest, keys: NewKeys, now: UnixMs) -> Decision:
    """Keep the fresh keys as the next ones; on terminals that check operators, note the attempt."""
    changes: list[Change] = []
    operator_no, record_no = "", RecordNo(0)
    if terminal.operator_check == "terminal" and request.operator_no is not None:
        operator_no = request.operator_no
        record_no, counted = next_record_no(state, terminal.merchant_no)
        changes += [counted, Insert(_attempt(terminal, request.operator_no, record_no, now))]
    changes.append(
        Update(
            msgspec.structs.replace(
                terminal,
                next_pin_key=keys.pin_key,
                next_mac_key=keys.mac_key,
                next_track_key=keys.track_key,
                next_operator_no=operator_no,
                next_record_no=record_no,
            )
        )
    )
    return Decision(changes=tuple(changes), reply=PlainReply("00"))


def decide_sign_off(state: State, terminal: Terminal, now: UnixMs) -> Decision:
    """002: the terminal's sign-on ends, and with it whatever session lives on it. The keys stay, for reversals."""
    changes = end_sessions_on(state, terminal, now, "signed_off")
    return Decision(changes=changes, reply=PlainReply("00"))


def _attempt(terminal: Terminal, operator_no: OperatorNo, record_no: RecordNo, now: UnixMs) -> SignIn:
    return SignIn(
        merchant_no=terminal.merchant_no,
        record_no=record_no,
        terminal_no=terminal.terminal_no,
        operator_no=operator_no,
        state="attempted",
        method="terminal",
        began_ms=now,
    )
