"""The terminal's own sign-in (0800), sign-off and echo. The operator's sign-in is in `operators/sign_in.py`.

A 0800 carries no MAC, so it proves nothing: it changes what *may* become valid, and nothing that is. The keys it brought
are adopted at the first good MAC under them (`gate.adopt_next_keys`). Because anybody can send one, keys that were given and not
used yet are given again, and none takes the place of another's (`waiting_keys.py`): a stranger's 0800 must not take away what
the terminal is about to use. Nor must a flood of them fill the chain: while an attempt waits and is young, no other is written
for that terminal.
"""

import msgspec

from ...basics.numbers import OperatorNo, RecordNo, TraceNo, UnixMs, number_before
from ...cup.messages.management import SignOnRequest
from ..rows.decision import Decision, PlainReply
from ..rows.numbering import next_record_no
from ..rows.records import PaymentKey, SignIn, Terminal, WaitingKeys
from ..rows.state import Change, Insert, Needs, State, Update
from .gate import Refusal, admit_terminal, end_session, unverified_attempt
from .waiting_keys import keys_to_give_again, let_wait

YOUNG_MS = 120_000
"""From a terminal's 0800 to its first good MAC: number and password are typed in between. As long, the attempt stays."""


class NewKeys(msgspec.Struct, frozen=True, kw_only=True):
    """The sealed blocks of the working keys that an answer brings."""

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


def keys_that_wait(state: State, terminal: Terminal, request: SignOnRequest, now: UnixMs) -> NewKeys | None:
    """The keys that whoever asks for this kind of keys gets again; None: fresh ones are due.

    Where the terminal checks operators, keys go with the operator that was named: nobody may put another name to them.
    """
    operator_no = _operator_named(terminal, request)
    row = keys_to_give_again(state, terminal, request.network_code, operator_no, now)
    return NewKeys(pin_key=row.pin_key, mac_key=row.mac_key, track_key=row.track_key) if row is not None else None


def need_known_trace(terminal: Terminal, request: SignOnRequest, more: Needs) -> None:
    """Ask what a terminal has used from the number of its 0800 on, in the batch that it is in."""
    more.ahead[_asked_from(terminal, request)] = None


def known_trace(state: State, terminal: Terminal, request: SignOnRequest) -> TraceNo | None:
    """The last number that the host knows of a terminal which seems to have gone back: it took a number for its 0800 that stands
    here already, or stands before others. None for one that goes forward. Only what a MAC had proven stands here, so that no
    stranger makes a terminal skip numbers."""
    ahead = state.ahead.get(_asked_from(terminal, request))
    return TraceNo(ahead.used) if ahead is not None and ahead.used else None


def _asked_from(terminal: Terminal, request: SignOnRequest) -> PaymentKey:
    before = TraceNo(number_before(request.trace_no))
    return (terminal.merchant_no, terminal.terminal_no, terminal.batch_no, before)


def decide_sign_on(state: State, terminal: Terminal, request: SignOnRequest, keys: NewKeys, now: UnixMs) -> Decision:
    """Let these keys wait for a MAC under them; on terminals that check operators, note the attempt."""
    operator_no = _operator_named(terminal, request)
    again = keys_to_give_again(state, terminal, request.network_code, operator_no, now)
    given_ms = again.given_ms if again is not None and again.mac_key == keys.mac_key else now
    kept, changes = let_wait(
        state,
        terminal,
        WaitingKeys(
            merchant_no=terminal.merchant_no,
            terminal_no=terminal.terminal_no,
            slot_no=0,
            network_code=request.network_code,
            operator_no=operator_no,
            pin_key=keys.pin_key,
            mac_key=keys.mac_key,
            track_key=keys.track_key,
            given_ms=given_ms,
        ),
    )
    if operator_no:
        record_no = _young_attempt(state, terminal, now)
        if not record_no:
            record_no, counted = next_record_no(state, terminal.merchant_no)
            changes += [counted, Insert(unverified_attempt(terminal, operator_no, record_no, now))]
        kept = msgspec.structs.replace(kept, next_record_no=record_no)
    if kept != terminal:
        changes.append(Update(kept))
    return Decision(changes=tuple(changes), reply=PlainReply("00"))


def decide_sign_off(state: State, terminal: Terminal, now: UnixMs) -> Decision:
    """002: the terminal's sign-on ends. The keys stay, for reversals.

    No terminal puts a MAC on it (domain reference, §4.6), so anybody can send one. A session whose operator the host checked
    goes on: 402, which has a MAC, ends it; otherwise a stranger could, and so walk around `refuse` and a supervisor's
    approval. A session of which the terminal merely says that it checked its operator ends: that keeps nobody from signing in
    anywhere, the host lets nothing more happen after it, and the terminal's next 0800 begins another.
    """
    if terminal.operator_check == "host":
        return Decision(reply=PlainReply("00"))
    changes: list[Change] = []
    for session in state.live_sessions_on(terminal.merchant_no, terminal.terminal_no):
        if session.kind == "unverified":
            changes += end_session(state, session, now, "signed_off")
    return Decision(changes=tuple(changes), reply=PlainReply("00"))


def _is_young(instant: UnixMs, now: UnixMs) -> bool:
    """Also when the clock was put back a little, or another host's is ahead."""
    return abs(now - instant) < YOUNG_MS


def _operator_named(terminal: Terminal, request: SignOnRequest) -> OperatorNo:
    """Whom a terminal that checks operators itself names; empty on the others."""
    named = request.operator_no if terminal.operator_check == "terminal" else None
    return named or OperatorNo("")


def _young_attempt(state: State, terminal: Terminal, now: UnixMs) -> RecordNo:
    """The number of the attempt that waits, if it began a moment ago; 0 otherwise.

    It may name another operator; then the session that begins gets a record of its own (`gate.adopt_next_keys`).
    """
    record = state.get(SignIn, terminal.merchant_no, terminal.next_record_no)
    if record is None or record.state != "attempted" or not _is_young(record.began_ms, now):
        return RecordNo(0)
    return record.record_no
