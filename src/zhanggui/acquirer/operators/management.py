"""The management of operators: who is added, renamed, disabled, reset, unlocked, given a code or signed out, and by whom.

    (nothing) ─add─▶ initial secret ─405─▶ active ◀─enable─ disabled
                          ▲                  │  ▲              ▲
                          └──────reset───────┘  └─unlock─ locked (waits, then a lock; at the cap: disabled until a reset)

A rule answers with a Decision without a reply: changes and, when it is refused, a reason and no changes. Every act leaves a
provable note. Secrets never come here: the vault makes them, and salt and verifier (or a sealed key) come in as facts.
Source: domain reference §7.1 [C211][NLC]; operators C.3; PCI DSS 4.0.1 8.2.6, 8.3.5; OWASP ASVS 5.0 7.4.2, 7.4.5.
"""

from collections.abc import Iterable
from typing import Literal

import msgspec
from msgspec.structs import replace

from ...basics.errors import certain
from ...basics.numbers import MerchantNo, OperatorNo, TerminalNo, UnixMs
from ...basics.spans import DAY_MS, HOUR_MS
from ...basics.visible import is_visible
from ...cup.values.user_name import USER_NAME
from ..policy.actors import NOT_PERMITTED, Actor, is_own_number, may_manage, noted, role_of_number
from ..policy.rules import Policy, policy_of
from ..policy.shift_codes import ShiftSpan, read_shift_codes, why_no_span, with_shift_code, write_shift_codes
from ..rows.decision import Decision
from ..rows.reasons import Reason
from ..rows.records import Counter, Merchant, Operator, Terminal, UserName
from ..rows.state import Change, Delete, Insert, Needs, State, Update
from ..terminals.gate import end_session
from .passwords import with_new_password
from .tries import is_over_cap

NUMBERS = tuple(OperatorNo(f"{number:02d}") for number in range(100))
"""All operator numbers that a merchant can have; a number is given once and never again."""
NAME_MAX = 20
"""Characters of a name: they fit a line of the slip and of the smallest screen."""


class OnOperator(msgspec.Struct, frozen=True, kw_only=True):
    """Whom an act of management is about, and who acts."""

    merchant_no: MerchantNo
    operator_no: OperatorNo
    by: Actor


class InitialSecret(msgspec.Struct, frozen=True):
    """What is kept of a first password that the vault made."""

    salt: bytes
    verifier: bytes


class StaleAccount(msgspec.Struct, frozen=True):
    """An account that nobody uses: for how many days, and what the policy says about that."""

    operator_no: OperatorNo
    unused_days: int
    verdict: Literal["warn", "refused"]


def operator_needs(merchant_no: MerchantNo) -> Needs:
    """The rows that any of these rules needs: the shop, all its operators with their sessions, and the notes' counter.

    The sign-in records of those sessions come in a second load (`State.records_of_sessions`), where a session may end.
    """
    return Needs(
        {
            Merchant: [(merchant_no,)],
            Operator: [(merchant_no, number) for number in NUMBERS],
            Counter: [(merchant_no, "note")],
        }
    )


def decide_add(
    state: State, asked: OnOperator, name: str, user_name: str, secret: InitialSecret, now: UnixMs
) -> Decision:
    """A new operator, with a first password that must be changed at first use. The role follows from the number."""
    number = asked.operator_no
    if number not in NUMBERS:
        return Decision(reason="no_operator_number")
    role = role_of_number(number)
    if not may_manage(asked.by, "add_operator", role):
        return Decision(reason=NOT_PERMITTED)
    merchant = state.get(Merchant, asked.merchant_no)
    if merchant is None:
        return Decision(reason="unknown_merchant")
    if state.get(Operator, asked.merchant_no, number) is not None:
        return Decision(reason="number_taken")
    fault = _name_fault(state, asked, name, user_name)
    if fault:
        return Decision(reason=fault)
    added = Operator(
        merchant_no=asked.merchant_no,
        operator_no=number,
        name=name,
        role=role,
        salt=secret.salt,
        verifier=secret.verifier,
        password_set_ms=now,
        initial_until_ms=_initial_until(_policy(merchant), now),
        user_name=user_name,
    )
    return done(state, asked, "add_operator", role, now, Insert(added), *_user_name_rows(asked, "", user_name))


def decide_rename(state: State, asked: OnOperator, name: str | None, user_name: str | None, now: UnixMs) -> Decision:
    """Another name or user name; None leaves it, an empty user name takes it away."""
    operator = admit(state, asked, "rename_operator")
    if isinstance(operator, Decision):
        return operator
    new_name = operator.name if name is None else name
    new_user_name = operator.user_name if user_name is None else user_name
    fault = _name_fault(state, asked, new_name, new_user_name)
    if fault:
        return Decision(reason=fault)
    changed = [
        word
        for word, is_changed in (
            ("name", new_name != operator.name),
            ("user_name", new_user_name != operator.user_name),
        )
        if is_changed
    ]
    if not changed:
        return Decision(reason="nothing_to_change")
    renamed = replace(operator, name=new_name, user_name=new_user_name)
    rows = _user_name_rows(asked, operator.user_name, new_user_name)
    return done(state, asked, "rename_operator", ",".join(changed), now, Update(renamed), *rows)


