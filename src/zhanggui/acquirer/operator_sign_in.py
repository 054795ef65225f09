"""The operator's sign-in (操作员签到) on terminals whose operators the host checks: verify 401, confirm 403, sign-out 402.

    attempted ─▶ verified ─▶ active ─▶ ended
        └──────────┴──────▶ refused(reason)

Each attempt is a record of its own, a refused one too. A session begins at the confirmation and its number only grows; one
operator has at most one live session (the database refuses a second), so a duplicate is settled here, never by hope.
Unknown number and wrong password get the same answer P1; the record tells them apart.
"""

import msgspec

from ..basics.numbers import OperatorNo, RecordNo, SessionNo, UnixMs
from ..cup.messages.operator import OpenedSession, OperatorRequest, VerifiedOperator, read_clock, write_clock
from ..cup.operator_tags import Tag, number_or_none
from .decision import Decision, MacVerdict, OperatorReply
from .gate import Refusal, admit_terminal, adopt_next_keys, end_session
from .numbering import next_record_no, next_session_no
from .records import Merchant, Operator, Session, SignIn, Terminal
from .state import Change, Insert, State, Update

TRIES_TOGETHER = 3
"""Three wrong passwords end an attempt [C211]; the screen counts down from here."""
PERSON_LOCK_FAILURES = 10
"""Wrong passwords in a row that lock the person (PCI DSS 4.0.1, 8.3.4: at most 10)."""
PERSON_LOCK_MS = 30 * 60 * 1000
"""How long the lock lasts (same clause: at least 30 minutes)."""
CONFIRM_WITHIN_MS = 10 * 60 * 1000
"""A verified operator who does not confirm in this time signs in again."""

_MAY_TRADE = "cashier"


class OperatorAsked(msgspec.Struct, frozen=True, kw_only=True):
    """An operator message with the facts that need keys. `password_right` is False where no password was sent."""

    request: OperatorRequest
    mac: MacVerdict
    password_right: bool = False


def decide_verify(state: State, asked: OperatorAsked, now: UnixMs) -> Decision:
    """401: is it the operator? Answers who, where and when, for the confirmation."""
    entered = _enter(state, asked, now)
    if isinstance(entered, Decision):
        return entered
    terminal, changes = entered
    record_no, counted = next_record_no(state, terminal.merchant_no)
    operator_no = asked.request.operator_no or OperatorNo("")
    operator = state.get(Operator, terminal.merchant_no, operator_no)
    record = _attempt(terminal, asked.request, record_no, now)
    changes = [*changes, counted]
    refusal = _verify_refusal(operator, asked.password_right, now)
    if refusal is not None:
        return _refuse_verify(terminal, operator, record, refusal, changes, now)
    assert operator is not None
    elsewhere = _verified_elsewhere(state, terminal, operator_no)
    if elsewhere:
        tags = {
            Tag.EARLIER_TERMINAL: str(elsewhere[0].terminal_no),
            Tag.EARLIER_SINCE: write_clock(elsewhere[0].opened_ms),
        }
        refused = msgspec.structs.replace(
            record, state="refused", reason="signed_in_elsewhere", operator_name=operator.name
        )
        return Decision(
            changes=(*changes, Insert(refused)), reply=OperatorReply("P6", tags), reason="signed_in_elsewhere"
        )
    merchant = state.get(Merchant, terminal.merchant_no)
    verified = msgspec.structs.replace(record, state="verified", verified_ms=now, operator_name=operator.name)
    said = VerifiedOperator(
        record_no=record_no,
        operator_name=operator.name,
        role=operator.role,
        merchant_name=merchant.name if merchant else "",
        place=terminal.place,
        host_clock=now,
        needs_new_password=False,
    )
    changes += [Insert(verified), *_forget_failures(terminal, operator, changes)]
    return Decision(changes=tuple(changes), reply=OperatorReply("00", said.tags()))


def decide_confirm(state: State, asked: OperatorAsked, now: UnixMs) -> Decision:
    """403: the operator confirms what the screen shows, and the session begins; or says that something is wrong."""
    entered = _enter(state, asked, now)
    if isinstance(entered, Decision):
        return entered
    terminal, changes = entered
    tags = asked.request.tags
    record = _named_record(state, terminal, tags)
    if record is None or record.state != "verified" or record.operator_no != asked.request.operator_no:
        return Decision(changes=tuple(changes), reply=OperatorReply("PA"), reason="nothing_to_confirm")
    if now - (record.verified_ms or 0) > CONFIRM_WITHIN_MS:
        refused = msgspec.structs.replace(record, state="refused", reason="confirmed_too_late")
        return Decision(changes=(*changes, Update(refused)), reply=OperatorReply("PA"), reason="confirmed_too_late")
    if tags.get(Tag.VERDICT) != "ok":
        reason = f"reported_wrong:{tags.get(Tag.WRONG_ITEM, 'unnamed')}"
        refused = msgspec.structs.replace(record, state="refused", reason=reason)
        return Decision(
            changes=(*changes, Update(refused)),
            reply=OperatorReply("00", {Tag.RECORD_NO: str(record.record_no)}),
            reason=reason,
        )
    return _open_session(state, terminal, record, changes, now)