def decide_disable(state: State, asked: OnOperator, now: UnixMs) -> Decision:
    """No sign-in any more; the operator's sessions end now. Nobody disables themselves."""
    operator = admit(state, asked, "disable_operator")
    if isinstance(operator, Decision):
        return operator
    if is_own_number(asked.by, asked.operator_no):
        return Decision(reason="not_oneself")
    if operator.state == "disabled":
        return Decision(reason="is_disabled")
    ended, terminals = _end_sessions(state, asked, now, "disabled")
    return done(state, asked, "disable_operator", terminals, now, *ended, Update(replace(operator, state="disabled")))


def decide_enable(state: State, asked: OnOperator, now: UnixMs) -> Decision:
    """Sign-in again with the password as it was; who was disabled by wrong tries or by disuse needs a reset instead."""
    operator = admit(state, asked, "enable_operator")
    if isinstance(operator, Decision):
        return operator
    if operator.state == "active":
        return Decision(reason="is_active")
    policy = _policy_at(state, asked)
    if is_over_cap(policy, operator) or _verdict(policy, unused_days(operator, now)) == "refused":
        return Decision(reason="reset_first")
    return done(state, asked, "enable_operator", "", now, Update(replace(operator, state="active")))


def decide_reset(state: State, asked: OnOperator, secret: InitialSecret, now: UnixMs) -> Decision:
    """A first password made by chance, which lives for a while and must be changed at first use.

    Takes away locks, waits and the cap, and revives an account that nobody used. The operator's sessions end, so that nobody
    who knew the old password goes on. An operator whom a supervisor disabled stays disabled.
    """
    operator = admit(state, asked, "reset_password")
    if isinstance(operator, Decision):
        return operator
    policy = _policy_at(state, asked)
    if operator.state == "disabled" and not is_over_cap(policy, operator):
        return Decision(reason="enable_first")
    ended, terminals = _end_sessions(state, asked, now, "password_reset")
    reset = replace(
        with_new_password(operator, policy, secret.salt, secret.verifier, now),
        state="active",
        initial_until_ms=_initial_until(policy, now),
        failed_count=0,
        locked_until_ms=None,
        next_try_ms=None,
    )
    return done(state, asked, "reset_password", terminals, now, *ended, Update(reset))


def decide_unlock_operator(state: State, asked: OnOperator, now: UnixMs) -> Decision:
    """Wrong tries of a person are forgotten; the password stays. At the cap only a reset helps."""
    operator = admit(state, asked, "unlock_operator")
    if isinstance(operator, Decision):
        return operator
    if is_over_cap(_policy_at(state, asked), operator):
        return Decision(reason="reset_first")
    if not (operator.failed_count or operator.locked_until_ms or operator.next_try_ms):
        return Decision(reason="not_locked")
    unlocked = replace(operator, failed_count=0, locked_until_ms=None, next_try_ms=None)
    return done(state, asked, "unlock_operator", f"failures={operator.failed_count}", now, Update(unlocked))


def decide_enrol_code(state: State, asked: OnOperator, code_secret: str, now: UnixMs) -> Decision:
    """A new secret for the operator's sign-in code, sealed by the vault; codes of the old one are worth nothing any more."""
    operator = admit(state, asked, "enrol_code")
    if isinstance(operator, Decision):
        return operator
    if operator.state != "active":
        return Decision(reason="enable_first")
    detail = "again" if operator.code_secret else "first"
    enrolled = replace(operator, code_secret=code_secret, code_last_step=0, code_drift_s=None)
    return done(state, asked, "enrol_code", detail, now, Update(enrolled))


def decide_sign_out_operator(state: State, asked: OnOperator, now: UnixMs) -> Decision:
    """End an operator's sessions wherever they are; the terminals hear it with their next message."""
    operator = admit(state, asked, "sign_out_operator")
    if isinstance(operator, Decision):
        return operator
    ended, terminals = _end_sessions(state, asked, now, f"signed_out_by:{asked.by.name}")
    if not ended:
        return Decision(reason="not_signed_in")
    return done(state, asked, "sign_out_operator", terminals, now, *ended)


def decide_set_shift_code(
    state: State, merchant_no: MerchantNo, by: Actor, code: str, span: ShiftSpan, now: UnixMs, *, sealed: str
) -> Decision:
    """The shop's preset sign-in code of a shift, for policies that ask for one; as long as the policy says. Kept is `sealed`."""
    merchant = state.get(Merchant, merchant_no)
    if merchant is None:
        return Decision(reason="unknown_merchant")
    if not may_manage(by, "set_shift_code"):
        return Decision(reason=NOT_PERMITTED)
    if not (code.isascii() and code.isdigit() and len(code) == _policy(merchant).code_digits):
        return Decision(reason="wrong_code_length")
    fault = why_no_span(span, now)
    if fault:
        return Decision(reason=fault)
    codes = with_shift_code(read_shift_codes(merchant.shift_code), span, sealed, now)
    if codes is None:
        return Decision(reason="too_many_shift_codes")
    number = next(one.number for one in codes if one.sealed == sealed and one.from_ms == span.from_ms)
    note = noted(state, merchant_no, by, "set_shift_code", merchant_no, f"number={number}", now)
    return Decision(changes=(Update(replace(merchant, shift_code=write_shift_codes(codes))), *note))


def decide_unlock_terminal(
    state: State, merchant_no: MerchantNo, terminal_no: TerminalNo, by: Actor, now: UnixMs
) -> Decision:
    """Wrong tries on a device are forgotten, so that people may sign in there again."""
    terminal = state.get(Terminal, merchant_no, terminal_no)
    if terminal is None:
        return Decision(reason="unknown_terminal")
    if not may_manage(by, "unlock_terminal"):
        return Decision(reason=NOT_PERMITTED)
    if terminal.locked_until_ms is None or now >= terminal.locked_until_ms:
        return Decision(reason="not_locked")
    unlocked = replace(terminal, failed_count=0, failures="", locked_until_ms=None)
    note = noted(state, merchant_no, by, "unlock_terminal", terminal_no, f"failures={terminal.failed_count}", now)
    return Decision(changes=(Update(unlocked), *note))


def stale_accounts(policy: Policy, operators: Iterable[Operator], now: UnixMs) -> list[StaleAccount]:
    """Active accounts that were not used for as long as the policy warns about, or no longer lets on."""
    found: list[StaleAccount] = []
    for operator in operators:
        days = unused_days(operator, now)
        verdict = _verdict(policy, days)
        if operator.state == "active" and verdict is not None:
            found.append(StaleAccount(operator.operator_no, days, verdict))
    return found


def unused_days(operator: Operator, now: UnixMs) -> int:
    """Whole days since the operator was let on, or got the present password, whichever is later."""
    return (now - max(operator.last_sign_in_ms or 0, operator.password_set_ms)) // DAY_MS


# ── within ───────────────────────────────────────────────────────────────────


def _verdict(policy: Policy, days: int) -> Literal["warn", "refused"] | None:
    if policy.stale_disable_days and days >= policy.stale_disable_days:
        return "refused"
    return "warn" if days >= policy.stale_warn_days else None


def admit(state: State, asked: OnOperator, action: str) -> Operator | Decision:
    """The operator, if there is one and the actor may do this to somebody of that role."""
    operator = state.get(Operator, asked.merchant_no, asked.operator_no)
    role = operator.role if operator is not None else role_of_number(asked.operator_no)
    if not may_manage(asked.by, action, role):
        return Decision(reason=NOT_PERMITTED)
    return operator if operator is not None else Decision(reason="unknown_operator")


def _name_fault(state: State, asked: OnOperator, name: str, user_name: str) -> Reason:
    if len(name) > NAME_MAX or not is_visible(name):
        return "bad_name"
    if not user_name:
        return ""
    if USER_NAME.fullmatch(user_name) is None:
        return "bad_user_name"
    others = (state.get(Operator, asked.merchant_no, number) for number in NUMBERS if number != asked.operator_no)
    taken = any(other is not None and other.user_name == user_name for other in others)
    return "user_name_taken" if taken else ""


def _user_name_rows(asked: OnOperator, old: str, new: str) -> tuple[Change, ...]:
    """The row by which a sign-in finds whose user name it is follows the operator's own."""
    if old == new:
        return ()
    key = asked.merchant_no, asked.operator_no
    gone, come = (UserName(merchant_no=key[0], user_name=name, operator_no=key[1]) for name in (old, new))
    return (*((Delete(gone),) if old else ()), *((Insert(come),) if new else ()))


def _end_sessions(state: State, asked: OnOperator, now: UnixMs, reason: str) -> tuple[list[Change], str]:
    """End the operator's sessions; the answer names their terminals, for the note."""
    changes: list[Change] = []
    terminals: list[str] = []
    for session in state.live_sessions_of((asked.merchant_no, asked.operator_no)):
        changes += end_session(state, session, now, reason)
        terminals.append(session.terminal_no)
    return changes, ",".join(terminals)


def _initial_until(policy: Policy, now: UnixMs) -> UnixMs:
    return UnixMs(now + policy.initial_secret_hours * HOUR_MS)


def _policy_at(state: State, asked: OnOperator) -> Policy:
    return _policy(certain(state.get(Merchant, asked.merchant_no), "an operator's shop is among the needs"))


def _policy(merchant: Merchant) -> Policy:
    return policy_of(merchant.policy, merchant.policy_overrides)


def done(state: State, asked: OnOperator, action: str, detail: str, now: UnixMs, *changes: Change) -> Decision:
    return Decision(
        changes=(*changes, *noted(state, asked.merchant_no, asked.by, action, asked.operator_no, detail, now))
    )