def decide_sign_out(state: State, asked: OperatorAsked, now: UnixMs) -> Decision:
    """402: the operator's session ends; the answer carries its figures."""
    entered = _enter(state, asked, now)
    if isinstance(entered, Decision):
        return entered
    terminal, changes = entered
    for session in state.live_sessions_on(terminal.merchant_no, terminal.terminal_no):
        if session.operator_no == asked.request.operator_no:
            count, amount_fen = state.figures.get((session.merchant_no, session.session_no), (0, 0))
            reason = asked.request.tags.get(Tag.REASON, "asked")
            changes += end_session(state, session, now, f"signed_out:{reason}")
            return Decision(changes=tuple(changes), reply=OperatorReply("00", {Tag.FIGURES: f"{count},{amount_fen}"}))
    return Decision(changes=tuple(changes), reply=OperatorReply("PA"), reason="no_session")


def decide_status(state: State, asked: OperatorAsked, now: UnixMs) -> Decision:
    """362: the heartbeat. Tells the terminal when its operator's session is gone."""
    entered = _enter(state, asked, now)
    if isinstance(entered, Decision):
        return entered
    terminal, changes = entered
    live = state.live_sessions_on(terminal.merchant_no, terminal.terminal_no)
    operator_no = asked.request.operator_no
    gone = operator_no is not None and all(session.operator_no != operator_no for session in live)
    return Decision(changes=tuple(changes), reply=OperatorReply("00", {Tag.ORDERS: "sign_in" if gone else ""}))


def _enter(state: State, asked: OperatorAsked, now: UnixMs) -> tuple[Terminal, list[Change]] | Decision:
    """What all operator messages pass first: known and active, right kind of terminal, right MAC."""
    request = asked.request
    terminal = admit_terminal(state, request.merchant_no, request.terminal_no)
    if isinstance(terminal, Refusal):
        return Decision(reply=OperatorReply(terminal.response_code), reason=terminal.reason)
    if terminal.operator_check != "host":
        return Decision(reply=OperatorReply("58"), reason="terminal_checks_operators_itself")
    if asked.mac == "none":
        return Decision(reply=OperatorReply("77"), reason="terminal_not_signed_in")
    if asked.mac == "bad":
        return Decision(reply=OperatorReply("A0"), reason="wrong_mac")
    adopted, changes = adopt_next_keys(state, terminal, asked.mac, now)
    return adopted, list(changes)


def _verify_refusal(operator: Operator | None, password_right: bool, now: UnixMs) -> Refusal | None:
    if operator is None:
        return Refusal("P1", "unknown_operator")
    if operator.locked_until_ms is not None and now < operator.locked_until_ms:
        return Refusal("P2", "operator_locked")
    if not password_right:
        return Refusal("P1", "wrong_password")
    if operator.state != "active":
        return Refusal("P2", "operator_disabled")
    if operator.role != _MAY_TRADE:
        return Refusal("P7", "role_may_not_trade")
    return None


def _refuse_verify(
    terminal: Terminal, operator: Operator | None, record: SignIn, refusal: Refusal, changes: list[Change], now: UnixMs
) -> Decision:
    tags: dict[Tag, str] = {}
    written = list(changes)
    if refusal.response_code == "P1":
        failed = terminal.failed_count + 1
        written.append(Update(msgspec.structs.replace(_latest(terminal, written), failed_count=failed)))
        tags[Tag.TRIES_LEFT] = str((TRIES_TOGETHER - failed % TRIES_TOGETHER) % TRIES_TOGETHER)
    if refusal.reason == "wrong_password" and operator is not None:
        failures = operator.failed_count + 1
        locked = failures % PERSON_LOCK_FAILURES == 0
        written.append(
            Update(
                msgspec.structs.replace(
                    operator,
                    failed_count=failures,
                    locked_until_ms=UnixMs(now + PERSON_LOCK_MS) if locked else operator.locked_until_ms,
                )
            )
        )
    if refusal.reason == "operator_locked" and operator is not None and operator.locked_until_ms is not None:
        tags[Tag.LOCKED_UNTIL] = write_clock(operator.locked_until_ms)
    name = operator.name if operator is not None else ""
    refused = msgspec.structs.replace(record, state="refused", reason=refusal.reason, operator_name=name)
    return Decision(
        changes=(*written, Insert(refused)), reply=OperatorReply(refusal.response_code, tags), reason=refusal.reason
    )


def _latest(terminal: Terminal, changes: list[Change]) -> Terminal:
    """The terminal's row as the changes so far leave it."""
    for change in reversed(changes):
        if isinstance(change.record, Terminal):
            return change.record
    return terminal


def _forget_failures(terminal: Terminal, operator: Operator, changes: list[Change]) -> list[Change]:
    forgotten: list[Change] = []
    if terminal.failed_count:
        forgotten.append(Update(msgspec.structs.replace(_latest(terminal, changes), failed_count=0)))
    if operator.failed_count or operator.locked_until_ms is not None:
        forgotten.append(Update(msgspec.structs.replace(operator, failed_count=0, locked_until_ms=None)))
    return forgotten


def _attempt(terminal: Terminal, request: OperatorRequest, record_no: RecordNo, now: UnixMs) -> SignIn:
    tags = request.tags
    clock = read_clock(tags.get(Tag.TERMINAL_CLOCK, ""))
    return SignIn(
        merchant_no=terminal.merchant_no,
        record_no=record_no,
        terminal_no=terminal.terminal_no,
        operator_no=request.operator_no or "",
        state="attempted",
        method=tags.get(Tag.METHOD, "password"),
        began_ms=now,
        elapsed_ms=number_or_none(tags.get(Tag.ELAPSED_MS, "")),
        terminal_clock_ms=clock,
        drift_s=round((clock - now) / 1000) if clock is not None else None,
        self_check=tags.get(Tag.SELF_CHECK, ""),
        versions=tags.get(Tag.VERSIONS, ""),
    )


def _named_record(state: State, terminal: Terminal, tags: dict[Tag, str]) -> SignIn | None:
    number = number_or_none(tags.get(Tag.RECORD_NO, ""))
    if number is None:
        return None
    record = state.get(SignIn, terminal.merchant_no, number)
    return record if record is not None and record.terminal_no == terminal.terminal_no else None


def _verified_elsewhere(state: State, terminal: Terminal, operator_no: OperatorNo) -> list[Session]:
    """Sessions of this operator on other terminals, those that the host verified: of the others it knows a claim only."""
    return [
        session
        for session in state.live_sessions_of((terminal.merchant_no, operator_no))
        if session.kind == "verified" and session.terminal_no != terminal.terminal_no
    ]


def _resume(state: State, session: Session, record: SignIn, now: UnixMs) -> list[Change]:
    """The same operator again on the same terminal: the session goes on under the new record, the earlier one ends."""
    changes: list[Change] = [Update(msgspec.structs.replace(session, record_no=record.record_no))]
    earlier = state.get(SignIn, session.merchant_no, session.record_no)
    if earlier is not None and earlier.record_no != record.record_no:
        changes.append(Update(msgspec.structs.replace(earlier, state="ended", ended_ms=now, reason="resumed")))
    return changes


def _open_session(state: State, terminal: Terminal, record: SignIn, changes: list[Change], now: UnixMs) -> Decision:
    operator_no = OperatorNo(record.operator_no)
    live_elsewhere = _verified_elsewhere(state, terminal, operator_no)
    if live_elsewhere:
        refused = msgspec.structs.replace(record, state="refused", reason="signed_in_elsewhere")
        tags = {
            Tag.EARLIER_TERMINAL: str(live_elsewhere[0].terminal_no),
            Tag.EARLIER_SINCE: write_clock(live_elsewhere[0].opened_ms),
        }
        return Decision(
            changes=(*changes, Update(refused)), reply=OperatorReply("P6", tags), reason="signed_in_elsewhere"
        )
    session_no: SessionNo | None = None
    for session in state.live_sessions_on(terminal.merchant_no, terminal.terminal_no):
        if session.operator_no == operator_no:
            session_no = session.session_no
            changes += _resume(state, session, record, now)
        else:
            changes += end_session(state, session, now, "handed_over")
    if session_no is None:
        session_no, counted = next_session_no(state, terminal.merchant_no)
        changes += [
            counted,
            Insert(
                Session(
                    merchant_no=terminal.merchant_no,
                    session_no=session_no,
                    terminal_no=terminal.terminal_no,
                    operator_no=operator_no,
                    record_no=record.record_no,
                    kind="verified",
                    opened_ms=now,
                )
            ),
        ]
    active = msgspec.structs.replace(record, state="active", confirmed_ms=now, session_no=session_no)
    opened = OpenedSession(session_no=session_no, record_no=record.record_no, host_clock=now)
    return Decision(changes=(*changes, Update(active)), reply=OperatorReply("00", opened.tags()))
